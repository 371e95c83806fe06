//! Deployments. Models pkg/apis/apps/validation.

use std::sync::Arc;

use crate::api::apps::{DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment};
use crate::api::{Deployment, IntOrString, Scope};

use super::field::{Faults, Json, Path, json_string};
use super::names::is_percent;
use super::{metadata, workload};

/// Models ValidateDeployment.
pub(super) fn create(deployment: &Deployment, faults: &mut Faults) {
    metadata::create(&deployment.metadata, Scope::Namespaced, metadata::SUBDOMAIN, faults);
    spec(&deployment.spec, faults);
}

/// Models ValidateDeploymentUpdate.
pub(super) fn update(new: &Deployment, old: &Deployment, faults: &mut Faults) {
    metadata::update(&new.metadata, &old.metadata, faults);
    if Arc::ptr_eq(&new.spec, &old.spec) {
        return;
    }
    spec(&new.spec, faults);
    let path = Path::root("spec");
    faults.immutable(&path.child("selector"), &new.spec.selector, &old.spec.selector);
}

/// Models ValidateDeploymentSpec.
fn spec(spec: &DeploymentSpec, faults: &mut Faults) {
    let path = Path::root("spec");
    faults.nonnegative(&path.child("replicas"), spec.replicas.unwrap_or(0).into());
    workload::selector_and_template(&spec.selector, &spec.template, &path, faults);
    if let Some(chosen) = &spec.strategy {
        strategy(chosen, &path.child("strategy"), faults);
    }
    let min_ready = spec.min_ready_seconds.unwrap_or(0);
    faults.nonnegative(&path.child("minReadySeconds"), min_ready.into());
    let history = spec.revision_history_limit.unwrap_or(0);
    faults.nonnegative(&path.child("revisionHistoryLimit"), history.into());
    if let Some(deadline) = spec.progress_deadline_seconds {
        let at = path.child("progressDeadlineSeconds");
        faults.nonnegative(&at, deadline.into());
        if deadline <= min_ready {
            faults.invalid(&at, &deadline, "must be greater than minReadySeconds");
        }
    }
}

/// Models ValidateDeploymentStrategy.
fn strategy(strategy: &DeploymentStrategy, path: &Path, faults: &mut Faults) {
    let at = path.child("rollingUpdate");
    match (strategy.type_.as_deref().unwrap_or_default(), &strategy.rolling_update) {
        ("Recreate", None) => {}
        ("Recreate", Some(_)) => {
            faults.forbidden(&at, "may not be specified when strategy `type` is 'Recreate'");
        }
        ("RollingUpdate", None) => faults.required(&at, "this should be defaulted and never be nil"),
        ("RollingUpdate", Some(rolling)) => rolling_update(rolling, &at, faults),
        (type_, rolling) => {
            let rolling = rolling.as_ref().map_or_else(
                || "null".into(),
                |rolling| {
                    use super::field::Shown;
                    let show = |value: &Option<IntOrString>| value.as_ref().map_or("0".into(), Shown::show);
                    let (unavailable, surge) = (show(&rolling.max_unavailable), show(&rolling.max_surge));
                    format!("{{\"MaxUnavailable\":{unavailable},\"MaxSurge\":{surge}}}")
                },
            );
            let shown = format!("{{\"Type\":{},\"RollingUpdate\":{rolling}}}", json_string(type_));
            faults.not_supported(path, &Json(shown), &["Recreate", "RollingUpdate"]);
        }
    }
}

/// Models ValidateRollingUpdateDeployment.
fn rolling_update(rolling: &RollingUpdateDeployment, path: &Path, faults: &mut Faults) {
    const ZERO: IntOrString = IntOrString::Int(0);
    let unavailable = rolling.max_unavailable.as_ref().unwrap_or(&ZERO);
    let surge = rolling.max_surge.as_ref().unwrap_or(&ZERO);
    int_or_percent(unavailable, &path.child("maxUnavailable"), faults);
    int_or_percent(surge, &path.child("maxSurge"), faults);
    if number(unavailable) == 0 && number(surge) == 0 {
        let text = "may not be 0 when `maxSurge` is 0";
        faults.invalid(&path.child("maxUnavailable"), unavailable, text);
    }
    at_most_whole(unavailable, &path.child("maxUnavailable"), faults);
}

/// Models ValidatePositiveIntOrPercent.
pub(super) fn int_or_percent(value: &IntOrString, path: &Path, faults: &mut Faults) {
    match value {
        IntOrString::Int(number) => faults.nonnegative(path, (*number).into()),
        IntOrString::String(text) => {
            if let Some(message) = is_percent(text) {
                faults.invalid(path, value, &message);
            }
        }
    }
}

/// Models IsNotMoreThan100Percent.
pub(super) fn at_most_whole(value: &IntOrString, path: &Path, faults: &mut Faults) {
    if percent(value).is_some_and(|share| share > 100) {
        faults.invalid(path, value, "must not be greater than 100%");
    }
}

fn percent(value: &IntOrString) -> Option<i64> {
    match value {
        IntOrString::String(text) if is_percent(text).is_none() => {
            Some(text.trim_end_matches('%').parse().unwrap_or(i64::MAX))
        }
        _ => None,
    }
}

/// The share, or the number itself; text that is neither counts as its number. Models getIntOrPercentValue.
pub(super) fn number(value: &IntOrString) -> i64 {
    match (percent(value), value) {
        (Some(share), _) => share,
        (None, IntOrString::Int(number)) => (*number).into(),
        (None, IntOrString::String(text)) => text.parse().unwrap_or(0),
    }
}
