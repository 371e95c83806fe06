//! How containers and Pods end: hooks, SIGTERM, SIGKILL, and what is said of it.
//! Models killContainer of kuberuntime/kuberuntime_container.go, and SyncTerminatingPod and
//! SyncTerminatedPod of kubelet.go.

use std::time::Duration;

use super::lifecycle::HookResult;
use super::probe::{ProbeKind, Verdict};
use super::real::Job;
use super::sandbox::{KillStage, Killing, Role, container};
use super::status::{self, Lifetime};
use super::worker::{Host, Pace, Purpose, Stage, Step, Worker};
use crate::runtime::{ExecResult, Signal};
use crate::sim::EventType::{Normal, Warning};

/// Every process gets at least this long. Models minimumGracePeriodInSeconds.
const LEAST_GRACE: Duration = Duration::from_secs(2);
/// To take a sandbox down.
const STOP_SANDBOX: Duration = Duration::from_millis(150);
/// From the end of a Pod's last container until its volumes are gone, which happens while the next relist is awaited.
const UNMOUNT: Duration = Duration::from_millis(200);
/// The exit code of what SIGKILL has ended.
const KILLED: i32 = 137;
/// From the end of a process to the runtime's word that it is stopped.
const REAP: Duration = Duration::from_millis(20);

impl Worker {
    /// Begins to stop what runs, because the Pod is deleted or over.
    pub fn begin_terminating(&mut self, host: &mut Host<'_>) {
        self.update_status(host, Lifetime::Ongoing);
        self.probes.0.retain(|prober| prober.kind == ProbeKind::Readiness);
        self.steps(&[Step::KillAll, Step::AwaitKills, Step::StopSandbox, Step::Conclude]);
    }

    /// Begins to take leave.
    pub fn begin_terminated(&mut self, host: &mut Host<'_>) {
        self.update_status(host, Lifetime::Over);
        self.steps(&[Step::AwaitVolumes, Step::Leave]);
        let unmounted = self.last_sync.map_or(host.now, |last| last + UNMOUNT);
        self.resume(host, unmounted.max(host.now));
    }

    /// Begins to stop a container. `grace` is that of the whole Pod; a container's own counts otherwise.
    pub fn kill(&mut self, host: &mut Host<'_>, slot: usize, message: &str, grace: Option<Duration>) {
        if !self.runtime.slots[slot].is_running() || self.runtime.slots[slot].killing.is_some() {
            return;
        }
        let orderly = grace.is_some();
        let grace = grace.unwrap_or_else(|| self.grace_of(slot));
        self.container_event(host, slot, (Normal, "Killing"), message);
        let deadline = host.now + grace;
        self.runtime.slots[slot].killing = Some(Killing { stage: KillStage::Hook, deadline, orderly });
        if !self.begin_pre_stop(host, slot, deadline) {
            self.wait_turn(host, slot);
        }
    }

    /// The preStop hook is over.
    pub fn pre_stopped(&mut self, host: &mut Host<'_>, slot: usize, result: &HookResult) {
        if result.is_err() {
            self.container_event(host, slot, (Warning, "FailedPreStopHook"), "PreStopHook failed");
        }
        self.wait_turn(host, slot);
    }

    /// SIGTERM, once nobody needs the container any more. Models terminationOrdering.
    fn wait_turn(&mut self, host: &mut Host<'_>, slot: usize) {
        let now = host.now;
        let Some(killing) = &mut self.runtime.slots[slot].killing else { return };
        killing.stage = KillStage::Turn;
        if self.is_needed(slot) && self.runtime.slots[slot].killing.as_ref().is_some_and(|k| k.deadline > now)
        {
            return;
        }
        let Some(killing) = &mut self.runtime.slots[slot].killing else { return };
        killing.stage = KillStage::Signalled;
        killing.deadline = killing.deadline.max(now + LEAST_GRACE);
        let deadline = killing.deadline;
        let Some(attempt) = self.runtime.slots[slot].running() else { return };
        let number = attempt.number;
        if let Some(process) = &mut attempt.process {
            process.signal(Duration::from_micros(now.as_micros()), Signal::Term);
        }
        self.later(host, deadline, Job::KillNow { slot, attempt: number });
        self.run_process(host, slot);
    }

    /// The grace is over: SIGKILL.
    pub fn kill_now(&mut self, host: &mut Host<'_>, slot: usize, number: i32) {
        let now = Duration::from_micros(host.now.as_micros());
        let Some(attempt) = self.runtime.slots[slot].running().filter(|a| a.number == number) else { return };
        if let Some(process) = &mut attempt.process {
            process.kill(now);
        }
        self.run_process(host, slot);
    }

    /// A container has ended: those that waited for it have their turn, and a sync that waited goes on.
    pub fn reaped(&mut self, host: &mut Host<'_>, slot: usize) {
        let was_killed = self.runtime.slots[slot].killing.take().is_some();
        for other in 0..self.runtime.slots.len() {
            let waits = self.runtime.slots[other].killing.as_ref().map(|k| k.stage) == Some(KillStage::Turn);
            if waits && !self.is_needed(other) {
                self.wait_turn(host, other);
            }
        }
        let killing = self.runtime.slots.iter().any(|slot| slot.killing.is_some());
        let waiting = self.run.as_ref().is_some_and(|run| run.steps.front() == Some(&Step::AwaitKills));
        if was_killed && !killing && waiting {
            self.resume(host, host.now + REAP);
        }
    }

