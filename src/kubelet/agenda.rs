//! What the kubelets want to do when: one list of timers for all nodes.

use std::collections::BTreeSet;

use crate::api::Moment;
use crate::sim::Queue;

/// Tasks ordered by (time, sequence), and the wake-ups that have been asked for.
#[derive(Clone, Debug)]
pub(super) struct Agenda<T> {
    tasks: Queue<T>,
    asked: BTreeSet<Moment>,
}

impl<T> Default for Agenda<T> {
    fn default() -> Self {
        Agenda { tasks: Queue::default(), asked: BTreeSet::new() }
    }
}

impl<T> Agenda<T> {
    /// Adds a task.
    pub fn add(&mut self, at: Moment, task: T) {
        self.tasks.schedule(at, task);
    }

    /// Takes the next task that is due.
    pub fn take(&mut self, now: Moment) -> Option<T> {
        self.tasks.pop(now)
    }

    /// Notes that the wake-ups up to now have come.
    pub fn woken(&mut self, now: Moment) {
        while self.asked.first().is_some_and(|at| *at <= now) {
            self.asked.pop_first();
        }
    }

    /// When the next task is due, unless that wake-up has been asked for.
    pub fn alarm(&mut self, now: Moment) -> Option<Moment> {
        let next = self.tasks.next_time()?.max(now);
        self.asked.insert(next).then_some(next)
    }
}
