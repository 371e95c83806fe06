//! Hooks: what runs when a container has started and before it stops.
//! Models pkg/kubelet/lifecycle/handlers.go.

use std::time::Duration;

use super::probe;
use super::process::since_start;
use super::real::Job;
use super::sandbox::container;
use super::sync::format_pod;
use super::worker::{Host, Pace, Purpose, Step, Worker};
use crate::api::Moment;
use crate::api::core::{Container as Spec, LifecycleHandler};
use crate::runtime::Answer;
use crate::sim::EventType::Warning;

/// How a hook went, with the text if it failed.
pub(super) type HookResult = Result<(), String>;

/// What has become of a hook that was begun.
enum Begun {
    /// It runs as a process, whose end will be told.
    Process,
    /// It is over after this long.
    Over(Duration, HookResult),
}

impl Worker {
    /// Begins a container's postStart hook, if it has one; the container counts as starting meanwhile.
    pub fn begin_post_start(&mut self, host: &mut Host<'_>, slot: usize, spec: &Spec) -> Pace {
        let Some(hook) = spec.lifecycle.as_ref().and_then(|lifecycle| lifecycle.post_start.as_ref()) else {
            return Pace::Now;
        };
        self.steps(&[Step::AwaitHook(slot)]);
        match self.begin_hook(host, slot, spec, hook, (Purpose::PostStart, None)) {
            Begun::Process => Pace::Now,
            Begun::Over(after, result) => {
                self.later(host, host.now + after, Job::PostStarted { slot, result });
                Pace::Now
            }
        }
    }

    /// Waits for the hook: the step is taken away when it is over.
    pub fn await_hook(&mut self, slot: usize) -> Pace {
        self.steps(&[Step::AwaitHook(slot)]);
        Pace::Wait
    }

    /// A postStart hook that runs as a process is over.
    pub fn post_started(
        &mut self,
        host: &mut Host<'_>,
        slot: usize,
        command: &[String],
        (code, output): (i32, HookResult),
    ) {
        let pod = self.pod.clone();
        let name = container(&pod, slot).map(|(_, spec)| spec.name.clone()).unwrap_or_default();
        let result = output.map_err(|output| {
            format!(
                "Exec lifecycle hook ([{}]) for Container \"{name}\" in Pod \"{}\" failed - error: command '{}' exited with {code}: {output}, message: {output:?}",
                command.join(" "),
                format_pod(&pod),
                command.join(" "),
            )
        });
        self.hook_over(host, slot, result);
    }

    /// A postStart hook is over: a failure kills the container.
    pub fn hook_over(&mut self, host: &mut Host<'_>, slot: usize, result: HookResult) {
        let waiting = self.run.as_mut().is_some_and(|run| {
            let waits = run.steps.front() == Some(&Step::AwaitHook(slot));
            if waits {
                run.steps.pop_front();
            }
            waits
        });
        if !waiting {
            return;
        }
        if let Err(message) = result {
            self.container_event(host, slot, (Warning, "FailedPostStartHook"), "PostStartHook failed");
            self.kill(host, slot, "FailedPostStartHook", None);
            self.fail(slot, "PostStartHookError", message);
            self.steps(&[Step::AwaitKills]);
        }
        self.resume(host, host.now);
    }

    /// Begins a container's preStop hook; says whether there is one to wait for.
    pub fn begin_pre_stop(&mut self, host: &mut Host<'_>, slot: usize, deadline: Moment) -> bool {
        let pod = self.pod.clone();
        let spec = container(&pod, slot).map(|(_, spec)| spec);
        let hook = spec.and_then(|spec| Some((spec, spec.lifecycle.as_ref()?.pre_stop.as_ref()?)));
        let Some((spec, hook)) = hook.filter(|_| deadline > host.now) else { return false };
        let left = deadline - host.now;
        match self.begin_hook(host, slot, spec, hook, (Purpose::PreStop, Some(deadline))) {
            Begun::Process => true,
            Begun::Over(after, _) if after > left => {
                let result = Err("the grace period is over".into());
                self.later(host, deadline, Job::PreStopped { slot, result });
                true
            }
            Begun::Over(after, result) => {
                self.later(host, host.now + after, Job::PreStopped { slot, result });
                true
            }
        }
    }

    fn begin_hook(
        &mut self,
        host: &mut Host<'_>,
        slot: usize,
        spec: &Spec,
        hook: &LifecycleHandler,
        (purpose, deadline): (Purpose, Option<Moment>),
    ) -> Begun {
        if let Some(exec) = &hook.exec {
            return match self.exec(host, slot, exec, purpose, deadline) {
                Ok(()) => Begun::Process,
                Err(error) => Begun::Over(Duration::ZERO, Err(error)),
            };
        }
        if let Some(sleep) = &hook.sleep {
            let seconds = u64::try_from(sleep.seconds).unwrap_or(0);
            return Begun::Over(Duration::from_secs(seconds), Ok(()));
        }
        if let Some(http) = &hook.http_get {
            let address = self.runtime.sandbox.as_ref().map(|s| s.address.clone()).unwrap_or_default();
            let (request, url) = probe::request(http, spec, &address);
            let now = since_start(host.now);
            let mut answers =
                self.runtime.each_running(|process, volumes| process.http(now, volumes, &request));
            let answer = answers.drain(..).find(|a| *a != Answer::Refused).unwrap_or(Answer::Refused);
            let to = format!("{address}:{}", request.port);
            // A hook's client has no timeout of its own: a server that hangs holds it to the end.
            let (after, result) = probe::read_http(answer, &url, &to, Duration::from_secs(1 << 20));
            return Begun::Over(after, result);
        }
        Begun::Over(Duration::ZERO, Ok(()))
    }
}
