//! `sed`: addresses, `s`, `p`, `d`, `q`, `a`, `i`, `c`, `y`, `=`, `n`, `N`, `h`, `H`, `g`, `G`, `x`, groups.

use super::super::kernel::{Process, Sys};
use super::filter::{Fed, Filter, Kind};
use super::regex::Regex;
use super::{Call, Outcome, Pause};

#[derive(Clone, Debug)]
enum Address {
    Line(u64),
    Last,
    Match(Regex),
    Step(u64, u64),
}

#[derive(Clone, Debug)]
struct Command {
    from: Option<Address>,
    to: Option<Address>,
    negated: bool,
    verb: Verb,
    /// Inside the range it opened.
    active: bool,
}

#[derive(Clone, Debug)]
enum Verb {
    Substitute {
        regex: Regex,
        with: String,
        global: bool,
        print: bool,
        nth: usize,
    },
    Translate(Vec<(char, char)>),
    Simple(char),
    Text(char, String),
    Quit(i32),
    /// Skips that many commands when its address does not match.
    Group(usize),
}

#[derive(Clone, Debug)]
pub struct Sed {
    commands: Vec<Command>,
    quiet: bool,
    at: u64,
    hold: String,
    /// The line before, until it is known whether it is the last.
    waiting: Option<(String, bool)>,
    /// What `N` keeps for the next line.
    joined: Option<String>,
    quit: Option<i32>,
    in_place: Vec<String>,
    collected: Vec<u8>,
}

