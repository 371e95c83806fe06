//! Whether a document is YAML by go-yaml's rules, and if not, its words for it.
//!
//! Models go.yaml.in/yaml/v2/parserc.go

use std::collections::BTreeSet;

use super::MAX_DEPTH;
use super::scanner::{Kind, Problem, Scanner, Token, too_deep};

struct Grammar<'a> {
    text: &'a [char],
    scanner: Scanner<'a>,
    anchors: BTreeSet<&'a [char]>,
    handles: BTreeSet<String>,
    depth: usize,
}

/// Where a node stands: some forms are read in one place and not in another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Flow,
    Block,
    /// The value of a block mapping's key, whose sequence needs no indentation.
    Mapping,
}

type Checked<T = ()> = Result<T, Problem>;

/// Checks the first document of `text`; what follows it is not read.
///
/// # Errors
/// The first problem go-yaml would meet.
pub(super) fn check(text: &[char]) -> Result<(), Problem> {
    if let Some(at) = text.iter().position(|&c| !is_allowed(c)) {
        return Err(Problem { at, line: 0, text: "control characters are not allowed".to_owned() });
    }
    let handles = ["!", "!!"].map(str::to_owned).into();
    Grammar { text, scanner: Scanner::new(text), anchors: BTreeSet::new(), handles, depth: 0 }.document()
}

fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..)
}

/// A parser's problem: go-yaml prints the number of the line before it.
fn fail<T>(token: Token, text: &str) -> Checked<T> {
    Err(Problem { at: token.at, line: token.line, text: text.to_owned() })
}

impl<'a> Grammar<'a> {
    fn next_is(&mut self, kinds: &[Kind]) -> Checked<bool> {
        Ok(kinds.contains(&self.scanner.peek()?.kind))
    }

    /// Passes the next token if it is of this kind.
    fn eat(&mut self, kind: Kind) -> Checked<bool> {
        let found = self.next_is(&[kind])?;
        if found {
            self.scanner.skip();
        }
        Ok(found)
    }

    fn document(mut self) -> Checked {
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

    fn directives(&mut self) -> Checked {
        let mut versioned = false;
        loop {
            let token = self.scanner.peek()?;
            let words: String = self.text[token.at..token.end].iter().collect();
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
            self.scanner.skip();
        }
    }

    fn node(&mut self, within: Within) -> Checked {
        let first = self.scanner.peek()?;
        if first.kind == Kind::Alias {
            let name = &self.text[first.at + 1..first.end];
            if !self.anchors.contains(name) {
                let name: String = name.iter().collect();
                let text = format!("unknown anchor '{name}' referenced");
                return Err(Problem { at: first.at, line: 0, text });
            }
            self.scanner.skip();
            return Ok(());
        }
        if self.depth == MAX_DEPTH {
            return fail(first, &too_deep());
        }
        self.depth += 1;
        self.content(within)?;
        self.depth -= 1;
        Ok(())
    }

    fn content(&mut self, within: Within) -> Checked {
        let (anchor, tag) = self.properties()?;
        if let Some(anchor) = anchor {
            self.anchors.insert(&self.text[anchor.at + 1..anchor.end]);
        }
        let token = self.scanner.peek()?;
        match token.kind {
            Kind::BlockEntry if within == Within::Mapping => self.indentless_sequence(),
            Kind::Scalar => {
                self.scanner.skip();
                Ok(())
            }
            Kind::FlowSequenceStart => self.flow_sequence(),
            Kind::FlowMappingStart => self.flow_mapping(),
            Kind::SequenceStart if within != Within::Flow => self.block_sequence(),
            Kind::MappingStart if within != Within::Flow => self.block_mapping(),
            _ if anchor.is_some() || tag.is_some() => Ok(()),
            _ => fail(token, "did not find expected node content"),
        }
    }

    /// An anchor and a tag, in either order.
    fn properties(&mut self) -> Checked<(Option<Token>, Option<Token>)> {
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
            self.scanner.skip();
        }
    }

