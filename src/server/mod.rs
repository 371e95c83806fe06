//! The API server: the only writer of the store.
//!
//! Every verb admits, defaults and validates as upstream's registry does, and answers with a
//! [`Status`] that carries upstream's text. What it accepts becomes one revision.
//!
//! Invariants: nothing else writes the store; a refused call changes nothing; a write that changes
//! nothing is no revision.

mod admission;
mod allocate;
mod create;
mod decode;
mod delete;
mod names;
mod patch;
mod subresources;
mod update;

pub use decode::{FieldValidation, decode};
pub use delete::{DeleteOptions, Propagation};
pub(crate) use delete::{FOREGROUND, ORPHAN};
pub use names::Random;
pub use patch::{Part, Patch, is_scalable};

use crate::api::moment::Epoch;
use crate::api::{Key, Moment, Object, Status};
use crate::store::{Cause, Revision, Store};

/// Whether a call is carried out or only tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Commit,
    DryRun,
}

/// Who calls, when and why.
#[derive(Clone, Debug)]
pub struct Call {
    pub now: Moment,
    pub cause: Cause,
    pub mode: Mode,
}

/// The API server with its storage.
#[derive(Clone, Debug)]
pub struct Server {
    store: Store,
    epoch: Epoch,
    random: Random,
    node_ports: std::collections::BTreeSet<i32>,
    service_addresses: std::collections::BTreeSet<u32>,
}

impl Server {
    /// An empty API server whose virtual time starts at `epoch`; `seed` decides every made-up name.
    pub fn new(epoch: Epoch, seed: u64) -> Server {
        Server {
            store: Store::default(),
            epoch,
            random: Random::new(seed),
            node_ports: Default::default(),
            service_addresses: Default::default(),
        }
    }

    /// Everything that is and was stored.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What ties virtual time to dates.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The randomness of everything that the API server makes up.
    pub fn random(&mut self) -> &mut Random {
        &mut self.random
    }

    /// Reads the newest version of an object.
    ///
    /// # Errors
    /// NotFound.
    pub fn get(&self, key: &Key) -> Result<&Object, Status> {
        self.store.latest().get(key).ok_or_else(|| Status::not_found(key.kind, &key.name))
    }

    /// Says that every reader but those of the past stands at `revision` or later.
    pub fn settle(&mut self, revision: Revision) {
        self.store.settle(revision);
    }

    /// Forgets what only readers of revisions before `revision` need.
    pub fn compact(&mut self, revision: Revision) {
        self.store.compact(revision);
    }

    fn commit(&mut self, call: &Call, object: Object) -> Object {
        if call.mode == Mode::DryRun {
            return object;
        }
        let change = self.store.write(object.key(), Some(object), call.now, call.cause.clone());
        change.object().clone()
    }

    fn remove(&mut self, call: &Call, object: Object) -> Object {
        if call.mode == Mode::Commit {
            self.release(&object);
            self.store.write(object.key(), None, call.now, call.cause.clone());
        }
        object
    }
}
