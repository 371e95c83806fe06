//! JSONPath templates as kubectl understands them: `{.items[*].metadata.name}`, `{range .items[*]}…{end}`, filters.
//! Models client-go/util/jsonpath.

use std::iter::Peekable;
use std::str::Chars;

use serde_json::Value;

/// How deep `{range}` can lie in `{range}`.
const MAX_DEPTH: usize = 32;

/// A parsed template.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(String),
    Path(Vec<Step>),
    Range(Vec<Step>, Vec<Part>),
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Field(String),
    /// `[*]` or `.*`
    Every,
    /// `[2]`, `[-1]`
    Index(i64),
    /// `[1:3]`
    Slice(Option<i64>, Option<i64>),
    /// `..name`
    Descend(String),
    /// `[?(@.a==1)]`
    Filter(Vec<Step>, Option<(Compare, Operand)>),
    /// `['a','b']`
    Fields(Vec<String>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compare {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Debug, PartialEq)]
enum Operand {
    Literal(Value),
    Path(Vec<Step>),
}

impl Template {
    /// Reads a template: text with paths in braces.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Template, String> {
        let mut reader = Reader { chars: text.chars().peekable() };
        let parts = reader.parts(0)?;
        Ok(Template { parts })
    }

    /// Reads a path with or without braces and leading dot, as custom columns and `--sort-by` have it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn path(text: &str) -> Result<Template, String> {
        let inner = text.trim().trim_start_matches('{').trim_end_matches('}');
        let dot = if inner.starts_with(['.', '[', '$']) { "" } else { "." };
        Template::parse(&format!("{{{dot}{inner}}}"))
    }

    /// The text that the template makes of a value.
    ///
    /// # Errors
    /// A field is not there: kubectl prints nothing for it, an index out of range is refused.
    pub fn execute(&self, value: &Value) -> Result<String, String> {
        let mut out = String::new();
        execute(&self.parts, value, value, &mut out)?;
        Ok(out)
    }

    /// The values that the template's first path leads to.
    pub fn find<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        let path = self.parts.iter().find_map(|part| match part {
            Part::Path(steps) => Some(steps),
            _ => None,
        });
        path.map_or_else(Vec::new, |steps| walk(steps, vec![value], value).unwrap_or_default())
    }
}

struct Reader<'t> {
    chars: Peekable<Chars<'t>>,
}

