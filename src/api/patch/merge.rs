//! Applying a strategic merge patch. Models the merge half of strategicpatch/patch.go.

use crate::api::order;
use serde_json::Value;

use super::schema::{How, Schema};
use super::{DELETE_FROM_LIST, Fields, PATCH, RETAIN_KEYS, SET_ORDER, go_value, no_merge_key};

/// What is merged into what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// A patch into an object: directives are carried out, nulls disappear.
    Apply,
    /// A patch into a patch: directives and nulls are kept.
    Combine,
}

/// Models mergeMap.
pub(super) fn map(
    mut original: Fields,
    mut patch: Fields,
    schema: Schema<'_>,
    mode: Mode,
) -> Result<Fields, String> {
    if let Some(directive) = patch.remove(PATCH) {
        return match directive.as_str() {
            Some("replace") => Ok(patch),
            Some("delete") => Ok(Fields::new()),
            _ => Err(bad_type(&directive, &patch)),
        };
    }
    retain_keys(&mut original, &mut patch, mode)?;
    set_orders(&mut original, &mut patch, schema, mode)?;
    for (name, value) in patch {
        let (name, deletes) = match (name.strip_prefix(DELETE_FROM_LIST), mode) {
            (Some(_), Mode::Combine) => {
                original.insert(name, value);
                continue;
            }
            (Some(list), Mode::Apply) => (list.to_string(), true),
            (None, _) => (name, false),
        };
        if value.is_null() {
            original.remove(&name);
            if mode == Mode::Apply {
                continue;
            }
        }
        let Some(old) = original.remove(&name) else {
            if !deletes {
                take(&mut original, name, value, mode);
            }
            continue;
        };
        let (inside, strategy) = schema.field(&name);
        match (old, value) {
            (Value::Object(old), Value::Object(new)) => {
                let merged = match strategy.how {
                    How::Replace => new,
                    _ => map(old, new, inside, mode)?,
                };
                original.insert(name, Value::Object(merged));
            }
            (Value::Array(mut old), Value::Array(gone)) if deletes => {
                old.retain(|item| !gone.contains(item));
                original.insert(name, Value::Array(old));
            }
            (Value::Array(old), Value::Array(new)) => {
                let merged = list(old, new, strategy.how, inside, mode)?;
                original.insert(name, Value::Array(merged));
            }
            (old, _) if deletes => drop(original.insert(name, old)),
            (_, value) => take(&mut original, name, value, mode),
        }
    }
    Ok(original)
}

/// Puts a value of the patch where the original has none, or one of another type.
fn take(original: &mut Fields, name: String, mut value: Value, mode: Mode) {
    if mode == Mode::Apply {
        drop_nulls(&mut value);
    }
    if let Some(value) = without_directives(value) {
        original.insert(name, value);
    }
}

/// Models discardNullValuesFromPatch.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// Models removeDirectives.
fn without_directives(value: Value) -> Option<Value> {
    match value {
        Value::Object(fields) if fields.contains_key(PATCH) => None,
        Value::Object(fields) => {
            let keep = |(name, value)| Some((name, without_directives(value)?));
            Some(Value::Object(order::fields(fields.into_iter().filter_map(keep))))
        }
        Value::Array(items) => Some(Value::Array(items.into_iter().filter_map(without_directives).collect())),
        value => Some(value),
    }
}

/// Models applyRetainKeysDirective.
fn retain_keys(original: &mut Fields, patch: &mut Fields, mode: Mode) -> Result<(), String> {
    let Some(retained) = patch.remove(RETAIN_KEYS) else { return Ok(()) };
    if mode == Mode::Combine {
        original.entry(RETAIN_KEYS).or_insert(retained);
        return Ok(());
    }
    let malformed = || "invalid patch format of retainKeys".to_string();
    let retained = retained.as_array().cloned().ok_or_else(malformed)?;
    let is_kept = |name: &String| retained.iter().any(|key| key.as_str() == Some(name));
    let is_directive = |name: &str| name.starts_with(DELETE_FROM_LIST) || name.starts_with(SET_ORDER);
    if patch.iter().any(|(name, value)| !value.is_null() && !is_directive(name) && !is_kept(name)) {
        return Err(malformed());
    }
    original.retain(|name, _| is_kept(name));
    Ok(())
}

/// Carries out `$setElementOrder`. Models mergePatchIntoOriginal.
fn set_orders(
    original: &mut Fields,
    patch: &mut Fields,
    schema: Schema<'_>,
    mode: Mode,
) -> Result<(), String> {
    let names: Vec<String> =
        patch.keys().filter_map(|key| key.strip_prefix(SET_ORDER)).map(String::from).collect();
    for name in names {
        let directive = format!("{SET_ORDER}{name}");
        let malformed = || "invalid patch format of setElementOrder list".to_string();
        let Some(Value::Array(order)) = patch.remove(&directive) else { return Err(malformed()) };
        if mode == Mode::Combine {
            let known = original.entry(directive).or_insert_with(|| Value::Array(order.clone()));
            if known.as_array() != Some(&order) {
                return Err(malformed());
            }
        }
        let (inside, strategy) = schema.field(&name);
        let key = Key::of(strategy.how);
        let old = original.get(&name).and_then(Value::as_array).cloned();
        let new = patch.remove(&name).and_then(|value| match value {
            Value::Array(items) => Some(items),
            _ => None,
        });
        if let Some(new) = &new {
            follows(new, &order, key)?;
        }
        let server_order = old.clone().unwrap_or_default();
        let merged = match (old, new) {
            (None, None) => continue,
            (Some(old), None) => old,
            (None, Some(new)) => new.into_iter().filter_map(without_directives).collect(),
            (Some(old), Some(new)) => list(old, new, strategy.how, inside, mode)?,
        };
        let arranged = arrange(merged, &order, &server_order, key)?;
        original.insert(name, Value::Array(arranged));
    }
    Ok(())
}

