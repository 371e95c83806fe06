//! The few lines of Python that manifests carry: `import`, `print`, `sys.exit`, `time.sleep`,
//! `os.environ`, assignments and `if` with comparisons. Anything else is refused with a note.

use std::collections::BTreeMap;
use std::time::Duration;

use super::images::Term;
use super::kernel::Environment;
use super::log::Stream;
use super::service::Plan;

#[derive(Clone, Debug, PartialEq)]
enum Value {
    None,
    Bool(bool),
    Int(i64),
    Text(String),
}

impl Value {
    fn truth(&self) -> bool {
        match self {
            Value::None => false,
            Value::Bool(value) => *value,
            Value::Int(value) => *value != 0,
            Value::Text(text) => !text.is_empty(),
        }
    }

    fn text(&self) -> String {
        match self {
            Value::None => "None".into(),
            Value::Bool(true) => "True".into(),
            Value::Bool(false) => "False".into(),
            Value::Int(value) => value.to_string(),
            Value::Text(text) => text.clone(),
        }
    }
}

enum Stop {
    Exit(i32),
    /// An exception's last line.
    Raised(String),
    Unsupported(String),
}

struct Script<'a> {
    env: &'a Environment,
    variables: BTreeMap<String, Value>,
    output: Vec<(Duration, Stream, String)>,
    clock: Duration,
}

