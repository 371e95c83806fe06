//! awk's syntax.

use super::super::super::shell::escape::{Style, unescape};

/// Deepest nesting.
const MAX_DEPTH: u32 = 60;

#[derive(Debug)]
pub enum Pattern {
    Begin,
    End,
    Always,
    When(Expr),
    Range(Expr, Expr),
}

#[derive(Debug)]
pub struct Rule {
    pub pattern: Pattern,
    pub body: Vec<Stmt>,
}

#[derive(Debug)]
pub enum Stmt {
    Expr(Expr),
    Print { args: Vec<Expr>, format: bool, to: Option<(bool, Expr)> },
    If(Expr, Vec<Stmt>, Vec<Stmt>),
    While { condition: Expr, body: Vec<Stmt>, first: bool },
    For { start: Option<Box<Stmt>>, condition: Option<Expr>, step: Option<Box<Stmt>>, body: Vec<Stmt> },
    ForIn { name: String, array: String, body: Vec<Stmt> },
    Delete(String, Option<Expr>),
    Exit(Option<Expr>),
    Next,
    Break,
    Continue,
    Block(Vec<Stmt>),
}

#[derive(Debug)]
pub enum Expr {
    Number(f64),
    Text(String),
    Regex(String),
    Variable(String),
    Field(Box<Expr>),
    Element(String, Box<Expr>),
    Keys(Vec<Expr>),
    In(Box<Expr>, String),
    Assign(Option<&'static str>, Box<Expr>, Box<Expr>),
    Step { target: Box<Expr>, by: f64, after: bool },
    Not(Box<Expr>),
    Minus(Box<Expr>),
    Ternary(Box<Expr>, Box<Expr>, Box<Expr>),
    Match(bool, Box<Expr>, Box<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    Call(String, Vec<Expr>),
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(f64),
    Text(String),
    Regex(String),
    /// A name directly before `(`.
    Function(String),
    Name(String),
    Op(&'static str),
    Newline,
}

const OPS: &[&str] = &[
    "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "==", "<=", ">=", "!=", ">>", "!~", "**",
    "{", "}", "(", ")", "[", "]", ";", ",", "+", "-", "*", "/", "%", "^", "!", ">", "<", "|", "?", ":", "~",
    "$", "=",
];

type Parse<T> = Result<T, String>;

fn tokens(source: &str) -> Parse<Vec<Token>> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        if c == '\n' {
            tokens.push(Token::Newline);
            rest = &rest[1..];
        } else if c.is_whitespace() {
            rest = &rest[c.len_utf8()..];
        } else if let Some(after) = rest.strip_prefix("\\\n") {
            rest = after;
        } else if c == '#' {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
        } else if c.is_ascii_digit() || c == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit()) {
            let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
            tokens.push(Token::Number(rest[..end].parse().map_err(|_| "bad number".to_owned())?));
            rest = &rest[end..];
        } else if c == '"' || c == '/' && regex_may_stand(tokens.last()) {
            let (text, after) = delimited(&rest[1..], c)?;
            tokens.push(if c == '"' {
                Token::Text(unescape(&text, Style::Quote).text())
            } else {
                Token::Regex(text.replace("\\/", "/"))
            });
            rest = after;
        } else if c.is_ascii_alphabetic() || c == '_' {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
            let name = rest[..end].to_owned();
            rest = &rest[end..];
            tokens.push(if rest.starts_with('(') { Token::Function(name) } else { Token::Name(name) });
        } else {
            let op = OPS
                .iter()
                .find(|op| rest.starts_with(**op))
                .ok_or_else(|| format!("unexpected token {c}"))?;
            tokens.push(Token::Op(op));
            rest = &rest[op.len()..];
        }
    }
    Ok(tokens)
}

fn regex_may_stand(before: Option<&Token>) -> bool {
    match before {
        None | Some(Token::Newline) => true,
        Some(Token::Op(op)) => !matches!(*op, ")" | "]" | "$" | "++" | "--"),
        _ => false,
    }
}

fn delimited(text: &str, end: char) -> Parse<(String, &str)> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if c == end && !escaped {
            return Ok((text[..at].to_owned(), &text[at + 1..]));
        }
        escaped = c == '\\' && !escaped;
    }
    Err("unterminated string".into())
}

