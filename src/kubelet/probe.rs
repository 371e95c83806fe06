//! Probe workers: when to ask, and what the answers add up to.
//! Models pkg/kubelet/prober/worker.go and prober.go.

use std::time::Duration;

use super::sandbox::{Role, containers};
use crate::api::core::{Container, HTTPGetAction, Probe};
use crate::api::{IntOrString, Moment, Pod};
use crate::runtime::{Answer, Connection, Health, HttpRequest, Scheme};

/// What a probe decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProbeKind {
    Startup,
    Liveness,
    Readiness,
}

impl ProbeKind {
    /// As Events begin.
    pub fn title(self) -> &'static str {
        match self {
            ProbeKind::Startup => "Startup",
            ProbeKind::Liveness => "Liveness",
            ProbeKind::Readiness => "Readiness",
        }
    }

    /// The container's probe of this kind.
    pub fn of(self, spec: &Container) -> Option<&Probe> {
        match self {
            ProbeKind::Startup => spec.startup_probe.as_ref(),
            ProbeKind::Liveness => spec.liveness_probe.as_ref(),
            ProbeKind::Readiness => spec.readiness_probe.as_ref(),
        }
    }

    /// What holds of a new container before the first answer.
    fn initial(self) -> Option<Verdict> {
        match self {
            ProbeKind::Startup => None,
            ProbeKind::Liveness => Some(Verdict::Success),
            ProbeKind::Readiness => Some(Verdict::Failure),
        }
    }
}

/// What the kubelet goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Success,
    Failure,
}

/// The worker of one probe of one container.
#[derive(Clone, Debug)]
pub(super) struct Prober {
    pub slot: usize,
    pub kind: ProbeKind,
    pub verdict: Option<Verdict>,
    /// Counts the tickers: a manual run starts the ticker anew.
    pub ticker: u32,
    /// Whether a question is open.
    pub asking: bool,
    container: String,
    last: Option<Verdict>,
    run: i32,
    on_hold: bool,
}

impl Prober {
    /// Turns to the container that now runs, if it is another one.
    pub fn attend(&mut self, id: &str) {
        if self.container != id {
            self.container = id.into();
            self.verdict = self.kind.initial();
            self.on_hold = false;
            self.run = 0;
            self.last = None;
        }
    }

    /// Whether it is time to ask a container that runs since `started`.
    pub fn asks(&self, spec: &Probe, started: Moment, now: Moment, is_started: bool) -> bool {
        let delay = u64::try_from(spec.initial_delay_seconds.unwrap_or(0)).unwrap_or(0);
        let early = (now - started).as_secs() < delay;
        !self.on_hold && !self.asking && !early && is_started != (self.kind == ProbeKind::Startup)
    }

    /// Counts an answer; says whether the verdict has changed.
    pub fn count(&mut self, spec: &Probe, answer: Verdict) -> bool {
        self.run = if self.last == Some(answer) { self.run + 1 } else { 1 };
        self.last = Some(answer);
        let threshold = match answer {
            Verdict::Failure => spec.failure_threshold.unwrap_or(3),
            Verdict::Success => spec.success_threshold.unwrap_or(1),
        };
        if self.run < threshold {
            return false;
        }
        let changed = self.verdict != Some(answer);
        self.verdict = Some(answer);
        if self.kind == ProbeKind::Startup || (self.kind, answer) == (ProbeKind::Liveness, Verdict::Failure) {
            // The container is to be restarted, or has started: nothing more to ask of this one.
            self.on_hold = true;
            self.run = 0;
        }
        changed
    }
}

/// All of a Pod's probe workers.
#[derive(Clone, Debug, Default)]
pub(super) struct Probes(pub Vec<Prober>);

impl Probes {
    /// The workers that a Pod needs.
    pub fn of(pod: &Pod) -> Probes {
        let kinds = [ProbeKind::Startup, ProbeKind::Readiness, ProbeKind::Liveness];
        let probed = containers(pod).enumerate().filter(|(_, (role, _))| *role != Role::Init);
        let workers = probed.flat_map(|(slot, (_, spec))| {
            kinds.into_iter().filter(|kind| kind.of(spec).is_some()).map(move |kind| Prober {
                slot,
                kind,
                verdict: kind.initial(),
                ticker: 0,
                asking: false,
                container: String::new(),
                last: None,
                run: 0,
                on_hold: false,
            })
        });
        Probes(workers.collect())
    }

    /// Whether the container is probed so.
    pub fn has(&self, slot: usize, kind: ProbeKind) -> bool {
        self.find(slot, kind).is_some()
    }

    /// What holds of the container.
    pub fn verdict(&self, slot: usize, kind: ProbeKind) -> Option<Verdict> {
        self.find(slot, kind)?.verdict
    }

    fn find(&self, slot: usize, kind: ProbeKind) -> Option<&Prober> {
        self.0.iter().find(|prober| prober.slot == slot && prober.kind == kind)
    }
}

/// How often a probe asks.
pub(super) fn period(spec: &Probe) -> Duration {
    Duration::from_secs(u64::try_from(spec.period_seconds.unwrap_or(10)).unwrap_or(1).max(1))
}

/// How long it waits for an answer.
pub(super) fn timeout(spec: &Probe) -> Duration {
    Duration::from_secs(u64::try_from(spec.timeout_seconds.unwrap_or(1)).unwrap_or(1).max(1))
}

