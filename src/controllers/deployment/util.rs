//! The arithmetic of rollouts. Models pkg/controller/deployment/util/deployment_util.go.

use crate::api::order;
use std::cmp::Ordering;
use std::sync::Arc;

use super::Sets;
use crate::api::apps::{DeploymentCondition, DeploymentStatus};
use crate::api::core::PodTemplateSpec;
use crate::api::intstr::{Round, scaled};
use crate::api::labels::Labels;
use crate::api::{Deployment, IntOrString, ObjectMeta, ReplicaSet, Time};

pub(super) const REVISION: &str = "deployment.kubernetes.io/revision";
pub(super) const REVISION_HISTORY: &str = "deployment.kubernetes.io/revision-history";
pub(super) const DESIRED_REPLICAS: &str = "deployment.kubernetes.io/desired-replicas";
pub(super) const MAX_REPLICAS: &str = "deployment.kubernetes.io/max-replicas";
pub(super) const ROLLBACK_TO: &str = "deprecated.deployment.rollback.to";
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// Annotations that are not copied between a Deployment and its ReplicaSets. Models annotationsToSkip.
pub(super) const OWN_ANNOTATIONS: &[&str] =
    &[LAST_APPLIED, REVISION, REVISION_HISTORY, DESIRED_REPLICAS, MAX_REPLICAS, ROLLBACK_TO];
pub(super) const POD_TEMPLATE_HASH: &str = "pod-template-hash";

/// What the Deployment asks for.
pub(super) fn replicas(d: &Deployment) -> i32 {
    d.spec.replicas.unwrap_or(1)
}

/// What the ReplicaSet asks for.
pub(super) fn size(set: &ReplicaSet) -> i32 {
    set.spec.replicas.unwrap_or(1)
}

pub(super) fn is_paused(d: &Deployment) -> bool {
    d.spec.paused == Some(true)
}

pub(super) fn is_rolling_update(d: &Deployment) -> bool {
    let strategy = d.spec.strategy.as_ref().and_then(|strategy| strategy.type_.as_deref());
    strategy.unwrap_or("RollingUpdate") == "RollingUpdate"
}

/// Models ResolveFenceposts: (surge, unavailable), one of them at least one.
fn fenceposts(d: &Deployment) -> (i32, i32) {
    let rolling = d.spec.strategy.as_ref().and_then(|strategy| strategy.rolling_update.as_ref());
    let of = |value: Option<&IntOrString>, round| {
        value.and_then(|value| scaled(value, replicas(d), round)).unwrap_or(0)
    };
    let surge = of(rolling.and_then(|r| r.max_surge.as_ref()), Round::Up);
    let unavailable = of(rolling.and_then(|r| r.max_unavailable.as_ref()), Round::Down);
    (surge, if surge == 0 && unavailable == 0 { 1 } else { unavailable })
}

/// Models MaxUnavailable.
pub(super) fn max_unavailable(d: &Deployment) -> i32 {
    if !is_rolling_update(d) || replicas(d) == 0 {
        return 0;
    }
    fenceposts(d).1.min(replicas(d))
}

/// Models MaxSurge.
pub(super) fn max_surge(d: &Deployment) -> i32 {
    if is_rolling_update(d) { fenceposts(d).0 } else { 0 }
}

/// The most Pods that a rollout may have at once.
pub(super) fn max_replicas(d: &Deployment) -> i32 {
    replicas(d).saturating_add(max_surge(d))
}

/// Models NewRSNewReplicas: what the new ReplicaSet may have now.
pub(super) fn new_replicas(d: &Deployment, total: i32, size: i32) -> i32 {
    if !is_rolling_update(d) {
        return replicas(d);
    }
    let most = max_replicas(d);
    if total >= most {
        return size;
    }
    size + (most - total).min(replicas(d) - size)
}

/// Models GetReplicaSetProportion: by how much a ReplicaSet takes part in `to_add`.
pub(super) fn proportion(set: &ReplicaSet, d: &Deployment, to_add: i32, added: i32) -> i32 {
    if size(set) == 0 || to_add == 0 || to_add == added {
        return 0;
    }
    let fraction = fraction(set, d);
    let allowed = to_add - added;
    if to_add > 0 { fraction.min(allowed) } else { fraction.max(allowed) }
}

