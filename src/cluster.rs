//! The wiring: one store, one queue, and the components that take turns.
//!
//! The cluster pops one event and hands it on; whoever gets it can only call the API server and ask to be
//! called again. What it writes becomes a watch event for everybody, [`latency::WATCH`] later.
//!
//! `Cluster: Clone`: a snapshot is a clone, a branch is a clone plus inputs.

use crate::api::moment::Epoch;
use crate::api::{Key, Kind, Moment, Namespace, Object, Status};
use crate::controllers::{self, Manager};
use crate::kubelet::Kubelets;
use crate::scheduler::Scheduler;
use crate::server::{Call, Mode, Server};
use crate::sim::{Queue, latency};
use crate::store::{Actor, Cause, Revision, Store, Trigger};

pub use crate::kubelet::{
    ExecHandle, ExecRequest, ExecResult, KubeletMode, NodeConfig, NodeImages, NodeState,
};

/// What a cluster is made of.
#[derive(Clone, Debug)]
pub struct Config {
    /// The date at which virtual time starts.
    pub epoch: Epoch,
    /// Decides everything that is made up.
    pub seed: u64,
    pub nodes: Vec<NodeConfig>,
    pub kubelet: KubeletMode,
}

/// What can happen next.
#[derive(Clone, Debug)]
enum Event {
    /// Every informer has received everything up to this revision.
    Watch(Revision),
    Controller(controllers::Id),
    Scheduler,
    Kubelets,
}

/// A whole cluster.
#[derive(Clone, Debug)]
pub struct Cluster {
    queue: Queue<Event>,
    server: Server,
    manager: Manager,
    scheduler: Scheduler,
    kubelets: Kubelets,
    /// Where the informers stand.
    informers: Revision,
    /// Up to which revision the informers will be told by events that are queued.
    announced: Revision,
    inputs: u32,
}

impl Cluster {
    /// A cluster at rest, with its nodes ready and its own namespaces.
    pub fn new(config: Config) -> Cluster {
        let mut server = Server::new(config.epoch, config.seed);
        let cause = Cause { actor: Actor::Bootstrap, trigger: Trigger::Timer };
        let call = Call { now: Moment::START, cause, mode: Mode::Commit };
        for name in ["default", "kube-node-lease", "kube-public", "kube-system"] {
            make_namespace(&mut server, &call, name);
        }
        let kubelets = Kubelets::new(config.kubelet, config.nodes, &mut server, &call);
        let mut cluster = Cluster {
            queue: Queue::default(),
            server,
            manager: Manager::new(),
            scheduler: Scheduler::default(),
            kubelets,
            informers: 0,
            announced: 0,
            inputs: 0,
        };
        cluster.tell_informers(cluster.store().revision());
        cluster.announced = cluster.informers;
        cluster.after_turn();
        cluster
    }

    /// Virtual time.
    pub fn now(&self) -> Moment {
        self.queue.now()
    }

    /// Everything that is and was stored.
    pub fn store(&self) -> &Store {
        self.server.store()
    }

    /// What ties virtual time to dates.
    pub fn epoch(&self) -> Epoch {
        self.server.epoch()
    }

    /// Starts a node that is not there yet, or the kubelet of one that has been stopped.
    ///
    /// # Errors
    /// The API server refuses the Node object.
    pub fn start_node(&mut self, config: &NodeConfig) -> Result<(), Status> {
        let call = self.input();
        let started = self.kubelets.start_node(config, &mut self.server, &call);
        self.after_turn();
        started
    }

    /// Stops, freezes or thaws a node's kubelet.
    ///
    /// # Errors
    /// NotFound when there is no such node.
    pub fn set_node_state(&mut self, name: &str, state: NodeState) -> Result<(), Status> {
        let call = self.input();
        let set = self.kubelets.set_node_state(name, state, &self.server, &call);
        self.after_turn();
        set
    }

