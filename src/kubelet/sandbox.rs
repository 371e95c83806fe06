//! What runs of a Pod on its node, and what of it the kubelet has seen.
//!
//! Between the two lies the relist: the kubelet asks its runtime once a second, so what happens in
//! containers is known late. Models pkg/kubelet/container/runtime.go and pleg/generic.go.

use crate::api::core::Container as Spec;
use crate::api::{Moment, Pod};
use crate::runtime::{Container, Volumes};

/// What a container is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Init,
    /// A restartable init container.
    Sidecar,
    Main,
}

/// A Pod's containers with what they are for: init containers first, as everywhere here.
pub(super) fn containers(pod: &Pod) -> impl Iterator<Item = (Role, &Spec)> {
    let role = |spec: &Spec| match spec.restart_policy.as_deref() {
        Some("Always") => Role::Sidecar,
        _ => Role::Init,
    };
    let init = pod.spec.init_containers.iter().flatten().map(move |spec| (role(spec), spec));
    init.chain(pod.spec.containers.iter().map(|spec| (Role::Main, spec)))
}

/// The container at a place, if the Pod has that many.
pub(super) fn container(pod: &Pod, slot: usize) -> Option<(Role, &Spec)> {
    containers(pod).nth(slot)
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exit {
    pub code: i32,
    pub reason: String,
    pub message: Option<String>,
    pub at: Moment,
}

/// One container as the runtime knows it.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub id: String,
    /// Counts restarts: the first is 0.
    pub number: i32,
    pub image: String,
    pub image_id: String,
    /// The image as the Pod asked for it.
    pub asked: Option<String>,
    pub created: Moment,
    /// Never, if it could not be started.
    pub started: Option<Moment>,
    pub exit: Option<Exit>,
    pub process: Option<Box<Container>>,
    /// Whether the kernel has killed it for its memory.
    pub out_of_memory: bool,
    /// When the process will be looked at next.
    pub next_run: Option<Moment>,
}

/// What the kubelet knows of a container.
#[derive(Clone, Copy, Debug)]
pub(super) enum Seen<'a> {
    Absent,
    Created(&'a Attempt),
    Running(&'a Attempt),
    Exited(&'a Attempt, &'a Exit),
}

impl<'a> Seen<'a> {
    /// The attempt, if there is one.
    pub fn attempt(self) -> Option<&'a Attempt> {
        match self {
            Seen::Absent => None,
            Seen::Created(attempt) | Seen::Running(attempt) | Seen::Exited(attempt, _) => Some(attempt),
        }
    }
}

/// A container's attempts, oldest first; the last two are kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Slot {
    pub attempts: Vec<Attempt>,
    pub killing: Option<Killing>,
}

/// A container that is being stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Killing {
    pub stage: KillStage,
    /// When it gets SIGKILL.
    pub deadline: Moment,
    /// Whether it waits for containers that need it, as when the whole Pod ends.
    pub orderly: bool,
}

/// How far the stopping is. Models killContainer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KillStage {
    /// Its preStop hook runs.
    Hook,
    /// It waits until the containers that need it have ended.
    Turn,
    /// It has been sent SIGTERM.
    Signalled,
}

impl Slot {
    /// What the kubelet knew of the container at its last relist.
    pub fn seen(&self, relist: Moment) -> Seen<'_> {
        self.seen_before(relist, self.attempts.len()).map_or(Seen::Absent, |(_, seen)| seen)
    }

    /// The end of the attempt before the one that is seen.
    pub fn previous(&self, relist: Moment) -> Option<(&Attempt, &Exit)> {
        let (at, _) = self.seen_before(relist, self.attempts.len())?;
        let attempt = self.attempts.get(at.checked_sub(1)?)?;
        Some((attempt, attempt.exit.as_ref()?))
    }

    fn seen_before(&self, relist: Moment, end: usize) -> Option<(usize, Seen<'_>)> {
        let at = self.attempts[..end].iter().rposition(|attempt| attempt.created <= relist)?;
        let attempt = &self.attempts[at];
        let seen = match (&attempt.exit, attempt.started) {
            (Some(exit), _) if exit.at <= relist => Seen::Exited(attempt, exit),
            (_, Some(started)) if started <= relist => Seen::Running(attempt),
            _ => Seen::Created(attempt),
        };
        Some((at, seen))
    }

    /// The attempt that really runs now.
    pub fn running(&mut self) -> Option<&mut Attempt> {
        self.attempts.last_mut().filter(|attempt| attempt.started.is_some() && attempt.exit.is_none())
    }

    /// Whether something really runs now.
    pub fn is_running(&self) -> bool {
        self.attempts.last().is_some_and(|attempt| attempt.started.is_some() && attempt.exit.is_none())
    }

    /// Adds an attempt and forgets all but the one before.
    pub fn push(&mut self, attempt: Attempt) {
        let forget = self.attempts.len().saturating_sub(1);
        self.attempts.drain(..forget);
        self.attempts.push(attempt);
    }
}

/// The Pod's place in the network and its volumes.
#[derive(Clone, Debug)]
pub(super) struct Sandbox {
    pub ready: Moment,
    pub stopped: Option<Moment>,
    pub address: String,
}

/// A Pod's sandbox and containers.
#[derive(Clone, Debug, Default)]
pub(super) struct Runtime {
    pub sandbox: Option<Sandbox>,
    /// In the order of [`containers`].
    pub slots: Vec<Slot>,
    pub volumes: Volumes,
    /// The kubelet's newest look at all this.
    pub relist: Moment,
    /// When something last happened here.
    pub changed: Moment,
}

impl Runtime {
    /// Whether the kubelet has seen a sandbox that is ready.
    pub fn sandbox_ready(&self) -> bool {
        let seen = |sandbox: &Sandbox| {
            sandbox.ready <= self.relist && sandbox.stopped.is_none_or(|at| at > self.relist)
        };
        self.sandbox.as_ref().is_some_and(seen)
    }

    /// The Pod's address, once seen.
    pub fn address(&self) -> Option<&str> {
        self.sandbox.as_ref().filter(|s| s.ready <= self.relist).map(|s| s.address.as_str())
    }

    /// What the kubelet knows of a container.
    pub fn seen(&self, slot: usize) -> Seen<'_> {
        self.slots.get(slot).map_or(Seen::Absent, |s| s.seen(self.relist))
    }
}
