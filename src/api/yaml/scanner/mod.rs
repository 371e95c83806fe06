//! The tokens of a document as go-yaml sees them, and what it calls text that is none. A token is a range of the text:
//! what a scalar says is read from there when it is wanted.
//!
//! Models go.yaml.in/yaml/v2/scannerc.go

mod content;

use std::collections::VecDeque;

use super::MAX_DEPTH;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    StreamEnd,
    VersionDirective,
    TagDirective,
    DocumentStart,
    DocumentEnd,
    SequenceStart,
    MappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias,
    Anchor,
    Tag,
    Scalar,
}

/// A token and where it stands: `at` and `end` are indexes of characters, `line` counts from 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub kind: Kind,
    pub at: usize,
    pub end: usize,
    pub line: usize,
    /// Of a block scalar, the columns that are not part of its text.
    pub indent: usize,
}

/// Text that is no YAML. go-yaml names the line of a scanner's problem, but the one before a parser's.
#[derive(Debug)]
pub(super) struct Problem {
    pub at: usize,
    /// The number go-yaml prints; 0 for none.
    pub line: usize,
    pub text: String,
}

#[derive(Clone, Copy, Default)]
struct Mark {
    at: usize,
    line: usize,
    column: isize,
}

#[derive(Clone, Copy, Default)]
struct SimpleKey {
    possible: bool,
    required: bool,
    token: usize,
    mark: Mark,
}

pub(super) struct Scanner<'a> {
    text: &'a [char],
    mark: Mark,
    tokens: VecDeque<Token>,
    taken: usize,
    indents: Vec<isize>,
    indent: isize,
    flow: usize,
    key_allowed: bool,
    keys: Vec<SimpleKey>,
}

impl Token {
    fn new(kind: Kind, mark: Mark) -> Token {
        Token { kind, at: mark.at, end: mark.at, line: mark.line, indent: 0 }
    }
}

type Scan<T = ()> = Result<T, Problem>;

pub(super) fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

/// The end of the text reads as a zero character.
fn is_breakz(c: char) -> bool {
    c == '\0' || is_break(c)
}

