//! `awk`: patterns and actions, fields, arrays, the usual functions. No user functions, no getline.

mod parse;

use crate::api::order;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::kernel::{Process, Sys};
use super::super::shell::escape::{Style, unescape};
use super::super::shell::printf;
use super::filter::{Fed, Filter, Kind};
use super::regex::Regex;
use super::{Call, Outcome, Pause};
use parse::{Expr, Pattern, Rule, Stmt};

/// Most steps for one record.
const MAX_STEPS: u32 = 500_000;

/// A value: text, a number, or input text that counts as a number if it looks like one.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Text(String),
    Number(f64),
    Input(String),
}

impl Value {
    fn text(&self) -> String {
        match self {
            Value::Text(text) | Value::Input(text) => text.clone(),
            Value::Number(n) => number_text(*n),
        }
    }

    fn number(&self) -> f64 {
        match self {
            Value::Number(n) => *n,
            Value::Text(text) | Value::Input(text) => leading(text),
        }
    }

    fn looks_numeric(&self) -> bool {
        match self {
            Value::Number(_) => true,
            Value::Text(_) => false,
            Value::Input(text) => text.is_empty() || text.trim().parse::<f64>().is_ok(),
        }
    }

    fn truth(&self) -> bool {
        match self {
            Value::Number(n) => *n != 0.0,
            Value::Text(text) => !text.is_empty(),
            Value::Input(text) => {
                if self.looks_numeric() {
                    leading(text) != 0.0
                } else {
                    !text.is_empty()
                }
            }
        }
    }
}

fn number_text(n: f64) -> String {
    if n == n.trunc() && n.abs() < 1e16 { format!("{}", n as i64) } else { printf::float('g', n, Some(6)) }
}

fn leading(text: &str) -> f64 {
    let text = text.trim_start();
    let mut end = 0;
    for (i, c) in text.char_indices() {
        let fits = c.is_ascii_digit()
            || c == '.'
            || (matches!(c, '-' | '+') && (i == 0 || text[..i].ends_with(['e', 'E'])))
            || (matches!(c, 'e' | 'E') && i > 0);
        if !fits {
            break;
        }
        end = i + c.len_utf8();
    }
    while end > 0 {
        if let Ok(n) = text[..end].parse() {
            return n;
        }
        end -= 1;
    }
    0.0
}

/// How a statement ended.
enum Flow {
    Go,
    Break,
    Continue,
    Next,
    Exit,
}

/// A running awk program.
#[derive(Clone, Debug)]
pub struct Awk {
    rules: Arc<Vec<Rule>>,
    variables: BTreeMap<String, Value>,
    arrays: BTreeMap<String, BTreeMap<String, Value>>,
    record: String,
    fields: Vec<String>,
    in_range: Vec<bool>,
    exit: Option<i32>,
    ended: bool,
    steps: u32,
    files: BTreeMap<String, (bool, Vec<u8>)>,
    seed: u64,
    error: Option<String>,
}

type Run<T> = Result<T, String>;

