//! Scaling, pausing, cleaning up and the plain status. Models pkg/controller/deployment/sync.go.

use std::sync::Arc;

use super::replica_sets::{Missing, set_replicas_annotations};
use super::{Rollout, Sets, util};
use crate::api::apps::DeploymentStatus;
use crate::api::{Deployment, Kinded, ReplicaSet, Status, Time};
use crate::controllers::shared::nonzero;
use crate::server::DeleteOptions;
use crate::sim::{EventType, Requeue};

impl Rollout<'_, '_> {
    /// Models syncStatusOnly.
    pub(super) fn sync_status_only(mut self, list: &[Arc<ReplicaSet>]) -> Result<Requeue, Status> {
        let sets = self.sync_revision(list, Missing::Leave)?;
        self.sync_status(&sets)
    }

    /// Scales without rolling out. Models sync.
    pub(super) fn sync(mut self, list: &[Arc<ReplicaSet>]) -> Result<Requeue, Status> {
        let sets = self.sync_revision(list, Missing::Leave)?;
        self.scale(&sets)?;
        if util::is_paused(&self.d) && super::rollback::wanted(&self.d).is_none() {
            self.cleanup(&sets.old)?;
        }
        self.sync_status(&sets)
    }

    /// Models checkPausedConditions.
    pub(super) fn check_paused_conditions(&mut self) -> Result<(), Status> {
        if util::progress_deadline(&self.d).is_none() {
            return Ok(());
        }
        let current = util::condition(&self.d.status, "Progressing").and_then(|c| c.reason.as_deref());
        let (reason, message) = match (util::is_paused(&self.d), current) {
            (_, Some("ProgressDeadlineExceeded")) | (true, Some("DeploymentPaused")) => return Ok(()),
            (true, _) => ("DeploymentPaused", "Deployment is paused"),
            (false, Some("DeploymentPaused")) => ("DeploymentResumed", "Deployment is resumed"),
            (false, _) => return Ok(()),
        };
        self.set_progressing("Unknown", reason, message.into());
        self.write_status()
    }

    /// Models isScalingEvent.
    pub(super) fn is_scaling_event(&mut self, list: &[Arc<ReplicaSet>]) -> Result<bool, Status> {
        let sets = self.sync_revision(list, Missing::Leave)?;
        let desired = |set: &Arc<ReplicaSet>| util::count_annotation(set, util::DESIRED_REPLICAS);
        let mut active = sets.all().filter(|set| util::size(set) > 0);
        Ok(active.any(|set| desired(set).is_some_and(|desired| desired != util::replicas(&self.d))))
    }

    /// Models scale: one active set is scaled alone, a rollout under way in proportion.
    fn scale(&mut self, sets: &Sets) -> Result<(), Status> {
        let wanted = util::replicas(&self.d);
        if let Some(set) = util::find_active_or_latest(sets) {
            return self.scale_replica_set(set, wanted).map(drop);
        }
        let active_old = sets.old.iter().filter(|set| util::size(set) > 0);
        if sets.new.as_ref().is_some_and(|new| util::is_saturated(&self.d, new)) {
            for set in active_old {
                self.scale_replica_set(set, 0)?;
            }
            return Ok(());
        }
        if util::is_rolling_update(&self.d) {
            let active: Vec<_> = sets.all().filter(|set| util::size(set) > 0).cloned().collect();
            for (set, size) in plan_proportional(&self.d, active) {
                // Also where the size stays: the annotations must tell the new total.
                self.resize(&set, size)?;
            }
        }
        Ok(())
    }

    /// Brings a set to a size and returns it as it then is. Models scaleReplicaSet.
    pub(super) fn scale_replica_set(
        &mut self,
        set: &Arc<ReplicaSet>,
        size: i32,
    ) -> Result<Arc<ReplicaSet>, Status> {
        if util::size(set) == size { Ok(set.clone()) } else { self.resize(set, size) }
    }

