//! Making a strategic merge patch. Models the diff half of strategicpatch/patch.go.

use serde_json::{Value, json};

use super::merge::Key;
use super::schema::{How, Schema, Strategy};
use super::{DELETE_FROM_LIST, Fields, PATCH, RETAIN_KEYS, SET_ORDER, go_value, no_merge_key};

/// Which differences a patch is to have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    changes: bool,
    deletions: bool,
    order: bool,
}

impl Options {
    pub const TWO_WAY: Options = Options { changes: true, deletions: true, order: true };
    /// What the manifest says and the object does not.
    pub const DELTA: Options = Options { deletions: false, ..Options::TWO_WAY };
    /// What the manifest no longer says.
    pub const DELETIONS: Options = Options { changes: false, ..Options::TWO_WAY };
}

/// Models diffMaps.
pub(super) fn maps(
    original: &Fields,
    modified: &Fields,
    schema: Schema<'_>,
    options: Options,
) -> Result<Fields, String> {
    let mut patch = Fields::new();
    for (name, new) in modified {
        let old = original.get(name);
        let (inside, strategy) = schema.field(name);
        match (old, new) {
            (Some(Value::Object(old)), Value::Object(new)) => match strategy.how {
                How::Replace if options.changes => drop(patch.insert(name.clone(), json!(new))),
                How::Replace => {}
                _ => {
                    let mut inner = maps(old, new, inside, options)?;
                    if strategy.retain_keys {
                        retain_keys(&mut inner, old, new);
                    }
                    if !inner.is_empty() {
                        patch.insert(name.clone(), Value::Object(inner));
                    }
                }
            },
            (Some(Value::Array(old)), Value::Array(new))
                if matches!(strategy.how, How::ByKey(_) | How::Set) =>
            {
                lists(&mut patch, name, (old, new), (inside, strategy), options)?;
            }
            (old, new) => {
                if options.changes && old != Some(new) {
                    patch.insert(name.clone(), new.clone());
                }
            }
        }
    }
    if options.deletions {
        for name in original.keys().filter(|name| !modified.contains_key(*name)) {
            patch.insert(name.clone(), Value::Null);
        }
    }
    Ok(patch)
}

/// Says which fields are left of a union that changes.
fn retain_keys(patch: &mut Fields, original: &Fields, modified: &Fields) {
    let added = original.len() != modified.len() && modified.keys().any(|name| !original.contains_key(name));
    if !patch.is_empty() || added {
        let named = modified.iter().filter(|(_, value)| !value.is_null());
        let names: Vec<&String> = named.map(|(name, _)| name).collect();
        patch.insert(RETAIN_KEYS.into(), json!(names));
    }
}

/// Models handleSliceDiff and diffLists for lists that are merged.
fn lists(
    patch: &mut Fields,
    name: &str,
    (original, modified): (&[Value], &[Value]),
    (inside, strategy): (Schema<'_>, Strategy),
    options: Options,
) -> Result<(), String> {
    if original.is_empty() {
        if !modified.is_empty() && options.changes {
            patch.insert(name.into(), json!(modified));
        }
        return Ok(());
    }
    let key = Key::of(strategy.how);
    let (changed, order) = match key {
        Key::Whole => {
            let added: Vec<&Value> = modified.iter().filter(|item| !original.contains(item)).collect();
            let gone: Vec<&Value> = original.iter().filter(|item| !modified.contains(item)).collect();
            let (added, gone) = (
                if options.changes { added } else { Vec::new() },
                if options.deletions { gone } else { Vec::new() },
            );
            let changed = !gone.is_empty() || (options.changes && original != modified);
            if !gone.is_empty() {
                patch.insert(format!("{DELETE_FROM_LIST}{name}"), json!(gone));
            }
            (json!(added), changed.then(|| modified.to_vec()))
        }
        Key::Field(field) => {
            let changed = items(original, modified, field, (inside, strategy, options))?;
            let id = |item: &Value| item.get(field).cloned();
            let same_order = original.iter().map(id).eq(modified.iter().map(id));
            let any = !changed.is_empty();
            let ordered = (options.changes && (any || !same_order)) || (options.deletions && any);
            let order = modified.iter().map(|item| json!({field: item.get(field)})).collect();
            (Value::Array(changed), ordered.then_some(order))
        }
    };
    if changed.as_array().is_some_and(|items| !items.is_empty()) {
        patch.insert(name.into(), changed);
    }
    if let Some(order) = order.filter(|order: &Vec<Value>| options.order && !order.is_empty()) {
        patch.insert(format!("{SET_ORDER}{name}"), Value::Array(order));
    }
    Ok(())
}

/// Changed and added items in the manifest's order, then the deleted ones. Models diffListsOfMaps.
fn items(
    original: &[Value],
    modified: &[Value],
    key: &str,
    (inside, strategy, options): (Schema<'_>, Strategy, Options),
) -> Result<Vec<Value>, String> {
    let id = |item: &Value| match item {
        Value::Object(fields) => fields.get(key).cloned().ok_or_else(|| no_merge_key(fields, key)),
        other => Err(format!("expected a map, but received a {}", go_value(other))),
    };
    for item in original.iter().chain(modified) {
        id(item)?;
    }
    let mut patch = Vec::new();
    for new in modified {
        let name = id(new)?;
        let old = original.iter().find(|old| old.get(key) == Some(&name));
        match (old, new) {
            (Some(Value::Object(old)), Value::Object(new)) => {
                let mut inner = maps(old, new, inside, options)?;
                if strategy.retain_keys {
                    retain_keys(&mut inner, old, new);
                }
                if !inner.is_empty() {
                    inner.insert(key.into(), name);
                    patch.push(Value::Object(inner));
                }
            }
            _ if options.changes => patch.push(new.clone()),
            _ => {}
        }
    }
    if options.deletions {
        for old in original {
            let name = id(old)?;
            if !modified.iter().any(|new| new.get(key) == Some(&name)) {
                patch.push(json!({key: name, PATCH: "delete"}));
            }
        }
    }
    Ok(patch)
}