    /// Starts a process in a container, as a person asks for it.
    ///
    /// # Errors
    /// There is no such Pod, its kubelet does not answer, the container does not run, or the program is not there.
    pub fn exec(&mut self, request: &ExecRequest) -> Result<ExecHandle, Status> {
        let call = self.input();
        let turn = (call.now, self.informers, call.cause.trigger);
        let begun = self.kubelets.exec(turn, &mut self.server, request);
        self.after_turn();
        begun
    }

    /// What such a process has written so far and how it ended; `None` when it is gone with its Pod.
    pub fn exec_result(&self, handle: &ExecHandle) -> Option<&ExecResult> {
        self.kubelets.exec_result(handle)
    }

    /// When something happens next, if anything ever does.
    pub fn next_event(&self) -> Option<Moment> {
        self.queue.next_time()
    }

    /// Handles the next event, if it happens no later than `until`; says whether there was one.
    pub fn step(&mut self, until: Moment) -> bool {
        let Some(event) = self.queue.pop(until) else { return false };
        let now = self.now();
        match event {
            Event::Watch(revision) => self.tell_informers(revision),
            Event::Controller(id) => self.manager.work(id, now, self.informers, &mut self.server),
            Event::Scheduler => self.scheduler.work(now, self.informers, &mut self.server),
            Event::Kubelets => self.kubelets.work(now, self.informers, &mut self.server),
        }
        self.after_turn();
        true
    }

    /// Handles everything that happens up to and at `until`, and moves the clock there.
    pub fn run_until(&mut self, until: Moment) {
        while self.step(until) {}
        self.queue.advance(until);
    }

    /// Lets a person act: `act` gets the API server and the call to act with.
    pub fn act<T>(&mut self, act: impl FnOnce(&mut Server, &Call) -> T) -> T {
        let call = self.input();
        let answer = act(&mut self.server, &call);
        self.after_turn();
        answer
    }

    /// A call for a person's next input.
    fn input(&mut self) -> Call {
        self.inputs += 1;
        let cause = Cause { actor: Actor::User, trigger: Trigger::Input(self.inputs) };
        Call { now: self.now(), cause, mode: Mode::Commit }
    }

    /// Makes a namespace that a scenario wants to be there from the start.
    ///
    /// # Errors
    /// The name is not one.
    pub fn ensure_namespace(&mut self, name: &str) -> Result<(), Status> {
        let key = Key::new(Kind::Namespace, "", name);
        if self.store().latest().get(&key).is_some() {
            return Ok(());
        }
        let mut namespace = Namespace::default();
        namespace.metadata.name = Some(name.into());
        self.act(|server, call| server.create(call, namespace).map(drop))
    }

    fn tell_informers(&mut self, revision: Revision) {
        let now = self.queue.now();
        let store = self.server.store();
        for change in store.changes_since(self.informers).take_while(|change| change.revision <= revision) {
            let cache = store.at(change.revision);
            // Nobody in the cluster acts on Events.
            if change.key.kind != Kind::Event {
                self.manager.observe(now, change, cache);
                self.scheduler.observe(now, change, cache);
                self.kubelets.observe(now, change, cache);
            }
        }
        self.informers = revision;
        self.server.settle(revision);
    }

    /// Announces what was written, and notes who wants to be called when.
    fn after_turn(&mut self) {
        let now = self.queue.now();
        let revision = self.server.store().revision();
        if revision > self.announced {
            self.announced = revision;
            self.queue.schedule(now + latency::WATCH, Event::Watch(revision));
        }
        for id in controllers::Id::ALL {
            if let Some(at) = self.manager.alarm(*id, now) {
                self.queue.schedule(at, Event::Controller(*id));
            }
        }
        if let Some(at) = self.scheduler.alarm(now) {
            self.queue.schedule(at, Event::Scheduler);
        }
        if let Some(at) = self.kubelets.alarm(now) {
            self.queue.schedule(at, Event::Kubelets);
        }
    }
}

fn make_namespace(server: &mut Server, call: &Call, name: &str) {
    let mut namespace = Namespace::default();
    namespace.metadata.name = Some(name.into());
    let made = server.create(call, Object::from(namespace));
    debug_assert!(made.is_ok(), "{made:?}");
}
