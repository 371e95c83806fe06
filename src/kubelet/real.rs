//! All nodes' kubelets with real containers: who is told of what, and whose turn it is.
//! Models the sync loop of pkg/kubelet/kubelet.go.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::admission;
use super::agenda::Agenda;
use super::lifecycle::HookResult;
use super::nodes::{NodeIndex, NodeState, Nodes};
use super::worker::{Host, Stage, Worker};
use crate::api::conditions::is_pod_terminal;
use crate::api::core::PodStatus;
use crate::api::{Moment, Node, Pod};
use crate::server::{Random, Server};
use crate::sim::EventType::Warning;
use crate::store::{Change, Revision, Trigger, View};

/// From the news of a Pod to the start of its sync.
const ADMIT: Duration = Duration::from_millis(5);

/// Something to do for one Pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Job {
    /// Admit the Pod to the node, or refuse it.
    Admit,
    /// Begin a sync, if one is wanted.
    Wake,
    /// The Pod has been active for as long as it may.
    Overdue,
    /// Go on with the sync that is going on.
    GoOn(u32),
    /// Look at the containers.
    Relist,
    /// Write the status.
    Write,
    /// Let a container's processes run.
    Process {
        slot: usize,
        attempt: i32,
    },
    /// Look after processes beside the main one.
    Asides {
        slot: usize,
    },
    /// Send SIGKILL.
    KillNow {
        slot: usize,
        attempt: i32,
    },
    /// A probe's ticker ticks.
    Probe {
        index: usize,
        ticker: u32,
    },
    /// A probe's answer comes.
    Answer {
        index: usize,
        container: String,
        reply: Result<(), String>,
    },
    PostStarted {
        slot: usize,
        result: HookResult,
    },
    PreStopped {
        slot: usize,
        result: HookResult,
    },
}

/// A job with the Pod whose it is.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub uid: Arc<str>,
    pub job: Job,
    pub trigger: Trigger,
}

/// All nodes' kubelets.
#[derive(Clone, Debug)]
pub(super) struct Real {
    pods: BTreeMap<Arc<str>, Box<Worker>>,
    addresses: BTreeMap<String, Arc<str>>,
    agenda: Agenda<Task>,
    random: Random,
    /// Jobs of nodes whose kubelets do not act now.
    held: BTreeMap<NodeIndex, Vec<Task>>,
}

impl Real {
    pub fn new(random: Random) -> Real {
        Real {
            pods: BTreeMap::new(),
            addresses: BTreeMap::new(),
            agenda: Agenda::default(),
            random,
            held: BTreeMap::new(),
        }
    }

    /// The worker of a Pod.
    pub fn worker(&self, uid: &str) -> Option<&Worker> {
        self.pods.get(uid).map(|worker| &**worker)
    }

