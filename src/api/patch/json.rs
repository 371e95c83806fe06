//! JSON merge patch (RFC 7386) and JSON patch (RFC 6902). Models k8s.io/apimachinery/pkg/util/jsonmergepatch and the
//! json-patch library that the API server uses.

use serde_json::Value;

use super::Fields;

/// The value with a JSON merge patch applied.
pub fn apply_merge(target: &Value, patch: &Value) -> Value {
    let Value::Object(changes) = patch else { return patch.clone() };
    let mut fields = target.as_object().cloned().unwrap_or_default();
    for (name, change) in changes {
        match change {
            Value::Null => drop(fields.remove(name)),
            change => {
                let merged = apply_merge(fields.get(name).unwrap_or(&Value::Null), change);
                fields.insert(name.clone(), merged);
            }
        }
    }
    Value::Object(fields)
}

/// The JSON merge patch that leads from one value to the other.
pub fn create_merge(original: &Value, modified: &Value) -> Value {
    let (Value::Object(old), Value::Object(new)) = (original, modified) else { return modified.clone() };
    let mut patch = Fields::new();
    for (name, value) in new {
        match (old.get(name), value) {
            (Some(before), after) if before == after => {}
            (Some(before @ Value::Object(_)), Value::Object(_)) => {
                patch.insert(name.clone(), create_merge(before, value));
            }
            _ => drop(patch.insert(name.clone(), value.clone())),
        }
    }
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        patch.insert(name.clone(), Value::Null);
    }
    Value::Object(patch)
}

/// What `kubectl apply` sends for custom resources. Models CreateThreeWayJSONMergePatch.
pub fn create_three_way_merge(original: Option<&Value>, modified: &Value, current: &Value) -> Value {
    let additions = keep(create_merge(current, modified), |value| !value.is_null());
    let deletions = match original {
        Some(original) => keep(create_merge(original, modified), Value::is_null),
        None => None,
    };
    let empty = || Value::Object(Fields::new());
    overlay(deletions.unwrap_or_else(empty), additions.unwrap_or_else(empty))
}

/// The patch's leaves that are wanted; `None` if that is none.
fn keep(patch: Value, wanted: fn(&Value) -> bool) -> Option<Value> {
    match patch {
        Value::Object(fields) => {
            let kept: Fields =
                fields.into_iter().filter_map(|(name, value)| Some((name, keep(value, wanted)?))).collect();
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        leaf => wanted(&leaf).then_some(leaf),
    }
}

/// Both patches' leaves; the second's where both have one.
fn overlay(below: Value, above: Value) -> Value {
    match (below, above) {
        (Value::Object(mut below), Value::Object(above)) => {
            for (name, value) in above {
                let merged = match below.remove(&name) {
                    Some(old) => overlay(old, value),
                    None => value,
                };
                below.insert(name, merged);
            }
            Value::Object(below)
        }
        (_, above) => above,
    }
}

/// The value with a JSON patch applied.
///
/// # Errors
/// An operation is malformed, does not find its place, or its test fails; the text is the API server's.
pub fn apply_json(target: &Value, patch: &Value) -> Result<Value, String> {
    let Value::Array(operations) = patch else {
        return Err("json: cannot unmarshal object into Go value of type jsonpatch.Patch".into());
    };
    let mut result = target.clone();
    for operation in operations {
        perform(&mut result, operation)?;
    }
    Ok(result)
}

fn perform(document: &mut Value, operation: &Value) -> Result<(), String> {
    let text = |name: &str| operation.get(name).and_then(Value::as_str);
    let path = text("path").unwrap_or_default();
    let value = || operation.get("value").cloned();
    let missing = |verb: &str, path: &str| {
        format!("{verb} operation does not apply: doc is missing path: {path}: missing value")
    };
    match text("op").unwrap_or_default() {
        "add" => add(document, path, value().unwrap_or_default()),
        "remove" => remove(document, path).map(drop),
        "replace" => {
            let place = document.pointer_mut(path).ok_or_else(|| {
                format!("replace operation does not apply: doc is missing key: {path}: missing value")
            })?;
            *place = value().unwrap_or_default();
            Ok(())
        }
        "test" => {
            let expected = value().unwrap_or_default();
            match document.pointer(path) {
                Some(found) if *found == expected => Ok(()),
                None if expected.is_null() => Ok(()),
                _ => Err(format!("testing value {path} failed: test failed")),
            }
        }
        "move" => {
            let moved = remove(document, text("from").unwrap_or_default())?;
            add(document, path, moved)
        }
        "copy" => {
            let from = text("from").unwrap_or_default();
            let copied = document.pointer(from).cloned().ok_or_else(|| missing("copy", from))?;
            add(document, path, copied)
        }
        other => Err(format!("Unexpected kind: {other}")),
    }
}

fn add(document: &mut Value, path: &str, value: Value) -> Result<(), String> {
    if path.is_empty() {
        *document = value;
        return Ok(());
    }
    let missing = || format!("add operation does not apply: doc is missing path: \"{path}\": missing value");
    let (parent, name) = path.rsplit_once('/').ok_or_else(missing)?;
    match document.pointer_mut(parent).ok_or_else(missing)? {
        Value::Object(fields) => drop(fields.insert(unescape(name), value)),
        Value::Array(items) if name == "-" => items.push(value),
        Value::Array(items) => {
            let index: usize = name.parse().map_err(|_| missing())?;
            if index > items.len() {
                return Err(format!(
                    "add operation does not apply: doc is missing path: \"{path}\": invalid index referenced"
                ));
            }
            items.insert(index, value);
        }
        _ => return Err(missing()),
    }
    Ok(())
}

fn remove(document: &mut Value, path: &str) -> Result<Value, String> {
    let missing =
        || format!("remove operation does not apply: doc is missing path: \"{path}\": missing value");
    let absent = |name: &str| format!("Unable to remove nonexistent key: {name}: missing value");
    let (parent, name) = path.rsplit_once('/').ok_or_else(missing)?;
    match document.pointer_mut(parent).ok_or_else(missing)? {
        Value::Object(fields) => fields.remove(&unescape(name)).ok_or_else(|| absent(name)),
        Value::Array(items) => {
            let index: usize = name.parse().map_err(|_| missing())?;
            if index >= items.len() {
                return Err(format!("Unable to access invalid index: {index}: invalid index referenced"));
            }
            Ok(items.remove(index))
        }
        _ => Err(missing()),
    }
}

fn unescape(name: &str) -> String {
    name.replace("~1", "/").replace("~0", "~")
}
