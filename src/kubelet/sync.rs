//! Syncs: one Pod's containers are brought to what its spec says.
//! Models SyncPod of pkg/kubelet/kubelet.go and of kuberuntime/kuberuntime_manager.go.

use std::time::Duration;

use super::images::{self, Found};
use super::plan::plan;
use super::probe::{Probes, period};
use super::process::start_process;
use super::real::Job;
use super::sandbox::{Attempt, Exit, Role, Sandbox, container};
use super::status::{self, Lifetime};
use super::worker::{Host, Pace, Run, Stage, Step, Worker};
use crate::api::core::Container;
use crate::api::{Moment, Pod};
use crate::runtime::Behaviour;
use crate::sim::EventType::{Normal, Warning};

/// Until the volumes of a new Pod are there. Models the volume manager's poll of 300 ms.
const MOUNT: Duration = Duration::from_millis(300);
/// The calls for a Pod's own volume: its token and the cluster's certificate.
const MOUNT_CALLS: u32 = 2;
/// To make a sandbox and its network.
const SANDBOX: Duration = Duration::from_millis(200);
/// From the image's being there to the container's.
const CREATE: Duration = Duration::from_millis(14);
/// From the container's being there to its process.
const LAUNCH: Duration = Duration::from_millis(70);

impl Worker {
    /// Starts a sync of a Pod that is to run.
    pub fn begin_sync(&mut self, host: &mut Host<'_>) {
        self.update_status(host, Lifetime::Ongoing);
        let over = |phase: Option<&str>| matches!(phase, Some("Succeeded" | "Failed"));
        if over(self.status.as_ref().and_then(|status| status.phase.as_deref())) {
            return self.enter(Stage::Terminating);
        }
        self.steps(&[Step::Plan]);
        if !self.mounted {
            self.mounted = true;
            let turn = host.nodes.get_mut(self.node).call(host.now, MOUNT_CALLS);
            self.resume(host, turn + MOUNT);
            // The step waits for the volumes.
            if let Some(run) = &mut self.run {
                run.steps.push_front(Step::AwaitVolumes);
            }
        }
    }

    /// Takes one step.
    pub fn take(&mut self, host: &mut Host<'_>, step: Step) -> Pace {
        match step {
            Step::AwaitVolumes => Pace::Wait,
            Step::Plan => self.make_plan(host),
            Step::Sandbox => self.make_sandbox(host),
            Step::Kill(slot, message) => {
                self.kill(host, slot, &message, None);
                Pace::Now
            }
            Step::AwaitKills => self.await_kills(host),
            Step::Start(slot) => self.start(host, slot),
            Step::Pulled { slot, began, result } => self.pulled(host, slot, began, result),
            Step::Create(slot) => self.create(host, slot),
            Step::Launch(slot) => self.launch(host, slot),
            Step::AwaitHook(slot) => self.await_hook(slot),
            Step::KillAll => self.kill_all(host),
            Step::StopSandbox => self.stop_sandbox(host),
            Step::Conclude => self.conclude(host),
            Step::Leave => self.leave(host),
        }
    }

    /// Puts steps before those that wait.
    pub fn steps(&mut self, steps: &[Step]) {
        if let Some(run) = &mut self.run {
            for step in steps.iter().rev() {
                run.steps.push_front(step.clone());
            }
        }
    }

    fn make_plan(&mut self, host: &mut Host<'_>) -> Pace {
        if self.probes.0.is_empty() {
            self.add_probes(host);
        }
        let plan = plan(&self.pod, &self.runtime, &self.probes);
        let acts = plan.kill_pod || plan.create_sandbox || !plan.kill.is_empty() || !plan.start.is_empty();
        let mut steps: Vec<Step> = Vec::new();
        if plan.kill_pod {
            steps.extend([Step::KillAll, Step::AwaitKills, Step::StopSandbox]);
        }
        if !plan.kill.is_empty() {
            steps.extend(plan.kill.into_iter().map(|(slot, message)| Step::Kill(slot, message)));
            steps.push(Step::AwaitKills);
        }
        steps.extend(plan.start.into_iter().map(Step::Start));
        let waits = plan.create_sandbox;
        if waits {
            steps.insert(0, Step::Sandbox);
        }
        self.steps(&steps);
        if let Some(run) = &mut self.run {
            run.acted |= acts;
        }
        if !waits {
            return Pace::Now;
        }
        let turn = host.nodes.get_mut(self.node).start_turn(host.now);
        Pace::After(turn - host.now + SANDBOX)
    }

    fn add_probes(&mut self, host: &mut Host<'_>) {
        self.probes = Probes::of(&self.pod);
        for index in 0..self.probes.0.len() {
            let prober = &self.probes.0[index];
            let spec = container(&self.pod, prober.slot).and_then(|(_, spec)| prober.kind.of(spec));
            if let Some(spec) = spec {
                let first = host.now + period(spec);
                self.later(host, first, Job::Probe { index, ticker: 0 });
            }
        }
    }

