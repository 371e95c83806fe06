//! The one queue: events ordered by (time, sequence).

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::api::Moment;

#[derive(Clone, Debug)]
struct Entry<E> {
    time: Moment,
    sequence: u64,
    event: E,
}

impl<E> Entry<E> {
    fn order(&self) -> (Moment, u64) {
        (self.time, self.sequence)
    }
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl<E> Eq for Entry<E> {}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> Ord for Entry<E> {
    /// Reversed: the heap's greatest is the earliest.
    fn cmp(&self, other: &Self) -> Ordering {
        other.order().cmp(&self.order())
    }
}

/// Events to come. Of two at the same time, the one scheduled first comes first.
#[derive(Clone, Debug)]
pub struct Queue<E> {
    heap: BinaryHeap<Entry<E>>,
    sequence: u64,
    now: Moment,
}

impl<E> Default for Queue<E> {
    fn default() -> Self {
        Queue { heap: BinaryHeap::new(), sequence: 0, now: Moment::START }
    }
}

impl<E> Queue<E> {
    /// The time of the event that was popped last.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// Adds an event; one in the past happens now.
    pub fn schedule(&mut self, time: Moment, event: E) {
        self.sequence += 1;
        self.heap.push(Entry { time: time.max(self.now), sequence: self.sequence, event });
    }

    /// When the next event happens.
    pub fn next_time(&self) -> Option<Moment> {
        self.heap.peek().map(|entry| entry.time)
    }

    /// Takes the next event, if it happens no later than `until`, and moves the clock to it.
    pub fn pop(&mut self, until: Moment) -> Option<E> {
        if self.next_time()? > until {
            return None;
        }
        let entry = self.heap.pop()?;
        self.now = entry.time;
        Some(entry.event)
    }

    /// Moves the clock to `time` when nothing happens before it.
    pub fn advance(&mut self, time: Moment) {
        if self.next_time().is_none_or(|next| next > time) {
            self.now = self.now.max(time);
        }
    }

    /// How many events wait.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }
}
