//! `$(( … ))`: C's integer expressions over variables.

/// Deepest nesting.
const MAX_DEPTH: u32 = 64;

/// Where the variables live.
pub trait Variables {
    /// The value as text; empty when unset.
    fn value(&mut self, name: &str) -> String;
    fn assign(&mut self, name: &str, value: i64);
}

/// Computes an expression.
///
/// # Errors
/// The text of the shell's message.
pub fn evaluate(text: &str, variables: &mut dyn Variables) -> Result<i64, String> {
    evaluate_at(text, variables, 0)
}

fn evaluate_at(text: &str, variables: &mut dyn Variables, depth: u32) -> Result<i64, String> {
    if depth > MAX_DEPTH {
        return Err("arithmetic syntax error".into());
    }
    let mut parser = Arithmetic { rest: text, variables, depth, skip: 0 };
    parser.blanks();
    if parser.rest.is_empty() {
        return Ok(0);
    }
    let value = parser.comma()?;
    parser.blanks();
    if parser.rest.is_empty() { Ok(value) } else { Err("arithmetic syntax error".into()) }
}

struct Arithmetic<'a, 'v> {
    rest: &'a str,
    variables: &'v mut dyn Variables,
    depth: u32,
    /// Inside a branch that is not taken: nothing is assigned, nothing divides.
    skip: u32,
}

