//! Services and EndpointSlices.

use super::{Cell, Row, or, or_none};
use crate::api::order;
use crate::api::{EndpointSlice, Service};

/// How much of a load balancer's addresses is shown.
const LOAD_BALANCER_WIDTH: usize = 16;
/// How many ports and addresses of a slice are shown.
const FIRST: usize = 3;

pub(super) fn service(row: &mut Row, service: &Service, age: Cell) {
    let spec = &service.spec;
    row.add("Type", spec.type_.clone().unwrap_or_default());
    let address = spec.cluster_ips.iter().flatten().next();
    row.add("Cluster-IP", or_none(address.map(String::as_str).unwrap_or_default()));
    row.add("External-IP", external(service));
    let port = |port: &crate::api::core::ServicePort| {
        let protocol = port.protocol.as_deref().unwrap_or_default();
        match port.node_port.filter(|number| *number > 0) {
            Some(node) => format!("{}:{node}/{protocol}", port.port),
            None => format!("{}/{protocol}", port.port),
        }
    };
    let ports: Vec<String> = spec.ports.iter().flatten().map(port).collect();
    row.add("Port(s)", or_none(&ports.join(",")));
    row.add("Age", age);
    let selector: Vec<String> =
        spec.selector.iter().flatten().map(|(key, value)| format!("{key}={value}")).collect();
    row.wide("Selector", or_none(&selector.join(",")));
}

/// Models getServiceExternalIP.
fn external(service: &Service) -> String {
    let spec = &service.spec;
    let external = spec.external_ips.clone().unwrap_or_default();
    match spec.type_.as_deref().unwrap_or_default() {
        "ClusterIP" | "NodePort" => or_none(&external.join(",")),
        "LoadBalancer" => {
            let ingress =
                service.status.load_balancer.as_ref().and_then(|balancer| balancer.ingress.as_ref());
            let names = ingress.into_iter().flatten().filter_map(|ingress| {
                let ip = ingress.ip.as_deref().filter(|ip| !ip.is_empty());
                ip.or(ingress.hostname.as_deref()).map(String::from)
            });
            let names = order::set(names);
            let mut text = names.into_iter().collect::<Vec<_>>().join(",");
            if text.len() > LOAD_BALANCER_WIDTH && text.is_ascii() {
                text.truncate(LOAD_BALANCER_WIDTH - 3);
                text.push_str("...");
            }
            let all: Vec<String> =
                Some(text).filter(|text| !text.is_empty()).into_iter().chain(external).collect();
            or(&all.join(","), "<pending>")
        }
        "ExternalName" => spec.external_name.clone().unwrap_or_default(),
        _ => "<unknown>".into(),
    }
}

pub(super) fn endpoint_slice(row: &mut Row, slice: &EndpointSlice, age: Cell) {
    row.add("AddressType", slice.address_type.clone());
    let port = |port: &crate::api::discovery::EndpointPort| match (port.port, &port.name) {
        (Some(number), _) => number.to_string(),
        (None, Some(name)) => name.clone(),
        (None, None) => "*".into(),
    };
    row.add("Ports", first(slice.ports.iter().flatten().map(port).collect()));
    let addresses = slice.endpoints.iter().flatten().flat_map(|endpoint| endpoint.addresses.iter().cloned());
    row.add("Endpoints", first(addresses.collect()));
    row.add("Age", age);
}

/// Models listWithMoreString.
fn first(list: Vec<String>) -> String {
    match list.len().checked_sub(FIRST) {
        Some(more @ 1..) => format!("{} + {more} more...", list[..FIRST].join(",")),
        _ => or(&list.join(","), "<unset>"),
    }
}
