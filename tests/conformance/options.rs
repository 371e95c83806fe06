//! What the suite is asked to do: libtest's arguments where they make sense here, and two variables.

use std::env;

/// How `passing.txt` is rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// Not at all.
    Never,
    /// Scenarios that are new, or better in a row and worse in none.
    Improved,
    /// Every scenario that ran.
    All,
}

/// The options of a run.
pub struct Options {
    /// Parts of names; a scenario runs when its name contains one.
    pub filters: Vec<String>,
    /// Filters are whole names.
    exact: bool,
    /// Only print the names.
    pub list: bool,
    pub threads: usize,
    pub update: Update,
    /// Print what does not agree under each scenario.
    pub faults: bool,
}

impl Options {
    /// Reads the arguments and the environment of the process.
    pub fn from_process() -> Result<Options, String> {
        let update = match env::var("PODSCOPE_UPDATE").unwrap_or_default().as_str() {
            "" | "0" => Update::Never,
            "1" => Update::Improved,
            "all" => Update::All,
            other => return Err(format!("PODSCOPE_UPDATE is 1 or all, not {other}")),
        };
        let faults = !matches!(env::var("PODSCOPE_FAULTS").unwrap_or_default().as_str(), "" | "0");
        let mut options =
            Options { filters: Vec::new(), exact: false, list: false, threads: 2, update, faults };
        let mut arguments = env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let (name, value) = match argument.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name.to_owned(), Some(value.to_owned())),
                _ => (argument, None),
            };
            match name.as_str() {
                "--exact" => options.exact = true,
                "--list" => options.list = true,
                "--test-threads" => {
                    let value = value.or_else(|| arguments.next()).unwrap_or_default();
                    options.threads =
                        value.parse().map_err(|_| format!("--test-threads takes a number, not {value}"))?;
                }
                "--color" | "--format" | "--logfile" | "--skip" if value.is_none() => {
                    arguments.next();
                }
                // libtest's other switches change nothing here.
                switch if switch.starts_with('-') => {}
                filter => options.filters.push(filter.to_owned()),
            }
        }
        Ok(options)
    }

    /// Whether the filters let a scenario run.
    pub fn admits(&self, name: &str) -> bool {
        let matches = |filter: &String| {
            if self.exact { name == filter } else { name.contains(filter.as_str()) }
        };
        self.filters.is_empty() || self.filters.iter().any(matches)
    }
}