/// Parses a program.
pub fn parse(source: &str) -> Parse<Vec<Rule>> {
    let tokens = tokens(source)?;
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0, no_in: false, no_greater: false };
    let mut rules = Vec::new();
    loop {
        parser.separators();
        if parser.peek().is_none() {
            return Ok(rules);
        }
        rules.push(parser.rule()?);
    }
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: u32,
    /// Inside `for (`: `in` is not an operator.
    no_in: bool,
    /// Inside `print`: `>` redirects.
    no_greater: bool,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn is(&self, op: &str) -> bool {
        matches!(self.peek(), Some(Token::Op(known)) if *known == op)
    }

    fn eat(&mut self, op: &str) -> bool {
        let found = self.is(op);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, op: &str) -> Parse<()> {
        if self.eat(op) { Ok(()) } else { Err(format!("syntax error, {op} expected")) }
    }

    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Name(name) | Token::Function(name)) if name == word);
        self.at += usize::from(found);
        found
    }

    fn separators(&mut self) {
        while self.is(";") || self.peek() == Some(&Token::Newline) {
            self.at += 1;
        }
    }

    fn newlines(&mut self) {
        while self.peek() == Some(&Token::Newline) {
            self.at += 1;
        }
    }

    fn rule(&mut self) -> Parse<Rule> {
        if self.word("function") || self.word("func") {
            return Err("user functions are not simulated".into());
        }
        let pattern = if self.word("BEGIN") {
            Pattern::Begin
        } else if self.word("END") {
            Pattern::End
        } else if self.is("{") {
            Pattern::Always
        } else {
            let first = self.expr()?;
            if self.eat(",") { Pattern::Range(first, self.expr()?) } else { Pattern::When(first) }
        };
        let body = if self.is("{") {
            self.block()?
        } else {
            vec![Stmt::Print { args: Vec::new(), format: false, to: None }]
        };
        Ok(Rule { pattern, body })
    }

    fn block(&mut self) -> Parse<Vec<Stmt>> {
        self.expect("{")?;
        let mut body = Vec::new();
        loop {
            self.separators();
            if self.eat("}") {
                return Ok(body);
            }
            if self.peek().is_none() {
                return Err("unexpected end of program".into());
            }
            body.push(self.stmt()?);
        }
    }

    fn body(&mut self) -> Parse<Vec<Stmt>> {
        self.newlines();
        if self.is("{") {
            return self.block();
        }
        if self.eat(";") {
            return Ok(Vec::new());
        }
        Ok(vec![self.stmt()?])
    }

    fn stmt(&mut self) -> Parse<Stmt> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("nested too deeply".into());
        }
        let stmt = self.stmt_inner();
        self.depth -= 1;
        stmt
    }

    fn stmt_inner(&mut self) -> Parse<Stmt> {
        if self.is("{") {
            return self.block().map(Stmt::Block);
        }
        if self.word("if") {
            self.expect("(")?;
            let condition = self.expr()?;
            self.expect(")")?;
            let yes = self.body()?;
            let before = self.at;
            self.separators();
            if self.word("else") {
                return Ok(Stmt::If(condition, yes, self.body()?));
            }
            self.at = before;
            return Ok(Stmt::If(condition, yes, Vec::new()));
        }
        if self.word("while") {
            self.expect("(")?;
            let condition = self.expr()?;
            self.expect(")")?;
            return Ok(Stmt::While { condition, body: self.body()?, first: false });
        }
        if self.word("do") {
            let body = self.body()?;
            self.separators();
            if !self.word("while") {
                return Err("while expected".into());
            }
            self.expect("(")?;
            let condition = self.expr()?;
            self.expect(")")?;
            return Ok(Stmt::While { condition, body, first: true });
        }
        if self.word("for") {
            return self.for_stmt();
        }
        for (word, stmt) in [("next", Stmt::Next), ("break", Stmt::Break), ("continue", Stmt::Continue)] {
            if self.word(word) {
                return Ok(stmt);
            }
        }
        if self.word("exit") {
            let code = if self.ends_statement() { None } else { Some(self.expr()?) };
            return Ok(Stmt::Exit(code));
        }
        if self.word("delete") {
            let Some(Token::Name(array)) = self.peek().cloned() else {
                return Err("array expected".into());
            };
            self.at += 1;
            if !self.eat("[") {
                return Ok(Stmt::Delete(array, None));
            }
            let key = self.keys("]")?;
            return Ok(Stmt::Delete(array, Some(key)));
        }
        for (word, format) in [("print", false), ("printf", true)] {
            if self.word(word) {
                return self.print(format);
            }
        }
        if matches!(self.peek(), Some(Token::Name(name) | Token::Function(name)) if name == "getline" || name == "system" || name == "close")
        {
            return Err("getline, system and close are not simulated".into());
        }
        self.expr().map(Stmt::Expr)
    }

    fn for_stmt(&mut self) -> Parse<Stmt> {
        self.expect("(")?;
        if let [Token::Name(name), Token::Name(word), Token::Name(array), Token::Op(")"), ..] =
            &self.tokens[self.at..]
            && word == "in"
        {
            let (name, array) = (name.clone(), array.clone());
            self.at += 4;
            return Ok(Stmt::ForIn { name, array, body: self.body()? });
        }
        let start = if self.is(";") { None } else { Some(Box::new(self.stmt()?)) };
        self.expect(";")?;
        let condition = if self.is(";") { None } else { Some(self.expr()?) };
        self.expect(";")?;
        let step = if self.is(")") { None } else { Some(Box::new(self.stmt()?)) };
        self.expect(")")?;
        Ok(Stmt::For { start, condition, step, body: self.body()? })
    }

    fn ends_statement(&self) -> bool {
        matches!(self.peek(), None | Some(Token::Newline | Token::Op(";" | "}")))
    }

    fn print(&mut self, format: bool) -> Parse<Stmt> {
        let mut args = Vec::new();
        let outer = std::mem::replace(&mut self.no_greater, true);
        if !self.ends_statement() && !self.is(">") && !self.is(">>") {
            args.push(self.expr()?);
            while self.eat(",") {
                self.newlines();
                args.push(self.expr()?);
            }
        }
        // `print (a, b)`.
        if let [Expr::Keys(_)] = args.as_slice()
            && let Some(Expr::Keys(parts)) = args.pop()
        {
            args = parts;
        }
        let to = if self.eat(">") {
            Some((false, self.concat()?))
        } else if self.eat(">>") {
            Some((true, self.concat()?))
        } else if self.is("|") {
            return Err("pipes are not simulated".into());
        } else {
            None
        };
        self.no_greater = outer;
        Ok(Stmt::Print { args, format, to })
    }

    fn expr(&mut self) -> Parse<Expr> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("nested too deeply".into());
        }
        let expr = self.assignment();
        self.depth -= 1;
        expr
    }

    fn assignment(&mut self) -> Parse<Expr> {
        let left = self.ternary()?;
        const OPS: &[(&str, Option<&str>)] = &[
            ("=", None),
            ("+=", Some("+")),
            ("-=", Some("-")),
            ("*=", Some("*")),
            ("/=", Some("/")),
            ("%=", Some("%")),
            ("^=", Some("^")),
        ];
        for (op, compute) in OPS {
            if self.eat(op) {
                return Ok(Expr::Assign(*compute, Box::new(left), Box::new(self.expr()?)));
            }
        }
        Ok(left)
    }

    fn ternary(&mut self) -> Parse<Expr> {
        let condition = self.binary(0)?;
        if !self.eat("?") {
            return Ok(condition);
        }
        let yes = self.expr()?;
        self.expect(":")?;
        let no = self.expr()?;
        Ok(Expr::Ternary(Box::new(condition), Box::new(yes), Box::new(no)))
    }

    fn binary(&mut self, level: usize) -> Parse<Expr> {
        const LEVELS: &[&[&str]] = &[&["||"], &["&&"]];
        let Some(ops) = LEVELS.get(level) else {
            return self.membership();
        };
        let mut left = self.binary(level + 1)?;
        while let Some(op) = ops.iter().find(|op| self.is(op)) {
            self.at += 1;
            self.newlines();
            left = Expr::Binary(op, Box::new(left), Box::new(self.binary(level + 1)?));
        }
        Ok(left)
    }

    fn membership(&mut self) -> Parse<Expr> {
        let mut left = self.matching()?;
        while !self.no_in && self.word("in") {
            let Some(Token::Name(array)) = self.peek().cloned() else {
                return Err("array expected".into());
            };
            self.at += 1;
            left = Expr::In(Box::new(left), array);
        }
        Ok(left)
    }

    fn matching(&mut self) -> Parse<Expr> {
        let mut left = self.comparison()?;
        loop {
            let negated = self.is("!~");
            if !negated && !self.is("~") {
                return Ok(left);
            }
            self.at += 1;
            left = Expr::Match(negated, Box::new(left), Box::new(self.comparison()?));
        }
    }

    fn comparison(&mut self) -> Parse<Expr> {
        let left = self.concat()?;
        let op = ["<=", ">=", "==", "!=", "<", ">"]
            .into_iter()
            .find(|op| self.is(op) && !(*op == ">" && self.no_greater));
        let Some(op) = op else { return Ok(left) };
        self.at += 1;
        Ok(Expr::Binary(op, Box::new(left), Box::new(self.concat()?)))
    }

    fn concat(&mut self) -> Parse<Expr> {
        let mut left = self.sum()?;
        while self.starts_operand() {
            left = Expr::Binary(" ", Box::new(left), Box::new(self.sum()?));
        }
        Ok(left)
    }

    fn starts_operand(&self) -> bool {
        match self.peek() {
            Some(Token::Name(name)) => name != "in",
            Some(Token::Number(_) | Token::Text(_) | Token::Function(_)) => true,
            Some(Token::Op(op)) => matches!(*op, "$" | "(" | "!" | "++" | "--"),
            _ => false,
        }
    }

    fn sum(&mut self) -> Parse<Expr> {
        let mut left = self.product()?;
        while let Some(op) = ["+", "-"].into_iter().find(|op| self.is(op)) {
            self.at += 1;
            left = Expr::Binary(op, Box::new(left), Box::new(self.product()?));
        }
        Ok(left)
    }

    fn product(&mut self) -> Parse<Expr> {
        let mut left = self.unary()?;
        while let Some(op) = ["*", "/", "%"].into_iter().find(|op| self.is(op)) {
            self.at += 1;
            left = Expr::Binary(op, Box::new(left), Box::new(self.unary()?));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parse<Expr> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("nested too deeply".into());
        }
        let expr = if self.eat("!") {
            Expr::Not(Box::new(self.unary()?))
        } else if self.eat("-") {
            Expr::Minus(Box::new(self.unary()?))
        } else if self.eat("+") {
            self.unary()?
        } else {
            self.power()?
        };
        self.depth -= 1;
        Ok(expr)
    }

    fn power(&mut self) -> Parse<Expr> {
        let base = self.postfix()?;
        if self.eat("^") || self.eat("**") {
            return Ok(Expr::Binary("^", Box::new(base), Box::new(self.unary()?)));
        }
        Ok(base)
    }

    fn postfix(&mut self) -> Parse<Expr> {
        for (op, by) in [("++", 1.0), ("--", -1.0)] {
            if self.eat(op) {
                let target = Box::new(self.primary()?);
                return Ok(Expr::Step { target, by, after: false });
            }
        }
        let expr = self.primary()?;
        if matches!(expr, Expr::Variable(_) | Expr::Field(_) | Expr::Element(..)) {
            for (op, by) in [("++", 1.0), ("--", -1.0)] {
                if self.eat(op) {
                    return Ok(Expr::Step { target: Box::new(expr), by, after: true });
                }
            }
        }
        Ok(expr)
    }

    /// A comma-separated list up to a closing bracket, as one key.
    fn keys(&mut self, end: &str) -> Parse<Expr> {
        let outer = (std::mem::take(&mut self.no_in), std::mem::take(&mut self.no_greater));
        let mut parts = vec![self.expr()?];
        while self.eat(",") {
            parts.push(self.expr()?);
        }
        (self.no_in, self.no_greater) = outer;
        self.expect(end)?;
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::Keys(parts) })
    }

    fn primary(&mut self) -> Parse<Expr> {
        let Some(token) = self.peek().cloned() else {
            return Err("unexpected end of program".into());
        };
        self.at += 1;
        Ok(match token {
            Token::Number(n) => Expr::Number(n),
            Token::Text(text) => Expr::Text(text),
            Token::Regex(pattern) => Expr::Regex(pattern),
            Token::Op("$") => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err("nested too deeply".into());
                }
                let index = self.postfix_of_field()?;
                self.depth -= 1;
                Expr::Field(Box::new(index))
            }
            Token::Op("(") => self.keys(")")?,
            Token::Function(name) => {
                self.expect("(")?;
                let mut args = Vec::new();
                while !self.is(")") {
                    args.push(self.expr()?);
                    if !self.eat(",") {
                        break;
                    }
                }
                self.expect(")")?;
                Expr::Call(name, args)
            }
            Token::Name(name) if name == "length" => Expr::Call(name, Vec::new()),
            Token::Name(name) if name == "getline" => return Err("getline is not simulated".into()),
            Token::Name(name) => {
                if self.eat("[") {
                    Expr::Element(name, Box::new(self.keys("]")?))
                } else {
                    Expr::Variable(name)
                }
            }
            Token::Op(op) => return Err(format!("unexpected token {op}")),
            Token::Newline => return Err("unexpected newline".into()),
        })
    }

    /// `$i++` is `($i)++`, `$++i` is `$(++i)`.
    fn postfix_of_field(&mut self) -> Parse<Expr> {
        if self.is("++") || self.is("--") {
            self.postfix()
        } else if self.eat("-") {
            Ok(Expr::Minus(Box::new(self.primary()?)))
        } else {
            self.primary()
        }
    }
}
