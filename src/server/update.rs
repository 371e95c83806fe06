//! Update of spec or status. Models apiserver/pkg/registry/generic/registry/store.go and rest/update.go.

use super::{Call, Server};
use crate::api::{Kind, Object, Status, defaults, validate};

/// Which half of an object a write may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    Spec,
    Status,
}

impl Server {
    /// Replaces metadata and spec; the status stays. Returns the object as stored.
    ///
    /// # Errors
    /// NotFound, Conflict when the resourceVersion is set and stale, Invalid.
    pub fn update(&mut self, call: &Call, object: impl Into<Object>) -> Result<Object, Status> {
        self.replace(call, object.into(), Half::Spec)
    }

    /// Replaces the status; the spec stays. Returns the object as stored.
    ///
    /// # Errors
    /// NotFound, Conflict when the resourceVersion is set and stale, Invalid.
    pub fn update_status(&mut self, call: &Call, object: impl Into<Object>) -> Result<Object, Status> {
        self.replace(call, object.into(), Half::Status)
    }

    fn replace(&mut self, call: &Call, mut object: Object, half: Half) -> Result<Object, Status> {
        let key = object.key();
        let old = self.get(&key)?.clone();
        self.check_version(&object, &old)?;
        keep_metadata(&mut object, &old, half);
        match half {
            Half::Spec => {
                if !object.same_spec(&old) {
                    defaults::apply(&mut object);
                }
                defaults::prepare_update(&mut object, &old);
                validate::update(&object, &old)?;
                self.allocate(&mut object, Some(&old))?;
            }
            Half::Status => object.keep_spec(&old),
        }
        if unchanged(&object, &old) {
            return Ok(old);
        }
        if is_released(&object) {
            return Ok(self.remove(call, object));
        }
        Ok(self.commit(call, object))
    }

    fn check_version(&self, object: &Object, old: &Object) -> Result<(), Status> {
        let (new, old) = (object.meta(), old.meta());
        let stale = new
            .resource_version
            .as_ref()
            .is_some_and(|v| !v.is_empty() && Some(v) != old.resource_version.as_ref());
        if stale || new.uid.as_ref().is_some_and(|uid| !uid.is_empty() && Some(uid) != old.uid.as_ref()) {
            return Err(Status::conflict(&object.key()));
        }
        Ok(())
    }
}

/// Carries over what a client cannot write. Models rest.BeforeUpdate.
fn keep_metadata(object: &mut Object, old: &Object, half: Half) {
    let kind = object.kind();
    let old = old.meta();
    let meta = object.meta_mut();
    if half == Half::Status {
        // The revision is written with the status: a Deployment's strategy resets only spec and labels.
        let annotations = meta.annotations.take();
        *meta = old.clone();
        if kind == Kind::Deployment {
            meta.annotations = annotations;
        }
        return;
    }
    meta.uid.clone_from(&old.uid);
    meta.creation_timestamp.clone_from(&old.creation_timestamp);
    meta.resource_version.clone_from(&old.resource_version);
    meta.generation = old.generation;
    meta.deletion_timestamp.clone_from(&old.deletion_timestamp);
    meta.deletion_grace_period_seconds = old.deletion_grace_period_seconds;
    meta.generate_name.clone_from(&old.generate_name);
}

fn unchanged(object: &Object, old: &Object) -> bool {
    object.meta() == old.meta() && object.same_spec(old) && object.same_status(old)
}

/// Whether deletion only waited for the finalizers that are now gone.
/// Models ShouldDeleteDuringUpdate.
fn is_released(object: &Object) -> bool {
    let meta = object.meta();
    let finalizing = match object {
        Object::Namespace(namespace) => namespace.spec.finalizers.as_ref().is_some_and(|f| !f.is_empty()),
        _ => false,
    };
    meta.deletion_timestamp.is_some()
        && meta.deletion_grace_period_seconds.unwrap_or(0) == 0
        && meta.finalizers.as_ref().is_none_or(Vec::is_empty)
        && !finalizing
}
