//! One ReplicaSet's turn. Models pkg/controller/replicaset/replica_set.go and replica_set_utils.go.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::tally::{Tallies, Tally};
use crate::api::apps::{ReplicaSetCondition, ReplicaSetStatus};
use crate::api::conditions::is_pod_active;
use crate::api::labels::{Labels, Selector};
use crate::api::moment::Epoch;
use crate::api::{Key, Kind, Kinded, Moment, Pod, ReplicaSet, Status, Time, owner};
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
    tallies: &Tallies,
) -> Result<Requeue, Status> {
    let Some(selector) = Selector::from_label_selector(&set.spec.selector) else { return Ok(Requeue::No) };
    let empty = Tally::default();
    let known = tallies.of(set.metadata.uid.as_deref().unwrap_or_default()).unwrap_or(&empty);
    let claimed = if is_settled(cx.cached(), set, &selector, known) {
        None
    } else {
        let candidates = own_pods(cx.cached(), set).chain(orphans(cx.cached(), set));
        let candidates = candidates.filter(|pod| is_pod_active(pod)).cloned().collect();
        Some(claim(cx, &**set, &selector, candidates)?)
    };
    let counted = claimed.as_ref().map(|pods| Tally::of(pods.iter().map(|pod| &**pod)));
    let seen =
        Seen { now: cx.now, epoch: cx.epoch(), counts: count(set, &selector, known, counted.as_ref()) };

    let managed = match set.metadata.deletion_timestamp {
        None => manage_replicas(cx, set, &seen.counts, claimed.is_none().then_some(tallies)),
        Some(_) => Ok(()),
    };
    let status = calculate_status(set, &seen, managed.as_ref().err());
    let status = update_status(cx, set, status)?;
    managed?;
    Ok(next_availability(set, &status, &seen))
}

/// What a ReplicaSet's status is made from.
struct Seen {
    now: Moment,
    epoch: Epoch,
    counts: Counts,
}

/// The Pods that the set has claimed.
#[derive(Default)]
struct Counts {
    active: i32,
    labelled: i32,
    terminating: i32,
    /// Since which second how many have been Ready.
    ready: BTreeMap<i64, i32>,
}

/// Whether there is no Pod to adopt or to release.
fn is_settled(cache: View<'_>, set: &ReplicaSet, selector: &Selector, known: &Tally) -> bool {
    set.metadata.deletion_timestamp.is_some()
        || known.groups().all(|(labels, group)| group.active == 0 || selector.matches(Some(labels)))
            && !orphans(cache, set)
                .any(|pod| is_pod_active(pod) && selector.matches(pod.metadata.labels.as_ref()))
}

fn own_pods<'a>(cache: View<'a>, set: &ReplicaSet) -> impl Iterator<Item = &'a Arc<Pod>> + use<'a> {
    cache.controlled_by::<Pod>(set.metadata.uid.as_deref().unwrap_or_default())
}

fn orphans<'a>(cache: View<'a>, set: &ReplicaSet) -> impl Iterator<Item = &'a Arc<Pod>> + use<'a> {
    cache.orphans::<Pod>(set.metadata.namespace.as_deref().unwrap_or_default())
}

/// Models FilterClaimedPods, FilterActivePods and FilterTerminatingPods. `known` is what the informer
/// knows; `claimed` is what came of claiming, if something had to be.
fn count(set: &ReplicaSet, selector: &Selector, known: &Tally, claimed: Option<&Tally>) -> Counts {
    let template = set.spec.template.as_ref().and_then(|template| template.metadata.as_ref());
    let template_labels = template.and_then(|meta| meta.labels.as_ref());
    let mut counts = Counts::default();
    for (_, group) in known.groups().filter(|(labels, _)| selector.matches(Some(labels))) {
        counts.terminating += group.terminating;
    }
    for (labels, group) in claimed.unwrap_or(known).groups().filter(|(l, _)| selector.matches(Some(l))) {
        counts.active += group.active;
        counts.labelled += if carries(labels, template_labels) { group.active } else { 0 };
        for (since, pods) in &group.ready {
            *counts.ready.entry(*since).or_insert(0) += pods;
        }
    }
    counts
}

fn carries(own: &Labels, wanted: Option<&Labels>) -> bool {
    wanted.into_iter().flatten().all(|(key, value)| own.get(key) == Some(value))
}

