//! Values of the wrong type, and how to make them right.

use serde_json::{Map, Value};

use super::advice::{Advice, Wanted};
use super::edit::{self, scalar};
use super::locate::Spot;
use super::model::{Code, Diagnostic, Edit, Fix, Label, Severity};
use crate::api::quantity::Amount;
use crate::api::schema::{Form, Shape, Type};
use crate::api::yaml::Range;

/// A value that the decoder refuses with these words.
pub(super) fn told(spot: &Spot<'_>, path: &str, message: &str, text: &str) -> Diagnostic {
    let mut told = Diagnostic {
        range: spot.range(text),
        severity: Severity::Error,
        code: Code::WrongType,
        message: message.to_owned(),
        advice: Advice::Correct { field: path.to_owned() },
        fix: None,
    };
    let Some(form) = spot.kind_of.form().filter(|_| spot.is_whole()) else { return told };
    told.advice = Advice::Want { wanted: wanted(form) };
    told.fix = match form {
        Form::String if path.ends_with(".matchLabels") => raised(spot, text),
        Form::String => quoted(spot, text),
        Form::Bool | Form::Int32 | Form::Int64 | Form::Float => unquoted(spot, form),
        Form::Quantity => amount(spot),
        Form::List(item) => list(spot, item, path, text),
        Form::Map(_) | Form::Struct(_) if spot.value.is_string() => glued(spot, form, text),
        Form::Map(_) | Form::Struct(_) => map(spot, form, text),
        Form::IntOrString => None,
        Form::Time | Form::MicroTime | Form::Bytes | Form::Any => None,
    };
    match told.fix.as_ref().map(|fix| &fix.label) {
        Some(Label::Blank) => told.advice = Advice::BlankAfterColon,
        Some(Label::Remove { field }) => {
            told.advice =
                Advice::RemoveField { field: field.clone(), holder: "selector of this kind".into() };
        }
        _ => {}
    }
    told
}

fn wanted(form: &Form) -> Wanted {
    match form {
        Form::String | Form::Any => Wanted::Text,
        Form::Bool => Wanted::Boolean,
        Form::Int32 | Form::Int64 => Wanted::WholeNumber,
        Form::Float => Wanted::Number,
        Form::Quantity => Wanted::Quantity,
        Form::IntOrString => Wanted::NumberOrPercent,
        Form::Time | Form::MicroTime => Wanted::Time,
        Form::Bytes => Wanted::Base64,
        Form::List(_) => Wanted::List,
        Form::Map(_) | Form::Struct(_) => Wanted::Map,
    }
}

fn fix(label: Label, edits: Vec<Edit>) -> Option<Fix> {
    Some(Fix { label, edits })
}

fn quoted(spot: &Spot<'_>, text: &str) -> Option<Fix> {
    let written = spot.node.range.of(text);
    let is_plain =
        matches!(spot.value, Value::Number(_) | Value::Bool(_)) && !written.starts_with(['!', '&', '*']);
    let is_empty = written.is_empty() || written.contains(['"', '\\', '\n']);
    (is_plain && !is_empty).then(|| Fix {
        label: Label::Quote,
        edits: vec![Edit::replace(spot.node.range, format!("\"{written}\""))],
    })
}

fn unquoted(spot: &Spot<'_>, form: &Form) -> Option<Fix> {
    let content = match spot.value {
        Value::String(text) => text.trim().to_owned(),
        // `80.0` is a whole number that YAML does not take for one.
        Value::Number(number) => number.as_f64().filter(|n| n.fract() == 0.0 && n.abs() < 1e15)?.to_string(),
        _ => return None,
    };
    let lower = content.to_lowercase();
    let right = match form {
        Form::Bool => match lower.as_str() {
            "true" | "yes" | "on" | "1" | "enabled" => "true".to_owned(),
            "false" | "no" | "off" | "0" | "disabled" => "false".to_owned(),
            _ => return None,
        },
        Form::Int32 => content.parse::<i32>().ok()?.to_string(),
        Form::Int64 => content.parse::<i64>().ok()?.to_string(),
        _ => content.parse::<f64>().ok().filter(|number| number.is_finite())?.to_string(),
    };
    let label = if right == content { Label::Unquote } else { Label::Replace { with: right.clone() } };
    fix(label, vec![Edit::replace(spot.node.range, right)])
}

