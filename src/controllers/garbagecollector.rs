//! The garbage collector: what its owners leave behind goes, or stays behind as an orphan.
//! Models pkg/controller/garbagecollector.
//!
//! The graph is the store's own index of ownerReferences, so work is proportional to what changed: an
//! object is looked at when it loses an owner, when an owner begins to wait for it, or when it itself
//! waits and what it waits for has gone.

use crate::api::meta::OwnerReference;
use crate::api::{Key, Kind, Object, ObjectMeta, Scope, Status, owner};
use crate::server::{DeleteOptions, FOREGROUND, ORPHAN, Propagation};
use crate::sim::{Controller, Ctx, Requeue, WorkQueue};
use crate::store::{Change, View};

/// Deletes what nobody owns any more.
#[derive(Clone, Debug, Default)]
pub struct GarbageCollector {}

impl Controller for GarbageCollector {
    const NAME: &'static str = "garbage-collector-controller";

    /// Models processGraphChanges.
    fn wakes(&mut self, change: &Change, cache: View<'_>, queue: &mut WorkQueue) {
        if change.key.kind == Kind::Event {
            return;
        }
        match (&change.before, &change.after) {
            (before, Some(after)) => {
                references_changed(before.as_ref(), after, cache, queue);
                waiting_began(before.as_ref(), after, cache, queue);
            }
            (Some(gone), None) => {
                for dependent in cache.dependents(gone.uid()) {
                    queue.add(dependent.key());
                }
                let waiting = owners(gone, cache).filter(|o| is_waiting(o.meta(), FOREGROUND));
                waiting.for_each(|o| queue.add(o.key()));
            }
            (None, None) => {}
        }
    }

    fn reconcile(&mut self, cx: &mut Ctx<'_>, key: &Key) -> Result<Requeue, Status> {
        let Some(item) = cx.cached().get(key).cloned() else { return Ok(Requeue::No) };
        let outcome = match is_waiting(item.meta(), ORPHAN) {
            true => orphan_dependents(cx, &item),
            false => attempt_to_delete(cx, &item),
        };
        match outcome {
            // Somebody else has deleted it: nothing is left to do.
            Err(status) if status.is_not_found() => Ok(Requeue::No),
            outcome => outcome.map(|()| Requeue::No),
        }
    }
}

/// Whether the object is being deleted and waits for its dependents in this way.
fn is_waiting(meta: &ObjectMeta, finalizer: &str) -> bool {
    meta.deletion_timestamp.is_some() && meta.finalizers.iter().flatten().any(|f| f == finalizer)
}

fn blocks(reference: &OwnerReference) -> bool {
    reference.block_owner_deletion == Some(true)
}

/// The key of an owner as one of its dependents names it; `None` for kinds that are not served.
fn owner_key(reference: &OwnerReference, namespace: &str) -> Option<Key> {
    let kind = Kind::of(&reference.api_version, &reference.kind)?;
    Some(Key::new(kind, namespace, &reference.name))
}

fn owner_of<'a>(reference: &OwnerReference, namespace: &str, cache: View<'a>) -> Option<&'a Object> {
    cache.get(&owner_key(reference, namespace)?).filter(|object| object.uid() == reference.uid)
}

fn owners<'a>(object: &'a Object, cache: View<'a>) -> impl Iterator<Item = &'a Object> {
    owner::references(object.meta()).iter().filter_map(move |o| owner_of(o, object.namespace(), cache))
}

/// Models addDependentToOwners and addUnblockedOwnersToDeleteQueue.
fn references_changed(before: Option<&Object>, after: &Object, cache: View<'_>, queue: &mut WorkQueue) {
    let new = owner::references(after.meta());
    let old = before.map(|object| owner::references(object.meta())).unwrap_or_default();
    if new == old {
        return;
    }
    let added = new.iter().filter(|reference| old.iter().all(|o| o.uid != reference.uid));
    for reference in added {
        if owner_of(reference, after.namespace(), cache).is_none() {
            queue.add(after.key());
        }
    }
    for reference in old.iter().filter(|reference| blocks(reference)) {
        let still_blocks = new.iter().any(|n| n.uid == reference.uid && blocks(n));
        if let Some(owner) = owner_of(reference, after.namespace(), cache).filter(|_| !still_blocks) {
            queue.add(owner.key());
        }
    }
}

/// Models processTransitions.
fn waiting_began(before: Option<&Object>, after: &Object, cache: View<'_>, queue: &mut WorkQueue) {
    let began = |finalizer| {
        is_waiting(after.meta(), finalizer) && !before.is_some_and(|o| is_waiting(o.meta(), finalizer))
    };
    if began(ORPHAN) {
        queue.add(after.key());
    } else if began(FOREGROUND) {
        for dependent in cache.dependents(after.uid()) {
            queue.add(dependent.key());
        }
        queue.add(after.key());
    }
}

