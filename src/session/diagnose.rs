//! What is wrong with a manifest, and where in its text.

use crate::api::yaml::{self, Document, Place, Range};
use crate::api::{Kind, codec, defaults, validate};

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

/// A text to be put in place of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    pub range: Range,
    pub text: String,
}

/// Everything that is wrong with a manifest, in the order of its text.
pub fn check(text: &str) -> Vec<Diagnostic> {
    let stream = yaml::read(text);
    let mut found: Vec<Diagnostic> = stream.documents.iter().flat_map(check_document).collect();
    if let Some(fault) = stream.fault {
        found.push(error(fault.range, fault.text));
    }
    found
}

fn error(range: Range, message: String) -> Diagnostic {
    Diagnostic { range, severity: Severity::Error, message, fix: None }
}

fn check_document(document: &Document) -> Vec<Diagnostic> {
    let whole = first_line(document.tree.range);
    let text = |field: &str| document.value.get(field).and_then(serde_json::Value::as_str);
    let (api_version, kind) = match (text("apiVersion"), text("kind")) {
        (Some(version), Some(kind)) => (version, kind),
        (None, _) => return vec![error(whole, "apiVersion not set".into())],
        (_, None) => return vec![error(whole, "kind not set".into())],
    };
    let Some(known) = Kind::of(api_version, kind) else {
        let message = format!("no matches for kind \"{kind}\" in version \"{api_version}\"");
        return vec![error(document.tree.find("kind").value.range, message)];
    };
    let mut object = match codec::decode(known, document.value.clone()) {
        Ok(object) => object,
        Err(fault) => return vec![error(whole, fault.to_string())],
    };
    if object.meta().namespace.is_none() && known.scope() == crate::api::Scope::Namespaced {
        object.meta_mut().namespace = Some("default".into());
    }
    defaults::apply(&mut object);
    let Err(status) = validate::create(&object) else { return Vec::new() };
    if status.causes.is_empty() {
        return vec![error(whole, status.message)];
    }
    let told = |cause: &crate::api::status::Cause| {
        let found = document.tree.find(&cause.field);
        let range = match (found.whole, found.key) {
            (true, _) => first_line(found.value.range),
            (false, Some(key)) => key,
            (false, None) => first_line(found.value.range),
        };
        error(range, [&cause.field, ": ", &cause.message].concat())
    };
    status.causes.iter().map(told).collect()
}

/// A range that does not reach beyond the line it begins in.
fn first_line(range: Range) -> Range {
    if range.start.line == range.end.line {
        return range;
    }
    let start = range.start;
    Range {
        start,
        end: Place { byte: start.byte, utf16: start.utf16, line: start.line, column: start.column },
    }
}