/// What `python3 -c script` does.
pub fn run(source: &str, env: &Environment) -> Plan {
    let lines: Vec<&str> =
        source.lines().filter(|line| !line.trim().is_empty() && !line.trim().starts_with('#')).collect();
    let mut script = Script { env, variables: BTreeMap::new(), output: Vec::new(), clock: Duration::ZERO };
    let result = script.block(&lines, 0, 0).map(|_| 0);
    let (code, note) = match result {
        Ok(code) => (code, None),
        Err(Stop::Exit(code)) => (code, None),
        Err(Stop::Raised(text)) => {
            let text = format!(
                "Traceback (most recent call last):\n  File \"<string>\", line 1, in <module>\n{text}\n"
            );
            script.output.push((script.clock, Stream::Stderr, text));
            (1, None)
        }
        Err(Stop::Unsupported(what)) => {
            let text = format!("python3: not simulated: {what}\n");
            script.output.push((script.clock, Stream::Stderr, text));
            (1, Some(format!("python: {what}")))
        }
    };
    // The interpreter takes a moment to start.
    let start = Duration::from_millis(30);
    let output = script.output.into_iter().map(|(at, stream, text)| (at + start, stream, text)).collect();
    Plan {
        output,
        exit: Some((script.clock + start, code & 255)),
        term: Term::Default,
        note,
        ..Plan::default()
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

impl Script<'_> {
    /// Runs the lines from `at` on that are indented by at least `depth`; where it ended.
    fn block(&mut self, lines: &[&str], mut at: usize, depth: usize) -> Result<usize, Stop> {
        while let Some(line) = lines.get(at).filter(|line| indent(line) >= depth) {
            let text = line.trim();
            at = if text.starts_with("if ") { self.choose(lines, at)? } else { at + 1 };
            if !text.starts_with("if ") {
                for statement in text.split(';') {
                    self.statement(statement.trim())?;
                }
            }
        }
        Ok(at)
    }

    fn choose(&mut self, lines: &[&str], mut at: usize) -> Result<usize, Stop> {
        let depth = indent(lines[at]);
        let mut taken = false;
        loop {
            let text = lines[at].trim();
            let body = at + 1;
            let (head, rest) = text.split_once(':').ok_or_else(|| Stop::Unsupported(text.to_owned()))?;
            let run = match head {
                "else" => !taken,
                _ => {
                    !taken && self.value(head.trim_start_matches("elif ").trim_start_matches("if "))?.truth()
                }
            };
            taken |= run;
            at = body;
            while lines.get(at).is_some_and(|line| indent(line) > depth) {
                at += 1;
            }
            if run && !rest.trim().is_empty() {
                self.statement(rest.trim())?;
            } else if run {
                self.block(&lines[..at], body, depth + 1)?;
            }
            let next = lines.get(at).filter(|line| indent(line) == depth).map_or("", |line| line.trim());
            if !(next.starts_with("elif ") || next.starts_with("else:")) {
                return Ok(at);
            }
        }
    }

    fn statement(&mut self, text: &str) -> Result<(), Stop> {
        if text.is_empty() || text == "pass" || text.starts_with("import ") || text.starts_with("from ") {
            return Ok(());
        }
        if let Some(args) = call(text, "print") {
            let mut words = Vec::new();
            for arg in
                split_top(args, ',').into_iter().filter(|arg| !arg.contains("flush=") && !arg.is_empty())
            {
                words.push(self.value(arg)?.text());
            }
            self.output.push((self.clock, Stream::Stdout, words.join(" ") + "\n"));
            return Ok(());
        }
        let exit = ["sys.exit", "exit", "os._exit", "quit"].iter().find_map(|name| call(text, name));
        if let Some(arg) = exit {
            return match if arg.is_empty() { Value::None } else { self.value(arg)? } {
                Value::Int(code) => Err(Stop::Exit(code as i32)),
                Value::Bool(code) => Err(Stop::Exit(i32::from(code))),
                Value::None => Err(Stop::Exit(0)),
                Value::Text(text) => {
                    self.output.push((self.clock, Stream::Stderr, text + "\n"));
                    Err(Stop::Exit(1))
                }
            };
        }
        if let Some(arg) = call(text, "time.sleep").or_else(|| call(text, "sleep")) {
            let seconds: f64 = self.value(arg)?.text().parse().unwrap_or(0.0);
            self.clock += Duration::try_from_secs_f64(seconds).unwrap_or_default();
            return Ok(());
        }
        if let Some((name, value)) = text.split_once('=')
            && super::shell::is_name(name.trim())
            && !value.starts_with('=')
        {
            let value = self.value(value)?;
            self.variables.insert(name.trim().to_owned(), value);
            return Ok(());
        }
        Err(Stop::Unsupported(text.to_owned()))
    }

    fn value(&mut self, text: &str) -> Result<Value, Stop> {
        let text = text.trim();
        for (word, or) in [(" or ", true), (" and ", false)] {
            if let Some((left, right)) = split_once_top(text, word) {
                let left = self.value(left)?;
                return if left.truth() == or { Ok(left) } else { self.value(right) };
            }
        }
        if let Some(rest) = text.strip_prefix("not ") {
            return Ok(Value::Bool(!self.value(rest)?.truth()));
        }
        for op in ["==", "!=", "<=", ">=", "<", ">"] {
            if let Some((left, right)) = split_once_top(text, op) {
                let (left, right) = (self.value(left)?, self.value(right)?);
                return Ok(Value::Bool(compare(op, &left, &right)));
            }
        }
        for op in ["+", "-", "*", "//", "%"] {
            if let Some((left, right)) = split_once_top(text, op).filter(|(left, _)| !left.trim().is_empty())
            {
                let (left, right) = (self.value(left)?, self.value(right)?);
                return arithmetic(op, left, right);
            }
        }
        self.primary(text)
    }

    fn primary(&mut self, text: &str) -> Result<Value, Stop> {
        if let Ok(number) = text.parse() {
            return Ok(Value::Int(number));
        }
        for quote in ['"', '\''] {
            if let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
                return Ok(Value::Text(inner.replace("\\n", "\n").replace("\\t", "\t")));
            }
        }
        if let Some(inner) = text.strip_prefix("f\"").and_then(|rest| rest.strip_suffix('"')) {
            let mut out = String::new();
            for (i, part) in inner.split('{').enumerate() {
                match part.split_once('}') {
                    Some((expression, rest)) if i > 0 => out = out + &self.value(expression)?.text() + rest,
                    _ => out.push_str(part),
                }
            }
            return Ok(Value::Text(out));
        }
        match text {
            "None" => return Ok(Value::None),
            "True" => return Ok(Value::Bool(true)),
            "False" => return Ok(Value::Bool(false)),
            _ => {}
        }
        if let Some(value) = self.variables.get(text) {
            return Ok(value.clone());
        }
        if let Some(arg) = call(text, "int") {
            return match self.value(arg)? {
                Value::Text(text) => text.trim().parse().map(Value::Int).map_err(|_| {
                    Stop::Raised(format!("ValueError: invalid literal for int() with base 10: '{text}'"))
                }),
                Value::None => Err(Stop::Raised(
                    "TypeError: int() argument must be a string, a bytes-like object or a real number, not 'NoneType'".into(),
                )),
                value => Ok(value),
            };
        }
        if let Some(arg) = call(text, "str") {
            return Ok(Value::Text(self.value(arg)?.text()));
        }
        if let Some(args) = call(text, "os.environ.get").or_else(|| call(text, "os.getenv")) {
            let args = split_top(args, ',');
            let name = self.value(args.first().copied().unwrap_or_default())?.text();
            return match (self.env.get(&name), args.get(1)) {
                (Some(value), _) => Ok(Value::Text(value.clone())),
                (None, Some(default)) => self.value(default),
                (None, None) => Ok(Value::None),
            };
        }
        if let Some(name) = text.strip_prefix("os.environ[").and_then(|rest| rest.strip_suffix(']')) {
            let name = self.value(name)?.text();
            return self
                .env
                .get(&name)
                .cloned()
                .map(Value::Text)
                .ok_or_else(|| Stop::Raised(format!("KeyError: '{name}'")));
        }
        if let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            return self.value(inner);
        }
        Err(Stop::Unsupported(text.to_owned()))
    }
}

