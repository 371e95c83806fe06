//! A value as YAML text, as `kubectl get -o yaml` prints it.
//!
//! Models sigs.k8s.io/yaml JSONToYAML: go.yaml.in/yaml/v2/encode.go, emitterc.go and sorter.go

use crate::api::order;
use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::scalar::{self, Meaning};

/// Lines are folded at the first blank behind this column.
const WIDTH: usize = 80;

/// Writes a value as YAML, ending in a line break.
pub fn to_yaml(value: &Value) -> String {
    let mut out = Writer::default();
    out.node(value, 0, After::Nothing);
    out.end_line();
    out.text
}

/// What a value follows on its line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    Nothing,
    Key,
    Dash,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Key,
    Value,
}

#[derive(Default)]
struct Writer {
    text: String,
    column: usize,
}

impl Writer {
    fn put(&mut self, c: char) {
        self.text.push(c);
        self.column = if c == '\n' { 0 } else { self.column + 1 };
    }

    fn put_str(&mut self, text: &str) {
        text.chars().for_each(|c| self.put(c));
    }

    fn end_line(&mut self) {
        if self.column > 0 {
            self.put('\n');
        }
    }

    fn pad(&mut self, indent: usize) {
        while self.column < indent {
            self.put(' ');
        }
    }

    fn new_line(&mut self, indent: usize) {
        self.end_line();
        self.pad(indent);
    }

    fn node(&mut self, value: &Value, indent: usize, after: After) {
        match value {
            Value::Object(map) if !map.is_empty() => {
                let indent = if after == After::Nothing { indent } else { indent + 2 };
                self.map(map, indent, after);
            }
            Value::Array(items) if !items.is_empty() => {
                // A list under a key is not indented.
                let indent = if after == After::Dash { indent + 2 } else { indent };
                for (i, item) in items.iter().enumerate() {
                    self.start(i, indent, after);
                    self.put('-');
                    self.node(item, indent, After::Dash);
                }
            }
            _ => {
                if after != After::Nothing {
                    self.put(' ');
                }
                self.leaf(value, indent + 2);
            }
        }
    }

    /// Begins the line of an entry; the first one behind a dash stays on the dash's line.
    fn start(&mut self, index: usize, indent: usize, after: After) {
        if index == 0 && after == After::Dash {
            self.pad(indent);
        } else {
            self.new_line(indent);
        }
    }

    fn map(&mut self, map: &Map<String, Value>, indent: usize, after: After) {
        let mut entries: Vec<_> = map.iter().collect();
        order::sort_by(&mut entries, |a, b| natural(a.0, b.0));
        for (i, (key, value)) in entries.into_iter().enumerate() {
            self.start(i, indent, after);
            if key.len() > 128 {
                self.put_str("? ");
                self.string(key, indent + 2, Role::Value);
                self.new_line(indent);
            } else {
                self.string(key, indent, Role::Key);
            }
            self.put(':');
            self.node(value, indent, After::Key);
        }
    }

