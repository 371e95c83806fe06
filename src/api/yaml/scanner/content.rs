//! Directives, tags and scalars: the tokens with content.

use super::{Kind, Scan, Scanner, Token, is_blank, is_blankz, is_break, is_breakz, is_word};

impl Scanner<'_> {
    pub(super) fn directive(&mut self) -> Scan {
        self.unroll(-1);
        self.forget_key()?;
        self.key_allowed = false;
        let from = self.mark;
        self.advance();
        let name = self.mark.at;
        self.advance_while(is_word);
        if self.mark.at == name {
            return self.fail("could not find expected directive name");
        }
        if !is_blankz(self.c()) {
            return self.fail("found unexpected non-alphabetical character");
        }
        let kind = match self.text[name..self.mark.at].iter().collect::<String>().as_str() {
            "YAML" => {
                self.version()?;
                Kind::VersionDirective
            }
            "TAG" => {
                self.tag_directive()?;
                Kind::TagDirective
            }
            _ => return self.fail("found unknown directive name"),
        };
        self.push(kind, from);
        self.rest_of_line()
    }

    /// Blanks and a comment, up to and with the end of the line.
    fn rest_of_line(&mut self) -> Scan {
        self.advance_while(is_blank);
        if self.c() == '#' {
            self.advance_while(|c| !is_breakz(c));
        }
        if !is_breakz(self.c()) {
            return self.fail("did not find expected comment or line break");
        }
        if is_break(self.c()) {
            self.advance_line();
        }
        Ok(())
    }

    fn version(&mut self) -> Scan {
        self.advance_while(is_blank);
        self.version_number()?;
        if self.c() != '.' {
            return self.fail("did not find expected digit or '.' character");
        }
        self.advance();
        self.version_number()
    }

    fn version_number(&mut self) -> Scan {
        let from = self.mark.at;
        while self.c().is_ascii_digit() {
            if self.mark.at - from == 2 {
                return self.fail("found extremely long version number");
            }
            self.advance();
        }
        if self.mark.at == from {
            return self.fail("did not find expected version number");
        }
        Ok(())
    }

    fn tag_directive(&mut self) -> Scan {
        self.advance_while(is_blank);
        let from = self.mark.at;
        let closed = self.tag_handle()?;
        if !closed && self.mark.at - from > 1 {
            return self.fail("did not find expected '!'");
        }
        if !is_blank(self.c()) {
            return self.fail("did not find expected whitespace");
        }
        self.advance_while(is_blank);
        self.tag_uri(false)?;
        if !is_blankz(self.c()) {
            return self.fail("did not find expected whitespace or line break");
        }
        Ok(())
    }

    pub(super) fn tag(&mut self) -> Scan {
        self.save_key()?;
        self.key_allowed = false;
        let from = self.mark;
        if self.ahead(1) == '<' {
            self.advance();
            self.advance();
            self.tag_uri(false)?;
            if self.c() != '>' {
                return self.fail("did not find the expected '>'");
            }
            self.advance();
        } else {
            let closed = self.tag_handle()?;
            self.tag_uri(!closed)?;
        }
        if !is_blankz(self.c()) {
            return self.fail("did not find expected whitespace or line break");
        }
        self.push(Kind::Tag, from);
        Ok(())
    }

    /// Passes `!`, `!!` or `!name!`; says whether a second `!` closed it.
    fn tag_handle(&mut self) -> Scan<bool> {
        if self.c() != '!' {
            return self.fail("did not find expected '!'");
        }
        self.advance();
        self.advance_while(is_word);
        let closed = self.c() == '!';
        if closed {
            self.advance();
        }
        Ok(closed)
    }

    fn tag_uri(&mut self, mut found: bool) -> Scan {
        while is_word(self.c()) || ";/?:@&=+$,.!~*'()[]%".contains(self.c()) {
            if self.c() == '%' && !(self.ahead(1).is_ascii_hexdigit() && self.ahead(2).is_ascii_hexdigit()) {
                return self.fail("did not find URI escaped octet");
            }
            self.advance();
            found = true;
        }
        if found { Ok(()) } else { self.fail("did not find expected tag URI") }
    }

    pub(super) fn block_scalar(&mut self) -> Scan {
        self.forget_key()?;
        self.key_allowed = true;
        let from = self.mark;
        self.advance();
        let mut increment = 0;
        for _ in 0..2 {
            match self.c() {
                '+' | '-' => self.advance(),
                '0' => return self.fail("found an indentation indicator equal to 0"),
                c if c.is_ascii_digit() && increment == 0 => {
                    increment = c as isize - '0' as isize;
                    self.advance();
                }
                _ => {}
            }
        }
        self.rest_of_line()?;
        let mut indent = if increment > 0 { self.indent.max(0) + increment } else { 0 };
        self.block_breaks(&mut indent)?;
        while self.mark.column == indent && self.c() != '\0' {
            self.advance_while(|c| !is_breakz(c));
            if is_break(self.c()) {
                self.advance_line();
            }
            self.block_breaks(&mut indent)?;
        }
        let end = self.mark.at;
        let indent = indent.unsigned_abs();
        self.tokens.push_back(Token { end, indent, ..Token::new(Kind::Scalar, from) });
        Ok(())
    }

    /// Passes indentation and empty lines; an `indent` of 0 is found out from the first line with text.
    fn block_breaks(&mut self, indent: &mut isize) -> Scan {
        let mut widest = 0;
        loop {
            while (*indent == 0 || self.mark.column < *indent) && self.c() == ' ' {
                self.advance();
            }
            widest = widest.max(self.mark.column);
            if (*indent == 0 || self.mark.column < *indent) && self.c() == '\t' {
                return self.fail("found a tab character where an indentation space is expected");
            }
            if !is_break(self.c()) {
                break;
            }
            self.advance_line();
        }
        if *indent == 0 {
            *indent = widest.max(self.indent + 1).max(1);
        }
        Ok(())
    }

    pub(super) fn quoted(&mut self, quote: char) -> Scan {
        self.save_key()?;
        self.key_allowed = false;
        let from = self.mark;
        self.advance();
        loop {
            if self.at_document_indicator('-') || self.at_document_indicator('.') {
                return self.fail("found unexpected document indicator");
            }
            match self.c() {
                '\0' => return self.fail("found unexpected end of stream"),
                '\'' if quote == '\'' && self.ahead(1) == '\'' => {
                    self.advance();
                    self.advance();
                }
                c if c == quote => break,
                '\\' if quote == '"' => self.escape()?,
                c if is_break(c) => self.advance_line(),
                _ => self.advance(),
            }
        }
        self.advance();
        self.push(Kind::Scalar, from);
        Ok(())
    }

    fn escape(&mut self) -> Scan {
        let digits = match self.ahead(1) {
            c if is_break(c) => {
                self.advance();
                self.advance_line();
                return Ok(());
            }
            'x' => 2,
            'u' => 4,
            'U' => 8,
            c if "0abt\tnvfre \"'\\N_LP".contains(c) => 0,
            _ => return self.fail("found unknown escape character"),
        };
        self.advance();
        self.advance();
        let mut code = 0u32;
        for i in 0..digits {
            let Some(digit) = self.ahead(i).to_digit(16) else {
                return self.fail("did not find expected hexdecimal number");
            };
            code = code << 4 | digit;
        }
        if char::from_u32(code).is_none() {
            return self.fail("found invalid Unicode character escape code");
        }
        (0..digits).for_each(|_| self.advance());
        Ok(())
    }

    pub(super) fn plain(&mut self) -> Scan {
        self.save_key()?;
        self.key_allowed = false;
        let from = self.mark;
        let indent = self.indent + 1;
        let mut end = self.mark.at;
        let mut new_line = false;
        while !(self.at_document_indicator('-') || self.at_document_indicator('.') || self.c() == '#') {
            while !is_blankz(self.c()) && !self.ends_plain() {
                new_line = false;
                self.advance();
                end = self.mark.at;
            }
            if !(is_blank(self.c()) || is_break(self.c())) {
                break;
            }
            while is_blank(self.c()) || is_break(self.c()) {
                if is_break(self.c()) {
                    self.advance_line();
                    new_line = true;
                } else if new_line && self.mark.column < indent && self.c() == '\t' {
                    return self.fail("found a tab character that violates indentation");
                } else {
                    self.advance();
                }
            }
            if self.flow == 0 && self.mark.column < indent {
                break;
            }
        }
        self.tokens.push_back(Token { end, ..Token::new(Kind::Scalar, from) });
        if new_line {
            self.key_allowed = true;
        }
        Ok(())
    }

    fn ends_plain(&self) -> bool {
        match self.c() {
            ':' => is_blankz(self.ahead(1)),
            ',' | '?' | '[' | ']' | '{' | '}' => self.flow > 0,
            _ => false,
        }
    }
}
