//! What validation refuses, and what the API server warns about.

use crate::api::order;
use serde_json::Value;

use super::advice::Advice;
use super::edit;
use super::locate::{Spot, parent};
use super::missing;
use super::model::{Code, Diagnostic, Edit, Fix, Label, Severity};
use super::object::{Checker, error, kind_range};
use crate::api::labels::Labels;
use crate::api::moment::Epoch;
use crate::api::schema::{self, Type};
use crate::api::status::Cause as StatusCause;
use crate::api::yaml::{Document, Range};
use crate::api::{Kind, Moment, Namespace, Object, Scope, codec, validate};
use crate::server::{Call, Mode, Server};
use crate::store::{Actor, Cause, Trigger};

/// The text that validation has for a template that its selector does not select.
const MISMATCH: &str = "`selector` does not match template `labels`";

/// Has an API server of its own create the object.
pub(super) fn check(checker: &mut Checker<'_>, document: &Document, kind: Kind, of: &'static Type) {
    let root = Spot::root(document, Some(of));
    let text = checker.text;
    let object = match codec::decode(kind, document.value.clone()) {
        Ok(object) => object,
        Err(fault) => {
            let mut told = error(kind_range(root, text), Code::WrongType, fault.to_string());
            told.advice = Advice::Correct { field: kind.name().into() };
            return checker.found.push(told);
        }
    };
    namespace_of(checker, root, &object);
    match created(object) {
        Ok(object) => {
            if kind == Kind::Namespace {
                checker.namespaces.insert(object.name().to_owned());
            }
            let warnings = validate::warnings(&object).into_iter();
            checker.found.extend(warnings.map(|message| warning(root, message, text)));
        }
        Err(status) if status.causes.is_empty() => {
            let mut told = error(kind_range(root, text), Code::Refused, status.message);
            if status.kind == Some(Kind::Namespace) {
                told.range = root.find("metadata.namespace").range(text);
            }
            told.advice = Advice::Correct { field: kind.name().into() };
            checker.found.push(told);
        }
        Err(status) => {
            let causes = status.causes.iter();
            checker.found.extend(causes.map(|cause| fault(root, cause, kind, text)));
        }
    }
}

/// The object as it is stored.
fn created(object: Object) -> Result<Object, crate::api::Status> {
    let mut server = Server::new(Epoch::default(), 0);
    let cause = Cause { actor: Actor::User, trigger: Trigger::Input(0) };
    let call = Call { now: Moment::START, cause, mode: Mode::Commit };
    let name = if object.namespace().is_empty() { "default" } else { object.namespace() };
    if object.kind().scope() == Scope::Namespaced {
        let mut namespace = Namespace::default();
        namespace.metadata.name = Some(name.to_owned());
        // Of a name that cannot be one, the object's own creation tells.
        let _ = server.create(&call, namespace);
    }
    server.create(&Call { mode: Mode::DryRun, ..call }, object)
}

/// Notices a namespace that nobody makes.
fn namespace_of(checker: &mut Checker<'_>, root: Spot<'_>, object: &Object) {
    let name = object.namespace();
    let is_there = name.is_empty() || checker.namespaces.contains(name);
    if is_there || object.kind().scope() == Scope::Cluster || !validate::is_dns1123_label(name).is_empty() {
        return;
    }
    let name = name.to_owned();
    // Told once.
    checker.namespaces.insert(name.clone());
    let insert = format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name}\n---\n");
    let edits = vec![Edit::insert(0, insert)];
    checker.found.push(Diagnostic {
        range: root.find("metadata.namespace").range(checker.text),
        severity: Severity::Warning,
        code: Code::NamespaceNotFound,
        message: format!("namespaces \"{name}\" not found"),
        advice: Advice::CreateNamespace { name: name.clone() },
        fix: Some(Fix { label: Label::CreateNamespace { name }, edits }),
    });
}

fn warning(root: Spot<'_>, message: String, text: &str) -> Diagnostic {
    let path = message.split([':', ' ']).next().unwrap_or_default();
    // Some of them have the Go name of the field, and those of a template begin at the Pod's `spec`.
    let path = path.replace("spec.SessionAffinity", "spec.sessionAffinity");
    let spot = root.find(&path);
    let range = if spot.key.is_some() || spot.is_whole() { spot.range(text) } else { kind_range(root, text) };
    Diagnostic {
        range,
        severity: Severity::Warning,
        code: Code::Warning,
        message,
        advice: Advice::Reconsider,
        fix: None,
    }
}

