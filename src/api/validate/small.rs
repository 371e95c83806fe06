//! Kinds with few rules: Namespaces, Nodes, EndpointSlices, Events.

use std::net::IpAddr;

use crate::api::core::NodeStatus;
use crate::api::discovery::Endpoint;
use crate::api::{EndpointSlice, Event, Namespace, Node, Scope};

use super::field::{Faults, Path};
use super::names::{is_dns1123_label, is_dns1123_subdomain, is_qualified_name};
use super::{ip, metadata, resources, scheduling};

/// Models ValidateNamespace.
pub(super) fn namespace(namespace: &Namespace, faults: &mut Faults) {
    metadata::create(&namespace.metadata, Scope::Cluster, metadata::LABEL, faults);
    let path = Path::root("spec");
    let path = path.child("finalizers");
    for name in namespace.spec.finalizers.iter().flatten() {
        faults.invalid_each(&path, name, is_qualified_name(name));
        metadata::standard_finalizer(name, &path, faults);
    }
}

/// Models ValidateNamespaceUpdate after ValidateNamespace.
pub(super) fn namespace_update(new: &Namespace, old: &Namespace, faults: &mut Faults) {
    namespace(new, faults);
    metadata::update(&new.metadata, &old.metadata, faults);
}

/// Models ValidateNode.
pub(super) fn node(node: &Node, faults: &mut Faults) {
    metadata::create(&node.metadata, Scope::Cluster, metadata::SUBDOMAIN, faults);
    taints(node, faults);
    node_resources(&node.status, faults);
    let path = Path::root("spec");
    let path = path.child("podCIDRs");
    for (index, range) in node.spec.pod_cidrs.iter().flatten().enumerate() {
        ip::legacy_cidr(range, &[], &path.index(index), faults);
    }
}

/// Upstream places a Node's taints under its metadata.
fn taints(node: &Node, faults: &mut Faults) {
    let path = Path::root("metadata");
    scheduling::taints(node.spec.taints.as_deref().unwrap_or_default(), &path.child("taints"), faults);
}

/// Models ValidateNodeResources.
fn node_resources(status: &NodeStatus, faults: &mut Faults) {
    let path = Path::root("status");
    for (name, amounts) in [("capacity", &status.capacity), ("allocatable", &status.allocatable)] {
        let path = path.child(name);
        for (name, quantity) in amounts.iter().flatten() {
            resources::quantity_value(name, quantity, &path.child(name), faults);
        }
    }
}

/// Models ValidateNodeUpdate.
pub(super) fn node_update(new: &Node, old: &Node, faults: &mut Faults) {
    metadata::update(&new.metadata, &old.metadata, faults);
    node_resources(&new.status, faults);
    let path = Path::root("spec");
    let ranges = |node: &Node| node.spec.pod_cidrs.clone().unwrap_or_default();
    if !ranges(old).is_empty() && ranges(old) != ranges(new) {
        let text = "node updates may not change podCIDR except from \"\" to valid";
        faults.forbidden(&path.child("podCIDRs"), text);
    }
    let before = old.spec.provider_id.as_deref().unwrap_or_default();
    if !before.is_empty() && old.spec.provider_id != new.spec.provider_id {
        let text = "node updates may not change providerID except from \"\" to valid";
        faults.forbidden(&path.child("providerID"), text);
    }
    taints(new, faults);
}

/// Models ValidateEndpointSlice.
pub(super) fn endpoint_slice(slice: &EndpointSlice, faults: &mut Faults) {
    metadata::create(&slice.metadata, Scope::Namespaced, metadata::SUBDOMAIN, faults);
    let types = &["FQDN", "IPv4", "IPv6"];
    faults.one_of(&Path::root("addressType"), Some(&slice.address_type), types);
    let path = Path::root("ports");
    let ports = slice.ports.as_deref().unwrap_or_default();
    for (index, port) in ports.iter().enumerate() {
        let path = path.index(index);
        let name = port.name.as_deref().unwrap_or_default();
        if !name.is_empty() {
            faults.invalid_each(&path.child("name"), name, is_dns1123_label(name));
        }
        if ports[..index].iter().any(|other| other.name.as_deref().unwrap_or_default() == name) {
            faults.duplicate(&path.child("name"), name);
        }
        faults.one_of(&path.child("protocol"), port.protocol.as_deref(), &["SCTP", "TCP", "UDP"]);
        if let Some(protocol) = port.app_protocol.as_deref() {
            faults.invalid_each(&path.child("appProtocol"), protocol, is_qualified_name(protocol));
        }
    }
    endpoints(slice, faults);
}

