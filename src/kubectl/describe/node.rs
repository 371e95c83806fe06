//! Nodes with the Pods on them.

use crate::api::order;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::client::Client;
use super::super::tables::{Clock, node_roles};
use super::sheet::{Sheet, date};
use crate::api::conditions::is_pod_terminal;
use crate::api::core::Taint;
use crate::api::quantity::{Amount, Format, amount};
use crate::api::{Node, Pod, Quantity};

/// Models describeNode.
pub(super) fn describe(sheet: &mut Sheet, client: &Client<'_>, node: &Node, clock: Clock) {
    let (meta, spec, status) = (&node.metadata, &node.spec, &node.status);
    let name = meta.name.as_deref().unwrap_or_default();
    sheet.field("Name", name);
    let roles = node_roles(node).join(",");
    sheet.field("Roles", if roles.is_empty() { "<none>" } else { &roles });
    sheet.labels("Labels", meta.labels.as_ref());
    sheet.annotations("Annotations", meta.annotations.as_ref());
    sheet.field("CreationTimestamp", date(meta.creation_timestamp.as_ref()));
    sheet.list("Taints", taints(spec.taints.as_deref().unwrap_or_default()));
    sheet.field("Unschedulable", spec.unschedulable.unwrap_or(false).to_string());
    let conditions = status.conditions.as_deref().unwrap_or_default();
    if !conditions.is_empty() {
        sheet.line(0, "Conditions:");
        sheet.line(1, "Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage");
        sheet.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
    }
    for condition in conditions {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let heartbeat = date(condition.last_heartbeat_time.as_ref());
        let transition = date(condition.last_transition_time.as_ref());
        let (reason, message) = (text(&condition.reason), text(&condition.message));
        let (kind, status) = (&condition.type_, &condition.status);
        sheet.line(1, format!("{kind} \t{status} \t{heartbeat} \t{transition} \t{reason} \t{message}"));
    }
    sheet.line(0, "Addresses:");
    for address in status.addresses.iter().flatten() {
        sheet.line(1, format!("{}:\t{}", address.type_, address.address));
    }
    for (name, list) in [("Capacity:", &status.capacity), ("Allocatable:", &status.allocatable)] {
        for (index, (resource, quantity)) in list.iter().flatten().enumerate() {
            if index == 0 {
                sheet.line(0, name);
            }
            sheet.line(1, format!("{resource}:\t{}", quantity.0));
        }
    }
    system(sheet, node);
    pods(sheet, client, node, clock);
}

fn system(sheet: &mut Sheet, node: &Node) {
    let info = node.status.node_info.clone().unwrap_or_default();
    sheet.line(0, "System Info:");
    let fields = [
        ("Machine ID", info.machine_id),
        ("System UUID", info.system_uuid),
        ("Boot ID", info.boot_id),
        ("Kernel Version", info.kernel_version),
        ("OS Image", info.os_image),
        ("Operating System", info.operating_system),
        ("Architecture", info.architecture),
        ("Container Runtime Version", info.container_runtime_version),
        ("Kubelet Version", info.kubelet_version),
    ];
    for (name, value) in fields {
        sheet.line(1, format!("{name}:\t{value}"));
    }
    let spec = &node.spec;
    let ranges = spec.pod_cidrs.as_ref().map(|all| all.join(","));
    let fields =
        [("PodCIDR", spec.pod_cidr.clone()), ("PodCIDRs", ranges), ("ProviderID", spec.provider_id.clone())];
    for (name, value) in fields {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            sheet.field(name, value);
        }
    }
}

