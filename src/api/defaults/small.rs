//! Defaults of kinds that have few.

use crate::api::{EndpointSlice, Event, Namespace, Node};

use super::zero::{drop_zero, each};
use super::{metadata, resources};

/// Models SetDefaults_Namespace and SetDefaults_NamespaceStatus.
pub(super) fn namespace(namespace: &mut Namespace) {
    metadata(&mut namespace.metadata);
    name_label(namespace);
    if namespace.status.phase.as_ref().is_none_or(|phase| phase.is_empty()) {
        namespace.status_mut().phase = Some("Active".into());
    }
}

/// A Namespace's label always tells its name, once it has one.
pub(super) fn name_label(namespace: &mut Namespace) {
    const LABEL: &str = "kubernetes.io/metadata.name";
    let meta = &mut namespace.metadata;
    if let Some(name) = &meta.name {
        let labels = meta.labels.get_or_insert_default();
        if labels.get(LABEL) != Some(name) {
            labels.insert(LABEL.into(), name.clone());
        }
    }
}

/// Models SetDefaults_NodeStatus.
pub(super) fn node(node: &mut Node) {
    metadata(&mut node.metadata);
    if node.spec.taints.as_ref().is_some_and(Vec::is_empty) || node.spec.unschedulable == Some(false) {
        let spec = node.spec_mut();
        drop_zero(&mut spec.taints);
        drop_zero(&mut spec.unschedulable);
    }
    if node.status.capacity.is_some() {
        let status = node.status_mut();
        resources::list(&mut status.capacity);
        if status.allocatable.is_none() {
            status.allocatable.clone_from(&status.capacity);
        }
        resources::list(&mut status.allocatable);
    }
}

/// Models SetDefaults_EndpointPort; an endpoint's conditions are always written.
pub(super) fn endpoint_slice(slice: &mut EndpointSlice) {
    metadata(&mut slice.metadata);
    for endpoint in each(&mut slice.endpoints) {
        endpoint.conditions.get_or_insert_default();
    }
    for port in each(&mut slice.ports) {
        port.name.get_or_insert_default();
        port.protocol.get_or_insert_with(|| "TCP".into());
    }
}

/// Fields that are always written.
pub(super) fn event(event: &mut Event) {
    metadata(&mut event.metadata);
    event.reporting_component.get_or_insert_default();
    event.reporting_instance.get_or_insert_default();
}
