//! A document's events into its value and the places of its fields.
//!
//! Models go.yaml.in/yaml/v2/decode.go and sigs.k8s.io/yaml convertToJSONableObject

use std::collections::BTreeMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};
use serde_json::{Map, Value};

use super::place::Lines;
use super::scalar::{self, Meaning};
use super::{Chunk, Document, Entry, Fault, Inside, MAX_DEPTH, MAX_NODES, Node, Place, Range, grammar};

/// A node as written: its children are indexes into the arena, so that an alias is one, too.
struct Raw {
    range: Range,
    tag: Option<String>,
    form: Form,
}

enum Form {
    Scalar { text: String, plain: bool },
    List(Vec<usize>),
    Map(Vec<(usize, usize)>),
    Alias { name: String, target: usize },
}

/// Reads one document; `Null` when there is nothing in it.
///
/// # Errors
/// What kubectl says about text it cannot read.
pub(super) fn load(chunk: Chunk<'_>) -> Result<Document, Fault> {
    let chunk = without_mark(chunk);
    let chars: Vec<char> = chunk.text.chars().collect();
    if let Err(problem) = grammar::check(&chars) {
        let (before, rest) = chars.split_at(problem.at.min(chars.len()));
        let start = chunk.start.after(&String::from_iter(before));
        let width = String::from_iter(rest.first().filter(|c| !matches!(c, '\r' | '\n')));
        let line = if problem.line == 0 { String::new() } else { format!("line {}: ", problem.line) };
        return Err(fault(&format!("{line}{}", problem.text), Range { start, end: start.after(&width) }));
    }
    let lines = Lines::new(chunk.text, chunk.start);
    let mut reader = Reader { lines: &lines, arena: Vec::new(), anchors: BTreeMap::new() };
    let root = reader.read(chunk.text).map_err(|error| {
        let place = reader.place(*error.marker());
        fault(error.info(), Range { start: place, end: place })
    })?;
    let Some(root) = root else {
        return Ok(Document { value: Value::Null, tree: empty(chunk.start) });
    };
    let mut builder = Builder { arena: &reader.arena, open: Vec::new(), nodes: 0, aliased: 0 };
    let (value, tree) = builder.build(root, 0)?;
    Ok(Document { value, tree })
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

fn empty(at: Place) -> Node {
    Node { range: Range { start: at, end: at }, inside: Inside::Scalar }
}

struct Reader<'a> {
    lines: &'a Lines<'a>,
    arena: Vec<Raw>,
    anchors: BTreeMap<usize, usize>,
}

impl Reader<'_> {
    fn place(&self, marker: Marker) -> Place {
        self.lines.place(marker.line() - 1, marker.col())
    }

    /// The arena's index of the first document's root.
    fn read(&mut self, text: &str) -> Result<Option<usize>, ScanError> {
        let mut parser = Parser::new_from_str(text);
        while let Some(event) = parser.next_event() {
            let (event, span) = event?;
            match event {
                Event::StreamEnd => break,
                Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
                event => return self.node(event, span, &mut parser).map(Some),
            }
        }
        Ok(None)
    }

    /// The depth is bounded by `grammar::check`.
    fn node<'e>(
        &mut self,
        event: Event<'e>,
        span: Span,
        parser: &mut Parser<'e, StrInput<'e>>,
    ) -> Result<usize, ScanError> {
        let index = self.arena.len();
        let start = self.place(span.start);
        let range = Range { start, end: self.place(span.end) };
        self.arena.push(Raw { range, tag: None, form: Form::List(Vec::new()) });
        let (anchor, tag) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.arena[index].range.end = self.scalar_end(range, style);
                let plain = style == ScalarStyle::Plain;
                self.arena[index].form = Form::Scalar { text: text.into_owned(), plain };
                (anchor, tag)
            }
            Event::Alias(id) => {
                let name = range.of_lines(self.lines).trim().trim_start_matches('*').to_owned();
                let target = self.anchors.get(&id).copied().unwrap_or(index);
                self.arena[index].form = Form::Alias { name, target };
                (0, None)
            }
            Event::SequenceStart(anchor, tag) => {
                self.anchors.insert(anchor, index);
                let mut items = Vec::new();
                let end = loop {
                    match next(parser)? {
                        (Event::SequenceEnd, span) => break span,
                        (event, span) => items.push(self.node(event, span, parser)?),
                    }
                };
                self.arena[index].range.end = self.collection_end(start, end, items.last().copied());
                self.arena[index].form = Form::List(items);
                (anchor, tag)
            }
            Event::MappingStart(anchor, tag) => {
                self.anchors.insert(anchor, index);
                let mut pairs = Vec::new();
                let end = loop {
                    match next(parser)? {
                        (Event::MappingEnd, span) => break span,
                        (event, span) => {
                            let key = self.node(event, span, parser)?;
                            let (event, span) = next(parser)?;
                            pairs.push((key, self.node(event, span, parser)?));
                        }
                    }
                };
                self.arena[index].range.end =
                    self.collection_end(start, end, pairs.last().map(|pair| pair.1));
                self.arena[index].form = Form::Map(pairs);
                (anchor, tag)
            }
            _ => (0, None),
        };
        self.arena[index].tag = tag.map(|tag| tag_name(&tag));
        if anchor != 0 {
            self.anchors.insert(anchor, index);
        }
        Ok(index)
    }

    /// saphyr's ranges of quoted and block scalars take in the blanks and comments that follow.
    fn scalar_end(&self, range: Range, style: ScalarStyle) -> Place {
        let text = self.lines.from(range.start);
        let length = match style {
            ScalarStyle::SingleQuoted => quoted_length(text, '\''),
            ScalarStyle::DoubleQuoted => quoted_length(text, '"'),
            _ => range.of_lines(self.lines).trim_end().len(),
        };
        range.start.after(&text[..length])
    }

    fn collection_end(&self, start: Place, end: Span, last: Option<usize>) -> Place {
        if self.lines.from(start).starts_with(['[', '{']) {
            let close = self.place(end.start);
            let bracket = self.lines.from(close).chars().next().filter(|c| matches!(c, ']' | '}'));
            close.after(bracket.map_or("", |c| if c == ']' { "]" } else { "}" }))
        } else {
            last.map_or(start, |last| self.arena[last].range.end)
        }
    }
}