fn endpoints(slice: &EndpointSlice, faults: &mut Faults) {
    let path = Path::root("endpoints");
    let endpoints = slice.endpoints.as_deref().unwrap_or_default();
    if endpoints.len() > 1000 {
        return faults.too_many(&path, endpoints.len(), 1000);
    }
    for (index, endpoint) in endpoints.iter().enumerate() {
        self::endpoint(endpoint, &slice.address_type, &path.index(index), faults);
    }
}

fn endpoint(endpoint: &Endpoint, address_type: &str, path: &Path, faults: &mut Faults) {
    let at = path.child("addresses");
    match endpoint.addresses.len() {
        0 => faults.required(&at, "must contain at least 1 address"),
        count if count > 100 => faults.too_many(&at, count, 100),
        _ => {}
    }
    for (index, address) in endpoint.addresses.iter().enumerate() {
        if !matches!(address_type, "IPv4" | "IPv6") {
            continue;
        }
        let before = faults.count();
        ip::legacy_ip(address, &[], &at.index(index), faults);
        if faults.count() > before {
            continue;
        }
        let is_v4 = address.parse::<IpAddr>().is_ok_and(|address| address.is_ipv4());
        if is_v4 != (address_type == "IPv4") {
            faults.invalid(&at, address, &format!("must be an {address_type} address"));
        }
        ip::endpoint_ip(address, &at.index(index), faults);
    }
    if let Some(node) = endpoint.node_name.as_deref() {
        faults.invalid_each(&path.child("nodeName"), node, is_dns1123_subdomain(node));
    }
    if let Some(name) = endpoint.hostname.as_deref() {
        faults.invalid_each(&path.child("hostname"), name, is_dns1123_label(name));
    }
}

/// Models ValidateEndpointSliceUpdate.
pub(super) fn endpoint_slice_update(new: &EndpointSlice, old: &EndpointSlice, faults: &mut Faults) {
    endpoint_slice(new, faults);
    faults.immutable(&Path::root("addressType"), &new.address_type, &old.address_type);
}

/// Models legacyValidateEvent.
pub(super) fn event(event: &Event, faults: &mut Faults) {
    let about = event.involved_object.namespace.as_deref().unwrap_or_default();
    let own = event.metadata.namespace.as_deref().unwrap_or_default();
    let matches = match (about, event.event_time.is_some()) {
        ("", false) => matches!(own, "" | "default"),
        ("", true) => matches!(own, "default" | "kube-system"),
        (about, false) => about == own,
        (_, true) => true,
    };
    if !matches {
        let path = Path::root("involvedObject");
        faults.invalid(&path.child("namespace"), about, "does not match event.namespace");
    }
    if event.event_time.is_some() {
        let text = |field: &Option<String>| field.clone().unwrap_or_default();
        let controller = text(&event.reporting_component);
        let path = Path::root("reportingComponent");
        if controller.is_empty() {
            faults.required(&path, "");
        }
        faults.invalid_each(&path, &controller, is_qualified_name(&controller));
        for (name, value, limit) in [
            ("reportingInstance", text(&event.reporting_instance), 128),
            ("action", text(&event.action), 128),
            ("reason", text(&event.reason), 128),
            ("message", text(&event.message), 1024),
        ] {
            if value.is_empty() && name != "message" {
                faults.required(&Path::root(name), "");
            }
            if value.len() > limit {
                let text = format!("can have at most {limit} characters");
                faults.invalid(&Path::root(name), "", &text);
            }
        }
    }
    faults.invalid_each(&Path::root("namespace"), own, is_dns1123_subdomain(own));
}
