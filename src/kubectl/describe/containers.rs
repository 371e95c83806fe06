//! Containers with their states.

use super::environment;
use super::sheet::{Sheet, date, truth};
use crate::api::core::{
    Container, ContainerPort, ContainerState, ContainerStatus, Probe, ResourceRequirements, SeccompProfile,
};
use crate::api::order;
use crate::api::{IntOrString, Pod};

/// Where containers are described.
pub(super) struct Place<'a> {
    /// `Containers`, `Init Containers`
    pub label: &'static str,
    /// Two blanks inside a template.
    pub space: &'static str,
    pub statuses: &'a [ContainerStatus],
    /// Whose fields the environment names.
    pub pod: Option<&'a Pod>,
}

/// Models describeContainers.
pub(super) fn describe(sheet: &mut Sheet, containers: &[Container], place: &Place<'_>) {
    let none = if containers.is_empty() { " <none>" } else { "" };
    sheet.line(0, format!("{}{}:{none}", place.space, place.label));
    for container in containers {
        let status = place.statuses.iter().find(|status| status.name == container.name);
        basics(sheet, container, status, place.space);
        lines(sheet, "Command", container.command.as_deref());
        lines(sheet, "Args", container.args.as_deref());
        if let Some(status) = status {
            state(sheet, "State", status.state.as_ref());
            let last = status.last_state.as_ref().filter(|last| last.terminated.is_some());
            if last.is_some() {
                state(sheet, "Last State", last);
            }
            sheet.line(2, format!("Ready:\t{}", truth(status.ready)));
            sheet.line(2, format!("Restart Count:\t{}", status.restart_count));
        }
        resources(sheet, container.resources.as_ref(), 2);
        let probes = [
            ("Liveness", &container.liveness_probe),
            ("Readiness", &container.readiness_probe),
            ("Startup", &container.startup_probe),
        ];
        for (name, probe) in probes {
            if let Some(probe) = probe {
                sheet.line(2, format!("{name}:\t{}", probe_text(probe)));
            }
        }
        environment::describe(sheet, container, place.pod);
        mounts(sheet, container);
    }
}

fn basics(sheet: &mut Sheet, container: &Container, status: Option<&ContainerStatus>, space: &str) {
    let indent = if space.is_empty() { "" } else { " " };
    sheet.line(1, format!("{indent}{}:", container.name));
    if let Some(status) = status {
        sheet.line(2, format!("Container ID:\t{}", status.container_id.as_deref().unwrap_or_default()));
    }
    sheet.line(2, format!("Image:\t{}", container.image.as_deref().unwrap_or_default()));
    if let Some(status) = status {
        sheet.line(2, format!("Image ID:\t{}", status.image_id));
    }
    let all = container.ports.as_deref().unwrap_or_default();
    let text = |port: &ContainerPort, number: i32| {
        let name = port.name.as_deref().filter(|name| !name.is_empty());
        let name = name.map(|name| format!(" ({name})")).unwrap_or_default();
        format!("{number}/{}{name}", port.protocol.as_deref().unwrap_or_default())
    };
    ports(sheet, "Port", all.iter().map(|port| text(port, port.container_port)).collect());
    ports(sheet, "Host Port", all.iter().map(|port| text(port, port.host_port.unwrap_or(0))).collect());
    let security = container.security_context.as_ref();
    seccomp(sheet, security.and_then(|context| context.seccomp_profile.as_ref()), 2);
}

/// The seccomp profile, if one is set.
pub(super) fn seccomp(sheet: &mut Sheet, profile: Option<&SeccompProfile>, level: usize) {
    let Some(profile) = profile else { return };
    sheet.line(level, format!("SeccompProfile:\t{}", profile.type_));
    if profile.type_ == "Localhost" {
        let file = profile.localhost_profile.as_deref().unwrap_or_default();
        sheet.line(level + usize::from(level > 0), format!("LocalhostProfile:\t{file}"));
    }
}

fn ports(sheet: &mut Sheet, name: &str, texts: Vec<String>) {
    match texts.len() {
        0 => sheet.line(2, format!("{name}:\t<none>")),
        1 => sheet.line(2, format!("{name}:\t{}", texts[0])),
        _ => sheet.line(2, format!("{name}s:\t{}", texts.join(", "))),
    }
}

fn lines(sheet: &mut Sheet, name: &str, words: Option<&[String]>) {
    let words = words.unwrap_or_default();
    if !words.is_empty() {
        sheet.line(2, format!("{name}:"));
    }
    for line in words.iter().flat_map(|word| word.split('\n')) {
        sheet.line(3, line);
    }
}

