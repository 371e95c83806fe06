//! Containers of a Pod. Models validateContainerCommon, validateContainers, validateInitContainers and
//! validateEphemeralContainers.

use crate::api::order;
use std::collections::BTreeSet;

use crate::api::core::{Container, ContainerPort, EphemeralContainer, PodSpec, VolumeMount};

use super::env::{env, env_from};
use super::field::{Faults, Json, Path};
use super::names::{is_dns1123_label, is_port_name, is_port_number};
use super::paths::{descending, no_backsteps};
use super::probe::{Which, lifecycle, probe};
use super::resources::{Asker, requirements};
use super::security;
use super::volume::Volumes;

const PROTOCOLS: &[&str] = &["SCTP", "TCP", "UDP"];
const SIDECARS_ONLY: &str = "may not be set for init containers without restartPolicy=Always";
const NOT_EPHEMERAL: &str = "cannot be set for an Ephemeral Container";

/// What the checks of containers share.
pub(super) struct Scene<'a> {
    pub spec: &'a PodSpec,
    pub volumes: Volumes<'a>,
    /// Names of the Pod's resource claims.
    pub claims: Vec<&'a str>,
}

/// Models validateContainers.
pub(super) fn containers(scene: &Scene, path: &Path, faults: &mut Faults) {
    let containers = &scene.spec.containers;
    if containers.is_empty() {
        return faults.required(path, "");
    }
    let mut names = BTreeSet::new();
    for (index, container) in containers.iter().enumerate() {
        let path = path.index(index);
        common(container, scene, &path, faults);
        if !names.insert(&container.name) {
            faults.duplicate(&path.child("name"), &container.name);
        }
        running(container, scene, &path, faults);
        restart_policy(container, &path, faults);
    }
    host_ports(containers, path, faults);
}

/// Models validateInitContainers.
pub(super) fn init_containers(scene: &Scene, path: &Path, faults: &mut Faults) {
    let mut names = order::set(scene.spec.containers.iter().map(|container| &container.name));
    for (index, container) in scene.spec.init_containers.iter().flatten().enumerate() {
        let whole = path;
        let path = path.index(index);
        common(container, scene, &path, faults);
        let is_sidecar = container.restart_policy.as_deref() == Some("Always");
        restart_policy(container, &path, faults);
        if !names.insert(&container.name) && !container.name.is_empty() {
            faults.duplicate(&path.child("name"), &container.name);
        }
        host_ports(std::slice::from_ref(container), whole, faults);
        if is_sidecar {
            running(container, scene, &path, faults);
        } else {
            for (name, is_set) in [
                ("lifecycle", container.lifecycle.is_some()),
                ("livenessProbe", container.liveness_probe.is_some()),
                ("readinessProbe", container.readiness_probe.is_some()),
                ("startupProbe", container.startup_probe.is_some()),
            ] {
                if is_set {
                    faults.forbidden(&path.child(name), SIDECARS_ONLY);
                }
            }
            let policies = path.child("resizePolicy");
            for (index, policy) in container.resize_policy.iter().flatten().enumerate() {
                if policy.restart_policy == "RestartContainer" {
                    let at = policies.index(index);
                    let text = "must not be set to 'RestartContainer' for non-sidecar initContainers";
                    faults.invalid(&at.child("restartPolicy"), &policy.restart_policy, text);
                }
            }
        }
    }
}

/// Models validateEphemeralContainers.
pub(super) fn ephemeral_containers(scene: &Scene, path: &Path, faults: &mut Faults) {
    let spec = scene.spec;
    let Some(list) = &spec.ephemeral_containers else { return };
    let containers = spec.containers.iter().chain(spec.init_containers.iter().flatten());
    let others = order::set(containers.map(|c| c.name.as_str()));
    let mut names = others.clone();
    for (index, ephemeral) in list.iter().enumerate() {
        let path = path.index(index);
        let container = as_container(ephemeral);
        common(&container, scene, &path, faults);
        image_whitespace(&container, &path, faults);
        if !names.insert(&ephemeral.name) {
            faults.duplicate(&path.child("name"), &ephemeral.name);
        }
        let target = ephemeral.target_container_name.as_deref().unwrap_or_default();
        if !target.is_empty() && !others.contains(target) {
            faults.not_found(&path.child("targetContainerName"), target, "");
        }
        not_for_ephemeral(&container, &path, faults);
    }
}