pub fn sed(call: &mut Call) -> Outcome {
    let options = call.options("ef");
    let mut operands = options.operands.clone();
    let mut scripts: Vec<String> = Vec::new();
    for (flag, value) in &options.flags {
        match (flag, value) {
            ('e', Some(value)) => scripts.push(value.clone()),
            ('f', Some(file)) => {
                let bytes = call.read(file)?.unwrap_or_default();
                scripts.push(String::from_utf8_lossy(&bytes).into_owned());
            }
            _ => {}
        }
    }
    if scripts.is_empty() {
        if operands.is_empty() {
            call.complain("no script given");
            return Ok(1);
        }
        scripts.push(operands.remove(0));
    }
    let extended = options.has('r') || options.has('E');
    let script = scripts.join("\n");
    let mut parser = Parser { chars: script.chars().collect(), at: 0, extended };
    let commands = match parser.commands(0) {
        Ok(commands) => commands,
        Err(error) => {
            call.complain(&error);
            return Ok(1);
        }
    };
    let in_place = options.has('i');
    let mut sed = Sed {
        commands,
        quiet: options.has('n') || options.long("quiet"),
        at: 0,
        hold: String::new(),
        waiting: None,
        joined: None,
        quit: None,
        in_place: Vec::new(),
        collected: Vec::new(),
    };
    if !in_place {
        let filter = Filter::new(Kind::Sed(sed)).open(call, &operands)?;
        return Err(Pause::Filter(Box::new(filter)));
    }
    let mut status = 0;
    for file in &operands {
        let Some(bytes) = call.read(file)? else {
            status = 1;
            continue;
        };
        let mut one = sed.clone();
        let mut out = Vec::new();
        for line in bytes.split_inclusive(|&b| b == b'\n') {
            if matches!(one.line(line, &mut out), Fed::Done) {
                break;
            }
        }
        one.finish(&mut out);
        let path = call.process.path(file);
        let written = call.sys.view().write(&path, &out, 0o644);
        if let Err(error) = written {
            call.complain(&format!("{file}: {error}"));
            status = 1;
        }
        sed.collected.clear();
    }
    Ok(status)
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    extended: bool,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|c| c.is_whitespace() || c == ';') {
            self.at += 1;
        }
    }

    fn commands(&mut self, depth: u32) -> Result<Vec<Command>, String> {
        let mut commands = Vec::new();
        if depth > 20 {
            return Err("too many {".into());
        }
        loop {
            self.blanks();
            match self.peek() {
                None if depth == 0 => return Ok(commands),
                None => return Err("unterminated {".into()),
                Some('}') if depth > 0 => {
                    self.at += 1;
                    return Ok(commands);
                }
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                    continue;
                }
                _ => {}
            }
            let from = self.address()?;
            let mut to = None;
            if from.is_some() && self.peek() == Some(',') {
                self.at += 1;
                to = self.address()?;
            }
            while self.peek() == Some(' ') {
                self.at += 1;
            }
            let negated = self.peek() == Some('!');
            self.at += usize::from(negated);
            let verb = self.verb(&mut commands, from.clone(), to.clone(), negated, depth)?;
            if let Some(verb) = verb {
                commands.push(Command { from, to, negated, verb, active: false });
            }
        }
    }

    fn address(&mut self) -> Result<Option<Address>, String> {
        match self.peek() {
            Some('$') => {
                self.at += 1;
                Ok(Some(Address::Last))
            }
            Some(c) if c.is_ascii_digit() => {
                let first = self.number();
                if self.peek() == Some('~') {
                    self.at += 1;
                    return Ok(Some(Address::Step(first, self.number())));
                }
                Ok(Some(Address::Line(first)))
            }
            Some(c @ ('/' | '\\')) => {
                self.at += 1;
                let delimiter = if c == '\\' {
                    self.at += 1;
                    self.chars.get(self.at - 1).copied().unwrap_or('/')
                } else {
                    c
                };
                let pattern = self.until(delimiter)?;
                let mut regex = Regex::new(&pattern, self.extended)?;
                if self.peek() == Some('I') {
                    self.at += 1;
                    regex = regex.ignoring_case();
                }
                Ok(Some(Address::Match(regex)))
            }
            _ => Ok(None),
        }
    }

    fn number(&mut self) -> u64 {
        let mut number: u64 = 0;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            number = number.saturating_mul(10).saturating_add(digit.into());
            self.at += 1;
        }
        number
    }

    fn until(&mut self, delimiter: char) -> Result<String, String> {
        let mut text = String::new();
        let mut bracket = false;
        loop {
            let Some(c) = self.peek() else {
                return Err("unterminated regular expression".into());
            };
            self.at += 1;
            match c {
                c if c == delimiter && !bracket => return Ok(text),
                '\\' => {
                    let next = self.peek().unwrap_or('\\');
                    self.at += 1;
                    if next != delimiter {
                        text.push('\\');
                    }
                    text.push(next);
                }
                c => {
                    match c {
                        '[' if !bracket => bracket = self.chars[self.at..].contains(&']'),
                        ']' => bracket = false,
                        _ => {}
                    }
                    text.push(c);
                }
            }
        }
    }

    fn verb(
        &mut self,
        commands: &mut Vec<Command>,
        from: Option<Address>,
        to: Option<Address>,
        negated: bool,
        depth: u32,
    ) -> Result<Option<Verb>, String> {
        let Some(verb) = self.peek() else {
            return Err("missing command".into());
        };
        self.at += 1;
        Ok(Some(match verb {
            's' => self.substitute()?,
            'y' => {
                let delimiter = self.peek().unwrap_or('/');
                self.at += 1;
                let from: Vec<char> = self.until(delimiter)?.chars().collect();
                let to: Vec<char> = self.until(delimiter)?.chars().collect();
                Verb::Translate(from.into_iter().zip(to).collect())
            }
            '{' => {
                let inner = self.commands(depth + 1)?;
                commands.push(Command { from, to, negated, verb: Verb::Group(inner.len()), active: false });
                commands.extend(inner);
                return Ok(None);
            }
            'a' | 'i' | 'c' => {
                let mut text = String::new();
                while self.peek().is_some_and(|c| c == ' ' || c == '\t') {
                    self.at += 1;
                }
                if self.peek() == Some('\\') {
                    self.at += 1;
                    while self.peek().is_some_and(char::is_whitespace) {
                        self.at += 1;
                    }
                }
                while let Some(c) = self.peek().filter(|c| *c != '\n') {
                    self.at += 1;
                    text.push(c);
                }
                Verb::Text(verb, text)
            }
            'q' | 'Q' => {
                while self.peek() == Some(' ') {
                    self.at += 1;
                }
                let code = self.number() as i32;
                if verb == 'Q' { Verb::Text('Q', code.to_string()) } else { Verb::Quit(code) }
            }
            'p' | 'd' | 'D' | '=' | 'n' | 'N' | 'h' | 'H' | 'g' | 'G' | 'x' | 'P' | 'l' => Verb::Simple(verb),
            other => return Err(format!("unsupported command {other}")),
        }))
    }

    fn substitute(&mut self) -> Result<Verb, String> {
        let delimiter = self.peek().unwrap_or('/');
        self.at += 1;
        let pattern = self.until(delimiter)?;
        let with = self.until(delimiter)?;
        let mut regex = Regex::new(&pattern, self.extended)?;
        let (mut global, mut print, mut nth) = (false, false, 1);
        while let Some(flag) = self.peek() {
            match flag {
                'g' => global = true,
                'p' => print = true,
                'i' | 'I' => regex = regex.ignoring_case(),
                '1'..='9' => {
                    nth = self.number() as usize;
                    continue;
                }
                _ => break,
            }
            self.at += 1;
        }
        Ok(Verb::Substitute { regex, with, global, print, nth })
    }
}

