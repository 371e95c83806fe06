//! The parser: recursive descent over the text, one complete command at a time, as a shell reads.

use std::sync::Arc;

use super::Flavour;
use super::ast::*;

/// Deepest nesting that is parsed.
const MAX_DEPTH: u32 = 60;

/// Why a text is no script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// More input could complete it; what was looked for.
    Incomplete(String),
    /// The text that must not stand there.
    Unexpected(String, Option<&'static str>),
    Other(String),
}

impl std::fmt::Display for ParseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ParseError::Incomplete(what) if what.starts_with('"') => {
                write!(f, "syntax error: unexpected end of file (expecting {what})")
            }
            ParseError::Incomplete(what) if what.is_empty() => {
                f.write_str("syntax error: unexpected end of file")
            }
            ParseError::Incomplete(what) => write!(f, "syntax error: {what}"),
            ParseError::Unexpected(what, None) => write!(f, "syntax error: unexpected {what}"),
            ParseError::Unexpected(what, Some(wanted)) => {
                write!(f, "syntax error: unexpected {what} (expecting \"{wanted}\")")
            }
            ParseError::Other(what) => write!(f, "syntax error: {what}"),
        }
    }
}

type Parse<T> = Result<T, ParseError>;

/// Reads a script from `pos` on.
pub struct Parser<'a> {
    src: &'a str,
    pub pos: usize,
    flavour: Flavour,
    /// Where the line after the here-documents of this line begins.
    after_here: Option<usize>,
    depth: u32,
}

/// Where a run of word parts ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// At a character that ends words.
    Word,
    /// At `"`.
    DoubleQuote,
    /// At `}`; quoting inside double quotes differs.
    Brace { quoted: bool },
    /// At `}` or `/`.
    Slash { quoted: bool },
    /// At `}` or `:`.
    Colon,
    /// At `))`.
    Arithmetic,
    /// At `]`.
    Bracket,
    /// At the end of the text: a here-document.
    Text,
}

impl End {
    fn quoted(self) -> bool {
        match self {
            End::DoubleQuote | End::Arithmetic | End::Text | End::Colon | End::Bracket => true,
            End::Brace { quoted } | End::Slash { quoted } => quoted,
            End::Word => false,
        }
    }
}

const RESERVED_END: &[&str] = &["then", "else", "elif", "fi", "do", "done", "esac", "}"];

/// Whether a text can be a variable's name.
pub fn is_name(text: &str) -> bool {
    text.bytes()
        .enumerate()
        .all(|(i, b)| b == b'_' || b.is_ascii_alphabetic() || (i > 0 && b.is_ascii_digit()))
        && !text.is_empty()
}

fn ends_word(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
}

impl<'a> Parser<'a> {
    pub fn new(src: &'a str, pos: usize, flavour: Flavour) -> Parser<'a> {
        Parser { src, pos, flavour, after_here: None, depth: 0 }
    }

    /// The next line's commands; `None` at the end.
    pub fn next_commands(&mut self) -> Parse<Option<List>> {
        self.newlines();
        if self.pos >= self.src.len() {
            return Ok(None);
        }
        let mut items = Vec::new();
        loop {
            let and_or = Arc::new(self.and_or()?);
            let (separator, ended) = self.separator();
            items.push(Item { and_or, background: separator == Some(b'&') });
            if ended || separator.is_none() {
                break;
            }
            self.blanks();
            if self.pos >= self.src.len() || self.peek() == Some(b'\n') {
                self.newline();
                break;
            }
        }
        self.blanks();
        match self.peek() {
            Some(b) if items_unfinished(b) => Err(self.unexpected(None)),
            _ => Ok(Some(items.into())),
        }
    }

    /// `;`, `&` or a line's end; whether the line has ended.
    fn separator(&mut self) -> (Option<u8>, bool) {
        self.blanks();
        match self.peek() {
            Some(b'\n') => {
                self.newline();
                (None, true)
            }
            Some(b';') if !self.at(";;") => {
                self.pos += 1;
                (Some(b';'), false)
            }
            Some(b'&') if !self.at("&&") => {
                self.pos += 1;
                (Some(b'&'), false)
            }
            _ => (None, false),
        }
    }

    fn list(&mut self, wanted: &'static str) -> Parse<List> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(ParseError::Other("nested too deeply".into()));
        }
        let mut items = Vec::new();
        loop {
            self.newlines();
            if self.list_ends() {
                break;
            }
            let and_or = Arc::new(self.and_or()?);
            let (separator, ended) = self.separator();
            items.push(Item { and_or, background: separator == Some(b'&') });
            if separator.is_none() && !ended {
                self.newlines();
                if !self.list_ends() {
                    return Err(self.unexpected(Some(wanted)));
                }
                break;
            }
        }
        self.depth -= 1;
        if items.is_empty() && wanted != ")" && wanted != ";;" {
            let wanted = (self.pos >= self.src.len()).then_some(wanted);
            return Err(self.unexpected(wanted));
        }
        Ok(items.into())
    }

