//! Delete: grace periods, finalizers, propagation. Models rest/delete.go and registry/store.go.

use std::time::Duration;

use super::{Call, Server};
use crate::api::conditions::is_pod_terminal;
use crate::api::{Key, Kind, Object, Status};

/// What happens to the objects that the deleted one owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Propagation {
    /// The garbage collector deletes them afterwards.
    Background,
    /// The object stays until they are gone.
    Foreground,
    /// They lose their owner and stay.
    Orphan,
}

/// `metav1.DeleteOptions`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteOptions {
    /// Seconds that a Pod gets to end; its own period when `None`.
    pub grace_period_seconds: Option<i64>,
    /// Background, or what the object's finalizers say, when `None`.
    pub propagation: Option<Propagation>,
    /// Only the object with this uid.
    pub uid: Option<String>,
    /// Only the object in this version.
    pub resource_version: Option<String>,
}

pub(crate) const FOREGROUND: &str = "foregroundDeletion";
pub(crate) const ORPHAN: &str = "orphan";

impl Server {
    /// Deletes an object, or begins to: returns it as it now is, or last was.
    ///
    /// # Errors
    /// NotFound; Conflict when a precondition does not hold.
    pub fn delete(&mut self, call: &Call, key: &Key, options: &DeleteOptions) -> Result<Object, Status> {
        let old = self.get(key)?.clone();
        check_preconditions(key, &old, options)?;
        let mut object = old.clone();
        let grace = grace_period(&object, options);
        update_finalizers(&mut object, options.propagation);
        let held = is_held(&object);
        let pending = old.meta().deletion_timestamp.is_some();

        let starts = !pending || shortens(&old, grace);
        let removes = grace == 0 && !held;
        // What stops no process goes at once; of a Pod the API server writes the end of its grace first.
        if removes && !(starts && object.kind() == Kind::Pod) {
            return Ok(self.remove(call, object));
        }
        if !starts && object.meta().finalizers == old.meta().finalizers {
            return Ok(old);
        }
        if starts {
            self.mark_deleted(call, &mut object, grace);
        }
        let object = self.commit(call, object);
        Ok(if removes { self.remove(call, object) } else { object })
    }

    /// Models rest.BeforeDelete: the deletion's time and grace, and a generation of its own.
    fn mark_deleted(&self, call: &Call, object: &mut Object, grace: i64) {
        let meta = object.meta_mut();
        let pending = meta.deletion_timestamp.is_some();
        let until = call.now + Duration::from_secs(u64::try_from(grace).unwrap_or(0));
        meta.deletion_timestamp = Some(self.epoch.time(until));
        meta.deletion_grace_period_seconds = Some(grace);
        if !pending && let Some(generation) = &mut meta.generation {
            *generation += 1;
        }
        if let Object::Namespace(namespace) = object {
            std::sync::Arc::make_mut(namespace).status_mut().phase = Some("Terminating".into());
        }
    }
}

fn check_preconditions(key: &Key, old: &Object, options: &DeleteOptions) -> Result<(), Status> {
    let found = old.uid();
    if let Some(uid) = options.uid.as_deref().filter(|uid| *uid != found) {
        let why = format!("Precondition failed: UID in precondition: {uid}, UID in object meta: {found}");
        return Err(Status::conflict_because(key, &why));
    }
    let found = old.meta().resource_version.as_deref().unwrap_or_default();
    if let Some(version) = options.resource_version.as_deref().filter(|version| *version != found) {
        let why = format!(
            "Precondition failed: ResourceVersion in precondition: {version}, ResourceVersion in object meta: {found}"
        );
        return Err(Status::conflict_because(key, &why));
    }
    Ok(())
}

/// Seconds until the object is removed. Only Pods take time. Models podStrategy.CheckGracefulDelete.
fn grace_period(object: &Object, options: &DeleteOptions) -> i64 {
    let Object::Pod(pod) = object else { return 0 };
    let period = options.grace_period_seconds.or(pod.spec.termination_grace_period_seconds).unwrap_or(30);
    let unscheduled = pod.spec.node_name.as_deref().unwrap_or_default().is_empty();
    if unscheduled || is_pod_terminal(&pod.status) {
        return 0;
    }
    // A negative period is one second. Zero, asked for, does not wait for the kubelet.
    if period < 0 { 1 } else { period }
}

fn shortens(old: &Object, grace: i64) -> bool {
    old.meta().deletion_grace_period_seconds.is_some_and(|period| grace < period)
}

fn is_held(object: &Object) -> bool {
    let finalizers = match object {
        Object::Namespace(namespace) => namespace.spec.finalizers.as_ref().is_some_and(|f| !f.is_empty()),
        _ => false,
    };
    finalizers || object.meta().finalizers.as_ref().is_some_and(|f| !f.is_empty())
}

/// Models deletionFinalizersForGarbageCollection.
fn update_finalizers(object: &mut Object, propagation: Option<Propagation>) {
    let Some(propagation) = propagation else { return };
    let wanted = match propagation {
        Propagation::Background => None,
        Propagation::Foreground => Some(FOREGROUND),
        Propagation::Orphan => Some(ORPHAN),
    };
    let present = object.meta().finalizers.as_deref().unwrap_or_default();
    let mut finalizers: Vec<String> =
        present.iter().filter(|f| *f != FOREGROUND && *f != ORPHAN).cloned().collect();
    finalizers.extend(wanted.map(String::from));
    if finalizers != present {
        object.meta_mut().finalizers = Some(finalizers).filter(|f| !f.is_empty());
    }
}
