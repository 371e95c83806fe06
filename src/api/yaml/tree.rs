//! Where each field of a document is written.

use super::Range;

/// A value as written, with the ranges of what it holds, in the document's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The range of the value; of an alias, the alias.
    pub range: Range,
    pub inside: Inside,
}

/// What a node holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inside {
    Scalar,
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key with its value. A key written twice has one entry, the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub key: String,
    pub key_range: Range,
    pub value: Node,
}

/// Where a field is: its key, if it has one (a list's item has none), and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    pub key: Option<Range>,
    pub value: &'a Node,
    /// Whether all of the path was found; else this is the deepest ancestor that is written.
    pub whole: bool,
}

impl Node {
    /// The entries of a map; none of anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.inside {
            Inside::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none of anything else.
    pub fn items(&self) -> &[Node] {
        match &self.inside {
            Inside::List(items) => items,
            _ => &[],
        }
    }

    /// Finds a field by its path, as in `spec.containers[0].image` or `metadata.labels[a.b/c]` or
    /// `data.key.with.dots`; when it is not written, its deepest ancestor that is.
    pub fn find(&self, path: &str) -> Found<'_> {
        self.find_from(path, None).0
    }

    /// The match and the length of the path left over.
    fn find_from(&self, path: &str, key: Option<Range>) -> (Found<'_>, usize) {
        let rest = path.strip_prefix('.').unwrap_or(path);
        let mut best = (Found { key, value: self, whole: rest.is_empty() }, rest.len());
        if rest.is_empty() {
            return best;
        }
        let bracket = rest.strip_prefix('[').and_then(|inner| inner.split_once(']'));
        if let Some((inner, after)) = bracket {
            let item = inner.parse().ok().and_then(|i: usize| self.items().get(i));
            let entry = self.entries().iter().find(|entry| entry.key == inner);
            let next = item.map(|item| (item, None)).or(entry.map(|e| (&e.value, Some(e.key_range))));
            return next.map_or(best, |(node, key)| node.find_from(after, key));
        }
        for entry in self.entries() {
            let Some(after) = rest.strip_prefix(entry.key.as_str()) else { continue };
            if !(after.is_empty() || after.starts_with(['.', '['])) {
                continue;
            }
            let found = entry.value.find_from(after, Some(entry.key_range));
            // A key with dots competes with a shorter one: the one that explains more of the path wins.
            if found.1 < best.1 {
                best = found;
            }
        }
        best
    }
}
