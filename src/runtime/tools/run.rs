//! Tools that start other programs.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::super::container::Signal;
use super::super::kernel::{Process, Program, Sys};
use super::super::program::{self, LoadError};
use super::{Call, Outcome, Pause, Tool};

/// What to run.
#[derive(Clone, Debug)]
pub enum Job {
    /// One after the other.
    Each(VecDeque<Vec<String>>),
    /// One, ended by a signal after a time.
    Limited { argv: Vec<String>, after: Duration, signal: Signal },
    /// Again and again.
    Every { argv: Vec<String>, pause: Duration },
}

/// Running it.
#[derive(Clone, Debug)]
pub struct Runner {
    job: Job,
    child: Option<u32>,
    deadline: Option<Duration>,
    status: i32,
    xargs: bool,
    /// The time is up: what remains is to wait for the end.
    expired: bool,
}

/// What a runner's step came to.
pub enum Flow {
    Again,
    Wait(Option<Duration>),
    End(i32),
    Killed(Signal),
}

impl Runner {
    pub fn new(job: Job) -> Runner {
        Runner { job, child: None, deadline: None, status: 0, xargs: false, expired: false }
    }

    fn start(&mut self, argv: &[String], process: &mut Process, sys: &mut Sys) -> bool {
        let Some(mut child) = sys.kernel.fork(process) else {
            self.status = 126;
            return false;
        };
        child.argv = argv.to_vec();
        child.program = Some(match program::load(sys, &child, argv) {
            Ok(program) => program,
            Err(error) => Program::Tool(Box::new(not_run(&process.argv, argv, error))),
        });
        self.child = Some(sys.kernel.add(child));
        true
    }

    pub fn step(&mut self, process: &mut Process, sys: &mut Sys) -> Flow {
        if let Some(pid) = self.child {
            return self.wait(pid, process, sys);
        }
        match &mut self.job {
            Job::Each(queue) => {
                let Some(argv) = queue.pop_front() else {
                    return Flow::End(self.status);
                };
                self.start(&argv, process, sys);
            }
            Job::Limited { argv, after, .. } => {
                let (argv, after) = (argv.clone(), *after);
                self.deadline = (!after.is_zero()).then(|| sys.now.saturating_add(after));
                if !self.start(&argv, process, sys) {
                    return Flow::End(self.status);
                }
            }
            Job::Every { argv, pause } => {
                if self.deadline.is_some_and(|at| at > sys.now) {
                    return Flow::Wait(self.deadline);
                }
                let (argv, pause) = (argv.clone(), *pause);
                self.deadline = Some(sys.now + pause);
                self.start(&argv, process, sys);
            }
        }
        Flow::Again
    }

    fn wait(&mut self, pid: u32, process: &mut Process, sys: &mut Sys) -> Flow {
        let _ = process;
        let Some(status) = sys.kernel.reap(pid) else {
            let Job::Limited { signal, .. } = &self.job else {
                return Flow::Wait(None);
            };
            if self.deadline.is_some_and(|at| at <= sys.now) {
                self.deadline = None;
                self.expired = true;
                // It was alive a line above.
                let _ = sys.kernel.send(pid, Some(*signal));
                return Flow::Again;
            }
            return Flow::Wait(self.deadline);
        };
        self.child = None;
        match self.job {
            Job::Limited { signal, .. } if self.expired => {
                // In busybox the program is the timeout's own process, GNU says 124.
                if sys.kernel.profile.userland() == super::Userland::Debian {
                    Flow::End(124)
                } else {
                    Flow::Killed(signal)
                }
            }
            Job::Limited { .. } => Flow::End(status.code),
            Job::Every { .. } => Flow::Again,
            Job::Each(_) => {
                if status.code != 0 {
                    self.status = match (self.xargs, status.code) {
                        (true, 127) => return Flow::End(127),
                        (true, 126) => return Flow::End(126),
                        (true, _) => 123,
                        (false, _) => self.status,
                    };
                }
                Flow::Again
            }
        }
    }
}

