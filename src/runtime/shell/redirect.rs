//! Redirections.

use super::super::files::{Errno, Kind};
use super::super::kernel::{Mode, Process, Sys};
use super::ast::{Redirect, RedirectOp};
use super::expand::{Expander, Stop};
use super::{Flavour, Shell};

/// A redirection whose target is known.
#[derive(Clone, Debug)]
pub struct Resolved {
    fd: u32,
    op: RedirectOp,
    target: String,
}

/// Descriptors as they were, each with its open file if it had one.
#[derive(Clone, Debug, Default)]
pub struct Saved(Vec<(u32, Option<u32>)>);

impl Saved {
    /// Puts the descriptors back.
    pub fn restore(self, process: &mut Process, sys: &mut Sys) {
        for (fd, old) in self.0.into_iter().rev() {
            match old {
                Some(file) => process.set_fd(sys.kernel, fd, file),
                None => process.close_fd(sys.kernel, fd),
            }
        }
    }

    /// Lets them be as they are now.
    pub fn forget(self, sys: &mut Sys) {
        for file in self.0.into_iter().filter_map(|(_, old)| old) {
            sys.kernel.release(file);
        }
    }
}

/// Expands the targets.
pub fn resolve(expander: &mut Expander, redirects: &[Redirect]) -> Result<Vec<Resolved>, Stop> {
    let one = |redirect: &Redirect| {
        let target = expander.string(&redirect.target)?;
        Ok(Resolved { fd: redirect.fd, op: redirect.op, target })
    };
    redirects.iter().map(one).collect()
}

impl Shell {
    /// Applies redirections to a process in order.
    ///
    /// # Errors
    /// The message; what was applied is put back.
    pub fn redirect(
        &self,
        process: &mut Process,
        sys: &mut Sys,
        redirects: &[Resolved],
    ) -> Result<Saved, String> {
        let mut saved = Saved::default();
        for redirect in redirects {
            if let Err(message) = self.redirect_one(process, sys, redirect, &mut saved) {
                saved.restore(process, sys);
                return Err(message);
            }
        }
        Ok(saved)
    }

    fn redirect_one(
        &self,
        process: &mut Process,
        sys: &mut Sys,
        redirect: &Resolved,
        saved: &mut Saved,
    ) -> Result<(), String> {
        let target = redirect.target.as_str();
        let mode = match redirect.op {
            RedirectOp::Read => Mode::Read,
            RedirectOp::Write | RedirectOp::Both => Mode::Write,
            RedirectOp::Append | RedirectOp::BothAppend => Mode::Append,
            RedirectOp::ReadWrite => Mode::ReadWrite,
            RedirectOp::Text => {
                let (reader, writer) = sys.kernel.open_pipe();
                sys.kernel.type_into(writer, target.as_bytes());
                sys.kernel.release(writer);
                place(process, sys, redirect.fd, Some(reader), saved);
                return Ok(());
            }
            RedirectOp::Duplicate => {
                let file = match target {
                    "-" => None,
                    number => {
                        let file = number.parse().ok().and_then(|fd: u32| process.fds.get(&fd).copied());
                        Some(file.ok_or_else(|| self.bad_descriptor(number))?)
                    }
                };
                let file = file.map(|file| sys.kernel.retain(file));
                place(process, sys, redirect.fd, file, saved);
                return Ok(());
            }
        };
        if self.options.noclobber && redirect.op == RedirectOp::Write {
            let path = process.path(target);
            if sys.view().stat(&path).is_ok_and(|node| matches!(node.kind, Kind::File(_))) {
                return Err(format!("can't create {target}: File exists"));
            }
        }
        let file = process.open(sys, target, mode).map_err(|error| self.cannot_open(target, mode, error))?;
        place(process, sys, redirect.fd, Some(file), saved);
        if matches!(redirect.op, RedirectOp::Both | RedirectOp::BothAppend) {
            let copy = sys.kernel.retain(file);
            place(process, sys, 2, Some(copy), saved);
        }
        Ok(())
    }

    fn bad_descriptor(&self, number: &str) -> String {
        match self.flavour {
            Flavour::Ash => format!("dup2({number}): Bad file descriptor"),
            Flavour::Dash => format!("{number}: Bad file descriptor"),
            Flavour::Bash => format!("{number}: Bad file descriptor"),
        }
    }

    fn cannot_open(&self, target: &str, mode: Mode, error: Errno) -> String {
        let reading = mode == Mode::Read;
        match self.flavour {
            Flavour::Bash => format!("{target}: {error}"),
            Flavour::Ash | Flavour::Dash => {
                let error = match error {
                    Errno::NotFound if reading => "no such file".to_owned(),
                    Errno::NotFound => "nonexistent directory".to_owned(),
                    error => error.to_string(),
                };
                let error = match (self.flavour, error.as_str()) {
                    (Flavour::Dash, "no such file") => "No such file".to_owned(),
                    (Flavour::Dash, "nonexistent directory") => "Directory nonexistent".to_owned(),
                    _ => error,
                };
                let verb = if reading { "open" } else { "create" };
                match self.flavour {
                    Flavour::Dash => format!("cannot {verb} {target}: {error}"),
                    _ => format!("can't {verb} {target}: {error}"),
                }
            }
        }
    }
}

fn place(process: &mut Process, sys: &mut Sys, fd: u32, file: Option<u32>, saved: &mut Saved) {
    let old = match file {
        Some(file) => process.fds.insert(fd, file),
        None => process.fds.remove(&fd),
    };
    // The old file keeps its reference: it is given back or released later.
    saved.0.push((fd, old));
    let _ = sys;
}
