//! `grep`, `head` and `tail`.

use std::time::Duration;

use super::super::kernel::{Process, Sys};
use super::filter::{Fed, Filter, Flow, Kind};
use super::regex::Regex;
use super::{Call, Outcome, Pause};

/// Lines `tail` remembers.
const MAX_TAIL: usize = 100_000;

#[derive(Clone, Debug)]
pub struct Grep {
    patterns: Vec<Regex>,
    fixed: Vec<String>,
    invert: bool,
    ignore_case: bool,
    whole_line: bool,
    whole_word: bool,
    count: bool,
    list: Option<bool>,
    numbers: bool,
    only: bool,
    names: bool,
    most: Option<u64>,
    after: usize,
    before: usize,
    pending_after: usize,
    kept: Vec<String>,
    at: u64,
    found: u64,
    pub quiet: bool,
    pub matched: bool,
}

pub fn grep(call: &mut Call) -> Outcome {
    let options = call.options("efmABC");
    let mut operands = options.operands.clone();
    let mut patterns: Vec<String> = Vec::new();
    for (flag, value) in &options.flags {
        match (flag, value) {
            ('e', Some(value)) => patterns.push(value.clone()),
            ('f', Some(file)) => {
                let bytes = call.read(file)?.unwrap_or_default();
                patterns.extend(String::from_utf8_lossy(&bytes).lines().map(str::to_owned));
            }
            _ => {}
        }
    }
    if !options.has('e') && !options.has('f') {
        if operands.is_empty() {
            call.complain("no pattern given");
            return Ok(2);
        }
        patterns = operands.remove(0).split('\n').map(str::to_owned).collect();
    }
    let fixed = options.has('F') || call.name() == "fgrep";
    let extended = options.has('E') || options.has('P') || call.name() == "egrep";
    let ignore_case = options.has('i') || options.has('y');
    let mut compiled = Vec::new();
    for pattern in patterns.iter().filter(|_| !fixed) {
        match Regex::new(pattern, extended) {
            Ok(regex) => compiled.push(if ignore_case { regex.ignoring_case() } else { regex }),
            Err(error) => {
                call.complain(&format!("bad regex '{pattern}': {error}"));
                return Ok(2);
            }
        }
    }
    let mut recursive = options.has('r') || options.has('R');
    if recursive {
        let roots = if operands.is_empty() { vec![".".to_owned()] } else { operands.clone() };
        operands = roots.iter().flat_map(|root| super::find::files_below(call, root)).collect();
        recursive = true;
    }
    let context = options.number('C').unwrap_or(0).clamp(0, 1000) as usize;
    let grep = Grep {
        patterns: compiled,
        fixed: if fixed { patterns } else { Vec::new() },
        invert: options.has('v'),
        ignore_case,
        whole_line: options.has('x'),
        whole_word: options.has('w'),
        count: options.has('c'),
        list: if options.has('l') { Some(true) } else { options.has('L').then_some(false) },
        numbers: options.has('n'),
        only: options.has('o'),
        names: (operands.len() > 1 || recursive || options.has('H')) && !options.has('h'),
        most: options.number('m').map(|most| most.max(0) as u64),
        after: options.number('A').map_or(context, |n| n.clamp(0, 1000) as usize),
        before: options.number('B').map_or(context, |n| n.clamp(0, 1000) as usize),
        pending_after: 0,
        kept: Vec::new(),
        at: 0,
        found: 0,
        quiet: options.has('q') || options.long("quiet"),
        matched: false,
    };
    let silent = options.has('s');
    let filter = Filter::new(Kind::Grep(grep)).open(call, &operands)?;
    if silent {
        call.err.clear();
    }
    if recursive && operands.is_empty() {
        return Ok(1);
    }
    Err(Pause::Filter(Box::new(filter)))
}

impl Grep {
    fn find(&self, text: &str, from: usize) -> Option<(usize, usize)> {
        let fixed = self.fixed.iter().filter_map(|pattern| {
            let at = if self.ignore_case {
                text.to_lowercase().get(from..)?.find(&pattern.to_lowercase())?
            } else {
                text.get(from..)?.find(pattern.as_str())?
            };
            Some((from + at, from + at + pattern.len()))
        });
        let regex =
            self.patterns.iter().filter_map(|regex| regex.find_at(text, from)?.first().copied().flatten());
        let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        fixed
            .chain(regex)
            .filter(|(a, b)| !self.whole_line || (*a == 0 && *b == text.len()))
            .filter(|(a, b)| {
                !self.whole_word || !word(text[..*a].chars().next_back()) && !word(text[*b..].chars().next())
            })
            .min()
    }

