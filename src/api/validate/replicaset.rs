//! ReplicaSets. Models ValidateReplicaSet and ValidateReplicaSetUpdate.

use std::sync::Arc;

use crate::api::apps::ReplicaSetSpec;
use crate::api::core::PodTemplateSpec;
use crate::api::{ReplicaSet, Scope};

use super::field::{Faults, Path};
use super::{metadata, workload};

/// Models ValidateReplicaSet.
pub(super) fn create(set: &ReplicaSet, faults: &mut Faults) {
    metadata::create(&set.metadata, Scope::Namespaced, metadata::SUBDOMAIN, faults);
    spec(&set.spec, faults);
}

/// Models ValidateReplicaSetUpdate.
pub(super) fn update(new: &ReplicaSet, old: &ReplicaSet, faults: &mut Faults) {
    metadata::update(&new.metadata, &old.metadata, faults);
    if Arc::ptr_eq(&new.spec, &old.spec) {
        return;
    }
    spec(&new.spec, faults);
    let path = Path::root("spec");
    faults.immutable(&path.child("selector"), &new.spec.selector, &old.spec.selector);
}

fn spec(spec: &ReplicaSetSpec, faults: &mut Faults) {
    let path = Path::root("spec");
    faults.nonnegative(&path.child("replicas"), spec.replicas.unwrap_or(0).into());
    faults.nonnegative(&path.child("minReadySeconds"), spec.min_ready_seconds.unwrap_or(0).into());
    let none = PodTemplateSpec::default();
    let template = spec.template.as_ref().unwrap_or(&none);
    workload::selector_and_template(&spec.selector, template, &path, faults);
}
