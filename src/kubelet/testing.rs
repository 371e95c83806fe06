//! A cluster of one node to watch a Pod in: what every write leaves, a line a version.

use crate::api::core::{ContainerState, ContainerStatus};
use crate::api::moment::Epoch;
use crate::api::{Key, Kind, Moment, Pod, codec};
use crate::cluster::{Cluster, Config, KubeletMode, NodeConfig};
use crate::server::DeleteOptions;

/// What happens to the Pod, and when, in milliseconds from its creation and binding.
pub(super) enum Act {
    Delete { at: u64, grace: Option<i64> },
}

/// Creates the Pod, binds it at once and tells its versions until the time, in milliseconds:
/// `seconds phase CONDITIONS container…`; conditions that are True are upper case.
pub(super) fn watch(mode: KubeletMode, manifest: &str, acts: &[Act], until: u64) -> Vec<String> {
    let cluster = run(mode, manifest, acts, until);
    cluster
        .store()
        .changes_since(0)
        .filter(|change| change.key.kind == Kind::Pod)
        .map(|change| {
            let time = change.time.as_secs_f64();
            match change.after.as_ref().and_then(|object| object.as_kind::<Pod>()) {
                Some(pod) => format!("{time:.1} {}", show(pod)),
                None => format!("{time:.1} gone"),
            }
        })
        .collect()
}

/// The Events about the Pod until then: `seconds reason: message`.
pub(super) fn events(mode: KubeletMode, manifest: &str, acts: &[Act], until: u64) -> Vec<String> {
    let cluster = run(mode, manifest, acts, until);
    let changes = cluster.store().changes_since(0);
    let told = changes.filter_map(|change| {
        let event = change.after.as_ref()?.as_kind::<crate::api::Event>()?;
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Some(format!("{:.1} {}: {}", change.time.as_secs_f64(), text(&event.reason), text(&event.message)))
    });
    told.collect()
}

fn run(mode: KubeletMode, manifest: &str, acts: &[Act], until: u64) -> Cluster {
    let nodes = vec![NodeConfig::default()];
    let mut cluster = Cluster::new(Config { epoch: Epoch::default(), seed: 1, nodes, kubelet: mode });
    let value = serde_yaml::from_str(manifest).expect("the manifest is YAML");
    let pod = codec::decode(Kind::Pod, value).expect("the manifest is a Pod");
    let pod = cluster.act(|server, call| server.create(call, pod)).expect("the Pod is accepted");
    let key = pod.key();
    cluster.act(|server, call| server.bind(call, &key, "node-1")).expect("the Pod can be bound");
    for act in acts {
        perform(&mut cluster, &key, act);
    }
    cluster.run_until(Moment::from_micros(until * 1000));
    cluster
}

fn perform(cluster: &mut Cluster, key: &Key, act: &Act) {
    let Act::Delete { at, grace } = act;
    cluster.run_until(Moment::from_micros(at * 1000));
    let options = DeleteOptions { grace_period_seconds: *grace, ..DeleteOptions::default() };
    cluster.act(|server, call| server.delete(call, key, &options)).expect("the Pod can be deleted");
}

fn show(pod: &Pod) -> String {
    let status = &pod.status;
    let mut parts = vec![status.phase.clone().unwrap_or_default()];
    let short = |kind: &str| kind.chars().filter(char::is_ascii_uppercase).collect::<String>();
    let conditions = status.conditions.iter().flatten().map(|c| match c.status.as_str() {
        "True" => short(&c.type_),
        _ => short(&c.type_).to_lowercase(),
    });
    parts.push(conditions.collect::<Vec<_>>().join(","));
    let containers = status.init_container_statuses.iter().chain(&status.container_statuses).flatten();
    parts.extend(containers.map(show_container));
    if let Some(grace) = pod.metadata.deletion_grace_period_seconds {
        parts.push(format!("deleting:{grace}"));
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}

fn show_container(container: &ContainerStatus) -> String {
    let state = match container.state.as_ref() {
        Some(ContainerState { waiting: Some(waiting), .. }) => waiting.reason.clone().unwrap_or_default(),
        Some(ContainerState { terminated: Some(ended), .. }) => {
            format!("{}:{}", ended.reason.as_deref().unwrap_or_default(), ended.exit_code)
        }
        Some(ContainerState { running: Some(_), .. }) => "running".into(),
        _ => "none".into(),
    };
    let restarts = match container.restart_count {
        0 => String::new(),
        restarts => format!("x{restarts}"),
    };
    let ready = if container.ready { "+" } else { "" };
    format!("{}={state}{restarts}{ready}", container.name)
}