/// Models validateFieldAllowList with allowedEphemeralContainerFields.
fn not_for_ephemeral(container: &Container, path: &Path, faults: &mut Faults) {
    let has_resources =
        container.resources.as_ref().is_some_and(|resources| *resources != Default::default());
    for (name, is_set) in [
        ("ports", container.ports.is_some()),
        ("resources", has_resources),
        ("resizePolicy", container.resize_policy.is_some()),
        ("restartPolicy", container.restart_policy.is_some()),
        ("restartPolicyRules", container.restart_policy_rules.is_some()),
        ("livenessProbe", container.liveness_probe.is_some()),
        ("readinessProbe", container.readiness_probe.is_some()),
        ("startupProbe", container.startup_probe.is_some()),
        ("lifecycle", container.lifecycle.is_some()),
    ] {
        if is_set {
            faults.forbidden(&path.child(name), NOT_EPHEMERAL);
        }
    }
    let mounts = path.child("volumeMounts");
    for (index, mount) in container.volume_mounts.iter().flatten().enumerate() {
        let path = mounts.index(index);
        for (name, value) in [("subPath", &mount.sub_path), ("subPathExpr", &mount.sub_path_expr)] {
            if value.as_ref().is_some_and(|value| !value.is_empty()) {
                faults.forbidden(&path.child(name), NOT_EPHEMERAL);
            }
        }
    }
}

/// The fields that both have.
pub(super) fn as_container(ephemeral: &EphemeralContainer) -> Container {
    let e = ephemeral.clone();
    Container {
        args: e.args,
        command: e.command,
        env: e.env,
        env_from: e.env_from,
        image: e.image,
        image_pull_policy: e.image_pull_policy,
        lifecycle: e.lifecycle,
        liveness_probe: e.liveness_probe,
        name: e.name,
        ports: e.ports,
        readiness_probe: e.readiness_probe,
        resize_policy: e.resize_policy,
        resources: e.resources,
        restart_policy: e.restart_policy,
        restart_policy_rules: e.restart_policy_rules,
        security_context: e.security_context,
        startup_probe: e.startup_probe,
        stdin: e.stdin,
        stdin_once: e.stdin_once,
        termination_message_path: e.termination_message_path,
        termination_message_policy: e.termination_message_policy,
        tty: e.tty,
        volume_devices: e.volume_devices,
        volume_mounts: e.volume_mounts,
        working_dir: e.working_dir,
    }
}

/// Models validateContainerCommon.
fn common(container: &Container, scene: &Scene, path: &Path, faults: &mut Faults) {
    match container.name.as_str() {
        "" => faults.required(&path.child("name"), ""),
        name => faults.invalid_each(&path.child("name"), name, is_dns1123_label(name)),
    }
    if container.image.as_ref().is_none_or(|image| image.is_empty()) {
        faults.required(&path.child("image"), "");
    }
    let policies = &["File", "FallbackToLogsOnError"];
    let policy = container.termination_message_policy.as_deref();
    faults.one_of(&path.child("terminationMessagePolicy"), policy, policies);
    ports(container.ports.as_deref().unwrap_or_default(), &path.child("ports"), faults);
    env(container.env.as_ref(), &path.child("env"), faults);
    env_from(container.env_from.as_ref(), &path.child("envFrom"), faults);
    mounts(container, scene, &path.child("volumeMounts"), faults);
    devices(container, scene, &path.child("volumeDevices"), faults);
    let policies = &["Always", "IfNotPresent", "Never"];
    faults.one_of(&path.child("imagePullPolicy"), container.image_pull_policy.as_deref(), policies);
    if let Some(resources) = &container.resources {
        requirements(resources, Asker::Container, &scene.claims, &path.child("resources"), faults);
    }
    resize_policy(container, scene.spec, &path.child("resizePolicy"), faults);
    if let Some(context) = &container.security_context {
        security::container(context, scene.spec, &path.child("securityContext"), faults);
    }
}

/// What only containers that keep running have.
fn running(container: &Container, scene: &Scene, path: &Path, faults: &mut Faults) {
    let grace = scene.spec.termination_grace_period_seconds;
    if let Some(hooks) = &container.lifecycle {
        lifecycle(hooks, grace, scene.spec.os.as_ref(), &path.child("lifecycle"), faults);
    }
    probe(container.liveness_probe.as_ref(), Which::Liveness, path, faults);
    probe(container.readiness_probe.as_ref(), Which::Readiness, path, faults);
    probe(container.startup_probe.as_ref(), Which::Startup, path, faults);
}

/// Models validateContainerOnlyForPod.
pub(super) fn image_whitespace(container: &Container, path: &Path, faults: &mut Faults) {
    let image = container.image.as_deref().unwrap_or_default();
    if image.trim() != image {
        faults.invalid(&path.child("image"), image, "must not have leading or trailing whitespace");
    }
}

