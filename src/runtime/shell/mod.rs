//! The shell: a parser, and a machine with an explicit stack of frames that can stop at any
//! wait and be cloned there.
//!
//! One `step` pops the top frame, does one thing and pushes what is left to do. A frame that
//! waits (a child, input, time) pushes itself back and says so.
//! Signals with a trap run it between commands, never while a child in the foreground runs.

mod arithmetic;
mod ast;
mod builtins;
pub mod escape;
mod expand;
mod frames;
mod parser;
pub mod pattern;
pub mod printf;
mod read;
mod redirect;
mod simple;
pub mod test;
mod vars;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::container::Signal;
use super::kernel::{Environment, Process, Status, Step, Sys};
use ast::{Command, List};
use frames::{Frame, SourceKind};
use vars::Vars;

pub use builtins::{echo_bytes, kill_processes};
pub use parser::is_name;

/// Deepest stack of frames.
const MAX_FRAMES: usize = 3000;

/// Which shell it claims to be: how messages begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flavour {
    /// busybox ash.
    #[default]
    Ash,
    Dash,
    Bash,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    pub errexit: bool,
    pub nounset: bool,
    pub xtrace: bool,
    pub noglob: bool,
    pub noclobber: bool,
    pub allexport: bool,
    pub noexec: bool,
    pub pipefail: bool,
    pub verbose: bool,
}

/// A shell's state.
#[derive(Clone, Debug)]
pub struct Shell {
    frames: Vec<Frame>,
    pub vars: Vars,
    functions: Arc<BTreeMap<String, Arc<Command>>>,
    /// `$1` and on.
    args: Arc<Vec<String>>,
    /// `$0`.
    name: String,
    status: i32,
    last_background: Option<u32>,
    background: Vec<u32>,
    /// `$$`: the same in subshells.
    shell_pid: u32,
    options: Options,
    /// By signal name or `EXIT`.
    traps: BTreeMap<String, String>,
    caught: Vec<Signal>,
    /// Outputs of the substitutions of the words being expanded.
    memo: Vec<String>,
    /// Status of the last substitution.
    substituted: Option<i32>,
    subshell: bool,
    /// Forked where a failure does not count for `set -e`.
    forgiven: bool,
    /// Line of the command that runs.
    line: u32,
    exiting: bool,
    interactive: bool,
    seed: u64,
    flavour: Flavour,
    aliases: BTreeMap<String, String>,
    getopts_at: usize,
}

impl Shell {
    fn new(name: &str, env: &Environment, flavour: Flavour) -> Shell {
        let mut vars = Vars::from_environment(env);
        if vars.get("PATH").is_none() {
            vars.set("PATH", super::images::PATH);
        }
        Shell {
            frames: Vec::new(),
            vars,
            functions: Arc::default(),
            args: Arc::default(),
            name: name.to_owned(),
            status: 0,
            last_background: None,
            background: Vec::new(),
            shell_pid: 0,
            options: Options::default(),
            traps: BTreeMap::new(),
            caught: Vec::new(),
            memo: Vec::new(),
            substituted: None,
            subshell: false,
            forgiven: false,
            line: 0,
            exiting: false,
            interactive: false,
            seed: 0,
            flavour,
            aliases: BTreeMap::new(),
            getopts_at: 0,
        }
    }

    /// `sh [-eux…] [-o option] [-c script [name]] [file] [arguments]`.
    ///
    /// # Errors
    /// The message and the status of a wrong option or an unreadable file.
    pub fn from_args(
        argv: &[String],
        env: &Environment,
        flavour: Flavour,
        read_file: &mut dyn FnMut(&str) -> Result<String, String>,
    ) -> Result<Shell, (String, i32)> {
        let name = argv.first().map_or("sh", |name| name.as_str());
        let mut shell = Shell::new(name, env, flavour);
        let mut rest = argv.get(1..).unwrap_or_default().iter();
        let (mut command, mut stdin) = (false, false);
        let mut operands: Vec<String> = Vec::new();
        while let Some(arg) = rest.next() {
            match arg.as_str() {
                "-" | "--" => {
                    operands.extend(rest.by_ref().cloned());
                }
                "--login" | "--posix" | "--norc" | "--noprofile" => {}
                "-o" | "+o" => {
                    let option = rest.next().map_or("", |o| o.as_str());
                    if !shell.options.set_named(option, arg == "-o") {
                        return Err((format!("{name}: {arg}: {option}: bad option"), 2));
                    }
                }
                flags if flags.len() > 1 && flags.starts_with(['-', '+']) => {
                    let on = flags.starts_with('-');
                    for flag in flags[1..].chars() {
                        match flag {
                            'c' => command = true,
                            's' => stdin = true,
                            'i' => shell.interactive = true,
                            'l' => {}
                            'o' => {
                                let option = rest.next().map_or("", |o| o.as_str());
                                if !shell.options.set_named(option, on) {
                                    return Err((format!("{name}: {option}: bad option"), 2));
                                }
                            }
                            flag if shell.options.set(flag, on) => {}
                            flag => return Err((format!("{name}: illegal option -{flag}"), 2)),
                        }
                    }
                }
                _ => {
                    operands.push(arg.clone());
                    operands.extend(rest.by_ref().cloned());
                }
            }
        }
        shell.load(command, stdin, operands, read_file)
    }

