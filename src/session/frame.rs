//! What the screen shows at one moment, as plain data.
//!
//! Everything is [`Shared`]: a part is replaced only when it changed, so a view compares addresses and
//! redraws nothing else.

use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

use crate::api::{Key, Kind, Moment};

/// Shared data that is equal only to itself: comparing compares addresses.
#[derive(Debug)]
pub struct Shared<T>(Rc<T>);

impl<T> Shared<T> {
    pub fn new(value: T) -> Shared<T> {
        Shared(Rc::new(value))
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Shared(self.0.clone())
    }
}

impl<T> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Default> Default for Shared<T> {
    fn default() -> Self {
        Shared::new(T::default())
    }
}

/// The cluster at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// The moment shown.
    pub now: Moment,
    /// How far the run has come.
    pub head: Moment,
    /// Workloads that nobody owns, in the order in which they came.
    pub roots: Shared<Vec<Shared<Branch>>>,
    /// Pods that no workload owns.
    pub loose: Shared<Vec<Shared<PodView>>>,
    pub nodes: Shared<Vec<Shared<NodeView>>>,
    /// Pods on no node.
    pub unplaced: Shared<Vec<Shared<PodView>>>,
    /// Newest first.
    pub events: Shared<Vec<Shared<EventView>>>,
    pub tally: Tally,
}

/// How many Pods there are, by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub pods: usize,
    pub ready: usize,
    pub failing: usize,
}

/// A workload with what it owns.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    pub view: Shared<WorkloadView>,
    pub children: Vec<Shared<Branch>>,
    pub pods: Vec<Shared<PodView>>,
    pub diagnosis: Diagnosis,
}

/// The states that the screen has a shape for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PodState {
    /// On no node yet.
    Pending,
    /// On a node, not all containers have started.
    Creating,
    /// Running, not ready.
    Running,
    Ready,
    Terminating,
    Succeeded,
    /// Failed, or kept from running: the status says by what.
    Failed,
    Unknown,
}

/// What will end by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Countdown {
    /// The container is started again.
    Restart(Moment),
    /// The containers are killed.
    Kill(Moment),
}

/// A Pod.
#[derive(Clone, Debug, PartialEq)]
pub struct PodView {
    pub key: Key,
    pub uid: Arc<str>,
    /// The name of the controller, empty if there is none.
    pub owner: Arc<str>,
    pub owner_uid: Arc<str>,
    pub node: Option<Arc<str>>,
    pub state: PodState,
    /// The STATUS column of `kubectl get pods`.
    pub status: Arc<str>,
    pub ready: usize,
    pub containers: usize,
    pub restarts: i32,
    pub countdown: Option<Countdown>,
    /// The image that cannot be had, or the scheduler's words.
    pub problem: Option<Arc<str>>,
    /// Which child of its workload made it, counted from 0: one hue for each.
    pub hue: u32,
    /// Its place among its owner's Pods, kept while it lives.
    pub seat: u32,
    /// Its place on its node, kept while it lives.
    pub berth: u32,
    /// When it was written last.
    pub changed: Moment,
    pub milli_cpu: i64,
    pub memory: i64,
}

/// A condition of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionView {
    pub kind: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    pub reason: String,
    pub message: String,
    pub since: Option<Moment>,
}

/// A workload: what it wants and what it has.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkloadView {
    pub key: Key,
    pub uid: Arc<str>,
    /// The uid of the controller, empty if there is none.
    pub owner_uid: Arc<str>,
    pub kind: Kind,
    pub desired: i32,
    pub current: i32,
    pub ready: i32,
    pub updated: i32,
    pub available: i32,
    /// The revision of a rollout, from the annotation.
    pub revision: Option<u32>,
    pub images: Vec<String>,
    pub paused: bool,
    /// Whether the controller has seen the newest spec.
    pub observed: bool,
    pub conditions: Vec<ConditionView>,
    /// When a rollout counts as stuck, if it makes no progress.
    pub deadline: Option<Moment>,
    pub terminating: bool,
    /// Which child of its owner it is, counted from 0.
    pub hue: u32,
    /// Of a Service: how many ready addresses its EndpointSlices hold.
    pub endpoints: Option<usize>,
    /// What else matters in a line: a Service's type, address and ports.
    pub detail: String,
    pub changed: Moment,
}

/// How a workload is doing, in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Diagnosis {
    /// All that is wanted is there.
    Steady {
        ready: i32,
        desired: i32,
    },
    /// On its way.
    Rolling {
        updated: i32,
        ready: i32,
        desired: i32,
        until: Option<Moment>,
        problem: Option<Problem>,
    },
    /// No progress within the deadline.
    Stuck {
        updated: i32,
        ready: i32,
        desired: i32,
        problem: Option<Problem>,
    },
    /// The controller may not create Pods.
    Refused {
        message: String,
    },
    Paused {
        ready: i32,
        desired: i32,
    },
    /// Nothing is wanted and nothing is there.
    Empty,
    Deleting {
        left: usize,
    },
    /// A Service, and how many ready addresses it leads to; `None` while no EndpointSlice says so.
    Serving {
        endpoints: Option<usize>,
    },
}

/// What keeps Pods from being ready, by the count of Pods it concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The STATUS of those Pods: `ImagePullBackOff`.
    pub status: Arc<str>,
    pub pods: usize,
    /// The image, or the scheduler's words.
    pub about: Option<Arc<str>>,
}

/// A node and the Pods on it.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeView {
    pub key: Key,
    pub ready: NodeState,
    pub unschedulable: bool,
    /// As `key=value:effect`.
    pub taints: Vec<String>,
    pub used: Capacity,
    pub allocatable: Capacity,
    pub pods: Vec<Shared<PodView>>,
}

/// What a node has to give, or what is taken of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capacity {
    pub milli_cpu: i64,
    /// Bytes.
    pub memory: i64,
    pub pods: i64,
}

/// The Ready condition of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeState {
    Ready,
    NotReady,
    Unknown,
}

/// An Event.
#[derive(Clone, Debug, PartialEq)]
pub struct EventView {
    pub key: Key,
    pub at: Moment,
    pub warning: bool,
    pub reason: String,
    pub message: String,
    pub count: i32,
    /// The object it is about: kind, namespace, name.
    pub about: (String, Arc<str>, Arc<str>),
    /// The component that recorded it.
    pub from: String,
}

/// Something worth a tick on the scrubber.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub at: Moment,
    pub kind: MarkKind,
    pub text: Arc<str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// A step of the scenario that is still to come.
    Planned,
    /// A step or a command that was run.
    Command,
    /// A command that was refused.
    Refusal,
    /// The first Warning of its reason about an object.
    Warning,
    /// A rollout made no progress within its deadline.
    Stuck,
    /// A rollout is complete.
    Complete,
}

/// A change in words' raw material; the catalogue makes the sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Counts up, so that a reader knows what is new.
    pub number: u64,
    pub at: Moment,
    pub key: Key,
    pub what: Happening,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    Created,
    Gone,
    /// A Pod came into this state; the text is its STATUS.
    Became(PodState, Arc<str>),
    Scaled {
        from: i32,
        to: i32,
    },
    RolloutStuck,
    RolloutComplete,
}
