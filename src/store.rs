//! The multi-version store: every accepted write is a revision, and every revision can still be read.
//!
//! Invariants: revisions only rise; only [`crate::server`] writes; a read never copies an object; no
//! decision reads a [`Cause`].

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::api::labels::{Operator, Selector};
use crate::api::{Key, Kind, Kinded, Moment, Object, Pod, owner};

/// The number of a write, as `resourceVersion` shows it. The empty store is at revision 0.
pub type Revision = u64;

/// Who made a write.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actor {
    /// A person, through kubectl or the editor.
    User,
    /// A controller of the controller manager, by its name.
    Controller(&'static str),
    Scheduler,
    /// The kubelet of this node.
    Kubelet(Arc<str>),
    /// The cluster's own furniture, made at its start.
    Bootstrap,
}

/// What made its author act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// An earlier write.
    Change(Revision),
    /// A person's input, by its number.
    Input(u32),
    /// Time alone: a resync, a deadline, a probe.
    Timer,
}

/// Why a write was made. For the trace and for people; never for decisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    pub actor: Actor,
    pub trigger: Trigger,
}

/// One write: the record from which the screen, the timeline and the trace are made.
#[derive(Clone, Debug)]
pub struct Change {
    pub revision: Revision,
    pub time: Moment,
    pub cause: Cause,
    pub key: Key,
    /// `None` when the object is created.
    pub before: Option<Object>,
    /// `None` when the object is gone.
    pub after: Option<Object>,
}

impl Change {
    /// The object after the write, or as it last was.
    pub fn object(&self) -> &Object {
        match (&self.after, &self.before) {
            (Some(object), _) | (None, Some(object)) => object,
            (None, None) => unreachable!("a change has an object on one side"),
        }
    }

    /// Both sides as one kind.
    pub fn sides<T: Kinded>(&self) -> (Option<&Arc<T>>, Option<&Arc<T>>) {
        (self.before.as_ref().and_then(T::unwrap), self.after.as_ref().and_then(T::unwrap))
    }
}

type Slot = u32;

/// The versions of whatever has lived under one key, oldest first.
#[derive(Clone, Debug)]
struct History {
    key: Key,
    versions: Vec<(Revision, Option<Object>)>,
}

impl History {
    fn at(&self, revision: Revision) -> Option<&Object> {
        let version = self.versions.iter().rev().find(|(r, _)| *r <= revision)?;
        version.1.as_ref()
    }

    fn latest(&self) -> Option<&Object> {
        self.versions.last()?.1.as_ref()
    }
}

/// What objects are looked up by, beside their key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum IndexKey {
    /// The uid of any owner.
    Owner(Arc<str>),
    /// Objects without a controller, of one kind and namespace.
    Orphan(Kind, Arc<str>),
    /// Pods by node.
    Node(Arc<str>),
    /// Pods by namespace and `key=value`.
    Label(Arc<str>, Box<str>),
}

/// A removal that waits until no reader stands before it.
#[derive(Clone, Debug)]
enum Removal {
    Key(Slot),
    Index(IndexKey, Slot),
}

/// All objects in all their versions, and the log of changes.
#[derive(Clone, Debug, Default)]
pub struct Store {
    revision: Revision,
    /// Up to here, removals have been carried out: readers stand here or later, or read the past.
    settled: Revision,
    histories: Vec<History>,
    live: BTreeMap<Key, Slot>,
    dead: BTreeMap<Key, Slot>,
    index: BTreeMap<IndexKey, BTreeSet<Slot>>,
    removals: VecDeque<(Revision, Removal)>,
    /// The oldest change kept is of revision `compacted + 1`.
    compacted: Revision,
    log: VecDeque<Arc<Change>>,
}

