//! The nodes: their objects as a kubelet registers them, and the addresses they give to Pods.
//! Models pkg/kubelet/kubelet_node_status.go and nodestatus/setters.go.

use crate::api::order;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use super::{NodeConfig, NodeImages};
use crate::api::core::{
    DaemonEndpoint, NodeAddress, NodeCondition, NodeDaemonEndpoints, NodeSpec, NodeStatus, NodeSystemInfo,
};
use crate::api::meta::Time;
use crate::api::{Moment, Node, ObjectMeta, Quantity, Status};
use crate::server::{Call, Random, Server};
use crate::sim::Recorder;

/// What a node has of everything that its configuration does not say.
const CAPACITY: &[(&str, &str)] =
    &[("cpu", "4"), ("ephemeral-storage", "100Gi"), ("memory", "16Gi"), ("pods", "110")];
/// The network of the nodes: 10.200.0.0/16, of which node n has host n + 10.
const NODE_NETWORK: u32 = 0x0ac8_0000;
const FIRST_HOST: u32 = 10;
/// The network of the Pods: 10.244.0.0/16 and on, of which node n has the n-th /24.
const POD_NETWORK: u32 = 0x0af4_0000;
/// A node's Pods have the hosts 2 to 254; the first is the bridge.
const POD_HOSTS: std::ops::RangeInclusive<u32> = 2..=254;

/// How often a kubelet looks at its containers, and at its queue of Pods.
/// Models genericPlegRelistPeriod and the sync loop's ticker.
const SECOND: Duration = Duration::from_secs(1);

/// A kubelet's calls of the API server: so many at once, then one an interval. Models kubeAPIBurst, kubeAPIQPS.
const CALL_BURST: u32 = 100;
const CALL_INTERVAL: Duration = Duration::from_millis(20);

/// Of the processor's time that a Pod's start takes, what the node's two cores need: Pods that start together
/// start one after the other.
const START_WORK: Duration = Duration::from_millis(300);

/// Whether a node's kubelet acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeState {
    Running,
    /// It does nothing and renews nothing, but its containers go on.
    Frozen,
    /// It has ended; its containers go on.
    Stopped,
}

/// One node's machine.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    pub name: Arc<str>,
    pub state: NodeState,
    pub address: String,
    pub recorder: Recorder,
    /// What is there before any Pod comes.
    pub images: NodeImages,
    /// What has been pulled since, as Pods say it.
    pub pulled: BTreeSet<String>,
    /// Where in each second the kubelet looks at its containers, and at its queue.
    phases: (Duration, Duration),
    /// Counts from 1; decides the node's addresses.
    number: u32,
    taken: BTreeMap<u32, Arc<str>>,
    last_host: u32,
    /// When the calls made so far would all have been made, one an interval.
    calls: Moment,
    /// When the Pods that start now have had their share of the processor.
    starts: Moment,
}

/// Places a node's machine in [`Nodes`].
pub(super) type NodeIndex = usize;

/// All nodes' machines.
#[derive(Clone, Debug, Default)]
pub(super) struct Nodes {
    machines: Vec<Machine>,
    by_name: BTreeMap<Arc<str>, NodeIndex>,
}

impl Nodes {
    /// The machine with this name.
    pub fn find(&self, name: &str) -> Option<NodeIndex> {
        self.by_name.get(name).copied()
    }

    /// A machine.
    pub fn get(&self, index: NodeIndex) -> &Machine {
        &self.machines[index]
    }

    /// A machine, to be changed.
    pub fn get_mut(&mut self, index: NodeIndex) -> &mut Machine {
        &mut self.machines[index]
    }

