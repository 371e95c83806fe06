//! Which feasible node is best. Models the Score plugins of the default profile and their weights.

use super::cache::{Cache, NodeInfo, PodInfo};
use crate::api::labels::Selector;
use crate::api::node_affinity;
use crate::api::taints::tolerated;

const MAX: i64 = 100;
const TAINT_TOLERATION_WEIGHT: i64 = 3;
const NODE_AFFINITY_WEIGHT: i64 = 2;
const TOPOLOGY_SPREAD_WEIGHT: i64 = 2;
/// The default constraints' maxSkew on hostname and zone, which waters down small differences.
const HOST_SKEW: f64 = 3.0;
const ZONE_SKEW: f64 = 5.0;

/// The score of each feasible node, by index into `feasible`. `spread_by` selects the Pods from which
/// the new one keeps away.
pub fn score(pod: &PodInfo, feasible: &[usize], cache: &mut Cache, spread_by: &Selector) -> Vec<i64> {
    let nodes = || feasible.iter().copied();
    let spread = topology_spread(pod, feasible, cache, spread_by);
    let cache = &*cache;
    let mut total: Vec<i64> = nodes().map(|index| resources(pod, cache.node(index))).collect();
    let mut add = |scores: &[i64], weight: i64| {
        for (sum, score) in total.iter_mut().zip(scores) {
            *sum += weight * score;
        }
    };
    let spec = &pod.pod.spec;
    let intolerable = |info: &NodeInfo| {
        let taints = info.node.iter().flat_map(|node| node.spec.taints.iter().flatten());
        let soft = taints.filter(|taint| taint.effect == "PreferNoSchedule");
        soft.filter(|taint| !tolerated(spec.tolerations.as_ref(), taint)).count() as i64
    };
    let mut taints: Vec<i64> = nodes().map(|index| intolerable(cache.node(index))).collect();
    normalize(&mut taints, Order::LessIsBetter);
    add(&taints, TAINT_TOLERATION_WEIGHT);
    if spec.affinity.as_ref().is_some_and(|affinity| affinity.node_affinity.is_some()) {
        let weight = |info: &NodeInfo| {
            info.node.as_ref().map_or(0, |node| node_affinity::preferred_weight(spec, node))
        };
        let mut preferred: Vec<i64> = nodes().map(|index| weight(cache.node(index))).collect();
        normalize(&mut preferred, Order::MoreIsBetter);
        add(&preferred, NODE_AFFINITY_WEIGHT);
    }
    add(&spread, TOPOLOGY_SPREAD_WEIGHT);
    total
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    MoreIsBetter,
    LessIsBetter,
}

/// Models helper.DefaultNormalizeScore.
fn normalize(scores: &mut [i64], order: Order) {
    let most = scores.iter().copied().max().unwrap_or(0);
    for score in scores {
        let share = if most == 0 { 0 } else { MAX * *score / most };
        *score = if order == Order::LessIsBetter { MAX - share } else { share };
    }
}

/// NodeResourcesFit by LeastAllocated, and NodeResourcesBalancedAllocation.
fn resources(pod: &PodInfo, info: &NodeInfo) -> i64 {
    let capacity = [info.allocatable.milli_cpu, info.allocatable.memory];
    let scoring = [info.scoring.0 + pod.scoring.0, info.scoring.1 + pod.scoring.1];
    let shares: Vec<i64> = capacity
        .iter()
        .zip(scoring)
        .filter(|(there_is, _)| **there_is > 0)
        .map(|(there_is, wanted)| if wanted > *there_is { 0 } else { (there_is - wanted) * MAX / there_is })
        .collect();
    let least = shares.iter().sum::<i64>() / (shares.len().max(1) as i64);
    least + balance(pod, info)
}

/// Models balancedResourceScorer: whether the Pod makes the use of CPU and memory more alike.
fn balance(pod: &PodInfo, info: &NodeInfo) -> i64 {
    let wanted = (pod.requests.milli_cpu, pod.requests.memory);
    if wanted == (0, 0) {
        return 0;
    }
    let alike = |cpu: i64, memory: i64| {
        let fraction = |used: i64, there_is: i64| (used as f64 / there_is as f64).min(1.0);
        let (cpus, bytes) = (info.allocatable.milli_cpu, info.allocatable.memory);
        if cpus == 0 || bytes == 0 {
            return MAX;
        }
        let deviation = ((fraction(cpu, cpus) - fraction(memory, bytes)) / 2.0).abs();
        ((1.0 - deviation) * MAX as f64) as i64
    };
    let (cpu, memory) = (info.requested.milli_cpu, info.requested.memory);
    let with = alike(cpu + wanted.0, memory + wanted.1);
    MAX / 2 + (MAX / 2 + with - alike(cpu, memory)) / 2
}

/// Models podtopologyspread/scoring.go with the system's default constraints.
fn topology_spread(pod: &PodInfo, feasible: &[usize], cache: &mut Cache, spread_by: &Selector) -> Vec<i64> {
    if spread_by.is_empty() {
        return vec![0; feasible.len()];
    }
    let namespace = pod.pod.metadata.namespace.as_deref().unwrap_or_default();
    let per_node = cache.spread(namespace, spread_by).to_vec();
    let at = |index: usize| f64::from(per_node.get(index).copied().unwrap_or(0));
    let mut per_zone = vec![0.0; cache.zones()];
    let mut candidates = vec![false; cache.zones()];
    for index in feasible {
        if let Some(zone) = cache.node(*index).zone {
            candidates[zone] = true;
        }
    }
    for (index, info) in cache.nodes() {
        if let Some(zone) = info.zone.filter(|zone| candidates[*zone]) {
            per_zone[zone] += at(index);
        }
    }
    // A node without a zone counts as one more zone when domains are counted.
    let zoneless = usize::from(feasible.iter().any(|index| cache.node(*index).zone.is_none()));
    let zones = candidates.iter().filter(|candidate| **candidate).count() + zoneless;
    let weight = |domains: usize| ((domains + 2) as f64).ln();
    let (host_weight, zone_weight) = (weight(feasible.len()), weight(zones));
    let mut scores: Vec<i64> = feasible
        .iter()
        .map(|index| {
            let host = at(*index) * host_weight + (HOST_SKEW - 1.0);
            let zone =
                cache.node(*index).zone.map_or(0.0, |zone| per_zone[zone] * zone_weight + (ZONE_SKEW - 1.0));
            (host + zone).round() as i64
        })
        .collect();
    let least = scores.iter().copied().min().unwrap_or(0);
    let most = scores.iter().copied().max().unwrap_or(0);
    for score in &mut scores {
        *score = if most == 0 { MAX } else { MAX * (most + least - *score) / most };
    }
    scores
}