    /// Waits for what is being killed.
    pub fn await_kills(&mut self, _host: &mut Host<'_>) -> Pace {
        if self.runtime.slots.iter().any(|slot| slot.killing.is_some()) {
            self.steps(&[Step::AwaitKills]);
            return Pace::Wait;
        }
        Pace::Now
    }

    /// Begins to stop every container of the Pod.
    pub fn kill_all(&mut self, host: &mut Host<'_>) -> Pace {
        let pod = self.pod.clone();
        let grace = pod.metadata.deletion_grace_period_seconds.or(pod.spec.termination_grace_period_seconds);
        let grace = Duration::from_secs(u64::try_from(grace.unwrap_or(30)).unwrap_or(0));
        // Main containers first, as they are to end first.
        for slot in (0..self.runtime.slots.len()).rev() {
            if let Some((_, spec)) = container(&pod, slot) {
                self.kill(host, slot, &format!("Stopping container {}", spec.name), Some(grace));
            }
        }
        Pace::Now
    }

    /// Takes the sandbox down.
    pub fn stop_sandbox(&mut self, host: &mut Host<'_>) -> Pace {
        match &mut self.runtime.sandbox {
            Some(sandbox) if sandbox.stopped.is_none() => {
                sandbox.stopped = Some(host.now);
                self.changed(host);
                Pace::After(STOP_SANDBOX)
            }
            _ => Pace::Now,
        }
    }

    /// All containers have stopped: says how.
    pub fn conclude(&mut self, host: &mut Host<'_>) -> Pace {
        self.runtime.relist = host.now;
        self.probes.0.clear();
        self.update_status(host, Lifetime::Over);
        self.write_soon(host);
        self.enter(Stage::Terminated);
        Pace::Now
    }

    /// Nothing is left: the status is final, and a deleted Pod may go.
    pub fn leave(&mut self, host: &mut Host<'_>) -> Pace {
        self.stage = Stage::Finished;
        self.free_address(host);
        if let Some(mut status) = self.status.clone() {
            status::terminate(&mut status);
            self.set_status(host, status);
        }
        self.write_soon(host);
        Pace::Now
    }

    /// Gives the Pod's address back.
    pub fn free_address(&mut self, host: &mut Host<'_>) {
        if let Some(sandbox) = &self.runtime.sandbox {
            if host.addresses.get(&sandbox.address) == Some(&self.uid) {
                host.addresses.remove(&sandbox.address);
            }
            host.nodes.get_mut(self.node).free_address(&sandbox.address, &self.uid);
        }
    }

    /// Whether a sidecar's services are still wanted by a container that runs.
    fn is_needed(&self, slot: usize) -> bool {
        let is_sidecar = container(&self.pod, slot).is_some_and(|(role, _)| role == Role::Sidecar);
        let orderly = self.runtime.slots[slot].killing.as_ref().is_some_and(|killing| killing.orderly);
        is_sidecar && orderly && self.runtime.slots[slot + 1..].iter().any(|later| later.is_running())
    }

    /// What a container gets whose probe has failed. Models the grace periods of killContainer.
    fn grace_of(&self, slot: usize) -> Duration {
        let failed =
            |kind| self.probes.verdict(slot, kind, self.runtime.seen(slot)) == Some(Verdict::Failure);
        let spec = container(&self.pod, slot).map(|(_, spec)| spec);
        let probe = [ProbeKind::Startup, ProbeKind::Liveness]
            .into_iter()
            .filter(|kind| failed(*kind))
            .find_map(|kind| kind.of(spec?)?.termination_grace_period_seconds);
        let seconds = probe.or(self.pod.spec.termination_grace_period_seconds).unwrap_or(30);
        Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
    }

    /// Ends a process that was started beside the main one, and says how it ended.
    pub fn end_aside(&mut self, host: &mut Host<'_>, at: usize) {
        let aside = self.asides.remove(at);
        let now = Duration::from_micros(host.now.as_micros());
        let late = aside.deadline.is_some_and(|deadline| deadline <= host.now);
        let result = self.runtime.slots[aside.slot]
            .attempts
            .last_mut()
            .and_then(|attempt| attempt.process.as_mut())
            .map(|process| {
                let ended = process.exec_result(aside.id).is_some_and(|result| result.code.is_some());
                (process.exec_end(aside.id, now), ended)
            })
            .unwrap_or_default();
        let (result, ended) = result;
        let verdict = match result.code.filter(|_| ended || !late) {
            Some(0) => Ok(()),
            Some(_) => Err(String::from_utf8_lossy(&result.output).into_owned()),
            None => {
                let command = aside.command.join(" ");
                let after = aside.deadline.map_or(Duration::ZERO, |_| self.aside_timeout(&aside.purpose));
                Err(format!("command timed out: \"{command}\" timed out after {}s", after.as_secs()))
            }
        };
        match aside.purpose {
            Purpose::Person(number) => {
                let code = result.code.or(Some(KILLED));
                self.told.insert(number, ExecResult { code, ..result });
            }
            Purpose::Probe(index) => self.answered(host, index, verdict),
            Purpose::PreStop => self.pre_stopped(host, aside.slot, &verdict),
            Purpose::PostStart => {
                let code = result.code.unwrap_or(KILLED);
                self.post_started(host, aside.slot, &aside.command, (code, verdict));
            }
        }
    }
}
