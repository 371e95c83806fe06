//! One Pod's worker: what it remembers, when it syncs, and how its status gets to the API server.
//! Models pkg/kubelet/pod_workers.go and status/status_manager.go.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::agenda::Agenda;
use super::backoff::Backoff;
use super::images::Pulls;
use super::nodes::{NodeIndex, Nodes};
use super::probe::Probes;
use super::real::{Job, Task};
use super::sandbox::{Runtime, container};
use super::status::Reasons;
use crate::api::core::PodStatus;
use crate::api::{Key, Kinded, Moment, Pod};
use crate::runtime::{ExecId, ExecResult};
use crate::server::{Random, Server};
use crate::sim::{Ctx, EventType, Turn};
use crate::store::{Actor, Revision, Trigger};

/// From a sync that started something to the relist that it asks for.
const RELIST: Duration = Duration::from_millis(3);
/// The delay after a sync that failed. Models backOffPeriod.
const RETRY: Duration = Duration::from_secs(10);
/// The longest time between two syncs. Models SyncFrequency.
const RESYNC: Duration = Duration::from_secs(60);
/// Delays are longer by up to half: as a rule, by a share in the middle of that.
/// Models workerBackOffPeriodJitterFactor.
const JITTER: std::ops::Range<f64> = 0.125..0.375;

/// Where a Pod's worker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Syncing,
    /// Containers are being stopped.
    Terminating,
    /// They have stopped.
    Terminated,
    /// Nothing is left of the Pod on the node.
    Finished,
}

/// What a sync does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Waits until the volumes are there.
    AwaitVolumes,
    Plan,
    Sandbox,
    Kill(usize, String),
    /// Waits until what is being killed has ended.
    AwaitKills,
    /// Begins to start a container.
    Start(usize),
    /// The pull is over.
    Pulled {
        slot: usize,
        began: Moment,
        result: Result<u64, String>,
    },
    Create(usize),
    Launch(usize),
    /// Waits for a postStart hook.
    AwaitHook(usize),
    /// Stops what runs, for good.
    KillAll,
    StopSandbox,
    /// Says how the containers have ended.
    Conclude,
    /// Takes leave of the Pod.
    Leave,
}

/// When the next step of a sync comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    Now,
    After(Duration),
    /// When something happens in the containers.
    Wait,
}

/// A sync that is going on.
#[derive(Clone, Debug, Default)]
pub(super) struct Run {
    pub steps: VecDeque<Step>,
    /// Whether anything was done.
    pub acted: bool,
    pub failed: bool,
    /// When the first back-off ends.
    pub backoff: Option<Moment>,
}

/// What a process in a container was started for, beside the main one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A probe, by its place.
    Probe(usize),
    PostStart,
    PreStop,
    /// A person's command, by its number.
    Person(u32),
}

/// Such a process.
#[derive(Clone, Debug)]
pub(super) struct Aside {
    pub slot: usize,
    pub id: ExecId,
    pub purpose: Purpose,
    /// When it is ended if it has not ended before.
    pub deadline: Option<Moment>,
    /// The command as texts show it.
    pub command: Vec<String>,
}

/// One Pod on one node.
#[derive(Clone, Debug)]
pub(super) struct Worker {
    pub key: Key,
    pub uid: Arc<str>,
    pub node: NodeIndex,
    /// The newest version the kubelet has heard of.
    pub pod: Arc<Pod>,
    pub runtime: Runtime,
    pub stage: Stage,
    pub run: Option<Run>,
    /// Whether a sync is wanted at once.
    pub pending: bool,
    /// When a sync is wanted at the latest.
    pub due: Option<Moment>,
    pub last_sync: Option<Moment>,
    /// Whether the volumes are there.
    pub mounted: bool,
    pub probes: Probes,
    pub reasons: Reasons,
    pub crashes: BTreeMap<usize, Backoff>,
    pub pulls: BTreeMap<String, Pulls>,
    pub asides: Vec<Aside>,
    /// How many commands persons have run in the Pod's containers.
    pub persons: u32,
    /// What those that are over have written, and how they ended.
    pub told: BTreeMap<u32, ExecResult>,
    pub status: Option<PodStatus>,
    /// When the Pod has been active for too long.
    pub deadline: Option<Moment>,
    /// Whether a write of the status is on its way.
    pub writing: bool,
    /// Counts the times at which a sync was to go on; only the last counts.
    turn: u32,
}

/// What a worker may touch during its turn.
pub(super) struct Host<'a> {
    pub now: Moment,
    pub informer: Revision,
    pub trigger: Trigger,
    pub server: &'a mut Server,
    pub nodes: &'a mut Nodes,
    pub agenda: &'a mut Agenda<Task>,
    pub random: &'a mut Random,
    /// The other Pods' workers.
    pub others: &'a mut BTreeMap<Arc<str>, Box<Worker>>,
    /// Whose address it is.
    pub addresses: &'a mut BTreeMap<String, Arc<str>>,
}

impl Host<'_> {
    /// The world as the kubelet of a node sees it.
    pub fn cx(&mut self, node: NodeIndex) -> Ctx<'_> {
        let machine = self.nodes.get_mut(node);
        let actor = Actor::Kubelet(machine.name.clone());
        let turn = Turn { now: self.now, informer: self.informer, actor, trigger: self.trigger };
        Ctx::new(turn, self.server, &mut machine.recorder)
    }

    /// A delay, lengthened at random.
    pub fn jitter(&mut self, delay: Duration) -> Duration {
        delay.mul_f64(1.0 + JITTER.start + (JITTER.end - JITTER.start) * self.random.fraction())
    }
}

