//! `kubectl set image`, `set env`, `set resources`. Models k8s.io/kubectl/pkg/cmd/set.

use crate::api::order;
use serde_json::{Map, Value, json};

use super::client::{self, DryRun, body};
use super::failure::Failure;
use super::resources::{Nameless, split_pairs};
use super::{Job, Outcome};
use crate::api::patch::create_strategic;
use crate::api::{Kind, Object};
use crate::server::{Part, Patch};

pub(super) fn image(job: &mut Job<'_>) -> Outcome {
    let words = job.args.positional.clone();
    let (resources, pairs) = split_pairs(&words, "image")?;
    let mut images = Vec::new();
    for pair in pairs {
        let (name, image) =
            pair.split_once('=').ok_or_else(|| Failure::message(format!("invalid image format: {pair}")))?;
        images.push((name.to_string(), image.to_string()));
    }
    let (objects, failures) = some_targets(job, resources)?;
    if images.is_empty() {
        return Err(Failure::message("at least one image update is required"));
    }
    if images.len() > 1 && images.iter().any(|(name, _)| name == "*") {
        let text = "all containers are already specified by *, but saw more than one container_name=container_image pairs";
        return Err(Failure::message(text));
    }
    let change = |containers: &mut Containers<'_>| -> Result<(), Failure> {
        let mut failures = Vec::new();
        for (name, image) in &images {
            let mut found = false;
            for container in containers.all().filter(|c| name == "*" || c.get("name") == Some(&json!(name))) {
                container["image"] = json!(image);
                found = true;
            }
            if !found {
                failures.push(Failure::message(format!("error: unable to find container named \"{name}\"")));
            }
        }
        Failure::all(failures)
    };
    each(job, (objects, failures), "image updated", &change)
}

pub(super) fn env(job: &mut Job<'_>) -> Outcome {
    let words = job.args.positional.clone();
    let (resources, pairs) = split_pairs(&words, "environment")?;
    let given = job.args.values("env").to_vec();
    let (mut set, mut remove) = (Vec::new(), Vec::new());
    for pair in given.iter().chain(pairs) {
        match pair.split_once('=') {
            Some((name, value)) => set.push((name.to_string(), value.to_string())),
            None => remove.push(pair.trim_end_matches('-').to_string()),
        }
    }
    let (objects, failures) = some_targets(job, resources)?;
    let chosen = job.args.value("containers").unwrap_or("*").to_string();
    if job.args.is_set("list") {
        return list_env(job, &objects, &chosen, failures);
    }
    let change = |containers: &mut Containers<'_>| -> Result<(), Failure> {
        for container in containers.all().filter(|container| is_chosen(container, &chosen)) {
            let old = container.get("env").and_then(Value::as_array).cloned().unwrap_or_default();
            let new = update_env(old, &set, &remove);
            match new.is_empty() {
                true => drop(container.as_object_mut().and_then(|fields| fields.remove("env"))),
                false => container["env"] = Value::Array(new),
            }
        }
        Ok(())
    };
    each(job, (objects, failures), "env updated", &change)
}

/// Models updateEnv.
fn update_env(old: Vec<Value>, set: &[(String, String)], remove: &[String]) -> Vec<Value> {
    let mut covered: Vec<String> = remove.to_vec();
    let entry = |(name, value): &(String, String)| json!({"name": name, "value": value});
    let mut new = Vec::new();
    for variable in old {
        let name = variable.get("name").and_then(Value::as_str).unwrap_or_default().to_string();
        if covered.contains(&name) {
            continue;
        }
        match set.iter().find(|(set, _)| *set == name) {
            Some(newer) => {
                new.push(entry(newer));
                covered.push(name);
            }
            None => new.push(variable),
        }
    }
    for newer in set {
        if !covered.contains(&newer.0) {
            covered.push(newer.0.clone());
            new.push(entry(newer));
        }
    }
    new
}

fn list_env(job: &mut Job<'_>, objects: &[Object], chosen: &str, failures: Vec<Failure>) -> Outcome {
    for object in objects {
        let mut body = body(object);
        let Some(mut containers) = Containers::of(object.kind(), &mut body) else { continue };
        for container in containers.all().filter(|container| is_chosen(container, chosen)) {
            let name = container.get("name").and_then(Value::as_str).unwrap_or_default();
            job.out.line(format!("# {} {}, container {name}", object.kind(), object.name()));
            for variable in container.get("env").and_then(Value::as_array).into_iter().flatten() {
                let text = |field: &str| variable.get(field).and_then(Value::as_str).unwrap_or_default();
                match variable.get("valueFrom") {
                    None => job.out.line(format!("{}={}", text("name"), text("value"))),
                    Some(from) => job.out.line(format!("# {} from {}", text("name"), reference(from))),
                }
            }
        }
    }
    Failure::all(failures).map(|()| None)
}

/// Models envutil.GetEnvVarRefString.
fn reference(from: &Value) -> String {
    let text = |pointer: &str| from.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    if from.get("configMapKeyRef").is_some() {
        return format!("configmap {}, key {}", text("/configMapKeyRef/name"), text("/configMapKeyRef/key"));
    }
    if from.get("secretKeyRef").is_some() {
        return format!("secret {}, key {}", text("/secretKeyRef/name"), text("/secretKeyRef/key"));
    }
    if from.get("fieldRef").is_some() {
        return format!("field path {}", text("/fieldRef/fieldPath"));
    }
    let container = text("/resourceFieldRef/containerName");
    let prefix = if container.is_empty() { String::new() } else { format!("{container}/") };
    format!("resource field {prefix}{}", text("/resourceFieldRef/resource"))
}