/// Models attemptToDeleteItem. `item` is what the graph knows.
fn attempt_to_delete(cx: &mut Ctx<'_>, item: &Object) -> Result<(), Status> {
    let waiting = is_waiting(item.meta(), FOREGROUND);
    if item.meta().deletion_timestamp.is_some() && !waiting {
        return Ok(());
    }
    let latest = cx.object(&item.key())?;
    if latest.uid() != item.uid() {
        return Ok(());
    }
    if waiting {
        return process_deleting_dependents(cx, item);
    }
    if owner::references(latest.meta()).is_empty() {
        return Ok(());
    }
    let classes = classify_references(cx, &latest)?;
    if !classes.solid.is_empty() {
        let lost: Vec<String> = classes.dangling.into_iter().chain(classes.waiting).collect();
        return if lost.is_empty() { Ok(()) } else { forget_owners(cx, item, &lost) };
    }
    if !classes.waiting.is_empty() {
        let dependents: Vec<Object> = cx.cached().dependents(item.uid()).cloned().collect();
        if !dependents.is_empty() {
            if dependents.iter().any(|dependent| is_waiting(dependent.meta(), FOREGROUND)) {
                // There may be a circle of objects that wait for each other.
                unblock_owners(cx, item)?;
            }
            let latest = cx.object(&item.key())?;
            return delete(cx, &latest, Propagation::Foreground);
        }
    }
    let has = |finalizer| latest.meta().finalizers.iter().flatten().any(|f| f == finalizer);
    let propagation = match () {
        () if has(ORPHAN) => Propagation::Orphan,
        () if has(FOREGROUND) => Propagation::Foreground,
        () => Propagation::Background,
    };
    delete(cx, &latest, propagation)
}

/// The uids of an object's owners.
#[derive(Default)]
struct Classes {
    /// They exist and are not waiting.
    solid: Vec<String>,
    /// They do not exist.
    dangling: Vec<String>,
    /// They are being deleted and wait for their dependents.
    waiting: Vec<String>,
}

/// Models classifyReferences and isDangling. Owners of kinds that are not served are taken to exist.
fn classify_references(cx: &mut Ctx<'_>, item: &Object) -> Result<Classes, Status> {
    let mut classes = Classes::default();
    for reference in owner::references(item.meta()) {
        let uid = reference.uid.clone();
        let Some(key) = owner_key(reference, item.namespace()) else {
            classes.solid.push(uid);
            continue;
        };
        if item.namespace().is_empty() && key.kind.scope() == Scope::Namespaced {
            // An owner in a namespace cannot be told for an object outside: nothing is done.
            return Ok(Classes { solid: vec![uid], ..Classes::default() });
        }
        match cx.object(&key) {
            Err(status) if !status.is_not_found() => return Err(status),
            Ok(owner) if owner.uid() == uid && is_waiting(owner.meta(), FOREGROUND) => {
                classes.waiting.push(uid);
            }
            Ok(owner) if owner.uid() == uid => classes.solid.push(uid),
            _ => classes.dangling.push(uid),
        }
    }
    Ok(classes)
}

/// Models processDeletingDependentsItem.
fn process_deleting_dependents(cx: &mut Ctx<'_>, item: &Object) -> Result<(), Status> {
    let blocking = |dependent: &&Object| {
        owner::references(dependent.meta()).iter().any(|o| o.uid == item.uid() && blocks(o))
    };
    let waits_for: Vec<Object> = cx.cached().dependents(item.uid()).filter(blocking).cloned().collect();
    if waits_for.is_empty() {
        return remove_finalizer(cx, item, FOREGROUND);
    }
    for dependent in waits_for.iter().filter(|dependent| dependent.meta().deletion_timestamp.is_none()) {
        match attempt_to_delete(cx, dependent) {
            Err(status) if !status.is_not_found() => return Err(status),
            _ => {}
        }
    }
    Ok(())
}

/// Models attemptToOrphanWorker.
fn orphan_dependents(cx: &mut Ctx<'_>, item: &Object) -> Result<(), Status> {
    let dependents: Vec<Object> = cx.cached().dependents(item.uid()).cloned().collect();
    let uid = [item.uid().to_string()];
    for dependent in &dependents {
        match forget_owners(cx, dependent, &uid) {
            Err(status) if !status.is_not_found() => return Err(status),
            _ => {}
        }
    }
    remove_finalizer(cx, item, ORPHAN)
}

fn forget_owners(cx: &mut Ctx<'_>, item: &Object, uids: &[String]) -> Result<(), Status> {
    cx.patch_metadata(&item.key(), item.uid(), |meta| {
        let mut owners = meta.owner_references.take().unwrap_or_default();
        owners.retain(|reference| !uids.contains(&reference.uid));
        meta.owner_references = Some(owners).filter(|owners| !owners.is_empty());
    })
}

/// Models unblockOwnerReferencesStrategicMergePatch.
fn unblock_owners(cx: &mut Ctx<'_>, item: &Object) -> Result<(), Status> {
    cx.patch_metadata(&item.key(), item.uid(), |meta| {
        for reference in meta.owner_references.iter_mut().flatten() {
            if blocks(reference) {
                reference.block_owner_deletion = Some(false);
            }
        }
    })
}