impl Worker {
    pub fn new(pod: &Arc<Pod>, node: NodeIndex) -> Worker {
        let slots = pod.spec.init_containers.as_ref().map_or(0, Vec::len) + pod.spec.containers.len();
        Worker {
            key: pod.key(),
            uid: pod.metadata.uid.as_deref().unwrap_or_default().into(),
            node,
            pod: pod.clone(),
            runtime: Runtime { slots: vec![Default::default(); slots], ..Runtime::default() },
            stage: Stage::Syncing,
            run: None,
            pending: false,
            due: None,
            last_sync: None,
            mounted: false,
            probes: Probes::default(),
            reasons: Reasons::new(),
            crashes: BTreeMap::new(),
            pulls: BTreeMap::new(),
            asides: Vec::new(),
            persons: 0,
            told: BTreeMap::new(),
            status: None,
            deadline: None,
            writing: false,
            turn: 0,
        }
    }

    /// Adds a task for this Pod.
    pub fn later(&self, host: &mut Host<'_>, at: Moment, job: Job) {
        host.agenda.add(at, Task { uid: self.uid.clone(), job, trigger: host.trigger });
    }

    /// Lets the sync go on at a time.
    pub fn resume(&mut self, host: &mut Host<'_>, at: Moment) {
        self.turn += 1;
        self.later(host, at, Job::GoOn(self.turn));
    }

    /// The time has come for the sync to go on, unless another time was set since.
    pub fn resumed(&mut self, host: &mut Host<'_>, turn: u32) {
        if turn == self.turn && self.run.is_some() {
            self.go_on(host);
        }
    }

    /// Asks for a sync at once.
    pub fn poke(&mut self, host: &mut Host<'_>) {
        self.pending = true;
        self.later(host, host.now, Job::Wake);
    }

    /// Notes that something has happened in the containers: the next relist will see it.
    pub fn changed(&mut self, host: &mut Host<'_>) {
        self.runtime.changed = host.now;
        let tick = host.nodes.get(self.node).next_relist(host.now);
        self.later(host, tick, Job::Relist);
    }

    /// Looks at the containers; a change asks for a sync.
    pub fn relist(&mut self, host: &mut Host<'_>) {
        if self.runtime.changed > self.runtime.relist && self.stage < Stage::Finished {
            self.pending = true;
        }
        // A sync works to its end with what was known at its start.
        if self.run.is_none() {
            self.runtime.relist = host.now;
            self.wake(host);
        }
    }

    /// Begins a sync, if one is wanted and none is going on.
    pub fn wake(&mut self, host: &mut Host<'_>) {
        let wanted = self.pending || self.due.is_some_and(|due| due <= host.now);
        if self.run.is_some() || !wanted || self.stage == Stage::Finished {
            return;
        }
        let machine = host.nodes.get(self.node);
        self.runtime.relist = self.runtime.relist.max(machine.last_relist(host.now));
        // A sync must not work with a look that is older than the last sync.
        if self.last_sync.is_some_and(|last| self.runtime.relist <= last) {
            let tick = machine.next_relist(host.now);
            self.pending = true;
            return self.later(host, tick, Job::Wake);
        }
        self.pending = false;
        self.due = None;
        self.run = Some(Run::default());
        match self.stage {
            Stage::Syncing => self.begin_sync(host),
            Stage::Terminating => self.begin_terminating(host),
            Stage::Terminated | Stage::Finished => self.begin_terminated(host),
        }
        self.go_on(host);
    }

    /// Takes step after step until one takes time.
    pub fn go_on(&mut self, host: &mut Host<'_>) {
        while let Some(step) = self.run.as_mut().and_then(|run| run.steps.pop_front()) {
            match self.take(host, step) {
                Pace::Now => {}
                Pace::After(time) => return self.resume(host, host.now + time),
                Pace::Wait => return,
            }
        }
        if let Some(run) = self.run.take() {
            self.finish(host, &run);
        }
    }

    /// Models completeWork and completeSync.
    fn finish(&mut self, host: &mut Host<'_>, run: &Run) {
        self.last_sync = Some(host.now);
        if run.failed {
            let delay = run.backoff.map_or(RETRY, |until| (until - host.now).min(RESYNC));
            let due = host.now + host.jitter(delay);
            self.due = Some(due);
            let tick = host.nodes.get(self.node).next_loop(due);
            self.later(host, tick, Job::Wake);
        } else if run.acted {
            self.later(host, host.now + RELIST, Job::Relist);
        }
        self.wake(host);
    }

    /// Moves on to the next stage, which begins with a sync of its own.
    pub fn enter(&mut self, stage: Stage) {
        self.stage = self.stage.max(stage);
        self.pending = true;
    }

    /// Records an Event about the Pod.
    pub fn event(&self, host: &mut Host<'_>, kind: EventType, reason: &str, message: impl Into<String>) {
        host.cx(self.node).event(&*self.pod, kind, reason, message);
    }

    /// Records an Event about a container.
    pub fn container_event(
        &self,
        host: &mut Host<'_>,
        slot: usize,
        what: (EventType, &str),
        message: impl Into<String>,
    ) {
        let Some((_, spec)) = container(&self.pod, slot) else { return };
        let init = slot < self.pod.spec.init_containers.as_ref().map_or(0, Vec::len);
        let list = if init { "initContainers" } else { "containers" };
        let path = format!("spec.{list}{{{}}}", spec.name);
        host.cx(self.node).event_on((&*self.pod, path), what.0, what.1, message);
    }
}
