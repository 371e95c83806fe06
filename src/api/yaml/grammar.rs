//! A document's tokens into its nodes by go-yaml's rules, or go-yaml's words for why not.
//!
//! Models go.yaml.in/yaml/v2/parserc.go

use std::collections::{BTreeMap, BTreeSet};

use super::MAX_DEPTH;
use super::scanner::{Kind, Problem, Scanner, Token, too_deep};
use super::text;

/// A node as written. Its children are indexes into all nodes of the document, so that an alias is one, too.
#[derive(Debug)]
pub(super) struct Raw {
    /// Its range in characters, without tag and anchor.
    pub at: usize,
    pub end: usize,
    pub tag: Option<String>,
    pub form: Form,
}

#[derive(Debug)]
pub(super) enum Form {
    Scalar { text: String, plain: bool },
    List(Vec<usize>),
    Map(Vec<(usize, usize)>),
    Alias { name: String, target: usize },
}

struct Grammar<'a> {
    text: &'a [char],
    scanner: Scanner<'a>,
    nodes: Vec<Raw>,
    anchors: BTreeMap<&'a [char], usize>,
    handles: BTreeSet<String>,
    depth: usize,
    /// The end of the last token passed.
    passed: usize,
}

/// Where a node stands: some forms are read in one place and not in another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Flow,
    Block,
    /// The value of a block mapping's key, whose sequence needs no indentation.
    Mapping,
}

type Parsed<T = usize> = Result<T, Problem>;

/// Parses the first document of `text`; what follows it is not read. The first node is the root; there is none in an
/// empty document.
///
/// # Errors
/// The first problem go-yaml would meet.
pub(super) fn parse(text: &[char]) -> Result<Vec<Raw>, Problem> {
    if let Some(at) = text.iter().position(|&c| !is_allowed(c)) {
        return Err(Problem { at, line: 0, text: "control characters are not allowed".to_owned() });
    }
    let mut grammar = Grammar {
        text,
        scanner: Scanner::new(text),
        nodes: Vec::new(),
        anchors: BTreeMap::new(),
        handles: ["!", "!!"].map(str::to_owned).into(),
        depth: 0,
        passed: 0,
    };
    grammar.document()?;
    Ok(grammar.nodes)
}

fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..)
}

/// A parser's problem: go-yaml prints the number of the line before it.
fn fail<T>(token: Token, text: &str) -> Parsed<T> {
    Err(Problem { at: token.at, line: token.line, text: text.to_owned() })
}

impl<'a> Grammar<'a> {
    fn next_is(&mut self, kinds: &[Kind]) -> Parsed<bool> {
        Ok(kinds.contains(&self.scanner.peek()?.kind))
    }

    fn skip(&mut self, token: Token) {
        self.passed = token.end;
        self.scanner.skip();
    }

    /// Passes the next token if it is of this kind.
    fn eat(&mut self, kind: Kind) -> Parsed<bool> {
        let token = self.scanner.peek()?;
        if token.kind == kind {
            self.skip(token);
        }
        Ok(token.kind == kind)
    }

    fn document(&mut self) -> Parsed<()> {
        use Kind::{DocumentEnd, DocumentStart, StreamEnd, TagDirective, VersionDirective};
        const OUTSIDE: [Kind; 4] = [VersionDirective, TagDirective, DocumentStart, StreamEnd];
        if self.next_is(&OUTSIDE)? {
            if self.next_is(&[StreamEnd])? {
                return Ok(());
            }
            self.directives()?;
            let token = self.scanner.peek()?;
            if !self.eat(DocumentStart)? {
                return fail(token, "did not find expected <document start>");
            }
            if self.next_is(&OUTSIDE)? || self.next_is(&[DocumentEnd])? {
                return Ok(());
            }
        }
        self.node(Within::Block)?;
        self.scanner.peek().map(|_| ())
    }

    fn directives(&mut self) -> Parsed<()> {
        let mut versioned = false;
        loop {
            let token = self.scanner.peek()?;
            let words = self.words(token);
            let mut words = words.split_whitespace().skip(1);
            match token.kind {
                Kind::VersionDirective => {
                    if std::mem::replace(&mut versioned, true) {
                        return fail(token, "found duplicate %YAML directive");
                    }
                    let version = words.next().unwrap_or_default().split('.').map(str::parse::<u8>);
                    if !version.eq([Ok(1), Ok(1)]) {
                        return fail(token, "found incompatible YAML document");
                    }
                }
                Kind::TagDirective => {
                    let handle = words.next().unwrap_or_default().to_owned();
                    let standard = handle == "!" || handle == "!!";
                    if !standard && !self.handles.insert(handle) {
                        return fail(token, "found duplicate %TAG directive");
                    }
                }
                _ => return Ok(()),
            }
            self.skip(token);
        }
    }

