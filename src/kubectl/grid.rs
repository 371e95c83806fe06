//! Cells in columns. Models text/tabwriter as kubectl sets it up.

/// Lays out rows; remembers its widths, so that later rows stand under earlier ones.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    widths: Vec<usize>,
    least: usize,
    padding: usize,
}

impl Grid {
    /// As tables are printed: columns of at least six, three apart.
    pub fn table() -> Grid {
        Grid { widths: Vec::new(), least: 6, padding: 3 }
    }

    /// As `rollout history` and `describe` print: two apart.
    pub fn plain() -> Grid {
        Grid { widths: Vec::new(), least: 0, padding: 2 }
    }

    /// The rows as text; the last column is not filled up.
    pub fn render(&mut self, rows: &[Vec<String>]) -> String {
        for row in rows {
            let filled = row.len().saturating_sub(1);
            self.widths.resize(self.widths.len().max(filled), self.least);
            for (width, cell) in self.widths.iter_mut().zip(&row[..filled]) {
                *width = (*width).max(cell.chars().count() + self.padding);
            }
        }
        let mut text = String::new();
        for row in rows {
            let filled = row.len().saturating_sub(1);
            for (cell, width) in row[..filled].iter().zip(&self.widths) {
                text.push_str(cell);
                text.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.chars().count())));
            }
            text.push_str(row.last().map(String::as_str).unwrap_or_default());
            text.push('\n');
        }
        text
    }
}
