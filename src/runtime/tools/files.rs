//! Tools on files.

use crate::api::order;
use std::time::Duration;

use super::super::files::{Change, Content, Errno, Kind, Node, base, normalize, parent};
use super::lines::size;
use super::procs::{calendar, parse_date};
use super::{Call, Outcome};

impl Call<'_, '_> {
    fn stat_node(&mut self, name: &str, follow: bool) -> Result<Node, Errno> {
        let path = self.process.path(name);
        let view = self.sys.view();
        if follow { view.stat(&path).cloned() } else { view.lstat(&path).cloned() }
    }

    fn is_directory(&mut self, name: &str) -> bool {
        let path = self.process.path(name);
        self.sys.view().is_directory(&path)
    }

    fn file_error(&mut self, verb: &str, name: &str, error: Errno) {
        let message = if self.gnu() {
            format!("cannot {verb} '{name}': {error}")
        } else {
            format!("can't {verb} '{name}': {error}")
        };
        self.complain(&message);
    }
}

pub fn touch(call: &mut Call) -> Outcome {
    let options = call.options("dtr");
    let mut status = 0;
    let epoch = call.sys.world.epoch();
    let at = match options.value('d').or(options.value('t')) {
        Some(text) => parse_date(text).map(|seconds| Duration::from_secs(seconds.saturating_sub(epoch))),
        None => Some(call.sys.now),
    };
    for file in &options.operands {
        let path = call.process.path(file);
        let mode = 0o666 & !call.process.umask;
        let mut view = call.sys.view();
        let result = match view.stat(&path) {
            Ok(_) => view.change(&path, Change::Modified(at.unwrap_or_default())),
            Err(Errno::NotFound) if options.has('c') => Ok(()),
            Err(Errno::NotFound) => view.create(&path, Kind::File(Content::default()), mode),
            Err(error) => Err(error),
        };
        if let Err(error) = result {
            let message = if call.gnu() {
                format!("cannot touch '{file}': {error}")
            } else {
                format!("{file}: {error}")
            };
            call.complain(&message);
            status = 1;
        }
    }
    Ok(status)
}

pub fn mkdir(call: &mut Call) -> Outcome {
    let options = call.options("m");
    let mode = options
        .value('m')
        .and_then(|m| u32::from_str_radix(m, 8).ok())
        .unwrap_or(0o777 & !call.process.umask);
    let mut status = 0;
    for name in &options.operands {
        let path = call.process.path(name.trim_end_matches('/'));
        let result = if options.has('p') {
            make_all(call, &path, mode)
        } else {
            call.sys.view().create(&path, Kind::Directory, mode)
        };
        if let Err(error) = result {
            let message = if call.gnu() {
                format!("cannot create directory '{name}': {error}")
            } else {
                format!("can't create directory '{name}': {error}")
            };
            call.complain(&message);
            status = 1;
        }
    }
    Ok(status)
}

fn make_all(call: &mut Call, path: &str, mode: u32) -> Result<(), Errno> {
    if call.is_directory(path) {
        return Ok(());
    }
    if path != "/" {
        make_all(call, parent(path), mode)?;
    }
    call.sys.view().create(path, Kind::Directory, mode)
}

pub fn rmdir(call: &mut Call) -> Outcome {
    let options = call.options("");
    let mut status = 0;
    for name in &options.operands {
        let path = call.process.path(name);
        let result = if call.is_directory(name) {
            call.sys.view().remove(path.trim_end_matches('/'))
        } else {
            Err(call.stat_node(name, true).err().unwrap_or(Errno::NotDirectory))
        };
        if let Err(error) = result {
            let message = if call.gnu() {
                format!("failed to remove '{name}': {error}")
            } else {
                format!("'{name}': {error}")
            };
            call.complain(&message);
            status = 1;
        }
    }
    Ok(status)
}

/// Removes an entry with everything below it.
fn remove_tree(call: &mut Call, path: &str) -> Result<(), Errno> {
    let directory = call.sys.view().lstat(path)?.kind == Kind::Directory;
    if directory {
        for name in call.sys.view().list(path)? {
            remove_tree(call, &normalize(path, &name))?;
        }
    }
    call.sys.view().remove(path)
}

