//! Pods and what every Pod template has. Models ValidatePodSpec and ValidatePodCreate.

use crate::api::core::{Container, HostAlias, PodDNSConfig, PodResourceClaim, PodSpec};
use crate::api::labels::Labels;
use crate::api::order;
use crate::api::{ObjectMeta, Pod, Scope};

use super::container::{
    Scene, as_container, containers, ephemeral_containers, image_whitespace, init_containers, shown_list,
};
use super::field::{Faults, Json, Path};
use super::names::{
    is_dns1123_label, is_dns1123_subdomain, is_dns1123_subdomain_with_underscore, is_in_range,
    is_qualified_name,
};
use super::{ip, metadata, resources, scheduling, security, volume};

/// A new Pod. Models ValidatePodCreate.
pub(super) fn create(pod: &Pod, faults: &mut Faults) {
    metadata_and_spec(pod, faults);
    let path = Path::root("spec");
    if pod.spec.ephemeral_containers.is_some() {
        faults.forbidden(&path.child("ephemeralContainers"), "cannot be set on create");
    }
    if pod.spec.node_name.is_some() && pod.spec.scheduling_gates.is_some() {
        let text = "cannot be set until all schedulingGates have been cleared";
        faults.forbidden(&path.child("nodeName"), text);
    }
}

/// Models validatePodMetadataAndSpec.
pub(super) fn metadata_and_spec(pod: &Pod, faults: &mut Faults) {
    metadata::create(&pod.metadata, Scope::Namespaced, metadata::SUBDOMAIN, faults);
    let meta_path = Path::root("metadata");
    annotations(pod.metadata.annotations.as_ref(), &pod.spec, &meta_path.child("annotations"), faults);
    let path = Path::root("spec");
    spec(&pod.spec, Some(&pod.metadata), &path, faults);
    tokens_without_account(&pod.spec, &path, faults);
    for (name, list) in
        [("containers", Some(&pod.spec.containers)), ("initContainers", pod.spec.init_containers.as_ref())]
    {
        let path = path.child(name);
        for (index, container) in list.into_iter().flatten().enumerate() {
            image_whitespace(container, &path.index(index), faults);
        }
    }
}

fn tokens_without_account(spec: &PodSpec, path: &Path, faults: &mut Faults) {
    if spec.service_account_name.is_some() {
        return;
    }
    let list = path.child("volumes");
    for (index, volume) in spec.volumes.iter().flatten().enumerate() {
        let path = list.index(index);
        let path = path.child("projected");
        let path = path.child("sources");
        let sources = volume.projected.iter().flat_map(|projected| projected.sources.iter().flatten());
        for (index, _) in sources.enumerate().filter(|(_, source)| source.service_account_token.is_some()) {
            let path = path.index(index);
            let text = "must not be specified when serviceAccountName is not set";
            faults.forbidden(&path.child("serviceAccountToken"), text);
        }
    }
}

/// Models ValidatePodSpecificAnnotations.
pub(super) fn annotations(annotations: Option<&Labels>, spec: &PodSpec, path: &Path, faults: &mut Faults) {
    let Some(annotations) = annotations else { return };
    const MIRROR: &str = "kubernetes.io/config.mirror";
    const COST: &str = "controller.kubernetes.io/pod-deletion-cost";
    if let Some(value) = annotations.get(MIRROR).filter(|_| spec.node_name.is_none()) {
        let text = "must set spec.nodeName if mirror pod annotation is set";
        faults.invalid(&path.key(MIRROR), value, text);
    }
    if let Some(cost) = annotations.get(COST).filter(|cost| !is_deletion_cost(cost)) {
        faults.invalid(&path.key(COST), cost, "must be a 32bit integer");
    }
}

/// A plain number: neither `+1` nor `01`. Models GetDeletionCostFromPodAnnotations.
fn is_deletion_cost(text: &str) -> bool {
    text.parse::<i32>().is_ok_and(|number| number.to_string() == text)
}

