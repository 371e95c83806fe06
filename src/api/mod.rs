//! What objects are: types, names, defaults, predicates, and the only way in and out of them.
//!
//! Invariants: nothing here knows time passing, the store, or who asks; nothing here panics on input.

pub mod codec;
pub mod conditions;
pub mod defaults;
pub mod intstr;
pub mod kind;
pub mod labels;
pub mod moment;
pub mod node_affinity;
pub mod object;
pub mod order;
pub mod owner;
pub mod patch;
pub mod quantity;
pub mod resources;
pub mod schema;
pub mod status;
pub mod taints;
pub mod validate;
pub mod yaml;

pub use kind::{Key, Kind, Scope};
pub use moment::Moment;
pub use object::{Kinded, Object, Resource};
pub use status::{Reason, Status};

pub use k8s_openapi::api::apps::v1 as apps;
pub use k8s_openapi::api::core::v1 as core;
pub use k8s_openapi::api::discovery::v1 as discovery;
pub use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
pub use k8s_openapi::apimachinery::pkg::apis::meta::v1 as meta;
pub use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
pub use meta::{ObjectMeta, Time};

/// A Namespace: metadata, `NamespaceSpec`, `NamespaceStatus`.
pub type Namespace = Resource<core::NamespaceSpec, core::NamespaceStatus>;
/// A Node.
pub type Node = Resource<core::NodeSpec, core::NodeStatus>;
/// A Pod.
pub type Pod = Resource<core::PodSpec, core::PodStatus>;
/// A ReplicaSet.
pub type ReplicaSet = Resource<apps::ReplicaSetSpec, apps::ReplicaSetStatus>;
/// A Deployment.
pub type Deployment = Resource<apps::DeploymentSpec, apps::DeploymentStatus>;
/// A Service.
pub type Service = Resource<core::ServiceSpec, core::ServiceStatus>;
/// An EndpointSlice.
pub type EndpointSlice = discovery::EndpointSlice;
/// An Event (core/v1; events.k8s.io/v1 is the same object by another name).
pub type Event = core::Event;
