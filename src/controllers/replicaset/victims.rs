//! Which Pods die first. Models ActivePodsWithRanks in pkg/controller/controller_utils.go.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::api::conditions::pod_condition;
use crate::api::moment::Epoch;
use crate::api::{Moment, Pod, Time};

const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";

/// What decides over an active Pod, read off it once per change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    bound: bool,
    phase: u8,
    cost: i32,
    restarts: i32,
    sidecar_restarts: i32,
    ready_since: Option<i64>,
    created: Option<i64>,
    uid: u128,
    /// The number of the Pod's node.
    pub node: usize,
}

impl Candidate {
    /// `node` is the number of the Pod's node, or of none.
    pub fn of(pod: &Pod, node: usize) -> Candidate {
        let (restarts, sidecar_restarts) = most_restarts(pod);
        let second = |time: &Time| time.0.as_second();
        let ready = pod_condition(&pod.status, "Ready").filter(|c| c.status == "True");
        Candidate {
            bound: pod.spec.node_name.as_ref().is_some_and(|name| !name.is_empty()),
            phase: match pod.status.phase.as_deref() {
                Some("Running") => 2,
                Some("Unknown") => 1,
                _ => 0,
            },
            cost: deletion_cost(pod),
            restarts,
            sidecar_restarts,
            ready_since: ready.map(|c| c.last_transition_time.as_ref().map_or(0, second)),
            created: pod.metadata.creation_timestamp.as_ref().map(second),
            uid: number(pod.metadata.uid.as_deref().unwrap_or_default()),
            node,
        }
    }
}

/// The names of the `count` Pods that a scale-down removes, in the order in which they go. `neighbours`
/// has, for each node, the active Pods of all sets under the same controller: Pods on nodes with many go
/// first.
///
/// Models getPodsToDelete
pub(super) fn pods_to_delete<'a>(
    candidates: impl Iterator<Item = (&'a Arc<str>, &'a Candidate)>,
    neighbours: &[i32],
    count: usize,
    (now, epoch): (Moment, Epoch),
) -> Vec<Arc<str>> {
    let now = epoch.nanos(now);
    let mut ranked: Vec<(Standing, &Arc<str>)> = candidates
        .map(|(name, c)| (Standing::of(c, neighbours.get(c.node).copied().unwrap_or(0), now), name))
        .collect();
    if count == 0 || ranked.is_empty() {
        return Vec::new();
    }
    if count < ranked.len() {
        ranked.select_nth_unstable(count - 1);
        ranked.truncate(count);
    }
    ranked.sort_unstable();
    ranked.into_iter().map(|(_, name)| name.clone()).collect()
}

/// The least goes first. Fields are compared in order.
///
/// Upstream lets the uid decide between Pods that became Ready at different times in one bucket before it
/// looks at restarts, which is no total order; here restarts always come before the uid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Standing {
    bound: bool,
    phase: u8,
    ready: bool,
    cost: i32,
    neighbours: Reverse<i32>,
    ready_age: i8,
    restarts: Reverse<i32>,
    sidecar_restarts: Reverse<i32>,
    age: i8,
    uid: u128,
}

impl Standing {
    fn of(candidate: &Candidate, neighbours: i32, now: i128) -> Standing {
        Standing {
            bound: candidate.bound,
            phase: candidate.phase,
            ready: candidate.ready_since.is_some(),
            cost: candidate.cost,
            neighbours: Reverse(neighbours),
            ready_age: age_bucket(candidate.ready_since, now),
            restarts: Reverse(candidate.restarts),
            sidecar_restarts: Reverse(candidate.sidecar_restarts),
            age: age_bucket(candidate.created, now),
            uid: candidate.uid,
        }
    }
}

/// The binary logarithm of an age in nanoseconds. Models logarithmicRankDiff.
fn age_bucket(since: Option<i64>, now: i128) -> i8 {
    let age = since.map_or(0, |since| now - i128::from(since) * 1_000_000_000);
    let age = u128::try_from(age).unwrap_or(0);
    age.checked_ilog2().and_then(|log| i8::try_from(log).ok()).unwrap_or(-1)
}

/// A uid as a number that orders as the text does.
fn number(uid: &str) -> u128 {
    let digits = uid.bytes().filter(|byte| *byte != b'-').take(32);
    let value = |byte: u8| char::from(byte).to_digit(16).unwrap_or(0);
    digits.fold(0, |number, byte| number << 4 | u128::from(value(byte)))
}

