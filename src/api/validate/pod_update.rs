//! What of a Pod may change. Models ValidatePodUpdate.

use std::sync::Arc;

use crate::api::Pod;
use crate::api::core::{Affinity, Container, NodeSelectorTerm, PodSpec, Toleration};
use crate::api::labels::Labels;

use super::container::image_whitespace;
use super::field::{Faults, Json, Path};
use super::names::is_in_range;
use super::{diff, internal, metadata, pod, workload};

const UPDATABLE: &str = "`spec.containers[*].image`,`spec.initContainers[*].image`,\
    `spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),\
    `spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/// Models ValidatePodUpdate.
pub(super) fn update(new: &Pod, old: &Pod, faults: &mut Faults) {
    metadata::update(&new.metadata, &old.metadata, faults);
    if Arc::ptr_eq(&new.spec, &old.spec) && new.metadata == old.metadata {
        return;
    }
    pod::metadata_and_spec(new, faults);
    let path = Path::root("spec");
    let none: &[Container] = &[];
    for (name, new, old) in [
        ("containers", new.spec.containers.as_slice(), old.spec.containers.as_slice()),
        (
            "initContainers",
            new.spec.init_containers.as_deref().unwrap_or(none),
            old.spec.init_containers.as_deref().unwrap_or(none),
        ),
    ] {
        let path = path.child(name);
        if new.len() != old.len() {
            return faults.forbidden(&path, "pod updates may not add or remove containers");
        }
        for (index, container) in new.iter().enumerate() {
            let path = path.index(index);
            if container.image.as_ref().is_none_or(|image| image.is_empty()) {
                faults.required(&path.child("image"), "");
            }
            image_whitespace(container, &path, faults);
        }
    }
    if !deadline(&new.spec, &old.spec, &path.child("activeDeadlineSeconds"), faults) {
        return;
    }
    only_added_tolerations(&new.spec, &old.spec, &path.child("tolerations"), faults);
    only_deleted_gates(&new.spec, &old.spec, &path.child("schedulingGates"), faults);
    if new.spec != old.spec {
        rest(&new.spec, &old.spec, &path, faults);
    }
}

/// A deadline may come, or come sooner. Whether to look on.
fn deadline(new: &PodSpec, old: &PodSpec, path: &Path, faults: &mut Faults) -> bool {
    match (new.active_deadline_seconds, old.active_deadline_seconds) {
        (Some(deadline), before) => {
            if let Some(message) = is_in_range(deadline, 0, i32::MAX.into()) {
                faults.invalid(path, &deadline, &message);
                return false;
            }
            if before.is_some_and(|before| before < deadline) {
                faults.invalid(path, &deadline, "must be less than or equal to previous value");
                return false;
            }
        }
        (None, Some(_)) => {
            let text = "must not update from a positive integer to nil value";
            faults.invalid(path, &new.active_deadline_seconds, text);
        }
        (None, None) => {}
    }
    true
}

/// Models validateOnlyAddedTolerations.
fn only_added_tolerations(new: &PodSpec, old: &PodSpec, path: &Path, faults: &mut Faults) {
    let list = new.tolerations.as_deref().unwrap_or_default();
    let same = |a: &Toleration, b: &Toleration| {
        (&a.key, &a.operator, &a.value, &a.effect) == (&b.key, &b.operator, &b.value, &b.effect)
    };
    let mut before = old.tolerations.iter().flatten();
    if before.any(|old| !list.iter().any(|new| same(new, old))) {
        let text = "existing toleration can not be modified except its tolerationSeconds";
        return faults.forbidden(path, text);
    }
    super::scheduling::tolerations(list, path, faults);
}

/// Models validateOnlyDeletedSchedulingGates.
fn only_deleted_gates(new: &PodSpec, old: &PodSpec, path: &Path, faults: &mut Faults) {
    let before = old.scheduling_gates.as_deref().unwrap_or_default();
    for (index, gate) in new.scheduling_gates.iter().flatten().enumerate() {
        if !before.contains(gate) {
            let path = path.index(index);
            let text = format!("only deletion is allowed, but found new scheduling gate '{}'", gate.name);
            faults.forbidden(&path.child("name"), &text);
        }
    }
}

