//! `kubectl delete`. Models k8s.io/kubectl/pkg/cmd/delete.

use super::client::DryRun;
use super::failure::Failure;
use super::parse::Setting;
use super::print::{full_name, singular};
use super::resources::{Nameless, Want};
use super::wait::{Deleted, Wait};
use super::{Job, Outcome, manifest};
use crate::api::{Key, Object, Scope};
use crate::server::{DeleteOptions, Propagation};

pub(super) fn run(job: &mut Job<'_>) -> Outcome {
    let options = options(job)?;
    let ignore = match job.args.has("ignore-not-found") {
        true => job.args.is_set("ignore-not-found"),
        false => job.args.is_set("all") || job.args.has("selector") || job.args.has("field-selector"),
    };
    let (doomed, mut failures) = doomed(job)?;
    let mut found = 0;
    let mut gone = Vec::new();
    let mut warned = !job.client.named_namespace;
    for (key, source) in doomed {
        found += 1;
        if !warned && key.kind.scope() == Scope::Cluster {
            job.out.warn("deleting cluster-scoped resources, not scoped to the provided namespace");
            warned = true;
        }
        if job.client.dry_run == DryRun::Client {
            tell(job, &key)?;
            continue;
        }
        match job.client.delete(&key, &options) {
            Ok(object) => {
                tell(job, &key)?;
                gone.push((key, Object::uid(&object).to_string()));
            }
            Err(failure) if ignore && failure.is_not_found() => found -= 1,
            Err(failure) => failures.push(match source {
                Some(source) => failure.during("deleting", &source),
                None => failure,
            }),
        }
    }
    failures.retain(|failure| !(ignore && failure.is_not_found()));
    Failure::all(failures)?;
    if found == 0 {
        job.out.line("No resources found");
        return Ok(None);
    }
    let waits = job.args.is_set_or("wait", Setting::On) && job.client.dry_run == DryRun::None;
    if !waits {
        return Ok(None);
    }
    Ok(Some(Wait::Deleted(Deleted::new(gone, job.client.now(), job.args.value("timeout")))))
}

type Doomed = Vec<(Key, Option<String>)>;

/// What is to be deleted, with the file that named it.
fn doomed(job: &Job<'_>) -> Result<(Doomed, Vec<Failure>), Failure> {
    let files = job.args.list("filename");
    if !files.is_empty() {
        let (manifests, failures) = manifest::read(job, &files);
        return Ok((manifests.into_iter().map(|m| (m.key, Some(m.source))).collect(), failures));
    }
    if job.args.positional.is_empty() {
        let text = "You must provide one or more resources by argument or filename.\n\
                    Example resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   \
                    '<resource> <name>'\n   '<resource>'";
        return Err(Failure::message(text));
    }
    if job.args.is_set("all") && job.args.has("selector") {
        return Err(Failure::message("cannot set --all and --selector at the same time"));
    }
    let selection = job.selection(&job.args.positional, Nameless::Refused)?;
    let mut doomed = Vec::new();
    for want in &selection.wants {
        match want {
            // The object is not read first.
            Want::One(key) => doomed.push((key.clone(), None)),
            Want::Every(_) => {
                doomed.extend(job.fetch(&selection.only(want)).0.iter().map(|object| (object.key(), None)));
            }
        }
    }
    Ok((doomed, Vec::new()))
}

fn options(job: &mut Job<'_>) -> Result<DeleteOptions, Failure> {
    let asked = job.args.int("grace-period").filter(|seconds| *seconds >= 0);
    let (now, force) = (job.args.is_set("now"), job.args.is_set("force"));
    let grace = match (asked, now) {
        (Some(_), true) => {
            return Err(Failure::message("--now and --grace-period cannot be specified together"));
        }
        (None, true) => Some(1),
        // Nobody kills a Pod on the spot by mistake.
        (Some(0), false) if !force => Some(1),
        (None, false) if force => Some(0),
        (asked, false) => asked,
    };
    match grace {
        Some(0) if force => job.out.warn(
            "Immediate deletion does not wait for confirmation that the running resource has been terminated. \
             The resource may continue to run on the cluster indefinitely.",
        ),
        Some(_) if force => {
            let text = "--force and --grace-period greater than 0 cannot be specified together";
            return Err(Failure::message(text));
        }
        _ => {}
    }
    let propagation = match job.args.value("cascade") {
        None | Some("background" | "true") => Propagation::Background,
        Some("foreground") => Propagation::Foreground,
        Some("orphan" | "false") => Propagation::Orphan,
        Some(other) => {
            let text = format!(
                "invalid cascade value ({other}). Must be \"background\", \"foreground\", or \"orphan\""
            );
            return Err(Failure::message(text));
        }
    };
    Ok(DeleteOptions { grace_period_seconds: grace, propagation: Some(propagation), ..Default::default() })
}

/// Models DeleteOptions.PrintObj.
fn tell(job: &mut Job<'_>, key: &Key) -> Result<(), Failure> {
    match job.args.value("output") {
        Some("name") => {
            job.out.line(full_name(key.kind, &key.name));
            return Ok(());
        }
        Some(other) if !other.is_empty() => {
            let text = format!("unexpected -o output mode: {other}. We only support '-o name'");
            return Err(Failure::message(text));
        }
        _ => {}
    }
    let forced = if job.args.is_set("force") && !job.args.has("now") { "force " } else { "" };
    let place = match key.namespace.is_empty() {
        true => String::new(),
        false => format!(" from {} namespace", key.namespace),
    };
    let suffix = job.client.dry_run.suffix();
    job.out.line(format!("{} \"{}\" {forced}deleted{suffix}{place}", singular(key.kind), key.name));
    Ok(())
}