    fn load(
        mut self,
        command: bool,
        stdin: bool,
        mut operands: Vec<String>,
        read_file: &mut dyn FnMut(&str) -> Result<String, String>,
    ) -> Result<Shell, (String, i32)> {
        let text = if command {
            if operands.is_empty() {
                return Err((format!("{}: -c requires an argument", self.name), 2));
            }
            Some(operands.remove(0))
        } else if !stdin && !operands.is_empty() {
            let text = read_file(&operands[0]).map_err(|error| {
                let file = &operands[0];
                match self.flavour {
                    Flavour::Ash => (format!("{}: can't open '{file}': {error}", self.name), 2),
                    Flavour::Dash => (format!("{}: 0: cannot open {file}: {error}", self.name), 2),
                    Flavour::Bash => (format!("{}: {file}: {error}", self.name), 127),
                }
            })?;
            Some(text)
        } else {
            None
        };
        if text.is_some() && !stdin && !operands.is_empty() {
            self.name = operands.remove(0);
        }
        self.args = Arc::new(operands);
        self.frames.push(match text {
            Some(text) => Frame::Source { text: text.into(), pos: 0, kind: SourceKind::Script },
            None => Frame::Stdin { buffer: String::new(), prompted: false },
        });
        Ok(self)
    }

    /// Takes a signal; whether the shell handles it.
    pub fn catch(&mut self, signal: Signal) -> bool {
        if self.traps.contains_key(signal.name()) {
            if self.caught.len() < 64 {
                self.caught.push(signal);
            }
            return true;
        }
        self.interactive && matches!(signal, Signal::Term | Signal::Int | Signal::Quit)
    }

    /// Does one thing.
    pub fn step(&mut self, process: &mut Process, sys: &mut Sys) -> Step {
        if self.shell_pid == 0 {
            self.shell_pid = process.pid;
            self.vars.set("PWD", process.cwd.clone());
            self.vars.entry("PWD").exported = true;
            if self.flavour == Flavour::Ash {
                let level = self.vars.get("SHLVL").and_then(|l| l.parse::<u32>().ok()).unwrap_or(0);
                self.vars.set("SHLVL", (level + 1).to_string());
                self.vars.entry("SHLVL").exported = true;
            }
            self.interactive |=
                matches!(self.frames.as_slice(), [Frame::Stdin { .. }]) && process.is_terminal(sys.kernel, 0);
            self.seed = sys.world.random();
        }
        if let Some(step) = self.run_trap(process, sys) {
            return step;
        }
        if self.frames.len() > MAX_FRAMES {
            self.complain(process, sys, "maximum function recursion depth exceeded");
            return self.exit(process, sys, 2);
        }
        match self.frames.pop() {
            Some(frame) => self.run_frame(frame, process, sys),
            None => self.exit(process, sys, self.status),
        }
    }

    /// Begins the action of a caught signal if the shell may be interrupted here.
    fn run_trap(&mut self, process: &mut Process, sys: &mut Sys) -> Option<Step> {
        if self.caught.is_empty() || !self.memo.is_empty() {
            return None;
        }
        match self.frames.last() {
            Some(Frame::Child(_) | Frame::Pipe { .. } | Frame::Substitution { .. }) => return None,
            Some(Frame::Wait { .. }) => {
                self.frames.pop();
                self.status = 128 + self.caught[0].number();
            }
            _ => {}
        }
        let signal = self.caught.remove(0);
        let action = self.traps.get(signal.name())?.clone();
        if action.is_empty() {
            return Some(Step::Again);
        }
        let _ = (process, sys);
        self.frames.push(Frame::AfterTrap(self.status));
        self.frames.push(Frame::Source { text: action.into(), pos: 0, kind: SourceKind::Trap });
        Some(Step::Again)
    }

    /// Ends the shell, after its EXIT trap.
    fn exit(&mut self, process: &mut Process, sys: &mut Sys, status: i32) -> Step {
        self.unwind(process, sys, 0);
        self.memo.clear();
        self.status = status & 255;
        if !self.exiting {
            self.exiting = true;
            if let Some(action) = self.traps.get("EXIT").filter(|action| !action.is_empty()).cloned() {
                self.caught.clear();
                self.frames.push(Frame::AfterTrap(self.status));
                self.frames.push(Frame::Source { text: action.into(), pos: 0, kind: SourceKind::Trap });
                return Step::Again;
            }
        }
        Step::Exit(Status::code(self.status))
    }

