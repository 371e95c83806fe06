//! Tools through which data flows: what they read goes on at once.

use std::collections::VecDeque;
use std::time::Duration;

use super::super::files::Content;
use super::super::kernel::{Mode, Process, Read, Sys};
use super::awk::Awk;
use super::lines::{Grep, Head, Tail};
use super::sed::Sed;
use super::{Call, Outcome, Pause};

/// Bytes taken at a time.
const CHUNK: usize = 64 * 1024;

/// What a filter does with its data.
#[derive(Clone, Debug)]
pub enum Kind {
    Cat,
    Tee(Vec<u32>),
    Grep(Grep),
    Head(Head),
    Sed(Sed),
    Awk(Box<Awk>),
    Tail(Tail),
    Yes(Vec<u8>),
    /// Reads nothing, never ends.
    Follow,
}

/// Where data comes from.
#[derive(Clone, Debug)]
pub enum Source {
    Stdin,
    /// An open file of the process.
    Descriptor(u32),
    Bytes {
        name: String,
        content: Content,
        at: u64,
    },
}

/// A filter at work.
#[derive(Clone, Debug)]
pub struct Filter {
    pub kind: Kind,
    pub sources: VecDeque<Source>,
    pub partial: Vec<u8>,
    pub status: i32,
}

/// What a filter's step came to.
pub enum Flow {
    Again,
    Wait(Option<Duration>),
    End(i32),
}

/// What happens with a piece of data.
pub enum Fed {
    More,
    /// Enough of this source.
    Next,
    Done,
}

impl Filter {
    pub fn new(kind: Kind) -> Filter {
        Filter { kind, sources: VecDeque::new(), partial: Vec::new(), status: 0 }
    }

    /// Opens the operands, or standard input; failures are complained about.
    pub fn open(mut self, call: &mut Call, files: &[String]) -> Result<Filter, Pause> {
        if files.is_empty() {
            self.sources.push_back(Source::Stdin);
        }
        for file in files {
            if file == "-" {
                self.sources.push_back(Source::Stdin);
                continue;
            }
            if file.starts_with("/dev/") {
                let opened = call.process.open(call.sys, file, Mode::Read);
                if let Ok(opened) = opened {
                    let fd = call.process.fds.keys().max().map_or(3, |fd| fd + 1).max(10);
                    call.process.set_fd(call.sys.kernel, fd, opened);
                    self.sources.push_back(Source::Descriptor(fd));
                    continue;
                }
            }
            let path = call.process.path(file);
            let content = call.sys.view().read(&path);
            match content {
                Ok(content) => self.sources.push_back(Source::Bytes { name: file.clone(), content, at: 0 }),
                Err(_) => {
                    call.read(file)?;
                    self.status = if matches!(self.kind, Kind::Grep(_)) { 2 } else { 1 };
                }
            }
        }
        Ok(self)
    }

    pub fn step(&mut self, process: &mut Process, sys: &mut Sys) -> Flow {
        match &mut self.kind {
            Kind::Yes(text) => {
                let text = text.clone();
                return match process.write(sys, 1, &text) {
                    Ok(()) => Flow::Again,
                    Err(_) => Flow::End(1),
                };
            }
            Kind::Follow => return Flow::Wait(None),
            Kind::Tail(tail) if tail.following() => return tail.poll(process, sys),
            _ => {}
        }
        let Some(source) = self.sources.front_mut() else {
            return self.end(process, sys);
        };
        let name = match source {
            Source::Bytes { name, .. } => name.clone(),
            _ => "(standard input)".to_owned(),
        };
        let read = match source {
            Source::Stdin => process.read(sys, 0, CHUNK),
            Source::Descriptor(fd) => process.read(sys, *fd, CHUNK),
            Source::Bytes { content, at, .. } => {
                let bytes = content.read(*at, CHUNK);
                *at += bytes.len() as u64;
                if bytes.is_empty() { Read::End } else { Read::Data(bytes) }
            }
        };
        let mut out = Vec::new();
        let fed = match read {
            Read::Block => return Flow::Wait(None),
            Read::Data(bytes) => self.feed(&bytes, &name, &mut out, process, sys),
            Read::End | Read::Failed => {
                let rest = std::mem::take(&mut self.partial);
                let fed = if rest.is_empty() { Fed::Next } else { self.line(&rest, &name, &mut out) };
                if matches!(fed, Fed::Done) { Fed::Done } else { Fed::Next }
            }
        };
        let failed = process.write(sys, 1, &out).is_err();
        match fed {
            _ if failed => Flow::End(1),
            Fed::More => Flow::Again,
            Fed::Next => {
                let mut rest = Vec::new();
                if let Kind::Grep(grep) = &mut self.kind {
                    grep.end_file(&name, &mut rest);
                }
                let _ = process.write(sys, 1, &rest);
                self.partial.clear();
                self.sources.pop_front();
                Flow::Again
            }
            Fed::Done => {
                self.sources.clear();
                self.partial.clear();
                Flow::Again
            }
        }
    }

