//! Rolling back on the controller's side, asked for by an old annotation.
//! Models pkg/controller/deployment/rollback.go.

use std::sync::Arc;

use super::replica_sets::Missing;
use super::{Rollout, util};
use crate::api::{Deployment, ReplicaSet, Status};
use crate::sim::{EventType, Requeue};

/// The revision to go back to; 0 is the one before. Models getRollbackTo.
pub(super) fn wanted(d: &Deployment) -> Option<i64> {
    util::annotation(&d.metadata, util::ROLLBACK_TO)?.parse().ok()
}

impl Rollout<'_, '_> {
    /// Models rollback.
    pub(super) fn rollback(mut self, list: &[Arc<ReplicaSet>], wanted: i64) -> Result<Requeue, Status> {
        let sets = self.sync_revision(list, Missing::Create)?;
        let revision = if wanted == 0 { util::last_revision(sets.all()) } else { wanted };
        if revision == 0 {
            self.warn("DeploymentRollbackRevisionNotFound", "Unable to find last revision.".into());
            return self.clear_rollback();
        }
        let Some(set) = sets.all().find(|set| util::revision(set) == Some(revision)).cloned() else {
            let text = "Unable to find the revision to rollback to.";
            self.warn("DeploymentRollbackRevisionNotFound", text.into());
            return self.clear_rollback();
        };
        let name = self.d.metadata.name.clone().unwrap_or_default();
        let template = set.spec.template.as_ref();
        match template.filter(|template| !util::equal_ignore_hash(template, &self.d.spec.template)) {
            None => {
                let text = format!(
                    "The rollback revision contains the same template as current deployment \"{name}\""
                );
                self.warn("DeploymentRollbackTemplateUnchanged", text);
                self.clear_rollback()
            }
            Some(template) => {
                take_template(&mut self.d, &set, template.clone());
                let text = format!("Rolled back deployment \"{name}\" to revision {revision}");
                let written = self.clear_rollback();
                if written.is_ok() {
                    self.cx.event(&self.d, EventType::Normal, "DeploymentRollback", text);
                }
                written
            }
        }
    }

    fn warn(&mut self, reason: &str, text: String) {
        self.cx.event(&self.d, EventType::Warning, reason, text);
    }

    /// Models updateDeploymentAndClearRollbackTo.
    fn clear_rollback(&mut self) -> Result<Requeue, Status> {
        if let Some(annotations) = &mut self.d.metadata.annotations {
            annotations.remove(util::ROLLBACK_TO);
        }
        self.cx.update(self.d.clone()).map(|_| Requeue::No)
    }
}

/// Models SetFromReplicaSetTemplate and SetDeploymentAnnotationsTo.
fn take_template(d: &mut Deployment, set: &ReplicaSet, template: crate::api::core::PodTemplateSpec) {
    d.spec_mut().template = template;
    if let Some(labels) = d.spec_mut().template.metadata.as_mut().and_then(|meta| meta.labels.as_mut()) {
        labels.remove(util::POD_TEMPLATE_HASH);
    }
    let annotations = d.metadata.annotations.get_or_insert_default();
    annotations.retain(|key, _| util::OWN_ANNOTATIONS.contains(&key.as_str()));
    for (key, value) in set.metadata.annotations.iter().flatten() {
        if !util::OWN_ANNOTATIONS.contains(&key.as_str()) {
            annotations.insert(key.clone(), value.clone());
        }
    }
}
