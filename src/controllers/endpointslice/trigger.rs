//! Since when a change waits to be seen in the slices.
//! Models staging/src/k8s.io/endpointslice/util/trigger_time_tracker.go.

use crate::api::order;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use crate::api::conditions::pod_condition;
use crate::api::{Key, Pod, Service, Time};

/// What was last seen of a Service and its Pods.
#[derive(Clone, Debug, Default)]
pub(super) struct TriggerTimes {
    service: Option<Time>,
    pods: BTreeMap<String, Time>,
}

/// The earliest change that is news. Models ComputeEndpointLastChangeTriggerTime.
pub(super) fn last_change(
    entry: Entry<'_, Key, TriggerTimes>,
    service: &Service,
    pods: &[Arc<Pod>],
) -> Option<Time> {
    let created = service.metadata.creation_timestamp.clone();
    let known = matches!(entry, Entry::Occupied(_));
    let state = entry.or_default();
    let times: BTreeMap<String, Time> = order::map(pods.iter().filter_map(|pod| ready_time(pod)));
    let news = |(name, time): (&String, &Time)| {
        let is_news = state.pods.get(name).is_none_or(|seen| time.0 > seen.0);
        is_news.then(|| time.clone())
    };
    let of_pods = times.iter().filter_map(news);
    let of_service = created.clone().filter(|time| state.service.as_ref().is_none_or(|seen| time.0 > seen.0));
    let earliest = of_pods.chain(of_service).min_by_key(|time| time.0);
    *state = TriggerTimes { service: created.clone(), pods: times };
    if known { earliest } else { created }
}

fn ready_time(pod: &Pod) -> Option<(String, Time)> {
    let ready = pod_condition(&pod.status, "Ready")?;
    Some((pod.metadata.name.clone()?, ready.last_transition_time.clone()?))
}
