//! A Pod's status, from what the kubelet has seen. Models kubelet_pods.go (generateAPIPodStatus, getPhase,
//! convertToAPIContainerStatuses).

use crate::api::order;
use std::collections::BTreeMap;

use super::conditions::set_conditions;
use super::plan::{restarts_after, should_restart};
use super::probe::{ProbeKind, Probes, Verdict};
use super::sandbox::{Attempt, Exit, Role, Runtime, Seen, container, containers};
use crate::api::core::{
    Container, ContainerState, ContainerStateRunning, ContainerStateTerminated, ContainerStateWaiting,
    ContainerStatus, HostIP, PodIP, PodStatus, ResourceRequirements, VolumeMountStatus,
};
use crate::api::meta::Time;
use crate::api::moment::Epoch;
use crate::api::{Moment, Pod};

/// The conditions that are the kubelet's own, in its order.
pub(super) const OWN: &[&str] =
    &["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];

/// Why a container could not be started, by its place.
pub(super) type Reasons = BTreeMap<usize, (String, String)>;

/// Whether a Pod's containers will be started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lifetime {
    Ongoing,
    /// They have ended for good, whatever the restart policy says.
    Over,
}

/// All that a status is made from.
pub(super) struct Source<'a> {
    pub pod: &'a Pod,
    /// The kubelet's last status of the Pod, or at first the API server's.
    pub old: &'a PodStatus,
    pub runtime: &'a Runtime,
    pub probes: &'a Probes,
    pub reasons: &'a Reasons,
    pub host: &'a str,
    pub epoch: Epoch,
    pub now: Moment,
    /// The Pod has been active for too long.
    pub overdue: bool,
}

/// The reason and message of a Pod that was active for too long.
pub(super) const DEADLINE: (&str, &str) =
    ("DeadlineExceeded", "Pod was active on the node longer than the specified deadline");

/// Makes the status.
pub(super) fn generate(source: &Source<'_>, lifetime: Lifetime) -> PodStatus {
    let Source { pod, old, runtime, .. } = *source;
    let init_count = pod.spec.init_containers.as_ref().map_or(0, Vec::len);
    let mut all = container_statuses(source);
    let phase = next_phase(source, &all, lifetime);
    let mut status = PodStatus {
        observed_generation: pod.metadata.generation,
        qos_class: pod.status.qos_class.clone(),
        start_time: old.start_time.clone().or_else(|| Some(source.epoch.time(source.now))),
        host_ip: Some(source.host.into()),
        host_ips: Some(vec![HostIP { ip: source.host.into() }]),
        nominated_node_name: pod.status.nominated_node_name.clone(),
        resources: Some(pod.spec.resources.clone().unwrap_or_default()),
        ..PodStatus::default()
    };
    if old.phase.as_deref() == Some(phase) {
        status.reason = old.reason.clone();
        status.message = old.message.clone();
    }
    status.phase = Some(phase.into());
    if source.overdue {
        status.phase = Some("Failed".into());
        status.reason = Some(DEADLINE.0.into());
        status.message = Some(DEADLINE.1.into());
    }
    let address = match pod.spec.host_network {
        Some(true) => Some(source.host),
        _ => runtime.address().or(old.pod_ip.as_deref()),
    };
    status.pod_ip = address.map(String::from);
    status.pod_ips = address.map(|ip| vec![PodIP { ip: ip.into() }]);
    set_conditions(source, &mut status, &all);
    let mut main = all.split_off(init_count);
    order::sort_by(&mut main, |a, b| a.name.cmp(&b.name));
    status.container_statuses = Some(main);
    status.init_container_statuses = Some(all).filter(|init| !init.is_empty());
    status
}

/// Generates the conditions anew that depend on which containers are ready.
pub(super) fn refresh_ready(source: &Source<'_>) -> PodStatus {
    let mut status = source.old.clone();
    let init = status.init_container_statuses.iter_mut().flatten();
    let mut by_name: BTreeMap<String, &mut ContainerStatus> =
        order::map(init.chain(status.container_statuses.iter_mut().flatten()).map(|c| (c.name.clone(), c)));
    let mut all = Vec::new();
    for (slot, (_, spec)) in containers(source.pod).enumerate() {
        if let Some(container) = by_name.get_mut(&spec.name) {
            set_ready(source, slot, container);
            all.push(container.clone());
        }
    }
    set_conditions(source, &mut status, &all);
    status
}

