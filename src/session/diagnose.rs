//! What is wrong with a manifest, and where in its text.

use serde_json::Value;

use crate::api::schema::{self, Problem};
use crate::api::yaml::{self, Document, Range};
use crate::api::yaml::{Edit, reindent};
use crate::api::{Kind, Object, Scope, codec, defaults, validate};

/// A fault of a manifest, at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub range: Range,
    pub severity: Severity,
    /// The words of kubectl or of the API server.
    pub message: String,
    /// What would mend it.
    pub fix: Option<Fix>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Warning,
    Error,
}

/// A change that mends a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    pub what: Mending,
    pub edits: Vec<Edit>,
}

/// What a fix does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mending {
    /// Gives lines back their nesting.
    Indent,
    /// Names the field that was meant.
    Rename(String),
}

/// Everything that is wrong with a manifest, in the order of its text.
pub fn check(text: &str) -> Vec<Diagnostic> {
    let stream = yaml::read(text);
    let mut found: Vec<Diagnostic> = stream.documents.iter().flat_map(check_document).collect();
    if let Some(fault) = stream.fault {
        found.push(error(first_line(text, fault.range), fault.text));
    }
    for diagnostic in &mut found {
        diagnostic.range = first_line(text, diagnostic.range);
    }
    let first = found.iter_mut().find(|diagnostic| diagnostic.severity == Severity::Error);
    if let (Some(first), Some(fix)) = (first, reindent(text)) {
        first.fix = Some(Fix { what: Mending::Indent, edits: fix.edits });
    }
    found
}

/// Places what kubectl said when it could not apply a manifest.
pub fn refused(text: &str, stderr: &str) -> Vec<Diagnostic> {
    let documents = yaml::read(text).documents;
    let mut found = Vec::new();
    let mut about: Option<&Document> = None;
    for line in stderr.lines().filter(|line| !line.trim().is_empty()) {
        let faults = match line.split_once(" is invalid:") {
            Some((head, rest)) => {
                about = documents.iter().find(|document| head.ends_with(&quoted_name(document)));
                rest.trim()
            }
            None => line.strip_prefix("* ").unwrap_or(line),
        };
        if faults.is_empty() {
            continue;
        }
        let document = about.or_else(|| documents.iter().find(|d| line.contains(&quoted_name(d))));
        let path = faults.split(": ").next().unwrap_or_default();
        let range = document.or(documents.first()).map_or(Range::default(), |document| place(document, path));
        found.push(error(first_line(text, range), faults.into()));
    }
    found
}

fn quoted_name(document: &Document) -> String {
    let name = document.value.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
    format!("\"{name}\"")
}

fn error(range: Range, message: String) -> Diagnostic {
    Diagnostic { range, severity: Severity::Error, message, fix: None }
}

fn check_document(document: &Document) -> Vec<Diagnostic> {
    let whole = document.tree.range;
    let text = |field: &str| document.value.get(field).and_then(Value::as_str);
    let (api_version, kind) = match (text("apiVersion"), text("kind")) {
        (Some(version), Some(kind)) => (version, kind),
        (None, _) => return vec![error(whole, "apiVersion not set".into())],
        (_, None) => return vec![error(whole, "kind not set".into())],
    };
    let Some(known) = Kind::of(api_version, kind) else {
        let message = format!("no matches for kind \"{kind}\" in version \"{api_version}\"");
        return vec![error(document.tree.find("kind").value.range, message)];
    };
    let misfits = schema::root(api_version, kind).map(|of| schema_faults(document, of)).unwrap_or_default();
    if !misfits.is_empty() {
        return misfits;
    }
    match codec::decode(known, document.value.clone()) {
        Ok(object) => validity(document, object),
        Err(fault) => vec![error(whole, fault.to_string())],
    }
}

fn schema_faults(document: &Document, of: &'static schema::Type) -> Vec<Diagnostic> {
    let told = |fault: schema::Fault| {
        let mut diagnostic = error(place(document, &fault.path), fault.to_string());
        let key = document.tree.find(&fault.path).key;
        if let (Problem::UnknownField, Some(range)) = (&fault.problem, key) {
            let (parents, name) = fault.path.rsplit_once('.').unwrap_or(("", &fault.path));
            let meant = type_at(of, parents).and_then(|of| schema::nearest(of, name));
            diagnostic.range = range;
            diagnostic.fix = meant.map(|name| Fix {
                what: Mending::Rename(name.into()),
                edits: vec![Edit { range, text: name.into() }],
            });
        }
        diagnostic
    };
    schema::check(&document.value, of).into_iter().map(told).collect()
}