/// Models helper.GetDeletionCostFromPodAnnotations: what is no number counts as zero.
fn deletion_cost(pod: &Pod) -> i32 {
    let text = pod.metadata.annotations.as_ref().and_then(|annotations| annotations.get(DELETION_COST));
    let written_plainly = |text: &&String| {
        let digits = text.strip_prefix('-').unwrap_or(text);
        *text == "0" || digits.starts_with(|c: char| matches!(c, '1'..='9'))
    };
    text.filter(written_plainly).and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Models maxContainerRestarts: of the containers, and of the sidecars.
fn most_restarts(pod: &Pod) -> (i32, i32) {
    let sidecar = |name: &str| {
        let declared = pod.spec.init_containers.iter().flatten();
        declared.filter(|c| c.restart_policy.as_deref() == Some("Always")).any(|c| c.name == name)
    };
    let statuses = pod.status.container_statuses.iter().flatten();
    let inits = pod.status.init_container_statuses.iter().flatten();
    (
        statuses.map(|s| s.restart_count).max().unwrap_or(0).max(0),
        inits.filter(|s| sidecar(&s.name)).map(|s| s.restart_count).max().unwrap_or(0).max(0),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::api::{Kind, Kinded, codec};
    use crate::controllers::replicaset::tally::Tallies;

    fn pod(name: &str, value: &Value) -> Arc<Pod> {
        let text = |field: &str| value.get(field).cloned().unwrap_or(Value::Null);
        let ready = value
            .get("ready")
            .map(|since| json!([{"type": "Ready", "status": "True", "lastTransitionTime": since}]));
        let cost = value.get("cost").map(|cost| json!({DELETION_COST: cost}));
        let object = json!({
            "metadata": {"name": name, "uid": name, "annotations": cost, "labels": {},
                "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "uid": "r", "controller": true}],
                "creationTimestamp": value.get("created").cloned().unwrap_or(json!("2026-01-01T00:00:00Z"))},
            "spec": {"nodeName": text("node"), "containers": []},
            "status": {"phase": text("phase"), "conditions": ready,
                "containerStatuses": value.get("restarts").map(|n| json!([{
                    "name": "c", "image": "", "imageID": "", "ready": true, "restartCount": n}]))},
        });
        let object = codec::decode(Kind::Pod, object).unwrap_or_else(|e| panic!("{name}: {e}"));
        Pod::unwrap(&object).unwrap_or_else(|| panic!("{name} is no Pod")).clone()
    }

    /// The Pods are given in the order in which they die.
    fn check(about: &str, pods: &[Value]) {
        let named: Vec<_> = pods.iter().zip('a'..).map(|(p, n)| (n.to_string(), p)).collect();
        let mut tallies = Tallies::default();
        for (name, value) in named.iter().rev() {
            tallies.observe(None, Some(&pod(name, value)));
        }
        let clock = (Moment::from_micros(3_600_000_000), Epoch::default());
        for count in 0..=named.len() {
            let dead = tallies.victims("r", ["r"].into_iter(), count, clock);
            let expected: Vec<Arc<str>> =
                named[..count].iter().map(|(name, _)| name.as_str().into()).collect();
            assert_eq!(dead, expected, "{about}: the first {count}");
        }
    }

    #[test]
    fn order() {
        let early = "2026-01-01T00:00:01Z";
        let late = "2026-01-01T00:59:00Z";
        check(
            "unbound before bound",
            &[json!({"phase": "Pending"}), json!({"phase": "Pending", "node": "n"})],
        );
        check(
            "pending, unknown, running",
            &[
                json!({"phase": "Pending", "node": "n"}),
                json!({"phase": "Unknown", "node": "n"}),
                json!({"phase": "Running", "node": "n"}),
            ],
        );
        check(
            "unready before ready, whatever it costs",
            &[
                json!({"phase": "Running", "node": "n", "cost": "100"}),
                json!({"phase": "Running", "node": "n", "cost": "-100", "ready": early}),
            ],
        );
        check(
            "cheap before dear; no number is zero",
            &[
                json!({"phase": "Running", "node": "n", "ready": early, "cost": "-5"}),
                json!({"phase": "Running", "node": "n", "ready": early, "cost": "+7"}),
                json!({"phase": "Running", "node": "n", "ready": early, "cost": "1"}),
                json!({"phase": "Running", "node": "n", "ready": early, "cost": "200"}),
            ],
        );
        check(
            "crowded nodes first",
            &[
                json!({"phase": "Running", "node": "m", "ready": early}),
                json!({"phase": "Running", "node": "m", "ready": early}),
                json!({"phase": "Running", "node": "n", "ready": late}),
            ],
        );
        check(
            "younger first, by doublings of the age",
            &[
                json!({"phase": "Running", "node": "n", "ready": late}),
                json!({"phase": "Running", "node": "n", "ready": early}),
            ],
        );
        check(
            "more restarts first",
            &[
                json!({"phase": "Running", "node": "n", "ready": early, "restarts": 3}),
                json!({"phase": "Running", "node": "n", "ready": early, "restarts": 1}),
            ],
        );
        check(
            "younger by creation",
            &[
                json!({"phase": "Running", "node": "n", "created": late}),
                json!({"phase": "Running", "node": "n", "created": early}),
            ],
        );
    }
}