pub fn rm(call: &mut Call) -> Outcome {
    let options = call.options("");
    let force = options.has('f') || options.long("force");
    let recursive = options.has('r') || options.has('R') || options.long("recursive");
    if options.operands.is_empty() && !force {
        call.complain("missing operand");
        return Ok(1);
    }
    let mut status = 0;
    for name in &options.operands {
        let path = call.process.path(name);
        let path = if path == "/" { path.as_str() } else { path.trim_end_matches('/') };
        if matches!(base(name.trim_end_matches('/')), "." | "..") {
            continue;
        }
        let result = match call.stat_node(name, false) {
            Err(Errno::NotFound) if force => Ok(()),
            Err(error) => Err(error),
            Ok(node) if node.kind == Kind::Directory && !recursive => {
                let message = if call.gnu() {
                    format!("cannot remove '{name}': Is a directory")
                } else {
                    format!("'{name}' is a directory")
                };
                call.complain(&message);
                status = 1;
                Ok(())
            }
            Ok(_) => remove_tree(call, path),
        };
        if let Err(error) = result {
            call.file_error("remove", name, error);
            status = 1;
        }
    }
    Ok(status)
}

fn copy_tree(call: &mut Call, from: &str, to: &str, preserve: bool) -> Result<(), Errno> {
    let node = call.sys.view().stat(from)?.clone();
    let mut view = call.sys.view();
    match node.kind {
        Kind::Directory => {
            if !view.is_directory(to) {
                view.create(to, Kind::Directory, node.mode)?;
            }
            for name in view.list(from)? {
                let (from, to) = (normalize(from, &name), normalize(to, &name));
                if from == to || to.starts_with(&(from.clone() + "/")) {
                    continue;
                }
                copy_tree(call, &from, &to, preserve)?;
            }
            return Ok(());
        }
        Kind::File(_) => {
            let content = view.read(from)?;
            let real = view.open_write(to, super::super::files::Truncate::Yes, node.mode)?;
            view.write_at(&real, Some(0), content.bytes())?;
            if content.len() > content.bytes().len() as u64 {
                view.set_len(&real, content.len())?;
            }
        }
        Kind::Link(_) => return Ok(()),
        Kind::Device(device) => view.create(to, Kind::Device(device), node.mode)?,
    }
    if preserve {
        view.change(to, Change::Modified(node.modified))?;
    }
    Ok(())
}

/// Sources and targets of `cp`, `mv` and `ln`.
fn pairs(call: &mut Call, operands: &[String], into: Option<&str>) -> Option<Vec<(String, String)>> {
    let (sources, target) = match (into, operands) {
        (Some(target), sources) => (sources, target.to_owned()),
        (None, [sources @ .., target]) if !sources.is_empty() => (sources, target.clone()),
        _ => {
            call.complain("missing file operand");
            return None;
        }
    };
    if call.is_directory(&target) {
        let join = |source: &String| {
            let name = base(source.trim_end_matches('/'));
            (
                source.clone(),
                format!("{}/{}", target.trim_end_matches('/'), if name == "." { "" } else { name }),
            )
        };
        return Some(sources.iter().map(join).collect());
    }
    if sources.len() > 1 {
        call.complain(&format!("target '{target}' is not a directory"));
        return None;
    }
    Some(vec![(sources[0].clone(), target)])
}

pub fn cp(call: &mut Call) -> Outcome {
    let options = call.options("tmog");
    let recursive = options.has('r') || options.has('R') || options.has('a');
    if call.name() == "install" && options.has('d') {
        for name in &options.operands {
            let path = call.process.path(name);
            if let Err(error) = make_all(call, &path, 0o755) {
                call.file_error("create directory", name, error);
                return Ok(1);
            }
        }
        return Ok(0);
    }
    let Some(pairs) = pairs(call, &options.operands, options.value('t')) else {
        return Ok(1);
    };
    let mut status = 0;
    for (from, to) in pairs {
        if call.is_directory(&from) && !recursive {
            let message = if call.gnu() {
                format!("-r not specified; omitting directory '{from}'")
            } else {
                format!("omitting directory '{from}'")
            };
            call.complain(&message);
            status = 1;
            continue;
        }
        let (source, target) = (call.process.path(&from), normalize(&call.process.cwd, &to));
        if let Err(error) = call.stat_node(&from, true) {
            let message = if call.gnu() {
                format!("cannot stat '{from}': {error}")
            } else {
                format!("can't stat '{from}': {error}")
            };
            call.complain(&message);
            status = 1;
        } else if let Err(error) = copy_tree(call, &source, &target, options.has('p') || options.has('a')) {
            call.file_error("create", &to, error);
            status = 1;
        }
    }
    Ok(status)
}

