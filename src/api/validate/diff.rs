//! What changed between two texts, as `diff -u` shows it. Models difflib's SequenceMatcher, because some
//! messages of the API server hold its output.

use std::collections::BTreeMap;

/// How many unchanged lines surround a change.
const CONTEXT: usize = 3;

/// A run of lines: `a[a..a + len]` is `b[b..b + len]`.
#[derive(Clone, Copy)]
struct Match {
    a: usize,
    b: usize,
    len: usize,
}

#[derive(Clone, Copy)]
struct Range {
    start: usize,
    end: usize,
}

/// A stretch of both texts, equal or not.
#[derive(Clone, Copy)]
struct Step {
    equal: bool,
    a: Range,
    b: Range,
}

/// The unified difference, without file names; empty if there is none.
pub(super) fn unified(a: &[String], b: &[String]) -> String {
    let mut out = String::new();
    for group in groups(steps(a, b)) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let of = |start: usize, end: usize| match end - start {
            1 => format!("{}", start + 1),
            0 => format!("{start},0"),
            len => format!("{},{len}", start + 1),
        };
        let (from, to) = (of(first.a.start, last.a.end), of(first.b.start, last.b.end));
        out.push_str(&format!("@@ -{from} +{to} @@\n"));
        for step in &group {
            if step.equal {
                a[step.a.start..step.a.end].iter().for_each(|line| out.push_str(&format!(" {line}\n")));
            } else {
                a[step.a.start..step.a.end].iter().for_each(|line| out.push_str(&format!("-{line}\n")));
                b[step.b.start..step.b.end].iter().for_each(|line| out.push_str(&format!("+{line}\n")));
            }
        }
    }
    out
}

fn steps(a: &[String], b: &[String]) -> Vec<Step> {
    let mut matches = Vec::new();
    let positions = positions(b);
    matching(
        a,
        b,
        &positions,
        Range { start: 0, end: a.len() },
        Range { start: 0, end: b.len() },
        &mut matches,
    );
    matches.push(Match { a: a.len(), b: b.len(), len: 0 });
    let (mut at, mut to) = (0, 0);
    let mut steps: Vec<Step> = Vec::new();
    for found in matches {
        if at < found.a || to < found.b {
            let (a, b) = (Range { start: at, end: found.a }, Range { start: to, end: found.b });
            steps.push(Step { equal: false, a, b });
        }
        (at, to) = (found.a + found.len, found.b + found.len);
        match steps.last_mut() {
            // Adjacent matches are one.
            Some(last) if last.equal => (last.a.end, last.b.end) = (at, to),
            _ if found.len > 0 => {
                let (a, b) = (Range { start: found.a, end: at }, Range { start: found.b, end: to });
                steps.push(Step { equal: true, a, b });
            }
            _ => {}
        }
    }
    steps
}

/// Where each line is in `b`; in long texts, lines that are everywhere are not looked for.
fn positions(b: &[String]) -> BTreeMap<&str, Vec<usize>> {
    let mut positions: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, line) in b.iter().enumerate() {
        positions.entry(line).or_default().push(index);
    }
    if b.len() >= 200 {
        positions.retain(|_, places| places.len() <= b.len() / 100 + 1);
    }
    positions
}

fn matching(
    a: &[String],
    b: &[String],
    positions: &BTreeMap<&str, Vec<usize>>,
    in_a: Range,
    in_b: Range,
    matches: &mut Vec<Match>,
) {
    let found = longest(a, b, positions, in_a, in_b);
    if found.len == 0 {
        return;
    }
    if in_a.start < found.a && in_b.start < found.b {
        let (left, right) =
            (Range { start: in_a.start, end: found.a }, Range { start: in_b.start, end: found.b });
        matching(a, b, positions, left, right, matches);
    }
    matches.push(found);
    let (after_a, after_b) = (found.a + found.len, found.b + found.len);
    if after_a < in_a.end && after_b < in_b.end {
        let (left, right) =
            (Range { start: after_a, end: in_a.end }, Range { start: after_b, end: in_b.end });
        matching(a, b, positions, left, right, matches);
    }
}

/// The longest common run, the first of several.
fn longest(
    a: &[String],
    b: &[String],
    positions: &BTreeMap<&str, Vec<usize>>,
    in_a: Range,
    in_b: Range,
) -> Match {
    let mut best = Match { a: in_a.start, b: in_b.start, len: 0 };
    let mut lengths: BTreeMap<usize, usize> = BTreeMap::new();
    for (i, line) in a.iter().enumerate().take(in_a.end).skip(in_a.start) {
        let mut next = BTreeMap::new();
        let places = positions.get(line.as_str()).into_iter().flatten();
        for &j in places.filter(|&&j| (in_b.start..in_b.end).contains(&j)) {
            let before = j.checked_sub(1).and_then(|j| lengths.get(&j)).copied().unwrap_or(0);
            let len = before + 1;
            next.insert(j, len);
            if len > best.len {
                best = Match { a: i + 1 - len, b: j + 1 - len, len };
            }
        }
        lengths = next;
    }
    while best.a > in_a.start && best.b > in_b.start && a[best.a - 1] == b[best.b - 1] {
        best = Match { a: best.a - 1, b: best.b - 1, len: best.len + 1 };
    }
    while best.a + best.len < in_a.end
        && best.b + best.len < in_b.end
        && a[best.a + best.len] == b[best.b + best.len]
    {
        best.len += 1;
    }
    best
}

/// The steps with their context, apart where more lies between. Models GetGroupedOpCodes.
fn groups(mut steps: Vec<Step>) -> Vec<Vec<Step>> {
    let skip = |step: &mut Step| {
        let extra = (step.a.end - step.a.start).saturating_sub(CONTEXT);
        step.a.start += extra;
        step.b.start += extra;
    };
    let cut = |step: &mut Step| {
        let extra = (step.a.end - step.a.start).saturating_sub(CONTEXT);
        step.a.end -= extra;
        step.b.end -= extra;
    };
    if let Some(first) = steps.first_mut().filter(|step| step.equal) {
        skip(first);
    }
    if let Some(last) = steps.last_mut().filter(|step| step.equal) {
        cut(last);
    }
    let (mut groups, mut group) = (Vec::new(), Vec::new());
    for mut step in steps {
        if step.equal && step.a.end - step.a.start > 2 * CONTEXT {
            let mut end = step;
            cut(&mut end);
            group.push(end);
            groups.push(std::mem::take(&mut group));
            skip(&mut step);
        }
        group.push(step);
    }
    groups.push(group);
    groups.retain(|group| group.iter().any(|step| !step.equal));
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, expected: &str) {
        let lines = |text: &str| text.split(' ').map(str::to_string).collect::<Vec<_>>();
        assert_eq!(unified(&lines(a), &lines(b)), expected);
    }

    #[test]
    fn differences() {
        check("a b c", "a b c", "");
        check("a b c d e f", "a b c d x f", "@@ -2,5 +2,5 @@\n b\n c\n d\n-e\n+x\n f\n");
        check("a", "b", "@@ -1 +1 @@\n-a\n+b\n");
        check("a b", "a x b", "@@ -1,2 +1,3 @@\n a\n+x\n b\n");
        check(
            "1 2 3 4 5 6 7 8 9",
            "x 2 3 4 5 6 7 8 y",
            "@@ -1,4 +1,4 @@\n-1\n+x\n 2\n 3\n 4\n@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+y\n",
        );
    }
}
