//! What the API server warns about though it accepts it. Models pkg/api/pod/warnings.go and its kin.

use std::collections::BTreeMap;

use crate::api::core::{
    Container, ContainerPort, KeyToPath, NodeSelectorTerm, PodAffinityTerm, PodSpec, PodTemplateSpec, Volume,
    VolumeProjection, WeightedPodAffinityTerm,
};
use crate::api::labels::Labels;
use crate::api::quantity::amount;
use crate::api::{ObjectMeta, Quantity, Service};

use super::field::Path;
use super::ip;
use super::names::{is_dns1123_label, is_label_value};
use super::pod::each_container;

/// Node labels that have newer names.
const OLD_NODE_LABELS: &[(&str, &str)] = &[
    ("beta.kubernetes.io/arch", "deprecated since v1.14; use \"kubernetes.io/arch\" instead"),
    ("beta.kubernetes.io/os", "deprecated since v1.14; use \"kubernetes.io/os\" instead"),
    (
        "failure-domain.beta.kubernetes.io/region",
        "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
    ),
    (
        "failure-domain.beta.kubernetes.io/zone",
        "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
    ),
    (
        "beta.kubernetes.io/instance-type",
        "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead",
    ),
    ("app.kubernetes.io/created-by", "deprecated since v1.9"),
    (
        "scheduler.alpha.kubernetes.io/preferAvoidPods",
        "deprecated since v1.22; use Taints and Tolerations instead",
    ),
    ("node-role.kubernetes.io/master", "use \"node-role.kubernetes.io/control-plane\" instead"),
];
/// Annotations that do nothing any more.
const OLD_ANNOTATIONS: &[(&str, &str)] = &[
    (
        "scheduler.alpha.kubernetes.io/critical-pod",
        "non-functional in v1.16+; use the \"priorityClassName\" field instead",
    ),
    ("security.alpha.kubernetes.io/sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
    (
        "security.alpha.kubernetes.io/unsafe-sysctls",
        "non-functional in v1.11+; use the \"sysctls\" field instead",
    ),
];
const NULL_SELECTOR: &str = "a null labelSelector results in matching no pod";

/// A name that is not a label makes odd names of Pods. `used` says what it is used in.
pub(super) fn name(meta: &ObjectMeta, used: &str, warnings: &mut Vec<String>) {
    let messages = is_dns1123_label(meta.name.as_deref().unwrap_or_default());
    if !messages.is_empty() {
        warnings.push(format!(
            "metadata.name: this is used in {used}, which can result in surprising behavior; a DNS label is recommended: [{}]",
            messages.join(" ")
        ));
    }
}

/// Models GetWarningsForPod.
pub(super) fn pod(meta: &ObjectMeta, spec: &PodSpec, warnings: &mut Vec<String>) {
    let (meta_path, spec_path) = (Path::root("metadata"), Path::root("spec"));
    both(meta.annotations.as_ref(), spec, &meta_path, &spec_path, warnings);
}

/// Models GetWarningsForPodTemplate.
pub(super) fn template(template: &PodTemplateSpec, warnings: &mut Vec<String>) {
    let path = Path::root("spec");
    let path = path.child("template");
    let annotations = template.metadata.as_ref().and_then(|meta| meta.annotations.as_ref());
    if let Some(spec) = &template.spec {
        both(annotations, spec, &path.child("metadata"), &path.child("spec"), warnings);
    }
}

/// Models warningsForPodSpecAndMeta.
fn both(annotations: Option<&Labels>, spec: &PodSpec, meta: &Path, path: &Path, warnings: &mut Vec<String>) {
    nodes(spec, path, warnings);
    let at = meta.child("annotations");
    for (key, text) in
        OLD_ANNOTATIONS.iter().filter(|(key, _)| annotations.is_some_and(|a| a.contains_key(*key)))
    {
        warnings.push(format!("{}: {text}", at.key(key)));
    }
    let list = path.child("volumes");
    for (index, volume) in spec.volumes.iter().flatten().enumerate() {
        old_volume(volume, &list.index(index), warnings);
    }
    spec.volumes.iter().flatten().for_each(|volume| overlaps(volume, warnings));
    lists(spec, path, warnings);
    for name in ["memory", "ephemeral-storage"] {
        let at = path.child("overhead");
        fraction(spec.overhead.as_ref().and_then(|amounts| amounts.get(name)), &at.key(name), warnings);
    }
    each_container(spec, path, |container, path| self::container(container, path, warnings));
    ports(spec, path, warnings);
    if spec.termination_grace_period_seconds.is_some_and(|seconds| seconds < 0) {
        let text = "must be >= 0; negative values are invalid and will be treated as 1";
        warnings.push(format!("{}: {text}", path.child("terminationGracePeriodSeconds")));
    }
    if let Some(affinity) = &spec.affinity {
        let path = path.child("affinity");
        if let Some(pod) = &affinity.pod_affinity {
            let required = pod.required_during_scheduling_ignored_during_execution.as_ref();
            let preferred = pod.preferred_during_scheduling_ignored_during_execution.as_ref();
            null_selectors(required, preferred, &path.child("podAffinity"), warnings);
        }
        if let Some(pod) = &affinity.pod_anti_affinity {
            let required = pod.required_during_scheduling_ignored_during_execution.as_ref();
            let preferred = pod.preferred_during_scheduling_ignored_during_execution.as_ref();
            null_selectors(required, preferred, &path.child("podAntiAffinity"), warnings);
        }
    }
    let servers = path.child("dnsConfig");
    let servers = servers.child("nameservers");
    let list = spec.dns_config.iter().flat_map(|config| config.nameservers.iter().flatten());
    warnings
        .extend(list.enumerate().filter_map(|(index, server)| ip::warning(server, &servers.index(index))));
}

fn old_node_label(key: &str) -> Option<&'static str> {
    OLD_NODE_LABELS.iter().find(|(old, _)| *old == key).map(|(_, text)| *text)
}

