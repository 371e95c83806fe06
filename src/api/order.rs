//! Sorting and collecting for few bytes. The standard library compiles its sort anew for every type and every
//! order, and once more for every map that is collected: about 3.5 KB each of what the browser downloads. This
//! one is compiled once; it costs an index for each item, so a hot path may still call the standard library's.

use serde_json::{Map, Value};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Sorts by `compare`; equals keep their order.
pub fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let swaps = swaps(items.len(), &|a, b| compare(&items[a], &items[b]));
    for (a, b) in swaps {
        items.swap(a, b);
    }
}

/// Sorts by a key; equals keep their order.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |a, b| key(a).cmp(&key(b)));
}

/// Sorts by the items' own order.
pub fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, T::cmp);
}

/// A map of the pairs; of equal keys the last pair counts.
pub fn map<K: Ord, V>(pairs: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    for (key, value) in pairs {
        map.insert(key, value);
    }
    map
}

/// The fields of a JSON object; of equal names the last counts.
pub fn fields(pairs: impl IntoIterator<Item = (String, Value)>) -> Map<String, Value> {
    let mut fields = Map::new();
    for (name, value) in pairs {
        fields.insert(name, value);
    }
    fields
}

/// A set of the items.
pub fn set<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    for item in items {
        set.insert(item);
    }
    set
}

/// The swaps that sort `count` items, `compare` being told two of their places before any swap.
fn swaps(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<(usize, usize)> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| compare(*a, *b));
    let mut swaps = Vec::new();
    // Each ring of places is walked once: every swap puts one item where it belongs.
    for start in 0..count {
        let mut at = start;
        while order[at] != start {
            let next = order[at];
            swaps.push((at, next));
            order[at] = at;
            at = next;
        }
        order[at] = at;
    }
    swaps
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sorts_as_the_standard_library_does(items: Vec<(u8, u16)>) {
            let (mut ours, mut theirs) = (items.clone(), items);
            sort_by_key(&mut ours, |item| item.0 % 8);
            theirs.sort_by_key(|item| item.0 % 8);
            prop_assert_eq!(&ours, &theirs);
            sort(&mut ours);
            theirs.sort();
            prop_assert_eq!(ours, theirs);
        }

        #[test]
        fn collects_as_the_standard_library_does(pairs: Vec<(u8, u16)>) {
            prop_assert_eq!(map(pairs.clone()), pairs.iter().copied().collect());
            prop_assert_eq!(set(pairs.clone()), pairs.into_iter().collect());
        }
    }
}