/// The number of a port, which may be one of the container's names.
pub(super) fn port(port: &IntOrString, spec: &Container) -> u16 {
    let number = match port {
        IntOrString::Int(number) => Some(*number),
        IntOrString::String(name) => {
            let ports = spec.ports.iter().flatten();
            let named = ports.filter(|p| p.name.as_ref() == Some(name)).map(|p| p.container_port);
            named.chain(name.parse().ok()).next()
        }
    };
    number.and_then(|number| u16::try_from(number).ok()).unwrap_or(0)
}

/// The request of an HTTP probe or hook, and its URL as errors show it.
pub(super) fn request(action: &HTTPGetAction, spec: &Container, address: &str) -> (HttpRequest, String) {
    let port = port(&action.port, spec);
    let path = action.path.as_deref().unwrap_or("/");
    let path = if path.starts_with('/') { path.to_string() } else { format!("/{path}") };
    let https = action.scheme.as_deref() == Some("HTTPS");
    let host = action.host.as_deref().unwrap_or(address);
    let mut headers: Vec<(String, String)> =
        action.http_headers.iter().flatten().map(|h| (h.name.clone(), h.value.clone())).collect();
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("user-agent")) {
        headers.push(("User-Agent".into(), "kube-probe/1.36".into()));
    }
    let url = format!("{}://{host}:{port}{path}", if https { "https" } else { "http" });
    let scheme = if https { Scheme::Https } else { Scheme::Http };
    let host = format!("{host}:{port}");
    (HttpRequest { scheme, method: "GET".into(), port, path, headers, host, body: Vec::new() }, url)
}

/// What a question gives: after how long, and if it fails, with what text.
pub(super) type Reply = (Duration, Result<(), String>);

/// Reads an HTTP answer. Models pkg/probe/http.
pub(super) fn read_http(answer: Answer, url: &str, address: &str, timeout: Duration) -> Reply {
    let late = || {
        let why = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
        (timeout, Err(format!("Get \"{url}\": {why}")))
    };
    match answer {
        Answer::Response(response) if response.after >= timeout => late(),
        Answer::Response(response) => {
            let good = (200..400).contains(&response.status);
            let fault = format!("HTTP probe failed with statuscode: {}", response.status);
            (response.after, good.then_some(()).ok_or(fault))
        }
        Answer::Refused => {
            (Duration::ZERO, Err(format!("Get \"{url}\": dial tcp {address}: connect: connection refused")))
        }
        Answer::Hangs => late(),
        Answer::Broken(why) => (Duration::ZERO, Err(format!("Get \"{url}\": {why}"))),
    }
}

/// Reads how a connection went. Models pkg/probe/tcp.
pub(super) fn read_tcp(connection: Connection, address: &str, timeout: Duration) -> Reply {
    match connection {
        Connection::Accepted => (Duration::ZERO, Ok(())),
        Connection::Refused => {
            (Duration::ZERO, Err(format!("dial tcp {address}: connect: connection refused")))
        }
        Connection::Hangs => (timeout, Err(format!("dial tcp {address}: i/o timeout"))),
    }
}

/// Reads a health check. Models pkg/probe/grpc.
pub(super) fn read_grpc(health: Health, address: &str, timeout: Duration) -> Reply {
    let at_once = |text: &str| (Duration::ZERO, Err(text.to_string()));
    match health {
        Health::Serving => (Duration::ZERO, Ok(())),
        Health::NotServing => at_once("service unhealthy (responded with \"NOT_SERVING\")"),
        Health::UnknownService => {
            at_once("error: health rpc probe failed: rpc error: code = NotFound desc = unknown service")
        }
        Health::Unimplemented => at_once(
            "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): \
             rpc error: code = Unimplemented desc = unknown service grpc.health.v1.Health",
        ),
        Health::Unreachable => {
            let within = format!("within {}s: context deadline exceeded", timeout.as_secs());
            (timeout, Err(format!("timeout: failed to connect service \"{address}\" {within}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: ProbeKind, thresholds: (i32, i32), answers: &str, expected: &str) {
        let spec = Probe {
            failure_threshold: Some(thresholds.0),
            success_threshold: Some(thresholds.1),
            ..Probe::default()
        };
        let spec_of = Container {
            startup_probe: Some(spec.clone()),
            liveness_probe: Some(spec.clone()),
            readiness_probe: Some(spec.clone()),
            ..Container::default()
        };
        let mut pod = Pod::default();
        pod.spec_mut().containers.push(spec_of);
        let mut prober = Probes::of(&pod).0.into_iter().find(|p| p.kind == kind).expect("it is probed so");
        prober.attend("c");
        let letter = |verdict| match verdict {
            Some(Verdict::Success) => 's',
            Some(Verdict::Failure) => 'f',
            None => '?',
        };
        let told = answers.chars().map(|answer| {
            let answer = if answer == 's' { Verdict::Success } else { Verdict::Failure };
            let _ = prober.count(&spec, answer);
            letter(prober.verdict)
        });
        assert_eq!(told.collect::<String>(), expected);
    }

    #[test]
    fn thresholds_count_answers_in_a_row() {
        check(ProbeKind::Readiness, (3, 1), "sffsfff", "ssssssf");
        check(ProbeKind::Readiness, (1, 2), "ssfs", "fsff");
        check(ProbeKind::Liveness, (3, 1), "ffsfff", "sssssf");
        check(ProbeKind::Startup, (2, 1), "fs", "?s");
    }
}