/// Models validateContainerPorts.
fn ports(ports: &[ContainerPort], path: &Path, faults: &mut Faults) {
    let mut names = BTreeSet::new();
    for (index, port) in ports.iter().enumerate() {
        let path = path.index(index);
        let name = port.name.as_deref().unwrap_or_default();
        if !name.is_empty() {
            let messages = is_port_name(name);
            if !messages.is_empty() {
                faults.invalid_each(&path.child("name"), name, messages);
            } else if !names.insert(name) {
                faults.duplicate(&path.child("name"), name);
            }
        }
        if port.container_port == 0 {
            faults.required(&path.child("containerPort"), "");
        } else if let Some(message) = is_port_number(port.container_port) {
            faults.invalid(&path.child("containerPort"), &port.container_port, &message);
        }
        let host = port.host_port.unwrap_or(0);
        if let Some(message) = is_port_number(host).filter(|_| host != 0) {
            faults.invalid(&path.child("hostPort"), &host, &message);
        }
        faults.one_of(&path.child("protocol"), port.protocol.as_deref(), PROTOCOLS);
    }
}

/// Models checkHostPortConflicts.
fn host_ports(containers: &[Container], path: &Path, faults: &mut Faults) {
    let mut seen = BTreeSet::new();
    for (index, container) in containers.iter().enumerate() {
        let path = path.index(index);
        let path = path.child("ports");
        for (index, port) in container.ports.iter().flatten().enumerate() {
            let Some(number) = port.host_port.filter(|number| *number != 0) else { continue };
            let protocol = port.protocol.as_deref().unwrap_or_default();
            let ip = port.host_ip.as_deref().unwrap_or_default();
            if !seen.insert((protocol, ip, number)) {
                let path = path.index(index);
                faults.duplicate(&path.child("hostPort"), &format!("{protocol}/{ip}/{number}"));
            }
        }
    }
}

/// Models ValidateVolumeMounts.
fn mounts(container: &Container, scene: &Scene, path: &Path, faults: &mut Faults) {
    let mut seen = BTreeSet::new();
    let devices = container.volume_devices.as_deref().unwrap_or_default();
    for (index, mount) in container.volume_mounts.iter().flatten().enumerate() {
        let at = path.index(index);
        if mount.name.is_empty() {
            faults.required(&at.child("name"), "");
        }
        if !scene.volumes.contains_key(mount.name.as_str()) {
            faults.not_found(&at.child("name"), &mount.name, "");
        }
        if mount.mount_path.is_empty() {
            faults.required(&at.child("mountPath"), "");
        }
        if !seen.insert(&mount.mount_path) {
            faults.invalid(&at.child("mountPath"), &mount.mount_path, "must be unique");
        }
        if devices.iter().any(|device| device.name == mount.name) {
            faults.invalid(&at.child("name"), &mount.name, "must not already exist in volumeDevices");
        }
        if devices.iter().any(|device| device.device_path == mount.mount_path) {
            let text = "must not already exist as a path in volumeDevices";
            faults.invalid(&at.child("mountPath"), &mount.mount_path, text);
        }
        mount_options(mount, container, path, &at, faults);
    }
}

/// Upstream tells some of these about the list instead of the mount.
fn mount_options(mount: &VolumeMount, container: &Container, list: &Path, path: &Path, faults: &mut Faults) {
    let sub_path = mount.sub_path.as_deref().unwrap_or_default();
    descending(sub_path, &list.child("subPath"), faults);
    let expression = mount.sub_path_expr.as_deref().unwrap_or_default();
    if !expression.is_empty() {
        if !sub_path.is_empty() {
            let text = "subPathExpr and subPath are mutually exclusive";
            faults.invalid(&path.child("subPathExpr"), expression, text);
        }
        descending(expression, &list.child("subPathExpr"), faults);
    }
    if let Some(propagation) = mount.mount_propagation.as_deref() {
        let at = list.child("mountPropagation");
        faults.one_of_if_set(&at, Some(propagation), &["Bidirectional", "HostToContainer", "None"]);
        let privileged = container.security_context.as_ref().is_some_and(|c| c.privileged == Some(true));
        if propagation == "Bidirectional" && !privileged {
            let text = "Bidirectional mount propagation is available only to privileged containers";
            faults.forbidden(&at, text);
        }
    }
    let at = list.child("recursiveReadOnly");
    match mount.recursive_read_only.as_deref() {
        None | Some("Disabled") => {}
        Some("Enabled" | "IfPossible") => {
            if mount.read_only != Some(true) {
                faults.forbidden(&at, "may only be specified when readOnly is true");
            }
            if mount.mount_propagation.as_deref().is_some_and(|propagation| propagation != "None") {
                let text = "may only be specified when mountPropagation is None or not specified";
                faults.forbidden(&at, text);
            }
        }
        Some(other) => faults.not_supported(&at, other, &["Disabled", "Enabled", "IfPossible"]),
    }
}

