//! `kubectl patch`. Models k8s.io/kubectl/pkg/cmd/patch.

use serde_json::Value;

use super::client::{self, DryRun, body};
use super::failure::Failure;
use super::resources::Nameless;
use super::{Job, Outcome};
use crate::api::patch::{apply_json, apply_merge, apply_strategic};
use crate::api::{Object, Reason, Status, yaml};
use crate::server::{FieldValidation, Part, Patch};

pub(super) fn run(job: &mut Job<'_>) -> Outcome {
    let text = text(job)?;
    let patch = read(&text)?;
    let patch = match job.args.value("type").unwrap_or("strategic").to_lowercase().as_str() {
        "strategic" => Patch::Strategic(patch),
        "merge" => Patch::Merge(patch),
        "json" => Patch::Json(patch),
        other => {
            return Err(Failure::message(format!(
                "--type must be one of [json merge strategic], not \"{other}\""
            )));
        }
    };
    let part = match job.args.value("subresource") {
        None | Some("") => Part::Main,
        // The scale of a workload is its own spec.replicas.
        Some("scale") => Part::Main,
        Some("status") => Part::Status,
        Some("resize") => Part::Resize,
        Some(other) => {
            return Err(Failure::message(format!(
                "invalid subresource value: \"{other}\". Must be one of [resize scale status]"
            )));
        }
    };
    let words = job.args.positional.clone();
    let (objects, mut failures) = job.targets(&words, Nameless::Refused)?;
    if objects.is_empty() && failures.is_empty() {
        return Err(Failure::message("no objects passed to patch"));
    }
    // Unlike a manifest, a patch is not checked for unknown fields.
    job.client.validation = FieldValidation::Warn;
    for object in &objects {
        if let Err(failure) = one(job, object, &patch, part) {
            failures.push(failure);
        }
    }
    Failure::all(failures).map(|()| None)
}

fn text(job: &Job<'_>) -> Result<String, Failure> {
    let given = job.args.value("patch").filter(|text| !text.is_empty());
    match (given, job.args.value("patch-file")) {
        (Some(_), Some(_)) => Err(Failure::message("cannot specify --patch and --patch-file together")),
        (Some(text), None) => Ok(text.into()),
        (None, Some(file)) => job.env.files.get(file).cloned().ok_or_else(|| {
            Failure::message(format!("unable to read patch file: open {file}: no such file or directory"))
        }),
        (None, None) => {
            Err(Failure::message("must specify --patch or --patch-file containing the contents of the patch"))
        }
    }
}

/// JSON goes to the API server as it is; everything else is YAML.
fn read(text: &str) -> Result<Value, Failure> {
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|_| {
            let fault = super::jsonpath::json_fault(text);
            Status::new(Reason::BadRequest, fault).into()
        });
    }
    let documents = yaml::parse(text)
        .map_err(|fault| Failure::message(format!("unable to parse \"{text}\": {}", fault.text)))?;
    Ok(documents.into_iter().next().map(|document| document.value).unwrap_or_default())
}

fn one(job: &mut Job<'_>, object: &Object, patch: &Patch, part: Part) -> Result<(), Failure> {
    let (patched, warnings) = if job.client.dry_run == DryRun::Client {
        let before = body(object);
        let after = match patch {
            Patch::Strategic(patch) => apply_strategic(object.kind(), &before, patch),
            Patch::Merge(patch) => Ok(apply_merge(&before, patch)),
            Patch::Json(patch) => apply_json(&before, patch),
        };
        (client::typed(object.kind(), after.map_err(Failure::message)?)?, Vec::new())
    } else {
        job.client.patch(&object.key(), patch, part)?
    };
    job.warn_all(&warnings);
    let operation = if patched == *object { "patched (no change)" } else { "patched" };
    job.tell(&patched, operation)
}
