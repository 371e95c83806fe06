//! What clients may not set when they create or update. Models the strategies of pkg/registry.

use std::sync::Arc;

use crate::api::core::{LoadBalancerStatus, PodAffinityTerm, PodCondition, PodSpec, PodStatus, ServiceSpec};
use crate::api::core::{NamespaceStatus, ServiceStatus};
use crate::api::labels::Labels;
use crate::api::meta::{LabelSelector, LabelSelectorRequirement};
use crate::api::{Namespace, Object, Pod, Service, Time};

use super::qos::qos_class;
use super::service::is_externally_accessible;
use super::small::name_label;

/// Settles a new object once admission has had it: first generation, initial status.
/// Models PrepareForCreate of each kind.
pub fn prepare_create(object: &mut Object, now: &Time) {
    match object {
        Object::Namespace(namespace) => create_namespace(Arc::make_mut(namespace)),
        Object::Pod(pod) => create_pod(Arc::make_mut(pod), now),
        Object::ReplicaSet(set) => Arc::make_mut(set).status = Arc::default(),
        Object::Deployment(deployment) => Arc::make_mut(deployment).status = Arc::default(),
        Object::Service(service) => create_service(Arc::make_mut(service)),
        Object::Node(_) | Object::EndpointSlice(_) | Object::Event(_) => {}
    }
    object.meta_mut().generation = match object {
        Object::Pod(_) | Object::ReplicaSet(_) | Object::Deployment(_) | Object::EndpointSlice(_) => Some(1),
        Object::Namespace(_) | Object::Node(_) | Object::Service(_) | Object::Event(_) => None,
    };
}

/// Settles an update: the status stays, the generation counts changes of what is desired, and a Service
/// loses what its new type does not have. Models PrepareForUpdate of each kind.
pub fn prepare_update(new: &mut Object, old: &Object) {
    let changed = match (&mut *new, old) {
        (Object::Namespace(new), Object::Namespace(old)) => {
            let new = Arc::make_mut(new);
            new.spec = old.spec.clone();
            new.status = old.status.clone();
            name_label(new);
            false
        }
        (Object::Node(new), Object::Node(old)) => {
            Arc::make_mut(new).status = old.status.clone();
            false
        }
        (Object::Pod(new), Object::Pod(old)) => {
            Arc::make_mut(new).status = old.status.clone();
            differs(&new.spec, &old.spec)
        }
        (Object::ReplicaSet(new), Object::ReplicaSet(old)) => {
            Arc::make_mut(new).status = old.status.clone();
            differs(&new.spec, &old.spec)
        }
        (Object::Deployment(new), Object::Deployment(old)) => {
            Arc::make_mut(new).status = old.status.clone();
            differs(&new.spec, &old.spec) || new.metadata.annotations != old.metadata.annotations
        }
        (Object::Service(new), Object::Service(old)) => {
            update_service(Arc::make_mut(new), old);
            false
        }
        (Object::EndpointSlice(new), Object::EndpointSlice(old)) => {
            (&new.endpoints, &new.ports, &new.address_type, &new.metadata.labels)
                != (&old.endpoints, &old.ports, &old.address_type, &old.metadata.labels)
        }
        _ => false,
    };
    let generation = old.meta().generation;
    new.meta_mut().generation = if changed { Some(generation.unwrap_or(0) + 1) } else { generation };
}

/// Whether the two differ; sharing settles it at once.
fn differs<T: PartialEq>(new: &Arc<T>, old: &Arc<T>) -> bool {
    !Arc::ptr_eq(new, old) && new != old
}

fn create_namespace(namespace: &mut Namespace) {
    name_label(namespace);
    let active = NamespaceStatus { phase: Some("Active".into()), ..Default::default() };
    namespace.status = Arc::new(active);
    let finalizers = namespace.spec_mut().finalizers.get_or_insert_default();
    if !finalizers.iter().any(|finalizer| finalizer == "kubernetes") {
        finalizers.push("kubernetes".into());
    }
}

fn create_pod(pod: &mut Pod, now: &Time) {
    let gated = pod.spec.scheduling_gates.as_ref().is_some_and(|gates| !gates.is_empty());
    pod.status = Arc::new(PodStatus {
        phase: Some("Pending".into()),
        qos_class: Some(qos_class(&pod.spec).into()),
        conditions: gated.then(|| vec![gated_condition(now)]),
        ..Default::default()
    });
    if uses_label_keys(&pod.spec) {
        apply_label_keys(pod);
    }
}