/// Models ValidateVolumeDevices.
fn devices(container: &Container, scene: &Scene, path: &Path, faults: &mut Faults) {
    let mounts = container.volume_mounts.as_deref().unwrap_or_default();
    let (mut names, mut files) = (BTreeSet::new(), BTreeSet::new());
    for (index, device) in container.volume_devices.iter().flatten().enumerate() {
        let path = path.index(index);
        let (at, file_at) = (path.child("name"), path.child("devicePath"));
        let (name, file) = (device.name.as_str(), device.device_path.as_str());
        if name.is_empty() {
            faults.required(&at, "");
        }
        if !names.insert(name) && !name.is_empty() {
            faults.invalid(&at, name, "must be unique");
        }
        match scene.volumes.get(name) {
            None => faults.not_found(&at, name, ""),
            Some(volume) if volume.persistent_volume_claim.is_none() && volume.ephemeral.is_none() => {
                let text =
                    "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
                faults.invalid(&at, name, text);
            }
            Some(_) => {}
        }
        if file.is_empty() {
            faults.required(&file_at, "");
        }
        if !files.insert(file) {
            faults.invalid(&file_at, file, "must be unique");
        }
        let mut backsteps = Faults::default();
        no_backsteps(file, &file_at, &mut backsteps);
        if backsteps.count() > 0 {
            faults.invalid(&file_at, file, "can not contain backsteps ('..')");
        }
        if mounts.iter().any(|mount| mount.name == name) {
            faults.invalid(&at, name, "must not already exist in volumeMounts");
        }
        if mounts.iter().any(|mount| mount.mount_path == file) {
            faults.invalid(&file_at, file, "must not already exist as a path in volumeMounts");
        }
    }
}

/// Models validateResizePolicy.
fn resize_policy(container: &Container, spec: &PodSpec, path: &Path, faults: &mut Faults) {
    let policies = container.resize_policy.as_deref().unwrap_or_default();
    for (index, policy) in policies.iter().enumerate() {
        if policies[..index].iter().any(|other| other.resource_name == policy.resource_name) {
            faults.duplicate(&path.index(index), &policy.resource_name);
        }
        faults.one_of(path, Some(&policy.resource_name), &["cpu", "memory"]);
        faults.one_of(path, Some(&policy.restart_policy), &["NotRequired", "RestartContainer"]);
        if spec.restart_policy.as_deref() == Some("Never") && policy.restart_policy != "NotRequired" {
            let text = "must be 'NotRequired' when pod `restartPolicy` is 'Never'";
            faults.invalid(path, &policy.restart_policy, text);
        }
    }
}

/// Models validateContainerRestartPolicy.
fn restart_policy(container: &Container, path: &Path, faults: &mut Faults) {
    let rules = container.restart_policy_rules.as_deref().unwrap_or_default();
    let at = path.child("restartPolicy");
    match container.restart_policy.as_deref() {
        None if !rules.is_empty() => {
            faults.required(&at, "must specify restartPolicy when restart rules are used");
        }
        policy => faults.one_of_if_set(&at, policy, &["Always", "Never", "OnFailure"]),
    }
    let list = path.child("restartPolicyRules");
    if rules.len() > 20 {
        faults.too_many(&list, rules.len(), 20);
    }
    for (index, rule) in rules.iter().enumerate() {
        let path = list.index(index);
        let actions = &["Restart", "RestartAllContainers"];
        faults.one_of_if_set(&path.child("action"), Some(&rule.action), actions);
        let path = path.child("exitCodes");
        match &rule.exit_codes {
            None => faults.required(&path, "must be specified"),
            Some(codes) => {
                faults.one_of_if_set(&path.child("operator"), Some(&codes.operator), &["In", "NotIn"]);
                let count = codes.values.as_ref().map_or(0, Vec::len);
                if count > 255 {
                    faults.too_many(&path.child("values"), count, 255);
                }
            }
        }
    }
}

/// A list of texts as Go shows it.
pub(super) fn shown_list(list: &[String]) -> Json {
    Json::of(&list)
}
