//! The state of the screen, kept by applying changes forwards and backwards.
//!
//! Invariants: going anywhere costs as much as the changes in between; a part that no change touched
//! keeps its address; the same moment gives the same frame, whatever was looked at before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Session;
use super::frame::{
    Branch, Capacity, EventView, Frame, NodeState, NodeView, PodState, PodView, Shared, Tally, WorkloadView,
};
use super::ledger::Ledger;
use super::{pod_state, workload};
use crate::api::core::Taint;
use crate::api::moment::Epoch;
use crate::api::resources::{Resources, pod_requests};
use crate::api::{EndpointSlice, Event, Key, Kind, Moment, Node, Object, Pod, owner};
use crate::store::{Change, Revision, Store};

type Uid = Arc<str>;
/// What lies under an owner or on a node, by seat.
type Rows = BTreeMap<Arc<str>, BTreeSet<(u32, Key)>>;

const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// What is on the screen.
#[derive(Debug, Default)]
pub struct Board {
    revision: Revision,
    ledger: Ledger,
    pods: BTreeMap<Key, Shared<PodView>>,
    workloads: BTreeMap<Key, Shared<WorkloadView>>,
    /// uid → key of every workload.
    owners: BTreeMap<Uid, Key>,
    nodes: BTreeMap<Key, (Arc<Node>, Option<Shared<NodeView>>)>,
    events: BTreeMap<Revision, Shared<EventView>>,
    event_revisions: BTreeMap<Key, Revision>,
    /// EndpointSlice → its Service and how many ready addresses it holds.
    slices: BTreeMap<Key, (Key, usize)>,
    /// Workloads by owner uid, `""` for none.
    children: Rows,
    /// Pods by owner uid, `""` for none.
    owned: Rows,
    /// Pods by node name, `""` for none.
    placed: Rows,
    branches: BTreeMap<Uid, Shared<Branch>>,
    /// Owners beneath which something changed.
    stale: BTreeSet<Uid>,
    frame: Frame,
}

impl Board {
    /// The frame at a moment, or with `None` the newest.
    pub fn frame(&mut self, session: &Session, at: Option<Moment>) -> &Frame {
        let store = session.cluster().store();
        self.ledger.follow(session);
        let target = at.map_or(store.revision(), |at| revision_at(store, at));
        self.frame.head = session.cluster().now();
        self.frame.now = at.unwrap_or(self.frame.head);
        if target != self.revision {
            self.seek(store, session.cluster().epoch(), target);
            self.compose();
        }
        &self.frame
    }

    /// What has been noted along the run: ticks, density and news.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Brings every object to the version it had at `target`.
    fn seek(&mut self, store: &Store, epoch: Epoch, target: Revision) {
        let mut sides: BTreeMap<&Key, Option<&Object>> = BTreeMap::new();
        if target > self.revision {
            let passed = store.changes_since(self.revision).take_while(|change| change.revision <= target);
            for change in passed {
                sides.insert(&change.key, change.after.as_ref());
            }
        } else {
            let from = self.revision;
            let passed = store.changes_since(target).take_while(|change| change.revision <= from);
            for change in passed {
                sides.entry(&change.key).or_insert(change.before.as_ref());
            }
        }
        self.revision = target;
        for (key, object) in sides {
            self.set(store, epoch, key, object);
        }
    }

    fn set(&mut self, store: &Store, epoch: Epoch, key: &Key, object: Option<&Object>) {
        let changed = object.map(|object| written(store, object)).unwrap_or_default();
        match key.kind {
            Kind::Pod => self.set_pod(epoch, key, object.and_then(Object::as_kind::<Pod>), changed),
            Kind::Node => self.set_node(key, object.and_then(Object::as_kind::<Node>)),
            Kind::Event => self.set_event(key, object.and_then(Object::as_kind::<Event>), object, changed),
            Kind::EndpointSlice => self.set_slice(key, object.and_then(Object::as_kind::<EndpointSlice>)),
            _ => self.set_workload(epoch, key, object, changed),
        }
    }

