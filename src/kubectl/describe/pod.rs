//! Pods.

use super::super::tables::Clock;
use super::containers::{self, Place};
use super::sheet::{Sheet, date};
use super::volumes;
use crate::api::conditions::is_pod_terminal;
use crate::api::core::{Container, EphemeralContainer, Toleration, TopologySpreadConstraint};
use crate::api::labels::selector_text;
use crate::api::order;
use crate::api::{Pod, owner};

/// Models describePod.
pub(super) fn describe(sheet: &mut Sheet, pod: &Pod, clock: Clock) {
    head(sheet, pod, clock);
    let (spec, status) = (&*pod.spec, &*pod.status);
    let statuses = |list: &Option<Vec<_>>| list.clone().unwrap_or_default();
    let init = spec.init_containers.as_deref().unwrap_or_default();
    let ephemeral: Vec<Container> = spec.ephemeral_containers.iter().flatten().map(as_container).collect();
    let groups = [
        ("Init Containers", init, statuses(&status.init_container_statuses)),
        ("Containers", &spec.containers, statuses(&status.container_statuses)),
        ("Ephemeral Containers", &ephemeral, statuses(&status.ephemeral_container_statuses)),
    ];
    for (label, containers, statuses) in groups {
        if label == "Containers" || !containers.is_empty() {
            let place = Place { label, space: "", statuses: &statuses, pod: Some(pod) };
            containers::describe(sheet, containers, &place);
        }
    }
    conditions(sheet, pod);
    volumes::describe(sheet, spec.volumes.as_deref().unwrap_or_default(), "");
    sheet.field("QoS Class", status.qos_class.as_deref().unwrap_or_default());
    sheet.labels("Node-Selectors", spec.node_selector.as_ref());
    sheet.list("Tolerations", tolerations(spec.tolerations.as_deref().unwrap_or_default()));
    spread(sheet, spec.topology_spread_constraints.as_deref().unwrap_or_default(), "");
}

fn head(sheet: &mut Sheet, pod: &Pod, clock: Clock) {
    let (meta, spec, status) = (&pod.metadata, &pod.spec, &pod.status);
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let optional = |sheet: &mut Sheet, name: &str, value: &Option<String>| {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            sheet.field(name, value);
        }
    };
    sheet.field("Name", text(&meta.name));
    sheet.field("Namespace", text(&meta.namespace));
    optional(sheet, "Priority", &spec.priority.map(|priority| priority.to_string()));
    optional(sheet, "Priority Class Name", &spec.priority_class_name);
    optional(sheet, "Runtime Class Name", &spec.runtime_class_name);
    optional(sheet, "Service Account", &spec.service_account_name);
    match text(&spec.node_name).as_str() {
        "" => sheet.field("Node", "<none>"),
        node => sheet.field("Node", format!("{node}/{}", text(&status.host_ip))),
    }
    if status.start_time.is_some() {
        sheet.field("Start Time", date(status.start_time.as_ref()));
    }
    sheet.labels("Labels", meta.labels.as_ref());
    sheet.annotations("Annotations", meta.annotations.as_ref());
    if meta.deletion_timestamp.is_some() && !is_pod_terminal(status) {
        let age = clock.age(meta.deletion_timestamp.as_ref());
        sheet.field("Status", format!("Terminating (lasts {age})"));
        let grace = meta.deletion_grace_period_seconds.unwrap_or(0);
        sheet.field("Termination Grace Period", format!("{grace}s"));
    } else {
        sheet.field("Status", text(&status.phase));
    }
    optional(sheet, "Reason", &status.reason);
    optional(sheet, "Message", &status.message);
    let security = spec.security_context.as_ref();
    containers::seccomp(sheet, security.and_then(|context| context.seccomp_profile.as_ref()), 0);
    sheet.field("IP", text(&status.pod_ip));
    let addresses = status.pod_ips.as_deref().unwrap_or_default();
    sheet.line(0, if addresses.is_empty() { "IPs:\t<none>" } else { "IPs:" });
    for address in addresses {
        sheet.line(1, format!("IP:\t{}", address.ip));
    }
    if let Some(controller) = owner::controller_of(meta) {
        sheet.field("Controlled By", format!("{}/{}", controller.kind, controller.name));
    }
    optional(sheet, "NominatedNodeName", &status.nominated_node_name);
    if spec.resources.is_some() {
        sheet.line(0, "Resources:");
        containers::resources(sheet, spec.resources.as_ref(), 1);
    }
}

