//! Tools on text that take all of it at once.

use crate::api::order;
use std::cmp::Ordering;

use super::super::files::{base, parent};
use super::super::shell::escape::{Style, unescape};
use super::super::shell::{self, Flavour};
use super::regex::Regex;
use super::{Call, Outcome};

/// Most lines a tool prints that makes them up.
const MAX_LINES: usize = 200_000;

fn text_of(call: &mut Call, files: &[String]) -> Result<(String, i32), super::Pause> {
    let (bytes, status) = call.read_all(files)?;
    Ok((String::from_utf8_lossy(&bytes).into_owned(), status))
}

pub fn echo(call: &mut Call) -> Outcome {
    let bytes = shell::echo_bytes(call.args(), Flavour::Ash);
    call.out.extend(bytes);
    Ok(0)
}

pub fn printf(call: &mut Call) -> Outcome {
    let Some(format) = call.args().first().cloned() else {
        call.complain("usage: printf FORMAT [ARG]...");
        return Ok(1);
    };
    let printed = shell::printf::printf(&format, &call.args()[1..]);
    call.out.extend(&printed.bytes);
    for error in &printed.errors {
        call.complain(error);
    }
    Ok(i32::from(!printed.errors.is_empty()))
}

pub fn basename(call: &mut Call) -> Outcome {
    let args = call.args().to_vec();
    let Some(path) = args.first() else {
        call.complain("missing operand");
        return Ok(1);
    };
    let trimmed = path.trim_end_matches('/');
    let name = if trimmed.is_empty() { "/" } else { base(trimmed) };
    let cut = args.get(1).and_then(|suffix| name.strip_suffix(suffix.as_str())).filter(|n| !n.is_empty());
    call.line(cut.unwrap_or(name));
    Ok(0)
}

pub fn dirname(call: &mut Call) -> Outcome {
    for path in call.args().to_vec() {
        let trimmed = path.trim_end_matches('/');
        let dir = match trimmed {
            "" => "/",
            path if path.contains('/') => parent(path),
            _ => ".",
        };
        call.line(dir);
    }
    Ok(0)
}

