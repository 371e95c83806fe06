//! Literals as Go reads and writes them, with its words for those it cannot read.

use serde_json::{Number, Value};

pub(super) const RFC3339: &str = "2006-01-02T15:04:05Z07:00";
pub(super) const RFC3339_MICRO: &str = "2006-01-02T15:04:05.000000Z07:00";

/// Go's `strconv.Quote`, for text that is mostly plain.
pub(super) fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            c if c < ' ' || c == '\u{7f}' => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// `number` and its digits, as the decoder names a number that is no integer or too large for it.
pub(super) fn number(number: &Number) -> String {
    let float = number.as_f64().filter(|_| number.is_f64());
    let digits = match float {
        Some(float) if float != 0.0 && !(1e-6..1e21).contains(&float.abs()) => {
            let text = format!("{float:e}");
            if float.abs() < 1.0 { text } else { text.replace('e', "e+") }
        }
        Some(float) => format!("{float}"),
        None => number.to_string(),
    };
    format!("number {digits}")
}

/// Whether a value is a quantity.
///
/// Models k8s.io/apimachinery/pkg/api/resource/quantity.go
///
/// # Errors
/// The text of the one error it meets.
pub(super) fn quantity(value: &Value) -> Result<(), &'static str> {
    const FORMAT: &str =
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    const SUFFIX: &str = "unable to parse quantity's suffix";
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(&text);
    let digits = |s: &str| s.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(unsigned);
    let mut rest = &unsigned[whole..];
    let mut numeric = whole > 0;
    if let Some(fraction) = rest.strip_prefix('.') {
        numeric |= digits(fraction) > 0;
        rest = &fraction[digits(fraction)..];
    }
    let letters = rest.bytes().take_while(|b| b"eEinumkKMGTP".contains(b)).count();
    let exponent = &rest[letters..];
    let exponent_digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if text.is_empty() || digits(exponent_digits) != exponent_digits.len() {
        return Err(FORMAT);
    }
    match (&rest[..letters], exponent) {
        ("" | "n" | "u" | "m" | "k" | "M" | "G" | "T" | "P" | "E", "") => {}
        ("Ki" | "Mi" | "Gi" | "Ti" | "Pi" | "Ei", "") => {}
        ("e" | "E", exponent) if !exponent_digits.is_empty() && exponent.len() < 19 => {}
        _ => return Err(SUFFIX),
    }
    if numeric { Ok(()) } else { Err(FORMAT) }
}

/// The offset of the first byte that is wrong in base64 text.
///
/// Models Go's encoding/base64 StdEncoding
pub(super) fn base64_fault(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut seen = 0;
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        at += 1;
        match byte {
            b'\r' | b'\n' => {}
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => seen = (seen + 1) % 4,
            b'=' if seen >= 2 => {
                if seen == 2 {
                    at += new_lines(&bytes[at..]);
                    match bytes.get(at) {
                        None => return Some(bytes.len()),
                        Some(b'=') => at += 1,
                        Some(_) => return Some(at),
                    }
                }
                at += new_lines(&bytes[at..]);
                return (at < bytes.len()).then_some(at);
            }
            _ => return Some(at - 1),
        }
    }
    (seen > 0).then(|| at - seen)
}

fn new_lines(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count()
}

/// Whether text is a time in a layout, RFC 3339 with or without microseconds.
///
/// Models Go's time.Parse
///
/// # Errors
/// Go's text for it.
pub(super) fn time(text: &str, layout: &str) -> Result<(), String> {
    let mut time = Time { text, layout, rest: text };
    let year = time.digits("2006", 4, 4)?;
    time.expect("-")?;
    let month = time.bounded("01", (2, 2), (1, 12), "month")?;
    time.expect("-")?;
    let day = time.digits("02", 2, 2)?;
    time.expect("T")?;
    time.bounded("15", (1, 2), (0, 23), "hour")?;
    time.expect(":")?;
    time.bounded("04", (2, 2), (0, 59), "minute")?;
    time.expect(":")?;
    time.bounded("05", (2, 2), (0, 59), "second")?;
    time.fraction()?;
    time.zone()?;
    if !time.rest.is_empty() {
        return Err(time.message(&format!(": extra text: {}", quote(time.rest))));
    }
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if (1..=days).contains(&day) { Ok(()) } else { Err(time.message(": day out of range")) }
}

struct Time<'a> {
    text: &'a str,
    layout: &'a str,
    rest: &'a str,
}

impl Time<'_> {
    fn message(&self, message: &str) -> String {
        format!("parsing time {}{message}", quote(self.text))
    }

    fn cannot(&self, element: &str) -> String {
        let (layout, rest) = (quote(self.layout), quote(self.rest));
        self.message(&format!(" as {layout}: cannot parse {rest} as {}", quote(element)))
    }

    fn expect(&mut self, element: &str) -> Result<(), String> {
        self.rest = self.rest.strip_prefix(element).ok_or_else(|| self.cannot(element))?;
        Ok(())
    }

    fn digits(&mut self, element: &str, least: usize, most: usize) -> Result<u32, String> {
        let width = self.rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let number = self.rest[..width].parse().ok().filter(|_| width >= least);
        let number = number.ok_or_else(|| self.cannot(element))?;
        self.rest = &self.rest[width..];
        Ok(number)
    }

    fn bounded(
        &mut self,
        element: &str,
        widths: (usize, usize),
        bounds: (u32, u32),
        name: &str,
    ) -> Result<u32, String> {
        let number = self.digits(element, widths.0, widths.1)?;
        if number < bounds.0 || number > bounds.1 {
            return Err(self.message(&format!(": {name} out of range")));
        }
        Ok(number)
    }

    fn fraction(&mut self) -> Result<(), String> {
        let digits = self
            .rest
            .strip_prefix(['.', ','])
            .map_or(0, |f| f.bytes().take_while(u8::is_ascii_digit).count());
        if self.layout == RFC3339_MICRO {
            if digits < 6 {
                return Err(self.cannot(".000000"));
            }
            self.rest = &self.rest[7..];
        } else if digits > 0 {
            self.rest = &self.rest[1 + digits..];
        }
        Ok(())
    }

    fn zone(&mut self) -> Result<(), String> {
        const ZONE: &str = "Z07:00";
        if let Some(rest) = self.rest.strip_prefix('Z') {
            self.rest = rest;
            return Ok(());
        }
        let bytes = self.rest.as_bytes();
        let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
        let signed = matches!(bytes.first(), Some(b'+' | b'-'));
        if !(signed && digit(1) && digit(2) && bytes.get(3) == Some(&b':') && digit(4) && digit(5)) {
            return Err(self.cannot(ZONE));
        }
        let two = |i: usize| u32::from(bytes[i] - b'0') * 10 + u32::from(bytes[i + 1] - b'0');
        let (hours, minutes) = (two(1), two(4));
        self.rest = &self.rest[6..];
        if hours > 24 {
            return Err(self.message(": time zone offset hour out of range"));
        }
        if minutes > 60 {
            return Err(self.message(": time zone offset minute out of range"));
        }
        Ok(())
    }
}
