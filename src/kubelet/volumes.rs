//! What a container finds in its environment and its volumes.
//! Models pkg/kubelet/kubelet_pods.go (makeEnvironmentVariables, makeMounts) and the volume plugins.

use std::collections::BTreeMap;

use super::worker::{Host, Worker};
use crate::api::Pod;
use crate::api::core::{Container, ObjectFieldSelector, Volume};
use crate::runtime::{Access, FileSystem, Mount, Node};

/// A container's environment, references to other variables resolved.
pub(super) fn environment(pod: &Pod, spec: &Container, address: &str, host: &str) -> Vec<(String, String)> {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut list = vec![
        ("KUBERNETES_SERVICE_HOST".to_string(), "10.96.0.1".to_string()),
        ("KUBERNETES_SERVICE_PORT".to_string(), "443".to_string()),
    ];
    for variable in spec.env.iter().flatten() {
        let field = variable.value_from.as_ref().and_then(|from| from.field_ref.as_ref());
        let value = match (&variable.value, field) {
            (_, Some(field)) => field_value(pod, field, address, host),
            (Some(text), None) => expand(text, &known),
            (None, None) => String::new(),
        };
        known.insert(variable.name.clone(), value.clone());
        list.push((variable.name.clone(), value));
    }
    list
}

/// Where a container sees which volumes.
pub(super) fn mounts(pod: &Pod, spec: &Container) -> Vec<Mount> {
    let exists = |name: &str| pod.spec.volumes.iter().flatten().any(|volume| volume.name == name);
    let mounts = spec.volume_mounts.iter().flatten().filter(|mount| exists(&mount.name));
    let mounts = mounts.map(|mount| Mount {
        path: mount.mount_path.clone(),
        volume: mount.name.clone(),
        sub_path: mount.sub_path.clone().filter(|path| !path.is_empty()),
        access: if mount.read_only == Some(true) { Access::ReadOnly } else { Access::ReadWrite },
    });
    mounts.collect()
}

impl Worker {
    /// Fills the Pod's volumes.
    pub fn prepare_volumes(&mut self, host: &mut Host<'_>) {
        let address = self.runtime.sandbox.as_ref().map(|s| s.address.clone()).unwrap_or_default();
        let node = host.nodes.get(self.node).address.clone();
        for volume in self.pod.spec.volumes.iter().flatten() {
            let files = || fill(&self.pod, volume, &address, &node);
            self.runtime.volumes.0.entry(volume.name.clone()).or_insert_with(files);
        }
    }
}

fn fill(pod: &Pod, volume: &Volume, address: &str, host: &str) -> FileSystem {
    let mut files = FileSystem::volume(0o777, 0, 0);
    let items = |items: &Option<Vec<crate::api::core::DownwardAPIVolumeFile>>, files: &mut FileSystem| {
        for item in items.iter().flatten() {
            let value = item.field_ref.as_ref().map(|field| field_value(pod, field, address, host));
            files.put(&format!("/{}", item.path), Node::file(value.unwrap_or_default()));
        }
    };
    if let Some(downward) = &volume.downward_api {
        items(&downward.items, &mut files);
    }
    for source in volume.projected.iter().flat_map(|projected| projected.sources.iter().flatten()) {
        if let Some(downward) = &source.downward_api {
            items(&downward.items, &mut files);
        }
        if let Some(token) = &source.service_account_token {
            files.put(&format!("/{}", token.path), Node::file("token".to_string()));
        }
    }
    files
}

/// Models fieldpath.ExtractFieldPathAsString and the kubelet's own fields.
fn field_value(pod: &Pod, field: &ObjectFieldSelector, address: &str, host: &str) -> String {
    let meta = &pod.metadata;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let entry = |map: &Option<BTreeMap<String, String>>, prefix: &str| {
        let key = field.field_path.strip_prefix(prefix).and_then(|rest| rest.strip_suffix("']"));
        key.and_then(|key| map.as_ref()?.get(key).cloned())
    };
    let all = |map: &Option<BTreeMap<String, String>>| {
        let lines = map.iter().flatten().map(|(key, value)| format!("{key}={value:?}"));
        lines.collect::<Vec<_>>().join("\n")
    };
    match field.field_path.as_str() {
        "metadata.name" => text(&meta.name),
        "metadata.namespace" => text(&meta.namespace),
        "metadata.uid" => text(&meta.uid),
        "metadata.labels" => all(&meta.labels),
        "metadata.annotations" => all(&meta.annotations),
        "spec.nodeName" => text(&pod.spec.node_name),
        "spec.serviceAccountName" => text(&pod.spec.service_account_name),
        "status.hostIP" | "status.hostIPs" => host.into(),
        "status.podIP" | "status.podIPs" => address.into(),
        _ => entry(&meta.labels, "metadata.labels['")
            .or_else(|| entry(&meta.annotations, "metadata.annotations['"))
            .unwrap_or_default(),
    }
}

/// Replaces `$(NAME)` by what is known; `$$` is a dollar. Models third_party/forked/golang/expansion.
fn expand(text: &str, known: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some((name, after)) = rest.strip_prefix('(').and_then(|r| r.split_once(')')) {
            match known.get(name) {
                Some(value) => out.push_str(value),
                None => out.push_str(&format!("$({name})")),
            }
            rest = after;
        } else {
            out.push('$');
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_refer_to_earlier_ones() {
        let known = [("A".to_string(), "1".to_string())].into_iter().collect();
        let check = |text: &str, expected: &str| assert_eq!(expand(text, &known), expected);
        check("x$(A)y", "x1y");
        check("$$(A)", "$(A)");
        check("$(B) $A $", "$(B) $A $");
    }
}
