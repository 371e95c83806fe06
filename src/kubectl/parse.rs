//! From a line to words, and from words to flags and arguments. Models a shell's quoting and spf13/pflag.

use std::collections::BTreeMap;

use super::failure::Failure;

/// Splits a line as a shell does: blanks, quotes, backslashes. Nothing is expanded.
///
/// # Errors
/// A quote is not closed.
pub(super) fn words(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            c if c.is_whitespace() => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next().ok_or("unclosed quote: '")? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next().ok_or("unclosed quote: \"")? {
                        '"' => break,
                        '\\' => match chars.next().ok_or("unclosed quote: \"")? {
                            '\n' => {}
                            c @ ('"' | '\\' | '$' | '`') => word.push(c),
                            c => word.extend(['\\', c]),
                        },
                        c => word.push(c),
                    }
                }
            }
            '\\' => match chars.next() {
                None | Some('\n') => {}
                Some(c) => word.get_or_insert_default().push(c),
            },
            '#' if word.is_none() => break,
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

/// A flag of a verb.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flag {
    pub name: &'static str,
    pub short: Option<char>,
    pub takes: Takes,
}

/// What a flag is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// Nothing, or `=true` or `=false`.
    Bool,
    Text,
    Int,
    /// A span as Go writes it.
    Duration,
    /// `=VALUE`, or nothing, which stands for this.
    Maybe(&'static str),
}

/// What was typed behind a verb.
#[derive(Clone, Debug, Default)]
pub(super) struct Arguments {
    flags: BTreeMap<&'static str, Vec<String>>,
    pub positional: Vec<String>,
    /// How many arguments stood before `--`.
    pub dash: Option<usize>,
    /// `kubectl rollout status`
    pub path: String,
}

impl Arguments {
    /// Sorts words into flags and arguments.
    ///
    /// # Errors
    /// A flag is not one of `known`, or lacks its value.
    pub fn parse(path: &str, words: &[String], known: &[&[Flag]]) -> Result<Arguments, Failure> {
        let mut parser =
            Parser { args: Arguments { path: path.into(), ..Arguments::default() }, rest: words, known };
        while let Some((word, rest)) = parser.rest.split_first() {
            parser.rest = rest;
            if word == "--" {
                parser.args.dash = Some(parser.args.positional.len());
                parser.args.positional.extend(rest.iter().cloned());
                break;
            }
            parser.word(word).map_err(|text| {
                Failure::message(format!("{text}\nSee 'kubectl {path} --help' for usage."))
            })?;
        }
        Ok(parser.args)
    }

    /// The last value given to a flag.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.flags.get(name)?.last().map(String::as_str)
    }

    /// Every value given to a flag, split at commas.
    pub fn list(&self, name: &str) -> Vec<&str> {
        self.values(name).iter().flat_map(|value| value.split(',')).collect()
    }

    /// Every value given to a flag.
    pub fn values(&self, name: &str) -> &[String] {
        self.flags.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether a boolean flag is set, `default` if it was not given.
    pub fn is_set_or(&self, name: &str, default: Setting) -> bool {
        self.value(name).map_or(default == Setting::On, |value| truth(value) == Some(true))
    }

    /// Whether a boolean flag is set.
    pub fn is_set(&self, name: &str) -> bool {
        self.is_set_or(name, Setting::Off)
    }

    /// Whether a flag was given.
    pub fn has(&self, name: &str) -> bool {
        self.flags.contains_key(name)
    }

    /// The number given to a flag.
    pub fn int(&self, name: &str) -> Option<i64> {
        self.value(name)?.parse().ok()
    }
}

/// What a boolean flag is without being given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setting {
    On,
    Off,
}

struct Parser<'a> {
    args: Arguments,
    rest: &'a [String],
    known: &'a [&'a [Flag]],
}

impl Parser<'_> {
    fn word(&mut self, word: &str) -> Result<(), String> {
        if let Some(long) = word.strip_prefix("--") {
            let (name, value) = split_value(long);
            let flag =
                self.find(|flag| flag.name == name).ok_or_else(|| format!("unknown flag: --{name}"))?;
            return self.take(flag, value, format!("--{name}"), format!("\"--{name}\""));
        }
        let Some(shorts) = word.strip_prefix('-').filter(|shorts| !shorts.is_empty()) else {
            self.args.positional.push(word.into());
            return Ok(());
        };
        let mut rest = shorts;
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            let flag = self
                .find(|flag| flag.short == Some(c))
                .ok_or_else(|| format!("unknown shorthand flag: '{c}' in -{shorts}"))?;
            let quoted = format!("\"-{c}, --{}\"", flag.name);
            let told = format!("'{c}' in -{shorts}");
            match (flag.takes, rest.strip_prefix('=')) {
                (_, Some(value)) => return self.take(flag, Some(value), told, quoted),
                (Takes::Bool | Takes::Maybe(_), None) => self.take(flag, None, told, quoted)?,
                (_, None) if rest.is_empty() => return self.take(flag, None, told, quoted),
                (_, None) => return self.take(flag, Some(rest), told, quoted),
            }
        }
        Ok(())
    }

    fn find(&self, wanted: impl Fn(&Flag) -> bool) -> Option<Flag> {
        self.known.iter().copied().flatten().copied().find(wanted)
    }

    fn take(&mut self, flag: Flag, value: Option<&str>, told: String, quoted: String) -> Result<(), String> {
        let value = match (value, flag.takes) {
            (Some(value), _) => value.to_string(),
            (None, Takes::Bool) => "true".into(),
            (None, Takes::Maybe(default)) => default.into(),
            (None, _) => {
                let (next, rest) =
                    self.rest.split_first().ok_or_else(|| format!("flag needs an argument: {told}"))?;
                self.rest = rest;
                next.clone()
            }
        };
        let fault = match flag.takes {
            Takes::Bool if truth(&value).is_none() => {
                Some(format!("strconv.ParseBool: parsing \"{value}\": invalid syntax"))
            }
            Takes::Int if value.parse::<i64>().is_err() => {
                Some(format!("strconv.ParseInt: parsing \"{value}\": invalid syntax"))
            }
            Takes::Duration if seconds(&value).is_none() => {
                Some(format!("time: invalid duration \"{value}\""))
            }
            _ => None,
        };
        if let Some(fault) = fault {
            return Err(format!("invalid argument \"{value}\" for {quoted} flag: {fault}"));
        }
        self.args.flags.entry(flag.name).or_default().push(value);
        Ok(())
    }
}

fn split_value(long: &str) -> (&str, Option<&str>) {
    match long.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (long, None),
    }
}

/// Models strconv.ParseBool.
fn truth(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// The seconds of a span as Go writes it: `1.5s`, `2m`, `1h30m`, `0`. Models time.ParseDuration.
pub(super) fn seconds(text: &str) -> Option<f64> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0.0);
    }
    let mut total = 0.0;
    while total == 0.0 || !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let units = [("ns", 1e-9), ("us", 1e-6), ("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
        let (unit, scale) = units.into_iter().find(|(unit, _)| rest.starts_with(unit))?;
        rest = &rest[unit.len()..];
        total += number * scale;
        if rest.is_empty() {
            break;
        }
    }
    Some(sign * total)
}
