//! `kubectl rollout status`: prints how far a rollout is at every change, until it is done.

use super::super::failure::Failure;
use super::super::parse::Setting;
use super::super::wait::{self, Wait};
use super::super::{Job, Outcome, Output};
use super::{group_kind, targets};
use crate::api::{Deployment, Key, Moment, Object};
use crate::cluster::Cluster;
use crate::store::Revision;

pub(in super::super) fn status(job: &mut Job<'_>) -> Outcome {
    let (objects, failures) = targets(job)?;
    let revision = job.args.int("revision").unwrap_or(0);
    if revision < 0 {
        return Err(Failure::message(format!("revision must be a positive integer: {revision}")));
    }
    if objects.is_empty() {
        Failure::all(failures)?;
        let text = format!("No resources found in {} namespace.\n", job.client.namespace);
        job.out.stderr.push_str(&text);
        return Ok(None);
    }
    let watches = job.args.is_set_or("watch", Setting::On);
    Ok(Some(Wait::Rollout(Status {
        keys: objects.iter().rev().map(Object::key).collect(),
        wanted: revision,
        seen: None,
        watches,
        deadline: wait::deadline(job.client.now(), job.args.value("timeout")),
    })))
}

/// A rollout being watched.
#[derive(Clone, Debug)]
pub(in super::super) struct Status {
    /// What is still to be watched, the next one last.
    keys: Vec<Key>,
    /// The revision asked for, or 0.
    wanted: i64,
    /// Up to where the changes of the object at hand have been seen.
    seen: Option<Revision>,
    watches: bool,
    pub deadline: Option<Moment>,
}

impl Status {
    pub fn poll(&mut self, cluster: &Cluster, out: &mut Output) -> Option<Result<(), Failure>> {
        while let Some(key) = self.keys.last().cloned() {
            match self.follow(&key, cluster, out) {
                Ok(true) => {
                    self.keys.pop();
                    self.seen = None;
                }
                Ok(false) => return None,
                Err(failure) => return Some(Err(failure)),
            }
        }
        Some(Ok(()))
    }

    /// Whether the object's rollout is done.
    fn follow(&mut self, key: &Key, cluster: &Cluster, out: &mut Output) -> Result<bool, Failure> {
        let store = cluster.store();
        let deleted = || Failure::message("object has been deleted");
        let Some(seen) = self.seen else {
            self.seen = Some(store.revision());
            let object = store.latest().get(key).ok_or_else(deleted)?;
            return self.look(object, out);
        };
        for change in store.changes_since(seen).filter(|change| change.key == *key) {
            self.seen = Some(change.revision);
            if self.look(change.after.as_ref().ok_or_else(deleted)?, out)? {
                return Ok(true);
            }
        }
        self.seen = Some(store.revision());
        Ok(false)
    }

    fn look(&self, object: &Object, out: &mut Output) -> Result<bool, Failure> {
        let Object::Deployment(deployment) = object else {
            let text = format!("no status viewer has been implemented for {}", group_kind(object));
            return Err(Failure::message(text));
        };
        let (text, done) = deployment_status(deployment, self.wanted)?;
        out.line(text);
        Ok(done || !self.watches)
    }
}

/// Models DeploymentStatusViewer.Status.
fn deployment_status(deployment: &Deployment, wanted: i64) -> Result<(String, bool), Failure> {
    let name = deployment.metadata.name.as_deref().unwrap_or_default();
    let (spec, status) = (&deployment.spec, &deployment.status);
    if wanted > 0 {
        let annotation =
            deployment.metadata.annotations.as_ref().and_then(|all| all.get(super::undo::REVISION));
        let found = annotation.and_then(|text| text.parse().ok()).unwrap_or(0);
        if wanted != found {
            return Err(Failure::message(format!(
                "desired revision ({wanted}) is different from the running revision ({found})"
            )));
        }
    }
    if deployment.metadata.generation.unwrap_or(0) > status.observed_generation.unwrap_or(0) {
        return Ok(("Waiting for deployment spec update to be observed...".into(), false));
    }
    let progressing = status.conditions.iter().flatten().find(|condition| condition.type_ == "Progressing");
    if progressing.is_some_and(|condition| condition.reason.as_deref() == Some("ProgressDeadlineExceeded")) {
        return Err(Failure::message(format!("deployment \"{name}\" exceeded its progress deadline")));
    }
    let wanted = spec.replicas.unwrap_or(1);
    let (total, updated) = (status.replicas.unwrap_or(0), status.updated_replicas.unwrap_or(0));
    let available = status.available_replicas.unwrap_or(0);
    let waiting =
        |what: String| Ok((format!("Waiting for deployment \"{name}\" rollout to finish: {what}..."), false));
    if updated < wanted {
        return waiting(format!("{updated} out of {wanted} new replicas have been updated"));
    }
    if total > updated {
        return waiting(format!("{} old replicas are pending termination", total - updated));
    }
    if available < updated {
        return waiting(format!("{available} of {updated} updated replicas are available"));
    }
    Ok((format!("deployment \"{name}\" successfully rolled out"), true))
}
