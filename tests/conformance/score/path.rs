//! The order in which an object's states came, and whether two orders agree.

use std::collections::BTreeMap;

use super::projection::StateId;
use super::slack;
use super::trace::{FLEETING, Group, History, Trace};

/// States in order, without repeats; the flag says that the other run may lack the state.
pub type Path = Vec<(StateId, bool)>;

/// The paths of the objects of a group, in the order in which they appeared.
pub fn paths(trace: &Trace, group: &Group) -> Vec<Path> {
    let late = trace.end - slack(trace.end, &trace.steps);
    let paths = trace.members(group).map(|object| path(object, trace, late));
    paths.filter(|path| !path.is_empty()).collect()
}

fn path(object: &History, trace: &Trace, late: f64) -> Path {
    let mut steps: Vec<(f64, StateId)> = Vec::new();
    for (t, state) in &object.states {
        let Some(course) = state.as_ref().map_or(Some(trace.gone), |state| state.course) else {
            continue;
        };
        if steps.last().is_none_or(|(_, last)| *last != course) {
            steps.push((*t, course));
        }
    }
    let ends = steps.iter().skip(1).map(|(t, _)| *t).chain([trace.end]);
    let lasting = steps.iter().zip(ends);
    lasting.map(|((t, state), until)| (*state, until - t < FLEETING || *t > late)).collect()
}

/// Whether two paths agree once states that may be missing are passed over where the other lacks them.
fn same_path(a: &Path, b: &Path) -> bool {
    // reach[j]: what was read of `a` so far can have led past the first j states of `b`.
    let mut reach = vec![false; b.len() + 1];
    reach[0] = true;
    for (state, optional) in a {
        pass_over(&mut reach, b);
        let mut next = if *optional { reach.clone() } else { vec![false; b.len() + 1] };
        for (j, _) in b.iter().enumerate().filter(|(_, (other, _))| other == state) {
            // The second: the same state again, after one passed over.
            next[j + 1] |= reach[j] || reach[j + 1];
        }
        reach = next;
        if !reach.contains(&true) {
            return false;
        }
    }
    pass_over(&mut reach, b);
    reach[b.len()]
}

fn pass_over(reach: &mut [bool], b: &Path) {
    for (j, (_, optional)) in b.iter().enumerate() {
        reach[j + 1] |= reach[j] && *optional;
    }
}

/// Paths paired by [`same_path`], each with the first that is free.
pub struct Pairing<'a> {
    /// How many of the reference's paths found a partner.
    pub good: usize,
    /// The reference's paths without one.
    pub missing: Vec<&'a Path>,
    /// The candidate's paths without one.
    pub extra: Vec<&'a Path>,
}

/// Pairs the paths of two runs. Pods of one owner mostly take the same few paths, so answers are remembered.
pub fn pair<'a>(reference: &'a [Path], candidate: &'a [Path]) -> Pairing<'a> {
    let mut numbers: BTreeMap<&Path, usize> = BTreeMap::new();
    let mut number = |path: &'a Path| {
        let next = numbers.len();
        *numbers.entry(path).or_insert(next)
    };
    let mut known = BTreeMap::new();
    let mut left: Vec<_> = candidate.iter().map(|path| (number(path), path)).collect();
    let mut pairing = Pairing { good: 0, missing: Vec::new(), extra: Vec::new() };
    for path in reference {
        let own = number(path);
        let partner = left.iter().position(|(other_number, other)| {
            *known.entry((own, *other_number)).or_insert_with(|| same_path(path, other))
        });
        match partner {
            Some(index) => {
                left.remove(index);
                pairing.good += 1;
            }
            None => pairing.missing.push(path),
        }
    }
    pairing.extra = left.into_iter().map(|(_, path)| path).collect();
    pairing
}
