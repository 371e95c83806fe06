//! What a Pod asks for and what a node has. Models component-helpers/resource and
//! pkg/scheduler/framework/types.go Resource.

use std::collections::BTreeMap;

use super::Quantity;
use super::core::{Container, PodSpec};
use super::quantity::amount;

/// Amounts of resources, in the units in which the scheduler counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    /// Thousandths of a CPU.
    pub milli_cpu: i64,
    /// Bytes.
    pub memory: i64,
    /// Bytes.
    pub ephemeral_storage: i64,
    /// Every other resource, in its own unit.
    pub scalar: BTreeMap<String, i64>,
}

/// What a container without requests is counted as when nodes are scored.
/// Models pkg/scheduler/util/pod_resources.go.
const DEFAULT_MILLI_CPU: i64 = 100;
const DEFAULT_MEMORY: i64 = 200 * 1024 * 1024;

type List = Option<BTreeMap<String, Quantity>>;

impl Resources {
    /// The amounts of a resource list.
    pub fn of(list: &List) -> Resources {
        let mut all = Resources::default();
        for (name, quantity) in list.iter().flatten() {
            let value = amount(quantity);
            match name.as_str() {
                "cpu" => all.milli_cpu = value.milli(),
                "memory" => all.memory = value.units(),
                "ephemeral-storage" => all.ephemeral_storage = value.units(),
                _ => drop(all.scalar.insert(name.clone(), value.units())),
            }
        }
        all
    }

    /// Adds other amounts.
    pub fn add(&mut self, other: &Resources) {
        self.combine(other, i64::saturating_add);
    }

    /// Takes other amounts away.
    pub fn subtract(&mut self, other: &Resources) {
        self.combine(other, i64::saturating_sub);
    }

    /// Raises each amount to the other's where that is greater.
    pub fn raise(&mut self, other: &Resources) {
        self.combine(other, i64::max);
    }

    fn combine(&mut self, other: &Resources, with: fn(i64, i64) -> i64) {
        self.milli_cpu = with(self.milli_cpu, other.milli_cpu);
        self.memory = with(self.memory, other.memory);
        self.ephemeral_storage = with(self.ephemeral_storage, other.ephemeral_storage);
        for (name, amount) in &other.scalar {
            let mine = self.scalar.entry(name.clone()).or_insert(0);
            *mine = with(*mine, *amount);
        }
    }
}

/// What a Pod requests of its node. Models resource.PodRequests.
pub fn pod_requests(spec: &PodSpec) -> Resources {
    aggregate(spec, |container| {
        Resources::of(&container.resources.as_ref().and_then(|resources| resources.requests.clone()))
    })
}

/// What a Pod is counted as when nodes are scored: (thousandths of a CPU, bytes of memory).
/// Models calculatePodResourceRequest with NonMissingContainerRequests.
pub fn pod_scoring_requests(spec: &PodSpec) -> (i64, i64) {
    let all = aggregate(spec, |container| {
        let requests = container.resources.as_ref().and_then(|resources| resources.requests.as_ref());
        let named = |name: &str| requests.and_then(|requests| requests.get(name)).map(amount);
        Resources {
            milli_cpu: named("cpu").map_or(DEFAULT_MILLI_CPU, |value| value.milli()),
            memory: named("memory").map_or(DEFAULT_MEMORY, |value| value.units()),
            ..Resources::default()
        }
    });
    (all.milli_cpu, all.memory)
}

/// Containers side by side, init containers one after another beside the sidecars started before them.
fn aggregate(spec: &PodSpec, of: impl Fn(&Container) -> Resources) -> Resources {
    let mut running = Resources::default();
    let mut sidecars = Resources::default();
    let mut starting = Resources::default();
    for container in &spec.containers {
        running.add(&of(container));
    }
    for container in spec.init_containers.iter().flatten() {
        let mut requests = of(container);
        if container.restart_policy.as_deref() == Some("Always") {
            running.add(&requests);
            sidecars.add(&requests);
            requests = sidecars.clone();
        } else {
            requests.add(&sidecars);
        }
        starting.raise(&requests);
    }
    running.raise(&starting);
    running.add(&Resources::of(&spec.overhead));
    running
}
