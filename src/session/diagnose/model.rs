//! What is told about a manifest.

use std::fmt;

use super::advice::Advice;
use crate::api::yaml::Range;

/// Something to say about a text, at a place in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// Where to look. Never longer than one line, but for lost indentation.
    pub range: Range,
    pub severity: Severity,
    pub code: Code,
    /// The API server's or kubectl's own words.
    pub message: String,
    /// What to do.
    pub advice: Advice,
    /// What one click does.
    pub fix: Option<Fix>,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The cluster refuses it.
    Error,
    /// The cluster takes it, though hardly anybody means it.
    Warning,
    /// The cluster takes it; the simulation does not act on it.
    Info,
}

/// What sort of thing is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// No YAML.
    Syntax,
    /// Lines lost their indentation.
    Indentation,
    /// A document that is no object.
    NotAnObject,
    ApiVersionMissing,
    KindMissing,
    UnknownKind,
    UnknownField,
    WrongType,
    /// Validation: a value is missing.
    Required,
    /// Validation: a value cannot be.
    Invalid,
    /// Validation: a value is none of the known ones.
    NotSupported,
    /// Validation: a value is there twice.
    Duplicate,
    /// Validation: a value may not be set.
    Forbidden,
    /// Validation: what is referred to is not there.
    NotFound,
    /// The selector does not select the template's labels.
    SelectorMismatch,
    /// The API server refuses the object as a whole.
    Refused,
    /// No document makes the namespace.
    NamespaceNotFound,
    /// A key is written twice; the last one counts.
    DuplicateKey,
    /// The API server's warning.
    Warning,
    /// Accepted, but not simulated.
    NotSimulated,
    /// The Scenario document.
    Scenario,
}

/// A change of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    pub label: Label,
    /// In the order of the text; they do not overlap.
    pub edits: Vec<Edit>,
}

/// A replacement. Offsets count UTF-16 code units of the text before the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub from: usize,
    pub to: usize,
    pub insert: String,
}

/// What a fix does, in a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Label {
    /// Indents the lines again.
    Indent,
    /// Puts spaces where tabs or other blanks are.
    Spaces,
    /// Puts a blank behind a colon.
    Blank,
    /// Puts a value in quotes.
    Quote,
    /// Takes a value out of quotes.
    Unquote,
    /// Replaces a value or a name.
    Replace { with: String },
    /// Makes a value the item of a list.
    MakeList,
    /// Makes a list a map.
    MakeMap,
    /// Makes a map of names and values a list of them.
    MakeNameValues,
    /// Inserts a field.
    Insert { field: String },
    /// Moves a field to where it belongs.
    Move { field: String, under: String },
    /// Removes a field.
    Remove { field: String },
    /// Copies labels from the selector, or to it.
    CopyLabels,
    /// Inserts a Namespace document.
    CreateNamespace { name: String },
}

impl Code {
    /// The code as the command line shows it: `unknown-field`.
    pub fn name(self) -> &'static str {
        match self {
            Code::Syntax => "syntax",
            Code::Indentation => "indentation",
            Code::NotAnObject => "not-an-object",
            Code::ApiVersionMissing => "api-version-missing",
            Code::KindMissing => "kind-missing",
            Code::UnknownKind => "unknown-kind",
            Code::UnknownField => "unknown-field",
            Code::WrongType => "wrong-type",
            Code::Required => "required",
            Code::Invalid => "invalid",
            Code::NotSupported => "not-supported",
            Code::Duplicate => "duplicate",
            Code::Forbidden => "forbidden",
            Code::NotFound => "not-found",
            Code::SelectorMismatch => "selector-mismatch",
            Code::Refused => "refused",
            Code::NamespaceNotFound => "namespace-not-found",
            Code::DuplicateKey => "duplicate-key",
            Code::Warning => "warning",
            Code::NotSimulated => "not-simulated",
            Code::Scenario => "scenario",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        })
    }
}

impl Fix {
    /// The text with the edits made.
    pub fn apply(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + 64);
        let mut edits = self.edits.iter().peekable();
        let (mut at, mut skip_to) = (0, 0);
        for c in text.chars() {
            while let Some(edit) = edits.next_if(|edit| edit.from <= at) {
                out.push_str(&edit.insert);
                skip_to = edit.to.max(skip_to);
            }
            if at >= skip_to {
                out.push(c);
            }
            at += c.len_utf16();
        }
        edits.for_each(|edit| out.push_str(&edit.insert));
        out
    }
}

impl Edit {
    /// Replaces what stands in a range.
    pub(super) fn replace(range: Range, insert: impl Into<String>) -> Edit {
        Edit { from: range.start.utf16, to: range.end.utf16, insert: insert.into() }
    }

    /// Inserts at an offset.
    pub(super) fn insert(at: usize, insert: impl Into<String>) -> Edit {
        Edit { from: at, to: at, insert: insert.into() }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Label::Indent => f.write_str("indent the lines again"),
            Label::Spaces => f.write_str("replace the blanks by spaces"),
            Label::Blank => f.write_str("put a space behind the colon"),
            Label::Quote => f.write_str("put it in quotes"),
            Label::Unquote => f.write_str("remove the quotes"),
            Label::Replace { with } => write!(f, "replace it by `{with}`"),
            Label::MakeList => f.write_str("make it a list"),
            Label::MakeMap => f.write_str("make it a map"),
            Label::MakeNameValues => f.write_str("make it a list of names and values"),
            Label::Insert { field } => write!(f, "insert `{field}`"),
            Label::Move { field, under } if under.is_empty() => write!(f, "move `{field}` to the left edge"),
            Label::Move { field, under } => write!(f, "move `{field}` to `{under}`"),
            Label::Remove { field } => write!(f, "remove `{field}`"),
            Label::CopyLabels => f.write_str("copy the labels"),
            Label::CreateNamespace { name } => write!(f, "create the namespace `{name}`"),
        }
    }
}
