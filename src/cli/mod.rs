//! The native program: runs scenarios without a screen.

mod bench;
mod check;
mod run;
mod trace;

use std::process::ExitCode;

const USAGE: &str = "\
podscope: a Kubernetes cluster without a cluster

  podscope run PATH [--until T] [--seed N] [--trace OUT.jsonl]
                     runs a scenario file or folder and prints what came of it;
                     --trace - writes the trace to standard output
  podscope check FILE…
                     says what is wrong with manifests and how to put it right;
                     - reads standard input; fails if there are errors
";

/// Runs the program with the process's own arguments.
pub fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.first().map(String::as_str) {
        Some("bench") => bench::main(&arguments[1..]),
        Some("check") => check::main(&arguments[1..]),
        Some("run") => run::main(&arguments[1..]),
        Some("help" | "--help" | "-h") => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        Some(other) => Err(format!("unknown command {other:?}\n\n{USAGE}")),
        None => Err(USAGE.to_string()),
    };
    outcome.unwrap_or_else(|error| {
        eprint!("{error}");
        if !error.ends_with('\n') {
            eprintln!();
        }
        ExitCode::from(2)
    })
}