pub fn wc(call: &mut Call) -> Outcome {
    let options = call.options("");
    let all = !"lwcmL".chars().any(|flag| options.has(flag));
    let files = if options.operands.is_empty() { vec!["-".to_owned()] } else { options.operands.clone() };
    let (mut total, mut status, mut rows) = ([0usize; 4], 0, Vec::new());
    for file in &files {
        let Some(bytes) = call.read(file)? else {
            status = 1;
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        let counts = [
            bytes.iter().filter(|b| **b == b'\n').count(),
            text.split_whitespace().count(),
            text.chars().count(),
            bytes.len(),
        ];
        for (sum, count) in total.iter_mut().zip(counts) {
            *sum += count;
        }
        rows.push((counts, file.clone()));
    }
    if files.len() > 1 {
        rows.push((total, "total".into()));
    }
    let single = options.flags.len() == 1;
    for (counts, name) in rows {
        let mut columns = Vec::new();
        for (flag, count) in [('l', counts[0]), ('w', counts[1]), ('m', counts[2]), ('c', counts[3])] {
            if options.has(flag) || (all && flag != 'm') {
                columns.push(if single { count.to_string() } else { format!("{count:>9}") });
            }
        }
        let mut line = columns.join(if single { "" } else { " " });
        if !options.operands.is_empty() {
            line = format!("{line} {name}");
        }
        call.line(&line);
    }
    Ok(status)
}

pub fn rev(call: &mut Call) -> Outcome {
    let operands = call.options("").operands;
    let (text, status) = text_of(call, &operands)?;
    for line in text.lines() {
        let reversed: String = line.chars().rev().collect();
        call.line(&reversed);
    }
    Ok(status)
}

pub fn tac(call: &mut Call) -> Outcome {
    let operands = call.options("").operands;
    let (text, status) = text_of(call, &operands)?;
    for line in text.lines().rev() {
        call.line(line);
    }
    Ok(status)
}

pub fn nl(call: &mut Call) -> Outcome {
    let operands = call.options("bwsnv").operands;
    let (text, status) = text_of(call, &operands)?;
    let mut number = 0;
    for line in text.lines() {
        if line.is_empty() {
            call.line("       ");
        } else {
            number += 1;
            call.line(&format!("{number:>6}\t{line}"));
        }
    }
    Ok(status)
}

pub fn fold(call: &mut Call) -> Outcome {
    let options = call.options("w");
    let width = options.number('w').unwrap_or(80).clamp(1, 10_000) as usize;
    let (text, status) = text_of(call, &options.operands)?;
    for line in text.lines() {
        let chars: Vec<char> = line.chars().collect();
        for piece in chars.chunks(width) {
            let piece: String = piece.iter().collect();
            call.line(&piece);
        }
        if chars.is_empty() {
            call.line("");
        }
    }
    Ok(status)
}

pub fn seq(call: &mut Call) -> Outcome {
    let options = parse_seq(call.args());
    let numbers: Vec<f64> = options.2.iter().filter_map(|text| text.parse().ok()).collect();
    if numbers.len() != options.2.len() || numbers.is_empty() || numbers.len() > 3 {
        call.complain("invalid number");
        return Ok(1);
    }
    let (first, step, last) = match numbers[..] {
        [last] => (1.0, 1.0, last),
        [first, last] => (first, 1.0, last),
        [first, step, last] => (first, step, last),
        _ => return Ok(1),
    };
    if step == 0.0 {
        call.complain("zero increment");
        return Ok(1);
    }
    let digits =
        options.2.iter().map(|text| text.split_once('.').map_or(0, |(_, d)| d.len())).max().unwrap_or(0);
    let width = if options.1 { options.2.iter().map(String::len).max().unwrap_or(0) } else { 0 };
    let mut lines = Vec::new();
    let count = ((last - first) / step + 1e-9).floor();
    for i in 0..=(count.clamp(-1.0, MAX_LINES as f64) as i64) {
        let value = first + step * i as f64;
        lines.push(format!("{value:0width$.digits$}"));
    }
    if count >= 0.0 {
        call.line(&lines.join(&options.0));
    }
    Ok(0)
}

fn parse_seq(args: &[String]) -> (String, bool, Vec<String>) {
    let (mut separator, mut pad, mut numbers) = ("\n".to_owned(), false, Vec::new());
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "-s" => separator = rest.next().cloned().unwrap_or_default(),
            "-w" => pad = true,
            arg if arg.starts_with("-s") => separator = arg[2..].to_owned(),
            _ => numbers.push(arg.clone()),
        }
    }
    (unescape(&separator, Style::Quote).text(), pad, numbers)
}

/// `1,3-5,7-`.
fn ranges(text: &str) -> Vec<(usize, usize)> {
    let one = |part: &str| {
        let number = |text: &str, default| {
            if text.is_empty() { Some(default) } else { text.parse().ok() }
        };
        match part.split_once('-') {
            Some((low, high)) => Some((number(low, 1)?, number(high, usize::MAX)?)),
            None => part.parse().ok().map(|n| (n, n)),
        }
    };
    text.split(',').filter_map(one).collect()
}

