//! Amounts of resources. Models validateResourceRequirements.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::Quantity;
use crate::api::core::{PodSpec, ResourceClaim, ResourceRequirements};
use crate::api::defaults::{aggregate, is_huge_page, is_pod_level};
use crate::api::quantity::{Amount, amount};

use super::field::{Faults, Path};
use super::names::{is_dns1123_label, is_qualified_name};

/// What may ask for resources.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asker {
    Container,
    Pod,
}

/// Amounts by resource.
type Amounts = BTreeMap<String, Quantity>;

/// Models validateResourceRequirements.
pub(super) fn requirements(
    resources: &ResourceRequirements,
    asker: Asker,
    claims: &[&str],
    path: &Path,
    faults: &mut Faults,
) {
    let (limits_path, requests_path) = (path.child("limits"), path.child("requests"));
    for (name, quantity) in resources.limits.iter().flatten() {
        one(name, quantity, asker, &limits_path.key(name), faults);
        huge_page(name, quantity, &limits_path.key(name), faults);
    }
    for (name, quantity) in resources.requests.iter().flatten() {
        one(name, quantity, asker, &requests_path.key(name), faults);
        let limit = resources.limits.as_ref().and_then(|limits| limits.get(name));
        let may_overcommit = is_native(name) && !is_huge_page(name);
        match limit {
            Some(limit) if amount(quantity) != amount(limit) && !may_overcommit => {
                let text = format!("must be equal to {name} limit of {}", limit.0);
                faults.invalid(&requests_path, &quantity.0, &text);
            }
            Some(limit) if amount(quantity) > amount(limit) => {
                let text = format!("must be less than or equal to {name} limit of {}", limit.0);
                faults.invalid(&requests_path, &quantity.0, &text);
            }
            None if !may_overcommit => {
                faults.required(&limits_path, "Limit must be set for non overcommitable resources");
            }
            _ => {}
        }
        huge_page(name, quantity, &requests_path.key(name), faults);
    }
    let names = || resources.limits.iter().chain(&resources.requests).flat_map(BTreeMap::keys);
    if names().any(|name| is_huge_page(name))
        && !names().any(|name| matches!(name.as_str(), "cpu" | "memory"))
    {
        faults.forbidden(path, "HugePages require cpu or memory");
    }
    claim_names(resources.claims.as_deref().unwrap_or_default(), claims, &path.child("claims"), faults);
}

/// Overhead is checked as limits. Models validateOverhead.
pub(super) fn overhead(overhead: &Amounts, path: &Path, faults: &mut Faults) {
    let limits = ResourceRequirements { limits: Some(overhead.clone()), ..Default::default() };
    requirements(&limits, Asker::Container, &[], path, faults);
}

fn one(name: &str, quantity: &Quantity, asker: Asker, path: &Path, faults: &mut Faults) {
    match asker {
        Asker::Container => container_resource(name, path, faults),
        Asker::Pod => pod_resource(name, path, faults),
    }
    quantity_value(name, quantity, path, faults);
}

/// Models ValidateResourceQuantityValue.
pub(super) fn quantity_value(name: &str, quantity: &Quantity, path: &Path, faults: &mut Faults) {
    let value = amount(quantity);
    if value.is_negative() {
        faults.invalid(path, &quantity.0, "must be greater than or equal to 0");
    }
    if is_integer(name) && !value.is_whole() {
        faults.invalid(path, &quantity.0, "must be an integer");
    }
}

fn huge_page(name: &str, quantity: &Quantity, path: &Path, faults: &mut Faults) {
    let Some(size) = name.strip_prefix("hugepages-").and_then(Amount::parse) else { return };
    let (value, size) = (amount(quantity).units(), size.0.units());
    if size <= 0 || value <= 0 || value % size != 0 {
        let text = format!("{} is not positive integer multiple of {name}", quantity.0);
        faults.invalid(path, &quantity.0, &text);
    }
}

/// Models IsNativeResource.
fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

/// Models IsExtendedResourceName.
fn is_extended(name: &str) -> bool {
    !is_native(name)
        && !name.starts_with("requests.")
        && is_qualified_name(&format!("requests.{name}")).is_empty()
}

fn is_integer(name: &str) -> bool {
    matches!(name, "pods" | "resourcequotas" | "services" | "replicationcontrollers" | "secrets")
        || matches!(name, "configmaps" | "persistentvolumeclaims")
        || matches!(name, "services.nodeports" | "services.loadbalancers")
        || (name.contains('/') && is_extended(name))
}

