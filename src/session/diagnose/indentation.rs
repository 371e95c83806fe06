//! Lines that lost their indentation: one thing to say, instead of all that comes of it.

use super::advice::Advice;
use super::model::{Code, Diagnostic, Edit, Fix, Label, Severity};
use super::{parts, plainly};
use crate::api::order;
use crate::api::yaml::{self, Range};

/// Puts the accident in the place of everything else that is told of the documents it happened to.
pub(super) fn explain(text: &str, found: &mut Vec<Diagnostic>) {
    if !found.iter().any(is_symptom) {
        return;
    }
    // Misspelt names and wrong types have other cures.
    let cured = symptoms(&with_fixes(text, found));
    if cured == 0 {
        return;
    }
    let Some(mut fix) = yaml::reindent(text).filter(|fix| symptoms(&fix.apply(text)) < cured) else { return };
    for (start, end) in parts(text).into_iter().rev() {
        let is_inside = |byte: usize| start <= byte && byte < end.max(start + 1);
        let first = fix.edits.iter().position(|edit| is_inside(edit.range.start.byte));
        let Some(first) = first else { continue };
        let edits = fix.edits.split_off(first);
        let (Some(from), Some(to)) = (edits.first(), edits.last()) else { continue };
        let lines = from.range.start.line..=to.range.end.line;
        let range = Range { start: from.range.start, end: end_of_line(to.range, text) };
        let symptom = |told: &Diagnostic| is_symptom(told) && is_inside(told.range.start.byte);
        let Some(message) = found.iter().find(|told| symptom(told)).map(|told| told.message.clone()) else {
            continue;
        };
        found.retain(|told| !is_inside(told.range.start.byte));
        let explained = fix.explanation.iter().filter(|belongs| lines.contains(&belongs.first_line));
        found.push(Diagnostic {
            range,
            severity: Severity::Error,
            code: Code::Indentation,
            message,
            advice: Advice::Reindent(explained.cloned().collect()),
            fix: Some(Fix {
                label: Label::Indent,
                edits: edits.into_iter().map(|edit| Edit::replace(edit.range, edit.text)).collect(),
            }),
        });
    }
}

/// The text with every fix made that keeps what is written.
fn with_fixes(text: &str, found: &[Diagnostic]) -> String {
    let fixes = found.iter().filter(|told| is_symptom(told)).filter_map(|told| told.fix.as_ref());
    let kept = fixes.filter(|fix| !matches!(fix.label, Label::Remove { .. }));
    let mut edits: Vec<Edit> = kept.flat_map(|fix| fix.edits.clone()).collect();
    order::sort_by_key(&mut edits, |edit| (edit.from, edit.to));
    let mut end = 0;
    edits.retain(|edit| {
        let is_apart = edit.from >= end;
        end = end.max(edit.to);
        is_apart
    });
    Fix { label: Label::Indent, edits }.apply(text)
}

fn symptoms(text: &str) -> usize {
    plainly(text).iter().filter(|told| is_symptom(told)).count()
}

/// What lost indentation can look like.
fn is_symptom(told: &Diagnostic) -> bool {
    use Code::{ApiVersionMissing, KindMissing, NotAnObject, Syntax, UnknownField, WrongType};
    matches!(told.code, Syntax | NotAnObject | ApiVersionMissing | KindMissing | UnknownField | WrongType)
}

fn end_of_line(range: Range, text: &str) -> crate::api::yaml::Place {
    let rest = text.get(range.end.byte..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    range.end.after(rest.trim_end())
}
