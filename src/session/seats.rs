//! Places that objects keep while they live, whatever moment is looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::api::{Object, Pod, owner};
use crate::store::Change;

/// Numbers from 0; a freed one is given again, the lowest first.
#[derive(Debug, Default)]
struct Row {
    free: BTreeSet<u32>,
    next: u32,
}

impl Row {
    fn take(&mut self) -> u32 {
        self.free.pop_first().unwrap_or_else(|| {
            self.next += 1;
            self.next - 1
        })
    }
}

/// Where an object stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seat {
    /// Among the children of its owner; Pods take free places, workloads count up for ever.
    pub row: u32,
    /// Of a Pod: among the Pods of its node.
    pub berth: u32,
}

/// Every seat ever given. Hears of every change once, in order, so that two objects that were ever
/// there together never share a seat.
#[derive(Debug, Default)]
pub(super) struct Seats {
    seats: BTreeMap<Arc<str>, Seat>,
    /// By the owner's uid.
    rows: BTreeMap<Arc<str>, Row>,
    /// By the node's name.
    nodes: BTreeMap<Arc<str>, Row>,
}

impl Seats {
    /// The seat of an object, by its uid.
    pub fn of(&self, uid: &str) -> Seat {
        self.seats.get(uid).copied().unwrap_or_default()
    }

    /// Gives and takes seats as a change wants it.
    pub fn hear(&mut self, change: &Change) {
        let same = match (&change.before, &change.after) {
            (Some(old), Some(new)) => old.uid() == new.uid() && owner_uid(old) == owner_uid(new),
            _ => false,
        };
        if let Some(gone) = change.before.as_ref().filter(|_| !same) {
            self.leave(gone);
        }
        if let Some(object) = &change.after {
            if !same {
                self.arrive(object);
            }
            if let Some(pod) = object.as_kind::<Pod>() {
                self.bind(pod, change.before.as_ref().and_then(Object::as_kind::<Pod>).map(|pod| &**pod));
            }
        }
    }

    fn arrive(&mut self, object: &Object) {
        let row = self.rows.entry(owner_uid(object)).or_default().take();
        self.seats.insert(object.uid().into(), Seat { row, berth: 0 });
    }

    fn bind(&mut self, pod: &Pod, before: Option<&Pod>) {
        let same = before.filter(|old| old.metadata.uid == pod.metadata.uid);
        if same.is_some_and(|old| old.spec.node_name.is_some()) {
            return;
        }
        if let (Some(node), Some(uid)) = (&pod.spec.node_name, &pod.metadata.uid) {
            let berth = self.nodes.entry(node.as_str().into()).or_default().take();
            self.seats.entry(uid.as_str().into()).or_default().berth = berth;
        }
    }

    fn leave(&mut self, object: &Object) {
        let Object::Pod(pod) = object else { return };
        let seat = self.of(object.uid());
        if let Some(row) = self.rows.get_mut(&owner_uid(object)) {
            row.free.insert(seat.row);
        }
        let node = pod.spec.node_name.as_deref().and_then(|node| self.nodes.get_mut(node));
        if let Some(row) = node {
            row.free.insert(seat.berth);
        }
    }
}

/// The uid of the controller; empty of objects without one.
pub(super) fn owner_uid(object: &Object) -> Arc<str> {
    owner::controller_of(object.meta()).map_or("", |owner| owner.uid.as_str()).into()
}