    fn list_ends(&mut self) -> bool {
        match self.peek() {
            None | Some(b')') => true,
            Some(b';') => self.at(";;"),
            _ => self.reserved().is_some_and(|word| RESERVED_END.contains(&word)),
        }
    }

    fn and_or(&mut self) -> Parse<AndOr> {
        let first = Arc::new(self.pipeline()?);
        let mut rest = Vec::new();
        loop {
            self.blanks();
            let link = match (self.at("&&"), self.at("||")) {
                (true, _) => Link::And,
                (_, true) => Link::Or,
                _ => return Ok(AndOr { first, rest }),
            };
            self.pos += 2;
            self.newlines();
            rest.push((link, Arc::new(self.pipeline()?)));
        }
    }

    fn pipeline(&mut self) -> Parse<Pipeline> {
        let mut negated = false;
        self.blanks();
        while self.reserved() == Some("!") {
            self.pos += 1;
            negated = !negated;
            self.blanks();
        }
        let mut commands = vec![Arc::new(self.command()?)];
        loop {
            self.blanks();
            if self.peek() != Some(b'|') || self.at("||") {
                return Ok(Pipeline { negated, commands });
            }
            self.pos += 1;
            if self.peek() == Some(b'&') {
                self.pos += 1;
                let last = commands.pop().map(with_stderr);
                commands.extend(last.flatten());
            }
            self.newlines();
            commands.push(Arc::new(self.command()?));
        }
    }

