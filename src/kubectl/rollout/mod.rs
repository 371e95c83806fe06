//! `kubectl rollout`. Models k8s.io/kubectl/pkg/cmd/rollout and pkg/polymorphichelpers.

mod history;
mod status;
mod undo;

pub(super) use history::history;
pub(super) use status::{Status, status};
pub(super) use undo::{replica_sets, template_of, undo};

use serde_json::json;

use super::client::body;
use super::failure::Failure;
use super::resources::Nameless;
use super::{Job, Outcome};
use crate::api::patch::create_strategic;
use crate::api::{Object, codec};
use crate::server::{Part, Patch};

/// Changes the template of a workload, so that its Pods are made anew.
const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

pub(super) fn pause(job: &mut Job<'_>) -> Outcome {
    each(job, "paused", &|_, object| {
        let Object::Deployment(deployment) = object else { return Err("pausing is not supported".into()) };
        match deployment.spec.paused {
            Some(true) => Err("is already paused".into()),
            _ => Ok(json!({"spec": {"paused": true}})),
        }
    })
}

pub(super) fn resume(job: &mut Job<'_>) -> Outcome {
    each(job, "resumed", &|_, object| {
        let Object::Deployment(deployment) = object else { return Err("resuming is not supported".into()) };
        match deployment.spec.paused {
            Some(true) => Ok(json!({"spec": {"paused": null}})),
            _ => Err("is not paused".into()),
        }
    })
}

pub(super) fn restart(job: &mut Job<'_>) -> Outcome {
    each(job, "restarted", &|job, object| {
        if let Object::Deployment(deployment) = object
            && deployment.spec.paused == Some(true)
        {
            return Err("can't restart paused deployment (run rollout resume first)".into());
        }
        if !matches!(object.kind().name(), "Deployment" | "DaemonSet" | "StatefulSet") {
            return Err("restarting is not supported".into());
        }
        let date = job.client.epoch().time(job.client.now()).0.to_string();
        Ok(json!({"spec": {"template": {"metadata": {"annotations": {RESTARTED_AT: date}}}}}))
    })
}

/// What has to change of an object, or why it cannot.
type Change = dyn Fn(&Job<'_>, &Object) -> Result<serde_json::Value, String>;

fn each(job: &mut Job<'_>, operation: &str, change: &Change) -> Outcome {
    let (objects, mut failures) = targets(job)?;
    if objects.is_empty() && failures.is_empty() {
        let text = format!("No resources found in {} namespace.\n", job.client.namespace);
        job.out.stderr.push_str(&text);
        return Ok(None);
    }
    for object in &objects {
        let kind = object.kind();
        let patch = match change(job, object) {
            Ok(patch) => patch,
            Err(why) => {
                let text = format!("error: {} \"{}\" {why}", kind.resource(), object.name());
                failures.push(Failure::message(text));
                continue;
            }
        };
        let before = body(object);
        let after = crate::api::patch::apply_strategic(kind, &before, &patch).map_err(Failure::message)?;
        let patch = create_strategic(kind, &before, &after).map_err(Failure::message)?;
        if patch.as_object().is_none_or(|fields| fields.is_empty()) {
            let text = format!(
                "failed to create patch for {}: if restart has already been triggered within the past second, please \
                 wait before attempting to trigger another",
                object.name()
            );
            failures.push(Failure::message(text));
            continue;
        }
        match job.client.patch(&object.key(), &Patch::Strategic(patch), Part::Main) {
            Ok((stored, _)) => job.tell(&stored, operation)?,
            Err(failure) => {
                failures.push(Failure::message(format!("failed to patch: {}", failure.plain())));
            }
        }
    }
    Failure::all(failures).map(|()| None)
}

fn targets(job: &Job<'_>) -> Result<(Vec<Object>, Vec<Failure>), Failure> {
    if job.args.positional.is_empty() && !job.args.has("filename") {
        return Err(Failure::message("required resource not specified"));
    }
    job.targets(&job.args.positional, Nameless::All)
}

/// The kind with its group as errors of the helpers name it: `Deployment.apps`.
fn group_kind(object: &Object) -> String {
    let kind = object.kind();
    if kind.group().is_empty() { kind.name().into() } else { format!("{kind}.{}", kind.group()) }
}

/// A part of an object as JSON.
fn encoded<T: serde::Serialize>(part: &T) -> serde_json::Value {
    codec::to_value(part)
}
