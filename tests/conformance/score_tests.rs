//! The scorer and the list of rows, tested.

mod data;
mod list;
mod score;

use std::thread;

use score::{Rows, Tally};
use serde_json::{Value, json};

#[test]
fn every_recording_matches_itself() {
    let names = data::scenario_names().unwrap();
    let check_all = |names: &[String]| {
        for name in names {
            let trace = data::recorded_trace(name).unwrap();
            let report = score::compare(&trace, &trace).unwrap();
            assert!(report.rows.is_full(), "{name}: {:?}", report.faults);
            assert_eq!(report.rows.score(), 1.0, "{name}");
        }
    };
    let (first, second) = names.split_at(names.len() / 2);
    thread::scope(|scope| {
        scope.spawn(|| check_all(first));
        check_all(second);
    });
}

/// What is done to a recording to make a candidate that differs from it.
enum Change {
    /// Everything happens so many seconds later; the steps stay.
    Shift(f64),
    /// Each third line about an object is missing.
    DropThird,
    /// A text is another one throughout.
    Replace(&'static str, &'static str),
}

use Change::{DropThird, Replace, Shift};

const PENDING: Change = Replace("\"Running\"", "\"Pending\"");
const MADE: Change = Replace("Created pod", "Made pod");

/// The rows were made with an independent scorer, from which this one was written.
const CHANGED: &[(&str, Change, &str)] = &[
    ("deploy-proportional", Shift(3.0), "state 18/18  path 24/24  events 17/17  timing 0/77  bounds 1/1"),
    ("deploy-proportional", DropThird, "state 10/17  path 17/24  events 17/17  timing 61/77  bounds 1/1"),
    ("deploy-proportional", PENDING, "state 14/18  path 11/24  events 17/17  timing 64/77  bounds 1/1"),
    ("deploy-proportional", MADE, "state 18/18  path 24/24  events 15/19  timing 77/77  bounds 1/1"),
    (
        "fake-deploy-rolling-default-10",
        Shift(3.0),
        "state 7/7  path 23/23  events 8/8  timing 0/80  bounds 1/1",
    ),
    (
        "fake-deploy-rolling-default-10",
        DropThird,
        "state 5/8  path 8/23  events 8/8  timing 51/80  bounds 0/1",
    ),
    ("fake-deploy-rolling-default-10", PENDING, "state 5/7  path 3/23  events 8/8  timing 60/80  bounds 1/1"),
    ("fake-deploy-rolling-default-10", MADE, "state 7/7  path 23/23  events 6/10  timing 80/80  bounds 1/1"),
    ("fake-pdb", Shift(3.0), "state 12/12  path 11/11  events 4/4  timing 0/28  bounds 1/1"),
    ("fake-pdb", DropThird, "state 31/32  path 10/11  events 4/4  timing 26/28  bounds 1/1"),
    ("fake-pdb", PENDING, "state 27/30  path 4/11  events 4/4  timing 21/28  bounds 1/1"),
    ("fake-pdb", MADE, "state 36/36  path 11/11  events 3/5  timing 28/28  bounds 1/1"),
    ("job-fail-then-succeed", Shift(3.0), "state 2/2  path 2/2  events 4/4  timing 0/4  bounds 0/0"),
    ("job-fail-then-succeed", DropThird, "state 1/2  path 1/2  events 3/4  timing 4/4  bounds 0/0"),
    ("job-fail-then-succeed", PENDING, "state 2/2  path 1/2  events 4/4  timing 3/4  bounds 0/0"),
    ("job-fail-then-succeed", MADE, "state 2/2  path 2/2  events 3/5  timing 4/4  bounds 0/0"),
    ("node-notready", Shift(3.0), "state 50/50  path 21/21  events 38/38  timing 13/60  bounds 2/2"),
    ("node-notready", DropThird, "state 34/50  path 19/21  events 32/38  timing 47/60  bounds 1/2"),
    ("node-notready", PENDING, "state 32/49  path 5/21  events 38/38  timing 44/60  bounds 2/2"),
    ("node-notready", MADE, "state 50/50  path 21/21  events 35/41  timing 60/60  bounds 2/2"),
    ("sts-pvc-retention", Shift(3.0), "state 39/39  path 9/9  events 23/23  timing 0/24  bounds 1/1"),
    ("sts-pvc-retention", DropThird, "state 27/47  path 4/9  events 19/23  timing 18/24  bounds 1/1"),
    ("sts-pvc-retention", PENDING, "state 33/39  path 5/9  events 23/23  timing 20/24  bounds 1/1"),
    ("sts-pvc-retention", MADE, "state 39/39  path 9/9  events 23/23  timing 24/24  bounds 1/1"),
];

