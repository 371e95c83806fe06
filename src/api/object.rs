//! Objects: typed structs behind `Arc`, one enum over all kinds.

use std::sync::Arc;

use super::{
    Deployment, EndpointSlice, Event, Key, Kind, Namespace, Node, ObjectMeta, Pod, ReplicaSet, Service,
};

/// An object with a desired and an observed state. Both are shared: a status write does not copy the
/// spec, and Pods of one template share what they do not change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resource<Spec, Status> {
    pub metadata: ObjectMeta,
    pub spec: Arc<Spec>,
    pub status: Arc<Status>,
}

impl<Spec: Clone, Status: Clone> Resource<Spec, Status> {
    /// The spec, to be changed; copied first if it is shared.
    pub fn spec_mut(&mut self) -> &mut Spec {
        Arc::make_mut(&mut self.spec)
    }

    /// The status, to be changed; copied first if it is shared.
    pub fn status_mut(&mut self) -> &mut Status {
        Arc::make_mut(&mut self.status)
    }
}

/// The halves of an object that are written apart.
trait Halves {
    fn keep_spec(&mut self, old: &Self);
    fn same_spec(&self, old: &Self) -> bool;
    fn same_status(&self, old: &Self) -> bool;
}

impl<Spec: PartialEq, Status: PartialEq> Halves for Resource<Spec, Status> {
    fn keep_spec(&mut self, old: &Self) {
        self.spec = old.spec.clone();
    }
    fn same_spec(&self, old: &Self) -> bool {
        Arc::ptr_eq(&self.spec, &old.spec) || self.spec == old.spec
    }
    fn same_status(&self, old: &Self) -> bool {
        Arc::ptr_eq(&self.status, &old.status) || self.status == old.status
    }
}

/// Kinds without a status: all but the metadata counts as spec.
macro_rules! whole {
    ($($kind:ident { $($field:ident),* })*) => { $(impl Halves for $kind {
        fn keep_spec(&mut self, old: &Self) {
            $(self.$field = old.$field.clone();)*
        }
        fn same_spec(&self, old: &Self) -> bool {
            $(self.$field == old.$field)&&*
        }
        fn same_status(&self, _old: &Self) -> bool {
            true
        }
    })* };
}

whole! {
    EndpointSlice { address_type, endpoints, ports }
    Event {
        action, count, event_time, first_timestamp, involved_object, last_timestamp, message, reason,
        related, reporting_component, reporting_instance, series, source, type_
    }
}

/// A type that is one kind of [`Object`].
pub trait Kinded: Clone + Sized {
    const KIND: Kind;
    fn meta(&self) -> &ObjectMeta;
    fn meta_mut(&mut self) -> &mut ObjectMeta;
    /// The object of any kind that holds this one.
    fn wrap(object: Arc<Self>) -> Object;
    /// This kind out of an object of any kind.
    fn unwrap(object: &Object) -> Option<&Arc<Self>>;

    /// Names this object.
    fn key(&self) -> Key {
        let meta = self.meta();
        Key::new(
            Self::KIND,
            meta.namespace.as_deref().unwrap_or_default(),
            meta.name.as_deref().unwrap_or_default(),
        )
    }
}

macro_rules! objects {
    ($($kind:ident),*) => {
        /// An object of any kind. Cloning shares.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Object { $($kind(Arc<$kind>)),* }

        impl Object {
            /// The kind.
            pub fn kind(&self) -> Kind {
                match self { $(Object::$kind(_) => Kind::$kind),* }
            }

            /// The metadata.
            pub fn meta(&self) -> &ObjectMeta {
                match self { $(Object::$kind(object) => &object.metadata),* }
            }

            /// The metadata, to be changed; the object is copied first if it is shared.
            pub fn meta_mut(&mut self) -> &mut ObjectMeta {
                match self { $(Object::$kind(object) => &mut Arc::make_mut(object).metadata),* }
            }

            /// Takes the spec from `old`, which must be of the same kind.
            pub(crate) fn keep_spec(&mut self, old: &Object) {
                match (self, old) {
                    $((Object::$kind(new), Object::$kind(old)) => Arc::make_mut(new).keep_spec(old),)*
                    _ => {}
                }
            }

            /// Whether all but metadata and status is equal.
            pub fn same_spec(&self, other: &Object) -> bool {
                match (self, other) {
                    $((Object::$kind(a), Object::$kind(b)) => a.same_spec(b),)*
                    _ => false,
                }
            }

            /// Whether the statuses are equal.
            pub fn same_status(&self, other: &Object) -> bool {
                match (self, other) {
                    $((Object::$kind(a), Object::$kind(b)) => a.same_status(b),)*
                    _ => false,
                }
            }

            /// Whether both are the very same object in memory.
            pub fn same(&self, other: &Object) -> bool {
                match (self, other) {
                    $((Object::$kind(a), Object::$kind(b)) => Arc::ptr_eq(a, b),)*
                    _ => false,
                }
            }
        }

        $(impl Kinded for $kind {
            const KIND: Kind = Kind::$kind;
            fn meta(&self) -> &ObjectMeta { &self.metadata }
            fn meta_mut(&mut self) -> &mut ObjectMeta { &mut self.metadata }
            fn wrap(object: Arc<Self>) -> Object { Object::$kind(object) }
            fn unwrap(object: &Object) -> Option<&Arc<Self>> {
                match object { Object::$kind(object) => Some(object), _ => None }
            }
        })*
    };
}

objects!(Namespace, Node, Pod, ReplicaSet, Deployment, Service, EndpointSlice, Event);

impl Object {
    /// This object as one kind.
    pub fn as_kind<T: Kinded>(&self) -> Option<&Arc<T>> {
        T::unwrap(self)
    }

    /// Names this object.
    pub fn key(&self) -> Key {
        Key::new(self.kind(), self.namespace(), self.name())
    }

    /// The name, empty if it has none yet.
    pub fn name(&self) -> &str {
        self.meta().name.as_deref().unwrap_or_default()
    }

    /// The namespace, empty for objects outside namespaces.
    pub fn namespace(&self) -> &str {
        self.meta().namespace.as_deref().unwrap_or_default()
    }

    /// The uid, empty if it has none yet.
    pub fn uid(&self) -> &str {
        self.meta().uid.as_deref().unwrap_or_default()
    }
}

impl<T: Kinded> From<T> for Object {
    fn from(object: T) -> Object {
        T::wrap(Arc::new(object))
    }
}