fn conditions(sheet: &mut Sheet, pod: &Pod) {
    let conditions = pod.status.conditions.as_deref().unwrap_or_default();
    let gates = pod.spec.readiness_gates.as_deref().unwrap_or_default();
    for (title, empty) in [("Readiness Gates:", gates.is_empty()), ("Conditions:", conditions.is_empty())] {
        if empty {
            continue;
        }
        sheet.line(0, title);
        sheet.line(1, "Type\tStatus");
        if title == "Conditions:" {
            for condition in conditions {
                sheet.line(1, format!("{} \t{} ", condition.type_, condition.status));
            }
            continue;
        }
        for gate in gates {
            let found = conditions.iter().find(|condition| condition.type_ == gate.condition_type);
            let status = found.map_or("<none>", |condition| condition.status.as_str());
            sheet.line(1, format!("{} \t{status} ", gate.condition_type));
        }
    }
}

/// Models printPodTolerationsMultiline.
pub(super) fn tolerations(tolerations: &[Toleration]) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut sorted: Vec<&Toleration> = tolerations.iter().collect();
    order::sort_by_key(&mut sorted, |toleration| text(&toleration.key));
    let one = |toleration: &Toleration| {
        let (key, value, effect) = (text(&toleration.key), text(&toleration.value), text(&toleration.effect));
        let mut line = key;
        if !value.is_empty() {
            line.push_str(&format!("={value}"));
        }
        if !effect.is_empty() {
            line.push_str(&format!(":{effect}"));
        }
        if toleration.operator.as_deref() == Some("Exists") && value.is_empty() {
            line.push_str(if line.is_empty() { "op=Exists" } else { " op=Exists" });
        }
        if let Some(seconds) = toleration.toleration_seconds {
            line.push_str(&format!(" for {seconds}s"));
        }
        line
    };
    sorted.into_iter().map(one).collect()
}

/// Models describeTopologySpreadConstraints.
pub(super) fn spread(sheet: &mut Sheet, constraints: &[TopologySpreadConstraint], space: &str) {
    let mut sorted: Vec<&TopologySpreadConstraint> = constraints.iter().collect();
    order::sort_by(&mut sorted, |a, b| a.topology_key.cmp(&b.topology_key));
    let mut title = "Topology Spread Constraints:";
    for constraint in sorted {
        let selector = constraint.label_selector.as_ref().map(selector_text);
        let selector = selector.map(|text| format!(" for selector {text}")).unwrap_or_default();
        sheet.line(
            0,
            format!(
                "{space}{title}\t{}:{} when max skew {} is exceeded{selector}",
                constraint.topology_key, constraint.when_unsatisfiable, constraint.max_skew
            ),
        );
        title = "";
    }
}

/// An ephemeral container as a container.
fn as_container(ephemeral: &EphemeralContainer) -> Container {
    Container {
        name: ephemeral.name.clone(),
        image: ephemeral.image.clone(),
        command: ephemeral.command.clone(),
        args: ephemeral.args.clone(),
        env: ephemeral.env.clone(),
        env_from: ephemeral.env_from.clone(),
        ports: ephemeral.ports.clone(),
        volume_mounts: ephemeral.volume_mounts.clone(),
        volume_devices: ephemeral.volume_devices.clone(),
        security_context: ephemeral.security_context.clone(),
        ..Container::default()
    }
}
