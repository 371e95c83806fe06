//! The recorded data beside this file.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;

/// The folder of the suite.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance")
}

/// The folder of a scenario.
pub fn scenario(name: &str) -> PathBuf {
    root().join("scenarios").join(name)
}

/// The names of all recorded scenarios, sorted.
pub fn scenario_names() -> Result<Vec<String>, String> {
    let folder = root().join("scenarios");
    let entries = fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let names: Result<Vec<_>, _> = entries.map(|entry| entry.map(|entry| entry.file_name())).collect();
    let names = names.map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut names: Vec<_> = names.into_iter().filter_map(|name| name.into_string().ok()).collect();
    names.sort();
    Ok(names)
}

/// The recorded trace of a scenario, as JSON lines.
pub fn recorded_trace(name: &str) -> Result<Vec<u8>, String> {
    let path = scenario(name).join("trace.jsonl.gz");
    let packed = fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut trace = Vec::new();
    let read = GzDecoder::new(packed.as_slice()).read_to_end(&mut trace);
    read.map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(trace)
}
