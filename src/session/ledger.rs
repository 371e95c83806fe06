//! What is noted along the run, once and in order: seats, the density of changes, ticks, news.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::Session;
use super::frame::{Happening, Mark, MarkKind, Note};
use super::pod_state;
use super::seats::{Seat, Seats};
use crate::api::{Deployment, Event, Kind, Moment, Object, Pod};
use crate::store::{Change, Revision};

/// How many parts the density has at most.
const PARTS: usize = 512;
/// How many news are kept.
const NOTES: usize = 64;

/// How many changes there were in each part of the run.
#[derive(Clone, Debug, PartialEq)]
pub struct Density {
    /// The length of a part.
    pub width: Duration,
    pub counts: Vec<u32>,
}

impl Density {
    fn add(&mut self, at: Moment) {
        let mut part = self.part(at);
        while part >= PARTS {
            let halved = self.counts.chunks(2).map(|pair| pair.iter().sum());
            self.counts = halved.collect();
            self.width *= 2;
            part = self.part(at);
        }
        if self.counts.len() <= part {
            self.counts.resize(part + 1, 0);
        }
        self.counts[part] += 1;
    }

    fn part(&self, at: Moment) -> usize {
        (u128::from(at.as_micros()) / self.width.as_micros()) as usize
    }
}

impl Default for Density {
    fn default() -> Self {
        Density { width: Duration::from_millis(250), counts: Vec::new() }
    }
}

/// The notes.
#[derive(Debug, Default)]
pub struct Ledger {
    read: Revision,
    commands: usize,
    seats: Seats,
    density: Density,
    marks: Vec<Mark>,
    /// Reasons of Warnings that have a tick, by the object's name.
    warned: BTreeSet<(String, String)>,
    notes: VecDeque<Note>,
    counted: u64,
}

impl Ledger {
    /// Reads on to the newest change and command.
    pub(super) fn follow(&mut self, session: &Session) {
        let store = session.cluster().store();
        for change in store.changes_since(self.read) {
            if !matches!(change.key.kind, Kind::Event | Kind::EndpointSlice) {
                self.seats.hear(change);
            }
            if change.revision > session.origin() {
                self.density.add(change.time);
                self.notice(change);
            }
        }
        self.read = store.revision();
        for command in session.commands().iter().skip(self.commands) {
            let refused = command.output.exit.is_some_and(|exit| exit != 0);
            let kind = if refused { MarkKind::Refusal } else { MarkKind::Command };
            self.marks.push(Mark { at: command.at, kind, text: command.line.as_str().into() });
        }
        self.commands = session.commands().len();
    }

    pub(super) fn seat(&self, uid: &str) -> Seat {
        self.seats.of(uid)
    }

    /// How much changed when.
    pub fn density(&self) -> &Density {
        &self.density
    }

    /// What happened, in the order of time; only added to.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// The newest changes in words' raw material, oldest first.
    pub fn notes(&self) -> impl DoubleEndedIterator<Item = &Note> {
        self.notes.iter()
    }

    fn notice(&mut self, change: &Change) {
        match change.object() {
            Object::Pod(_) => self.notice_pod(change),
            Object::Deployment(_) => self.notice_deployment(change),
            Object::Event(event) => self.notice_event(change.time, event),
            _ => {}
        }
    }

    fn notice_pod(&mut self, change: &Change) {
        let (before, after) = change.sides::<Pod>();
        let Some(after) = after else { return self.note(change, Happening::Gone) };
        let state = |pod: &Pod| {
            let status = pod_state::columns(pod).status;
            (pod_state::state(pod, &status), status)
        };
        let (new, status) = state(after);
        match before.map(|before| state(before)) {
            None => self.note(change, Happening::Created),
            Some((old, words))
                if old != new || (words != status && new == super::frame::PodState::Failed) =>
            {
                self.note(change, Happening::Became(new, status.into()));
            }
            Some(_) => {}
        }
    }

    fn notice_deployment(&mut self, change: &Change) {
        let (before, after) = change.sides::<Deployment>();
        let (Some(before), Some(after)) = (before, after) else {
            let what = if after.is_some() { Happening::Created } else { Happening::Gone };
            return self.note(change, what);
        };
        let says = |deployment: &Deployment, reason: &str| {
            deployment.status.conditions.iter().flatten().any(|c| c.reason.as_deref() == Some(reason))
        };
        let turned = |reason: &str| !says(before, reason) && says(after, reason);
        if turned("ProgressDeadlineExceeded") {
            self.mark(change.time, MarkKind::Stuck, &change.key.name);
            self.note(change, Happening::RolloutStuck);
        }
        if turned("NewReplicaSetAvailable") {
            self.mark(change.time, MarkKind::Complete, &change.key.name);
            self.note(change, Happening::RolloutComplete);
        }
        let (from, to) = (before.spec.replicas.unwrap_or(1), after.spec.replicas.unwrap_or(1));
        if from != to {
            self.note(change, Happening::Scaled { from, to });
        }
    }

    fn notice_event(&mut self, at: Moment, event: &Event) {
        if event.type_.as_deref() != Some("Warning") {
            return;
        }
        let name = event.involved_object.name.clone().unwrap_or_default();
        let reason = event.reason.clone().unwrap_or_default();
        if self.warned.insert((name, reason.clone())) {
            self.mark(at, MarkKind::Warning, &reason);
        }
    }

    fn mark(&mut self, at: Moment, kind: MarkKind, text: &str) {
        self.marks.push(Mark { at, kind, text: Arc::from(text) });
    }

    fn note(&mut self, change: &Change, what: Happening) {
        self.counted += 1;
        if self.notes.len() == NOTES {
            self.notes.pop_front();
        }
        self.notes.push_back(Note { number: self.counted, at: change.time, key: change.key.clone(), what });
    }
}