/// Models the end of TerminatePod: containers without a trace have failed, and so has the Pod.
pub(super) fn terminate(status: &mut PodStatus) {
    let initialized =
        status.conditions.iter().flatten().any(|c| c.type_ == "Initialized" && c.status == "True");
    let lost = |container: &mut ContainerStatus| {
        let ended = container.state.as_ref().is_some_and(|state| state.terminated.is_some());
        if !ended {
            let terminated = ContainerStateTerminated {
                reason: Some("ContainerStatusUnknown".into()),
                message: Some("The container could not be located when the pod was terminated".into()),
                exit_code: 137,
                ..ContainerStateTerminated::default()
            };
            container.state =
                Some(ContainerState { terminated: Some(terminated), ..ContainerState::default() });
        }
    };
    if initialized {
        status.container_statuses.iter_mut().flatten().for_each(lost);
    }
    let init = status.init_container_statuses.as_deref_mut().unwrap_or_default();
    let begun = |c: &ContainerStatus| {
        let waiting = c.state.as_ref().is_some_and(|state| state.waiting.is_some());
        !waiting || c.last_state.as_ref().is_some_and(|last| last.terminated.is_some())
    };
    let begun = init.iter().rposition(begun).map_or(0, |last| last + 1);
    init[..begun].iter_mut().for_each(lost);
    if !matches!(status.phase.as_deref(), Some("Succeeded" | "Failed")) {
        status.phase = Some("Failed".into());
    }
}

/// What is written: the kubelet's conditions, then others'; no final phase while containers may run.
/// Models mergePodStatus.
pub(super) fn merge(stored: &PodStatus, new: &PodStatus, may_run: bool) -> PodStatus {
    let mut merged = new.clone();
    let final_phase = |status: &PodStatus| matches!(status.phase.as_deref(), Some("Succeeded" | "Failed"));
    if may_run && final_phase(new) && !final_phase(stored) {
        merged.phase.clone_from(&stored.phase);
        merged.reason.clone_from(&stored.reason);
        merged.message.clone_from(&stored.message);
    }
    let mut conditions = merged.conditions.take().unwrap_or_default();
    conditions.retain(|c| OWN.contains(&c.type_.as_str()));
    conditions
        .extend(stored.conditions.iter().flatten().filter(|c| !OWN.contains(&c.type_.as_str())).cloned());
    merged.conditions = Some(conditions);
    merged
}

/// Sets the condition that says the Pod has its network.
pub(super) fn set_sandbox_ready(status: &mut PodStatus, now: &Time) {
    let conditions = status.conditions.iter_mut().flatten();
    for condition in conditions.filter(|c| c.type_ == OWN[0] && c.status != "True") {
        condition.status = "True".into();
        condition.last_transition_time = Some(now.clone());
    }
}

fn next_phase(source: &Source<'_>, all: &[ContainerStatus], lifetime: Lifetime) -> &'static str {
    let terminal = |phase: &Option<String>| match phase.as_deref() {
        Some("Failed") => Some("Failed"),
        Some("Succeeded") => Some("Succeeded"),
        _ => None,
    };
    // Nothing leaves a final phase.
    terminal(&source.pod.status.phase)
        .or_else(|| terminal(&source.old.phase))
        .unwrap_or_else(|| phase(source.pod, source.runtime, all, lifetime))
}

#[derive(Default)]
struct Counts {
    pending_init: usize,
    pending_sidecars: usize,
    failed_init: bool,
    running: usize,
    waiting: usize,
    stopped: usize,
    final_: usize,
    succeeded: usize,
}

/// Models getPhase.
fn phase(pod: &Pod, runtime: &Runtime, all: &[ContainerStatus], lifetime: Lifetime) -> &'static str {
    let mut counts = Counts::default();
    for ((role, spec), status) in containers(pod).zip(all) {
        count(pod, role, spec, status, &mut counts);
    }
    if counts.failed_init {
        return "Failed";
    }
    let first_main = pod.spec.init_containers.as_ref().map_or(0, Vec::len);
    let begun =
        (first_main..all.len()).any(|slot| matches!(runtime.seen(slot), Seen::Running(_) | Seen::Exited(..)));
    match counts {
        Counts { pending_init: 1.., .. } => "Pending",
        Counts { pending_sidecars: 1.., .. } if !begun => "Pending",
        Counts { waiting: 1.., .. } => "Pending",
        Counts { running: 1.., .. } => "Running",
        Counts { stopped: 0, .. } => "Pending",
        Counts { stopped, final_, .. } if lifetime == Lifetime::Ongoing && stopped != final_ => "Running",
        Counts { stopped, succeeded, .. } if stopped == succeeded => "Succeeded",
        _ => "Failed",
    }
}

