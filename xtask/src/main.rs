//! Podscope's tooling. `cargo xtask` alone lists the commands.

mod bench;
mod browser;
mod dist;
mod lint;
mod run;
mod serve;
mod test;
mod tools;
mod wasm;
mod weigh;

use run::Outcome;
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask COMMAND

  serve [--port N] [--release]   build, serve on this machine and rebuild on every change
  build                          build the site into dist/ and weigh what a visitor downloads
  test                           everything: in the browser, end to end, native
  lint                           rustfmt and clippy, native and WebAssembly
  bench [--runs N]               how fast the built page starts
  weigh                          which crates the WebAssembly consists of
  set-up                         only fetch the tools that the other commands need

Tools are kept in target/tools, or in the folder that PODSCOPE_TOOLS names.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match command(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn command(arguments: &[&str]) -> Outcome {
    match arguments {
        ["serve", options @ ..] => serve::serve(options),
        ["build"] => dist::build(),
        ["test"] => test::all(),
        ["lint"] => lint::lint(),
        ["bench"] => bench::bench(bench::RUNS),
        ["bench", "--runs", runs] => {
            bench::bench(runs.parse().map_err(|_| format!("--runs {runs}: not a number"))?)
        }
        ["weigh"] => weigh::weigh(),
        ["set-up"] => tools::set_up().map(drop),
        ["run-wasm-test", wasm, rest @ ..] => test::run_wasm(wasm, rest),
        [] | ["help" | "-h" | "--help"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => Err(format!("unknown command: {}\n\n{USAGE}", arguments.join(" ")).into()),
    }
}