    fn command(&mut self) -> Parse<Command> {
        self.blanks();
        if let Some(compound) = self.compound()? {
            let mut redirects = Vec::new();
            while let Some(redirect) = self.redirect()? {
                redirects.extend(redirect);
            }
            return Ok(Command::Compound(compound, redirects));
        }
        if let Some(name) = self.function_name() {
            self.newlines();
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                return Err(ParseError::Other("nested too deeply".into()));
            }
            let body = self.command()?;
            self.depth -= 1;
            return Ok(Command::Function(name, Arc::new(body)));
        }
        self.simple().map(Command::Simple)
    }

    fn compound(&mut self) -> Parse<Option<Compound>> {
        if self.at("((") {
            self.pos += 2;
            let word = self.parts(End::Arithmetic)?;
            return Ok(Some(Compound::Arithmetic(Word(word))));
        }
        if self.peek() == Some(b'(') {
            self.pos += 1;
            let list = self.list(")")?;
            self.expect(")")?;
            return Ok(Some(Compound::Subshell(list)));
        }
        let Some(word) = self.reserved() else {
            return Ok(None);
        };
        let compound = match word {
            "{" => {
                self.pos += 1;
                let list = self.list("}")?;
                self.expect("}")?;
                Compound::Group(list)
            }
            "if" => self.if_clause()?,
            "while" | "until" => {
                self.pos += 5;
                let condition = self.list("do")?;
                let body = self.do_group()?;
                Compound::Loop { until: word == "until", condition, body }
            }
            "for" => self.for_clause()?,
            "case" => self.case_clause()?,
            "[[" => self.test_clause()?,
            word if RESERVED_END.contains(&word) => return Err(self.unexpected(None)),
            _ => return Ok(None),
        };
        Ok(Some(compound))
    }

    fn if_clause(&mut self) -> Parse<Compound> {
        self.pos += 2;
        let mut branches = Vec::new();
        loop {
            let condition = self.list("then")?;
            self.expect("then")?;
            let body = self.list("fi")?;
            branches.push((condition, body));
            match self.reserved() {
                Some("elif") => self.pos += 4,
                Some("else") => {
                    self.pos += 4;
                    let body = self.list("fi")?;
                    self.expect("fi")?;
                    return Ok(Compound::If(branches, Some(body)));
                }
                _ => {
                    self.expect("fi")?;
                    return Ok(Compound::If(branches, None));
                }
            }
        }
    }

    fn do_group(&mut self) -> Parse<List> {
        self.expect("do")?;
        let body = self.list("done")?;
        self.expect("done")?;
        Ok(body)
    }

    fn for_clause(&mut self) -> Parse<Compound> {
        self.pos += 3;
        self.blanks();
        if self.at("((") {
            return Err(ParseError::Other("bad for loop variable".into()));
        }
        let name = self.word()?.and_then(|w| w.literal().map(str::to_owned)).filter(|n| is_name(n));
        let name = name.ok_or_else(|| ParseError::Other("bad for loop variable".into()))?;
        self.newlines();
        let mut words = None;
        if self.reserved() == Some("in") {
            self.pos += 2;
            let mut list = Vec::new();
            while let Some(word) = self.word()? {
                list.push(word);
            }
            words = Some(list);
        }
        self.blanks();
        if self.peek() == Some(b';') {
            self.pos += 1;
        }
        self.newlines();
        let body = self.do_group()?;
        Ok(Compound::For { name, words, body })
    }

    fn case_clause(&mut self) -> Parse<Compound> {
        self.pos += 4;
        let word = self.word()?.ok_or_else(|| self.unexpected(None))?;
        self.newlines();
        self.expect("in")?;
        let mut arms = Vec::new();
        loop {
            self.newlines();
            if self.reserved() == Some("esac") {
                self.pos += 4;
                return Ok(Compound::Case { word, arms });
            }
            if self.peek() == Some(b'(') {
                self.pos += 1;
            }
            let mut patterns = Vec::new();
            loop {
                patterns.push(self.word()?.ok_or_else(|| self.unexpected(Some(")")))?);
                self.blanks();
                if self.peek() != Some(b'|') {
                    break;
                }
                self.pos += 1;
            }
            self.expect(")")?;
            let body = self.list(";;")?;
            self.newlines();
            if self.at(";;") {
                self.pos += 2;
            } else if self.reserved() != Some("esac") {
                return Err(self.unexpected(Some(";;")));
            }
            arms.push(Arm { patterns, body });
        }
    }

    /// `[[ … ]]`: operators of the shell are plain words here.
    fn test_clause(&mut self) -> Parse<Compound> {
        self.pos += 2;
        let mut words = Vec::new();
        loop {
            self.newlines();
            if self.reserved() == Some("]]") {
                self.pos += 2;
                return Ok(Compound::Test(words));
            }
            let operator = ["&&", "||", "(", ")", "<", ">"].into_iter().find(|op| self.at(op));
            if let Some(operator) = operator {
                self.pos += operator.len();
                words.push(Word(vec![Part::Plain(operator.to_owned())]));
                continue;
            }
            let word = self.word()?.ok_or_else(|| self.unexpected(Some("]]")))?;
            words.push(word);
        }
    }

    fn function_name(&mut self) -> Option<String> {
        let rest = &self.src[self.pos..];
        let (rest, keyword) = match rest.strip_prefix("function ") {
            Some(rest) => (rest.trim_start_matches([' ', '\t']), true),
            None => (rest, false),
        };
        let len = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')))
            .unwrap_or(rest.len());
        let name = &rest[..len];
        if name.is_empty() || name.as_bytes()[0].is_ascii_digit() {
            return None;
        }
        let after = rest[len..].trim_start_matches([' ', '\t']);
        let closed = after
            .strip_prefix('(')
            .map(|a| a.trim_start_matches([' ', '\t']))
            .and_then(|a| a.strip_prefix(')'));
        let end = match closed {
            Some(after) => after,
            None if keyword => after,
            None => return None,
        };
        self.pos = self.src.len() - end.len();
        Some(name.to_owned())
    }

    fn simple(&mut self) -> Parse<Simple> {
        let line = self.src[..self.pos].matches('\n').count() as u32;
        let mut simple = Simple { line, ..Simple::default() };
        loop {
            if let Some(redirects) = self.redirect()? {
                simple.redirects.extend(redirects);
            } else if let Some(assignment) = self.assignment(simple.words.is_empty())? {
                simple.assignments.push(assignment);
            } else if let Some(word) = self.word()? {
                simple.words.push(word);
            } else {
                break;
            }
        }
        if simple.words.is_empty() && simple.assignments.is_empty() && simple.redirects.is_empty() {
            return Err(self.unexpected(None));
        }
        Ok(simple)
    }

    fn assignment(&mut self, allowed: bool) -> Parse<Option<Assignment>> {
        self.blanks();
        let rest = &self.src[self.pos..];
        let len = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let name = &rest[..len];
        if !allowed || !is_name(name) {
            return Ok(None);
        }
        let start = self.pos;
        self.pos += len;
        let mut index = None;
        if self.peek() == Some(b'[') {
            self.pos += 1;
            match self.parts(End::Bracket) {
                Ok(parts) => index = Some(Word(parts)),
                Err(_) => {
                    self.pos = start;
                    return Ok(None);
                }
            }
        }
        let append = self.at("+=");
        if !append && self.peek() != Some(b'=') {
            self.pos = start;
            return Ok(None);
        }
        self.pos += if append { 2 } else { 1 };
        let value = if self.peek() == Some(b'(') && self.flavour == Flavour::Bash {
            self.pos += 1;
            let mut words = Vec::new();
            loop {
                self.newlines();
                match self.word()? {
                    Some(word) => words.push(word),
                    None => break,
                }
            }
            self.expect(")")?;
            Value::Array(words)
        } else {
            Value::Word(Word(self.parts(End::Word)?))
        };
        Ok(Some(Assignment { name: name.to_owned(), append, index, value }))
    }

    fn redirect(&mut self) -> Parse<Option<Vec<Redirect>>> {
        self.blanks();
        let rest = &self.src[self.pos..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let both = ["&>>", "&>"].into_iter().find(|op| rest.starts_with(op));
        if let Some(op) = both {
            self.pos += op.len();
            let target = self.redirect_word()?;
            let op = if op == "&>" { RedirectOp::Both } else { RedirectOp::BothAppend };
            return Ok(Some(vec![Redirect { fd: 1, op, target }]));
        }
        if !rest[digits..].starts_with(['<', '>']) || digits > 4 {
            return Ok(None);
        }
        let fd = rest[..digits].parse().ok();
        self.pos += digits;
        const OPS: &[(&str, RedirectOp, u32)] = &[
            ("<<<", RedirectOp::Text, 0),
            ("<<-", RedirectOp::Text, 0),
            ("<<", RedirectOp::Text, 0),
            ("<>", RedirectOp::ReadWrite, 0),
            ("<&", RedirectOp::Duplicate, 0),
            ("<", RedirectOp::Read, 0),
            (">>", RedirectOp::Append, 1),
            (">&", RedirectOp::Duplicate, 1),
            (">|", RedirectOp::Write, 1),
            (">", RedirectOp::Write, 1),
        ];
        let Some((text, op, default)) = OPS.iter().find(|(text, ..)| self.at(text)) else {
            return Ok(None);
        };
        if *text == "<<<" && self.flavour != Flavour::Bash {
            return Err(ParseError::Unexpected("redirection".into(), None));
        }
        self.pos += text.len();
        let mut op = *op;
        let target = match *text {
            "<<" | "<<-" => self.here_document(*text == "<<-")?,
            _ => self.redirect_word()?,
        };
        let mut target = target;
        if *text == "<<<" {
            target.0.push(Part::Quoted("\n".into()));
        }
        let is_fd = target.literal().is_some_and(|t| t == "-" || t.bytes().all(|b| b.is_ascii_digit()));
        if *text == ">&" && fd.is_none() && target.literal().is_some() && !is_fd {
            op = RedirectOp::Both;
        }
        Ok(Some(vec![Redirect { fd: fd.unwrap_or(*default), op, target }]))
    }

    fn redirect_word(&mut self) -> Parse<Word> {
        self.word()?.ok_or_else(|| self.unexpected(None))
    }

    /// Takes the body from the lines below; the rest of this line is parsed on.
    fn here_document(&mut self, strip_tabs: bool) -> Parse<Word> {
        let word = self.redirect_word()?;
        let quoted = word.literal().is_none();
        let mut delimiter = String::new();
        flatten(&word.0, &mut delimiter);
        let start = match self.after_here {
            Some(at) => at,
            None => match self.src[self.pos..].find('\n') {
                Some(at) => self.pos + at + 1,
                None => return Err(ParseError::Incomplete(String::new())),
            },
        };
        let mut body = String::new();
        let mut at = start;
        loop {
            if at >= self.src.len() {
                return Err(ParseError::Incomplete(String::new()));
            }
            let end = self.src[at..].find('\n').map_or(self.src.len(), |n| at + n);
            let line = &self.src[at..end];
            let line = if strip_tabs { line.trim_start_matches('\t') } else { line };
            at = (end + 1).min(self.src.len());
            if line == delimiter {
                break;
            }
            body.push_str(line);
            body.push('\n');
        }
        self.after_here = Some(at);
        if quoted {
            return Ok(Word(vec![Part::Quoted(body)]));
        }
        let mut inner =
            Parser { src: &body, pos: 0, flavour: self.flavour, after_here: None, depth: self.depth };
        Ok(Word(vec![Part::Double(inner.parts(End::Text)?)]))
    }

    /// The next word, if one stands here.
    fn word(&mut self) -> Parse<Option<Word>> {
        self.blanks();
        match self.peek() {
            None => Ok(None),
            Some(b) if ends_word(b) => Ok(None),
            Some(_) => Ok(Some(Word(self.parts(End::Word)?))),
        }
    }

    fn parts(&mut self, end: End) -> Parse<Vec<Part>> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(ParseError::Other("nested too deeply".into()));
        }
        let parts = self.parts_inner(end);
        self.depth -= 1;
        parts
    }

    fn parts_inner(&mut self, end: End) -> Parse<Vec<Part>> {
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut parens = 0u32;
        loop {
            let Some(b) = self.peek() else {
                return self.end_of_text(end, parts, text);
            };
            if self.part_ends(end, b, &mut parens) {
                flush(&mut parts, &mut text, end.quoted());
                return Ok(parts);
            }
            match b {
                b'\\' => self.backslash(end, &mut parts, &mut text),
                b'\'' if !end.quoted() => {
                    flush(&mut parts, &mut text, false);
                    parts.push(Part::Quoted(self.single_quoted()?));
                }
                b'"' if end != End::DoubleQuote && end != End::Text => {
                    flush(&mut parts, &mut text, end.quoted());
                    self.pos += 1;
                    parts.push(Part::Double(self.parts(End::DoubleQuote)?));
                }
                b'$' => match self.dollar(end.quoted())? {
                    Some(part) => {
                        flush(&mut parts, &mut text, end.quoted());
                        parts.push(part);
                    }
                    None => {
                        text.push('$');
                        self.pos += 1;
                    }
                },
                b'`' => {
                    flush(&mut parts, &mut text, end.quoted());
                    parts.push(self.backquoted(end == End::DoubleQuote)?);
                }
                b'~' if self.tilde_here(end, &parts, &text) => {
                    flush(&mut parts, &mut text, false);
                    parts.push(self.tilde());
                }
                _ => {
                    let c = self.src[self.pos..].chars().next().unwrap_or('\0');
                    text.push(c);
                    self.pos += c.len_utf8();
                }
            }
        }
    }

    fn end_of_text(&self, end: End, mut parts: Vec<Part>, mut text: String) -> Parse<Vec<Part>> {
        match end {
            End::Word | End::Text => {
                flush(&mut parts, &mut text, end.quoted());
                Ok(parts)
            }
            End::DoubleQuote => Err(ParseError::Incomplete("unterminated quoted string".into())),
            End::Arithmetic => Err(ParseError::Incomplete("\"))\"".into())),
            _ => Err(ParseError::Incomplete("\"}\"".into())),
        }
    }

    /// Whether the run ends at `b`; what ends it is taken, but for words and `/`, `:`.
    fn part_ends(&mut self, end: End, b: u8, parens: &mut u32) -> bool {
        match (end, b) {
            (End::Word, b) => ends_word(b),
            (End::DoubleQuote, b'"') | (End::Brace { .. } | End::Slash { .. } | End::Colon, b'}') => {
                self.pos += usize::from(!matches!(end, End::Slash { .. } | End::Colon));
                true
            }
            (End::Slash { .. }, b'/') | (End::Colon, b':') => true,
            (End::Bracket, b']') => {
                self.pos += 1;
                true
            }
            (End::Arithmetic, b'(') => {
                *parens += 1;
                false
            }
            (End::Arithmetic, b')') if *parens > 0 => {
                *parens -= 1;
                false
            }
            (End::Arithmetic, b')') if self.at("))") => {
                self.pos += 2;
                true
            }
            _ => false,
        }
    }

    fn backslash(&mut self, end: End, parts: &mut Vec<Part>, text: &mut String) {
        self.pos += 1;
        let Some(c) = self.src[self.pos..].chars().next() else {
            text.push('\\');
            return;
        };
        self.pos += c.len_utf8();
        if c == '\n' {
            return;
        }
        let special = matches!(c, '$' | '`' | '\\')
            || (c == '"' && end != End::Text)
            || (c == '}' && end != End::DoubleQuote);
        if !end.quoted() {
            flush(parts, text, false);
            parts.push(Part::Quoted(c.to_string()));
        } else if special {
            text.push(c);
        } else {
            text.push('\\');
            text.push(c);
        }
    }

    fn single_quoted(&mut self) -> Parse<String> {
        self.pos += 1;
        let rest = &self.src[self.pos..];
        let Some(len) = rest.find('\'') else {
            return Err(ParseError::Incomplete("unterminated quoted string".into()));
        };
        self.pos += len + 1;
        Ok(rest[..len].to_owned())
    }

    fn tilde_here(&self, end: End, parts: &[Part], text: &str) -> bool {
        let assigns = text.strip_suffix('=').is_some_and(is_name);
        let starts = parts.is_empty() && (text.is_empty() || assigns);
        end == End::Word && starts
    }

    fn tilde(&mut self) -> Part {
        self.pos += 1;
        let rest = &self.src[self.pos..];
        let len =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))).unwrap_or(rest.len());
        self.pos += len;
        Part::Tilde(rest[..len].to_owned())
    }

    fn backquoted(&mut self, in_double: bool) -> Parse<Part> {
        self.pos += 1;
        let mut inner = String::new();
        loop {
            let Some(c) = self.src[self.pos..].chars().next() else {
                return Err(ParseError::Incomplete("EOF in backquote substitution".into()));
            };
            self.pos += c.len_utf8();
            match c {
                '`' => break,
                '\\' => {
                    let next = self.src[self.pos..].chars().next().unwrap_or('\\');
                    self.pos += next.len_utf8().min(self.src.len() - self.pos);
                    if !(matches!(next, '`' | '\\' | '$') || (in_double && next == '"')) {
                        inner.push('\\');
                    }
                    inner.push(next);
                }
                c => inner.push(c),
            }
        }
        let mut parser =
            Parser { src: &inner, pos: 0, flavour: self.flavour, after_here: None, depth: self.depth };
        let list = parser.list(")")?;
        if parser.pos < inner.len() {
            return Err(parser.unexpected(None));
        }
        Ok(Part::Command(list))
    }

    /// What a dollar begins; `None` when it stands for itself.
    fn dollar(&mut self, quoted: bool) -> Parse<Option<Part>> {
        let rest = &self.src[self.pos + 1..];
        let Some(c) = rest.chars().next() else {
            return Ok(None);
        };
        match c {
            '(' if rest.starts_with("((") => {
                let start = self.pos;
                self.pos += 3;
                if let Ok(parts) = self.parts(End::Arithmetic) {
                    return Ok(Some(Part::Arithmetic(Word(parts))));
                }
                self.pos = start + 2;
                self.substitution().map(Some)
            }
            '(' => {
                self.pos += 2;
                self.substitution().map(Some)
            }
            '{' => {
                self.pos += 2;
                self.braced(quoted).map(Some)
            }
            '\'' if !quoted => {
                self.pos += 2;
                let start = self.pos;
                let bytes = self.src.as_bytes();
                while self.pos < bytes.len() && bytes[self.pos] != b'\'' {
                    self.pos += if bytes[self.pos] == b'\\' { 2 } else { 1 };
                }
                if self.pos >= bytes.len() {
                    self.pos = bytes.len();
                    return Err(ParseError::Incomplete("unterminated quoted string".into()));
                }
                let text =
                    super::escape::unescape(&self.src[start..self.pos], super::escape::Style::Quote).text();
                self.pos += 1;
                Ok(Some(Part::Quoted(text)))
            }
            c if c == '_' || c.is_ascii_alphabetic() => {
                let len = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
                let name = rest[..len].to_owned();
                self.pos += 1 + len;
                Ok(Some(plain(name)))
            }
            c if c.is_ascii_digit() || "@*#?-$!".contains(c) => {
                self.pos += 2;
                Ok(Some(plain(c.to_string())))
            }
            _ => Ok(None),
        }
    }

    fn substitution(&mut self) -> Parse<Part> {
        let here = self.after_here.take();
        let list = self.list(")")?;
        self.expect(")")?;
        self.after_here = here;
        Ok(Part::Command(list))
    }

    /// After `${`.
    fn braced(&mut self, quoted: bool) -> Parse<Part> {
        let bytes = self.src.as_bytes();
        let start = self.pos;
        let at = |i: usize| bytes.get(i).copied().unwrap_or(0);
        if at(self.pos) == b'#' && !matches!(at(self.pos + 1), b'}' | b'#' | b'%' | b':' | b'=' | b'+') {
            self.pos += 1;
            let (name, index) = self.parameter_name()?;
            return self.close_brace(start, Parameter { name, index, op: ParameterOp::Length });
        }
        if at(self.pos) == b'!' && (at(self.pos + 1) == b'_' || at(self.pos + 1).is_ascii_alphabetic()) {
            self.pos += 1;
            let (name, index) = self.parameter_name()?;
            return self.close_brace(start, Parameter { name, index, op: ParameterOp::Indirect });
        }
        let (name, index) = self.parameter_name()?;
        if name.is_empty() {
            return self.bad_braces(start);
        }
        let end = End::Brace { quoted };
        let colon = self.peek() == Some(b':');
        let op_at = self.pos + usize::from(colon);
        let op = at(op_at);
        if matches!(op, b'-' | b'=' | b'?' | b'+') {
            self.pos = op_at + 1;
            let word = Word(self.parts(end)?);
            let op = match op {
                b'-' => ParameterOp::Default { colon, word },
                b'=' => ParameterOp::Assign { colon, word },
                b'?' => ParameterOp::Error { colon, word },
                _ => ParameterOp::Alternative { colon, word },
            };
            return Ok(Part::Parameter(Box::new(Parameter { name, index, op })));
        }
        let op = match self.peek() {
            Some(b':') => {
                self.pos += 1;
                let offset = Word(self.parts(End::Colon)?);
                let mut length = None;
                if self.peek() == Some(b':') {
                    self.pos += 1;
                    length = Some(Word(self.parts(End::Colon)?));
                }
                ParameterOp::Substring { offset, length }
            }
            Some(op @ (b'#' | b'%')) => {
                self.pos += 1;
                let longest = self.peek() == Some(op);
                self.pos += usize::from(longest);
                let pattern = Word(self.parts(End::Brace { quoted: false })?);
                let op = if op == b'#' {
                    ParameterOp::RemovePrefix { longest, pattern }
                } else {
                    ParameterOp::RemoveSuffix { longest, pattern }
                };
                return Ok(Part::Parameter(Box::new(Parameter { name, index, op })));
            }
            Some(b'/') => {
                self.pos += 1;
                let all = self.peek() == Some(b'/');
                self.pos += usize::from(all);
                let pattern = Word(self.parts(End::Slash { quoted: false })?);
                let mut with = Word::default();
                if self.peek() == Some(b'/') {
                    self.pos += 1;
                    with = Word(self.parts(end)?);
                    self.pos -= 1;
                }
                ParameterOp::Replace { all, pattern, with }
            }
            Some(op @ (b'^' | b',')) => {
                self.pos += 1;
                let all = self.peek() == Some(op);
                self.pos += usize::from(all);
                ParameterOp::Case { upper: op == b'^', all }
            }
            _ => ParameterOp::Plain,
        };
        self.close_brace(start, Parameter { name, index, op })
    }

    fn close_brace(&mut self, start: usize, parameter: Parameter) -> Parse<Part> {
        if self.peek() != Some(b'}') {
            return self.bad_braces(start);
        }
        self.pos += 1;
        Ok(Part::Parameter(Box::new(parameter)))
    }

    fn bad_braces(&mut self, start: usize) -> Parse<Part> {
        let Some(len) = self.src[start..].find('}') else {
            self.pos = self.src.len();
            return Err(ParseError::Incomplete("\"}\"".into()));
        };
        self.pos = start + len + 1;
        Ok(Part::Parameter(Box::new(Parameter { name: String::new(), index: None, op: ParameterOp::Bad })))
    }

    fn parameter_name(&mut self) -> Parse<(String, Option<Word>)> {
        let rest = &self.src[self.pos..];
        let len = match rest.bytes().next() {
            Some(b) if b.is_ascii_digit() => rest.bytes().take_while(u8::is_ascii_digit).count(),
            Some(b'_' | b'a'..=b'z' | b'A'..=b'Z') => {
                rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len())
            }
            Some(b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!') => 1,
            _ => 0,
        };
        let name = rest[..len].to_owned();
        self.pos += len;
        let mut index = None;
        if is_name(&name) && self.peek() == Some(b'[') {
            self.pos += 1;
            index = Some(Word(self.parts(End::Bracket)?));
        }
        Ok((name, index))
    }

    /// The word here if it is unquoted and could be a reserved one.
    fn reserved(&mut self) -> Option<&'a str> {
        self.blanks();
        let rest = &self.src[self.pos..];
        let len = rest.bytes().position(ends_word).unwrap_or(rest.len());
        let word = &rest[..len];
        const WORDS: &[&str] = &[
            "if", "then", "else", "elif", "fi", "while", "until", "do", "done", "for", "in", "case", "esac",
            "{", "}", "!", "[[", "]]",
        ];
        WORDS.contains(&word).then_some(word)
    }

    fn expect(&mut self, wanted: &'static str) -> Parse<()> {
        self.newlines();
        let found = if wanted == ")" { self.peek() == Some(b')') } else { self.reserved() == Some(wanted) };
        if !found {
            return Err(self.unexpected(Some(wanted)));
        }
        self.pos += wanted.len();
        Ok(())
    }

    fn unexpected(&mut self, wanted: Option<&'static str>) -> ParseError {
        self.blanks();
        let rest = &self.src[self.pos..];
        let Some(first) = rest.bytes().next() else {
            return ParseError::Incomplete(wanted.map(|w| format!("{w:?}")).unwrap_or_default());
        };
        let token = match first {
            b'\n' => return ParseError::Unexpected("newline".into(), wanted),
            _ => ["&&", "||", ";;", "<<", ">>", ";", "&", "|", "(", ")", "<", ">"]
                .into_iter()
                .find(|op| rest.starts_with(op)),
        };
        let word = token.unwrap_or_else(|| &rest[..rest.bytes().position(ends_word).unwrap_or(rest.len())]);
        let known = token.is_some() || self.reserved().is_some();
        ParseError::Unexpected(if known { format!("\"{word}\"") } else { "word".into() }, wanted)
    }

    fn peek(&self) -> Option<u8> {
        self.src.as_bytes().get(self.pos).copied()
    }

    fn at(&self, text: &str) -> bool {
        self.src.as_bytes()[self.pos..].starts_with(text.as_bytes())
    }

    fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r') => self.pos += 1,
                Some(b'\\') if self.at("\\\n") => self.pos += 2,
                Some(b'#') => {
                    let rest = &self.src[self.pos..];
                    self.pos += rest.find('\n').unwrap_or(rest.len());
                }
                _ => return,
            }
        }
    }

    fn newline(&mut self) {
        if self.peek() == Some(b'\n') {
            self.pos = self.after_here.take().unwrap_or(self.pos + 1);
        }
    }

    fn newlines(&mut self) {
        loop {
            self.blanks();
            if self.peek() != Some(b'\n') {
                return;
            }
            self.newline();
        }
    }
}