/// The struct that a path leads to.
fn type_at(root: &'static schema::Type, path: &str) -> Option<&'static schema::Type> {
    let names = path.split('.').filter(|name| !name.is_empty());
    let mut names = names.map(|name| name.split('[').next().unwrap_or(name));
    names.try_fold(root, |of, name| of.field(name)?.value.structure())
}

fn validity(document: &Document, mut object: Object) -> Vec<Diagnostic> {
    if object.meta().namespace.is_none() && object.kind().scope() == Scope::Namespaced {
        object.meta_mut().namespace = Some("default".into());
    }
    defaults::apply(&mut object);
    let refusal = validate::create(&object).err();
    let causes = refusal.map(|status| status.causes).unwrap_or_default();
    let told = causes
        .iter()
        .map(|cause| error(place(document, &cause.field), [&cause.field, ": ", &cause.message].concat()));
    let warned = validate::warnings(&object).into_iter().map(|message| {
        let path = message.split(": ").next().unwrap_or_default();
        Diagnostic { severity: Severity::Warning, ..error(place(document, path), message.clone()) }
    });
    told.chain(warned).collect()
}

/// Where a field is written: its key, or a list's item; else what would hold it.
fn place(document: &Document, path: &str) -> Range {
    let found = document.tree.find(path);
    let one_line = found.value.range.start.line == found.value.range.end.line;
    match found.key {
        Some(key) if !(found.whole && one_line) => key,
        _ => found.value.range,
    }
}

/// A range cut to the line it begins in.
fn first_line(text: &str, range: Range) -> Range {
    let covered = range.of(text);
    let line = covered.split('\n').next().unwrap_or_default().trim_end();
    Range { start: range.start, end: range.start.after(line) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Line and column of the first fault, what its message contains, and the text once it is fixed.
    fn check_first(text: &str, at: (usize, usize), part: &str, fixed: Option<&str>) {
        let found = check(text);
        let first = found.first().unwrap_or_else(|| panic!("no fault in {text:?}"));
        assert_eq!((first.range.start.line, first.range.start.column), at, "{first:?}");
        assert!(first.message.contains(part), "{first:?}");
        let mended = first.fix.as_ref().map(|fix| {
            let mut text = text.to_string();
            for edit in fix.edits.iter().rev() {
                text.replace_range(edit.range.start.byte..edit.range.end.byte, &edit.text);
            }
            text
        });
        if let Some(fixed) = fixed {
            assert_eq!(mended.as_deref(), Some(fixed));
        }
    }

    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n  - name: a\n";

    #[test]
    fn faults_are_placed() {
        check_first("a: [1", (1, 4), "", None);
        check_first("kind: Pod\n", (1, 1), "apiVersion not set", None);
        check_first("apiVersion: v1\nkind: Pot\n", (2, 7), "no matches for kind \"Pot\"", None);
        let misspelt = format!("{POD}    imagee: x\n");
        let mended = format!("{POD}    image: x\n");
        check_first(&misspelt, (8, 5), "unknown field \"spec.containers[0].imagee\"", Some(&mended));
        check_first(&format!("{POD}    image: x\n    ports: 3\n"), (9, 12), "", None);
        check_first(&POD.replace("name: a\n", "name: A_\n"), (4, 9), "metadata.name: Invalid value", None);
    }

    #[test]
    fn a_good_manifest_has_none() {
        assert_eq!(check(&format!("{POD}    image: x\n")), []);
        assert_eq!(check(""), []);
    }

    #[test]
    fn refusals_are_placed() {
        let text = format!("{POD}    image: x\n");
        let found = refused(&text, "The Pod \"a\" is invalid: spec.containers[0].image: Forbidden: no\n");
        assert_eq!(found[0].range.start.line, 8);
        assert_eq!(found[0].message, "spec.containers[0].image: Forbidden: no");
    }
}
