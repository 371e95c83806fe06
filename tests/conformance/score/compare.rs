//! The five rows of a report.

use std::collections::{BTreeMap, BTreeSet};

use super::path::{Path, pair, paths};
use super::projection::{Counts, Pool, State, StateId};
use super::report::{Report, Row};
use super::slack;
use super::trace::{FLEETING, Group, History, Trace};

/// How many of a group's objects show each state.
type Shown = BTreeMap<StateId, usize>;

/// Compares a candidate with a reference; `pool` holds the states of both.
pub fn compare(reference: &Trace, candidate: &Trace, pool: &Pool) -> Report {
    let mut report = Report::default();
    compare_states(reference, candidate, pool, &mut report);
    compare_paths(reference, candidate, pool, &mut report);
    compare_events(reference, candidate, &mut report);
    compare_timing(reference, candidate, &mut report);
    compare_bounds(reference, candidate, &mut report);
    report
}

fn all_groups<'a>(reference: &'a Trace, candidate: &'a Trace) -> BTreeSet<&'a Group> {
    reference.groups.keys().chain(candidate.groups.keys()).collect()
}

/// The candidate must show the reference's state at some moment within the slack.
fn compare_states(reference: &Trace, candidate: &Trace, pool: &Pool, report: &mut Report) {
    let groups = all_groups(reference, candidate);
    for moment in reference.steps.iter().skip(1).copied().chain([reference.end]) {
        let window = slack(moment, &reference.steps);
        for group in &groups {
            let want = reference.at(group, moment);
            let got = candidate.at(group, moment);
            if want.is_empty() && got.is_empty() {
                continue;
            }
            let agrees = want == got || shows_near(candidate, group, &want, moment, window);
            // A reference that was in motion there is compared by its path and timing instead.
            if !agrees && reference.moved(group, moment - window, moment) {
                continue;
            }
            report.count(Row::State, usize::from(agrees), 1, || {
                let (want, got) = (show_states(&want, pool), show_states(&got, pool));
                format!("t={moment:.1} {} {}\n      want {want}\n      got  {got}", group.0, group.1)
            });
        }
    }
}

/// Whether the group shows exactly `want` at a moment within `window` of `moment` at which any object changed.
fn shows_near(trace: &Trace, group: &Group, want: &Shown, moment: f64, window: f64) -> bool {
    let near = |t: &f64| (t - moment).abs() <= window;
    let first = trace.times.iter().copied().find(near).map_or(moment, |t| t.min(moment));
    let mut changes: Vec<(f64, usize, Option<StateId>)> = Vec::new();
    for (member, object) in trace.members(group).enumerate() {
        changes.extend(
            object.states.iter().map(|(t, state)| (*t, member, state.as_ref().map(|state| state.shown))),
        );
    }
    changes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut balance = Balance::wanting(want);
    let mut current: BTreeMap<usize, StateId> = BTreeMap::new();
    let mut apply = |(_, member, state): &(f64, usize, Option<StateId>)| {
        let before = match state {
            Some(state) => current.insert(*member, *state),
            None => current.remove(member),
        };
        before.into_iter().for_each(|state| balance.change(state, -1));
        state.iter().for_each(|state| balance.change(*state, 1));
        balance.is_even()
    };
    let (before, after) = changes.split_at(changes.partition_point(|change| change.0 <= first));
    let mut even = want.is_empty();
    for change in before {
        even = apply(change);
    }
    let mut within = after.chunk_by(|a, b| a.0 == b.0).take_while(|chunk| near(&chunk[0].0));
    even || within.any(|chunk| chunk.iter().map(&mut apply).last() == Some(true))
}

/// By how much what is shown differs from what is wanted.
struct Balance {
    surplus: BTreeMap<StateId, isize>,
}

impl Balance {
    fn wanting(want: &Shown) -> Balance {
        Balance { surplus: want.iter().map(|(state, count)| (*state, -(*count as isize))).collect() }
    }

    fn change(&mut self, state: StateId, by: isize) {
        let surplus = self.surplus.entry(state).or_default();
        *surplus += by;
        if *surplus == 0 {
            self.surplus.remove(&state);
        }
    }

    fn is_even(&self) -> bool {
        self.surplus.is_empty()
    }
}

fn show_states(shown: &Shown, pool: &Pool) -> String {
    let mut texts: Vec<_> =
        shown.iter().map(|(state, count)| format!("{count} x {}", pool.text(*state))).collect();
    texts.sort();
    if texts.is_empty() { "nothing".to_owned() } else { texts.join(", ") }
}

fn compare_paths(reference: &Trace, candidate: &Trace, pool: &Pool, report: &mut Report) {
    for group in all_groups(reference, candidate) {
        let (want, got) = (paths(reference, group), paths(candidate, group));
        let pairing = pair(&want, &got);
        report.count(Row::Path, pairing.good, want.len().max(got.len()), || {
            let (want, got) = (show_paths(&pairing.missing, pool), show_paths(&pairing.extra, pool));
            format!("{} {}\n      want {want}\n      got  {got}", group.0, group.1)
        });
    }
}

