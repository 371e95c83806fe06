//! The Deployment controller: it makes and scales ReplicaSets, and never touches Pods.
//! Models pkg/controller/deployment.

mod progress;
mod recreate;
mod replica_sets;
mod rollback;
mod rolling;
mod sync;
#[cfg(test)]
mod tests;
mod util;

use std::sync::Arc;
use std::time::Duration;

use crate::api::conditions::is_pod_terminal;
use crate::api::labels::{Labels, Selector};
use crate::api::meta::{LabelSelector, OwnerReference};
use crate::api::{Deployment, Key, Kind, Kinded, Object, Pod, ReplicaSet, Status, owner};
use crate::controllers::shared::claim;
use crate::sim::{Controller, Ctx, EventType, Requeue, WorkQueue};
use crate::store::{Change, View};

/// Rolls templates out.
#[derive(Clone, Debug, Default)]
pub struct DeploymentController {}

impl Controller for DeploymentController {
    const NAME: &'static str = "deployment-controller";

    fn wakes(&mut self, change: &Change, cache: View<'_>, queue: &mut WorkQueue) {
        match change.object() {
            Object::Deployment(_) => queue.add(change.key.clone()),
            Object::ReplicaSet(_) => replica_set_changed(change, cache, queue),
            Object::Pod(pod) if change.after.is_none() => pod_gone(pod, cache, queue),
            _ => {}
        }
    }

    fn reconcile(&mut self, cx: &mut Ctx<'_>, key: &Key) -> Result<Requeue, Status> {
        let Some(deployment) = cx.cached().get_as::<Deployment>(key).cloned() else {
            return Ok(Requeue::No);
        };
        match sync_deployment(cx, Deployment::clone(&deployment)) {
            Err(status) if status.is_namespace_terminating() => Ok(Requeue::No),
            outcome => outcome,
        }
    }
}

/// One Deployment's turn: the copy that the turn works on, and the world.
///
/// The copy keeps the version that the informer knew, so a second status write in one turn is refused and
/// the turn is tried again, as upstream's is.
struct Rollout<'a, 'c> {
    cx: &'a mut Ctx<'c>,
    d: Deployment,
}

/// The ReplicaSets of a Deployment as the turn found them.
#[derive(Clone, Debug, Default)]
struct Sets {
    /// The one with the Deployment's template.
    new: Option<Arc<ReplicaSet>>,
    old: Vec<Arc<ReplicaSet>>,
}

impl Sets {
    fn all(&self) -> impl Iterator<Item = &Arc<ReplicaSet>> {
        self.old.iter().chain(&self.new)
    }
}

/// Models syncDeployment.
fn sync_deployment(cx: &mut Ctx<'_>, d: Deployment) -> Result<Requeue, Status> {
    let mut rollout = Rollout { cx, d };
    if rollout.d.spec.selector == LabelSelector::default() {
        return rollout.selecting_all();
    }
    let list = rollout.claim_replica_sets()?;
    if rollout.d.metadata.deletion_timestamp.is_some() {
        return rollout.sync_status_only(&list);
    }
    // Pausing and resuming must not count against the progress deadline.
    rollout.check_paused_conditions()?;
    if util::is_paused(&rollout.d) {
        return rollout.sync(&list);
    }
    if let Some(revision) = rollback::wanted(&rollout.d) {
        return rollout.rollback(&list, revision);
    }
    if rollout.is_scaling_event(&list)? {
        return rollout.sync(&list);
    }
    match util::is_rolling_update(&rollout.d) {
        true => rollout.rollout_rolling(&list),
        false => rollout.rollout_recreate(&list),
    }
}

impl Rollout<'_, '_> {
    fn selecting_all(mut self) -> Result<Requeue, Status> {
        let text = "This deployment is selecting all pods. A non-empty selector is required.";
        self.cx.event(&self.d, EventType::Warning, "SelectingAll", text);
        if self.d.status.observed_generation < self.d.metadata.generation {
            let generation = self.d.metadata.generation;
            self.d.status_mut().observed_generation = generation;
            // Nothing else is ever done for it, so a refusal changes nothing either.
            let _ = self.write_status();
        }
        Ok(Requeue::No)
    }

