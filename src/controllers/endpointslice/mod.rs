//! The EndpointSlice controller: where the traffic of a Service goes.
//! Models pkg/controller/endpointslice and staging/src/k8s.io/endpointslice.
//!
//! Invariant: a Service is not looked at before the informer has received what was last written for it.

mod endpoint;
mod hints;
mod reconcile;
mod slices;
mod trigger;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::api::conditions::is_pod_ready;
use crate::api::labels::Labels;
use crate::api::{EndpointSlice, Key, Kind, Kinded, Object, Pod, Service, Status};
use crate::sim::{Controller, Ctx, EventType, Requeue, WorkQueue, latency};
use crate::store::{Change, Revision, View};
use trigger::TriggerTimes;

const SERVICE_NAME: &str = "kubernetes.io/service-name";
const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
const CONTROLLER: &str = "endpointslice-controller.k8s.io";
/// When somebody else writes a slice, its Service is looked at after a while.
/// Models endpointSliceChangeMinSyncDelay.
const FOREIGN_CHANGE_DELAY: Duration = Duration::from_secs(1);

/// Writes the EndpointSlices of Services that have a selector.
#[derive(Clone, Debug, Default)]
pub struct EndpointSliceController {
    /// The revision of the last write for each Service.
    written: BTreeMap<Key, Revision>,
    triggers: BTreeMap<Key, TriggerTimes>,
}

impl Controller for EndpointSliceController {
    const NAME: &'static str = "endpoint-slice-controller";
    const FIRST_RETRY: Duration = Duration::from_secs(1);

    fn wakes(&mut self, change: &Change, cache: View<'_>, queue: &mut WorkQueue) {
        match change.object() {
            Object::Service(_) => queue.add(change.key.clone()),
            Object::Pod(_) => pod_changed(change, cache, queue),
            Object::EndpointSlice(_) => self.slice_changed(change, queue),
            _ => {}
        }
    }

    /// Models syncService.
    fn reconcile(&mut self, cx: &mut Ctx<'_>, key: &Key) -> Result<Requeue, Status> {
        let Some(service) = cx.cached().get_as::<Service>(key).cloned() else {
            self.written.remove(key);
            self.triggers.remove(key);
            return Ok(Requeue::No);
        };
        // Without a selector, or with an external name, the slices are somebody else's affair.
        if service.spec.selector.is_none() || service.spec.type_.as_deref() == Some("ExternalName") {
            return Ok(Requeue::No);
        }
        if self.written.get(key).is_some_and(|revision| *revision > cx.cached().revision()) {
            return Ok(Requeue::After(latency::WATCH));
        }
        let before = cx.revision();
        let triggers = self.triggers.entry(key.clone());
        let outcome = reconcile::reconcile(cx, &service, triggers);
        if cx.revision() > before {
            self.written.insert(key.clone(), cx.revision());
        }
        if let Err(status) = &outcome {
            let text = format!(
                "Error updating Endpoint Slices for Service {}/{}: {status}",
                key.namespace, key.name
            );
            cx.event(&*service, EventType::Warning, "FailedToUpdateEndpointSlices", text);
        }
        outcome.map(|()| Requeue::No)
    }
}

impl EndpointSliceController {
    /// Models onEndpointSliceAdd, onEndpointSliceUpdate and onEndpointSliceDelete.
    fn slice_changed(&self, change: &Change, queue: &mut WorkQueue) {
        let (before, after) = change.sides::<EndpointSlice>();
        for slice in [before, after].into_iter().flatten() {
            let labels = slice.metadata.labels.as_ref();
            let label = |name: &str| labels.and_then(|labels| labels.get(name)).map(String::as_str);
            let Some(name) = label(SERVICE_NAME).filter(|_| label(MANAGED_BY) == Some(CONTROLLER)) else {
                continue;
            };
            let service = Key::new(Kind::Service, &change.key.namespace, name);
            if self.written.get(&service).is_none_or(|revision| *revision < change.revision) {
                queue.add_after(service, FOREIGN_CHANGE_DELAY);
            }
        }
    }
}

/// Models GetPodUpdateProjectionKey and GetServicesToUpdate.
fn pod_changed(change: &Change, cache: View<'_>, queue: &mut WorkQueue) {
    let namespace = &*change.key.namespace;
    let (before, after) = change.sides::<Pod>();
    let (old, new) = match (before, after) {
        (Some(old), Some(new)) => (old, new),
        (None, Some(one)) | (Some(one), None) => {
            return selecting(namespace, one.metadata.labels.as_ref(), cache).for_each(|key| queue.add(key));
        }
        (None, None) => return,
    };
    let moved = old.metadata.labels != new.metadata.labels
        || old.spec.hostname != new.spec.hostname
        || old.spec.subdomain != new.spec.subdomain;
    // A Pod on its way out counts as changed with every write, as upstream compares its time.
    let changed = old.metadata.deletion_timestamp.is_some()
        || new.metadata.deletion_timestamp.is_some()
        || is_pod_ready(old) != is_pod_ready(new)
        || old.status.pod_ips != new.status.pod_ips;
    if !moved && !changed {
        return;
    }
    let now: Vec<Key> = selecting(namespace, new.metadata.labels.as_ref(), cache).collect();
    if !moved {
        return now.into_iter().for_each(|key| queue.add(key));
    }
    let then: Vec<Key> = selecting(namespace, old.metadata.labels.as_ref(), cache).collect();
    let (in_one, in_both): (Vec<_>, Vec<_>) =
        then.iter().chain(&now).partition(|key| then.contains(key) != now.contains(key));
    in_one.into_iter().cloned().for_each(|key| queue.add(key));
    if changed {
        in_both.into_iter().cloned().for_each(|key| queue.add(key));
    }
}

/// Models getServicesForPod.
fn selecting<'a>(
    namespace: &str,
    labels: Option<&'a Labels>,
    cache: View<'a>,
) -> impl Iterator<Item = Key> + use<'a> {
    let services = cache.list_as::<Service>(Some(namespace));
    services.filter(move |service| selects(service, labels)).map(|service| service.key())
}

fn selects(service: &Service, labels: Option<&Labels>) -> bool {
    let has = |key: &String, value: &String| labels.and_then(|labels| labels.get(key)) == Some(value);
    service.spec.selector.as_ref().is_some_and(|selector| selector.iter().all(|(key, value)| has(key, value)))
}
