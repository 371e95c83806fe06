//! One Service's slices: what they should hold, and the writes that bring them there.
//! Models reconcileByAddressType and finalize in staging/src/k8s.io/endpointslice/reconciler.go.

use std::collections::btree_map::Entry;
use std::sync::Arc;

use super::slices::{self, Plan, new_slice};
use super::trigger::{self, TriggerTimes};
use super::{CONTROLLER, MANAGED_BY, SERVICE_NAME, endpoint, hints};
use crate::api::discovery::{Endpoint, EndpointPort};
use crate::api::labels::Selector;
use crate::api::{EndpointSlice, Key, Kinded, Node, Pod, Reason, Service, Status, Time, owner};
use crate::server::DeleteOptions;
use crate::sim::Ctx;
use crate::store::View;

const TRIGGER_TIME: &str = "endpoints.kubernetes.io/last-change-trigger-time";

/// Brings the slices of a Service up to date.
///
/// # Errors
/// What the API server refuses; a Pod whose node is not known.
pub(super) fn reconcile(
    cx: &mut Ctx<'_>,
    service: &Arc<Service>,
    triggers: Entry<'_, Key, TriggerTimes>,
) -> Result<(), Status> {
    let namespace = service.metadata.namespace.as_deref().unwrap_or_default();
    let selector = Selector::from_map(service.spec.selector.as_ref().unwrap_or(&Default::default()));
    let pods: Vec<Arc<Pod>> = cx.cached().pods_selected(namespace, &selector).into_iter().cloned().collect();
    let existing = existing_slices(cx.cached(), service);
    let trigger = trigger::last_change(triggers, service, &pods);
    let types = address_types(service);
    let (mut failure, mut stale) = (None, Vec::new());
    for slice in existing.iter().filter(|slice| !types.contains(&slice.address_type.as_str())) {
        stale.push(slice.clone());
    }
    for address_type in types {
        let of_type: Vec<_> =
            existing.iter().filter(|slice| slice.address_type == address_type).cloned().collect();
        let (mut plan, lost) = plan_slices(cx.cached(), service, (&pods, &of_type), address_type);
        failure = failure.or(lost);
        hints::set(service, &mut plan);
        let written = finalize(cx, service, plan, trigger.as_ref());
        failure = failure.or(written.err());
    }
    for slice in stale {
        cx.delete(&slice.key(), &DeleteOptions::default())?;
    }
    failure.map_or(Ok(()), Err)
}

fn existing_slices(cache: View<'_>, service: &Service) -> Vec<Arc<EndpointSlice>> {
    let is_ours = |slice: &&Arc<EndpointSlice>| {
        let label = |name: &str| slice.metadata.labels.as_ref().and_then(|labels| labels.get(name));
        slice.metadata.deletion_timestamp.is_none()
            && label(SERVICE_NAME) == service.metadata.name.as_ref()
            && label(MANAGED_BY).is_some_and(|by| by == CONTROLLER)
    };
    let namespace = service.metadata.namespace.as_deref();
    cache.list_as::<EndpointSlice>(namespace).filter(is_ours).cloned().collect()
}

/// Models getAddressTypesForService.
fn address_types(service: &Service) -> Vec<&'static str> {
    let families = service.spec.ip_families.as_deref().unwrap_or_default();
    let mut types: Vec<_> =
        ["IPv4", "IPv6"].into_iter().filter(|t| families.iter().any(|f| f == t)).collect();
    if types.is_empty() {
        let ip = service.spec.cluster_ip.as_deref().unwrap_or_default();
        types.push(if ip.contains(':') { "IPv6" } else { "IPv4" });
    }
    types
}

fn owned_by(slice: &EndpointSlice, service: &Service) -> bool {
    owner::references(&slice.metadata).iter().any(|o| {
        Some(&o.uid) == service.metadata.uid.as_ref() && o.kind == "Service" && o.api_version == "v1"
    })
}

/// What the slices of one address type should become, and what stands in the way of some Pod.
fn plan_slices(
    cache: View<'_>,
    service: &Service,
    (pods, existing): (&[Arc<Pod>], &[Arc<EndpointSlice>]),
    address_type: &str,
) -> (Plan, Option<Status>) {
    let (groups, lost) = desired_endpoints(cache, service, pods, address_type);
    let (own, foreign): (Vec<_>, Vec<_>) = existing.iter().cloned().partition(|s| owned_by(s, service));
    let mut whole = Plan { delete: foreign, ..Plan::default() };
    let ports_of = |slice: &EndpointSlice| slice.ports.clone().unwrap_or_default();
    for slice in own.iter().filter(|slice| groups.iter().all(|(ports, _)| *ports != ports_of(slice))) {
        whole.delete.push(slice.clone());
    }
    for (ports, endpoints) in groups {
        let with_ports: Vec<_> = own.iter().filter(|slice| ports_of(slice) == ports).cloned().collect();
        let plan = slices::plan(service, &with_ports, endpoints, (address_type, &ports));
        whole.create.extend(plan.create);
        whole.update.extend(plan.update);
        whole.delete.extend(plan.delete);
        whole.unchanged.extend(plan.unchanged);
    }
    if existing.len() == whole.delete.len() && whole.create.is_empty() {
        add_placeholder(service, address_type, &mut whole);
    }
    (whole, lost)
}

