//! `kubectl label` and `kubectl annotate`. Models k8s.io/kubectl/pkg/cmd/label and cmd/annotate.

use crate::api::order;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::client::{self, DryRun, body};
use super::failure::Failure;
use super::resources::{Nameless, split_pairs};
use super::{Job, Outcome};
use crate::api::patch::apply_merge;
use crate::api::{Object, validate};
use crate::server::{Part, Patch};

/// May always be overwritten.
const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";

/// Which map of the metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Labels,
    Annotations,
}

impl What {
    fn field(self) -> &'static str {
        match self {
            What::Labels => "labels",
            What::Annotations => "annotations",
        }
    }

    fn singular(self) -> &'static str {
        match self {
            What::Labels => "label",
            What::Annotations => "annotation",
        }
    }

    fn of(self, object: &Object) -> BTreeMap<String, String> {
        let meta = object.meta();
        let map = match self {
            What::Labels => &meta.labels,
            What::Annotations => &meta.annotations,
        };
        map.clone().unwrap_or_default()
    }
}

/// What to set and what to remove.
struct Changes {
    set: BTreeMap<String, String>,
    remove: Vec<String>,
}

pub(super) fn label(job: &mut Job<'_>) -> Outcome {
    run(job, What::Labels)
}

pub(super) fn annotate(job: &mut Job<'_>) -> Outcome {
    run(job, What::Annotations)
}

fn run(job: &mut Job<'_>, what: What) -> Outcome {
    let words = job.args.positional.clone();
    let (resources, pairs) = split_pairs(&words, what.singular())?;
    let changes = match what {
        What::Labels => labels(pairs)?,
        What::Annotations => annotations(pairs)?,
    };
    for selector in ["selector", "field-selector"] {
        if job.args.is_set("all") && job.args.has(selector) {
            return Err(Failure::message(format!("cannot set --all and --{selector} at the same time")));
        }
    }
    if resources.is_empty() && !job.args.has("filename") {
        let text = "one or more resources must be specified as <resource> <name> or <resource>/<name>";
        return Err(Failure::message(text));
    }
    let lists = job.args.is_set("list");
    if pairs.is_empty() && !lists {
        return Err(Failure::message(format!("at least one {} update is required", what.singular())));
    }
    let (objects, mut failures) = job.targets(resources, Nameless::Refused)?;
    for object in &objects {
        let done =
            if lists { list(job, object, (what, objects.len())) } else { one(job, object, what, &changes) };
        failures.extend(done.err());
    }
    Failure::all(failures).map(|()| None)
}

/// Models parseLabels.
fn labels(pairs: &[String]) -> Result<Changes, Failure> {
    let mut changes = Changes { set: BTreeMap::new(), remove: Vec::new() };
    for pair in pairs {
        match pair.split_once('=') {
            Some((_, value)) if value.contains('=') => {
                return Err(Failure::message(format!("invalid label spec: {pair}")));
            }
            Some((key, value)) => {
                let faults = validate::is_label_value(value);
                if !faults.is_empty() {
                    let text = format!("invalid label value: \"{pair}\": {}", faults.join(";"));
                    return Err(Failure::message(text));
                }
                changes.set.insert(key.into(), value.into());
            }
            None => changes.remove.push(pair.trim_end_matches('-').into()),
        }
    }
    if changes.remove.iter().any(|key| changes.set.contains_key(key)) {
        return Err(Failure::message("can not both modify and remove a label in the same command"));
    }
    Ok(changes)
}

/// Models ParsePairs and validateAnnotations.
fn annotations(pairs: &[String]) -> Result<Changes, Failure> {
    let mut changes = Changes { set: BTreeMap::new(), remove: Vec::new() };
    for pair in pairs {
        match pair.split_once('=') {
            Some((key, value)) => drop(changes.set.insert(key.into(), value.into())),
            None => changes.remove.push(pair.trim_end_matches('-').into()),
        }
    }
    let both: Vec<&str> =
        changes.remove.iter().filter(|key| changes.set.contains_key(*key)).map(String::as_str).collect();
    if !both.is_empty() {
        return Err(Failure::message(format!(
            "can not both modify and remove the following annotation(s) in the same command: {}",
            both.join(", ")
        )));
    }
    Ok(changes)
}

fn one(job: &mut Job<'_>, object: &Object, what: What, changes: &Changes) -> Result<(), Failure> {
    let before = what.of(object);
    if what == What::Labels && job.client.dry_run != DryRun::Client {
        for key in changes.remove.iter().filter(|key| !before.contains_key(*key)) {
            job.out.line(format!("label \"{key}\" not found."));
        }
    }
    if !job.args.is_set("overwrite") {
        check_overwrites(&before, what, changes)?;
    }
    let added = changes.set.iter().any(|(key, value)| before.get(key) != Some(value));
    let removed = changes.remove.iter().any(|key| before.contains_key(key));
    let operation = match (what, added, removed) {
        (What::Annotations, _, _) => "annotated",
        (_, true, true) => "modified",
        (_, true, false) => "labeled",
        (_, false, true) => "unlabeled",
        (_, false, false) => "not labeled",
    };
    let removals =
        changes.remove.iter().filter(|key| before.contains_key(*key)).map(|key| (key, Value::Null));
    let values = changes.set.iter().map(|(key, value)| (key, Value::from(value.as_str())));
    let map = order::fields(values.chain(removals).map(|(key, value)| (key.clone(), value)));
    let mut patch = json!({"metadata": {what.field(): map}});
    if let Some(version) = job.args.value("resource-version").filter(|version| !version.is_empty()) {
        patch["metadata"]["resourceVersion"] = version.into();
    }
    let after = if job.client.dry_run == DryRun::Client {
        client::typed(object.kind(), apply_merge(&body(object), &patch))?
    } else if added || removed {
        job.client.patch(&object.key(), &Patch::Merge(patch), Part::Main)?.0
    } else {
        object.clone()
    };
    job.tell(&after, operation)
}

/// Models validateNoOverwrites and validateNoAnnotationOverwrites.
fn check_overwrites(before: &BTreeMap<String, String>, what: What, changes: &Changes) -> Result<(), Failure> {
    let taken = changes.set.iter().filter_map(|(key, value)| {
        let old = before.get(key)?;
        match what {
            What::Labels => (old != value).then_some((key, old)),
            What::Annotations => (key != CHANGE_CAUSE).then_some((key, old)),
        }
    });
    match what {
        What::Labels => Failure::all(
            taken
                .map(|(key, old)| format!("'{key}' already has a value ({old}), and --overwrite is false"))
                .map(Failure::message)
                .collect(),
        ),
        What::Annotations => {
            let told: Vec<String> =
                taken.map(|(key, old)| format!("'{key}' already has a value ({old})")).collect();
            if told.is_empty() {
                return Ok(());
            }
            Err(Failure::message(format!(
                "--overwrite is false but found the following declared annotation(s): {}",
                told.join("; ")
            )))
        }
    }
}

fn list(job: &mut Job<'_>, object: &Object, (what, count): (What, usize)) -> Result<(), Failure> {
    let mut indent = "";
    if count > 1 {
        indent = " ";
        let (kind, group) = (object.kind(), object.kind().group());
        job.out.line(format!("Listing {} for {kind}.{group}/{}:", what.field(), object.name()));
    }
    for (key, value) in what.of(object) {
        job.out.line(format!("{indent}{key}={value}"));
    }
    Ok(())
}
