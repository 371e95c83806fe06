//! Where a Pod may run: affinity, tolerations, spreading. Models validateAffinity, ValidateTolerations and
//! validateTopologySpreadConstraints.

use crate::api::order;

use crate::api::core::{
    Affinity, NodeSelectorRequirement, NodeSelectorTerm, PodAffinityTerm, Taint, Toleration,
    TopologySpreadConstraint, WeightedPodAffinityTerm,
};
use crate::api::meta::LabelSelector;

use super::field::{Faults, Path, json_string};
use super::metadata::label_selector;
use super::names::{is_dns1123_label, is_dns1123_subdomain, is_label_value, is_qualified_name};

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";
const EFFECTS: &[&str] = &["NoSchedule", "PreferNoSchedule", "NoExecute"];
const BAD_OPERATOR: &str = "not a valid selector operator";

/// Whether the values of labels are checked: those of preferences are not.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Values {
    Checked,
    Free,
}

/// Models validateAffinity.
pub(super) fn affinity(affinity: &Affinity, path: &Path, faults: &mut Faults) {
    if let Some(node) = &affinity.node_affinity {
        let path = path.child("nodeAffinity");
        if let Some(selector) = &node.required_during_scheduling_ignored_during_execution {
            let path = path.child(REQUIRED);
            let path = path.child("nodeSelectorTerms");
            if selector.node_selector_terms.is_empty() {
                faults.required(&path, "must have at least one node selector term");
            }
            for (index, term) in selector.node_selector_terms.iter().enumerate() {
                node_term(term, Values::Checked, &path.index(index), faults);
            }
        }
        let path = path.child(PREFERRED);
        let preferred = &node.preferred_during_scheduling_ignored_during_execution;
        for (index, term) in preferred.iter().flatten().enumerate() {
            let path = path.index(index);
            weight(term.weight, &path, faults);
            node_term(&term.preference, Values::Free, &path.child("preference"), faults);
        }
    }
    if let Some(pod) = &affinity.pod_affinity {
        let required = pod.required_during_scheduling_ignored_during_execution.as_ref();
        let preferred = pod.preferred_during_scheduling_ignored_during_execution.as_ref();
        pod_terms(required, preferred, &path.child("podAffinity"), faults);
    }
    if let Some(pod) = &affinity.pod_anti_affinity {
        let required = pod.required_during_scheduling_ignored_during_execution.as_ref();
        let preferred = pod.preferred_during_scheduling_ignored_during_execution.as_ref();
        pod_terms(required, preferred, &path.child("podAntiAffinity"), faults);
    }
}

fn weight(weight: i32, path: &Path, faults: &mut Faults) {
    if !(1..=100).contains(&weight) {
        faults.invalid(&path.child("weight"), &weight, "must be in the range 1-100");
    }
}

/// Models ValidateNodeSelectorTerm.
fn node_term(term: &NodeSelectorTerm, values: Values, path: &Path, faults: &mut Faults) {
    let expressions = path.child("matchExpressions");
    for (index, requirement) in term.match_expressions.iter().flatten().enumerate() {
        node_requirement(requirement, values, &expressions.index(index), faults);
    }
    let fields = path.child("matchFields");
    for (index, requirement) in term.match_fields.iter().flatten().enumerate() {
        field_requirement(requirement, &fields.index(index), faults);
    }
}

