//! The kubelet without containers: every Pod starts and stops in a fixed time.
//!
//! For scenarios about controllers, where how fast containers start is only noise. Nothing is run: a
//! container is Running because its time has come.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::agenda::Agenda;
use super::nodes::{NodeIndex, NodeState, Nodes};
use crate::api::core::{
    Container, ContainerState, ContainerStateRunning, ContainerStateTerminated, ContainerStateWaiting,
    ContainerStatus, HostIP, PodCondition, PodIP, PodStatus,
};
use crate::api::meta::Time;
use crate::api::{Key, Kinded, Moment, Pod};
use crate::server::{DeleteOptions, Server};
use crate::sim::{Ctx, Turn};
use crate::store::{Actor, Change, Revision, Trigger, View};

/// From binding to the first status.
const CREATE: Duration = Duration::from_millis(10);
/// From binding to Running.
const START: Duration = Duration::from_secs(1);
/// From Running to Ready with a readiness probe, beside its initial delay.
const PROBE: Duration = Duration::from_secs(1);
/// From the deletion to the end of a Pod that runs.
const STOP: Duration = Duration::from_secs(1);
/// From the deletion to the end of a Pod that never ran.
const DROP: Duration = Duration::from_millis(60);

/// What is next in a Pod's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Create,
    Start,
    Ready,
    End,
    Remove,
}

#[derive(Clone, Debug)]
struct Life {
    key: Key,
    node: NodeIndex,
    address: Option<String>,
    removing: bool,
}

#[derive(Clone, Debug)]
struct Task {
    uid: Arc<str>,
    step: Step,
    trigger: Trigger,
}

/// All nodes' scripted kubelets.
#[derive(Clone, Debug, Default)]
pub(super) struct Scripted {
    pods: BTreeMap<Arc<str>, Life>,
    agenda: Agenda<Task>,
}

impl Scripted {
    /// Hears of a change of a Pod.
    pub fn observe(&mut self, now: Moment, change: &Change, nodes: &mut Nodes) {
        let (before, after) = change.sides::<Pod>();
        match (before, after) {
            (_, Some(pod)) => self.see(now, pod, Trigger::Change(change.revision), nodes),
            (Some(gone), None) => self.forget(gone.metadata.uid.as_deref().unwrap_or_default(), nodes),
            (None, None) => {}
        }
    }

    /// Looks at every Pod of a node that has come back.
    pub fn relist(&mut self, now: Moment, node: NodeIndex, cache: View<'_>, nodes: &mut Nodes) {
        let here = |life: &Life| life.node == node;
        let gone: Vec<Arc<str>> = self
            .pods
            .iter()
            .filter(|(uid, life)| {
                let stored = cache.get_as::<Pod>(&life.key);
                here(life) && stored.is_none_or(|pod| pod.metadata.uid.as_deref() != Some(&**uid))
            })
            .map(|(uid, _)| uid.clone())
            .collect();
        for uid in gone {
            self.forget(&uid, nodes);
        }
        let name = nodes.get(node).name.clone();
        for pod in cache.pods_on(&name) {
            self.see(now, pod, Trigger::Timer, nodes);
        }
    }

    /// When there is something to do, if that is news.
    pub fn alarm(&mut self, now: Moment) -> Option<Moment> {
        self.agenda.alarm(now)
    }

    /// Takes the steps that are due.
    pub fn work(&mut self, now: Moment, informer: Revision, server: &mut Server, nodes: &mut Nodes) {
        self.agenda.woken(now);
        while let Some(task) = self.agenda.take(now) {
            let Some(life) = self.pods.get(&task.uid) else { continue };
            let machine = nodes.get_mut(life.node);
            if machine.state != NodeState::Running {
                self.pods.remove(&task.uid);
                continue;
            }
            let address = match (task.step, &life.address) {
                (Step::Start, None) => Some(machine.take_address(&task.uid)),
                (_, address) => address.clone(),
            };
            let here = (machine.address.clone(), address.clone());
            let (key, node) = (life.key.clone(), life.node);
            let turn =
                Turn { now, informer, actor: Actor::Kubelet(machine.name.clone()), trigger: task.trigger };
            let mut cx = Ctx::new(turn, server, &mut machine.recorder);
            match take_step(&mut cx, &key, task.step, here) {
                Some(pod) => {
                    self.pods.insert(task.uid.clone(), Life { key, node, address, ..self.pods[&task.uid] });
                    self.plan(now, &task.uid, task.step, &pod);
                }
                None => self.forget(&task.uid, nodes),
            }
        }
    }

