//! `printf`.

use super::escape::{Style, unescape};

/// Longest padding that is made.
const MAX_WIDTH: usize = 4096;

/// What was printed, what was complained about, and whether all went well.
pub struct Printed {
    pub bytes: Vec<u8>,
    pub errors: Vec<String>,
}

/// Formats the arguments, using the format as often as there are arguments.
pub fn printf(format: &str, args: &[String]) -> Printed {
    let mut printed = Printed { bytes: Vec::new(), errors: Vec::new() };
    let mut rest = args.iter();
    loop {
        let before = rest.len();
        if !pass(format, &mut rest, &mut printed) || rest.len() == 0 || rest.len() == before {
            return printed;
        }
        if printed.bytes.len() > 4 * 1024 * 1024 {
            return printed;
        }
    }
}

#[derive(Default)]
struct Spec {
    left: bool,
    zero: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    width: usize,
    precision: Option<usize>,
}

/// One pass over the format; `false` when `\c` ended the output.
fn pass(format: &str, args: &mut std::slice::Iter<String>, printed: &mut Printed) -> bool {
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        let plain = unescape(&rest[..at], Style::Format);
        printed.bytes.extend(plain.bytes);
        if plain.stop {
            return false;
        }
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            printed.bytes.push(b'%');
            rest = after;
            continue;
        }
        let mut chars = rest.chars().peekable();
        let mut spec = Spec::default();
        while let Some(c) = chars.next_if(|c| "-0+ #".contains(*c)) {
            match c {
                '-' => spec.left = true,
                '0' => spec.zero = true,
                '+' => spec.plus = true,
                '#' => spec.alternate = true,
                _ => spec.space = true,
            }
        }
        if chars.next_if_eq(&'*').is_some() {
            let width: i64 = args.next().and_then(|a| a.parse().ok()).unwrap_or(0);
            spec.left |= width < 0;
            spec.width = width.unsigned_abs() as usize;
        }
        while let Some(digit) = chars.next_if(char::is_ascii_digit) {
            spec.width = (spec.width * 10 + digit as usize - 48).min(MAX_WIDTH);
        }
        spec.width = spec.width.min(MAX_WIDTH);
        if chars.next_if_eq(&'.').is_some() {
            let mut precision = 0;
            if chars.next_if_eq(&'*').is_some() {
                precision = args.next().and_then(|a| a.parse().ok()).unwrap_or(0);
            }
            while let Some(digit) = chars.next_if(char::is_ascii_digit) {
                precision = (precision * 10 + digit as usize - 48).min(MAX_WIDTH);
            }
            spec.precision = Some(precision.min(MAX_WIDTH));
        }
        while chars.next_if(|c| "lhLqjzt".contains(*c)).is_some() {}
        let Some(conversion) = chars.next() else {
            printed.errors.push(format!("%{rest}: invalid format"));
            return false;
        };
        let left: usize = chars.map(char::len_utf8).sum();
        rest = &rest[rest.len() - left..];
        if !convert(conversion, &spec, args.next(), printed) {
            return false;
        }
    }
    let plain = unescape(rest, Style::Format);
    printed.bytes.extend(plain.bytes);
    !plain.stop
}

fn convert(conversion: char, spec: &Spec, arg: Option<&String>, printed: &mut Printed) -> bool {
    let text = arg.map_or("", |a| a.as_str());
    match conversion {
        's' => {
            let cut: String = text.chars().take(spec.precision.unwrap_or(usize::MAX)).collect();
            pad(&cut, spec, false, printed);
        }
        'q' => pad(&super::builtins::quoted(text), spec, false, printed),
        'c' => pad(&text.chars().take(1).collect::<String>(), spec, false, printed),
        'b' => {
            let plain = unescape(text, Style::Echo);
            printed.bytes.extend(plain.bytes);
            return !plain.stop;
        }
        'd' | 'i' => {
            let number = integer(text, printed);
            let digits = with_precision(number.unsigned_abs().to_string(), spec);
            let sign = match number {
                n if n < 0 => "-",
                _ if spec.plus => "+",
                _ if spec.space => " ",
                _ => "",
            };
            pad(&format!("{sign}{digits}"), spec, spec.precision.is_none(), printed);
        }
        'u' => {
            let digits = with_precision((integer(text, printed) as u64).to_string(), spec);
            pad(&digits, spec, spec.precision.is_none(), printed);
        }
        'x' | 'X' | 'o' => {
            let number = integer(text, printed);
            let (digits, prefix) = match conversion {
                'x' => (format!("{number:x}"), "0x"),
                'X' => (format!("{number:X}"), "0X"),
                _ => (format!("{number:o}"), "0"),
            };
            let prefix = if spec.alternate && number != 0 { prefix } else { "" };
            pad(
                &format!("{prefix}{}", with_precision(digits, spec)),
                spec,
                spec.precision.is_none(),
                printed,
            );
        }
        'f' | 'F' | 'e' | 'E' | 'g' | 'G' => {
            let number: f64 = if text.is_empty() {
                0.0
            } else {
                text.trim().parse().unwrap_or_else(|_| {
                    printed.errors.push(format!("{text}: invalid number"));
                    0.0
                })
            };
            let sign = if spec.plus && number >= 0.0 { "+" } else { "" };
            pad(&format!("{sign}{}", float(conversion, number, spec.precision)), spec, true, printed);
        }
        other => {
            printed.errors.push(format!("%{other}: invalid format"));
            return false;
        }
    }
    true
}

