//! The processes in containers: how they start and end, and what is asked of them.

use std::time::Duration;

use super::network::{PodNetwork, world};
use super::probe::{self, ProbeKind, Reply, Verdict};
use super::real::Job;
use super::sandbox::{Exit, Runtime, Seen, container};
use super::sync::behaviour;
use super::volumes;
use super::worker::{Aside, Host, Purpose, Stage, Worker};
use crate::api::core::{Container as Spec, ExecAction, Probe};
use crate::api::{Moment, Pod, quantity};
use crate::runtime::{
    Access, Answer, Connection, Container, Exec, ExecKind, Health, PidNamespace, Start, StartError, Stdin,
    Wait,
};
use crate::sim::EventType::Warning;

/// No process ends before its container is seen to run: a program takes as long to load and to end.
const SHORTEST_LIFE: Duration = Duration::from_millis(20);

/// From a status that triggers a probe to the probe's question.
const TRIGGER: Duration = Duration::from_millis(60);

/// Virtual time as the runtime counts it.
pub(super) fn since_start(now: Moment) -> Duration {
    Duration::from_micros(now.as_micros())
}

/// Starts a container's main process.
///
/// # Errors
/// The program is not there or cannot be run.
pub(super) fn start_process(
    pod: &Pod,
    spec: &Spec,
    runtime: &mut Runtime,
    host: &Host<'_>,
) -> Result<Container, StartError> {
    let address = runtime.sandbox.as_ref().map_or("", |sandbox| sandbox.address.as_str());
    let network = PodNetwork::of(pod, address);
    let node = host.nodes.get(pod_node(pod, host));
    let env = volumes::environment(pod, spec, address, &node.address);
    let mounts = volumes::mounts(pod, spec);
    let pod_security = pod.spec.security_context.as_ref();
    let security = spec.security_context.as_ref();
    let user = security.and_then(|s| s.run_as_user).or(pod_security.and_then(|s| s.run_as_user));
    let group = security.and_then(|s| s.run_as_group).or(pod_security.and_then(|s| s.run_as_group));
    let number = |id: i64| u32::try_from(id).unwrap_or(u32::MAX);
    let read_only = security.and_then(|s| s.read_only_root_filesystem) == Some(true);
    let shared = pod.spec.share_process_namespace == Some(true) || pod.spec.host_pid == Some(true);
    let start = Start {
        image: spec.image.as_deref().unwrap_or_default(),
        command: spec.command.as_deref().unwrap_or_default(),
        args: spec.args.as_deref().unwrap_or_default(),
        env: &env,
        working_dir: spec.working_dir.as_deref(),
        user: user.map(|user| (number(user), number(group.unwrap_or(0)))),
        root: if read_only { Access::ReadOnly } else { Access::ReadWrite },
        stdin: match (spec.stdin, spec.tty) {
            (Some(true), Some(true)) => Stdin::Terminal,
            (Some(true), _) => Stdin::Open,
            _ => Stdin::Closed,
        },
        pids: if shared { PidNamespace::Shared } else { PidNamespace::Own },
        network: &network,
        mounts: &mounts,
        termination_log: spec.termination_message_path.as_deref().unwrap_or("/dev/termination-log"),
        behaviour: &behaviour(pod, spec),
    };
    Container::start(&start, &mut runtime.volumes, since_start(host.now))
}

fn pod_node(pod: &Pod, host: &Host<'_>) -> usize {
    pod.spec.node_name.as_deref().and_then(|name| host.nodes.find(name)).unwrap_or(0)
}

