//! Claims for volumes, as templates hold them. Models ValidatePersistentVolumeClaimTemplate.

use crate::api::ObjectMeta;
use crate::api::core::{EphemeralVolumeSource, PersistentVolumeClaimSpec, Volume};
use crate::api::quantity::{Amount, amount};

use super::field::{Faults, Path};
use super::metadata;
use super::names::is_dns1123_subdomain;

/// Models validateEphemeralVolumeSource.
pub(super) fn ephemeral(
    source: &EphemeralVolumeSource,
    volume: &Volume,
    pod: Option<&ObjectMeta>,
    path: &Path,
    faults: &mut Faults,
) {
    let at = path.child("ephemeral");
    let template_path = at.child("volumeClaimTemplate");
    match &source.volume_claim_template {
        None => faults.required(&template_path, ""),
        Some(template) => {
            let meta_path = template_path.child("metadata");
            if let Some(meta) = &template.metadata {
                metadata::annotations(meta.annotations.as_ref(), &meta_path.child("annotations"), faults);
                metadata::labels(meta.labels.as_ref(), &meta_path.child("labels"), faults);
                for (name, value) in [("name", &meta.name), ("generateName", &meta.generate_name)] {
                    if value.is_some() {
                        faults.forbidden(&meta_path.child(name), "cannot be set");
                    }
                }
            }
            claim_spec(&template.spec, &template_path.child("spec"), faults);
        }
    }
    let pod = pod.and_then(|meta| meta.name.as_deref()).unwrap_or_default();
    if !pod.is_empty() && !volume.name.is_empty() {
        let name = format!("{pod}-{}", volume.name);
        for message in is_dns1123_subdomain(&name) {
            let text = format!("PVC name \"{name}\": {message}");
            faults.invalid(&path.child("name"), &volume.name, &text);
        }
    }
}

/// What a claim for a volume asks. Models ValidatePersistentVolumeClaimSpec.
fn claim_spec(spec: &PersistentVolumeClaimSpec, path: &Path, faults: &mut Faults) {
    const MODES: &[&str] = &["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
    let modes = spec.access_modes.as_deref().unwrap_or_default();
    if modes.is_empty() {
        faults.required(&path.child("accessModes"), "at least 1 access mode is required");
    }
    if let Some(selector) = &spec.selector {
        metadata::label_selector(selector, &path.child("selector"), faults);
    }
    for mode in modes {
        faults.one_of_if_set(&path.child("accessModes"), Some(mode), MODES);
    }
    if modes.iter().any(|mode| mode == "ReadWriteOncePod") && modes.len() > 1 {
        let text = "may not use ReadWriteOncePod with other access modes";
        faults.forbidden(&path.child("accessModes"), text);
    }
    let resources = path.child("resources");
    let storage = resources.key("storage");
    let requests = spec.resources.as_ref().and_then(|resources| resources.requests.as_ref());
    match requests.and_then(|requests| requests.get("storage")) {
        None => faults.required(&storage, ""),
        Some(quantity) if amount(quantity) <= Amount::ZERO => {
            faults.invalid(&storage, &quantity.0, "must be greater than zero");
        }
        Some(_) => {}
    }
    if let Some(name) = spec.storage_class_name.as_deref().filter(|name| !name.is_empty()) {
        faults.invalid_each(&path.child("storageClassName"), name, is_dns1123_subdomain(name));
    }
    faults.one_of_if_set(&path.child("volumeMode"), spec.volume_mode.as_deref(), &["Block", "Filesystem"]);
}
