//! Create. Models apiserver/pkg/registry/generic/registry/store.go.

use super::{Call, Server};
use crate::api::{Kind, Object, Scope, Status, defaults, validate};

/// How often a generated name that is taken is made up anew. Models maxNameGenerationCreateAttempts.
const NAME_ATTEMPTS: usize = 8;

impl Server {
    /// Creates an object and returns it as stored.
    ///
    /// # Errors
    /// Whatever admission, validation or a taken name say.
    pub fn create(&mut self, call: &Call, object: impl Into<Object>) -> Result<Object, Status> {
        let mut object = object.into();
        self.admit_namespace(&object)?;
        self.fill_metadata(call, &mut object);
        defaults::apply(&mut object);
        self.admit_create(&mut object)?;
        defaults::prepare_create(&mut object, &self.epoch.time(call.now));
        validate::create(&object)?;
        let key = self.free_name(&mut object)?;
        self.allocate(&mut object, None)?;
        debug_assert_eq!(key, object.key());
        Ok(self.commit(call, object))
    }

    fn fill_metadata(&mut self, call: &Call, object: &mut Object) {
        let kind = object.kind();
        let uid = self.random.uid();
        let created = self.epoch.time(call.now);
        let meta = object.meta_mut();
        meta.uid = Some(uid);
        meta.creation_timestamp = Some(created);
        meta.resource_version = None;
        meta.deletion_timestamp = None;
        meta.deletion_grace_period_seconds = None;
        if kind.scope() == Scope::Cluster {
            meta.namespace = None;
        } else if meta.namespace.is_none() {
            meta.namespace = Some("default".into());
        }
        let nameless = meta.name.as_deref().unwrap_or_default().is_empty();
        if let (true, Some(base)) = (nameless, meta.generate_name.clone().filter(|base| !base.is_empty())) {
            meta.name = Some(self.random.name(&base));
        }
    }

    fn free_name(&mut self, object: &mut Object) -> Result<crate::api::Key, Status> {
        let base = object.meta().generate_name.clone().filter(|base| !base.is_empty());
        for _ in 0..NAME_ATTEMPTS {
            let key = object.key();
            if self.store.latest().get(&key).is_none() {
                return Ok(key);
            }
            // A name that a person chose is not made up anew.
            let Some(base) = base.as_ref().filter(|base| key.name.starts_with(base.as_str())) else { break };
            object.meta_mut().name = Some(self.random.name(base));
        }
        Err(Status::already_exists(object.kind(), object.name()))
    }

    /// Models plugin/pkg/admission/namespace/lifecycle.
    fn admit_namespace(&self, object: &Object) -> Result<(), Status> {
        if object.kind().scope() == Scope::Cluster {
            return Ok(());
        }
        let name = match object.namespace() {
            "" => "default",
            name => name,
        };
        let namespace = self.store.latest().named::<crate::api::Namespace>("", name);
        let namespace = namespace.ok_or_else(|| Status::not_found(Kind::Namespace, name))?;
        if namespace.metadata.deletion_timestamp.is_some() {
            return Err(Status::namespace_terminating(object.kind(), object.name(), name));
        }
        Ok(())
    }
}
