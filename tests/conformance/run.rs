//! Runs a scenario and hands back its trace.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long a scenario may take before it counts as hung.
const LIMIT: Duration = Duration::from_secs(120);

/// Runs the scenario of a folder and returns its trace as JSON lines. Fails with what the runner wrote to standard
/// error, or when it takes longer than two minutes.
pub fn run_scenario(folder: &Path) -> Result<Vec<u8>, String> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_podscope"))
        .arg("run")
        .arg(folder)
        .args(["--trace", "-"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| format!("cannot start the runner: {e}"))?;
    let trace = read_all(child.stdout.take());
    let errors = read_all(child.stderr.take());
    let Ok(trace) = trace.recv_timeout(LIMIT) else {
        return Err(end_hung(child));
    };
    let status = child.wait().map_err(|e| format!("cannot wait for the runner: {e}"))?;
    if !status.success() {
        let errors = errors.recv().unwrap_or_default();
        return Err(format!("{status}: {}", String::from_utf8_lossy(&errors).trim_end()));
    }
    if trace.is_empty() {
        return Err("the runner wrote no trace".to_owned());
    }
    Ok(trace)
}

/// Reads a pipe to its end on a thread of its own, so that neither pipe blocks the runner.
fn read_all(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // A pipe that breaks shows in the exit status.
        let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
        let _ = sender.send(bytes);
    });
    receiver
}

fn end_hung(mut child: Child) -> String {
    let ended = child.kill().and_then(|()| child.wait());
    let note = ended.err().map_or(String::new(), |e| format!(" and could not be ended: {e}"));
    format!("did not end within {} s{note}", LIMIT.as_secs())
}