/// `64MB`, `1 Gi` and `2cores` as the API writes them.
fn amount(spot: &Spot<'_>) -> Option<Fix> {
    let Value::String(text) = spot.value else { return None };
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let digits = compact.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = compact.split_at(digits);
    let unit = match unit.to_lowercase().as_str() {
        "k" | "kb" => "k",
        "mb" => "M",
        "g" | "gb" => "G",
        "t" | "tb" => "T",
        "ki" | "kib" => "Ki",
        "mi" | "mib" => "Mi",
        "gi" | "gib" => "Gi",
        "ti" | "tib" => "Ti",
        "b" | "core" | "cores" | "cpu" | "cpus" => "",
        "mcpu" | "millicores" => "m",
        _ => return None,
    };
    let right = format!("{number}{unit}");
    Amount::parse(&right)?;
    let edits = edit::replace(spot, &Value::from(right.as_str()))?;
    fix(Label::Replace { with: right }, edits)
}

/// One value where a list is wanted.
fn list(spot: &Spot<'_>, item: &'static Shape, path: &str, text: &str) -> Option<Fix> {
    let range = spot.node.range;
    let written = range.of(text);
    match spot.value {
        Value::Object(map) if is_name_values(item.structure(), map) => name_values(spot, map, text),
        Value::Object(_) if written.starts_with('{') => wrapped(range),
        Value::Object(_) => dashed(spot, text),
        Value::String(words) => {
            let items = words_of(words, path);
            let list = items.iter().map(|item| scalar(&Value::from(item.as_str())));
            let list = format!("[{}]", list.collect::<Vec<_>>().join(", "));
            fix(Label::MakeList, vec![Edit::replace(range, list)])
        }
        Value::Null | Value::Array(_) => None,
        _ if matches!(item.form, Form::String) => {
            fix(Label::MakeList, vec![Edit::replace(range, format!("[\"{written}\"]"))])
        }
        _ => wrapped(range),
    }
}

fn wrapped(range: Range) -> Option<Fix> {
    fix(Label::MakeList, vec![Edit::insert(range.start.utf16, "["), Edit::insert(range.end.utf16, "]")])
}

/// A command line as the words of a command.
fn words_of(line: &str, path: &str) -> Vec<String> {
    let is_command = path.ends_with(".command");
    let is_shell = line.contains(['|', '&', ';', '<', '>', '$', '`', '"', '\'', '*', '\n', '(']);
    match (is_command, is_shell) {
        (true, true) => vec!["sh".into(), "-c".into(), line.into()],
        (true, false) => line.split_whitespace().map(str::to_owned).collect(),
        (false, false) if path.ends_with(".args") => line.split_whitespace().map(str::to_owned).collect(),
        (false, _) => vec![line.into()],
    }
}

/// A block map made the item of a list.
fn dashed(spot: &Spot<'_>, text: &str) -> Option<Fix> {
    let entries = spot.node.entries();
    let first = entries.first()?.key_range.start;
    let is_below = spot.key.is_none_or(|key| key.start.line < first.line);
    if !is_below || !edit::is_within(entries.last()?.key_range, spot.node.range) {
        return None;
    }
    let mut edits = vec![Edit::insert(first.utf16, "- ")];
    let mut at = first.utf16;
    for line in spot.node.range.of(text).split_inclusive('\n') {
        if at > first.utf16 && !line.trim().is_empty() {
            edits.push(Edit::insert(at, "  "));
        }
        at += line.encode_utf16().count();
    }
    fix(Label::MakeList, edits)
}

/// Whether a map was written where the API wants a list of names and values, as `env` is elsewhere.
fn is_name_values(item: Option<&Type>, map: &Map<String, Value>) -> bool {
    let is_simple = |value: &Value| !value.is_object() && !value.is_array();
    item.is_some_and(|of| {
        let is_own = |name: &str| of.field(name).is_some();
        is_own("name") && is_own("value") && map.iter().all(|(key, value)| is_simple(value) && !is_own(key))
    })
}

