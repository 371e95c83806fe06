//! Commands that the shell does itself.

use std::sync::Arc;
use std::time::Duration;

use super::super::container::Signal;
use super::super::files::normalize;
use super::super::kernel::{Process, Sys};
use super::escape::{Style, unescape};
use super::expand::search_path;
use super::frames::{Frame, SourceKind};
use super::read::ReadRequest;
use super::{Flavour, Shell, printf, test};

/// What the shell does after a builtin.
pub enum Flow {
    Status(i32),
    Exit(i32),
    Return(i32),
    Break { levels: usize, again: bool },
    Push(Vec<Frame>),
}

type Builtin = fn(&mut Shell, &[String], &mut Process, &mut Sys) -> Flow;

const SPECIAL: &[(&str, Builtin)] = &[
    (":", |_, _, _, _| Flow::Status(0)),
    (".", dot),
    ("source", dot),
    ("break", |_, args, _, _| Flow::Break { levels: level(args), again: false }),
    ("continue", |_, args, _, _| Flow::Break { levels: level(args), again: true }),
    ("eval", eval),
    ("exec", |_, _, _, _| Flow::Status(0)),
    ("exit", |shell, args, _, _| Flow::Exit(status_arg(shell, args))),
    ("export", export),
    ("readonly", export),
    ("return", |shell, args, _, _| Flow::Return(status_arg(shell, args))),
    ("set", set),
    ("shift", shift),
    ("times", times),
    ("trap", trap),
    ("unset", unset),
];

const PLAIN: &[(&str, Builtin)] = &[
    ("true", |_, _, _, _| Flow::Status(0)),
    ("false", |_, _, _, _| Flow::Status(1)),
    ("echo", echo),
    ("printf", print_format),
    ("test", run_test),
    ("[", run_test),
    ("cd", cd),
    ("pwd", |_, _, process, sys| {
        let text = format!("{}\n", process.cwd);
        process.write_text(sys, 1, &text);
        Flow::Status(0)
    }),
    ("local", local),
    ("declare", local),
    ("typeset", local),
    ("let", let_),
    ("wait", wait),
    ("kill", kill),
    ("read", read),
    ("command", command),
    ("type", kind),
    ("hash", |_, _, _, _| Flow::Status(0)),
    ("umask", umask),
    ("ulimit", |_, _, process, sys| {
        process.write_text(sys, 1, "unlimited\n");
        Flow::Status(0)
    }),
    ("getopts", getopts),
    ("alias", alias),
    ("unalias", |shell, args, _, _| {
        for name in &args[1..] {
            shell.aliases.remove(name);
        }
        Flow::Status(0)
    }),
    ("jobs", |_, _, _, _| Flow::Status(0)),
    ("shopt", |_, _, _, _| Flow::Status(0)),
];

fn find(name: &str) -> Option<Builtin> {
    SPECIAL.iter().chain(PLAIN).find(|(known, _)| *known == name).map(|(_, run)| *run)
}

/// Whether the shell does this command itself.
pub fn is_builtin(name: &str) -> bool {
    find(name).is_some()
}

/// POSIX' special builtins: their errors end the shell, their assignments stay.
pub fn is_special(name: &str) -> bool {
    SPECIAL.iter().any(|(known, _)| *known == name)
}

/// Runs a builtin; the first argument is its name.
pub fn run(shell: &mut Shell, argv: &[String], process: &mut Process, sys: &mut Sys) -> Flow {
    match find(&argv[0]) {
        Some(builtin) => builtin(shell, argv, process, sys),
        None => Flow::Status(127),
    }
}

/// A text as the shell could read it again.
pub fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=,+@%^".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

fn level(args: &[String]) -> usize {
    args.get(1).and_then(|n| n.parse().ok()).unwrap_or(1).max(1)
}

fn status_arg(shell: &Shell, args: &[String]) -> i32 {
    match args.get(1) {
        None => shell.status,
        Some(text) => text.parse::<i64>().map_or(2, |n| (n & 255) as i32),
    }
}

fn fail(shell: &Shell, process: &mut Process, sys: &mut Sys, message: &str, status: i32) -> Flow {
    shell.complain(process, sys, message);
    Flow::Status(status)
}