/// Models ValidateNodeSelectorRequirement.
fn node_requirement(
    requirement: &NodeSelectorRequirement,
    checked: Values,
    path: &Path,
    faults: &mut Faults,
) {
    let values = requirement.values.as_deref().unwrap_or_default();
    let at = path.child("values");
    match requirement.operator.as_str() {
        "In" | "NotIn" if values.is_empty() => {
            faults.required(&at, "must be specified when `operator` is 'In' or 'NotIn'");
        }
        "Exists" | "DoesNotExist" if !values.is_empty() => {
            faults.forbidden(&at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        }
        "Gt" | "Lt" if values.len() != 1 => {
            faults.required(&at, "must be specified single value when `operator` is 'Lt' or 'Gt'");
        }
        "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt" => {}
        operator => faults.invalid(&path.child("operator"), operator, BAD_OPERATOR),
    }
    faults.invalid_each(&path.child("key"), &requirement.key, is_qualified_name(&requirement.key));
    if checked == Values::Checked {
        for (index, value) in values.iter().enumerate() {
            faults.invalid_each(&at.index(index), value, is_label_value(value));
        }
    }
}

/// Models ValidateNodeFieldSelectorRequirement.
fn field_requirement(requirement: &NodeSelectorRequirement, path: &Path, faults: &mut Faults) {
    let values = requirement.values.as_deref().unwrap_or_default();
    let at = path.child("values");
    match requirement.operator.as_str() {
        "In" | "NotIn" if values.len() != 1 => {
            let text = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
            faults.required(&at, text);
        }
        "In" | "NotIn" => {}
        operator => faults.invalid(&path.child("operator"), operator, BAD_OPERATOR),
    }
    if requirement.key == "metadata.name" {
        for (index, value) in values.iter().enumerate() {
            faults.invalid_each(&at.index(index), value, is_dns1123_subdomain(value));
        }
    } else {
        faults.invalid(&path.child("key"), &requirement.key, "not a valid field selector key");
    }
}

fn pod_terms(
    required: Option<&Vec<PodAffinityTerm>>,
    preferred: Option<&Vec<WeightedPodAffinityTerm>>,
    path: &Path,
    faults: &mut Faults,
) {
    let at = path.child(REQUIRED);
    for (index, term) in required.into_iter().flatten().enumerate() {
        pod_term(term, &at.index(index), faults);
    }
    let at = path.child(PREFERRED);
    for (index, term) in preferred.into_iter().flatten().enumerate() {
        let path = at.index(index);
        weight(term.weight, &path, faults);
        pod_term(&term.pod_affinity_term, &path.child("podAffinityTerm"), faults);
    }
}

/// Models validatePodAffinityTerm.
fn pod_term(term: &PodAffinityTerm, path: &Path, faults: &mut Faults) {
    for (name, selector) in
        [("labelSelector", &term.label_selector), ("namespaceSelector", &term.namespace_selector)]
    {
        if let Some(selector) = selector {
            label_selector(selector, &path.child(name), faults);
        }
    }
    for name in term.namespaces.iter().flatten() {
        faults.invalid_each(&path.child("namespace"), name, is_dns1123_label(name));
    }
    let keys = term.match_label_keys.as_deref().unwrap_or_default();
    let other_keys = term.mismatch_label_keys.as_deref().unwrap_or_default();
    label_keys(keys, other_keys, term.label_selector.as_ref(), path, faults);
    if term.topology_key.is_empty() {
        faults.required(&path.child("topologyKey"), "can not be empty");
    }
    let messages = is_qualified_name(&term.topology_key);
    faults.invalid_each(&path.child("topologyKey"), &term.topology_key, messages);
}

/// Models ValidateMatchLabelKeysAndMismatchLabelKeys.
fn label_keys(
    keys: &[String],
    other_keys: &[String],
    selector: Option<&LabelSelector>,
    path: &Path,
    faults: &mut Faults,
) {
    for (name, keys) in [("matchLabelKeys", keys), ("mismatchLabelKeys", other_keys)] {
        let path = path.child(name);
        if !keys.is_empty() && selector.is_none() {
            faults.forbidden(&path, "must not be specified when labelSelector is not set");
            continue;
        }
        for (index, key) in keys.iter().enumerate() {
            faults.invalid_each(&path.index(index), key, is_qualified_name(key));
        }
    }
    if let Some(selector) = selector {
        // The server itself adds one requirement for each key; a second one is the person's.
        let mut seen = order::set(selector.match_labels.iter().flat_map(|labels| labels.keys()));
        for expression in selector.match_expressions.iter().flatten() {
            let position = keys.iter().rposition(|key| *key == expression.key);
            if let Some(index) = position.filter(|_| seen.contains(&expression.key)) {
                let text = "exists in both matchLabelKeys and labelSelector";
                faults.invalid(&path.index(index), &expression.key, text);
            }
            seen.insert(&expression.key);
        }
    }
    let at = path.child("matchLabelKeys");
    for (index, key) in keys.iter().enumerate().filter(|(_, key)| other_keys.contains(key)) {
        faults.invalid(&at.index(index), key, "exists in both matchLabelKeys and mismatchLabelKeys");
    }
}

/// Models validateTopologySpreadConstraints.
pub(super) fn spread(constraints: &[TopologySpreadConstraint], path: &Path, faults: &mut Faults) {
    for (index, constraint) in constraints.iter().enumerate() {
        let path = path.index(index);
        let action = constraint.when_unsatisfiable.as_str();
        faults.positive(&path.child("maxSkew"), constraint.max_skew.into());
        if constraint.topology_key.is_empty() {
            faults.required(&path.child("topologyKey"), "can not be empty");
        }
        let actions = &["DoNotSchedule", "ScheduleAnyway"];
        faults.one_of_if_set(&path.child("whenUnsatisfiable"), Some(action), actions);
        let same = |other: &TopologySpreadConstraint| {
            other.topology_key == constraint.topology_key
                && other.when_unsatisfiable == constraint.when_unsatisfiable
        };
        if constraints[index + 1..].iter().any(same) {
            let shown = format!("{{{}, {action}}}", constraint.topology_key);
            faults.duplicate(&path.child("{topologyKey, whenUnsatisfiable}"), &shown);
        }
        if let Some(domains) = constraint.min_domains {
            faults.positive(&path.child("minDomains"), domains.into());
            if action != "DoNotSchedule" {
                let text =
                    format!("can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}");
                faults.invalid(&path.child("minDomains"), &domains, &text);
            }
        }
        let policies = &["Honor", "Ignore"];
        let (nodes, taints) = (&constraint.node_affinity_policy, &constraint.node_taints_policy);
        faults.one_of_if_set(&path.child("nodeAffinityPolicy"), nodes.as_deref(), policies);
        faults.one_of_if_set(&path.child("nodeTaintsPolicy"), taints.as_deref(), policies);
        let keys = constraint.match_label_keys.as_deref().unwrap_or_default();
        label_keys(keys, &[], constraint.label_selector.as_ref(), &path, faults);
        if let Some(selector) = &constraint.label_selector {
            label_selector(selector, &path.child("labelSelector"), faults);
        }
    }
}

/// Models ValidateTolerations.
pub(super) fn tolerations(tolerations: &[Toleration], path: &Path, faults: &mut Faults) {
    for (index, toleration) in tolerations.iter().enumerate() {
        let path = path.index(index);
        let text = |field: &Option<String>| field.clone().unwrap_or_default();
        let (key, value) = (text(&toleration.key), text(&toleration.value));
        let (operator, effect) = (text(&toleration.operator), text(&toleration.effect));
        let at = path.child("operator");
        if !key.is_empty() {
            faults.invalid_each(&path.child("key"), &key, is_qualified_name(&key));
        } else if operator != "Exists" {
            let text =
                "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
            faults.invalid(&at, &operator, text);
        }
        if toleration.toleration_seconds.is_some() && effect != "NoExecute" {
            let text = "effect must be 'NoExecute' when `tolerationSeconds` is set";
            faults.invalid(&path.child("effect"), &effect, text);
        }
        match operator.as_str() {
            "Equal" | "" => {
                let messages = is_label_value(&value);
                if !messages.is_empty() {
                    faults.invalid(&at, &value, &messages.join(";"));
                }
            }
            "Exists" if !value.is_empty() => {
                faults.invalid(&at, &value, "value must be empty when `operator` is 'Exists'");
            }
            "Exists" => {}
            "Lt" | "Gt" => faults.not_supported(&at, &operator, &["Equal", "Exists", "Lt", "Gt"]),
            _ => faults.not_supported(&at, &operator, &["Equal", "Exists"]),
        }
        if !effect.is_empty() {
            faults.one_of_if_set(&path.child("effect"), Some(&effect), EFFECTS);
        }
    }
}

/// Models validateNodeTaints.
pub(super) fn taints(taints: &[Taint], path: &Path, faults: &mut Faults) {
    for (index, taint) in taints.iter().enumerate() {
        let path = path.index(index);
        let value = taint.value.as_deref().unwrap_or_default();
        faults.invalid_each(&path.child("key"), &taint.key, is_qualified_name(&taint.key));
        let messages = is_label_value(value);
        if !messages.is_empty() {
            faults.invalid(&path.child("value"), value, &messages.join(";"));
        }
        faults.one_of(&path.child("effect"), Some(&taint.effect), EFFECTS);
        if taints[..index].iter().any(|other| other.effect == taint.effect && other.key == taint.key) {
            let added = taint
                .time_added
                .as_ref()
                .map_or("null".into(), |time| serde_json::to_value(time).unwrap_or_default().to_string());
            let shown = format!(
                "{{\"Key\":{},\"Value\":{},\"Effect\":{},\"TimeAdded\":{added}}}",
                json_string(&taint.key),
                json_string(value),
                json_string(&taint.effect)
            );
            let text = "taints must be unique by key and effect pair";
            faults.duplicate_because(&path, &super::field::Json(shown), text);
        }
    }
}
