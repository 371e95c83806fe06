//! One ReplicaSet's turn. Models pkg/controller/replicaset/replica_set.go and replica_set_utils.go.

use std::sync::Arc;
use std::time::Duration;

use super::tally::Tally;
use super::victims::pods_to_delete;
use crate::api::apps::{ReplicaSetCondition, ReplicaSetStatus};
use crate::api::conditions::{available_at, is_pod_active, is_pod_available, is_pod_ready, is_pod_terminal};
use crate::api::labels::{Labels, Selector};
use crate::api::moment::Epoch;
use crate::api::{Kinded, Moment, Pod, ReplicaSet, Status, Time, owner};
use crate::controllers::shared::{PodMaker, claim, create_pod, delete_pod, nonzero};
use crate::sim::{Ctx, Requeue};
use crate::store::View;

/// How many Pods one turn creates or deletes at most. Models BurstReplicas.
const BURST_REPLICAS: usize = 500;
const REPLICA_FAILURE: &str = "ReplicaFailure";

/// Models syncReplicaSet.
pub(super) fn sync_replica_set(
    cx: &mut Ctx<'_>,
    set: &Arc<ReplicaSet>,
    tally: &Tally,
) -> Result<Requeue, Status> {
    let Some(selector) = Selector::from_label_selector(&set.spec.selector) else { return Ok(Requeue::No) };
    if let Some(counted) = settled(cx.cached(), set, &selector, tally) {
        let status = status_of(set, &counted, None);
        return update_status(cx, set, status).map(|_| Requeue::No);
    }
    let (active, leaving) = pods_of(cx.cached(), set);
    let pods = claim(cx, &**set, &selector, active)?;
    let terminating = leaving.iter().filter(|pod| is_claimed(pod, set, &selector)).count();

    let managed = match set.metadata.deletion_timestamp {
        None => manage_replicas(cx, set, &pods),
        Some(_) => Ok(()),
    };
    let seen = Seen { now: cx.now, epoch: cx.epoch(), pods: &pods, terminating };
    let status = calculate_status(set, &seen, managed.as_ref().err());
    let status = update_status(cx, set, status)?;
    managed?;
    Ok(next_availability(set, &status, &seen))
}

/// The numbers of a ReplicaSet's status.
#[derive(Default)]
struct Counted {
    replicas: i32,
    labelled: i32,
    ready: i32,
    available: i32,
    terminating: i32,
}

/// The tally's numbers, when they are all that matters: there are as many Pods as there should be, none
/// to adopt or release, and Ready is available.
fn settled(cache: View<'_>, set: &ReplicaSet, selector: &Selector, tally: &Tally) -> Option<Counted> {
    let meta = &set.metadata;
    let mut orphans = cache.orphans::<Pod>(meta.namespace.as_deref().unwrap_or_default());
    if meta.deletion_timestamp.is_some()
        || set.spec.min_ready_seconds.unwrap_or(0) > 0
        || orphans.next().is_some()
    {
        return None;
    }
    let mut counted = Counted::default();
    for (labels, counts) in tally.of(meta.uid.as_deref().unwrap_or_default()).into_iter().flatten() {
        if selector.matches(Some(labels)) {
            counted.terminating += counts.terminating;
        } else if counts.active > 0 {
            return None;
        }
        counted.replicas += counts.active;
        counted.ready += counts.ready;
        if carries(Some(labels), template_labels(set)) {
            counted.labelled += counts.active;
        }
    }
    counted.available = counted.ready;
    (counted.replicas == replicas(set)).then_some(counted)
}

/// What a ReplicaSet's status is made from.
struct Seen<'a> {
    now: Moment,
    epoch: Epoch,
    pods: &'a [Arc<Pod>],
    terminating: usize,
}

