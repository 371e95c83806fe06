//! What several controllers need: claiming objects, making Pods, the template's hash.

mod claim;
mod pods;
mod template_hash;
mod template_schema;

pub use claim::claim;
pub use pods::{PodMaker, create_pod, delete_pod};
pub use template_hash::pod_template_hash;

/// A count as Go's `omitempty` leaves it: zero is absent.
pub fn nonzero(count: i32) -> Option<i32> {
    (count != 0).then_some(count)
}
