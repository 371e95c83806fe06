//! One Pod as an endpoint. Models staging/src/k8s.io/endpointslice/utils.go.

use crate::api::conditions::{is_pod_ready, is_pod_terminal};
use crate::api::core::{ObjectReference, ServicePort};
use crate::api::discovery::{Endpoint, EndpointConditions, EndpointPort};
use crate::api::{IntOrString, Node, Pod, Service};

const ZONE: &str = "topology.kubernetes.io/zone";

/// Models ShouldPodBeInEndpoints, for endpoints that may be terminating.
pub(super) fn belongs(pod: &Pod) -> bool {
    let ips = pod.status.pod_ips.as_ref().is_some_and(|ips| !ips.is_empty());
    let ip = pod.status.pod_ip.as_ref().is_some_and(|ip| !ip.is_empty());
    !is_pod_terminal(&pod.status) && (ip || ips)
}

/// Models podToEndpoint.
pub(super) fn endpoint(pod: &Pod, node: Option<&Node>, service: &Service, address_type: &str) -> Endpoint {
    let serving = is_pod_ready(pod);
    let terminating = pod.metadata.deletion_timestamp.is_some();
    let ready = service.spec.publish_not_ready_addresses == Some(true) || (serving && !terminating);
    let labels = node.and_then(|node| node.metadata.labels.as_ref());
    let zone = labels.and_then(|labels| labels.get(ZONE)).filter(|zone| !zone.is_empty());
    Endpoint {
        addresses: addresses(pod, address_type),
        conditions: Some(EndpointConditions {
            ready: Some(ready),
            serving: Some(serving),
            terminating: Some(terminating),
        }),
        target_ref: Some(ObjectReference {
            kind: Some("Pod".into()),
            namespace: pod.metadata.namespace.clone(),
            name: pod.metadata.name.clone(),
            uid: pod.metadata.uid.clone(),
            ..ObjectReference::default()
        }),
        node_name: pod.spec.node_name.clone().filter(|name| !name.is_empty()),
        zone: zone.cloned(),
        hostname: pod.spec.hostname.clone().filter(|hostname| {
            !hostname.is_empty()
                && pod.spec.subdomain.is_some()
                && pod.spec.subdomain == service.metadata.name
        }),
        ..Endpoint::default()
    }
}

/// Models getEndpointAddresses.
fn addresses(pod: &Pod, address_type: &str) -> Vec<String> {
    let ips = pod.status.pod_ips.iter().flatten().map(|ip| &ip.ip);
    ips.filter(|ip| ip.contains(':') == (address_type == "IPv6")).cloned().collect()
}

/// The ports that the Service finds on this Pod. Models getEndpointPorts.
pub(super) fn ports(service: &Service, pod: &Pod) -> Vec<EndpointPort> {
    let found = |port: &ServicePort| {
        Some(EndpointPort {
            name: Some(port.name.clone().unwrap_or_default()),
            port: Some(find_port(pod, port)?),
            protocol: Some(protocol(port.protocol.as_ref()).into()),
            app_protocol: port.app_protocol.clone(),
        })
    };
    service.spec.ports.iter().flatten().filter_map(found).collect()
}

/// Models FindPort.
fn find_port(pod: &Pod, port: &ServicePort) -> Option<i32> {
    let name = match &port.target_port {
        None => return Some(port.port),
        Some(IntOrString::Int(0)) => return Some(port.port),
        Some(IntOrString::Int(number)) => return Some(*number),
        Some(IntOrString::String(name)) => name,
    };
    let sidecars = pod.spec.init_containers.iter().flatten();
    let sidecars = sidecars.filter(|container| container.restart_policy.as_deref() == Some("Always"));
    let mut ports = pod.spec.containers.iter().chain(sidecars).flat_map(|c| c.ports.iter().flatten());
    let same = |p: &&crate::api::core::ContainerPort| {
        p.name.as_ref() == Some(name) && protocol(p.protocol.as_ref()) == protocol(port.protocol.as_ref())
    };
    ports.find(same).map(|p| p.container_port)
}

fn protocol(protocol: Option<&String>) -> &str {
    protocol.map_or("TCP", String::as_str)
}
