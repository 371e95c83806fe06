//! Metadata and labels. Models apimachinery/pkg/api/validation/objectmeta.go.

use crate::api::ObjectMeta;
use crate::api::labels::Labels;
use crate::api::meta::{LabelSelector, OwnerReference};
use crate::api::order;

use super::field::{Faults, Json, Path};
use super::names::{
    is_dns1123_label, is_dns1123_subdomain, is_label_value, is_qualified_name, without_trailing_dash,
};

/// How many bytes keys and values of annotations may have together.
const ANNOTATIONS_LIMIT: usize = 256 * 1024;

/// What a kind's names must be.
pub(super) type NameCheck = fn(&str) -> Vec<String>;

/// Whether a kind lives in namespaces.
pub(super) use crate::api::Scope;

/// Metadata of a new object. Models ValidateObjectMeta.
pub(super) fn create(meta: &ObjectMeta, scope: Scope, name_check: NameCheck, faults: &mut Faults) {
    let path = Path::root("metadata");
    if let Some(prefix) = meta.generate_name.as_deref().filter(|prefix| !prefix.is_empty()) {
        let messages = name_check(&without_trailing_dash(prefix));
        faults.invalid_each(&path.child("generateName"), prefix, messages);
    }
    match meta.name.as_deref().unwrap_or_default() {
        "" => faults.required(&path.child("name"), "name or generateName is required"),
        name => faults.invalid_each(&path.child("name"), name, name_check(name)),
    }
    namespace(meta, scope, &path.child("namespace"), faults);
    faults.nonnegative(&path.child("generation"), meta.generation.unwrap_or(0));
    labels(meta.labels.as_ref(), &path.child("labels"), faults);
    annotations(meta.annotations.as_ref(), &path.child("annotations"), faults);
    owners(meta, &path.child("ownerReferences"), faults);
    finalizers(meta, &path.child("finalizers"), faults);
    standard_finalizers(meta, &path.child("finalizers"), faults);
}

/// Metadata of an update. Models ValidateObjectMetaUpdate.
pub(super) fn update(new: &ObjectMeta, old: &ObjectMeta, faults: &mut Faults) {
    let path = Path::root("metadata");
    if old.deletion_timestamp.is_some() {
        no_new_finalizers(new, old, &path.child("finalizers"), faults);
    }
    let (generation, before) = (new.generation.unwrap_or(0), old.generation.unwrap_or(0));
    if generation < before {
        faults.invalid(&path.child("generation"), &generation, "must not be decremented");
    }
    faults.immutable(&path.child("name"), &new.name, &old.name);
    faults.immutable(&path.child("namespace"), &new.namespace, &old.namespace);
    faults.immutable(&path.child("uid"), &new.uid, &old.uid);
    labels(new.labels.as_ref(), &path.child("labels"), faults);
    annotations(new.annotations.as_ref(), &path.child("annotations"), faults);
    owners(new, &path.child("ownerReferences"), faults);
    standard_finalizers(new, &path.child("finalizers"), faults);
}

fn namespace(meta: &ObjectMeta, scope: Scope, path: &Path, faults: &mut Faults) {
    match (scope, meta.namespace.as_deref().unwrap_or_default()) {
        (Scope::Namespaced, "") => faults.required(path, ""),
        (Scope::Namespaced, name) => faults.invalid_each(path, name, is_dns1123_label(name)),
        (Scope::Cluster, "") => {}
        (Scope::Cluster, _) => faults.forbidden(path, "not allowed on this type"),
    }
}

/// Models ValidateLabels.
pub(super) fn labels(labels: Option<&Labels>, path: &Path, faults: &mut Faults) {
    for (key, value) in labels.into_iter().flatten() {
        faults.invalid_each(path, key, is_qualified_name(key));
        faults.invalid_each(path, value, is_label_value(value));
    }
}

/// Models ValidateAnnotations.
pub(super) fn annotations(annotations: Option<&Labels>, path: &Path, faults: &mut Faults) {
    let mut size = 0;
    for (key, value) in annotations.into_iter().flatten() {
        size += key.len() + value.len();
        // Annotations are checked as if in lower case; most are.
        let messages = match key.bytes().any(|b| b.is_ascii_uppercase()) {
            true => is_qualified_name(&key.to_lowercase()),
            false => is_qualified_name(key),
        };
        faults.invalid_each(path, key, messages);
    }
    if size > ANNOTATIONS_LIMIT {
        faults.too_long(path, ANNOTATIONS_LIMIT);
    }
}

