//! The default scheduler: takes the Pod that is next, finds the nodes it can run on, binds it to the best.
//! Models pkg/scheduler/schedule_one.go.
//!
//! Invariant: it meets the rest of the cluster only through Pods and Nodes.

mod cache;
mod filter;
mod queue;
mod score;

use crate::api::order;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cache::{Cache, PodInfo};
use filter::{Rejection, filter};
use queue::{ClusterEvent, SchedulingQueue};

use crate::api::conditions::is_pod_terminal;
use crate::api::core::PodCondition;
use crate::api::labels::Selector;
use crate::api::{Key, Kinded, Moment, Node, Pod, ReplicaSet, Service, owner};
use crate::server::Server;
use crate::sim::{Alarms, Ctx, EventType, Recorder, Turn, latency};
use crate::store::{Actor, Change, Revision, Trigger, View};

/// The name by which Pods ask for this scheduler.
pub const NAME: &str = "default-scheduler";
/// Models minFeasibleNodesToFind and minFeasibleNodesPercentageToFind.
const MIN_FEASIBLE: usize = 100;
const MIN_FEASIBLE_PERCENT: usize = 5;

/// The default scheduler.
#[derive(Clone, Debug)]
pub struct Scheduler {
    queue: SchedulingQueue,
    cache: Cache,
    recorder: Recorder,
    /// From which node the next search starts.
    start: usize,
    busy_until: Moment,
    alarms: Alarms,
    /// Why each Pod that waits found no node: reasons by node name.
    verdicts: BTreeMap<Key, Verdict>,
}

/// What the last attempt to schedule a Pod found, by node name.
pub type Verdict = BTreeMap<String, Vec<String>>;

impl Default for Scheduler {
    fn default() -> Self {
        Scheduler {
            queue: SchedulingQueue::default(),
            cache: Cache::default(),
            recorder: Recorder::with_series(NAME),
            start: 0,
            busy_until: Moment::START,
            alarms: Alarms::default(),
            verdicts: BTreeMap::new(),
        }
    }
}

impl Scheduler {
    /// Why a Pod that waits found no node at the last attempt.
    pub fn verdict(&self, pod: &Key) -> Option<&Verdict> {
        self.verdicts.get(pod)
    }

    /// Hears of a change.
    pub fn observe(&mut self, now: Moment, change: &Change, _cache: View<'_>) {
        let trigger = Trigger::Change(change.revision);
        if let (before, Some(node)) = change.sides::<Node>() {
            self.cache.set_node(node);
            if before.is_none() {
                self.queue.on_event(ClusterEvent::NodeAdded, now, trigger);
            } else if before.is_some_and(|before| offers_more(before, node)) {
                self.queue.on_event(ClusterEvent::NodeUpdated, now, trigger);
            }
        } else if let (Some(node), None) = change.sides::<Node>() {
            self.cache.remove_node(node.metadata.name.as_deref().unwrap_or_default());
        }
        match change.sides::<Pod>() {
            (None, None) => {}
            (Some(_), None) => self.forget(&change.key, now, trigger),
            (_, Some(pod)) if is_bound(pod) && is_pod_terminal(&pod.status) => {
                self.forget(&change.key, now, trigger);
            }
            (_, Some(pod)) if is_bound(pod) => {
                self.queue.remove(&change.key);
                self.verdicts.remove(&change.key);
                self.cache.set_pod(pod);
            }
            (before, Some(pod)) => self.observe_waiting(before, pod, (now, trigger)),
        }
    }

    fn observe_waiting(
        &mut self,
        before: Option<&Arc<Pod>>,
        pod: &Arc<Pod>,
        (now, trigger): (Moment, Trigger),
    ) {
        let key = pod.key();
        let ours = pod.spec.scheduler_name.as_deref().unwrap_or(NAME) == NAME;
        // Models the plugin SchedulingGates: such a Pod does not even enter the queue.
        let gated = pod.spec.scheduling_gates.as_ref().is_some_and(|gates| !gates.is_empty());
        if !ours || gated || pod.metadata.deletion_timestamp.is_some() || is_pod_terminal(&pod.status) {
            return self.queue.remove(&key);
        }
        // The scheduler's own status writes do not make a Pod worth another try.
        let changed = before.is_none_or(|before| {
            !Arc::ptr_eq(&before.spec, &pod.spec) && before.spec != pod.spec
                || before.metadata.labels != pod.metadata.labels
        });
        if changed || !self.queue.contains(&key) {
            self.queue.add(key, pod.spec.priority.unwrap_or(0), now, trigger);
        }
    }

