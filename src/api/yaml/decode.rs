//! A document's nodes into its value and the places of its fields.
//!
//! Models go.yaml.in/yaml/v2/decode.go and sigs.k8s.io/yaml convertToJSONableObject

use serde_json::{Map, Value};

use super::grammar::{self, Form, Raw};
use super::place::Places;
use super::scalar::{self, Meaning};
use super::{Chunk, Document, Entry, Fault, Inside, MAX_DEPTH, MAX_NODES, Node, Overwritten, Range};

/// Reads one document; `Null` when there is nothing in it.
///
/// # Errors
/// What kubectl says about text it cannot read.
pub(super) fn load(chunk: Chunk<'_>) -> Result<Document, Fault> {
    let chunk = without_mark(chunk);
    let chars: Vec<char> = chunk.text.chars().collect();
    let places = Places::new(&chars, chunk.start);
    let nodes = grammar::parse(&chars).map_err(|problem| {
        let width = usize::from(chars.get(problem.at).is_some_and(|c| *c != '\n'));
        let range = Range { start: places.of(problem.at), end: places.of(problem.at + width) };
        let line = if problem.line == 0 { String::new() } else { format!("line {}: ", problem.line) };
        fault(&format!("{line}{}", problem.text), range)
    })?;
    if nodes.is_empty() {
        let range = Range { start: chunk.start, end: chunk.start };
        let tree = Node { range, inside: Inside::Scalar };
        return Ok(Document { value: Value::Null, tree, overwritten: Vec::new() });
    }
    let overwritten = Vec::new();
    let mut builder = Builder { raws: &nodes, places, open: Vec::new(), nodes: 0, aliased: 0, overwritten };
    let (value, tree) = builder.build(0, 0)?;
    Ok(Document { value, tree, overwritten: builder.overwritten })
}

/// Without the byte order mark that may begin a stream.
fn without_mark(chunk: Chunk<'_>) -> Chunk<'_> {
    match chunk.text.strip_prefix('\u{feff}') {
        Some(text) => Chunk { text, start: chunk.start.after("\u{feff}") },
        None => chunk,
    }
}

fn fault(problem: &str, range: Range) -> Fault {
    Fault { text: format!("error converting YAML to JSON: yaml: {problem}"), range }
}

struct Builder<'a> {
    raws: &'a [Raw],
    places: Places<'a>,
    /// The aliases being expanded.
    open: Vec<usize>,
    nodes: usize,
    aliased: usize,
    overwritten: Vec<Overwritten>,
}

/// A mapping under construction.
#[derive(Default)]
struct Pairs {
    map: Map<String, Value>,
    entries: Vec<Entry>,
}