/// Models describeNodeResource.
fn pods(sheet: &mut Sheet, client: &Client<'_>, node: &Node, clock: Clock) {
    let name = node.metadata.name.as_deref().unwrap_or_default();
    let mut pods: Vec<&Arc<Pod>> =
        client.view().pods_on(name).filter(|pod| !is_pod_terminal(&pod.status)).collect();
    let key = |pod: &Pod| (pod.metadata.namespace.clone(), pod.metadata.name.clone());
    order::sort_by_key(&mut pods, |pod| key(pod));
    sheet.field("Non-terminated Pods", format!("({} in total)", pods.len()));
    sheet.line(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
    sheet.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
    let allocatable = node.status.allocatable.as_ref().or(node.status.capacity.as_ref());
    let total = |resource: &str| allocatable.and_then(|list| list.get(resource)).map_or(Amount::ZERO, amount);
    let mut sums = [List::new(), List::new()];
    for pod in pods {
        let lists = [Field::Requests, Field::Limits].map(|field| pod_total(pod, field));
        let mut line = format!(
            "{}\t{}\t",
            pod.metadata.namespace.as_deref().unwrap_or_default(),
            pod.metadata.name.as_deref().unwrap_or_default()
        );
        for resource in ["cpu", "memory"] {
            for list in &lists {
                line.push_str(&format!("\t{}", share(list, resource, total(resource))));
            }
        }
        let age = clock.age(pod.metadata.creation_timestamp.as_ref());
        sheet.line(1, format!("{line}\t{age}"));
        for (sum, list) in sums.iter_mut().zip(&lists) {
            add(sum, list);
        }
    }
    sheet.line(0, "Allocated resources:");
    sheet.line(1, "(Total limits may be over 100 percent, i.e., overcommitted.)");
    sheet.line(1, "Resource\tRequests\tLimits");
    sheet.line(1, "--------\t--------\t------");
    let named = |wanted: &dyn Fn(&str) -> bool| -> Vec<String> {
        allocatable.into_iter().flatten().map(|(name, _)| name).filter(|name| wanted(name)).cloned().collect()
    };
    let [requests, limits] = &sums;
    let standard = ["cpu", "memory", "ephemeral-storage"].map(String::from);
    for resource in standard.iter().cloned().chain(named(&|name| name.starts_with("hugepages-"))) {
        let (request, limit) =
            (share(requests, &resource, total(&resource)), share(limits, &resource, total(&resource)));
        sheet.line(1, format!("{resource}\t{request}\t{limit}"));
    }
    let is_other = |name: &str| {
        !name.starts_with("hugepages-") && name != "pods" && !standard.iter().any(|known| known == name)
    };
    for resource in named(&is_other) {
        let text = |list: &List| list.get(&resource).copied().unwrap_or(ZERO).0.format(Format::DecimalSi);
        sheet.line(1, format!("{resource}\t{}\t{}", text(requests), text(limits)));
    }
}

/// Amounts with the way the first of them was written.
type List = BTreeMap<String, (Amount, Format)>;

const ZERO: (Amount, Format) = (Amount::ZERO, Format::DecimalSi);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Requests,
    Limits,
}

/// What a Pod requests or is limited to. Models resourcehelper.PodRequests and PodLimits.
fn pod_total(pod: &Pod, field: Field) -> List {
    let of = |container: &crate::api::core::Container| -> List {
        let resources = container.resources.clone().unwrap_or_default();
        let list = match field {
            Field::Requests => resources.requests,
            Field::Limits => resources.limits,
        };
        read(list.as_ref())
    };
    let mut sum = List::new();
    for container in &pod.spec.containers {
        add(&mut sum, &of(container));
    }
    // An init container runs beside the sidecars before it.
    let (mut sidecars, mut most) = (List::new(), List::new());
    for container in pod.spec.init_containers.iter().flatten() {
        let mut own = of(container);
        if container.restart_policy.as_deref() == Some("Always") {
            add(&mut sum, &own);
            add(&mut sidecars, &own);
            own = sidecars.clone();
        } else {
            add(&mut own, &sidecars);
        }
        raise(&mut most, &own);
    }
    raise(&mut sum, &most);
    add(&mut sum, &read(pod.spec.overhead.as_ref()));
    sum
}

fn read(list: Option<&BTreeMap<String, Quantity>>) -> List {
    let one =
        |(name, quantity): (&String, &Quantity)| (name.clone(), Amount::parse(&quantity.0).unwrap_or(ZERO));
    order::map(list.into_iter().flatten().map(one))
}

fn add(sum: &mut List, other: &List) {
    for (name, (amount, format)) in other {
        let entry = sum.entry(name.clone()).or_insert((Amount::ZERO, *format));
        entry.0 = entry.0 + *amount;
    }
}

fn raise(list: &mut List, other: &List) {
    for (name, (amount, format)) in other {
        let entry = list.entry(name.clone()).or_insert((Amount::ZERO, *format));
        entry.0 = entry.0.max(*amount);
    }
}

/// `100m (5%)`
fn share(list: &List, resource: &str, total: Amount) -> String {
    let (amount, format) = list.get(resource).copied().unwrap_or(ZERO);
    let (part, whole) = match resource {
        "cpu" => (amount.milli(), total.milli()),
        _ => (amount.units(), total.units()),
    };
    let percent = if whole == 0 { 0 } else { (part as f64 / whole as f64 * 100.0) as i64 };
    format!("{} ({percent}%)", amount.format(format))
}

/// Models printNodeTaintsMultiline.
fn taints(taints: &[Taint]) -> Vec<String> {
    let mut sorted: Vec<&Taint> = taints.iter().collect();
    order::sort_by_key(&mut sorted, |taint| format!("{},{}", taint.effect, taint.key));
    let one = |taint: &Taint| match taint.value.as_deref().unwrap_or_default() {
        "" => format!("{}:{}", taint.key, taint.effect),
        value => format!("{}={value}:{}", taint.key, taint.effect),
    };
    sorted.into_iter().map(one).collect()
}
