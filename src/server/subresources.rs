//! Subresources that are not plain halves of an object: binding, finalize.

use super::{Call, Server};
use crate::api::core::PodCondition;
use crate::api::{Key, Kind, Kinded, Namespace, Node, Object, Pod, Status};

/// Node labels that a Pod gets when it is bound. Models plugin/pkg/admission/podtopologylabels.
const TOPOLOGY_LABELS: &[&str] = &["topology.kubernetes.io/zone", "topology.kubernetes.io/region"];

impl Server {
    /// Binds a Pod to a node. Models pkg/registry/core/pod/storage BindingREST.
    ///
    /// # Errors
    /// NotFound; Conflict when the Pod is being deleted or is bound already.
    pub fn bind(&mut self, call: &Call, pod: &Key, node: &str) -> Result<Object, Status> {
        let old = self.get(pod)?.clone();
        let Some(old) = Pod::unwrap(&old) else {
            return Err(Status::not_found(pod.kind, &pod.name));
        };
        if old.metadata.deletion_timestamp.is_some() {
            let why = format!("pod {} is being deleted, cannot be assigned to a host", pod.name);
            return Err(Status::conflict_because(pod, &why));
        }
        if let Some(bound) = old.spec.node_name.as_deref().filter(|name| !name.is_empty()) {
            let why = format!("pod {} is already assigned to node \"{bound}\"", pod.name);
            return Err(Status::conflict_because(pod, &why));
        }
        let mut new = Pod::clone(old);
        new.spec_mut().node_name = Some(node.into());
        if let Some(node) = self.store.latest().named::<Node>("", node) {
            for label in TOPOLOGY_LABELS {
                if let Some(value) = node.metadata.labels.as_ref().and_then(|labels| labels.get(*label)) {
                    let labels = new.metadata.labels.get_or_insert_default();
                    labels.entry((*label).into()).or_insert_with(|| value.clone());
                }
            }
        }
        let since = self.epoch.time(call.now);
        let conditions = new.status_mut().conditions.get_or_insert_default();
        conditions.retain(|c| c.type_ != "PodScheduled");
        conditions.push(PodCondition {
            type_: "PodScheduled".into(),
            status: "True".into(),
            last_transition_time: Some(since),
            ..Default::default()
        });
        new.status_mut().nominated_node_name = None;
        Ok(self.commit(call, new.into()))
    }

    /// Takes the namespace's own finalizer away; the last one removes it.
    /// Models pkg/registry/core/namespace/storage FinalizeREST.
    ///
    /// # Errors
    /// NotFound.
    pub fn finalize_namespace(&mut self, call: &Call, name: &str) -> Result<(), Status> {
        let key = Key::new(Kind::Namespace, "", name);
        let old = self.get(&key)?.clone();
        let Some(old) = Namespace::unwrap(&old) else { return Ok(()) };
        let mut new = Namespace::clone(old);
        new.spec_mut().finalizers = None;
        match new.metadata.finalizers.as_ref().is_none_or(Vec::is_empty) {
            true => self.remove(call, new.into()),
            false => self.commit(call, new.into()),
        };
        Ok(())
    }
}