/// Models describeStatus.
fn state(sheet: &mut Sheet, name: &str, state: Option<&ContainerState>) {
    let state = state.cloned().unwrap_or_default();
    if let Some(running) = &state.running {
        sheet.line(2, format!("{name}:\tRunning"));
        sheet.line(3, format!("Started:\t{}", date(running.started_at.as_ref())));
    } else if let (Some(ended), None) = (&state.terminated, &state.waiting) {
        sheet.line(2, format!("{name}:\tTerminated"));
        for (name, text) in [("Reason", &ended.reason), ("Message", &ended.message)] {
            if let Some(text) = text.as_deref().filter(|text| !text.is_empty()) {
                sheet.line(3, format!("{name}:\t{text}"));
            }
        }
        sheet.line(3, format!("Exit Code:\t{}", ended.exit_code));
        if let Some(signal) = ended.signal.filter(|signal| *signal > 0) {
            sheet.line(3, format!("Signal:\t{signal}"));
        }
        sheet.line(3, format!("Started:\t{}", date(ended.started_at.as_ref())));
        sheet.line(3, format!("Finished:\t{}", date(ended.finished_at.as_ref())));
    } else {
        sheet.line(2, format!("{name}:\tWaiting"));
        let reason = state.waiting.and_then(|waiting| waiting.reason).filter(|reason| !reason.is_empty());
        if let Some(reason) = reason {
            sheet.line(3, format!("Reason:\t{reason}"));
        }
    }
}

/// Limits and requests. Models describeResources.
pub(super) fn resources(sheet: &mut Sheet, resources: Option<&ResourceRequirements>, level: usize) {
    let Some(resources) = resources else { return };
    for (name, list) in [("Limits", &resources.limits), ("Requests", &resources.requests)] {
        let list = list.iter().flatten();
        for (index, (resource, quantity)) in list.enumerate() {
            if index == 0 {
                sheet.line(level, format!("{name}:"));
            }
            sheet.line(level + 1, format!("{resource}:\t{}", quantity.0));
        }
    }
}

/// Models DescribeProbe.
fn probe_text(probe: &Probe) -> String {
    let number = |value: Option<i32>| value.unwrap_or(0);
    let port = |port: &IntOrString| match port {
        IntOrString::Int(number) => number.to_string(),
        IntOrString::String(name) => name.clone(),
    };
    let host = |host: &Option<String>| host.clone().unwrap_or_default();
    let action = if let Some(exec) = &probe.exec {
        format!("exec [{}]", exec.command.clone().unwrap_or_default().join(" "))
    } else if let Some(get) = &probe.http_get {
        let scheme = get.scheme.as_deref().unwrap_or_default().to_lowercase();
        let path = get.path.as_deref().unwrap_or_default();
        format!("http-get {scheme}://{}:{}{path}", host(&get.host), port(&get.port))
    } else if let Some(socket) = &probe.tcp_socket {
        format!("tcp-socket {}:{}", host(&socket.host), port(&socket.port))
    } else if let Some(grpc) = &probe.grpc {
        format!("grpc <pod>:{} {}", grpc.port, grpc.service.as_deref().unwrap_or_default())
    } else {
        "unknown".into()
    };
    format!(
        "{action} delay={}s timeout={}s period={}s #success={} #failure={}",
        number(probe.initial_delay_seconds),
        number(probe.timeout_seconds),
        number(probe.period_seconds),
        number(probe.success_threshold),
        number(probe.failure_threshold)
    )
}

/// Models describeContainerVolumes.
fn mounts(sheet: &mut Sheet, container: &Container) {
    let mut mounts = container.volume_mounts.clone().unwrap_or_default();
    let none = if mounts.is_empty() { "\t<none>" } else { "" };
    sheet.line(2, format!("Mounts:{none}"));
    order::sort_by(&mut mounts, |a, b| a.mount_path.cmp(&b.mount_path));
    for mount in mounts {
        let mode = if mount.read_only == Some(true) { "ro" } else { "rw" };
        let part = mount.sub_path.filter(|path| !path.is_empty());
        let part = part.map(|path| format!(",path=\"{path}\"")).unwrap_or_default();
        sheet.line(3, format!("{} from {} ({mode}{part})", mount.mount_path, mount.name));
    }
    let mut devices = container.volume_devices.clone().unwrap_or_default();
    if !devices.is_empty() {
        sheet.line(2, format!("Devices:{none}"));
    }
    order::sort_by(&mut devices, |a, b| a.device_path.cmp(&b.device_path));
    for device in devices {
        sheet.line(3, format!("{} from {}", device.device_path, device.name));
    }
}
