//! What a Pod needs next: what to kill, what to start. A pure function of what the kubelet has seen.
//! Models computePodActions of pkg/kubelet/kuberuntime/kuberuntime_manager.go.

use super::probe::{ProbeKind, Probes, Verdict};
use super::sandbox::{Role, Runtime, Seen, container, containers};
use crate::api::Pod;
use crate::api::core::Container as Spec;
use crate::api::order;

/// What to do, in this order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// Nothing is left to do for the Pod's containers: the sandbox goes.
    pub kill_pod: bool,
    pub create_sandbox: bool,
    /// Containers by place, with the Event's text.
    pub kill: Vec<(usize, String)>,
    /// Containers by place.
    pub start: Vec<usize>,
}

/// Makes the plan.
pub(super) fn plan(pod: &Pod, runtime: &Runtime, probes: &Probes) -> Plan {
    let mut plan = Plan::default();
    if !runtime.sandbox_ready() {
        let any = (0..runtime.slots.len()).any(|slot| runtime.seen(slot).attempt().is_some());
        if any && !restarts_on_failure(pod) {
            plan.kill_pod = true;
            return plan;
        }
        plan.create_sandbox = true;
        let first = containers(pod).next().map(|(role, _)| role);
        plan.start = match first {
            None => Vec::new(),
            Some(Role::Main) => (0..pod.spec.containers.len()).collect(),
            Some(_) => vec![0],
        };
        return plan;
    }
    if plan_init(pod, runtime, probes, &mut plan) {
        plan_main(pod, runtime, probes, &mut plan);
    }
    plan
}

/// Whether init is over. Models computeInitContainerActions: the last init container with a trace decides.
fn plan_init(pod: &Pod, runtime: &Runtime, probes: &Probes, plan: &mut Plan) -> bool {
    let count = pod.spec.init_containers.as_ref().map_or(0, Vec::len);
    if count == 0 {
        return true;
    }
    let main_runs = |slot: &usize| matches!(runtime.seen(*slot), Seen::Created(_) | Seen::Running(_));
    let mut initialized = (count..count + pod.spec.containers.len()).any(|slot| main_runs(&slot));
    let mut known = initialized;
    let mut start = Vec::new();
    for slot in (0..count).rev() {
        let Some((role, spec)) = container(pod, slot) else { continue };
        let seen = runtime.seen(slot);
        if matches!(seen, Seen::Absent) {
            if known && role == Role::Sidecar {
                start.push(slot);
            }
            continue;
        }
        if known && role != Role::Sidecar {
            continue;
        }
        let done = match seen {
            Seen::Absent => false,
            Seen::Created(_) => {
                start.push(slot);
                false
            }
            Seen::Running(_) if role == Role::Init => false,
            Seen::Running(_) => sidecar((slot, seen), spec, probes, &mut start, plan),
            Seen::Exited(..) if role == Role::Sidecar => {
                start.push(slot);
                false
            }
            Seen::Exited(_, exit) if exit.code != 0 => {
                if !should_restart(pod, role, spec, seen) {
                    plan.kill_pod = true;
                    plan.start.clear();
                    return false;
                }
                start.push(slot);
                false
            }
            Seen::Exited(..) => true,
        };
        if done && slot == count - 1 {
            initialized = true;
        } else if done && !known {
            start.push(slot + 1);
        }
        known = true;
    }
    if !known {
        start.push(0);
    }
    order::sort(&mut start);
    start.dedup();
    plan.start = start;
    initialized
}

/// Whether a running sidecar lets the next container start.
fn sidecar(
    (slot, seen): (usize, Seen<'_>),
    spec: &Spec,
    probes: &Probes,
    start: &mut Vec<usize>,
    plan: &mut Plan,
) -> bool {
    let failed = |kind| probes.verdict(slot, kind, seen) == Some(Verdict::Failure);
    if spec.startup_probe.is_some()
        && probes.verdict(slot, ProbeKind::Startup, seen) != Some(Verdict::Success)
    {
        if failed(ProbeKind::Startup) {
            plan.kill.push((slot, format!("Init container {} failed startup probe", spec.name)));
            start.push(slot);
        }
        return false;
    }
    if spec.liveness_probe.is_some() && failed(ProbeKind::Liveness) {
        plan.kill.push((slot, format!("Init container {} failed liveness probe", spec.name)));
        start.push(slot);
    }
    true
}

fn plan_main(pod: &Pod, runtime: &Runtime, probes: &Probes, plan: &mut Plan) {
    let first = pod.spec.init_containers.as_ref().map_or(0, Vec::len);
    let mut kept = 0;
    let mut starts = 0;
    for (index, spec) in pod.spec.containers.iter().enumerate() {
        let slot = first + index;
        let seen = runtime.seen(slot);
        let Seen::Running(attempt) = seen else {
            if should_restart(pod, Role::Main, spec, seen) {
                plan.start.push(slot);
                starts += 1;
            }
            continue;
        };
        let failed = |kind| probes.verdict(slot, kind, seen) == Some(Verdict::Failure);
        let changed = attempt.asked != spec.image;
        let message = if changed {
            format!("Container {} definition changed", spec.name)
        } else if failed(ProbeKind::Liveness) {
            format!("Container {} failed liveness probe", spec.name)
        } else if failed(ProbeKind::Startup) {
            format!("Container {} failed startup probe", spec.name)
        } else {
            kept += 1;
            continue;
        };
        if changed || restart_policy(pod, Role::Main, spec) != "Never" {
            plan.kill.push((slot, format!("{message}, will be restarted")));
            plan.start.push(slot);
            starts += 1;
        } else {
            plan.kill.push((slot, message));
        }
    }
    if kept == 0 && starts == 0 {
        plan.kill_pod = true;
        plan.start.clear();
    }
}

/// The policy that holds for one container.
pub(super) fn restart_policy<'a>(pod: &'a Pod, role: Role, spec: &'a Spec) -> &'a str {
    match (role, spec.restart_policy.as_deref()) {
        (Role::Sidecar, _) => "Always",
        (_, Some(own)) => own,
        (_, None) => pod.spec.restart_policy.as_deref().unwrap_or("Always"),
    }
}

/// Whether an exit code is followed by a restart. Models podutil.ContainerShouldRestart.
pub(super) fn restarts_after(pod: &Pod, role: Role, spec: &Spec, code: i32) -> bool {
    match restart_policy(pod, role, spec) {
        "Never" => false,
        "OnFailure" => code != 0,
        _ => true,
    }
}

/// Whether the next sync starts the container. Models ShouldContainerBeRestarted.
pub(super) fn should_restart(pod: &Pod, role: Role, spec: &Spec, seen: Seen<'_>) -> bool {
    if pod.metadata.deletion_timestamp.is_some() {
        return false;
    }
    match seen {
        Seen::Absent | Seen::Created(_) => true,
        Seen::Running(_) => false,
        Seen::Exited(_, exit) => restarts_after(pod, role, spec, exit.code),
    }
}

fn restarts_on_failure(pod: &Pod) -> bool {
    pod.spec.restart_policy.as_deref() != Some("Never")
}