fn name_values(spot: &Spot<'_>, map: &Map<String, Value>, text: &str) -> Option<Fix> {
    let range = spot.node.range;
    let first = spot.node.entries().first()?.key_range.start;
    let is_flow = range.of(text).starts_with('{');
    let mut out = String::new();
    for entry in spot.node.entries() {
        let value = match map.get(&entry.key)? {
            Value::String(value) => value.clone(),
            Value::Null => String::new(),
            // As written: a version `1.10` is no number.
            _ => entry.value.range.of(text).to_owned(),
        };
        let (name, value) = (scalar(&Value::from(entry.key.as_str())), scalar(&Value::from(value)));
        let pad = " ".repeat(first.column - 1);
        match (is_flow, out.is_empty()) {
            (true, true) => out.push_str(&format!("[{{name: {name}, value: {value}}}")),
            (true, false) => out.push_str(&format!(", {{name: {name}, value: {value}}}")),
            (false, true) => out.push_str(&format!("- name: {name}\n{pad}  value: {value}")),
            (false, false) => out.push_str(&format!("\n{pad}- name: {name}\n{pad}  value: {value}")),
        }
    }
    out.push_str(if is_flow { "]" } else { "" });
    fix(Label::MakeNameValues, vec![Edit::replace(range, out)])
}

/// `name:web`, which is one word.
fn glued(spot: &Spot<'_>, form: &'static Form, text: &str) -> Option<Fix> {
    let written = spot.node.range.of(text);
    let (name, rest) = written.split_once(':')?;
    let is_key = match form {
        Form::Struct(reference) => reference.target().field(name).is_some(),
        _ => !name.is_empty() && !name.contains([' ', '"', '\'']),
    };
    let at = spot.node.range.start.utf16 + name.encode_utf16().count() + 1;
    let is_one = is_key && !rest.is_empty() && !rest.starts_with([' ', '\n']);
    is_one.then(|| Fix { label: Label::Blank, edits: vec![Edit::insert(at, " ")] })
}

/// The entries of a block map in the place of the key that holds them.
fn raised(spot: &Spot<'_>, text: &str) -> Option<Fix> {
    let key = spot.key?.start;
    let first = spot.node.entries().first()?.key_range.start;
    let by = first.column.checked_sub(key.column).filter(|_| first.line > key.line)?;
    let mut edits = vec![Edit { from: key.utf16, to: first.utf16, insert: String::new() }];
    let mut at = first.utf16;
    for line in spot.node.range.of(text).split_inclusive('\n') {
        if at > first.utf16 && line.starts_with(&" ".repeat(by)) {
            edits.push(Edit { from: at, to: at + by, insert: String::new() });
        }
        at += line.encode_utf16().count();
    }
    fix(Label::Remove { field: "matchLabels".into() }, edits)
}

/// A list where a map is wanted: its items may be the map's entries.
fn map(spot: &Spot<'_>, form: &'static Form, text: &str) -> Option<Fix> {
    let items = spot.node.items();
    let is_block = !spot.node.range.of(text).starts_with('[');
    let mut keys = items.iter().flat_map(|item| item.entries()).map(|entry| entry.key.as_str());
    let mut seen = std::collections::BTreeSet::new();
    let unique = keys.all(|key| {
        let is_known = match form {
            Form::Struct(reference) => reference.target().field(key).is_some(),
            _ => true,
        };
        is_known && seen.insert(key)
    });
    if !is_block || seen.is_empty() || !unique {
        return None;
    }
    let mut edits = Vec::new();
    for item in items {
        let start = item.entries().first()?.key_range.start;
        let line = text.get(..start.byte)?.rsplit('\n').next()?;
        let dash = line.rfind('-').filter(|dash| line[dash + 1..].trim().is_empty())?;
        let from = start.utf16 - (line.len() - dash);
        edits.push(Edit { from, to: from + 1, insert: " ".into() });
    }
    fix(Label::MakeMap, edits)
}
