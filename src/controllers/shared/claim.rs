//! Adopting and releasing by selector. Models pkg/controller/controller_ref_manager.go.

use std::sync::Arc;

use crate::api::labels::Selector;
use crate::api::{Kinded, Reason, Status, owner};
use crate::sim::Ctx;

/// The candidates that `owner` controls afterwards: orphans that match are adopted, its own that no
/// longer match are released, those of others are left alone.
///
/// # Errors
/// The first refusal; the other candidates are still dealt with.
///
/// Models BaseControllerRefManager.ClaimObject
pub fn claim<O: Kinded, T: Kinded>(
    cx: &mut Ctx<'_>,
    owner: &O,
    selector: &Selector,
    candidates: Vec<Arc<T>>,
) -> Result<Vec<Arc<T>>, Status> {
    let mut may_adopt: Option<Result<(), Status>> = None;
    let mut refused = None;
    let mut claimed = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let verdict = match claim_kind(owner, selector, &*candidate) {
            Claim::Mine => Ok(true),
            Claim::NotMine => Ok(false),
            Claim::Release => release(cx, owner, &*candidate).map(|()| false),
            Claim::Adopt => may_adopt
                .get_or_insert_with(|| recheck_deletion(cx, owner))
                .clone()
                .and_then(|()| adopt(cx, owner, &*candidate)),
        };
        match verdict {
            Ok(true) => claimed.push(candidate),
            Ok(false) => {}
            Err(status) => refused = refused.or(Some(status)),
        }
    }
    refused.map_or(Ok(claimed), Err)
}

#[derive(Debug, PartialEq, Eq)]
enum Claim {
    Mine,
    NotMine,
    Release,
    Adopt,
}

fn claim_kind<O: Kinded, T: Kinded>(owner: &O, selector: &Selector, candidate: &T) -> Claim {
    let matches = selector.matches(candidate.meta().labels.as_ref());
    let leaving = owner.meta().deletion_timestamp.is_some();
    match owner::controller_of(candidate.meta()) {
        Some(reference) if Some(&reference.uid) != owner.meta().uid.as_ref() => Claim::NotMine,
        Some(_) if matches => Claim::Mine,
        Some(_) if leaving => Claim::NotMine,
        Some(_) => Claim::Release,
        None if leaving || !matches || candidate.meta().deletion_timestamp.is_some() => Claim::NotMine,
        None => Claim::Adopt,
    }
}

/// Models controller.RecheckDeletionTimestamp.
fn recheck_deletion<O: Kinded>(cx: &mut Ctx<'_>, owner: &O) -> Result<(), Status> {
    let key = owner.key();
    let fresh = cx.get::<O>(&key.namespace, &key.name)?;
    let refuse = |why: &str| Err(Status::new(Reason::InternalError, format!("can't adopt: {key} {why}")));
    if fresh.meta().uid != owner.meta().uid {
        return refuse("is gone");
    }
    match fresh.meta().deletion_timestamp {
        Some(_) => refuse("has just been deleted"),
        None => Ok(()),
    }
}

fn adopt<O: Kinded, T: Kinded>(cx: &mut Ctx<'_>, owner: &O, candidate: &T) -> Result<bool, Status> {
    let reference = owner::controller_reference(owner);
    let patched = cx.patch::<T>(&candidate.key(), |object| {
        let owners = object.meta_mut().owner_references.get_or_insert_default();
        owners.retain(|o| o.uid != reference.uid);
        owners.push(reference);
    });
    match patched {
        Err(status) if status.is_not_found() => Ok(false),
        other => other.map(|_| true),
    }
}

fn release<O: Kinded, T: Kinded>(cx: &mut Ctx<'_>, owner: &O, candidate: &T) -> Result<(), Status> {
    let patched = cx.patch::<T>(&candidate.key(), |object| {
        let meta = object.meta_mut();
        if let Some(owners) = &mut meta.owner_references {
            owners.retain(|o| Some(&o.uid) != owner.meta().uid.as_ref());
        }
        meta.owner_references = meta.owner_references.take().filter(|owners| !owners.is_empty());
    });
    match patched {
        Err(status) if status.is_not_found() || status.reason == Reason::Invalid => Ok(()),
        other => other.map(drop),
    }
}