fn nodes(spec: &PodSpec, path: &Path, warnings: &mut Vec<String>) {
    let at = path.child("nodeSelector");
    for key in spec.node_selector.iter().flat_map(BTreeMap::keys) {
        if let Some(text) = old_node_label(key) {
            warnings.push(format!("{}: {text}", at.key(key)));
        }
    }
    if let Some(node) = spec.affinity.as_ref().and_then(|affinity| affinity.node_affinity.as_ref()) {
        let path = path.child("affinity");
        let path = path.child("nodeAffinity");
        let at = path.child("requiredDuringSchedulingIgnoredDuringExecution");
        let at = at.child("nodeSelectorTerms");
        let required = node.required_during_scheduling_ignored_during_execution.as_ref();
        let terms = required.map_or(&[][..], |selector| &selector.node_selector_terms);
        for (index, term) in terms.iter().enumerate() {
            node_term(term, &at.index(index), warnings);
        }
        let at = path.child("preferredDuringSchedulingIgnoredDuringExecution");
        let preferred = node.preferred_during_scheduling_ignored_during_execution.iter().flatten();
        for (index, term) in preferred.enumerate() {
            let path = at.index(index);
            let path = path.child("preference");
            node_term(&term.preference, &path, warnings);
            bad_values(&term.preference, &path, warnings);
        }
    }
    let at = path.child("topologySpreadConstraints");
    for (index, constraint) in spec.topology_spread_constraints.iter().flatten().enumerate() {
        let path = at.index(index);
        let key = &constraint.topology_key;
        if let Some(text) = old_node_label(key) {
            warnings.push(format!("{}: {key} is {text}", path.child("topologyKey")));
        }
        if constraint.label_selector.is_none() {
            warnings.push(format!("{}: {NULL_SELECTOR}", path.child("labelSelector")));
        }
    }
}

