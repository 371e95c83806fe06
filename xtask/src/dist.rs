//! The site in `dist/`, and what a visitor downloads of it.

use crate::run::{Outcome, root, run};
use crate::tools;
use flate2::{Compression, write::GzEncoder};
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The most that the first page may load, in bytes after `gzip -9`.
const BUDGET: usize = 620_000;

/// Builds `dist/` for a visitor and prints what each file weighs.
///
/// # Errors
/// When the build fails or the first page weighs more than the budget.
pub fn build() -> Outcome {
    bundle()?;
    report(&folder())
}

/// The folder that the site is built into.
pub fn folder() -> PathBuf {
    root().join("dist")
}

/// Builds `dist/`.
///
/// # Errors
/// When the build fails.
pub fn bundle() -> Outcome {
    let tools = tools::set_up()?;
    let mut trunk = Command::new(&tools.trunk);
    trunk.args(["build", "--release", "--offline", "--skip-version-check", "--log", "warn"]);
    run(trunk.current_dir(root()).env("PATH", &tools.path).env("RUST_BACKTRACE", "0"))
}

struct Weight {
    file: String,
    raw: usize,
    gzip: usize,
    first: bool,
}

fn report(dist: &Path) -> Outcome {
    let files = files(dist)?;
    let first = first_page(dist, &files)?;
    let mut weights = Vec::new();
    for file in &files {
        let bytes = fs::read(dist.join(file))?;
        weights.push(Weight {
            file: file.clone(),
            raw: bytes.len(),
            gzip: gzip(&bytes)?,
            first: first.contains(file),
        });
    }
    weights.sort_by_key(|weight| (!weight.first, usize::MAX - weight.gzip));
    println!("{:>12} {:>12}  file (* loaded by the first page)", "bytes", "gzip -9");
    for Weight { file, raw, gzip, first } in &weights {
        println!("{raw:>12} {gzip:>12}  {} {file}", if *first { '*' } else { ' ' });
    }
    let (raw, gzip) = weights
        .iter()
        .filter(|weight| weight.first)
        .fold((0, 0), |(raw, gzip), weight| (raw + weight.raw, gzip + weight.gzip));
    println!("{raw:>12} {gzip:>12}  * first page; the budget is {BUDGET}");
    if gzip > BUDGET {
        return Err(format!("the first page weighs {} bytes too much", gzip - BUDGET).into());
    }
    Ok(())
}

/// The bytes that `gzip -9` leaves.
///
/// # Errors
/// Never in practice: writing to memory does not fail.
pub fn gzip(bytes: &[u8]) -> io::Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

/// All files under a folder, as relative paths with slashes, in order.
fn files(folder: &Path) -> io::Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            found.extend(files(&entry.path())?.into_iter().map(|file| format!("{name}/{file}")));
        } else {
            found.insert(name);
        }
    }
    Ok(found)
}

/// What the first page loads at once: `index.html`, what it names, and what that imports.
fn first_page(dist: &Path, files: &BTreeSet<String>) -> io::Result<BTreeSet<String>> {
    let mut loaded = BTreeSet::new();
    let mut next = vec!["index.html".to_string()];
    while let Some(file) = next.pop() {
        if !files.contains(&file) || !loaded.insert(file.clone()) {
            continue;
        }
        // Only text names other files: in the WebAssembly there is nothing to find.
        let Ok(text) = String::from_utf8(fs::read(dist.join(&file))?) else { continue };
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        next.extend(references(&file, &text).iter().map(|reference| resolve(folder, reference)));
    }
    Ok(loaded)
}

/// The URLs that a file loads: in a page every `src` and every `href` but those of links to other pages, in a
/// script the static imports, in a style sheet every `url`.
fn references(file: &str, text: &str) -> Vec<String> {
    let openings: &[&str] = match file.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => {
            &["src=\"", "href=\"", "from '", "from \"", "module_or_path: '", "module_or_path: \""]
        }
        Some("js" | "mjs") => &["from '", "from \"", "import '", "import \"", "from\"", "import\""],
        Some("css") => &["url(\"", "url('", "url(", "@import \""],
        _ => &[],
    };
    let quoted = openings.iter().flat_map(|opening| {
        let parts = text.split(opening).skip(1);
        parts.filter_map(|rest| rest.split(['"', '\'', ')', '?', '#']).next())
    });
    quoted.filter(|url| !url.ends_with(".html")).map(str::to_string).collect()
}

/// The path in `dist/` that a relative URL in a file of this folder means.
fn resolve(folder: &str, url: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in url.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_what_loads_with_the_page() {
        let check = |file, text, expected: &[&str]| assert_eq!(references(file, text), expected, "{text}");
        check("index.html", r#"<a href="embed.html"><link href="./a.css">"#, &["./a.css"]);
        check("index.html", "import init from './p-1.js';", &["./p-1.js"]);
        check("p.js", "import { x } from './snippets/x.js'; import('./later.js')", &["./snippets/x.js"]);
        check("a.css", "b { background: url(c.svg) }", &["c.svg"]);
        check("a.wasm", "from './x'", &[]);
    }

    #[test]
    fn urls_resolve() {
        let check = |folder, url, expected| assert_eq!(resolve(folder, url), expected);
        check("", "./a.js", "a.js");
        check("snippets/b", "../../a.js", "a.js");
        check("snippets", "c/d.js", "snippets/c/d.js");
    }
}
