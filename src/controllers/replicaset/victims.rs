//! Which Pods die first. Models ActivePodsWithRanks in pkg/controller/controller_utils.go.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::api::conditions::available_at;
use crate::api::moment::Epoch;
use crate::api::{Moment, Pod};

const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";

/// The `count` Pods that a scale-down removes. `related` are the active Pods of all sets under the same
/// controller: Pods on nodes with many of them go first.
///
/// Models getPodsToDelete
pub(super) fn pods_to_delete(
    pods: &[Arc<Pod>],
    related: &[Arc<Pod>],
    count: usize,
    clock: (Moment, Epoch),
) -> Vec<Arc<Pod>> {
    let mut pods = pods.to_vec();
    if count < pods.len() {
        let mut on_node: BTreeMap<Option<&str>, usize> = BTreeMap::new();
        for pod in related {
            *on_node.entry(pod.spec.node_name.as_deref()).or_insert(0) += 1;
        }
        pods.sort_by_cached_key(|pod| {
            let rank = on_node.get(&pod.spec.node_name.as_deref()).copied().unwrap_or(0);
            Standing::of(pod, rank, clock)
        });
    }
    pods.truncate(count);
    pods
}

/// The least goes first. Fields are compared in order.
///
/// Upstream lets the uid decide between Pods that became Ready at different times in one bucket before it
/// looks at restarts, which is no total order; here restarts always come before the uid.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Standing {
    bound: bool,
    phase: u8,
    ready: bool,
    cost: i32,
    neighbours: Reverse<usize>,
    ready_age: i8,
    restarts: Reverse<i32>,
    sidecar_restarts: Reverse<i32>,
    age: i8,
    uid: String,
}

impl Standing {
    fn of(pod: &Pod, rank: usize, (now, epoch): (Moment, Epoch)) -> Standing {
        let ready = available_at(pod, 0, epoch);
        let created = pod.metadata.creation_timestamp.as_ref().map(|time| epoch.moment(time));
        let (restarts, sidecar_restarts) = most_restarts(pod);
        Standing {
            bound: pod.spec.node_name.as_ref().is_some_and(|name| !name.is_empty()),
            phase: match pod.status.phase.as_deref() {
                Some("Running") => 2,
                Some("Unknown") => 1,
                _ => 0,
            },
            ready: ready.is_some(),
            cost: deletion_cost(pod),
            neighbours: Reverse(rank),
            ready_age: age_bucket(ready, now),
            restarts: Reverse(restarts),
            sidecar_restarts: Reverse(sidecar_restarts),
            age: age_bucket(created, now),
            uid: pod.metadata.uid.clone().unwrap_or_default(),
        }
    }
}

/// The binary logarithm of an age in nanoseconds. Models logarithmicRankDiff.
fn age_bucket(since: Option<Moment>, now: Moment) -> i8 {
    let age = since.map_or(0, |since| (now - since).as_nanos());
    age.checked_ilog2().and_then(|log| i8::try_from(log).ok()).unwrap_or(-1)
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

    fn pod(name: &str, value: &Value) -> Arc<Pod> {
        let text = |field: &str| value.get(field).cloned().unwrap_or(Value::Null);
        let ready = value
            .get("ready")
            .map(|since| json!([{"type": "Ready", "status": "True", "lastTransitionTime": since}]));
        let cost = value.get("cost").map(|cost| json!({DELETION_COST: cost}));
        let object = json!({
            "metadata": {"name": name, "uid": name, "annotations": cost,
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
        let named: Vec<_> = pods.iter().zip('a'..).map(|(p, n)| pod(&n.to_string(), p)).collect();
        let mut shuffled = named.clone();
        shuffled.reverse();
        let now = Moment::from_micros(3_600_000_000);
        for count in 1..named.len() {
            let dead = pods_to_delete(&shuffled, &named, count, (now, Epoch::default()));
            assert_eq!(dead, named[..count], "{about}: the first {count}");
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
