//! Changes of a text that keep the rest of it as it stands.

use crate::api::order;
use serde_json::Value;

use super::locate::Spot;
use super::model::Edit;
use crate::api::yaml::{Entry, Node, Place, Range, to_yaml};

/// Writes a value where a path ends that is not written as far as that: `spot.rest` becomes keys.
pub(super) fn insert(text: &str, spot: &Spot<'_>, value: Value) -> Option<Vec<Edit>> {
    if spot.rest.contains(['[', ']']) {
        return None;
    }
    let mut keys = spot.rest.trim_start_matches('.').split('.');
    let key = keys.next().filter(|key| !key.is_empty())?;
    let value = keys.rev().fold(value, |value, key| Value::Object(order::fields([(key.to_owned(), value)])));
    insert_entry(text, spot, key, value)
}

/// Writes an entry into a map that does not have it.
pub(super) fn insert_entry(text: &str, spot: &Spot<'_>, key: &str, value: Value) -> Option<Vec<Edit>> {
    let range = spot.node.range;
    let written = range.of(text);
    if spot.value.is_null() {
        let key_range = spot.key?;
        let lines = lines(key, value, key_range.start.column + 1);
        let after = text.get(key_range.end.byte..)?;
        let colon = after.find(':').filter(|colon| after[..*colon].trim().is_empty())?;
        let at = key_range.end.utf16 + colon + 1;
        return match written {
            "" => Some(vec![Edit::insert(at, format!("\n{lines}"))]),
            _ if !range_is_flow(text, key_range) => Some(vec![Edit::replace(range, format!("\n{lines}"))]),
            _ => None,
        };
    }
    if written.starts_with('{') {
        let entry = format!("{}: {}", flow(&Value::from(key)), flow(&value));
        return Some(match spot.node.entries().first() {
            Some(first) => vec![Edit::insert(first.key_range.start.utf16, format!("{entry}, "))],
            None => vec![Edit::replace(range, format!("{{{entry}}}"))],
        });
    }
    let start = block_start(spot.node)?;
    let lines = lines(key, value, start.column - 1);
    let pad = " ".repeat(start.column - 1);
    Some(vec![Edit::insert(start.utf16, format!("{}\n{pad}", lines.trim_start()))])
}

/// Replaces a value by a scalar.
pub(super) fn replace(spot: &Spot<'_>, value: &Value) -> Option<Vec<Edit>> {
    let range = spot.node.range;
    let is_scalar = !matches!(spot.value, Value::Array(_) | Value::Object(_) | Value::Null);
    let is_other = spot.value != value;
    (is_scalar && is_other && range.end.byte > range.start.byte)
        .then(|| vec![Edit::replace(range, scalar(value))])
}

/// Takes an entry out of the map that holds it.
pub(super) fn remove(text: &str, map: &Node, key: &str) -> Option<Vec<Edit>> {
    let entries = map.entries();
    let index = entries.iter().position(|entry| entry.key == key)?;
    let Entry { key_range, value, .. } = &entries[index];
    if !is_within(*key_range, map.range) {
        return None;
    }
    let next = entries.get(index + 1).map(|entry| entry.key_range.start.utf16);
    if map.range.of(text).starts_with('{') {
        let before = index.checked_sub(1).map(|index| entries[index].value.range.end.utf16);
        let (from, to) = match (next, before) {
            (Some(next), _) => (key_range.start.utf16, next),
            (None, Some(before)) => (before, value.range.end.utf16),
            (None, None) => return Some(vec![Edit::replace(map.range, "{}")]),
        };
        return Some(vec![Edit { from, to, insert: String::new() }]);
    }
    remove_lines(text, *key_range, value.range, next)
}

/// Takes a block's key with its value out; `next` is where the next key of its map begins.
pub(super) fn remove_lines(text: &str, key: Range, value: Range, next: Option<usize>) -> Option<Vec<Edit>> {
    let before = text.get(..key.start.byte)?.rsplit('\n').next()?;
    if !before.chars().all(|c| c == ' ') {
        // The first key behind a dash.
        let to = next?;
        return Some(vec![Edit { from: key.start.utf16, to, insert: String::new() }]);
    }
    let end = if value.end.byte > key.end.byte { value.end } else { key.end };
    let after = text.get(end.byte..)?;
    let line = after.split_inclusive('\n').next().unwrap_or_default();
    let from = key.start.utf16 - before.len();
    let to = end.utf16 + line.encode_utf16().count();
    Some(vec![Edit { from, to, insert: String::new() }])
}

/// A scalar as YAML, on one line, that also stands within brackets.
pub(super) fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) if text.contains([',', '[', ']', '{', '}', '\n']) => value.to_string(),
        Value::String(text) if text.len() > 60 => value.to_string(),
        value => to_yaml(value).trim_end().to_owned(),
    }
}

fn flow(value: &Value) -> String {
    match value {
        Value::Array(_) | Value::Object(_) => value.to_string(),
        scalar_value => scalar(scalar_value),
    }
}

/// An entry in block style, indented, without a break at its end.
fn lines(key: &str, value: Value, indent: usize) -> String {
    let whole = to_yaml(&Value::Object(order::fields([(key.to_owned(), value)])));
    let pad = " ".repeat(indent);
    let lines: Vec<String> = whole.lines().map(|line| format!("{pad}{line}")).collect();
    lines.join("\n")
}

/// Where the first key of a block map stands, which may be one that is written again and so has no entry.
pub(super) fn block_start(map: &Node) -> Option<Place> {
    let first = map.entries().first().filter(|first| is_within(first.key_range, map.range))?;
    let start = map.range.start;
    (first.key_range.start.column == start.column).then_some(start)
}

pub(super) fn is_within(inner: Range, outer: Range) -> bool {
    outer.start.byte <= inner.start.byte && inner.end.byte <= outer.end.byte
}

/// Whether what stands here lies within brackets: then its line, or one before it, opens some.
fn range_is_flow(text: &str, range: Range) -> bool {
    let line = text.get(..range.start.byte).and_then(|before| before.rsplit('\n').next());
    line.is_none_or(|line| line.contains(['{', '[']))
}
