//! The tools of busybox and, where their words differ, of GNU: a table of small functions.
//!
//! A tool runs from its arguments to its end in one go. When it needs standard input, the input
//! is gathered first and the tool runs again; when it takes time, its output is held until then.
//! What must flow (`cat`, `grep`, `tail -f`) is a filter; what starts other programs is a runner.

mod awk;
mod files;
mod filter;
mod find;
mod lines;
mod net;
mod procs;
pub mod regex;
mod run;
mod sed;
mod sums;
mod text;

use std::time::Duration;

pub use procs::calendar as procs_calendar;

use super::images::Userland;
use super::kernel::{Memory, Process, Program, Read, Status, Step, Sys};
use filter::Filter;
use run::Runner;

/// Bytes of input a tool gathers.
const MAX_INPUT: usize = 8 * 1024 * 1024;

/// Why a tool does not end at once.
pub enum Pause {
    /// It needs its whole standard input.
    Input,
    Filter(Box<Filter>),
    Run(Box<Runner>),
    /// The process becomes another program.
    Become(Program, Vec<String>),
    /// It only waits, for a signal.
    Forever,
    /// Memory grows until somebody kills it.
    Hog,
}

/// A tool's end: its status.
pub type Outcome = Result<i32, Pause>;

/// A tool at work.
pub struct Call<'a, 'w> {
    /// With the name.
    pub argv: &'a [String],
    pub process: &'a mut Process,
    pub sys: &'a mut Sys<'w>,
    input: Option<&'a [u8]>,
    pub out: Vec<u8>,
    pub err: Vec<u8>,
    /// How long it takes.
    pub delay: Duration,
    pub ports: Vec<u16>,
}

impl Call<'_, '_> {
    /// The arguments without the name.
    pub fn args(&self) -> &[String] {
        self.argv.get(1..).unwrap_or_default()
    }

    /// The tool's name.
    pub fn name(&self) -> &str {
        self.argv.first().map_or("", |name| super::files::base(name))
    }

    pub fn stdin(&self) -> Result<Vec<u8>, Pause> {
        self.input.map(<[u8]>::to_vec).ok_or(Pause::Input)
    }

    pub fn print(&mut self, text: &str) {
        self.out.extend(text.as_bytes());
    }

    pub fn line(&mut self, text: &str) {
        self.print(text);
        self.out.push(b'\n');
    }

    /// `name: message` on standard error.
    pub fn complain(&mut self, message: &str) {
        let text = format!("{}: {message}\n", self.name());
        self.err.extend(text.as_bytes());
    }

    pub fn gnu(&self) -> bool {
        self.sys.kernel.profile.userland() == Userland::Debian
    }

    /// A file's bytes, `-` being standard input; a failure is complained about.
    pub fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>, Pause> {
        if name == "-" || name == "/dev/stdin" {
            return self.stdin().map(Some);
        }
        let path = self.process.path(name);
        match self.sys.view().read(&path) {
            Ok(content) => Ok(Some(content.read(0, MAX_INPUT))),
            Err(error) => {
                let message = match (self.gnu(), error) {
                    (true, error) => format!("{name}: {error}"),
                    (false, super::files::Errno::IsDirectory) => format!("read error: {error}"),
                    (false, error)
                        if matches!(
                            self.name(),
                            "cat"
                                | "wc"
                                | "sort"
                                | "cut"
                                | "head"
                                | "tail"
                                | "md5sum"
                                | "sha256sum"
                                | "tac"
                                | "rev"
                        ) =>
                    {
                        format!("can't open '{name}': {error}")
                    }
                    (false, error) => format!("{name}: {error}"),
                };
                self.complain(&message);
                Ok(None)
            }
        }
    }

    /// The input of a tool with file operands: all of them, or standard input.
    pub fn read_all(&mut self, files: &[String]) -> Result<(Vec<u8>, i32), Pause> {
        if files.is_empty() {
            return Ok((self.stdin()?, 0));
        }
        let (mut bytes, mut status) = (Vec::new(), 0);
        for file in files {
            match self.read(file)? {
                Some(content) => bytes.extend(content),
                None => status = 1,
            }
        }
        Ok((bytes, status))
    }

    /// Says what is not simulated, and fails.
    pub fn unsupported(&mut self, what: &str) -> Outcome {
        self.complain(&format!("{what}: not simulated"));
        let note = format!("{} {what}", self.name());
        self.sys.kernel.note(note);
        Ok(1)
    }

    /// Splits the arguments into flags and operands. `valued` are the flags that take a value.
    pub fn options(&self, valued: &str) -> Options {
        Options::parse(self.args(), valued)
    }
}

