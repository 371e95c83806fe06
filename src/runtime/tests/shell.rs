//! `cases/*.txt`: scripts, their exit status and their output, both streams together.

use super::*;

struct Case<'a> {
    name: &'a str,
    script: &'a str,
    status: i32,
    output: String,
}

fn cases(text: &str) -> Vec<Case<'_>> {
    let blocks = text.split("--- ").filter(|block| !block.is_empty());
    let starts = blocks.filter_map(|block| block.split_once(" ---\n"));
    starts
        .map(|(name, rest)| {
            let at = rest.find("=== ").expect("a case has its status");
            let (status, output) = rest[at + 4..].split_once('\n').expect("and its output");
            let script = rest[..at].trim_end_matches('\n');
            let output = output.strip_suffix("\n%%% no newline\n").unwrap_or(output).to_owned();
            Case { name, script, status: status.trim().parse().expect("a number"), output }
        })
        .collect()
}

fn check(text: &str) {
    let mut failures = Vec::new();
    for case in cases(text) {
        let mut rig = Rig::start_with("busybox:1.28", &["sh", "-c", case.script], &[], |start| {
            start.working_dir = Some("/w");
            start.pids = PidNamespace::Shared;
        })
        .expect("busybox has a shell");
        rig.to(600.0);
        let (code, log) = (rig.code(), rig.log());
        if code != Some(case.status) || log != case.output {
            failures.push(format!(
                "--- {} ---\n{}\nexpected {} and\n{}\ngot {code:?} and\n{log}",
                case.name, case.script, case.status, case.output
            ));
        }
    }
    assert!(failures.is_empty(), "{} failed\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn as_busybox_does() {
    check(include_str!("cases/shell.txt"));
}

/// The cases are what busybox prints: asked again wherever it is installed in the version
/// they were made with.
#[test]
fn busybox_agrees() {
    use std::process::{Command, Stdio};
    let version = Command::new("busybox").arg("--help").output();
    if !version.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("v1.35")) {
        return;
    }
    for (i, case) in cases(include_str!("cases/shell.txt")).iter().enumerate() {
        let dir = std::env::temp_dir().join(format!("podscope-shell-{}-{i}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("a directory to work in");
        let output = Command::new("sh")
            .args(["-c", "exec busybox sh -c \"$0\" 2>&1", case.script])
            .current_dir(&dir)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", "/root")
            .stdin(Stdio::null())
            .output()
            .expect("busybox runs");
        std::fs::remove_dir_all(&dir).expect("its directory goes");
        assert_eq!(String::from_utf8_lossy(&output.stdout), case.output, "{}", case.name);
    }
}
