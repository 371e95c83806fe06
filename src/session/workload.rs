//! What a workload looks like from afar, and how it is doing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::frame::{Branch, ConditionView, Diagnosis, PodState, PodView, Problem, Shared, WorkloadView};
use super::seats::owner_uid;
use crate::api::apps::DeploymentCondition;
use crate::api::core::{PodTemplateSpec, ServicePort};
use crate::api::moment::Epoch;
use crate::api::{Deployment, IntOrString, Kind, Moment, Object, ReplicaSet, Service};

const REVISION: &str = "deployment.kubernetes.io/revision";

/// The view of a workload; `None` of an object that is none.
pub(super) fn view(object: &Object, epoch: Epoch) -> Option<WorkloadView> {
    let mut view = blank(object);
    match object {
        Object::Deployment(deployment) => of_deployment(&mut view, deployment, epoch),
        Object::ReplicaSet(set) => of_replica_set(&mut view, set, epoch),
        Object::Service(service) => of_service(&mut view, service),
        _ => return None,
    }
    Some(view)
}

fn blank(object: &Object) -> WorkloadView {
    let meta = object.meta();
    let revision = meta.annotations.as_ref().and_then(|all| all.get(REVISION));
    WorkloadView {
        key: object.key(),
        uid: object.uid().into(),
        owner_uid: owner_uid(object),
        kind: object.kind(),
        desired: 0,
        current: 0,
        ready: 0,
        updated: 0,
        available: 0,
        revision: revision.and_then(|text| text.parse().ok()),
        images: Vec::new(),
        paused: false,
        observed: true,
        conditions: Vec::new(),
        deadline: None,
        terminating: meta.deletion_timestamp.is_some(),
        hue: 0,
        endpoints: None,
        detail: String::new(),
        changed: Moment::START,
    }
}

fn of_deployment(view: &mut WorkloadView, deployment: &Deployment, epoch: Epoch) {
    let (spec, status) = (&deployment.spec, &deployment.status);
    view.desired = spec.replicas.unwrap_or(1);
    view.current = status.replicas.unwrap_or(0);
    view.ready = status.ready_replicas.unwrap_or(0);
    view.updated = status.updated_replicas.unwrap_or(0);
    view.available = status.available_replicas.unwrap_or(0);
    view.images = images(&spec.template);
    view.paused = spec.paused == Some(true);
    view.observed = deployment.metadata.generation <= status.observed_generation;
    let conditions = status.conditions.as_deref().unwrap_or_default();
    view.conditions = conditions.iter().map(|c| deployment_condition(c, epoch)).collect();
    let progressing = conditions.iter().find(|c| c.type_ == "Progressing");
    let seconds = spec.progress_deadline_seconds.unwrap_or(600);
    let complete = |c: &&DeploymentCondition| c.reason.as_deref() == Some("NewReplicaSetAvailable");
    view.deadline = progressing
        .filter(|c| c.status == "True" && !complete(c) && seconds != i32::MAX)
        .and_then(|c| c.last_update_time.as_ref())
        .map(|time| epoch.moment(time) + Duration::from_secs(u64::try_from(seconds).unwrap_or(0)));
}

fn of_replica_set(view: &mut WorkloadView, set: &ReplicaSet, epoch: Epoch) {
    let (spec, status) = (&set.spec, &set.status);
    view.desired = spec.replicas.unwrap_or(1);
    view.current = status.replicas;
    view.ready = status.ready_replicas.unwrap_or(0);
    view.updated = status.replicas;
    view.available = status.available_replicas.unwrap_or(0);
    view.images = spec.template.as_ref().map(images).unwrap_or_default();
    view.observed = set.metadata.generation <= status.observed_generation;
    let conditions = status.conditions.iter().flatten().map(|c| ConditionView {
        kind: c.type_.clone(),
        status: c.status.clone(),
        reason: c.reason.clone().unwrap_or_default(),
        message: c.message.clone().unwrap_or_default(),
        since: c.last_transition_time.as_ref().map(|time| epoch.moment(time)),
    });
    view.conditions = conditions.collect();
}

