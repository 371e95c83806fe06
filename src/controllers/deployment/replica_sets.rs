//! The new ReplicaSet: found, kept up to date, or made. Models getNewReplicaSet in
//! pkg/controller/deployment/sync.go and SetNewReplicaSetAnnotations in deployment_util.go.

use std::sync::Arc;

use super::util::{self, DESIRED_REPLICAS, MAX_REPLICAS, REVISION, REVISION_HISTORY};
use super::{Rollout, Sets};
use crate::api::apps::ReplicaSetSpec;
use crate::api::{Deployment, Kinded, ObjectMeta, Reason, ReplicaSet, Status, owner};
use crate::controllers::shared::pod_template_hash;
use crate::sim::EventType;

/// Models maxRevHistoryLengthInChars.
const HISTORY_CHARS: usize = 2000;
/// Models DNS1123SubdomainMaxLength.
const LONGEST_NAME: usize = 253;

/// Whether a missing ReplicaSet is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    Create,
    Leave,
}

impl Rollout<'_, '_> {
    /// Models getAllReplicaSetsAndSyncRevision.
    pub(super) fn sync_revision(
        &mut self,
        list: &[Arc<ReplicaSet>],
        missing: Missing,
    ) -> Result<Sets, Status> {
        let mut sets = util::find_sets(&self.d, list);
        let revision = util::max_revision(&sets.old) + 1;
        sets.new = match (sets.new.take(), missing) {
            (Some(existing), _) => Some(self.keep_new(existing, revision)?),
            (None, Missing::Create) => Some(self.create_new(&sets.old, revision)?),
            (None, Missing::Leave) => None,
        };
        Ok(sets)
    }

    fn keep_new(&mut self, existing: Arc<ReplicaSet>, revision: i64) -> Result<Arc<ReplicaSet>, Status> {
        let mut set = ReplicaSet::clone(&existing);
        let annotated = set_annotations(&self.d, &mut set.metadata, revision);
        let min_ready = self.d.spec.min_ready_seconds;
        let delayed = set.spec.min_ready_seconds.unwrap_or(0) != min_ready.unwrap_or(0);
        if annotated || delayed {
            if delayed {
                set.spec_mut().min_ready_seconds = min_ready;
            }
            return self.cx.update(set);
        }
        let own_revision = util::annotation(&set.metadata, REVISION).unwrap_or_default().to_string();
        let mut changed = self.set_revision(own_revision);
        let known = util::condition(&self.d.status, "Progressing").is_some();
        if util::progress_deadline(&self.d).is_some() && !known {
            let message = format!("Found new replica set \"{}\"", name(&set.metadata));
            self.set_progressing("True", "FoundNewReplicaSet", message);
            changed = true;
        }
        if changed {
            self.write_status()?;
        }
        Ok(existing)
    }

    fn create_new(&mut self, old: &[Arc<ReplicaSet>], revision: i64) -> Result<Arc<ReplicaSet>, Status> {
        let total = old.iter().map(|set| util::size(set)).sum();
        let size = util::new_replicas(&self.d, total, 0);
        let set = new_replica_set(&self.d, size, revision);
        let wanted_name = name(&set.metadata).to_string();
        let (set, existed) = match self.cx.create(set) {
            Ok(set) => (set, false),
            Err(status) if status.reason == Reason::AlreadyExists => {
                (self.own_namesake(&wanted_name, status)?, true)
            }
            Err(status) => return Err(self.creation_failed(&wanted_name, status)),
        };
        if !existed && size > 0 {
            let text = format!("Scaled up replica set {} from 0 to {size}", name(&set.metadata));
            self.cx.event(&self.d, EventType::Normal, "ScalingReplicaSet", text);
        }
        let mut changed = self.set_revision(revision.to_string());
        if !existed && util::progress_deadline(&self.d).is_some() {
            let message = format!("Created new replica set \"{}\"", name(&set.metadata));
            self.set_progressing("True", "NewReplicaSetCreated", message);
            changed = true;
        }
        if changed {
            self.write_status()?;
        }
        Ok(set)
    }

    /// The ReplicaSet that has the name already, if it is ours after all. If not, the hash collides, and
    /// the next try will have another name.
    fn own_namesake(&mut self, wanted: &str, status: Status) -> Result<Arc<ReplicaSet>, Status> {
        let namespace = self.d.metadata.namespace.clone().unwrap_or_default();
        let found = self.cx.cached().named::<ReplicaSet>(&namespace, wanted).cloned();
        let found = found.ok_or_else(|| Status::not_found(ReplicaSet::KIND, wanted))?;
        let template = found.spec.template.as_ref();
        if owner::is_controlled_by(&found.metadata, &self.d.metadata)
            && template.is_some_and(|template| util::equal_ignore_hash(template, &self.d.spec.template))
        {
            return Ok(found);
        }
        let count = self.d.status.collision_count.unwrap_or(0);
        self.d.status_mut().collision_count = Some(count.saturating_add(1));
        // Whether this write succeeds or not, the turn is tried again because of the taken name.
        let _ = self.write_status();
        Err(status)
    }