impl Store {
    /// The newest revision.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The newest state.
    pub fn latest(&self) -> View<'_> {
        self.at(self.revision)
    }

    /// The state at a revision, past or present.
    pub fn at(&self, revision: Revision) -> View<'_> {
        View { store: self, revision }
    }

    /// The change that made a revision, unless compacted away.
    pub fn change(&self, revision: Revision) -> Option<&Arc<Change>> {
        let offset = revision.checked_sub(self.compacted + 1)?;
        self.log.get(usize::try_from(offset).ok()?)
    }

    /// The changes after a revision, oldest first.
    pub fn changes_since(&self, revision: Revision) -> impl DoubleEndedIterator<Item = &Arc<Change>> {
        let skip = usize::try_from(revision.saturating_sub(self.compacted)).unwrap_or(usize::MAX);
        self.log.range(skip.min(self.log.len())..)
    }

    /// Writes an object, or with `None` removes it. The object's resourceVersion becomes the revision.
    pub(crate) fn write(
        &mut self,
        key: Key,
        object: Option<Object>,
        time: Moment,
        cause: Cause,
    ) -> &Arc<Change> {
        self.revision += 1;
        let revision = self.revision;
        let slot = self.slot(&key);
        let before = self.histories[slot as usize].latest().cloned();
        let after = object.map(|mut object| {
            object.meta_mut().resource_version = Some(revision.to_string());
            object
        });
        self.reindex(slot, before.as_ref(), after.as_ref());
        if after.is_none() {
            self.removals.push_back((revision, Removal::Key(slot)));
        }
        self.histories[slot as usize].versions.push((revision, after.clone()));
        self.log.push_back(Arc::new(Change { revision, time, cause, key, before, after }));
        &self.log[self.log.len() - 1]
    }

    /// Says that every informer stands at `revision` or later, so that what was removed before it can
    /// leave the indexes.
    pub(crate) fn settle(&mut self, revision: Revision) {
        self.settled = revision;
        while self.removals.front().is_some_and(|(at, _)| *at <= revision) {
            let Some((_, removal)) = self.removals.pop_front() else { break };
            match removal {
                Removal::Key(slot) => {
                    let history = &self.histories[slot as usize];
                    if history.latest().is_none() {
                        self.live.remove(&history.key);
                        self.dead.insert(history.key.clone(), slot);
                    }
                }
                Removal::Index(key, slot) => {
                    let latest = self.histories[slot as usize].latest();
                    if latest.is_some_and(|object| index_keys(object).contains(&key)) {
                        continue;
                    }
                    if let Some(slots) = self.index.get_mut(&key) {
                        slots.remove(&slot);
                        if slots.is_empty() {
                            self.index.remove(&key);
                        }
                    }
                }
            }
        }
    }

    /// Forgets changes and versions that only readers of revisions before `revision` need.
    pub fn compact(&mut self, revision: Revision) {
        let revision = revision.min(self.settled);
        while self.compacted < revision && self.log.pop_front().is_some() {
            self.compacted += 1;
        }
        for history in &mut self.histories {
            let keep = history.versions.iter().rposition(|(r, _)| *r <= revision).unwrap_or(0);
            history.versions.drain(..keep);
        }
        let histories = &self.histories;
        self.dead.retain(|_, slot| histories[*slot as usize].versions.iter().any(|(r, _)| *r > revision));
    }

    fn slot(&mut self, key: &Key) -> Slot {
        if let Some(slot) = self.live.get(key) {
            return *slot;
        }
        let slot = self.dead.remove(key).unwrap_or_else(|| {
            self.histories.push(History { key: key.clone(), versions: Vec::new() });
            (self.histories.len() - 1) as Slot
        });
        self.live.insert(key.clone(), slot);
        slot
    }

    fn reindex(&mut self, slot: Slot, before: Option<&Object>, after: Option<&Object>) {
        if let (Some(before), Some(after)) = (before, after)
            && same_index_keys(before, after)
        {
            return;
        }
        let old = before.map(index_keys).unwrap_or_default();
        let new = after.map(index_keys).unwrap_or_default();
        for key in &old {
            if !new.contains(key) {
                self.removals.push_back((self.revision, Removal::Index(key.clone(), slot)));
            }
        }
        for key in new {
            if !old.contains(&key) {
                self.index.entry(key).or_default().insert(slot);
            }
        }
    }

    fn indexed<'a>(&'a self, key: &IndexKey) -> impl Iterator<Item = &'a History> + use<'a> {
        self.index.get(key).into_iter().flatten().map(|slot| &self.histories[*slot as usize])
    }
}