    /// The ReplicaSets that the Deployment controls, oldest first. Models getReplicaSetsForDeployment.
    fn claim_replica_sets(&mut self) -> Result<Vec<Arc<ReplicaSet>>, Status> {
        let Some(selector) = Selector::from_label_selector(&self.d.spec.selector) else {
            return Ok(Vec::new());
        };
        let cache = self.cx.cached();
        let own = cache.controlled_by::<ReplicaSet>(self.d.metadata.uid.as_deref().unwrap_or_default());
        let orphans = cache.orphans::<ReplicaSet>(self.d.metadata.namespace.as_deref().unwrap_or_default());
        let candidates = own.chain(orphans).cloned().collect();
        let mut claimed = claim(self.cx, &self.d, &selector, candidates)?;
        util::sort_by_creation(&mut claimed);
        Ok(claimed)
    }

    /// Writes the status and the annotations of the turn's copy.
    fn write_status(&mut self) -> Result<(), Status> {
        self.cx.update_status(self.d.clone()).map(drop)
    }
}

/// Models addReplicaSet, updateReplicaSet and deleteReplicaSet.
fn replica_set_changed(change: &Change, cache: View<'_>, queue: &mut WorkQueue) {
    let (before, after) = change.sides::<ReplicaSet>();
    let namespace = &*change.key.namespace;
    let old_owner = before.and_then(|set| owner::controller_of(&set.metadata));
    let new_owner = after.and_then(|set| owner::controller_of(&set.metadata));
    if let Some(old) = old_owner.filter(|old| Some(*old) != new_owner)
        && let Some(deployment) = resolve(namespace, old, cache)
    {
        queue.add(deployment.key());
    }
    if let Some(new) = new_owner {
        if let Some(deployment) = resolve(namespace, new, cache) {
            queue.add(deployment.key());
        }
        return;
    }
    let Some(set) = after.filter(|set| before.is_some() || set.metadata.deletion_timestamp.is_none()) else {
        return;
    };
    let relabelled = before.is_none_or(|old| old.metadata.labels != set.metadata.labels);
    if relabelled || old_owner.is_some() {
        for deployment in selecting(namespace, set.metadata.labels.as_ref(), cache) {
            queue.add(deployment.key());
        }
    }
}

/// A Recreate waits for the last of the old Pods. Models deletePod.
fn pod_gone(pod: &Pod, cache: View<'_>, queue: &mut WorkQueue) {
    let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
    let Some(reference) = owner::controller_of(&pod.metadata).filter(|o| o.kind == Kind::ReplicaSet.name())
    else {
        return;
    };
    let set = cache.named::<ReplicaSet>(namespace, &reference.name);
    let Some(set) = set.filter(|set| set.metadata.uid.as_ref() == Some(&reference.uid)) else { return };
    let deployment = owner::controller_of(&set.metadata).and_then(|o| resolve(namespace, o, cache));
    let Some(deployment) = deployment.filter(|d| !util::is_rolling_update(d)) else { return };
    let mut sets = cache.controlled_by::<ReplicaSet>(deployment.metadata.uid.as_deref().unwrap_or_default());
    if sets.all(|set| pods_of(set, cache).next().is_none()) {
        queue.add(deployment.key());
    }
}

fn pods_of<'a>(set: &ReplicaSet, cache: View<'a>) -> impl Iterator<Item = &'a Arc<Pod>> + use<'a> {
    cache.controlled_by::<Pod>(set.metadata.uid.as_deref().unwrap_or_default())
}

/// Whether the set has a Pod that has not ended yet.
fn has_running_pods(set: &ReplicaSet, cache: View<'_>) -> bool {
    pods_of(set, cache).any(|pod| !is_pod_terminal(&pod.status))
}

/// Models resolveControllerRef.
fn resolve<'a>(namespace: &str, reference: &OwnerReference, cache: View<'a>) -> Option<&'a Deployment> {
    if reference.kind != Kind::Deployment.name() {
        return None;
    }
    let deployment = cache.named::<Deployment>(namespace, &reference.name)?;
    (deployment.metadata.uid.as_ref() == Some(&reference.uid)).then_some(deployment)
}

/// Models GetDeploymentsForReplicaSet.
fn selecting<'a>(
    namespace: &str,
    labels: Option<&'a Labels>,
    cache: View<'a>,
) -> impl Iterator<Item = &'a Deployment> {
    cache.list_as::<Deployment>(Some(namespace)).map(|deployment| &**deployment).filter(move |deployment| {
        Selector::from_label_selector(&deployment.spec.selector)
            .is_some_and(|selector| !selector.is_empty() && selector.matches(labels))
    })
}

/// A duration of whole seconds; negative ones are none at all.
fn seconds(count: i32) -> Duration {
    Duration::from_secs(u64::try_from(count).unwrap_or(0))
}
