//! How a Pod's status gets to the API server. Models pkg/kubelet/status/status_manager.go.

use std::time::Duration;

use super::real::Job;
use super::status::{self, Lifetime, Source};
use super::worker::{Host, Stage, Worker};
use crate::api::core::PodStatus;
use crate::api::{Kinded, Moment, Pod};
use crate::server::DeleteOptions;
use crate::sim::EventType;

/// From a new status to its write.
const WRITE: Duration = Duration::from_millis(8);
/// The calls that a write of a status takes: one reads the Pod, one patches it.
const STATUS_CALLS: u32 = 2;

impl Worker {
    /// Makes the status anew and keeps it.
    pub fn update_status(&mut self, host: &mut Host<'_>, lifetime: Lifetime) {
        if self.is_overdue(host.now) {
            self.event(host, EventType::Normal, status::DEADLINE.0, status::DEADLINE.1);
        }
        let new = status::generate(&self.source(host), lifetime);
        self.set_status(host, new);
        if self.stage == Stage::Syncing {
            self.trigger_probes(host);
        }
    }

    /// Takes over which containers are ready, between syncs.
    pub fn update_ready(&mut self, host: &mut Host<'_>) {
        if self.status.is_some() {
            let new = status::refresh_ready(&self.source(host));
            self.set_status(host, new);
        }
    }

    /// Keeps a status; one that differs is written soon.
    pub fn set_status(&mut self, host: &mut Host<'_>, status: PodStatus) {
        if self.status.as_ref() == Some(&status) {
            return;
        }
        self.status = Some(status);
        self.write_soon(host);
    }

    /// Sees to it that the status is written.
    pub fn write_soon(&mut self, host: &mut Host<'_>) {
        if !self.writing {
            self.writing = true;
            let turn = host.nodes.get_mut(self.node).call(host.now, STATUS_CALLS);
            self.later(host, turn + WRITE, Job::Write);
        }
    }

    /// Writes the status; removes the Pod when it is deleted and nothing is left of it.
    pub fn write(&mut self, host: &mut Host<'_>) {
        self.writing = false;
        let Some(status) = &self.status else { return };
        let stored = host.server.get(&self.key).ok().and_then(Pod::unwrap);
        let same = stored.is_some_and(|pod| pod.metadata.uid.as_deref() == Some(&*self.uid));
        if !same {
            return;
        }
        let may_run = self.stage < Stage::Terminated;
        let mut cx = host.cx(self.node);
        let written = cx.patch_status::<Pod>(&self.key, |pod| {
            let merged = status::merge(&pod.status, status, may_run);
            *pod.status_mut() = merged;
        });
        let deleted = written.is_ok_and(|pod| pod.metadata.deletion_timestamp.is_some());
        if deleted && self.stage == Stage::Finished {
            let uid = Some(self.uid.to_string());
            let options = DeleteOptions { grace_period_seconds: Some(0), uid, ..DeleteOptions::default() };
            // Whoever was faster has done the same.
            let _ = cx.delete(&self.key, &options);
            host.nodes.get_mut(self.node).call(host.now, 1);
        }
    }

    /// Whether the Pod has been active for longer than it may.
    pub fn is_overdue(&self, now: Moment) -> bool {
        self.stage < Stage::Terminated && self.deadline.is_some_and(|deadline| deadline <= now)
    }

    fn source<'a>(&'a self, host: &'a Host<'_>) -> Source<'a> {
        Source {
            pod: &self.pod,
            old: self.status.as_ref().unwrap_or(&self.pod.status),
            runtime: &self.runtime,
            probes: &self.probes,
            reasons: &self.reasons,
            host: &host.nodes.get(self.node).address,
            epoch: host.server.epoch(),
            now: host.now,
            overdue: self.is_overdue(host.now),
        }
    }
}