fn replace(text: &str, regex: &Regex, with: &str, global: bool, nth: usize) -> Option<String> {
    let mut out = String::new();
    let (mut from, mut copied, mut count) = (0, 0, 0);
    while let Some(captures) = regex.find_at(text, from) {
        let Some((a, b)) = captures[0] else { break };
        count += 1;
        if count >= nth {
            out.push_str(&text[copied..a]);
            let group = |n: usize| captures.get(n).copied().flatten().map_or("", |(a, b)| &text[a..b]);
            let mut chars = with.chars();
            while let Some(c) = chars.next() {
                match c {
                    '&' => out.push_str(group(0)),
                    '\\' => match chars.next() {
                        Some('n') => out.push('\n'),
                        Some('t') => out.push('\t'),
                        Some(d) if d.is_ascii_digit() => out.push_str(group(d as usize - 48)),
                        Some(c) => out.push(c),
                        None => {}
                    },
                    c => out.push(c),
                }
            }
            copied = b;
            if !global {
                break;
            }
        }
        if b >= text.len() {
            break;
        }
        let step = text[b..].chars().next().map_or(1, char::len_utf8);
        from = if b == a { b + step } else { b };
    }
    if count < nth {
        return None;
    }
    out.push_str(&text[copied..]);
    (out.len() < 1 << 20).then_some(out)
}

impl Sed {
    pub fn line(&mut self, line: &[u8], out: &mut Vec<u8>) -> Fed {
        let text = String::from_utf8_lossy(line);
        let (text, newline) = match text.strip_suffix('\n') {
            Some(text) => (text.to_owned(), true),
            None => (text.into_owned(), false),
        };
        // Only scripts that ask for the last line need to look ahead.
        let needs_last = self.commands.iter().any(|c| {
            matches!(c.from, Some(Address::Last))
                || matches!(c.to, Some(Address::Last))
                || matches!(c.verb, Verb::Simple('N' | 'n'))
        });
        let before = if needs_last { self.waiting.replace((text, newline)) } else { Some((text, newline)) };
        if let Some((text, newline)) = before {
            self.run(text, newline, false, out);
        }
        if self.quit.is_some() { Fed::Done } else { Fed::More }
    }

    pub fn finish(&mut self, out: &mut Vec<u8>) {
        if let Some((text, newline)) = self.waiting.take()
            && self.quit.is_none()
        {
            self.run(text, newline, true, out);
        }
        if let Some(text) = self.joined.take()
            && !self.quiet
        {
            out.extend(text.bytes());
            out.push(b'\n');
        }
    }

