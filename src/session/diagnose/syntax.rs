//! Text that is no YAML. A repair is offered if with it the document can be read.

use crate::api::order;
use serde_json::Value;

use super::advice::Advice;
use super::model::{Code, Diagnostic, Edit, Fix, Label};
use super::object::error;
use crate::api::schema;
use crate::api::yaml::{self, Chunk, Fault, Range};

/// The longest document for which repairs are tried, in bytes: each one has it read again.
const MAX_TRIED: usize = 64 * 1024;
/// How many other indentations are tried.
const MAX_COLUMNS: usize = 8;

/// A repair to try: replacements in the chunk, in bytes.
struct Repair {
    advice: Advice,
    label: Label,
    edits: Vec<(usize, usize, String)>,
}

/// A fault of the text as a whole.
pub(super) fn told(fault: Fault, text: &str) -> Diagnostic {
    let mut told = error(fault.range, Code::Syntax, fault.text);
    let line = text.get(fault.range.start.byte..).and_then(|rest| rest.lines().next());
    let rest = line.and_then(|line| line.strip_prefix("---")).filter(|rest| !rest.trim().is_empty());
    if rest.is_some_and(|rest| !rest.starts_with('-')) {
        let at = fault.range.start.utf16 + 3;
        let label = Label::Insert { field: "a line break".into() };
        told.fix = Some(Fix { label, edits: vec![Edit::insert(at, "\n")] });
    }
    told
}

/// A fault within a document.
pub(super) fn in_chunk(fault: Fault, chunk: Chunk<'_>) -> Diagnostic {
    let mut told = error(fault.range, Code::Syntax, fault.text);
    if chunk.text.contains("{{") && chunk.text.contains("}}") {
        told.advice = Advice::RenderTemplate;
    }
    if chunk.text.len() > MAX_TRIED {
        return told;
    }
    let mut best: Option<(usize, Repair)> = None;
    for repair in repairs(chunk.text, fault.range, chunk) {
        let Some(faults) = faults_with(&repair, chunk) else { continue };
        // A line that is still being written stands where it stands.
        if faults > 0 && repair.advice == Advice::AlignLine {
            continue;
        }
        if best.as_ref().is_none_or(|(least, _)| faults < *least) {
            best = Some((faults, repair));
        }
        if faults == 0 {
            break;
        }
    }
    if let Some((_, repair)) = best {
        told.advice = repair.advice;
        told.fix = Some(Fix { label: repair.label, edits: in_utf16(&repair.edits, chunk) });
    }
    told
}

fn in_utf16(edits: &[(usize, usize, String)], chunk: Chunk<'_>) -> Vec<Edit> {
    let (mut at, mut byte) = (chunk.start.utf16, 0);
    let mut to = |wanted: usize| {
        at += chunk.text.get(byte..wanted).unwrap_or_default().encode_utf16().count();
        byte = wanted;
        at
    };
    edits
        .iter()
        .map(|(from, end, insert)| Edit { from: to(*from), to: to(*end), insert: insert.clone() })
        .collect()
}

/// How much the types find wrong after the repair; nothing if the document cannot be read then either.
fn faults_with(repair: &Repair, chunk: Chunk<'_>) -> Option<usize> {
    let mut text = String::with_capacity(chunk.text.len() + 16);
    let mut at = 0;
    for (from, to, insert) in &repair.edits {
        text.push_str(chunk.text.get(at..*from)?);
        text.push_str(insert);
        at = *to;
    }
    text.push_str(chunk.text.get(at..)?);
    let value = yaml::load(Chunk { text: &text, start: chunk.start }).ok()?.value;
    let word = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
    let of = schema::root(word("apiVersion"), word("kind"));
    Some(of.map_or(2, |of| schema::check(&value, of).len()))
}

fn repairs(text: &str, range: Range, chunk: Chunk<'_>) -> Vec<Repair> {
    let mut all = Vec::new();
    all.extend(tabs(text));
    all.extend(odd_blanks(text));
    let at = range.start.byte.saturating_sub(chunk.start.byte);
    let lines = lines(text);
    let own = lines.iter().rposition(|line| line.0 <= at).unwrap_or(0);
    let before = lines[..own.min(lines.len())].iter().rposition(|line| !line.1.trim().is_empty());
    // The scanner notices some faults only on the next line.
    for index in [Some(own), before].into_iter().flatten() {
        let Some(&(start, line)) = lines.get(index) else { continue };
        all.extend(blank_after_colon(start, line));
        all.extend(closed(start, line));
        all.extend(quotes(start, line, ": "));
        all.extend(quotes(start, line, "- "));
    }
    let is_open = |line: &&(usize, &str)| line.1.matches('"').count() % 2 == 1;
    all.extend(
        lines.iter().filter(is_open).take(MAX_COLUMNS).filter_map(|(start, line)| closed(*start, line)),
    );
    for index in [Some(own), before].into_iter().flatten() {
        aligned(&lines, index, &mut all);
    }
    all
}

