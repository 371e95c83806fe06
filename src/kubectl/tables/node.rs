//! Nodes.

use super::{Cell, Row, or, or_none};
use crate::api::Node;
use crate::api::order;

const ROLE_PREFIX: &str = "node-role.kubernetes.io/";
const ROLE: &str = "kubernetes.io/role";

pub(super) fn columns(row: &mut Row, node: &Node, age: Cell) {
    row.add("Status", status(node));
    row.add("Roles", or_none(&roles(node).join(",")));
    row.add("Age", age);
    let info = node.status.node_info.clone().unwrap_or_default();
    row.add("Version", info.kubelet_version);
    for (name, kind) in [("Internal-IP", "InternalIP"), ("External-IP", "ExternalIP")] {
        let address = node.status.addresses.iter().flatten().find(|address| address.type_ == kind);
        row.wide(name, or_none(address.map(|a| a.address.as_str()).unwrap_or_default()));
    }
    row.wide("OS-Image", or(&info.os_image, "<unknown>"));
    let kernel = or(&info.kernel_version, "<unknown>");
    let kernel =
        if info.architecture.is_empty() { kernel } else { format!("{kernel} ({})", info.architecture) };
    row.wide("Kernel-Version", kernel);
    row.wide("Container-Runtime", or(&info.container_runtime_version, "<unknown>"));
}

/// Models printNode.
fn status(node: &Node) -> String {
    let ready = node.status.conditions.iter().flatten().find(|c| c.type_ == "Ready");
    let mut text = match ready.map(|condition| condition.status.as_str()) {
        Some("True") => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    }
    .to_string();
    if node.spec.unschedulable == Some(true) {
        text.push_str(",SchedulingDisabled");
    }
    text
}

/// Models findNodeRoles.
pub(in super::super) fn roles(node: &Node) -> Vec<String> {
    let role = |(key, value): (&String, &String)| match key.strip_prefix(ROLE_PREFIX) {
        Some(role) => Some(role.to_string()).filter(|role| !role.is_empty()),
        None => (key == ROLE && !value.is_empty()).then(|| value.clone()),
    };
    let roles = order::set(node.metadata.labels.iter().flatten().filter_map(role));
    roles.into_iter().collect()
}
