//! What a Pod looks like from afar: the columns of `kubectl get pods`, and a state with a shape.
//! Models printPod of pkg/printers/internalversion/printers.go.

use std::time::Duration;

use super::frame::{Countdown, PodState};
use crate::api::conditions::{is_pod_ready, is_pod_terminal, is_true, pod_condition};
use crate::api::core::{Container, ContainerState, ContainerStatus};
use crate::api::moment::Epoch;
use crate::api::{Moment, Pod};

/// The READY, STATUS and RESTARTS columns.
pub(super) struct Columns {
    pub ready: usize,
    pub containers: usize,
    pub status: String,
    pub restarts: i32,
}

/// The columns of a Pod.
pub(super) fn columns(pod: &Pod) -> Columns {
    let init = pod.spec.init_containers.as_deref().unwrap_or_default();
    let sidecars = init.iter().filter(|container| is_sidecar(container)).count();
    let mut all = Columns {
        ready: 0,
        containers: pod.spec.containers.len() + sidecars,
        status: first_reason(pod),
        restarts: 0,
    };
    if !initializing(pod, init, &mut all) || is_true(&pod.status, "Initialized") {
        all.restarts = restarts_of_sidecars(pod, init);
        running(pod, &mut all);
    }
    if pod.metadata.deletion_timestamp.is_some() {
        if pod.status.reason.as_deref() == Some("NodeLost") {
            all.status = "Unknown".into();
        } else if !is_pod_terminal(&pod.status) {
            all.status = "Terminating".into();
        }
    }
    all
}

fn first_reason(pod: &Pod) -> String {
    let gated = pod_condition(&pod.status, "PodScheduled")
        .is_some_and(|condition| condition.reason.as_deref() == Some("SchedulingGated"));
    if gated {
        return "SchedulingGated".into();
    }
    let reason = pod.status.reason.clone().filter(|reason| !reason.is_empty());
    reason.or_else(|| pod.status.phase.clone()).unwrap_or_else(|| "Pending".into())
}

fn is_sidecar(container: &Container) -> bool {
    container.restart_policy.as_deref() == Some("Always")
}

fn named<'a>(containers: &'a [Container], name: &str) -> Option<&'a Container> {
    containers.iter().find(|container| container.name == name)
}

fn restarts_of_sidecars(pod: &Pod, init: &[Container]) -> i32 {
    let statuses = pod.status.init_container_statuses.iter().flatten();
    statuses.filter(|s| named(init, &s.name).is_some_and(is_sidecar)).map(|s| s.restart_count).sum()
}

/// Goes through the init containers; says whether one has still to finish.
fn initializing(pod: &Pod, init: &[Container], all: &mut Columns) -> bool {
    for (index, status) in pod.status.init_container_statuses.iter().flatten().enumerate() {
        all.restarts += status.restart_count;
        let state = status.state.as_ref();
        let terminated = state.and_then(|state| state.terminated.as_ref());
        if terminated.is_some_and(|end| end.exit_code == 0) {
            continue;
        }
        if named(init, &status.name).is_some_and(is_sidecar) && status.started == Some(true) {
            all.ready += usize::from(status.ready);
            continue;
        }
        let waiting = state.and_then(|state| state.waiting.as_ref()).and_then(|w| w.reason.as_deref());
        all.status = match (terminated, waiting) {
            (Some(_), _) => ["Init:", &ended(state)].concat(),
            (None, Some(reason)) if !reason.is_empty() && reason != "PodInitializing" => {
                ["Init:", reason].concat()
            }
            _ => ["Init:", &index.to_string(), "/", &init.len().to_string()].concat(),
        };
        return true;
    }
    false
}

/// The reason of an end, or its signal, or its exit code.
fn ended(state: Option<&ContainerState>) -> String {
    let Some(end) = state.and_then(|state| state.terminated.as_ref()) else { return String::new() };
    match (end.reason.as_deref().unwrap_or_default(), end.signal.unwrap_or(0)) {
        ("", 0) => ["ExitCode:", &end.exit_code.to_string()].concat(),
        ("", signal) => ["Signal:", &signal.to_string()].concat(),
        (reason, _) => reason.to_string(),
    }
}

fn running(pod: &Pod, all: &mut Columns) {
    let (mut has_running, mut error) = (false, None);
    for status in pod.status.container_statuses.iter().flatten().rev() {
        all.restarts += status.restart_count;
        let Some(state) = &status.state else { continue };
        let waiting = state.waiting.as_ref().and_then(|w| w.reason.as_deref()).filter(|r| !r.is_empty());
        if let Some(reason) = waiting {
            all.status = reason.into();
        } else if let Some(end) = &state.terminated {
            all.status = ended(Some(state));
            if end.exit_code != 0 {
                error = Some(all.status.clone());
            }
        } else if status.ready && state.running.is_some() {
            has_running = true;
            all.ready += 1;
        }
    }
    if all.status == "Completed" {
        if has_running && is_pod_ready(pod) {
            all.status = "Running".into();
        } else if let Some(error) = error {
            all.status = error;
        } else if has_running {
            all.status = "NotReady".into();
        }
    }
}

