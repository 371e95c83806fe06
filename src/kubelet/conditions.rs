//! The kubelet's own conditions of a Pod. Models status/generate.go.

use super::sandbox::{Role, Runtime, Seen, containers};
use super::status::{OWN, Source};
use crate::api::Pod;
use crate::api::core::{ContainerStatus, PodCondition, PodStatus};

/// Makes them anew.
pub(super) fn set_conditions(source: &Source<'_>, status: &mut PodStatus, all: &[ContainerStatus]) {
    let phase = status.phase.clone().unwrap_or_default();
    let (ready_value, ready_why) = ready(source.pod, &phase, all);
    let (containers_value, containers_why) = containers_ready(source.pod, &phase, all);
    let sandbox = source.runtime.sandbox_ready();
    let (init_value, init_why) = initialized(source.pod, source.runtime, &phase, all);
    let rows = [
        (OWN[0], sandbox, Why::default()),
        (OWN[1], init_value, init_why),
        (OWN[2], ready_value, ready_why),
        (OWN[3], containers_value, containers_why),
        (OWN[4], true, Why::default()),
    ];
    let now = source.epoch.time(source.now);
    let conditions = rows.into_iter().map(|(kind, value, (reason, message))| {
        let value = if value { "True" } else { "False" };
        let before = source.old.conditions.iter().flatten().find(|c| c.type_ == kind);
        let since = before.filter(|c| c.status == value).and_then(|c| c.last_transition_time.clone());
        PodCondition {
            type_: kind.into(),
            status: value.into(),
            reason: reason.map(String::from),
            message,
            observed_generation: source.pod.metadata.generation,
            last_transition_time: Some(since.unwrap_or_else(|| now.clone())),
            ..PodCondition::default()
        }
    });
    status.conditions = Some(conditions.collect());
}

/// A condition's reason and message.
type Why = (Option<&'static str>, Option<String>);

/// Models GeneratePodInitializedCondition.
fn initialized(pod: &Pod, runtime: &Runtime, phase: &str, all: &[ContainerStatus]) -> (bool, Why) {
    if phase == "Succeeded" {
        return (true, (Some("PodCompleted"), None));
    }
    let first_main = pod.spec.init_containers.as_ref().map_or(0, Vec::len);
    let begun = |slot| matches!(runtime.seen(slot), Seen::Running(_) | Seen::Exited(..));
    if (first_main..all.len()).any(begun) {
        return (true, Why::default());
    }
    let incomplete = containers(pod).zip(all).filter(|((role, _), status)| match role {
        Role::Init => !status.ready,
        Role::Sidecar => status.started != Some(true),
        Role::Main => false,
    });
    let names: Vec<&str> = incomplete.map(|(_, status)| status.name.as_str()).collect();
    if names.is_empty() {
        return (true, Why::default());
    }
    let message = format!("containers with incomplete status: [{}]", names.join(" "));
    (false, (Some("ContainersNotInitialized"), Some(message)))
}

/// Models GenerateContainersReadyCondition.
fn containers_ready(pod: &Pod, phase: &str, all: &[ContainerStatus]) -> (bool, Why) {
    match phase {
        "Succeeded" => return (false, (Some("PodCompleted"), None)),
        "Failed" => return (false, (Some("PodFailed"), None)),
        _ => {}
    }
    let unready = containers(pod).zip(all).filter(|((role, _), status)| *role != Role::Init && !status.ready);
    let names: Vec<&str> = unready.map(|(_, status)| status.name.as_str()).collect();
    if names.is_empty() {
        return (true, Why::default());
    }
    let message = format!("containers with unready status: [{}]", names.join(" "));
    (false, (Some("ContainersNotReady"), Some(message)))
}

/// Models GeneratePodReadyCondition.
fn ready(pod: &Pod, phase: &str, all: &[ContainerStatus]) -> (bool, Why) {
    let (value, why) = containers_ready(pod, phase, all);
    if !value {
        return (value, why);
    }
    let gates = pod.spec.readiness_gates.iter().flatten().filter_map(|gate| {
        let kind = &gate.condition_type;
        match pod.status.conditions.iter().flatten().find(|c| c.type_ == *kind) {
            None => Some(format!("corresponding condition of pod readiness gate \"{kind}\" does not exist.")),
            Some(c) if c.status != "True" => {
                Some(format!("the status of pod readiness gate \"{kind}\" is not \"True\", but {}", c.status))
            }
            Some(_) => None,
        }
    });
    let closed: Vec<String> = gates.collect();
    if closed.is_empty() {
        return (true, Why::default());
    }
    (false, (Some("ReadinessGatesNotReady"), Some(closed.join(", "))))
}