#[test]
fn changed_recordings_lose_what_was_changed() {
    for (name, change, expected) in CHANGED {
        let recorded = data::recorded_trace(name).unwrap();
        let candidate = apply(change, std::str::from_utf8(&recorded).unwrap());
        let report = score::compare(&recorded, candidate.as_bytes()).unwrap();
        assert_eq!(report.rows.to_string(), *expected, "{name}");
    }
}

fn apply(change: &Change, trace: &str) -> String {
    let is_object = |line: &str| line.contains("\"object\"");
    let mut objects = 0;
    let changed = trace.lines().filter_map(|line| match change {
        Shift(seconds) if is_object(line) => {
            let mut value: Value = line.parse().unwrap();
            value["t"] = json!(value["t"].as_f64().unwrap() + seconds);
            Some(value.to_string())
        }
        DropThird if is_object(line) => {
            objects += 1;
            (objects % 3 != 0).then(|| line.to_owned())
        }
        Replace(from, to) => Some(line.replace(from, to)),
        _ => Some(line.to_owned()),
    });
    changed.collect::<Vec<_>>().join("\n")
}

/// Pairs of messages, and whether they say the same once what is made up is gone.
const MESSAGES: &[(&str, &str, bool)] = &[
    ("Created pod: web-7d4b9c8f5-x2k9z", "Created pod: web-7d4b9c8f5-q7r2c", true),
    ("Created pod: web-abc", "Created pod: web-abd", false),
    ("Probe failed: dial tcp 10.0.0.7:80", "Probe failed: dial tcp 10.1.20.3:80", true),
    ("took 53ms", "took 1.25s", true),
    ("took 53 parts", "took 54 parts", false),
    ("Successfully assigned lab/web to node-1", "Successfully assigned other/web to node-2", true),
    ("Successfully assigned lab/web to node-1", "Successfully assigned lab/db to node-1", false),
    ("Scaled up replica set web from 3 to 5", "Scaled up replica set web from 4 to 10", true),
    ("Scaled up replica set web from 3 to 5", "Scaled up replica set web from 5 to 3", false),
    ("(combined from similar events): x", "x", true),
    ("used: pods=2, limited: pods=2", "used: pods=3, limited: pods=2", true),
    ("Back-off restarting failed container", "network is not ready", true),
    ("seen (5x in 2m)", "seen (17x in 2m)", true),
];

#[test]
fn messages_agree_when_only_made_up_parts_differ() {
    for (a, b, same) in MESSAGES {
        let trace = |message: &str| {
            let about = json!({"kind": "Pod", "name": "web"});
            let event = json!({"metadata": {"name": "e"}, "involvedObject": about, "message": message});
            json!({"t": 1, "type": "ADDED", "kind": "Event", "object": event}).to_string()
        };
        let report = score::compare(trace(a).as_bytes(), trace(b).as_bytes()).unwrap();
        assert_eq!(report.rows.is_full(), *same, "{a} / {b}");
    }
}

#[test]
fn traces_that_are_none_are_refused() {
    let refused = |bytes: &[u8]| score::compare(b"", bytes).unwrap_err();
    assert!(refused(b"{\"t\": 1}\nnot json").starts_with("candidate: line 2: "));
    assert!(refused(b"\xff").starts_with("candidate: "));
}

fn tally(good: usize, total: usize) -> Tally {
    Tally { good, total }
}

#[test]
fn a_tally_is_below_another_by_its_share() {
    let cases = [
        (tally(7, 7), tally(7, 7), false),
        (tally(6, 7), tally(7, 7), true),
        (tally(8, 8), tally(7, 7), false),
        (tally(7, 9), tally(7, 8), true),
        (tally(0, 0), tally(1, 1), false),
        (tally(1, 2), tally(0, 0), true),
    ];
    for (now, least, below) in cases {
        assert_eq!(now.is_below(least), below, "{now} against {least}");
    }
}

#[test]
fn rows_add_up() {
    let mut sum = Rows([tally(1, 2), tally(0, 0), tally(3, 3), tally(0, 0), tally(0, 0)]);
    assert_eq!(sum.score(), 0.75);
    sum.add(&sum.clone());
    assert_eq!(sum.to_string(), "state 2/4  path 0/0  events 6/6  timing 0/0  bounds 0/0");
}

#[test]
fn the_list_reads_as_it_is_written() {
    let text = "a state=1/2 path=0/0 events=3/3 timing=4/4 bounds=0/1\nb state=0/0 path=0/0 events=0/0 timing=0/0 bounds=0/0\n";
    let parsed = list::parse(text).unwrap();
    assert_eq!(list::write(&parsed), text);
    assert_eq!(list::rows_below(&parsed["a"], &parsed["b"]), ["state", "bounds"]);
    for wrong in ["a", "a state=1/2", "a state=1 path=0/0 events=0/0 timing=0/0 bounds=0/0"] {
        assert_eq!(list::parse(wrong).unwrap_err(), format!("passing.txt: not understood: {wrong}"));
    }
}
