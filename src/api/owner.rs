//! Owner references. Models apimachinery/pkg/apis/meta/v1/controller_ref.go.

use super::meta::OwnerReference;
use super::{Kinded, ObjectMeta};

/// The one owner that controls the object.
pub fn controller_of(meta: &ObjectMeta) -> Option<&OwnerReference> {
    references(meta).iter().find(|owner| owner.controller == Some(true))
}

/// All owners.
pub fn references(meta: &ObjectMeta) -> &[OwnerReference] {
    meta.owner_references.as_deref().unwrap_or_default()
}

/// Whether `owner` controls the object.
pub fn is_controlled_by(meta: &ObjectMeta, owner: &ObjectMeta) -> bool {
    controller_of(meta).is_some_and(|reference| Some(&reference.uid) == owner.uid.as_ref())
}

/// A reference that makes `owner` the controller and blocks its foreground deletion.
pub fn controller_reference<T: Kinded>(owner: &T) -> OwnerReference {
    OwnerReference {
        api_version: T::KIND.api_version(),
        kind: T::KIND.name().into(),
        name: owner.meta().name.clone().unwrap_or_default(),
        uid: owner.meta().uid.clone().unwrap_or_default(),
        controller: Some(true),
        block_owner_deletion: Some(true),
    }
}