    fn see(&mut self, now: Moment, pod: &Arc<Pod>, trigger: Trigger, nodes: &mut Nodes) {
        let Some(node) = pod.spec.node_name.as_deref().and_then(|name| nodes.find(name)) else { return };
        if nodes.get(node).state != NodeState::Running {
            return;
        }
        let uid: Arc<str> = pod.metadata.uid.as_deref().unwrap_or_default().into();
        let mut add = |after: Duration, step| {
            self.agenda.add(now + after, Task { uid: uid.clone(), step, trigger });
        };
        let phase = pod.status.phase.as_deref().unwrap_or_default();
        let life = self.pods.entry(uid.clone()).or_insert_with(|| {
            // A Pod that a kubelet meets again after having been away goes on where it is.
            if phase == "Pending" {
                add(CREATE, Step::Create);
                add(START, Step::Start);
            }
            Life { key: pod.key(), node, address: pod.status.pod_ip.clone(), removing: false }
        });
        if pod.metadata.deletion_timestamp.is_some() && !life.removing {
            life.removing = true;
            add(if phase == "Pending" { DROP } else { STOP }, Step::Remove);
        }
    }

    fn plan(&mut self, now: Moment, uid: &Arc<str>, step: Step, pod: &Pod) {
        let mut add = |after: Duration, step| {
            self.agenda.add(now + after, Task { uid: uid.clone(), step, trigger: Trigger::Timer });
        };
        if step != Step::Start || pod.status.phase.as_deref() != Some("Running") {
            return;
        }
        if let Some(delay) = readiness_delay(pod).filter(|delay| !delay.is_zero()) {
            add(delay, Step::Ready);
        }
        if let Some(runs) = run_time(pod) {
            add(runs, Step::End);
        }
    }

    fn forget(&mut self, uid: &str, nodes: &mut Nodes) {
        if let Some(life) = self.pods.remove(uid)
            && let Some(address) = life.address
        {
            nodes.get_mut(life.node).free_address(&address, uid);
        }
    }
}

/// Writes what the step brings; `None` when the Pod is gone. `here` is the node's address and the Pod's.
fn take_step(cx: &mut Ctx<'_>, key: &Key, step: Step, here: (String, Option<String>)) -> Option<Arc<Pod>> {
    if step == Step::Remove {
        let options = DeleteOptions { grace_period_seconds: Some(0), ..DeleteOptions::default() };
        // A Pod that somebody else has removed meanwhile is gone all the same.
        let _ = cx.delete(key, &options);
        return cx.get::<Pod>(&key.namespace, &key.name).ok();
    }
    let date = cx.date();
    let change = |pod: &mut Pod| {
        let deleting = pod.metadata.deletion_timestamp.is_some();
        let ready = readiness_delay(pod).is_some_and(|delay| delay.is_zero());
        let spec = pod.spec.clone();
        let ends = spec.containers.iter().map(|c| ending(c).map_or(0, |(_, code)| code)).collect::<Vec<_>>();
        let status = pod.status_mut();
        match step {
            Step::Create => create(status, &spec.containers, date),
            Step::Start if deleting => {}
            Step::Start => match spec.containers.iter().any(|c| is_missing(c.image.as_deref())) {
                true => fail_pull(status),
                false => start(status, ready, here, date),
            },
            Step::Ready => make_ready(status, date),
            Step::End if deleting => {}
            Step::End => end(status, &ends, date),
            Step::Remove => {}
        }
    };
    cx.patch_status::<Pod>(key, change).ok()
}

fn create(status: &mut PodStatus, containers: &[Container], date: Time) {
    let waiting = ContainerStateWaiting { reason: Some("ContainerCreating".into()), message: None };
    let created = |container: &Container| ContainerStatus {
        name: container.name.clone(),
        image: container.image.clone().unwrap_or_default(),
        state: Some(ContainerState { waiting: Some(waiting.clone()), ..ContainerState::default() }),
        last_state: Some(ContainerState::default()),
        started: Some(false),
        ..ContainerStatus::default()
    };
    status.phase = Some("Pending".into());
    status.start_time = Some(date.clone());
    status.container_statuses = Some(containers.iter().map(created).collect());
    let not_ready = Some("ContainersNotReady");
    let rows = [
        ("PodReadyToStartContainers", "True", None),
        ("Initialized", "True", None),
        ("ContainersReady", "False", not_ready),
        ("Ready", "False", not_ready),
    ];
    set_conditions(status, &rows, date);
}