pub fn cut(call: &mut Call) -> Outcome {
    let options = call.options("dfcbO");
    let delimiter = options.value('d').unwrap_or("\t").to_owned();
    let list =
        options.value('f').or(options.value('c')).or(options.value('b')).map(ranges).unwrap_or_default();
    if list.is_empty() {
        call.complain("expected a list of bytes, characters, or fields");
        return Ok(1);
    }
    let wanted = |n: usize| list.iter().any(|(low, high)| *low <= n && n <= *high);
    let (text, status) = text_of(call, &options.operands)?;
    for line in text.lines() {
        if !options.has('f') {
            let cut: String =
                line.chars().enumerate().filter(|(i, _)| wanted(i + 1)).map(|(_, c)| c).collect();
            call.line(&cut);
        } else if line.contains(&delimiter) {
            let fields: Vec<&str> =
                line.split(&delimiter).enumerate().filter(|(i, _)| wanted(i + 1)).map(|(_, f)| f).collect();
            call.line(&fields.join(&delimiter));
        } else if !options.has('s') {
            call.line(line);
        }
    }
    Ok(status)
}

fn tr_set(text: &str) -> Vec<char> {
    let mut rest = unescape_tr(text);
    let mut set = Vec::new();
    for (class, chars) in [
        ("[:upper:]", ('A'..='Z').collect::<Vec<_>>()),
        ("[:lower:]", ('a'..='z').collect()),
        ("[:digit:]", ('0'..='9').collect()),
        ("[:space:]", vec!['\t', '\n', '\u{b}', '\u{c}', '\r', ' ']),
        ("[:blank:]", vec![' ', '\t']),
        ("[:alpha:]", ('A'..='Z').chain('a'..='z').collect()),
        ("[:alnum:]", ('0'..='9').chain('A'..='Z').chain('a'..='z').collect()),
        ("[:punct:]", (33u8..127).map(char::from).filter(char::is_ascii_punctuation).collect()),
        ("[:cntrl:]", (0u8..32).map(char::from).collect()),
        ("[:print:]", (32u8..127).map(char::from).collect()),
    ] {
        while let Some(at) = rest.find(class) {
            set.extend(chars.iter());
            rest.replace_range(at..at + class.len(), "");
        }
    }
    let chars: Vec<char> = rest.chars().collect();
    let mut i = 0;
    while i < chars.len() {
        if i + 2 < chars.len() && chars[i + 1] == '-' && chars[i] <= chars[i + 2] {
            set.extend(chars[i]..=chars[i + 2]);
            i += 3;
        } else {
            set.push(chars[i]);
            i += 1;
        }
    }
    set.truncate(4096);
    set
}

fn unescape_tr(text: &str) -> String {
    unescape(text, Style::Format).text()
}

pub fn tr(call: &mut Call) -> Outcome {
    let options = call.options("");
    let Some(first) = options.operands.first().map(|set| tr_set(set)) else {
        call.complain("missing operand");
        return Ok(1);
    };
    let second = options.operands.get(1).map(|set| tr_set(set)).unwrap_or_default();
    let complement = options.has('c') || options.has('C');
    let inside = |c: char| first.contains(&c) != complement;
    let text = String::from_utf8_lossy(&call.stdin()?).into_owned();
    let mut out = String::new();
    let squeeze =
        if second.is_empty() || options.has('d') && options.has('s') { None } else { Some(&second) };
    for c in text.chars() {
        let mut c = c;
        if inside(c) && options.has('d') {
            continue;
        }
        if inside(c) && !second.is_empty() && !options.has('d') {
            let at = if complement { usize::MAX } else { first.iter().position(|f| *f == c).unwrap_or(0) };
            c = second.get(at).or(second.last()).copied().unwrap_or(c);
        }
        let squeezed = match squeeze {
            Some(set) => set.contains(&c),
            None => inside(c),
        };
        if options.has('s') && squeezed && out.ends_with(c) {
            continue;
        }
        out.push(c);
    }
    call.print(&out);
    Ok(0)
}

