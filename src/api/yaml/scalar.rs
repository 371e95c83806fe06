//! What a scalar's text means: YAML 1.1 as go-yaml reads it.
//!
//! Models go.yaml.in/yaml/v2/resolve.go

use serde_json::{Number, Value};

/// A scalar's meaning. Timestamps are strings, as kubectl keeps them.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Meaning {
    Null,
    Bool(bool),
    Int(i64),
    /// Above `i64::MAX`.
    Big(u64),
    Float(f64),
    Merge,
    Text,
}

impl Meaning {
    /// The name of its tag.
    pub fn tag(&self) -> &'static str {
        match self {
            Meaning::Null => "null",
            Meaning::Bool(_) => "bool",
            Meaning::Int(_) | Meaning::Big(_) => "int",
            Meaning::Float(_) => "float",
            Meaning::Merge => "merge",
            Meaning::Text => "str",
        }
    }
}

/// The meaning of a plain scalar without a tag.
pub(super) fn resolve(text: &str) -> Meaning {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Meaning::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Meaning::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Meaning::Bool(false)
        }
        ".nan" | ".NaN" | ".NAN" => Meaning::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Meaning::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Meaning::Float(f64::NEG_INFINITY),
        "<<" => Meaning::Merge,
        _ => match text.as_bytes()[0] {
            b'.' => finite(text).map_or(Meaning::Text, Meaning::Float),
            b'+' | b'-' | b'0'..=b'9' => number(text),
            _ => Meaning::Text,
        },
    }
}

fn number(text: &str) -> Meaning {
    let plain = text.replace('_', "");
    let (negative, digits) = match plain.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, plain.strip_prefix('+').unwrap_or(&plain)),
    };
    if let Some(size) = whole(digits) {
        let signed = if negative { 0i64.checked_sub_unsigned(size) } else { i64::try_from(size).ok() };
        if let Some(value) = signed {
            return Meaning::Int(value);
        }
        // Go's ParseUint takes no sign.
        if plain == digits {
            return Meaning::Big(size);
        }
    }
    if is_float(digits) { finite(&plain).map_or(Meaning::Text, Meaning::Float) } else { Meaning::Text }
}

/// An unsigned number as Go writes it: `0x`, `0o`, `0b`, and a leading 0 for octal.
fn whole(digits: &str) -> Option<u64> {
    let lower = digits.to_ascii_lowercase();
    let (base, rest) = match lower.get(..2) {
        Some("0x") => (16, &lower[2..]),
        Some("0o") => (8, &lower[2..]),
        Some("0b") => (2, &lower[2..]),
        _ if lower.len() > 1 && lower.starts_with('0') => (8, &lower[1..]),
        _ => (10, &lower[..]),
    };
    // from_str_radix would take a second sign.
    let first = rest.chars().next()?;
    if first.is_ascii_alphanumeric() { u64::from_str_radix(rest, base).ok() } else { None }
}

/// `[0-9]*.[0-9]*` with an exponent, some digit before it.
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (text, None),
    };
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    !(before.is_empty() && after.is_empty())
        && all_digits(before)
        && all_digits(after)
        && exponent.is_none_or(|e| !e.is_empty() && all_digits(e))
}

fn finite(text: &str) -> Option<f64> {
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// The number of a JSON object that kubectl makes from a float: a whole one becomes an integer.
pub(super) fn float(value: f64) -> Value {
    const WHOLE: f64 = 9_223_372_036_854_775_807.0;
    if value.fract() == 0.0 && value.abs() < WHOLE {
        Value::from(value as i64)
    } else {
        Number::from_f64(value).map_or(Value::Null, Value::Number)
    }
}

/// A float as Go's `%g` of 32 bits prints it, the form it takes as a mapping's key.
pub(super) fn float_key(value: f64) -> String {
    let narrow = value as f32;
    if value.is_nan() {
        ".nan".to_owned()
    } else if narrow.is_infinite() {
        if value > 0.0 { ".inf" } else { "-.inf" }.to_owned()
    } else {
        general(&format!("{narrow:e}"))
    }
}

/// Go's shortest `%g` of a float in scientific notation: an exponent of two digits below 0.0001 and from a million on.
pub(super) fn general(scientific: &str) -> String {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, digits) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest.replace('.', "")),
        None => ("", mantissa.replace('.', "")),
    };
    if !(-4..6).contains(&exponent) {
        let point = if digits.len() > 1 { "." } else { "" };
        let direction = if exponent < 0 { '-' } else { '+' };
        format!("{sign}{}{point}{}e{direction}{:02}", &digits[..1], &digits[1..], exponent.abs())
    } else if exponent < 0 {
        format!("{sign}0.{}{digits}", "0".repeat(exponent.unsigned_abs() as usize - 1))
    } else {
        let whole = exponent as usize + 1;
        if digits.len() <= whole {
            format!("{sign}{digits}{}", "0".repeat(whole - digits.len()))
        } else {
            format!("{sign}{}.{}", &digits[..whole], &digits[whole..])
        }
    }
}
