//! `podscope run`.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use podscope::api::Moment;
use podscope::session::Session;
use podscope::session::scenario::{self, Scenario};

use super::trace;

/// Runs a scenario.
///
/// # Errors
/// What is wrong with the arguments or the files.
pub fn main(arguments: &[String]) -> Result<ExitCode, String> {
    let mut path = None;
    let (mut until, mut seed, mut trace_to) = (None, None, None);
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().ok_or_else(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--until" => until = Some(scenario::duration(value()?).map_err(|fault| fault.to_string())?),
            "--seed" => seed = Some(value()?.parse::<u64>().map_err(|_| "--seed needs a number")?),
            "--trace" => trace_to = Some(value()?.clone()),
            _ if path.is_none() => path = Some(argument),
            other => return Err(format!("unknown argument {other:?}")),
        }
    }
    let path = path.ok_or("run needs the PATH of a scenario file or folder")?;
    let mut scenario = load(Path::new(path))?;
    if let Some(seed) = seed {
        scenario.seed = seed;
    }
    let until = until.map_or(scenario.until, |span| Moment::START + span);
    let mut session = Session::new(scenario);
    session.run_until(until);
    match trace_to.as_deref() {
        Some("-") => write_trace(&session, &mut io::stdout().lock()),
        Some(file) => {
            let mut out = BufWriter::new(fs::File::create(file).map_err(|e| format!("{file}: {e}"))?);
            write_trace(&session, &mut out)
        }
        None => Ok(()),
    }?;
    if trace_to.as_deref() != Some("-") {
        summary(&session);
    }
    Ok(ExitCode::SUCCESS)
}

fn write_trace(session: &Session, out: &mut dyn Write) -> Result<(), String> {
    let mut out = BufWriter::new(out);
    trace::write(session, &mut out).and_then(|()| out.flush()).map_err(|error| error.to_string())
}

/// Reads a scenario file, or a folder with `scenario.yaml` and its files.
pub fn load(path: &Path) -> Result<Scenario, String> {
    let read = |path: &Path| fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()));
    let at = |path: &Path, fault: scenario::Fault| format!("{}: {fault}", path.display());
    if !path.is_dir() {
        return Scenario::from_file(&read(path)?).map_err(|fault| at(path, fault));
    }
    let mut files = BTreeMap::new();
    let entries = fs::read_dir(path).map_err(|e| format!("{}: {e}", path.display()))?;
    for entry in entries {
        let file = entry.map_err(|e| e.to_string())?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".yaml") && name != "scenario.yaml" {
            files.insert(name, read(&file)?);
        }
    }
    let file = path.join("scenario.yaml");
    Scenario::parse(&read(&file)?, files).map_err(|fault| at(&file, fault))
}

fn summary(session: &Session) {
    for command in session.commands() {
        println!("{:>12}  {}", command.at.to_string(), command.line);
        for line in command.output.stdout.lines().chain(command.output.stderr.lines()) {
            println!("{:>12}  {line}", "");
        }
    }
    let store = session.cluster().store();
    println!("{:>12}  end, revision {}", session.cluster().now().to_string(), store.revision());
}
