//! Services and EndpointSlices.

use super::super::client::Client;
use super::sheet::Sheet;
use crate::api::{EndpointSlice, IntOrString, Service};

const SERVICE_NAME: &str = "kubernetes.io/service-name";
/// How many endpoints are shown.
const FIRST: usize = 3;

/// Models describeService.
pub(super) fn service(sheet: &mut Sheet, client: &Client<'_>, service: &Service) {
    let (meta, spec) = (&service.metadata, &service.spec);
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let name = text(&meta.name);
    sheet.field("Name", &name);
    sheet.field("Namespace", text(&meta.namespace));
    sheet.labels("Labels", meta.labels.as_ref());
    sheet.annotations("Annotations", meta.annotations.as_ref());
    let selector: Vec<String> =
        spec.selector.iter().flatten().map(|(key, value)| format!("{key}={value}")).collect();
    sheet.field("Selector", or_none(selector.join(",")));
    sheet.field("Type", text(&spec.type_));
    if let Some(policy) = &spec.ip_family_policy {
        sheet.field("IP Family Policy", policy);
    }
    sheet.field("IP Families", or_none(spec.ip_families.clone().unwrap_or_default().join(",")));
    sheet.field("IP", text(&spec.cluster_ip));
    sheet.field("IPs", or_none(spec.cluster_ips.clone().unwrap_or_default().join(",")));
    let optional = [
        ("External IPs", spec.external_ips.as_ref().map(|all| all.join(","))),
        ("Desired LoadBalancer IP", spec.load_balancer_ip.clone()),
        ("External Name", spec.external_name.clone()),
        ("LoadBalancer Ingress", ingress(service)),
    ];
    optional_fields(sheet, optional);
    let slices: Vec<_> = client.view().list_as::<EndpointSlice>(meta.namespace.as_deref()).collect();
    let of_service = |slice: &&&std::sync::Arc<EndpointSlice>| {
        slice.metadata.labels.as_ref().and_then(|labels| labels.get(SERVICE_NAME)) == Some(&name)
    };
    let slices: Vec<&EndpointSlice> = slices.iter().filter(of_service).map(|slice| &***slice).collect();
    for port in spec.ports.iter().flatten() {
        let named = port.name.as_deref().filter(|name| !name.is_empty());
        let (shown, protocol) = (named.unwrap_or("<unset>"), text(&port.protocol));
        sheet.line(0, format!("Port:\t{shown}\t{}/{protocol}", port.port));
        let target = match &port.target_port {
            Some(IntOrString::String(name)) => name.clone(),
            Some(IntOrString::Int(number)) => number.to_string(),
            None => "0".into(),
        };
        sheet.field("TargetPort", format!("{target}/{protocol}"));
        optional_fields(sheet, [("AppProtocol", port.app_protocol.clone())]);
        if let Some(node) = port.node_port.filter(|number| *number != 0) {
            sheet.line(0, format!("NodePort:\t{shown}\t{node}/{protocol}"));
        }
        sheet.field("Endpoints", endpoints(&slices, named.unwrap_or_default()));
    }
    sheet.field("Session Affinity", text(&spec.session_affinity));
    let health = spec.health_check_node_port.filter(|port| *port != 0).map(|port| port.to_string());
    let ranges = spec.load_balancer_source_ranges.as_ref().map(|all| all.join(","));
    let optional = [
        ("External Traffic Policy", spec.external_traffic_policy.clone()),
        ("Internal Traffic Policy", spec.internal_traffic_policy.clone()),
        ("HealthCheck NodePort", health),
        ("LoadBalancer Source Ranges", ranges),
        ("Traffic Distribution", spec.traffic_distribution.clone()),
    ];
    optional_fields(sheet, optional);
}

fn optional_fields<const N: usize>(sheet: &mut Sheet, fields: [(&str, Option<String>); N]) {
    for (name, value) in fields {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            sheet.field(name, value);
        }
    }
}