/// The active and the terminating Pods that the set controls or that nobody does.
/// Models FilterPodsByOwner, FilterActivePods and FilterTerminatingPods.
fn pods_of(cache: View<'_>, set: &ReplicaSet) -> (Vec<Arc<Pod>>, Vec<Arc<Pod>>) {
    let meta = &set.metadata;
    let own = cache.controlled_by::<Pod>(meta.uid.as_deref().unwrap_or_default());
    let orphans = cache.orphans::<Pod>(meta.namespace.as_deref().unwrap_or_default());
    let mut active = Vec::new();
    let mut terminating = Vec::new();
    for pod in own.chain(orphans) {
        if is_pod_active(pod) {
            active.push(pod.clone());
        } else if pod.metadata.deletion_timestamp.is_some() && !is_pod_terminal(&pod.status) {
            terminating.push(pod.clone());
        }
    }
    (active, terminating)
}

/// Models FilterClaimedPods.
fn is_claimed(pod: &Pod, set: &ReplicaSet, selector: &Selector) -> bool {
    owner::is_controlled_by(&pod.metadata, &set.metadata) && selector.matches(pod.metadata.labels.as_ref())
}

/// Creates what is missing or deletes what is too much. Models manageReplicas.
fn manage_replicas(cx: &mut Ctx<'_>, set: &ReplicaSet, pods: &[Arc<Pod>]) -> Result<(), Status> {
    let wanted = usize::try_from(replicas(set)).unwrap_or(0);
    if pods.len() < wanted {
        let Some(template) = &set.spec.template else { return Ok(()) };
        let maker = PodMaker::new(template, set);
        return slow_start((wanted - pods.len()).min(BURST_REPLICAS), || {
            match create_pod(cx, set, maker.make()) {
                // The namespace is going away, and the set with it: trying again is of no use.
                Err(status) if status.is_namespace_terminating() => Ok(()),
                outcome => outcome,
            }
        });
    }
    let surplus = (pods.len() - wanted).min(BURST_REPLICAS);
    if surplus == 0 {
        return Ok(());
    }
    let related = related_pods(cx.cached(), set);
    let victims = pods_to_delete(pods, &related, surplus, (cx.now, cx.epoch()));
    let mut outcome = Ok(());
    for pod in victims {
        outcome = outcome.and(delete_pod(cx, set, &pod));
    }
    outcome
}

/// Calls `create` in batches of 1, 2, 4 … and stops after a batch in which one failed: when creation is
/// refused, few calls are wasted. Models slowStartBatch.
fn slow_start(count: usize, mut create: impl FnMut() -> Result<(), Status>) -> Result<(), Status> {
    let mut remaining = count;
    let mut batch = remaining.min(1);
    while batch > 0 {
        let mut outcome = Ok(());
        for _ in 0..batch {
            outcome = outcome.and(create());
        }
        outcome?;
        remaining -= batch;
        batch = remaining.min(batch * 2);
    }
    Ok(())
}

/// The Pods of all ReplicaSets under the same controller. Models getIndirectlyRelatedPods.
fn related_pods(cache: View<'_>, set: &ReplicaSet) -> Vec<Arc<Pod>> {
    let Some(controller) = owner::controller_of(&set.metadata) else { return Vec::new() };
    let namespace = set.metadata.namespace.as_deref().unwrap_or_default();
    cache
        .controlled_by::<ReplicaSet>(&controller.uid)
        .filter_map(|related| Selector::from_label_selector(&related.spec.selector))
        .flat_map(|selector| cache.pods_selected(namespace, &selector))
        .filter(|pod| is_pod_active(pod))
        .cloned()
        .collect()
}

/// Models calculateStatus.
fn calculate_status(set: &ReplicaSet, seen: &Seen<'_>, failure: Option<&Status>) -> ReplicaSetStatus {
    let min_ready = set.spec.min_ready_seconds.unwrap_or(0);
    let mut counted = Counted {
        replicas: count(seen.pods.len()),
        terminating: count(seen.terminating),
        ..Counted::default()
    };
    for pod in seen.pods {
        counted.labelled += i32::from(carries(pod.metadata.labels.as_ref(), template_labels(set)));
        if is_pod_ready(pod) {
            counted.ready += 1;
            counted.available += i32::from(is_pod_available(pod, min_ready, seen.now, seen.epoch));
        }
    }
    status_of(set, &counted, failure.map(|failure| (failure, seen.epoch.time(seen.now))))
}