    fn set_pod(&mut self, epoch: Epoch, key: &Key, pod: Option<&Arc<Pod>>, changed: Moment) {
        if let Some(old) = self.pods.remove(key) {
            leave(&mut self.owned, &old.owner_uid, (old.seat, key));
            leave(&mut self.placed, old.node.as_deref().unwrap_or_default(), (old.berth, key));
            self.touch(old.owner_uid.clone());
            self.touch_node(old.node.as_deref());
        }
        let Some(pod) = pod else { return };
        let owner = owner::controller_of(&pod.metadata);
        let owner_uid: Uid = owner.map_or("", |owner| &owner.uid).into();
        let columns = pod_state::columns(pod);
        let seat = self.ledger.seat(pod.metadata.uid.as_deref().unwrap_or_default());
        let requests = pod_requests(&pod.spec);
        let view = PodView {
            key: key.clone(),
            uid: pod.metadata.uid.as_deref().unwrap_or_default().into(),
            owner: owner.map_or("", |owner| &owner.name).into(),
            owner_uid: owner_uid.clone(),
            node: pod.spec.node_name.as_deref().map(Arc::from),
            state: pod_state::state(pod, &columns.status),
            problem: pod_state::problem(pod, &columns.status).map(Arc::from),
            status: columns.status.into(),
            ready: columns.ready,
            containers: columns.containers,
            restarts: columns.restarts,
            countdown: pod_state::countdown(pod, epoch),
            hue: self.ledger.seat(&owner_uid).row,
            seat: seat.row,
            berth: seat.berth,
            changed,
            milli_cpu: requests.milli_cpu,
            memory: requests.memory,
        };
        enter(&mut self.owned, &owner_uid, (view.seat, key));
        enter(&mut self.placed, view.node.as_deref().unwrap_or_default(), (view.berth, key));
        self.touch_node(view.node.as_deref());
        self.touch(owner_uid);
        self.pods.insert(key.clone(), Shared::new(view));
    }

    fn set_workload(&mut self, epoch: Epoch, key: &Key, object: Option<&Object>, changed: Moment) {
        if let Some(old) = self.workloads.remove(key) {
            leave(&mut self.children, &old.owner_uid, (old.hue, key));
            self.owners.remove(&old.uid);
            self.branches.remove(&old.uid);
            self.touch(old.owner_uid.clone());
        }
        let Some(object) = object else { return };
        let Some(mut view) = workload::view(object, epoch) else { return };
        view.changed = changed;
        view.hue = self.ledger.seat(&view.uid).row;
        view.endpoints = self.endpoints_of(key);
        enter(&mut self.children, &view.owner_uid, (view.hue, key));
        self.owners.insert(view.uid.clone(), key.clone());
        self.touch(view.uid.clone());
        self.workloads.insert(key.clone(), Shared::new(view));
    }

    fn set_slice(&mut self, key: &Key, slice: Option<&Arc<EndpointSlice>>) {
        let old = self.slices.remove(key).map(|(service, _)| service);
        let new = slice.and_then(|slice| {
            let name = slice.metadata.labels.as_ref()?.get(SERVICE_NAME)?;
            let ready = slice.endpoints.iter().flatten().filter(|endpoint| {
                endpoint.conditions.as_ref().and_then(|conditions| conditions.ready) != Some(false)
            });
            let count = ready.map(|endpoint| endpoint.addresses.len()).sum();
            Some((Key::new(Kind::Service, &key.namespace, name), count))
        });
        let service = new.as_ref().map(|(service, _)| service.clone()).or(old);
        if let Some(new) = new {
            self.slices.insert(key.clone(), new);
        }
        let Some(service) = service else { return };
        let endpoints = self.endpoints_of(&service);
        if let Some(view) = self.workloads.get_mut(&service) {
            *view = Shared::new(WorkloadView { endpoints, ..WorkloadView::clone(view) });
            let uid = view.uid.clone();
            self.touch(uid);
        }
    }

    /// How many ready addresses lead from a Service, if any EndpointSlice says so.
    fn endpoints_of(&self, service: &Key) -> Option<usize> {
        let mine = self.slices.values().filter(|(of, _)| of == service);
        mine.map(|(_, count)| *count).reduce(|sum, count| sum + count)
    }