impl Reader<'_> {
    fn parts(&mut self, depth: usize) -> Result<Vec<Part>, String> {
        if depth > MAX_DEPTH {
            return Err("range is nested too deeply".into());
        }
        let mut parts = Vec::new();
        let mut text = String::new();
        while let Some(c) = self.chars.next() {
            if c != '{' {
                text.push(c);
                continue;
            }
            if !text.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut text)));
            }
            match self.braces()? {
                Inner::Text(text) => parts.push(Part::Text(text)),
                Inner::Path(steps) => parts.push(Part::Path(steps)),
                Inner::Range(steps) => parts.push(Part::Range(steps, self.parts(depth + 1)?)),
                Inner::End if depth > 0 => return Ok(parts),
                Inner::End => return Err("not in range, nothing to end".into()),
            }
        }
        if depth > 0 {
            return Err("unterminated range".into());
        }
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        Ok(parts)
    }

    /// What stands between braces.
    fn braces(&mut self) -> Result<Inner, String> {
        self.blanks();
        if let Some(quote @ ('"' | '\'')) = self.chars.peek().copied() {
            self.chars.next();
            let text = self.quoted(quote)?;
            self.close()?;
            return Ok(Inner::Text(text));
        }
        let mut word = String::new();
        while let Some(c) = self.chars.peek().copied().filter(char::is_ascii_alphabetic) {
            word.push(c);
            self.chars.next();
        }
        let inner = match word.as_str() {
            "range" => {
                self.blanks();
                Inner::Range(self.steps()?)
            }
            "end" => Inner::End,
            "" => Inner::Path(self.steps()?),
            other => return Err(format!("unrecognized identifier {other}")),
        };
        self.close()?;
        Ok(inner)
    }

    fn blanks(&mut self) {
        while self.chars.peek().is_some_and(|c| c.is_whitespace()) {
            self.chars.next();
        }
    }

    fn close(&mut self) -> Result<(), String> {
        self.blanks();
        match self.chars.next() {
            Some('}') => Ok(()),
            Some(c) => Err(format!("unrecognized character in action: U+{:04X} '{c}'", c as u32)),
            None => Err("unclosed action".into()),
        }
    }

    fn quoted(&mut self, quote: char) -> Result<String, String> {
        let mut text = String::new();
        loop {
            match self.chars.next().ok_or("unterminated quoted string")? {
                c if c == quote => return Ok(text),
                '\\' => match self.chars.next().ok_or("unterminated quoted string")? {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    'r' => text.push('\r'),
                    c => text.push(c),
                },
                c => text.push(c),
            }
        }
    }

    fn steps(&mut self) -> Result<Vec<Step>, String> {
        let mut steps = Vec::new();
        while let Some(c) = self.chars.peek().copied() {
            match c {
                '$' | '@' => drop(self.chars.next()),
                '.' => {
                    self.chars.next();
                    let deep = self.chars.next_if_eq(&'.').is_some();
                    if !deep && self.chars.next_if_eq(&'*').is_some() {
                        steps.push(Step::Every);
                        continue;
                    }
                    let name = self.name();
                    match (deep, name.is_empty()) {
                        (true, _) => steps.push(Step::Descend(name)),
                        (false, false) => steps.push(Step::Field(name)),
                        (false, true) => {}
                    }
                }
                '[' => {
                    self.chars.next();
                    steps.push(self.bracket()?);
                }
                _ => break,
            }
        }
        Ok(steps)
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(c) = self.chars.peek().copied() {
            match c {
                '\\' => {
                    self.chars.next();
                    name.extend(self.chars.next());
                }
                '.' | '[' | ']' | '}' | '{' | ')' | '=' | '!' | '<' | '>' => break,
                c if c.is_whitespace() => break,
                c => {
                    name.push(c);
                    self.chars.next();
                }
            }
        }
        name
    }

    fn bracket(&mut self) -> Result<Step, String> {
        if self.chars.next_if_eq(&'?').is_some() {
            return self.filter();
        }
        if let Some('\'' | '"') = self.chars.peek() {
            return self.fields();
        }
        let mut inner = String::new();
        loop {
            match self.chars.next().ok_or("unterminated array")? {
                ']' => break,
                c => inner.push(c),
            }
        }
        let number = |text: &str| -> Result<Option<i64>, String> {
            match text.trim() {
                "" => Ok(None),
                text => text.parse().map(Some).map_err(|_| format!("invalid array index {text}")),
            }
        };
        match inner.trim() {
            "*" | "" => Ok(Step::Every),
            text => match text.split_once(':') {
                Some((from, to)) => Ok(Step::Slice(number(from)?, number(to)?)),
                None => Ok(Step::Index(number(text)?.unwrap_or(0))),
            },
        }
    }

    fn fields(&mut self) -> Result<Step, String> {
        let mut names = Vec::new();
        loop {
            match self.chars.next().ok_or("unterminated array")? {
                quote @ ('\'' | '"') => names.push(self.quoted(quote)?),
                ']' => return Ok(Step::Fields(names)),
                _ => {}
            }
        }
    }

    fn filter(&mut self) -> Result<Step, String> {
        if self.chars.next() != Some('(') {
            return Err("unterminated filter".into());
        }
        self.blanks();
        let left = self.steps()?;
        self.blanks();
        let mut operator = String::new();
        while let Some(c) = self.chars.next_if(|c| matches!(c, '=' | '!' | '<' | '>')) {
            operator.push(c);
        }
        let compare = match operator.as_str() {
            "" => None,
            "==" | "=" => Some(Compare::Equal),
            "!=" => Some(Compare::Unequal),
            "<" => Some(Compare::Less),
            "<=" => Some(Compare::LessOrEqual),
            ">" => Some(Compare::Greater),
            ">=" => Some(Compare::GreaterOrEqual),
            other => return Err(format!("unrecognized filter operator {other}")),
        };
        self.blanks();
        let right = match (compare, self.chars.peek().copied()) {
            (None, _) => None,
            (Some(compare), Some(quote @ ('"' | '\''))) => {
                self.chars.next();
                Some((compare, Operand::Literal(self.quoted(quote)?.into())))
            }
            (Some(compare), Some('@' | '$' | '.')) => Some((compare, Operand::Path(self.steps()?))),
            (Some(compare), _) => {
                let word = self.word();
                let literal = serde_json::from_str(&word).unwrap_or(Value::String(word));
                Some((compare, Operand::Literal(literal)))
            }
        };
        self.blanks();
        match (self.chars.next(), self.chars.next()) {
            (Some(')'), Some(']')) => Ok(Step::Filter(left, right)),
            _ => Err("unterminated filter".into()),
        }
    }

    fn word(&mut self) -> String {
        let mut word = String::new();
        while let Some(c) = self.chars.next_if(|c| *c != ')' && !c.is_whitespace()) {
            word.push(c);
        }
        word
    }
}

enum Inner {
    Text(String),
    Path(Vec<Step>),
    Range(Vec<Step>),
    End,
}

fn execute(parts: &[Part], value: &Value, root: &Value, out: &mut String) -> Result<(), String> {
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Path(steps) => {
                let found: Vec<String> = walk(steps, vec![value], root)?.into_iter().map(shown).collect();
                out.push_str(&found.join(" "));
            }
            Part::Range(steps, inner) => {
                for item in walk(steps, vec![value], root)? {
                    execute(inner, item, root, out)?;
                }
            }
        }
    }
    Ok(())
}

/// A value as a template prints it.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => super::print::json_line(other),
    }
}

fn walk<'v>(steps: &[Step], mut values: Vec<&'v Value>, root: &'v Value) -> Result<Vec<&'v Value>, String> {
    for step in steps {
        let mut next = Vec::new();
        for value in values {
            take(step, value, root, &mut next)?;
        }
        values = next;
    }
    Ok(values)
}