pub fn mv(call: &mut Call) -> Outcome {
    let options = call.options("t");
    let Some(pairs) = pairs(call, &options.operands, options.value('t')) else {
        return Ok(1);
    };
    let mut status = 0;
    for (from, to) in pairs {
        let (source, target) = (normalize(&call.process.cwd, &from), normalize(&call.process.cwd, &to));
        let result = match call.stat_node(&from, false) {
            Err(error) => {
                let message = if call.gnu() {
                    format!("cannot stat '{from}': {error}")
                } else {
                    format!("can't rename '{from}': {error}")
                };
                call.complain(&message);
                status = 1;
                continue;
            }
            Ok(_) if options.has('n') && call.stat_node(&to, false).is_ok() => Ok(()),
            Ok(_) => call.sys.view().rename(&source, &target),
        };
        if let Err(error) = result {
            call.file_error("rename", &from, error);
            status = 1;
        }
    }
    Ok(status)
}

pub fn ln(call: &mut Call) -> Outcome {
    let options = call.options("t");
    let mut operands = options.operands.clone();
    if operands.len() == 1 {
        operands.push(".".into());
    }
    let Some(pairs) = pairs(call, &operands, options.value('t')) else {
        return Ok(1);
    };
    for (from, to) in pairs {
        let target = normalize(&call.process.cwd, &to);
        if options.has('f') && call.stat_node(&to, false).is_ok_and(|node| node.kind != Kind::Directory) {
            // What cannot be removed makes the link fail below.
            let _ = call.sys.view().remove(&target);
        }
        let result = if options.has('s') {
            call.sys.view().create(&target, Kind::Link(from.clone()), 0o777)
        } else {
            // A hard link is a copy here: the trees have no shared inodes.
            call.sys.kernel.note("hard links: a copy is made");
            let source = call.process.path(&from);
            copy_tree(call, &source, &target, true)
        };
        if let Err(error) = result {
            let message = format!("{to}: {error}");
            call.complain(&message);
            return Ok(1);
        }
    }
    Ok(0)
}

fn permissions(node: &Node) -> String {
    let kind = match node.kind {
        Kind::Directory => 'd',
        Kind::Link(_) => 'l',
        Kind::Device(_) => 'c',
        Kind::File(_) => '-',
    };
    let mut text = kind.to_string();
    for shift in [6, 3, 0] {
        let bits = node.mode >> shift;
        for (bit, letter) in [(4, 'r'), (2, 'w'), (1, 'x')] {
            text.push(if bits & bit != 0 { letter } else { '-' });
        }
    }
    if node.mode & 0o1000 != 0 {
        text.pop();
        text.push('t');
    }
    text
}

fn length(node: &Node) -> u64 {
    match &node.kind {
        Kind::File(content) => content.len(),
        Kind::Directory => 4096,
        Kind::Link(target) => target.len() as u64,
        Kind::Device(_) => 0,
    }
}

fn human(bytes: u64) -> String {
    let mut value = bytes as f64;
    for unit in ["", "K", "M", "G", "T"] {
        if value < 1024.0 || unit == "T" {
            return if unit.is_empty() || value >= 10.0 {
                format!("{value:.0}{unit}")
            } else {
                format!("{value:.1}{unit}")
            };
        }
        value /= 1024.0;
    }
    String::new()
}