    fn make_sandbox(&mut self, host: &mut Host<'_>) -> Pace {
        let machine = host.nodes.get_mut(self.node);
        let address = match self.pod.spec.host_network {
            Some(true) => machine.address.clone(),
            _ => machine.take_address(&self.uid),
        };
        host.addresses.insert(address.clone(), self.uid.clone());
        self.runtime.sandbox = Some(Sandbox { ready: host.now, stopped: None, address });
        self.prepare_volumes(host);
        self.changed(host);
        let date = host.cx(self.node).date();
        if let Some(mut status) = self.status.clone() {
            status::set_sandbox_ready(&mut status, &date);
            self.set_status(host, status);
        }
        Pace::Now
    }

    /// Models the start of startContainer: back-off, then the image.
    fn start(&mut self, host: &mut Host<'_>, slot: usize) -> Pace {
        let pod = self.pod.clone();
        let Some((_, spec)) = container(&pod, slot) else { return Pace::Now };
        if let Some(until) = self.crash_backoff(host, slot) {
            let delay = self.crashes.get(&slot).map_or(Duration::ZERO, |backoff| backoff.delay());
            let name = format_pod(&pod);
            let text = format!("Back-off restarting failed container {} in pod {name}", spec.name);
            self.container_event(host, slot, (Warning, "BackOff"), text);
            let message = format!(
                "back-off {} restarting failed container={} pod={name}",
                go_duration(delay),
                spec.name
            );
            if let Some(run) = &mut self.run {
                run.backoff = Some(run.backoff.map_or(until, |first| first.min(until)));
            }
            return self.fail(slot, "CrashLoopBackOff", message);
        }
        self.ensure_image(host, slot, spec)
    }

    /// Models doBackOff.
    fn crash_backoff(&mut self, host: &Host<'_>, slot: usize) -> Option<Moment> {
        let since = self.runtime.slots[slot].last_exit(self.runtime.relist)?.at;
        let backoff = self.crashes.entry(slot).or_default();
        let until = backoff.until(since, host.now);
        if until.is_none() {
            backoff.next(since, host.now);
        }
        until
    }

    fn ensure_image(&mut self, host: &mut Host<'_>, slot: usize, spec: &Container) -> Pace {
        let image = spec.image.clone().unwrap_or_default();
        let behaviour = behaviour(&self.pod, spec);
        let machine = host.nodes.get(self.node);
        match images::find(spec, &behaviour, &machine.images, machine.pulled.contains(&image)) {
            Found::Present => {
                let text = format!(
                    "Container image \"{image}\" already present on machine and can be accessed by the pod"
                );
                self.container_event(host, slot, (Normal, "Pulled"), text);
                self.steps(&[Step::Create(slot)]);
                Pace::After(CREATE)
            }
            Found::Invalid(message) => {
                self.container_event(host, slot, (Warning, "InspectFailed"), message.clone());
                self.fail_start(host, slot, "InvalidImageName", message)
            }
            Found::NeverPull => {
                let text = format!("Container image \"{image}\" is not present with pull policy of Never");
                self.container_event(host, slot, (Warning, "ErrImageNeverPull"), text.clone());
                self.fail_start(host, slot, "ErrImageNeverPull", text)
            }
            Found::Pull(takes, result) => {
                if let Some(message) = self.pulls.get(&image).and_then(|pulls| pulls.waits(&image, host.now))
                {
                    let text = format!("Back-off pulling image \"{image}\"");
                    self.container_event(host, slot, (Normal, "BackOff"), text);
                    return self.fail_start(host, slot, "ImagePullBackOff", message);
                }
                self.container_event(host, slot, (Normal, "Pulling"), format!("Pulling image \"{image}\""));
                self.steps(&[Step::Pulled { slot, began: host.now, result }]);
                Pace::After(takes)
            }
        }
    }

    fn pulled(
        &mut self,
        host: &mut Host<'_>,
        slot: usize,
        began: Moment,
        result: Result<u64, String>,
    ) -> Pace {
        let pod = self.pod.clone();
        let Some((_, spec)) = container(&pod, slot) else { return Pace::Now };
        let image = spec.image.clone().unwrap_or_default();
        match result {
            Ok(size) => {
                let took = go_duration(host.now - began);
                let text = format!(
                    "Successfully pulled image \"{image}\" in {took} ({took} including waiting). Image size: {size} bytes."
                );
                self.container_event(host, slot, (Normal, "Pulled"), text);
                host.nodes.get_mut(self.node).pulled.insert(image);
                self.steps(&[Step::Create(slot)]);
                Pace::After(CREATE)
            }
            Err(error) => {
                let text = format!("Failed to pull image \"{image}\": {error}");
                self.container_event(host, slot, (Warning, "Failed"), text);
                let pulls = self.pulls.entry(image).or_default();
                pulls.backoff.next(host.now, host.now);
                pulls.error.clone_from(&error);
                self.fail_start(host, slot, "ErrImagePull", error)
            }
        }
    }

