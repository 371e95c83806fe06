//! A manifest's lines as they can be read without trusting their indentation.

use super::super::scalar::{self, Meaning};

/// A line with content, and those that only continue it.
#[derive(Debug)]
pub(super) struct Line<'a> {
    /// The number of the physical line, from 0.
    pub number: usize,
    /// How many further physical lines belong to it: an open bracket or quote.
    pub more: usize,
    pub indent: usize,
    /// Whether it begins an item of a list.
    pub dash: bool,
    /// From the dash to what follows it.
    pub gap: usize,
    pub content: Content<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Content<'a> {
    Entry {
        key: &'a str,
        value: Written,
    },
    /// An item that is no mapping, or a line of some text.
    Bare(Written),
}

/// What stands behind a colon or a dash.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Written {
    Nothing,
    Map,
    List,
    /// The header of a block of text.
    Block,
    Text,
    Bool,
    Whole,
    Float,
}

/// The lines of a document that have content. Comments and empty lines go with the line after them.
pub(super) fn read<'a>(physical: &[&'a str]) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    let mut number = 0;
    while number < physical.len() {
        let text = physical[number].trim_end();
        let content = text.trim_start_matches([' ', '\t']);
        if !(content.is_empty() || content.starts_with('#') || content.starts_with("---")) {
            let mut line = read_line(number, text.len() - content.len(), content);
            line.more = continued(&physical[number..]);
            number += line.more;
            lines.push(line);
        }
        number += 1;
    }
    lines
}

fn read_line(number: usize, indent: usize, content: &str) -> Line<'_> {
    let after_dash = content.strip_prefix('-').filter(|rest| rest.is_empty() || rest.starts_with(' '));
    let inner = after_dash.map_or(content, str::trim_start);
    let gap = content.len() - inner.len();
    Line { number, more: 0, indent, dash: after_dash.is_some(), gap, content: read_content(inner) }
}

fn read_content(text: &str) -> Content<'_> {
    let colon = match text.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let close = text[1..].find(quote).map(|i| i + 2);
            close.filter(|i| text[*i..].starts_with(':'))
        }
        Some('{' | '[' | '|' | '>' | '&' | '*' | '!' | '-') => None,
        _ => text
            .match_indices(':')
            .map(|(i, _)| i)
            .find(|i| text[i + 1..].is_empty() || text[i + 1..].starts_with([' ', '\t'])),
    };
    match colon {
        Some(i) if i > 0 => Content::Entry {
            key: text[..i].trim_matches(['"', '\'']),
            value: written(text[i + 1..].trim_start()),
        },
        _ => Content::Bare(written(text)),
    }
}

fn written(text: &str) -> Written {
    let plain = text.split(" #").next().unwrap_or_default().trim_end();
    match plain.chars().next() {
        None | Some('#') => Written::Nothing,
        Some('{') => Written::Map,
        Some('[') => Written::List,
        Some('|' | '>') => Written::Block,
        Some('"' | '\'') => Written::Text,
        _ => match scalar::resolve(plain) {
            Meaning::Null => Written::Nothing,
            Meaning::Bool(_) => Written::Bool,
            Meaning::Int(_) | Meaning::Big(_) => Written::Whole,
            Meaning::Float(_) => Written::Float,
            Meaning::Merge | Meaning::Text => Written::Text,
        },
    }
}

/// How many lines after the first one are inside a bracket or a quote that it opens.
fn continued(physical: &[&str]) -> usize {
    let (mut depth, mut quote) = (0usize, None);
    for (i, line) in physical.iter().enumerate() {
        let mut before = ' ';
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            match (quote, c) {
                (Some('"'), '\\') => {
                    chars.next();
                }
                (Some(open), c) if open == c => quote = None,
                (Some(_), _) => {}
                (None, '#') if before == ' ' => break,
                (None, '"' | '\'') if matches!(before, ' ' | '[' | '{' | ',') => quote = Some(c),
                (None, '[' | '{') if depth > 0 || before == ' ' => depth += 1,
                (None, ']' | '}') => depth = depth.saturating_sub(1),
                _ => {}
            }
            before = c;
        }
        if depth == 0 && quote.is_none() {
            return i;
        }
    }
    // What never closes is not taken for more than one line.
    0
}
