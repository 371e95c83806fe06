//! Takes out of an Event's message what is made up anew in each run.

use regex::{Captures, Regex};

/// What is replaced, in this order, before the namespace of a Scheduled message is dropped.
const BEFORE_NAMESPACE: [(&str, &str); 5] = [
    (r"\b\d{1,3}(\.\d{1,3}){3}\b", "<ip>"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<uid>"),
    (r"\(?combined from similar events\)?: ?", ""),
    (r"\b\d+(\.\d+)?(ms|s)\b", "<time>"),
    (r"\b[0-9a-f]{12,64}\b", "<hash>"),
];

/// What is replaced after it, before counts become directions.
const BEFORE_DIRECTION: [(&str, &str); 2] = [(r"(assigned \S+ to) \S+", "${1} <node>"), (r"\(\d+x", "(Nx")];

/// What is replaced last. The first is the suffix of Pods that were refused and so never became objects.
const LAST: [(&str, &str); 2] = [
    (r"-[bcdfghjklmnpqrstvwxz2456789]{5}\b", "-<rand>"),
    (r"(used|requested|limited): [\w.=,-]+\d", "${1}: <n>"),
];

/// The compiled expressions.
pub struct Cleaner {
    before_namespace: Vec<(Regex, &'static str)>,
    namespace: Regex,
    before_direction: Vec<(Regex, &'static str)>,
    direction: Regex,
    last: Vec<(Regex, &'static str)>,
    volatile: Regex,
}

thread_local! {
    /// Compiled once a thread: compiling costs more than a small trace.
    static CLEANER: Cleaner = Cleaner::new();
}

impl Cleaner {
    fn new() -> Cleaner {
        Cleaner {
            before_namespace: compile_all(&BEFORE_NAMESPACE),
            namespace: compile(r"\b[\w.-]+/"),
            before_direction: compile_all(&BEFORE_DIRECTION),
            direction: compile(r"from (\d+) to (\d+)"),
            last: compile_all(&LAST),
            volatile: compile(r"(?i)back-off|failed to pull|network|sandbox|rpc error"),
        }
    }

    fn clean(&self, text: &str) -> String {
        let text = replace_all(text.to_owned(), &self.before_namespace);
        let text = replace_all(self.without_namespace(&text), &self.before_direction);
        let text = self.direction.replace_all(&text, direction).into_owned();
        let text = replace_all(text, &self.last);
        if self.volatile.is_match(&text) { "...".to_owned() } else { text }
    }

    /// Drops `ns/` of "Successfully assigned ns/pod to node".
    fn without_namespace(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut copied = 0;
        for found in self.namespace.find_iter(text) {
            if precedes_direction(&text[found.end()..]) {
                out.push_str(&text[copied..found.start()]);
                copied = found.end();
            }
        }
        out.push_str(&text[copied..]);
        out
    }
}

/// A message without generated suffixes, addresses, times, hashes and counts; "..." for one whose wording depends on
/// how fast a registry or network is. Names of objects have been replaced before.
pub fn clean(text: &str) -> String {
    CLEANER.with(|cleaner| cleaner.clean(text))
}

/// Whether a word and then " to " or " from " follow.
fn precedes_direction(rest: &str) -> bool {
    let word = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let after = &rest[word..];
    word > 0 && (after.starts_with(" to ") || after.starts_with(" from "))
}

/// "up" or "down" in place of "from 3 to 5".
fn direction(found: &Captures<'_>) -> &'static str {
    let number = |index: usize| {
        let digits = found[index].trim_start_matches('0');
        (digits.len(), digits.to_owned())
    };
    if number(1) < number(2) { "up" } else { "down" }
}

fn replace_all(mut text: String, rules: &[(Regex, &'static str)]) -> String {
    for (pattern, with) in rules {
        if pattern.is_match(&text) {
            text = pattern.replace_all(&text, *with).into_owned();
        }
    }
    text
}

fn compile_all(rules: &[(&str, &'static str)]) -> Vec<(Regex, &'static str)> {
    rules.iter().map(|(pattern, with)| (compile(pattern), *with)).collect()
}

fn compile(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the expressions above are valid")
}
