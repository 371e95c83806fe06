//! What the API server refuses: faults of new objects, forbidden changes, and warnings.
//!
//! Objects come with their defaults applied. Faults are in upstream's order and words; of maps, which Go
//! walks at random, in the order of their keys. Nothing is allocated for an object without faults but
//! small sets of names. One limit: an absent and an empty label selector of a workload are the same here,
//! `selector: {}` is told to be missing.

mod claim;
mod container;
mod deployment;
mod diff;
mod env;
pub mod field;
mod internal;
mod ip;
mod metadata;
mod names;
mod paths;
mod pod;
mod pod_update;
mod probe;
mod replicaset;
mod resources;
mod scheduling;
mod security;
mod service;
mod small;
mod volume;
mod warnings;
mod workload;

use super::{Object, Status};
use field::Faults;

pub use names::{
    is_config_map_key, is_dns1035_label, is_dns1123_label, is_dns1123_subdomain, is_label_value,
    is_qualified_name,
};

/// Checks a new object.
///
/// # Errors
/// `Invalid`, with each fault.
pub fn create(object: &Object) -> Result<(), Status> {
    let mut faults = Faults::default();
    match object {
        Object::Namespace(namespace) => small::namespace(namespace, &mut faults),
        Object::Node(node) => small::node(node, &mut faults),
        Object::Pod(pod) => pod::create(pod, &mut faults),
        Object::ReplicaSet(set) => replicaset::create(set, &mut faults),
        Object::Deployment(deployment) => deployment::create(deployment, &mut faults),
        Object::Service(service) => service::create(service, &mut faults),
        Object::EndpointSlice(slice) => small::endpoint_slice(slice, &mut faults),
        Object::Event(event) => small::event(event, &mut faults),
    }
    told(object, faults)
}

/// Checks a changed object, and that what changed may change.
///
/// # Errors
/// `Invalid`, with each fault.
pub fn update(new: &Object, old: &Object) -> Result<(), Status> {
    let mut faults = Faults::default();
    match (new, old) {
        (Object::Namespace(new), Object::Namespace(old)) => small::namespace_update(new, old, &mut faults),
        (Object::Node(new), Object::Node(old)) => small::node_update(new, old, &mut faults),
        (Object::Pod(new), Object::Pod(old)) => pod_update::update(new, old, &mut faults),
        (Object::ReplicaSet(new), Object::ReplicaSet(old)) => replicaset::update(new, old, &mut faults),
        (Object::Deployment(new), Object::Deployment(old)) => deployment::update(new, old, &mut faults),
        (Object::Service(new), Object::Service(old)) => service::update(new, old, &mut faults),
        (Object::EndpointSlice(new), Object::EndpointSlice(old)) => {
            small::endpoint_slice_update(new, old, &mut faults);
        }
        (Object::Event(new), Object::Event(_)) => small::event(new, &mut faults),
        // Objects of two kinds are not one object.
        _ => {}
    }
    told(new, faults)
}

fn told(object: &Object, faults: Faults) -> Result<(), Status> {
    match faults.into_causes() {
        causes if causes.is_empty() => Ok(()),
        causes => Err(Status::invalid(object.kind(), object.name(), causes)),
    }
}

/// What the API server warns about when it accepts the object. Models the strategies' WarningsOnCreate.
pub fn warnings(object: &Object) -> Vec<String> {
    const PODS: &str = "Pod names and hostnames";
    let mut list = Vec::new();
    match object {
        Object::Pod(pod) => {
            warnings::name(&pod.metadata, "the Pod's hostname", &mut list);
            warnings::pod(&pod.metadata, &pod.spec, &mut list);
        }
        Object::ReplicaSet(set) => {
            warnings::name(&set.metadata, PODS, &mut list);
            set.spec.template.iter().for_each(|template| warnings::template(template, &mut list));
        }
        Object::Deployment(deployment) => {
            warnings::name(&deployment.metadata, PODS, &mut list);
            warnings::template(&deployment.spec.template, &mut list);
        }
        Object::Service(service) => warnings::service(service, &mut list),
        Object::Namespace(_) | Object::Node(_) | Object::EndpointSlice(_) | Object::Event(_) => {}
    }
    list
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