fn items_unfinished(b: u8) -> bool {
    matches!(b, b')' | b';' | b'&' | b'|')
}

/// `a |& b`: standard error goes into the pipe too.
fn with_stderr(command: Arc<Command>) -> Option<Arc<Command>> {
    let redirect =
        || Redirect { fd: 2, op: RedirectOp::Duplicate, target: Word(vec![Part::Plain("1".into())]) };
    Some(Arc::new(match Arc::into_inner(command)? {
        Command::Simple(mut simple) => {
            simple.redirects.push(redirect());
            Command::Simple(simple)
        }
        Command::Compound(compound, mut redirects) => {
            redirects.push(redirect());
            Command::Compound(compound, redirects)
        }
        function @ Command::Function(..) => function,
    }))
}

fn plain(name: String) -> Part {
    Part::Parameter(Box::new(Parameter { name, index: None, op: ParameterOp::Plain }))
}

fn flush(parts: &mut Vec<Part>, text: &mut String, quoted: bool) {
    if !text.is_empty() {
        let text = std::mem::take(text);
        parts.push(if quoted { Part::Quoted(text) } else { Part::Plain(text) });
    }
}

fn flatten(parts: &[Part], out: &mut String) {
    for part in parts {
        match part {
            Part::Plain(text) | Part::Quoted(text) => out.push_str(text),
            Part::Double(parts) => flatten(parts, out),
            _ => {}
        }
    }
}
