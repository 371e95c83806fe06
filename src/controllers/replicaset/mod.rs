//! The ReplicaSet controller. Models pkg/controller/replicaset.
//!
//! Invariant: a ReplicaSet is not looked at before the informer has received what was last written for
//! it, so no Pod is created or deleted twice.

mod sync;
mod tally;
mod victims;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::api::conditions::is_pod_ready;
use crate::api::labels::{Labels, Selector};
use crate::api::meta::OwnerReference;
use crate::api::{Key, Kind, Kinded, Object, Pod, ReplicaSet, Status, owner};
use crate::sim::{Controller, Ctx, Requeue, WorkQueue, latency};
use crate::store::{Change, Revision, View};
use tally::Tallies;

/// Keeps as many Pods as a ReplicaSet asks for.
#[derive(Clone, Debug, Default)]
pub struct ReplicaSetController {
    /// The revision of the last write for each ReplicaSet, until the informer has reached it.
    written: BTreeMap<Key, Revision>,
    tallies: Tallies,
}

impl Controller for ReplicaSetController {
    const NAME: &'static str = "replicaset-controller";

    fn wakes(&mut self, change: &Change, cache: View<'_>, queue: &mut WorkQueue) {
        match change.object() {
            Object::ReplicaSet(_) => queue.add(change.key.clone()),
            Object::Pod(_) => {
                let (before, after) = change.sides::<Pod>();
                self.tallies.observe(before.map(|pod| &**pod), after.map(|pod| &**pod));
                pod_changed(change, cache, queue);
            }
            _ => {}
        }
    }

    fn reconcile(&mut self, cx: &mut Ctx<'_>, key: &Key) -> Result<Requeue, Status> {
        let Some(set) = cx.cached().get_as::<ReplicaSet>(key).cloned() else {
            self.written.remove(key);
            return Ok(Requeue::No);
        };
        if self.written.get(key).is_some_and(|revision| *revision > cx.cached().revision()) {
            return Ok(Requeue::After(latency::WATCH));
        }
        let before = cx.revision();
        let outcome = sync::sync_replica_set(cx, &set, &self.tallies);
        match cx.revision() {
            after if after > before => self.written.insert(key.clone(), after),
            _ => self.written.remove(key),
        };
        outcome
    }
}

/// Models addPod, updatePod and deletePod.
fn pod_changed(change: &Change, cache: View<'_>, queue: &mut WorkQueue) {
    let (before, after) = change.sides::<Pod>();
    let Some(pod) = after else {
        if let Some(set) = before.and_then(|pod| controlling(pod, cache)) {
            queue.add(set.key());
        }
        return;
    };
    let old_owner = before.and_then(|pod| owner::controller_of(&pod.metadata));
    let new_owner = owner::controller_of(&pod.metadata);
    if let Some(old) = old_owner.filter(|old| Some(*old) != new_owner)
        && let Some(set) = resolve(&change.key.namespace, old, cache)
    {
        queue.add(set.key());
    }
    if new_owner.is_some() {
        let Some(set) = controlling(pod, cache) else { return };
        queue.add(set.key());
        let seconds = set.spec.min_ready_seconds.unwrap_or(0);
        let became_ready = || before.is_some_and(|old| !is_pod_ready(old)) && is_pod_ready(pod);
        if seconds > 0 && became_ready() && pod.metadata.deletion_timestamp.is_none() {
            queue.add_after(set.key(), Duration::from_secs(seconds.unsigned_abs().into()));
        }
        return;
    }
    let relabelled = before.is_none_or(|old| old.metadata.labels != pod.metadata.labels);
    if pod.metadata.deletion_timestamp.is_none() && (relabelled || old_owner.is_some()) {
        for set in selecting(&change.key.namespace, pod.metadata.labels.as_ref(), cache) {
            queue.add(set.key());
        }
    }
}

fn controlling<'a>(pod: &Pod, cache: View<'a>) -> Option<&'a ReplicaSet> {
    let reference = owner::controller_of(&pod.metadata)?;
    resolve(pod.metadata.namespace.as_deref().unwrap_or_default(), reference, cache)
}

/// Models resolveControllerRef.
fn resolve<'a>(namespace: &str, reference: &OwnerReference, cache: View<'a>) -> Option<&'a ReplicaSet> {
    if reference.kind != Kind::ReplicaSet.name() {
        return None;
    }
    let set = cache.named::<ReplicaSet>(namespace, &reference.name)?;
    (set.metadata.uid.as_ref() == Some(&reference.uid)).then_some(set)
}

/// Models getPodReplicaSets.
fn selecting<'a>(
    namespace: &str,
    labels: Option<&'a Labels>,
    cache: View<'a>,
) -> impl Iterator<Item = &'a ReplicaSet> {
    cache.list_as::<ReplicaSet>(Some(namespace)).map(|set| &**set).filter(move |set| {
        Selector::from_label_selector(&set.spec.selector)
            .is_some_and(|selector| !selector.is_empty() && selector.matches(labels))
    })
}