    fn set_node(&mut self, key: &Key, node: Option<&Arc<Node>>) {
        match node {
            Some(node) => drop(self.nodes.insert(key.clone(), (node.clone(), None))),
            None => drop(self.nodes.remove(key)),
        }
    }

    fn set_event(&mut self, key: &Key, event: Option<&Arc<Event>>, object: Option<&Object>, at: Moment) {
        if let Some(old) = self.event_revisions.remove(key) {
            self.events.remove(&old);
        }
        let (Some(event), Some(object)) = (event, object) else { return };
        let about = &event.involved_object;
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        let view = EventView {
            key: key.clone(),
            at,
            warning: event.type_.as_deref() == Some("Warning"),
            reason: text(&event.reason),
            message: text(&event.message),
            count: event.series.as_ref().and_then(|series| series.count).or(event.count).unwrap_or(1),
            about: (
                text(&about.kind),
                about.namespace.as_deref().unwrap_or_default().into(),
                about.name.as_deref().unwrap_or_default().into(),
            ),
            from: event.reporting_component.clone().unwrap_or_default(),
        };
        let revision = revision_of(object);
        self.event_revisions.insert(key.clone(), revision);
        self.events.insert(revision, Shared::new(view));
    }

    /// Marks an owner and all above it as to be composed anew.
    fn touch(&mut self, uid: Uid) {
        let mut next = Some(uid);
        while let Some(uid) = next {
            let above = self.owners.get(&uid).and_then(|key| self.workloads.get(key));
            next = (!uid.is_empty()).then(|| above.map_or("".into(), |view| view.owner_uid.clone()));
            self.stale.insert(uid);
        }
    }

    fn touch_node(&mut self, name: Option<&str>) {
        let node = name.and_then(|name| self.nodes.get_mut(&Key::new(Kind::Node, "", name)));
        if let Some((_, view)) = node {
            *view = None;
        }
    }

    /// Makes the frame's parts that are no longer as they were.
    fn compose(&mut self) {
        let stale = std::mem::take(&mut self.stale);
        if stale.contains("") {
            let roots: Vec<Key> = self.orphans();
            let roots: Vec<_> = roots.iter().filter_map(|key| self.branch(key, &stale)).collect();
            self.frame.roots = keep(&self.frame.roots, roots);
            let loose = self.pods_in(&self.owned, "");
            self.frame.loose = keep(&self.frame.loose, loose);
            self.frame.tally = self.tally();
        }
        let unplaced = self.pods_in(&self.placed, "");
        self.frame.unplaced = keep(&self.frame.unplaced, unplaced);
        let names: Vec<Key> = self.nodes.keys().cloned().collect();
        let nodes: Vec<_> = names.iter().filter_map(|key| self.node(key)).collect();
        self.frame.nodes = keep(&self.frame.nodes, nodes);
        let events: Vec<_> = self.events.values().rev().cloned().collect();
        self.frame.events = keep(&self.frame.events, events);
    }

    /// Workloads without an owner, or whose owner is gone.
    fn orphans(&self) -> Vec<Key> {
        let rootless = self.children.iter().filter(|(owner, _)| !self.owners.contains_key(&***owner));
        rootless.flat_map(|(_, row)| row.iter().map(|(_, key)| key.clone())).collect()
    }

    fn branch(&mut self, key: &Key, stale: &BTreeSet<Uid>) -> Option<Shared<Branch>> {
        let view = self.workloads.get(key)?.clone();
        if !stale.contains(&view.uid)
            && let Some(branch) = self.branches.get(&view.uid)
        {
            return Some(branch.clone());
        }
        let row = self.children.get(&view.uid);
        let keys: Vec<Key> = row.into_iter().flatten().map(|(_, key)| key.clone()).collect();
        let children: Vec<_> = keys.iter().filter_map(|key| self.branch(key, stale)).collect();
        let pods = self.pods_in(&self.owned, &view.uid);
        let diagnosis = workload::diagnose(&view, &children, &pods);
        let branch = Shared::new(Branch { view: view.clone(), children, pods, diagnosis });
        self.branches.insert(view.uid.clone(), branch.clone());
        Some(branch)
    }

