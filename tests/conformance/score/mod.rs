//! Scores a trace against the recorded trace of the same scenario.
//!
//! Five rows: `state` (what each object shows at every step and at the end), `path` (the order in which an object's
//! states came), `events` (which Events were recorded), `timing` (when Pods reached their milestones) and `bounds`
//! (the fewest available and the most existing Pods of a workload). What a cluster makes up anew in each run is
//! replaced by aliases first.

mod clean;
mod compare;
mod names;
mod path;
mod projection;
mod report;
mod trace;

pub use report::{ROW_NAMES, Report, Rows, Tally};

use projection::Pool;
use trace::Trace;

/// Compares two traces in the JSON lines form. Fails when either is not such a trace.
pub fn compare(reference: &[u8], candidate: &[u8]) -> Result<Report, String> {
    let mut pool = Pool::default();
    let reference = Trace::read(reference, &mut pool).map_err(|e| format!("reference: {e}"))?;
    let candidate = Trace::read(candidate, &mut pool).map_err(|e| format!("candidate: {e}"))?;
    Ok(compare::compare(&reference, &candidate, &pool))
}

/// By how many seconds a candidate may be early or late at `t`: 2.5, or 15 % of the time since the last step before
/// it, whichever is larger.
fn slack(t: f64, steps: &[f64]) -> f64 {
    let last_step = steps.iter().copied().filter(|step| *step <= t);
    let since = t - last_step.reduce(f64::max).unwrap_or(0.0);
    (0.15 * since).max(2.5)
}
