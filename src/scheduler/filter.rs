//! Which nodes a Pod can run on. Models the Filter plugins of the default profile, in their order.

use std::fmt::Write;

use super::cache::{NodeInfo, PodInfo};
use crate::api::core::Taint;
use crate::api::node_affinity;
use crate::api::taints::{repels, tolerated};

/// The plugin that turned a node down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Plugin {
    NodeUnschedulable,
    NodeName,
    TaintToleration,
    NodeAffinity,
    NodePorts,
    NodeResourcesFit,
}

/// Why a node is not feasible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    pub plugin: Plugin,
    pub reasons: Vec<String>,
    /// Whether the node would be feasible without some of its Pods.
    pub resolvable: bool,
}

/// Runs the filters until one turns the node down.
///
/// # Errors
/// The first filter's reasons.
pub fn filter(pod: &PodInfo, info: &NodeInfo) -> Result<(), Rejection> {
    let reject = |plugin, reason: &str| {
        Err(Rejection { plugin, reasons: vec![reason.into()], resolvable: plugin == Plugin::NodePorts })
    };
    let Some(node) = &info.node else {
        return reject(Plugin::NodeName, "node(s) had unknown conditions");
    };
    let spec = &pod.pod.spec;
    let tolerations = spec.tolerations.as_ref();
    if node.spec.unschedulable == Some(true) && !tolerated(tolerations, &unschedulable()) {
        return reject(Plugin::NodeUnschedulable, "node(s) were unschedulable");
    }
    if spec
        .node_name
        .as_ref()
        .is_some_and(|name| !name.is_empty() && Some(name) != node.metadata.name.as_ref())
    {
        return reject(Plugin::NodeName, "node(s) didn't match the requested node name");
    }
    let taints = node.spec.taints.iter().flatten();
    if taints.filter(|taint| repels(taint)).any(|taint| !tolerated(tolerations, taint)) {
        return reject(Plugin::TaintToleration, "node(s) had untolerated taint(s)");
    }
    if !node_affinity::required_matches(spec, node) {
        return reject(Plugin::NodeAffinity, "node(s) didn't match Pod's node affinity/selector");
    }
    if pod
        .host_ports
        .iter()
        .any(|wanted| info.pods.values().any(|other| conflicts(wanted, &other.host_ports)))
    {
        return reject(Plugin::NodePorts, "node(s) didn't have free ports for the requested pod ports");
    }
    fits(pod, info)
}

/// The taint that a cordoned node counts as having.
fn unschedulable() -> Taint {
    Taint { key: "node.kubernetes.io/unschedulable".into(), effect: "NoSchedule".into(), ..Taint::default() }
}

/// Models HostPortInfo.CheckConflict: 0.0.0.0 stands for every address.
fn conflicts(wanted: &(String, String, i32), taken: &[(String, String, i32)]) -> bool {
    taken.iter().any(|(address, protocol, port)| {
        let same_address = *address == wanted.0 || address == "0.0.0.0" || wanted.0 == "0.0.0.0";
        same_address && *protocol == wanted.1 && *port == wanted.2
    })
}

/// Models noderesources fitsRequest.
fn fits(pod: &PodInfo, info: &NodeInfo) -> Result<(), Rejection> {
    let mut reasons = Vec::new();
    let mut resolvable = true;
    if info.pods.len() as i64 + 1 > info.allowed_pods {
        reasons.push("Too many pods".to_string());
    }
    let mut check = |name: &str, wanted: i64, used: i64, there_is: i64| {
        if wanted > 0 && wanted > there_is - used {
            let mut reason = String::new();
            // Writing to a String cannot fail.
            let _ = write!(reason, "Insufficient {name}");
            reasons.push(reason);
            resolvable &= wanted <= there_is;
        }
    };
    let (want, used, there_is) = (&pod.requests, &info.requested, &info.allocatable);
    check("cpu", want.milli_cpu, used.milli_cpu, there_is.milli_cpu);
    check("memory", want.memory, used.memory, there_is.memory);
    check("ephemeral-storage", want.ephemeral_storage, used.ephemeral_storage, there_is.ephemeral_storage);
    let of =
        |list: &std::collections::BTreeMap<String, i64>, name: &String| list.get(name).copied().unwrap_or(0);
    for (name, wanted) in &want.scalar {
        check(name, *wanted, of(&used.scalar, name), of(&there_is.scalar, name));
    }
    match reasons.is_empty() {
        true => Ok(()),
        false => Err(Rejection { plugin: Plugin::NodeResourcesFit, reasons, resolvable }),
    }
}