/// Models getReplicaSetFraction.
fn fraction(set: &ReplicaSet, d: &Deployment) -> i32 {
    if replicas(d) == 0 {
        return -size(set);
    }
    let most = max_replicas(d);
    let before = count_annotation(set, MAX_REPLICAS).filter(|most| *most != 0);
    let before = before.unwrap_or(d.status.replicas.unwrap_or(0));
    if before == 0 {
        return 0;
    }
    // In 32 bits, as upstream multiplies.
    let scaled = f64::from(size(set).wrapping_mul(most)) / f64::from(before);
    scaled.round() as i32 - size(set)
}

/// Models getNonNegativeInt32FromAnnotation.
pub(super) fn count_annotation(set: &ReplicaSet, name: &str) -> Option<i32> {
    annotation(&set.metadata, name)?.parse().ok().filter(|count| *count >= 0)
}

pub(super) fn annotation<'a>(meta: &'a ObjectMeta, name: &str) -> Option<&'a str> {
    meta.annotations.as_ref()?.get(name).map(String::as_str)
}

/// Models IsSaturated.
pub(super) fn is_saturated(d: &Deployment, set: &ReplicaSet) -> bool {
    let wanted = replicas(d);
    count_annotation(set, DESIRED_REPLICAS) == Some(wanted)
        && size(set) == wanted
        && set.status.available_replicas.unwrap_or(0) == wanted
}

/// Models Revision: absent is 0, what is no number is `None`.
pub(super) fn revision(set: &ReplicaSet) -> Option<i64> {
    annotation(&set.metadata, REVISION).map_or(Some(0), |text| text.parse().ok())
}

/// Models MaxRevision.
pub(super) fn max_revision<'a>(sets: impl IntoIterator<Item = &'a Arc<ReplicaSet>>) -> i64 {
    sets.into_iter().filter_map(|set| revision(set)).max().unwrap_or(0).max(0)
}

/// Models LastRevision: the second highest.
pub(super) fn last_revision<'a>(sets: impl IntoIterator<Item = &'a Arc<ReplicaSet>>) -> i64 {
    let mut revisions: Vec<i64> = sets.into_iter().filter_map(|set| revision(set)).collect();
    order::sort(&mut revisions);
    revisions.iter().rev().nth(1).copied().unwrap_or(0)
}

/// Models FindNewReplicaSet and FindOldReplicaSets, for sets that are sorted by creation.
pub(super) fn find_sets(d: &Deployment, list: &[Arc<ReplicaSet>]) -> Sets {
    let is_new = |set: &&Arc<ReplicaSet>| {
        set.spec.template.as_ref().is_some_and(|template| equal_ignore_hash(template, &d.spec.template))
    };
    let new = list.iter().find(is_new).cloned();
    let old = list.iter().filter(|set| new.as_ref().is_none_or(|new| !Arc::ptr_eq(new, set)));
    Sets { old: old.cloned().collect(), new }
}

/// Models EqualIgnoreHash.
pub(super) fn equal_ignore_hash(a: &PodTemplateSpec, b: &PodTemplateSpec) -> bool {
    let spec = a.spec == b.spec;
    spec && match (&a.metadata, &b.metadata) {
        (Some(a), Some(b)) => {
            without_hash(a.labels.as_ref()).eq(without_hash(b.labels.as_ref()))
                && a.annotations == b.annotations
                && a.finalizers == b.finalizers
                && a.name == b.name
        }
        (None, None) => true,
        (Some(one), None) | (None, Some(one)) => {
            without_hash(one.labels.as_ref()).next().is_none() && one.annotations.is_none()
        }
    }
}

fn without_hash(labels: Option<&Labels>) -> impl Iterator<Item = (&String, &String)> {
    labels.into_iter().flatten().filter(|(key, _)| *key != POD_TEMPLATE_HASH)
}

/// The ReplicaSet that is scaled with the Deployment when no rollout is under way.
/// Models FindActiveOrLatest.
pub(super) fn find_active_or_latest(sets: &Sets) -> Option<&Arc<ReplicaSet>> {
    let mut active = sets.all().filter(|set| size(set) > 0);
    match (active.next(), active.next()) {
        (None, _) => sets.new.as_ref().or(sets.old.last()),
        (one, None) => one,
        _ => None,
    }
}

