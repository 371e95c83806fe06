//! The few requests that commands are made of.

use serde_json::Value;

use super::Env;
use super::failure::Failure;
use super::parse::Arguments;
use crate::api::moment::Epoch;
use crate::api::{Key, Kind, Moment, Object, Status, codec, validate};
use crate::server::{Call, DeleteOptions, FieldValidation, Mode, Part, Patch, Server, decode};
use crate::store::{Revision, View};

/// Whether and where a command is only tried. Models cmdutil.DryRunStrategy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DryRun {
    None,
    Client,
    Server,
}

impl DryRun {
    /// What stands behind the operation in the output.
    pub fn suffix(self) -> &'static str {
        match self {
            DryRun::None => "",
            DryRun::Client => " (dry run)",
            DryRun::Server => " (server dry run)",
        }
    }
}

/// Whoever types, with the API server.
pub(super) struct Client<'a> {
    server: &'a mut Server,
    call: Call,
    /// The namespace of objects that name none.
    pub namespace: String,
    /// Whether the namespace was asked for by flag.
    pub named_namespace: bool,
    pub dry_run: DryRun,
    pub validation: FieldValidation,
}

impl<'a> Client<'a> {
    pub fn new(server: &'a mut Server, call: Call, args: &Arguments, env: &Env<'_>) -> Client<'a> {
        let namespace = args.value("namespace").unwrap_or(env.namespace);
        Client {
            server,
            call,
            namespace: if namespace.is_empty() { "default" } else { namespace }.into(),
            named_namespace: args.has("namespace"),
            dry_run: DryRun::None,
            validation: FieldValidation::Strict,
        }
    }

    pub fn now(&self) -> Moment {
        self.call.now
    }

    pub fn epoch(&self) -> Epoch {
        self.server.epoch()
    }

    pub fn revision(&self) -> Revision {
        self.server.store().revision()
    }

    pub fn view(&self) -> View<'_> {
        self.server.store().latest()
    }

    pub fn key(&self, kind: Kind, name: &str) -> Key {
        Key::new(kind, &self.namespace, name)
    }

    pub fn get(&self, key: &Key) -> Result<Object, Failure> {
        Ok(self.server.get(key)?.clone())
    }

    /// Objects of a kind, in one namespace or in all.
    pub fn list(&self, kind: Kind, namespace: Option<&str>) -> Vec<Object> {
        self.view().list(kind, namespace).cloned().collect()
    }

    /// Creates what a manifest describes.
    pub fn create(&mut self, kind: Kind, body: Value) -> Result<(Object, Vec<String>), Failure> {
        let (object, mut warnings) = decode(kind, body, self.validation)?;
        let call = self.call();
        let object = self.server.create(&call, object)?;
        warnings.extend(validate::warnings(&object));
        Ok((object, warnings))
    }

    /// Replaces an object by what a manifest describes.
    pub fn update(&mut self, kind: Kind, body: Value) -> Result<(Object, Vec<String>), Failure> {
        let (object, mut warnings) = decode(kind, body, self.validation)?;
        let call = self.call();
        let object = self.server.update(&call, object)?;
        warnings.extend(validate::warnings(&object));
        Ok((object, warnings))
    }

    pub fn patch(&mut self, key: &Key, patch: &Patch, part: Part) -> Result<(Object, Vec<String>), Failure> {
        let (call, validation) = (self.call(), self.validation);
        let (object, mut warnings) = self.server.patch(&call, key, (patch, part), validation)?;
        warnings.extend(validate::warnings(&object));
        Ok((object, warnings))
    }

    pub fn delete(&mut self, key: &Key, options: &DeleteOptions) -> Result<Object, Failure> {
        let call = self.call();
        Ok(self.server.delete(&call, key, options)?)
    }

    fn call(&self) -> Call {
        let mode = match self.dry_run {
            DryRun::None => Mode::Commit,
            DryRun::Client | DryRun::Server => Mode::DryRun,
        };
        Call { mode, ..self.call.clone() }
    }
}

/// The object as the API server would send it.
pub(super) fn body(object: &Object) -> Value {
    codec::encode(object)
}

/// The object that a body describes, where the client looks at it itself.
pub(super) fn typed(kind: Kind, body: Value) -> Result<Object, Status> {
    decode(kind, body, FieldValidation::Ignore).map(|(object, _)| object)
}
