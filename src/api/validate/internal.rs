//! Objects as the API server sees them inside: Go's internal types as JSON, which some messages show.
//!
//! `internal.txt` has a line a type: its name and its fields, each as `Name:shape` or `Name:shape:json`,
//! where the shape is `s` text, `n` number, `b` flag, `q` quantity, `i` number or text, `p` null when
//! absent, `=T` struct, `*T` pointer, `[T` list, and `+T` stands for the fields of `T`.

use crate::api::order;
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::field::json_string;
use crate::api::core::PodSpec;

type Types = BTreeMap<&'static str, Vec<&'static str>>;

fn types() -> Types {
    let lines = include_str!("internal.txt").lines();
    order::map(lines.filter_map(|line| {
        let mut words = line.split(' ');
        Some((words.next()?, words.collect()))
    }))
}

/// The value as JSON of the internal type.
pub(super) fn show<T: Serialize>(value: &T, name: &str) -> String {
    let value = serde_json::to_value(value).unwrap_or(Value::Null);
    let mut out = String::new();
    write_struct(&types(), name, value.as_object(), &mut out);
    out
}

/// A Pod's spec, whose use of the host's namespaces is inside its security context.
pub(super) fn show_pod_spec(spec: &PodSpec) -> String {
    let mut value = serde_json::to_value(spec).unwrap_or(Value::Null);
    if let Value::Object(fields) = &mut value {
        let names = ["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers"];
        let moved: Vec<_> = names.iter().filter_map(|name| fields.remove_entry(*name)).collect();
        if let Some(Value::Object(context)) = fields.get_mut("securityContext") {
            context.extend(moved);
        }
    }
    let mut out = String::new();
    write_struct(&types(), "PodSpec", value.as_object(), &mut out);
    out
}

fn write_struct(types: &Types, name: &str, value: Option<&Map<String, Value>>, out: &mut String) {
    out.push('{');
    write_fields(types, name, value, out);
    out.push('}');
}

fn separate(out: &mut String) {
    if !out.ends_with('{') && !out.ends_with('[') {
        out.push(',');
    }
}

fn write_fields(types: &Types, name: &str, value: Option<&Map<String, Value>>, out: &mut String) {
    for field in types.get(name).into_iter().flatten() {
        if let Some(embedded) = field.strip_prefix('+') {
            match embedded {
                "ObjectMeta" => write_metadata(value, out),
                embedded => write_fields(types, embedded, value, out),
            }
            continue;
        }
        let mut parts = field.split(':');
        let (Some(go), Some(shape)) = (parts.next(), parts.next()) else { continue };
        let json = parts.next().map_or_else(|| lower_first(go), str::to_string);
        let value = value.and_then(|fields| fields.get(&json)).filter(|value| !value.is_null());
        separate(out);
        out.push_str(&json_string(go));
        out.push(':');
        write_shape(types, shape, value, out);
    }
}

fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(chars).collect()
}

/// Metadata keeps its own names and leaves out what is empty.
fn write_metadata(value: Option<&Map<String, Value>>, out: &mut String) {
    let Some(Value::Object(meta)) = value.and_then(|fields| fields.get("metadata")) else { return };
    let last = ["labels", "annotations"];
    let names = meta.keys().map(String::as_str).filter(|name| !last.contains(name)).chain(last);
    for (name, value) in names.filter_map(|name| Some((name, meta.get(name)?))) {
        separate(out);
        out.push_str(&json_string(name));
        out.push(':');
        write_raw(value, out);
    }
}

fn write_shape(types: &Types, shape: &str, value: Option<&Value>, out: &mut String) {
    let (mark, name) = shape.split_at(1);
    match (mark, value) {
        ("=", value) => write_struct(types, name, value.and_then(Value::as_object), out),
        ("*", Some(value)) => write_struct(types, name, value.as_object(), out),
        ("[", Some(Value::Array(list))) => {
            out.push('[');
            for value in list {
                separate(out);
                write_struct(types, name, value.as_object(), out);
            }
            out.push(']');
        }
        (_, Some(value)) => write_raw(value, out),
        ("s", None) => out.push_str("\"\""),
        ("n" | "i", None) => out.push('0'),
        ("b", None) => out.push_str("false"),
        ("q", None) => out.push_str("\"0\""),
        (_, None) => out.push_str("null"),
    }
}

/// JSON as it is; a selector's labels come before its expressions.
fn write_raw(value: &Value, out: &mut String) {
    match value {
        Value::Object(fields) => {
            out.push('{');
            let first = fields.get_key_value("matchLabels");
            let rest = fields.iter().filter(|(name, _)| *name != "matchLabels");
            for (name, value) in first.into_iter().chain(rest) {
                separate(out);
                out.push_str(&json_string(name));
                out.push(':');
                write_raw(value, out);
            }
            out.push('}');
        }
        Value::Array(list) => {
            out.push('[');
            for value in list {
                separate(out);
                write_raw(value, out);
            }
            out.push(']');
        }
        Value::String(text) => out.push_str(&json_string(text)),
        other => out.push_str(&other.to_string()),
    }
}

/// The lines of JSON when it is indented by one blank. Models json.MarshalIndent.
pub(super) fn lines(json: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let (mut depth, mut in_text, mut escaped) = (0usize, false, false);
    let mut chars = json.chars().peekable();
    let push = |lines: &mut Vec<String>, c| {
        if let Some(line) = lines.last_mut() {
            line.push(c);
        }
    };
    while let Some(c) = chars.next() {
        match c {
            _ if in_text => {
                push(&mut lines, c);
                in_text = c != '"' || escaped;
                escaped = c == '\\' && !escaped;
            }
            '{' | '[' if matches!(chars.peek(), Some('}' | ']')) => push(&mut lines, c),
            '{' | '[' => {
                push(&mut lines, c);
                depth += 1;
                lines.push(" ".repeat(depth));
            }
            '}' | ']' => {
                if !lines.last().is_some_and(|line| line.ends_with(['{', '['])) {
                    depth = depth.saturating_sub(1);
                    lines.push(" ".repeat(depth));
                }
                push(&mut lines, c);
            }
            ',' => {
                push(&mut lines, c);
                lines.push(" ".repeat(depth));
            }
            ':' => {
                push(&mut lines, c);
                push(&mut lines, ' ');
            }
            c => {
                in_text = c == '"';
                push(&mut lines, c);
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indented() {
        let found = lines(r#"{"a":{},"b":[1,"x,:{\""],"c":[]}"#).join("\n");
        assert_eq!(found, "{\n \"a\": {},\n \"b\": [\n  1,\n  \"x,:{\\\"\"\n ],\n \"c\": []\n}");
    }

    #[test]
    fn a_pod_spec() {
        let spec = PodSpec { host_network: Some(true), ..Default::default() };
        let shown = show_pod_spec(&spec);
        assert!(shown.starts_with("{\"Volumes\":null,\"InitContainers\":null,"), "{shown}");
        assert!(shown.ends_with("\"HostnameOverride\":null,\"SchedulingGroup\":null}"), "{shown}");
    }
}