/// Models applySchedulingGatedCondition.
fn gated_condition(now: &Time) -> PodCondition {
    PodCondition {
        type_: "PodScheduled".into(),
        status: "False".into(),
        last_transition_time: Some(now.clone()),
        reason: Some("SchedulingGated".into()),
        message: Some("Scheduling is blocked due to non-empty scheduling gates".into()),
        ..Default::default()
    }
}

fn uses_label_keys(spec: &PodSpec) -> bool {
    let affinity = spec.affinity.as_ref();
    affinity.is_some_and(|affinity| affinity.pod_affinity.is_some() || affinity.pod_anti_affinity.is_some())
        || spec.topology_spread_constraints.is_some()
}

/// Turns `matchLabelKeys` into requirements with the Pod's own values.
/// Models mutatePodAffinity and mutateTopologySpreadConstraints.
fn apply_label_keys(pod: &mut Pod) {
    let labels = pod.metadata.labels.clone().unwrap_or_default();
    let spec = pod.spec_mut();
    if let Some(affinity) = &mut spec.affinity {
        let (both, anti) = (&mut affinity.pod_affinity, &mut affinity.pod_anti_affinity);
        let mut terms: Vec<&mut PodAffinityTerm> = Vec::new();
        if let Some(both) = both {
            let preferred = both.preferred_during_scheduling_ignored_during_execution.iter_mut().flatten();
            terms.extend(preferred.map(|weighted| &mut weighted.pod_affinity_term));
            terms.extend(both.required_during_scheduling_ignored_during_execution.iter_mut().flatten());
        }
        if let Some(anti) = anti {
            let preferred = anti.preferred_during_scheduling_ignored_during_execution.iter_mut().flatten();
            terms.extend(preferred.map(|weighted| &mut weighted.pod_affinity_term));
            terms.extend(anti.required_during_scheduling_ignored_during_execution.iter_mut().flatten());
        }
        for term in terms {
            require(&mut term.label_selector, term.match_label_keys.as_deref(), "In", &labels);
            require(&mut term.label_selector, term.mismatch_label_keys.as_deref(), "NotIn", &labels);
        }
    }
    for constraint in spec.topology_spread_constraints.iter_mut().flatten() {
        require(&mut constraint.label_selector, constraint.match_label_keys.as_deref(), "In", &labels);
    }
}

fn require(selector: &mut Option<LabelSelector>, keys: Option<&[String]>, operator: &str, labels: &Labels) {
    let (Some(selector), Some(keys)) = (selector, keys) else { return };
    for (key, value) in keys.iter().filter_map(|key| Some((key, labels.get(key)?))) {
        selector.match_expressions.get_or_insert_default().push(LabelSelectorRequirement {
            key: key.clone(),
            operator: operator.into(),
            values: Some(vec![value.clone()]),
        });
    }
}

fn create_service(service: &mut Service) {
    service.status = Arc::new(no_load_balancer());
    normalize_cluster_ips(service.spec_mut());
    ip_families(service.spec_mut());
}

fn no_load_balancer() -> ServiceStatus {
    ServiceStatus { load_balancer: Some(LoadBalancerStatus::default()), conditions: None }
}

fn normalize_cluster_ips(spec: &mut ServiceSpec) {
    if let (Some(ip), None) = (&spec.cluster_ip, &spec.cluster_ips) {
        spec.cluster_ips = Some(vec![ip.clone()]);
    }
}

/// The families of a cluster that has IPv4 only. Models Allocators.initIPFamilyFields.
fn ip_families(spec: &mut ServiceSpec) {
    if spec.type_.as_deref() == Some("ExternalName") {
        return;
    }
    let without_backends = spec.cluster_ip.as_deref() == Some("None") && spec.selector.is_none();
    let policy = if without_backends { "RequireDualStack" } else { "SingleStack" };
    let policy = spec.ip_family_policy.get_or_insert_with(|| policy.into());
    let families = spec.ip_families.get_or_insert_default();
    if families.is_empty() {
        families.push("IPv4".into());
    }
    if without_backends && policy != "SingleStack" && families.len() == 1 {
        let other = if families[0] == "IPv4" { "IPv6" } else { "IPv4" };
        families.push(other.into());
    }
}