/// Models validateResourceName.
pub(super) fn resource_name(name: &str, path: &Path, faults: &mut Faults) {
    const STANDARD: &[&str] = &["cpu", "memory", "ephemeral-storage", "storage"];
    let messages = is_qualified_name(name);
    if !messages.is_empty() {
        return faults.invalid_each(path, name, messages);
    }
    let base = name.strip_prefix("requests.").or_else(|| name.strip_prefix("limits.")).unwrap_or(name);
    let is_limit_of_storage = name == "limits.storage";
    let is_standard = (STANDARD.contains(&base) && !is_limit_of_storage)
        || is_huge_page(base)
        || (is_integer(name) && !name.contains('/'));
    if !name.contains('/') && !is_standard {
        faults.invalid(path, name, "must be a standard resource type or fully qualified");
    }
}

/// Models validateContainerResourceName.
fn container_resource(name: &str, path: &Path, faults: &mut Faults) {
    if matches!(name, "cpu" | "memory" | "ephemeral-storage") {
        return;
    }
    resource_name(name, path, faults);
    if !name.contains('/') {
        if !is_huge_page(name) {
            faults.invalid(path, name, "must be a standard resource for containers");
        }
    } else if !is_native(name) && !is_extended(name) {
        faults.invalid(path, name, "doesn't follow extended resource name standard");
    }
}

/// Models validatePodResourceName.
fn pod_resource(name: &str, path: &Path, faults: &mut Faults) {
    let before = faults.count();
    resource_name(name, path, faults);
    if faults.count() == before && !is_pod_level(name) {
        faults.not_supported(path, name, &["cpu", "hugepages-", "memory"]);
    }
}

/// Models validateResourceClaimNames.
fn claim_names(claims: &[ResourceClaim], known: &[&str], path: &Path, faults: &mut Faults) {
    let mut seen = BTreeSet::new();
    for (index, claim) in claims.iter().enumerate() {
        let path = path.index(index);
        let name = claim.name.as_str();
        if name.is_empty() {
            faults.required(&path, "");
            continue;
        }
        let request = claim.request.as_deref().unwrap_or_default();
        if !request.is_empty() {
            faults.invalid_each(&path.child("request"), request, is_dns1123_label(request));
        }
        let overlaps = |other: &(&str, &str)| {
            other.0 == name && (other.1.is_empty() || request.is_empty() || other.1 == request)
        };
        if seen.iter().any(overlaps) {
            faults.duplicate(&path, name);
        }
        seen.insert((name, request));
        if !known.contains(&name) {
            let which = match known {
                [] => " which is empty".to_string(),
                known => format!(": {}", known.join(", ")),
            };
            let text = format!("must be one of the names in pod.spec.resourceClaims{which}");
            faults.not_found(&path, name, &text);
        }
    }
}

/// Resources of a whole Pod. Models validatePodResources.
pub(super) fn pod_level(spec: &PodSpec, claims: &[&str], path: &Path, faults: &mut Faults) {
    let Some(whole) = &spec.resources else { return };
    if spec.os.as_ref().is_some_and(|os| os.name == "windows") {
        return faults.forbidden(path, "may not be set for a windows pod");
    }
    if whole.claims.is_some() {
        faults.forbidden(&path.child("claims"), "claims may not be set for Resources at pod-level");
    }
    requirements(whole, Asker::Pod, claims, path, faults);
    let asked = aggregate(spec, |resources| resources.requests.as_ref());
    let requests = path.child("requests");
    for (name, (total, quantity)) in both(&asked, whole.requests.as_ref()) {
        if amount(total) > amount(quantity) {
            let text =
                format!("must be greater than or equal to aggregate container requests of {}", total.0);
            faults.invalid(&requests.key(name), &quantity.0, &text);
        }
    }
    let containers = path.child("containers");
    for (index, container) in spec.containers.iter().enumerate() {
        let limits = container.resources.as_ref().and_then(|resources| resources.limits.as_ref());
        let at = containers.index(index);
        for (name, (limit, whole)) in limits.into_iter().flat_map(|l| both(l, whole.limits.as_ref())) {
            if amount(limit) > amount(whole) {
                let text = format!("must be less than or equal to pod limits of {}", whole.0);
                let at = at.key(name);
                faults.invalid(&at.child("limits"), &limit.0, &text);
            }
        }
    }
}

/// The resources of which both say an amount.
fn both<'a>(
    some: &'a Amounts,
    others: Option<&'a Amounts>,
) -> impl Iterator<Item = (&'a str, (&'a Quantity, &'a Quantity))> {
    some.iter().filter_map(move |(name, quantity)| Some((name.as_str(), (quantity, others?.get(name)?))))
}