pub fn ls(call: &mut Call) -> Outcome {
    let options = call.options("w");
    let names = if options.operands.is_empty() { vec![".".to_owned()] } else { options.operands.clone() };
    let (mut files, mut directories, mut status) = (Vec::new(), Vec::new(), 0);
    for name in names {
        match call.stat_node(&name, true).or_else(|_| call.stat_node(&name, false)) {
            Ok(node) if node.kind == Kind::Directory && !options.has('d') => directories.push(name),
            Ok(_) => files.push(name),
            Err(error) => {
                let message = if call.gnu() {
                    format!("cannot access '{name}': {error}")
                } else {
                    format!("{name}: {error}")
                };
                call.complain(&message);
                status = if call.gnu() { 2 } else { 1 };
            }
        }
    }
    let headed = directories.len() + files.len() > 1 || options.has('R');
    order::sort(&mut files);
    list(call, &options, "", files);
    while !directories.is_empty() {
        let directory = directories.remove(0);
        let path = call.process.path(&directory);
        if headed {
            if !call.out.is_empty() {
                call.line("");
            }
            call.line(&format!("{directory}:"));
        }
        let mut names = match call.sys.view().list(&path) {
            Ok(names) => names,
            Err(error) => {
                call.file_error("open", &directory, error);
                status = 1;
                continue;
            }
        };
        if options.has('a') {
            names.extend([".".to_owned(), "..".to_owned()]);
            order::sort(&mut names);
        } else if !options.has('A') {
            names.retain(|name| !name.starts_with('.'));
        }
        if options.has('R') {
            let below: Vec<String> = names
                .iter()
                .filter(|n| *n != "." && *n != "..")
                .map(|n| format!("{}/{n}", directory.trim_end_matches('/')))
                .collect();
            let below: Vec<String> = below.into_iter().filter(|name| call.is_directory(name)).collect();
            directories.splice(0..0, below);
        }
        if options.has('l') {
            let blocks: u64 = names
                .iter()
                .map(|name| {
                    call.stat_node(&format!("{path}/{name}"), false)
                        .map_or(0, |node| length(&node).div_ceil(4096) * 4)
                })
                .sum();
            call.line(&format!("total {blocks}"));
        }
        list(call, &options, &path, names);
    }
    Ok(status)
}

fn list(call: &mut Call, options: &super::Options, directory: &str, names: Vec<String>) {
    let mut rows: Vec<(String, Node)> = Vec::new();
    for name in names {
        let path = if directory.is_empty() { name.clone() } else { format!("{directory}/{name}") };
        if let Ok(node) = call.stat_node(&path, false) {
            rows.push((name, node));
        }
    }
    if options.has('t') {
        order::sort_by_key(&mut rows, |(_, node)| std::cmp::Reverse(node.modified));
    }
    if options.has('S') {
        order::sort_by_key(&mut rows, |(_, node)| std::cmp::Reverse(length(node)));
    }
    if options.has('r') {
        rows.reverse();
    }
    let epoch = call.sys.world.epoch();
    for (name, node) in rows {
        let mark = match node.kind {
            Kind::Directory if options.has('p') || options.has('F') => "/",
            Kind::Link(_) if options.has('F') && !options.has('l') => "@",
            _ => "",
        };
        if !options.has('l') {
            call.line(&format!("{name}{mark}"));
            continue;
        }
        let size = if options.has('h') { human(length(&node)) } else { length(&node).to_string() };
        let time = calendar(epoch + node.modified.as_secs());
        let owner = |id: u32| match id {
            0 => "root".to_owned(),
            65534 => "nobody".to_owned(),
            id => id.to_string(),
        };
        let target = match &node.kind {
            Kind::Link(target) => format!(" -> {target}"),
            _ => mark.to_owned(),
        };
        let (uid, gid) = if options.has('n') {
            (node.uid.to_string(), node.gid.to_string())
        } else {
            (owner(node.uid), owner(node.gid))
        };
        call.line(&format!(
            "{} {:>4} {:<8} {:<8} {:>9} {} {:>2} {:02}:{:02} {name}{target}",
            permissions(&node),
            1,
            uid,
            gid,
            size,
            time.month_name(),
            time.day,
            time.hour,
            time.minute
        ));
    }
}