pub fn sort(call: &mut Call) -> Outcome {
    let options = call.options("ktoST");
    let (text, status) = text_of(call, &options.operands)?;
    let separator = options.value('t').map(str::to_owned);
    let keys: Vec<String> =
        options.flags.iter().filter(|(flag, _)| *flag == 'k').filter_map(|(_, v)| v.clone()).collect();
    let field = |line: &str, key: &str| -> String {
        let (from, to) = key.split_once(',').map_or((key, None), |(from, to)| (from, Some(to)));
        let number = |text: &str| {
            text.chars()
                .take_while(char::is_ascii_digit)
                .collect::<String>()
                .parse::<usize>()
                .unwrap_or(1)
                .max(1)
        };
        let fields: Vec<&str> = match &separator {
            Some(separator) if !separator.is_empty() => line.split(separator.as_str()).collect(),
            _ => line.split_whitespace().collect(),
        };
        let from = number(from) - 1;
        let to = to.map_or(fields.len(), number).min(fields.len());
        fields
            .get(from..to.max(from).min(fields.len()))
            .unwrap_or_default()
            .join(separator.as_deref().unwrap_or(" "))
    };
    let compare_text = |a: &str, b: &str, flags: &str| -> Ordering {
        let order = if flags.contains('n') || flags.contains('g') {
            leading_number(a).partial_cmp(&leading_number(b)).unwrap_or(Ordering::Equal)
        } else if flags.contains('h') {
            human(a).partial_cmp(&human(b)).unwrap_or(Ordering::Equal)
        } else if flags.contains('V') {
            version(a).cmp(&version(b))
        } else if flags.contains('f') {
            a.to_lowercase().cmp(&b.to_lowercase())
        } else {
            a.cmp(b)
        };
        if flags.contains('r') { order.reverse() } else { order }
    };
    let global: String =
        options.flags.iter().map(|(flag, _)| *flag).filter(|flag| "nrhgfV".contains(*flag)).collect();
    let compare = |a: &&str, b: &&str| -> Ordering {
        for key in &keys {
            let own: String = key.chars().filter(|c| c.is_ascii_alphabetic()).collect();
            let flags = if own.is_empty() { &global } else { &own };
            let order = compare_text(&field(a, key), &field(b, key), flags);
            if order != Ordering::Equal {
                return order;
            }
        }
        if keys.is_empty() { compare_text(a, b, &global) } else { Ordering::Equal }
    };
    let mut lines: Vec<&str> = text.lines().collect();
    order::sort_by(&mut lines, |a, b| {
        let order = compare(a, b);
        if order == Ordering::Equal && !options.has('s') && !options.has('u') {
            return if global.contains('r') { b.cmp(a) } else { a.cmp(b) };
        }
        order
    });
    if options.has('u') {
        lines.dedup_by(|a, b| compare(a, b) == Ordering::Equal);
    }
    let mut sorted = lines.join("\n");
    if !lines.is_empty() {
        sorted.push('\n');
    }
    match options.value('o') {
        Some(file) => {
            let path = call.process.path(file);
            if let Err(error) = call.sys.view().write(&path, sorted.as_bytes(), 0o644) {
                call.complain(&format!("{file}: {error}"));
                return Ok(1);
            }
        }
        None => call.print(&sorted),
    }
    Ok(status)
}

fn leading_number(text: &str) -> f64 {
    let text = text.trim_start();
    let end = text
        .char_indices()
        .find(|(i, c)| !(c.is_ascii_digit() || *c == '.' || (*i == 0 && *c == '-')))
        .map_or(text.len(), |(i, _)| i);
    text[..end].parse().unwrap_or(0.0)
}

fn human(text: &str) -> f64 {
    let scale =
        text.trim().chars().find(char::is_ascii_alphabetic).map_or(1.0, |c| match c.to_ascii_uppercase() {
            'K' => 1e3,
            'M' => 1e6,
            'G' => 1e9,
            'T' => 1e12,
            _ => 1.0,
        });
    leading_number(text) * scale
}

fn version(text: &str) -> Vec<(u64, String)> {
    text.split(['.', '-']).map(|part| (part.parse().unwrap_or(0), part.to_owned())).collect()
}