/// Models svcStrategy.PrepareForUpdate, normalizeClusterIPs, patchAllocatedValues and dropTypeDependentFields.
fn update_service(new: &mut Service, old: &Service) {
    new.status = old.status.clone();
    let (before, is_balanced) = (&old.spec, new.spec.type_.as_deref() == Some("LoadBalancer"));
    if Arc::ptr_eq(&new.spec, before) {
        return;
    }
    let spec = new.spec_mut();
    patch_allocated(spec, before);
    if spec.cluster_ip != before.cluster_ip && spec.cluster_ips == before.cluster_ips {
        spec.cluster_ips = spec.cluster_ip.as_ref().map(|ip| vec![ip.clone()]);
    }
    drop_type_dependent(spec, before);
    if spec.ip_family_policy.is_none() && has_cluster_ip(spec) && has_cluster_ip(before) {
        spec.ip_family_policy.clone_from(&before.ip_family_policy);
    }
    if spec.ip_families.is_none() && has_cluster_ip(spec) && has_cluster_ip(before) {
        spec.ip_families.clone_from(&before.ip_families);
    }
    ip_families(spec);
    if !is_balanced && new.status.load_balancer.as_ref().is_some_and(|balancer| balancer.ingress.is_some()) {
        new.status_mut().load_balancer = Some(LoadBalancerStatus::default());
    }
}

fn has_cluster_ip(spec: &ServiceSpec) -> bool {
    spec.type_.as_deref() != Some("ExternalName")
}

fn has_node_ports(spec: &ServiceSpec) -> bool {
    matches!(spec.type_.as_deref(), Some("NodePort" | "LoadBalancer"))
}

fn node_ports(spec: &ServiceSpec) -> Vec<i32> {
    spec.ports.iter().flatten().filter_map(|port| port.node_port).collect()
}

/// What the server gave out before is kept by a client that does not say it.
fn patch_allocated(spec: &mut ServiceSpec, before: &ServiceSpec) {
    if has_cluster_ip(before) && has_cluster_ip(spec) {
        if spec.cluster_ip.is_none() {
            spec.cluster_ip.clone_from(&before.cluster_ip);
        }
        if spec.cluster_ips.is_none() {
            spec.cluster_ips.clone_from(&before.cluster_ips);
        }
    }
    if has_node_ports(before) && has_node_ports(spec) {
        let (mine, theirs) = (node_ports(spec), node_ports(before));
        for port in spec.ports.iter_mut().flatten().filter(|port| port.node_port.is_none()) {
            // As upstream, of several ports of one name the last one counts.
            let same = before.ports.iter().flatten().rfind(|other| other.name == port.name);
            let free = |number: &i32| !(mine.contains(number) && theirs.contains(number));
            port.node_port = same.and_then(|other| other.node_port).filter(free);
        }
    }
}

fn drop_type_dependent(spec: &mut ServiceSpec, before: &ServiceSpec) {
    if has_cluster_ip(before) && !has_cluster_ip(spec) {
        if spec.cluster_ip == before.cluster_ip && spec.cluster_ips == before.cluster_ips {
            spec.cluster_ip = None;
            spec.cluster_ips = None;
        }
        forget(&mut spec.ip_families, &before.ip_families);
        forget(&mut spec.ip_family_policy, &before.ip_family_policy);
    }
    if has_node_ports(before) && !has_node_ports(spec) {
        let theirs = node_ports(before);
        if node_ports(spec).iter().all(|number| theirs.contains(number)) {
            spec.ports.iter_mut().flatten().for_each(|port| port.node_port = None);
        }
    }
    let is_balanced = |spec: &ServiceSpec| spec.type_.as_deref() == Some("LoadBalancer");
    let checks_health =
        |spec: &ServiceSpec| is_balanced(spec) && spec.external_traffic_policy.as_deref() == Some("Local");
    if checks_health(before) && !checks_health(spec) {
        forget(&mut spec.health_check_node_port, &before.health_check_node_port);
    }
    if is_balanced(before) && !is_balanced(spec) {
        forget(&mut spec.allocate_load_balancer_node_ports, &before.allocate_load_balancer_node_ports);
        forget(&mut spec.load_balancer_class, &before.load_balancer_class);
    }
    if is_externally_accessible(before) && !is_externally_accessible(spec) {
        forget(&mut spec.external_traffic_policy, &before.external_traffic_policy);
    }
}

/// Clears what the client did not try to change.
fn forget<T: PartialEq>(field: &mut Option<T>, before: &Option<T>) {
    if field == before {
        *field = None;
    }
}