/// One fault of validation.
fn fault(root: Spot<'_>, cause: &StatusCause, kind: Kind, text: &str) -> Diagnostic {
    let spot = label(root.find(&cause.field), cause);
    let (holder, name) = parent(&cause.field);
    let field = name.to_owned();
    let mut told = error(
        range_of(root, &spot, cause, text),
        Code::Invalid,
        format!("{}: {}", cause.field, cause.message),
    );
    told.advice = Advice::Correct { field: field.clone() };
    match cause.reason {
        _ if cause.message.ends_with(MISMATCH) => {
            told.code = Code::SelectorMismatch;
            mismatch(root, kind, text, &mut told);
        }
        "FieldValueRequired" => {
            told.code = Code::Required;
            let is_there = spot.is_whole() && spot.value.is_object();
            told.advice = if is_there { Advice::Complete { field } } else { Advice::Provide { field } };
            told.fix = missing::fix(root, &cause.field, text);
        }
        "FieldValueNotSupported" => {
            told.code = Code::NotSupported;
            choose(&spot, &cause.message, &mut told);
        }
        "FieldValueDuplicate" => {
            told.code = Code::Duplicate;
            told.advice = Advice::MakeUnique;
        }
        "FieldValueForbidden" => {
            told.code = Code::Forbidden;
            let edits = edit::remove(text, root.find(holder).node, name).filter(|_| spot.is_whole());
            told.fix = edits.map(|edits| Fix { label: Label::Remove { field: field.clone() }, edits });
            told.advice = Advice::Forgo { field };
        }
        "FieldValueNotFound" => {
            told.code = Code::NotFound;
            volume(root, &cause.field, &spot, &mut told);
        }
        _ => invalid(&spot, &cause.message, &mut told),
    }
    told
}

/// Where a fault is: of a map of labels, the label that the message shows.
fn range_of(root: Spot<'_>, spot: &Spot<'_>, cause: &StatusCause, text: &str) -> Range {
    if spot.key.is_none() && !spot.is_whole() && spot.value == root.value {
        return kind_range(root, text);
    }
    let shown = cause.message.strip_prefix("Invalid value: ").and_then(shown_text);
    if let (Some(shown), Value::Object(_)) = (shown, spot.value)
        && let Some(entry) = spot.node.entries().iter().find(|entry| entry.key == shown)
    {
        return entry.key_range;
    }
    if !spot.is_whole() {
        // What is not written has its default, which a written one may not go together with.
        let named = |key: &str| cause.message.split(|c: char| !c.is_alphanumeric()).any(|word| word == key);
        let other = spot.node.entries().iter().find(|entry| named(&entry.key));
        if let Some(other) = other.and_then(|entry| spot.entry(&entry.key)) {
            return other.range(text);
        }
    }
    spot.range(text)
}

/// Of a map of labels, the one whose value the message shows.
fn label<'a>(spot: Spot<'a>, cause: &StatusCause) -> Spot<'a> {
    let shown = cause.message.strip_prefix("Invalid value: ").and_then(shown_text);
    let is_shown = |key: &str| spot.value.get(key)?.as_str().filter(|value| Some(*value) == shown.as_deref());
    let entry = spot.node.entries().iter().find(|entry| is_shown(&entry.key).is_some());
    entry.and_then(|entry| spot.entry(&entry.key)).unwrap_or(spot)
}

/// The text that stands in quotes at the beginning.
fn shown_text(message: &str) -> Option<String> {
    let mut values = serde_json::Deserializer::from_str(message).into_iter::<Value>();
    match values.next() {
        Some(Ok(Value::String(text))) => Some(text),
        _ => None,
    }
}

/// A value that is none of those known.
fn choose(spot: &Spot<'_>, message: &str, told: &mut Diagnostic) {
    let list = message.split_once("supported values: ").map_or("", |(_, list)| list);
    let from: Vec<String> = list.split(", ").filter_map(shown_text).collect();
    let given = spot.value.as_str().unwrap_or_default();
    let known = from.iter().map(String::as_str);
    let nearest = match &from[..] {
        [only] => Some(only.as_str()),
        _ => schema::closest(known, given),
    };
    let replace = |with: &str| {
        let edits = edit::replace(spot, &Value::from(with)).filter(|_| spot.is_whole())?;
        Some(Fix { label: Label::Replace { with: with.into() }, edits })
    };
    told.fix = nearest.and_then(replace);
    told.advice = Advice::Choose { nearest: nearest.map(str::to_owned), from };
}

