//! Paths of fields, and the faults found there. Models apimachinery/pkg/util/validation/field.
//!
//! A path is a chain on the stack; its text is only made for a fault.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::api::IntOrString;
use crate::api::meta::LabelSelector;
use crate::api::status::Cause;

/// Where a field is.
#[derive(Clone, Copy)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    part: Part<'a>,
}

#[derive(Clone, Copy)]
enum Part<'a> {
    Field(&'a str),
    Index(usize),
    Key(&'a str),
}

impl<'a> Path<'a> {
    /// A field at the top.
    pub const fn root(name: &'a str) -> Path<'a> {
        Path { parent: None, part: Part::Field(name) }
    }

    /// A field of this one.
    pub const fn child(&'a self, name: &'a str) -> Path<'a> {
        Path { parent: Some(self), part: Part::Field(name) }
    }

    /// An element of this list.
    pub const fn index(&'a self, index: usize) -> Path<'a> {
        Path { parent: Some(self), part: Part::Index(index) }
    }

    /// An entry of this map.
    pub const fn key(&'a self, key: &'a str) -> Path<'a> {
        Path { parent: Some(self), part: Part::Key(key) }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.part {
            Part::Field(name) if self.parent.is_some() => write!(f, ".{name}"),
            Part::Field(name) => f.write_str(name),
            Part::Index(index) => write!(f, "[{index}]"),
            Part::Key(key) => write!(f, "[{key}]"),
        }
    }
}

/// A value as Go prints it in a fault.
pub trait Shown {
    fn show(&self) -> String;
}

impl Shown for str {
    fn show(&self) -> String {
        quote(self)
    }
}

impl Shown for String {
    fn show(&self) -> String {
        quote(self)
    }
}

macro_rules! plain {
    ($($number:ty),*) => { $(impl Shown for $number {
        fn show(&self) -> String {
            self.to_string()
        }
    })* };
}

plain!(i32, i64, usize, bool);

impl<T: Shown> Shown for Option<T> {
    fn show(&self) -> String {
        self.as_ref().map_or_else(|| "null".into(), Shown::show)
    }
}

impl Shown for IntOrString {
    fn show(&self) -> String {
        match self {
            IntOrString::Int(number) => number.to_string(),
            IntOrString::String(text) => json_string(text),
        }
    }
}

impl Shown for LabelSelector {
    fn show(&self) -> String {
        let mut parts = Vec::new();
        if let Some(labels) = self.match_labels.as_ref().filter(|labels| !labels.is_empty()) {
            parts.push(format!("\"matchLabels\":{}", Json::of(labels).0));
        }
        if let Some(expressions) = self.match_expressions.as_ref().filter(|list| !list.is_empty()) {
            parts.push(format!("\"matchExpressions\":{}", Json::of(expressions).0));
        }
        format!("{{{}}}", parts.join(","))
    }
}

/// A value already in the form in which Go's JSON shows it.
pub struct Json(pub String);

impl Json {
    /// Maps, lists and structs whose fields are in alphabetical order.
    pub fn of<T: Serialize>(value: &T) -> Json {
        let value = serde_json::to_value(value).unwrap_or(Value::Null);
        Json(escape_html(value.to_string()))
    }
}

impl Shown for Json {
    fn show(&self) -> String {
        self.0.clone()
    }
}

/// JSON text as Go writes it: safe inside HTML.
fn escape_html(json: String) -> String {
    if !json.contains(['<', '>', '&']) {
        return json;
    }
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// A JSON string as Go writes it.
pub(super) fn json_string(text: &str) -> String {
    escape_html(Value::from(text).to_string())
}

/// Text in quotes as Go's %q writes it.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_ascii_control() => quoted.push_str(&format!("\\x{:02x}", c as u32)),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Faults in the order in which they were found.
#[derive(Default)]
pub struct Faults(Vec<Cause>);

impl Faults {
    /// The faults.
    pub fn into_causes(self) -> Vec<Cause> {
        self.0
    }

    /// How many there are so far.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    fn add(&mut self, path: &Path, reason: &'static str, head: String, detail: &str) {
        let message = if detail.is_empty() { head } else { format!("{head}: {detail}") };
        self.0.push(Cause { field: path.to_string(), reason, message });
    }

    /// Something is missing.
    pub fn required(&mut self, path: &Path, detail: &str) {
        self.add(path, "FieldValueRequired", "Required value".into(), detail);
    }

    /// The value cannot be.
    pub fn invalid(&mut self, path: &Path, value: &(impl Shown + ?Sized), detail: &str) {
        self.add(path, "FieldValueInvalid", format!("Invalid value: {}", value.show()), detail);
    }

    /// One fault a message.
    pub fn invalid_each(&mut self, path: &Path, value: &str, messages: Vec<String>) {
        for message in messages {
            self.invalid(path, value, &message);
        }
    }

    /// The value is there twice.
    pub fn duplicate(&mut self, path: &Path, value: &(impl Shown + ?Sized)) {
        self.duplicate_because(path, value, "");
    }

    /// The value is there twice, with the reason why that matters.
    pub fn duplicate_because(&mut self, path: &Path, value: &(impl Shown + ?Sized), detail: &str) {
        self.add(path, "FieldValueDuplicate", format!("Duplicate value: {}", value.show()), detail);
    }

    /// The value may not be set here.
    pub fn forbidden(&mut self, path: &Path, detail: &str) {
        self.add(path, "FieldValueForbidden", "Forbidden".into(), detail);
    }

    /// The value is none of the known ones.
    pub fn not_supported(&mut self, path: &Path, value: &(impl Shown + ?Sized), supported: &[&str]) {
        let supported: Vec<String> = supported.iter().map(|value| quote(value)).collect();
        let detail = match supported.is_empty() {
            true => String::new(),
            false => format!("supported values: {}", supported.join(", ")),
        };
        self.add(path, "FieldValueNotSupported", format!("Unsupported value: {}", value.show()), &detail);
    }

    /// The text has too many bytes.
    pub fn too_long(&mut self, path: &Path, limit: usize) {
        let detail = format!("may not be more than {limit} byte{}", if limit == 1 { "" } else { "s" });
        self.add(path, "FieldValueTooLong", "Too long".into(), &detail);
    }

    /// The list has too many elements.
    pub fn too_many(&mut self, path: &Path, count: usize, limit: usize) {
        let detail = format!("must have at most {limit} item{}", if limit == 1 { "" } else { "s" });
        self.add(path, "FieldValueTooMany", format!("Too many: {count}"), &detail);
    }

    /// What is referred to does not exist.
    pub fn not_found(&mut self, path: &Path, value: &str, detail: &str) {
        self.add(path, "FieldValueNotFound", format!("Not found: {}", quote(value)), detail);
    }

    /// The number is negative.
    pub fn nonnegative(&mut self, path: &Path, value: i64) {
        if value < 0 {
            self.invalid(path, &value, "must be greater than or equal to 0");
        }
    }

    /// The number is not positive.
    pub fn positive(&mut self, path: &Path, value: i64) {
        if value <= 0 {
            self.invalid(path, &value, "must be greater than zero");
        }
    }

    /// The text is none of those allowed; an empty one is missing. The list is shown in its order.
    pub fn one_of(&mut self, path: &Path, value: Option<&str>, allowed: &[&str]) {
        match value.unwrap_or_default() {
            "" => self.required(path, ""),
            value => self.one_of_if_set(path, Some(value), allowed),
        }
    }

    /// The text is set and none of those allowed.
    pub fn one_of_if_set(&mut self, path: &Path, value: Option<&str>, allowed: &[&str]) {
        if let Some(value) = value.filter(|value| !allowed.contains(value)) {
            self.not_supported(path, value, allowed);
        }
    }

    /// The field changed though it may not.
    pub fn immutable<T: PartialEq + Shown>(&mut self, path: &Path, new: &T, old: &T) {
        if new != old {
            self.invalid(path, new, "field is immutable");
        }
    }
}