/// The status with these numbers, and with ReplicaFailure while creating or deleting fails.
fn status_of(set: &ReplicaSet, counted: &Counted, failure: Option<(&Status, Time)>) -> ReplicaSetStatus {
    let mut status = ReplicaSetStatus {
        replicas: counted.replicas,
        fully_labeled_replicas: nonzero(counted.labelled),
        ready_replicas: nonzero(counted.ready),
        available_replicas: nonzero(counted.available),
        terminating_replicas: Some(counted.terminating),
        ..ReplicaSetStatus::clone(&set.status)
    };
    let conditions = status.conditions.get_or_insert_default();
    let failed = conditions.iter().any(|c| c.type_ == REPLICA_FAILURE);
    match failure {
        Some((failure, now)) if !failed => {
            let missing = counted.replicas < replicas(set);
            let reason = if missing { "FailedCreate" } else { "FailedDelete" };
            conditions.push(replica_failure(reason, failure, now));
        }
        None => conditions.retain(|c| c.type_ != REPLICA_FAILURE),
        Some(_) => {}
    }
    status.conditions = status.conditions.filter(|conditions| !conditions.is_empty());
    status
}

fn replica_failure(reason: &str, failure: &Status, since: Time) -> ReplicaSetCondition {
    ReplicaSetCondition {
        type_: REPLICA_FAILURE.into(),
        status: "True".into(),
        last_transition_time: Some(since),
        reason: Some(reason.into()),
        message: Some(failure.message.clone()),
    }
}

fn template_labels(set: &ReplicaSet) -> Option<&Labels> {
    set.spec.template.as_ref()?.metadata.as_ref()?.labels.as_ref()
}

fn carries(own: Option<&Labels>, labels: Option<&Labels>) -> bool {
    labels.into_iter().flatten().all(|(key, value)| own.and_then(|own| own.get(key)) == Some(value))
}

/// Models updateReplicaSetStatus: one retry with the newest version.
fn update_status(
    cx: &mut Ctx<'_>,
    set: &ReplicaSet,
    mut status: ReplicaSetStatus,
) -> Result<Arc<ReplicaSetStatus>, Status> {
    if status == *set.status && set.metadata.generation == set.status.observed_generation {
        return Ok(set.status.clone());
    }
    status.observed_generation = set.metadata.generation;
    let status = Arc::new(status);
    let with_status = |set: &ReplicaSet| ReplicaSet { status: status.clone(), ..set.clone() };
    let updated = cx.update_status(with_status(set)).or_else(|_| {
        let key = set.key();
        let fresh = cx.get::<ReplicaSet>(&key.namespace, &key.name)?;
        cx.update_status(with_status(&fresh))
    })?;
    Ok(updated.status.clone())
}

/// When a Pod that is Ready becomes available. Models FindMinNextPodAvailabilityCheck.
fn next_availability(set: &ReplicaSet, status: &ReplicaSetStatus, seen: &Seen<'_>) -> Requeue {
    let seconds = set.spec.min_ready_seconds.unwrap_or(0);
    if seconds <= 0 || status.ready_replicas == status.available_replicas {
        return Requeue::No;
    }
    let next = seen.pods.iter().filter_map(|pod| available_at(pod, seconds, seen.epoch));
    let next = next.filter(|at| *at > seen.now).min();
    let whole = Duration::from_secs(seconds.unsigned_abs().into());
    Requeue::After(next.map_or(whole, |at| at - seen.now))
}

fn replicas(set: &ReplicaSet) -> i32 {
    set.spec.replicas.unwrap_or(1)
}

fn count(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Reason;

    fn check(count: usize, fails_from: usize, calls: usize) {
        let mut made = 0;
        let outcome = slow_start(count, || {
            made += 1;
            if made > fails_from { Err(Status::new(Reason::Forbidden, "quota")) } else { Ok(()) }
        });
        assert_eq!(made, calls, "{count} wanted, refused after {fails_from}");
        assert_eq!(outcome.is_ok(), count <= fails_from);
    }

    #[test]
    fn slow_start_stops_after_a_failed_batch() {
        check(0, 0, 0);
        check(5, 5, 5);
        check(10, 0, 1);
        check(10, 1, 3);
        check(10, 3, 7);
        check(10, 5, 7);
        check(10, 7, 10);
        check(500, 500, 500);
    }
}