fn eval(_: &mut Shell, args: &[String], _: &mut Process, _: &mut Sys) -> Flow {
    let text = args[1..].join(" ");
    Flow::Push(vec![Frame::Source { text: text.into(), pos: 0, kind: SourceKind::Eval }])
}

fn dot(shell: &mut Shell, args: &[String], process: &mut Process, sys: &mut Sys) -> Flow {
    let Some(name) = args.get(1) else {
        return fail(shell, process, sys, &format!("{}: filename argument required", args[0]), 2);
    };
    let mut path = process.path(name);
    if !name.contains('/') && sys.view().stat(&path).is_err() {
        path = search_path(process, sys, &shell.vars, name).unwrap_or(path);
    }
    match sys.view().read(&path) {
        Ok(content) => {
            let text = String::from_utf8_lossy(content.bytes()).into_owned();
            Flow::Push(vec![Frame::Source { text: text.into(), pos: 0, kind: SourceKind::Dot }])
        }
        Err(error) => {
            let message = match shell.flavour {
                Flavour::Ash => format!("{}: can't open '{name}': {error}", args[0]),
                Flavour::Dash => format!("{}: cannot open {name}: {error}", args[0]),
                Flavour::Bash => format!("{name}: {error}"),
            };
            shell.complain(process, sys, &message);
            if shell.flavour == Flavour::Bash { Flow::Status(1) } else { Flow::Exit(2) }
        }
    }
}

fn export(shell: &mut Shell, args: &[String], process: &mut Process, sys: &mut Sys) -> Flow {
    let readonly = args[0] == "readonly";
    let names: Vec<&String> = args[1..].iter().filter(|arg| !arg.starts_with('-')).collect();
    if names.is_empty() {
        let mut text = String::new();
        for (name, var) in
            shell.vars.iter().filter(|(_, var)| if readonly { var.readonly } else { var.exported })
        {
            match &var.value {
                Some(value) => {
                    text.push_str(&format!("{} {name}='{}'\n", args[0], value.replace('\'', "'\\''")))
                }
                None => text.push_str(&format!("{} {name}\n", args[0])),
            }
        }
        process.write_text(sys, 1, &text);
        return Flow::Status(0);
    }
    let remove = args.get(1).is_some_and(|flag| flag == "-n");
    for arg in names {
        let (name, value) =
            arg.split_once('=').map_or((arg.as_str(), None), |(name, value)| (name, Some(value)));
        if !super::is_name(name) {
            return fail(shell, process, sys, &format!("{}: {arg}: bad variable name", args[0]), 2);
        }
        if let Some(value) = value {
            if shell.vars.is_readonly(name) {
                shell.complain(process, sys, &super::simple::read_only(shell.flavour, name));
                return Flow::Exit(2);
            }
            shell.vars.set(name, value);
        }
        let var = shell.vars.entry(name);
        if readonly {
            var.readonly = true;
        } else {
            var.exported = !remove;
        }
    }
    Flow::Status(0)
}

fn set(shell: &mut Shell, args: &[String], process: &mut Process, sys: &mut Sys) -> Flow {
    if args.len() == 1 {
        let mut text = String::new();
        for (name, var) in shell.vars.iter() {
            if let Some(value) = &var.value {
                text.push_str(&format!("{name}='{}'\n", value.replace('\'', "'\\''")));
            }
        }
        process.write_text(sys, 1, &text);
        return Flow::Status(0);
    }
    let mut rest = args[1..].iter();
    while let Some(arg) = rest.clone().next() {
        let on = arg.starts_with('-');
        match arg.as_str() {
            "--" | "-" => {
                rest.next();
                shell.args = Arc::new(rest.cloned().collect());
                return Flow::Status(0);
            }
            "-o" | "+o" => {
                rest.next();
                let name = rest.next().map_or("", |name| name.as_str());
                if !name.is_empty() && !shell.options.set_named(name, on) {
                    return fail(shell, process, sys, &format!("set: illegal option -o {name}"), 2);
                }
            }
            flags if flags.len() > 1 && flags.starts_with(['-', '+']) => {
                rest.next();
                for flag in flags[1..].chars() {
                    let known = if flag == 'o' {
                        rest.next().is_some_and(|name| shell.options.set_named(name, on))
                    } else {
                        shell.options.set(flag, on)
                    };
                    if !known {
                        shell.complain(process, sys, &format!("set: illegal option -{flag}"));
                        return Flow::Exit(2);
                    }
                }
            }
            _ => {
                shell.args = Arc::new(rest.cloned().collect());
                return Flow::Status(0);
            }
        }
    }
    Flow::Status(0)
}