    /// Lets a Pod's worker do something out of turn; `None` when there is none.
    pub fn act<T>(
        &mut self,
        uid: &str,
        (now, informer, trigger): (Moment, Revision, Trigger),
        (server, nodes): (&mut Server, &mut Nodes),
        act: impl FnOnce(&mut Worker, &mut Host<'_>) -> T,
    ) -> Option<T> {
        let (uid, mut worker) = self.pods.remove_entry(uid)?;
        let mut host = Host {
            now,
            informer,
            trigger,
            server,
            nodes,
            agenda: &mut self.agenda,
            random: &mut self.random,
            others: &mut self.pods,
            addresses: &mut self.addresses,
        };
        let done = act(&mut worker, &mut host);
        self.pods.insert(uid, worker);
        Some(done)
    }

    /// Hears of a change of a Pod.
    pub fn observe(&mut self, now: Moment, change: &Change, nodes: &Nodes) {
        let trigger = Trigger::Change(change.revision);
        match change.sides::<Pod>() {
            (_, Some(pod)) => self.see(now, pod, trigger, nodes),
            (Some(pod), None) => {
                let uid = pod.metadata.uid.as_deref().unwrap_or_default();
                self.gone(now, uid, trigger, nodes);
            }
            (None, None) => {}
        }
    }

    /// Looks at every Pod of a node that has come back, and lets its held jobs go on.
    pub fn relist(&mut self, now: Moment, node: NodeIndex, cache: View<'_>, nodes: &Nodes) {
        for task in self.held.remove(&node).unwrap_or_default() {
            self.agenda.add(now, task);
        }
        let here = self.pods.iter().filter(|(_, worker)| worker.node == node);
        let gone: Vec<Arc<str>> = here
            .filter(|(uid, worker)| {
                let stored = cache.get_as::<Pod>(&worker.key);
                stored.is_none_or(|pod| pod.metadata.uid.as_deref() != Some(&***uid))
            })
            .map(|(uid, _)| uid.clone())
            .collect();
        for uid in gone {
            self.gone(now, &uid, Trigger::Timer, nodes);
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

    /// Does what is due.
    pub fn work(&mut self, now: Moment, informer: Revision, server: &mut Server, nodes: &mut Nodes) {
        self.agenda.woken(now);
        while let Some(task) = self.agenda.take(now) {
            let Some(worker) = self.pods.get(&task.uid) else { continue };
            if !acts(nodes.get(worker.node).state, &task.job) {
                self.held.entry(worker.node).or_default().push(task);
                continue;
            }
            let Task { uid, job, trigger } = task;
            let turn = (now, informer, trigger);
            self.act(&uid, turn, (server, nodes), |worker, host| perform(worker, host, job));
            self.drop_finished(&uid, server);
        }
    }

    /// Forgets a Pod of which nothing is left, neither here nor in the store.
    fn drop_finished(&mut self, uid: &str, server: &Server) {
        let Some(worker) = self.pods.get(uid) else { return };
        let left = worker.stage == Stage::Finished && worker.run.is_none();
        if left && !server.get(&worker.key).is_ok_and(|pod| pod.uid() == uid) {
            self.pods.remove(uid);
        }
    }

    fn see(&mut self, now: Moment, pod: &Arc<Pod>, trigger: Trigger, nodes: &Nodes) {
        let Some(node) = pod.spec.node_name.as_deref().and_then(|name| nodes.find(name)) else { return };
        if nodes.get(node).state != NodeState::Running {
            return;
        }
        let uid: Arc<str> = pod.metadata.uid.as_deref().unwrap_or_default().into();
        let Some(worker) = self.pods.get_mut(&uid) else {
            if is_pod_terminal(&pod.status) && pod.metadata.deletion_timestamp.is_none() {
                return;
            }
            self.pods.insert(uid.clone(), Box::new(Worker::new(pod, node)));
            return self.agenda.add(now + ADMIT, Task { uid, job: Job::Admit, trigger });
        };
        let news = wants_sync(&worker.pod, pod);
        worker.pod = pod.clone();
        if pod.metadata.deletion_timestamp.is_some() && worker.stage == Stage::Syncing {
            worker.enter(Stage::Terminating);
        }
        if worker.stage == Stage::Finished && pod.metadata.deletion_timestamp.is_some() {
            return self.agenda.add(now, Task { uid, job: Job::Write, trigger });
        }
        if news {
            worker.pending = true;
            self.agenda.add(now, Task { uid, job: Job::Wake, trigger });
        }
    }

    /// The Pod is no more, whatever its containers do: they are stopped.
    fn gone(&mut self, now: Moment, uid: &str, trigger: Trigger, nodes: &Nodes) {
        let Some(worker) = self.pods.get_mut(uid) else { return };
        if nodes.get(worker.node).state != NodeState::Running {
            return;
        }
        if worker.stage == Stage::Finished {
            self.pods.remove(uid);
            return;
        }
        worker.enter(Stage::Terminating);
        self.agenda.add(now, Task { uid: uid.into(), job: Job::Wake, trigger });
    }
}

/// Whether a job is done while a kubelet is in this state: containers go on without it.
fn acts(state: NodeState, job: &Job) -> bool {
    state == NodeState::Running || matches!(job, Job::Process { .. })
}

/// Whether an update is more than the kubelet's own status coming back.
fn wants_sync(old: &Pod, new: &Pod) -> bool {
    let (before, after) = (&old.metadata, &new.metadata);
    let foreign = |status: &PodStatus, gate: &str| {
        status.conditions.iter().flatten().find(|c| c.type_ == gate).map(|c| c.status.clone())
    };
    let gates = new.spec.readiness_gates.iter().flatten();
    let gates_moved = || {
        gates.into_iter().any(|gate| {
            foreign(&old.status, &gate.condition_type) != foreign(&new.status, &gate.condition_type)
        })
    };
    before.deletion_timestamp != after.deletion_timestamp
        || before.labels != after.labels
        || before.annotations != after.annotations
        || (!Arc::ptr_eq(&old.spec, &new.spec) && old.spec != new.spec)
        || gates_moved()
}

fn perform(worker: &mut Worker, host: &mut Host<'_>, job: Job) {
    match job {
        Job::Admit => admit(worker, host),
        Job::Wake => worker.wake(host),
        Job::Overdue => worker.poke(host),
        Job::GoOn(turn) => worker.resumed(host, turn),
        Job::Relist => worker.relist(host),
        Job::Write => worker.write(host),
        Job::Process { slot, attempt } => {
            let current = worker.runtime.slots[slot].running().is_some_and(|a| a.number == attempt);
            if current {
                worker.run_process(host, slot);
            }
        }
        Job::Asides { slot } => worker.end_asides(host, slot),
        Job::KillNow { slot, attempt } => worker.kill_now(host, slot, attempt),
        Job::Probe { index, ticker } => worker.tick(host, index, ticker),
        Job::Answer { index, container, reply } => worker.answer(host, index, &container, reply),
        Job::PostStarted { slot, result } => worker.hook_over(host, slot, result),
        Job::PreStopped { slot, result } => worker.pre_stopped(host, slot, &result),
    }
}

/// Models HandlePodAdditions.
fn admit(worker: &mut Worker, host: &mut Host<'_>) {
    let pod = worker.pod.clone();
    if worker.stage == Stage::Syncing {
        let node_name = host.nodes.get(worker.node).name.clone();
        let node = host.server.store().latest().named::<Node>("", &node_name).cloned();
        let refusal = node.and_then(|node| {
            let here = host.server.store().latest().pods_on(&node_name);
            let admitted = here.filter(|other| {
                let worker = host.others.get(other.metadata.uid.as_deref().unwrap_or_default());
                worker.is_some_and(|worker| worker.stage == Stage::Syncing)
            });
            admission::refuse(&pod, &node, admitted.map(|other| &**other))
        });
        if let Some(refusal) = refusal {
            worker.event(host, Warning, &refusal.reason, refusal.message.clone());
            let status = PodStatus {
                phase: Some("Failed".into()),
                message: Some(format!("Pod was rejected: {}", refusal.message)),
                reason: Some(refusal.reason),
                qos_class: pod.status.qos_class.clone(),
                observed_generation: pod.metadata.generation,
                start_time: Some(host.server.epoch().time(host.now)),
                ..PodStatus::default()
            };
            worker.stage = Stage::Finished;
            return worker.set_status(host, status);
        }
        if let Some(seconds) = pod.spec.active_deadline_seconds {
            let deadline = host.now + Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
            worker.deadline = Some(deadline);
            let tick = host.nodes.get(worker.node).next_loop(deadline);
            worker.later(host, tick, Job::Overdue);
        }
    }
    worker.poke(host);
}