impl Range {
    fn of_lines<'a>(self, lines: &Lines<'a>) -> &'a str {
        let text = lines.from(self.start);
        text.get(..self.end.byte - self.start.byte).unwrap_or(text)
    }
}

fn next<'a>(parser: &mut Parser<'a, StrInput<'a>>) -> Result<(Event<'a>, Span), ScanError> {
    match parser.next_event() {
        Some(event) => event,
        None => Err(ScanError::new_str(Marker::new(0, 1, 0), "unexpected end of stream")),
    }
}

fn tag_name(tag: &Tag) -> String {
    if tag.is_yaml_core_schema() { format!("!!{}", tag.suffix) } else { tag.to_string() }
}

fn quoted_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    let mut rest = text.char_indices().skip(1).peekable();
    while let Some((i, c)) = rest.next() {
        if escaped {
            escaped = false;
        } else if c == '\\' && quote == '"' {
            escaped = true;
        } else if c == quote {
            if quote == '\'' && rest.peek().is_some_and(|(_, c)| *c == quote) {
                rest.next();
            } else {
                return i + 1;
            }
        }
    }
    text.len()
}

struct Builder<'a> {
    arena: &'a [Raw],
    /// The aliases being expanded.
    open: Vec<usize>,
    nodes: usize,
    aliased: usize,
}

/// A mapping under construction.
#[derive(Default)]
struct Pairs {
    map: Map<String, Value>,
    entries: Vec<Entry>,
}