pub(super) fn resources(job: &mut Job<'_>) -> Outcome {
    let words = job.args.positional.clone();
    let (objects, failures) = some_targets(job, &words)?;
    let limits = amounts(job, "limits")?;
    let requests = amounts(job, "requests")?;
    if limits.is_empty() && requests.is_empty() {
        return Err(Failure::message(
            "you must specify an update to requests or limits (in the form of --requests/--limits)",
        ));
    }
    let chosen = job.args.value("containers").unwrap_or("*").to_string();
    let change = |containers: &mut Containers<'_>| -> Result<(), Failure> {
        let mut found = false;
        for container in containers.all().filter(|container| is_chosen(container, &chosen)) {
            found = true;
            if !container.get("resources").is_some_and(Value::is_object) {
                container["resources"] = json!({});
            }
            for (field, amounts) in [("limits", &limits), ("requests", &requests)] {
                if amounts.is_empty() {
                    continue;
                }
                let mut all = container["resources"][field].as_object().cloned().unwrap_or_default();
                all.extend(amounts.clone());
                container["resources"][field] = Value::Object(all);
            }
        }
        if found {
            Ok(())
        } else {
            Err(Failure::message(format!("error: unable to find container named {chosen}")))
        }
    };
    each(job, (objects, failures), "resource requirements updated", &change)
}

fn amounts(job: &Job<'_>, flag: &str) -> Result<Map<String, Value>, Failure> {
    let pairs = job.args.list(flag).into_iter().filter(|pair| !pair.is_empty());
    let read = |pair: &str| match pair.split_once('=') {
        Some((name, amount)) => Ok((name.to_string(), json!(amount))),
        None => Err(Failure::message(format!("invalid argument syntax {pair}, expected <resource>=<value>"))),
    };
    let read: Result<Vec<_>, _> = pairs.map(read).collect();
    Ok(order::fields(read?))
}

type Targets = (Vec<Object>, Vec<Failure>);

fn some_targets(job: &Job<'_>, words: &[String]) -> Result<Targets, Failure> {
    if words.is_empty() && !job.args.has("filename") {
        let text = "one or more resources must be specified as <resource> <name> or <resource>/<name>";
        return Err(Failure::message(text));
    }
    if job.args.is_set("all") && job.args.has("selector") {
        return Err(Failure::message("cannot set --all and --selector at the same time"));
    }
    job.targets(words, Nameless::Refused)
}

/// The containers of an object that has a Pod template.
struct Containers<'a> {
    lists: Vec<&'a mut Vec<Value>>,
}

impl<'a> Containers<'a> {
    fn of(kind: Kind, body: &'a mut Value) -> Option<Containers<'a>> {
        let pointer = match kind.name() {
            "Pod" => "/spec",
            "CronJob" => "/spec/jobTemplate/spec/template/spec",
            _ => "/spec/template/spec",
        };
        let Value::Object(spec) = body.pointer_mut(pointer)? else { return None };
        let wanted = |name: &str| matches!(name, "initContainers" | "containers");
        let lists = spec.iter_mut().filter(|(name, _)| wanted(name));
        Some(Containers { lists: lists.filter_map(|(_, list)| list.as_array_mut()).collect() })
    }

    fn all(&mut self) -> impl Iterator<Item = &mut Value> {
        self.lists.iter_mut().flat_map(|list| list.iter_mut())
    }
}

/// Whether a container's name fits a pattern with `*`.
fn is_chosen(container: &Value, pattern: &str) -> bool {
    let name = container.get("name").and_then(Value::as_str).unwrap_or_default();
    match pattern.split_once('*') {
        None => name == pattern,
        Some((head, tail)) => {
            name.len() >= head.len() + tail.len() && name.starts_with(head) && name.ends_with(tail)
        }
    }
}

/// Changes each object's template and sends the difference. Models CalculatePatches.
fn each(
    job: &mut Job<'_>,
    (objects, mut failures): Targets,
    operation: &str,
    change: &dyn Fn(&mut Containers<'_>) -> Result<(), Failure>,
) -> Outcome {
    for object in &objects {
        let before = body(object);
        let mut after = before.clone();
        let changed = match Containers::of(object.kind(), &mut after) {
            Some(mut containers) => change(&mut containers),
            None => {
                let name = super::print::full_name(object.kind(), object.name());
                let text = format!(
                    "error: {name} the object is not a pod or does not have a pod template: {}",
                    object.kind()
                );
                Err(Failure::message(text))
            }
        };
        failures.extend(changed.err());
        if before == after {
            continue;
        }
        match send(job, object, &before, after) {
            Ok(stored) => job.tell(&stored, operation)?,
            Err(failure) => failures.push(Failure::message(format!(
                "failed to patch {} to pod template: {}",
                operation.replace(" updated", " update"),
                failure.plain()
            ))),
        }
    }
    Failure::all(failures).map(|()| None)
}

fn send(job: &mut Job<'_>, object: &Object, before: &Value, after: Value) -> Result<Object, Failure> {
    let kind = object.kind();
    if job.client.dry_run == DryRun::Client {
        return Ok(client::typed(kind, after)?);
    }
    let patch = create_strategic(kind, before, &after).map_err(Failure::message)?;
    Ok(job.client.patch(&object.key(), &Patch::Strategic(patch), Part::Main)?.0)
}
