//! What a container writes to its standard output and error.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// Lines kept; older ones go.
pub const MAX_LINES: usize = 2000;
/// Bytes kept; older lines go.
pub const MAX_BYTES: usize = 512 * 1024;
/// Longest line; longer ones are split, as containerd splits them.
pub const MAX_LINE: usize = 16 * 1024;

/// Where a line was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stream {
    Stdout,
    Stderr,
}

/// One line, with its line feed if it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Time since scenario start.
    pub at: Duration,
    pub stream: Stream,
    pub text: Arc<str>,
}

/// A container's log: a bounded ring of lines. A clone costs nothing until it is written to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    lines: Arc<VecDeque<Line>>,
    bytes: usize,
    dropped: u64,
    partial: [Vec<u8>; 2],
}

impl Log {
    /// Complete lines, oldest first.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &Line> {
        self.lines.iter()
    }

    /// How many lines were written and are gone.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Everything kept, as `kubectl logs` prints it.
    pub fn text(&self) -> String {
        self.lines.iter().map(|line| &*line.text).collect()
    }

    /// The end of the log, as `terminationMessagePolicy: FallbackToLogsOnError` takes it:
    /// at most 80 lines and 2048 bytes.
    pub fn tail(&self) -> String {
        let skip = self.lines.len().saturating_sub(80);
        let text: String = self.lines.iter().skip(skip).map(|line| &*line.text).collect();
        let mut from = text.len().saturating_sub(2048);
        while !text.is_char_boundary(from) {
            from += 1;
        }
        text[from..].to_owned()
    }

    pub(super) fn write(&mut self, now: Duration, stream: Stream, bytes: &[u8]) {
        let slot = stream as usize;
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            for part in piece.chunks(MAX_LINE) {
                self.partial[slot].extend(part);
                if part.ends_with(b"\n") || self.partial[slot].len() >= MAX_LINE {
                    self.end_line(now, stream);
                }
            }
        }
    }

    /// The streams are closed: what was written without a line feed becomes a line.
    pub(super) fn close(&mut self, now: Duration) {
        self.end_line(now, Stream::Stdout);
        self.end_line(now, Stream::Stderr);
    }

    fn end_line(&mut self, now: Duration, stream: Stream) {
        let bytes = std::mem::take(&mut self.partial[stream as usize]);
        if bytes.is_empty() {
            return;
        }
        let text: Arc<str> = String::from_utf8_lossy(&bytes).into();
        self.bytes += text.len();
        let lines = Arc::make_mut(&mut self.lines);
        lines.push_back(Line { at: now, stream, text });
        while lines.len() > MAX_LINES || self.bytes > MAX_BYTES {
            let Some(line) = lines.pop_front() else { break };
            self.bytes -= line.text.len();
            self.dropped += 1;
        }
    }
}