pub fn uniq(call: &mut Call) -> Outcome {
    let options = call.options("fsw");
    let input: Vec<String> = options.operands.iter().take(1).cloned().collect();
    let (text, status) = text_of(call, &input)?;
    let mut groups: Vec<(usize, &str)> = Vec::new();
    for line in text.lines() {
        match groups.last_mut() {
            Some((count, last)) if *last == line || options.has('i') && last.eq_ignore_ascii_case(line) => {
                *count += 1
            }
            _ => groups.push((1, line)),
        }
    }
    for (count, line) in groups {
        if options.has('d') && count < 2 || options.has('u') && count > 1 {
            continue;
        }
        call.line(&if options.has('c') { format!("{count:>7} {line}") } else { line.to_owned() });
    }
    Ok(status)
}

pub fn paste(call: &mut Call) -> Outcome {
    let options = call.options("d");
    let delimiter = options.value('d').map_or("\t".to_owned(), unescape_tr);
    if options.has('s') {
        let (text, status) = text_of(call, &options.operands)?;
        call.line(&text.lines().collect::<Vec<_>>().join(&delimiter));
        return Ok(status);
    }
    let mut columns = Vec::new();
    for file in &options.operands {
        let bytes = call.read(file)?.unwrap_or_default();
        columns.push(String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect::<Vec<_>>());
    }
    for row in 0..columns.iter().map(Vec::len).max().unwrap_or(0) {
        let cells: Vec<&str> =
            columns.iter().map(|column| column.get(row).map_or("", |cell| cell.as_str())).collect();
        call.line(&cells.join(&delimiter));
    }
    Ok(0)
}

pub fn comm(call: &mut Call) -> Outcome {
    let options = call.options("");
    let mut sides = Vec::new();
    for file in options.operands.iter().take(2) {
        let Some(bytes) = call.read(file)? else {
            return Ok(1);
        };
        sides.push(String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect::<Vec<_>>());
    }
    let [left, right] = &sides[..] else {
        call.complain("missing operand");
        return Ok(1);
    };
    let (mut i, mut j) = (0, 0);
    while i < left.len() || j < right.len() {
        let order = match (left.get(i), right.get(j)) {
            (Some(a), Some(b)) => a.cmp(b),
            (Some(_), None) => Ordering::Less,
            _ => Ordering::Greater,
        };
        let (column, line) = match order {
            Ordering::Less => ('1', &left[i]),
            Ordering::Greater => ('2', &right[j]),
            Ordering::Equal => ('3', &left[i]),
        };
        i += usize::from(order.is_le());
        j += usize::from(order.is_ge());
        if !options.has(column) {
            let tabs = ['1', '2'].iter().filter(|other| **other < column && !options.has(**other)).count();
            call.line(&format!("{}{line}", "\t".repeat(tabs)));
        }
    }
    Ok(0)
}

pub fn cmp(call: &mut Call) -> Outcome {
    let options = call.options("n");
    let [left, right, ..] = &options.operands[..] else {
        call.complain("missing operand");
        return Ok(2);
    };
    let (Some(a), Some(b)) = (call.read(left)?, call.read(right)?) else {
        return Ok(2);
    };
    let Some(at) = (0..a.len().max(b.len())).find(|i| a.get(*i) != b.get(*i)) else {
        return Ok(0);
    };
    if !options.has('s') {
        if at >= a.len() || at >= b.len() {
            let short = if a.len() < b.len() { left } else { right };
            call.complain(&format!("EOF on {short}"));
        } else {
            let line = 1 + a[..at].iter().filter(|byte| **byte == b'\n').count();
            call.line(&format!("{left} {right} differ: char {}, line {line}", at + 1));
        }
    }
    Ok(1)
}