    /// Adds a machine and registers its Node object; a Node of this name that is there stays as it is.
    ///
    /// # Errors
    /// The API server refuses the object.
    pub fn register(
        &mut self,
        config: &NodeConfig,
        random: &mut Random,
        server: &mut Server,
        call: &Call,
    ) -> Result<NodeIndex, Status> {
        let number = self.machines.len() as u32 + 1;
        let name = match config.name.is_empty() {
            true => format!("node-{number}"),
            false => config.name.clone(),
        };
        let index = match self.find(&name) {
            Some(index) => index,
            None => self.add(&name, config, number, random),
        };
        let node = node_object(config, &self.machines[index], server.epoch().time(call.now));
        match server.create(call, node) {
            Err(status) if status.reason != crate::api::Reason::AlreadyExists => Err(status),
            _ => Ok(index),
        }
    }

    fn add(&mut self, name: &str, config: &NodeConfig, number: u32, random: &mut Random) -> NodeIndex {
        let name: Arc<str> = name.into();
        let machine = Machine {
            name: name.clone(),
            state: NodeState::Running,
            address: Ipv4Addr::from(NODE_NETWORK + FIRST_HOST + number).to_string(),
            recorder: Recorder::new("kubelet", &name),
            images: config.images.clone(),
            pulled: BTreeSet::new(),
            phases: (SECOND.mul_f64(random.fraction()), SECOND.mul_f64(random.fraction())),
            number,
            taken: BTreeMap::new(),
            last_host: *POD_HOSTS.start() - 1,
            calls: Moment::START,
            starts: Moment::START,
        };
        self.machines.push(machine);
        let index = self.machines.len() - 1;
        self.by_name.insert(name, index);
        index
    }
}

/// The first moment after `now` that lies at this phase of a second.
fn next(now: Moment, phase: Duration) -> Moment {
    let whole = now.saturating_sub(phase).since(Moment::START).as_secs();
    let tick = Moment::START + phase + Duration::from_secs(whole);
    if tick > now { tick } else { tick + SECOND }
}

impl Machine {
    /// When the kubelet next looks at its containers.
    pub fn next_relist(&self, now: Moment) -> Moment {
        next(now, self.phases.0)
    }

    /// When it last did.
    pub fn last_relist(&self, now: Moment) -> Moment {
        next(now, self.phases.0).saturating_sub(SECOND)
    }

    /// When it takes a Pod whose time comes at `due` from its queue.
    pub fn next_loop(&self, due: Moment) -> Moment {
        next(due, self.phases.1)
    }

    /// When so many calls of the API server, asked for now, have their turn. Models client-go's token bucket.
    pub fn call(&mut self, now: Moment, count: u32) -> Moment {
        self.calls = self.calls.max(now) + CALL_INTERVAL * count;
        now.max(self.calls.saturating_sub(CALL_INTERVAL * CALL_BURST))
    }

    /// When the start of a Pod's sandbox has its turn.
    pub fn start_turn(&mut self, now: Moment) -> Moment {
        let turn = self.starts.max(now);
        self.starts = turn + START_WORK;
        turn
    }

    /// Gives a Pod an address: the next free one, going round. Models the host-local IPAM.
    pub fn take_address(&mut self, uid: &Arc<str>) -> String {
        let after = self.last_host + 1..=*POD_HOSTS.end();
        let host = after.chain(POD_HOSTS).find(|host| !self.taken.contains_key(host));
        // A node whose addresses are all taken has more Pods than it may have; they share the last.
        let host = host.unwrap_or(*POD_HOSTS.end());
        self.taken.insert(host, uid.clone());
        self.last_host = host;
        Ipv4Addr::from(POD_NETWORK + (self.number << 8) + host).to_string()
    }

    /// Takes a Pod's address back.
    pub fn free_address(&mut self, address: &str, uid: &str) {
        let Ok(address) = address.parse::<Ipv4Addr>() else { return };
        let host = u32::from(address) & 0xff;
        if self.taken.get(&host).is_some_and(|owner| &**owner == uid) {
            self.taken.remove(&host);
        }
    }
}

