//! Probes and lifecycle hooks. Models validateProbe, validateHandler and validateLifecycle.

use crate::api::IntOrString;
use crate::api::core::{
    ExecAction, GRPCAction, HTTPGetAction, Lifecycle, LifecycleHandler, PodOS, Probe, SleepAction,
    TCPSocketAction,
};
use crate::api::order;

use super::field::{Faults, Path};
use super::names::{is_http_header_name, is_port_name, is_port_number};

/// Which of a container's probes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Liveness,
    Readiness,
    Startup,
}

/// The ways to probe or to be told, of which one is used.
#[derive(Default)]
struct Handler<'a> {
    exec: Option<&'a ExecAction>,
    http_get: Option<&'a HTTPGetAction>,
    tcp_socket: Option<&'a TCPSocketAction>,
    grpc: Option<&'a GRPCAction>,
    sleep: Option<&'a SleepAction>,
}

/// Models validateLivenessProbe, validateReadinessProbe and validateStartupProbe.
pub(super) fn probe(probe: Option<&Probe>, which: Which, path: &Path, faults: &mut Faults) {
    let Some(probe) = probe else { return };
    let path = match which {
        Which::Liveness => path.child("livenessProbe"),
        Which::Readiness => path.child("readinessProbe"),
        Which::Startup => path.child("startupProbe"),
    };
    let used = Handler {
        exec: probe.exec.as_ref(),
        http_get: probe.http_get.as_ref(),
        tcp_socket: probe.tcp_socket.as_ref(),
        grpc: probe.grpc.as_ref(),
        sleep: None,
    };
    handler(&used, None, &path, faults);
    let success = probe.success_threshold.unwrap_or(0);
    for (name, value) in [
        ("initialDelaySeconds", probe.initial_delay_seconds.unwrap_or(0)),
        ("timeoutSeconds", probe.timeout_seconds.unwrap_or(0)),
        ("periodSeconds", probe.period_seconds.unwrap_or(0)),
        ("successThreshold", success),
        ("failureThreshold", probe.failure_threshold.unwrap_or(0)),
    ] {
        faults.nonnegative(&path.child(name), value.into());
    }
    let grace = probe.termination_grace_period_seconds;
    let at = path.child("terminationGracePeriodSeconds");
    if let Some(grace) = grace.filter(|grace| *grace <= 0) {
        faults.invalid(&at, &grace, "must be greater than 0");
    }
    match which {
        Which::Readiness if grace.is_some() => {
            faults.invalid(&at, &grace, "must not be set for readinessProbes");
        }
        Which::Liveness | Which::Startup if success != 1 => {
            faults.invalid(&path.child("successThreshold"), &success, "must be 1");
        }
        _ => {}
    }
}

/// Models validateHandler.
fn handler(handler: &Handler, grace: Option<i64>, path: &Path, faults: &mut Faults) {
    type Check<'a> = (&'a str, Option<Box<dyn Fn(&Path, &mut Faults) + 'a>>);
    let checks: [Check; 5] = [
        ("exec", handler.exec.map(|action| Box::new(|p: &Path, f: &mut Faults| exec(action, p, f)) as _)),
        (
            "httpGet",
            handler.http_get.map(|action| Box::new(|p: &Path, f: &mut Faults| http_get(action, p, f)) as _),
        ),
        (
            "tcpSocket",
            handler.tcp_socket.map(|action| {
                Box::new(|p: &Path, f: &mut Faults| port(&action.port, &p.child("port"), f)) as _
            }),
        ),
        (
            "grpc",
            handler.grpc.map(|action| {
                Box::new(|p: &Path, f: &mut Faults| port(&IntOrString::Int(action.port), &p.child("port"), f))
                    as _
            }),
        ),
        (
            "sleep",
            handler
                .sleep
                .map(|action| Box::new(move |p: &Path, f: &mut Faults| sleep(action, grace, p, f)) as _),
        ),
    ];
    let mut used = false;
    for (name, check) in checks {
        match check {
            Some(_) if used => {
                faults.forbidden(&path.child(name), "may not specify more than 1 handler type");
            }
            Some(check) => {
                used = true;
                check(&path.child(name), faults);
            }
            None => {}
        }
    }
    if !used {
        faults.required(path, "must specify a handler type");
    }
}