pub fn awk(call: &mut Call) -> Outcome {
    let options = call.options("Fvf");
    let mut operands = options.operands.clone();
    let source = match options.value('f') {
        Some(file) => String::from_utf8_lossy(&call.read(file)?.unwrap_or_default()).into_owned(),
        None if operands.is_empty() => {
            call.complain("usage: awk [-F SEP] [-v VAR=VAL] PROGRAM [FILE]...");
            return Ok(1);
        }
        None => operands.remove(0),
    };
    let rules = match parse::parse(&source) {
        Ok(rules) => rules,
        Err(error) => {
            call.complain(&format!("cmd. line:1: {error}"));
            call.sys.kernel.note(format!("awk: {error}"));
            return Ok(1);
        }
    };
    let only_begin = rules.iter().all(|rule| matches!(rule.pattern, Pattern::Begin));
    let mut awk = Awk {
        in_range: vec![false; rules.len()],
        rules: Arc::new(rules),
        variables: BTreeMap::new(),
        arrays: BTreeMap::new(),
        record: String::new(),
        fields: Vec::new(),
        exit: None,
        ended: false,
        steps: 0,
        files: BTreeMap::new(),
        seed: 1,
        error: None,
    };
    for (name, value) in [("FS", " "), ("OFS", " "), ("ORS", "\n"), ("RS", "\n"), ("SUBSEP", "\u{1c}")] {
        awk.set(name, Value::Text(value.into()));
    }
    awk.set("NR", Value::Number(0.0));
    awk.set("NF", Value::Number(0.0));
    let env = call.process.env.clone();
    let environ = order::map(env.iter().map(|(name, value)| (name.clone(), Value::Input(value.clone()))));
    awk.arrays.insert("ENVIRON".into(), environ);
    if let Some(separator) = options.value('F') {
        awk.set("FS", Value::Text(unescape(separator, Style::Quote).text()));
    }
    for (_, assignment) in options.flags.iter().filter(|(flag, _)| *flag == 'v') {
        if let Some((name, value)) = assignment.as_deref().and_then(|text| text.split_once('=')) {
            awk.set(name, Value::Input(unescape(value, Style::Quote).text()));
        }
    }
    let mut out = Vec::new();
    awk.special(true, &mut out);
    call.out.extend(&out);
    if awk.exit.is_some() || only_begin {
        let status = awk.finish(&mut call.err);
        awk.write_files(call.process, call.sys);
        return Ok(status);
    }
    operands.retain(|operand| match operand.split_once('=') {
        Some((name, value)) if super::super::shell::is_name(name) => {
            awk.set(name, Value::Input(value.to_owned()));
            false
        }
        _ => true,
    });
    let filter = Filter::new(Kind::Awk(Box::new(awk))).open(call, &operands)?;
    Err(Pause::Filter(Box::new(filter)))
}

impl Awk {
    fn set(&mut self, name: &str, value: Value) {
        if name == "NF" {
            let count = (value.number().max(0.0) as usize).min(10_000);
            self.fields.resize(count, String::new());
            self.rebuild();
        }
        self.variables.insert(name.to_owned(), value);
    }

    fn get(&self, name: &str) -> Value {
        self.variables.get(name).cloned().unwrap_or(Value::Input(String::new()))
    }

    fn text_of(&self, name: &str) -> String {
        self.get(name).text()
    }

    fn rebuild(&mut self) {
        self.record = self.fields.join(&self.text_of("OFS"));
    }

    fn split(&self, text: &str, separator: &str) -> Run<Vec<String>> {
        Ok(match separator {
            " " => text.split_whitespace().map(str::to_owned).collect(),
            "" => text.chars().map(String::from).collect(),
            _ if text.is_empty() => Vec::new(),
            one if one.chars().count() == 1 && one != "|" && one != "\\" && !".*+?^$[](){}".contains(one) => {
                text.split(one).map(str::to_owned).collect()
            }
            one if one.chars().count() == 1 => text.split(one).map(str::to_owned).collect(),
            pattern => {
                let regex = Regex::new(pattern, true)?;
                let (mut parts, mut from) = (Vec::new(), 0);
                while let Some((a, b)) = regex.find_at(text, from).and_then(|c| c[0]).filter(|(a, b)| b > a) {
                    parts.push(text[from..a].to_owned());
                    from = b;
                }
                parts.push(text[from..].to_owned());
                parts
            }
        })
    }

    fn set_record(&mut self, text: String) -> Run<()> {
        self.fields = self.split(&text, &self.text_of("FS"))?;
        self.record = text;
        self.variables.insert("NF".into(), Value::Number(self.fields.len() as f64));
        Ok(())
    }

    /// The BEGIN rules, or the END rules.
    fn special(&mut self, begin: bool, out: &mut Vec<u8>) {
        let rules = self.rules.clone();
        self.steps = 0;
        for rule in rules.iter() {
            let wanted = if begin {
                matches!(rule.pattern, Pattern::Begin)
            } else {
                matches!(rule.pattern, Pattern::End)
            };
            if wanted && (self.exit.is_none() || !begin) && self.error.is_none() {
                match self.block(&rule.body, out) {
                    Ok(Flow::Exit) => return,
                    Ok(_) => {}
                    Err(error) => self.error = Some(error),
                }
            }
        }
    }

