//! What a comparison found: a tally for each row and the faults behind it.

use std::fmt;

/// The rows of a report, in the order in which they are printed.
pub const ROW_NAMES: [&str; 5] = ["state", "path", "events", "timing", "bounds"];

/// An index into [`ROW_NAMES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    State,
    Path,
    Events,
    Timing,
    Bounds,
}

/// How many comparisons of a row agreed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Comparisons that agreed.
    pub good: usize,
    /// Comparisons made.
    pub total: usize,
}

impl Tally {
    /// Whether a smaller share agreed than in `other`; a row without comparisons is full.
    pub fn is_below(self, other: Tally) -> bool {
        match (self.total, other.total) {
            (0, _) => false,
            (_, 0) => self.good < self.total,
            _ => self.good * other.total < other.good * self.total,
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.good, self.total)
    }
}

/// The tallies of one scenario, in the order of [`ROW_NAMES`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rows(pub [Tally; 5]);

impl Rows {
    /// The mean share of agreement over the rows that compared something, 0 to 1.
    pub fn score(&self) -> f64 {
        let counted: Vec<_> = self.0.iter().filter(|tally| tally.total > 0).collect();
        if counted.is_empty() {
            return 1.0;
        }
        let shares = counted.iter().map(|tally| tally.good as f64 / tally.total as f64);
        shares.sum::<f64>() / counted.len() as f64
    }

    /// Whether everything compared agreed.
    pub fn is_full(&self) -> bool {
        self.0.iter().all(|tally| tally.good == tally.total)
    }

    /// Adds another scenario's tallies.
    pub fn add(&mut self, other: &Rows) {
        for (sum, tally) in self.0.iter_mut().zip(other.0) {
            sum.good += tally.good;
            sum.total += tally.total;
        }
    }
}

impl fmt::Display for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, tally)) in ROW_NAMES.iter().zip(self.0).enumerate() {
            let gap = if index == 0 { "" } else { "  " };
            write!(f, "{gap}{name} {tally}")?;
        }
        Ok(())
    }
}

/// A comparison that did not agree.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    row: Row,
    text: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", ROW_NAMES[self.row as usize], self.text)
    }
}

/// The result of comparing two traces.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How much agreed.
    pub rows: Rows,
    /// What did not, row by row.
    pub faults: Vec<Fault>,
}

impl Report {
    /// Counts `good` of `total` comparisons; `fault` describes what is wrong when they are not equal.
    pub fn count(&mut self, row: Row, good: usize, total: usize, fault: impl FnOnce() -> String) {
        let tally = &mut self.rows.0[row as usize];
        tally.good += good;
        tally.total += total;
        if good < total {
            self.faults.push(Fault { row, text: fault() });
        }
    }
}
