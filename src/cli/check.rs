//! `podscope check`: what is wrong with manifests, as a compiler tells it.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Read, Write};
use std::process::ExitCode;

use podscope::session::diagnose::{Diagnostic, Fix, Severity, diagnose};

/// How many lines of a fix are shown.
const MAX_LINES: usize = 12;

/// Colours of a terminal, or none.
struct Paint {
    bold: &'static str,
    error: &'static str,
    warning: &'static str,
    info: &'static str,
    help: &'static str,
    gutter: &'static str,
    end: &'static str,
}

const PLAIN: Paint = Paint { bold: "", error: "", warning: "", info: "", help: "", gutter: "", end: "" };
const COLOURS: Paint = Paint {
    bold: "\x1b[1m",
    error: "\x1b[1;31m",
    warning: "\x1b[1;33m",
    info: "\x1b[1;34m",
    help: "\x1b[1;36m",
    gutter: "\x1b[34m",
    end: "\x1b[0m",
};

/// Checks files; `-` is standard input. Fails if there is an error in one.
///
/// # Errors
/// A file cannot be read.
pub fn main(arguments: &[String]) -> Result<ExitCode, String> {
    if arguments.is_empty() {
        return Err("check needs a FILE, or - for standard input".into());
    }
    let paint = if io::stdout().is_terminal() { &COLOURS } else { &PLAIN };
    let mut out = String::new();
    let (mut errors, mut others) = (0, 0);
    for file in arguments {
        let (name, text) = match file.as_str() {
            "-" => {
                let mut bytes = Vec::new();
                let read = io::stdin().lock().read_to_end(&mut bytes);
                ("<stdin>", read.map(|_| bytes))
            }
            file => (file, std::fs::read(file)),
        };
        let text = text.map_err(|error| format!("{name}: {error}"))?;
        let text = String::from_utf8(text).map_err(|_| format!("{name}: the file is not UTF-8 text"))?;
        for told in diagnose(&text) {
            *if told.severity == Severity::Error { &mut errors } else { &mut others } += 1;
            write(&mut out, name, &text, &told, paint);
        }
    }
    if errors + others > 0 {
        let s = |count: usize| if count == 1 { "" } else { "s" };
        let _ = writeln!(out, "{errors} error{}, {others} remark{}", s(errors), s(others));
    }
    // A reader that has gone away wants no more of it.
    let _ = io::stdout().lock().write_all(out.as_bytes());
    Ok(if errors > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn write(out: &mut String, name: &str, text: &str, told: &Diagnostic, paint: &Paint) {
    let Paint { bold, gutter, help, end, .. } = paint;
    let colour = match told.severity {
        Severity::Error => paint.error,
        Severity::Warning => paint.warning,
        Severity::Info => paint.info,
    };
    let (start, severity) = (told.range.start, told.severity);
    let code = told.code.name();
    let _ = writeln!(
        out,
        "{bold}{name}:{start}:{end} {colour}{severity}[{code}]{end}: {bold}{}{end}",
        told.message
    );
    let line = text.split('\n').nth(start.line.saturating_sub(1)).unwrap_or_default().trim_end();
    let number = start.line.to_string();
    let blank = " ".repeat(number.len());
    let _ = writeln!(out, "{gutter}{blank} |{end}");
    let _ = writeln!(out, "{gutter}{number} |{end} {line}");
    let (pad, carets) = caret(line, told);
    let _ = writeln!(out, "{gutter}{blank} |{end} {pad}{colour}{carets}{end}");
    let _ = writeln!(out, "{gutter}{blank} ={end} {help}help{end}: {}", told.advice);
    if let Some(fix) = &told.fix {
        let _ = writeln!(out, "{gutter}{blank} ={end} {help}fix{end}: {}", fix.label);
        changed(out, text, fix, paint);
    }
    out.push('\n');
}

/// Where the caret stands, tabs kept so that it stands below what it means, and the carets.
fn caret(line: &str, told: &Diagnostic) -> (String, String) {
    let before = line.chars().take(told.range.start.column.saturating_sub(1));
    let pad = before.map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    let is_one_line = told.range.end.line == told.range.start.line;
    let end = if is_one_line { told.range.end.column } else { line.chars().count() + 1 };
    (pad, "^".repeat(end.saturating_sub(told.range.start.column).max(1)))
}

/// The lines that are new with a fix; if there are none, those that go.
fn changed(out: &mut String, text: &str, fix: &Fix, paint: &Paint) {
    let fixed = fix.apply(text);
    let (old, new): (Vec<&str>, Vec<&str>) = (text.lines().collect(), fixed.lines().collect());
    let same = |(old, new): &(&&str, &&str)| old == new;
    let head = old.iter().zip(&new).take_while(same).count();
    let rest = (old.len() - head).min(new.len() - head);
    let tail = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(same).count();
    let (mut lines, mut sign) = (&new[head..new.len() - tail], '+');
    if lines.is_empty() {
        (lines, sign) = (&old[head..old.len() - tail], '-');
    }
    for (index, line) in lines.iter().take(MAX_LINES).enumerate() {
        let number = head + index + 1;
        let _ = writeln!(out, "{}{number:>6} {sign}{} {line}", paint.help, paint.end);
    }
    if lines.len() > MAX_LINES {
        let _ = writeln!(out, "       … and {} more lines", lines.len() - MAX_LINES);
    }
}
