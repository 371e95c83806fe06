//! The namespace controller: a namespace that is deleted takes everything in it along, Pods first.
//! Models pkg/controller/namespace and its deletion package.

use crate::api::order;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::api::conditions::is_pod_terminal;
use crate::api::core::{NamespaceCondition, NamespaceStatus};
use crate::api::{Key, Kind, Kinded, Namespace, Object, Pod, Reason, Scope, Status, Time};
use crate::server::{DeleteOptions, Propagation};
use crate::sim::{Controller, Ctx, Requeue, WorkQueue};
use crate::store::{Change, View};

/// Others may still be creating in the namespace. Models namespaceDeletionGracePeriod.
const GRACE: Duration = Duration::from_secs(5);
/// Models finalizerEstimateSeconds.
const FINALIZER_ESTIMATE: i64 = 15;

/// Empties namespaces that are being deleted.
#[derive(Clone, Debug, Default)]
pub struct NamespaceController {}

impl Controller for NamespaceController {
    const NAME: &'static str = "namespace-controller";
    const LONGEST_RETRY: Duration = Duration::from_secs(60);

    fn wakes(&mut self, change: &Change, _cache: View<'_>, queue: &mut WorkQueue) {
        if let Some(Object::Namespace(namespace)) = &change.after
            && namespace.metadata.deletion_timestamp.is_some()
        {
            queue.add_after(change.key.clone(), GRACE);
        }
    }

    /// Models namespacedResourcesDeleter.Delete.
    fn reconcile(&mut self, cx: &mut Ctx<'_>, key: &Key) -> Result<Requeue, Status> {
        let namespace = match cx.get::<Namespace>("", &key.name) {
            Err(status) if status.is_not_found() => return Ok(Requeue::No),
            namespace => namespace?,
        };
        let finalized = namespace.spec.finalizers.as_ref().is_none_or(Vec::is_empty);
        if namespace.metadata.deletion_timestamp.is_none() || finalized {
            return Ok(Requeue::No);
        }
        let content = delete_all_content(cx, &namespace);
        update_conditions(cx, &namespace, &content);
        if let Some(message) = content.failures.first() {
            return Err(Status::new(Reason::InternalError, message.clone()));
        }
        if content.estimate > 0 {
            let wait = u64::try_from(content.estimate / 2 + 1).unwrap_or(1);
            return Ok(Requeue::After(Duration::from_secs(wait)));
        }
        match cx.finalize_namespace(&key.name) {
            Err(status) if !status.is_not_found() => Err(status),
            _ => Ok(Requeue::No),
        }
    }
}

/// What is left in a namespace after everything in it was deleted once.
#[derive(Default)]
struct Content {
    /// Seconds until the rest should be gone.
    estimate: i64,
    remaining: BTreeMap<String, usize>,
    finalizers: BTreeMap<String, usize>,
    failures: Vec<String>,
}

/// Models deleteAllContent: while there are Pods, nothing else is touched.
fn delete_all_content(cx: &mut Ctx<'_>, namespace: &Namespace) -> Content {
    let mut content = Content::default();
    let pods = delete_kind(cx, namespace, Kind::Pod, &mut content);
    if pods > 0 {
        // Upstream tells of what remains only once the Pods are gone.
        content.remaining.clear();
        content.finalizers.clear();
        return content;
    }
    let others = || Kind::ALL.iter().rev().filter(|k| k.scope() == Scope::Namespaced && **k != Kind::Pod);
    let grouped = others().filter(|kind| !kind.group().is_empty());
    for kind in grouped.chain(others().filter(|kind| kind.group().is_empty())) {
        delete_kind(cx, namespace, *kind, &mut content);
    }
    content
}

/// Deletes all objects of a kind, and says how many stay for now.
/// Models deleteAllContentForGroupVersionResource.
fn delete_kind(cx: &mut Ctx<'_>, namespace: &Namespace, kind: Kind, content: &mut Content) -> usize {
    let name = namespace.metadata.name.as_deref().unwrap_or_default();
    let estimate = if kind == Kind::Pod { estimate_termination(cx, namespace) } else { 0 };
    let options = DeleteOptions { propagation: Some(Propagation::Background), ..DeleteOptions::default() };
    for object in cx.objects(kind, name) {
        match cx.delete(&object.key(), &options) {
            Err(status) if !status.is_not_found() => content.failures.push(status.message),
            _ => {}
        }
    }
    let left = cx.objects(kind, name);
    if left.is_empty() {
        return 0;
    }
    let mut held = 0;
    for object in &left {
        for finalizer in object.meta().finalizers.iter().flatten() {
            *content.finalizers.entry(finalizer.clone()).or_insert(0) += 1;
            held += 1;
        }
    }
    content.remaining.insert(format!("{}.{}", kind.plural(), kind.group()), left.len());
    let estimate = if estimate == 0 && held > 0 { FINALIZER_ESTIMATE } else { estimate };
    if estimate == 0 {
        content.failures.push(format!(
            "unexpected items still remain in namespace: {name} for gvr: {}/{}, Resource={}",
            kind.group(),
            kind.version(),
            kind.plural()
        ));
    }
    content.estimate = content.estimate.max(estimate);
    left.len()
}