/// Models ValidateOwnerReferences.
fn owners(meta: &ObjectMeta, path: &Path, faults: &mut Faults) {
    let mut controller: Option<&OwnerReference> = None;
    for owner in meta.owner_references.iter().flatten() {
        if owner.api_version.rsplit('/').next().unwrap_or_default().is_empty() {
            faults.invalid(&path.child("apiVersion"), &owner.api_version, "version must not be empty");
        }
        for (name, value) in [("kind", &owner.kind), ("name", &owner.name), ("uid", &owner.uid)] {
            if value.is_empty() {
                faults.invalid(&path.child(name), value, "must not be empty");
            }
        }
        if owner.kind == "Event" && owner.api_version == "v1" {
            let banned = "/v1, Kind=Event is disallowed from being an owner";
            faults.invalid(path, &Json(owner_json(owner)), banned);
        }
        if owner.controller == Some(true) {
            match controller {
                None => controller = Some(owner),
                Some(first) => {
                    let all: Vec<_> = meta.owner_references.iter().flatten().map(owner_json).collect();
                    let text = format!(
                        "Only one reference can have Controller set to true. Found \"true\" in references for {}/{} and {}/{}",
                        first.kind, first.name, owner.kind, owner.name
                    );
                    faults.invalid(path, &Json(format!("[{}]", all.join(","))), &text);
                }
            }
        }
    }
}

/// The reference as Go's JSON writes it, in its own order.
fn owner_json(owner: &OwnerReference) -> String {
    let text = super::field::json_string;
    let mut json = format!(
        "{{\"apiVersion\":{},\"kind\":{},\"name\":{},\"uid\":{}",
        text(&owner.api_version),
        text(&owner.kind),
        text(&owner.name),
        text(&owner.uid)
    );
    for (name, flag) in [("controller", owner.controller), ("blockOwnerDeletion", owner.block_owner_deletion)]
    {
        if let Some(flag) = flag {
            json.push_str(&format!(",\"{name}\":{flag}"));
        }
    }
    json + "}"
}

/// Models ValidateFinalizers.
fn finalizers(meta: &ObjectMeta, path: &Path, faults: &mut Faults) {
    let Some(finalizers) = &meta.finalizers else { return };
    for name in finalizers {
        faults.invalid_each(path, name, is_qualified_name(name));
    }
    let has = |wanted: &str| finalizers.iter().any(|name| name == wanted);
    if has("orphan") && has("foregroundDeletion") {
        let text = "finalizer orphan and foregroundDeletion cannot be both set";
        faults.invalid(path, &Json::of(finalizers), text);
    }
}

/// Models validateKubeFinalizerName.
fn standard_finalizers(meta: &ObjectMeta, path: &Path, faults: &mut Faults) {
    for (index, name) in meta.finalizers.iter().flatten().enumerate() {
        standard_finalizer(name, &path.index(index), faults);
    }
}

/// A finalizer is one of Kubernetes' own or has a domain.
pub(super) fn standard_finalizer(name: &str, path: &Path, faults: &mut Faults) {
    if !name.contains('/') && !matches!(name, "kubernetes" | "orphan" | "foregroundDeletion") {
        let text = "name is neither a standard finalizer name nor is it fully qualified";
        faults.invalid(path, name, text);
    }
}

/// Models ValidateNoNewFinalizers.
fn no_new_finalizers(new: &ObjectMeta, old: &ObjectMeta, path: &Path, faults: &mut Faults) {
    let before = old.finalizers.as_deref().unwrap_or_default();
    let mut extra: Vec<_> = new.finalizers.iter().flatten().filter(|name| !before.contains(name)).collect();
    if !extra.is_empty() {
        order::sort(&mut extra);
        extra.dedup();
        let extra: Vec<_> = extra.into_iter().map(|name| super::field::quote(name)).collect();
        let text = format!(
            "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
            extra.join(", ")
        );
        faults.forbidden(path, &text);
    }
}

/// Models ValidateLabelSelector.
pub(super) fn label_selector(selector: &LabelSelector, path: &Path, faults: &mut Faults) {
    labels(selector.match_labels.as_ref(), &path.child("matchLabels"), faults);
    let expressions = path.child("matchExpressions");
    for (index, expression) in selector.match_expressions.iter().flatten().enumerate() {
        let path = expressions.index(index);
        let values = expression.values.as_deref().unwrap_or_default();
        match expression.operator.as_str() {
            "In" | "NotIn" if values.is_empty() => {
                let text = "must be specified when `operator` is 'In' or 'NotIn'";
                faults.required(&path.child("values"), text);
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                let text = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                faults.forbidden(&path.child("values"), text);
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            operator => faults.invalid(&path.child("operator"), operator, "not a valid selector operator"),
        }
        faults.invalid_each(&path.child("key"), &expression.key, is_qualified_name(&expression.key));
        let path = path.child("values");
        for (index, value) in values.iter().enumerate() {
            faults.invalid_each(&path.index(index), value, is_label_value(value));
        }
    }
}

/// Names of most kinds.
pub(super) const SUBDOMAIN: NameCheck = is_dns1123_subdomain;
/// Names of Namespaces and Services.
pub(super) const LABEL: NameCheck = is_dns1123_label;