impl Worker {
    /// Lets a container's processes do what is due, and sees what has become of them.
    pub fn run_process(&mut self, host: &mut Host<'_>, slot: usize) {
        let now = since_start(host.now);
        let Some(attempt) = self.runtime.slots[slot].running() else { return };
        let Some(mut process) = attempt.process.take() else { return };
        let number = attempt.number;
        let limit = memory_limit(&self.pod, slot);
        let killed = limit.and_then(|limit| process.memory_reaches(limit)).is_some_and(|at| at <= now);
        if killed {
            process.out_of_memory(now);
        }
        let mut volumes = std::mem::take(&mut self.runtime.volumes);
        let shared = volumes.clone();
        let wait = process.run(now, &mut volumes, &mut world(host, &mut self.runtime, shared));
        self.runtime.volumes = volumes;
        let full = limit.and_then(|limit| process.memory_reaches(limit));
        let exit = process.exit();
        let message = exit.and_then(|exit| self.termination_message(slot, &process, exit.code));
        let Some(attempt) = self.runtime.slots[slot].attempts.last_mut() else { return };
        attempt.process = Some(process);
        attempt.out_of_memory |= killed;
        if let Some(exit) = exit {
            let reason = match exit.code {
                _ if attempt.out_of_memory => "OOMKilled",
                0 => "Completed",
                _ => "Error",
            };
            let (reason, at) =
                (reason.into(), host.now.max(attempt.started.unwrap_or(host.now) + SHORTEST_LIFE));
            attempt.exit = Some(Exit { code: exit.code, reason, message, at });
            self.changed(host);
            self.runtime.changed = at;
            self.end_asides(host, slot);
            return self.reaped(host, slot);
        }
        let next = match wait {
            Wait::Until(at) => Some(full.map_or(at, |full| full.min(at))),
            Wait::Forever | Wait::Exited => full,
        };
        if let Some(at) = next {
            let at = Moment::from_micros(u64::try_from(at.as_micros()).unwrap_or(u64::MAX)).max(host.now);
            if attempt.next_run.is_none_or(|next| next <= host.now || next > at) {
                attempt.next_run = Some(at);
                self.later(host, at, Job::Process { slot, attempt: number });
            }
        }
        self.end_asides(host, slot);
    }

    /// Looks for processes beside the main one that have ended, or have had their time.
    pub fn end_asides(&mut self, host: &mut Host<'_>, slot: usize) {
        let now = host.now;
        let over = |worker: &Worker, aside: &Aside| {
            let process = worker.runtime.slots[slot].attempts.last().and_then(|a| a.process.as_ref());
            let running = worker.runtime.slots[slot].is_running();
            let ended = process.and_then(|p| p.exec_result(aside.id)).is_none_or(|r| r.code.is_some());
            aside.slot == slot && (!running || ended || aside.deadline.is_some_and(|at| at <= now))
        };
        while let Some(at) = self.asides.iter().position(|aside| over(self, aside)) {
            self.end_aside(host, at);
        }
    }

    /// Starts a process beside the main one.
    ///
    /// # Errors
    /// The text of why it could not be started.
    pub fn exec(
        &mut self,
        host: &mut Host<'_>,
        slot: usize,
        action: &ExecAction,
        purpose: Purpose,
        deadline: Option<Moment>,
    ) -> Result<(), String> {
        let command = action.command.clone().unwrap_or_default();
        let runtime = &mut self.runtime;
        let attempt = runtime.slots[slot].running().and_then(|attempt| attempt.process.as_mut());
        let Some(process) = attempt else { return Err("container not running".into()) };
        let kind = match purpose {
            Purpose::Probe(_) => ExecKind::Probe,
            Purpose::PostStart | Purpose::PreStop | Purpose::Person(_) => ExecKind::Command,
        };
        let exec = Exec { argv: command.clone(), stdin: None, kind };
        let id = process
            .exec(&exec, &mut runtime.volumes, since_start(host.now))
            .map_err(|error| error.exec_message())?;
        self.asides.push(Aside { slot, id, purpose, deadline, command });
        if let Some(deadline) = deadline {
            self.later(host, deadline, Job::Asides { slot });
        }
        self.run_process(host, slot);
        Ok(())
    }

    /// How long such a process may take.
    pub fn aside_timeout(&self, purpose: &Purpose) -> Duration {
        match purpose {
            Purpose::Probe(index) => self.probe_spec(*index).map_or(Duration::ZERO, probe::timeout),
            Purpose::PostStart | Purpose::PreStop | Purpose::Person(_) => Duration::ZERO,
        }
    }