/// The spec of a Pod, or of a template when `pod` is absent. Models ValidatePodSpec.
pub(super) fn spec(spec: &PodSpec, pod: Option<&ObjectMeta>, path: &Path, faults: &mut Faults) {
    if spec.termination_grace_period_seconds.is_none() {
        faults.required(&path.child("terminationGracePeriodSeconds"), "");
    }
    let volumes = volume::volumes(spec.volumes.as_ref(), pod, &path.child("volumes"), faults);
    let claims = spec.resource_claims.as_deref().unwrap_or_default();
    resource_claims(claims, &path.child("resourceClaims"), faults);
    let mut claims: Vec<&str> = claims.iter().map(|claim| claim.name.as_str()).collect();
    order::sort(&mut claims);
    let scene = Scene { spec, volumes, claims };
    containers(&scene, &path.child("containers"), faults);
    init_containers(&scene, &path.child("initContainers"), faults);
    ephemeral_containers(&scene, &path.child("ephemeralContainers"), faults);
    resources::pod_level(spec, &scene.claims, &path.child("resources"), faults);
    host_network(spec, pod, &path.child("containers"), faults);
    let policies = &["Always", "OnFailure", "Never"];
    faults.one_of(&path.child("restartPolicy"), spec.restart_policy.as_deref(), policies);
    let policies = &["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    faults.one_of(&path.child("dnsPolicy"), spec.dns_policy.as_deref(), policies);
    metadata::labels(spec.node_selector.as_ref(), &path.child("nodeSelector"), faults);
    if let Some(context) = &spec.security_context {
        security::pod(context, spec, &path.child("securityContext"), faults);
    }
    if let Some(affinity) = &spec.affinity {
        scheduling::affinity(affinity, &path.child("affinity"), faults);
    }
    dns(spec, &path.child("dnsConfig"), faults);
    gates(spec, path, faults);
    let constraints = spec.topology_spread_constraints.as_deref().unwrap_or_default();
    scheduling::spread(constraints, &path.child("topologySpreadConstraints"), faults);
    host_users(spec, path, faults);
    host_name(spec, path, faults);
    names(spec, path, faults);
    rest(spec, path, faults);
    file_key_refs(spec, path, faults);
}

/// Visits every container with its path, in upstream's order. Models VisitContainersWithPath.
pub(super) fn each_container(spec: &PodSpec, path: &Path, mut visit: impl FnMut(&Container, &Path)) {
    let ephemeral: Vec<_> = spec.ephemeral_containers.iter().flatten().map(as_container).collect();
    let init = spec.init_containers.as_deref().unwrap_or_default();
    for (name, list) in
        [("initContainers", init), ("containers", &spec.containers), ("ephemeralContainers", &ephemeral)]
    {
        let path = path.child(name);
        for (index, container) in list.iter().enumerate() {
            visit(container, &path.index(index));
        }
    }
}

/// Models validatePodResourceClaim.
fn resource_claims(claims: &[PodResourceClaim], path: &Path, faults: &mut Faults) {
    for (index, claim) in claims.iter().enumerate() {
        let path = path.index(index);
        if claim.name.is_empty() {
            faults.required(&path.child("name"), "");
        } else if claims[..index].iter().any(|other| other.name == claim.name) {
            faults.duplicate(&path.child("name"), &claim.name);
        } else {
            faults.invalid_each(&path.child("name"), &claim.name, is_dns1123_label(&claim.name));
        }
        let shown = || Json(super::internal::show(claim, "PodResourceClaim"));
        match (&claim.resource_claim_name, &claim.resource_claim_template_name) {
            (Some(_), Some(_)) => {
                let text =
                    "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified";
                faults.invalid(&path, &shown(), text);
            }
            (None, None) => {
                let text = "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`";
                faults.invalid(&path, &shown(), text);
            }
            (Some(name), None) => {
                faults.invalid_each(&path.child("resourceClaimName"), name, is_dns1123_subdomain(name));
            }
            (None, Some(name)) => {
                let messages = is_dns1123_subdomain(name);
                faults.invalid_each(&path.child("resourceClaimTemplateName"), name, messages);
            }
        }
    }
}

/// Models validatePodHostNetworkDeps.
fn host_network(spec: &PodSpec, pod: Option<&ObjectMeta>, path: &Path, faults: &mut Faults) {
    if spec.host_network != Some(true) {
        return;
    }
    for (index, container) in spec.containers.iter().enumerate() {
        let path = path.index(index);
        let path = path.child("ports");
        for (index, port) in container.ports.iter().flatten().enumerate() {
            let host = port.host_port.unwrap_or(0);
            if (pod.is_some() || host != 0) && host != port.container_port {
                let path = path.index(index);
                let text = "must match `containerPort` when `hostNetwork` is true";
                faults.invalid(&path.child("hostPort"), &host, text);
            }
        }
    }
}

/// Models validatePodDNSConfig.
fn dns(spec: &PodSpec, path: &Path, faults: &mut Faults) {
    let config = spec.dns_config.as_ref();
    if spec.dns_policy.as_deref() == Some("None") {
        let Some(config) = config else {
            return faults.required(path, "must provide `dnsConfig` when `dnsPolicy` is None");
        };
        if config.nameservers.as_ref().is_none_or(Vec::is_empty) {
            let text = "must provide at least one DNS nameserver when `dnsPolicy` is None";
            return faults.required(&path.child("nameservers"), text);
        }
    }
    if let Some(config) = config {
        dns_config(config, path, faults);
    }
}

fn dns_config(config: &PodDNSConfig, path: &Path, faults: &mut Faults) {
    let servers = config.nameservers.as_deref().unwrap_or_default();
    let at = path.child("nameservers");
    if servers.len() > 3 {
        faults.invalid(&at, &shown_list(servers), "must not have more than 3 nameservers");
    }
    for (index, server) in servers.iter().enumerate() {
        ip::legacy_ip(server, &[], &at.index(index), faults);
    }
    let searches = config.searches.as_deref().unwrap_or_default();
    let at = path.child("searches");
    if searches.len() > 32 {
        faults.invalid(&at, &shown_list(searches), "must not have more than 32 search paths");
    }
    if searches.join(" ").len() > 2048 {
        let text = "must not have more than 2048 characters (including spaces) in the search list";
        faults.invalid(&at, &shown_list(searches), text);
    }
    for (index, search) in searches.iter().enumerate().filter(|(_, search)| *search != ".") {
        let search = search.strip_suffix('.').unwrap_or(search);
        faults.invalid_each(&at.index(index), search, is_dns1123_subdomain_with_underscore(search));
    }
    let at = path.child("options");
    for (index, option) in config.options.iter().flatten().enumerate() {
        if option.name.as_ref().is_none_or(|name| name.is_empty()) {
            faults.required(&at.index(index), "must not be empty");
        }
    }
}

/// Models validateReadinessGates and validateSchedulingGates.
fn gates(spec: &PodSpec, path: &Path, faults: &mut Faults) {
    let at = path.child("readinessGates");
    for (index, gate) in spec.readiness_gates.iter().flatten().enumerate() {
        let path = at.index(index);
        let messages = is_qualified_name(&gate.condition_type);
        faults.invalid_each(&path.child("conditionType"), &gate.condition_type, messages);
    }
    let at = path.child("schedulingGates");
    let gates = spec.scheduling_gates.as_deref().unwrap_or_default();
    for (index, gate) in gates.iter().enumerate() {
        faults.invalid_each(&at.index(index), &gate.name, is_qualified_name(&gate.name));
        if gates[..index].iter().any(|other| other.name == gate.name) {
            faults.duplicate(&at.index(index), &gate.name);
        }
    }
}

/// Models validateHostUsers.
fn host_users(spec: &PodSpec, path: &Path, faults: &mut Faults) {
    if spec.host_users != Some(false) {
        return;
    }
    let text = "when `hostUsers` is false";
    for (name, is_set) in
        [("hostNetwork", spec.host_network), ("HostPID", spec.host_pid), ("HostIPC", spec.host_ipc)]
    {
        if is_set == Some(true) {
            faults.forbidden(&path.child(name), text);
        }
    }
    each_container(spec, path, |container, path| {
        if container.volume_devices.is_some() {
            faults.forbidden(&path.child("volumeDevices"), text);
        }
    });
}

/// Models validatePodHostName.
fn host_name(spec: &PodSpec, path: &Path, faults: &mut Faults) {
    let Some(name) = &spec.hostname_override else { return };
    let at = path.child("hostnameOverride");
    if spec.set_hostname_as_fqdn == Some(true) {
        faults.forbidden(&at, "may not be specified when setHostnameAsFQDN is true");
    }
    if spec.host_network == Some(true) {
        faults.forbidden(&at, "may not be specified when hostNetwork is true");
    }
    if name.len() > 64 {
        faults.too_long(&at, 64);
    }
    faults.invalid_each(&at, name, is_dns1123_subdomain(name));
}

/// Names that are subdomains or labels, and the deadline between them.
fn names(spec: &PodSpec, path: &Path, faults: &mut Faults) {
    let mut check = |name: &str, value: &Option<String>, check: metadata::NameCheck| {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            faults.invalid_each(&path.child(name), value, check(value));
        }
    };
    check("serviceAccountName", &spec.service_account_name, is_dns1123_subdomain);
    check("nodeName", &spec.node_name, is_dns1123_subdomain);
    if let Some(deadline) = spec.active_deadline_seconds
        && let Some(message) = is_in_range(deadline, 1, i32::MAX.into())
    {
        faults.invalid(&path.child("activeDeadlineSeconds"), &deadline, &message);
    }
    let mut check = |name: &str, value: &Option<String>| {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            faults.invalid_each(&path.child(name), value, is_dns1123_label(value));
        }
    };
    check("hostname", &spec.hostname);
    check("subdomain", &spec.subdomain);
}

