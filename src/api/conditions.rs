//! Reading Pod conditions. Models pkg/api/v1/pod/util.go.

use std::time::Duration;

use super::core::{PodCondition, PodStatus};
use super::{Moment, Pod, moment::Epoch};

/// The condition of this type.
pub fn pod_condition<'a>(status: &'a PodStatus, kind: &str) -> Option<&'a PodCondition> {
    status.conditions.as_deref().unwrap_or_default().iter().find(|c| c.type_ == kind)
}

/// Whether the condition is there and `True`.
pub fn is_true(status: &PodStatus, kind: &str) -> bool {
    pod_condition(status, kind).is_some_and(|c| c.status == "True")
}

/// Whether the Pod is Ready.
pub fn is_pod_ready(pod: &Pod) -> bool {
    is_true(&pod.status, "Ready")
}

/// When the Pod will be available (Ready for `min_ready_seconds`), if it is Ready now.
pub fn available_at(pod: &Pod, min_ready_seconds: i32, epoch: Epoch) -> Option<Moment> {
    let ready = pod_condition(&pod.status, "Ready").filter(|c| c.status == "True")?;
    let since = ready.last_transition_time.as_ref().map_or(Moment::START, |time| epoch.moment(time));
    Some(since + Duration::from_secs(u64::try_from(min_ready_seconds).unwrap_or(0)))
}

/// Models podutil.IsPodAvailable.
pub fn is_pod_available(pod: &Pod, min_ready_seconds: i32, now: Moment, epoch: Epoch) -> bool {
    match min_ready_seconds {
        0 => is_pod_ready(pod),
        _ => available_at(pod, min_ready_seconds, epoch).is_some_and(|at| at <= now),
    }
}

/// Whether the Pod has ended, well or badly.
pub fn is_pod_terminal(status: &PodStatus) -> bool {
    matches!(status.phase.as_deref(), Some("Succeeded" | "Failed"))
}

/// Whether the Pod counts for its controller: neither ended nor on its way out.
/// Models controller.IsPodActive.
pub fn is_pod_active(pod: &Pod) -> bool {
    !is_pod_terminal(&pod.status) && pod.metadata.deletion_timestamp.is_none()
}
