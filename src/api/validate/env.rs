//! Environment variables and the downward API. Models ValidateEnv, ValidateEnvFrom and their selectors.

use crate::api::core::{EnvFromSource, EnvVar, EnvVarSource, ObjectFieldSelector, ResourceFieldSelector};
use crate::api::quantity::{Amount, amount};

use super::field::{Faults, Path};
use super::names::{
    is_config_map_key, is_dns1123_label, is_dns1123_subdomain, is_env_var_name, is_qualified_name,
};
use super::paths;

/// What environment variables may refer to.
const ENV_FIELDS: &[&str] = &[
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];
/// What files of a volume may refer to.
pub(super) const VOLUME_FIELDS: &[&str] =
    &["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];
/// What else a Pod has, though nothing may refer to it.
const OTHER_FIELDS: &[&str] = &["spec.restartPolicy", "spec.schedulerName", "status.phase", "spec.host"];
const RESOURCES: &[&str] = &[
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];
const BYTE_DIVISORS: &[&str] =
    &["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

/// Models ValidateEnv.
pub(super) fn env(variables: Option<&Vec<EnvVar>>, path: &Path, faults: &mut Faults) {
    for (index, variable) in variables.into_iter().flatten().enumerate() {
        let path = path.index(index);
        if variable.name.is_empty() {
            faults.required(&path.child("name"), "");
        } else if let Some(message) = is_env_var_name(&variable.name) {
            faults.invalid(&path.child("name"), &variable.name, message);
        }
        if let Some(from) = &variable.value_from {
            let has_value = variable.value.as_ref().is_some_and(|value| !value.is_empty());
            value_from(from, &path.child("valueFrom"), faults);
            let sources = count_sources(from);
            let text = match sources {
                0 => {
                    "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
                }
                _ if has_value => "may not be specified when `value` is not empty",
                1 => continue,
                _ => "may not have more than one field specified at a time",
            };
            faults.invalid(&path.child("valueFrom"), "", text);
        }
    }
}

fn count_sources(from: &EnvVarSource) -> usize {
    usize::from(from.field_ref.is_some())
        + usize::from(from.resource_field_ref.is_some())
        + usize::from(from.config_map_key_ref.is_some())
        + usize::from(from.secret_key_ref.is_some())
        + usize::from(from.file_key_ref.is_some())
}

/// Models validateEnvVarValueFrom.
fn value_from(from: &EnvVarSource, path: &Path, faults: &mut Faults) {
    if let Some(field) = &from.field_ref {
        field_ref(field, ENV_FIELDS, &path.child("fieldRef"), faults);
    }
    if let Some(field) = &from.resource_field_ref {
        resource_field_ref(field, &path.child("resourceFieldRef"), faults);
    }
    if let Some(key) = &from.config_map_key_ref {
        key_ref(&key.name, &key.key, &path.child("configMapKeyRef"), faults);
    }
    if let Some(key) = &from.secret_key_ref {
        key_ref(&key.name, &key.key, &path.child("secretKeyRef"), faults);
    }
    if let Some(file) = &from.file_key_ref {
        let path = path.child("fileKeyRef");
        if file.key.is_empty() {
            faults.required(&path.child("key"), "");
        } else if let Some(message) = is_env_var_name(&file.key) {
            faults.invalid(&path.child("key"), &file.key, message);
        }
        match file.volume_name.as_str() {
            "" => faults.required(&path.child("volumeName"), ""),
            name => faults.invalid_each(&path.child("volumeName"), name, is_dns1123_label(name)),
        }
        match file.path.as_str() {
            "" => faults.required(&path.child("path"), ""),
            file => paths::no_backsteps(file, &path.child("path"), faults),
        }
    }
}

/// Models validateConfigMapKeySelector and validateSecretKeySelector.
fn key_ref(name: &str, key: &str, path: &Path, faults: &mut Faults) {
    faults.invalid_each(&path.child("name"), name, is_dns1123_subdomain(name));
    match key {
        "" => faults.required(&path.child("key"), ""),
        key => faults.invalid_each(&path.child("key"), key, is_config_map_key(key)),
    }
}

/// Models validateObjectFieldSelector.
pub(super) fn field_ref(field: &ObjectFieldSelector, allowed: &[&str], path: &Path, faults: &mut Faults) {
    let at = path.child("fieldPath");
    let version = field.api_version.as_deref().unwrap_or_default();
    if version.is_empty() {
        return faults.required(&path.child("apiVersion"), "");
    }
    let label = field.field_path.as_str();
    if label.is_empty() {
        return faults.required(&at, "");
    }
    let fail = |faults: &mut Faults, why: String| {
        faults.invalid(&at, label, &format!("error converting fieldPath: {why}"));
    };
    if version != "v1" {
        return fail(faults, format!("unsupported pod version: {version}"));
    }
    match split_subscript(label) {
        Some(("metadata.annotations", key)) => {
            let key = key.to_lowercase();
            faults.invalid_each(path, &key, is_qualified_name(&key));
        }
        Some(("metadata.labels", key)) => faults.invalid_each(path, key, is_qualified_name(key)),
        Some(_) => fail(faults, format!("field label does not support subscript: {label}")),
        None if !is_known(label) => fail(faults, format!("field label not supported: {label}")),
        None => {
            let label = if label == "spec.host" { "spec.nodeName" } else { label };
            faults.one_of_if_set(&at, Some(label), allowed);
        }
    }
}

fn is_known(label: &str) -> bool {
    [ENV_FIELDS, VOLUME_FIELDS, OTHER_FIELDS].iter().any(|fields| fields.contains(&label))
}

/// `metadata.labels['key']` as path and key. Models fieldpath.SplitMaybeSubscriptedPath.
fn split_subscript(label: &str) -> Option<(&str, &str)> {
    let (path, key) = label.strip_suffix("']")?.split_once("['")?;
    (!path.is_empty()).then_some((path, key))
}

/// Models validateContainerResourceFieldSelector for a container's own resources.
fn resource_field_ref(field: &ResourceFieldSelector, path: &Path, faults: &mut Faults) {
    let is_huge = ["limits.hugepages-", "requests.hugepages-"].iter().any(|p| field.resource.starts_with(p));
    if field.resource.is_empty() {
        faults.required(&path.child("resource"), "");
    } else if !is_huge {
        faults.one_of_if_set(&path.child("resource"), Some(&field.resource), RESOURCES);
    }
    divisor(field, path, faults);
}

/// The same in a volume, where the container must be named.
pub(super) fn volume_resource_field_ref(field: &ResourceFieldSelector, path: &Path, faults: &mut Faults) {
    if field.container_name.as_ref().is_none_or(|name| name.is_empty()) {
        faults.required(&path.child("containerName"), "");
        divisor(field, path, faults);
    } else {
        resource_field_ref(field, path, faults);
    }
}

/// Models validateContainerResourceDivisor.
fn divisor(field: &ResourceFieldSelector, path: &Path, faults: &mut Faults) {
    let Some(divisor) = field.divisor.as_ref().filter(|divisor| amount(divisor) != Amount::ZERO) else {
        return;
    };
    let (allowed, resource) = match field.resource.as_str() {
        "limits.cpu" | "requests.cpu" if !matches!(divisor.0.as_str(), "1m" | "1") => {
            let text = "only divisor's values 1m and 1 are supported with the cpu resource";
            return faults.invalid(&path.child("divisor"), &field.resource, text);
        }
        "limits.memory" | "requests.memory" => (BYTE_DIVISORS, "memory"),
        "limits.ephemeral-storage" | "requests.ephemeral-storage" => {
            (BYTE_DIVISORS, "local ephemeral storage")
        }
        name if name.contains(".hugepages-") => (BYTE_DIVISORS, "hugepages"),
        _ => return,
    };
    if !allowed.contains(&divisor.0.as_str()) {
        let values = allowed.join(", ");
        let text = format!("only divisor's values {values} are supported with the {resource} resource");
        faults.invalid(&path.child("divisor"), &field.resource, &text);
    }
}

/// Models ValidateEnvFrom.
pub(super) fn env_from(sources: Option<&Vec<EnvFromSource>>, path: &Path, faults: &mut Faults) {
    for (index, source) in sources.into_iter().flatten().enumerate() {
        let at = path.index(index);
        let prefix = source.prefix.as_deref().unwrap_or_default();
        if let Some(message) = is_env_var_name(prefix) {
            faults.invalid(&at.child("prefix"), prefix, message);
        }
        let config_map = source.config_map_ref.as_ref().map(|source| ("configMapRef", &source.name));
        let secret = source.secret_ref.as_ref().map(|source| ("secretRef", &source.name));
        for (field, name) in config_map.iter().chain(&secret) {
            let at = at.child(field);
            match name.as_str() {
                "" => faults.required(&at.child("name"), ""),
                name => {
                    // A name here is checked like a prefix: a trailing dash passes.
                    let whole = super::names::without_trailing_dash(name);
                    faults.invalid_each(&at.child("name"), name, is_dns1123_subdomain(&whole));
                }
            }
        }
        match (config_map, secret) {
            (None, None) => {
                faults.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`");
            }
            (Some(_), Some(_)) => {
                faults.invalid(path, "", "may not have more than one field specified at a time");
            }
            _ => {}
        }
    }
}