fn rest(spec: &PodSpec, path: &Path, faults: &mut Faults) {
    let tolerations = spec.tolerations.as_deref().unwrap_or_default();
    scheduling::tolerations(tolerations, &path.child("tolerations"), faults);
    host_aliases(spec.host_aliases.as_deref().unwrap_or_default(), &path.child("hostAliases"), faults);
    for (name, value) in [
        ("priorityClassName", spec.priority_class_name.as_deref().filter(|name| !name.is_empty())),
        ("runtimeClassName", spec.runtime_class_name.as_deref()),
    ] {
        if let Some(value) = value {
            faults.invalid_each(&path.child(name), value, is_dns1123_subdomain(value));
        }
    }
    if let Some(policy) = spec.preemption_policy.as_deref() {
        let policies = &["PreemptLowerPriority", "Never"];
        faults.one_of(&path.child("preemptionPolicy"), Some(policy), policies);
    }
    if let Some(overhead) = &spec.overhead {
        resources::overhead(overhead, &path.child("overhead"), faults);
    }
    security::os(spec, path, faults);
}

/// Models ValidateHostAliases.
fn host_aliases(aliases: &[HostAlias], path: &Path, faults: &mut Faults) {
    for (index, alias) in aliases.iter().enumerate() {
        let path = path.index(index);
        ip::legacy_ip(&alias.ip, &[], &path.child("ip"), faults);
        let at = path.child("hostnames");
        for (index, name) in alias.hostnames.iter().flatten().enumerate() {
            faults.invalid_each(&at.index(index), name, is_dns1123_subdomain(name));
        }
    }
}

/// Models validateFileKeyRefVolumes.
fn file_key_refs(spec: &PodSpec, path: &Path, faults: &mut Faults) {
    let uses_files = |container: &Container| {
        let mut sources = container.env.iter().flatten().filter_map(|env| env.value_from.as_ref());
        sources.any(|from| from.file_key_ref.is_some())
    };
    if !spec.containers.iter().chain(spec.init_containers.iter().flatten()).any(uses_files) {
        return;
    }
    each_container(spec, path, |container, path| {
        let path = path.child("env");
        for (index, env) in container.env.iter().flatten().enumerate() {
            let from = env.value_from.as_ref().and_then(|from| from.file_key_ref.as_ref());
            let Some(name) = from.map(|file| &file.volume_name) else { continue };
            let (path, text) = (path.index(index), "referenced volume must be of type emptyDir");
            let path = path.child("valueFrom");
            let path = path.child("fileKeyRef");
            let volume = spec.volumes.iter().flatten().rfind(|volume| volume.name == *name);
            match volume {
                None => faults.not_found(&path.child("volumeName"), name, ""),
                Some(volume) if volume.empty_dir.is_none() => {
                    faults.invalid(&path.child("volumeName"), name, text);
                }
                Some(_) => {}
            }
        }
    });
}
