//! The text that a scalar stands for: line breaks folded, escapes and indentation resolved.

use super::scanner::{is_blank, is_break};

/// The text of a scalar as written: `'…'`, `"…"`, `|…`, `>…` or plain. `indent` is a block's.
pub(super) fn content(written: &[char], indent: usize) -> String {
    match written.first() {
        Some('|') => block(written, indent, |_| false),
        Some('>') => block(written, indent, |line| !line.first().is_some_and(|c| is_blank(*c))),
        Some(&quote @ ('\'' | '"')) => quoted(&written[1..written.len().saturating_sub(1)], quote),
        _ => flowing(written, |_, _| None),
    }
}

fn quoted(inside: &[char], quote: char) -> String {
    if quote == '\'' {
        return flowing(inside, |rest, out| {
            rest.starts_with(&['\'', '\'']).then(|| {
                out.push('\'');
                2
            })
        });
    }
    flowing(inside, |rest, out| {
        if rest[0] != '\\' || rest.len() < 2 {
            return None;
        }
        if is_break(rest[1]) {
            return Some(1 + break_and_indentation(&rest[1..], out));
        }
        let digits = match rest[1] {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            c => {
                out.push(escaped(c));
                return Some(2);
            }
        };
        let code =
            rest.iter().skip(2).take(digits).fold(0, |code, c| code << 4 | c.to_digit(16).unwrap_or(0));
        out.push(char::from_u32(code).unwrap_or('\u{fffd}'));
        Some(2 + digits)
    })
}

fn escaped(c: char) -> char {
    match c {
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        't' => '\t',
        'n' => '\n',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        c => c,
    }
}

/// After an escaped line break, further empty lines stay breaks; returns the number of characters passed.
fn break_and_indentation(rest: &[char], out: &mut String) -> usize {
    let mut at = break_width(rest);
    while let Some(&c) = rest.get(at) {
        if is_break(c) {
            out.push(normal(c));
            at += break_width(&rest[at..]);
        } else if is_blank(c) {
            at += 1;
        } else {
            break;
        }
    }
    at
}

fn break_width(rest: &[char]) -> usize {
    if rest.starts_with(&['\r', '\n']) { 2 } else { 1 }
}

fn normal(c: char) -> char {
    if matches!(c, '\u{2028}' | '\u{2029}') { c } else { '\n' }
}

/// Text whose lines flow: a single break is a blank, further ones are breaks. `special` may take over at any character
/// and says how many it has handled.
fn flowing(text: &[char], special: impl Fn(&[char], &mut String) -> Option<usize>) -> String {
    let mut out = String::new();
    let mut at = 0;
    while at < text.len() {
        if let Some(width) = special(&text[at..], &mut out) {
            at += width;
            continue;
        }
        let (mut blanks, mut breaks) = (String::new(), String::new());
        while let Some(&c) = text.get(at) {
            if is_break(c) {
                breaks.push(normal(c));
                at += break_width(&text[at..]);
            } else if is_blank(c) {
                blanks.push(c);
                at += 1;
            } else {
                break;
            }
        }
        match breaks.strip_prefix('\n') {
            Some("") => out.push(' '),
            Some(more) => out.push_str(more),
            None if !breaks.is_empty() => out.push_str(&breaks),
            None if !blanks.is_empty() => out.push_str(&blanks),
            None => {
                out.push(text[at]);
                at += 1;
            }
        }
    }
    out
}

/// A literal or folded block; `folds` says whether a line joins another one that folds, too.
fn block(written: &[char], indent: usize, folds: fn(&[char]) -> bool) -> String {
    let mut lines = written.split_inclusive(|c| is_break(*c));
    let header = lines.next().unwrap_or_default();
    let chomp = header.iter().take(3).find(|c| matches!(c, '+' | '-'));
    // A break that belongs to the header or the line before, as one character.
    let mut out = String::new();
    let (mut last_break, mut breaks) = (String::new(), String::new());
    let mut folded = false;
    let mut half = header.ends_with(&['\r']);
    for line in lines {
        if std::mem::replace(&mut half, line.ends_with(&['\r'])) && line == ['\n'] {
            continue;
        }
        let (content, end) = match line.split_last() {
            Some((c, content)) if is_break(*c) => (content, Some(normal(*c))),
            _ => (line, None),
        };
        let spaces = content.iter().take(indent).take_while(|c| **c == ' ').count();
        if spaces < indent || content.len() == indent {
            breaks.extend(end);
            continue;
        }
        let content = &content[indent..];
        let folds = folds(content);
        if folded && folds && last_break == "\n" {
            out.push_str(if breaks.is_empty() { " " } else { "" });
        } else {
            out.push_str(&last_break);
        }
        out.push_str(&breaks);
        breaks.clear();
        out.extend(content);
        folded = folds;
        last_break = end.map(String::from).unwrap_or_default();
    }
    if chomp != Some(&'-') {
        out.push_str(&last_break);
    }
    if chomp == Some(&'+') {
        out.push_str(&breaks);
    }
    out
}
