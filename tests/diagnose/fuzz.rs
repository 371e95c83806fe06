//! Manifests damaged at random, the same way each time: nothing panics, ranges and fixes lie in the text, and
//! what is told to be well runs.

use fastrand::Rng;
use podscope::api::{Moment, yaml};
use podscope::session::diagnose::{Severity, diagnose};
use podscope::session::{Scenario, Session};

const ROUNDS: usize = 10_000;
/// Of the manifests that are well, one of so many is run.
const RUN_EVERY: usize = 10;
const SECONDS: u64 = 3;

/// Manifests of the documentation, whose objects are simulated.
fn manifests() -> Vec<String> {
    let lines = include_str!("../../src/api/defaults/recorded.jsonl").lines();
    let value = |line: &str| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["given"].take();
    lines.map(|line| yaml::to_yaml(&value(line)).replace("  namespace: docs\n", "")).collect()
}

const WORDS: &[&str] = &[
    "-1",
    "0",
    "99999999999999999999",
    "1e400",
    "-9223372036854775808",
    "2147483647",
    "null",
    "~",
    "true",
    "[]",
    "{}",
    "\"\"",
    "''",
    "| ",
    "&a",
    "*a",
    "<<: *a",
    "{a: b}",
    "[[[[]]]]",
    "!!int",
    "0x7fffffff",
    "1.5",
    "100%",
    "-5%",
    "é漢字😀",
    "\u{2028}",
    "\u{feff}",
    "\0",
    "\t",
    "---",
    "...",
    "#",
    ": ",
    "? ",
    "name",
    "64MB",
    "1n",
    "9223372036854775807Ei",
    "Never",
    "metadata:",
    "spec:",
    "- ",
    "@",
    "`",
    "%",
];

fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn damage(text: &str, random: &mut Rng) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let word = WORDS[random.usize(..WORDS.len())];
    if lines.is_empty() {
        return word.to_owned();
    }
    let at = random.usize(..lines.len());
    match random.u8(..11) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines[at].clone()),
        2 => lines[at] = format!("{}{}", " ".repeat(random.usize(..6)), lines[at]),
        3 => lines[at] = lines[at].trim_start().to_owned(),
        4 => {
            let from = boundary(&lines[at], random.usize(..=lines[at].len()));
            lines[at].insert_str(from, word);
        }
        5 | 6 => {
            if let Some((key, _)) = lines[at].split_once(": ") {
                lines[at] = format!("{key}: {word}");
            }
        }
        7 => {
            let other = random.usize(..lines.len());
            lines.swap(at, other);
        }
        8 => {
            let mut bytes = lines[at].clone().into_bytes();
            if !bytes.is_empty() {
                let byte = random.usize(..bytes.len());
                bytes[byte] ^= 1 << random.u8(..8);
            }
            lines[at] = String::from_utf8_lossy(&bytes).into_owned();
        }
        9 => {
            let depth = random.usize(..300);
            lines[at] = format!("a: {}{}", "[".repeat(depth), "]".repeat(depth));
        }
        _ => {
            let end = (at + random.usize(..8)).min(lines.len());
            lines[at..end].iter_mut().for_each(|line| *line = line.trim_start().to_owned());
        }
    }
    lines.join("\n") + "\n"
}

/// Checks a text; says whether nothing is wrong with it.
fn check(text: &str) -> bool {
    let length = text.encode_utf16().count();
    let found = diagnose(text);
    for told in &found {
        let range = told.range;
        assert!(range.start.byte <= range.end.byte && range.end.byte <= text.len(), "{told:?}\n{text}");
        assert!(text.is_char_boundary(range.start.byte) && text.is_char_boundary(range.end.byte), "{told:?}");
        assert!(!told.message.is_empty());
        if let Some(fix) = &told.fix {
            assert!(
                fix.edits.iter().all(|edit| edit.from <= edit.to && edit.to <= length),
                "{told:?}\n{text}"
            );
            assert!(fix.edits.windows(2).all(|two| two[0].to <= two[1].from), "{told:?}\n{text}");
            assert!(fix.apply(text) != text, "{told:?}\n{text}");
        }
    }
    found.iter().all(|told| told.severity != Severity::Error)
}

fn run(text: &str) {
    let Ok(scenario) = Scenario::from_file(text) else { return };
    let mut session = Session::new(scenario);
    session.run_until(Moment::from_micros(SECONDS * 1_000_000));
}

#[test]
fn damaged_manifests() {
    let manifests = manifests();
    let mut random = Rng::with_seed(1);
    let (mut well, mut runs) = (0, 0);
    for _ in 0..ROUNDS {
        let mut text = manifests[random.usize(..manifests.len())].clone();
        for _ in 0..random.usize(1..4) {
            text = damage(&text, &mut random);
        }
        let outcome = std::panic::catch_unwind(|| check(&text));
        let is_well = outcome.unwrap_or_else(|_| panic!("this manifest:\n{text}"));
        if !is_well {
            continue;
        }
        well += 1;
        if well % RUN_EVERY == 0 {
            runs += 1;
            let outcome = std::panic::catch_unwind(|| run(&text));
            assert!(outcome.is_ok(), "this manifest:\n{text}");
        }
    }
    println!("{ROUNDS} checked, {well} well, {runs} run");
    assert!(runs > 100, "{runs} run");
}
