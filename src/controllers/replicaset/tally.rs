//! How many Pods each ReplicaSet has, kept as Pods change: a turn that neither creates nor deletes costs
//! the same however many Pods there are.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::api::conditions::{is_pod_active, is_pod_ready, is_pod_terminal};
use crate::api::labels::Labels;
use crate::api::{Pod, owner};
use crate::store::Change;

/// Counts of Pods that carry the same labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub active: i32,
    /// Of the active ones.
    pub ready: i32,
    pub terminating: i32,
}

impl Counts {
    fn of(pod: &Pod) -> Counts {
        let active = is_pod_active(pod);
        let leaving = pod.metadata.deletion_timestamp.is_some() && !is_pod_terminal(&pod.status);
        Counts {
            active: active.into(),
            ready: (active && is_pod_ready(pod)).into(),
            terminating: leaving.into(),
        }
    }

    fn add(&mut self, other: Counts, sign: i32) {
        self.active += sign * other.active;
        self.ready += sign * other.ready;
        self.terminating += sign * other.terminating;
    }
}

/// Pods of one ReplicaSet by their labels, of which there are few: the template's and the node's zone.
pub(super) type ByLabels = BTreeMap<Labels, Counts>;

/// The counts of every ReplicaSet, by its uid, as of the last change that was heard of.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally(BTreeMap<String, ByLabels>);

impl Tally {
    /// Counts a Pod as it is now instead of as it was.
    pub fn observe(&mut self, change: &Change) {
        let (before, after) = change.sides::<Pod>();
        if let (Some(before), Some(after)) = (before, after)
            && before.metadata.owner_references == after.metadata.owner_references
            && before.metadata.labels == after.metadata.labels
            && Counts::of(before) == Counts::of(after)
        {
            return;
        }
        self.count(before, -1);
        self.count(after, 1);
    }

    /// The counts of one ReplicaSet.
    pub fn of(&self, uid: &str) -> Option<&ByLabels> {
        self.0.get(uid)
    }

    fn count(&mut self, pod: Option<&Arc<Pod>>, sign: i32) {
        let Some(pod) = pod else { return };
        let Some(owner) = owner::controller_of(&pod.metadata).filter(|owner| owner.kind == "ReplicaSet")
        else {
            return;
        };
        let counts = Counts::of(pod);
        if counts == Counts::default() {
            return;
        }
        let groups = self.0.entry(owner.uid.clone()).or_default();
        let labels = pod.metadata.labels.clone().unwrap_or_default();
        let group = groups.entry(labels).or_default();
        group.add(counts, sign);
        if *group == Counts::default() {
            groups.retain(|_, counts| *counts != Counts::default());
            if groups.is_empty() {
                self.0.remove(&owner.uid);
            }
        }
    }
}
