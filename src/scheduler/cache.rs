//! What the scheduler knows of the nodes. Models pkg/scheduler/backend/cache.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::api::conditions::is_pod_terminal;
use crate::api::labels::Selector;
use crate::api::resources::{Resources, pod_requests, pod_scoring_requests};
use crate::api::{Key, Kinded, Node, Pod};

/// A Pod with what is read off its spec once.
#[derive(Clone, Debug)]
pub struct PodInfo {
    pub pod: Arc<Pod>,
    pub requests: Resources,
    /// (thousandths of a CPU, bytes): as counted for scores.
    pub scoring: (i64, i64),
    /// (address, protocol, port) of every host port.
    pub host_ports: Vec<(String, String, i32)>,
}

impl PodInfo {
    pub fn new(pod: Arc<Pod>) -> PodInfo {
        let requests = pod_requests(&pod.spec);
        let scoring = pod_scoring_requests(&pod.spec);
        let ports = pod.spec.containers.iter().flat_map(|c| c.ports.iter().flatten());
        let host_ports = ports
            .filter_map(|port| {
                let number = port.host_port.filter(|number| *number > 0)?;
                let address = port.host_ip.clone().unwrap_or_else(|| "0.0.0.0".into());
                Some((address, port.protocol.clone().unwrap_or_else(|| "TCP".into()), number))
            })
            .collect();
        PodInfo { pod, requests, scoring, host_ports }
    }
}

/// A node with the Pods on it.
#[derive(Clone, Debug)]
pub struct NodeInfo {
    /// `None` when Pods are known of a node that is not.
    pub node: Option<Arc<Node>>,
    pub allocatable: Resources,
    /// How many Pods may run here.
    pub allowed_pods: i64,
    pub requested: Resources,
    pub scoring: (i64, i64),
    pub pods: BTreeMap<Key, PodInfo>,
    /// Which of the zones it is in, as an index; `None` without a zone label.
    pub zone: Option<usize>,
}

/// All nodes, and how Pods are spread over them.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    nodes: Vec<NodeInfo>,
    by_name: BTreeMap<String, usize>,
    /// Indexes of the nodes that exist, in the order in which zones take turns.
    order: Vec<usize>,
    zones: Vec<String>,
    on_node: BTreeMap<Key, usize>,
    spreads: BTreeMap<(String, Selector), Vec<u32>>,
}

/// How many spreads are kept counted.
const SPREADS_KEPT: usize = 256;
const ZONE: &str = "topology.kubernetes.io/zone";

