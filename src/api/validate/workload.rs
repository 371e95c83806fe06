//! What workloads share: a template and a selector that must match it. Models ValidatePodTemplateSpec,
//! ValidatePodTemplateSpecForReplicaSet and the checks of selectors around them.

use crate::api::core::PodTemplateSpec;
use crate::api::labels::{Labels, Selector};
use crate::api::meta::LabelSelector;

use super::field::{Faults, Json, Path};
use super::{metadata, pod};

/// The selector of a workload, and the template that it must match.
/// Models the common part of ValidateReplicaSetSpec and ValidateDeploymentSpec.
pub(super) fn selector_and_template(
    selector: &LabelSelector,
    template: &PodTemplateSpec,
    path: &Path,
    faults: &mut Faults,
) {
    let at = path.child("selector");
    let is_absent = selector.match_labels.is_none() && selector.match_expressions.is_none();
    if is_absent {
        faults.required(&at, "");
    } else {
        metadata::label_selector(selector, &at, faults);
        if is_empty(selector) {
            faults.invalid(&at, selector, "empty selector is invalid for deployment");
        }
    }
    let labels = template.metadata.as_ref().and_then(|meta| meta.labels.as_ref());
    match convert(selector) {
        None => return faults.invalid(&at, selector, "invalid label selector"),
        // No selector selects nothing, an empty one everything.
        Some(converted) if is_absent || !converted.matches(labels) => {
            let path = path.child("template");
            let path = path.child("metadata");
            let text = "`selector` does not match template `labels`";
            faults.invalid(&path.child("labels"), &shown_labels(labels), text);
        }
        Some(_) => {}
    }
    let path = path.child("template");
    self::template(template, &path, faults);
    let spec = template.spec.as_ref();
    let path = path.child("spec");
    if let Some(policy) = spec.and_then(|spec| spec.restart_policy.as_deref()) {
        faults.one_of_if_set(&path.child("restartPolicy"), Some(policy), &["Always"]);
    }
    if spec.is_some_and(|spec| spec.active_deadline_seconds.is_some()) {
        let text = "activeDeadlineSeconds in ReplicaSet is not Supported";
        faults.forbidden(&path.child("activeDeadlineSeconds"), text);
    }
}

fn is_empty(selector: &LabelSelector) -> bool {
    selector.match_labels.as_ref().is_none_or(Labels::is_empty)
        && selector.match_expressions.as_ref().is_none_or(Vec::is_empty)
}

/// The selector, if each of its requirements is valid. Models LabelSelectorAsSelector.
fn convert(selector: &LabelSelector) -> Option<Selector> {
    let mut faults = Faults::default();
    metadata::label_selector(selector, &Path::root(""), &mut faults);
    if faults.count() > 0 { None } else { Selector::from_label_selector(selector) }
}

/// Labels as Go shows them.
pub(super) fn shown_labels(labels: Option<&Labels>) -> Json {
    labels.map_or_else(|| Json("null".into()), Json::of)
}

/// A template. Models ValidatePodTemplateSpec.
pub(super) fn template(template: &PodTemplateSpec, path: &Path, faults: &mut Faults) {
    let annotations = template.metadata.as_ref().and_then(|meta| meta.annotations.as_ref());
    if let Some(meta) = &template.metadata {
        // Upstream leaves `metadata` out of these two paths.
        metadata::labels(meta.labels.as_ref(), &path.child("labels"), faults);
        metadata::annotations(annotations, &path.child("annotations"), faults);
    }
    let at = path.child("spec");
    match &template.spec {
        None => faults.required(&at, ""),
        Some(spec) => {
            pod::annotations(annotations, spec, &path.child("annotations"), faults);
            pod::spec(spec, None, &at, faults);
            if spec.ephemeral_containers.is_some() {
                let text = "ephemeral containers not allowed in pod template";
                faults.forbidden(&at.child("ephemeralContainers"), text);
            }
        }
    }
}