fn by_creation(a: &ReplicaSet, b: &ReplicaSet) -> Ordering {
    let made = |set: &ReplicaSet| set.metadata.creation_timestamp.as_ref().map(|time| time.0);
    made(a).cmp(&made(b)).then_with(|| a.metadata.name.cmp(&b.metadata.name))
}

/// Models ReplicaSetsByCreationTimestamp.
pub(super) fn sort_by_creation(sets: &mut [Arc<ReplicaSet>]) {
    order::sort_by(sets, |a, b| by_creation(a, b));
}

/// Models ReplicaSetsBySizeNewer: the largest first, of equals the newer.
pub(super) fn sort_by_size_newer(sets: &mut [Arc<ReplicaSet>]) {
    order::sort_by(sets, |a, b| size(b).cmp(&size(a)).then_with(|| by_creation(b, a)));
}

/// Models ReplicaSetsBySizeOlder: the largest first, of equals the older.
pub(super) fn sort_by_size_older(sets: &mut [Arc<ReplicaSet>]) {
    order::sort_by(sets, |a, b| size(b).cmp(&size(a)).then_with(|| by_creation(a, b)));
}

/// Models ReplicaSetsByRevision.
pub(super) fn sort_by_revision(sets: &mut [Arc<ReplicaSet>]) {
    order::sort_by_key(sets, |set| revision(set).unwrap_or(0));
}

/// Models HasProgressDeadline.
pub(super) fn progress_deadline(d: &Deployment) -> Option<i32> {
    d.spec.progress_deadline_seconds.filter(|seconds| *seconds != i32::MAX)
}

/// Models DeploymentComplete.
pub(super) fn is_complete(d: &Deployment, status: &DeploymentStatus) -> bool {
    let all = |count: Option<i32>| count.unwrap_or(0) == replicas(d);
    all(status.updated_replicas)
        && all(status.replicas)
        && all(status.available_replicas)
        && status.observed_generation >= d.metadata.generation
}

/// Models DeploymentProgressing.
pub(super) fn is_progressing(old: &DeploymentStatus, new: &DeploymentStatus) -> bool {
    let count = |count: Option<i32>| count.unwrap_or(0);
    let outdated = |status: &DeploymentStatus| count(status.replicas) - count(status.updated_replicas);
    count(new.updated_replicas) > count(old.updated_replicas)
        || outdated(new) < outdated(old)
        || count(new.ready_replicas) > count(old.ready_replicas)
        || count(new.available_replicas) > count(old.available_replicas)
}

/// Models GetDeploymentCondition.
pub(super) fn condition<'a>(status: &'a DeploymentStatus, kind: &str) -> Option<&'a DeploymentCondition> {
    status.conditions.iter().flatten().find(|c| c.type_ == kind)
}

/// Models NewDeploymentCondition.
pub(super) fn new_condition(
    kind: &str,
    status: &str,
    (reason, message): (&str, String),
    now: &Time,
) -> DeploymentCondition {
    DeploymentCondition {
        type_: kind.into(),
        status: status.into(),
        last_update_time: Some(now.clone()),
        last_transition_time: Some(now.clone()),
        reason: Some(reason.into()),
        message: Some(message),
    }
}

/// Models SetDeploymentCondition: what says nothing new changes nothing; a changed one moves to the end.
pub(super) fn set_condition(status: &mut DeploymentStatus, mut condition: DeploymentCondition) {
    if let Some(current) = self::condition(status, &condition.type_) {
        if current.status == condition.status && current.reason == condition.reason {
            return;
        }
        if current.status == condition.status {
            condition.last_transition_time.clone_from(&current.last_transition_time);
        }
    }
    remove_condition(status, &condition.type_);
    status.conditions.get_or_insert_default().push(condition);
}

/// Models RemoveDeploymentCondition.
pub(super) fn remove_condition(status: &mut DeploymentStatus, kind: &str) {
    let mut conditions = status.conditions.take().unwrap_or_default();
    conditions.retain(|c| c.type_ != kind);
    status.conditions = Some(conditions).filter(|conditions| !conditions.is_empty());
}
