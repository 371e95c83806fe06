//! A container's environment, with the fields that it names looked up.

use super::sheet::Sheet;
use crate::api::core::{Container, EnvVarSource, ResourceFieldSelector};
use crate::api::quantity::{Amount, amount};
use crate::api::{Kinded, Pod, Quantity};

/// Models describeContainerEnvFrom and describeContainerEnvVars.
pub(super) fn describe(sheet: &mut Sheet, container: &Container, pod: Option<&Pod>) {
    let sources = container.env_from.as_deref().unwrap_or_default();
    if !sources.is_empty() {
        sheet.line(2, "Environment Variables from:");
    }
    for source in sources {
        let (from, name, optional) = match (&source.config_map_ref, &source.secret_ref) {
            (Some(map), _) => ("ConfigMap", &map.name, map.optional),
            (None, Some(secret)) => ("Secret", &secret.name, secret.optional),
            (None, None) => continue,
        };
        let prefix = match source.prefix.as_deref().unwrap_or_default() {
            "" => String::new(),
            prefix => format!(" with prefix '{prefix}'"),
        };
        sheet.line(3, format!("{name}\t{from}{prefix}\tOptional: {}", optional == Some(true)));
    }
    let variables = container.env.as_deref().unwrap_or_default();
    let none = if variables.is_empty() { "\t<none>" } else { "" };
    sheet.line(2, format!("Environment:{none}"));
    for variable in variables {
        let mut name = format!("{}:", variable.name);
        match &variable.value_from {
            Some(source) => referred(sheet, &name, source, (container, pod)),
            None => {
                for line in variable.value.as_deref().unwrap_or_default().split('\n') {
                    sheet.line(3, format!("{name}\t{line}"));
                    name.clear();
                }
            }
        }
    }
}

fn referred(
    sheet: &mut Sheet,
    name: &str,
    source: &EnvVarSource,
    (container, pod): (&Container, Option<&Pod>),
) {
    if let Some(field) = &source.field_ref {
        let value = pod.map(|pod| field_value(pod, &field.field_path)).unwrap_or_default();
        let version = field.api_version.as_deref().unwrap_or_default();
        sheet.line(3, format!("{name}\t{value} ({version}:{})", field.field_path));
    } else if let Some(resource) = &source.resource_field_ref {
        let mut value = resource_value(container, resource);
        if value == "0" && matches!(resource.resource.as_str(), "limits.cpu" | "limits.memory") {
            value = "node allocatable".into();
        }
        sheet.line(3, format!("{name}\t{value} ({})", resource.resource));
    } else if let Some(key) = &source.secret_key_ref {
        let optional = key.optional == Some(true);
        let text = format!("<set to the key '{}' in secret '{}'>", key.key, key.name);
        sheet.line(3, format!("{name}\t{text}\tOptional: {optional}"));
    } else if let Some(key) = &source.config_map_key_ref {
        let optional = key.optional == Some(true);
        let text = format!("<set to the key '{}' of config map '{}'>", key.key, key.name);
        sheet.line(3, format!("{name}\t{text}\tOptional: {optional}"));
    }
}

/// Models EnvValueRetriever.
fn field_value(pod: &Pod, path: &str) -> String {
    let meta = pod.meta();
    if let Some((map, key)) = path.strip_suffix("']").and_then(|path| path.split_once("['")) {
        let map = if map == "metadata.labels" { &meta.labels } else { &meta.annotations };
        return map.as_ref().and_then(|map| map.get(key)).cloned().unwrap_or_default();
    }
    let value = match path {
        "metadata.name" => meta.name.clone(),
        "metadata.namespace" => meta.namespace.clone(),
        "metadata.uid" => meta.uid.clone(),
        "spec.nodeName" => pod.spec.node_name.clone(),
        "spec.serviceAccountName" => pod.spec.service_account_name.clone(),
        "status.hostIP" => pod.status.host_ip.clone(),
        "status.podIP" => pod.status.pod_ip.clone(),
        "status.podIPs" => {
            let all: Vec<&str> =
                pod.status.pod_ips.iter().flatten().map(|address| address.ip.as_str()).collect();
            Some(all.join(","))
        }
        _ => None,
    };
    value.unwrap_or_default()
}

/// Models ExtractContainerResourceValue: rounded up to whole divisors.
fn resource_value(container: &Container, selector: &ResourceFieldSelector) -> String {
    let resources = container.resources.clone().unwrap_or_default();
    let (list, name) = match selector.resource.split_once('.') {
        Some(("limits", name)) => (resources.limits, name),
        Some((_, name)) => (resources.requests, name),
        None => return String::new(),
    };
    let quantity = list.as_ref().and_then(|list| list.get(name)).map_or(Amount::ZERO, amount);
    let divisor = selector.divisor.as_ref().map(|Quantity(text)| text.as_str()).filter(|text| *text != "0");
    let divisor = divisor.and_then(Amount::parse).map_or(Amount::from_units(1), |(amount, _)| amount);
    let (value, unit) = match name {
        "cpu" => (quantity.milli(), divisor.milli()),
        _ => (quantity.units(), divisor.units()),
    };
    let unit = unit.max(1);
    (value / unit + i64::from(value % unit != 0)).to_string()
}
