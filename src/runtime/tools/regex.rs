//! Regular expressions, basic and extended, by backtracking with a budget.

/// Most steps of one match: past it there is no match.
const MAX_STEPS: u32 = 200_000;

#[derive(Clone, Debug)]
enum Node {
    Char(char),
    Any,
    Start,
    End,
    /// Ranges, negated.
    Set(Vec<(char, char)>, Vec<String>, bool),
    Group(Box<Node>, usize),
    Sequence(Vec<Node>),
    Choice(Vec<Node>),
    Repeat(Box<Node>, u32, u32),
    Back(usize),
    WordEdge,
}

/// A compiled expression.
#[derive(Clone, Debug)]
pub struct Regex {
    node: Node,
    ignore_case: bool,
    pub groups: usize,
}

/// Byte ranges of the whole match and of each group.
pub type Captures = Vec<Option<(usize, usize)>>;

impl Regex {
    /// Compiles an expression.
    ///
    /// # Errors
    /// It is malformed.
    pub fn new(pattern: &str, extended: bool) -> Result<Regex, String> {
        let chars: Vec<char> = pattern.chars().collect();
        let mut parser = Parser { chars: &chars, at: 0, extended, groups: 0, depth: 0 };
        let node = parser.choice()?;
        if parser.at < chars.len() {
            return Err("Unmatched ) or \\)".into());
        }
        Ok(Regex { node, ignore_case: false, groups: parser.groups })
    }

    pub fn ignoring_case(mut self) -> Regex {
        self.ignore_case = true;
        self
    }

    pub fn is_match(&self, text: &str) -> bool {
        self.find_at(text, 0).is_some()
    }

    /// The leftmost match that begins at or after a byte position.
    pub fn find_at(&self, text: &str, from: usize) -> Option<Captures> {
        let chars: Vec<(usize, char)> = text.char_indices().collect();
        let start = chars.iter().position(|(at, _)| *at >= from).unwrap_or(chars.len());
        let mut matcher = Matcher {
            chars: &chars,
            ignore_case: self.ignore_case,
            steps: 0,
            groups: vec![None; self.groups + 1],
        };
        for begin in start..=chars.len() {
            matcher.groups.fill(None);
            let mut best: Option<usize> = None;
            matcher.run(&[&self.node], begin, &mut |end, _| {
                best = Some(end);
                true
            });
            if let Some(end) = best {
                matcher.groups[0] = Some((begin, end));
                let byte = |i: usize| chars.get(i).map_or(text.len(), |(at, _)| *at);
                return Some(matcher.groups.iter().map(|g| g.map(|(a, b)| (byte(a), byte(b)))).collect());
            }
            if matcher.steps > MAX_STEPS {
                return None;
            }
        }
        None
    }
}

struct Parser<'a> {
    chars: &'a [char],
    at: usize,
    extended: bool,
    groups: usize,
    depth: u32,
}