fn fail_pull(status: &mut PodStatus) {
    let waiting = ContainerStateWaiting {
        reason: Some("ErrImagePull".into()),
        message: Some("image not found".into()),
    };
    for container in status.container_statuses.iter_mut().flatten() {
        container.state =
            Some(ContainerState { waiting: Some(waiting.clone()), ..ContainerState::default() });
    }
}

fn start(status: &mut PodStatus, ready: bool, here: (String, Option<String>), date: Time) {
    let (host, address) = here;
    status.phase = Some("Running".into());
    status.host_ips = Some(vec![HostIP { ip: host.clone() }]);
    status.host_ip = Some(host);
    status.pod_ips = address.clone().map(|ip| vec![PodIP { ip }]);
    status.pod_ip = address;
    for container in status.container_statuses.iter_mut().flatten() {
        let running = ContainerStateRunning { started_at: Some(date.clone()) };
        container.state = Some(ContainerState { running: Some(running), ..ContainerState::default() });
        container.started = Some(true);
    }
    if ready {
        make_ready(status, date);
    }
}

fn make_ready(status: &mut PodStatus, date: Time) {
    for container in status.container_statuses.iter_mut().flatten() {
        container.ready = true;
    }
    set_conditions(status, &[("ContainersReady", "True", None), ("Ready", "True", None)], date);
}

fn end(status: &mut PodStatus, codes: &[i32], date: Time) {
    let failed = codes.iter().any(|code| *code != 0);
    status.phase = Some(if failed { "Failed" } else { "Succeeded" }.into());
    for (container, code) in status.container_statuses.iter_mut().flatten().zip(codes) {
        let running = container.state.take().and_then(|state| state.running);
        container.ready = false;
        container.started = Some(false);
        let terminated = ContainerStateTerminated {
            exit_code: *code,
            reason: Some(if *code == 0 { "Completed" } else { "Error" }.into()),
            started_at: running.and_then(|running| running.started_at),
            finished_at: Some(date.clone()),
            ..ContainerStateTerminated::default()
        };
        container.state = Some(ContainerState { terminated: Some(terminated), ..ContainerState::default() });
    }
    let completed = Some("PodCompleted");
    let rows = [
        ("PodReadyToStartContainers", "False", None),
        ("Initialized", "True", completed),
        ("ContainersReady", "False", completed),
        ("Ready", "False", completed),
    ];
    set_conditions(status, &rows, date);
}

/// Sets conditions in their order, ahead of those that are not the kubelet's.
fn set_conditions(status: &mut PodStatus, rows: &[(&str, &str, Option<&str>)], date: Time) {
    let old = status.conditions.take().unwrap_or_default();
    let mut new: Vec<PodCondition> = Vec::with_capacity(old.len() + rows.len());
    let (mut own, others): (Vec<_>, Vec<_>) = old.into_iter().partition(|c| is_own(&c.type_));
    for (kind, value, reason) in rows {
        let before = own.iter().position(|c| c.type_ == *kind).map(|at| own.remove(at));
        let since = before.filter(|c| c.status == *value).and_then(|c| c.last_transition_time);
        new.push(PodCondition {
            type_: (*kind).into(),
            status: (*value).into(),
            reason: reason.map(String::from),
            last_transition_time: Some(since.unwrap_or_else(|| date.clone())),
            ..PodCondition::default()
        });
    }
    // What this step leaves as it is comes first: it is decided earlier in a Pod's life.
    own.extend(new);
    own.extend(others);
    status.conditions = Some(own);
}

fn is_own(kind: &str) -> bool {
    matches!(kind, "PodReadyToStartContainers" | "Initialized" | "ContainersReady" | "Ready")
}

fn is_missing(image: Option<&str>) -> bool {
    let image = image.unwrap_or_default();
    let tag = image.rsplit_once(':').map_or("", |(_, tag)| tag);
    ["nope", "sometag", "1.161"].iter().any(|part| tag.contains(part))
}

