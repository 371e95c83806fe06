//! Pods that wait for a node. Models pkg/scheduler/backend/queue.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::filter::Plugin;
use crate::api::{Key, Moment};
use crate::store::Trigger;

/// Models podInitialBackoffSeconds and podMaxBackoffSeconds.
const INITIAL_BACKOFF: Duration = Duration::from_secs(1);
const MAX_BACKOFF: Duration = Duration::from_secs(10);
/// Models podMaxInUnschedulablePodsDuration.
const MAX_UNSCHEDULABLE: Duration = Duration::from_secs(300);

/// Something that may make room for a Pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClusterEvent {
    NodeAdded,
    NodeUpdated,
    /// A Pod that was bound is gone or has ended.
    PodDeleted,
}

impl ClusterEvent {
    /// Whether a Pod that these plugins turned down may fit now. Models EventsToRegister.
    fn helps(self, rejected_by: &BTreeSet<Plugin>) -> bool {
        match self {
            ClusterEvent::NodeAdded | ClusterEvent::NodeUpdated => true,
            ClusterEvent::PodDeleted => {
                rejected_by.iter().any(|p| matches!(p, Plugin::NodePorts | Plugin::NodeResourcesFit))
            }
        }
    }
}

#[derive(Clone, Debug)]
struct Waiting {
    priority: i32,
    attempts: u32,
    /// When it last became active or failed.
    since: Moment,
    trigger: Trigger,
    rejected_by: BTreeSet<Plugin>,
    place: Place,
}

type Rank = (Reverse<i32>, Moment, u64);

#[derive(Clone, Copy, Debug)]
enum Place {
    Active(Rank),
    Backoff(Moment),
    Unschedulable,
    /// In the hands of the scheduler.
    InFlight,
}

/// Active Pods by priority and age, Pods that back off, and Pods that only a change can help.
#[derive(Clone, Debug, Default)]
pub struct SchedulingQueue {
    pods: BTreeMap<Key, Waiting>,
    active: BTreeMap<Rank, Key>,
    backoff: BTreeSet<(Moment, Key)>,
    unschedulable: BTreeSet<Key>,
    sequence: u64,
}

impl SchedulingQueue {
    /// Adds a Pod, or makes one that waits active because it has changed.
    pub fn add(&mut self, key: Key, priority: i32, now: Moment, trigger: Trigger) {
        let attempts = self.pods.get(&key).map_or(0, |waiting| waiting.attempts);
        self.remove(&key);
        let place = Place::InFlight;
        let waiting =
            Waiting { priority, attempts, since: now, trigger, rejected_by: BTreeSet::new(), place };
        self.pods.insert(key.clone(), waiting);
        self.activate(key, now);
    }

    /// Whether the Pod waits here.
    pub fn contains(&self, key: &Key) -> bool {
        self.pods.contains_key(key)
    }

    pub fn remove(&mut self, key: &Key) {
        let Some(waiting) = self.pods.remove(key) else { return };
        match waiting.place {
            Place::Active(rank) => drop(self.active.remove(&rank)),
            Place::Backoff(until) => drop(self.backoff.remove(&(until, key.clone()))),
            Place::Unschedulable => drop(self.unschedulable.remove(key)),
            Place::InFlight => {}
        }
    }

    /// Takes the Pod that is to be scheduled next.
    pub fn pop(&mut self, now: Moment) -> Option<(Key, Trigger)> {
        while let Some((until, _)) = self.backoff.first()
            && *until <= now
            && let Some((_, key)) = self.backoff.pop_first()
        {
            self.activate(key, now);
        }
        let (_, key) = self.active.pop_first()?;
        let waiting = self.pods.get_mut(&key)?;
        waiting.place = Place::InFlight;
        waiting.attempts += 1;
        Some((key, waiting.trigger))
    }

    /// Puts back a Pod that no node could take.
    pub fn fail(&mut self, key: Key, now: Moment, rejected_by: BTreeSet<Plugin>) {
        let Some(waiting) = self.pods.get_mut(&key) else { return };
        waiting.since = now;
        waiting.rejected_by = rejected_by;
        waiting.place = Place::Unschedulable;
        self.unschedulable.insert(key);
    }

    /// Gives another chance to the Pods that the event may help, once their back-off is over.
    pub fn on_event(&mut self, event: ClusterEvent, now: Moment, trigger: Trigger) {
        let helped: Vec<Key> = self
            .unschedulable
            .iter()
            .filter(|key| self.pods.get(*key).is_some_and(|w| event.helps(&w.rejected_by)))
            .cloned()
            .collect();
        for key in helped {
            self.retry(key, now, trigger);
        }
    }

    /// When a Pod will be ready to be taken.
    pub fn next(&self, now: Moment) -> Option<Moment> {
        if !self.active.is_empty() {
            return Some(now);
        }
        self.backoff.first().map(|(until, _)| *until)
    }

    /// When the Pod that has waited longest is tried again without any event.
    pub fn flush_at(&self) -> Option<Moment> {
        self.unschedulable
            .iter()
            .filter_map(|key| self.pods.get(key))
            .map(|w| w.since + MAX_UNSCHEDULABLE)
            .min()
    }

    /// Tries the Pods again that have waited too long for an event.
    pub fn flush(&mut self, now: Moment) {
        let overdue = |w: &Waiting| w.since + MAX_UNSCHEDULABLE <= now;
        let keys: Vec<Key> = self
            .unschedulable
            .iter()
            .filter(|key| self.pods.get(*key).is_some_and(overdue))
            .cloned()
            .collect();
        for key in keys {
            self.retry(key, now, Trigger::Timer);
        }
    }

    fn retry(&mut self, key: Key, now: Moment, trigger: Trigger) {
        let Some(waiting) = self.pods.get_mut(&key) else { return };
        self.unschedulable.remove(&key);
        waiting.trigger = trigger;
        let delay =
            INITIAL_BACKOFF.saturating_mul(1 << (waiting.attempts.max(1) - 1).min(8)).min(MAX_BACKOFF);
        let until = waiting.since + delay;
        if until <= now {
            return self.activate(key, now);
        }
        waiting.place = Place::Backoff(until);
        self.backoff.insert((until, key));
    }

    fn activate(&mut self, key: Key, now: Moment) {
        let Some(waiting) = self.pods.get_mut(&key) else { return };
        self.sequence += 1;
        let rank = (Reverse(waiting.priority), now, self.sequence);
        waiting.place = Place::Active(rank);
        self.active.insert(rank, key);
    }
}
