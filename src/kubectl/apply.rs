//! `kubectl apply`. Models k8s.io/kubectl/pkg/cmd/apply and pkg/util/apply.go.

use serde_json::Value;

use super::client::{DryRun, body};
use super::failure::Failure;
use super::manifest::{self, Manifest};
use super::print::json_line;
use super::{Job, Outcome, client};
use crate::api::Object;
use crate::api::patch::{apply_strategic, create_three_way};
use crate::server::{DeleteOptions, Part, Patch};

/// Where the manifest that was applied last is kept.
pub(super) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

pub(super) fn run(job: &mut Job<'_>) -> Outcome {
    if !job.args.positional.is_empty() {
        let text = format!("Unexpected args: [{}]", job.args.positional.join(" "));
        return Err(Failure::usage("apply", text));
    }
    let files = job.args.list("filename");
    if files.is_empty() {
        return Err(Failure::message("must specify one of -f and -k"));
    }
    let (manifests, mut failures) = manifest::read(job, &files);
    if manifests.is_empty() && failures.is_empty() {
        return Err(Failure::message("no objects passed to apply"));
    }
    for manifest in &manifests {
        if let Err(failure) = one(job, manifest) {
            failures.push(failure);
        }
    }
    Failure::all(failures).map(|()| None)
}

fn one(job: &mut Job<'_>, manifest: &Manifest) -> Result<(), Failure> {
    if manifest.key.name.is_empty() {
        return Err(nameless(manifest));
    }
    match job.client.get(&manifest.key) {
        Err(failure) if failure.is_not_found() => create(job, manifest),
        Err(failure) => {
            let verb = format!("retrieving current configuration of:\n{}\nfrom server for:", about(manifest));
            Err(failure.during(&verb, &manifest.source))
        }
        Ok(current) => update(job, manifest, &current),
    }
}

/// Models the error that a request without a name makes.
fn nameless(manifest: &Manifest) -> Failure {
    let generated = manifest.body.pointer("/metadata/generateName").and_then(Value::as_str);
    if let Some(base) = generated.filter(|base| !base.is_empty()) {
        return Failure::message(format!("from {base}: cannot use generate name with apply"));
    }
    Failure::message(format!(
        "error when retrieving current configuration of:\n{}\nfrom server for: \"{}\": resource name may not be empty",
        about(manifest),
        manifest.source
    ))
}

/// Models resource.Info.String.
fn about(manifest: &Manifest) -> String {
    let key = &manifest.key;
    let (version, kind) = (key.kind.api_version(), key.kind);
    format!(
        "Resource: \"{version}, Resource={}\", GroupVersionKind: \"{version}, Kind={kind}\"\nName: \"{}\", Namespace: \"{}\"",
        kind.plural(),
        key.name,
        key.namespace
    )
}

fn create(job: &mut Job<'_>, manifest: &Manifest) -> Result<(), Failure> {
    super::create::send(job, manifest, with_last_applied(&manifest.body))
}

fn update(job: &mut Job<'_>, manifest: &Manifest, current: &Object) -> Result<(), Failure> {
    let kind = manifest.key.kind;
    let original = current.meta().annotations.as_ref().and_then(|all| all.get(LAST_APPLIED));
    if original.is_none() {
        job.out.warn(format!(
            "resource {}/{} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. \
             kubectl apply should only be used on resources created declaratively by either kubectl create \
             --save-config or kubectl apply. The missing annotation will be patched automatically.",
            kind.plural(),
            manifest.key.name
        ));
    }
    let original = original.map(|text| serde_json::from_str::<Value>(text));
    let original = original
        .transpose()
        .map_err(|error| Failure::message(format!("retrieving original configuration from: {error}")))?;
    let modified = with_last_applied(&manifest.body);
    let before = body(current);
    let patch = create_three_way(kind, original.as_ref(), &modified, &before).map_err(|fault| {
        Failure::message(format!("creating patch with:\noriginal:\nmodified:\ncurrent:\nfor: {fault}"))
    })?;
    if patch.as_object().is_some_and(|fields| fields.is_empty()) {
        return job.tell(current, "unchanged");
    }
    if job.client.dry_run == DryRun::Client {
        let patched = apply_strategic(kind, &before, &patch).map_err(Failure::message)?;
        let object = client::typed(kind, patched)?;
        return job.tell(&object, "configured");
    }
    let sent = job.client.patch(&manifest.key, &Patch::Strategic(patch.clone()), Part::Main);
    match sent {
        Ok((object, warnings)) => {
            job.warn_all(&warnings);
            job.tell(&object, "configured")
        }
        Err(failure) if job.args.is_set("force") && failure.is_replaceable() => replace(job, manifest),
        Err(failure) => {
            let verb = format!("applying patch:\n{}\nto:\n{}\nfor:", json_line(&patch), about(manifest));
            Err(failure.during(&verb, &manifest.source))
        }
    }
}

/// `--force`: an object that cannot be changed so is made anew. Models patcher.deleteAndCreate.
fn replace(job: &mut Job<'_>, manifest: &Manifest) -> Result<(), Failure> {
    let options = DeleteOptions {
        grace_period_seconds: Some(0),
        propagation: Some(crate::server::Propagation::Background),
        ..DeleteOptions::default()
    };
    job.client.delete(&manifest.key, &options)?;
    let made = job.client.create(manifest.key.kind, with_last_applied(&manifest.body));
    let (object, warnings) = made.map_err(|failure| failure.during("creating", &manifest.source))?;
    job.warn_all(&warnings);
    job.tell(&object, "configured")
}

/// The manifest that carries itself in its annotation. Models GetModifiedConfiguration.
pub(super) fn with_last_applied(manifest: &Value) -> Value {
    let mut body = manifest.clone();
    let Some(fields) = body.as_object_mut() else { return body };
    let metadata = fields.entry("metadata").or_insert_with(|| Value::Object(Default::default()));
    let Some(metadata) = metadata.as_object_mut() else { return body };
    let annotations = metadata.entry("annotations").or_insert_with(|| Value::Object(Default::default()));
    if annotations.is_null() {
        *annotations = Value::Object(Default::default());
    }
    if let Some(annotations) = annotations.as_object_mut() {
        annotations.remove(LAST_APPLIED);
    }
    let text = json_line(&body) + "\n";
    if let Some(Value::Object(annotations)) = body.pointer_mut("/metadata/annotations") {
        annotations.insert(LAST_APPLIED.into(), text.into());
    }
    body
}
