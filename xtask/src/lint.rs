//! Formatting and lints.

use crate::run::{Outcome, WASM, cargo, run};

/// Rustfmt and clippy over everything, as native code and as WebAssembly. All of them run; one complaint fails.
///
/// # Errors
/// When one of them complains.
pub fn lint() -> Outcome {
    let checks: [&[&str]; 4] = [
        &["fmt", "--all", "--check"],
        &["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"],
        &["clippy", "--quiet", "--target", WASM, "--lib", "--bins", "--", "-D", "warnings"],
        &["clippy", "--quiet", "--target", WASM, "--test", "web", "--", "-D", "warnings"],
    ];
    let failed: Vec<String> =
        checks.iter().filter(|check| run(&mut cargo(check)).is_err()).map(|check| check.join(" ")).collect();
    if failed.is_empty() { Ok(()) } else { Err(format!("cargo {} failed", failed.join(", cargo ")).into()) }
}