fn take<'v>(step: &Step, value: &'v Value, root: &'v Value, next: &mut Vec<&'v Value>) -> Result<(), String> {
    match step {
        Step::Field(name) => next.extend(value.get(name)),
        Step::Fields(names) => next.extend(names.iter().filter_map(|name| value.get(name))),
        Step::Every => match value {
            Value::Array(items) => next.extend(items),
            Value::Object(fields) => next.extend(fields.values()),
            _ => {}
        },
        Step::Index(index) => {
            if let Value::Array(items) = value {
                let from_end = if *index < 0 { items.len() as i64 } else { 0 };
                let item = usize::try_from(index + from_end).ok().and_then(|index| items.get(index));
                let length = items.len();
                next.push(
                    item.ok_or_else(|| format!("array index out of bounds: index {index}, length {length}"))?,
                );
            }
        }
        Step::Slice(from, to) => {
            if let Value::Array(items) = value {
                let length = items.len() as i64;
                let place =
                    |index: i64| (if index < 0 { index + length } else { index }).clamp(0, length) as usize;
                let (from, to) = (place(from.unwrap_or(0)), place(to.unwrap_or(length)));
                next.extend(items.get(from..to).into_iter().flatten());
            }
        }
        Step::Descend(name) => descend(name, value, next),
        Step::Filter(left, right) => {
            if let Value::Array(items) = value {
                for item in items {
                    if passes(left, right.as_ref(), item, root)? {
                        next.push(item);
                    }
                }
            }
        }
    }
    Ok(())
}

fn descend<'v>(name: &str, value: &'v Value, next: &mut Vec<&'v Value>) {
    next.extend(value.get(name));
    match value {
        Value::Array(items) => items.iter().for_each(|item| descend(name, item, next)),
        Value::Object(fields) => fields.values().for_each(|field| descend(name, field, next)),
        _ => {}
    }
}

fn passes(
    left: &[Step],
    right: Option<&(Compare, Operand)>,
    item: &Value,
    root: &Value,
) -> Result<bool, String> {
    let found = walk(left, vec![item], root)?;
    let Some(left) = found.first() else { return Ok(false) };
    let Some((compare, operand)) = right else { return Ok(true) };
    let literal = match operand {
        Operand::Literal(value) => Some(value),
        Operand::Path(steps) => walk(steps, vec![item], root)?.first().copied(),
    };
    let Some(right) = literal else { return Ok(false) };
    let order = match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => left.partial_cmp(&right),
        _ => Some(shown(left).cmp(&shown(right))),
    };
    Ok(order.is_some_and(|order| match compare {
        Compare::Equal => order.is_eq(),
        Compare::Unequal => order.is_ne(),
        Compare::Less => order.is_lt(),
        Compare::LessOrEqual => order.is_le(),
        Compare::Greater => order.is_gt(),
        Compare::GreaterOrEqual => order.is_ge(),
    }))
}

/// What Go's JSON decoder says of text that is not JSON. Models encoding/json's scanner for the first bytes of an object.
pub(super) fn json_fault(text: &str) -> String {
    let rest = text.trim_start().strip_prefix('{').unwrap_or_default().trim_start();
    match rest.chars().next() {
        None => "unexpected end of JSON input".into(),
        Some('"' | '}') => match serde_json::from_str::<Value>(text) {
            Err(error) if error.is_eof() => "unexpected end of JSON input".into(),
            Err(error) => error.to_string(),
            Ok(_) => String::new(),
        },
        Some(c) => format!("invalid character '{c}' looking for beginning of object key string"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(template: &str, expected: Result<&str, &str>) {
        let value = json!({
            "kind": "List",
            "items": [
                {"name": "a", "n": 1, "l": {"x.y/z": "q"}, "ok": true},
                {"name": "b", "n": 2},
            ],
        });
        let result = Template::parse(template).and_then(|template| template.execute(&value));
        assert_eq!(result, expected.map(String::from).map_err(String::from), "{template}");
    }

    #[test]
    fn templates() {
        check("{.kind}", Ok("List"));
        check("{.items[*].name}", Ok("a b"));
        check("{.items[0]['name','n']}", Ok("a 1"));
        check("{range .items[*]}{.name}={.n}{\"\\n\"}{end}", Ok("a=1\nb=2\n"));
        check("{.items[-1].name} {.items[0:1].name}", Ok("b a"));
        check("{.items[?(@.name==\"b\")].n}", Ok("2"));
        check("{.items[?(@.n>1)].name}", Ok("b"));
        check("{.items[?(@.ok)].name}", Ok("a"));
        check("{.items[0].l.x\\.y/z}", Ok("q"));
        check("{..name}", Ok("a b"));
        check("{.items[0].l}", Ok("{\"x.y/z\":\"q\"}"));
        check("{.nothing}", Ok(""));
        check("{.items[5].name}", Err("array index out of bounds: index 5, length 2"));
        check("{.kind", Err("unclosed action"));
        check("{end}", Err("not in range, nothing to end"));
    }
}
