//! What a controller is, and the worker that runs one.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Alarms, Ctx, Recorder, Turn, WorkQueue, latency};
use crate::api::{Key, Moment, Status};
use crate::server::Server;
use crate::store::{Actor, Change, Revision, Trigger, View};

/// When a key wants to be reconciled again, if nothing wakes it before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requeue {
    No,
    After(Duration),
}

/// A control loop: it is woken by changes and brings one object closer to what it should be.
///
/// Invariant: what it knows of the cluster is in its informer's view and in the objects it writes;
/// controllers never see each other.
pub trait Controller {
    /// As in the `source.component` of its Events.
    const NAME: &'static str;

    /// When a refused turn is tried again; doubled with every further refusal.
    /// Models DefaultTypedControllerRateLimiter.
    const FIRST_RETRY: Duration = Duration::from_millis(5);
    /// The longest wait for another try.
    const LONGEST_RETRY: Duration = Duration::from_secs(1000);

    /// Adds the keys that a change concerns. `cache` stands at the change.
    fn wakes(&mut self, change: &Change, cache: View<'_>, queue: &mut WorkQueue);

    /// Brings the object under `key` closer to its spec.
    ///
    /// # Errors
    /// What the API server refused; the key is tried again after a growing delay.
    fn reconcile(&mut self, cx: &mut Ctx<'_>, key: &Key) -> Result<Requeue, Status>;

    /// Adds the keys that need no change to wake them.
    fn start(&self, _queue: &mut WorkQueue) {}
}

/// A controller with its work queue and its Event recorder.
#[derive(Clone, Debug)]
pub struct Worker<C> {
    controller: C,
    queue: WorkQueue,
    recorder: Recorder,
    /// Keys whose last turn still waits for answers of the API server.
    busy: BTreeMap<Key, Moment>,
    alarms: Alarms,
}

impl<C: Controller> Worker<C> {
    pub fn new(controller: C) -> Worker<C> {
        let mut queue = WorkQueue::new(C::FIRST_RETRY, C::LONGEST_RETRY);
        queue.enter(Moment::START, Trigger::Timer);
        controller.start(&mut queue);
        let recorder = Recorder::new(C::NAME, "");
        Worker { controller, queue, recorder, busy: BTreeMap::new(), alarms: Alarms::default() }
    }

    /// Tells the controller of a change that its informer has just received.
    pub fn observe(&mut self, now: Moment, change: &Change, cache: View<'_>) {
        self.queue.enter(now, Trigger::Change(change.revision));
        self.controller.wakes(change, cache, &mut self.queue);
    }

    /// Reconciles the keys that are due.
    pub fn work(&mut self, now: Moment, informer: Revision, server: &mut Server) {
        self.alarms.woken(now);
        self.busy.retain(|_, until| *until > now);
        self.queue.enter(now, Trigger::Timer);
        while let Some((key, trigger)) = self.queue.take() {
            if let Some(until) = self.busy.get(&key) {
                self.queue.postpone(key, *until, trigger);
                continue;
            }
            let turn = Turn { now, informer, actor: Actor::Controller(C::NAME), trigger };
            let mut cx = Ctx::new(turn, server, &mut self.recorder);
            let outcome = self.controller.reconcile(&mut cx, &key);
            let calls = cx.calls();
            if calls > 0 {
                self.busy.insert(key.clone(), now + latency::CALL * calls);
            }
            match outcome {
                Ok(requeue) => {
                    self.queue.forget(&key);
                    if let Requeue::After(after) = requeue {
                        self.queue.add_after(key, after);
                    }
                }
                Err(_) => self.queue.add_rate_limited(key),
            }
        }
    }

    /// When this worker wants to be called, if that is news since it was last asked.
    pub fn alarm(&mut self, now: Moment) -> Option<Moment> {
        let next = self.queue.next()?.max(now + latency::WAKE);
        self.alarms.ask(next)
    }
}