    fn pods_in(&self, rows: &Rows, name: &str) -> Vec<Shared<PodView>> {
        let row = rows.get(name).into_iter().flatten();
        row.filter_map(|(_, key)| self.pods.get(key).cloned()).collect()
    }

    fn node(&mut self, key: &Key) -> Option<Shared<NodeView>> {
        let (node, known) = self.nodes.get(key)?;
        if let Some(view) = known {
            return Some(view.clone());
        }
        let allocatable = node.status.allocatable.as_ref().or(node.status.capacity.as_ref()).cloned();
        let has = Resources::of(&allocatable);
        let pods = self.pods_in(&self.placed, &key.name);
        let counts = pods.iter().filter(|pod| !matches!(pod.status.as_ref(), "Completed" | "Failed"));
        let mut used = Capacity::default();
        for pod in counts {
            used.milli_cpu += pod.milli_cpu;
            used.memory += pod.memory;
            used.pods += 1;
        }
        let conditions = node.status.conditions.iter().flatten();
        let mut ready = conditions.filter(|c| c.type_ == "Ready").map(|c| match c.status.as_str() {
            "True" => NodeState::Ready,
            "False" => NodeState::NotReady,
            _ => NodeState::Unknown,
        });
        let view = Shared::new(NodeView {
            key: key.clone(),
            ready: ready.next_back().unwrap_or(NodeState::Unknown),
            unschedulable: node.spec.unschedulable == Some(true),
            taints: node.spec.taints.iter().flatten().map(taint).collect(),
            used,
            allocatable: Capacity {
                milli_cpu: has.milli_cpu,
                memory: has.memory,
                pods: has.scalar.get("pods").copied().unwrap_or(0),
            },
            pods,
        });
        if let Some((_, known)) = self.nodes.get_mut(key) {
            *known = Some(view.clone());
        }
        Some(view)
    }

    fn tally(&self) -> Tally {
        let mut tally = Tally { pods: self.pods.len(), ..Tally::default() };
        for pod in self.pods.values() {
            tally.ready += usize::from(pod.state == PodState::Ready);
            tally.failing += usize::from(pod.state == PodState::Failed);
        }
        tally
    }
}

/// A taint as `kubectl describe` writes it.
fn taint(taint: &Taint) -> String {
    let value = taint.value.as_deref().map_or(String::new(), |value| ["=", value].concat());
    [&taint.key, value.as_str(), ":", &taint.effect].concat()
}

fn enter(rows: &mut Rows, name: &str, place: (u32, &Key)) {
    if !rows.contains_key(name) {
        rows.insert(name.into(), BTreeSet::new());
    }
    if let Some(row) = rows.get_mut(name) {
        row.insert((place.0, place.1.clone()));
    }
}

fn leave(rows: &mut Rows, name: &str, place: (u32, &Key)) {
    if let Some(row) = rows.get_mut(name) {
        row.remove(&(place.0, place.1.clone()));
        if row.is_empty() {
            rows.remove(name);
        }
    }
}

/// The old list if the new one holds the very same parts.
fn keep<T>(old: &Shared<Vec<Shared<T>>>, new: Vec<Shared<T>>) -> Shared<Vec<Shared<T>>> {
    if **old == new { old.clone() } else { Shared::new(new) }
}

/// The newest revision at a moment.
pub(super) fn revision_at(store: &Store, at: Moment) -> Revision {
    let (mut low, mut high) = (0, store.revision());
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        let later = store.change(middle).is_some_and(|change| change.time > at);
        if later { high = middle - 1 } else { low = middle }
    }
    low
}

fn revision_of(object: &Object) -> Revision {
    object.meta().resource_version.as_deref().and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// When this version of an object was written.
fn written(store: &Store, object: &Object) -> Moment {
    store.change(revision_of(object)).map_or(Moment::START, |change: &Arc<Change>| change.time)
}
