//! Defaults of the workloads that replicate a template. Models pkg/apis/apps/v1/defaults.go.

use crate::api::apps::DeploymentStrategy;
use crate::api::core::PodTemplateSpec;
use crate::api::meta::LabelSelector;
use crate::api::{Deployment, IntOrString, ReplicaSet};

use super::metadata;
use super::pod::{label_selector, spec};
use super::zero::{drop_zero, text};

/// A Deployment. Models SetDefaults_Deployment.
pub(super) fn deployment(deployment: &mut Deployment) {
    metadata(&mut deployment.metadata);
    let spec = deployment.spec_mut();
    spec.replicas.get_or_insert(1);
    strategy(spec.strategy.get_or_insert_default());
    spec.revision_history_limit.get_or_insert(10);
    spec.progress_deadline_seconds.get_or_insert(600);
    drop_zero(&mut spec.min_ready_seconds);
    drop_zero(&mut spec.paused);
    selector(&mut spec.selector);
    template(&mut spec.template);
}

fn strategy(strategy: &mut DeploymentStrategy) {
    text(&mut strategy.type_, "RollingUpdate");
    if strategy.type_.as_deref() == Some("RollingUpdate") {
        let rolling = strategy.rolling_update.get_or_insert_default();
        let quarter = || IntOrString::String("25%".into());
        rolling.max_unavailable.get_or_insert_with(quarter);
        rolling.max_surge.get_or_insert_with(quarter);
    }
}

/// A ReplicaSet. Models SetDefaults_ReplicaSet.
pub(super) fn replica_set(set: &mut ReplicaSet) {
    metadata(&mut set.metadata);
    let spec = set.spec_mut();
    spec.replicas.get_or_insert(1);
    drop_zero(&mut spec.min_ready_seconds);
    selector(&mut spec.selector);
    template(spec.template.get_or_insert_default());
}

/// An empty selector stays as it was written: validation says another thing about it than about none.
fn selector(selector: &mut LabelSelector) {
    let is_empty = selector.match_expressions.as_ref().is_none_or(Vec::is_empty);
    if !is_empty || selector.match_labels.as_ref().is_some_and(|labels| !labels.is_empty()) {
        label_selector(selector);
    }
}

/// The template of a workload.
pub(super) fn template(template: &mut PodTemplateSpec) {
    metadata(template.metadata.get_or_insert_default());
    spec(template.spec.get_or_insert_default());
}