impl Parser<'_> {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    /// Whether the operator stands here: plain if extended, with a backslash if basic.
    fn at_operator(&self, c: char) -> bool {
        if self.extended {
            self.peek(0) == Some(c)
        } else {
            self.peek(0) == Some('\\') && self.peek(1) == Some(c)
        }
    }

    fn take_operator(&mut self) {
        self.at += if self.extended { 1 } else { 2 };
    }

    fn choice(&mut self) -> Result<Node, String> {
        self.depth += 1;
        if self.depth > 50 {
            return Err("Regular expression too big".into());
        }
        let mut branches = vec![self.sequence()?];
        while self.at_operator('|') {
            self.take_operator();
            branches.push(self.sequence()?);
        }
        self.depth -= 1;
        Ok(if branches.len() == 1 { branches.remove(0) } else { Node::Choice(branches) })
    }

    fn sequence(&mut self) -> Result<Node, String> {
        let mut nodes: Vec<Node> = Vec::new();
        while self.peek(0).is_some() && !self.at_operator('|') && !self.at_operator(')') {
            let node = self.atom(nodes.is_empty())?;
            let node = self.repeats(node)?;
            nodes.push(node);
        }
        Ok(Node::Sequence(nodes))
    }

    fn repeats(&mut self, mut node: Node) -> Result<Node, String> {
        loop {
            let (low, high) = if self.peek(0) == Some('*') {
                self.at += 1;
                (0, u32::MAX)
            } else if self.at_operator('+') {
                self.take_operator();
                (1, u32::MAX)
            } else if self.at_operator('?') {
                self.take_operator();
                (0, 1)
            } else if self.at_operator('{')
                && self
                    .peek(if self.extended { 1 } else { 2 })
                    .is_some_and(|c| c.is_ascii_digit() || c == ',')
            {
                self.take_operator();
                self.bounds()?
            } else {
                return Ok(node);
            };
            if !matches!(node, Node::Start) {
                node = Node::Repeat(Box::new(node), low, high);
            }
        }
    }

    fn bounds(&mut self) -> Result<(u32, u32), String> {
        let number = |parser: &mut Self| {
            let from = parser.at;
            while parser.peek(0).is_some_and(|c| c.is_ascii_digit()) {
                parser.at += 1;
            }
            parser.chars[from..parser.at].iter().collect::<String>().parse::<u32>().ok()
        };
        let low = number(self).unwrap_or(0);
        let mut high = low;
        if self.peek(0) == Some(',') {
            self.at += 1;
            high = number(self).unwrap_or(u32::MAX);
        }
        if !self.at_operator('}') || low > 1000 || (high != u32::MAX && high > 1000) {
            return Err("Invalid content of \\{\\}".into());
        }
        self.take_operator();
        Ok((low, high))
    }

    fn atom(&mut self, first: bool) -> Result<Node, String> {
        let c = self.peek(0).unwrap_or('\0');
        if self.at_operator('(') {
            self.take_operator();
            self.groups += 1;
            let index = self.groups;
            let node = self.choice()?;
            if !self.at_operator(')') {
                return Err("Unmatched ( or \\(".into());
            }
            self.take_operator();
            return Ok(Node::Group(Box::new(node), index));
        }
        self.at += 1;
        Ok(match c {
            '.' => Node::Any,
            '^' if self.extended || first => Node::Start,
            '$' if self.extended || self.ends_branch() => Node::End,
            '[' => return self.set(),
            '\\' => {
                let Some(escaped) = self.peek(0) else {
                    return Err("Trailing backslash".into());
                };
                self.at += 1;
                match escaped {
                    'n' => Node::Char('\n'),
                    't' => Node::Char('\t'),
                    'w' => class(&["alnum"], &['_'], false),
                    'W' => class(&["alnum"], &['_'], true),
                    's' => class(&["space"], &[], false),
                    'S' => class(&["space"], &[], true),
                    'd' => class(&["digit"], &[], false),
                    'b' | '<' | '>' => Node::WordEdge,
                    '1'..='9' => Node::Back(escaped as usize - '0' as usize),
                    c => Node::Char(c),
                }
            }
            c => Node::Char(c),
        })
    }

    fn ends_branch(&self) -> bool {
        self.peek(0).is_none() || self.at_operator('|') || self.at_operator(')')
    }

    fn set(&mut self) -> Result<Node, String> {
        let negated = self.peek(0) == Some('^');
        self.at += usize::from(negated);
        let (mut ranges, mut classes) = (Vec::new(), Vec::new());
        let first = self.at;
        loop {
            let Some(low) = self.peek(0) else {
                return Err("Unmatched [, [^, [:, [., or [=".into());
            };
            self.at += 1;
            if low == ']' && self.at > first + 1 {
                return Ok(Node::Set(ranges, classes, negated));
            }
            if low == '[' && self.peek(0) == Some(':') {
                let rest: String = self.chars[self.at + 1..].iter().collect();
                if let Some((name, _)) = rest.split_once(":]") {
                    self.at += name.chars().count() + 3;
                    classes.push(name.to_owned());
                    continue;
                }
            }
            let mut high = low;
            if self.peek(0) == Some('-') && self.peek(1).is_some_and(|c| c != ']') {
                high = self.peek(1).unwrap_or(low);
                self.at += 2;
            }
            ranges.push((low, high));
        }
    }
}

fn class(names: &[&str], chars: &[char], negated: bool) -> Node {
    Node::Set(
        chars.iter().map(|c| (*c, *c)).collect(),
        names.iter().map(|n| (*n).to_owned()).collect(),
        negated,
    )
}

struct Matcher<'a> {
    chars: &'a [(usize, char)],
    ignore_case: bool,
    steps: u32,
    groups: Vec<Option<(usize, usize)>>,
}