    pub fn line(&mut self, line: &[u8], name: &str, out: &mut Vec<u8>) -> Fed {
        let text = String::from_utf8_lossy(line);
        let text = text.strip_suffix('\n').unwrap_or(&text).to_owned();
        let count = self.get("NR").number() + 1.0;
        self.variables.insert("NR".into(), Value::Number(count));
        self.variables.insert("FNR".into(), Value::Number(count));
        self.variables.insert("FILENAME".into(), Value::Text(name.to_owned()));
        self.steps = 0;
        match self.set_record(text).and_then(|()| self.rules_for_record(out)) {
            Ok(()) => {}
            Err(error) => self.error = Some(error),
        }
        if self.exit.is_some() || self.error.is_some() { Fed::Done } else { Fed::More }
    }

    fn rules_for_record(&mut self, out: &mut Vec<u8>) -> Run<()> {
        let rules = self.rules.clone();
        for (i, rule) in rules.iter().enumerate() {
            let holds = match &rule.pattern {
                Pattern::Begin | Pattern::End => false,
                Pattern::Always => true,
                Pattern::When(expr) => self.eval(expr)?.truth(),
                Pattern::Range(from, to) => {
                    let inside = self.in_range[i] || self.eval(from)?.truth();
                    self.in_range[i] = inside && !self.eval(to)?.truth();
                    inside
                }
            };
            if holds {
                match self.block(&rule.body, out)? {
                    Flow::Next => return Ok(()),
                    Flow::Exit => return Ok(()),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// The end of the input: the END rules, then the status.
    pub fn end(&mut self, out: &mut Vec<u8>) -> i32 {
        if !self.ended {
            self.ended = true;
            self.special(false, out);
        }
        let mut err = Vec::new();
        let status = self.finish(&mut err);
        out.extend(err);
        status
    }

    fn finish(&mut self, err: &mut Vec<u8>) -> i32 {
        if let Some(error) = self.error.take() {
            err.extend(format!("awk: {error}\n").bytes());
            return 2;
        }
        self.exit.unwrap_or(0)
    }

    /// Writes what `print > file` collected.
    pub fn write_files(&mut self, process: &mut Process, sys: &mut Sys) {
        for (name, (append, bytes)) in std::mem::take(&mut self.files) {
            match name.as_str() {
                "/dev/stderr" => process.write_text(sys, 2, &String::from_utf8_lossy(&bytes)),
                "/dev/stdout" => process.write_text(sys, 1, &String::from_utf8_lossy(&bytes)),
                name => {
                    let path = process.path(name);
                    let mut view = sys.view();
                    let truncate = if append {
                        super::super::files::Truncate::No
                    } else {
                        super::super::files::Truncate::Yes
                    };
                    let written = view
                        .open_write(&path, truncate, 0o644)
                        .and_then(|real| view.write_at(&real, None, &bytes));
                    if let Err(error) = written {
                        process.write_text(sys, 2, &format!("awk: {name}: {error}\n"));
                    }
                }
            }
        }
    }

    fn block(&mut self, body: &[Stmt], out: &mut Vec<u8>) -> Run<Flow> {
        for stmt in body {
            match self.run(stmt, out)? {
                Flow::Go => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Go)
    }

    fn tick(&mut self) -> Run<()> {
        self.steps += 1;
        if self.steps > MAX_STEPS { Err("runs too long for one record".into()) } else { Ok(()) }
    }

    fn run(&mut self, stmt: &Stmt, out: &mut Vec<u8>) -> Run<Flow> {
        self.tick()?;
        match stmt {
            Stmt::Expr(expr) => {
                self.eval(expr)?;
            }
            Stmt::Print { args, format, to } => {
                let mut values = Vec::new();
                for arg in args {
                    values.push(self.eval(arg)?.text());
                }
                let text = if *format {
                    let first = values.first().cloned().unwrap_or_default();
                    printf::printf(&first, values.get(1..).unwrap_or_default()).bytes
                } else {
                    let line = if values.is_empty() {
                        self.record.clone()
                    } else {
                        values.join(&self.text_of("OFS"))
                    };
                    (line + &self.text_of("ORS")).into_bytes()
                };
                match to {
                    None => out.extend(text),
                    Some((append, file)) => {
                        let name = self.eval(file)?.text();
                        self.files.entry(name).or_insert((*append, Vec::new())).1.extend(text);
                    }
                }
                if out.len() > 8 << 20 {
                    return Err("too much output".into());
                }
            }
            Stmt::If(condition, yes, no) => {
                let body = if self.eval(condition)?.truth() { yes } else { no };
                return self.block(body, out);
            }
            Stmt::While { condition, body, first } => {
                let mut enter = *first;
                while enter || self.eval(condition)?.truth() {
                    enter = false;
                    self.tick()?;
                    match self.block(body, out)? {
                        Flow::Break => break,
                        Flow::Go | Flow::Continue => {}
                        flow => return Ok(flow),
                    }
                }
            }
            Stmt::For { start, condition, step, body } => {
                if let Some(start) = start {
                    self.run(start, out)?;
                }
                while match condition {
                    Some(condition) => self.eval(condition)?.truth(),
                    None => true,
                } {
                    self.tick()?;
                    match self.block(body, out)? {
                        Flow::Break => break,
                        Flow::Go | Flow::Continue => {}
                        flow => return Ok(flow),
                    }
                    if let Some(step) = step {
                        self.run(step, out)?;
                    }
                }
            }
            Stmt::ForIn { name, array, body } => {
                let keys: Vec<String> =
                    self.arrays.get(array).map(|array| array.keys().cloned().collect()).unwrap_or_default();
                for key in keys {
                    self.set(name, Value::Input(key));
                    match self.block(body, out)? {
                        Flow::Break => break,
                        Flow::Go | Flow::Continue => {}
                        flow => return Ok(flow),
                    }
                }
            }
            Stmt::Delete(array, None) => {
                self.arrays.remove(array);
            }
            Stmt::Delete(array, Some(key)) => {
                let key = self.eval(key)?.text();
                if let Some(array) = self.arrays.get_mut(array) {
                    array.remove(&key);
                }
            }
            Stmt::Exit(code) => {
                self.exit = Some(match code {
                    Some(code) => self.eval(code)?.number() as i32 & 255,
                    None => self.exit.unwrap_or(0),
                });
                return Ok(Flow::Exit);
            }
            Stmt::Next => return Ok(Flow::Next),
            Stmt::Break => return Ok(Flow::Break),
            Stmt::Continue => return Ok(Flow::Continue),
            Stmt::Block(body) => return self.block(body, out),
        }
        Ok(Flow::Go)
    }

    fn assign(&mut self, target: &Expr, value: Value) -> Run<Value> {
        match target {
            Expr::Variable(name) => self.set(name, value.clone()),
            Expr::Field(index) => {
                let index = self.eval(index)?.number() as usize;
                if index == 0 {
                    self.set_record(value.text())?;
                } else if index < 10_000 {
                    if self.fields.len() < index {
                        self.fields.resize(index, String::new());
                    }
                    self.fields[index - 1] = value.text();
                    self.variables.insert("NF".into(), Value::Number(self.fields.len() as f64));
                    self.rebuild();
                }
            }
            Expr::Element(array, key) => {
                let key = self.eval(key)?.text();
                self.arrays.entry(array.clone()).or_default().insert(key, value.clone());
            }
            _ => return Err("assignment to something else than a variable".into()),
        }
        Ok(value)
    }

    fn is_match(&mut self, text: &str, pattern: &Expr) -> Run<bool> {
        let pattern = match pattern {
            Expr::Regex(pattern) => pattern.clone(),
            pattern => self.eval(pattern)?.text(),
        };
        Ok(Regex::new(&pattern, true)?.is_match(text))
    }

    fn eval(&mut self, expr: &Expr) -> Run<Value> {
        self.tick()?;
        let truth = |value: bool| Value::Number(f64::from(u8::from(value)));
        Ok(match expr {
            Expr::Number(n) => Value::Number(*n),
            Expr::Text(text) => Value::Text(text.clone()),
            Expr::Regex(pattern) => truth(Regex::new(pattern, true)?.is_match(&self.record)),
            Expr::Variable(name) => self.get(name),
            Expr::Field(index) => match self.eval(index)?.number() as usize {
                0 => Value::Input(self.record.clone()),
                index => Value::Input(self.fields.get(index - 1).cloned().unwrap_or_default()),
            },
            Expr::Element(array, key) => {
                let key = self.eval(key)?.text();
                let array = self.arrays.entry(array.clone()).or_default();
                array.entry(key).or_insert(Value::Input(String::new())).clone()
            }
            Expr::Keys(parts) => {
                let separator = self.text_of("SUBSEP");
                let mut keys = Vec::new();
                for part in parts {
                    keys.push(self.eval(part)?.text());
                }
                Value::Text(keys.join(&separator))
            }
            Expr::In(key, array) => {
                let key = self.eval(key)?.text();
                truth(self.arrays.get(array).is_some_and(|array| array.contains_key(&key)))
            }
            Expr::Assign(op, target, value) => {
                let mut value = self.eval(value)?;
                if let Some(op) = op {
                    let old = self.eval(target)?;
                    value = Value::Number(compute(op, old.number(), value.number())?);
                }
                self.assign(target, value)?
            }
            Expr::Step { target, by, after } => {
                let old = self.eval(target)?.number();
                let new = Value::Number(old + by);
                self.assign(target, new.clone())?;
                if *after { Value::Number(old) } else { new }
            }
            Expr::Not(value) => truth(!self.eval(value)?.truth()),
            Expr::Minus(value) => Value::Number(-self.eval(value)?.number()),
            Expr::Ternary(condition, yes, no) => {
                let chosen = if self.eval(condition)?.truth() { yes } else { no };
                self.eval(chosen)?
            }
            Expr::Match(negated, text, pattern) => {
                let text = self.eval(text)?.text();
                truth(self.is_match(&text, pattern)? != *negated)
            }
            Expr::Binary(op, left, right) => match *op {
                "&&" => truth(self.eval(left)?.truth() && self.eval(right)?.truth()),
                "||" => truth(self.eval(left)?.truth() || self.eval(right)?.truth()),
                " " => {
                    let text = self.eval(left)?.text() + &self.eval(right)?.text();
                    if text.len() > 1 << 20 {
                        return Err("out of memory".into());
                    }
                    Value::Text(text)
                }
                op @ ("<" | "<=" | ">" | ">=" | "==" | "!=") => {
                    let (left, right) = (self.eval(left)?, self.eval(right)?);
                    let order = if left.looks_numeric() && right.looks_numeric() {
                        left.number().partial_cmp(&right.number())
                    } else {
                        Some(left.text().cmp(&right.text()))
                    };
                    truth(match (op, order) {
                        ("<", Some(order)) => order.is_lt(),
                        ("<=", Some(order)) => order.is_le(),
                        (">", Some(order)) => order.is_gt(),
                        (">=", Some(order)) => order.is_ge(),
                        ("==", Some(order)) => order.is_eq(),
                        (_, order) => order.is_none_or(|order| order.is_ne()),
                    })
                }
                op => {
                    let (left, right) = (self.eval(left)?.number(), self.eval(right)?.number());
                    Value::Number(compute(op, left, right)?)
                }
            },
            Expr::Call(name, args) => self.call(name, args)?,
        })
    }

    fn call(&mut self, name: &str, args: &[Expr]) -> Run<Value> {
        if matches!(name, "sub" | "gsub") {
            return self.substitute(name == "gsub", args);
        }
        if name == "split" {
            let text = match args.first() {
                Some(arg) => self.eval(arg)?.text(),
                None => String::new(),
            };
            let separator = match args.get(2) {
                Some(Expr::Regex(pattern)) => pattern.clone(),
                Some(arg) => self.eval(arg)?.text(),
                None => self.text_of("FS"),
            };
            let parts = self.split(&text, &separator)?;
            let Some(Expr::Variable(array)) = args.get(1) else {
                return Err("split needs an array".into());
            };
            let count = parts.len();
            let array_of =
                parts.into_iter().enumerate().map(|(i, part)| ((i + 1).to_string(), Value::Input(part)));
            self.arrays.insert(array.clone(), order::map(array_of));
            return Ok(Value::Number(count as f64));
        }
        if name == "length"
            && let Some(Expr::Variable(array)) = args.first()
            && let Some(array) = self.arrays.get(array)
        {
            return Ok(Value::Number(array.len() as f64));
        }
        if name == "match"
            && let [text, pattern] = args
        {
            let text = self.eval(text)?.text();
            let pattern = match pattern {
                Expr::Regex(pattern) => pattern.clone(),
                pattern => self.eval(pattern)?.text(),
            };
            let found = Regex::new(&pattern, true)?.find_at(&text, 0).and_then(|c| c[0]);
            let (start, length) = found
                .map_or((0, -1), |(a, b)| (text[..a].chars().count() + 1, text[a..b].chars().count() as i64));
            self.set("RSTART", Value::Number(start as f64));
            self.set("RLENGTH", Value::Number(length as f64));
            return Ok(Value::Number(start as f64));
        }
        let mut values = Vec::new();
        for arg in args {
            values.push(self.eval(arg)?);
        }
        let text = |i: usize| values.get(i).map(Value::text).unwrap_or_default();
        let number = |i: usize| values.get(i).map_or(0.0, Value::number);
        Ok(match name {
            "length" => Value::Number(if values.is_empty() {
                self.record.chars().count()
            } else {
                text(0).chars().count()
            } as f64),
            "substr" => {
                let whole = text(0);
                let count = whole.chars().count() as f64;
                let from = number(1).round();
                let to =
                    if values.len() > 2 { (from + number(2).round()).min(count + 1.0) } else { count + 1.0 };
                let from = from.max(1.0);
                Value::Text(
                    whole.chars().skip(from as usize - 1).take((to - from).max(0.0) as usize).collect(),
                )
            }
            "index" => {
                let (whole, part) = (text(0), text(1));
                Value::Number(whole.find(&part).map_or(0, |at| whole[..at].chars().count() + 1) as f64)
            }
            "tolower" => Value::Text(text(0).to_lowercase()),
            "toupper" => Value::Text(text(0).to_uppercase()),
            "sprintf" => {
                let args: Vec<String> = values.iter().skip(1).map(Value::text).collect();
                Value::Text(String::from_utf8_lossy(&printf::printf(&text(0), &args).bytes).into_owned())
            }
            "int" => Value::Number(number(0).trunc()),
            "sqrt" => Value::Number(number(0).sqrt()),
            "exp" => Value::Number(number(0).exp()),
            "log" => Value::Number(number(0).ln()),
            "sin" => Value::Number(number(0).sin()),
            "cos" => Value::Number(number(0).cos()),
            "rand" => {
                self.seed =
                    self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                Value::Number((self.seed >> 33) as f64 / f64::from(1u32 << 31))
            }
            "srand" => {
                self.seed = number(0) as u64;
                Value::Number(0.0)
            }
            other => return Err(format!("function {other} not defined")),
        })
    }

    fn substitute(&mut self, all: bool, args: &[Expr]) -> Run<Value> {
        let [pattern, with, rest @ ..] = args else {
            return Err("sub needs two arguments".into());
        };
        let pattern = match pattern {
            Expr::Regex(pattern) => pattern.clone(),
            pattern => self.eval(pattern)?.text(),
        };
        let with = self.eval(with)?.text();
        let whole = Expr::Field(Box::new(Expr::Number(0.0)));
        let target = rest.first().unwrap_or(&whole);
        let text = self.eval(target)?.text();
        let regex = Regex::new(&pattern, true)?;
        let (mut out, mut from, mut copied, mut count) = (String::new(), 0, 0, 0);
        while let Some((a, b)) = regex.find_at(&text, from).and_then(|captures| captures[0]) {
            count += 1;
            out.push_str(&text[copied..a]);
            let mut chars = with.chars();
            while let Some(c) = chars.next() {
                match c {
                    '&' => out.push_str(&text[a..b]),
                    '\\' => out.extend(chars.next()),
                    c => out.push(c),
                }
            }
            copied = b;
            let step = text[b..].chars().next().map_or(1, char::len_utf8);
            from = if b == a { b + step } else { b };
            if !all || from > text.len() || b >= text.len() {
                break;
            }
        }
        if count > 0 {
            out.push_str(&text[copied..]);
            self.assign(target, Value::Text(out))?;
        }
        Ok(Value::Number(f64::from(count)))
    }
}

fn compute(op: &str, a: f64, b: f64) -> Run<f64> {
    Ok(match op {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" if b == 0.0 => return Err("Division by zero".into()),
        "%" if b == 0.0 => return Err("Division by zero".into()),
        "/" => a / b,
        "%" => a % b,
        _ => a.powf(b),
    })
}
