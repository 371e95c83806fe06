//! Which endpoint goes into which slice. Models reconcileByPortMapping in
//! staging/src/k8s.io/endpointslice/reconciler.go.

use crate::api::order;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::{CONTROLLER, MANAGED_BY, SERVICE_NAME};
use crate::api::discovery::{Endpoint, EndpointPort};
use crate::api::labels::Labels;
use crate::api::{EndpointSlice, ObjectMeta, Service, owner};

/// Models maxEndpointsPerSlice, as the controller manager sets it.
pub(super) const MAX_ENDPOINTS: usize = 100;
const HEADLESS: &str = "service.kubernetes.io/headless";

/// What tells endpoints apart: addresses, hostname and Pod. Models hashEndpoint.
type Identity = (Vec<String>, Option<String>, Option<String>);

fn identity(endpoint: &Endpoint) -> Identity {
    let pod = endpoint.target_ref.as_ref().and_then(|reference| reference.name.clone());
    (endpoint.addresses.clone(), endpoint.hostname.clone(), pod)
}

/// What has to be written.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub create: Vec<EndpointSlice>,
    pub update: Vec<EndpointSlice>,
    pub delete: Vec<Arc<EndpointSlice>>,
    pub unchanged: Vec<Arc<EndpointSlice>>,
}

/// The endpoints of one set of ports, in slices of at most [`MAX_ENDPOINTS`]: those that exist keep their
/// endpoints, slices that change anyway are filled up first, then one that is not full enough to be
/// changed for nothing, and the rest is in new ones.
pub(super) fn plan(
    service: &Service,
    existing: &[Arc<EndpointSlice>],
    desired: Vec<Endpoint>,
    (address_type, ports): (&str, &[EndpointPort]),
) -> Plan {
    let mut left: BTreeMap<Identity, (usize, Endpoint)> = order::map(
        desired.into_iter().enumerate().map(|(at, endpoint)| (identity(&endpoint), (at, endpoint))),
    );
    let mut plan = Plan::default();
    for slice in existing {
        keep_known(service, slice, &mut left, &mut plan);
    }
    let mut left: Vec<(usize, Endpoint)> = left.into_values().collect();
    order::sort_by_key(&mut left, |(at, _)| *at);
    let mut left = left.into_iter().map(|(_, endpoint)| endpoint).peekable();
    order::sort_by_key(&mut plan.update, |slice| std::cmp::Reverse(count(slice)));
    for slice in &mut plan.update {
        fill(slice, &mut left);
    }
    while left.peek().is_some() {
        let waiting = left.len();
        if let Some(at) = slice_to_fill(&plan.unchanged, waiting) {
            let mut slice = EndpointSlice::clone(&plan.unchanged.remove(at));
            fill(&mut slice, &mut left);
            plan.update.push(slice);
        } else {
            let mut slice = new_slice(service, address_type, ports);
            fill(&mut slice, &mut left);
            plan.create.push(slice);
        }
    }
    plan
}

fn count(slice: &EndpointSlice) -> usize {
    slice.endpoints.as_ref().map_or(0, Vec::len)
}

fn keep_known(
    service: &Service,
    slice: &Arc<EndpointSlice>,
    desired: &mut BTreeMap<Identity, (usize, Endpoint)>,
    plan: &mut Plan,
) {
    let before = slice.endpoints.as_deref().unwrap_or_default();
    let mut updated = false;
    let mut kept = Vec::with_capacity(before.len());
    for endpoint in before {
        if let Some((_, wanted)) = desired.remove(&identity(endpoint)) {
            updated |= wanted != Endpoint { hints: None, ..endpoint.clone() };
            kept.push(wanted);
        }
    }
    let labels = labels(service);
    let relabelled = slice.metadata.labels.as_ref() != Some(&labels);
    if updated || kept.len() != before.len() {
        if kept.is_empty() {
            plan.delete.push(slice.clone());
            return;
        }
    } else if !relabelled {
        plan.unchanged.push(slice.clone());
        return;
    }
    let mut changed = EndpointSlice::clone(slice);
    changed.endpoints = Some(kept);
    changed.metadata.labels = Some(labels);
    plan.update.push(changed);
}

fn fill(slice: &mut EndpointSlice, left: &mut impl Iterator<Item = Endpoint>) {
    let endpoints = slice.endpoints.get_or_insert_default();
    let room = MAX_ENDPOINTS.saturating_sub(endpoints.len());
    endpoints.extend(left.take(room));
}

