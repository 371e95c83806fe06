//! `find`.

use crate::api::order;
use std::collections::VecDeque;

use super::super::files::{Kind, base};
use super::super::shell::pattern;
use super::run::{Job, Runner};
use super::{Call, Outcome, Pause};

/// Most entries visited.
const MAX_ENTRIES: usize = 50_000;

/// Everything below a path, named as `find` names it.
pub fn below(call: &mut Call, root: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut todo = VecDeque::from([root.to_owned()]);
    while let Some(name) = todo.pop_front() {
        let path = call.process.path(&name);
        let directory = call.sys.view().lstat(&path).is_ok_and(|node| node.kind == Kind::Directory);
        if !directory || found.len() > MAX_ENTRIES {
            continue;
        }
        let names = call.sys.view().list(&path).unwrap_or_default();
        let children: Vec<String> =
            names.iter().map(|n| format!("{}/{n}", name.trim_end_matches('/'))).collect();
        for (i, child) in children.into_iter().enumerate() {
            found.push(child.clone());
            todo.insert(i, child);
        }
    }
    // Depth first, in the order of names.
    order::sort_by(&mut found, |a, b| a.split('/').cmp(b.split('/')));
    found
}

/// The files below a path.
pub fn files_below(call: &mut Call, root: &str) -> Vec<String> {
    let all = std::iter::once(root.to_owned()).chain(below(call, root)).collect::<Vec<_>>();
    all.into_iter()
        .filter(|name| {
            let path = call.process.path(name);
            call.sys.view().stat(&path).is_ok_and(|node| matches!(node.kind, Kind::File(_)))
        })
        .collect()
}

pub fn find(call: &mut Call) -> Outcome {
    let args = call.args().to_vec();
    let split =
        args.iter().position(|arg| arg.starts_with('-') || arg == "!" || arg == "(").unwrap_or(args.len());
    let (roots, tests) = args.split_at(split);
    let roots = if roots.is_empty() { vec![".".to_owned()] } else { roots.to_vec() };
    let mut jobs = VecDeque::new();
    let mut status = 0;
    for root in &roots {
        let path = call.process.path(root);
        if let Err(error) = call.sys.view().lstat(&path).map(|_| ()) {
            call.complain(&format!("{root}: {error}"));
            status = 1;
            continue;
        }
        let depth = root.trim_end_matches('/').matches('/').count();
        for name in std::iter::once(root.clone()).chain(below(call, root)) {
            let level = if name == *root { 0 } else { name.matches('/').count() - depth };
            match matches(call, &name, level, tests, &mut jobs) {
                Ok(()) => {}
                Err(message) => {
                    call.complain(&message);
                    return Ok(1);
                }
            }
        }
    }
    // `-exec … {} +` gathers.
    let mut gathered: VecDeque<Vec<String>> = VecDeque::new();
    for job in jobs {
        match (gathered.back_mut(), job) {
            (Some(last), (argv, Some(fixed))) if last.len() >= fixed && last[..fixed] == argv[..fixed] => {
                last.extend(argv[fixed..].to_vec())
            }
            (_, (argv, _)) => gathered.push_back(argv),
        }
    }
    if gathered.is_empty() {
        return Ok(status);
    }
    Err(Pause::Run(Box::new(Runner::new(Job::Each(gathered)))))
}

type Jobs = VecDeque<(Vec<String>, Option<usize>)>;

/// Applies the tests from left to right; printing is the default action.
fn matches(
    call: &mut Call,
    name: &str,
    level: usize,
    tests: &[String],
    jobs: &mut Jobs,
) -> Result<(), String> {
    let path = call.process.path(name);
    let node = call.sys.view().lstat(&path).map_err(|error| format!("{name}: {error}"))?.clone();
    let mut rest = tests.iter();
    let (mut holds, mut negate, mut acted) = (true, false, false);
    let mut other_branch = false;
    let now = call.sys.now;
    while let Some(test) = rest.next() {
        let mut value = || rest.next().cloned().ok_or_else(|| format!("missing argument to {test}"));
        let result = match test.as_str() {
            "!" | "-not" => {
                negate = !negate;
                continue;
            }
            "-o" | "-or" => {
                other_branch |= holds;
                holds = true;
                continue;
            }
            "-a" | "-and" | "-depth" | "-xdev" | "-mount" | "(" | ")" => continue,
            "-name" => pattern::matches(&value()?, base(name)),
            "-iname" => pattern::matches(&value()?.to_lowercase(), &base(name).to_lowercase()),
            "-path" | "-wholename" => pattern::matches(&value()?, name),
            "-type" => match value()?.as_str() {
                "f" => matches!(node.kind, Kind::File(_)),
                "d" => node.kind == Kind::Directory,
                "l" => matches!(node.kind, Kind::Link(_)),
                "c" => matches!(node.kind, Kind::Device(_)),
                _ => false,
            },
            "-maxdepth" => level <= value()?.parse().unwrap_or(usize::MAX),
            "-mindepth" => level >= value()?.parse().unwrap_or(0),
            "-empty" => match &node.kind {
                Kind::File(content) => content.is_empty(),
                Kind::Directory => call.sys.view().list(&path).is_ok_and(|names| names.is_empty()),
                _ => false,
            },
            "-mmin" | "-mtime" => {
                let unit = if test == "-mmin" { 60.0 } else { 86400.0 };
                let age = now.saturating_sub(node.modified).as_secs_f64() / unit;
                compare(&value()?, age)
            }
            "-size" => {
                let text = value()?;
                let unit = match text.chars().last() {
                    Some('c') => 1.0,
                    Some('k') => 1024.0,
                    Some('M') => 1_048_576.0,
                    _ => 512.0,
                };
                let length = match &node.kind {
                    Kind::File(content) => content.len() as f64,
                    _ => 4096.0,
                };
                compare(text.trim_end_matches(|c: char| c.is_ascii_alphabetic()), (length / unit).ceil())
            }
            "-newer" => {
                let other = call.process.path(&value()?);
                call.sys.view().stat(&other).is_ok_and(|other| node.modified > other.modified)
            }
            "-print" | "-print0" => {
                acted = true;
                if holds {
                    call.line(name);
                }
                true
            }
            "-delete" => {
                acted = true;
                !holds || call.sys.view().remove(&path).is_ok()
            }
            "-prune" => true,
            "-exec" | "-ok" => {
                acted = true;
                let words: Vec<String> =
                    rest.by_ref().take_while(|word| *word != ";" && *word != "+").cloned().collect();
                let ends_with_plus =
                    tests.iter().any(|word| word == "+") && words.last().is_some_and(|w| w == "{}");
                if holds {
                    let fixed = ends_with_plus.then(|| words.len() - 1);
                    jobs.push_back((words.iter().map(|word| word.replace("{}", name)).collect(), fixed));
                }
                true
            }
            other => return Err(format!("unrecognized: {other}")),
        };
        holds &= result != negate;
        negate = false;
    }
    if (holds || other_branch) && !acted {
        call.line(name);
    }
    Ok(())
}

fn compare(text: &str, value: f64) -> bool {
    let number = |text: &str| text.parse::<f64>().unwrap_or(0.0);
    match text.chars().next() {
        Some('+') => value.floor() > number(&text[1..]),
        Some('-') => value < number(&text[1..]),
        _ => value.floor() == number(text),
    }
}
