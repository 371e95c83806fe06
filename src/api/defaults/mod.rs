//! The API server's defaults, as an object shows them when it is read back.
//!
//! Three steps, as upstream: [`apply`] after decoding (every write), then admission may change the object,
//! then [`prepare_create`] or [`prepare_update`] settles what a client may not set, then validation.
//! Applying twice is the same as applying once. Defaults that need the cluster (tokens, tolerations,
//! priorities, addresses) belong to admission and allocation.
//!
//! Go writes no empty strings, lists and maps and no false or zero in plain fields, so these go too.

mod container;
mod pod;
mod qos;
mod resources;
mod service;
mod small;
mod strategy;
mod volume;
mod workload;
mod zero;

use std::sync::Arc;

use super::{Object, ObjectMeta};
use zero::drop_zero;

pub use pod::spec as pod_spec;
pub use qos::qos_class;
pub(super) use qos::{aggregate, is_huge_page, is_pod_level};
pub use strategy::{prepare_create, prepare_update};

/// Fills in what the object leaves out. Models pkg/apis/*/v1/defaults.go and what encoding drops.
pub fn apply(object: &mut Object) {
    match object {
        Object::Namespace(namespace) => small::namespace(Arc::make_mut(namespace)),
        Object::Node(node) => small::node(Arc::make_mut(node)),
        Object::Pod(pod) => pod::pod(Arc::make_mut(pod)),
        Object::ReplicaSet(set) => workload::replica_set(Arc::make_mut(set)),
        Object::Deployment(deployment) => workload::deployment(Arc::make_mut(deployment)),
        Object::Service(service) => service::service(Arc::make_mut(service)),
        Object::EndpointSlice(slice) => small::endpoint_slice(Arc::make_mut(slice)),
        Object::Event(event) => small::event(Arc::make_mut(event)),
    }
}

/// Metadata as Go writes it.
fn metadata(meta: &mut ObjectMeta) {
    drop_zero(&mut meta.annotations);
    drop_zero(&mut meta.finalizers);
    drop_zero(&mut meta.generate_name);
    drop_zero(&mut meta.labels);
    drop_zero(&mut meta.name);
    drop_zero(&mut meta.namespace);
    drop_zero(&mut meta.owner_references);
}

#[cfg(test)]
mod tests;
