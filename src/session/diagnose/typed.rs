//! Fields that the API does not have, and values of the wrong type.

use crate::api::order;
use serde_json::Value;

use super::advice::Advice;
use super::edit;
use super::locate::{Spot, parent};
use super::model::{Code, Diagnostic, Edit, Fix, Label, Severity};
use super::wrong_type;
use crate::api::schema::{self, Fault, Form, Problem, Shape, Type};
use crate::api::yaml::Document;

/// How many values of the wrong type are told of one document.
const MAX_WRONG: usize = 20;
/// How deep a field is looked for that stands in the wrong place.
const MAX_DEPTH: usize = 8;

/// Checks a document against the API's types.
pub(super) fn check(document: &Document, of: &'static Type, text: &str) -> Vec<Diagnostic> {
    let root = Spot::root(document, Some(of));
    let mut faults = schema::check(&document.value, of);
    let mut found = Vec::new();
    // The decoder tells one wrong type; what it would tell next shows when that one is gone.
    let mut rest = None;
    while let Some(Fault { path, problem: Problem::WrongType(message) }) = faults.first() {
        let spot = root.find(path);
        found.push(wrong_type::told(&spot, path, message, text));
        let value = rest.get_or_insert_with(|| document.value.clone());
        if found.len() == MAX_WRONG || !spot.is_whole() || !clear(value, path) {
            break;
        }
        faults = schema::check(value, of);
    }
    let unknown = faults.iter().filter(|fault| fault.problem == Problem::UnknownField);
    found.extend(unknown.map(|fault| unknown_field(root, fault, text)));
    found
}

/// Makes a value null, which fits everywhere.
fn clear(value: &mut Value, path: &str) -> bool {
    let path = path.strip_prefix('.').unwrap_or(path);
    if path.is_empty() {
        *value = Value::Null;
        return true;
    }
    if let Some((index, after)) = path.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        let item = index.parse::<usize>().ok().and_then(|index| value.get_mut(index));
        return item.is_some_and(|item| clear(item, after));
    }
    let Value::Object(map) = value else { return false };
    map.iter_mut().any(|(key, value)| {
        let after = path.strip_prefix(key.as_str());
        let after = after.filter(|after| after.is_empty() || after.starts_with(['.', '[']));
        // What is null already is not what was wrong.
        after.is_some_and(|after| !value.is_null() && clear(value, after))
    })
}

fn unknown_field(root: Spot<'_>, fault: &Fault, text: &str) -> Diagnostic {
    let spot = root.find(&fault.path);
    let (holder, name) = parent_of(root, &fault.path);
    let mut told = Diagnostic {
        range: spot.key.unwrap_or_else(|| spot.range(text)),
        severity: Severity::Error,
        code: Code::UnknownField,
        message: fault.to_string(),
        advice: Advice::CheckLine,
        fix: None,
    };
    let Some(of) = holder.kind_of.structure() else { return told };
    let is_free = |to: &&str| holder.entry(to).is_none();
    if let Some(to) = better_name(of, name).filter(is_free) {
        told.advice = Advice::RenameField { to: to.into() };
        let edits = spot.key.map(|key| vec![Edit::replace(key, to)]);
        told.fix = edits.map(|edits| Fix { label: Label::Replace { with: to.into() }, edits });
    } else if let Some(under) = home(root, &fault.path, name, spot.value) {
        told.fix = moved(root, &holder, name, &under, text);
        told.advice = Advice::MoveField { field: name.into(), under };
    } else {
        told.advice = Advice::RemoveField { field: name.into(), holder: of.name().into() };
        let edits = edit::remove(text, holder.node, name);
        told.fix = edits.map(|edits| Fix { label: Label::Remove { field: name.into() }, edits });
    }
    told
}

