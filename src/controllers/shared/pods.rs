//! Making and deleting Pods, with the Events that tell of it. Models pkg/controller/controller_utils.go.

use std::sync::Arc;

use crate::api::core::{PodSpec, PodTemplateSpec};
use crate::api::{Key, Kinded, ObjectMeta, Pod, Reason, Status, owner};
use crate::server::DeleteOptions;
use crate::sim::{Ctx, EventType};

/// Makes the Pods of one template for one owner; they share their spec.
#[derive(Clone, Debug)]
pub struct PodMaker {
    metadata: ObjectMeta,
    spec: Arc<PodSpec>,
}

impl PodMaker {
    /// Models GetPodFromTemplate.
    pub fn new<O: Kinded>(template: &PodTemplateSpec, owner: &O) -> PodMaker {
        let template_meta = template.metadata.clone().unwrap_or_default();
        let metadata = ObjectMeta {
            labels: template_meta.labels,
            annotations: template_meta.annotations,
            finalizers: template_meta.finalizers,
            generate_name: Some(pods_prefix(&owner.key().name)),
            namespace: owner.meta().namespace.clone(),
            owner_references: Some(vec![owner::controller_reference(owner)]),
            ..ObjectMeta::default()
        };
        PodMaker { metadata, spec: Arc::new(template.spec.clone().unwrap_or_default()) }
    }

    /// One more Pod, without a name yet.
    pub fn make(&self) -> Pod {
        Pod { metadata: self.metadata.clone(), spec: self.spec.clone(), status: Arc::default() }
    }
}

/// Models getPodsPrefix: the dash is left out where it would make the name too long.
fn pods_prefix(owner: &str) -> String {
    const LONGEST_NAME: usize = 253;
    if owner.len() < LONGEST_NAME { format!("{owner}-") } else { owner.into() }
}

/// Creates a Pod and records that on its owner.
///
/// # Errors
/// What the API server refuses.
///
/// Models RealPodControl.createPods
pub fn create_pod<O: Kinded>(cx: &mut Ctx<'_>, owner: &O, pod: Pod) -> Result<(), Status> {
    if pod.metadata.labels.as_ref().is_none_or(|labels| labels.is_empty()) {
        return Err(Status::new(Reason::InternalError, "unable to create pods, no labels"));
    }
    match cx.create(pod) {
        Ok(pod) => {
            let name = pod.metadata.name.as_deref().unwrap_or_default();
            cx.event(owner, EventType::Normal, "SuccessfulCreate", format!("Created pod: {name}"));
            Ok(())
        }
        Err(status) => {
            if !status.is_namespace_terminating() {
                cx.event(owner, EventType::Warning, "FailedCreate", format!("Error creating: {status}"));
            }
            Err(status)
        }
    }
}

/// Deletes a Pod and records that on its owner. A Pod that is gone already is no error.
///
/// # Errors
/// What the API server refuses.
///
/// Models RealPodControl.DeletePod
pub fn delete_pod<O: Kinded>(cx: &mut Ctx<'_>, owner: &O, key: &Key) -> Result<(), Status> {
    match cx.delete(key, &DeleteOptions::default()) {
        Ok(()) => {
            cx.event(owner, EventType::Normal, "SuccessfulDelete", format!("Deleted pod: {}", key.name));
            Ok(())
        }
        Err(status) if status.is_not_found() => Ok(()),
        Err(status) => {
            cx.event(owner, EventType::Warning, "FailedDelete", format!("Error deleting: {status}"));
            Err(Status::new(status.reason, format!("unable to delete pods: {status}")))
        }
    }
}
