//! `kubectl rollout undo`: a Deployment gets the template of an older ReplicaSet.

use crate::api::order;
use std::sync::Arc;

use serde_json::json;

use super::super::apply::LAST_APPLIED;
use super::super::client::{Client, DryRun};
use super::super::failure::Failure;
use super::super::{Job, Outcome, describe};
use super::{encoded, group_kind, targets};
use crate::api::core::PodTemplateSpec;
use crate::api::{Deployment, Kinded, Object, ReplicaSet, owner};
use crate::server::{Part, Patch};

pub(super) const REVISION: &str = "deployment.kubernetes.io/revision";
const TEMPLATE_HASH: &str = "pod-template-hash";

/// Annotations that stay with the Deployment. Models annotationsToSkip.
const KEPT: &[&str] = &[
    LAST_APPLIED,
    REVISION,
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
];

pub(in super::super) fn undo(job: &mut Job<'_>) -> Outcome {
    let (objects, mut failures) = targets(job)?;
    for object in &objects {
        if let Err(failure) = one(job, object) {
            failures.push(failure);
        }
    }
    Failure::all(failures).map(|()| None)
}

fn one(job: &mut Job<'_>, object: &Object) -> Result<(), Failure> {
    if object.meta().annotations.as_ref().is_some_and(|all| all.contains_key(LAST_APPLIED)) {
        job.out.warn(format!(
            "resource {}/{} was previously managed with 'kubectl apply'. Rolling back will not update the \
             {LAST_APPLIED} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. \
             Consider using 'kubectl apply' with your previous configuration file instead.",
            object.kind().plural(),
            object.name()
        ));
    }
    let wanted = job.args.int("to-revision").unwrap_or(0);
    let Object::Deployment(deployment) = object else {
        let text = format!("no rollbacker has been implemented for \"{}\"", group_kind(object));
        return Err(Failure::message(text));
    };
    let done = deployment_undo(job, deployment, wanted)?;
    job.tell(object, &done)
}

/// Models DeploymentRollbacker.Rollback.
fn deployment_undo(job: &mut Job<'_>, deployment: &Deployment, wanted: i64) -> Result<String, Failure> {
    let sets = replica_sets(&job.client, deployment);
    let set = target(deployment, &sets, wanted)?;
    let template = template_of(&set.spec.template.clone().unwrap_or_default());
    if job.client.dry_run == DryRun::Client {
        return Ok(describe::template(set.spec.template.as_ref()));
    }
    if deployment.spec.paused == Some(true) {
        return Err(Failure::message(
            "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
        ));
    }
    if template == template_of(&deployment.spec.template) {
        return Ok(format!("skipped rollback (current template already matches revision {wanted})"));
    }
    let own = deployment.metadata.annotations.clone().unwrap_or_default();
    let old = set.metadata.annotations.clone().unwrap_or_default();
    let is_kept = |key: &String| KEPT.contains(&key.as_str());
    let mut annotations = own;
    annotations.retain(|key, _| is_kept(key));
    annotations.extend(old.into_iter().filter(|(key, _)| !is_kept(key)));
    let patch = json!([
        {"op": "replace", "path": "/spec/template", "value": encoded(&template)},
        {"op": "replace", "path": "/metadata/annotations", "value": annotations},
    ]);
    match job.client.patch(&deployment.key(), &Patch::Json(patch), Part::Main) {
        Ok(_) => Ok("rolled back".into()),
        Err(failure) => {
            Err(Failure::message(format!("failed restoring revision {wanted}: {}", failure.plain())))
        }
    }
}

/// Models deploymentRevision.
fn target<'s>(
    deployment: &Deployment,
    sets: &'s [Arc<ReplicaSet>],
    wanted: i64,
) -> Result<&'s Arc<ReplicaSet>, Failure> {
    let missing = || Failure::message(format!("unable to find specified revision {wanted} in history"));
    if wanted < 0 {
        return Err(missing());
    }
    let mut known: Vec<(i64, &Arc<ReplicaSet>)> =
        sets.iter().filter_map(|set| Some((revision(set)?, set))).collect();
    if wanted > 0 {
        return known.iter().find(|(number, _)| *number == wanted).map(|(_, set)| *set).ok_or_else(missing);
    }
    order::sort_by_key(&mut known, |(number, _)| std::cmp::Reverse(*number));
    let name = deployment.metadata.name.as_deref().unwrap_or_default();
    let none = || Failure::message(format!("no rollout history found for deployment \"{name}\""));
    known.get(1).map(|(_, set)| *set).ok_or_else(none)
}

/// A template as the Deployment has it: without the hash of its ReplicaSet.
pub(in super::super) fn template_of(template: &PodTemplateSpec) -> PodTemplateSpec {
    let mut template = template.clone();
    let labels = template.metadata.as_mut().and_then(|meta| meta.labels.as_mut());
    if let Some(labels) = labels {
        labels.remove(TEMPLATE_HASH);
    }
    template
}

/// The number of a ReplicaSet's template in the history.
pub(in super::super) fn revision(set: &ReplicaSet) -> Option<i64> {
    set.metadata.annotations.as_ref()?.get(REVISION)?.parse().ok()
}

/// The ReplicaSets that a Deployment controls.
pub(in super::super) fn replica_sets(client: &Client<'_>, deployment: &Deployment) -> Vec<Arc<ReplicaSet>> {
    let namespace = deployment.metadata.namespace.as_deref();
    let all = client.view().list_as::<ReplicaSet>(namespace);
    all.filter(|set| owner::is_controlled_by(&set.metadata, &deployment.metadata)).cloned().collect()
}