    fn words(&self, token: Token) -> String {
        self.text[token.at..token.end].iter().collect()
    }

    fn add(&mut self, at: usize, form: Form) -> usize {
        self.nodes.push(Raw { at, end: at, tag: None, form });
        self.nodes.len() - 1
    }

    /// The null that stands where nothing is written.
    fn nothing(&mut self) -> usize {
        self.add(self.passed, Form::Scalar { text: String::new(), plain: true })
    }

    fn node(&mut self, within: Within) -> Parsed {
        let first = self.scanner.peek()?;
        if self.depth == MAX_DEPTH {
            return fail(first, &too_deep());
        }
        let index = self.nothing();
        if first.kind == Kind::Alias {
            let name = &self.text[first.at + 1..first.end];
            let shown: String = name.iter().collect();
            let Some(&target) = self.anchors.get(name) else {
                let text = format!("unknown anchor '{shown}' referenced");
                return Err(Problem { at: first.at, line: 0, text });
            };
            self.skip(first);
            self.nodes[index] =
                Raw { at: first.at, end: first.end, tag: None, form: Form::Alias { name: shown, target } };
            return Ok(index);
        }
        let (anchor, tag) = self.properties()?;
        if let Some(anchor) = anchor {
            self.anchors.insert(&self.text[anchor.at + 1..anchor.end], index);
        }
        let bare = anchor.is_none() && tag.is_none();
        let token = self.scanner.peek()?;
        self.depth += 1;
        let form = self.content(within, token)?;
        self.depth -= 1;
        let (at, form) = match form {
            Some(form) => (token.at, form),
            None if bare => return fail(token, "did not find expected node content"),
            None => (self.passed, Form::Scalar { text: String::new(), plain: true }),
        };
        let tag = tag.map(|tag| self.words(tag));
        let mut end = self.passed.max(at);
        // A block's token reaches up to the next one.
        while end > at && self.text[end - 1].is_whitespace() {
            end -= 1;
        }
        self.nodes[index] = Raw { at, end, tag, form };
        Ok(index)
    }

    fn content(&mut self, within: Within, token: Token) -> Parsed<Option<Form>> {
        let form = match token.kind {
            Kind::BlockEntry if within == Within::Mapping => Form::List(self.indentless_sequence()?),
            Kind::Scalar => {
                self.skip(token);
                let written = &self.text[token.at..token.end];
                let plain = !written.first().is_some_and(|c| matches!(c, '\'' | '"' | '|' | '>'));
                Form::Scalar { text: text::content(written, token.indent), plain }
            }
            Kind::FlowSequenceStart => Form::List(self.flow_sequence(token)?),
            Kind::FlowMappingStart => Form::Map(self.flow_mapping(token)?),
            Kind::SequenceStart if within != Within::Flow => Form::List(self.block_sequence(token)?),
            Kind::MappingStart if within != Within::Flow => Form::Map(self.block_mapping(token)?),
            _ => return Ok(None),
        };
        Ok(Some(form))
    }

    /// An anchor and a tag, in either order.
    fn properties(&mut self) -> Parsed<(Option<Token>, Option<Token>)> {
        let (mut anchor, mut tag) = (None, None);
        loop {
            let token = self.scanner.peek()?;
            match token.kind {
                Kind::Anchor if anchor.is_none() => anchor = Some(token),
                Kind::Tag if tag.is_none() => {
                    self.known_handle(token)?;
                    tag = Some(token);
                }
                _ => return Ok((anchor, tag)),
            }
            self.skip(token);
        }
    }

    fn known_handle(&self, tag: Token) -> Parsed<()> {
        let text = self.words(tag);
        let named =
            text.get(1..).and_then(|rest| rest.split_once('!')).filter(|(name, _)| !name.starts_with('<'));
        match named {
            Some((name, _)) if !self.handles.contains(&format!("!{name}!")) => {
                fail(tag, "found undefined tag handle")
            }
            _ => Ok(()),
        }
    }

