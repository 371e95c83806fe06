//! Whatever a manifest holds: nothing panics, defaults settle at once, and documentation stays valid.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::Value;

use super::{create, update, warnings};
use crate::api::{Object, Scope, Time, codec, defaults};

fn manifests() -> Vec<Value> {
    let lines = include_str!("../defaults/recorded.jsonl").lines();
    lines.map(|line| serde_json::from_str::<Value>(line).expect("JSON")["given"].take()).collect()
}

fn now() -> Time {
    Time("2026-01-01T00:00:00Z".parse().expect("a date"))
}

/// The object with its defaults, if the manifest has the right types.
fn object(manifest: &Value) -> Option<Object> {
    let kind = codec::kind_of(manifest)?;
    let mut object = codec::decode(kind, manifest.clone()).ok()?;
    if kind.scope() == Scope::Namespaced {
        object.meta_mut().namespace.get_or_insert_with(|| "docs".into());
    }
    defaults::apply(&mut object);
    Some(object)
}

#[test]
fn documentation_is_valid() {
    for manifest in manifests() {
        let mut object = object(&manifest).expect("a well-typed object");
        defaults::prepare_create(&mut object, &now());
        if let Object::Pod(pod) = &mut object {
            // Admission gives a Pod an account.
            let spec = Arc::make_mut(pod).spec_mut();
            spec.service_account_name.get_or_insert_with(|| "default".into());
        }
        assert_eq!(create(&object), Ok(()), "{manifest}");
        assert_eq!(update(&object, &object), Ok(()), "{manifest}");
        // One of them has a name with dots, which is warned about.
        assert_eq!(warnings(&object).len(), usize::from(object.name().contains('.')), "{manifest}");
    }
}

/// The leaves and branches of a value, by number.
fn nodes(value: &mut Value) -> usize {
    1 + match value {
        Value::Object(map) => map.values_mut().map(nodes).sum(),
        Value::Array(list) => list.iter_mut().map(nodes).sum(),
        _ => 0usize,
    }
}

fn node(value: &mut Value, mut at: usize) -> Option<&mut Value> {
    if at == 0 {
        return Some(value);
    }
    at -= 1;
    let children: Vec<&mut Value> = match value {
        Value::Object(map) => map.values_mut().collect(),
        Value::Array(list) => list.iter_mut().collect(),
        _ => Vec::new(),
    };
    for child in children {
        let size = nodes(child);
        if at < size {
            return node(child, at);
        }
        at -= size;
    }
    None
}

/// What a leaf or branch may turn into.
fn odd_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(Value::Bool(true)),
        any::<i64>().prop_map(Value::from),
        (-2i64..3).prop_map(Value::from),
        "[-a-zA-Z0-9_./:@%é\\\\\" ]{0,12}".prop_map(Value::from),
        Just(serde_json::json!([])),
        Just(serde_json::json!({})),
        Just(serde_json::json!({"": "-"})),
        Just(serde_json::json!([{"name": "-"}, {"name": "-"}])),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn mutated_manifests(
        pick in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), odd_value()), 1..4),
    ) {
        let mut all = manifests();
        let mut manifest = all.swap_remove(pick.index(all.len()));
        let before = object(&manifest);
        for (place, value) in changes {
            let at = place.index(nodes(&mut manifest));
            if let Some(place) = node(&mut manifest, at) {
                *place = value;
            }
        }
        if let Some(mut changed) = object(&manifest) {
            let once = changed.clone();
            defaults::apply(&mut changed);
            prop_assert_eq!(&changed, &once);
            if let Some(before) = before {
                defaults::prepare_update(&mut changed, &before);
                let _ = update(&changed, &before);
            }
            defaults::prepare_create(&mut changed, &now());
            let _ = create(&changed);
            let _ = warnings(&changed);
            let read = codec::encode(&changed);
            prop_assert!(object(&read).is_some(), "{}", read);
        }
    }
}
