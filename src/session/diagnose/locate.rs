//! Where a field is written, and what the API's types say it is.

use serde_json::Value;

use crate::api::schema::{Form, Shape, Type};
use crate::api::yaml::{Document, Node, Range};

/// A place in a document: a field, or the deepest of its ancestors that is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot<'a> {
    /// The field's key; a list's item has none.
    pub key: Option<Range>,
    pub node: &'a Node,
    pub value: &'a Value,
    pub kind_of: Of,
    /// What of the path is not written.
    pub rest: &'a str,
}

/// What the types say about a place.
#[derive(Clone, Copy, Debug)]
pub(super) enum Of {
    Root(&'static Type),
    Field(&'static Shape),
    Unknown,
}

impl Of {
    /// The struct that is here.
    pub fn structure(self) -> Option<&'static Type> {
        match self {
            Of::Root(of) => Some(of),
            Of::Field(Shape { form: Form::Struct(reference), .. }) => Some(reference.target()),
            _ => None,
        }
    }

    /// The form of the value that is wanted here.
    pub fn form(self) -> Option<&'static Form> {
        match self {
            Of::Field(shape) => Some(&shape.form),
            _ => None,
        }
    }

    fn entry(self, key: &str) -> Of {
        if let Some(of) = self.structure() {
            return of.field(key).map_or(Of::Unknown, |field| Of::Field(&field.value));
        }
        match self.form() {
            Some(Form::Map(item)) => Of::Field(item),
            _ => Of::Unknown,
        }
    }

    fn item(self) -> Of {
        match self.form() {
            Some(Form::List(item)) => Of::Field(item),
            _ => Of::Unknown,
        }
    }
}

impl<'a> Spot<'a> {
    /// The whole of a document.
    pub fn root(document: &'a Document, of: Option<&'static Type>) -> Spot<'a> {
        let kind_of = of.map_or(Of::Unknown, Of::Root);
        Spot { key: None, node: &document.tree, value: &document.value, kind_of, rest: "" }
    }

    /// Whether all of the path is written.
    pub fn is_whole(&self) -> bool {
        self.rest.is_empty()
    }

    /// What lies at a path from here: `spec.containers[0].image`, `metadata.labels[a.b/c]`, `data.a.b`.
    pub fn find(self, path: &'a str) -> Spot<'a> {
        let here = Spot { rest: path, ..self };
        let inner = path.strip_prefix('.').unwrap_or(path);
        if inner.is_empty() {
            return Spot { rest: "", ..self };
        }
        if let Some((name, after)) = inner.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            let next = name.parse().ok().and_then(|index| self.item(index)).or_else(|| self.entry(name));
            return next.map_or(here, |next| next.find(after));
        }
        let mut best = here;
        for entry in self.node.entries() {
            let Some(after) = inner.strip_prefix(entry.key.as_str()) else { continue };
            if !(after.is_empty() || after.starts_with(['.', '['])) {
                continue;
            }
            // A key with dots competes with a shorter one: the one that explains more of the path wins.
            let found = self.entry(&entry.key).map(|next| next.find(after));
            best = found.filter(|found| found.rest.len() < best.rest.len()).unwrap_or(best);
        }
        best
    }

    /// An item of a list.
    pub fn item(self, index: usize) -> Option<Spot<'a>> {
        let (node, value) = (self.node.items().get(index)?, self.value.get(index)?);
        Some(Spot { key: None, node, value, kind_of: self.kind_of.item(), rest: "" })
    }

    /// An entry of a map.
    pub fn entry(self, key: &str) -> Option<Spot<'a>> {
        let entry = self.node.entries().iter().find(|entry| entry.key == key)?;
        let value = self.value.get(key)?;
        let kind_of = self.kind_of.entry(key);
        Some(Spot { key: Some(entry.key_range), node: &entry.value, value, kind_of, rest: "" })
    }

    /// The value, if it stands on one line; else the key; else the first line of the value.
    pub fn range(&self, text: &str) -> Range {
        let value = self.node.range;
        let is_shown = value.end.byte > value.start.byte;
        let is_one_line = value.start.line == value.end.line;
        match self.key {
            Some(key) if !self.is_whole() || !is_shown || !is_one_line => key,
            _ if is_one_line => value,
            _ => first_line(value, text),
        }
    }
}

/// The part of a range that lies on its first line.
pub(super) fn first_line(range: Range, text: &str) -> Range {
    match range.of(text).find('\n') {
        Some(end) => {
            let line = text.get(range.start.byte..range.start.byte + end).unwrap_or_default();
            Range { start: range.start, end: range.start.after(line.trim_end()) }
        }
        None => range,
    }
}

/// The path of what holds a field, and the field's name: `spec.a[0].b` is `b` in `spec.a[0]`.
pub(super) fn parent(path: &str) -> (&str, &str) {
    if let Some(inner) = path.strip_suffix(']')
        && let Some((before, key)) = inner.rsplit_once('[')
    {
        return (before, key);
    }
    path.rsplit_once('.').unwrap_or(("", path))
}