fn shift(shell: &mut Shell, args: &[String], process: &mut Process, sys: &mut Sys) -> Flow {
    let count: usize = args.get(1).and_then(|n| n.parse().ok()).unwrap_or(1);
    if count > shell.args.len() {
        return match shell.flavour {
            Flavour::Dash => fail(shell, process, sys, "shift: can't shift that many", 2),
            _ => Flow::Status(1),
        };
    }
    shell.args = Arc::new(shell.args[count..].to_vec());
    Flow::Status(0)
}

fn times(_: &mut Shell, _: &[String], process: &mut Process, sys: &mut Sys) -> Flow {
    process.write_text(sys, 1, "0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n");
    Flow::Status(0)
}

fn trap(shell: &mut Shell, args: &[String], process: &mut Process, sys: &mut Sys) -> Flow {
    let args: Vec<&str> = args[1..].iter().map(String::as_str).filter(|arg| *arg != "--").collect();
    let normal = |name: &str| match name {
        "0" | "EXIT" => Some("EXIT".to_owned()),
        "ERR" | "DEBUG" | "RETURN" => Some(name.to_owned()),
        name => Signal::parse(name).map(|signal| signal.name().to_owned()),
    };
    if args.is_empty() || args[0] == "-p" {
        let mut text = String::new();
        for (name, action) in &shell.traps {
            text.push_str(&format!("trap -- '{}' {name}\n", action.replace('\'', "'\\''")));
        }
        process.write_text(sys, 1, &text);
        return Flow::Status(0);
    }
    let number = args[0].bytes().all(|b| b.is_ascii_digit()) && !args[0].is_empty();
    let (action, names) =
        if args.len() == 1 || number { (None, &args[..]) } else { (Some(args[0]), &args[1..]) };
    for name in names {
        let Some(signal) = normal(name) else {
            return fail(shell, process, sys, &format!("trap: {name}: invalid signal specification"), 1);
        };
        match action {
            None | Some("-") => {
                shell.traps.remove(&signal);
            }
            Some(action) => {
                if matches!(signal.as_str(), "ERR" | "DEBUG" | "RETURN") {
                    sys.kernel.note(format!("trap {signal}"));
                }
                shell.traps.insert(signal.clone(), action.to_owned());
            }
        }
        if let Some(signal) = Signal::parse(&signal) {
            if action == Some("") {
                process.ignored.insert(signal);
            } else {
                process.ignored.remove(&signal);
            }
        }
    }
    Flow::Status(0)
}

fn unset(shell: &mut Shell, args: &[String], process: &mut Process, sys: &mut Sys) -> Flow {
    let functions = args.get(1).is_some_and(|flag| flag == "-f");
    for name in args[1..].iter().filter(|arg| !matches!(arg.as_str(), "-f" | "-v")) {
        if functions {
            Arc::make_mut(&mut shell.functions).remove(name);
        } else if shell.vars.is_readonly(name) {
            shell.complain(process, sys, &super::simple::read_only(shell.flavour, name));
            return Flow::Exit(2);
        } else if shell.vars.var(name).is_some() {
            shell.vars.remove(name);
        } else {
            Arc::make_mut(&mut shell.functions).remove(name);
        }
    }
    Flow::Status(0)
}

fn echo(shell: &mut Shell, args: &[String], process: &mut Process, sys: &mut Sys) -> Flow {
    let bytes = echo_bytes(&args[1..], shell.flavour);
    match process.write(sys, 1, &bytes) {
        Ok(()) => Flow::Status(0),
        Err(error) => fail(shell, process, sys, &format!("write error: {error}"), 1),
    }
}

/// What `echo` prints.
pub fn echo_bytes(args: &[String], flavour: Flavour) -> Vec<u8> {
    let (mut newline, mut escapes) = (true, flavour == Flavour::Dash);
    let mut rest = args;
    while let Some((flags, tail)) = rest.split_first() {
        let known = if flavour == Flavour::Dash { "n" } else { "neE" };
        if flags.len() < 2 || !flags.starts_with('-') || !flags[1..].chars().all(|c| known.contains(c)) {
            break;
        }
        for flag in flags[1..].chars() {
            match flag {
                'n' => newline = false,
                'e' => escapes = true,
                _ => escapes = false,
            }
        }
        rest = tail;
    }
    let text = rest.join(" ");
    let mut bytes = text.clone().into_bytes();
    if escapes {
        let plain = unescape(&text, Style::Echo);
        newline &= !plain.stop;
        bytes = plain.bytes;
    }
    if newline {
        bytes.push(b'\n');
    }
    bytes
}

