//! `passing.txt`: the scenarios that are held to a row, one a line, sorted:
//! `fake-deploy-create-3 state=7/7 path=5/5 events=9/9 timing=12/12 bounds=1/1`.

use std::collections::BTreeMap;

use crate::score::{ROW_NAMES, Rows, Tally};

/// The least each listed scenario must reach.
pub type List = BTreeMap<String, Rows>;

/// Reads the list; fails with the line that is not understood.
pub fn parse(text: &str) -> Result<List, String> {
    let mut list = List::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (name, rows) = parse_line(line).ok_or_else(|| format!("passing.txt: not understood: {line}"))?;
        list.insert(name.to_owned(), rows);
    }
    Ok(list)
}

fn parse_line(line: &str) -> Option<(&str, Rows)> {
    let mut words = line.split_whitespace();
    let name = words.next()?;
    let mut rows = Rows::default();
    for (expected, tally) in ROW_NAMES.iter().zip(&mut rows.0) {
        let (row, numbers) = words.next()?.split_once('=')?;
        let (good, total) = numbers.split_once('/')?;
        *tally = Tally { good: good.parse().ok()?, total: total.parse().ok()? };
        if row != *expected {
            return None;
        }
    }
    words.next().is_none().then_some((name, rows))
}

/// Writes the list.
pub fn write(list: &List) -> String {
    let line = |(name, rows): (&String, &Rows)| {
        let rows = ROW_NAMES.iter().zip(rows.0).map(|(row, tally)| format!(" {row}={tally}"));
        format!("{name}{}\n", rows.collect::<String>())
    };
    list.iter().map(line).collect()
}

/// The names of the rows in which `rows` falls below `least`.
pub fn rows_below(rows: &Rows, least: &Rows) -> Vec<&'static str> {
    let tallies = rows.0.iter().zip(least.0);
    let below = ROW_NAMES.iter().zip(tallies).filter(|(_, (now, least))| now.is_below(*least));
    below.map(|(name, _)| *name).collect()
}