fn same_index_keys(before: &Object, after: &Object) -> bool {
    let (old, new) = (before.meta(), after.meta());
    let same_node = match (before, after) {
        (Object::Pod(a), Object::Pod(b)) => {
            old.labels == new.labels
                && (Arc::ptr_eq(&a.spec, &b.spec) || a.spec.node_name == b.spec.node_name)
        }
        _ => true,
    };
    same_node && old.owner_references == new.owner_references
}

fn index_keys(object: &Object) -> Vec<IndexKey> {
    let mut keys: Vec<IndexKey> =
        owner::references(object.meta()).iter().map(|o| IndexKey::Owner(o.uid.as_str().into())).collect();
    if owner::controller_of(object.meta()).is_none() && object.kind() != Kind::Event {
        keys.push(IndexKey::Orphan(object.kind(), object.namespace().into()));
    }
    if let Object::Pod(pod) = object {
        if let Some(node) = &pod.spec.node_name {
            keys.push(IndexKey::Node(node.as_str().into()));
        }
        let namespace: Arc<str> = object.namespace().into();
        for (label, value) in pod.metadata.labels.iter().flatten() {
            keys.push(IndexKey::Label(namespace.clone(), label_entry(label, value)));
        }
    }
    keys
}

fn label_entry(label: &str, value: &str) -> Box<str> {
    [label, "=", value].concat().into()
}

/// The store as it was at one revision: what an informer that stands there knows.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    store: &'a Store,
    revision: Revision,
}

