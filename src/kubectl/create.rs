//! `kubectl create -f` and `kubectl replace -f`. Models k8s.io/kubectl/pkg/cmd/create and cmd/replace.

use serde_json::Value;

use super::apply::with_last_applied;
use super::client::{self, DryRun};
use super::failure::Failure;
use super::manifest::{self, Manifest};
use super::{Job, Outcome};
use crate::server::{DeleteOptions, Propagation};

pub(super) fn files(job: &mut Job<'_>) -> Outcome {
    let manifests = read(job)?;
    each(job, manifests, "create", create)
}

pub(super) fn replace(job: &mut Job<'_>) -> Outcome {
    let manifests = read(job)?;
    each(job, manifests, "replace", replace_one)
}

type Read = (Vec<Manifest>, Vec<Failure>);

fn read(job: &Job<'_>) -> Result<Read, Failure> {
    let files = job.args.list("filename");
    if files.is_empty() {
        let text = "must specify one of -f and -k";
        return Err(Failure::message(text));
    }
    if !job.args.positional.is_empty() {
        let text = format!("Unexpected args: [{}]", job.args.positional.join(" "));
        return Err(Failure::usage(&job.args.path, text));
    }
    Ok(manifest::read(job, &files))
}

fn each(
    job: &mut Job<'_>,
    (manifests, mut failures): Read,
    verb: &str,
    act: fn(&mut Job<'_>, &Manifest) -> Result<(), Failure>,
) -> Outcome {
    if manifests.is_empty() && failures.is_empty() {
        return Err(Failure::message(format!("no objects passed to {verb}")));
    }
    for manifest in &manifests {
        if let Err(failure) = act(job, manifest) {
            failures.push(failure);
        }
    }
    Failure::all(failures).map(|()| None)
}

fn create(job: &mut Job<'_>, manifest: &Manifest) -> Result<(), Failure> {
    let body = match job.args.is_set("save-config") {
        true => with_last_applied(&manifest.body),
        false => manifest.body.clone(),
    };
    send(job, manifest, body)
}

/// Creates the manifest's object with this body and says so.
pub(super) fn send(job: &mut Job<'_>, manifest: &Manifest, body: Value) -> Result<(), Failure> {
    if job.client.dry_run == DryRun::Client {
        let object = client::typed(manifest.key.kind, body)?;
        return job.tell(&object, "created");
    }
    let made = job.client.create(manifest.key.kind, body);
    let (object, warnings) = made.map_err(|failure| failure.during("creating", &manifest.source))?;
    job.warn_all(&warnings);
    job.tell(&object, "created")
}

fn replace_one(job: &mut Job<'_>, manifest: &Manifest) -> Result<(), Failure> {
    let kind = manifest.key.kind;
    let saved = job.client.get(&manifest.key).ok().is_some_and(|object| {
        object.meta().annotations.iter().any(|all| all.contains_key(super::apply::LAST_APPLIED))
    });
    let body = match saved || job.args.is_set("save-config") {
        true => with_last_applied(&manifest.body),
        false => manifest.body.clone(),
    };
    if job.client.dry_run == DryRun::Client {
        let object = client::typed(kind, body)?;
        return job.tell(&object, "replaced");
    }
    if job.args.is_set("force") {
        let options = DeleteOptions {
            grace_period_seconds: Some(0),
            propagation: Some(Propagation::Background),
            ..DeleteOptions::default()
        };
        job.client.delete(&manifest.key, &options)?;
        let made = job.client.create(kind, body);
        let (object, warnings) = made.map_err(|failure| failure.during("creating", &manifest.source))?;
        job.warn_all(&warnings);
        return job.tell(&object, "replaced");
    }
    let stored = job.client.update(kind, body);
    let (object, warnings) = stored.map_err(|failure| failure.during("replacing", &manifest.source))?;
    job.warn_all(&warnings);
    job.tell(&object, "replaced")
}
