//! Where something stands in a text.

use std::fmt;

/// A point in a text. Lines and columns count from 1, offsets from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The offset in bytes of UTF-8.
    pub byte: usize,
    /// The offset in UTF-16 code units, as a browser's editor counts.
    pub utf16: usize,
    pub line: usize,
    /// The column in characters.
    pub column: usize,
}

/// From a point up to, but without, another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range {
    pub start: Place,
    pub end: Place,
}

impl Range {
    /// The part of `text` this range covers.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start.byte..self.end.byte).unwrap_or_default()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

impl Place {
    /// The first point of a text.
    pub const START: Place = Place { byte: 0, utf16: 0, line: 1, column: 1 };

    /// The point behind `passed`, which is the text that begins here.
    pub fn after(mut self, passed: &str) -> Place {
        passed.chars().for_each(|c| self.pass(c));
        self
    }

    fn pass(&mut self, c: char) {
        self.byte += c.len_utf8();
        self.utf16 += c.len_utf16();
        if c == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
    }
}

/// Some places of a text, to find the others from.
pub(super) struct Places<'a> {
    text: &'a [char],
    known: Vec<Place>,
}

impl<'a> Places<'a> {
    const STEP: usize = 128;

    /// `text` is a part of a larger one and begins there at `origin`.
    pub fn new(text: &'a [char], origin: Place) -> Self {
        let mut at = origin;
        let mut known = Vec::with_capacity(text.len() / Self::STEP + 1);
        for (i, &c) in text.iter().enumerate() {
            if i % Self::STEP == 0 {
                known.push(at);
            }
            at.pass(c);
        }
        if text.len().is_multiple_of(Self::STEP) {
            known.push(at);
        }
        Self { text, known }
    }

    /// The place of a character of the part; of its end, when there are fewer.
    pub fn of(&self, index: usize) -> Place {
        let index = index.min(self.text.len());
        let from = index / Self::STEP;
        let mut at = self.known[from];
        self.text[from * Self::STEP..index].iter().for_each(|&c| at.pass(c));
        at
    }
}