    fn resize(&mut self, set: &Arc<ReplicaSet>, size: i32) -> Result<Arc<ReplicaSet>, Status> {
        let before = util::size(set);
        let mut changed = ReplicaSet::clone(set);
        let annotated = set_replicas_annotations(&self.d, &mut changed.metadata);
        if before == size && !annotated {
            return Ok(set.clone());
        }
        if before != size {
            changed.spec_mut().replicas = Some(size);
        }
        let updated = self.cx.update(changed)?;
        if before != size {
            let way = if before < size { "up" } else { "down" };
            let name = set.metadata.name.as_deref().unwrap_or_default();
            let text = format!("Scaled {way} replica set {name} from {before} to {size}");
            self.cx.event(&self.d, EventType::Normal, "ScalingReplicaSet", text);
        }
        Ok(updated)
    }

    /// Deletes the oldest of the old sets that have nothing left to do. Models cleanupDeployment.
    pub(super) fn cleanup(&mut self, old: &[Arc<ReplicaSet>]) -> Result<(), Status> {
        let Some(limit) = self.d.spec.revision_history_limit.filter(|limit| *limit != i32::MAX) else {
            return Ok(());
        };
        let mut cleanable: Vec<_> =
            old.iter().filter(|set| set.metadata.deletion_timestamp.is_none()).cloned().collect();
        let surplus = cleanable.len().saturating_sub(usize::try_from(limit).unwrap_or(0));
        util::sort_by_revision(&mut cleanable);
        for set in cleanable.iter().take(surplus) {
            let unobserved = set.metadata.generation > set.status.observed_generation;
            if set.status.replicas != 0 || util::size(set) != 0 || unobserved {
                continue;
            }
            match self.cx.delete(&set.key(), &DeleteOptions::default()) {
                Err(status) if !status.is_not_found() => return Err(status),
                _ => {}
            }
        }
        Ok(())
    }

    /// Models syncDeploymentStatus.
    fn sync_status(&mut self, sets: &Sets) -> Result<Requeue, Status> {
        let status = calculate_status(&self.d, sets, &self.cx.date());
        if status != *self.d.status {
            *self.d.status_mut() = status;
            self.write_status()?;
        }
        Ok(Requeue::No)
    }
}

/// The sizes of the active sets when the Deployment is scaled in the middle of a rollout; the largest
/// takes what rounding leaves over.
pub(super) fn plan_proportional(
    d: &Deployment,
    mut active: Vec<Arc<ReplicaSet>>,
) -> Vec<(Arc<ReplicaSet>, i32)> {
    let wanted = util::replicas(d);
    let allowed = if wanted > 0 { util::max_replicas(d) } else { 0 };
    let to_add = allowed - active.iter().map(|set| util::size(set)).sum::<i32>();
    match to_add {
        1.. => util::sort_by_size_newer(&mut active),
        0 => {}
        _ => util::sort_by_size_older(&mut active),
    }
    let mut added = 0;
    let mut plan: Vec<_> = active
        .into_iter()
        .map(|set| {
            let part = util::proportion(&set, d, to_add, added);
            added += part;
            let size = util::size(&set) + part;
            (set, size)
        })
        .collect();
    if let Some((_, size)) = plan.first_mut().filter(|_| to_add != 0) {
        *size = (*size + to_add - added).max(0);
    }
    plan
}

/// Models calculateStatus.
pub(super) fn calculate_status(d: &Deployment, sets: &Sets, now: &Time) -> DeploymentStatus {
    let sum = |count: fn(&ReplicaSet) -> i32| sets.all().map(|set| count(set)).sum::<i32>();
    let available = sum(|set| set.status.available_replicas.unwrap_or(0));
    let mut status = DeploymentStatus {
        observed_generation: d.metadata.generation,
        replicas: nonzero(sum(|set| set.status.replicas)),
        updated_replicas: sets.new.as_ref().and_then(|set| nonzero(set.status.replicas)),
        ready_replicas: nonzero(sum(|set| set.status.ready_replicas.unwrap_or(0))),
        available_replicas: nonzero(available),
        unavailable_replicas: nonzero((sum(util::size) - available).max(0)),
        terminating_replicas: Some(sum(|set| set.status.terminating_replicas.unwrap_or(0))),
        collision_count: d.status.collision_count,
        conditions: d.status.conditions.clone(),
    };
    let (value, reason, message) = match available >= util::replicas(d) - util::max_unavailable(d) {
        true => ("True", "MinimumReplicasAvailable", "Deployment has minimum availability."),
        false => ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability."),
    };
    let condition = util::new_condition("Available", value, (reason, message.into()), now);
    util::set_condition(&mut status, condition);
    status
}