    pub fn end(&mut self, out: &mut Vec<u8>, _process: &mut Process, _sys: &mut Sys) -> i32 {
        let _ = &self.in_place;
        self.finish(out);
        self.quit.unwrap_or(0)
    }

    fn selected(&mut self, index: usize, text: &str, last: bool) -> bool {
        let at = self.at;
        let hit = |address: &Address| match address {
            Address::Line(line) => *line == at,
            Address::Last => last,
            Address::Match(regex) => regex.is_match(text),
            Address::Step(first, step) => {
                at >= *first
                    && (*step == 0 && at == *first || *step > 0 && (at - first).is_multiple_of(*step))
            }
        };
        let command = &mut self.commands[index];
        let inside = match (&command.from, &command.to) {
            (None, _) => true,
            (Some(from), None) => hit(from),
            (Some(from), Some(to)) => {
                if command.active {
                    command.active = match to {
                        Address::Line(line) => at < *line,
                        to => !hit(to),
                    };
                    true
                } else if hit(from) {
                    command.active = !matches!(to, Address::Line(line) if *line <= at);
                    true
                } else {
                    false
                }
            }
        };
        inside != command.negated
    }

    fn run(&mut self, text: String, newline: bool, last: bool, out: &mut Vec<u8>) {
        self.at += 1;
        let mut text = match self.joined.take() {
            Some(before) => format!("{before}\n{text}"),
            None => text,
        };
        let mut after: Vec<String> = Vec::new();
        let mut index = 0;
        let mut print = !self.quiet;
        while index < self.commands.len() {
            let here = index;
            index += 1;
            let chosen = self.selected(here, &text, last);
            let verb = self.commands[here].verb.clone();
            if !chosen {
                if let Verb::Group(length) = verb {
                    index += length;
                }
                continue;
            }
            match verb {
                Verb::Group(_) => {}
                Verb::Substitute { regex, with, global, print: printing, nth } => {
                    if let Some(new) = replace(&text, &regex, &with, global, nth) {
                        text = new;
                        if printing {
                            out.extend(format!("{text}\n").bytes());
                        }
                    }
                }
                Verb::Translate(pairs) => {
                    text = text
                        .chars()
                        .map(|c| pairs.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to))
                        .collect();
                }
                Verb::Text('a', line) => after.push(line),
                Verb::Text('i', line) => out.extend(format!("{line}\n").bytes()),
                Verb::Text('c', line) => {
                    out.extend(format!("{line}\n").bytes());
                    return;
                }
                Verb::Text(_, code) => {
                    self.quit = code.parse().ok();
                    return;
                }
                Verb::Quit(code) => {
                    self.quit = Some(code);
                    break;
                }
                Verb::Simple(verb) => match verb {
                    'p' => out.extend(format!("{text}\n").bytes()),
                    'P' => out.extend(format!("{}\n", text.lines().next().unwrap_or_default()).bytes()),
                    'd' | 'D' => return,
                    '=' => out.extend(format!("{}\n", self.at).bytes()),
                    'N' if !last => {
                        self.joined = Some(text);
                        return;
                    }
                    'n' => {
                        if !self.quiet {
                            out.extend(format!("{text}\n").bytes());
                        }
                        // The rest of the script meets the next line from its beginning.
                        print = false;
                        break;
                    }
                    'h' => self.hold = text.clone(),
                    'H' => self.hold = format!("{}\n{text}", self.hold),
                    'g' => text = self.hold.clone(),
                    'G' => text = format!("{text}\n{}", self.hold),
                    'x' => std::mem::swap(&mut text, &mut self.hold),
                    _ => {}
                },
            }
            self.hold.truncate(self.hold.floor_char_boundary(1 << 20));
        }
        if print {
            out.extend(text.bytes());
            if newline || !after.is_empty() {
                out.push(b'\n');
            }
        }
        for line in after {
            out.extend(format!("{line}\n").bytes());
        }
    }
}
