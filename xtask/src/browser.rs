//! A browser to test in.

use crate::run::{Outcome, which};
use std::path::PathBuf;
use std::process::Command;

/// The browser of this machine. On a Debian-like system Chromium is installed if there is none and we may.
///
/// # Errors
/// When there is none; the message says what to install.
pub fn find_or_install() -> Outcome<PathBuf> {
    if let Some(browser) = chrome::find() {
        return Ok(browser);
    }
    if which("apt-get").is_some() {
        println!("installing chromium (once)");
        // As anybody but root this fails; then the message below says what to do.
        let apt = |arguments: &[&str]| {
            let mut command = Command::new("apt-get");
            command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").status()
        };
        apt(&["update", "-qq"])?;
        apt(&["install", "-y", "-qq", "--no-install-recommends", "chromium"])?;
    }
    chrome::find().ok_or_else(|| {
        "no browser: install Chromium, Chrome or Edge, or name one in the environment variable CHROME".into()
    })
}