fn print_format(shell: &mut Shell, args: &[String], process: &mut Process, sys: &mut Sys) -> Flow {
    let mut args = &args[1..];
    let mut variable = None;
    if let [flag, name, rest @ ..] = args
        && flag == "-v"
    {
        variable = Some(name.clone());
        args = rest;
    }
    if args.first().is_some_and(|arg| arg == "--") {
        args = &args[1..];
    }
    let Some(format) = args.first() else {
        return fail(shell, process, sys, "printf: usage: printf format [arguments]", 2);
    };
    let printed = printf::printf(format, &args[1..]);
    // Complaints come first: the output is buffered until the end.
    for error in &printed.errors {
        shell.complain(process, sys, error);
    }
    match variable {
        Some(name) => shell.vars.set(&name, String::from_utf8_lossy(&printed.bytes)),
        None => {
            if let Err(error) = process.write(sys, 1, &printed.bytes) {
                return fail(shell, process, sys, &format!("write error: {error}"), 1);
            }
        }
    }
    Flow::Status(i32::from(!printed.errors.is_empty()))
}

fn run_test(shell: &mut Shell, args: &[String], process: &mut Process, sys: &mut Sys) -> Flow {
    let mut words = &args[1..];
    if args[0] == "[" {
        match words.split_last() {
            Some((last, rest)) if last == "]" => words = rest,
            _ => return fail(shell, process, sys, "missing ]", 2),
        }
    }
    let (status, message) = test::test(words, process, sys);
    if let Some(message) = message {
        shell.complain(process, sys, &message);
    }
    Flow::Status(status)
}

fn cd(shell: &mut Shell, args: &[String], process: &mut Process, sys: &mut Sys) -> Flow {
    let operand = args[1..].iter().find(|arg| !matches!(arg.as_str(), "-P" | "-L" | "--"));
    let target = match operand.map(String::as_str) {
        None => shell.vars.get("HOME").unwrap_or("/").to_owned(),
        Some("-") => shell.vars.get("OLDPWD").unwrap_or("/").to_owned(),
        Some(path) => path.to_owned(),
    };
    let path = normalize(&process.cwd, &target);
    let view = sys.view();
    let error = match view.stat(&path) {
        Ok(node) if node.kind != super::super::files::Kind::Directory => Some("Not a directory".to_owned()),
        Ok(_) if !view.may(&path, 1) => Some("Permission denied".to_owned()),
        Ok(_) => None,
        Err(error) => Some(error.to_string()),
    };
    if let Some(error) = error {
        let message = match shell.flavour {
            Flavour::Ash => format!("can't cd to {target}: {error}"),
            Flavour::Dash => format!("can't cd to {target}"),
            Flavour::Bash => format!("{target}: {error}"),
        };
        shell.complain_at(process, sys, "cd", &message);
        return Flow::Status(if shell.flavour == Flavour::Bash { 1 } else { 2 });
    }
    if operand.is_some_and(|operand| operand == "-") {
        process.write_text(sys, 1, &format!("{path}\n"));
    }
    shell.vars.set("OLDPWD", process.cwd.clone());
    shell.vars.set("PWD", path.clone());
    process.cwd = path;
    Flow::Status(0)
}