/// The state with a shape that a Pod with this STATUS is in.
pub(super) fn state(pod: &Pod, status: &str) -> PodState {
    let waiting = ["ContainerCreating", "PodInitializing", "Pending"];
    let (phase, bound) = (pod.status.phase.as_deref(), pod.spec.node_name.is_some());
    match (status, phase) {
        ("Terminating", _) => PodState::Terminating,
        ("Unknown", _) | (_, Some("Unknown")) => PodState::Unknown,
        (_, Some("Succeeded")) => PodState::Succeeded,
        (_, Some("Failed")) => PodState::Failed,
        _ if !bound => PodState::Pending,
        (status, _) if waiting.contains(&status) => PodState::Creating,
        (status, _) if status.starts_with("Init:") => match status.as_bytes().get(5) {
            Some(digit) if digit.is_ascii_digit() => PodState::Creating,
            _ => PodState::Failed,
        },
        ("Running", _) if is_pod_ready(pod) => PodState::Ready,
        ("Running" | "NotReady" | "Completed", _) => PodState::Running,
        _ => PodState::Failed,
    }
}

/// What the Pod is about to do by itself, as its status tells it.
pub(super) fn countdown(pod: &Pod, epoch: Epoch) -> Option<Countdown> {
    if let Some(time) = &pod.metadata.deletion_timestamp {
        return Some(Countdown::Kill(epoch.moment(time)));
    }
    let init = pod.status.init_container_statuses.iter().flatten();
    let mut statuses = init.chain(pod.status.container_statuses.iter().flatten());
    statuses.find_map(|status| restart_at(status, epoch)).map(Countdown::Restart)
}

fn restart_at(status: &ContainerStatus, epoch: Epoch) -> Option<Moment> {
    let waiting = status.state.as_ref()?.waiting.as_ref()?;
    if waiting.reason.as_deref() != Some("CrashLoopBackOff") {
        return None;
    }
    let message = waiting.message.as_deref()?.strip_prefix("back-off ")?;
    let ended = status.last_state.as_ref()?.terminated.as_ref()?.finished_at.as_ref()?;
    Some(epoch.moment(ended) + span(message.split(' ').next()?)?)
}

/// A span as Go prints it in whole seconds: `1m20s`.
fn span(text: &str) -> Option<Duration> {
    let (minutes, seconds) = match text.split_once('m') {
        Some((minutes, seconds)) => (minutes.parse::<u64>().ok()?, seconds),
        None => (0, text),
    };
    let seconds: u64 = seconds.strip_suffix('s')?.parse().ok()?;
    Some(Duration::from_secs(minutes.checked_mul(60)?.checked_add(seconds)?))
}

/// What to say about a Pod that does not come up: its image, or the scheduler's words.
pub(super) fn problem(pod: &Pod, status: &str) -> Option<String> {
    if pod.spec.node_name.is_none() {
        let condition = pod_condition(&pod.status, "PodScheduled")?;
        return condition.message.clone().filter(|_| condition.status == "False");
    }
    let image_reasons = ["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"];
    let reason = status.strip_prefix("Init:").unwrap_or(status);
    if !image_reasons.contains(&reason) {
        return None;
    }
    let init = pod.status.init_container_statuses.iter().flatten();
    let mut statuses = init.chain(pod.status.container_statuses.iter().flatten());
    let waiting = |s: &&ContainerStatus| {
        s.state.as_ref().and_then(|state| state.waiting.as_ref()).and_then(|w| w.reason.as_deref())
            == Some(reason)
    };
    statuses.find(waiting).map(|status| status.image.clone())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::{Kind, codec};

    fn pod(value: serde_json::Value) -> Pod {
        let object = codec::decode(Kind::Pod, value).unwrap();
        Pod::clone(object.as_kind::<Pod>().unwrap())
    }

    /// `status` and `state` of a Pod with one container, on a node.
    fn check(status: serde_json::Value, text: &str, state_is: PodState) {
        let pod = pod(json!({
            "spec": {"nodeName": "n", "containers": [{"name": "c"}],
                     "initContainers": [{"name": "i"}, {"name": "j"}]},
            "status": status,
        }));
        let columns = columns(&pod);
        assert_eq!(columns.status, text);
        assert_eq!(state(&pod, &columns.status), state_is, "{text}");
    }

    fn container(state: serde_json::Value) -> serde_json::Value {
        json!({"name": "c", "image": "x", "imageID": "", "ready": false, "restartCount": 1, "state": state})
    }

    #[test]
    fn states() {
        let waiting = |reason: &str| {
            json!({"phase": "Pending",
                   "containerStatuses": [container(json!({"waiting": {"reason": reason}}))]})
        };
        check(waiting("ContainerCreating"), "ContainerCreating", PodState::Creating);
        check(waiting("ImagePullBackOff"), "ImagePullBackOff", PodState::Failed);
        check(json!({"phase": "Pending"}), "Pending", PodState::Creating);
        check(json!({"phase": "Failed", "reason": "Evicted"}), "Evicted", PodState::Failed);
        let ended = |code: i32, phase: &str| {
            json!({"phase": phase, "containerStatuses": [container(json!({"terminated":
                {"exitCode": code, "reason": if code == 0 { "Completed" } else { "Error" }}}))]})
        };
        check(ended(0, "Succeeded"), "Completed", PodState::Succeeded);
        check(ended(1, "Running"), "Error", PodState::Failed);
        let first = json!({"name": "i", "image": "x", "imageID": "", "ready": false, "restartCount": 0,
                           "state": {"running": {}}});
        check(json!({"phase": "Pending", "initContainerStatuses": [first]}), "Init:0/2", PodState::Creating);
    }

    fn check_span(text: &str, seconds: Option<u64>) {
        assert_eq!(span(text).map(|span| span.as_secs()), seconds, "{text}");
    }

    #[test]
    fn back_off_spans() {
        check_span("10s", Some(10));
        check_span("1m20s", Some(80));
        check_span("5m0s", Some(300));
        check_span("soon", None);
    }
}
