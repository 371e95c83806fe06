//! Defaults of Services. Models SetDefaults_Service.

use crate::api::core::{ClientIPConfig, ServicePort, ServiceSpec, SessionAffinityConfig};
use crate::api::{IntOrString, Service};

use super::metadata;
use super::zero::{drop_zero, each, text};

/// How long a client keeps its backend when it is not said: three hours.
const CLIENT_IP_SECONDS: i32 = 10800;

/// A Service.
pub(super) fn service(service: &mut Service) {
    metadata(&mut service.metadata);
    let spec = service.spec_mut();
    text(&mut spec.type_, "ClusterIP");
    session_affinity(spec);
    each(&mut spec.ports).for_each(port);
    traffic_policies(spec);
    drop_zero(&mut spec.cluster_ip);
    drop_zero(&mut spec.cluster_ips);
    drop_zero(&mut spec.external_ips);
    drop_zero(&mut spec.external_name);
    drop_zero(&mut spec.health_check_node_port);
    drop_zero(&mut spec.ip_families);
    drop_zero(&mut spec.load_balancer_ip);
    drop_zero(&mut spec.load_balancer_source_ranges);
    drop_zero(&mut spec.ports);
    drop_zero(&mut spec.publish_not_ready_addresses);
    drop_zero(&mut spec.selector);
    drop_zero(&mut spec.external_traffic_policy);
}

fn session_affinity(spec: &mut ServiceSpec) {
    text(&mut spec.session_affinity, "None");
    match spec.session_affinity.as_deref() {
        Some("None") => spec.session_affinity_config = None,
        Some("ClientIP") => {
            let config = spec.session_affinity_config.as_ref();
            let told = config.and_then(|c| c.client_ip.as_ref()).and_then(|c| c.timeout_seconds);
            if told.is_none() {
                let client_ip = ClientIPConfig { timeout_seconds: Some(CLIENT_IP_SECONDS) };
                spec.session_affinity_config = Some(SessionAffinityConfig { client_ip: Some(client_ip) });
            }
        }
        _ => {}
    }
}

fn port(port: &mut ServicePort) {
    text(&mut port.protocol, "TCP");
    drop_zero(&mut port.name);
    drop_zero(&mut port.node_port);
    let unset = match &port.target_port {
        None | Some(IntOrString::Int(0)) => true,
        Some(IntOrString::String(name)) => name.is_empty(),
        Some(IntOrString::Int(_)) => false,
    };
    if unset {
        port.target_port = Some(IntOrString::Int(port.port));
    }
}

fn traffic_policies(spec: &mut ServiceSpec) {
    let kind = spec.type_.as_deref().unwrap_or_default();
    if is_externally_accessible(spec) {
        text(&mut spec.external_traffic_policy, "Cluster");
    }
    if matches!(kind, "NodePort" | "LoadBalancer" | "ClusterIP") {
        let cluster = || "Cluster".to_string();
        spec.internal_traffic_policy.get_or_insert_with(cluster);
    }
    if spec.type_.as_deref() == Some("LoadBalancer") {
        spec.allocate_load_balancer_node_ports.get_or_insert(true);
    }
}

/// Whether it can be reached from outside the cluster. Models pkg/api/v1/service ExternallyAccessible.
pub(super) fn is_externally_accessible(spec: &ServiceSpec) -> bool {
    match spec.type_.as_deref() {
        Some("NodePort" | "LoadBalancer") => true,
        Some("ClusterIP") => spec.external_ips.as_ref().is_some_and(|ips| !ips.is_empty()),
        _ => false,
    }
}
