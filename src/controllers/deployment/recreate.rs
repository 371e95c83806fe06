//! Recreate: the old Pods are gone before the first new one comes.
//! Models pkg/controller/deployment/recreate.go.

use std::sync::Arc;

use super::replica_sets::Missing;
use super::{Rollout, Sets, has_running_pods, util};
use crate::api::{ReplicaSet, Status};
use crate::sim::Requeue;

impl Rollout<'_, '_> {
    /// Models rolloutRecreate.
    pub(super) fn rollout_recreate(mut self, list: &[Arc<ReplicaSet>]) -> Result<Requeue, Status> {
        let mut sets = self.sync_revision(list, Missing::Leave)?;
        let mut scaled = false;
        for set in sets.old.clone() {
            self.scale_replica_set(&set, 0)?;
            scaled |= util::size(&set) != 0;
        }
        if scaled || self.old_pods_running(&sets) {
            return self.sync_rollout_status(&sets);
        }
        if sets.new.is_none() {
            sets = self.sync_revision(list, Missing::Create)?;
        }
        if let Some(new) = &sets.new {
            self.scale_replica_set(new, util::replicas(&self.d))?;
        }
        if util::is_complete(&self.d, &self.d.status) {
            self.cleanup(&sets.old)?;
        }
        self.sync_rollout_status(&sets)
    }

    /// Models oldPodsRunning.
    fn old_pods_running(&self, sets: &Sets) -> bool {
        let counted = sets.old.iter().map(|set| set.status.replicas).sum::<i32>();
        let cache = self.cx.cached();
        counted > 0 || sets.old.iter().any(|set| has_running_pods(set, cache))
    }
}
