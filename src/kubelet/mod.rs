//! The kubelets of all nodes, and the containers they run.

use crate::api::Moment;
use crate::api::core::Taint;
use crate::api::labels::Labels;
use crate::server::{Call, Server};
use crate::store::{Change, Revision, View};

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
    pub name: String,
    pub labels: Labels,
    pub taints: Vec<Taint>,
    /// cpu, memory, pods …, as quantities.
    pub capacity: std::collections::BTreeMap<String, String>,
}

/// Every node's kubelet.
#[derive(Clone, Debug)]
pub struct Kubelets {}

impl Kubelets {
    /// Registers the nodes.
    pub fn new(_mode: KubeletMode, _nodes: Vec<NodeConfig>, _server: &mut Server, _call: &Call) -> Kubelets {
        Kubelets {}
    }

    /// Hears of a change.
    pub fn observe(&mut self, _now: Moment, _change: &Change, _cache: View<'_>) {}

    /// Does what is due on every node.
    pub fn work(&mut self, _now: Moment, _informer: Revision, _server: &mut Server) {}

    /// When the next node wants to be called, if that is news.
    pub fn alarm(&mut self, _now: Moment) -> Option<Moment> {
        None
    }
}