    /// A probe's ticker ticks.
    pub fn tick(&mut self, host: &mut Host<'_>, index: usize, ticker: u32) {
        let Some(prober) = self.probes.0.get(index).filter(|prober| prober.ticker == ticker) else { return };
        let Some(period) =
            container(&self.pod, prober.slot).and_then(|(_, spec)| prober.kind.of(spec)).map(probe::period)
        else {
            return;
        };
        let over = self.stage >= Stage::Terminated;
        if !over {
            self.later(host, host.now + period, Job::Probe { index, ticker });
            self.ask(host, index);
        }
    }

    /// Runs readiness probes of containers that are not ready yet at once, as each new status does.
    pub fn trigger_probes(&mut self, host: &mut Host<'_>) {
        for index in 0..self.probes.0.len() {
            let prober = &self.probes.0[index];
            let waits = prober.kind == ProbeKind::Readiness
                && prober.verdict != Some(Verdict::Success)
                && !prober.asking
                && self.is_started(prober.slot);
            if waits {
                let ticker = prober.ticker + 1;
                self.probes.0[index].ticker = ticker;
                self.later(host, host.now + TRIGGER, Job::Probe { index, ticker });
            }
        }
    }

    fn is_started(&self, slot: usize) -> bool {
        let startup = self.probes.has(slot, ProbeKind::Startup);
        let passed = !startup
            || self.probes.verdict(slot, ProbeKind::Startup, self.runtime.seen(slot))
                == Some(Verdict::Success);
        passed && matches!(self.runtime.seen(slot), Seen::Running(_))
    }

    fn probe_spec(&self, index: usize) -> Option<&Probe> {
        let prober = self.probes.0.get(index)?;
        container(&self.pod, prober.slot).and_then(|(_, spec)| prober.kind.of(spec))
    }

    fn ask(&mut self, host: &mut Host<'_>, index: usize) {
        let pod = self.pod.clone();
        let Some((slot, kind)) = self.probes.0.get(index).map(|prober| (prober.slot, prober.kind)) else {
            return;
        };
        let Some((_, spec)) = container(&pod, slot) else { return };
        let Some(probe) = kind.of(spec) else { return };
        let Seen::Running(attempt) = self.runtime.seen(slot) else { return };
        let (id, started) = (attempt.id.clone(), attempt.started.unwrap_or(host.now));
        self.probes.0[index].attend(&id);
        let is_started = self.is_started(slot);
        if !self.probes.0[index].asks(probe, started, host.now, is_started) {
            return;
        }
        self.probes.0[index].asking = true;
        if let Some(exec) = &probe.exec {
            if !self.runtime.slots[slot].is_running() {
                return self.probe_errored(host, index);
            }
            let deadline = Some(host.now + probe::timeout(probe));
            if let Err(error) = self.exec(host, slot, exec, Purpose::Probe(index), deadline) {
                self.answered(host, index, Err(error));
            }
            return;
        }
        let (after, reply) = self.question(host, probe, spec);
        self.later(host, host.now + after, Job::Answer { index, container: id, reply });
    }

    /// The container has ended and the kubelet has not seen it yet: there is no answer, and none is counted.
    fn probe_errored(&mut self, host: &mut Host<'_>, index: usize) {
        let prober = &mut self.probes.0[index];
        prober.asking = false;
        let (slot, title) = (prober.slot, prober.kind.title());
        let why = "rpc error: code = Unknown desc = failed to exec in container: container is in CONTAINER_EXITED state";
        let text = format!("{title} probe errored and resulted in unknown state: {why}");
        self.container_event(host, slot, (Warning, "Unhealthy"), text);
    }