    fn feed(
        &mut self,
        bytes: &[u8],
        name: &str,
        out: &mut Vec<u8>,
        process: &mut Process,
        sys: &mut Sys,
    ) -> Fed {
        match &mut self.kind {
            Kind::Cat => {
                out.extend(bytes);
                return Fed::More;
            }
            Kind::Tee(fds) => {
                out.extend(bytes);
                for fd in fds.clone() {
                    if process.write(sys, fd, bytes).is_err() {
                        self.status = 1;
                    }
                }
                return Fed::More;
            }
            Kind::Head(head) if head.bytes => return head.take_bytes(bytes, out),
            _ => {}
        }
        self.partial.extend(bytes);
        let mut done = 0;
        let data = std::mem::take(&mut self.partial);
        while let Some(length) = data[done..].iter().position(|&b| b == b'\n') {
            let line = &data[done..done + length + 1];
            done += length + 1;
            match self.line(line, name, out) {
                Fed::More => {}
                fed => {
                    // What `head` did not want is left for who reads next.
                    if matches!(self.sources.front(), Some(Source::Stdin)) {
                        process.unread(sys, 0, &data[done..]);
                    }
                    return fed;
                }
            }
        }
        self.partial = data[done..].to_vec();
        if self.partial.len() > 4 * CHUNK {
            let rest = std::mem::take(&mut self.partial);
            return self.line(&rest, name, out);
        }
        Fed::More
    }

    /// One line, with its line feed if it has one.
    fn line(&mut self, line: &[u8], name: &str, out: &mut Vec<u8>) -> Fed {
        match &mut self.kind {
            Kind::Grep(grep) => grep.line(line, name, out),
            Kind::Head(head) => head.line(line, out),
            Kind::Sed(sed) => sed.line(line, out),
            Kind::Awk(awk) => awk.line(line, name, out),
            Kind::Tail(tail) => tail.line(line),
            Kind::Cat | Kind::Tee(_) | Kind::Yes(_) | Kind::Follow => {
                out.extend(line);
                Fed::More
            }
        }
    }

    fn end(&mut self, process: &mut Process, sys: &mut Sys) -> Flow {
        let mut out = Vec::new();
        let status = match &mut self.kind {
            Kind::Grep(grep) if self.status == 0 || grep.quiet && grep.matched => i32::from(!grep.matched),
            Kind::Sed(sed) => {
                let status = sed.end(&mut out, process, sys);
                if status == 0 { self.status } else { status }
            }
            Kind::Awk(awk) => {
                let status = awk.end(&mut out);
                awk.write_files(process, sys);
                status
            }
            Kind::Tail(tail) => {
                tail.flush(&mut out);
                if tail.start_following(process, sys) {
                    return match process.write(sys, 1, &out) {
                        Ok(()) => Flow::Again,
                        Err(_) => Flow::End(1),
                    };
                }
                self.status
            }
            _ => self.status,
        };
        match process.write(sys, 1, &out) {
            Ok(()) => Flow::End(status),
            Err(_) => Flow::End(1),
        }
    }
}

pub fn cat(call: &mut Call) -> Outcome {
    let options = call.options("");
    if options.has('n') {
        let (bytes, status) = call.read_all(&options.operands)?;
        for (i, line) in String::from_utf8_lossy(&bytes).lines().enumerate() {
            call.line(&format!("{:>6}\t{line}", i + 1));
        }
        return Ok(status);
    }
    let filter = Filter::new(Kind::Cat).open(call, &options.operands)?;
    Err(Pause::Filter(Box::new(filter)))
}

pub fn tee(call: &mut Call) -> Outcome {
    let options = call.options("");
    let mode = if options.has('a') { Mode::Append } else { Mode::Write };
    let mut fds = Vec::new();
    let mut status = 0;
    for file in &options.operands {
        match call.process.open(call.sys, file, mode) {
            Ok(opened) => {
                let fd = call.process.fds.keys().max().map_or(3, |fd| fd + 1).max(10);
                call.process.set_fd(call.sys.kernel, fd, opened);
                fds.push(fd);
            }
            Err(error) => {
                call.complain(&format!("{file}: {error}"));
                status = 1;
            }
        }
    }
    let mut filter = Filter::new(Kind::Tee(fds));
    filter.status = status;
    filter.sources.push_back(Source::Stdin);
    Err(Pause::Filter(Box::new(filter)))
}

pub fn yes(call: &mut Call) -> Outcome {
    let text = if call.args().is_empty() { "y".to_owned() } else { call.args().join(" ") };
    let line = (text + "\n").into_bytes();
    let times = (4096 / line.len()).max(1);
    Err(Pause::Filter(Box::new(Filter::new(Kind::Yes(line.repeat(times))))))
}