    fn known_handle(&self, tag: Token) -> Checked {
        let text: String = self.text[tag.at..tag.end].iter().collect();
        let named =
            text.get(1..).and_then(|rest| rest.split_once('!')).filter(|(name, _)| !name.starts_with('<'));
        match named {
            Some((name, _)) if !self.handles.contains(&format!("!{name}!")) => {
                fail(tag, "found undefined tag handle")
            }
            _ => Ok(()),
        }
    }

    fn block_sequence(&mut self) -> Checked {
        self.scanner.skip();
        loop {
            let token = self.scanner.peek()?;
            match token.kind {
                Kind::BlockEntry => {
                    self.scanner.skip();
                    if !self.next_is(&[Kind::BlockEntry, Kind::BlockEnd])? {
                        self.node(Within::Block)?;
                    }
                }
                Kind::BlockEnd => {
                    self.scanner.skip();
                    return Ok(());
                }
                _ => return fail(token, "did not find expected '-' indicator"),
            }
        }
    }

    fn indentless_sequence(&mut self) -> Checked {
        while self.eat(Kind::BlockEntry)? {
            if !self.next_is(&[Kind::BlockEntry, Kind::Key, Kind::Value, Kind::BlockEnd])? {
                self.node(Within::Block)?;
            }
        }
        Ok(())
    }

    fn block_mapping(&mut self) -> Checked {
        const EMPTY: [Kind; 3] = [Kind::Key, Kind::Value, Kind::BlockEnd];
        self.scanner.skip();
        loop {
            let token = self.scanner.peek()?;
            if self.eat(Kind::BlockEnd)? {
                return Ok(());
            }
            if !self.eat(Kind::Key)? {
                return fail(token, "did not find expected key");
            }
            if !self.next_is(&EMPTY)? {
                self.node(Within::Mapping)?;
            }
            if self.eat(Kind::Value)? && !self.next_is(&EMPTY)? {
                self.node(Within::Mapping)?;
            }
        }
    }

    fn flow_sequence(&mut self) -> Checked {
        use Kind::{FlowEntry, FlowSequenceEnd, Key, Value};
        self.scanner.skip();
        let mut first = true;
        while !self.next_is(&[FlowSequenceEnd])? {
            let token = self.scanner.peek()?;
            if !first && !self.eat(FlowEntry)? {
                return fail(token, "did not find expected ',' or ']'");
            }
            first = false;
            if self.eat(Key)? {
                if self.next_is(&[Value, FlowEntry, FlowSequenceEnd])? {
                    self.scanner.skip();
                } else {
                    self.node(Within::Flow)?;
                }
                if self.eat(Value)? && !self.next_is(&[FlowEntry, FlowSequenceEnd])? {
                    self.node(Within::Flow)?;
                }
            } else if !self.next_is(&[FlowSequenceEnd])? {
                self.node(Within::Flow)?;
            }
        }
        self.scanner.skip();
        Ok(())
    }

    fn flow_mapping(&mut self) -> Checked {
        use Kind::{FlowEntry, FlowMappingEnd, Key, Value};
        self.scanner.skip();
        let mut first = true;
        while !self.next_is(&[FlowMappingEnd])? {
            let token = self.scanner.peek()?;
            if !first && !self.eat(FlowEntry)? {
                return fail(token, "did not find expected ',' or '}'");
            }
            first = false;
            if self.eat(Key)? {
                if !self.next_is(&[Value, FlowEntry, FlowMappingEnd])? {
                    self.node(Within::Flow)?;
                }
                if self.eat(Value)? && !self.next_is(&[FlowEntry, FlowMappingEnd])? {
                    self.node(Within::Flow)?;
                }
            } else if !self.next_is(&[FlowMappingEnd])? {
                self.node(Within::Flow)?;
            }
        }
        self.scanner.skip();
        Ok(())
    }
}