    fn create(&mut self, host: &mut Host<'_>, slot: usize) -> Pace {
        let pod = self.pod.clone();
        let Some((_, spec)) = container(&pod, slot) else { return Pace::Now };
        if let Some(message) = runs_as_root(&pod, spec) {
            self.container_event(host, slot, (Warning, "Failed"), format!("Error: {message}"));
            return self.fail(slot, "CreateContainerConfigError", message);
        }
        let restarts = self.runtime.slots[slot].attempts.last().map_or(0, |last| last.number + 1);
        let image = spec.image.clone().unwrap_or_default();
        let full = images::full_name(&image);
        let attempt = Attempt {
            id: format!("containerd://{}", random_id(host)),
            number: restarts,
            image_id: images::image_id(&full),
            image: full,
            asked: spec.image.clone(),
            created: host.now,
            started: None,
            exit: None,
            process: None,
            out_of_memory: false,
            next_run: None,
        };
        self.runtime.slots[slot].push(attempt);
        self.runtime.slots[slot].killing = None;
        self.changed(host);
        self.container_event(host, slot, (Normal, "Created"), "Container created");
        self.steps(&[Step::Launch(slot)]);
        Pace::After(LAUNCH)
    }

    fn launch(&mut self, host: &mut Host<'_>, slot: usize) -> Pace {
        let pod = self.pod.clone();
        let Some((_, spec)) = container(&pod, slot) else { return Pace::Now };
        let process = start_process(&pod, spec, &mut self.runtime, host);
        let Some(attempt) = self.runtime.slots[slot].attempts.last_mut() else { return Pace::Now };
        match process {
            Ok(process) => {
                attempt.started = Some(host.now);
                attempt.process = Some(Box::new(process));
                self.changed(host);
                self.container_event(host, slot, (Normal, "Started"), "Container started");
                self.reasons.remove(&slot);
                self.run_process(host, slot);
                self.begin_post_start(host, slot, spec)
            }
            Err(error) => {
                let message = error.start_message();
                attempt.exit = Some(Exit {
                    code: 128,
                    reason: "StartError".into(),
                    message: Some(message.clone()),
                    at: host.now,
                });
                self.changed(host);
                self.container_event(host, slot, (Warning, "Failed"), format!("Error: {message}"));
                self.fail(slot, "RunContainerError", message)
            }
        }
    }

    fn fail_start(&mut self, host: &mut Host<'_>, slot: usize, reason: &str, message: String) -> Pace {
        self.container_event(host, slot, (Warning, "Failed"), format!("Error: {reason}"));
        self.fail(slot, reason, message)
    }

    /// Notes why a container could not be started; one that others wait for ends the sync.
    pub fn fail(&mut self, slot: usize, reason: &str, message: String) -> Pace {
        self.reasons.insert(slot, (reason.into(), message));
        let is_init = container(&self.pod, slot).is_some_and(|(role, _)| role == Role::Init);
        if let Some(Run { steps, failed, .. }) = &mut self.run {
            *failed = true;
            if is_init {
                steps.clear();
            }
        }
        Pace::Now
    }
}

/// What annotations make of a container.
pub(super) fn behaviour(pod: &Pod, spec: &Container) -> Behaviour {
    pod.metadata.annotations.as_ref().map_or_else(Behaviour::default, |annotations| {
        // What an annotation gets wrong is told where it is written, not here.
        Behaviour::parse(annotations, &spec.name).0
    })
}

/// What is wrong with the user of a container that must not be root. Models verifyRunAsNonRoot.
fn runs_as_root(pod: &Pod, spec: &Container) -> Option<String> {
    let (own, whole) = (spec.security_context.as_ref(), pod.spec.security_context.as_ref());
    let forbidden = own.and_then(|s| s.run_as_non_root).or(whole.and_then(|s| s.run_as_non_root));
    if forbidden != Some(true) {
        return None;
    }
    let what = match own.and_then(|s| s.run_as_user).or(whole.and_then(|s| s.run_as_user)) {
        Some(0) => "container's runAsUser breaks non-root policy",
        Some(_) => return None,
        None if images::user(spec.image.as_deref().unwrap_or_default()) != 0 => return None,
        None => "container has runAsNonRoot and image will run as root",
    };
    Some(format!("{what} (pod: \"{}\", container: {})", format_pod(pod), spec.name))
}

/// A Pod as the kubelet's texts name it. Models kubelet/util/format.
pub(super) fn format_pod(pod: &Pod) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let meta = &pod.metadata;
    format!("{}_{}({})", text(&meta.name), text(&meta.namespace), text(&meta.uid))
}

/// A duration as Go prints it, to the millisecond.
pub(super) fn go_duration(span: Duration) -> String {
    let (seconds, millis) = (span.as_secs(), span.subsec_millis());
    let fraction = match millis {
        0 => String::new(),
        _ => format!(".{millis:03}").trim_end_matches('0').to_string(),
    };
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0) if seconds == 0 && millis > 0 => format!("{millis}ms"),
        (0, 0, seconds) => format!("{seconds}{fraction}s"),
        (0, minutes, seconds) => format!("{minutes}m{seconds}{fraction}s"),
        (hours, minutes, seconds) => format!("{hours}h{minutes}m{seconds}{fraction}s"),
    }
}

pub(super) fn random_id(host: &mut Host<'_>) -> String {
    (0..4).map(|_| format!("{:016x}", host.random.below(u64::MAX))).collect()
}