/// Takes the field out and writes it where it belongs.
fn moved(root: Spot<'_>, holder: &Spot<'_>, name: &str, under: &str, text: &str) -> Option<Fix> {
    let mut edits = edit::remove(text, holder.node, name)?;
    let value = holder.entry(name)?.value.clone();
    let target = root.find(under);
    if target.is_whole() && target.entry(name).is_some() {
        return None;
    }
    let path = format!("{}.{name}", target.rest);
    edits.extend(edit::insert(text, &Spot { rest: &path, ..target }, value)?);
    order::sort_by_key(&mut edits, |edit| (edit.from, edit.to));
    let is_apart = edits.windows(2).all(|pair| pair[0].to < pair[1].from);
    let label = Label::Move { field: name.into(), under: under.into() };
    is_apart.then_some(Fix { label, edits })
}

/// What holds an unknown field, and the field's name: the name may have dots in it.
fn parent_of<'a>(root: Spot<'a>, path: &'a str) -> (Spot<'a>, &'a str) {
    let (mut holder, mut name) = parent(path);
    loop {
        let spot = root.find(holder);
        if spot.is_whole() && spot.entry(name).is_some() || holder.is_empty() {
            return (spot, name);
        }
        holder = parent(holder).0;
        name = path.get(holder.len()..).unwrap_or_default().trim_start_matches('.');
    }
}

/// The field that was meant, in a struct.
fn better_name(of: &'static Type, wrong: &str) -> Option<&'static str> {
    // What other tools call it.
    const ALIASES: &[(&str, &str)] = &[
        ("environment", "env"),
        ("cmd", "command"),
        ("entrypoint", "command"),
        ("arguments", "args"),
        ("volume", "volumes"),
        ("mounts", "volumeMounts"),
        ("matchLabel", "matchLabels"),
        ("healthcheck", "livenessProbe"),
        ("updateStrategy", "strategy"),
        ("strategy", "updateStrategy"),
        ("http", "httpGet"),
        ("tcp", "tcpSocket"),
        ("gracePeriodSeconds", "terminationGracePeriodSeconds"),
        ("nodePort", "port"),
    ];
    let alias = ALIASES.iter().find(|(alias, to)| *alias == wrong && of.field(to).is_some());
    alias.map(|(_, to)| *to).or_else(|| schema::nearest(of, wrong))
}

/// The path of what has the field, if the field only stands in the wrong place: an ancestor, or something
/// below one.
fn home(root: Spot<'_>, path: &str, name: &str, value: &Value) -> Option<String> {
    let mut at = parent(path).0;
    loop {
        let spot = root.find(at);
        if let Some(of) = spot.kind_of.structure().filter(|_| spot.is_whole()) {
            let has = |of: &Type| of.field(name).is_some_and(|field| could_be(&field.value, value));
            if at != parent(path).0 && has(of) {
                return Some(at.to_owned());
            }
            for depth in 1..=MAX_DEPTH {
                if let Some(below) = below(of, name, value, depth) {
                    let dot = if at.is_empty() { "" } else { "." };
                    return Some(format!("{at}{dot}{below}"));
                }
            }
        }
        if at.is_empty() {
            return None;
        }
        at = parent(at).0;
    }
}

/// Where the field is, exactly so many structs down the usual ways.
fn below(of: &'static Type, name: &str, value: &Value, depth: usize) -> Option<String> {
    const WAYS: &[&str] = &[
        "metadata",
        "spec",
        "template",
        "containers",
        "selector",
        "securityContext",
        "strategy",
        "rollingUpdate",
    ];
    WAYS.iter().find_map(|way| {
        let shape = &of.field(way)?.value;
        let inner = shape.structure()?;
        let item = if matches!(shape.form, Form::List(_)) { "[0]" } else { "" };
        if depth > 1 {
            return Some(format!("{way}{item}.{}", below(inner, name, value, depth - 1)?));
        }
        let fits = inner.field(name).is_some_and(|field| could_be(&field.value, value));
        fits.then(|| format!("{way}{item}"))
    })
}

/// Whether a value looks like one for a field.
fn could_be(shape: &Shape, value: &Value) -> bool {
    match (&shape.form, value) {
        (_, Value::Null) => true,
        (Form::List(_), value) => value.is_array(),
        (Form::Map(_) | Form::Struct(_), value) => value.is_object(),
        (Form::Any, _) => true,
        (_, value) => !value.is_array() && !value.is_object(),
    }
}
