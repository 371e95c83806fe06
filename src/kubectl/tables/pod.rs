//! Pods: STATUS, READY and RESTARTS as the API server works them out.

use super::{Clock, Row, or_none};
use crate::api::conditions::{is_pod_terminal, is_true};
use crate::api::core::{ContainerStatus, PodStatus};
use crate::api::{Pod, Time};

pub(super) fn columns(row: &mut Row, pod: &Pod, clock: Clock) {
    let seen = Seen::of(pod);
    row.add("Ready", format!("{}/{}", seen.ready, seen.total));
    row.add("Status", seen.reason);
    let restarts = match seen.last_restart {
        Some(date) if seen.restarts != 0 => format!("{} ({} ago)", seen.restarts, clock.age(Some(&date))),
        _ => seen.restarts.to_string(),
    };
    row.add("Restarts", restarts);
    row.add("Age", clock.age(pod.metadata.creation_timestamp.as_ref()));
    let address = pod.status.pod_ips.iter().flatten().next().map(|address| address.ip.as_str());
    row.wide("IP", or_none(address.unwrap_or_default()));
    row.wide("Node", or_none(pod.spec.node_name.as_deref().unwrap_or_default()));
    row.wide("Nominated Node", or_none(pod.status.nominated_node_name.as_deref().unwrap_or_default()));
    row.wide("Readiness Gates", gates(pod));
}

fn gates(pod: &Pod) -> String {
    let gates = pod.spec.readiness_gates.as_deref().unwrap_or_default();
    if gates.is_empty() {
        return "<none>".into();
    }
    let open = gates.iter().filter(|gate| is_true(&pod.status, &gate.condition_type)).count();
    format!("{open}/{}", gates.len())
}

/// What a person sees of a Pod.
#[derive(Debug)]
struct Seen {
    reason: String,
    ready: usize,
    total: usize,
    restarts: i32,
    last_restart: Option<Time>,
}

impl Seen {
    /// Models printPod.
    fn of(pod: &Pod) -> Seen {
        let status = &*pod.status;
        let phase = status.phase.clone().unwrap_or_default();
        let sidecars =
            pod.spec.init_containers.iter().flatten().filter(|c| is_always(c.restart_policy.as_deref()));
        let mut seen = Seen {
            reason: status.reason.clone().filter(|reason| !reason.is_empty()).unwrap_or(phase),
            ready: 0,
            total: pod.spec.containers.len() + sidecars.count(),
            restarts: 0,
            last_restart: None,
        };
        let gated = |c: &crate::api::core::PodCondition| {
            c.type_ == "PodScheduled" && c.reason.as_deref() == Some("SchedulingGated")
        };
        if status.conditions.iter().flatten().any(gated) {
            seen.reason = "SchedulingGated".into();
        }
        let (initializing, sidecars) = seen.init_containers(pod);
        if !initializing || is_true(status, "Initialized") {
            (seen.restarts, seen.last_restart) = sidecars;
            seen.containers(status);
        }
        if pod.metadata.deletion_timestamp.is_some() {
            if status.reason.as_deref() == Some("NodeLost") {
                seen.reason = "Unknown".into();
            } else if !is_pod_terminal(status) {
                seen.reason = "Terminating".into();
            }
        }
        seen
    }

    /// Says whether the Pod is still being initialized, and how often sidecars restarted.
    fn init_containers(&mut self, pod: &Pod) -> (bool, (i32, Option<Time>)) {
        let specs = pod.spec.init_containers.as_deref().unwrap_or_default();
        let mut sidecars = (0, None);
        for (index, container) in pod.status.init_container_statuses.iter().flatten().enumerate() {
            let spec = specs.iter().find(|spec| spec.name == container.name);
            let is_sidecar = spec.is_some_and(|spec| is_always(spec.restart_policy.as_deref()));
            self.count_restarts(container);
            if is_sidecar {
                sidecars.0 += container.restart_count;
                later(&mut sidecars.1, last_end(container));
            }
            let state = container.state.clone().unwrap_or_default();
            let waiting = state.waiting.and_then(|waiting| waiting.reason).unwrap_or_default();
            self.reason = match state.terminated {
                Some(ended) if ended.exit_code == 0 => continue,
                _ if is_sidecar && container.started == Some(true) => {
                    self.ready += usize::from(container.ready);
                    continue;
                }
                Some(ended) => format!("Init:{}", end_reason(&ended)),
                None if !waiting.is_empty() && waiting != "PodInitializing" => format!("Init:{waiting}"),
                None => format!("Init:{index}/{}", specs.len()),
            };
            return (true, sidecars);
        }
        (false, sidecars)
    }

    fn containers(&mut self, status: &PodStatus) {
        let mut running = false;
        let mut error = String::new();
        for container in status.container_statuses.iter().flatten().rev() {
            self.count_restarts(container);
            let state = container.state.clone().unwrap_or_default();
            let waiting = state.waiting.and_then(|waiting| waiting.reason).unwrap_or_default();
            if !waiting.is_empty() {
                self.reason = waiting;
            } else if let Some(ended) = state.terminated {
                self.reason = end_reason(&ended);
                if ended.exit_code != 0 {
                    error.clone_from(&self.reason);
                }
            } else if container.ready && state.running.is_some() {
                running = true;
                self.ready += 1;
            }
        }
        if self.reason == "Completed" {
            if running && is_true(status, "Ready") {
                self.reason = "Running".into();
            } else if !error.is_empty() {
                self.reason = error;
            } else if running {
                self.reason = "NotReady".into();
            }
        }
    }

    fn count_restarts(&mut self, container: &ContainerStatus) {
        self.restarts += container.restart_count;
        later(&mut self.last_restart, last_end(container));
    }
}

fn is_always(policy: Option<&str>) -> bool {
    policy == Some("Always")
}

fn last_end(container: &ContainerStatus) -> Option<Time> {
    container.last_state.as_ref()?.terminated.as_ref()?.finished_at.clone()
}

fn later(date: &mut Option<Time>, other: Option<Time>) {
    if let Some(other) = other
        && date.as_ref().is_none_or(|date| *date < other)
    {
        *date = Some(other);
    }
}

fn end_reason(ended: &crate::api::core::ContainerStateTerminated) -> String {
    match (ended.reason.as_deref().unwrap_or_default(), ended.signal.unwrap_or(0)) {
        ("", 0) => format!("ExitCode:{}", ended.exit_code),
        ("", signal) => format!("Signal:{signal}"),
        (reason, _) => reason.into(),
    }
}
