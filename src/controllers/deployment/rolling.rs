//! RollingUpdate. Models pkg/controller/deployment/rolling.go.

use std::sync::Arc;

use super::replica_sets::Missing;
use super::{Rollout, Sets, util};
use crate::api::{ReplicaSet, Status};
use crate::sim::Requeue;

impl Rollout<'_, '_> {
    /// Models rolloutRolling.
    pub(super) fn rollout_rolling(mut self, list: &[Arc<ReplicaSet>]) -> Result<Requeue, Status> {
        let sets = self.sync_revision(list, Missing::Create)?;
        if self.reconcile_new(&sets)? || self.reconcile_old(&sets) {
            return self.sync_rollout_status(&sets);
        }
        if util::is_complete(&self.d, &self.d.status) {
            self.cleanup(&sets.old)?;
        }
        self.sync_rollout_status(&sets)
    }

    /// Models reconcileNewReplicaSet.
    fn reconcile_new(&mut self, sets: &Sets) -> Result<bool, Status> {
        let Some(new) = &sets.new else { return Ok(false) };
        let wanted = util::replicas(&self.d);
        let size = match util::size(new) {
            size if size >= wanted => wanted,
            size => util::new_replicas(&self.d, total(sets), size),
        };
        self.scale_replica_set(new, size)?;
        Ok(size != util::size(new))
    }

    /// Lets old Pods go: first those that are not available anyway, then as many as maxUnavailable
    /// permits. A refused write counts as no progress, as upstream has it: the status is written all the
    /// same, and the change that caused the refusal wakes the Deployment.
    ///
    /// Models reconcileOldReplicaSets
    fn reconcile_old(&mut self, sets: &Sets) -> bool {
        let Some(new) = &sets.new else { return false };
        let mut old: Vec<_> = sets.old.iter().filter(|set| util::size(set) > 0).cloned().collect();
        let min_available = util::replicas(&self.d) - util::max_unavailable(&self.d);
        let new_unavailable = util::size(new) - available(new);
        let most = total(sets) - min_available - new_unavailable;
        if old.is_empty() || most <= 0 {
            return false;
        }
        let Some(cleaned) = self.scale_down(&mut old, most, |set| util::size(set) - available(set)) else {
            return false;
        };
        let surplus = old.iter().map(|set| available(set)).sum::<i32>() + available(new) - min_available;
        let scaled = self.scale_down(&mut old, surplus, util::size);
        scaled.is_some_and(|scaled| cleaned + scaled > 0)
    }

    /// Takes up to `most` from the sets, oldest first, from each up to its share; says how much that was.
    /// `None` when a write is refused or a set has more available Pods than it should have at all, which
    /// is to wait for.
    ///
    /// Models cleanupUnhealthyReplicas and scaleDownOldReplicaSetsForRollingUpdate
    fn scale_down(
        &mut self,
        sets: &mut [Arc<ReplicaSet>],
        most: i32,
        share: impl Fn(&ReplicaSet) -> i32,
    ) -> Option<i32> {
        let mut taken = 0;
        for set in sets {
            if taken >= most {
                break;
            }
            let down = share(set).min(most - taken);
            match down {
                0 => continue,
                ..0 => return None,
                _ => *set = self.scale_replica_set(set, util::size(set) - down).ok()?,
            }
            taken += down;
        }
        Some(taken)
    }
}

fn total(sets: &Sets) -> i32 {
    sets.all().map(|set| util::size(set)).sum()
}

fn available(set: &ReplicaSet) -> i32 {
    set.status.available_replicas.unwrap_or(0)
}