pub fn stat(call: &mut Call) -> Outcome {
    let options = call.options("c");
    let epoch = call.sys.world.epoch();
    let mut status = 0;
    for name in &options.operands {
        let node = match call.stat_node(name, options.has('L')) {
            Ok(node) => node,
            Err(error) => {
                let message = if call.gnu() {
                    format!("cannot statx '{name}': {error}")
                } else {
                    format!("can't stat '{name}': {error}")
                };
                call.complain(&message);
                status = 1;
                continue;
            }
        };
        let kind = match &node.kind {
            Kind::Directory => "directory",
            Kind::Link(_) => "symbolic link",
            Kind::Device(_) => "character special file",
            Kind::File(content) if content.is_empty() => "regular empty file",
            Kind::File(_) => "regular file",
        };
        let seconds = epoch + node.modified.as_secs();
        let time = calendar(seconds).stamp();
        if let Some(format) = options.value('c') {
            let mut out = String::new();
            let mut chars = format.chars();
            while let Some(c) = chars.next() {
                if c != '%' {
                    out.push(c);
                    continue;
                }
                match chars.next() {
                    Some('s') => out.push_str(&length(&node).to_string()),
                    Some('n') => out.push_str(name),
                    Some('a') => out.push_str(&format!("{:o}", node.mode)),
                    Some('A') => out.push_str(&permissions(&node)),
                    Some('u') => out.push_str(&node.uid.to_string()),
                    Some('g') => out.push_str(&node.gid.to_string()),
                    Some('U') => out.push_str(if node.uid == 0 { "root" } else { "UNKNOWN" }),
                    Some('G') => out.push_str(if node.gid == 0 { "root" } else { "UNKNOWN" }),
                    Some('F') => out.push_str(kind),
                    Some('X' | 'Y' | 'Z') => out.push_str(&seconds.to_string()),
                    Some('y' | 'x' | 'z') => out.push_str(&time),
                    Some('%') => out.push('%'),
                    Some(other) => return call.unsupported(&format!("format %{other}")),
                    None => {}
                }
            }
            call.line(&out);
            continue;
        }
        let size = length(&node);
        call.line(&format!(
            "  File: {name}\n  Size: {size:<10}\tBlocks: {:<10} IO Block: 4096   {kind}",
            size.div_ceil(512)
        ));
        call.line(&format!(
            "Access: ({:04o}/{})  Uid: ({:>5}/{:>8})   Gid: ({:>5}/{:>8})",
            node.mode,
            permissions(&node),
            node.uid,
            "root",
            node.gid,
            "root"
        ));
        call.line(&format!("Access: {time}\nModify: {time}\nChange: {time}"));
    }
    Ok(status)
}

/// The mode after `u+x`, `755`, `a=r,go-w`.
fn change_mode(text: &str, old: u32, directory: bool) -> Option<u32> {
    if let Ok(mode) = u32::from_str_radix(text, 8) {
        return Some(mode);
    }
    let mut mode = old;
    for clause in text.split(',') {
        let at = clause.find(['+', '-', '='])?;
        let who = if at == 0 { "a" } else { &clause[..at] };
        let mut bits = 0;
        for letter in clause[at + 1..].chars() {
            bits |= match letter {
                'r' => 4,
                'w' => 2,
                'x' => 1,
                'X' => u32::from(directory || old & 0o111 != 0),
                's' | 't' => 0,
                _ => return None,
            };
        }
        for (letter, shift) in [('u', 6), ('g', 3), ('o', 0)] {
            if !who.contains(letter) && !who.contains('a') {
                continue;
            }
            match &clause[at..=at] {
                "+" => mode |= bits << shift,
                "-" => mode &= !(bits << shift),
                _ => mode = mode & !(7 << shift) | bits << shift,
            }
        }
    }
    Some(mode)
}

/// The paths and everything below them if asked.
fn targets(call: &mut Call, names: &[String], recursive: bool) -> Vec<String> {
    let mut all = Vec::new();
    for name in names {
        all.push(name.clone());
        if recursive {
            all.extend(super::find::below(call, name));
        }
    }
    all
}

pub fn chmod(call: &mut Call) -> Outcome {
    // A mode may begin with a dash.
    let args: Vec<String> = call.args().to_vec();
    let recursive = args.iter().any(|arg| arg == "-R");
    let args: Vec<String> =
        args.into_iter().filter(|arg| !matches!(arg.as_str(), "-R" | "-f" | "-v" | "-c")).collect();
    let Some((mode, names)) = args.split_first() else {
        call.complain("missing operand");
        return Ok(1);
    };
    let mut status = 0;
    for name in targets(call, names, recursive) {
        let path = call.process.path(&name);
        let result = call.stat_node(&name, true).and_then(|node| {
            let mode = change_mode(mode, node.mode, node.kind == Kind::Directory).ok_or(Errno::Invalid)?;
            call.sys.view().change(&path, Change::Mode(mode))
        });
        if let Err(error) = result {
            call.complain(&format!("{name}: {error}"));
            status = 1;
        }
    }
    Ok(status)
}