/// Models estimateGracefulTermination.
fn estimate_termination(cx: &mut Ctx<'_>, namespace: &Namespace) -> i64 {
    let name = namespace.metadata.name.as_deref().unwrap_or_default();
    let pods = cx.objects(Kind::Pod, name);
    let running = pods.iter().filter_map(Pod::unwrap).filter(|pod| !is_pod_terminal(&pod.status));
    let longest = running.filter_map(|pod| pod.spec.termination_grace_period_seconds).max().unwrap_or(0);
    let since = namespace.metadata.deletion_timestamp.as_ref().map(|time| cx.epoch().moment(time));
    let passed = since.map_or(Duration::ZERO, |since| cx.now.since(since));
    if passed >= Duration::from_secs(u64::try_from(longest).unwrap_or(0)) { 0 } else { longest }
}

fn update_conditions(cx: &mut Ctx<'_>, namespace: &Arc<Namespace>, content: &Content) {
    let mut changed = Namespace::clone(namespace);
    set_conditions(changed.status_mut(), &plan_conditions(content), &cx.date());
    if changed.status != namespace.status {
        // The next turn writes what this one could not.
        let _ = cx.update_status(changed);
    }
}

type Planned = (&'static str, bool, &'static str, String);

/// Models namespaceConditionUpdater.
fn plan_conditions(content: &Content) -> [Planned; 5] {
    let list = |counts: &BTreeMap<String, usize>, tells: &str| {
        let parts: Vec<_> =
            counts.iter().map(|(of, n)| format!("{of} {tells} {n} resource instances")).collect();
        parts.join(", ")
    };
    let fine = |kind, reason, message: &str| (kind, false, reason, message.to_string());
    let mut failures = content.failures.clone();
    order::sort(&mut failures);
    let failed = match failures.len() {
        0 => fine(
            "NamespaceDeletionContentFailure",
            "ContentDeleted",
            "All content successfully deleted, may be waiting on finalization",
        ),
        count => (
            "NamespaceDeletionContentFailure",
            true,
            "ContentDeletionFailed",
            format!("Failed to delete all resource types, {count} remaining: {}", failures.join(", ")),
        ),
    };
    let remaining = match content.remaining.is_empty() {
        true => fine("NamespaceContentRemaining", "ContentRemoved", "All content successfully removed"),
        false => (
            "NamespaceContentRemaining",
            true,
            "SomeResourcesRemain",
            format!("Some resources are remaining: {}", list(&content.remaining, "has")),
        ),
    };
    let held = match content.finalizers.is_empty() {
        true => fine(
            "NamespaceFinalizersRemaining",
            "ContentHasNoFinalizers",
            "All content-preserving finalizers finished",
        ),
        false => (
            "NamespaceFinalizersRemaining",
            true,
            "SomeFinalizersRemain",
            format!(
                "Some content in the namespace has finalizers remaining: {}",
                list(&content.finalizers, "in")
            ),
        ),
    };
    [
        fine(
            "NamespaceDeletionDiscoveryFailure",
            "ResourcesDiscovered",
            "All resources successfully discovered",
        ),
        fine(
            "NamespaceDeletionGroupVersionParsingFailure",
            "ParsedGroupVersions",
            "All legacy kube types successfully parsed",
        ),
        failed,
        remaining,
        held,
    ]
}

/// Models updateConditions.
fn set_conditions(status: &mut NamespaceStatus, planned: &[Planned], now: &Time) {
    let conditions = status.conditions.get_or_insert_default();
    for (kind, value, reason, message) in planned {
        let value = if *value { "True" } else { "False" };
        let new = NamespaceCondition {
            type_: (*kind).into(),
            status: value.into(),
            last_transition_time: Some(now.clone()),
            reason: Some((*reason).into()),
            message: Some(message.clone()),
        };
        match conditions.iter_mut().find(|c| c.type_ == *kind) {
            None => conditions.push(new),
            Some(old) => {
                let since = if old.status == new.status {
                    &old.last_transition_time
                } else {
                    &new.last_transition_time
                };
                *old = NamespaceCondition { last_transition_time: since.clone(), ..new };
            }
        }
    }
}
