//! Word expansion. A command substitution stops it; the machine runs the commands, remembers
//! their output and expands the same words again from the start, so that waiting needs no
//! half-expanded state. Variables are put back to where they were before each attempt.

use super::super::files::{Kind, base, parent};
use super::super::kernel::{Process, Sys};
use super::arithmetic;
use super::ast::*;
use super::pattern;
use super::vars::Vars;
use super::{Flavour, Shell};

/// Longest expansion of one word.
const MAX_LENGTH: usize = 4 * 1024 * 1024;
/// Most fields of one command.
const MAX_FIELDS: usize = 65_536;

/// Why an expansion did not come to an end.
pub enum Stop {
    /// These commands' output is needed first.
    Substitute(List),
    /// The message and the status.
    Fail(String, i32),
}

type Expand<T> = Result<T, Stop>;

/// One field: as text, and as a pattern in which quoted characters are plain.
#[derive(Clone, Debug, Default)]
struct Field {
    text: String,
    pattern: String,
    quoted: bool,
}

pub struct Expander<'a, 'w> {
    pub shell: &'a mut Shell,
    pub process: &'a Process,
    pub sys: &'a mut Sys<'w>,
    /// How many remembered substitutions were used.
    used: usize,
    fields: Vec<Field>,
    current: Option<Field>,
    split: bool,
    in_assignment: bool,
}

/// A parameter's value.
enum Value {
    One(Option<String>),
    Many(Vec<String>),
}

impl<'a, 'w> Expander<'a, 'w> {
    pub fn new(shell: &'a mut Shell, process: &'a Process, sys: &'a mut Sys<'w>) -> Expander<'a, 'w> {
        let (fields, current) = (Vec::new(), None);
        Expander { shell, process, sys, used: 0, fields, current, split: true, in_assignment: false }
    }

    /// Words as a command has them: split into fields, patterns replaced by file names.
    pub fn words(&mut self, words: &[Word]) -> Expand<Vec<String>> {
        let mut out = Vec::new();
        let declares = words
            .first()
            .and_then(Word::literal)
            .is_some_and(|name| matches!(name, "export" | "readonly" | "local" | "declare" | "typeset"));
        for word in words {
            if declares && is_assignment(word) {
                out.push(self.assigned(word)?);
                continue;
            }
            self.split = true;
            self.parts(&word.0, false)?;
            self.end_field();
            for field in std::mem::take(&mut self.fields) {
                self.glob(field, &mut out);
            }
            if out.len() > MAX_FIELDS {
                return Err(Stop::Fail("out of memory".into(), 2));
            }
        }
        Ok(out)
    }

    /// A word as one text.
    pub fn string(&mut self, word: &Word) -> Expand<String> {
        self.single(word).map(|field| field.text)
    }

    /// The value of an assignment: `~` also after colons.
    pub fn assigned(&mut self, word: &Word) -> Expand<String> {
        self.in_assignment = true;
        let text = self.string(word);
        self.in_assignment = false;
        text
    }

    /// A word as a pattern.
    pub fn pattern(&mut self, word: &Word) -> Expand<String> {
        self.single(word).map(|field| field.pattern)
    }

    /// A word as text and as pattern.
    pub fn both(&mut self, word: &Word) -> Expand<(String, String)> {
        self.single(word).map(|field| (field.text, field.pattern))
    }

    fn single(&mut self, word: &Word) -> Expand<Field> {
        let (fields, current, split) = (
            std::mem::take(&mut self.fields),
            self.current.take(),
            std::mem::replace(&mut self.split, false),
        );
        let result = self.parts(&word.0, false);
        let field = self.current.take().unwrap_or_default();
        (self.fields, self.current, self.split) = (fields, current, split);
        result.map(|()| field)
    }

    fn parts(&mut self, parts: &[Part], quoted: bool) -> Expand<()> {
        for part in parts {
            match part {
                Part::Plain(text) if !quoted => {
                    let field = self.current.get_or_insert_default();
                    field.text.push_str(text);
                    // A backslash cannot be plain: the parser made it quoted.
                    field.pattern.push_str(text);
                }
                Part::Plain(text) | Part::Quoted(text) => self.push_quoted(text),
                Part::Double(parts) => {
                    let only_all =
                        matches!(parts.as_slice(), [Part::Parameter(p)] if p.name == "@" || is_all(p));
                    if !only_all {
                        self.push_quoted("");
                    }
                    self.parts(parts, true)?;
                }
                Part::Tilde(user) => {
                    let home = if user.is_empty() { self.shell.vars.get("HOME") } else { None };
                    let text = home.map(str::to_owned).unwrap_or_else(|| format!("~{user}"));
                    self.push_quoted(&text);
                }
                Part::Parameter(parameter) => self.parameter(parameter, quoted)?,
                Part::Arithmetic(word) => {
                    let value = self.arithmetic(word)?;
                    self.push_value(&value.to_string(), quoted);
                }
                Part::Command(list) => {
                    let Some(output) = self.shell.memo.get(self.used).cloned() else {
                        return Err(Stop::Substitute(list.clone()));
                    };
                    self.used += 1;
                    self.push_value(&output, quoted);
                }
            }
            if self.current.as_ref().is_some_and(|field| field.text.len() > MAX_LENGTH) {
                return Err(Stop::Fail("out of memory".into(), 2));
            }
        }
        Ok(())
    }

