//! Lost indentation: a manifest whose lines were pulled to the left is given back its nesting.
//!
//! The indentation cannot be trusted, the API's types can: a key belongs to an open object whose type has such a field,
//! and an object has what its type demands. The fix is offered only if it leaves fewer faults than there were.

mod lines;
mod search;
#[cfg(test)]
mod tests;

use serde_json::Value;

use super::{Place, Range, read};
use crate::api::schema;
use lines::{Content, Line};
use search::Placed;

/// A proposal to move lines to the right, or back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What to replace, in the order of the text.
    pub edits: Vec<Edit>,
    pub explanation: Vec<Belongs>,
}

/// A replacement of a line's indentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub range: Range,
    pub text: String,
}

/// The longest document that is looked at, in lines.
const MAX_LINES: usize = 2000;

/// Which lines, counted from 1, belong under which field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Belongs {
    pub first_line: usize,
    pub last_line: usize,
    /// The path of what holds them: `spec.template.spec.containers[0]`.
    pub parent: String,
}

impl Fix {
    /// The text with its edits made.
    pub fn apply(&self, text: &str) -> String {
        let mut out = String::new();
        let mut at = 0;
        for edit in &self.edits {
            out.push_str(text.get(at..edit.range.start.byte).unwrap_or_default());
            out.push_str(&edit.text);
            at = edit.range.end.byte;
        }
        out.push_str(text.get(at..).unwrap_or_default());
        out
    }
}

/// Gives lines back their nesting; nothing when the manifest is well, or when this does not make it better.
pub fn reindent(text: &str) -> Option<Fix> {
    let before = faults(text);
    if before == 0 {
        return None;
    }
    let mut fix = Fix { edits: Vec::new(), explanation: Vec::new() };
    let mut at = Place::START;
    let mut document: Vec<(Place, &str)> = Vec::new();
    for line in text.split_inclusive('\n') {
        if line.starts_with("---") || line.trim_end() == "..." {
            document_fix(&std::mem::take(&mut document), &mut fix);
        } else {
            document.push((at, line));
        }
        at = at.after(line);
    }
    document_fix(&document, &mut fix);
    let better = !fix.edits.is_empty() && faults(&fix.apply(text)) < before;
    better.then_some(fix)
}

/// How much is wrong with a manifest.
fn faults(text: &str) -> usize {
    let stream = read(text);
    let unread = if stream.fault.is_some() { 1000 } else { 0 };
    let of = |value: &Value| {
        let word = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
        schema::root(word("apiVersion"), word("kind")).map_or(1, |of| schema::check(value, of).len())
    };
    unread + stream.documents.iter().map(|document| of(&document.value)).sum::<usize>()
}

fn document_fix(document: &[(Place, &str)], fix: &mut Fix) {
    let physical: Vec<&str> = document.iter().map(|(_, text)| *text).collect();
    if physical.len() > MAX_LINES {
        return;
    }
    let lines = lines::read(&physical);
    let word = |wanted: &str| lines.iter().find_map(|line| word_of(line, wanted, physical[line.number]));
    let (Some(api_version), Some(kind)) = (word("apiVersion"), word("kind")) else { return };
    let Some(root) = schema::root(api_version, kind) else { return };
    let placed = search::search(&lines, root);
    let mut next = 0;
    for (index, (line, place)) in lines.iter().zip(&placed).enumerate() {
        // What stands before a line goes with it; what continues a line keeps its distance.
        let last = line.number + line.more;
        for (number, physical) in document.iter().enumerate().take(last + 1).skip(next) {
            let shift = if number > line.number { 2 } else { 0 };
            indent(*physical, place.column + shift, fix);
        }
        next = last + 1;
        explain(index, &lines, &placed, document[line.number].0.line, fix);
    }
}

fn word_of<'a>(line: &Line<'_>, wanted: &str, physical: &'a str) -> Option<&'a str> {
    match line.content {
        Content::Entry { key, .. } if key == wanted && !line.dash => {
            let value = physical.split_once(':')?.1.split(" #").next()?;
            Some(value.trim().trim_matches(['"', '\'']))
        }
        _ => None,
    }
}

fn indent((start, text): (Place, &str), column: usize, fix: &mut Fix) {
    let blanks = text.len() - text.trim_start_matches([' ', '\t']).len();
    if text.trim().is_empty() || text[..blanks] == *" ".repeat(column) {
        return;
    }
    let range = Range { start, end: start.after(&text[..blanks]) };
    fix.edits.push(Edit { range, text: " ".repeat(column) });
}

fn explain(index: usize, lines: &[Line<'_>], placed: &[Placed], number: usize, fix: &mut Fix) {
    let Some(parent) = placed[index].parent else { return };
    if fix.edits.last().is_none_or(|edit| edit.range.start.line < number) {
        return;
    }
    let parent = path(parent, lines, placed);
    match fix.explanation.last_mut() {
        Some(last) if last.parent == parent && last.last_line + 1 == number => last.last_line = number,
        _ => fix.explanation.push(Belongs { first_line: number, last_line: number, parent }),
    }
}

/// The path of what a line opens.
fn path(opener: usize, lines: &[Line<'_>], placed: &[Placed]) -> String {
    let mut parts = Vec::new();
    let mut at = Some(opener);
    while let Some(index) = at {
        let line = &lines[index];
        match (line.dash, line.content) {
            (true, _) => parts.push(format!("[{}]", placed[index].item)),
            (false, Content::Entry { key, .. }) => parts.push(format!(".{key}")),
            (false, Content::Bare(_)) => {}
        }
        at = placed[index].parent;
    }
    parts.reverse();
    parts.concat().trim_start_matches('.').to_owned()
}
