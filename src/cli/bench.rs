//! `podscope bench`: how long whole clusters take, natively.

use std::process::ExitCode;
use std::time::Instant;

use podscope::session::bench::Bench;

/// Prints the time of a creation and of a rolling update for each size.
///
/// # Errors
/// A size is not a number.
pub fn main(arguments: &[String]) -> Result<ExitCode, String> {
    let sizes: Vec<usize> = match arguments {
        [] => vec![300, 1_000, 3_000, 10_000],
        sizes => sizes
            .iter()
            .map(|s| s.parse().map_err(|_| format!("{s:?} is not a number")))
            .collect::<Result<_, _>>()?,
    };
    for replicas in sizes {
        let start = Instant::now();
        let mut bench = Bench::new(replicas);
        let created = bench.until_ready();
        let ready = start.elapsed();
        let start = Instant::now();
        let rolled = bench.roll();
        let roll = start.elapsed();
        println!(
            "{replicas:>6} replicas: ready {:>8.1} ms ({created} simulated), rolled {:>8.1} ms ({rolled} simulated), {} revisions",
            ready.as_secs_f64() * 1e3,
            roll.as_secs_f64() * 1e3,
            bench.revisions(),
        );
    }
    Ok(ExitCode::SUCCESS)
}