fn count(pod: &Pod, role: Role, spec: &Container, status: &ContainerStatus, counts: &mut Counts) {
    let none = ContainerState::default();
    let state = status.state.as_ref().unwrap_or(&none);
    let last = status.last_state.as_ref().and_then(|last| last.terminated.as_ref());
    let ended = state.terminated.as_ref().or(last.filter(|_| state.waiting.is_some()));
    let runs = state.running.is_some();
    match (role, ended) {
        (Role::Init, Some(ended)) if ended.exit_code != 0 => {
            counts.failed_init |= !restarts_after(pod, role, spec, ended.exit_code);
        }
        (Role::Init, Some(_)) => {}
        (Role::Init, None) => counts.pending_init += 1,
        (Role::Sidecar, _) if runs => {
            counts.pending_sidecars += usize::from(status.started != Some(true));
            counts.running += 1;
        }
        (Role::Sidecar, Some(_)) => {}
        (Role::Sidecar, None) => {
            counts.pending_sidecars += 1;
            counts.waiting += 1;
        }
        (Role::Main, _) if runs => counts.running += 1,
        (Role::Main, None) => counts.waiting += 1,
        (Role::Main, Some(ended)) => {
            counts.stopped += 1;
            counts.final_ += usize::from(!restarts_after(pod, role, spec, ended.exit_code));
            // One that is to be restarted has not succeeded, even if its last run did.
            counts.succeeded += usize::from(state.terminated.is_some() && ended.exit_code == 0);
        }
    }
}

fn container_statuses(source: &Source<'_>) -> Vec<ContainerStatus> {
    let before = source.old.init_container_statuses.iter().chain(&source.old.container_statuses).flatten();
    let before: BTreeMap<&str, &ContainerStatus> = order::map(before.map(|c| (c.name.as_str(), c)));
    let specs = containers(source.pod).enumerate();
    specs.map(|(slot, (role, spec))| one_status(source, slot, role, spec, before.get(&*spec.name))).collect()
}

fn one_status(
    source: &Source<'_>,
    slot: usize,
    role: Role,
    spec: &Container,
    before: Option<&&ContainerStatus>,
) -> ContainerStatus {
    let seen = source.runtime.seen(slot);
    let creating = match source.pod.spec.init_containers {
        Some(_) => "PodInitializing",
        None => "ContainerCreating",
    };
    let mut status = ContainerStatus {
        name: spec.name.clone(),
        image: spec.image.clone().unwrap_or_default(),
        state: Some(waiting(creating, None)),
        last_state: Some(before.and_then(|b| b.last_state.clone()).unwrap_or_default()),
        restart_count: before.map_or(0, |b| b.restart_count),
        started: Some(false),
        volume_mounts: volume_mounts(spec),
        ..ContainerStatus::default()
    };
    if let Some(attempt) = seen.attempt() {
        fill_seen(source, slot, seen, attempt, spec, &mut status);
    } else if let Some(ended) = before.filter(|b| b.state.as_ref().is_some_and(|s| s.terminated.is_some())) {
        status = (*ended).clone();
    }
    let done = matches!(seen, Seen::Exited(_, exit) if role == Role::Init && exit.code == 0);
    if let (false, true, Some((reason, message))) =
        (done, should_restart(source.pod, role, spec, seen), source.reasons.get(&slot))
    {
        if let Some(ContainerState { terminated: Some(ended), .. }) = status.state.take() {
            status.last_state = Some(ContainerState { terminated: Some(ended), ..ContainerState::default() });
        }
        status.state = Some(waiting(reason, Some(message)));
    }
    set_ready(source, slot, &mut status);
    status
}

