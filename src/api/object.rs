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