/// Models buildIngressString.
fn ingress(service: &Service) -> Option<String> {
    let all = service.status.load_balancer.as_ref()?.ingress.as_ref()?.iter();
    let one =
        |ingress: &crate::api::core::LoadBalancerIngress| match ingress.ip.as_deref().unwrap_or_default() {
            "" => ingress.hostname.clone().unwrap_or_default(),
            ip => match &ingress.ip_mode {
                Some(mode) => format!("{ip} ({mode})"),
                None => ip.to_string(),
            },
        };
    Some(all.map(one).collect::<Vec<_>>().join(", "))
}

/// Models formatEndpointSlices.
fn endpoints(slices: &[&EndpointSlice], port_name: &str) -> String {
    if slices.is_empty() {
        return "<none>".into();
    }
    let mut all = Vec::new();
    for slice in slices {
        let ready = slice.endpoints.iter().flatten().filter(|endpoint| {
            endpoint.conditions.as_ref().and_then(|conditions| conditions.ready).unwrap_or(true)
        });
        let addresses: Vec<&String> = ready.filter_map(|endpoint| endpoint.addresses.first()).collect();
        let ports = slice.ports.as_deref().unwrap_or_default();
        if ports.is_empty() {
            all.extend(addresses.into_iter().cloned());
            continue;
        }
        for port in ports.iter().filter(|port| port.name.as_deref().unwrap_or_default() == port_name) {
            let number = port.port.unwrap_or(0);
            all.extend(addresses.iter().map(|address| match address.contains(':') {
                true => format!("[{address}]:{number}"),
                false => format!("{address}:{number}"),
            }));
        }
    }
    match all.len().checked_sub(FIRST) {
        Some(more @ 1..) => format!("{} + {more} more...", all[..FIRST].join(",")),
        _ => all.join(","),
    }
}

/// Models describeEndpointSliceV1.
pub(super) fn endpoint_slice(sheet: &mut Sheet, slice: &EndpointSlice) {
    let meta = &slice.metadata;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    sheet.field("Name", text(&meta.name));
    sheet.field("Namespace", text(&meta.namespace));
    sheet.labels("Labels", meta.labels.as_ref());
    sheet.annotations("Annotations", meta.annotations.as_ref());
    sheet.field("AddressType", &slice.address_type);
    let ports = slice.ports.as_deref().unwrap_or_default();
    if ports.is_empty() {
        sheet.field("Ports", "<unset>");
    } else {
        sheet.line(0, "Ports:");
        sheet.line(1, "Name\tPort\tProtocol");
        sheet.line(1, "----\t----\t--------");
    }
    for port in ports {
        let name = text(&port.name);
        let name = if name.is_empty() { "<unset>".into() } else { name };
        let number = port.port.map_or_else(|| "<unset>".into(), |number| number.to_string());
        sheet.line(1, format!("{name}\t{number}\t{}", text(&port.protocol)));
    }
    let endpoints = slice.endpoints.as_deref().unwrap_or_default();
    sheet.line(0, if endpoints.is_empty() { "Endpoints: <none>" } else { "Endpoints:" });
    for endpoint in endpoints {
        sheet.line(1, format!("- Addresses:\t{}", endpoint.addresses.join(", ")));
        sheet.line(2, "Conditions:");
        let ready = endpoint.conditions.as_ref().and_then(|conditions| conditions.ready);
        let ready = ready.map_or_else(|| "<unset>".into(), |ready| ready.to_string());
        sheet.line(3, format!("Ready:\t{ready}"));
        sheet.line(2, format!("Hostname:\t{}", endpoint.hostname.as_deref().unwrap_or("<unset>")));
        if let Some(target) = &endpoint.target_ref {
            sheet.line(2, format!("TargetRef:\t{}/{}", text(&target.kind), text(&target.name)));
        }
        sheet.line(2, format!("NodeName:\t{}", endpoint.node_name.as_deref().unwrap_or("<unset>")));
        sheet.line(2, format!("Zone:\t{}", endpoint.zone.as_deref().unwrap_or("<unset>")));
    }
}

fn or_none(text: String) -> String {
    if text.is_empty() { "<none>".into() } else { text }
}
