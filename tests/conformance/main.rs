//! Runs recorded scenarios and compares what happens with what a real cluster did. See README.md beside this file.

mod data;
mod list;
mod options;
mod run;
mod score;

use std::fs;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use list::List;
use options::{Options, Update};
use score::{Report, Rows};

/// What came of one scenario: its report, or why there is none.
type Outcome = Result<Report, String>;

fn main() -> ExitCode {
    match conformance() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(101),
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::from(101)
        }
    }
}

/// Runs the suite; true when every listed scenario holds its rows.
fn conformance() -> Result<bool, String> {
    let options = Options::from_process()?;
    let passing = data::root().join("passing.txt");
    let text = fs::read_to_string(&passing).map_err(|e| format!("{}: {e}", passing.display()))?;
    let mut listed = list::parse(&text)?;
    let all = data::scenario_names()?;
    if let Some(unknown) = listed.keys().find(|name| !all.contains(name)) {
        return Err(format!("passing.txt: no such scenario: {unknown}"));
    }
    // What is asked for by name, or for an update, runs whether or not it is held to a row.
    let listed_only = options.filters.is_empty() && options.update == Update::Never;
    let chosen = |name: &String| options.admits(name) && (!listed_only || listed.contains_key(name));
    let names: Vec<String> = all.iter().filter(|name| chosen(name)).cloned().collect();
    if options.list {
        names.iter().for_each(|name| println!("{name}: test"));
        return Ok(true);
    }
    let begun = Instant::now();
    println!("\nrunning {} {}", names.len(), if names.len() == 1 { "test" } else { "tests" });
    let mut summary = Summary::default();
    run_all(&names, options.threads, |name, outcome| {
        print_outcome(name, &outcome, options.faults);
        summary.take(name, &outcome, &mut listed, options.update);
    });
    if options.update != Update::Never {
        fs::write(&passing, list::write(&listed)).map_err(|e| format!("{}: {e}", passing.display()))?;
    }
    summary.print(all.len() - names.len(), begun);
    Ok(summary.failures.is_empty())
}

/// Runs the scenarios on some threads and calls `each` with their outcomes in order.
fn run_all(names: &[String], threads: usize, mut each: impl FnMut(&str, Outcome)) {
    let next = AtomicUsize::new(0);
    let (sender, outcomes) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
                    // Fails only when the receiver is gone, and then nobody waits for it.
                    let _ = sender.send((name, run_and_score(name)));
                }
            });
        }
        drop(sender);
        let mut early = std::collections::BTreeMap::new();
        let mut expected = names.iter();
        let mut current = expected.next();
        for (name, outcome) in outcomes {
            early.insert(name, outcome);
            while let Some((name, outcome)) = current.and_then(|name| early.remove_entry(name)) {
                each(name, outcome);
                current = expected.next();
            }
        }
    });
}

fn run_and_score(name: &str) -> Outcome {
    let trace = run::run_scenario(&data::scenario(name))?;
    score::compare(&data::recorded_trace(name)?, &trace)
}

fn print_outcome(name: &str, outcome: &Outcome, faults: bool) {
    match outcome {
        Ok(report) => {
            println!("{name:<44} {:5.1}%  {}", 100.0 * report.rows.score(), report.rows);
            if faults {
                report.faults.iter().for_each(|fault| println!("    {fault}"));
            }
        }
        Err(problem) => println!("{name:<44} did not run: {problem}"),
    }
}

/// What all scenarios came to.
#[derive(Default)]
struct Summary {
    run: usize,
    full: usize,
    passed: usize,
    /// Scenarios that are not held to a row.
    unlisted: usize,
    scores: f64,
    totals: Rows,
    failures: Vec<String>,
}

impl Summary {
    /// Counts a scenario, judges it by its listed rows and keeps the list up to date.
    fn take(&mut self, name: &str, outcome: &Outcome, listed: &mut List, update: Update) {
        self.run += 1;
        let least = listed.get(name).copied();
        let report = match outcome {
            Ok(report) => report,
            Err(problem) => {
                match least {
                    Some(_) => self.failures.push(format!("{name}: did not run: {problem}")),
                    None => self.unlisted += 1,
                }
                return;
            }
        };
        self.full += usize::from(report.rows.is_full());
        self.scores += report.rows.score();
        self.totals.add(&report.rows);
        let below = least.map_or(Vec::new(), |least| list::rows_below(&report.rows, &least));
        if update == Update::All || (update == Update::Improved && below.is_empty()) {
            listed.insert(name.to_owned(), report.rows);
        }
        match least {
            None => self.unlisted += 1,
            Some(_) if below.is_empty() || update == Update::All => self.passed += 1,
            Some(least) => self.failures.push(format!("{name}: {} below {least}", below.join(", "))),
        }
    }

    fn print(&self, filtered_out: usize, begun: Instant) {
        if self.run > 0 {
            let mean = 100.0 * self.scores / self.run as f64;
            println!("{} scenarios, {} match in full, mean {mean:.1}%  {}", self.run, self.full, self.totals);
        }
        if !self.failures.is_empty() {
            println!("\nfailures:");
            self.failures.iter().for_each(|failure| println!("    {failure}"));
        }
        println!(
            "\ntest result: {}. {} passed; {} failed; {} ignored; 0 measured; {filtered_out} filtered out; finished in {:.2}s\n",
            if self.failures.is_empty() { "ok" } else { "FAILED" },
            self.passed,
            self.failures.len(),
            self.unlisted,
            begun.elapsed().as_secs_f64(),
        );
    }
}