    /// Special parameters and variables that compute themselves.
    fn special(&mut self, name: &str) -> Option<String> {
        Some(match name {
            "?" => self.status.to_string(),
            "#" => self.args.len().to_string(),
            "$" => self.shell_pid.to_string(),
            "!" => return self.last_background.map(|pid| pid.to_string()),
            "0" => self.name.clone(),
            "-" => self.options.letters(self.interactive),
            "LINENO" => self.line.to_string(),
            "RANDOM" => {
                self.seed =
                    self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (self.seed >> 33 & 0x7fff).to_string()
            }
            name if name.bytes().all(|b| b.is_ascii_digit()) => {
                let at: usize = name.parse().ok()?;
                return self.args.get(at.checked_sub(1)?).cloned();
            }
            _ => return None,
        })
    }

    /// A message of the shell itself on standard error.
    fn complain(&self, process: &mut Process, sys: &mut Sys, message: &str) {
        let name = &self.name;
        let text = match self.flavour {
            Flavour::Ash => format!("{name}: {message}\n"),
            Flavour::Dash => format!("{name}: 1: {message}\n"),
            Flavour::Bash => format!("{name}: line 1: {message}\n"),
        };
        process.write_text(sys, 2, &text);
    }

    /// A message of a builtin: ash says where.
    fn complain_at(&self, process: &mut Process, sys: &mut Sys, builtin: &str, message: &str) {
        let text = match self.flavour {
            Flavour::Ash => format!("{builtin}: line {}: {message}", self.line),
            _ => format!("{builtin}: {message}"),
        };
        self.complain(process, sys, &text);
    }

    /// A copy of the shell in a new process, that will run these frames; `None` when there are too many.
    fn fork(&mut self, process: &mut Process, sys: &mut Sys, frames: Vec<Frame>) -> Option<(Process, Shell)> {
        let Some(child) = sys.kernel.fork(process) else {
            self.complain(process, sys, "can't fork: Resource temporarily unavailable");
            return None;
        };
        let mut shell = self.clone();
        shell.forgiven |= self.frames.iter().any(Frame::forgives);
        shell.frames = frames;
        shell.subshell = true;
        shell.interactive = false;
        shell.traps.retain(|_, action| action.is_empty());
        shell.caught.clear();
        shell.memo.clear();
        shell.background.clear();
        Some((child, shell))
    }

    /// Whether a failing command ends the shell here (`set -e`).
    fn fails_here(&self) -> bool {
        self.options.errexit && self.status != 0 && !self.forgiven && !self.frames.iter().any(Frame::forgives)
    }

    /// After a command: `set -e`.
    fn check(&mut self, process: &mut Process, sys: &mut Sys) -> Step {
        if self.fails_here() {
            return self.exit(process, sys, self.status);
        }
        Step::Again
    }

    fn push_list(&mut self, list: &List) {
        self.frames.push(Frame::List { list: list.clone(), at: 0 });
    }
}

impl Options {
    fn flag(&mut self, letter: char) -> Option<&mut bool> {
        Some(match letter {
            'e' => &mut self.errexit,
            'u' => &mut self.nounset,
            'x' => &mut self.xtrace,
            'f' => &mut self.noglob,
            'C' => &mut self.noclobber,
            'a' => &mut self.allexport,
            'n' => &mut self.noexec,
            'v' => &mut self.verbose,
            _ => return None,
        })
    }

    fn set(&mut self, letter: char, on: bool) -> bool {
        // Job control, hashing and notification make no difference here.
        if matches!(letter, 'm' | 'b' | 'h' | 'E' | 'T' | 'B') {
            return true;
        }
        self.flag(letter).map(|flag| *flag = on).is_some()
    }

    fn set_named(&mut self, name: &str, on: bool) -> bool {
        let letter = match name {
            "pipefail" => {
                self.pipefail = on;
                return true;
            }
            "errexit" => 'e',
            "nounset" => 'u',
            "xtrace" => 'x',
            "noglob" => 'f',
            "noclobber" => 'C',
            "allexport" => 'a',
            "noexec" => 'n',
            "verbose" => 'v',
            "monitor" | "notify" | "errtrace" | "functrace" | "posix" | "ignoreeof" | "vi" | "emacs" => {
                return true;
            }
            _ => return false,
        };
        self.set(letter, on)
    }

    fn letters(mut self, interactive: bool) -> String {
        let mut letters: String =
            "euxfCanv".chars().filter(|c| self.flag(*c).is_some_and(|flag| *flag)).collect();
        if interactive {
            letters.push('i');
        }
        letters
    }
}