fn not_run(own: &[String], argv: &[String], error: LoadError) -> Tool {
    let name = own.first().map_or("", |name| super::super::files::base(name));
    let what = argv.first().map_or("", |name| name.as_str());
    let (text, status) = match error {
        LoadError::NotFound => ("No such file or directory", 127),
        _ => ("Permission denied", 126),
    };
    Tool::message(&format!("{name}: can't execute '{what}': {text}\n"), status)
}

/// Becomes the program of the rest of the arguments.
fn become_rest(call: &mut Call, argv: Vec<String>) -> Outcome {
    match program::load(call.sys, call.process, &argv) {
        Ok(program) => Err(Pause::Become(program, argv)),
        Err(error) => {
            let (text, status) = match error {
                LoadError::NotFound => ("No such file or directory", 127),
                _ => ("Permission denied", 126),
            };
            let message = if call.gnu() {
                format!("'{}': {text}", argv[0])
            } else {
                format!("can't execute '{}': {text}", argv[0])
            };
            call.complain(&message);
            Ok(status)
        }
    }
}

pub fn env(call: &mut Call) -> Outcome {
    let args = call.args().to_vec();
    let mut env = (*call.process.env).clone();
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        match arg.as_str() {
            "-i" | "-" | "--ignore-environment" => env.clear(),
            "-u" => {
                at += 1;
                env.remove(args.get(at).map_or("", |name| name.as_str()));
            }
            "--" => {
                at += 1;
                break;
            }
            arg => match arg.split_once('=') {
                Some((name, value)) => {
                    env.insert(name.to_owned(), value.to_owned());
                }
                None => break,
            },
        }
        at += 1;
    }
    if at < args.len() {
        call.process.env = Arc::new(env);
        return become_rest(call, args[at..].to_vec());
    }
    for (name, value) in env {
        call.line(&format!("{name}={value}"));
    }
    Ok(0)
}

/// `nice`, `nohup`, `setsid`, `time`, `stdbuf`, `chroot`: the program, without the prefix.
pub fn prefix(call: &mut Call) -> Outcome {
    let mut rest = call.args().to_vec();
    let name = call.name().to_owned();
    while rest.first().is_some_and(|arg| arg.starts_with('-')) {
        let flag = rest.remove(0);
        if matches!(flag.as_str(), "-n" | "-o" | "-i" | "-e") && !rest.is_empty() {
            rest.remove(0);
        }
    }
    if name == "chroot" {
        return call.unsupported("another root");
    }
    if rest.is_empty() {
        return Ok(0);
    }
    if name == "nohup" {
        call.process.ignored.insert(Signal::Hup);
    }
    if name == "time" {
        call.sys.kernel.note("time: only the program runs");
    }
    become_rest(call, rest)
}

pub fn busybox(call: &mut Call) -> Outcome {
    let rest = call.args().to_vec();
    if rest.is_empty() || rest[0].starts_with("--") {
        let names: Vec<&str> = super::names(call.sys.kernel.profile.userland()).collect();
        call.line(&format!(
            "BusyBox v1.36.1 multi-call binary.\n\nCurrently defined functions:\n\t{}",
            names.join(", ")
        ));
        return Ok(0);
    }
    become_rest(call, rest)
}

pub fn timeout(call: &mut Call) -> Outcome {
    let mut rest = call.args().to_vec();
    let mut signal = Signal::Term;
    while rest.first().is_some_and(|arg| arg.starts_with('-')) {
        let flag = rest.remove(0);
        let value = match flag.as_str() {
            "-s" | "-k" | "-t" if !rest.is_empty() => rest.remove(0),
            _ => continue,
        };
        match flag.as_str() {
            "-s" => match Signal::parse(&value) {
                Some(named) => signal = named,
                None => {
                    call.complain(&format!("bad signal name '{value}'"));
                    return Ok(1);
                }
            },
            // The old way to say the time.
            "-t" => rest.insert(0, value),
            _ => {}
        }
    }
    if rest.len() < 2 {
        call.complain("usage: timeout [-s SIG] SECS PROG ARGS");
        return Ok(1);
    }
    let text = rest.remove(0);
    let Some(after) = super::super::behaviour::duration(&text) else {
        call.complain(&format!("invalid number '{text}'"));
        return Ok(1);
    };
    Err(Pause::Run(Box::new(Runner::new(Job::Limited { argv: rest, after, signal }))))
}

