//! The site on this machine, rebuilt on every change.

use crate::run::{Outcome, root};
use crate::tools;
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

const PORT: u16 = 8080;

/// Builds and serves until it is interrupted.
///
/// # Errors
/// When the port is taken, a tool is missing or the server ends.
pub fn serve(mut options: &[&str]) -> Outcome {
    let (mut port, mut release) = (PORT, false);
    loop {
        options = match options {
            [] => break,
            ["--port", number, rest @ ..] => {
                port = number.parse().map_err(|_| format!("--port {number}: not a port"))?;
                rest
            }
            ["--release", rest @ ..] => {
                release = true;
                rest
            }
            [unknown, ..] => return Err(format!("serve: unknown option {unknown}").into()),
        };
    }
    if TcpListener::bind(("127.0.0.1", port)).is_err() {
        return Err(format!("port {port} is taken: choose another with --port").into());
    }
    let tools = tools::set_up()?;
    println!("building; the first time takes a minute");
    let mut server = Command::new(&tools.trunk)
        .args(["serve", "--offline", "--skip-version-check", "--log", "error"])
        .args(["--address", "127.0.0.1", "--port", &port.to_string()])
        .args(release.then_some("--release"))
        .current_dir(root())
        .env("PATH", &tools.path)
        .env("RUST_BACKTRACE", "0")
        .spawn()?;
    // Trunk listens once it has built.
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if let Some(status) = server.try_wait()? {
            return Err(format!("trunk ended with {status}").into());
        }
        thread::sleep(Duration::from_millis(200));
    }
    println!("Podscope is at http://127.0.0.1:{port}/ (Ctrl-C ends it)");
    let status = server.wait()?;
    Err(format!("trunk ended with {status}").into())
}