fn local(shell: &mut Shell, args: &[String], process: &mut Process, sys: &mut Sys) -> Flow {
    let function = shell.frames.iter().rposition(|frame| matches!(frame, Frame::Function { .. }));
    if function.is_none() && args[0] == "local" {
        return fail(shell, process, sys, "local: not in a function", 1);
    }
    let mut array = false;
    let mut exported = false;
    for arg in &args[1..] {
        if let Some(flags) = arg.strip_prefix('-') {
            array |= flags.contains('a');
            exported |= flags.contains('x');
            if flags.contains('A') {
                sys.kernel.note("associative arrays");
                return fail(shell, process, sys, &format!("{}: -A: not simulated", args[0]), 1);
            }
            continue;
        }
        let (name, value) =
            arg.split_once('=').map_or((arg.as_str(), None), |(name, value)| (name, Some(value)));
        if !super::is_name(name) {
            return fail(shell, process, sys, &format!("{}: {arg}: bad variable name", args[0]), 2);
        }
        let old = shell.vars.var(name).cloned();
        if let Some(Frame::Function { locals, .. }) = function.and_then(|at| shell.frames.get_mut(at))
            && !locals.iter().any(|(known, _)| known == name)
        {
            locals.push((name.to_owned(), old));
            if value.is_none() {
                let var = shell.vars.entry(name);
                (var.value, var.array) = (None, None);
            }
        }
        if array {
            shell.vars.entry(name).array.get_or_insert_default();
        }
        if let Some(value) = value {
            shell.vars.set(name, value);
        }
        if exported {
            shell.vars.entry(name).exported = true;
        }
    }
    Flow::Status(0)
}

fn let_(shell: &mut Shell, args: &[String], process: &mut Process, sys: &mut Sys) -> Flow {
    let text = args[1..].join(", ");
    let word = super::ast::Word(vec![super::ast::Part::Quoted(text)]);
    let result = super::expand::Expander::new(shell, process, sys).arithmetic(&word);
    match result {
        Ok(value) => Flow::Status(i32::from(value == 0)),
        Err(super::expand::Stop::Fail(message, _)) => fail(shell, process, sys, &message, 1),
        Err(super::expand::Stop::Substitute(_)) => Flow::Status(1),
    }
}

fn wait(shell: &mut Shell, args: &[String], _: &mut Process, _: &mut Sys) -> Flow {
    let operands: Vec<&String> = args[1..].iter().filter(|arg| !arg.starts_with('-')).collect();
    let any = args[1..].iter().any(|arg| arg == "-n");
    if operands.is_empty() {
        let pids = shell.background.clone();
        let done = if any { vec![] } else { vec![Frame::AfterTrap(0)] };
        return Flow::Push(done.into_iter().chain([Frame::Wait { pids, any }]).collect());
    }
    let pid = |arg: &String| match arg.strip_prefix('%') {
        Some(job) => {
            job.parse::<usize>().ok().and_then(|job| shell.background.get(job.checked_sub(1)?).copied())
        }
        None => arg.parse().ok(),
    };
    let pids: Vec<u32> =
        operands.into_iter().filter_map(pid).filter(|pid| shell.background.contains(pid)).collect();
    if pids.is_empty() {
        return Flow::Status(127);
    }
    Flow::Push(vec![Frame::Wait { pids, any }])
}

fn kill(shell: &mut Shell, args: &[String], process: &mut Process, sys: &mut Sys) -> Flow {
    let (text, errors, status) = kill_processes(&args[1..], &shell.background, process.pid, sys);
    process.write_text(sys, 1, &text);
    for error in errors {
        shell.complain(process, sys, &error);
    }
    Flow::Status(status)
}

/// `kill`: what it prints, its errors and its status.
pub fn kill_processes(args: &[String], jobs: &[u32], own: u32, sys: &mut Sys) -> (String, Vec<String>, i32) {
    let mut signal = Some(Signal::Term);
    let mut rest = args;
    match rest.first().map(String::as_str) {
        Some("-l" | "-L") => {
            let names: Vec<&str> =
                (1..32).filter_map(|n: i32| Signal::parse(&n.to_string())).map(Signal::name).collect();
            return (names.join("\n") + "\n", Vec::new(), 0);
        }
        Some(flag) if flag.len() > 1 && flag.starts_with('-') && flag != "--" => {
            let name = if matches!(flag, "-s" | "-n") {
                rest = &rest[1..];
                rest.first().map_or("", |name| name.as_str())
            } else {
                &flag[1..]
            };
            signal = if name == "0" { None } else { Signal::parse(name) };
            if signal.is_none() && name != "0" {
                return (String::new(), vec![format!("kill: invalid signal name '{name}'")], 1);
            }
            rest = &rest[1.min(rest.len())..];
        }
        _ => {}
    }
    if rest.first().is_some_and(|arg| arg == "--") {
        rest = &rest[1..];
    }
    let mut errors = Vec::new();
    if rest.is_empty() {
        errors.push("kill: you need to specify whom to kill".to_owned());
    }
    for target in rest {
        let pid = match target.strip_prefix('%') {
            Some(job) => job.parse::<usize>().ok().and_then(|job| jobs.get(job.checked_sub(1)?).copied()),
            None => {
                target.parse::<i64>().ok().map(|pid| if pid == 0 { own } else { pid.unsigned_abs() as u32 })
            }
        };
        let Some(pid) = pid else {
            errors.push(format!("kill: invalid number '{target}'"));
            continue;
        };
        if target == "-1" {
            let others: Vec<u32> = sys.kernel.processes.keys().copied().filter(|other| *other != 1).collect();
            for other in others {
                // A process that is gone by now needs no signal.
                let _ = sys.kernel.send(other, signal);
            }
        } else if pid == own {
            sys.kernel.own_signals.extend(signal);
        } else if sys.kernel.send(pid, signal).is_err() {
            errors.push(format!("kill: can't kill pid {target}: No such process"));
        }
    }
    let status = i32::from(!errors.is_empty());
    (String::new(), errors, status)
}