pub fn watch(call: &mut Call) -> Outcome {
    let mut rest = call.args().to_vec();
    let mut pause = Duration::from_secs(2);
    while rest.first().is_some_and(|arg| arg.starts_with('-')) {
        let flag = rest.remove(0);
        if flag == "-n" && !rest.is_empty() {
            pause = super::super::behaviour::duration(&rest.remove(0)).unwrap_or(pause);
        }
    }
    let pause = pause.max(Duration::from_millis(100));
    let argv = vec!["sh".to_owned(), "-c".to_owned(), rest.join(" ")];
    Err(Pause::Run(Box::new(Runner::new(Job::Every { argv, pause }))))
}

pub fn xargs(call: &mut Call) -> Outcome {
    let mut args = call.args().to_vec();
    let (mut per, mut replace, mut separator, mut skip_empty) = (usize::MAX, None, None, false);
    while let Some(flag) = args.first().filter(|arg| arg.starts_with('-') && arg.len() > 1).cloned() {
        args.remove(0);
        let (letter, attached) = flag[1..].split_at(1);
        let value = |args: &mut Vec<String>| match attached {
            "" if !args.is_empty() => args.remove(0),
            attached => attached.to_owned(),
        };
        match letter {
            "n" | "L" => per = value(&mut args).parse().unwrap_or(usize::MAX).max(1),
            "I" => replace = Some(value(&mut args)),
            "i" => replace = Some("{}".to_owned()),
            "0" => separator = Some('\0'),
            "d" => {
                separator = super::super::shell::escape::unescape(
                    &value(&mut args),
                    super::super::shell::escape::Style::Quote,
                )
                .text()
                .chars()
                .next()
            }
            "r" => skip_empty = true,
            "P" | "s" | "E" => drop(value(&mut args)),
            "t" | "x" | "p" => {}
            _ => return call.unsupported(&flag),
        }
    }
    let input = String::from_utf8_lossy(&call.stdin()?).into_owned();
    let words: Vec<String> = match (&replace, separator) {
        (_, Some(separator)) => {
            input.split(separator).filter(|word| !word.is_empty()).map(str::to_owned).collect()
        }
        (Some(_), None) => {
            input.lines().map(|line| line.trim_start().to_owned()).filter(|line| !line.is_empty()).collect()
        }
        (None, None) => split_quoted(&input),
    };
    if args.is_empty() {
        args.push("echo".into());
    }
    let mut queue: VecDeque<Vec<String>> = VecDeque::new();
    match replace {
        Some(mark) => {
            queue.extend(words.iter().map(|word| args.iter().map(|arg| arg.replace(&mark, word)).collect()))
        }
        None if words.is_empty() => queue.extend((!skip_empty).then(|| args.clone())),
        None => {
            queue.extend(words.chunks(per.min(5000)).map(|chunk| args.iter().chain(chunk).cloned().collect()))
        }
    }
    let runner = Runner { xargs: true, ..Runner::new(Job::Each(queue)) };
    Err(Pause::Run(Box::new(runner)))
}

fn split_quoted(text: &str) -> Vec<String> {
    let (mut words, mut current, mut quote): (Vec<String>, Option<String>, Option<char>) =
        (Vec::new(), None, None);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), c) => current.get_or_insert_default().push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                current.get_or_insert_default();
            }
            (None, '\\') => current.get_or_insert_default().extend(chars.next()),
            (None, c) if c.is_whitespace() => words.extend(current.take()),
            (None, c) => current.get_or_insert_default().push(c),
        }
    }
    words.extend(current);
    words
}
