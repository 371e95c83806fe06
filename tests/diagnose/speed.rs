//! How much work a long manifest is, by its size: a text twice as long takes about twice as long.

use std::time::{Duration, Instant};

use super::NGINX;
use podscope::session::diagnose::diagnose;

fn time(text: &str) -> Duration {
    diagnose(text);
    let start = Instant::now();
    diagnose(text);
    start.elapsed()
}

#[test]
fn long_manifests() {
    let well = [NGINX; 10].join("---\n");
    let typo = well.replacen("imag", "imga", 5);
    let lost: String = NGINX.lines().map(|line| format!("{}\n", line.trim_start())).collect();
    let lost = [lost.as_str(); 10].join("---\n");
    let broken = well.replacen("name: nginx\n", "name: [nginx\n", 1);
    for (what, text) in [("well", well), ("misspelt", typo), ("lost", lost), ("broken", broken)] {
        let lines = text.lines().count();
        let time = time(&text);
        println!("{what}: {lines} lines in {time:?}");
        // Far above what an optimised build takes.
        assert!(time < Duration::from_secs(2), "{what}: {time:?}");
    }
}