    fn forget(&mut self, key: &Key, now: Moment, trigger: Trigger) {
        self.queue.remove(key);
        self.verdicts.remove(key);
        self.cache.remove_pod(key);
        self.queue.on_event(ClusterEvent::PodDeleted, now, trigger);
    }

    /// Schedules one Pod, if one is due.
    pub fn work(&mut self, now: Moment, informer: Revision, server: &mut Server) {
        self.alarms.woken(now);
        if now < self.busy_until {
            return;
        }
        self.queue.flush(now);
        let Some((key, trigger)) = self.queue.pop(now) else { return };
        self.busy_until = now + latency::SCHEDULE;
        let turn = Turn { now, informer, actor: Actor::Scheduler, trigger };
        let mut recorder = std::mem::replace(&mut self.recorder, Recorder::with_series(NAME));
        let mut cx = Ctx::new(turn, server, &mut recorder);
        self.schedule_one(&mut cx, key);
        self.recorder = recorder;
    }

    /// When it wants to be called, if that is news.
    pub fn alarm(&mut self, now: Moment) -> Option<Moment> {
        let next = [self.queue.next(now), self.queue.flush_at()].into_iter().flatten().min()?;
        self.alarms.ask(next.max(self.busy_until).max(now))
    }

    fn schedule_one(&mut self, cx: &mut Ctx<'_>, key: Key) {
        let Some(pod) = cx.cached().get_as::<Pod>(&key).cloned() else {
            return self.queue.remove(&key);
        };
        let info = PodInfo::new(pod);
        let (feasible, rejected) = self.find_feasible(&info);
        match self.select_host(cx, &info, &feasible) {
            Some(index) => self.bind(cx, &info, index),
            None => self.give_up(cx, &info, rejected),
        }
    }

    /// Models findNodesThatPassFilters: from where the last search ended, until enough are found.
    fn find_feasible(&mut self, info: &PodInfo) -> (Vec<usize>, Vec<(usize, Rejection)>) {
        let all = self.cache.nodes().len();
        let enough = feasible_to_find(all);
        let (mut feasible, mut rejected) = (Vec::new(), Vec::new());
        let start = if all == 0 { 0 } else { self.start % all };
        let mut tried = 0;
        let round = self.cache.nodes().skip(start).chain(self.cache.nodes().take(start));
        for (index, node) in round {
            tried += 1;
            match filter(info, node) {
                Ok(()) => feasible.push(index),
                Err(rejection) => rejected.push((index, rejection)),
            }
            if feasible.len() >= enough {
                break;
            }
        }
        self.start = if all == 0 { 0 } else { (start + tried) % all };
        (feasible, rejected)
    }

    /// Models selectHost: the best score; of several, any.
    fn select_host(&mut self, cx: &mut Ctx<'_>, info: &PodInfo, feasible: &[usize]) -> Option<usize> {
        if feasible.len() <= 1 {
            return feasible.first().copied();
        }
        let spread_by = default_selector(cx.cached(), &info.pod);
        let scores = score::score(info, feasible, &mut self.cache, &spread_by);
        let best = scores.iter().copied().max()?;
        let mut ties =
            feasible.iter().zip(&scores).filter(|(_, score)| **score == best).map(|(index, _)| *index);
        let count = ties.clone().count() as u64;
        ties.nth(cx.random().below(count) as usize)
    }

    fn bind(&mut self, cx: &mut Ctx<'_>, info: &PodInfo, index: usize) {
        let key = info.pod.key();
        let node = self
            .cache
            .node(index)
            .node
            .as_ref()
            .and_then(|node| node.metadata.name.clone())
            .unwrap_or_default();
        self.queue.remove(&key);
        self.verdicts.remove(&key);
        if cx.bind(&key, &node).is_err() {
            // Deleted meanwhile; the informer will say so.
            return;
        }
        let mut assumed = Pod::clone(&info.pod);
        assumed.spec_mut().node_name = Some(node.clone());
        self.cache.set_pod(&Arc::new(assumed));
        let place = format!("{}/{}", key.namespace, key.name);
        cx.event(
            &*info.pod,
            EventType::Normal,
            "Scheduled",
            format!("Successfully assigned {place} to {node}"),
        );
    }