pub fn diff(call: &mut Call) -> Outcome {
    let options = call.options("U");
    let [left, right, ..] = &options.operands[..] else {
        call.complain("missing operand");
        return Ok(2);
    };
    let (Some(a), Some(b)) = (call.read(left)?, call.read(right)?) else {
        return Ok(2);
    };
    if a == b {
        return Ok(0);
    }
    if options.has('q') {
        call.line(&format!("Files {left} and {right} differ"));
        return Ok(1);
    }
    // One hunk from the first to the last difference.
    let (a, b) = (String::from_utf8_lossy(&a).into_owned(), String::from_utf8_lossy(&b).into_owned());
    let (a, b): (Vec<&str>, Vec<&str>) = (a.lines().collect(), b.lines().collect());
    let same = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let tail = a[same..].iter().rev().zip(b[same..].iter().rev()).take_while(|(x, y)| x == y).count();
    call.line(&format!("--- {left}\n+++ {right}"));
    let (removed, added) = (&a[same..a.len() - tail], &b[same..b.len() - tail]);
    let (before, after) = (same.min(3), tail.min(3));
    let count = |n: usize| n + before + after;
    call.line(&format!(
        "@@ -{},{} +{},{} @@",
        same - before + 1,
        count(removed.len()),
        same - before + 1,
        count(added.len())
    ));
    for line in &a[same - before..same] {
        call.line(&format!(" {line}"));
    }
    for line in removed {
        call.line(&format!("-{line}"));
    }
    for line in added {
        call.line(&format!("+{line}"));
    }
    for line in &a[a.len() - tail..a.len() - tail + after] {
        call.line(&format!(" {line}"));
    }
    Ok(1)
}

pub fn shuf(call: &mut Call) -> Outcome {
    let options = call.options("nie");
    let mut lines: Vec<String> = match options.value('i').and_then(|range| range.split_once('-')) {
        Some((low, high)) => {
            let low: usize = low.parse().unwrap_or(0);
            let high: usize = high.parse().unwrap_or(0);
            (low..=high).take(MAX_LINES).map(|n| n.to_string()).collect()
        }
        None => text_of(call, &options.operands)?.0.lines().map(str::to_owned).collect(),
    };
    for i in (1..lines.len()).rev() {
        let j = (call.sys.world.random() % (i as u64 + 1)) as usize;
        lines.swap(i, j);
    }
    let take = options.number('n').map_or(usize::MAX, |n| n.max(0) as usize);
    for line in lines.iter().take(take) {
        call.line(line);
    }
    Ok(0)
}

pub fn factor(call: &mut Call) -> Outcome {
    for text in call.args().to_vec() {
        let Some(mut n) = text.parse::<u64>().ok().filter(|n| *n < 1 << 40) else {
            call.complain(&format!("invalid number '{text}'"));
            return Ok(1);
        };
        let mut line = format!("{n}:");
        let mut divisor = 2;
        while divisor * divisor <= n {
            while n % divisor == 0 {
                line.push_str(&format!(" {divisor}"));
                n /= divisor;
            }
            divisor += 1;
        }
        if n > 1 {
            line.push_str(&format!(" {n}"));
        }
        call.line(&line);
    }
    Ok(0)
}

pub fn expr(call: &mut Call) -> Outcome {
    let words = call.args().to_vec();
    let mut parser = Expr { words: &words, at: 0, depth: 0 };
    let result = parser.level(0);
    match result {
        Ok(value) if parser.at == words.len() && !words.is_empty() => {
            call.line(&value);
            Ok(i32::from(value.is_empty() || value == "0"))
        }
        Ok(_) => {
            call.complain("syntax error");
            Ok(2)
        }
        Err(error) => {
            call.complain(&error);
            Ok(2)
        }
    }
}

struct Expr<'a> {
    words: &'a [String],
    at: usize,
    depth: u32,
}