/// The first two paths; `?` marks a state that may be missing.
fn show_paths(paths: &[&Path], pool: &Pool) -> String {
    let show = |path: &&Path| {
        let states = path.iter().map(|(state, optional)| {
            let mark = if *optional { "?" } else { "" };
            format!("{}{mark}", pool.text(*state))
        });
        states.collect::<Vec<_>>().join("  ")
    };
    let shown: Vec<_> = paths.iter().take(2).map(show).collect();
    if shown.is_empty() { "nothing".to_owned() } else { shown.join("\n       and ") }
}

fn compare_events(reference: &Trace, candidate: &Trace, report: &mut Report) {
    for event in reference.events.union(&candidate.events) {
        let (wanted, got) = (reference.events.contains(event), candidate.events.contains(event));
        report.count(Row::Events, usize::from(wanted && got), 1, || {
            let what = if wanted { "missing" } else { "extra  " };
            format!("{what} {}", event.join(" "))
        });
    }
}

/// Group and milestone of Pods.
type Milestone<'a> = (&'a Group, String);

fn compare_timing(reference: &Trace, candidate: &Trace, report: &mut Report) {
    let (want, got) = (milestones(reference), milestones(candidate));
    let keys: BTreeSet<_> = want.keys().chain(got.keys()).collect();
    for key in keys {
        let times = |trace: &BTreeMap<Milestone<'_>, Vec<f64>>| trace.get(key).cloned().unwrap_or_default();
        let (want, got) = (times(&want), times(&got));
        let near = |(want, got): &(&f64, &f64)| (*want - *got).abs() <= slack(**want, &reference.steps);
        let good = want.iter().zip(&got).filter(near).count();
        report.count(Row::Timing, good, want.len().max(got.len()), || {
            let ((kind, alias), milestone) = key;
            format!("{kind} {alias} {milestone} want {want:.1?} got {got:.1?}")
        });
    }
}

/// When the Pods of each group reached each milestone, sorted.
fn milestones(trace: &Trace) -> BTreeMap<Milestone<'_>, Vec<f64>> {
    let mut out: BTreeMap<Milestone<'_>, Vec<f64>> = BTreeMap::new();
    for object in trace.objects.iter().filter(|object| object.group.0 == "Pod") {
        let mut reach = |milestone: &str, t: f64| {
            out.entry((&object.group, milestone.to_owned())).or_default().push(t);
        };
        let (mut done, mut restarts) = (BTreeSet::new(), 0);
        for (t, state) in &object.states {
            let Some(pod) = state.as_ref().and_then(|state| state.pod.as_ref()) else {
                reach("gone", *t);
                continue;
            };
            pod.reached
                .iter()
                .filter(|milestone| done.insert(**milestone))
                .for_each(|milestone| reach(milestone, *t));
            (restarts + 1..=pod.restarts).for_each(|n| reach(&format!("restart {n}"), *t));
            restarts = restarts.max(pod.restarts);
        }
    }
    out.values_mut().for_each(|times| times.sort_by(f64::total_cmp));
    out
}

/// The fewest available Pods after a workload was first complete, and the most that ever existed.
#[derive(Clone, Copy, Default)]
struct Bounds {
    fewest_available: Option<i64>,
    most_existing: i64,
}

fn compare_bounds(reference: &Trace, candidate: &Trace, report: &mut Report) {
    let (want, got) = (all_bounds(reference), all_bounds(candidate));
    let keys: BTreeSet<_> = want.keys().chain(got.keys()).collect();
    for group in keys {
        let (want, got) = (want.get(*group), got.get(*group));
        let (a, b) = (want.copied().unwrap_or_default(), got.copied().unwrap_or_default());
        // A dying Pod may be counted a moment longer.
        let agrees =
            a.fewest_available == b.fewest_available && (a.most_existing - b.most_existing).abs() <= 1;
        report.count(Row::Bounds, usize::from(agrees), 1, || {
            let (kind, alias) = group;
            format!("{kind} {alias} want {} got {}", show_bounds(want), show_bounds(got))
        });
    }
}

fn show_bounds(bounds: Option<&Bounds>) -> String {
    let Some(bounds) = bounds else {
        return "no such workload".to_owned();
    };
    let fewest =
        bounds.fewest_available.map_or("never complete".to_owned(), |n| format!("min available {n}"));
    format!("({fewest}, max pods {})", bounds.most_existing)
}

/// The bounds of each workload that no other owns; a later object of the same name replaces an earlier one.
fn all_bounds(trace: &Trace) -> BTreeMap<&Group, Bounds> {
    let workloads = trace.objects.iter().filter(|object| {
        !object.owned && matches!(object.group.0.as_str(), "Deployment" | "StatefulSet" | "ReplicaSet")
    });
    workloads.map(|object| (&object.group, bounds(object, trace.end))).collect()
}

fn bounds(object: &History, end: f64) -> Bounds {
    let untils = object.states.iter().skip(1).map(|(t, _)| *t).chain([end + 1.0]);
    let lasting = object.states.iter().zip(untils).filter(|((t, _), until)| until - t >= FLEETING / 4.0);
    let (mut out, mut complete) = (Bounds::default(), false);
    for state in lasting.filter_map(|((_, state), _)| state.as_ref()) {
        let State { counts: Counts { want, existing, available }, .. } = state;
        complete |= *want > 0 && available >= want;
        if complete {
            let fewest = out.fewest_available.map_or(*available, |fewest| fewest.min(*available));
            out.fewest_available = Some(fewest);
        }
        out.most_existing = out.most_existing.max(*existing);
    }
    out
}