    /// Models handleSchedulingFailure.
    fn give_up(&mut self, cx: &mut Ctx<'_>, info: &PodInfo, rejected: Vec<(usize, Rejection)>) {
        let key = info.pod.key();
        let message = failure_message(&rejected);
        let plugins: BTreeSet<_> = order::set(rejected.iter().map(|(_, rejection)| rejection.plugin));
        self.queue.fail(key.clone(), cx.now, plugins);
        let name = |index: usize| {
            let node = self.cache.node(index).node.as_ref();
            node.and_then(|node| node.metadata.name.clone()).unwrap_or_default()
        };
        let verdict =
            order::map(rejected.into_iter().map(|(index, rejection)| (name(index), rejection.reasons)));
        self.verdicts.insert(key.clone(), verdict);
        cx.event(&*info.pod, EventType::Warning, "FailedScheduling", message.clone());
        let date = cx.date();
        // The Pod may be gone; then there is nobody to tell.
        let _ = cx.patch_status::<Pod>(&key, |pod| {
            let generation = pod.metadata.generation;
            let conditions = pod.status_mut().conditions.get_or_insert_default();
            let old =
                conditions.iter().position(|c| c.type_ == "PodScheduled").map(|at| conditions.remove(at));
            let since =
                old.filter(|c| c.status == "False").and_then(|c| c.last_transition_time).unwrap_or(date);
            conditions.push(PodCondition {
                type_: "PodScheduled".into(),
                status: "False".into(),
                reason: Some("Unschedulable".into()),
                message: Some(message),
                last_transition_time: Some(since),
                observed_generation: generation,
                ..PodCondition::default()
            });
        });
    }
}

fn is_bound(pod: &Pod) -> bool {
    pod.spec.node_name.as_deref().is_some_and(|name| !name.is_empty())
}

/// Whether a changed node may take Pods that it did not take before.
fn offers_more(before: &Arc<Node>, node: &Arc<Node>) -> bool {
    before.spec.taints != node.spec.taints
        || before.spec.unschedulable != node.spec.unschedulable
        || before.metadata.labels != node.metadata.labels
        || before.status.allocatable != node.status.allocatable
}

/// Models numFeasibleNodesToFind.
fn feasible_to_find(nodes: usize) -> usize {
    if nodes < MIN_FEASIBLE {
        return nodes;
    }
    let percent = 50usize.saturating_sub(nodes / 125).max(MIN_FEASIBLE_PERCENT);
    (nodes * percent / 100).max(MIN_FEASIBLE)
}

/// Models FitError.Error with what DefaultPreemption adds.
fn failure_message(rejected: &[(usize, Rejection)]) -> String {
    let nodes = rejected.len();
    let available = format!("0/{nodes} nodes are available:");
    if nodes == 0 {
        return "no nodes available to schedule pods".into();
    }
    let reasons = rejected.iter().flat_map(|(_, rejection)| rejection.reasons.iter().map(String::as_str));
    let filters = histogram(reasons);
    let preemption = histogram(rejected.iter().map(|(_, rejection)| match rejection.resolvable {
        true => "No preemption victims found for incoming pod",
        false => "Preemption is not helpful for scheduling",
    }));
    format!("{available} {filters} no new claims to deallocate, preemption: {available} {preemption}")
}

/// `2 Insufficient cpu, 1 node(s) were unschedulable.`: counts, sorted as text.
fn histogram<'a>(reasons: impl Iterator<Item = &'a str>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for reason in reasons {
        *counts.entry(reason).or_insert(0) += 1;
    }
    let mut told: Vec<String> = counts.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    order::sort(&mut told);
    format!("{}.", told.join(", "))
}

/// The Pods that a new Pod should keep away from: those of its Services and of its ReplicaSet.
/// Models plugins/helper/spread.go DefaultSelector.
fn default_selector(cache: View<'_>, pod: &Pod) -> Selector {
    let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
    let labels = pod.metadata.labels.as_ref();
    let mut selector = Selector::default();
    for service in cache.list_as::<Service>(Some(namespace)) {
        let of_service = service.spec.selector.as_ref().map(Selector::from_map);
        if let Some(other) = of_service.filter(|other| other.matches(labels)) {
            selector = selector.and(other);
        }
    }
    let owner = owner::controller_of(&pod.metadata).filter(|owner| owner.kind == "ReplicaSet");
    let set = owner.and_then(|owner| cache.named::<ReplicaSet>(namespace, &owner.name));
    match set.and_then(|set| Selector::from_label_selector(&set.spec.selector)) {
        Some(other) => selector.and(other),
        None => selector,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histograms_are_sorted_as_text() {
        let reasons = ["b", "a", "b"];
        assert_eq!(histogram(reasons.into_iter()), "1 a, 2 b.");
    }

    #[test]
    fn large_clusters_are_searched_in_part() {
        for (nodes, expected) in [(3, 3), (99, 99), (100, 100), (500, 230), (5000, 500)] {
            assert_eq!(feasible_to_find(nodes), expected, "{nodes}");
        }
    }
}