fn node_term(term: &NodeSelectorTerm, path: &Path, warnings: &mut Vec<String>) {
    let at = path.child("matchExpressions");
    for (index, expression) in term.match_expressions.iter().flatten().enumerate() {
        if let Some(text) = old_node_label(&expression.key) {
            let path = at.index(index);
            warnings.push(format!("{}: {} is {text}", path.child("key"), expression.key));
        }
    }
}

fn bad_values(term: &NodeSelectorTerm, path: &Path, warnings: &mut Vec<String>) {
    let at = path.child("matchExpressions");
    for (index, expression) in term.match_expressions.iter().flatten().enumerate() {
        let path = at.index(index);
        let at = path.child("values");
        for (index, value) in expression.values.iter().flatten().enumerate() {
            let messages = is_label_value(value).into_iter();
            warnings.extend(messages.map(|text| format!("{}: {value} is invalid, {text}", at.index(index))));
        }
    }
}

fn old_volume(volume: &Volume, path: &Path, warnings: &mut Vec<String>) {
    for (name, is_used, text) in [
        (
            "photonPersistentDisk",
            volume.photon_persistent_disk.is_some(),
            "deprecated in v1.11, non-functional in v1.16+",
        ),
        ("gitRepo", volume.git_repo.is_some(), "deprecated in v1.11, and disabled by default in v1.33+"),
        ("scaleIO", volume.scale_io.is_some(), "deprecated in v1.16, non-functional in v1.22+"),
        ("flocker", volume.flocker.is_some(), "deprecated in v1.22, non-functional in v1.25+"),
        ("storageOS", volume.storageos.is_some(), "deprecated in v1.22, non-functional in v1.25+"),
        ("quobyte", volume.quobyte.is_some(), "deprecated in v1.22, non-functional in v1.25+"),
        ("glusterfs", volume.glusterfs.is_some(), "deprecated in v1.25, non-functional in v1.26+"),
        ("cephfs", volume.cephfs.is_some(), "deprecated in v1.28, non-functional in v1.31+"),
        ("rbd", volume.rbd.is_some(), "deprecated in v1.28, non-functional in v1.31+"),
    ] {
        if is_used {
            warnings.push(format!("{}: {text}", path.child(name)));
        }
    }
}

/// Files of a volume that hide each other. Models warningsForOverlappingVirtualPaths.
fn overlaps(volume: &Volume, warnings: &mut Vec<String>) {
    let name = &volume.name;
    let mut check = |what: String, files: Vec<(&str, String)>| {
        for (index, (file, source)) in files.iter().enumerate() {
            let shown = |file: &str, source: &str| match source {
                "" => format!("\"{file}\""),
                source => format!("\"{file}\" ({source})"),
            };
            for (other, from) in files[..index].iter().filter(|(other, _)| overlap(file, other)) {
                let (this, that) = (shown(file, source), shown(other, from));
                warnings.push(format!("volume \"{name}\" ({what}): overlapping paths: {this} with {that}"));
            }
        }
    };
    if let Some(config_map) = &volume.config_map {
        check(format!("ConfigMap \"{}\"", config_map.name), files(&config_map.items, ""));
    }
    if let Some(secret) = &volume.secret {
        let name = secret.secret_name.as_deref().unwrap_or_default();
        check(format!("Secret \"{name}\""), files(&secret.items, ""));
    }
    if let Some(downward) = &volume.downward_api {
        let items = downward.items.iter().flatten();
        check("DownwardAPI".into(), items.map(|item| (trim(&item.path), String::new())).collect());
    }
    if let Some(projected) = &volume.projected {
        let sources = || projected.sources.iter().flatten();
        check("Projected".into(), sources().flat_map(projected_files).collect());
        for _ in sources().filter(|source| **source == VolumeProjection::default()) {
            warnings.push(format!("volume \"{name}\" (Projected) has no sources provided"));
        }
    }
}

fn files<'a>(items: &'a Option<Vec<KeyToPath>>, source: &str) -> Vec<(&'a str, String)> {
    items.iter().flatten().map(|item| (trim(&item.path), source.to_string())).collect()
}

