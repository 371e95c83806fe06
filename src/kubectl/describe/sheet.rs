//! Lines whose tabs become columns. Models text/tabwriter under describe's PrefixWriter.

use std::collections::BTreeMap;

use crate::api::Time;

/// How far columns are apart.
const PADDING: usize = 2;
/// Longer annotations get a line of their own. Models maxAnnotationLen.
const MAX_ANNOTATION: usize = 140;
/// Not worth showing: the manifest that was applied last.
const HIDDEN: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// A description being written.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    done: String,
    lines: Vec<String>,
}

impl Sheet {
    /// A line at an indentation of two blanks a level; tabs end cells.
    pub fn line(&mut self, level: usize, text: impl AsRef<str>) {
        self.lines.push(format!("{}{}", "  ".repeat(level), text.as_ref()));
    }

    /// `Name:  value`
    pub fn field(&mut self, name: &str, value: impl AsRef<str>) {
        self.line(0, format!("{name}:\t{}", value.as_ref()));
    }

    /// Lays out what is written so far: later lines have columns of their own.
    pub fn flush(&mut self) {
        let lines: Vec<Vec<&str>> = self.lines.iter().map(|line| line.split('\t').collect()).collect();
        let mut widths: Vec<Vec<usize>> = lines.iter().map(|cells| vec![0; cells.len()]).collect();
        for (first, cells) in lines.iter().enumerate() {
            for column in 0..cells.len().saturating_sub(1) {
                let starts = first == 0 || lines[first - 1].len() <= column + 1;
                if starts {
                    let block = lines[first..].iter().take_while(|cells| cells.len() > column + 1);
                    let count = block.clone().count();
                    let width = block.map(|cells| cells[column].chars().count() + PADDING).max().unwrap_or(0);
                    widths[first..first + count].iter_mut().for_each(|row| row[column] = width);
                }
            }
        }
        for (cells, widths) in lines.iter().zip(&widths) {
            for (cell, width) in cells.iter().zip(widths) {
                self.done.push_str(cell);
                let blanks = width.saturating_sub(cell.chars().count());
                self.done.extend(std::iter::repeat_n(' ', blanks));
            }
            self.done.push('\n');
        }
        self.lines.clear();
    }

    /// The whole text.
    pub fn finish(mut self) -> String {
        self.flush();
        self.done
    }

    /// Several values under one name, a line each. Models printLabelsMultiline.
    pub fn list(&mut self, name: &str, values: impl IntoIterator<Item = String>) {
        let mut title = format!("{name}:");
        for value in values {
            self.line(0, format!("{title}\t{value}"));
            title.clear();
        }
        if !title.is_empty() {
            self.line(0, format!("{title}\t<none>"));
        }
    }

    /// Labels, or a selector.
    pub fn labels(&mut self, name: &str, labels: Option<&BTreeMap<String, String>>) {
        self.list(name, labels.into_iter().flatten().map(|(key, value)| format!("{key}={value}")));
    }

    /// Models printAnnotationsMultiline.
    pub fn annotations(&mut self, name: &str, annotations: Option<&BTreeMap<String, String>>) {
        let mut values = Vec::new();
        for (key, value) in annotations.into_iter().flatten().filter(|(key, _)| *key != HIDDEN) {
            let value = value.strip_suffix('\n').unwrap_or(value);
            if key.len() + value.len() + 2 <= MAX_ANNOTATION && !value.contains('\n') {
                values.push(format!("{key}: {value}"));
                continue;
            }
            values.push(format!("{key}:"));
            values.extend(value.split('\n').map(|line| format!("  {}", shorten(line))));
        }
        self.list(name, values);
    }
}

fn shorten(line: &str) -> String {
    match line.char_indices().nth(MAX_ANNOTATION - 2) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line.into(),
    }
}

/// A date as describe shows it: `Tue, 24 Nov 2026 16:19:13 +0000`. Models time.RFC1123Z.
pub(super) fn date(time: Option<&Time>) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let Some(time) = time else { return "Mon, 01 Jan 0001 00:00:00 +0000".into() };
    let weekday = DAYS[time.0.as_second().div_euclid(86_400).rem_euclid(7) as usize];
    // 2026-11-24T16:19:13Z
    let text = time.0.to_string();
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let month = part(5, 7).parse::<usize>().unwrap_or(1).clamp(1, 12);
    format!("{weekday}, {} {} {} {} +0000", part(8, 10), MONTHS[month - 1], part(0, 4), part(11, 19))
}

/// `True` or `False`.
pub(super) fn truth(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}