/// Parsed flags.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub flags: Vec<(char, Option<String>)>,
    pub long: Vec<(String, Option<String>)>,
    pub operands: Vec<String>,
}

impl Options {
    pub fn parse(args: &[String], valued: &str) -> Options {
        let mut options = Options::default();
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            if arg == "--" {
                options.operands.extend(rest.cloned());
                break;
            }
            if let Some(long) = arg.strip_prefix("--") {
                let (name, value) =
                    long.split_once('=').map_or((long, None), |(n, v)| (n, Some(v.to_owned())));
                options.long.push((name.to_owned(), value));
                continue;
            }
            if arg.len() < 2 || !arg.starts_with('-') {
                options.operands.push(arg.clone());
                continue;
            }
            for (at, letter) in arg[1..].char_indices() {
                if !valued.contains(letter) {
                    options.flags.push((letter, None));
                    continue;
                }
                let attached = &arg[1 + at + letter.len_utf8()..];
                let value =
                    if attached.is_empty() { rest.next().cloned() } else { Some(attached.to_owned()) };
                options.flags.push((letter, value));
                break;
            }
        }
        options
    }

    pub fn has(&self, letter: char) -> bool {
        self.flags.iter().any(|(known, _)| *known == letter)
    }

    pub fn value(&self, letter: char) -> Option<&str> {
        self.flags.iter().rev().find(|(known, _)| *known == letter).and_then(|(_, value)| value.as_deref())
    }

    pub fn long(&self, name: &str) -> bool {
        self.long.iter().any(|(known, _)| known == name)
    }

    pub fn long_value(&self, name: &str) -> Option<&str> {
        self.long.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.as_deref())
    }

    pub fn number(&self, letter: char) -> Option<i64> {
        self.value(letter).and_then(|value| value.parse().ok())
    }
}

type Run = fn(&mut Call) -> Outcome;

/// One tool.
pub struct Applet {
    name: &'static str,
    run: Run,
    /// Not in GNU base images.
    busybox_only: bool,
}

impl std::fmt::Debug for Applet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

const fn tool(name: &'static str, run: Run) -> Applet {
    Applet { name, run, busybox_only: false }
}

const fn busybox(name: &'static str, run: Run) -> Applet {
    Applet { name, run, busybox_only: true }
}