/// A name or number that needs other letters.
fn invalid(spot: &Spot<'_>, message: &str, told: &mut Diagnostic) {
    let Some(given) = spot.value.as_str().filter(|_| spot.is_whole()) else { return };
    let mut offer = |with: Value, shown: String| {
        told.advice = Advice::UseName { name: shown.clone() };
        let edits = edit::replace(spot, &with);
        told.fix = edits.map(|edits| Fix { label: Label::Replace { with: shown }, edits });
    };
    if message.contains("must not have leading or trailing whitespace") {
        let trimmed = given.trim();
        offer(trimmed.into(), trimmed.into());
    } else if message.contains("a valid percent string") && given.parse::<i32>().is_ok_and(|n| n >= 0) {
        offer(given.parse::<i32>().map_or(Value::Null, Value::from), given.into());
    } else if message.contains("a valid label must") {
        let is_odd = |c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.');
        let value = given.replace(is_odd, "-");
        let value = value.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        if validate::is_label_value(value).is_empty() {
            offer(value.into(), value.into());
        }
    } else if message.contains("RFC 1123") || message.contains("RFC 1035") {
        let name = given.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        let name = name.trim_matches('-');
        let is_right = match message.contains("RFC 1035") {
            true => validate::is_dns1035_label(name),
            false => validate::is_dns1123_label(name),
        };
        if is_right.is_empty() {
            offer(name.into(), name.into());
        }
    }
}

/// A mount of a volume that the Pod does not have.
fn volume(root: Spot<'_>, path: &str, spot: &Spot<'_>, told: &mut Diagnostic) {
    let Some((pod, _)) = path.split_once(".containers[").or_else(|| path.split_once(".initContainers["))
    else {
        return;
    };
    let name = spot.value.as_str().unwrap_or_default().to_owned();
    let volumes = root.find(pod).value.get("volumes").and_then(Value::as_array);
    let names = volumes.into_iter().flatten().filter_map(|volume| volume.get("name")?.as_str());
    let known: Vec<String> = names.map(str::to_owned).collect();
    let nearest = match &known[..] {
        [only] => Some(only.as_str()),
        _ => schema::closest(known.iter().map(String::as_str), &name),
    };
    told.fix = nearest.and_then(|with| {
        let edits = edit::replace(spot, &Value::from(with))?;
        Some(Fix { label: Label::Replace { with: with.into() }, edits })
    });
    told.advice = Advice::NameVolume { name, known };
}

/// A template without the labels that its selector asks for.
fn mismatch(root: Spot<'_>, kind: Kind, text: &str, told: &mut Diagnostic) {
    let labels = |value: Option<&Value>| {
        let entries = value.and_then(Value::as_object).into_iter().flatten();
        order::map(entries.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))))
    };
    let wanted = labels(root.value.pointer("/spec/selector/matchLabels"));
    if !matches!(kind, Kind::Deployment | Kind::ReplicaSet) {
        return;
    }
    if wanted.is_empty() {
        told.advice = Advice::Provide { field: "spec.selector".into() };
        return;
    }
    let there = root.find("spec.template.metadata.labels");
    let given = if there.is_whole() { labels(Some(there.value)) } else { Labels::default() };
    told.advice = Advice::MatchLabels { labels: wanted.clone() };
    let mut edits = Vec::new();
    let mut missing = Labels::default();
    for (key, value) in &wanted {
        match there.entry(key).filter(|_| there.is_whole()) {
            Some(_) if given.get(key) == Some(value) => {}
            Some(other) => {
                edits.extend(edit::replace(&other, &Value::from(value.as_str())).into_iter().flatten())
            }
            None => drop(missing.insert(key.clone(), value.clone())),
        }
    }
    if there.is_whole() {
        edits.extend(missing_labels(&there, &missing, text));
    } else {
        let value = serde_json::to_value(&missing).unwrap_or_default();
        edits = edit::insert(text, &there, value).unwrap_or_default();
    }
    order::sort_by_key(&mut edits, |edit| edit.from);
    told.fix = (!edits.is_empty()).then_some(Fix { label: Label::CopyLabels, edits });
}

fn missing_labels(there: &Spot<'_>, missing: &Labels, text: &str) -> Vec<Edit> {
    let is_empty = there.value.as_object().is_some_and(|map| map.is_empty());
    if let (true, Ok(labels)) = (is_empty, serde_json::to_string(missing)) {
        return vec![Edit::replace(there.node.range, labels)];
    }
    let entries = missing.iter();
    let edits =
        entries.filter_map(|(key, value)| edit::insert_entry(text, there, key, Value::from(value.as_str())));
    edits.flatten().collect()
}