fn compare(op: &str, left: &Value, right: &Value) -> bool {
    let order = match (left, right) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        _ => None,
    };
    match (op, order) {
        ("==", _) => left == right,
        ("!=", _) => left != right,
        ("<=", Some(order)) => order.is_le(),
        (">=", Some(order)) => order.is_ge(),
        ("<", Some(order)) => order.is_lt(),
        (_, Some(order)) => order.is_gt(),
        (_, None) => false,
    }
}

fn arithmetic(op: &str, left: Value, right: Value) -> Result<Value, Stop> {
    match (left, right) {
        (Value::Text(a), Value::Text(b)) if op == "+" => Ok(Value::Text(a + &b)),
        (Value::Int(_), Value::Int(0)) if matches!(op, "//" | "%") => {
            Err(Stop::Raised("ZeroDivisionError: integer division or modulo by zero".into()))
        }
        (Value::Int(a), Value::Int(b)) => Ok(Value::Int(match op {
            "+" => a.wrapping_add(b),
            "-" => a.wrapping_sub(b),
            "*" => a.wrapping_mul(b),
            "//" => a.wrapping_div_euclid(b),
            _ => a.wrapping_rem_euclid(b),
        })),
        _ => Err(Stop::Raised(format!("TypeError: unsupported operand type(s) for {op}"))),
    }
}

/// The arguments of `name(…)` when the whole text is that call.
fn call<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(name)?.trim_start();
    let inner = rest.strip_prefix('(')?.strip_suffix(')')?;
    // `f(a) + g(b)` is no call of f.
    let mut depth = 0i32;
    for c in inner.chars() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        if depth < 0 {
            return None;
        }
    }
    Some(inner.trim())
}

/// Where an operator stands outside of quotes and brackets; the last one.
fn split_once_top<'a>(text: &'a str, op: &str) -> Option<(&'a str, &'a str)> {
    let at = positions(text).into_iter().rev().find(|at| {
        let here = text[*at..].starts_with(op);
        let longer = op.len() == 1
            && (text[at + 1..].starts_with(['=', '/', '*'])
                || text[..*at].ends_with(['=', '!', '<', '>', '*', '/']));
        here && !longer
    })?;
    Some((&text[..at], &text[at + op.len()..]))
}

fn split_top(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut from = 0;
    for at in positions(text).into_iter().filter(|at| text[*at..].starts_with(separator)) {
        parts.push(text[from..at].trim());
        from = at + separator.len_utf8();
    }
    parts.push(text[from..].trim());
    parts
}

/// Positions outside of quotes and brackets.
fn positions(text: &str) -> Vec<usize> {
    let mut quote = None;
    let mut depth = 0i32;
    let mut found = Vec::new();
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            (None, _) if depth == 0 => found.push(at),
            _ => {}
        }
    }
    found
}
