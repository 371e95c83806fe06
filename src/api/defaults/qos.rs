//! Quality of service, and the resources of a whole Pod. Models pkg/apis/core/helper/qos and defaultPodRequests.

use crate::api::order;
use std::collections::BTreeMap;

use crate::api::Quantity;
use crate::api::core::{Container, PodSpec, ResourceRequirements};
use crate::api::quantity::{Amount, Format, amount};

use super::resources::ResourceList;

type Sums<'a> = BTreeMap<&'a str, Amount>;

/// `Guaranteed`, `Burstable` or `BestEffort`. Models ComputePodQOS.
pub fn qos_class(spec: &PodSpec) -> &'static str {
    let (mut requests, mut limits) = (Sums::new(), Sums::new());
    let mut guaranteed = true;
    match &spec.resources {
        Some(whole) => guaranteed = add(whole, &mut requests, &mut limits),
        None => {
            let init = spec.init_containers.as_deref().unwrap_or_default();
            for container in spec.containers.iter().chain(init) {
                let none = ResourceRequirements::default();
                let resources = container.resources.as_ref();
                guaranteed &= match resources {
                    Some(resources) => add(resources, &mut requests, &mut limits),
                    None => add(&none, &mut Sums::new(), &mut Sums::new()),
                };
            }
        }
    }
    match () {
        () if requests.is_empty() && limits.is_empty() => "BestEffort",
        () if guaranteed && requests == limits => "Guaranteed",
        () => "Burstable",
    }
}

/// Adds what counts, and says whether both cpu and memory are limited.
fn add<'a>(resources: &'a ResourceRequirements, requests: &mut Sums<'a>, limits: &mut Sums<'a>) -> bool {
    let mut limited = 0;
    for (from, into, is_limit) in [(&resources.requests, requests, 0), (&resources.limits, limits, 1)] {
        for (name, quantity) in from.iter().flatten() {
            let value = amount(quantity);
            if matches!(name.as_str(), "cpu" | "memory") && value > Amount::ZERO {
                let sum = into.entry(name).or_default();
                *sum = *sum + value;
                limited += is_limit;
            }
        }
    }
    limited == 2
}

/// Requests of a whole Pod that only limits it: what its containers ask together, else the limit.
/// Models defaultHugePagePodLimits and defaultPodRequests.
pub(super) fn pod_level_resources(spec: &mut PodSpec) {
    let Some(whole) = &spec.resources else { return };
    let is_empty = |list: &Option<ResourceList>| list.as_ref().is_none_or(|list| list.is_empty());
    if is_empty(&whole.limits) && is_empty(&whole.requests) {
        return;
    }
    let asked = aggregate(spec, |resources| resources.requests.as_ref());
    let limited = aggregate(spec, |resources| resources.limits.as_ref());
    let Some(whole) = &mut spec.resources else { return };
    let requested = whole.requests.as_ref();
    let huge: Vec<_> = limited
        .into_iter()
        .filter(|(name, _)| is_huge_page(name) && !requested.is_some_and(|list| list.contains_key(name)))
        .collect();
    for (name, quantity) in huge {
        whole.limits.get_or_insert_default().entry(name).or_insert(quantity);
    }
    let Some(limits) = whole.limits.as_ref().filter(|limits| !limits.is_empty()) else { return };
    let mut requests = whole.requests.take().unwrap_or_default();
    for (name, quantity) in asked.into_iter().filter(|(name, _)| matches!(name.as_str(), "cpu" | "memory")) {
        requests.entry(name).or_insert(quantity);
    }
    for (name, quantity) in limits.iter().filter(|(name, _)| is_pod_level(name)) {
        requests.entry(name.clone()).or_insert_with(|| quantity.clone());
    }
    whole.requests = Some(requests).filter(|requests| !requests.is_empty());
}

/// Whether a whole Pod can ask for the resource.
pub fn is_pod_level(name: &str) -> bool {
    matches!(name, "cpu" | "memory") || is_huge_page(name)
}

/// Whether the resource is memory in huge pages.
pub fn is_huge_page(name: &str) -> bool {
    name.starts_with("hugepages-")
}

/// What the Pod's containers need together: all running ones and the sidecars, or the largest init
/// container with the sidecars before it. Models resourcehelper AggregateContainerRequests.
pub fn aggregate(
    spec: &PodSpec,
    list: impl Fn(&ResourceRequirements) -> Option<&ResourceList>,
) -> ResourceList {
    let amounts = |container: &Container| -> Vec<(String, Amount, Format)> {
        let amounts = container.resources.as_ref().and_then(&list).into_iter().flatten();
        amounts.filter_map(|(name, q)| Amount::parse(&q.0).map(|(a, f)| (name.clone(), a, f))).collect()
    };
    let mut running: BTreeMap<String, (Amount, Format)> = BTreeMap::new();
    let mut sidecars = running.clone();
    let mut peak = running.clone();
    for container in &spec.containers {
        plus(&mut running, amounts(container));
    }
    for container in spec.init_containers.as_deref().unwrap_or_default() {
        let needed = amounts(container);
        if container.restart_policy.as_deref() == Some("Always") {
            plus(&mut running, needed.clone());
            plus(&mut sidecars, needed);
            max(&mut peak, &sidecars);
        } else {
            let mut with_sidecars = sidecars.clone();
            plus(&mut with_sidecars, needed);
            max(&mut peak, &with_sidecars);
        }
    }
    max(&mut running, &peak);
    order::map(running.into_iter().map(|(name, (amount, format))| (name, Quantity(amount.format(format)))))
}

fn plus(sums: &mut BTreeMap<String, (Amount, Format)>, amounts: Vec<(String, Amount, Format)>) {
    for (name, amount, format) in amounts {
        let sum = sums.entry(name).or_insert((Amount::ZERO, format));
        sum.0 = sum.0 + amount;
    }
}

fn max(sums: &mut BTreeMap<String, (Amount, Format)>, others: &BTreeMap<String, (Amount, Format)>) {
    for (name, other) in others {
        let sum = sums.entry(name.clone()).or_insert(*other);
        if other.0 > sum.0 {
            *sum = *other;
        }
    }
}