const APPLETS: &[Applet] = &[
    tool("[", procs::test),
    tool("[[", procs::test),
    tool("arch", procs::arch),
    tool("awk", awk::awk),
    tool("base64", sums::base64),
    tool("basename", text::basename),
    busybox("busybox", run::busybox),
    tool("cat", filter::cat),
    tool("chgrp", files::chown),
    tool("chmod", files::chmod),
    tool("chown", files::chown),
    tool("chroot", run::prefix),
    busybox("clear", |_| Ok(0)),
    tool("cmp", text::cmp),
    tool("comm", text::comm),
    tool("cp", files::cp),
    tool("curl", net::curl),
    tool("cut", text::cut),
    tool("date", procs::date),
    tool("dd", files::dd),
    tool("df", files::df),
    tool("diff", text::diff),
    busybox("dig", net::dig),
    tool("dirname", text::dirname),
    busybox("dnsdomainname", procs::hostname),
    tool("du", files::du),
    tool("echo", text::echo),
    tool("egrep", lines::grep),
    tool("env", run::env),
    tool("expr", text::expr),
    tool("factor", text::factor),
    tool("fallocate", files::truncate),
    tool("false", |_| Ok(1)),
    tool("fgrep", lines::grep),
    tool("find", find::find),
    tool("fold", text::fold),
    busybox("free", procs::free),
    tool("getent", net::getent),
    tool("grep", lines::grep),
    tool("groups", procs::id),
    tool("head", lines::head),
    tool("hexdump", sums::hexdump),
    busybox("host", net::host),
    tool("hostname", procs::hostname),
    busybox("httpd", net::httpd),
    tool("id", procs::id),
    busybox("ifconfig", net::ip),
    tool("install", files::cp),
    busybox("ip", net::ip),
    tool("kill", procs::kill),
    busybox("killall", procs::killall),
    tool("ln", files::ln),
    tool("logger", |_| Ok(0)),
    tool("logname", procs::whoami),
    tool("ls", files::ls),
    tool("md5sum", sums::md5sum),
    tool("mkdir", files::mkdir),
    tool("mkfifo", |call| call.unsupported("fifos")),
    tool("mktemp", files::mktemp),
    tool("mount", files::mount),
    tool("mv", files::mv),
    busybox("nc", net::nc),
    busybox("netcat", net::nc),
    busybox("netstat", net::netstat),
    tool("nice", run::prefix),
    tool("nl", text::nl),
    tool("nohup", run::prefix),
    tool("nproc", |call| {
        call.line("2");
        Ok(0)
    }),
    busybox("nslookup", net::nslookup),
    tool("od", sums::hexdump),
    tool("paste", text::paste),
    busybox("pgrep", procs::pgrep),
    busybox("pidof", procs::pgrep),
    busybox("ping", net::ping),
    busybox("pkill", procs::killall),
    tool("printenv", procs::printenv),
    tool("printf", text::printf),
    busybox("ps", procs::ps),
    tool("pwd", procs::pwd),
    tool("readlink", files::readlink),
    tool("realpath", files::readlink),
    tool("rev", text::rev),
    tool("rm", files::rm),
    tool("rmdir", files::rmdir),
    tool("sed", sed::sed),
    tool("seq", text::seq),
    tool("setsid", run::prefix),
    tool("sha1sum", sums::unsupported_sum),
    tool("sha256sum", sums::sha256sum),
    tool("sha512sum", sums::unsupported_sum),
    tool("shuf", text::shuf),
    tool("sleep", procs::sleep),
    tool("sort", text::sort),
    tool("split", |call| call.unsupported("")),
    tool("stat", files::stat),
    tool("stdbuf", run::prefix),
    tool("stty", |_| Ok(0)),
    tool("sync", |_| Ok(0)),
    tool("tac", text::tac),
    tool("tail", lines::tail),
    tool("tar", |call| call.unsupported("archives")),
    tool("tee", filter::tee),
    busybox("telnet", net::nc),
    tool("test", procs::test),
    tool("time", run::prefix),
    tool("timeout", run::timeout),
    busybox("top", |call| call.unsupported("")),
    tool("touch", files::touch),
    tool("tr", text::tr),
    tool("true", |_| Ok(0)),
    tool("truncate", files::truncate),
    tool("tty", |call| {
        call.line("not a tty");
        Ok(1)
    }),
    tool("umount", |call| call.unsupported("")),
    tool("uname", procs::uname),
    tool("uniq", text::uniq),
    tool("unlink", files::rm),
    busybox("uptime", procs::uptime),
    busybox("usleep", procs::sleep),
    busybox("vi", |call| call.unsupported("editing")),
    busybox("watch", run::watch),
    tool("wc", text::wc),
    busybox("wget", net::wget),
    tool("which", procs::which),
    tool("whoami", procs::whoami),
    tool("xargs", run::xargs),
    tool("yes", filter::yes),
    tool("zcat", |call| call.unsupported("compression")),
    tool("gzip", |call| call.unsupported("compression")),
    tool("gunzip", |call| call.unsupported("compression")),
];

/// The tool of a name in an image.
pub fn find(name: &str, userland: Userland) -> Option<&'static Applet> {
    let applet = APPLETS.iter().find(|applet| applet.name == name)?;
    match userland {
        Userland::None => None,
        Userland::Debian if applet.busybox_only => None,
        _ => Some(applet),
    }
}

/// Names of all tools, for the image's directories.
pub fn names(userland: Userland) -> impl Iterator<Item = &'static str> {
    APPLETS.iter().map(|applet| applet.name).filter(move |name| find(name, userland).is_some())
}

/// Whether an unknown image surely lacks the program: a name people use for a missing one.
pub fn is_absent_in_unknown(name: &str) -> bool {
    matches!(
        name,
        "nope" | "nonexistent" | "non-existent" | "does-not-exist" | "doesnotexist" | "notfound" | "invalid"
    ) || APPLETS.iter().any(|applet| applet.name == name)
}

/// A tool in a process.
#[derive(Clone, Debug)]
pub struct Tool {
    applet: Option<&'static Applet>,
    argv: Vec<String>,
    state: State,
    pub ports: Vec<u16>,
}

#[derive(Clone, Debug)]
enum State {
    Start,
    Gathering(Vec<u8>),
    /// Ends then, with this output.
    Held {
        until: Duration,
        out: Vec<u8>,
        err: Vec<u8>,
        status: i32,
    },
    Filter(Box<Filter>),
    Run(Box<Runner>),
    Forever,
    Ended(i32),
}

impl Tool {
    pub fn new(applet: &'static Applet, argv: Vec<String>) -> Tool {
        Tool { applet: Some(applet), argv, state: State::Start, ports: Vec::new() }
    }

