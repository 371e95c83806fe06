//! The only way in and out of typed objects: through [`serde_json::Value`].
//!
//! One path keeps the wasm small: every further format would instantiate every type's code again.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{
    Deployment, EndpointSlice, Event, Kind, Namespace, Node, Object, Pod, ReplicaSet, Resource, Service,
};

/// A type's own part of the two paths.
trait Coded: Sized {
    fn decode(fields: Map<String, Value>) -> Result<Self, serde_json::Error>;
    fn encode(&self) -> Map<String, Value>;
}

impl<Spec, Status> Coded for Resource<Spec, Status>
where
    Spec: Default + Serialize + DeserializeOwned,
    Status: Default + Serialize + DeserializeOwned,
{
    fn decode(mut fields: Map<String, Value>) -> Result<Self, serde_json::Error> {
        Ok(Resource {
            metadata: field(fields.remove("metadata"))?,
            spec: Arc::new(field(fields.remove("spec"))?),
            status: Arc::new(field(fields.remove("status"))?),
        })
    }

    fn encode(&self) -> Map<String, Value> {
        let mut fields = Map::new();
        fields.insert("metadata".into(), to_value(&self.metadata));
        fields.insert("spec".into(), to_value(&*self.spec));
        fields.insert("status".into(), to_value(&*self.status));
        fields
    }
}

macro_rules! whole {
    ($($kind:ident),*) => { $(impl Coded for $kind {
        fn decode(mut fields: Map<String, Value>) -> Result<Self, serde_json::Error> {
            // k8s-openapi insists on both, and only on these values.
            fields.insert("apiVersion".into(), Kind::$kind.api_version().into());
            fields.insert("kind".into(), Kind::$kind.name().into());
            serde_json::from_value(Value::Object(fields))
        }

        fn encode(&self) -> Map<String, Value> {
            match to_value(self) { Value::Object(fields) => fields, _ => Map::new() }
        }
    })* };
}

whole!(EndpointSlice, Event);

fn field<T: Default + DeserializeOwned>(value: Option<Value>) -> Result<T, serde_json::Error> {
    match value {
        None | Some(Value::Null) => Ok(T::default()),
        Some(value) => serde_json::from_value(value),
    }
}

/// Typed structs always have a JSON form: their maps have string keys and their floats are finite.
pub(crate) fn to_value<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

macro_rules! codec {
    ($($kind:ident),*) => {
        /// The object of this kind that the fields describe. `apiVersion` and `kind` are not looked at.
        ///
        /// # Errors
        /// A field has the wrong type; say which with the schema first.
        pub fn decode(kind: Kind, value: Value) -> Result<Object, serde_json::Error> {
            let Value::Object(fields) = value else {
                return Err(serde::de::Error::custom("an object must be a map"));
            };
            Ok(match kind { $(Kind::$kind => Object::$kind(Arc::new($kind::decode(fields)?))),* })
        }

        /// The object as JSON, with its apiVersion and kind.
        pub fn encode(object: &Object) -> Value {
            let mut fields = match object { $(Object::$kind(object) => object.encode()),* };
            fields.insert("apiVersion".into(), object.kind().api_version().into());
            fields.insert("kind".into(), object.kind().name().into());
            let mut value = Value::Object(fields);
            add_nulls(object.kind(), &mut value);
            value
        }
    };
}

/// Go writes these fields also when they are not set.
fn add_nulls(kind: Kind, value: &mut Value) {
    let add = |value: Option<&mut Value>, names: &[&str]| {
        if let Some(Value::Object(fields)) = value {
            for name in names {
                fields.entry(*name).or_insert(Value::Null);
            }
        }
    };
    match kind {
        Kind::Event => add(Some(value), &["eventTime", "firstTimestamp", "lastTimestamp"]),
        Kind::EndpointSlice => add(Some(value), &["endpoints", "ports"]),
        Kind::Pod => {
            let Some(Value::Object(status)) = value.get_mut("status") else { return };
            for (name, items) in status {
                for item in items.as_array_mut().into_iter().flatten() {
                    if name == "conditions" {
                        add(Some(item), &["lastProbeTime", "lastTransitionTime"]);
                    } else if name.ends_with("ontainerStatuses") {
                        for state in ["/state/terminated", "/lastState/terminated"] {
                            add(item.pointer_mut(state), &["startedAt", "finishedAt"]);
                        }
                    }
                }
            }
        }
        _ => {}
    }
}

codec!(Namespace, Node, Pod, ReplicaSet, Deployment, Service, EndpointSlice, Event);

/// The kind that a decoded manifest says it is.
pub fn kind_of(value: &Value) -> Option<Kind> {
    Kind::of(value.get("apiVersion")?.as_str()?, value.get("kind")?.as_str()?)
}
