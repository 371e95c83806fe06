//! Patches: strategic merge patch, JSON merge patch and JSON patch, on JSON values.
//!
//! Invariants: the patched value is not changed when a patch is refused; nothing here knows an object's type, only the
//! merge keys of `schema`.

mod diff;
mod json;
mod merge;
mod schema;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use super::Kind;
pub use json::{apply_json, apply_merge, create_merge, create_three_way_merge};
use schema::Schema;

/// A JSON object.
type Fields = Map<String, Value>;

const PATCH: &str = "$patch";
const RETAIN_KEYS: &str = "$retainKeys";
const DELETE_FROM_LIST: &str = "$deleteFromPrimitiveList/";
const SET_ORDER: &str = "$setElementOrder/";

/// The object with a strategic merge patch applied.
/// Models k8s.io/apimachinery/pkg/util/strategicpatch StrategicMergeMapPatch.
///
/// # Errors
/// The patch is malformed; the text is upstream's.
pub fn apply_strategic(kind: Kind, object: &Value, patch: &Value) -> Result<Value, String> {
    let (object, patch) = (fields(object)?, fields(patch)?);
    merge::map(object, patch, Schema::root(kind), merge::Mode::Apply).map(Value::Object)
}

/// What has to change to get from one object to the other. Models CreateTwoWayMergePatch.
///
/// # Errors
/// A list item has no merge key.
pub fn create_strategic(kind: Kind, original: &Value, modified: &Value) -> Result<Value, String> {
    let (original, modified) = (fields(original)?, fields(modified)?);
    diff::maps(&original, &modified, Schema::root(kind), diff::Options::TWO_WAY).map(Value::Object)
}

/// What `kubectl apply` sends: `modified` is the manifest, `original` the manifest applied before, `current` the object.
/// Models CreateThreeWayMergePatch with overwrite.
///
/// # Errors
/// A list item has no merge key.
pub fn create_three_way(
    kind: Kind,
    original: Option<&Value>,
    modified: &Value,
    current: &Value,
) -> Result<Value, String> {
    let original = original.map_or_else(|| Ok(Fields::new()), fields)?;
    let (modified, current) = (fields(modified)?, fields(current)?);
    let root = Schema::root(kind);
    let delta = diff::maps(&current, &modified, root, diff::Options::DELTA)?;
    let deletions = diff::maps(&original, &modified, root, diff::Options::DELETIONS)?;
    merge::map(deletions, delta, root, merge::Mode::Combine).map(Value::Object)
}

fn fields(value: &Value) -> Result<Fields, String> {
    value.as_object().cloned().ok_or_else(|| "invalid JSON document".to_string())
}

/// Models mergepatch.ErrNoMergeKey.
fn no_merge_key(item: &Fields, key: &str) -> String {
    format!("map: {} does not contain declared merge key: {key}", go_value(&Value::Object(item.clone())))
}

/// A value as Go's `%v` prints it.
pub fn go_value(value: &Value) -> String {
    let spaced = |parts: Vec<String>| parts.join(" ");
    match value {
        Value::Null => "<nil>".into(),
        Value::Bool(value) => value.to_string(),
        Value::Number(value) => value.to_string(),
        Value::String(value) => value.clone(),
        Value::Array(items) => format!("[{}]", spaced(items.iter().map(go_value).collect())),
        Value::Object(fields) => {
            let entry = |(key, value): (&String, &Value)| format!("{key}:{}", go_value(value));
            format!("map[{}]", spaced(fields.iter().map(entry).collect()))
        }
    }
}