/// `%f`, `%e` and `%g` as C has them.
pub fn float(conversion: char, number: f64, precision: Option<usize>) -> String {
    let digits = precision.unwrap_or(6).min(300);
    match conversion {
        'f' | 'F' => format!("{number:.digits$}"),
        'e' | 'E' => exponent(number, digits, conversion),
        _ => {
            let digits = digits.max(1);
            let magnitude = if number == 0.0 { 0 } else { number.abs().log10().floor() as i32 };
            let text = if magnitude < -4 || magnitude >= digits as i32 {
                exponent(number, digits - 1, if conversion == 'G' { 'E' } else { 'e' })
            } else {
                format!("{number:.*}", (digits as i32 - 1 - magnitude).max(0) as usize)
            };
            let (mantissa, tail) = match text.find(['e', 'E']) {
                Some(at) => text.split_at(at),
                None => (text.as_str(), ""),
            };
            let mantissa = if mantissa.contains('.') {
                mantissa.trim_end_matches('0').trim_end_matches('.')
            } else {
                mantissa
            };
            format!("{mantissa}{tail}")
        }
    }
}

fn exponent(number: f64, digits: usize, letter: char) -> String {
    let text = format!("{number:.digits$e}");
    let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
    let power: i32 = power.parse().unwrap_or(0);
    let sign = if power < 0 { '-' } else { '+' };
    format!("{mantissa}{letter}{sign}{:02}", power.abs())
}

fn with_precision(digits: String, spec: &Spec) -> String {
    match spec.precision {
        Some(precision) if digits.len() < precision => "0".repeat(precision - digits.len()) + &digits,
        _ => digits,
    }
}

fn integer(text: &str, printed: &mut Printed) -> i64 {
    if let Some(quoted) = text.strip_prefix(['\'', '"']) {
        return quoted.chars().next().map_or(0, |c| c as i64);
    }
    let trimmed = text.trim();
    let (negative, digits) = trimmed.strip_prefix('-').map_or((false, trimmed), |rest| (true, rest));
    let parsed = match digits.strip_prefix("0x").or(digits.strip_prefix("0X")) {
        Some(hex) => i64::from_str_radix(hex, 16),
        None if digits.len() > 1 && digits.starts_with('0') => i64::from_str_radix(digits, 8),
        None => digits.parse(),
    };
    match parsed {
        Ok(number) if negative => number.wrapping_neg(),
        Ok(number) => number,
        Err(_) if trimmed.is_empty() => 0,
        Err(_) => {
            printed.errors.push(format!("invalid number '{text}'"));
            0
        }
    }
}

fn pad(text: &str, spec: &Spec, numeric: bool, printed: &mut Printed) {
    let missing = spec.width.saturating_sub(text.chars().count());
    let fill = |n: usize, c: &str| c.repeat(n);
    let padded = if spec.left {
        text.to_owned() + &fill(missing, " ")
    } else if spec.zero && numeric {
        let sign = usize::from(text.starts_with(['-', '+']));
        format!("{}{}{}", &text[..sign], fill(missing, "0"), &text[sign..])
    } else {
        fill(missing, " ") + text
    };
    printed.bytes.extend(padded.bytes());
}
