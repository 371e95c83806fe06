//! Services. Models ValidateServiceCreate and ValidateServiceUpdate.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::api::core::{ServicePort, ServiceSpec};
use crate::api::{Scope, Service};

use super::container::shown_list;
use super::field::{Faults, Json, Path, json_string};
use super::names::{is_dns1123_label, is_dns1123_subdomain, is_port_number, is_qualified_name};
use super::{ip, metadata, probe};

const BALANCED_ONLY: &str = "may only be used when `type` is 'LoadBalancer'";
const SET_ONCE: &str = "may not change once set";
/// Three hours is the default, one day the most.
const MAX_AFFINITY_SECONDS: i32 = 86400;

/// Models ValidateServiceCreate.
pub(super) fn create(service: &Service, faults: &mut Faults) {
    metadata::create(&service.metadata, Scope::Namespaced, metadata::LABEL, faults);
    self::service(service, None, faults);
}

/// Models ValidateServiceUpdate.
pub(super) fn update(new: &Service, old: &Service, faults: &mut Faults) {
    metadata::update(&new.metadata, &old.metadata, faults);
    if Arc::ptr_eq(&new.spec, &old.spec) {
        return;
    }
    let path = Path::root("spec");
    if type_of(&new.spec) != "ExternalName" && type_of(&old.spec) != "ExternalName" {
        changed_addresses(&new.spec, &old.spec, &path, faults);
        changed_families(&new.spec, &old.spec, &path, faults);
    }
    let (class, before) = (&new.spec.load_balancer_class, &old.spec.load_balancer_class);
    let both_balanced = [&new.spec, &old.spec].iter().all(|spec| type_of(spec) == "LoadBalancer");
    if both_balanced && class != before {
        faults.invalid(&path.child("loadBalancerClass"), class, SET_ONCE);
    }
    let port = |spec: &ServiceSpec| spec.health_check_node_port.unwrap_or(0);
    if needs_health_check(&new.spec) && needs_health_check(&old.spec) && port(&new.spec) != port(&old.spec) {
        faults.forbidden(&path.child("healthCheckNodePort"), "field is immutable");
    }
    service(new, Some(&old.spec), faults);
}

fn type_of(spec: &ServiceSpec) -> &str {
    spec.type_.as_deref().unwrap_or_default()
}

/// The addresses; a lone `clusterIP` counts as the first of them.
fn cluster_ips(spec: &ServiceSpec) -> &[String] {
    match (&spec.cluster_ips, &spec.cluster_ip) {
        (Some(list), _) => list,
        (None, Some(one)) if !one.is_empty() => std::slice::from_ref(one),
        (None, _) => &[],
    }
}

fn families(spec: &ServiceSpec) -> &[String] {
    spec.ip_families.as_deref().unwrap_or_default()
}

fn is_headless(spec: &ServiceSpec) -> bool {
    cluster_ips(spec) == ["None"]
}

fn needs_health_check(spec: &ServiceSpec) -> bool {
    type_of(spec) == "LoadBalancer" && spec.external_traffic_policy.as_deref() == Some("Local")
}

fn is_externally_accessible(spec: &ServiceSpec) -> bool {
    match type_of(spec) {
        "LoadBalancer" | "NodePort" => true,
        "ClusterIP" => spec.external_ips.as_ref().is_some_and(|ips| !ips.is_empty()),
        _ => false,
    }
}