/// The fullest of the unchanged slices that all that is left fits into. Models getSliceToFill.
fn slice_to_fill(unchanged: &[Arc<EndpointSlice>], waiting: usize) -> Option<usize> {
    let room = |slice: &EndpointSlice| MAX_ENDPOINTS.checked_sub(waiting + count(slice));
    let fits = unchanged.iter().enumerate().filter_map(|(at, slice)| Some((room(slice)?, at)));
    fits.filter(|(room, _)| *room < MAX_ENDPOINTS).min().map(|(_, at)| at)
}

/// Models newEndpointSlice.
pub(super) fn new_slice(service: &Service, address_type: &str, ports: &[EndpointPort]) -> EndpointSlice {
    let name = service.metadata.name.as_deref().unwrap_or_default();
    EndpointSlice {
        metadata: ObjectMeta {
            labels: Some(labels(service)),
            generate_name: Some(format!("{name}-")),
            owner_references: Some(vec![owner::controller_reference(service)]),
            namespace: service.metadata.namespace.clone(),
            ..ObjectMeta::default()
        },
        ports: Some(ports.to_vec()).filter(|ports| !ports.is_empty()),
        address_type: address_type.into(),
        endpoints: None,
    }
}

/// Models setEndpointSliceLabels.
pub(super) fn labels(service: &Service) -> Labels {
    let mut labels = service.metadata.labels.clone().unwrap_or_default();
    for reserved in [SERVICE_NAME, MANAGED_BY, HEADLESS] {
        labels.remove(reserved);
    }
    if matches!(service.spec.cluster_ip.as_deref(), None | Some("" | "None")) {
        labels.insert(HEADLESS.into(), String::new());
    }
    labels.insert(SERVICE_NAME.into(), service.metadata.name.clone().unwrap_or_default());
    labels.insert(MANAGED_BY.into(), CONTROLLER.into());
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoints(names: impl IntoIterator<Item = usize>) -> Vec<Endpoint> {
        let make = |n: usize| Endpoint {
            addresses: vec![format!("10.0.{}.{}", n / 250, n % 250)],
            ..Endpoint::default()
        };
        names.into_iter().map(make).collect()
    }

    /// Sizes of the slices that exist with endpoints 0, 1 …; endpoints wanted; the sizes that are created,
    /// updated and left, and how many slices go.
    fn check(
        existing: &[usize],
        wanted: std::ops::Range<usize>,
        (create, update, unchanged, delete): (&[usize], &[usize], &[usize], usize),
    ) {
        let service = Service::default();
        let mut next = 0;
        let slices: Vec<_> = existing
            .iter()
            .map(|size| {
                let mut slice = new_slice(&service, "IPv4", &[]);
                slice.endpoints = Some(endpoints(next..next + size));
                slice.metadata.name = Some(format!("slice-{next}"));
                next += size;
                Arc::new(slice)
            })
            .collect();
        let plan = plan(&service, &slices, endpoints(wanted.clone()), ("IPv4", &[]));
        let sizes = |slices: &mut dyn Iterator<Item = usize>| slices.collect::<Vec<_>>();
        let about = format!("{existing:?} for {wanted:?}");
        assert_eq!(sizes(&mut plan.create.iter().map(count)), create, "created: {about}");
        assert_eq!(sizes(&mut plan.update.iter().map(count)), update, "updated: {about}");
        assert_eq!(sizes(&mut plan.unchanged.iter().map(|s| count(s))), unchanged, "left: {about}");
        assert_eq!(plan.delete.len(), delete, "deleted: {about}");
    }

    #[test]
    fn packing() {
        check(&[], 0..250, (&[100, 100, 50], &[], &[], 0));
        check(&[3], 0..3, (&[], &[], &[3], 0));
        check(&[3], 0..4, (&[], &[4], &[], 0));
        check(&[3], 1..3, (&[], &[2], &[], 0));
        check(&[3], 3..3, (&[], &[], &[], 1));
        check(&[62, 61], 0..123, (&[], &[], &[62, 61], 0));
        check(&[62, 61], 0..133, (&[], &[72], &[61], 0));
        check(&[62, 61], 0..170, (&[47], &[], &[62, 61], 0));
        check(&[62, 61], 10..200, (&[], &[100, 90], &[], 0));
        check(&[100], 0..100, (&[], &[], &[100], 0));
        check(&[100], 0..101, (&[1], &[], &[100], 0));
    }
}