    /// An arithmetic expression's value.
    pub fn arithmetic(&mut self, word: &Word) -> Expand<i64> {
        let text = self.string(word)?;
        struct Access<'v>(&'v mut Shell);
        impl arithmetic::Variables for Access<'_> {
            fn value(&mut self, name: &str) -> String {
                self.0.special(name).or_else(|| self.0.vars.get(name).map(str::to_owned)).unwrap_or_default()
            }
            fn assign(&mut self, name: &str, value: i64) {
                self.0.vars.set(name, value.to_string());
            }
        }
        arithmetic::evaluate(&text, &mut Access(self.shell)).map_err(|error| Stop::Fail(error, 2))
    }

    fn push_quoted(&mut self, text: &str) {
        let field = self.current.get_or_insert_default();
        field.quoted = true;
        field.text.push_str(text);
        pattern::quote(text, &mut field.pattern);
    }

    fn push_value(&mut self, text: &str, quoted: bool) {
        if quoted {
            self.push_quoted(text);
        } else if !self.split {
            let field = self.current.get_or_insert_default();
            field.text.push_str(text);
            field.pattern.push_str(&text.replace('\\', "\\\\"));
        } else {
            self.push_split(text);
        }
    }

    fn push_split(&mut self, text: &str) {
        let ifs = self.shell.vars.get("IFS").unwrap_or(" \t\n").to_owned();
        // An IFS character that is no blank ends a field, even an empty one.
        let mut after_blank = false;
        for c in text.chars() {
            if !ifs.contains(c) {
                after_blank = false;
                let field = self.current.get_or_insert_default();
                field.text.push(c);
                if c == '\\' {
                    field.pattern.push('\\');
                }
                field.pattern.push(c);
            } else if matches!(c, ' ' | '\t' | '\n') {
                after_blank = self.current.is_some() || after_blank;
                self.end_field();
            } else {
                if !after_blank {
                    self.current.get_or_insert_default().quoted = true;
                }
                after_blank = false;
                self.end_field();
            }
        }
    }

    fn end_field(&mut self) {
        if let Some(field) = self.current.take()
            && (field.quoted || !field.text.is_empty())
        {
            self.fields.push(field);
        }
    }

    fn glob(&mut self, field: Field, out: &mut Vec<String>) {
        if self.shell.options.noglob || !pattern::is_pattern(&field.pattern) {
            out.push(field.text);
            return;
        }
        let found = self.paths(&field.pattern);
        if found.is_empty() {
            out.push(field.text);
        } else {
            out.extend(found);
        }
    }

    /// The files a pattern names, in order.
    fn paths(&mut self, pattern: &str) -> Vec<String> {
        let directories = pattern.ends_with('/');
        let mut found = vec![if pattern.starts_with('/') { "/".to_owned() } else { String::new() }];
        let parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
        for (i, part) in parts.iter().enumerate() {
            let last = i + 1 == parts.len();
            let mut next = Vec::new();
            for prefix in &found {
                let directory = self.process.path(if prefix.is_empty() { "." } else { prefix });
                if !pattern::is_pattern(part) {
                    let name = format!("{prefix}{}", pattern::unquote(part));
                    let path = self.process.path(&name);
                    if self.sys.view().lstat(&path).is_ok() {
                        next.push(if last { name } else { name + "/" });
                    }
                    continue;
                }
                for name in self.sys.view().list(&directory).unwrap_or_default() {
                    if name.starts_with('.') != part.starts_with('.') || !pattern::matches(part, &name) {
                        continue;
                    }
                    let full = format!("{prefix}{name}");
                    let path = self.process.path(&full);
                    if last && !directories {
                        next.push(full);
                    } else if self.sys.view().is_directory(&path) {
                        next.push(full + "/");
                    }
                }
            }
            next.truncate(MAX_FIELDS);
            found = next;
        }
        found
    }

    fn value(&mut self, parameter: &Parameter) -> Expand<Value> {
        if let Some(index) = &parameter.index {
            let array = self.shell.vars.array(&parameter.name);
            if matches!(index.literal(), Some("@" | "*")) || is_all(parameter) {
                return Ok(Value::Many(array));
            }
            let at = self.arithmetic(index)?;
            let at = if at < 0 { at + array.len() as i64 } else { at };
            return Ok(Value::One(usize::try_from(at).ok().and_then(|at| array.get(at).cloned())));
        }
        Ok(match parameter.name.as_str() {
            "@" | "*" => Value::Many(self.shell.args.to_vec()),
            name => {
                Value::One(self.shell.special(name).or_else(|| self.shell.vars.get(name).map(str::to_owned)))
            }
        })
    }

    fn parameter(&mut self, parameter: &Parameter, quoted: bool) -> Expand<()> {
        if matches!(parameter.op, ParameterOp::Bad) {
            return Err(Stop::Fail("syntax error: bad substitution".into(), 2));
        }
        let value = self.value(parameter)?;
        let unset = match &value {
            Value::One(value) => value.is_none(),
            Value::Many(values) => values.is_empty(),
        };
        let empty = match &value {
            Value::One(value) => value.as_deref().unwrap_or_default().is_empty(),
            Value::Many(values) => values.iter().all(String::is_empty),
        };
        let missing = |colon: &bool| if *colon { empty } else { unset };
        match &parameter.op {
            ParameterOp::Default { colon, word } if missing(colon) => {
                return self.inner(word, quoted);
            }
            ParameterOp::Alternative { colon, word } => {
                return if missing(colon) { Ok(()) } else { self.inner(word, quoted) };
            }
            ParameterOp::Assign { colon, word } if missing(colon) => {
                let text = self.string(word)?;
                self.shell.vars.set(&parameter.name, text.clone());
                self.push_value(&text, quoted);
                return Ok(());
            }
            ParameterOp::Error { colon, word } if missing(colon) => {
                let text = self.string(word)?;
                let message = match (text.is_empty(), colon) {
                    (false, _) => text,
                    (true, true) => "parameter not set or null".to_owned(),
                    (true, false) => "parameter not set".to_owned(),
                };
                return Err(Stop::Fail(format!("{}: {message}", parameter.name), 2));
            }
            ParameterOp::Default { .. } | ParameterOp::Assign { .. } | ParameterOp::Error { .. } => {}
            _ if unset && self.shell.options.nounset && !matches!(value, Value::Many(_)) => {
                return Err(Stop::Fail(format!("{}: parameter not set", parameter.name), 2));
            }
            _ => {}
        }
        match value {
            Value::Many(values) => self.many(parameter, values, quoted),
            Value::One(value) => {
                let text = self.operate(parameter, value.unwrap_or_default())?;
                self.push_value(&text, quoted);
                Ok(())
            }
        }
    }

    /// The word of `${x:-word}`.
    fn inner(&mut self, word: &Word, quoted: bool) -> Expand<()> {
        if quoted || !self.split {
            return self.parts(&word.0, quoted);
        }
        for part in &word.0 {
            match part {
                Part::Plain(text) => self.push_split(text),
                part => self.parts(std::slice::from_ref(part), false)?,
            }
        }
        Ok(())
    }

    fn many(&mut self, parameter: &Parameter, values: Vec<String>, quoted: bool) -> Expand<()> {
        let star = parameter.name == "*" || parameter.index.as_ref().and_then(Word::literal) == Some("*");
        if matches!(parameter.op, ParameterOp::Length) {
            self.push_value(&values.len().to_string(), quoted);
            return Ok(());
        }
        let mut values = values;
        if let ParameterOp::Substring { offset, length } = &parameter.op {
            let offset = self.arithmetic(offset)?.max(0) as usize;
            let positional = usize::from(parameter.index.is_none());
            let offset = offset.saturating_sub(positional);
            let length = match length {
                Some(length) => self.arithmetic(length)?.max(0) as usize,
                None => usize::MAX,
            };
            values = values.into_iter().skip(offset).take(length).collect();
        } else {
            for value in &mut values {
                *value = self.operate(parameter, std::mem::take(value))?;
            }
        }
        if star && quoted || !self.split {
            let separator = match self.shell.vars.get("IFS") {
                Some(ifs) if star => ifs.chars().next().map(String::from).unwrap_or_default(),
                _ => " ".to_owned(),
            };
            self.push_value(&values.join(&separator), quoted);
            return Ok(());
        }
        for (i, value) in values.iter().enumerate() {
            if i > 0 {
                self.end_field();
            }
            self.push_value(value, quoted);
        }
        Ok(())
    }

    fn operate(&mut self, parameter: &Parameter, text: String) -> Expand<String> {
        Ok(match &parameter.op {
            ParameterOp::Length => text.chars().count().to_string(),
            ParameterOp::RemovePrefix { longest, pattern } => {
                let pattern: Vec<char> = self.pattern(pattern)?.chars().collect();
                remove_prefix(&text, &pattern, *longest)
            }
            ParameterOp::RemoveSuffix { longest, pattern } => {
                let pattern: Vec<char> = self.pattern(pattern)?.chars().collect();
                remove_suffix(&text, &pattern, *longest)
            }
            ParameterOp::Substring { offset, length } => {
                let count = text.chars().count() as i64;
                let offset = self.arithmetic(offset)?;
                let from = if offset < 0 { (count + offset).max(0) } else { offset.min(count) };
                let to = match length {
                    None => count,
                    Some(length) => match self.arithmetic(length)? {
                        length if length < 0 => count.saturating_add(length),
                        length => from.saturating_add(length).min(count),
                    },
                };
                text.chars().skip(from as usize).take((to - from).max(0) as usize).collect()
            }
            ParameterOp::Replace { all, pattern, with } => {
                let pattern: Vec<char> = self.pattern(pattern)?.chars().collect();
                let with = self.string(with)?;
                replace(&text, &pattern, &with, *all, self.shell.flavour)
            }
            ParameterOp::Indirect => {
                let value =
                    self.shell.special(&text).or_else(|| self.shell.vars.get(&text).map(str::to_owned));
                value.unwrap_or_default()
            }
            ParameterOp::Case { upper, all } => change_case(&text, *upper, *all),
            _ => text,
        })
    }
}

