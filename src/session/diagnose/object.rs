//! One document after the other: is it an object, and of what kind?

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::advice::Advice;
use super::edit;
use super::locate::{Spot, first_line};
use super::model::{Code, Diagnostic, Edit, Fix, Label, Severity};
use super::{document_text, invalid, not_simulated, typed};
use crate::api::yaml::{Document, Node, Overwritten, Range};
use crate::api::{Kind, codec, schema};
use crate::session::scenario::{self, Scenario};

/// Checks a text's documents in their order.
pub(super) struct Checker<'a> {
    pub text: &'a str,
    pub found: Vec<Diagnostic>,
    /// The namespaces that are there when the next object is created.
    pub namespaces: BTreeSet<String>,
    /// The kinds that the text itself defines.
    defined: BTreeSet<String>,
    items: usize,
}

/// How many objects of `List`s are looked at.
const MAX_ITEMS: usize = 1000;

impl<'a> Checker<'a> {
    pub fn new(text: &'a str) -> Checker<'a> {
        let namespaces =
            ["default", "kube-node-lease", "kube-public", "kube-system"].map(str::to_owned).into();
        Checker { text, found: Vec::new(), namespaces, defined: BTreeSet::new(), items: 0 }
    }

    pub fn document(&mut self, document: &Document) {
        let lost = document.overwritten.iter().map(|lost| overwritten(lost, self.text));
        self.found.extend(lost);
        self.object(document);
    }

    fn object(&mut self, document: &Document) {
        let root = Spot::root(document, None);
        let top = top_range(&document.tree, self.text);
        let Value::Object(fields) = &document.value else {
            return self.error(top, Code::NotAnObject, "invalid object to validate", Advice::WriteObject);
        };
        let word = |name: &str| fields.get(name).and_then(Value::as_str).filter(|word| !word.is_empty());
        let (api_version, kind) = (word("apiVersion"), word("kind"));
        let (Some(api_version), Some(kind)) = (api_version, kind) else {
            return self.headless(document, (api_version, kind));
        };
        if api_version == scenario::API_VERSION && kind == "Scenario" {
            return self.scenario(document);
        }
        if api_version == "v1" && kind == "List" {
            return self.list(root);
        }
        let Some(of) = schema::root(api_version, kind) else {
            return self.unknown_kind(document, api_version, kind);
        };
        let faults = typed::check(document, of, self.text);
        let is_sound = faults.is_empty();
        self.found.extend(faults);
        let root = Spot::root(document, Some(of));
        match Kind::of(api_version, kind) {
            Some(known) if is_sound => invalid::check(self, document, known, of),
            Some(_) => {}
            None => self.found.push(not_simulated::kind(kind, kind_range(root, self.text))),
        }
        if let Some(known) = codec::kind_of(&document.value) {
            self.found.extend(not_simulated::fields(known, root));
        }
        if kind == "CustomResourceDefinition" {
            let names = document.value.pointer("/spec/names/kind").and_then(Value::as_str);
            self.defined.extend(names.map(str::to_owned));
        }
    }

    fn error(&mut self, range: Range, code: Code, message: impl Into<String>, advice: Advice) {
        let message = message.into();
        self.found.push(Diagnostic { range, severity: Severity::Error, code, message, advice, fix: None });
    }

    /// The objects of a `List`.
    fn list(&mut self, root: Spot<'_>) {
        let Some(items) = root.entry("items") else { return };
        for index in 0..items.node.items().len() {
            self.items += 1;
            if let Some(item) = items.item(index).filter(|_| self.items <= MAX_ITEMS) {
                let (value, tree) = (item.value.clone(), item.node.clone());
                self.object(&Document { value, tree, overwritten: Vec::new() });
            }
        }
    }

    /// An object that does not say what it is.
    fn headless(&mut self, document: &Document, (api_version, kind): (Option<&str>, Option<&str>)) {
        let top = top_range(&document.tree, self.text);
        let root = Spot::root(document, None);
        let place = |name: &str| root.entry(name).map_or(top, |spot| spot.range(self.text));
        if api_version.is_none() {
            let known = kind.map(versions_of).unwrap_or_default();
            let insert = |version: &String| self.put(root, "apiVersion", version);
            let fix = known.first().and_then(insert);
            let kind = kind.unwrap_or_default().to_owned();
            let mut told = error(place("apiVersion"), Code::ApiVersionMissing, "apiVersion not set".into());
            told.advice = Advice::SetApiVersion { kind, known };
            told.fix = fix;
            self.found.push(told);
        }
        if kind.is_none() {
            let mut told = error(place("kind"), Code::KindMissing, "kind not set".into());
            told.advice = Advice::SetKind;
            told.fix =
                guessed_kind(&document.value, api_version).and_then(|kind| self.put(root, "kind", kind));
            self.found.push(told);
        }
    }

    /// Sets a field at the top.
    fn put(&self, root: Spot<'_>, name: &str, value: &str) -> Option<Fix> {
        let edits = match root.entry(name) {
            Some(there) if there.value.is_null() => {
                let at = there.node.range;
                let blank = if at.end.byte > at.start.byte { "" } else { " " };
                Some(vec![Edit::replace(at, format!("{blank}{value}"))])
            }
            Some(there) => edit::replace(&there, &Value::from(value)),
            None => edit::insert_entry(self.text, &root, name, Value::from(value)),
        };
        Some(Fix { label: Label::Insert { field: format!("{name}: {value}") }, edits: edits? })
    }

    fn unknown_kind(&mut self, document: &Document, api_version: &str, kind: &str) {
        let root = Spot::root(document, None);
        if self.defined.contains(kind) || not_simulated::is_built_in(api_version, kind) {
            return self.found.push(not_simulated::kind(kind, kind_range(root, self.text)));
        }
        let message = format!("no matches for kind \"{kind}\" in version \"{api_version}\"");
        let mut told = error(kind_range(root, self.text), Code::UnknownKind, message);
        let replace = |field: &str, with: &str| {
            let edits = edit::replace(&root.entry(field)?, &Value::from(with))?;
            Some(Fix { label: Label::Replace { with: with.into() }, edits })
        };
        if let Some(version) = versions_of(kind).into_iter().next() {
            told.range = root.entry("apiVersion").map_or(told.range, |spot| spot.range(self.text));
            told.fix = replace("apiVersion", &version);
            told.advice = Advice::UseApiVersion { kind: kind.into(), api_version: version };
        } else if let Some(nearest) = schema::closest(schema::roots().map(|(_, kind)| kind), kind) {
            told.fix = replace("kind", nearest);
            told.advice = Advice::UseKind { kind: nearest.into() };
        } else {
            told.advice = Advice::DefineKind { kind: kind.into() };
        }
        self.found.push(told);
    }

    fn scenario(&mut self, document: &Document) {
        let (start, text) = document_text(self.text, document);
        match Scenario::parse(text, BTreeMap::new()) {
            Ok(scenario) => drop(self.namespaces.insert(scenario.namespace)),
            Err(fault) => {
                let line = fault.line.map(|line| start.line + line - 1);
                let range = line.and_then(|line| line_range(self.text, line));
                let range = range.unwrap_or_else(|| kind_range(Spot::root(document, None), self.text));
                self.error(range, Code::Scenario, fault.message, Advice::CorrectScenario);
            }
        }
    }
}

/// An error without more to say than its message.
pub(super) fn error(range: Range, code: Code, message: String) -> Diagnostic {
    Diagnostic { range, severity: Severity::Error, code, message, advice: Advice::CheckLine, fix: None }
}

/// Where a document's kind is written; its first line, if it is not.
pub(super) fn kind_range(root: Spot<'_>, text: &str) -> Range {
    root.entry("kind").map_or_else(|| top_range(root.node, text), |spot| spot.range(text))
}

fn top_range(tree: &Node, text: &str) -> Range {
    first_line(tree.entries().first().map_or(tree.range, |entry| entry.key_range), text)
}

/// The text of a line, counted from 1.
fn line_range(text: &str, number: usize) -> Option<Range> {
    let mut at = crate::api::yaml::Place::START;
    for line in text.split_inclusive('\n') {
        if at.line == number {
            let inner = line.trim_start();
            let start = at.after(&line[..line.len() - inner.len()]);
            return Some(Range { start, end: start.after(inner.trim_end()) });
        }
        at = at.after(line);
    }
    None
}

/// The versions that serve a kind.
fn versions_of(kind: &str) -> Vec<String> {
    // The newest of a group comes last in the table.
    let known = schema::roots().filter(|(_, known)| *known == kind);
    let mut versions: Vec<String> = known.map(|(version, _)| version.to_owned()).collect();
    if kind == "HorizontalPodAutoscaler" {
        versions.reverse();
    }
    versions
}

/// What an object without a kind seems to be.
fn guessed_kind(value: &Value, api_version: Option<&str>) -> Option<&'static str> {
    let api_version = api_version?;
    let mut fitting = schema::roots().filter(|(version, kind)| {
        *version == api_version
            && schema::root(version, kind).is_some_and(|of| schema::check(value, of).is_empty())
    });
    let spec = value.get("spec")?;
    let is_pod = api_version == "v1" && spec.get("containers").is_some();
    match fitting.next().filter(|_| fitting.next().is_none()) {
        Some((_, kind)) => Some(kind),
        None if is_pod => Some("Pod"),
        None if api_version == "apps/v1" && spec.get("template").is_some() => Some("Deployment"),
        None if api_version == "v1" && spec.get("ports").is_some() => Some("Service"),
        None => None,
    }
}

fn overwritten(twice: &Overwritten, text: &str) -> Diagnostic {
    let Overwritten { lost, again } = twice;
    let message = format!("key \"{}\" already set in map", lost.key);
    let advice = Advice::WriteOnce { key: lost.key.clone(), first_line: lost.key_range.start.line };
    let is_simple = lost.value.entries().is_empty() && lost.value.items().is_empty();
    let edits = || edit::remove_lines(text, lost.key_range, lost.value.range, None);
    let fix = if is_simple { edits() } else { None };
    let label = Label::Remove { field: lost.key.clone() };
    Diagnostic {
        range: *again,
        severity: Severity::Warning,
        code: Code::DuplicateKey,
        message,
        advice,
        fix: fix.map(|edits| Fix { label, edits }),
    }
}