    pub fn line(&mut self, line: &[u8], name: &str, out: &mut Vec<u8>) -> Fed {
        self.at += 1;
        let text = String::from_utf8_lossy(line);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let hit = self.find(text, 0).is_some() != self.invert;
        if !hit {
            if self.pending_after > 0 {
                self.pending_after -= 1;
                self.put(text, name, '-', out);
            } else if self.before > 0 {
                self.kept.push(text.to_owned());
                if self.kept.len() > self.before {
                    self.kept.remove(0);
                }
            }
            return Fed::More;
        }
        self.matched = true;
        self.found += 1;
        if self.quiet {
            return Fed::Done;
        }
        if self.list.is_some() {
            return Fed::Next;
        }
        if !self.count {
            let kept = std::mem::take(&mut self.kept);
            let here = self.at;
            for (i, text) in kept.iter().enumerate() {
                self.at = here - (kept.len() - i) as u64;
                self.put(text, name, '-', out);
            }
            self.at = here;
            if self.only && !self.invert {
                let mut from = 0;
                while let Some((a, b)) = self.find(text, from).filter(|(a, b)| b > a) {
                    self.put(&text[a..b], name, ':', out);
                    from = b;
                }
            } else {
                self.put(text, name, ':', out);
            }
            self.pending_after = self.after;
        }
        if self.most.is_some_and(|most| self.found >= most) { Fed::Next } else { Fed::More }
    }

    fn put(&self, text: &str, name: &str, mark: char, out: &mut Vec<u8>) {
        if self.names {
            out.extend(format!("{name}{mark}").bytes());
        }
        if self.numbers {
            out.extend(format!("{}{mark}", self.at).bytes());
        }
        out.extend(text.bytes());
        out.push(b'\n');
    }

    pub fn end_file(&mut self, name: &str, out: &mut Vec<u8>) {
        if self.count && !self.quiet {
            let prefix = if self.names { format!("{name}:") } else { String::new() };
            out.extend(format!("{prefix}{}\n", self.found).bytes());
        }
        if self.list.is_some_and(|with| with == (self.found > 0)) {
            out.extend(format!("{name}\n").bytes());
        }
        (self.at, self.found, self.pending_after) = (0, 0, 0);
        self.kept.clear();
    }
}

#[derive(Clone, Debug)]
pub struct Head {
    pub bytes: bool,
    left: u64,
    each: u64,
}