fn of_service(view: &mut WorkloadView, service: &Service) {
    let spec = &service.spec;
    let address = spec.cluster_ip.as_deref().or(spec.external_name.as_deref()).unwrap_or_default();
    let mut parts = vec![spec.type_.clone().unwrap_or_else(|| "ClusterIP".into()), address.to_string()];
    parts.extend(spec.ports.iter().flatten().map(port));
    parts.retain(|part| !part.is_empty());
    view.detail = parts.join(" · ");
}

fn port(port: &ServicePort) -> String {
    let mut text = port.port.to_string();
    let target = match &port.target_port {
        Some(IntOrString::Int(number)) if *number != port.port => number.to_string(),
        Some(IntOrString::String(name)) => name.clone(),
        _ => String::new(),
    };
    if !target.is_empty() {
        text.push_str(" → ");
        text.push_str(&target);
    }
    text
}

fn images(template: &PodTemplateSpec) -> Vec<String> {
    let containers = template.spec.iter().flat_map(|spec| &spec.containers);
    containers.filter_map(|container| container.image.clone()).collect()
}

fn deployment_condition(condition: &DeploymentCondition, epoch: Epoch) -> ConditionView {
    ConditionView {
        kind: condition.type_.clone(),
        status: condition.status.clone(),
        reason: condition.reason.clone().unwrap_or_default(),
        message: condition.message.clone().unwrap_or_default(),
        since: condition.last_transition_time.as_ref().map(|time| epoch.moment(time)),
    }
}

/// How a workload is doing, from its own status and the Pods beneath it.
pub(super) fn diagnose(
    view: &WorkloadView,
    children: &[Shared<Branch>],
    pods: &[Shared<PodView>],
) -> Diagnosis {
    let (ready, desired, updated) = (view.ready, view.desired, view.updated);
    let left = pods.len() + children.iter().map(|child| child.pods.len()).sum::<usize>();
    if view.terminating {
        return Diagnosis::Deleting { left };
    }
    let refused = view.conditions.iter().find(|c| c.kind == "ReplicaFailure" && c.status == "True");
    if let Some(condition) = refused.filter(|_| ready < desired) {
        return Diagnosis::Refused { message: condition.message.clone() };
    }
    let all_pods = || pods.iter().chain(children.iter().flat_map(|child| &child.pods));
    match view.kind {
        Kind::Service => Diagnosis::Serving { endpoints: view.endpoints },
        Kind::Deployment => {
            let says = |reason: &str| view.conditions.iter().any(|c| c.reason == reason);
            let settled = view.observed && updated == desired && ready == desired && view.current == desired;
            if says("ProgressDeadlineExceeded") && !settled {
                Diagnosis::Stuck { updated, ready, desired, problem: worst(all_pods()) }
            } else if view.paused {
                Diagnosis::Paused { ready, desired }
            } else if settled && left <= desired.max(0) as usize {
                if desired == 0 { Diagnosis::Empty } else { Diagnosis::Steady { ready, desired } }
            } else {
                let problem = worst(all_pods());
                Diagnosis::Rolling { updated, ready, desired, until: view.deadline, problem }
            }
        }
        _ if desired == 0 && left == 0 => Diagnosis::Empty,
        _ if ready == desired && left == desired.max(0) as usize => Diagnosis::Steady { ready, desired },
        _ => Diagnosis::Rolling {
            updated: view.current,
            ready,
            desired,
            until: None,
            problem: worst(all_pods()),
        },
    }
}

/// What keeps most Pods from coming up.
fn worst<'a>(pods: impl Iterator<Item = &'a Shared<PodView>>) -> Option<Problem> {
    let mut counts: BTreeMap<&str, (usize, &PodView)> = BTreeMap::new();
    for pod in pods {
        let kept = pod.state == PodState::Failed || (pod.state == PodState::Pending && pod.problem.is_some());
        if kept {
            counts.entry(&pod.status).or_insert((0, pod)).0 += 1;
        }
    }
    let (pods, pod) = counts.into_values().max_by_key(|(count, _)| *count)?;
    let about: Option<Arc<str>> = pod.problem.clone();
    Some(Problem { status: pod.status.clone(), pods, about })
}