    fn leaf(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Null => self.put_str("null"),
            Value::Bool(value) => self.put_str(if *value { "true" } else { "false" }),
            Value::Number(number) => {
                let text = match number.as_f64() {
                    Some(float) if number.is_f64() => float_text(float),
                    _ => number.to_string(),
                };
                self.put_str(&text);
            }
            Value::String(text) => self.string(text, indent, Role::Value),
            Value::Array(_) => self.put_str("[]"),
            Value::Object(_) => self.put_str("{}"),
        }
    }

    fn string(&mut self, text: &str, indent: usize, role: Role) {
        let form = Form::of(text);
        let plain = scalar::resolve(text) == Meaning::Text && !is_base60(text) && !is_timestamp(text);
        let several_lines = text.contains('\n');
        if several_lines && form.block && role == Role::Value {
            self.literal(text, indent);
        } else if several_lines || !plain || form.breaks && role == Role::Key {
            self.double_quoted(text, indent, role);
        } else if form.plain {
            self.folded(text, indent, role);
        } else if form.single {
            self.put('\'');
            self.folded(&text.replace('\'', "''"), indent, role);
            self.put('\'');
        } else {
            self.double_quoted(text, indent, role);
        }
    }

    /// Text that is broken at blanks when it gets long.
    fn folded(&mut self, text: &str, indent: usize, role: Role) {
        let chars: Vec<char> = text.chars().collect();
        let quoted = self.text.ends_with('\'');
        let mut blanks = false;
        for (i, &c) in chars.iter().enumerate() {
            let next_blank = chars.get(i + 1) == Some(&' ');
            let inside = !quoted || (i > 0 && i + 1 < chars.len());
            let full = role == Role::Value && !blanks && self.column > WIDTH;
            if c == ' ' && full && inside && !next_blank {
                self.new_line(indent);
            } else {
                self.put(c);
            }
            blanks = c == ' ';
        }
    }

    fn double_quoted(&mut self, text: &str, indent: usize, role: Role) {
        self.put('"');
        let chars: Vec<char> = text.chars().collect();
        let mut blanks = false;
        for (i, &c) in chars.iter().enumerate() {
            let full = role == Role::Value && !blanks && self.column > WIDTH;
            if c == ' ' && full && i > 0 && i + 1 < chars.len() {
                self.new_line(indent);
                if chars[i + 1] == ' ' {
                    self.put('\\');
                }
            } else if !is_printable(c) || is_break(c) || matches!(c, '"' | '\\') {
                self.put_str(&escape(c));
            } else {
                self.put(c);
            }
            blanks = c == ' ';
        }
        self.put('"');
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.put('|');
        if text.starts_with(|c| c == ' ' || is_break(c)) {
            self.put('2');
        }
        let mut from_end = text.chars().rev();
        match (from_end.next().is_some_and(is_break), from_end.next()) {
            (false, _) => self.put('-'),
            (true, before) if before.is_none_or(is_break) => self.put('+'),
            _ => {}
        }
        self.put('\n');
        for line in text.split_inclusive(is_break) {
            if !line.starts_with(is_break) {
                self.pad(indent);
            }
            self.put_str(line);
            if line.ends_with(is_break) {
                self.column = 0;
            }
        }
    }
}

/// In which styles a text can stand.
struct Form {
    plain: bool,
    single: bool,
    block: bool,
    breaks: bool,
}

impl Form {
    fn of(text: &str) -> Form {
        let chars: Vec<char> = text.chars().collect();
        let mut form = Form {
            plain: !text.starts_with("---") && !text.starts_with("..."),
            single: true,
            block: !text.is_empty(),
            breaks: false,
        };
        let mut special = false;
        for (i, &c) in chars.iter().enumerate() {
            let before = i.checked_sub(1).map(|i| chars[i]);
            let after = chars.get(i + 1).copied();
            let followed = after.is_none_or(|c| matches!(c, ' ' | '\t'));
            let indicator = match c {
                ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => {
                    i == 0
                }
                '?' | '-' => i == 0 && followed,
                ':' => followed,
                '#' => before.is_none_or(|c| matches!(c, ' ' | '\t') || is_break(c)),
                _ => false,
            };
            special |= !is_printable(c);
            form.breaks |= is_break(c);
            let edge = before.is_none() || after.is_none();
            form.plain &= !(indicator || is_break(c) || (edge && c == ' '));
            form.block &= !(c == ' ' && after.is_none());
            match (before, c) {
                (Some(b), ' ') if is_break(b) => (form.plain, form.single) = (false, false),
                (Some(' '), c) if is_break(c) => special = true,
                _ => {}
            }
        }
        if special {
            (form.plain, form.single, form.block) = (false, false, false);
        }
        form
    }
}

fn is_break(c: char) -> bool {
    super::scanner::is_break(c)
}

fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

fn escape(c: char) -> String {
    let short = match c {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' | '\\' => c,
        '\u{85}' => 'N',
        '\u{a0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        _ => {
            return match u32::from(c) {
                code @ 0..=0xff => format!("\\x{code:02X}"),
                code @ 0x100..=0xffff => format!("\\u{code:04X}"),
                code => format!("\\U{code:08X}"),
            };
        }
    };
    format!("\\{short}")
}

/// Digits and colons, which YAML 1.1 reads as a number to the base 60.
fn is_base60(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut parts = whole.split(':');
    let numeric = |s: &str| s.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let first = parts.next().unwrap_or_default();
    let mut rest = parts.peekable();
    first.starts_with(|c: char| c.is_ascii_digit())
        && numeric(first)
        && numeric(fraction)
        && rest.peek().is_some()
        && rest.all(|part| matches!(part.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9']))
}

/// A date, or a date with a time, as go-yaml's `parseTimestamp` takes one.
fn is_timestamp(text: &str) -> bool {
    timestamp(text).is_some()
}

fn timestamp(text: &str) -> Option<()> {
    if text.len() < 5 || !text.bytes().take(4).all(|b| b.is_ascii_digit()) {
        return None;
    }
    let year: u32 = text[..4].parse().ok()?;
    let (month, rest) = two_digits(text[4..].strip_prefix('-')?, 1, 12)?;
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let (_, rest) = two_digits(rest.strip_prefix('-')?, 1, days)?;
    let Some(separator) = rest.chars().next() else { return Some(()) };
    let (_, rest) = two_digits(rest.strip_prefix(['T', 't', ' '])?, 0, 23)?;
    let (_, rest) = two_digits(rest.strip_prefix(':')?, 0, 59)?;
    let (_, mut rest) = two_digits(rest.strip_prefix(':')?, 0, 59)?;
    if let Some(fraction) = rest.strip_prefix(['.', ',']) {
        let digits = fraction.bytes().take(9).take_while(u8::is_ascii_digit).count();
        if digits > 0 {
            rest = &fraction[digits..];
        }
    }
    if separator == ' ' || rest == "Z" {
        return (separator != ' ' || rest.is_empty()).then_some(());
    }
    let (hours, minutes) = rest.strip_prefix(['+', '-'])?.split_once(':')?;
    let two =
        |s: &str, most: u32| s.len() == 2 && two_digits(s, 0, most).is_some_and(|(_, rest)| rest.is_empty());
    (two(hours, 24) && two(minutes, 60)).then_some(())
}

/// A number of one or two digits within bounds, and what follows it.
fn two_digits(text: &str, least: u32, most: u32) -> Option<(u32, &str)> {
    let width = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let value: u32 = text.get(..width)?.parse().ok()?;
    (least..=most).contains(&value).then(|| (value, &text[width..]))
}

fn float_text(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e19 {
        format!("{value:.0}")
    } else {
        scalar::general(&format!("{value:e}"))
    }
}

/// The order of keys: letters before others, numbers in them by their value.
fn natural(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let Some(i) = a.iter().zip(&b).position(|(x, y)| x != y) else {
        return a.len().cmp(&b.len());
    };
    match (a[i].is_alphabetic(), b[i].is_alphabetic()) {
        (true, true) => return a[i].cmp(&b[i]),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    // A zero inside a number does not begin one.
    let before = a[..i].iter().rev().take_while(|c| c.is_ascii_digit()).any(|c| *c != '0');
    let start = i64::from((a[i] == '0' || b[i] == '0') && before);
    let number = |chars: &[char]| {
        let digits = chars[i..].iter().map_while(|c| c.to_digit(10));
        digits.fold((start, 0), |(n, len), d| (n.wrapping_mul(10).wrapping_add(i64::from(d)), len + 1))
    };
    number(&a).cmp(&number(&b)).then(a[i].cmp(&b[i]))
}