fn read(shell: &mut Shell, args: &[String], process: &mut Process, sys: &mut Sys) -> Flow {
    let mut request = ReadRequest { delimiter: b'\n', ..ReadRequest::default() };
    let mut rest = args[1..].iter();
    while let Some(arg) = rest.next() {
        if !arg.starts_with('-') || arg.len() < 2 {
            request.names.push(arg.clone());
            continue;
        }
        let mut flags = arg[1..].chars();
        while let Some(flag) = flags.next() {
            if matches!(flag, 'r' | 's' | 'a' | 'e') {
                request.raw |= flag == 'r';
                request.array |= flag == 'a';
                continue;
            }
            let attached: String = flags.by_ref().collect();
            let value = if attached.is_empty() { rest.next().cloned().unwrap_or_default() } else { attached };
            match flag {
                'p' => process.write_text(sys, 2, &value),
                'n' | 'N' => request.most = value.parse().ok(),
                't' => {
                    let seconds: f64 = value.parse().unwrap_or(0.0);
                    request.until =
                        Duration::try_from_secs_f64(seconds).ok().map(|timeout| sys.now + timeout);
                }
                'u' => request.fd = value.parse().unwrap_or(0),
                'd' => request.delimiter = value.bytes().next().unwrap_or(0),
                _ => {
                    return fail(shell, process, sys, &format!("read: illegal option -{flag}"), 2);
                }
            }
        }
    }
    if request.names.is_empty() {
        request.names.push("REPLY".into());
    }
    Flow::Push(vec![Frame::Read(Box::new(request))])
}

fn describe(shell: &Shell, name: &str, process: &Process, sys: &mut Sys) -> Option<(String, String)> {
    const KEYWORDS: &[&str] = &[
        "if", "then", "else", "elif", "fi", "while", "until", "do", "done", "for", "case", "esac", "!", "{",
        "}",
    ];
    if let Some(alias) = shell.aliases.get(name) {
        return Some((format!("alias {name}='{alias}'"), format!("{name} is an alias for {alias}")));
    }
    if KEYWORDS.contains(&name) {
        return Some((name.to_owned(), format!("{name} is a shell keyword")));
    }
    if shell.functions.contains_key(name) {
        return Some((name.to_owned(), format!("{name} is a function")));
    }
    if is_builtin(name) {
        let special = if is_special(name) && shell.flavour != Flavour::Bash { "special " } else { "" };
        return Some((name.to_owned(), format!("{name} is a {special}shell builtin")));
    }
    let path = search_path(process, sys, &shell.vars, name)?;
    Some((path.clone(), format!("{name} is {path}")))
}

fn command(shell: &mut Shell, args: &[String], process: &mut Process, sys: &mut Sys) -> Flow {
    let long = args.get(1).is_some_and(|flag| flag == "-V");
    let mut status = 0;
    for name in args.iter().skip(2) {
        match describe(shell, name, process, sys) {
            Some((short, full)) => {
                process.write_text(sys, 1, &format!("{}\n", if long { full } else { short }))
            }
            None => {
                status = 127;
                if shell.flavour == Flavour::Bash {
                    status = 1;
                }
            }
        }
    }
    Flow::Status(status)
}

