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
        let mut previous = '\0';
        for c in passed.chars() {
            self.byte += c.len_utf8();
            self.utf16 += c.len_utf16();
            if c == '\n' && previous == '\r' {
                // The second half of a line break already counted.
            } else if c == '\n' || c == '\r' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
            previous = c;
        }
        self
    }
}

/// The beginnings of a text's lines, to turn (line, column) into a `Place`.
pub(super) struct Lines<'a> {
    text: &'a str,
    origin: Place,
    starts: Vec<Place>,
}

impl<'a> Lines<'a> {
    /// `text` is a part of a larger one and begins there at `origin`.
    pub fn new(text: &'a str, origin: Place) -> Self {
        let mut starts = vec![origin];
        let mut at = origin;
        for line in text.split_inclusive('\n') {
            at = at.after(line);
            starts.push(at);
        }
        Self { text, origin, starts }
    }

    /// The place of a line and a column, both counted from 0 within the part.
    pub fn place(&self, line: usize, column: usize) -> Place {
        let Some(start) = self.starts.get(line) else {
            return self.starts.last().copied().unwrap_or(self.origin);
        };
        let rest = &self.text[start.byte - self.origin.byte..];
        let width = rest.char_indices().nth(column).map_or(rest.len(), |(i, _)| i);
        start.after(&rest[..width])
    }

    /// The text from a place on.
    pub fn from(&self, place: Place) -> &'a str {
        &self.text[place.byte - self.origin.byte..]
    }
}