    /// A node, or nothing when one of `ends` comes.
    fn node_unless(&mut self, ends: &[Kind], within: Within) -> Parsed {
        if self.next_is(ends)? { Ok(self.nothing()) } else { self.node(within) }
    }

    fn block_sequence(&mut self, start: Token) -> Parsed<Vec<usize>> {
        self.skip(start);
        let mut items = Vec::new();
        loop {
            let token = self.scanner.peek()?;
            match token.kind {
                Kind::BlockEntry => {
                    self.skip(token);
                    items.push(self.node_unless(&[Kind::BlockEntry, Kind::BlockEnd], Within::Block)?);
                }
                Kind::BlockEnd => {
                    self.scanner.skip();
                    return Ok(items);
                }
                _ => return fail(token, "did not find expected '-' indicator"),
            }
        }
    }

    fn indentless_sequence(&mut self) -> Parsed<Vec<usize>> {
        const ENDS: [Kind; 4] = [Kind::BlockEntry, Kind::Key, Kind::Value, Kind::BlockEnd];
        let mut items = Vec::new();
        while self.eat(Kind::BlockEntry)? {
            items.push(self.node_unless(&ENDS, Within::Block)?);
        }
        Ok(items)
    }

    fn block_mapping(&mut self, start: Token) -> Parsed<Vec<(usize, usize)>> {
        const ENDS: [Kind; 3] = [Kind::Key, Kind::Value, Kind::BlockEnd];
        self.skip(start);
        let mut pairs = Vec::new();
        loop {
            let token = self.scanner.peek()?;
            if token.kind == Kind::BlockEnd {
                self.scanner.skip();
                return Ok(pairs);
            }
            if !self.eat(Kind::Key)? {
                return fail(token, "did not find expected key");
            }
            let key = self.node_unless(&ENDS, Within::Mapping)?;
            pairs.push((key, self.value(&ENDS, Within::Mapping)?));
        }
    }

    /// What follows a key's colon, if there is one.
    fn value(&mut self, ends: &[Kind], within: Within) -> Parsed {
        if self.eat(Kind::Value)? { self.node_unless(ends, within) } else { Ok(self.nothing()) }
    }

    fn flow_sequence(&mut self, start: Token) -> Parsed<Vec<usize>> {
        use Kind::{FlowEntry, FlowSequenceEnd, Key, Value};
        self.skip(start);
        let mut items = Vec::new();
        while !self.eat(FlowSequenceEnd)? {
            let token = self.scanner.peek()?;
            if !items.is_empty() && !self.eat(FlowEntry)? {
                return fail(token, "did not find expected ',' or ']'");
            }
            if self.eat(Key)? {
                let pair = self.nothing();
                let key = if self.next_is(&[Value, FlowEntry, FlowSequenceEnd])? {
                    // go-yaml passes the token, whatever it is.
                    let token = self.scanner.peek()?;
                    self.skip(token);
                    self.nothing()
                } else {
                    self.node(Within::Flow)?
                };
                let value = self.value(&[FlowEntry, FlowSequenceEnd], Within::Flow)?;
                self.nodes[pair].end = self.passed;
                self.nodes[pair].form = Form::Map(vec![(key, value)]);
                items.push(pair);
            } else if !self.next_is(&[FlowSequenceEnd])? {
                items.push(self.node(Within::Flow)?);
            }
        }
        Ok(items)
    }

    fn flow_mapping(&mut self, start: Token) -> Parsed<Vec<(usize, usize)>> {
        use Kind::{FlowEntry, FlowMappingEnd, Key, Value};
        self.skip(start);
        let mut pairs = Vec::new();
        while !self.eat(FlowMappingEnd)? {
            let token = self.scanner.peek()?;
            if !pairs.is_empty() && !self.eat(FlowEntry)? {
                return fail(token, "did not find expected ',' or '}'");
            }
            if self.eat(Key)? {
                let key = self.node_unless(&[Value, FlowEntry, FlowMappingEnd], Within::Flow)?;
                pairs.push((key, self.value(&[FlowEntry, FlowMappingEnd], Within::Flow)?));
            } else if !self.next_is(&[FlowMappingEnd])? {
                let key = self.node(Within::Flow)?;
                pairs.push((key, self.nothing()));
            }
        }
        Ok(pairs)
    }
}