fn kind(shell: &mut Shell, args: &[String], process: &mut Process, sys: &mut Sys) -> Flow {
    let mut status = 0;
    for name in args[1..].iter().filter(|arg| !arg.starts_with('-')) {
        match describe(shell, name, process, sys) {
            Some((_, full)) => process.write_text(sys, 1, &format!("{full}\n")),
            None if shell.flavour == Flavour::Bash => {
                shell.complain(process, sys, &format!("type: {name}: not found"));
                status = 1;
            }
            None => {
                process.write_text(sys, 1, &format!("{name}: not found\n"));
                status = 127;
            }
        }
    }
    Flow::Status(status)
}

fn umask(shell: &mut Shell, args: &[String], process: &mut Process, sys: &mut Sys) -> Flow {
    match args.get(1) {
        None => {
            let text = format!("{:04o}\n", process.umask);
            process.write_text(sys, 1, &text);
            Flow::Status(0)
        }
        Some(text) => match u32::from_str_radix(text, 8) {
            Ok(mask) => {
                process.umask = mask & 0o777;
                Flow::Status(0)
            }
            Err(_) => fail(shell, process, sys, &format!("umask: illegal mode: {text}"), 2),
        },
    }
}

fn getopts(shell: &mut Shell, args: &[String], process: &mut Process, sys: &mut Sys) -> Flow {
    let (Some(options), Some(name)) = (args.get(1), args.get(2)) else {
        return fail(shell, process, sys, "getopts: usage: getopts optstring var [arg]", 2);
    };
    let words: Vec<String> = if args.len() > 3 { args[3..].to_vec() } else { shell.args.to_vec() };
    let index: usize = shell.vars.get("OPTIND").and_then(|n| n.parse().ok()).unwrap_or(1).max(1);
    if index == 1 && shell.getopts_at > words.first().map_or(0, String::len) {
        shell.getopts_at = 0;
    }
    let at = shell.getopts_at.max(1);
    let done = |shell: &mut Shell, index: usize| {
        shell.getopts_at = 0;
        shell.vars.set("OPTIND", index.to_string());
        shell.vars.set(name, "?");
        Flow::Status(1)
    };
    let Some(word) = words.get(index - 1).filter(|word| word.len() > 1 && word.starts_with('-')) else {
        return done(shell, index);
    };
    if word == "--" {
        return done(shell, index + 1);
    }
    let Some(letter) = word[1..].chars().nth(at - 1) else {
        return done(shell, index + 1);
    };
    let rest: String = word[1..].chars().skip(at).collect();
    let silent = options.starts_with(':');
    let known = options.find(letter).filter(|_| letter != ':');
    let takes = known.is_some_and(|i| options[i + letter.len_utf8()..].starts_with(':'));
    let (mut next, mut next_at) = if rest.is_empty() { (index + 1, 0) } else { (index, at + 1) };
    let mut value = letter.to_string();
    let mut argument = None;
    if known.is_none() {
        value = "?".into();
        argument = silent.then(|| letter.to_string());
        if !silent {
            process.write_text(sys, 2, &format!("Illegal option -{letter}\n"));
        }
    } else if takes {
        (next, next_at) = (index + 1, 0);
        argument = if rest.is_empty() { words.get(index).cloned() } else { Some(rest.clone()) };
        next += usize::from(rest.is_empty());
        if argument.is_none() {
            value = if silent { ":".into() } else { "?".into() };
            argument = silent.then(|| letter.to_string());
            if !silent {
                process.write_text(sys, 2, &format!("No arg for -{letter} option\n"));
            }
        }
    }
    shell.getopts_at = next_at;
    shell.vars.set("OPTIND", next.to_string());
    shell.vars.set(name, value);
    match argument {
        Some(argument) => shell.vars.set("OPTARG", argument),
        None => shell.vars.remove("OPTARG"),
    }
    Flow::Status(0)
}

fn alias(shell: &mut Shell, args: &[String], process: &mut Process, sys: &mut Sys) -> Flow {
    for arg in &args[1..] {
        match arg.split_once('=') {
            Some((name, value)) => {
                shell.aliases.insert(name.to_owned(), value.to_owned());
            }
            None => {
                let text =
                    shell.aliases.get(arg).map(|value| format!("{arg}='{value}'\n")).unwrap_or_default();
                process.write_text(sys, 1, &text);
            }
        }
    }
    Flow::Status(0)
}