fn node_object(config: &NodeConfig, machine: &Machine, now: Time) -> Node {
    let name = machine.name.to_string();
    let labels = [
        ("beta.kubernetes.io/arch", "amd64"),
        ("beta.kubernetes.io/os", "linux"),
        ("kubernetes.io/arch", "amd64"),
        ("kubernetes.io/hostname", &name),
        ("kubernetes.io/os", "linux"),
    ];
    let mut labels = order::map(labels.map(|(key, value)| (key.to_string(), value.to_string())));
    labels.extend(config.labels.clone());
    let annotations = [
        ("node.alpha.kubernetes.io/ttl".to_string(), "0".to_string()),
        ("volumes.kubernetes.io/controller-managed-attach-detach".to_string(), "true".to_string()),
    ];
    let pods = format!("{}/24", Ipv4Addr::from(POD_NETWORK + (machine.number << 8)));
    let spec = NodeSpec {
        pod_cidr: Some(pods.clone()),
        pod_cidrs: Some(vec![pods]),
        taints: Some(config.taints.clone()).filter(|taints| !taints.is_empty()),
        ..NodeSpec::default()
    };
    Node {
        metadata: ObjectMeta {
            name: Some(name),
            labels: Some(labels),
            annotations: Some(order::map(annotations)),
            ..ObjectMeta::default()
        },
        spec: Arc::new(spec),
        status: Arc::new(node_status(config, machine, now)),
    }
}

fn node_status(config: &NodeConfig, machine: &Machine, now: Time) -> NodeStatus {
    let mut resources: BTreeMap<String, Quantity> =
        order::map(CAPACITY.iter().map(|(name, amount)| ((*name).to_string(), Quantity((*amount).into()))));
    for (name, amount) in &config.capacity {
        resources.insert(name.clone(), Quantity(amount.clone()));
    }
    let address = |kind: &str, address: &str| NodeAddress { type_: kind.into(), address: address.into() };
    NodeStatus {
        // What a scenario says a node has is what Pods can have of it: nothing is set aside.
        allocatable: Some(resources.clone()),
        capacity: Some(resources),
        conditions: Some(conditions(now)),
        addresses: Some(vec![address("InternalIP", &machine.address), address("Hostname", &machine.name)]),
        daemon_endpoints: Some(NodeDaemonEndpoints {
            kubelet_endpoint: Some(DaemonEndpoint { port: 10250 }),
        }),
        node_info: Some(NodeSystemInfo {
            architecture: "amd64".into(),
            container_runtime_version: "containerd://1.7.27".into(),
            kernel_version: "6.12.0".into(),
            kubelet_version: "v1.36.2".into(),
            operating_system: "linux".into(),
            os_image: "Debian GNU/Linux 12 (bookworm)".into(),
            ..NodeSystemInfo::default()
        }),
        ..NodeStatus::default()
    }
}

fn conditions(now: Time) -> Vec<NodeCondition> {
    let rows = [
        ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ];
    let condition = |(kind, status, reason, message): (&str, &str, &str, &str)| NodeCondition {
        type_: kind.into(),
        status: status.into(),
        reason: Some(reason.into()),
        message: Some(message.into()),
        last_heartbeat_time: Some(now.clone()),
        last_transition_time: Some(now.clone()),
    };
    rows.map(condition).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seconds at which Pods that ask at the same time have their turn.
    fn check(pods: u32, turn: impl Fn(&mut Machine) -> Moment, expected: &[f64]) {
        let mut nodes = Nodes::default();
        let index = nodes.add("n", &NodeConfig::default(), 1, &mut Random::new(1));
        let turns: Vec<f64> = (0..pods).map(|_| turn(nodes.get_mut(index)).as_secs_f64()).collect();
        assert_eq!(turns[turns.len() - expected.len()..], *expected);
    }

    #[test]
    fn turns_are_taken() {
        check(100, |machine| machine.call(Moment::START, 1), &[0.0, 0.0, 0.0]);
        check(103, |machine| machine.call(Moment::START, 1), &[0.0, 0.02, 0.04, 0.06]);
        check(51, |machine| machine.call(Moment::START, 2), &[0.0, 0.04]);
        check(3, |machine| machine.start_turn(Moment::START), &[0.0, 0.3, 0.6]);
    }
}