fn projected_files(source: &VolumeProjection) -> Vec<(&str, String)> {
    if let Some(config_map) = &source.config_map {
        files(&config_map.items, &format!("ConfigMap \"{}\"", config_map.name))
    } else if let Some(secret) = &source.secret {
        files(&secret.items, &format!("Secret \"{}\"", secret.name))
    } else if let Some(downward) = &source.downward_api {
        let items = downward.items.iter().flatten();
        items.map(|item| (trim(&item.path), "DownwardAPI".to_string())).collect()
    } else if let Some(token) = &source.service_account_token {
        vec![(trim(&token.path), "ServiceAccountToken".to_string())]
    } else {
        Vec::new()
    }
}

fn trim(file: &str) -> &str {
    file.trim_end_matches('/')
}

fn overlap(a: &str, b: &str) -> bool {
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    !a.is_empty() && !b.is_empty() && (within(a, b) || within(b, a))
}

fn lists(spec: &PodSpec, path: &Path, warnings: &mut Vec<String>) {
    let at = path.child("hostAliases");
    let aliases = spec.host_aliases.as_deref().unwrap_or_default();
    for (index, alias) in aliases.iter().enumerate() {
        if aliases[..index].iter().any(|other| other.ip == alias.ip) {
            let path = at.index(index);
            warnings.push(format!("{}: duplicate ip \"{}\"", path.child("ip"), alias.ip));
        }
    }
    let at = path.child("imagePullSecrets");
    let secrets = spec.image_pull_secrets.as_deref().unwrap_or_default();
    for (index, secret) in secrets.iter().enumerate() {
        if secrets[..index].iter().any(|other| other.name == secret.name) {
            let path = at.index(index);
            warnings.push(format!("{}: duplicate name \"{}\"", path.child("name"), secret.name));
        }
    }
    for (index, _) in secrets.iter().enumerate().filter(|(_, secret)| secret.name.is_empty()) {
        let path = at.index(index);
        warnings.push(format!("{}: invalid empty name \"\"", path.child("name")));
    }
}

fn fraction(quantity: Option<&Quantity>, path: &Path, warnings: &mut Vec<String>) {
    if let Some(quantity) = quantity.filter(|quantity| !amount(quantity).is_whole()) {
        let text = format!("fractional byte value \"{}\" is invalid, must be an integer", quantity.0);
        warnings.push(format!("{path}: {text}"));
    }
}

fn container(container: &Container, path: &Path, warnings: &mut Vec<String>) {
    if let Some(resources) = &container.resources {
        let path = path.child("resources");
        for resource in ["memory", "ephemeral-storage"] {
            for (name, amounts) in [("limits", &resources.limits), ("requests", &resources.requests)] {
                let path = path.child(name);
                let quantity = amounts.as_ref().and_then(|amounts| amounts.get(resource));
                fraction(quantity, &path.key(resource), warnings);
            }
        }
    }
    let at = path.child("env");
    let variables = container.env.as_deref().unwrap_or_default();
    for (index, variable) in variables.iter().enumerate() {
        let name = &variable.name;
        if !variables[..index].iter().any(|other| other.name == *name) {
            continue;
        }
        let reference = format!("$({name})");
        let value = variable.value.as_deref().unwrap_or_default();
        if variable.value_from.is_some() || value == reference || !value.contains(&reference) {
            let text = "which may be dropped when using apply";
            warnings.push(format!("{}: hides previous definition of \"{name}\", {text}", at.index(index)));
        }
    }
}