fn old_style(args: &[String]) -> Vec<String> {
    let number = |arg: &String| {
        arg.strip_prefix('-').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    match args.first() {
        Some(first) if number(first) => {
            let mut args = args.to_vec();
            args[0] = format!("-n{}", &first[1..]);
            args
        }
        _ => args.to_vec(),
    }
}

/// `10`, `1k`, `2M`.
pub fn size(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let scale = match &text[end..] {
        "" | "c" => 1,
        "b" => 512,
        "k" | "K" | "KiB" => 1 << 10,
        "kB" | "KB" => 1000,
        "m" | "M" | "MiB" => 1 << 20,
        "MB" => 1_000_000,
        "g" | "G" | "GiB" => 1 << 30,
        "GB" => 1_000_000_000,
        _ => return None,
    };
    text[..end].parse::<u64>().ok()?.checked_mul(scale)
}

pub fn head(call: &mut Call) -> Outcome {
    let options = super::Options::parse(&old_style(call.args()), "nc");
    let bytes = options.has('c');
    let text = options.value(if bytes { 'c' } else { 'n' }).unwrap_or("10").to_owned();
    if let Some(cut) = text.strip_prefix('-').and_then(|n| n.parse::<usize>().ok()) {
        let (data, status) = call.read_all(&options.operands)?;
        let text = String::from_utf8_lossy(&data).into_owned();
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        for line in &lines[..lines.len().saturating_sub(cut)] {
            call.print(line);
        }
        return Ok(status);
    }
    let Some(left) = size(&text) else {
        call.complain(&format!("invalid number '{text}'"));
        return Ok(1);
    };
    let filter = Filter::new(Kind::Head(Head { bytes, left, each: left })).open(call, &options.operands)?;
    if left == 0 {
        return Ok(filter.status);
    }
    Err(Pause::Filter(Box::new(filter)))
}

impl Head {
    pub fn line(&mut self, line: &[u8], out: &mut Vec<u8>) -> Fed {
        out.extend(line);
        self.left -= 1;
        self.next()
    }

    pub fn take_bytes(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Fed {
        let take = bytes.len().min(self.left as usize);
        out.extend(&bytes[..take]);
        self.left -= take as u64;
        self.next()
    }

    fn next(&mut self) -> Fed {
        if self.left > 0 {
            return Fed::More;
        }
        self.left = self.each;
        Fed::Next
    }
}

#[derive(Clone, Debug)]
pub struct Tail {
    lines: u64,
    from_start: bool,
    bytes: bool,
    kept: Vec<Vec<u8>>,
    skipped: u64,
    follow: Vec<(String, u64)>,
    started: bool,
    next_poll: Duration,
}

pub fn tail(call: &mut Call) -> Outcome {
    let options = super::Options::parse(&old_style(call.args()), "ncs");
    let bytes = options.has('c');
    let text = options.value(if bytes { 'c' } else { 'n' }).unwrap_or("10").to_owned();
    let (from_start, number) = text.strip_prefix('+').map_or((false, text.as_str()), |rest| (true, rest));
    let Some(count) = size(number.trim_start_matches('-')) else {
        call.complain(&format!("invalid number '{text}'"));
        return Ok(1);
    };
    let follow = options.has('f') || options.has('F') || options.long("follow");
    // It keeps what it reads until the end, which never comes: the classic way to run out of memory.
    if options.operands.iter().any(|file| file == "/dev/zero" || file == "/dev/urandom") {
        return Err(Pause::Hog);
    }
    if follow && options.operands.iter().all(|file| file == "/dev/null") && !options.operands.is_empty() {
        return Err(Pause::Forever);
    }
    let retries = options.has('F') || options.long("retry") || options.long_value("follow") == Some("name");
    let files: Vec<String> = options.operands.clone();
    let existing: Vec<String> = files
        .iter()
        .filter(|file| {
            let path = call.process.path(file);
            !retries || call.sys.view().stat(&path).is_ok() || file.as_str() == "-"
        })
        .cloned()
        .collect();
    let mut tail = Tail {
        lines: count,
        from_start,
        bytes,
        kept: Vec::new(),
        skipped: 0,
        follow: Vec::new(),
        started: false,
        next_poll: Duration::ZERO,
    };
    if follow {
        tail.follow = files.iter().filter(|f| *f != "-").map(|file| (call.process.path(file), 0)).collect();
        if files.is_empty() {
            return Err(Pause::Filter(Box::new(Filter::new(Kind::Cat).open(call, &[])?)));
        }
    }
    if retries && existing.len() < files.len() {
        for file in files.iter().filter(|file| !existing.contains(file)) {
            call.complain(&format!("can't open '{file}': No such file or directory"));
        }
    }
    let mut filter = Filter::new(Kind::Tail(tail));
    if !(existing.is_empty() && retries) {
        filter = filter.open(call, &existing)?;
        if !retries && filter.sources.is_empty() {
            if !follow {
                return Ok(1);
            }
            call.complain("no files");
            return Ok(1);
        }
    }
    Err(Pause::Filter(Box::new(filter)))
}

impl Tail {
    pub fn line(&mut self, line: &[u8]) -> Fed {
        if self.from_start && !self.bytes {
            self.skipped += 1;
            if self.skipped < self.lines.max(1) {
                return Fed::More;
            }
        }
        self.kept.push(line.to_vec());
        let most = if self.from_start || self.bytes { MAX_TAIL } else { (self.lines as usize).min(MAX_TAIL) };
        if self.kept.len() > most {
            self.kept.remove(0);
        }
        Fed::More
    }

    pub fn flush(&mut self, out: &mut Vec<u8>) {
        let kept = std::mem::take(&mut self.kept).concat();
        let from = match (self.bytes, self.from_start) {
            (true, true) => (self.lines.saturating_sub(1) as usize).min(kept.len()),
            (true, false) => kept.len().saturating_sub(self.lines as usize),
            _ => 0,
        };
        out.extend(&kept[from..]);
    }

    pub fn following(&self) -> bool {
        self.started
    }

    pub fn start_following(&mut self, process: &mut Process, sys: &mut Sys) -> bool {
        let _ = process;
        if self.follow.is_empty() {
            return false;
        }
        for (path, at) in &mut self.follow {
            *at = sys.view().read(path).map_or(0, |content| content.len());
        }
        self.started = true;
        self.next_poll = sys.now + Duration::from_secs(1);
        true
    }

    /// Looks once a second, as busybox does.
    pub fn poll(&mut self, process: &mut Process, sys: &mut Sys) -> Flow {
        if self.next_poll > sys.now {
            return Flow::Wait(Some(self.next_poll));
        }
        self.next_poll = sys.now + Duration::from_secs(1);
        for (path, at) in &mut self.follow {
            let Ok(content) = sys.view().read(path) else {
                *at = 0;
                continue;
            };
            if content.len() < *at {
                *at = 0;
            }
            let bytes = content.read(*at, 1 << 20);
            *at += bytes.len() as u64;
            if process.write(sys, 1, &bytes).is_err() {
                return Flow::End(1);
            }
        }
        Flow::Wait(Some(self.next_poll))
    }
}