impl Cache {
    /// The nodes that exist, in the order in which the scheduler tries them.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = (usize, &NodeInfo)> {
        self.order.iter().map(|index| (*index, &self.nodes[*index]))
    }

    pub fn node(&self, index: usize) -> &NodeInfo {
        &self.nodes[index]
    }

    /// How many zones the nodes have ever been in.
    pub fn zones(&self) -> usize {
        self.zones.len()
    }

    pub fn set_node(&mut self, node: &Arc<Node>) {
        let name = node.metadata.name.clone().unwrap_or_default();
        let index = self.index(&name);
        let zone = node.metadata.labels.as_ref().and_then(|labels| labels.get(ZONE)).map(|zone| {
            self.zones.iter().position(|known| known == zone).unwrap_or_else(|| {
                self.zones.push(zone.clone());
                self.zones.len() - 1
            })
        });
        let info = &mut self.nodes[index];
        let mut allocatable = Resources::of(&node.status.allocatable);
        info.allowed_pods = allocatable.scalar.remove("pods").unwrap_or(0);
        info.allocatable = allocatable;
        let reorder = info.node.is_none() || info.zone != zone;
        info.zone = zone;
        info.node = Some(node.clone());
        if reorder {
            self.reorder();
        }
    }

    pub fn remove_node(&mut self, name: &str) {
        if let Some(index) = self.by_name.get(name) {
            self.nodes[*index].node = None;
            self.reorder();
        }
    }

    /// Records a Pod that is bound; one that has ended takes nothing any more.
    pub fn set_pod(&mut self, pod: &Arc<Pod>) {
        let key = pod.key();
        let ended = is_pod_terminal(&pod.status);
        let node = pod.spec.node_name.as_deref().unwrap_or_default();
        if ended || node.is_empty() {
            return self.remove_pod(&key);
        }
        let index = self.index(node);
        if self.on_node.get(&key) == Some(&index)
            && let Some(known) = self.nodes[index].pods.get_mut(&key)
            && known.pod.metadata.uid == pod.metadata.uid
            && known.pod.metadata.labels == pod.metadata.labels
            && known.pod.metadata.deletion_timestamp.is_some() == pod.metadata.deletion_timestamp.is_some()
            && (Arc::ptr_eq(&known.pod.spec, &pod.spec) || known.pod.spec.containers == pod.spec.containers)
        {
            known.pod = pod.clone();
            return;
        }
        self.remove_pod(&key);
        let info = PodInfo::new(pod.clone());
        self.count(&info, index, 1);
        let node = &mut self.nodes[index];
        node.requested.add(&info.requests);
        node.scoring.0 += info.scoring.0;
        node.scoring.1 += info.scoring.1;
        node.pods.insert(key.clone(), info);
        self.on_node.insert(key, index);
    }

    pub fn remove_pod(&mut self, key: &Key) {
        let Some(index) = self.on_node.remove(key) else { return };
        let node = &mut self.nodes[index];
        if let Some(info) = node.pods.remove(key) {
            node.requested.subtract(&info.requests);
            node.scoring.0 -= info.scoring.0;
            node.scoring.1 -= info.scoring.1;
            self.count(&info, index, -1);
        }
    }

    /// How many Pods of a namespace, not on their way out, match on each node, by node index.
    pub fn spread(&mut self, namespace: &str, selector: &Selector) -> &[u32] {
        let key = (namespace.to_string(), selector.clone());
        if self.spreads.len() >= SPREADS_KEPT && !self.spreads.contains_key(&key) {
            self.spreads.clear();
        }
        let nodes = &self.nodes;
        self.spreads.entry(key).or_insert_with_key(|key| {
            let count = |node: &NodeInfo| node.pods.values().filter(|info| counts(info, key)).count();
            nodes.iter().map(|node| count(node) as u32).collect()
        })
    }

    fn count(&mut self, info: &PodInfo, index: usize, by: i32) {
        for (key, counted) in &mut self.spreads {
            if counts(info, key) {
                counted.resize(counted.len().max(index + 1), 0);
                counted[index] = counted[index].saturating_add_signed(by);
            }
        }
    }

    fn index(&mut self, name: &str) -> usize {
        if let Some(index) = self.by_name.get(name) {
            return *index;
        }
        self.nodes.push(NodeInfo {
            node: None,
            allocatable: Resources::default(),
            allowed_pods: 0,
            requested: Resources::default(),
            scoring: (0, 0),
            pods: BTreeMap::new(),
            zone: None,
        });
        for counted in self.spreads.values_mut() {
            counted.push(0);
        }
        self.by_name.insert(name.into(), self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    /// Models nodeTree: zones take turns, so that a partial search sees all of them.
    fn reorder(&mut self) {
        let mut zones: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
        for index in self.by_name.values() {
            let info = &self.nodes[*index];
            if info.node.is_some() {
                zones.entry(info.zone).or_default().push(*index);
            }
        }
        let longest = zones.values().map(Vec::len).max().unwrap_or(0);
        let turns = (0..longest).flat_map(|turn| zones.values().filter_map(move |zone| zone.get(turn)));
        self.order = turns.copied().collect();
    }
}

/// Models countPodsMatchSelector.
fn counts(info: &PodInfo, (namespace, selector): &(String, Selector)) -> bool {
    let meta = &info.pod.metadata;
    meta.deletion_timestamp.is_none()
        && meta.namespace.as_ref() == Some(namespace)
        && !selector.is_empty()
        && selector.matches(meta.labels.as_ref())
}