/// A Service always has a slice, if need be an empty one.
fn add_placeholder(service: &Service, address_type: &str, plan: &mut Plan) {
    let placeholder = new_slice(service, address_type, &[]);
    let is_placeholder = |slice: &EndpointSlice| {
        slice.endpoints.as_ref().is_none_or(Vec::is_empty)
            && slice.ports.as_ref().is_none_or(Vec::is_empty)
            && slice.metadata.labels == placeholder.metadata.labels
    };
    match &plan.delete[..] {
        [only] if is_placeholder(only) => plan.unchanged.append(&mut plan.delete),
        _ => plan.create.push(placeholder),
    }
}

type Group = (Vec<EndpointPort>, Vec<Endpoint>);

/// The endpoints by their ports, in the order of the Pods.
fn desired_endpoints(
    cache: View<'_>,
    service: &Service,
    pods: &[Arc<Pod>],
    address_type: &str,
) -> (Vec<Group>, Option<Status>) {
    let mut groups: Vec<Group> = Vec::new();
    let mut lost = None;
    for pod in pods.iter().filter(|pod| endpoint::belongs(pod)) {
        let ports = endpoint::ports(service, pod);
        let at = groups.iter().position(|(known, _)| *known == ports).unwrap_or_else(|| {
            groups.push((ports, Vec::new()));
            groups.len() - 1
        });
        let node_name = pod.spec.node_name.as_deref().unwrap_or_default();
        let node = cache.named::<Node>("", node_name);
        if node.is_none() && service.spec.publish_not_ready_addresses != Some(true) {
            lost = lost.or_else(|| Some(node_not_found(pod, service, node_name)));
            continue;
        }
        let endpoint = endpoint::endpoint(pod, node.map(Arc::as_ref), service, address_type);
        if !endpoint.addresses.is_empty() {
            groups[at].1.push(endpoint);
        }
    }
    (groups, lost)
}

fn node_not_found(pod: &Pod, service: &Service, node: &str) -> Status {
    let name = |meta: &crate::api::ObjectMeta| meta.name.clone().unwrap_or_default();
    let namespace = service.metadata.namespace.as_deref().unwrap_or_default();
    let text = format!(
        "skipping Pod {} for Service {namespace}/{}: Node {node} Not Found",
        name(&pod.metadata),
        name(&service.metadata)
    );
    Status::new(Reason::InternalError, text)
}

/// Writes a plan; what would be deleted is used for what would be created.
fn finalize(
    cx: &mut Ctx<'_>,
    service: &Service,
    mut plan: Plan,
    trigger: Option<&Time>,
) -> Result<(), Status> {
    let mut delete = Vec::new();
    for slice in plan.delete {
        match plan.create.pop_if(|_| owned_by(&slice, service)) {
            Some(mut new) => {
                new.metadata.name.clone_from(&slice.metadata.name);
                plan.update.push(new);
            }
            None => delete.push(slice),
        }
    }
    let failed = |way: &str, status: Status| {
        let of = service.key();
        let text =
            format!("failed to {way} EndpointSlice for Service {}/{}: {status}", of.namespace, of.name);
        Status::new(status.reason, text)
    };
    if service.metadata.deletion_timestamp.is_none() {
        for slice in plan.create {
            match cx.create(with_trigger(slice, trigger)) {
                Err(status) if status.is_namespace_terminating() => return Ok(()),
                made => made.map_err(|status| failed("create", status))?,
            };
        }
    }
    for slice in plan.update {
        let name = slice.metadata.name.clone().unwrap_or_default();
        let updated = cx.update(with_trigger(slice, trigger));
        updated.map_err(|status| failed(&format!("update {name}"), status))?;
    }
    for slice in delete {
        let key = slice.key();
        let gone = cx.delete(&key, &DeleteOptions::default());
        gone.map_err(|status| failed(&format!("delete {}", key.name), status))?;
    }
    Ok(())
}

/// Models addTriggerTimeAnnotation.
fn with_trigger(mut slice: EndpointSlice, trigger: Option<&Time>) -> EndpointSlice {
    let mut annotations = slice.metadata.annotations.take().unwrap_or_default();
    match trigger {
        Some(time) => annotations.insert(TRIGGER_TIME.into(), time.0.to_string()),
        None => annotations.remove(TRIGGER_TIME),
    };
    slice.metadata.annotations = Some(annotations).filter(|annotations| !annotations.is_empty());
    slice
}
