//! `test`, `[` and `[[`.

use super::super::files::{Kind, View};
use super::super::kernel::{Process, Sys};
use super::{Shell, pattern};

/// Where paths and descriptors are looked up.
pub struct Files<'a> {
    pub view: View<'a>,
    pub path: &'a dyn Fn(&str) -> String,
    pub terminal: &'a dyn Fn(u32) -> bool,
}

/// `test` on a process' files: the status and the message.
pub fn test(args: &[String], process: &Process, sys: &mut Sys) -> (i32, Option<String>) {
    let terminals: Vec<u32> = (0..3).filter(|fd| process.is_terminal(sys.kernel, *fd)).collect();
    let mut files =
        Files { view: sys.view(), path: &|p| process.path(p), terminal: &|fd| terminals.contains(&fd) };
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match expression(&words, &mut files) {
        Ok(value) => (i32::from(!value), None),
        Err(message) => (2, Some(message)),
    }
}

fn expression(words: &[&str], files: &mut Files) -> Result<bool, String> {
    // POSIX decides by the number of words, so that any operand may look like an operator.
    match words {
        [] => Ok(false),
        [word] => Ok(!word.is_empty()),
        ["!", word] => Ok(word.is_empty()),
        [op, operand] if is_unary(op) => unary(op, operand, files),
        [left, op, right] if is_binary(op) => binary(left, op, right, files),
        ["!", rest @ ..] if rest.len() == 2 || rest.len() == 3 => expression(rest, files).map(|value| !value),
        ["(", word, ")"] => Ok(!word.is_empty()),
        _ => {
            let mut parser = Parser { words, at: 0, depth: 0 };
            let value = parser.or(files)?;
            match words.get(parser.at) {
                None => Ok(value),
                Some(word) => Err(format!("{word}: unknown operand")),
            }
        }
    }
}

struct Parser<'a> {
    words: &'a [&'a str],
    at: usize,
    depth: u32,
}

impl Parser<'_> {
    fn next_is(&mut self, word: &str) -> bool {
        let found = self.words.get(self.at) == Some(&word);
        self.at += usize::from(found);
        found
    }

    fn or(&mut self, files: &mut Files) -> Result<bool, String> {
        self.depth += 1;
        if self.depth > 100 {
            return Err("too many arguments".into());
        }
        let mut value = self.and(files)?;
        while self.next_is("-o") {
            value |= self.and(files)?;
        }
        self.depth -= 1;
        Ok(value)
    }

    fn and(&mut self, files: &mut Files) -> Result<bool, String> {
        let mut value = self.not(files)?;
        while self.next_is("-a") {
            value &= self.not(files)?;
        }
        Ok(value)
    }

    fn not(&mut self, files: &mut Files) -> Result<bool, String> {
        let mut negated = false;
        while self.words.len() > self.at + 1 && self.next_is("!") {
            negated = !negated;
        }
        Ok(self.primary(files)? != negated)
    }

    fn primary(&mut self, files: &mut Files) -> Result<bool, String> {
        let rest = &self.words[self.at..];
        match rest {
            [left, op, right, ..] if is_binary(op) => {
                self.at += 3;
                binary(left, op, right, files)
            }
            ["(", ..] => {
                self.at += 1;
                let value = self.or(files)?;
                if self.next_is(")") { Ok(value) } else { Err("closing paren expected".into()) }
            }
            [op, operand, ..] if is_unary(op) => {
                self.at += 2;
                unary(op, operand, files)
            }
            [word, ..] => {
                self.at += 1;
                Ok(!word.is_empty())
            }
            [] => Err("argument expected".into()),
        }
    }
}

fn is_unary(op: &str) -> bool {
    matches!(op.as_bytes(), [b'-', c] if b"abcdefghknprstuwxzGLOS".contains(c))
}

fn is_binary(op: &str) -> bool {
    matches!(
        op,
        "=" | "=="
            | "!="
            | "<"
            | ">"
            | "=~"
            | "-eq"
            | "-ne"
            | "-lt"
            | "-le"
            | "-gt"
            | "-ge"
            | "-nt"
            | "-ot"
            | "-ef"
    )
}

fn unary(op: &str, operand: &str, files: &mut Files) -> Result<bool, String> {
    let path = (files.path)(operand);
    let view = &files.view;
    let kind = |wanted: fn(&Kind) -> bool| view.stat(&path).is_ok_and(|node| wanted(&node.kind));
    Ok(match op {
        "-n" => !operand.is_empty(),
        "-z" => operand.is_empty(),
        "-t" => operand.parse().is_ok_and(|fd| (files.terminal)(fd)),
        _ if operand.is_empty() => false,
        "-e" | "-a" => view.stat(&path).is_ok(),
        "-f" => kind(|k| matches!(k, Kind::File(_))),
        "-d" => kind(|k| *k == Kind::Directory),
        "-c" => kind(|k| matches!(k, Kind::Device(_))),
        "-b" | "-p" | "-S" | "-g" | "-u" | "-k" => false,
        "-h" | "-L" => view.lstat(&path).is_ok_and(|node| matches!(node.kind, Kind::Link(_))),
        "-s" => kind(|k| !matches!(k, Kind::File(content) if content.is_empty())),
        "-r" => view.may(&path, 4),
        "-w" => view.may(&path, 2),
        "-x" => view.may(&path, 1),
        "-O" | "-G" => view.stat(&path).is_ok_and(|node| node.uid == view.user.uid),
        _ => return Err(format!("{op}: unknown operand")),
    })
}