fn ports(spec: &PodSpec, path: &Path, warnings: &mut Vec<String>) {
    let mut seen: Vec<(String, ContainerPort)> = Vec::new();
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut named = Vec::new();
    each_container(spec, path, |container, path| {
        let path = path.child("ports");
        for (index, port) in container.ports.iter().flatten().enumerate() {
            let at = path.index(index).to_string();
            let same = |other: &&(String, ContainerPort)| {
                other.1.container_port == port.container_port && other.1.protocol == port.protocol
            };
            warnings.extend(seen.iter().filter(same).filter_map(|(other_at, other)| {
                let how = clash(port, other)?;
                Some(format!("{at}: {how} port definition with {other_at}"))
            }));
            if let Some(name) = port.name.as_ref().filter(|name| !name.is_empty()) {
                match names.get(name) {
                    Some(other) => named.push(format!(
                        "{at}: duplicate port name \"{name}\" with {other}, services and probes that select ports by name will use {other}"
                    )),
                    None => {
                        names.insert(name.clone(), at.clone());
                    }
                }
            }
            seen.push((at, port.clone()));
        }
    });
    warnings.append(&mut named);
}

/// How two definitions of one port get in each other's way.
fn clash(port: &ContainerPort, other: &ContainerPort) -> Option<&'static str> {
    let ip = |port: &ContainerPort| port.host_ip.clone().unwrap_or_default();
    let (number, other_number) = (port.host_port.unwrap_or(0), other.host_port.unwrap_or(0));
    let (ip, other_ip) = (ip(port), ip(other));
    if ip == other_ip && number == other_number {
        Some("duplicate")
    } else if number == 0 || other_number == 0 {
        Some("overlapping")
    } else if number == other_number && ip.is_empty() != other_ip.is_empty() {
        Some("dangerously ambiguous")
    } else {
        None
    }
}

fn null_selectors(
    required: Option<&Vec<PodAffinityTerm>>,
    preferred: Option<&Vec<WeightedPodAffinityTerm>>,
    path: &Path,
    warnings: &mut Vec<String>,
) {
    let at = path.child("requiredDuringSchedulingIgnoredDuringExecution");
    for (index, term) in required.into_iter().flatten().enumerate() {
        if term.label_selector.is_none() {
            let path = at.index(index);
            warnings.push(format!("{}: {NULL_SELECTOR}", path.child("labelSelector")));
        }
    }
    let at = path.child("preferredDuringSchedulingIgnoredDuringExecution");
    for (index, term) in preferred.into_iter().flatten().enumerate() {
        if term.pod_affinity_term.label_selector.is_none() {
            let path = at.index(index);
            let path = path.child("podAffinityTerm");
            warnings.push(format!("{}: {NULL_SELECTOR}", path.child("labelSelector")));
        }
    }
}

/// Models GetWarningsForService.
pub(super) fn service(service: &Service, warnings: &mut Vec<String>) {
    let spec = &service.spec;
    let type_ = spec.type_.as_deref().unwrap_or_default();
    let has_external = spec.external_ips.as_ref().is_some_and(|ips| !ips.is_empty());
    let is_headless = type_ == "ClusterIP" && spec.cluster_ip.as_deref() == Some("None");
    if is_headless {
        if spec.load_balancer_ip.as_ref().is_some_and(|ip| !ip.is_empty()) {
            warnings.push("spec.loadBalancerIP is ignored for headless services".into());
        }
        if has_external {
            warnings.push("spec.externalIPs is ignored for headless services".into());
        }
        if spec.session_affinity.as_deref() != Some("None") {
            warnings.push("spec.SessionAffinity is ignored for headless services".into());
        }
    }
    if has_external && !is_headless && type_ != "ExternalName" {
        let text = "spec.externalIPs is deprecated and may no longer be implemented in some clusters";
        warnings.push(text.into());
    }
    if type_ == "ExternalName" && has_external {
        warnings.push("spec.externalIPs is ignored when spec.type is \"ExternalName\"".into());
    }
    if type_ != "ExternalName" && spec.external_name.as_ref().is_some_and(|name| !name.is_empty()) {
        warnings.push("spec.externalName is ignored when spec.type is not \"ExternalName\"".into());
    }
    if spec.traffic_distribution.as_deref() == Some("PreferClose") {
        let text = "spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"";
        warnings.push(text.into());
    }
}
