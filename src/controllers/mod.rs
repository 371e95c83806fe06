//! The controller manager: one folder or file a controller.
//!
//! Invariant: a controller imports no other controller, nor the kubelet, nor the runtime; they meet only
//! through objects.

mod deployment;
mod endpointslice;
mod garbagecollector;
mod namespace;
mod replicaset;
mod shared;

use crate::api::Moment;
use crate::server::Server;
use crate::sim::Worker;
use crate::store::{Change, Revision, View};

macro_rules! controllers {
    ($($field:ident: $controller:ty = $name:ident),* $(,)?) => {
        /// Names a controller.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Id { $($name),* }

        impl Id {
            /// Every controller, in the order in which they hear of a change.
            pub const ALL: &'static [Id] = &[$(Id::$name),*];
        }

        /// All controllers with their work queues.
        #[derive(Clone, Debug)]
        pub struct Manager { $($field: Worker<$controller>),* }

        impl Manager {
            /// The manager as it starts.
            pub fn new() -> Manager {
                Manager { $($field: Worker::new(<$controller>::default())),* }
            }

            /// Tells every controller of a change.
            pub fn observe(&mut self, now: Moment, change: &Change, cache: View<'_>) {
                $(self.$field.observe(now, change, cache);)*
            }

            /// Lets one controller reconcile what is due.
            pub fn work(&mut self, id: Id, now: Moment, informer: Revision, server: &mut Server) {
                match id { $(Id::$name => self.$field.work(now, informer, server)),* }
            }

            /// When a controller wants to be called, if that is news.
            pub fn alarm(&mut self, id: Id, now: Moment) -> Option<Moment> {
                match id { $(Id::$name => self.$field.alarm(now)),* }
            }
        }
    };
}

controllers! {
    deployment: deployment::DeploymentController = Deployment,
    endpoint_slice: endpointslice::EndpointSliceController = EndpointSlice,
    garbage_collector: garbagecollector::GarbageCollector = GarbageCollector,
    namespace: namespace::NamespaceController = Namespace,
    replica_set: replicaset::ReplicaSetController = ReplicaSet,
}

impl Default for Manager {
    fn default() -> Self {
        Manager::new()
    }
}
