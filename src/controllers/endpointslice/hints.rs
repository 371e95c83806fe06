//! Hints that keep traffic close. Models staging/src/k8s.io/endpointslice/trafficdist.

use super::slices::Plan;
use crate::api::discovery::{Endpoint, EndpointHints, ForNode, ForZone};
use crate::api::{EndpointSlice, Service};

/// How close the traffic should stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Distribution {
    Anywhere,
    SameZone,
    SameNode,
}

/// Sets the hints of all slices that are written, and has those written whose hints are wrong.
/// Models ReconcileHints.
pub(super) fn set(service: &Service, plan: &mut Plan) {
    let distribution = match service.spec.traffic_distribution.as_deref() {
        Some("PreferClose" | "PreferSameZone") => Distribution::SameZone,
        Some("PreferSameNode") => Distribution::SameNode,
        _ => Distribution::Anywhere,
    };
    plan.unchanged.retain(|slice| {
        let right = slice.endpoints.iter().flatten().all(|endpoint| {
            let ignored = distribution != Distribution::Anywhere && !is_ready(endpoint);
            ignored || endpoint.hints == hints(endpoint, distribution)
        });
        if !right {
            plan.update.push(EndpointSlice::clone(slice));
        }
        right
    });
    for slice in plan.create.iter_mut().chain(&mut plan.update) {
        for endpoint in slice.endpoints.iter_mut().flatten() {
            endpoint.hints = hints(endpoint, distribution);
        }
    }
}

fn is_ready(endpoint: &Endpoint) -> bool {
    endpoint.conditions.as_ref().is_some_and(|conditions| conditions.ready == Some(true))
}

fn hints(endpoint: &Endpoint, distribution: Distribution) -> Option<EndpointHints> {
    if distribution == Distribution::Anywhere || !is_ready(endpoint) {
        return None;
    }
    let node = endpoint.node_name.clone().filter(|_| distribution == Distribution::SameNode);
    let hints = EndpointHints {
        for_zones: endpoint.zone.clone().map(|name| vec![ForZone { name }]),
        for_nodes: node.map(|name| vec![ForNode { name }]),
    };
    (hints != EndpointHints::default()).then_some(hints)
}
