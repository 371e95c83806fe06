//! Defaults of containers, probes and hooks. Models SetDefaults_Container and what is around it.

use crate::api::Quantity;
use crate::api::core::{
    Container, EnvVar, EphemeralContainer, HTTPGetAction, LifecycleHandler, ObjectFieldSelector, Probe,
    ResourceFieldSelector, TCPSocketAction,
};

use super::resources;
use super::zero::{drop_zero, each, number, text};

/// Both kinds of containers have the same fields, in types of their own.
macro_rules! container {
    ($container:expr) => {{
        let container = $container;
        container.resources.get_or_insert_default();
        drop_zero(&mut container.image);
        image_pull_policy(&mut container.image_pull_policy, container.image.as_deref());
        text(&mut container.termination_message_path, "/dev/termination-log");
        text(&mut container.termination_message_policy, "File");
        container.resources.iter_mut().for_each(resources::requirements);
        for port in each(&mut container.ports) {
            text(&mut port.protocol, "TCP");
            drop_zero(&mut port.name);
            drop_zero(&mut port.host_ip);
            drop_zero(&mut port.host_port);
        }
        each(&mut container.env).for_each(env);
        each(&mut container.env_from).for_each(|source| drop_zero(&mut source.prefix));
        for mount in each(&mut container.volume_mounts) {
            drop_zero(&mut mount.read_only);
            drop_zero(&mut mount.sub_path);
            drop_zero(&mut mount.sub_path_expr);
        }
        container.liveness_probe.iter_mut().for_each(probe);
        container.readiness_probe.iter_mut().for_each(probe);
        container.startup_probe.iter_mut().for_each(probe);
        if let Some(lifecycle) = &mut container.lifecycle {
            lifecycle.post_start.iter_mut().for_each(handler);
            lifecycle.pre_stop.iter_mut().for_each(handler);
        }
        if let Some(capabilities) =
            container.security_context.as_mut().and_then(|context| context.capabilities.as_mut())
        {
            drop_zero(&mut capabilities.add);
            drop_zero(&mut capabilities.drop);
        }
        drop_zero(&mut container.args);
        drop_zero(&mut container.command);
        drop_zero(&mut container.env);
        drop_zero(&mut container.env_from);
        drop_zero(&mut container.ports);
        drop_zero(&mut container.resize_policy);
        drop_zero(&mut container.stdin);
        drop_zero(&mut container.stdin_once);
        drop_zero(&mut container.tty);
        drop_zero(&mut container.volume_devices);
        drop_zero(&mut container.volume_mounts);
        drop_zero(&mut container.working_dir);
    }};
}

/// A container of a Pod or a template.
pub(super) fn container(container: &mut Container) {
    container!(container);
}

/// An ephemeral container.
pub(super) fn ephemeral(container: &mut EphemeralContainer) {
    container!(&mut *container);
    drop_zero(&mut container.target_container_name);
}

/// `Always` for the tag latest, told or not. Models SetDefaults_Container.
pub(super) fn image_pull_policy(policy: &mut Option<String>, image: Option<&str>) {
    if policy.as_ref().is_none_or(|policy| policy.is_empty()) {
        let latest = image.is_some_and(is_latest);
        *policy = Some(if latest { "Always" } else { "IfNotPresent" }.into());
    }
}

/// Whether the image's tag is latest: no tag and no digest mean so. Names that are none have no tag.
/// Models pkg/util/parsers ParseImageName.
fn is_latest(image: &str) -> bool {
    let (name, digest) = match image.split_once('@') {
        Some((name, _)) => (name, true),
        None => (image, false),
    };
    let last = name.rfind('/').map_or(0, |slash| slash + 1);
    let (path, tag) = match name[last..].split_once(':') {
        Some((_, tag)) => (&name[..name.len() - tag.len() - 1], Some(tag)),
        None => (name, None),
    };
    let repository = path.split_once('/').filter(|(host, _)| is_host(host)).map_or(path, |(_, rest)| rest);
    is_repository(repository) && tag.map_or(!digest, |tag| tag == "latest")
}

/// Whether the first part of an image's name is a registry.
fn is_host(part: &str) -> bool {
    part.contains(['.', ':']) || part == "localhost" || part.bytes().any(|b| b.is_ascii_uppercase())
}

fn is_repository(path: &str) -> bool {
    let edge = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    path.split('/').all(|part| {
        let bytes = part.as_bytes();
        bytes.first().is_some_and(|&b| edge(b))
            && bytes.last().is_some_and(|&b| edge(b))
            && bytes.iter().all(|&b| edge(b) || matches!(b, b'.' | b'_' | b'-'))
    })
}

fn env(env: &mut EnvVar) {
    drop_zero(&mut env.value);
    let Some(from) = &mut env.value_from else { return };
    from.field_ref.iter_mut().for_each(field_ref);
    from.resource_field_ref.iter_mut().for_each(resource_field_ref);
    if let Some(key) = &mut from.file_key_ref {
        key.optional.get_or_insert(false);
    }
}

/// Models SetDefaults_ObjectFieldSelector.
pub(super) fn field_ref(field: &mut ObjectFieldSelector) {
    text(&mut field.api_version, "v1");
}

/// The divisor is always written.
pub(super) fn resource_field_ref(field: &mut ResourceFieldSelector) {
    drop_zero(&mut field.container_name);
    let divisor = field.divisor.get_or_insert_with(|| Quantity("0".into()));
    resources::canonical(divisor);
}

/// Models SetDefaults_Probe.
fn probe(probe: &mut Probe) {
    number(&mut probe.timeout_seconds, 1);
    number(&mut probe.period_seconds, 10);
    number(&mut probe.success_threshold, 1);
    number(&mut probe.failure_threshold, 3);
    drop_zero(&mut probe.initial_delay_seconds);
    probe.http_get.iter_mut().for_each(http_get);
    probe.tcp_socket.iter_mut().for_each(tcp_socket);
    if let Some(grpc) = &mut probe.grpc {
        grpc.service.get_or_insert_default();
    }
    if let Some(exec) = &mut probe.exec {
        drop_zero(&mut exec.command);
    }
}

fn handler(handler: &mut LifecycleHandler) {
    handler.http_get.iter_mut().for_each(http_get);
    handler.tcp_socket.iter_mut().for_each(tcp_socket);
    if let Some(exec) = &mut handler.exec {
        drop_zero(&mut exec.command);
    }
}

/// Models SetDefaults_HTTPGetAction.
fn http_get(action: &mut HTTPGetAction) {
    text(&mut action.path, "/");
    text(&mut action.scheme, "HTTP");
    drop_zero(&mut action.host);
    drop_zero(&mut action.http_headers);
}

fn tcp_socket(action: &mut TCPSocketAction) {
    drop_zero(&mut action.host);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(image: &str, expected: &str) {
        let mut policy = None;
        image_pull_policy(&mut policy, Some(image));
        assert_eq!(policy.as_deref(), Some(expected), "{image}");
    }

    #[test]
    fn pull_policies() {
        check("nginx", "Always");
        check("nginx:latest", "Always");
        check("nginx:1.25", "IfNotPresent");
        check("localhost:5000/nginx", "Always");
        check("localhost:5000/nginx:1", "IfNotPresent");
        check("registry.example/a/b", "Always");
        check("nginx@sha256:00", "IfNotPresent");
        check("nginx:latest@sha256:00", "Always");
        check("Not_An_Image", "IfNotPresent");
        check("Registry/image", "Always");
        check("", "IfNotPresent");
    }
}