/// Binary operators from the loosest to the tightest.
const LEVELS: &[&[&str]] = &[
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

impl<'a> Arithmetic<'a, '_> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, text: &str) -> bool {
        self.blanks();
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn comma(&mut self) -> Result<i64, String> {
        let mut value = self.assignment()?;
        while self.eat(",") {
            value = self.assignment()?;
        }
        Ok(value)
    }

    fn name(&mut self) -> Option<&'a str> {
        self.blanks();
        let len =
            self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(self.rest.len());
        let name = &self.rest[..len];
        if !super::parser::is_name(name) {
            return None;
        }
        self.rest = &self.rest[len..];
        Some(name)
    }

    fn assignment(&mut self) -> Result<i64, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("arithmetic syntax error".into());
        }
        let value = self.assignment_inner();
        self.depth -= 1;
        value
    }

    fn assignment_inner(&mut self) -> Result<i64, String> {
        let start = self.rest;
        if let Some(name) = self.name() {
            const OPS: &[&str] = &["<<=", ">>=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^="];
            self.blanks();
            if let Some(op) = OPS.iter().find(|op| self.rest.starts_with(**op)) {
                self.rest = &self.rest[op.len()..];
                let right = self.assignment()?;
                let left = self.variable(name)?;
                let value = self.apply(&op[..op.len() - 1], left, right)?;
                return Ok(self.set(name, value));
            }
            if self.rest.starts_with('=') && !self.rest.starts_with("==") {
                self.rest = &self.rest[1..];
                let value = self.assignment()?;
                return Ok(self.set(name, value));
            }
        }
        self.rest = start;
        self.ternary()
    }

    fn set(&mut self, name: &str, value: i64) -> i64 {
        if self.skip == 0 {
            self.variables.assign(name, value);
        }
        value
    }

    fn variable(&mut self, name: &str) -> Result<i64, String> {
        let text = self.variables.value(name);
        let text = text.trim();
        match parse_number(text) {
            Some(number) => Ok(number),
            None if text.is_empty() => Ok(0),
            None => {
                let text = text.to_owned();
                evaluate_at(&text, self.variables, self.depth + 8)
            }
        }
    }

    fn ternary(&mut self) -> Result<i64, String> {
        let condition = self.binary(0)?;
        if !self.eat("?") {
            return Ok(condition);
        }
        let yes = self.branch(condition != 0)?;
        if !self.eat(":") {
            return Err("arithmetic syntax error".into());
        }
        let no = self.branch(condition == 0)?;
        Ok(if condition != 0 { yes } else { no })
    }

    fn branch(&mut self, taken: bool) -> Result<i64, String> {
        self.skip += u32::from(!taken);
        let value = self.assignment();
        self.skip -= u32::from(!taken);
        value
    }

    fn binary(&mut self, level: usize) -> Result<i64, String> {
        let Some(ops) = LEVELS.get(level) else {
            return self.unary();
        };
        let mut left = self.binary(level + 1)?;
        loop {
            self.blanks();
            let Some(op) = ops.iter().find(|op| self.is_operator(op)) else {
                return Ok(left);
            };
            self.rest = &self.rest[op.len()..];
            let idle = (*op == "&&" && left == 0) || (*op == "||" && left != 0);
            self.skip += u32::from(idle);
            let right = self.binary(level + 1);
            self.skip -= u32::from(idle);
            left = self.apply(op, left, right?)?;
        }
    }

    fn is_operator(&self, op: &str) -> bool {
        let Some(after) = self.rest.strip_prefix(op) else {
            return false;
        };
        match op {
            "|" | "&" => !after.starts_with(op) && !after.starts_with('='),
            "<" | ">" => !after.starts_with(op),
            "==" | "!=" | "<=" | ">=" | "&&" | "||" => true,
            _ => !after.starts_with('='),
        }
    }

    fn apply(&self, op: &str, a: i64, b: i64) -> Result<i64, String> {
        Ok(match op {
            "||" => i64::from(a != 0 || b != 0),
            "&&" => i64::from(a != 0 && b != 0),
            "|" => a | b,
            "^" => a ^ b,
            "&" => a & b,
            "==" => i64::from(a == b),
            "!=" => i64::from(a != b),
            "<=" => i64::from(a <= b),
            ">=" => i64::from(a >= b),
            "<" => i64::from(a < b),
            ">" => i64::from(a > b),
            "<<" => a.wrapping_shl(b as u32),
            ">>" => a.wrapping_shr(b as u32),
            "+" => a.wrapping_add(b),
            "-" => a.wrapping_sub(b),
            "*" => a.wrapping_mul(b),
            _ if b == 0 && self.skip > 0 => 0,
            _ if b == 0 => return Err("divide by zero".into()),
            "/" => a.wrapping_div(b),
            _ => a.wrapping_rem(b),
        })
    }

    fn unary(&mut self) -> Result<i64, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("arithmetic syntax error".into());
        }
        let value = self.unary_inner();
        self.depth -= 1;
        value
    }

    fn unary_inner(&mut self) -> Result<i64, String> {
        for (op, step) in [("++", 1), ("--", -1)] {
            let start = self.rest;
            if self.eat(op) {
                if let Some(name) = self.name() {
                    let value = self.variable(name)?.wrapping_add(step);
                    return Ok(self.set(name, value));
                }
                self.rest = start;
            }
        }
        if self.eat("!") {
            return Ok(i64::from(self.unary()? == 0));
        }
        if self.eat("~") {
            return Ok(!self.unary()?);
        }
        if self.eat("-") {
            return Ok(self.unary()?.wrapping_neg());
        }
        if self.eat("+") {
            return self.unary();
        }
        let base = self.primary()?;
        if !self.eat("**") {
            return Ok(base);
        }
        let exponent = self.unary()?;
        Ok(base.wrapping_pow(exponent.clamp(0, 4096) as u32))
    }

    fn primary(&mut self) -> Result<i64, String> {
        if self.eat("(") {
            let value = self.comma()?;
            return if self.eat(")") { Ok(value) } else { Err("arithmetic syntax error".into()) };
        }
        if let Some(name) = self.name() {
            let value = self.variable(name)?;
            for (op, step) in [("++", 1), ("--", -1)] {
                if self.eat(op) {
                    self.set(name, value.wrapping_add(step));
                }
            }
            return Ok(value);
        }
        self.blanks();
        let len =
            self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '#')).unwrap_or(self.rest.len());
        let number = parse_number(&self.rest[..len]).ok_or("arithmetic syntax error")?;
        self.rest = &self.rest[len..];
        Ok(number)
    }
}

/// Decimal, `0x…`, `0…` octal, `base#digits`.
fn parse_number(text: &str) -> Option<i64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (radix, digits) = if let Some(hex) = digits.strip_prefix("0x").or(digits.strip_prefix("0X")) {
        (16, hex)
    } else if let Some((radix, digits)) = digits.split_once('#') {
        (radix.parse().ok().filter(|r| (2..=36).contains(r))?, digits)
    } else if digits.len() > 1 && digits.starts_with('0') {
        (8, &digits[1..])
    } else {
        (10, digits)
    };
    let mut value: i64 = 0;
    if digits.is_empty() {
        return None;
    }
    for c in digits.chars() {
        value = value.wrapping_mul(radix.into()).wrapping_add(c.to_digit(radix)?.into());
    }
    Some(value.wrapping_mul(sign))
}
