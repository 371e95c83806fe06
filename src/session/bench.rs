//! The workload of the benchmarks: one Deployment of `pause`, created and rolled.

use std::time::Duration;

use crate::api::core::{Container, PodSpec, PodTemplateSpec};
use crate::api::meta::{LabelSelector, ObjectMeta};
use crate::api::moment::Epoch;
use crate::api::{Deployment, Key, Kind, Kinded, Moment};
use crate::cluster::{Cluster, Config, KubeletMode, NodeConfig};

/// How many Pods a node gets.
const PODS_A_NODE: usize = 20;
/// Long enough for anything to have happened.
const PATIENCE: Duration = Duration::from_secs(24 * 3600);

/// A cluster with one Deployment of N replicas on N/20 nodes, three at least.
pub struct Bench {
    cluster: Cluster,
    replicas: i32,
}

impl Bench {
    /// The cluster with its Deployment created.
    pub fn new(replicas: usize) -> Bench {
        let nodes = (1..=(replicas / PODS_A_NODE).max(3))
            .map(|n| NodeConfig {
                name: format!("node-{n}"),
                capacity: [("cpu", "8"), ("memory", "32Gi"), ("pods", "250")]
                    .map(|(name, amount)| (name.to_string(), amount.to_string()))
                    .into(),
                ..NodeConfig::default()
            })
            .collect();
        let config = Config { epoch: Epoch::default(), seed: 1, nodes, kubelet: KubeletMode::Scripted };
        let mut bench =
            Bench { cluster: Cluster::new(config), replicas: i32::try_from(replicas).unwrap_or(i32::MAX) };
        let deployment = bench.deployment("registry.k8s.io/pause:3.9");
        let created = bench.cluster.act(|server, call| server.create(call, deployment));
        debug_assert!(created.is_ok(), "{created:?}");
        bench
    }

    fn deployment(&self, image: &str) -> Deployment {
        let labels = Some([("app".to_string(), "bench".to_string())].into());
        let container = Container { name: "main".into(), image: Some(image.into()), ..Container::default() };
        let template = PodTemplateSpec {
            metadata: Some(ObjectMeta { labels: labels.clone(), ..ObjectMeta::default() }),
            spec: Some(PodSpec { containers: vec![container], ..PodSpec::default() }),
        };
        let mut deployment = Deployment::default();
        deployment.metadata.name = Some("bench".into());
        deployment.metadata.namespace = Some("default".into());
        let spec = deployment.spec_mut();
        spec.replicas = Some(self.replicas);
        spec.selector = LabelSelector { match_labels: labels, ..LabelSelector::default() };
        spec.template = template;
        deployment
    }

    /// Runs until every replica is of the newest template and available; says when that was.
    pub fn until_ready(&mut self) -> Moment {
        let until = self.cluster.now() + PATIENCE;
        while !self.is_ready() && self.cluster.step(until) {}
        self.cluster.now()
    }

    /// Changes the image and runs until the rolling update is complete; says when that was.
    pub fn roll(&mut self) -> Moment {
        let changed = self.current().map(|current| {
            let mut deployment = Deployment::clone(current);
            for container in
                deployment.spec_mut().template.spec.iter_mut().flat_map(|spec| &mut spec.containers)
            {
                container.image = Some("registry.k8s.io/pause:3.10".into());
            }
            deployment
        });
        if let Some(deployment) = changed {
            let updated = self.cluster.act(|server, call| server.update(call, deployment));
            debug_assert!(updated.is_ok(), "{updated:?}");
        }
        self.until_ready()
    }

    /// How many writes there have been.
    pub fn revisions(&self) -> u64 {
        self.cluster.store().revision()
    }

    fn current(&self) -> Option<&Deployment> {
        let key = Key::new(Kind::Deployment, "default", "bench");
        self.cluster.store().latest().get(&key).and_then(Deployment::unwrap).map(|deployment| &**deployment)
    }

    fn is_ready(&self) -> bool {
        self.current().is_some_and(|deployment| {
            let status = &deployment.status;
            let all = Some(self.replicas);
            status.observed_generation == deployment.metadata.generation
                && status.available_replicas == all
                && status.updated_replicas == all
                && status.replicas == all
        })
    }
}
