//! `kubectl scale`. Models k8s.io/kubectl/pkg/cmd/scale and pkg/scale.

use serde_json::json;

use super::client::{self, DryRun, body};
use super::failure::Failure;
use super::resources::Nameless;
use super::{Job, Outcome};
use crate::api::patch::apply_merge;
use crate::api::{Object, Reason, Status};
use crate::server::{Part, Patch, is_scalable};

pub(super) fn run(job: &mut Job<'_>) -> Outcome {
    if !job.args.has("replicas") {
        let text = "required flag(s) \"replicas\" not set";
        return Err(Failure::message(text));
    }
    let replicas = job.args.int("replicas").unwrap_or(-1);
    if replicas < 0 {
        let text = "The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0";
        return Err(Failure::message(text));
    }
    if job.args.int("current-replicas").is_some_and(|current| current < -1) {
        return Err(Failure::message("The --current-replicas must specify an integer of -1 or greater"));
    }
    let words = job.args.positional.clone();
    let (objects, failures) = job.targets(&words, Nameless::Refused)?;
    if objects.is_empty() {
        Failure::all(failures)?;
        return Err(Failure::message("no objects passed to scale"));
    }
    if job.args.has("resource-version") && objects.len() > 1 {
        return Err(Failure::message("cannot use --resource-version with multiple resources"));
    }
    for object in &objects {
        let scaled = scale(job, object, replicas)?;
        job.tell(&scaled, "scaled")?;
    }
    Failure::all(failures).map(|()| None)
}

fn scale(job: &mut Job<'_>, object: &Object, replicas: i64) -> Result<Object, Failure> {
    let change = json!({"spec": {"replicas": replicas}});
    if job.client.dry_run == DryRun::Client {
        return Ok(client::typed(object.kind(), apply_merge(&body(object), &change))?);
    }
    if !is_scalable(object.kind()) {
        return Err(Status::new(Reason::NotFound, "the server could not find the requested resource").into());
    }
    let found = body(object).pointer("/spec/replicas").and_then(serde_json::Value::as_i64).unwrap_or(1);
    if let Some(expected) = job.args.int("current-replicas").filter(|n| *n != -1 && *n != found) {
        return Err(Failure::message(format!("Expected replicas to be {expected}, was {found}")));
    }
    let version = object.meta().resource_version.as_deref().unwrap_or_default();
    if let Some(expected) = job.args.value("resource-version").filter(|v| !v.is_empty() && *v != version) {
        return Err(Failure::message(format!("Expected resource version to be {expected}, was {version}")));
    }
    Ok(job.client.patch(&object.key(), &Patch::Merge(change), Part::Main)?.0)
}