/// Models validatePatchWithSetOrderList.
fn follows(list: &[Value], order: &[Value], key: Key) -> Result<(), String> {
    if order.is_empty() {
        return Ok(());
    }
    let mut order = order.iter();
    for item in list.iter().filter(|item| item.get(PATCH).is_none()) {
        if !order.any(|ordered| key.of_item(ordered) == key.of_item(item)) {
            return Err(format!(
                "The order in patch list:\n{}\n doesn't match {SET_ORDER} list",
                go_value(&list.into())
            ));
        }
    }
    Ok(())
}

/// Models mergeSliceHandler and mergeSlice.
fn list(
    original: Vec<Value>,
    patch: Vec<Value>,
    how: How,
    inside: Schema<'_>,
    mode: Mode,
) -> Result<Vec<Value>, String> {
    if original.is_empty() && patch.is_empty() {
        return Ok(original);
    }
    let server_order = original.clone();
    let (merged, order) = match how {
        How::Usual | How::Replace => return Ok(patch),
        How::Set => {
            let mut merged = original;
            for item in &patch {
                if !merged.contains(item) {
                    merged.push(item.clone());
                }
            }
            (merged, patch)
        }
        How::ByKey(key) => by_key(original, patch, key, (inside, mode))?,
    };
    arrange(merged, &order, &server_order, Key::of(how))
}

/// Merges items with the same key. Returns the list and the patch's plain items.
fn by_key(
    mut original: Vec<Value>,
    patch: Vec<Value>,
    key: &str,
    (inside, mode): (Schema<'_>, Mode),
) -> Result<(Vec<Value>, Vec<Value>), String> {
    let mut plain = Vec::new();
    let mut replaces = false;
    for item in patch {
        let Value::Object(fields) = &item else { return Err("list element types are not identical".into()) };
        let id = fields.get(key);
        match fields.get(PATCH).map(|directive| (directive, directive.as_str())) {
            None => plain.push(item),
            Some((_, Some("delete"))) => {
                let id = id.ok_or_else(|| no_merge_key(fields, key))?;
                original.retain(|old| old.get(key) != Some(id));
            }
            Some((_, Some("replace"))) => replaces = true,
            Some((_, Some("merge"))) => {
                return Err("merging lists cannot yet be specified in the patch".into());
            }
            Some((directive, _)) => return Err(bad_type(directive, fields)),
        }
    }
    if replaces {
        return Ok((plain.clone(), plain));
    }
    for item in &plain {
        let Value::Object(fields) = item else { continue };
        let id = fields.get(key).ok_or_else(|| no_merge_key(fields, key))?;
        match original.iter_mut().find(|old| old.get(key) == Some(id)) {
            None => original.push(item.clone()),
            Some(old) => {
                let before = old.as_object_mut().map(std::mem::take).unwrap_or_default();
                *old = Value::Object(map(before, fields.clone(), inside, mode)?);
            }
        }
    }
    Ok((original, plain))
}

/// What tells items of a list apart.
#[derive(Clone, Copy, Debug)]
pub(super) enum Key {
    Whole,
    Field(&'static str),
}

impl Key {
    pub(super) fn of(how: How) -> Key {
        match how {
            How::ByKey(key) => Key::Field(key),
            _ => Key::Whole,
        }
    }

    pub(super) fn of_item(self, item: &Value) -> Option<&Value> {
        match self {
            Key::Whole => Some(item),
            Key::Field(field) => item.get(field),
        }
    }

    fn position(self, list: &[Value], item: &Value) -> Option<usize> {
        let wanted = self.of_item(item)?;
        list.iter().position(|other| self.of_item(other) == Some(wanted))
    }
}

/// The patch's items in the patch's order, the server's own between them where they were.
/// Models normalizeElementOrder and mergeSortedSlice.
fn arrange(
    items: Vec<Value>,
    order: &[Value],
    server_order: &[Value],
    key: Key,
) -> Result<Vec<Value>, String> {
    if let Key::Field(field) = key
        && let Some(Value::Object(item)) = items.iter().find(|item| item.get(field).is_none())
    {
        return Err(no_merge_key(item, field));
    }
    let (mut ours, mut theirs): (Vec<Value>, Vec<Value>) =
        items.into_iter().partition(|item| key.position(order, item).is_some());
    order::sort_by_key(&mut ours, |item| (item.get(PATCH).is_some(), key.position(order, item)));
    order::sort_by_key(&mut theirs, |item| {
        (item.get(PATCH).is_some(), key.position(server_order, item).unwrap_or(usize::MAX))
    });
    let mut ours = ours.into_iter().peekable();
    let mut arranged = Vec::new();
    for item in theirs {
        let place = key.position(server_order, &item);
        // Ours go first unless both were there before and theirs stood earlier.
        while let Some(next) = ours.next_if(|next| {
            let before = place.zip(key.position(server_order, next));
            before.is_none_or(|(theirs, ours)| theirs > ours)
        }) {
            arranged.push(next);
        }
        arranged.push(item);
    }
    arranged.extend(ours);
    Ok(arranged)
}

/// Models mergepatch.ErrBadPatchType.
fn bad_type(directive: &Value, patch: &Fields) -> String {
    let whole = go_value(&Value::Object(patch.clone()));
    format!("unknown patch type: {} in map: {whole}", go_value(directive))
}