    fn creation_failed(&mut self, wanted: &str, status: Status) -> Status {
        if status.is_namespace_terminating() {
            return status;
        }
        let message = format!("Failed to create new replica set \"{wanted}\": {status}");
        if util::progress_deadline(&self.d).is_some() {
            self.set_progressing("False", "ReplicaSetCreateError", message.clone());
            // The refusal of the ReplicaSet is what the next try is for.
            let _ = self.write_status();
        }
        self.cx.event(&self.d, EventType::Warning, "ReplicaSetCreateError", message);
        status
    }

    /// Models SetDeploymentRevision.
    fn set_revision(&mut self, revision: String) -> bool {
        let annotations = self.d.metadata.annotations.get_or_insert_default();
        annotations.insert(REVISION.into(), revision.clone()) != Some(revision)
    }

    pub(super) fn set_progressing(&mut self, status: &str, reason: &str, message: String) {
        let condition = util::new_condition("Progressing", status, (reason, message), &self.cx.date());
        util::set_condition(self.d.status_mut(), condition);
    }
}

fn name(meta: &ObjectMeta) -> &str {
    meta.name.as_deref().unwrap_or_default()
}

fn new_replica_set(d: &Deployment, size: i32, revision: i64) -> ReplicaSet {
    let hash = pod_template_hash(&d.spec.template, d.status.collision_count);
    let mut template = d.spec.template.clone();
    let labels = template.metadata.get_or_insert_default().labels.get_or_insert_default();
    labels.insert(util::POD_TEMPLATE_HASH.into(), hash.clone());
    let labels = labels.clone();
    let mut selector = d.spec.selector.clone();
    selector.match_labels.get_or_insert_default().insert(util::POD_TEMPLATE_HASH.into(), hash.clone());
    let metadata = ObjectMeta {
        name: Some(replica_set_name(name(&d.metadata), &hash)),
        namespace: d.metadata.namespace.clone(),
        owner_references: Some(vec![owner::controller_reference(d)]),
        labels: Some(labels),
        ..ObjectMeta::default()
    };
    let spec = ReplicaSetSpec {
        replicas: Some(size),
        min_ready_seconds: d.spec.min_ready_seconds,
        selector,
        template: Some(template),
    };
    let mut set = ReplicaSet { metadata, spec: Arc::new(spec), status: Arc::default() };
    set_annotations(d, &mut set.metadata, revision);
    set_replicas_annotations(d, &mut set.metadata);
    set
}

/// Models generateReplicaSetName.
fn replica_set_name(deployment: &str, hash: &str) -> String {
    let longest = LONGEST_NAME.saturating_sub(hash.len() + 1);
    let mut end = deployment.len().min(longest);
    while !deployment.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}-{hash}", &deployment[..end])
}

/// Copies the Deployment's annotations and brings the revision up to date; says whether that changed
/// anything. Models SetNewReplicaSetAnnotations for a set that exists.
fn set_annotations(d: &Deployment, meta: &mut ObjectMeta, revision: i64) -> bool {
    let annotations = meta.annotations.get_or_insert_default();
    let mut changed = false;
    for (key, value) in d.metadata.annotations.iter().flatten() {
        if !util::OWN_ANNOTATIONS.contains(&key.as_str()) && annotations.get(key) != Some(value) {
            annotations.insert(key.clone(), value.clone());
            changed = true;
        }
    }
    let old = annotations.get(REVISION).cloned();
    let old_number = match old.as_deref() {
        None | Some("") => 0,
        Some(text) => match text.parse::<i64>() {
            Ok(number) => number,
            Err(_) => return false,
        },
    };
    if old_number < revision {
        annotations.insert(REVISION.into(), revision.to_string());
        changed = true;
        if let Some(old) = old {
            let history = annotations.get(REVISION_HISTORY).map(String::as_str).unwrap_or_default();
            if let Some(history) = add_to_history(history, &old) {
                annotations.insert(REVISION_HISTORY.into(), history);
            }
        }
    }
    changed
}

/// The history with one more revision; the oldest make way when it becomes too long.
pub(super) fn add_to_history(history: &str, revision: &str) -> Option<String> {
    if history.is_empty() {
        return Some(revision.into());
    }
    let mut rest = history;
    while rest.len() + 1 + revision.len() > HISTORY_CHARS {
        rest = rest.split_once(',')?.1;
    }
    Some(format!("{rest},{revision}"))
}

/// Models SetReplicasAnnotations; says whether that changed anything.
pub(super) fn set_replicas_annotations(d: &Deployment, meta: &mut ObjectMeta) -> bool {
    let desired = util::replicas(d);
    let most = util::max_replicas(d);
    let annotations = meta.annotations.get_or_insert_default();
    let mut changed = false;
    for (key, count) in [(DESIRED_REPLICAS, desired), (MAX_REPLICAS, most)] {
        let count = count.to_string();
        changed |= annotations.insert(key.into(), count.clone()) != Some(count);
    }
    changed
}
