//! Defaults of Pods. Models SetDefaults_Pod, SetDefaults_PodSpec and the generated walk around them.

use crate::api::Pod;
use crate::api::core::{Affinity, Container, PodSecurityContext, PodSpec};
use crate::api::meta::LabelSelector;

use super::container::{container, ephemeral};
use super::metadata;
use super::resources::{self, requests_from_limits};
use super::volume::volume;
use super::zero::{drop_zero, each, text};

/// A Pod; more is filled in than in a template.
pub(super) fn pod(pod: &mut Pod) {
    metadata(&mut pod.metadata);
    let spec = pod.spec_mut();
    self::spec(spec);
    // Models Convert_v1_Pod_To_core_Pod: less than no time is the least there is.
    spec.termination_grace_period_seconds =
        spec.termination_grace_period_seconds.map(|s| if s < 0 { 1 } else { s });
    for container in spec.containers.iter_mut().chain(each(&mut spec.init_containers)) {
        container.resources.iter_mut().for_each(requests_from_limits);
    }
    super::qos::pod_level_resources(spec);
    spec.enable_service_links.get_or_insert(true);
    if spec.host_network == Some(true) {
        spec.containers.iter_mut().chain(each(&mut spec.init_containers)).for_each(host_ports);
    }
}

/// On the host's network, a container's ports are the host's.
fn host_ports(container: &mut Container) {
    for port in each(&mut container.ports) {
        if port.host_port.is_none() && port.container_port != 0 {
            port.host_port = Some(port.container_port);
        }
    }
}

/// The spec of a Pod or of a template.
pub fn spec(spec: &mut PodSpec) {
    text(&mut spec.dns_policy, "ClusterFirst");
    text(&mut spec.restart_policy, "Always");
    text(&mut spec.scheduler_name, "default-scheduler");
    spec.termination_grace_period_seconds.get_or_insert(30);
    security_context(spec.security_context.get_or_insert_default());
    service_account(spec);
    each(&mut spec.volumes).for_each(volume);
    each(&mut spec.init_containers).for_each(container);
    spec.containers.iter_mut().for_each(container);
    each(&mut spec.ephemeral_containers).for_each(ephemeral);
    resources::list(&mut spec.overhead);
    spec.resources.iter_mut().for_each(resources::requirements);
    if let Some(terms) = &mut spec.affinity {
        affinity(terms);
    }
    drop_empty(spec);
}

/// The old name mirrors the new one. Models Convert_v1_PodSpec_To_core_PodSpec and back.
fn service_account(spec: &mut PodSpec) {
    drop_zero(&mut spec.service_account_name);
    drop_zero(&mut spec.service_account);
    if spec.service_account_name.is_none() {
        spec.service_account_name.clone_from(&spec.service_account);
    } else if spec.service_account != spec.service_account_name {
        spec.service_account.clone_from(&spec.service_account_name);
    }
}

fn security_context(context: &mut PodSecurityContext) {
    drop_zero(&mut context.supplemental_groups);
    drop_zero(&mut context.sysctls);
}

fn drop_empty(spec: &mut PodSpec) {
    drop_zero(&mut spec.host_aliases);
    drop_zero(&mut spec.host_ipc);
    drop_zero(&mut spec.host_network);
    drop_zero(&mut spec.host_pid);
    drop_zero(&mut spec.hostname);
    drop_zero(&mut spec.image_pull_secrets);
    drop_zero(&mut spec.init_containers);
    drop_zero(&mut spec.ephemeral_containers);
    drop_zero(&mut spec.node_name);
    drop_zero(&mut spec.node_selector);
    drop_zero(&mut spec.priority_class_name);
    drop_zero(&mut spec.readiness_gates);
    drop_zero(&mut spec.resource_claims);
    drop_zero(&mut spec.scheduling_gates);
    drop_zero(&mut spec.subdomain);
    drop_zero(&mut spec.tolerations);
    drop_zero(&mut spec.topology_spread_constraints);
    drop_zero(&mut spec.volumes);
    for toleration in each(&mut spec.tolerations) {
        drop_zero(&mut toleration.key);
        drop_zero(&mut toleration.operator);
        drop_zero(&mut toleration.value);
        drop_zero(&mut toleration.effect);
    }
    for constraint in each(&mut spec.topology_spread_constraints) {
        constraint.label_selector.iter_mut().for_each(label_selector);
        drop_zero(&mut constraint.match_label_keys);
    }
    if let Some(dns) = &mut spec.dns_config {
        drop_zero(&mut dns.nameservers);
        drop_zero(&mut dns.searches);
        drop_zero(&mut dns.options);
    }
}

fn affinity(affinity: &mut Affinity) {
    if let Some(node) = &mut affinity.node_affinity {
        drop_zero(&mut node.preferred_during_scheduling_ignored_during_execution);
    }
    if let Some(pod) = &mut affinity.pod_affinity {
        drop_zero(&mut pod.preferred_during_scheduling_ignored_during_execution);
        drop_zero(&mut pod.required_during_scheduling_ignored_during_execution);
    }
    if let Some(pod) = &mut affinity.pod_anti_affinity {
        drop_zero(&mut pod.preferred_during_scheduling_ignored_during_execution);
        drop_zero(&mut pod.required_during_scheduling_ignored_during_execution);
    }
}

/// A selector as Go writes it.
pub(super) fn label_selector(selector: &mut LabelSelector) {
    drop_zero(&mut selector.match_labels);
    drop_zero(&mut selector.match_expressions);
    for expression in each(&mut selector.match_expressions) {
        drop_zero(&mut expression.values);
    }
}
