//! What a component is handed when its turn comes.

use std::sync::Arc;

use super::{EventType, Recorder};
use crate::api::meta::Time;
use crate::api::moment::Epoch;
use crate::api::{Key, Kind, Kinded, Moment, Object, ObjectMeta, Status};
use crate::server::{Call, DeleteOptions, Mode, Random, Server};
use crate::store::{Actor, Cause, Revision, Trigger, View};

/// Whose turn it is, when, and why.
#[derive(Clone, Debug)]
pub struct Turn {
    pub now: Moment,
    /// Where the component's informer stands.
    pub informer: Revision,
    pub actor: Actor,
    pub trigger: Trigger,
}

/// The whole world of a component during its turn: the clock as read at its start, its informer's
/// view, and the API server.
pub struct Ctx<'a> {
    /// The time of this turn.
    pub now: Moment,
    server: &'a mut Server,
    recorder: &'a mut Recorder,
    informer: Revision,
    call: Call,
    calls: u32,
}

impl<'a> Ctx<'a> {
    pub fn new(turn: Turn, server: &'a mut Server, recorder: &'a mut Recorder) -> Ctx<'a> {
        let cause = Cause { actor: turn.actor, trigger: turn.trigger };
        let call = Call { now: turn.now, cause, mode: Mode::Commit };
        Ctx { now: turn.now, server, recorder, informer: turn.informer, call, calls: 0 }
    }

    /// What the component's informer knows.
    pub fn cached(&self) -> View<'_> {
        self.server.store().at(self.informer)
    }

    /// The newest version of an object, read from the API server.
    ///
    /// # Errors
    /// NotFound.
    pub fn get<T: Kinded>(&mut self, namespace: &str, name: &str) -> Result<Arc<T>, Status> {
        self.calls += 1;
        let key = Key::new(T::KIND, namespace, name);
        let found = self.server.get(&key)?;
        T::unwrap(found).cloned().ok_or_else(|| Status::not_found(T::KIND, name))
    }

    /// The newest version of an object of any kind, read from the API server.
    ///
    /// # Errors
    /// NotFound.
    pub fn object(&mut self, key: &Key) -> Result<Object, Status> {
        self.calls += 1;
        self.server.get(key).cloned()
    }

    /// The newest versions of all objects of a kind in a namespace, read from the API server.
    pub fn objects(&mut self, kind: Kind, namespace: &str) -> Vec<Object> {
        self.calls += 1;
        self.server.store().latest().list(kind, Some(namespace)).cloned().collect()
    }

    /// What ties virtual time to dates.
    pub fn epoch(&self) -> Epoch {
        self.server.epoch()
    }

    /// The date of this turn.
    pub fn date(&self) -> Time {
        self.server.epoch().time(self.now)
    }

    /// The cluster's randomness.
    pub fn random(&mut self) -> &mut Random {
        self.server.random()
    }

    /// The newest revision: after a write, that write's own.
    pub fn revision(&self) -> Revision {
        self.server.store().revision()
    }

    /// Creates an object and returns it as stored.
    ///
    /// # Errors
    /// What the API server refuses.
    pub fn create<T: Kinded>(&mut self, object: T) -> Result<Arc<T>, Status> {
        self.calls += 1;
        self.server.create(&self.call, T::wrap(Arc::new(object))).map(expect_kind)
    }

    /// Updates metadata and spec and returns the object as stored.
    ///
    /// # Errors
    /// What the API server refuses; Conflict if the object was read in an older version.
    pub fn update<T: Kinded>(&mut self, object: T) -> Result<Arc<T>, Status> {
        self.calls += 1;
        self.server.update(&self.call, T::wrap(Arc::new(object))).map(expect_kind)
    }

    /// Updates the status and returns the object as stored.
    ///
    /// # Errors
    /// What the API server refuses; Conflict if the object was read in an older version.
    pub fn update_status<T: Kinded>(&mut self, object: T) -> Result<Arc<T>, Status> {
        self.calls += 1;
        self.server.update_status(&self.call, T::wrap(Arc::new(object))).map(expect_kind)
    }

    /// Reads the newest version, changes it and updates metadata and spec, as a patch does.
    ///
    /// # Errors
    /// What the API server refuses.
    pub fn patch<T: Kinded>(&mut self, key: &Key, change: impl FnOnce(&mut T)) -> Result<Arc<T>, Status> {
        let mut object = self.newest::<T>(key)?;
        change(&mut object);
        self.update(object)
    }

    /// Reads the newest version, changes it and updates the status, as a patch does.
    ///
    /// # Errors
    /// What the API server refuses.
    pub fn patch_status<T: Kinded>(
        &mut self,
        key: &Key,
        change: impl FnOnce(&mut T),
    ) -> Result<Arc<T>, Status> {
        let mut object = self.newest::<T>(key)?;
        change(&mut object);
        self.update_status(object)
    }

    /// Changes the metadata of the newest version of an object of any kind, as a patch does that names the
    /// object's uid.
    ///
    /// # Errors
    /// What the API server refuses; Conflict when another object has the key now.
    pub fn patch_metadata(
        &mut self,
        key: &Key,
        uid: &str,
        change: impl FnOnce(&mut ObjectMeta),
    ) -> Result<(), Status> {
        self.calls += 1;
        let mut object = self.server.get(key)?.clone();
        if object.uid() != uid {
            let why = format!(
                "Precondition failed: UID in precondition: {uid}, UID in object meta: {}",
                object.uid()
            );
            return Err(Status::conflict_because(key, &why));
        }
        change(object.meta_mut());
        self.server.update(&self.call, object).map(drop)
    }

    fn newest<T: Kinded>(&self, key: &Key) -> Result<T, Status> {
        let found = self.server.get(key)?;
        T::unwrap(found).map(|object| T::clone(object)).ok_or_else(|| Status::not_found(key.kind, &key.name))
    }

    /// Deletes an object.
    ///
    /// # Errors
    /// NotFound; Conflict when a precondition does not hold.
    pub fn delete(&mut self, key: &Key, options: &DeleteOptions) -> Result<(), Status> {
        self.calls += 1;
        self.server.delete(&self.call, key, options).map(drop)
    }

    /// Binds a Pod to a node.
    ///
    /// # Errors
    /// NotFound, Conflict.
    pub fn bind(&mut self, pod: &Key, node: &str) -> Result<(), Status> {
        self.calls += 1;
        self.server.bind(&self.call, pod, node).map(drop)
    }

    /// Takes the finalizer of a namespace whose content is gone.
    ///
    /// # Errors
    /// NotFound.
    pub fn finalize_namespace(&mut self, name: &str) -> Result<(), Status> {
        self.calls += 1;
        self.server.finalize_namespace(&self.call, name)
    }

    /// Records an Event about an object.
    pub fn event<T: Kinded>(&mut self, about: &T, kind: EventType, reason: &str, message: impl Into<String>) {
        let reference = super::recorder::reference(about);
        self.recorder.record(
            self.server,
            &self.call,
            super::recorder::Occurrence { about: reference, kind, reason, message: message.into() },
        );
    }

    /// Records an Event about a part of an object, as the kubelet does of a container.
    pub fn event_on<T: Kinded>(
        &mut self,
        about: (&T, String),
        kind: EventType,
        reason: &str,
        message: impl Into<String>,
    ) {
        let mut reference = super::recorder::reference(about.0);
        reference.field_path = Some(about.1);
        self.recorder.record(
            self.server,
            &self.call,
            super::recorder::Occurrence { about: reference, kind, reason, message: message.into() },
        );
    }

    /// How many calls of the API server this turn has made.
    pub fn calls(&self) -> u32 {
        self.calls
    }
}

/// The API server answers with the kind it was given.
fn expect_kind<T: Kinded>(object: Object) -> Arc<T> {
    match T::unwrap(&object) {
        Some(object) => object.clone(),
        None => unreachable!("the API server answered with another kind"),
    }
}