fn fill_seen(
    source: &Source<'_>,
    slot: usize,
    seen: Seen<'_>,
    attempt: &Attempt,
    spec: &Container,
    status: &mut ContainerStatus,
) {
    status.restart_count = attempt.number;
    status.image.clone_from(&attempt.image);
    status.image_id.clone_from(&attempt.image_id);
    status.container_id = Some(attempt.id.clone());
    let resources = spec.resources.clone().unwrap_or_default();
    status.allocated_resources = resources.requests.clone();
    status.resources =
        Some(ResourceRequirements { limits: resources.limits, requests: resources.requests, claims: None });
    status.state = Some(match seen {
        Seen::Exited(attempt, exit) => ended(source.epoch, attempt, exit),
        Seen::Running(Attempt { started: Some(started), .. }) => {
            let running = ContainerStateRunning { started_at: Some(source.epoch.time(*started)) };
            ContainerState { running: Some(running), ..ContainerState::default() }
        }
        _ => ContainerState { waiting: Some(ContainerStateWaiting::default()), ..ContainerState::default() },
    });
    if let Some((attempt, exit)) = source.runtime.slots[slot].previous(source.runtime.relist) {
        status.last_state = Some(ended(source.epoch, attempt, exit));
    }
}

/// Models the probe manager's UpdatePodStatus.
fn set_ready(source: &Source<'_>, slot: usize, status: &mut ContainerStatus) {
    let Some((role, _)) = container(source.pod, slot) else { return };
    let state = status.state.as_ref();
    let running = state.is_some_and(|state| state.running.is_some());
    let seen = source.runtime.seen(slot);
    let passed = |kind| match source.probes.has(slot, kind) {
        false => true,
        true => source.probes.verdict(slot, kind, seen) == Some(Verdict::Success),
    };
    let started = running && passed(ProbeKind::Startup);
    status.started = Some(started);
    status.ready = match role {
        Role::Init => {
            state.and_then(|state| state.terminated.as_ref()).is_some_and(|ended| ended.exit_code == 0)
        }
        Role::Sidecar | Role::Main => started && passed(ProbeKind::Readiness),
    };
}

fn waiting(reason: &str, message: Option<&String>) -> ContainerState {
    let waiting = ContainerStateWaiting {
        reason: Some(reason.into()),
        message: message.filter(|message| !message.is_empty()).cloned(),
    };
    ContainerState { waiting: Some(waiting), ..ContainerState::default() }
}

fn ended(epoch: Epoch, attempt: &Attempt, exit: &Exit) -> ContainerState {
    let terminated =
        ContainerStateTerminated {
            container_id: Some(attempt.id.clone()),
            exit_code: exit.code,
            reason: Some(exit.reason.clone()),
            message: exit.message.clone(),
            // What never started shows the runtime's zero.
            started_at: Some(attempt.started.map_or_else(
                || Time(k8s_openapi::jiff::Timestamp::UNIX_EPOCH),
                |started| epoch.time(started),
            )),
            finished_at: Some(epoch.time(exit.at)),
            signal: None,
        };
    ContainerState { terminated: Some(terminated), ..ContainerState::default() }
}

fn volume_mounts(spec: &Container) -> Option<Vec<VolumeMountStatus>> {
    let mounts = spec.volume_mounts.iter().flatten().map(|mount| VolumeMountStatus {
        name: mount.name.clone(),
        mount_path: mount.mount_path.clone(),
        read_only: mount.read_only,
        recursive_read_only: mount.read_only.filter(|only| *only).map(|_| "Disabled".into()),
        volume_status: None,
    });
    Some(mounts.collect()).filter(|mounts: &Vec<_>| !mounts.is_empty())
}