impl Builder<'_> {
    fn count(&mut self, raw: &Raw, depth: usize) -> Result<(), Fault> {
        self.nodes += 1;
        self.aliased += usize::from(!self.open.is_empty());
        let bomb = self.aliased > 100 && self.nodes > 1000 && self.aliased * 100 > self.nodes * 99;
        if bomb || self.nodes > MAX_NODES {
            return Err(fault("document contains excessive aliasing", raw.range));
        }
        if depth > MAX_DEPTH {
            return Err(fault(&super::scanner::too_deep(), raw.range));
        }
        Ok(())
    }

    fn build(&mut self, index: usize, depth: usize) -> Result<(Value, Node), Fault> {
        let raw = &self.arena[index];
        self.count(raw, depth)?;
        let (value, inside) = match &raw.form {
            Form::Scalar { text, plain } => (json(&meaning(raw, text, *plain)?, text, raw)?, Inside::Scalar),
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
        Ok((value, Node { range: raw.range, inside }))
    }

    fn enter(&mut self, index: usize) -> Result<(), Fault> {
        let raw = &self.arena[index];
        if let Form::Alias { name, .. } = &raw.form
            && self.open.contains(&index)
        {
            return Err(fault(&format!("anchor '{name}' value contains itself"), raw.range));
        }
        self.open.push(index);
        Ok(())
    }

    fn fill(&mut self, pairs: &[(usize, usize)], into: &mut Pairs, depth: usize) -> Result<(), Fault> {
        for &(key, value) in pairs {
            let raw = &self.arena[key];
            if is_merge(raw) {
                self.merge(value, into, depth + 1)?;
                continue;
            }
            self.count(raw, depth)?;
            let name = self.key(key, value, depth)?;
            let (value, node) = self.build(value, depth + 1)?;
            into.entries.retain(|entry| entry.key != name);
            into.entries.push(Entry { key: name.clone(), key_range: raw.range, value: node });
            into.map.insert(name, value);
        }
        Ok(())
    }

    /// The mapping, or the mappings of a list, that `<<` takes in: what is written later in the text wins.
    fn merge(&mut self, index: usize, into: &mut Pairs, depth: usize) -> Result<(), Fault> {
        let raw = &self.arena[index];
        self.count(raw, depth)?;
        match &raw.form {
            Form::Map(pairs) => self.fill(pairs, into, depth),
            Form::Alias { target, .. } if matches!(self.arena[*target].form, Form::Map(_)) => {
                self.enter(index)?;
                self.merge(*target, into, depth + 1)?;
                self.open.pop();
                Ok(())
            }
            // The first of a list wins.
            Form::List(items) if depth <= MAX_DEPTH && !self.nested_list(items) => {
                items.iter().rev().try_for_each(|&item| self.merge(item, into, depth + 1))
            }
            _ => Err(fault("map merge requires map or sequence of maps as the value", raw.range)),
        }
    }

    fn nested_list(&self, items: &[usize]) -> bool {
        items.iter().any(|&item| matches!(self.arena[item].form, Form::List(_)))
    }

    fn key(&mut self, index: usize, value: usize, depth: usize) -> Result<String, Fault> {
        let raw = &self.arena[index];
        match &raw.form {
            Form::Scalar { text, plain } => {
                let meaning = meaning(raw, text, *plain)?;
                Ok(match &meaning {
                    Meaning::Bool(value) => value.to_string(),
                    Meaning::Int(value) => value.to_string(),
                    Meaning::Float(value) => scalar::float_key(*value),
                    Meaning::Null | Meaning::Big(_) => {
                        let (value, _) = self.build(value, depth + 1)?;
                        return Err(unsupported_key(&meaning, &value, raw.range));
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
                Err(fault(&text, raw.range))
            }
        }
    }
}

fn is_merge(raw: &Raw) -> bool {
    matches!(&raw.form, Form::Scalar { text, plain } if text == "<<"
        && (*plain && raw.tag.is_none() || raw.tag.as_deref() == Some("!!merge")))
}

fn unsupported_key(meaning: &Meaning, value: &Value, range: Range) -> Fault {
    let (kind, key) = match meaning {
        Meaning::Big(key) => ("uint64", format!("0x{key:x}")),
        _ => ("%!s(<nil>)", "<nil>".to_owned()),
    };
    let mut shown = String::new();
    go_syntax(value, &mut shown);
    let shown = shown.strip_prefix("interface {}(nil)").map_or(shown.as_str(), |_| "<nil>");
    let text = format!(
        "error converting YAML to JSON: unsupported map key of type: {kind}, key: {key}, value: {shown}"
    );
    Fault { text, range }
}

/// The meaning of a scalar, its tag considered.
fn meaning(raw: &Raw, text: &str, plain: bool) -> Result<Meaning, Fault> {
    let Some(tag) = raw.tag.as_deref() else {
        return Ok(if plain { scalar::resolve(text) } else { Meaning::Text });
    };
    let wanted = match tag {
        "!!bool" | "!!int" | "!!float" | "!!null" => &tag[2..],
        // Any other tag leaves the text as it is.
        _ => return Ok(Meaning::Text),
    };
    match scalar::resolve(text) {
        Meaning::Int(value) if wanted == "float" => Ok(Meaning::Float(value as f64)),
        meaning if meaning.tag() == wanted => Ok(meaning),
        meaning => {
            let found = meaning.tag();
            Err(fault(&format!("cannot decode !!{found} `{text}` as a {tag}"), raw.range))
        }
    }
}

fn json(meaning: &Meaning, text: &str, raw: &Raw) -> Result<Value, Fault> {
    Ok(match meaning {
        Meaning::Null => Value::Null,
        Meaning::Bool(value) => Value::Bool(*value),
        Meaning::Int(value) => Value::from(*value),
        Meaning::Big(value) => Value::from(*value as f64),
        Meaning::Float(value) if value.is_finite() => scalar::float(*value),
        Meaning::Float(value) => {
            let shown = if value.is_nan() {
                "NaN"
            } else if *value > 0.0 {
                "+Inf"
            } else {
                "-Inf"
            };
            let text = format!("error converting YAML to JSON: json: unsupported value: {shown}");
            return Err(Fault { text, range: raw.range });
        }
        Meaning::Merge | Meaning::Text => Value::from(text),
    })
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