fn is_blankz(c: char) -> bool {
    is_blank(c) || is_breakz(c)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a [char]) -> Self {
        Self {
            text,
            mark: Mark::default(),
            tokens: VecDeque::new(),
            taken: 0,
            indents: Vec::new(),
            indent: -1,
            flow: 0,
            key_allowed: true,
            keys: vec![SimpleKey::default()],
        }
    }

    /// The next token, which stays the next.
    pub fn peek(&mut self) -> Scan<Token> {
        loop {
            if let Some(&head) = self.tokens.front() {
                // Whether the head is a key shows only when its colon comes.
                let taken = self.taken;
                let awaited = self.keys.iter().position(|k| k.possible && k.token == taken);
                match awaited {
                    Some(i) if head.kind != Kind::StreamEnd && self.still_possible(i)? => {}
                    _ => return Ok(head),
                }
            }
            self.fetch()?;
        }
    }

    /// Passes the token that `peek` gave.
    pub fn skip(&mut self) {
        if self.tokens.front().is_some_and(|t| t.kind != Kind::StreamEnd) {
            self.tokens.pop_front();
            self.taken += 1;
        }
    }

    fn fail<T>(&self, text: &str) -> Scan<T> {
        let line = if self.mark.line == 0 { 0 } else { self.mark.line + 1 };
        Err(Problem { at: self.mark.at, line, text: text.to_owned() })
    }

    fn ahead(&self, n: usize) -> char {
        self.text.get(self.mark.at + n).copied().unwrap_or('\0')
    }

    fn c(&self) -> char {
        self.ahead(0)
    }

    fn advance(&mut self) {
        self.mark.at += 1;
        self.mark.column += 1;
    }

    fn advance_while(&mut self, wanted: fn(char) -> bool) {
        while wanted(self.c()) {
            self.advance();
        }
    }

    fn advance_line(&mut self) {
        self.mark.at += if self.c() == '\r' && self.ahead(1) == '\n' { 2 } else { 1 };
        self.mark.column = 0;
        self.mark.line += 1;
    }

    fn push(&mut self, kind: Kind, from: Mark) {
        self.tokens.push_back(Token { end: self.mark.at, ..Token::new(kind, from) });
    }

    fn at_document_indicator(&self, c: char) -> bool {
        self.mark.column == 0 && (0..3).all(|i| self.ahead(i) == c) && is_blankz(self.ahead(3))
    }

    fn fetch(&mut self) -> Scan {
        self.skip_to_token();
        self.unroll(self.mark.column);
        let (c, next) = (self.c(), self.ahead(1));
        let block = self.flow == 0;
        match c {
            '\0' => self.stream_end(),
            '%' if self.mark.column == 0 => self.directive(),
            '-' if self.at_document_indicator('-') => self.document_indicator(Kind::DocumentStart),
            '.' if self.at_document_indicator('.') => self.document_indicator(Kind::DocumentEnd),
            '[' => self.flow_start(Kind::FlowSequenceStart),
            '{' => self.flow_start(Kind::FlowMappingStart),
            ']' => self.flow_end(Kind::FlowSequenceEnd),
            '}' => self.flow_end(Kind::FlowMappingEnd),
            ',' => {
                self.forget_key()?;
                self.key_allowed = true;
                self.one(Kind::FlowEntry)
            }
            '-' if is_blankz(next) => self.block_entry(),
            '?' if !block || is_blankz(next) => self.explicit_key(),
            ':' if !block || is_blankz(next) => self.value(),
            '*' => self.anchor(Kind::Alias),
            '&' => self.anchor(Kind::Anchor),
            '!' => self.tag(),
            '|' | '>' if block => self.block_scalar(),
            '\'' | '"' => self.quoted(c),
            '-' | '?' | ':' => self.plain(),
            '#' | '|' | '>' | '%' | '@' | '`' | '\t' => {
                self.fail("found character that cannot start any token")
            }
            _ => self.plain(),
        }
    }

    fn one(&mut self, kind: Kind) -> Scan {
        let from = self.mark;
        self.advance();
        self.push(kind, from);
        Ok(())
    }

    fn skip_to_token(&mut self) {
        loop {
            while self.c() == ' ' || (self.c() == '\t' && (self.flow > 0 || !self.key_allowed)) {
                self.advance();
            }
            if self.c() == '#' {
                self.advance_while(|c| !is_breakz(c));
            }
            if !is_break(self.c()) {
                return;
            }
            self.advance_line();
            if self.flow == 0 {
                self.key_allowed = true;
            }
        }
    }

    fn still_possible(&mut self, i: usize) -> Scan<bool> {
        let key = self.keys[i];
        if key.possible && (key.mark.line < self.mark.line || key.mark.at + 1024 < self.mark.at) {
            if key.required {
                return self.fail("could not find expected ':'");
            }
            self.keys[i].possible = false;
        }
        Ok(self.keys[i].possible)
    }

    fn save_key(&mut self) -> Scan {
        if self.key_allowed {
            let required = self.flow == 0 && self.indent == self.mark.column;
            let token = self.taken + self.tokens.len();
            self.forget_key()?;
            *self.top_key() = SimpleKey { possible: true, required, token, mark: self.mark };
        }
        Ok(())
    }

    fn top_key(&mut self) -> &mut SimpleKey {
        if self.keys.is_empty() {
            self.keys.push(SimpleKey::default());
        }
        let last = self.keys.len() - 1;
        &mut self.keys[last]
    }

    fn forget_key(&mut self) -> Scan {
        let key = *self.top_key();
        if key.possible && key.required {
            return self.fail("could not find expected ':'");
        }
        self.top_key().possible = false;
        Ok(())
    }

    fn roll(&mut self, kind: Kind, mark: Mark, token: Option<usize>) -> Scan {
        if self.flow > 0 || self.indent >= mark.column {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = mark.column;
        if self.indents.len() > MAX_DEPTH {
            return self.fail(&too_deep());
        }
        let start = Token::new(kind, mark);
        let index = token.map_or(self.tokens.len(), |n| n - self.taken);
        self.tokens.insert(index, start);
        Ok(())
    }

    fn unroll(&mut self, column: isize) {
        while self.flow == 0 && self.indent > column {
            self.push(Kind::BlockEnd, self.mark);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    fn stream_end(&mut self) -> Scan {
        if self.mark.column != 0 {
            self.mark.column = 0;
            self.mark.line += 1;
        }
        self.unroll(-1);
        self.forget_key()?;
        self.key_allowed = false;
        self.push(Kind::StreamEnd, self.mark);
        Ok(())
    }

    fn document_indicator(&mut self, kind: Kind) -> Scan {
        self.unroll(-1);
        self.forget_key()?;
        self.key_allowed = false;
        let from = self.mark;
        (0..3).for_each(|_| self.advance());
        self.push(kind, from);
        Ok(())
    }

    fn flow_start(&mut self, kind: Kind) -> Scan {
        self.save_key()?;
        self.keys.push(SimpleKey::default());
        self.flow += 1;
        if self.flow > MAX_DEPTH {
            return self.fail(&too_deep());
        }
        self.key_allowed = true;
        self.one(kind)
    }

    fn flow_end(&mut self, kind: Kind) -> Scan {
        self.forget_key()?;
        if self.flow > 0 {
            self.flow -= 1;
            self.keys.pop();
        }
        self.key_allowed = false;
        self.one(kind)
    }

    fn block_entry(&mut self) -> Scan {
        if self.flow == 0 {
            if !self.key_allowed {
                return self.fail("block sequence entries are not allowed in this context");
            }
            self.roll(Kind::SequenceStart, self.mark, None)?;
        }
        self.forget_key()?;
        self.key_allowed = true;
        self.one(Kind::BlockEntry)
    }

    fn explicit_key(&mut self) -> Scan {
        if self.flow == 0 {
            if !self.key_allowed {
                return self.fail("mapping keys are not allowed in this context");
            }
            self.roll(Kind::MappingStart, self.mark, None)?;
        }
        self.forget_key()?;
        self.key_allowed = self.flow == 0;
        self.one(Kind::Key)
    }

    fn value(&mut self) -> Scan {
        self.top_key();
        let top = self.keys.len() - 1;
        if self.still_possible(top)? {
            let SimpleKey { token, mark, .. } = self.keys[top];
            let key = Token::new(Kind::Key, mark);
            self.tokens.insert(token - self.taken, key);
            self.roll(Kind::MappingStart, mark, Some(token))?;
            self.keys[top].possible = false;
            self.key_allowed = false;
        } else {
            if self.flow == 0 {
                if !self.key_allowed {
                    return self.fail("mapping values are not allowed in this context");
                }
                self.roll(Kind::MappingStart, self.mark, None)?;
            }
            self.key_allowed = self.flow == 0;
        }
        self.one(Kind::Value)
    }

    fn anchor(&mut self, kind: Kind) -> Scan {
        self.save_key()?;
        self.key_allowed = false;
        let from = self.mark;
        self.advance();
        let name = self.mark.at;
        self.advance_while(is_word);
        let closed = is_blankz(self.c()) || "?:,]}%@`".contains(self.c());
        if self.mark.at == name || !closed {
            return self.fail("did not find expected alphabetic or numeric character");
        }
        self.push(kind, from);
        Ok(())
    }
}

pub(super) fn too_deep() -> String {
    format!("exceeded max depth of {MAX_DEPTH}")
}