impl Expr<'_> {
    fn level(&mut self, level: usize) -> Result<String, String> {
        const LEVELS: &[&[&str]] = &[
            &["|"],
            &["&"],
            &["=", "==", "!=", "<", "<=", ">", ">="],
            &["+", "-"],
            &["*", "/", "%"],
            &[":"],
        ];
        let Some(ops) = LEVELS.get(level) else {
            return self.primary();
        };
        let mut left = self.level(level + 1)?;
        while let Some(op) = self.words.get(self.at).filter(|op| ops.contains(&op.as_str())).cloned() {
            self.at += 1;
            let right = self.level(level + 1)?;
            left = Self::apply(&op, &left, &right)?;
        }
        Ok(left)
    }

    fn apply(op: &str, left: &str, right: &str) -> Result<String, String> {
        let truth = |text: &str| !text.is_empty() && text != "0";
        let number = |text: &str| text.parse::<i64>().map_err(|_| "non-numeric argument".to_owned());
        Ok(match op {
            "|" => {
                if truth(left) {
                    left.to_owned()
                } else {
                    right.to_owned()
                }
            }
            "&" => {
                if truth(left) && truth(right) {
                    left.to_owned()
                } else {
                    "0".to_owned()
                }
            }
            ":" => {
                let regex = Regex::new(&format!("^{}", right.trim_start_matches('^')), false)?;
                let captures = regex.find_at(left, 0);
                match (captures, regex.groups) {
                    (Some(captures), 0) => {
                        captures[0].map_or(0, |(a, b)| left[a..b].chars().count()).to_string()
                    }
                    (Some(captures), _) => captures[1].map_or("", |(a, b)| &left[a..b]).to_owned(),
                    (None, 0) => "0".into(),
                    (None, _) => String::new(),
                }
            }
            "=" | "==" | "!=" | "<" | "<=" | ">" | ">=" => {
                let order = match (left.parse::<i64>(), right.parse::<i64>()) {
                    (Ok(a), Ok(b)) => a.cmp(&b),
                    _ => left.cmp(right),
                };
                let holds = match op {
                    "=" | "==" => order.is_eq(),
                    "!=" => order.is_ne(),
                    "<" => order.is_lt(),
                    "<=" => order.is_le(),
                    ">" => order.is_gt(),
                    _ => order.is_ge(),
                };
                u8::from(holds).to_string()
            }
            op => {
                let (a, b) = (number(left)?, number(right)?);
                match op {
                    "+" => a.wrapping_add(b),
                    "-" => a.wrapping_sub(b),
                    "*" => a.wrapping_mul(b),
                    _ if b == 0 => return Err("division by zero".into()),
                    "/" => a.wrapping_div(b),
                    _ => a.wrapping_rem(b),
                }
                .to_string()
            }
        })
    }

    fn primary(&mut self) -> Result<String, String> {
        self.depth += 1;
        let Some(word) = self.words.get(self.at).cloned().filter(|_| self.depth < 1000) else {
            return Err("syntax error".into());
        };
        self.at += 1;
        let mut next = || {
            self.at += 1;
            self.words.get(self.at - 1).cloned().ok_or_else(|| "syntax error".to_owned())
        };
        match word.as_str() {
            "(" => {
                let value = self.level(0)?;
                if self.words.get(self.at).is_none_or(|word| word != ")") {
                    return Err("syntax error".into());
                }
                self.at += 1;
                Ok(value)
            }
            "length" => Ok(next()?.chars().count().to_string()),
            "substr" => {
                let (text, from, length) = (next()?, next()?, next()?);
                let from: usize = from.parse().unwrap_or(0);
                let length: usize = length.parse().unwrap_or(0);
                Ok(if from == 0 { String::new() } else { text.chars().skip(from - 1).take(length).collect() })
            }
            "index" => {
                let (text, set) = (next()?, next()?);
                Ok(text.chars().position(|c| set.contains(c)).map_or(0, |i| i + 1).to_string())
            }
            "match" => {
                let (text, pattern) = (next()?, next()?);
                Self::apply(":", &text, &pattern)
            }
            _ => Ok(word),
        }
    }
}