fn is_all(parameter: &Parameter) -> bool {
    match parameter.index.as_ref().map(|index| index.0.as_slice()) {
        Some([Part::Quoted(text) | Part::Plain(text)]) => text == "@" || text == "*",
        _ => false,
    }
}

fn is_assignment(word: &Word) -> bool {
    match word.0.first() {
        Some(Part::Plain(text)) => text.split_once('=').is_some_and(|(name, _)| super::parser::is_name(name)),
        _ => false,
    }
}

fn change_case(text: &str, upper: bool, all: bool) -> String {
    let change = |s: &str| {
        if upper { s.to_uppercase() } else { s.to_lowercase() }
    };
    if all {
        return change(text);
    }
    let first = text.chars().next().map_or(0, char::len_utf8);
    change(&text[..first]) + &text[first..]
}

fn remove_prefix(text: &str, pattern: &[char], longest: bool) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut lengths = 0..=chars.len();
    let fits = |n: &usize| pattern::match_chars(pattern, &chars[..*n]);
    let found = if longest { lengths.rfind(fits) } else { lengths.find(fits) };
    chars[found.unwrap_or(0)..].iter().collect()
}

fn remove_suffix(text: &str, pattern: &[char], longest: bool) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut starts = 0..=chars.len();
    let fits = |n: &usize| pattern::match_chars(pattern, &chars[*n..]);
    let found = if longest { starts.find(fits) } else { starts.rfind(fits) };
    chars[..found.unwrap_or(chars.len())].iter().collect()
}

