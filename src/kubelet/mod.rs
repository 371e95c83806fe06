//! The kubelets of all nodes, and the containers they run.
//!
//! Invariants: a kubelet acts on the Pods of its node only, and through the API server only; of a Pod
//! nothing changes unless a change, a timer or its containers ask for it.

mod admission;
mod agenda;
mod backoff;
mod conditions;
mod exec;
mod images;
mod lifecycle;
mod network;
mod nodes;
mod plan;
mod probe;
mod process;
mod real;
mod report;
mod sandbox;
mod scripted;
mod status;
mod stop;
mod sync;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod volumes;
mod worker;

use std::collections::BTreeMap;

use crate::api::core::Taint;
use crate::api::labels::Labels;
use crate::api::{Kind, Moment, Status};
use crate::server::{Call, Random, Server};
use crate::store::{Change, Revision, View};
pub use exec::{ExecHandle, ExecRequest, ExecResult};
pub use images::NodeImages;
pub use nodes::NodeState;
use nodes::Nodes;
use real::Real;
use scripted::Scripted;

/// How Pods live on the nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KubeletMode {
    /// Containers run: images are pulled, processes start, probes ask them.
    #[default]
    Real,
    /// Every Pod starts and stops in a fixed time, as in the recordings whose names begin with `fake-`.
    Scripted,
}

/// A node as a scenario describes it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeConfig {
    /// `node-1`, `node-2` … if empty.
    pub name: String,
    pub labels: Labels,
    pub taints: Vec<Taint>,
    /// cpu, memory, pods …, as quantities.
    pub capacity: BTreeMap<String, String>,
    pub images: NodeImages,
}

#[derive(Clone, Debug)]
enum Engine {
    Real(Real),
    Scripted(Scripted),
}

/// Every node's kubelet.
#[derive(Clone, Debug)]
pub struct Kubelets {
    nodes: Nodes,
    engine: Engine,
    random: Random,
}

impl Kubelets {
    /// Registers the nodes, Ready from the start. A node whose name is not one is left out.
    pub fn new(mode: KubeletMode, nodes: Vec<NodeConfig>, server: &mut Server, call: &Call) -> Kubelets {
        let mut random = server.random().fork();
        let engine = match mode {
            KubeletMode::Real => Engine::Real(Real::new(random.fork())),
            KubeletMode::Scripted => Engine::Scripted(Scripted::default()),
        };
        let mut kubelets = Kubelets { nodes: Nodes::default(), engine, random };
        for config in &nodes {
            let registered = kubelets.nodes.register(config, &mut kubelets.random, server, call);
            debug_assert!(registered.is_ok(), "{registered:?}");
        }
        kubelets
    }

    /// Starts a node that is not there yet, or the kubelet of one that has been stopped.
    ///
    /// # Errors
    /// The API server refuses the Node object.
    pub fn start_node(
        &mut self,
        config: &NodeConfig,
        server: &mut Server,
        call: &Call,
    ) -> Result<(), Status> {
        let node = self.nodes.register(config, &mut self.random, server, call)?;
        self.nodes.get_mut(node).state = NodeState::Running;
        self.relist(node, server, call);
        Ok(())
    }

    /// Stops, freezes or thaws a node's kubelet.
    ///
    /// # Errors
    /// NotFound when there is no such node.
    pub fn set_node_state(
        &mut self,
        name: &str,
        state: NodeState,
        server: &Server,
        call: &Call,
    ) -> Result<(), Status> {
        let node = self.nodes.find(name).ok_or_else(|| Status::not_found(Kind::Node, name))?;
        self.nodes.get_mut(node).state = state;
        if state == NodeState::Running {
            self.relist(node, server, call);
        }
        Ok(())
    }

    /// Whether a node's kubelet acts; `None` when there is no such node.
    pub fn node_state(&self, name: &str) -> Option<NodeState> {
        self.nodes.find(name).map(|node| self.nodes.get(node).state)
    }

    /// Hears of a change.
    pub fn observe(&mut self, now: Moment, change: &Change, _cache: View<'_>) {
        if change.key.kind != Kind::Pod {
            return;
        }
        match &mut self.engine {
            Engine::Real(real) => real.observe(now, change, &self.nodes),
            Engine::Scripted(scripted) => scripted.observe(now, change, &mut self.nodes),
        }
    }

    /// Does what is due on every node.
    pub fn work(&mut self, now: Moment, informer: Revision, server: &mut Server) {
        match &mut self.engine {
            Engine::Real(real) => real.work(now, informer, server, &mut self.nodes),
            Engine::Scripted(scripted) => scripted.work(now, informer, server, &mut self.nodes),
        }
    }

    /// When the next node wants to be called, if that is news.
    pub fn alarm(&mut self, now: Moment) -> Option<Moment> {
        match &mut self.engine {
            Engine::Real(real) => real.alarm(now),
            Engine::Scripted(scripted) => scripted.alarm(now),
        }
    }

    fn relist(&mut self, node: nodes::NodeIndex, server: &Server, call: &Call) {
        let cache = server.store().latest();
        match &mut self.engine {
            Engine::Real(real) => real.relist(call.now, node, cache, &self.nodes),
            Engine::Scripted(scripted) => scripted.relist(call.now, node, cache, &mut self.nodes),
        }
    }
}
