//! The rollout's own conditions and the progress deadline. Models pkg/controller/deployment/progress.go.

use std::time::Duration;

use super::sync::calculate_status;
use super::{Rollout, Sets, seconds, util};
use crate::api::apps::{DeploymentCondition, DeploymentStatus};
use crate::api::{Moment, ReplicaSet, Status};
use crate::sim::Requeue;

const PROGRESSING: &str = "Progressing";
const REPLICA_FAILURE: &str = "ReplicaFailure";
const AVAILABLE: &str = "NewReplicaSetAvailable";
const TIMED_OUT: &str = "ProgressDeadlineExceeded";

impl Rollout<'_, '_> {
    /// Models syncRolloutStatus.
    pub(super) fn sync_rollout_status(mut self, sets: &Sets) -> Result<Requeue, Status> {
        let mut status = calculate_status(&self.d, sets, &self.cx.date());
        match util::progress_deadline(&self.d) {
            None => util::remove_condition(&mut status, PROGRESSING),
            Some(_) => self.set_progress(sets, &mut status),
        }
        match replica_failure(sets) {
            Some(failure) => util::set_condition(&mut status, failure),
            None => util::remove_condition(&mut status, REPLICA_FAILURE),
        }
        if status == *self.d.status {
            return Ok(self.requeue_stuck());
        }
        *self.d.status_mut() = status;
        self.write_status()?;
        Ok(Requeue::No)
    }

    fn set_progress(&self, sets: &Sets, status: &mut DeploymentStatus) {
        let current = util::condition(&self.d.status, PROGRESSING).cloned();
        let reason = current.as_ref().and_then(|c| c.reason.as_deref());
        if status.replicas == status.updated_replicas && reason == Some(AVAILABLE) {
            return;
        }
        let new = |value, reason, tells: &str| {
            let message = format!("{} {tells}.", self.subject(sets));
            util::new_condition(PROGRESSING, value, (reason, message), &self.cx.date())
        };
        if util::is_complete(&self.d, status) {
            util::set_condition(status, new("True", AVAILABLE, "has successfully progressed"));
        } else if util::is_progressing(&self.d.status, status) {
            let mut condition = new("True", "ReplicaSetUpdated", "is progressing");
            if let Some(current) = &current {
                if current.status == "True" {
                    condition.last_transition_time.clone_from(&current.last_transition_time);
                }
                // Progress sets the clock anew, also where the reason stays.
                util::remove_condition(status, PROGRESSING);
            }
            util::set_condition(status, condition);
        } else if self.is_timed_out(status) {
            util::set_condition(status, new("False", TIMED_OUT, "has timed out progressing"));
        }
    }

    fn subject(&self, sets: &Sets) -> String {
        let (kind, meta) = match &sets.new {
            Some(set) => ("ReplicaSet", &set.metadata),
            None => ("Deployment", &self.d.metadata),
        };
        format!("{kind} \"{}\"", meta.name.as_deref().unwrap_or_default())
    }

    /// Models DeploymentTimedOut.
    fn is_timed_out(&self, status: &DeploymentStatus) -> bool {
        let Some(condition) = util::condition(status, PROGRESSING) else { return false };
        match condition.reason.as_deref() {
            Some(AVAILABLE) => false,
            Some(TIMED_OUT) => true,
            _ => self.deadline(condition).is_some_and(|deadline| deadline < self.cx.now),
        }
    }

    fn deadline(&self, condition: &DeploymentCondition) -> Option<Moment> {
        let since = condition.last_update_time.as_ref().map(|time| self.cx.epoch().moment(time))?;
        Some(since + seconds(util::progress_deadline(&self.d)?))
    }

    /// When to look again whether progress has been made. Models requeueStuckDeployment.
    fn requeue_stuck(&self) -> Requeue {
        let status = &self.d.status;
        let Some(condition) = util::condition(status, PROGRESSING) else { return Requeue::No };
        if util::is_complete(&self.d, status) || condition.reason.as_deref() == Some(TIMED_OUT) {
            return Requeue::No;
        }
        let Some(deadline) = self.deadline(condition) else { return Requeue::No };
        let left = deadline.since(self.cx.now);
        // Upstream looks again and again in the last second, which comes to looking just after it.
        let slack = if left < Duration::from_secs(1) { 1 } else { 1000 };
        Requeue::After(left + Duration::from_millis(slack))
    }
}

/// What keeps a ReplicaSet from its Pods, the new one's before others'. Models getReplicaFailures.
fn replica_failure(sets: &Sets) -> Option<DeploymentCondition> {
    let of = |set: &ReplicaSet| {
        let failure = set.status.conditions.iter().flatten().find(|c| c.type_ == REPLICA_FAILURE)?;
        Some(DeploymentCondition {
            type_: failure.type_.clone(),
            status: failure.status.clone(),
            last_transition_time: failure.last_transition_time.clone(),
            last_update_time: failure.last_transition_time.clone(),
            reason: failure.reason.clone(),
            message: failure.message.clone(),
        })
    };
    sets.new.iter().chain(&sets.old).find_map(|set| of(set))
}