fn exec(action: &ExecAction, path: &Path, faults: &mut Faults) {
    if action.command.as_ref().is_none_or(Vec::is_empty) {
        faults.required(&path.child("command"), "");
    }
}

fn http_get(action: &HTTPGetAction, path: &Path, faults: &mut Faults) {
    if action.path.as_ref().is_none_or(|path| path.is_empty()) {
        faults.required(&path.child("path"), "");
    }
    port(&action.port, &path.child("port"), faults);
    let scheme = action.scheme.as_deref().unwrap_or_default();
    faults.one_of_if_set(&path.child("scheme"), Some(scheme), &["HTTP", "HTTPS"]);
    for header in action.http_headers.iter().flatten() {
        if let Some(message) = is_http_header_name(&header.name) {
            faults.invalid(&path.child("httpHeaders"), &header.name, &message);
        }
    }
}

/// Models ValidatePortNumOrName.
pub(super) fn port(port: &IntOrString, path: &Path, faults: &mut Faults) {
    match port {
        IntOrString::Int(number) => {
            if let Some(message) = is_port_number(*number) {
                faults.invalid(path, number, &message);
            }
        }
        IntOrString::String(name) => faults.invalid_each(path, name, is_port_name(name)),
    }
}

fn sleep(action: &SleepAction, grace: Option<i64>, path: &Path, faults: &mut Faults) {
    if let Some(grace) = grace.filter(|grace| action.seconds < 0 || action.seconds > *grace) {
        let text = format!("must be non-negative and less than terminationGracePeriodSeconds ({grace})");
        faults.invalid(path, &action.seconds, &text);
    }
}

/// Models validateLifecycle.
pub(super) fn lifecycle(
    lifecycle: &Lifecycle,
    grace: Option<i64>,
    os: Option<&PodOS>,
    path: &Path,
    faults: &mut Faults,
) {
    for (name, hook) in [("postStart", &lifecycle.post_start), ("preStop", &lifecycle.pre_stop)] {
        if let Some(hook) = hook {
            handler(&of_hook(hook), grace, &path.child(name), faults);
        }
    }
    if let Some(signal) = &lifecycle.stop_signal {
        stop_signal(signal, os, &path.child("stopSignal"), faults);
    }
}

fn of_hook(hook: &LifecycleHandler) -> Handler<'_> {
    Handler {
        exec: hook.exec.as_ref(),
        http_get: hook.http_get.as_ref(),
        tcp_socket: hook.tcp_socket.as_ref(),
        grpc: None,
        sleep: hook.sleep.as_ref(),
    }
}

/// Models validateStopSignal.
fn stop_signal(signal: &str, os: Option<&PodOS>, path: &Path, faults: &mut Faults) {
    match os.map(|os| os.name.as_str()) {
        None => faults.forbidden(path, "may not be set for containers with empty `spec.os.name`"),
        Some("windows") => faults.one_of_if_set(path, Some(signal), &["SIGKILL", "SIGTERM"]),
        Some("linux") => {
            let signals = linux_signals();
            let signals: Vec<&str> = signals.iter().map(String::as_str).collect();
            faults.one_of_if_set(path, Some(signal), &signals);
        }
        Some(_) => {}
    }
}

fn linux_signals() -> Vec<String> {
    const NAMES: &str = "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT \
        RTMAX RTMIN SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ";
    let real_time =
        (1..=14).map(|n| format!("SIGRTMAX-{n}")).chain((1..=15).map(|n| format!("SIGRTMIN+{n}")));
    let named = NAMES.split_whitespace().map(|name| format!("SIG{name}"));
    let mut signals: Vec<String> = named.chain(real_time).collect();
    order::sort(&mut signals);
    signals
}