impl Builder<'_> {
    fn range(&self, raw: &Raw) -> Range {
        Range { start: self.places.of(raw.at), end: self.places.of(raw.end) }
    }

    fn fail<T>(&self, raw: &Raw, problem: &str) -> Result<T, Fault> {
        Err(fault(problem, self.range(raw)))
    }

    /// A problem of JSON's, which go-yaml has no part in.
    fn fail_plainly<T>(&self, raw: &Raw, problem: &str) -> Result<T, Fault> {
        Err(Fault { text: format!("error converting YAML to JSON: {problem}"), range: self.range(raw) })
    }

    fn count(&mut self, raw: &Raw, depth: usize) -> Result<(), Fault> {
        self.nodes += 1;
        self.aliased += usize::from(!self.open.is_empty());
        let bomb = self.aliased > 100 && self.nodes > 1000 && self.aliased * 100 > self.nodes * 99;
        if bomb || self.nodes > MAX_NODES {
            return self.fail(raw, "document contains excessive aliasing");
        }
        if depth > MAX_DEPTH {
            return self.fail(raw, &super::scanner::too_deep());
        }
        Ok(())
    }

    fn build(&mut self, index: usize, depth: usize) -> Result<(Value, Node), Fault> {
        let raw = &self.raws[index];
        self.count(raw, depth)?;
        let (value, inside) = match &raw.form {
            Form::Scalar { text, plain } => (self.scalar(raw, text, *plain)?, Inside::Scalar),
            Form::List(items) => {
                let (mut values, mut nodes) = (Vec::new(), Vec::new());
                for &item in items {
                    let (value, node) = self.build(item, depth + 1)?;
                    values.push(value);
                    nodes.push(node);
                }
                (Value::Array(values), Inside::List(nodes))
            }
            Form::Map(pairs) => {
                let mut into = Pairs::default();
                self.fill(pairs, &mut into, depth)?;
                (Value::Object(into.map), Inside::Map(into.entries))
            }
            Form::Alias { target, .. } => {
                self.enter(index)?;
                let (value, node) = self.build(*target, depth + 1)?;
                self.open.pop();
                (value, node.inside)
            }
        };
        Ok((value, Node { range: self.range(raw), inside }))
    }

    fn enter(&mut self, index: usize) -> Result<(), Fault> {
        let raw = &self.raws[index];
        if let Form::Alias { name, .. } = &raw.form
            && self.open.contains(&index)
        {
            return self.fail(raw, &format!("anchor '{name}' value contains itself"));
        }
        self.open.push(index);
        Ok(())
    }

    fn fill(&mut self, pairs: &[(usize, usize)], into: &mut Pairs, depth: usize) -> Result<(), Fault> {
        // What a merge brought in is there to be overwritten.
        let is_own = !pairs.iter().any(|(key, _)| is_merge(&self.raws[*key]));
        for &(key, value) in pairs {
            let raw = &self.raws[key];
            if is_merge(raw) {
                self.merge(value, into, depth + 1)?;
                continue;
            }
            self.count(raw, depth)?;
            let name = self.key(key, value, depth)?;
            let (value, node) = self.build(value, depth + 1)?;
            if into.map.insert(name.clone(), value).is_some() {
                let lost = into.entries.iter().position(|entry| entry.key == name);
                let lost = lost.map(|at| into.entries.remove(at));
                if let Some(lost) = lost.filter(|_| is_own && self.open.is_empty()) {
                    self.overwritten.push(Overwritten { lost, again: self.range(raw) });
                }
            }
            into.entries.push(Entry { key: name, key_range: self.range(raw), value: node });
        }
        Ok(())
    }

    /// The mapping, or the mappings of a list, that `<<` takes in: what is written later in the text wins.
    fn merge(&mut self, index: usize, into: &mut Pairs, depth: usize) -> Result<(), Fault> {
        let raw = &self.raws[index];
        self.count(raw, depth)?;
        match &raw.form {
            Form::Map(pairs) => self.fill(pairs, into, depth),
            Form::Alias { target, .. } if matches!(self.raws[*target].form, Form::Map(_)) => {
                self.enter(index)?;
                self.merge(*target, into, depth + 1)?;
                self.open.pop();
                Ok(())
            }
            // The first of a list wins.
            Form::List(items) if depth <= MAX_DEPTH && !self.nested_list(items) => {
                items.iter().rev().try_for_each(|&item| self.merge(item, into, depth + 1))
            }
            _ => self.fail(raw, "map merge requires map or sequence of maps as the value"),
        }
    }

    fn nested_list(&self, items: &[usize]) -> bool {
        items.iter().any(|&item| matches!(self.raws[item].form, Form::List(_)))
    }

    fn key(&mut self, index: usize, value: usize, depth: usize) -> Result<String, Fault> {
        let raw = &self.raws[index];
        match &raw.form {
            Form::Scalar { text, plain } => {
                let meaning = self.meaning(raw, text, *plain)?;
                Ok(match &meaning {
                    Meaning::Bool(value) => value.to_string(),
                    Meaning::Int(value) => value.to_string(),
                    Meaning::Float(value) => scalar::float_key(*value),
                    Meaning::Null | Meaning::Big(_) => {
                        let (value, _) = self.build(value, depth + 1)?;
                        return self.fail_plainly(raw, &unsupported_key(&meaning, &value));
                    }
                    Meaning::Merge | Meaning::Text => text.clone(),
                })
            }
            Form::Alias { target, .. } => {
                self.enter(index)?;
                let key = self.key(*target, value, depth + 1)?;
                self.open.pop();
                Ok(key)
            }
            _ => {
                let (value, _) = self.build(index, depth + 1)?;
                let mut text = String::from("invalid map key: ");
                go_syntax(&value, &mut text);
                self.fail(raw, &text)
            }
        }
    }

    /// The meaning of a scalar, its tag considered.
    fn meaning(&self, raw: &Raw, text: &str, plain: bool) -> Result<Meaning, Fault> {
        let Some(tag) = raw.tag.as_deref() else {
            return Ok(if plain { scalar::resolve(text) } else { Meaning::Text });
        };
        let wanted = short_tag(tag);
        if !matches!(wanted, "bool" | "int" | "float" | "null") {
            // Any other tag leaves the text as it is.
            return Ok(Meaning::Text);
        }
        match scalar::resolve(text) {
            Meaning::Int(value) if wanted == "float" => Ok(Meaning::Float(value as f64)),
            meaning if meaning.tag() == wanted => Ok(meaning),
            meaning => {
                let found = meaning.tag();
                self.fail(raw, &format!("cannot decode !!{found} `{text}` as a !!{wanted}"))
            }
        }
    }

    fn scalar(&self, raw: &Raw, text: &str, plain: bool) -> Result<Value, Fault> {
        Ok(match self.meaning(raw, text, plain)? {
            Meaning::Null => Value::Null,
            Meaning::Bool(value) => Value::Bool(value),
            Meaning::Int(value) => Value::from(value),
            Meaning::Big(value) => Value::from(value as f64),
            Meaning::Float(value) if value.is_finite() => scalar::float(value),
            Meaning::Float(value) => {
                let sign = if value > 0.0 { "+Inf" } else { "-Inf" };
                let shown = if value.is_nan() { "NaN" } else { sign };
                return self.fail_plainly(raw, &format!("json: unsupported value: {shown}"));
            }
            Meaning::Merge | Meaning::Text => Value::from(text),
        })
    }
}