pub fn chown(call: &mut Call) -> Outcome {
    let options = call.options("");
    let Some((owner, names)) = options.operands.split_first() else {
        call.complain("missing operand");
        return Ok(1);
    };
    let id = |text: &str| match text {
        "root" => Some(0),
        "nobody" | "nogroup" => Some(65534),
        "nginx" => Some(101),
        "www-data" => Some(33),
        text => text.parse().ok(),
    };
    let (user, group) = match owner.split_once([':', '.']) {
        _ if call.name() == "chgrp" => (None, id(owner)),
        Some((user, group)) => (id(user), id(group)),
        None => (id(owner), None),
    };
    if user.is_none() && group.is_none() {
        call.complain(&format!("unknown user {owner}"));
        return Ok(1);
    }
    let mut status = 0;
    for name in targets(call, names, options.has('R')) {
        let path = call.process.path(&name);
        if let Err(error) = call.sys.view().change(&path, Change::Owner(user, group)) {
            call.complain(&format!("{name}: {error}"));
            status = 1;
        }
    }
    Ok(status)
}

pub fn readlink(call: &mut Call) -> Outcome {
    let options = call.options("");
    let canonical = options.has('f') || call.name() == "realpath";
    for name in &options.operands {
        if canonical {
            let path = call.process.path(name);
            match call.sys.view().real_path(&path) {
                Ok(real) => call.line(&real),
                Err(error) => {
                    call.complain(&format!("{name}: {error}"));
                    return Ok(1);
                }
            }
            continue;
        }
        match call.stat_node(name, false).map(|node| node.kind) {
            Ok(Kind::Link(target)) => call.line(&target),
            _ => return Ok(1),
        }
    }
    Ok(0)
}

pub fn mktemp(call: &mut Call) -> Outcome {
    let options = call.options("p");
    let template = options.operands.first().cloned().unwrap_or_else(|| "tmp.XXXXXX".into());
    let directory = match (options.value('p'), options.operands.is_empty() || options.has('t')) {
        (Some(directory), _) => directory.to_owned(),
        (None, true) => "/tmp".to_owned(),
        (None, false) => ".".to_owned(),
    };
    let mut random = call.sys.world.random();
    let mut name = template.trim_end_matches('X').to_owned();
    while name.len() < template.len() {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        name.push(char::from(LETTERS[(random % 62) as usize]));
        random /= 62;
    }
    let shown = if directory == "." || name.starts_with('/') { name } else { format!("{directory}/{name}") };
    let path = call.process.path(&shown);
    let (kind, mode) =
        if options.has('d') { (Kind::Directory, 0o700) } else { (Kind::File(Content::default()), 0o600) };
    match call.sys.view().create(&path, kind, mode) {
        Ok(()) => {
            call.line(&shown);
            Ok(0)
        }
        Err(error) => {
            call.complain(&format!("{shown}: {error}"));
            Ok(1)
        }
    }
}

pub fn truncate(call: &mut Call) -> Outcome {
    let options = call.options("slo");
    let Some(length) = options.value('s').or(options.value('l')).and_then(size) else {
        call.complain("invalid size");
        return Ok(1);
    };
    for name in &options.operands {
        let path = call.process.path(name);
        if let Err(error) = call.sys.view().set_len(&path, length) {
            call.complain(&format!("{name}: {error}"));
            return Ok(1);
        }
    }
    Ok(0)
}