/// Everything else stays; the fault shows what would change.
fn rest(new: &PodSpec, old: &PodSpec, path: &Path, faults: &mut Faults) {
    let mut munged = new.clone();
    keep_images(&mut munged.containers, &old.containers);
    if let (Some(new), Some(old)) = (&mut munged.init_containers, &old.init_containers) {
        keep_images(new, old);
    }
    munged.active_deadline_seconds = old.active_deadline_seconds;
    munged.scheduling_gates.clone_from(&old.scheduling_gates);
    munged.tolerations.clone_from(&old.tolerations);
    let grace = old.termination_grace_period_seconds;
    if grace.is_some_and(|grace| grace < 0) && munged.termination_grace_period_seconds == Some(1) {
        munged.termination_grace_period_seconds = grace;
    }
    if old.scheduling_gates.as_ref().is_some_and(|gates| !gates.is_empty()) {
        gated(&mut munged, old, path, faults);
    }
    if munged != *old {
        let lines = |spec: &PodSpec| internal::lines(&internal::show_pod_spec(spec));
        let changes = diff::unified(&lines(old), &lines(&munged));
        let text = format!("pod updates may not change fields other than {UPDATABLE}\n{changes}");
        faults.forbidden(path, &text);
    }
}

fn keep_images(new: &mut [Container], old: &[Container]) {
    for (new, old) in new.iter_mut().zip(old) {
        new.image.clone_from(&old.image);
    }
}

/// A Pod that waits at a gate may be bound more tightly to nodes.
fn gated(munged: &mut PodSpec, old: &PodSpec, path: &Path, faults: &mut Faults) {
    if munged.node_selector != old.node_selector {
        let none = Labels::new();
        let new = munged.node_selector.as_ref().unwrap_or(&none);
        if old.node_selector.iter().flatten().any(|(key, value)| new.get(key) != Some(value)) {
            let shown = workload::shown_labels(munged.node_selector.as_ref());
            let text = "only additions to spec.nodeSelector are allowed (no mutations or deletions)";
            faults.invalid(&path.child("nodeSelector"), &shown, text);
        }
        munged.node_selector.clone_from(&old.node_selector);
    }
    let before = old.affinity.as_ref().and_then(|affinity| affinity.node_affinity.clone());
    let after = munged.affinity.as_ref().and_then(|affinity| affinity.node_affinity.as_ref());
    if after == before.as_ref() {
        return;
    }
    let path = path.child("affinity");
    let path = path.child("nodeAffinity");
    let path = path.child("requiredDuringSchedulingIgnoredDuringExecution");
    node_terms(terms(&munged.affinity), terms(&old.affinity), &path.child("nodeSelectorTerms"), faults);
    match (&mut munged.affinity, &old.affinity) {
        (Some(affinity), None) if affinity.pod_affinity.is_none() && affinity.pod_anti_affinity.is_none() => {
            munged.affinity = None;
        }
        (Some(affinity), _) => affinity.node_affinity = before,
        (None, _) => munged.affinity = Some(Affinity { node_affinity: before, ..Default::default() }),
    }
}

fn terms(affinity: &Option<Affinity>) -> &[NodeSelectorTerm] {
    let node = affinity.as_ref().and_then(|affinity| affinity.node_affinity.as_ref());
    let required = node.and_then(|node| node.required_during_scheduling_ignored_during_execution.as_ref());
    required.map_or(&[], |selector| &selector.node_selector_terms)
}

/// Models validateNodeAffinityMutation.
fn node_terms(new: &[NodeSelectorTerm], old: &[NodeSelectorTerm], path: &Path, faults: &mut Faults) {
    let shown = |terms: &[NodeSelectorTerm]| {
        let all: Vec<_> = terms.iter().map(|term| internal::show(term, "NodeSelectorTerm")).collect();
        Json(if all.is_empty() { "null".into() } else { format!("[{}]", all.join(",")) })
    };
    if !old.is_empty() && new.len() != old.len() {
        let text = "no additions/deletions to non-empty NodeSelectorTerms list are allowed";
        return faults.invalid(path, &shown(new), text);
    }
    for (index, (new, old)) in new.iter().zip(old).enumerate() {
        if !only_adds(new, old) {
            let shown = Json(internal::show(new, "NodeSelectorTerm"));
            let text = "only additions are allowed (no mutations or deletions)";
            faults.invalid(&path.index(index), &shown, text);
        }
    }
}

/// Models validateNodeSelectorTermHasOnlyAdditions.
fn only_adds(new: &NodeSelectorTerm, old: &NodeSelectorTerm) -> bool {
    let expressions = |term: &NodeSelectorTerm| term.match_expressions.clone().unwrap_or_default();
    let fields = |term: &NodeSelectorTerm| term.match_fields.clone().unwrap_or_default();
    let was_empty = expressions(old).is_empty() && fields(old).is_empty();
    let is_empty = expressions(new).is_empty() && fields(new).is_empty();
    (is_empty || !was_empty)
        && expressions(new).starts_with(&expressions(old))
        && fields(new).starts_with(&fields(old))
}