fn replace(text: &str, pattern: &[char], with: &str, all: bool, flavour: Flavour) -> String {
    let chars: Vec<char> = text.chars().collect();
    let (anchor, pattern) = match pattern.first() {
        _ if flavour != Flavour::Bash => (None, pattern),
        Some('#') => (Some('#'), &pattern[1..]),
        Some('%') => (Some('%'), &pattern[1..]),
        _ => (None, pattern),
    };
    let mut out = String::new();
    let mut at = 0;
    let mut done = pattern.is_empty();
    while at < chars.len() {
        let may_start = !done && (anchor != Some('#') || at == 0);
        let longest = (at + 1..=chars.len())
            .rev()
            .filter(|end| anchor != Some('%') || *end == chars.len())
            .find(|end| may_start && pattern::match_chars(pattern, &chars[at..*end]));
        match longest {
            Some(end) => {
                out.push_str(with);
                at = end;
                done = !all;
            }
            None => {
                out.push(chars[at]);
                at += 1;
            }
        }
    }
    out
}

/// Whether a word in `PATH` leads to a file that can be run; its path.
pub fn search_path(process: &Process, sys: &mut Sys, vars: &Vars, name: &str) -> Option<String> {
    if name.contains('/') {
        let path = process.path(name);
        return sys.view().may(&path, 1).then_some(path);
    }
    let path = vars.get("PATH").unwrap_or(super::super::images::PATH).to_owned();
    path.split(':').map(|dir| process.path(&format!("{dir}/{name}"))).find(|path| {
        let view = sys.view();
        view.may(path, 1)
            && view.stat(path).is_ok_and(|node| matches!(node.kind, Kind::File(_)))
            && parent(path) != path
            && !base(path).is_empty()
    })
}