/// Creates what is missing or deletes what is too much. `known` is there when nothing was adopted or
/// released in this turn; otherwise deletion is for the next turn, when the informer knows of that.
///
/// Models manageReplicas
fn manage_replicas(
    cx: &mut Ctx<'_>,
    set: &ReplicaSet,
    counts: &Counts,
    known: Option<&Tallies>,
) -> Result<(), Status> {
    let missing = usize::try_from(replicas(set) - counts.active).unwrap_or(0);
    if missing > 0 {
        let Some(template) = &set.spec.template else { return Ok(()) };
        let maker = PodMaker::new(template, set);
        return slow_start(missing.min(BURST_REPLICAS), || {
            match create_pod(cx, set, maker.make()) {
                // The namespace is going away, and the set with it: trying again is of no use.
                Err(status) if status.is_namespace_terminating() => Ok(()),
                outcome => outcome,
            }
        });
    }
    let surplus = usize::try_from(counts.active - replicas(set)).unwrap_or(0).min(BURST_REPLICAS);
    let Some(known) = known.filter(|_| surplus > 0) else { return Ok(()) };
    let namespace = set.metadata.namespace.as_deref().unwrap_or_default();
    let uid = set.metadata.uid.as_deref().unwrap_or_default();
    let related = related_sets(cx.cached(), set);
    let victims = known.victims(uid, related, surplus, (cx.now, cx.epoch()));
    let mut outcome = Ok(());
    for pod in victims {
        outcome = outcome.and(delete_pod(cx, set, &Key::new(Kind::Pod, namespace, &pod)));
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

/// The uids of all ReplicaSets under the same controller. Models getReplicaSetsWithSameController.
fn related_sets<'a>(cache: View<'a>, set: &ReplicaSet) -> impl Iterator<Item = &'a str> + use<'a> {
    let controller = owner::controller_of(&set.metadata).map(|controller| controller.uid.clone());
    let related = controller.map(|uid| cache.controlled_by::<ReplicaSet>(&uid));
    related.into_iter().flatten().filter_map(|set| set.metadata.uid.as_deref())
}

/// Models calculateStatus.
fn calculate_status(set: &ReplicaSet, seen: &Seen, failure: Option<&Status>) -> ReplicaSetStatus {
    let counts = &seen.counts;
    let long_enough = seen.second() - i64::from(set.spec.min_ready_seconds.unwrap_or(0));
    let mut status = ReplicaSetStatus {
        replicas: counts.active,
        fully_labeled_replicas: nonzero(counts.labelled),
        ready_replicas: nonzero(counts.ready.values().sum()),
        available_replicas: nonzero(counts.ready.range(..=long_enough).map(|(_, pods)| pods).sum()),
        terminating_replicas: Some(counts.terminating),
        ..ReplicaSetStatus::clone(&set.status)
    };
    let conditions = status.conditions.get_or_insert_default();
    let failed = conditions.iter().any(|c| c.type_ == REPLICA_FAILURE);
    match failure {
        Some(failure) if !failed => {
            let missing = counts.active < replicas(set);
            let reason = if missing { "FailedCreate" } else { "FailedDelete" };
            conditions.push(replica_failure(reason, failure, seen.epoch.time(seen.now)));
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
fn next_availability(set: &ReplicaSet, status: &ReplicaSetStatus, seen: &Seen) -> Requeue {
    let seconds = set.spec.min_ready_seconds.unwrap_or(0);
    if seconds <= 0 || status.ready_replicas == status.available_replicas {
        return Requeue::No;
    }
    let waiting = seen.second() - i64::from(seconds) + 1;
    let next = seen.counts.ready.range(waiting..).next().map(|(since, _)| since + i64::from(seconds));
    let left = u64::try_from(next.unwrap_or(0) - seen.second()).unwrap_or(0);
    // The second has begun already.
    let second = seen.now - seen.epoch.moment(&seen.epoch.time(seen.now));
    Requeue::After(Duration::from_secs(left).saturating_sub(second))
}

impl Seen {
    /// The second of this turn, since 1970.
    fn second(&self) -> i64 {
        self.epoch.time(self.now).0.as_second()
    }
}

fn replicas(set: &ReplicaSet) -> i32 {
    set.spec.replicas.unwrap_or(1)
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
