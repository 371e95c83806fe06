//! The `read` builtin.

use std::time::Duration;

use super::super::kernel::{Process, Read, Step, Sys};
use super::Shell;
use super::frames::Frame;

/// A `read` in progress.
#[derive(Clone, Debug, Default)]
pub struct ReadRequest {
    pub names: Vec<String>,
    pub raw: bool,
    pub fd: u32,
    pub most: Option<usize>,
    pub until: Option<Duration>,
    pub delimiter: u8,
    pub array: bool,
    pub data: Vec<u8>,
}

impl Shell {
    pub fn read(&mut self, mut request: Box<ReadRequest>, process: &mut Process, sys: &mut Sys) -> Step {
        let bytes = match process.read(sys, request.fd, 4096) {
            Read::Data(bytes) => bytes,
            Read::Block => {
                if request.until.is_some_and(|until| until <= sys.now) {
                    self.status = 1;
                    return Step::Again;
                }
                let until = request.until;
                self.frames.push(Frame::Read(request));
                return Step::Wait(until);
            }
            Read::End | Read::Failed => {
                self.assign_read(&request);
                self.status = 1;
                return self.check(process, sys);
            }
        };
        let mut escaped = false;
        for (i, &byte) in bytes.iter().enumerate() {
            let ends = byte == request.delimiter && (!escaped || request.raw);
            if ends || request.most.is_some_and(|most| request.data.len() + 1 >= most) {
                if !ends {
                    request.data.push(byte);
                }
                process.unread(sys, request.fd, &bytes[i + 1..]);
                self.assign_read(&request);
                self.status = 0;
                return self.check(process, sys);
            }
            let was_escaped = escaped;
            escaped = !request.raw && byte == b'\\' && !escaped;
            if was_escaped && byte == b'\n' {
                request.data.pop();
                continue;
            }
            if request.data.len() < 1024 * 1024 {
                request.data.push(byte);
            }
        }
        self.frames.push(Frame::Read(request));
        Step::Again
    }

    fn assign_read(&mut self, request: &ReadRequest) {
        let text = String::from_utf8_lossy(&request.data).into_owned();
        let ifs = self.vars.get("IFS").unwrap_or(" \t\n").to_owned();
        // Characters with whether they were escaped: those never split.
        let mut chars: Vec<(char, bool)> = Vec::new();
        let mut source = text.chars();
        while let Some(c) = source.next() {
            match c {
                '\\' if !request.raw => chars.extend(source.next().map(|c| (c, true))),
                c => chars.push((c, false)),
            }
        }
        let blank = |&(c, escaped): &(char, bool)| !escaped && ifs.contains(c) && c.is_whitespace();
        let splits = |&(c, escaped): &(char, bool)| !escaped && ifs.contains(c);
        let to_text = |chars: &[(char, bool)]| chars.iter().map(|(c, _)| c).collect::<String>();
        let mut rest: &[(char, bool)] = &chars;
        let trim_start = |rest: &mut &[(char, bool)]| {
            let skip = rest.iter().take_while(|c| blank(c)).count();
            *rest = &rest[skip..];
        };
        let take_field = |rest: &mut &[(char, bool)]| {
            let end = rest.iter().position(splits).unwrap_or(rest.len());
            let field = to_text(&rest[..end]);
            *rest = &rest[end..];
            trim_start(rest);
            if rest.first().is_some_and(|c| splits(c) && !blank(c)) {
                *rest = &rest[1..];
                trim_start(rest);
            }
            field
        };
        trim_start(&mut rest);
        if request.array {
            let mut values = Vec::new();
            while !rest.is_empty() {
                values.push(take_field(&mut rest));
            }
            if let Some(name) = request.names.first() {
                self.vars.entry(name).array = Some(values);
            }
            return;
        }
        for (i, name) in request.names.iter().enumerate() {
            if i + 1 < request.names.len() {
                let field = take_field(&mut rest);
                self.vars.set(name, field);
                continue;
            }
            let end = rest.iter().rposition(|c| !blank(c)).map_or(0, |at| at + 1);
            let mut last = &rest[..end];
            // One field with its separator behind it: the separator goes.
            if last.iter().filter(|c| splits(c)).count() == 1 && last.last().is_some_and(splits) {
                last = &last[..last.len() - 1];
            }
            self.vars.set(name, to_text(last));
        }
    }
}