/// Models validateService.
fn service(service: &Service, old: Option<&ServiceSpec>, faults: &mut Faults) {
    let (spec, path) = (&*service.spec, Path::root("spec"));
    let (type_, ports) = (type_of(spec), spec.ports.as_deref().unwrap_or_default());
    let ports_path = path.child("ports");
    if ports.is_empty() && !is_headless(spec) && type_ != "ExternalName" {
        faults.required(&ports_path, "");
    }
    match type_ {
        "LoadBalancer" | "NodePort" if is_headless(spec) => {
            let at = path.child("clusterIPs");
            let text = format!("may not be set to 'None' for {type_} services");
            faults.invalid(&at.index(0), "None", &text);
        }
        "ExternalName" => external_name(spec, &path, faults),
        _ => {}
    }
    let mut names = BTreeSet::new();
    for (index, port) in ports.iter().enumerate() {
        let path = ports_path.index(index);
        let name = port.name.as_deref().unwrap_or_default();
        if ports.len() > 1 && name.is_empty() {
            faults.required(&path.child("name"), "");
        } else if !name.is_empty() {
            faults.invalid_each(&path.child("name"), name, is_dns1123_label(name));
            if !names.insert(name) {
                faults.duplicate(&path.child("name"), name);
            }
        }
        self::port(port, &path, faults);
    }
    metadata::labels(spec.selector.as_ref(), &path.child("selector"), faults);
    session_affinity(spec, &path, faults);
    addresses(spec, old, &path, faults);
    external_ips(spec, old, &path.child("externalIPs"), faults);
    let types = &["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    faults.one_of(&path.child("type"), spec.type_.as_deref(), types);
    port_numbers(spec, ports, &ports_path, faults);
    load_balancer(spec, old, &path, faults);
    traffic(spec, &path, faults);
}

fn external_name(spec: &ServiceSpec, path: &Path, faults: &mut Faults) {
    let text = "may not be set for ExternalName services";
    for (name, is_set) in [
        ("clusterIPs", !cluster_ips(spec).is_empty()),
        ("ipFamilies", !families(spec).is_empty()),
        ("ipFamilyPolicy", spec.ip_family_policy.is_some()),
    ] {
        if is_set {
            faults.forbidden(&path.child(name), text);
        }
    }
    let name = spec.external_name.as_deref().unwrap_or_default();
    match name.strip_suffix('.').unwrap_or(name) {
        "" => faults.required(&path.child("externalName"), ""),
        name => faults.invalid_each(&path.child("externalName"), name, is_dns1123_subdomain(name)),
    }
}

/// Models validateServicePort.
fn port(port: &ServicePort, path: &Path, faults: &mut Faults) {
    if let Some(message) = is_port_number(port.port) {
        faults.invalid(&path.child("port"), &port.port, &message);
    }
    faults.one_of(&path.child("protocol"), port.protocol.as_deref(), &["SCTP", "TCP", "UDP"]);
    if let Some(target) = &port.target_port {
        probe::port(target, &path.child("targetPort"), faults);
    }
    if let Some(protocol) = port.app_protocol.as_deref() {
        faults.invalid_each(&path.child("appProtocol"), protocol, is_qualified_name(protocol));
    }
}

/// Models validateClientIPAffinityConfig and what is around it.
fn session_affinity(spec: &ServiceSpec, path: &Path, faults: &mut Faults) {
    let affinity = spec.session_affinity.as_deref();
    faults.one_of(&path.child("sessionAffinity"), affinity, &["ClientIP", "None"]);
    let at = path.child("sessionAffinityConfig");
    let config = spec.session_affinity_config.as_ref();
    match affinity {
        Some("ClientIP") => {
            let text = "when session affinity type is ClientIP";
            let client_path = at.child("clientIP");
            let seconds_path = client_path.child("timeoutSeconds");
            let client = config.and_then(|config| config.client_ip.as_ref());
            match (config, client, client.and_then(|client| client.timeout_seconds)) {
                (None, ..) => faults.required(&at, text),
                (_, None, _) => faults.required(&client_path, text),
                (_, _, None) => faults.required(&seconds_path, text),
                (_, _, Some(seconds)) if !(1..=MAX_AFFINITY_SECONDS).contains(&seconds) => {
                    let text = format!("must be greater than 0 and less than {MAX_AFFINITY_SECONDS}");
                    faults.invalid(&seconds_path, &seconds, &text);
                }
                _ => {}
            }
        }
        Some("None") if config.is_some() => {
            faults.forbidden(&at, "must not be set when session affinity is None");
        }
        _ => {}
    }
}

/// Models ValidateServiceClusterIPsRelatedFields.
fn addresses(spec: &ServiceSpec, old: Option<&ServiceSpec>, path: &Path, faults: &mut Faults) {
    if type_of(spec) == "ExternalName" {
        return;
    }
    let (at, ips) = (path.child("clusterIPs"), cluster_ips(spec));
    match spec.cluster_ip.as_deref().unwrap_or_default() {
        "" if !ips.is_empty() => {
            faults.invalid(&at, &shown_list(ips), "must be empty when `clusterIP` is not specified");
        }
        "" => {}
        one if ips.first().is_some_and(|first| first != one) => {
            faults.invalid(&at, &shown_list(ips), "first value must match `clusterIP`");
        }
        _ => {}
    }
    let families_path = path.child("ipFamilies");
    for (index, family) in families(spec).iter().enumerate() {
        let path = families_path.index(index);
        faults.one_of_if_set(&path, Some(family), &["IPv4", "IPv6"]);
        if families(spec)[..index].contains(family) {
            faults.duplicate(&path, family);
        }
    }
    let policies = &["PreferDualStack", "RequireDualStack", "SingleStack"];
    faults.one_of_if_set(&path.child("ipFamilyPolicy"), spec.ip_family_policy.as_deref(), policies);
    let before = faults.count();
    for (index, ip) in ips.iter().enumerate() {
        if index == 0 && ip == "None" {
            if ips.len() > 1 {
                faults.invalid(&at, &shown_list(ips), "'None' must be the first and only value");
            }
        } else {
            ip::legacy_ip(ip, old.map_or(&[], cluster_ips), &at.index(index), faults);
        }
    }
    if ips.len() > 2 {
        faults.invalid(&at, &shown_list(ips), "may only hold up to 2 values");
    }
    if faults.count() > before || is_headless(spec) {
        return;
    }
    let is_v6 = |ip: &String| ip.contains(':');
    if ips.len() > 1 && (ips.iter().all(is_v6) || !ips.iter().any(is_v6)) {
        faults.invalid(&at, &shown_list(ips), "may specify no more than one IP for each IP family");
    }
    for (index, (ip, family)) in ips.iter().zip(families(spec)).enumerate() {
        if (family == "IPv6") != is_v6(ip) {
            let text = format!("expected an {family} value as indicated by `ipFamilies[{index}]`");
            faults.invalid(&at.index(index), ip, &text);
        }
    }
}

fn external_ips(spec: &ServiceSpec, old: Option<&ServiceSpec>, path: &Path, faults: &mut Faults) {
    let before = old.and_then(|old| old.external_ips.as_deref()).unwrap_or_default();
    for (index, ip) in spec.external_ips.iter().flatten().enumerate() {
        let path = path.index(index);
        let count = faults.count();
        ip::legacy_ip(ip, before, &path, faults);
        if faults.count() == count {
            ip::endpoint_ip(ip, &path, faults);
        }
    }
}

/// Ports and node ports are unique, and a ClusterIP has none of the latter.
fn port_numbers(spec: &ServiceSpec, ports: &[ServicePort], path: &Path, faults: &mut Faults) {
    let node_port = |port: &ServicePort| port.node_port.filter(|number| *number != 0);
    if type_of(spec) == "ClusterIP" {
        for (index, _) in ports.iter().enumerate().filter(|(_, port)| node_port(port).is_some()) {
            let path = path.index(index);
            faults.forbidden(&path.child("nodePort"), "may not be used when `type` is 'ClusterIP'");
        }
    }
    for (index, port) in ports.iter().enumerate() {
        let Some(number) = node_port(port) else { continue };
        let same = |other: &ServicePort| other.protocol == port.protocol && node_port(other) == Some(number);
        if ports[..index].iter().any(same) {
            let path = path.index(index);
            faults.duplicate(&path.child("nodePort"), &number);
        }
    }
    for (index, port) in ports.iter().enumerate() {
        let same = |other: &ServicePort| other.protocol == port.protocol && other.port == port.port;
        if ports[..index].iter().any(same) {
            let protocol = json_string(port.protocol.as_deref().unwrap_or_default());
            let shown = format!(
                "{{\"Name\":\"\",\"Protocol\":{protocol},\"AppProtocol\":null,\"Port\":{},\"TargetPort\":0,\"NodePort\":0}}",
                port.port
            );
            faults.duplicate(&path.index(index), &Json(shown));
        }
    }
}

fn load_balancer(spec: &ServiceSpec, old: Option<&ServiceSpec>, path: &Path, faults: &mut Faults) {
    let is_balanced = type_of(spec) == "LoadBalancer";
    let ranges = spec.load_balancer_source_ranges.as_deref().unwrap_or_default();
    if !ranges.is_empty() {
        let path = path.child("LoadBalancerSourceRanges");
        if !is_balanced {
            faults.forbidden(&path, BALANCED_ONLY);
        }
        let before = old.and_then(|old| old.load_balancer_source_ranges.as_deref()).unwrap_or_default();
        for (index, range) in ranges.iter().enumerate() {
            ip::legacy_cidr(range.trim(), before, &path.index(index), faults);
        }
    }
    if spec.allocate_load_balancer_node_ports.is_some() && !is_balanced {
        faults.forbidden(&path.child("allocateLoadBalancerNodePorts"), BALANCED_ONLY);
    }
    if let Some(class) = &spec.load_balancer_class {
        let path = path.child("loadBalancerClass");
        match is_balanced {
            true => faults.invalid_each(&path, class, is_qualified_name(class)),
            false => faults.forbidden(&path, BALANCED_ONLY),
        }
    }
}

/// Models validateServiceExternalTrafficPolicy, validateServiceInternalTrafficFieldsValue and
/// validateServiceTrafficDistribution.
fn traffic(spec: &ServiceSpec, path: &Path, faults: &mut Faults) {
    let at = path.child("externalTrafficPolicy");
    let policies = &["Cluster", "Local"];
    match spec.external_traffic_policy.as_deref().filter(|policy| !policy.is_empty()) {
        policy if is_externally_accessible(spec) => faults.one_of(&at, policy, policies),
        Some(policy) => {
            faults.invalid(&at, policy, "may only be set for externally-accessible services");
        }
        None => {}
    }
    // Where a health check needs a port, allocation gives it one.
    let port = spec.health_check_node_port.unwrap_or(0);
    let at = path.child("healthCheckNodePort");
    if port != 0 && !needs_health_check(spec) {
        let text = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
        faults.invalid(&at, &port, text);
    } else if let Some(message) = is_port_number(port).filter(|_| port != 0) {
        faults.invalid(&at, &port, &message);
    }
    let at = path.child("internalTrafficPolicy");
    match spec.internal_traffic_policy.as_deref() {
        None if matches!(type_of(spec), "NodePort" | "LoadBalancer" | "ClusterIP") => {
            faults.required(&at, "");
        }
        policy => faults.one_of_if_set(&at, policy, policies),
    }
    let distributions = &["PreferClose", "PreferSameZone", "PreferSameNode"];
    let distribution = spec.traffic_distribution.as_deref();
    faults.one_of_if_set(&path.child("trafficDistribution"), distribution, distributions);
}

/// Models validateUpgradeDowngradeClusterIPs.
fn changed_addresses(new: &ServiceSpec, old: &ServiceSpec, path: &Path, faults: &mut Faults) {
    if is_headless(new) && is_headless(old) {
        return;
    }
    let (ips, before) = (cluster_ips(new), cluster_ips(old));
    let at = path.child("clusterIPs");
    let first_changed = matches!((ips.first(), before.first()), (Some(new), Some(old)) if new != old);
    if ips.len() == before.len() {
        for (index, _) in ips.iter().zip(before).enumerate().filter(|(_, (new, old))| new != old) {
            faults.invalid(&at.index(index), &shown_list(ips), SET_ONCE);
        }
        return;
    }
    if ips.is_empty() {
        faults.invalid(&at.index(0), &Json("null".into()), "primary clusterIP can not be unset");
    }
    if first_changed {
        faults.invalid(&at.index(0), &shown_list(ips), SET_ONCE);
    }
    if ips.len() == 1 && before.len() > 1 && new.ip_family_policy.as_deref() != Some("SingleStack") {
        let text = "must be set to 'SingleStack' when releasing the secondary clusterIP";
        faults.invalid(&path.child("ipFamilyPolicy"), &new.ip_family_policy, text);
    }
}

/// Models validateUpgradeDowngradeIPFamilies.
fn changed_families(new: &ServiceSpec, old: &ServiceSpec, path: &Path, faults: &mut Faults) {
    if is_headless(new) || is_headless(old) {
        return;
    }
    let (now, before) = (families(new), families(old));
    let at = path.child("ipFamilies");
    let at = at.index(0);
    if now.len() == before.len() {
        for _ in now.iter().zip(before).filter(|(new, old)| new != old) {
            faults.invalid(&at, &shown_list(now), SET_ONCE);
        }
        return;
    }
    // Upstream shows the addresses here, not the families.
    if matches!((now.first(), before.first()), (Some(new), Some(old)) if new != old) {
        faults.invalid(&at, &shown_list(cluster_ips(new)), SET_ONCE);
    }
    if now.len() == 1 && before.len() > 1 && new.ip_family_policy.as_deref() != Some("SingleStack") {
        let text = "must be set to 'SingleStack' when releasing the secondary ipFamily";
        faults.invalid(&path.child("ipFamilyPolicy"), &new.ip_family_policy, text);
    }
}
