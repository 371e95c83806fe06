//! A controller's queue of keys. Models client-go/util/workqueue.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use crate::api::{Key, Moment};
use crate::store::Trigger;

/// Keys that want to be reconciled: each once, however often it was added.
#[derive(Clone, Debug)]
pub struct WorkQueue {
    first_retry: Duration,
    longest_retry: Duration,
    now: Moment,
    trigger: Option<Trigger>,
    ready: VecDeque<Key>,
    queued: BTreeMap<Key, Trigger>,
    delayed: BTreeSet<(Moment, Key)>,
    delay_of: BTreeMap<Key, (Moment, Trigger)>,
    failures: BTreeMap<Key, u32>,
}

impl WorkQueue {
    /// An empty queue with its delays for [`WorkQueue::add_rate_limited`].
    pub(super) fn new(first_retry: Duration, longest_retry: Duration) -> WorkQueue {
        WorkQueue {
            first_retry,
            longest_retry,
            now: Moment::START,
            trigger: None,
            ready: VecDeque::new(),
            queued: BTreeMap::new(),
            delayed: BTreeSet::new(),
            delay_of: BTreeMap::new(),
            failures: BTreeMap::new(),
        }
    }

    /// Says what time it is and what makes the next additions.
    pub(super) fn enter(&mut self, now: Moment, trigger: Trigger) {
        self.now = now;
        self.trigger = Some(trigger);
    }

    /// Adds a key, unless it waits already.
    pub fn add(&mut self, key: Key) {
        let trigger = self.trigger.unwrap_or(Trigger::Timer);
        self.push(key, trigger);
    }

    /// Adds a key after a while; of several such times the earliest counts.
    pub fn add_after(&mut self, key: Key, after: Duration) {
        if after.is_zero() {
            return self.add(key);
        }
        self.delay(key, self.now + after, Trigger::Timer);
    }

    /// Adds a key after a delay that doubles each time, until [`WorkQueue::forget`].
    pub fn add_rate_limited(&mut self, key: Key) {
        let failures = self.failures.entry(key.clone()).or_insert(0);
        let delay = self.first_retry.saturating_mul(1 << (*failures).min(20)).min(self.longest_retry);
        *failures += 1;
        let trigger = self.trigger.unwrap_or(Trigger::Timer);
        self.delay(key, self.now + delay, trigger);
    }

    /// How often the key was added rate limited since it was last forgotten.
    pub fn failures(&self, key: &Key) -> u32 {
        self.failures.get(key).copied().unwrap_or(0)
    }

    /// Starts the key's delays anew.
    pub fn forget(&mut self, key: &Key) {
        self.failures.remove(key);
    }

    /// Puts a key back until a time, because its last turn is not over.
    pub(super) fn postpone(&mut self, key: Key, until: Moment, trigger: Trigger) {
        self.delay(key, until, trigger);
    }

    /// Takes the next key that is due.
    pub(super) fn take(&mut self) -> Option<(Key, Trigger)> {
        while let Some((at, _)) = self.delayed.first()
            && *at <= self.now
            && let Some((_, key)) = self.delayed.pop_first()
        {
            let trigger = self.delay_of.remove(&key).map_or(Trigger::Timer, |(_, trigger)| trigger);
            self.push(key, trigger);
        }
        let key = self.ready.pop_front()?;
        let trigger = self.queued.remove(&key).unwrap_or(Trigger::Timer);
        Some((key, trigger))
    }

    /// When a key will be due, if any.
    pub(super) fn next(&self) -> Option<Moment> {
        if !self.ready.is_empty() {
            return Some(self.now);
        }
        self.delayed.first().map(|(at, _)| *at)
    }

    fn push(&mut self, key: Key, trigger: Trigger) {
        if self.queued.insert(key.clone(), trigger).is_none() {
            self.ready.push_back(key);
        }
    }

    fn delay(&mut self, key: Key, until: Moment, trigger: Trigger) {
        if let Some((at, _)) = self.delay_of.get(&key).copied() {
            if at <= until {
                return;
            }
            self.delayed.remove(&(at, key.clone()));
        }
        self.delay_of.insert(key.clone(), (until, trigger));
        self.delayed.insert((until, key));
    }
}
