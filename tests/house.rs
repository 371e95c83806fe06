//! The house's own rules: which way imports go, and what must be named nowhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Rooms from the ground up. A room may use those before it, never those after it.
const ROOMS: &[&[&str]] = &[
    &["api"],
    &["runtime", "store"],
    &["server"],
    &["sim"],
    &["controllers", "scheduler", "kubelet"],
    &["cluster"],
    &["kubectl"],
    &["session"],
];

fn sources(under: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(under).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every file of the library with its room and its code, comments taken out.
fn library() -> Vec<(String, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    files.sort();
    let mut library = Vec::new();
    for file in files {
        let inside = file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        let room = inside.split(['/', '.']).next().unwrap().to_string();
        let only_tests = ["/tests.rs", "/testing.rs", "/tests/"].iter().any(|part| inside.contains(part));
        if only_tests || ["ui", "cli", "main", "lib"].contains(&room.as_str()) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        library.push((inside, room, code.collect::<Vec<_>>().join("\n")));
    }
    library
}

fn floor(room: &str) -> usize {
    ROOMS.iter().position(|rooms| rooms.contains(&room)).unwrap_or_else(|| panic!("no such room: {room}"))
}

/// The rooms that the code names as `crate::room`.
fn named(code: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for part in code.split("crate::").skip(1) {
        let word: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if ROOMS.iter().any(|rooms| rooms.contains(&word.as_str())) {
            all.push(word);
        }
    }
    all
}

#[test]
fn imports_go_one_way() {
    let mut faults = Vec::new();
    for (file, room, code) in library() {
        for other in named(&code) {
            let upward = other != room && floor(&other) >= floor(&room);
            let runtime = other == "runtime" && !["runtime", "kubelet"].contains(&room.as_str());
            let ground = room == "runtime" && !["runtime", "api"].contains(&other.as_str());
            // The cluster asks the kubelets, who ask their containers; nobody else does.
            if upward || runtime || ground {
                faults.push(format!("{file} names crate::{other}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn controllers_meet_only_through_objects() {
    let mut faults = Vec::new();
    for (file, room, code) in library() {
        if room != "controllers" || file == "controllers/mod.rs" {
            continue;
        }
        let own = file.split(['/', '.']).nth(1).unwrap();
        for part in code.split("controllers::").skip(1) {
            let other: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if other != own && other != "shared" {
                faults.push(format!("{file} names controllers::{other}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn nothing_in_the_library_knows_the_outside() {
    let banned = BTreeMap::from([
        ("yew", "the screen"),
        ("web_sys", "the browser"),
        ("gloo", "the browser"),
        ("wasm_bindgen", "the browser"),
        ("Instant", "a wall clock"),
        ("SystemTime", "a wall clock"),
        ("std::thread", "a thread"),
        ("async fn", "an async runtime"),
        ("HashMap", "an order that is not the program's own"),
        ("HashSet", "an order that is not the program's own"),
        ("Rng::new", "randomness without a seed"),
        ("std::fs", "files"),
        ("std::env", "the environment"),
    ]);
    let mut faults = Vec::new();
    for (file, _, code) in library() {
        for (word, what) in &banned {
            let whole = |at: usize| {
                let before = code[..at].chars().next_back();
                let after = code[at + word.len()..].chars().next();
                let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
                !joins(before) && !joins(after)
            };
            if code.match_indices(word).any(|(at, _)| whole(at)) {
                faults.push(format!("{file} names {word}: {what}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn one_sort_serves_all() {
    // The sort itself, and a list that may be long in a hot path.
    let may = ["api/order.rs", "controllers/replicaset/victims.rs"];
    let mut faults = Vec::new();
    for (file, _, code) in library() {
        let sorts =
            [".sort(", ".sort_by", ".sort_unstable", "Map::from(", "Map::from_iter(", "collect::<BTree"];
        faults
            .extend(sorts.iter().filter(|sort| code.contains(**sort)).map(|sort| format!("{file}: {sort}")));
    }
    faults.retain(|fault| !may.iter().any(|file| fault.starts_with(file)));
    assert!(faults.is_empty(), "each makes the wasm heavier, use api::order:\n{}", faults.join("\n"));
}

#[test]
fn a_cause_steers_no_decision() {
    let mut faults = Vec::new();
    for (file, room, code) in library() {
        let decides =
            ["api", "server", "controllers", "scheduler", "kubelet", "runtime"].contains(&room.as_str());
        if decides && (code.contains(".cause.") && !code.contains("call.cause.clone()")) {
            faults.push(file);
        }
    }
    assert!(faults.is_empty(), "read a cause: {}", faults.join("\n"));
}

#[test]
fn only_the_server_writes_the_store() {
    let mut faults = Vec::new();
    for (file, room, code) in library() {
        if room != "server" && room != "store" && code.contains("store.write(") {
            faults.push(file);
        }
    }
    assert!(faults.is_empty(), "write the store: {}", faults.join("\n"));
}
