//! What the kubelets want to do when: one list of timers for all nodes.

use crate::api::Moment;
use crate::sim::{Alarms, Queue};

/// Tasks ordered by (time, sequence).
#[derive(Clone, Debug)]
pub(super) struct Agenda<T> {
    tasks: Queue<T>,
    alarms: Alarms,
}

impl<T> Default for Agenda<T> {
    fn default() -> Self {
        Agenda { tasks: Queue::default(), alarms: Alarms::default() }
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
        self.alarms.woken(now);
    }

    /// When the next task is due, if that wake-up is to be asked for.
    pub fn alarm(&mut self, now: Moment) -> Option<Moment> {
        let next = self.tasks.next_time()?.max(now);
        self.alarms.ask(next)
    }
}