fn remove_finalizer(cx: &mut Ctx<'_>, item: &Object, finalizer: &str) -> Result<(), Status> {
    cx.patch_metadata(&item.key(), item.uid(), |meta| {
        let mut finalizers = meta.finalizers.take().unwrap_or_default();
        finalizers.retain(|f| f != finalizer);
        meta.finalizers = Some(finalizers).filter(|finalizers| !finalizers.is_empty());
    })
}

fn delete(cx: &mut Ctx<'_>, item: &Object, propagation: Propagation) -> Result<(), Status> {
    let options = DeleteOptions {
        propagation: Some(propagation),
        uid: item.meta().uid.clone(),
        resource_version: item.meta().resource_version.clone(),
        ..DeleteOptions::default()
    };
    cx.delete(&item.key(), &options)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::api::{codec, moment::Epoch};
    use crate::cluster::{Cluster, Config, KubeletMode};

    /// An owner's name, and `!` behind it when its foreground deletion is blocked.
    type Node<'a> = (&'a str, &'a [&'a str]);

    fn key(name: &str) -> Key {
        Key::new(Kind::ReplicaSet, "default", name)
    }

    fn cluster(graph: &[Node<'_>]) -> Cluster {
        let config =
            Config { epoch: Epoch::default(), seed: 1, nodes: Vec::new(), kubelet: KubeletMode::Scripted };
        let mut cluster = Cluster::new(config);
        for (name, _) in graph {
            let labels = json!({"app": name});
            let set = json!({
                "metadata": {"name": name, "namespace": "default"},
                "spec": {"replicas": 0, "selector": {"matchLabels": labels},
                    "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "i"}]}}},
            });
            let set = codec::decode(Kind::ReplicaSet, set).unwrap_or_else(|e| panic!("{name}: {e}"));
            cluster.act(|server, call| server.create(call, set)).unwrap_or_else(|e| panic!("{name}: {e}"));
        }
        for (name, owners) in graph {
            let mut object =
                cluster.store().latest().get(&key(name)).unwrap_or_else(|| panic!("{name}")).clone();
            let references = owners.iter().map(|owner| {
                let (name, block) = (owner.trim_end_matches('!'), owner.ends_with('!'));
                let owner = cluster.store().latest().get(&key(name));
                OwnerReference {
                    api_version: "apps/v1".into(),
                    kind: "ReplicaSet".into(),
                    name: name.into(),
                    uid: owner.map_or("00000000-0000-4000-8000-000000000000", |owner| owner.uid()).into(),
                    block_owner_deletion: Some(block),
                    controller: None,
                }
            });
            object.meta_mut().owner_references =
                Some(references.collect()).filter(|o: &Vec<_>| !o.is_empty());
            cluster.act(|server, call| server.update(call, object)).unwrap_or_else(|e| panic!("{name}: {e}"));
        }
        cluster
    }

    /// Deletes one object of a graph, and compares what is left with its owners in the end.
    fn check(graph: &[Node<'_>], delete: Option<(&str, Propagation)>, left: &[(&str, usize)]) {
        let mut cluster = cluster(graph);
        if let Some((name, propagation)) = delete {
            let options = DeleteOptions { propagation: Some(propagation), ..DeleteOptions::default() };
            let deleted = cluster.act(|server, call| server.delete(call, &key(name), &options));
            assert!(deleted.is_ok(), "{name}: {deleted:?}");
        }
        cluster.run_until(cluster.now() + Duration::from_secs(30));
        let found = cluster.store().latest().list(Kind::ReplicaSet, Some("default"));
        let found: Vec<_> = found.map(|o| (o.name(), owner::references(o.meta()).len())).collect();
        assert_eq!(found, left, "{graph:?} without {delete:?}");
    }

    #[test]
    fn graphs() {
        use Propagation::{Background, Foreground, Orphan};
        let chain: &[Node<'_>] = &[("a", &[]), ("b", &["a!"]), ("c", &["b!"])];
        check(chain, None, &[("a", 0), ("b", 1), ("c", 1)]);
        check(chain, Some(("a", Background)), &[]);
        check(chain, Some(("a", Foreground)), &[]);
        check(chain, Some(("a", Orphan)), &[("b", 0), ("c", 1)]);
        check(chain, Some(("b", Background)), &[("a", 0)]);
        check(chain, Some(("c", Foreground)), &[("a", 0), ("b", 1)]);

        let two: &[Node<'_>] = &[("a", &[]), ("b", &[]), ("c", &["a", "b!"])];
        check(two, Some(("a", Background)), &[("b", 0), ("c", 1)]);
        check(two, Some(("b", Foreground)), &[("a", 0), ("c", 1)]);

        let unblocked: &[Node<'_>] = &[("a", &[]), ("b", &["a"])];
        check(unblocked, Some(("a", Foreground)), &[]);

        let absent: &[Node<'_>] = &[("a", &["nobody"]), ("b", &["nobody", "c"]), ("c", &[])];
        check(absent, None, &[("b", 1), ("c", 0)]);

        let circle: &[Node<'_>] = &[("a", &["b!"]), ("b", &["a!"])];
        check(circle, Some(("a", Background)), &[]);
        check(circle, Some(("a", Foreground)), &[]);
    }
}