    fn question(&mut self, host: &mut Host<'_>, probe: &Probe, spec: &Spec) -> Reply {
        let timeout = probe::timeout(probe);
        let address = self.runtime.sandbox.as_ref().map(|s| s.address.clone()).unwrap_or_default();
        let now = since_start(host.now);
        if let Some(http) = &probe.http_get {
            let (request, url) = probe::request(http, spec, &address);
            let to = format!("{address}:{}", request.port);
            let mut answers =
                self.runtime.each_running(|process, volumes| process.http(now, volumes, &request));
            let answer = answers.drain(..).find(|a| *a != Answer::Refused).unwrap_or(Answer::Refused);
            return probe::read_http(answer, &url, &to, timeout);
        }
        if let Some(tcp) = &probe.tcp_socket {
            let port = probe::port(&tcp.port, spec);
            let answers = self.runtime.each_running(|process, _| process.tcp(now, port));
            let answer =
                answers.into_iter().find(|a| *a != Connection::Refused).unwrap_or(Connection::Refused);
            return probe::read_tcp(answer, &format!("{address}:{port}"), timeout);
        }
        if let Some(grpc) = &probe.grpc {
            let port = u16::try_from(grpc.port).unwrap_or(0);
            let service = grpc.service.as_deref().unwrap_or_default();
            let answers = self.runtime.each_running(|process, _| process.grpc(now, port, service));
            let answer =
                answers.into_iter().find(|a| *a != Health::Unreachable).unwrap_or(Health::Unreachable);
            return probe::read_grpc(answer, &format!("{address}:{port}"), timeout);
        }
        (Duration::ZERO, Ok(()))
    }

    /// An answer to a probe has come.
    pub fn answer(&mut self, host: &mut Host<'_>, index: usize, id: &str, reply: Result<(), String>) {
        let slot = self.probes.0.get(index).map(|prober| prober.slot);
        let current = slot.and_then(|slot| self.runtime.slots[slot].running()).is_some_and(|a| a.id == id);
        if current {
            self.answered(host, index, reply);
        } else if let Some(prober) = self.probes.0.get_mut(index) {
            prober.asking = false;
        }
    }

    /// Counts an answer and acts on a verdict that changes.
    pub fn answered(&mut self, host: &mut Host<'_>, index: usize, reply: Result<(), String>) {
        let Some(spec) = self.probe_spec(index).cloned() else { return };
        let prober = &mut self.probes.0[index];
        prober.asking = false;
        let (slot, kind) = (prober.slot, prober.kind);
        let verdict = if reply.is_ok() { Verdict::Success } else { Verdict::Failure };
        let changed = prober.count(&spec, verdict);
        if let Err(output) = reply {
            let text = format!("{} probe failed: {output}", kind.title());
            self.container_event(host, slot, (Warning, "Unhealthy"), text);
        }
        if !changed {
            return;
        }
        if kind != ProbeKind::Liveness {
            self.update_ready(host);
        }
        if (kind, verdict) != (ProbeKind::Liveness, Verdict::Success) && self.stage == Stage::Syncing {
            self.poke(host);
        }
    }

    /// Models the termination message of the container's status.
    fn termination_message(&self, slot: usize, process: &Container, code: i32) -> Option<String> {
        let (_, spec) = container(&self.pod, slot)?;
        let path = spec.termination_message_path.as_deref().unwrap_or("/dev/termination-log");
        let written = process.read_file(&self.runtime.volumes, path).unwrap_or_default();
        let mut message = String::from_utf8_lossy(&written).into_owned();
        let from_log = spec.termination_message_policy.as_deref() == Some("FallbackToLogsOnError");
        if message.is_empty() && from_log && code != 0 {
            message = process.log().tail();
        }
        Some(message).filter(|message| !message.is_empty())
    }
}

impl Runtime {
    /// Asks every process that runs.
    pub fn each_running<T>(
        &mut self,
        mut ask: impl FnMut(&mut Container, &mut crate::runtime::Volumes) -> T,
    ) -> Vec<T> {
        let mut answers = Vec::new();
        for slot in &mut self.slots {
            if let Some(process) = slot.running().and_then(|attempt| attempt.process.as_mut()) {
                answers.push(ask(process, &mut self.volumes));
            }
        }
        answers
    }
}

fn memory_limit(pod: &Pod, slot: usize) -> Option<u64> {
    let (_, spec) = container(pod, slot)?;
    let limits = spec.resources.as_ref()?.limits.as_ref()?;
    let bytes = quantity::amount(limits.get("memory")?).units();
    u64::try_from(bytes).ok().filter(|bytes| *bytes > 0)
}