/// The name of a tag of YAML's own; any other tag as it is.
fn short_tag(tag: &str) -> &str {
    let long = tag.strip_prefix("!<tag:yaml.org,2002:").and_then(|rest| rest.strip_suffix('>'));
    long.or(tag.strip_prefix("!!")).unwrap_or(tag)
}

fn is_merge(raw: &Raw) -> bool {
    matches!(&raw.form, Form::Scalar { text, plain } if text == "<<"
        && (*plain && raw.tag.is_none() || raw.tag.as_deref().map(short_tag) == Some("merge")))
}

fn unsupported_key(meaning: &Meaning, value: &Value) -> String {
    let (kind, key) = match meaning {
        Meaning::Big(key) => ("uint64", format!("0x{key:x}")),
        _ => ("%!s(<nil>)", "<nil>".to_owned()),
    };
    let mut shown = String::new();
    go_syntax(value, &mut shown);
    let shown = shown.strip_prefix("interface {}(nil)").map_or(shown.as_str(), |_| "<nil>");
    format!("unsupported map key of type: {kind}, key: {key}, value: {shown}")
}

/// Go's `%#v` of a decoded value.
fn go_syntax(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("interface {}(nil)"),
        Value::Array(items) => {
            out.push_str("[]interface {}{");
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "" });
                go_syntax(item, out);
            }
            out.push('}');
        }
        Value::Object(map) => {
            out.push_str("map[interface {}]interface {}{");
            for (i, (key, item)) in map.iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "" });
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                go_syntax(item, out);
            }
            out.push('}');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}
