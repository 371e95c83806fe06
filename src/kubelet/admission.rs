//! Whether a node takes a Pod that was bound to it.
//! Models pkg/kubelet/lifecycle/predicate.go and the checks of the scheduler that it repeats.

use crate::api::resources::{Resources, pod_requests};
use crate::api::{Node, Pod, node_affinity};

/// Why a node refuses a Pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub reason: String,
    pub message: String,
}

/// Checks a Pod against its node and the Pods that are there. `None` when it may run.
pub(super) fn refuse<'a>(pod: &Pod, node: &Node, others: impl Iterator<Item = &'a Pod>) -> Option<Refusal> {
    let mut used = Resources::default();
    let mut count = 0;
    for other in others {
        count += 1;
        used.add(&pod_requests(&other.spec));
    }
    let has = Resources::of(&node.status.allocatable);
    let pods = has.scalar.get("pods").copied().unwrap_or(i64::MAX);
    if count + 1 > pods {
        return Some(out_of("pods", [1, count, pods]));
    }
    let asked = pod_requests(&pod.spec);
    let rows = [
        ("cpu", asked.milli_cpu, used.milli_cpu, has.milli_cpu),
        ("memory", asked.memory, used.memory, has.memory),
        ("ephemeral-storage", asked.ephemeral_storage, used.ephemeral_storage, has.ephemeral_storage),
    ];
    let scalar = asked.scalar.iter().map(|(name, asked)| {
        let of = |amounts: &Resources| amounts.scalar.get(name).copied().unwrap_or(0);
        (name.as_str(), *asked, of(&used), of(&has))
    });
    for (name, asked, used, has) in rows.into_iter().chain(scalar) {
        if asked > 0 && asked > has - used {
            return Some(out_of(name, [asked, used, has]));
        }
    }
    if !node_affinity::required_matches(&pod.spec, node) {
        let why = "node(s) didn't match Pod's node affinity/selector";
        let message = format!("Predicate NodeAffinity failed: {why}");
        return Some(Refusal { reason: "NodeAffinity".into(), message });
    }
    None
}

fn out_of(name: &str, [asked, used, capacity]: [i64; 3]) -> Refusal {
    let amounts = format!("requested: {asked}, used: {used}, capacity: {capacity}");
    Refusal {
        reason: format!("OutOf{name}"),
        message: format!("Node didn't have enough resource: {name}, {amounts}"),
    }
}