pub fn dd(call: &mut Call) -> Outcome {
    let args = call.args().to_vec();
    let value = |key: &str| args.iter().find_map(|arg| arg.strip_prefix(key)?.strip_prefix('='));
    let number = |key: &str| value(key).and_then(size);
    let block = number("bs").or(number("ibs")).unwrap_or(512).max(1);
    let count = number("count");
    let zero = value("if") == Some("/dev/zero");
    let mut data = Vec::new();
    let wanted = count.map(|count| count.saturating_mul(block));
    let mut written = wanted.unwrap_or(0);
    match value("if") {
        Some("/dev/zero") if count.is_none() => return call.unsupported("an endless copy"),
        Some("/dev/zero") => {}
        Some("/dev/urandom" | "/dev/random") => {
            for _ in 0..wanted.unwrap_or(0).min(super::super::files::MAX_FILE as u64) / 8 + 1 {
                data.extend(call.sys.world.random().to_le_bytes());
            }
            data.truncate(wanted.unwrap_or(0) as usize);
        }
        input => {
            let Some(bytes) = call.read(input.unwrap_or("-"))? else {
                return Ok(1);
            };
            let skip = number("skip").unwrap_or(0).saturating_mul(block) as usize;
            data = bytes.get(skip..).unwrap_or_default().to_vec();
            data.truncate(wanted.unwrap_or(u64::MAX) as usize);
            written = data.len() as u64;
        }
    }
    match value("of") {
        None if zero => call.out.resize(written.min(4 << 20) as usize, 0),
        None => call.out.extend(&data),
        Some("/dev/null") => {}
        Some(file) => {
            let path = call.process.path(file);
            let mode = 0o666 & !call.process.umask;
            let mut view = call.sys.view();
            let result = view
                .write(&path, &data, mode)
                .and_then(|()| if zero { view.set_len(&path, written) } else { Ok(()) });
            if let Err(error) = result {
                call.complain(&format!("{file}: {error}"));
                return Ok(1);
            }
        }
    }
    if value("status") != Some("none") {
        let (full, partial) = (written / block, u8::from(!written.is_multiple_of(block)));
        let report = format!(
            "{full}+{partial} records in\n{full}+{partial} records out\n{written} bytes ({}B) copied, 0.020000 seconds, {}B/s\n",
            human(written),
            human(written * 50)
        );
        call.err.extend(report.bytes());
    }
    // Disks write at about two gigabytes a second here.
    call.delay = Duration::from_micros(written / 2_000);
    Ok(0)
}

pub fn du(call: &mut Call) -> Outcome {
    let options = call.options("d");
    let names = if options.operands.is_empty() { vec![".".to_owned()] } else { options.operands.clone() };
    for name in names {
        let mut total = 0;
        for path in std::iter::once(name.clone()).chain(super::find::below(call, &name)) {
            total += call.stat_node(&path, false).map_or(0, |node| length(&node).div_ceil(4096) * 4096);
        }
        let shown = match (options.has('h'), options.has('b'), options.has('m')) {
            (true, ..) => human(total),
            (_, true, _) => total.to_string(),
            (.., true) => total.div_ceil(1 << 20).to_string(),
            _ => (total / 1024).to_string(),
        };
        call.line(&format!("{shown}\t{name}"));
    }
    Ok(0)
}

pub fn df(call: &mut Call) -> Outcome {
    let options = call.options("t");
    let used = call.sys.kernel.tree.used();
    let size = 100u64 << 30;
    let shown = |bytes: u64| {
        if options.has('h') { human(bytes) } else { (bytes / 1024).to_string() }
    };
    call.line("Filesystem           1K-blocks      Used Available Use% Mounted on");
    call.line(&format!(
        "overlay              {:>9} {:>9} {:>9} {:>3}% /",
        shown(size),
        shown(used),
        shown(size - used.min(size)),
        used * 100 / size
    ));
    for mount in call.sys.kernel.mounts.clone().iter() {
        let used = call.sys.volumes.0.get(&mount.volume).map_or(0, |tree| tree.used());
        call.line(&format!(
            "{:<20} {:>9} {:>9} {:>9} {:>3}% {}",
            "/dev/vda1",
            shown(size),
            shown(used),
            shown(size - used.min(size)),
            used * 100 / size,
            mount.path
        ));
    }
    Ok(0)
}

pub fn mount(call: &mut Call) -> Outcome {
    if !call.args().is_empty() {
        return call.unsupported("mounting");
    }
    call.line("overlay on / type overlay (rw,relatime)");
    call.line("proc on /proc type proc (rw,nosuid,nodev,noexec,relatime)");
    for mount in call.sys.kernel.mounts.clone().iter() {
        let mode = if mount.access == super::super::files::Access::ReadOnly { "ro" } else { "rw" };
        call.line(&format!("/dev/vda1 on {} type ext4 ({mode},relatime)", mount.path));
    }
    Ok(0)
}