type Accept<'c> = &'c mut dyn FnMut(usize, &mut Matcher) -> bool;

impl Matcher<'_> {
    /// Matches a sequence of nodes from a position on; `accept` decides at each way to the end.
    fn run(&mut self, nodes: &[&Node], at: usize, accept: Accept) -> bool {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return false;
        }
        let Some((node, rest)) = nodes.split_first() else {
            return accept(at, self);
        };
        match node {
            Node::Sequence(inner) => {
                let all: Vec<&Node> = inner.iter().chain(rest.iter().copied()).collect();
                self.run(&all, at, accept)
            }
            Node::Choice(branches) => branches.iter().any(|branch| {
                let all: Vec<&Node> = std::iter::once(branch).chain(rest.iter().copied()).collect();
                self.run(&all, at, accept)
            }),
            Node::Group(inner, index) => {
                let old = self.groups[*index];
                let found = self.run(&[inner], at, &mut |end, matcher| {
                    let before = matcher.groups[*index];
                    matcher.groups[*index] = Some((at, end));
                    let found = matcher.run(rest, end, accept);
                    if !found {
                        matcher.groups[*index] = before;
                    }
                    found
                });
                if !found {
                    self.groups[*index] = old;
                }
                found
            }
            Node::Repeat(inner, low, high) => self.repeat(inner, *low, *high, rest, at, accept),
            Node::Back(index) => {
                let Some((from, to)) = self.groups.get(*index).copied().flatten() else {
                    return false;
                };
                let same = (from..to)
                    .enumerate()
                    .all(|(i, k)| self.chars.get(at + i).map(|c| c.1) == Some(self.chars[k].1));
                same && self.run(rest, at + to - from, accept)
            }
            Node::Start => at == 0 && self.run(rest, at, accept),
            Node::End => at == self.chars.len() && self.run(rest, at, accept),
            Node::WordEdge => {
                let word = |i: Option<usize>| {
                    i.and_then(|i| self.chars.get(i)).is_some_and(|(_, c)| c.is_alphanumeric() || *c == '_')
                };
                word(at.checked_sub(1)) != word(Some(at)) && self.run(rest, at, accept)
            }
            single => {
                let Some((_, c)) = self.chars.get(at) else {
                    return false;
                };
                self.fits(single, *c) && self.run(rest, at + 1, accept)
            }
        }
    }

    /// Greedy. Repeating one character is a loop, so that long lines need no deep stack.
    fn repeat(
        &mut self,
        inner: &Node,
        low: u32,
        high: u32,
        rest: &[&Node],
        at: usize,
        accept: Accept,
    ) -> bool {
        if matches!(inner, Node::Char(_) | Node::Any | Node::Set(..)) {
            let mut count = 0;
            while count < high
                && self.chars.get(at + count as usize).is_some_and(|(_, c)| self.fits(inner, *c))
            {
                count += 1;
            }
            while count >= low {
                if self.run(rest, at + count as usize, accept) {
                    return true;
                }
                if count == 0 || self.steps > MAX_STEPS {
                    return false;
                }
                count -= 1;
            }
            return false;
        }
        if high > 0 && self.steps < MAX_STEPS / 100 {
            let again = Node::Repeat(
                Box::new(inner.clone()),
                low.saturating_sub(1),
                if high == u32::MAX { high } else { high - 1 },
            );
            let found = self.run(&[inner], at, &mut |end, matcher| {
                if end == at && low == 0 {
                    return false;
                }
                let all: Vec<&Node> = std::iter::once(&again).chain(rest.iter().copied()).collect();
                matcher.run(&all, end, accept)
            });
            if found {
                return true;
            }
        }
        low == 0 && self.run(rest, at, accept)
    }

    fn fits(&self, node: &Node, c: char) -> bool {
        let one = |c: char| match node {
            Node::Char(wanted) => *wanted == c,
            Node::Any => true,
            Node::Set(ranges, classes, negated) => {
                let inside = ranges.iter().any(|(low, high)| *low <= c && c <= *high)
                    || classes.iter().any(|class| super::super::shell::pattern::in_class(class, c));
                inside != *negated
            }
            _ => false,
        };
        one(c) || self.ignore_case && (c.to_lowercase().any(one) || c.to_uppercase().any(one))
    }
}