/// From Running to Ready; `None` when that never comes.
fn readiness_delay(pod: &Pod) -> Option<Duration> {
    let mut delay = Duration::ZERO;
    for probe in pod.spec.containers.iter().filter_map(|c| c.readiness_probe.as_ref()) {
        let command = probe.exec.as_ref().and_then(|exec| exec.command.as_deref()).unwrap_or_default();
        if command.iter().any(|word| word.contains("never")) {
            return None;
        }
        let initial = u64::try_from(probe.initial_delay_seconds.unwrap_or(0)).unwrap_or(0);
        delay = delay.max(Duration::from_secs(initial) + PROBE);
    }
    Some(delay)
}

/// How long the Pod runs; `None` when it does not end.
fn run_time(pod: &Pod) -> Option<Duration> {
    let mut longest = Duration::ZERO;
    for container in &pod.spec.containers {
        let (runs, code) = ending(container)?;
        match pod.spec.restart_policy.as_deref() {
            Some("Never") => {}
            Some("OnFailure") if code == 0 => {}
            _ => return None,
        }
        longest = longest.max(runs);
    }
    Some(longest)
}

/// Reads `sleep N; exit C`.
fn ending(container: &Container) -> Option<(Duration, i32)> {
    let words = container.command.iter().chain(&container.args).flatten();
    words.filter_map(|word| word.split_once("sleep ")).find_map(|(_, rest)| {
        let (seconds, exit) = rest.split_once(';')?;
        let seconds = Duration::try_from_secs_f64(seconds.trim().parse().ok()?).ok()?;
        let code = exit.trim().strip_prefix("exit ")?.trim().parse().ok()?;
        Some((seconds, code))
    })
}

#[cfg(test)]
mod tests {
    use super::super::KubeletMode;
    use super::super::testing::{Act, watch};

    fn check(container: &str, acts: &[Act], until: u64, expected: &[&str]) {
        let manifest = format!(
            "metadata: {{name: p}}\nspec:\n  restartPolicy: Never\n  containers:\n  - {{name: c, {container}}}"
        );
        let mut lines = watch(KubeletMode::Scripted, &manifest, acts, until);
        assert!(lines.len() >= 3, "{lines:#?}");
        // The creation, the binding and the first status are the same for all.
        let first: Vec<String> = lines.drain(..3).collect();
        assert_eq!(first[2], "0.0 Pending PRTSC,I,cr,r,PS c=ContainerCreating");
        assert_eq!(lines, expected);
    }

    #[test]
    fn pods_live_by_the_clock() {
        let ready = "1.0 Running PRTSC,I,CR,R,PS c=running+";
        check("image: nginx", &[], 9_000, &[ready]);
        let probe = "image: nginx, readinessProbe: {initialDelaySeconds: 2, httpGet: {port: 80}}";
        let unready = "1.0 Running PRTSC,I,cr,r,PS c=running";
        check(probe, &[], 9_000, &[unready, "4.0 Running PRTSC,I,CR,R,PS c=running+"]);
        check("image: b, readinessProbe: {exec: {command: [never]}}", &[], 9_000, &[unready]);
        check("image: nginx:nope", &[], 9_000, &["1.0 Pending PRTSC,I,cr,r,PS c=ErrImagePull"]);
    }

    #[test]
    fn containers_end_when_they_say_so() {
        let ready = "1.0 Running PRTSC,I,CR,R,PS c=running+";
        let ends = |code| format!("image: b, command: [sh, -c, 'sleep 2; exit {code}']");
        check(&ends(0), &[], 9_000, &[ready, "3.0 Succeeded prtsc,I,cr,r,PS c=Completed:0"]);
        check(&ends(3), &[], 9_000, &[ready, "3.0 Failed prtsc,I,cr,r,PS c=Error:3"]);
    }

    #[test]
    fn deletion_takes_a_second_of_what_runs() {
        let ready = "1.0 Running PRTSC,I,CR,R,PS c=running+";
        let gone = [
            ready,
            "4.0 Running PRTSC,I,CR,R,PS c=running+ deleting:30",
            "5.0 Running PRTSC,I,CR,R,PS c=running+ deleting:0",
            "5.0 gone",
        ];
        check("image: nginx", &[Act::Delete { at: 4_000, grace: None }], 9_000, &gone);
        let early = [
            "0.5 Pending PRTSC,I,cr,r,PS c=ContainerCreating deleting:30",
            "0.6 Pending PRTSC,I,cr,r,PS c=ContainerCreating deleting:0",
            "0.6 gone",
        ];
        check("image: nginx", &[Act::Delete { at: 500, grace: None }], 9_000, &early);
    }
}