impl<'a> View<'a> {
    /// Where this view stands.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The object under a key.
    pub fn get(&self, key: &Key) -> Option<&'a Object> {
        let slot = self.store.live.get(key).or_else(|| self.store.dead.get(key))?;
        self.store.histories[*slot as usize].at(self.revision)
    }

    /// The object under a key, as one kind.
    pub fn get_as<T: Kinded>(&self, key: &Key) -> Option<&'a Arc<T>> {
        self.get(key).and_then(T::unwrap)
    }

    /// The object of one kind with this name.
    pub fn named<T: Kinded>(&self, namespace: &str, name: &str) -> Option<&'a Arc<T>> {
        self.get_as(&Key::new(T::KIND, namespace, name))
    }

    /// Objects of a kind, in one namespace or in all, ordered by namespace and name.
    pub fn list(&self, kind: Kind, namespace: Option<&str>) -> impl Iterator<Item = &'a Object> + use<'a> {
        let View { store, revision } = *self;
        let first = Key { kind, namespace: namespace.unwrap_or_default().into(), name: "".into() };
        let within = first.clone();
        let everywhere = namespace.is_none();
        let inside = move |key: &Key| key.kind == kind && (everywhere || key.namespace == within.namespace);
        let living = store.live.range(first.clone()..).take_while({
            let inside = inside.clone();
            move |(key, _)| inside(key)
        });
        // Only readers of the past can see what has been settled away.
        let past = (revision < store.settled).then(|| store.dead.range(first..));
        let gone = past.into_iter().flatten().take_while(move |(key, _)| inside(key));
        Merged { left: living.peekable(), right: gone.peekable() }
            .filter_map(move |slot| store.histories[slot as usize].at(revision))
    }

    /// Objects of one type, in one namespace or in all, ordered by namespace and name.
    pub fn list_as<T: Kinded + 'a>(
        &self,
        namespace: Option<&str>,
    ) -> impl Iterator<Item = &'a Arc<T>> + use<'a, T> {
        self.list(T::KIND, namespace).filter_map(T::unwrap)
    }

    /// Objects of any kind that name this uid as an owner, oldest first. Not for views of the past.
    pub fn dependents(&self, owner_uid: &str) -> impl Iterator<Item = &'a Object> + use<'a> {
        let revision = self.revision;
        let uid = owner_uid.to_string();
        self.store
            .indexed(&IndexKey::Owner(owner_uid.into()))
            .filter_map(move |history| history.at(revision))
            .filter(move |object| owner::references(object.meta()).iter().any(|o| o.uid == uid))
    }

    /// Objects of one type whose controller has this uid, oldest first. Not for views of the past.
    pub fn controlled_by<T: Kinded + 'a>(
        &self,
        owner_uid: &str,
    ) -> impl Iterator<Item = &'a Arc<T>> + use<'a, T> {
        let uid = owner_uid.to_string();
        self.dependents(owner_uid)
            .filter_map(T::unwrap)
            .filter(move |object| owner::controller_of(object.meta()).is_some_and(|o| o.uid == uid))
    }

    /// Objects of one type in a namespace that no controller owns, oldest first. Not for views of the past.
    pub fn orphans<T: Kinded + 'a>(&self, namespace: &str) -> impl Iterator<Item = &'a Arc<T>> + use<'a, T> {
        let revision = self.revision;
        self.store
            .indexed(&IndexKey::Orphan(T::KIND, namespace.into()))
            .filter_map(move |history| history.at(revision))
            .filter_map(T::unwrap)
            .filter(|object| owner::controller_of(object.meta()).is_none())
    }

    /// Pods bound to a node, oldest first. Not for views of the past.
    pub fn pods_on(&self, node: &str) -> impl Iterator<Item = &'a Arc<Pod>> + use<'a> {
        let revision = self.revision;
        let node = node.to_string();
        self.store
            .indexed(&IndexKey::Node(node.as_str().into()))
            .filter_map(move |history| history.at(revision))
            .filter_map(Pod::unwrap)
            .filter(move |pod| pod.spec.node_name.as_ref() == Some(&node))
    }

    /// Pods of a namespace that a selector matches. Not for views of the past.
    pub fn pods_selected(&self, namespace: &str, selector: &Selector) -> Vec<&'a Arc<Pod>> {
        let exact = selector.requirements().iter().find_map(|r| match &r.operator {
            Operator::In(values) if values.len() == 1 => Some(label_entry(&r.key, &values[0])),
            _ => None,
        });
        let matches = |pod: &&Arc<Pod>| selector.matches(pod.metadata.labels.as_ref());
        match exact {
            None => self.list_as::<Pod>(Some(namespace)).filter(matches).collect(),
            Some(entry) => self
                .store
                .indexed(&IndexKey::Label(namespace.into(), entry))
                .filter_map(|history| history.at(self.revision))
                .filter_map(Pod::unwrap)
                .filter(matches)
                .collect(),
        }
    }
}

/// Two runs of the key map walked as one, in key order.
struct Merged<L: Iterator, R: Iterator> {
    left: std::iter::Peekable<L>,
    right: std::iter::Peekable<R>,
}

impl<'a, L, R> Iterator for Merged<L, R>
where
    L: Iterator<Item = (&'a Key, &'a Slot)>,
    R: Iterator<Item = (&'a Key, &'a Slot)>,
{
    type Item = Slot;

    fn next(&mut self) -> Option<Slot> {
        let left_first = match (self.left.peek(), self.right.peek()) {
            (Some((a, _)), Some((b, _))) => a < b,
            (left, _) => left.is_some(),
        };
        let next = if left_first { self.left.next() } else { self.right.next() };
        next.map(|(_, slot)| *slot)
    }
}