fn binary(left: &str, op: &str, right: &str, files: &mut Files) -> Result<bool, String> {
    let number = |text: &str| text.trim().parse::<i64>().map_err(|_| format!("{text}: bad number"));
    let compare = |wanted: fn(&i64, &i64) -> bool| Ok(wanted(&number(left)?, &number(right)?));
    match op {
        "=" | "==" => Ok(left == right),
        "!=" => Ok(left != right),
        "<" => Ok(left < right),
        ">" => Ok(left > right),
        "-eq" => compare(i64::eq),
        "-ne" => compare(i64::ne),
        "-lt" => compare(i64::lt),
        "-le" => compare(i64::le),
        "-gt" => compare(i64::gt),
        "-ge" => compare(i64::ge),
        "-nt" | "-ot" => {
            let time = |p: &str| files.view.stat(&(files.path)(p)).ok().map(|node| node.modified);
            let (left, right) = (time(left), time(right));
            Ok(if op == "-nt" { left > right } else { left < right })
        }
        "-ef" => {
            let real = |p: &str| files.view.real_path(&(files.path)(p)).ok();
            Ok(real(left) == real(right))
        }
        _ => Err(format!("{op}: unknown operand")),
    }
}

/// `[[ … ]]`: words as text and as pattern.
pub fn double_brackets(
    words: &[(String, String)],
    shell: &mut Shell,
    process: &mut Process,
    sys: &mut Sys,
) -> i32 {
    let terminals: Vec<u32> = (0..3).filter(|fd| process.is_terminal(sys.kernel, *fd)).collect();
    let result = {
        let path = |p: &str| process.path(p);
        let terminal = |fd: u32| terminals.contains(&fd);
        let mut files = Files { view: sys.view(), path: &path, terminal: &terminal };
        let mut at = 0;
        let value = double_or(words, &mut at, &mut files, 0);
        value.and_then(|value| match words.get(at) {
            None => Ok(value),
            Some((word, _)) => Err(format!("[[: {word}: unexpected operator")),
        })
    };
    match result {
        Ok(value) => i32::from(!value),
        Err(message) => {
            shell.complain(process, sys, &message);
            2
        }
    }
}

type Words<'a> = &'a [(String, String)];

fn double_or(words: Words, at: &mut usize, files: &mut Files, depth: u32) -> Result<bool, String> {
    let mut value = double_and(words, at, files, depth)?;
    while words.get(*at).is_some_and(|(w, _)| w == "||") {
        *at += 1;
        value |= double_and(words, at, files, depth)?;
    }
    Ok(value)
}

fn double_and(words: Words, at: &mut usize, files: &mut Files, depth: u32) -> Result<bool, String> {
    let mut value = double_primary(words, at, files, depth)?;
    while words.get(*at).is_some_and(|(w, _)| w == "&&") {
        *at += 1;
        value &= double_primary(words, at, files, depth)?;
    }
    Ok(value)
}

fn double_primary(words: Words, at: &mut usize, files: &mut Files, depth: u32) -> Result<bool, String> {
    if depth > 50 {
        return Err("[[: nested too deeply".into());
    }
    let word = |i: usize| words.get(i).map(|(w, _)| w.as_str());
    let Some(first) = word(*at) else {
        return Err("[[: argument expected".into());
    };
    let second = word(*at + 1);
    if second.is_some_and(is_binary) && words.len() > *at + 2 {
        let op = second.unwrap_or_default();
        let (right, right_pattern) = &words[*at + 2];
        *at += 3;
        return match op {
            "=" | "==" => Ok(pattern::matches(right_pattern, first)),
            "!=" => Ok(!pattern::matches(right_pattern, first)),
            "=~" => super::super::tools::regex::Regex::new(right, true).map(|regex| regex.is_match(first)),
            op => binary(first, op, right, files),
        };
    }
    match first {
        "!" => {
            *at += 1;
            double_primary(words, at, files, depth + 1).map(|value| !value)
        }
        "(" => {
            *at += 1;
            let value = double_or(words, at, files, depth + 1)?;
            if word(*at) != Some(")") {
                return Err("[[: closing paren expected".into());
            }
            *at += 1;
            Ok(value)
        }
        op if is_unary(op) && second.is_some_and(|s| s != "&&" && s != "||" && s != ")") => {
            *at += 2;
            unary(op, second.unwrap_or_default(), files)
        }
        text => {
            *at += 1;
            Ok(!text.is_empty())
        }
    }
}