/// Where each line begins, and its text without the break.
fn lines(text: &str) -> Vec<(usize, &str)> {
    let mut at = 0;
    let line = |line: &'_ str| {
        let start = at;
        at += line.len();
        start
    };
    let starts: Vec<usize> = text.split_inclusive('\n').map(line).collect();
    starts.into_iter().zip(text.lines()).collect()
}

fn tabs(text: &str) -> Option<Repair> {
    let mut edits = Vec::new();
    for (start, line) in lines(text) {
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        let tabs = line[..blanks].char_indices().filter(|(_, c)| *c == '\t');
        edits.extend(tabs.map(|(at, _)| (start + at, start + at + 1, "  ".to_owned())));
    }
    let repair = Repair { advice: Advice::UseSpaces, label: Label::Spaces, edits };
    (!repair.edits.is_empty()).then_some(repair)
}

fn odd_blanks(text: &str) -> Option<Repair> {
    let odd =
        |c: &char| matches!(c, '\u{a0}' | '\u{2000}'..='\u{200b}' | '\u{202f}' | '\u{3000}' | '\u{feff}');
    let at = text.char_indices().filter(|(_, c)| odd(c));
    let edits: Vec<_> = at
        .map(|(at, c)| {
            let blank = if matches!(c, '\u{200b}' | '\u{feff}') { "" } else { " " };
            (at, at + c.len_utf8(), blank.to_owned())
        })
        .collect();
    let repair = Repair { advice: Advice::PlainBlanks, label: Label::Spaces, edits };
    (!repair.edits.is_empty()).then_some(repair)
}

/// `name:web`
fn blank_after_colon(start: usize, line: &str) -> Option<Repair> {
    let inner = line.trim_start().trim_start_matches("- ");
    let offset = line.len() - inner.len();
    let colon = inner.find(':')?;
    let is_key = !inner[..colon].is_empty() && inner[..colon].chars().all(|c| c.is_ascii_alphanumeric());
    if !is_key || inner[colon + 1..].starts_with([' ', '/']) || inner.len() == colon + 1 {
        return None;
    }
    let at = start + offset + colon + 1;
    Some(Repair { advice: Advice::BlankAfterColon, label: Label::Blank, edits: vec![(at, at, " ".into())] })
}

/// A bracket or quote that the line opens is closed at its end.
fn closed(start: usize, line: &str) -> Option<Repair> {
    let mut open = Vec::new();
    for c in line.chars() {
        match (c, open.last()) {
            (c, Some('"')) if c != '"' => {}
            ('"', Some('"')) | ('}', Some('}')) | (']', Some(']')) => drop(open.pop()),
            ('"', _) => open.push('"'),
            ('{', _) => open.push('}'),
            ('[', _) => open.push(']'),
            _ => {}
        }
    }
    let at = start + line.trim_end().len();
    let close: String = open.into_iter().rev().collect();
    let label = Label::Insert { field: close.clone() };
    (!close.is_empty()).then(|| Repair { advice: Advice::Close, label, edits: vec![(at, at, close)] })
}

/// What stands behind a mark in quotes: the value of a line, or an item.
fn quotes(start: usize, line: &str, mark: &str) -> Option<Repair> {
    let value_at = line.find(mark)? + mark.len();
    let value = line[value_at..].trim();
    let at = start + value_at + (line[value_at..].len() - line[value_at..].trim_start().len());
    if value.is_empty() || value.starts_with(['\'', '"', '|', '>', '{', '[']) {
        return None;
    }
    let insert = format!("'{}'", value.replace('\'', "''"));
    let edits = vec![(at, at + value.len(), insert)];
    Some(Repair { advice: Advice::QuoteValue, label: Label::Quote, edits })
}

/// A line, with what stands below it further to the right, moved to a column that its neighbours use.
fn aligned(lines: &[(usize, &str)], index: usize, all: &mut Vec<Repair>) {
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let Some(&(_, line)) = lines.get(index) else { return };
    let own = indent(line);
    let near = index.saturating_sub(12)..(index + 4).min(lines.len());
    let mut columns: Vec<usize> = Vec::new();
    for &(_, line) in lines[near].iter().filter(|(_, line)| !line.trim().is_empty()) {
        let dash = if line.trim_start().starts_with("- ") { Some(indent(line) + 2) } else { None };
        columns.extend([Some(indent(line)), dash].into_iter().flatten());
    }
    order::sort_by_key(&mut columns, |column| (column.abs_diff(own), *column));
    columns.dedup();
    for column in columns.into_iter().filter(|column| *column != own).take(MAX_COLUMNS) {
        let below = lines[index + 1..].iter();
        let block = below.take_while(|(_, line)| indent(line) > own || line.trim().is_empty()).count();
        let mut counts = vec![0, block];
        counts.dedup();
        for count in counts {
            let moved = lines[index..=index + count].iter().filter(|(_, line)| !line.trim().is_empty());
            let edit = |&(start, line): &(usize, &str)| {
                let to = (indent(line) + column).saturating_sub(own);
                (start, start + indent(line), " ".repeat(to))
            };
            let edits = moved.map(edit).collect();
            all.push(Repair { advice: Advice::AlignLine, label: Label::Indent, edits });
        }
    }
}