    /// Nothing but an exit status.
    pub fn ended(status: i32) -> Tool {
        Tool { applet: None, argv: Vec::new(), state: State::Ended(status), ports: Vec::new() }
    }

    /// A program that waits for a signal.
    pub fn forever() -> Tool {
        Tool { state: State::Forever, ..Tool::ended(0) }
    }

    /// A message on standard error and a status.
    pub fn message(text: &str, status: i32) -> Tool {
        let held =
            State::Held { until: Duration::ZERO, out: Vec::new(), err: text.as_bytes().to_vec(), status };
        Tool { applet: None, argv: Vec::new(), state: held, ports: Vec::new() }
    }

    /// What `nc -l` and `httpd` answer.
    pub fn answer(
        &mut self,
        process: &mut Process,
        sys: &mut Sys,
        request: &super::HttpRequest,
    ) -> super::Answer {
        let (answer, ends) = net::listener_answer(&self.argv, process, sys, request);
        if ends {
            self.state = State::Ended(0);
            self.ports.clear();
        }
        answer
    }

    pub fn step(&mut self, process: &mut Process, sys: &mut Sys) -> Step {
        match &mut self.state {
            State::Start => self.run(None, process, sys),
            State::Gathering(bytes) => match process.read(sys, 0, 65536) {
                Read::Data(more) if bytes.len() < MAX_INPUT => {
                    bytes.extend(more);
                    Step::Again
                }
                Read::Block => Step::Wait(None),
                _ => {
                    let bytes = std::mem::take(bytes);
                    self.run(Some(&bytes), process, sys)
                }
            },
            State::Held { until, out, err, status } => {
                if *until > sys.now {
                    return Step::Wait(Some(*until));
                }
                let (out, err, status) = (std::mem::take(out), std::mem::take(err), *status);
                self.state = State::Ended(status);
                write_both(process, sys, &out, &err);
                Step::Again
            }
            State::Filter(filter) => match filter.step(process, sys) {
                filter::Flow::Again => Step::Again,
                filter::Flow::Wait(until) => Step::Wait(until),
                filter::Flow::End(status) => {
                    self.state = State::Ended(status);
                    Step::Again
                }
            },
            State::Run(runner) => match runner.step(process, sys) {
                run::Flow::Again => Step::Again,
                run::Flow::Wait(until) => Step::Wait(until),
                run::Flow::Killed(signal) => Step::Exit(Status::signal(signal)),
                run::Flow::End(status) => {
                    self.state = State::Ended(status);
                    Step::Again
                }
            },
            State::Forever => Step::Wait(None),
            State::Ended(status) => Step::Exit(Status::code(*status)),
        }
    }

    fn run(&mut self, input: Option<&[u8]>, process: &mut Process, sys: &mut Sys) -> Step {
        let Some(applet) = self.applet else {
            return Step::Exit(Status::code(0));
        };
        let mut call = Call {
            argv: &self.argv,
            process,
            sys,
            input,
            out: Vec::new(),
            err: Vec::new(),
            delay: Duration::ZERO,
            ports: Vec::new(),
        };
        let outcome = (applet.run)(&mut call);
        let (out, err, delay, ports) = (call.out, call.err, call.delay, call.ports);
        self.ports = ports;
        match outcome {
            Ok(status) if delay.is_zero() => {
                self.state = State::Ended(status);
                write_both(process, sys, &out, &err);
            }
            Ok(status) => self.state = State::Held { until: sys.now.saturating_add(delay), out, err, status },
            Err(Pause::Input) => self.state = State::Gathering(Vec::new()),
            Err(pause) => {
                write_both(process, sys, &out, &err);
                match pause {
                    Pause::Filter(filter) => self.state = State::Filter(filter),
                    Pause::Run(runner) => self.state = State::Run(runner),
                    Pause::Become(program, argv) => return Step::Become(program, argv),
                    Pause::Hog => {
                        // As fast as memory can be filled.
                        process.memory = Memory {
                            base: process.memory.base,
                            rate: 1 << 30,
                            since: sys.now,
                            most: 1 << 45,
                        };
                        self.state = State::Forever;
                    }
                    Pause::Forever | Pause::Input => self.state = State::Forever,
                }
            }
        }
        Step::Again
    }
}

fn write_both(process: &mut Process, sys: &mut Sys, out: &[u8], err: &[u8]) {
    // Errors first: busybox does not buffer them.
    let failed = process.write(sys, 2, err).and_then(|()| process.write(sys, 1, out));
    if let Err(error) = failed {
        process.write_text(sys, 2, &format!("write error: {error}\n"));
    }
}
