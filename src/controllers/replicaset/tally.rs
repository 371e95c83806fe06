//! The Pods of a ReplicaSet, counted as changes come in: a status needs no walk over all Pods.
//!
//! Invariant: what is counted is what the informer has received, no more and no less.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::victims::{self, Candidate};
use crate::api::conditions::{is_pod_active, is_pod_terminal, pod_condition};
use crate::api::labels::Labels;
use crate::api::moment::Epoch;
use crate::api::{Kind, Moment, Pod, owner};

/// Pods with the same labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Group {
    /// Neither ended nor being deleted.
    pub active: i32,
    /// Being deleted and not ended yet.
    pub terminating: i32,
    /// How many of the active ones have been Ready since a second, in seconds since 1970.
    pub ready: BTreeMap<i64, i32>,
}

impl Group {
    fn add(&mut self, pod: &Pod, count: i32) {
        if !is_pod_active(pod) {
            let terminating = pod.metadata.deletion_timestamp.is_some() && !is_pod_terminal(&pod.status);
            self.terminating += if terminating { count } else { 0 };
            return;
        }
        self.active += count;
        if let Some(ready) = pod_condition(&pod.status, "Ready").filter(|c| c.status == "True") {
            let since = ready.last_transition_time.as_ref().map_or(0, |time| time.0.as_second());
            let pods = self.ready.entry(since).or_insert(0);
            *pods += count;
            if *pods == 0 {
                self.ready.remove(&since);
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.active == 0 && self.terminating == 0
    }
}

/// Pods by their labels: mostly all have the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    groups: BTreeMap<Labels, Group>,
}

impl Tally {
    /// Counts these Pods.
    pub fn of<'a>(pods: impl IntoIterator<Item = &'a Pod>) -> Tally {
        let mut tally = Tally::default();
        pods.into_iter().for_each(|pod| tally.add(pod, 1));
        tally
    }

    /// Labels and the Pods that have them.
    pub fn groups(&self) -> impl Iterator<Item = (&Labels, &Group)> {
        self.groups.iter()
    }

    fn add(&mut self, pod: &Pod, count: i32) {
        static NONE: Labels = Labels::new();
        let labels = pod.metadata.labels.as_ref().unwrap_or(&NONE);
        if let Some(group) = self.groups.get_mut(labels) {
            group.add(pod, count);
            if group.is_empty() {
                self.groups.remove(labels);
            }
            return;
        }
        let mut group = Group::default();
        group.add(pod, count);
        if !group.is_empty() {
            self.groups.insert(labels.clone(), group);
        }
    }
}

/// The active Pods of one ReplicaSet, one by one.
#[derive(Clone, Debug, Default)]
struct Members {
    tally: Tally,
    candidates: BTreeMap<Arc<str>, Candidate>,
    /// How many are on each node, by its number.
    on_node: Vec<i32>,
}

impl Members {
    fn remove(&mut self, pod: &Pod) {
        self.tally.add(pod, -1);
        if let Some(candidate) = self.candidates.remove(pod.metadata.name.as_deref().unwrap_or_default()) {
            self.on_node[candidate.node] -= 1;
        }
    }

    fn add(&mut self, pod: &Pod, node: usize) {
        self.tally.add(pod, 1);
        if is_pod_active(pod) {
            let name = pod.metadata.name.as_deref().unwrap_or_default().into();
            self.candidates.insert(name, Candidate::of(pod, node));
            self.on_node.resize(self.on_node.len().max(node + 1), 0);
            self.on_node[node] += 1;
        }
    }
}

/// The Pods of every ReplicaSet.
#[derive(Clone, Debug, Default)]
pub(super) struct Tallies {
    by_owner: BTreeMap<String, Members>,
    /// Numbers for the names of nodes.
    nodes: BTreeMap<String, usize>,
}

impl Tallies {
    /// The Pods that this ReplicaSet controls.
    pub fn of(&self, uid: &str) -> Option<&Tally> {
        self.by_owner.get(uid).map(|members| &members.tally)
    }

    /// Which Pods of a ReplicaSet a scale-down by `count` removes; `related` are the uids of the
    /// ReplicaSets under the same controller.
    pub fn victims<'a>(
        &self,
        uid: &str,
        related: impl Iterator<Item = &'a str>,
        count: usize,
        clock: (Moment, Epoch),
    ) -> Vec<Arc<str>> {
        let mut neighbours = vec![0; self.nodes.len()];
        for members in related.filter_map(|uid| self.by_owner.get(uid)) {
            for (sum, pods) in neighbours.iter_mut().zip(&members.on_node) {
                *sum += pods;
            }
        }
        let candidates = self.by_owner.get(uid).into_iter().flat_map(|members| &members.candidates);
        victims::pods_to_delete(candidates, &neighbours, count, clock)
    }

    /// Counts a change of a Pod.
    pub fn observe(&mut self, before: Option<&Pod>, after: Option<&Pod>) {
        if let Some(pod) = before
            && let Some(uid) = replica_set_of(pod)
            && let Some(members) = self.by_owner.get_mut(uid)
        {
            members.remove(pod);
            if after.is_none() && members.tally.groups.is_empty() && members.candidates.is_empty() {
                self.by_owner.remove(uid);
            }
        }
        if let Some(pod) = after
            && let Some(uid) = replica_set_of(pod)
        {
            let node = self.number(pod.spec.node_name.as_deref().unwrap_or_default());
            match self.by_owner.get_mut(uid) {
                Some(members) => members.add(pod, node),
                None => self.by_owner.entry(uid.into()).or_default().add(pod, node),
            }
        }
    }

    fn number(&mut self, node: &str) -> usize {
        if let Some(number) = self.nodes.get(node) {
            return *number;
        }
        let number = self.nodes.len();
        self.nodes.insert(node.into(), number);
        number
    }
}

fn replica_set_of(pod: &Pod) -> Option<&str> {
    let owner = owner::controller_of(&pod.metadata)?;
    (owner.kind == Kind::ReplicaSet.name()).then_some(&owner.uid)
}
