//! Everything about one object at one moment, made on demand.

use crate::api::order;
use serde_json::Value;

use super::Session;
use super::board::revision_at;
use super::frame::ConditionView;
use crate::api::core::{Container, ContainerState, ContainerStatus};
use crate::api::moment::Epoch;
use crate::api::{Event, Key, Kind, Moment, Object, Pod, codec, owner, yaml};
use crate::store::View;

/// An object from close by.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspection {
    pub key: Key,
    pub uid: String,
    pub created: Option<Moment>,
    pub deleted: Option<Moment>,
    pub conditions: Vec<ConditionView>,
    pub containers: Vec<ContainerView>,
    /// As `kubectl get -o yaml` prints it.
    pub yaml: String,
    /// The newest first.
    pub events: Vec<Occurrence>,
    /// Its controller, that one's controller, and so on.
    pub owners: Vec<Key>,
}

/// A container of a Pod.
#[derive(Clone, Debug, PartialEq)]
pub struct ContainerView {
    pub name: String,
    pub image: String,
    pub init: bool,
    pub ready: bool,
    pub restarts: i32,
    pub state: StateView,
    pub last: StateView,
}

/// A state of a container.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum StateView {
    #[default]
    None,
    Waiting {
        reason: String,
        message: String,
    },
    Running {
        since: Option<Moment>,
    },
    Terminated {
        reason: String,
        message: String,
        code: i32,
        since: Option<Moment>,
    },
}

/// An Event about the object.
#[derive(Clone, Debug, PartialEq)]
pub struct Occurrence {
    pub at: Option<Moment>,
    pub warning: bool,
    pub reason: String,
    pub message: String,
    pub count: i32,
}

impl Session {
    /// The object under a key at a moment, or with `None` now; `None` if there was none then.
    pub fn inspect(&self, key: &Key, at: Option<Moment>) -> Option<Inspection> {
        let store = self.cluster().store();
        let view = store.at(at.map_or(store.revision(), |at| revision_at(store, at)));
        let (object, epoch) = (view.get(key)?, self.cluster().epoch());
        let value = codec::encode(object);
        let meta = object.meta();
        Some(Inspection {
            key: key.clone(),
            uid: object.uid().into(),
            created: meta.creation_timestamp.as_ref().map(|time| epoch.moment(time)),
            deleted: meta.deletion_timestamp.as_ref().map(|time| epoch.moment(time)),
            conditions: conditions(&value, epoch),
            containers: object.as_kind::<Pod>().map(|pod| containers(pod, epoch)).unwrap_or_default(),
            yaml: yaml::to_yaml(&value),
            events: events(view, object, epoch),
            owners: owners(view, object),
        })
    }
}

/// Conditions look alike in every kind, so that one reading of the JSON serves them all.
fn conditions(value: &Value, epoch: Epoch) -> Vec<ConditionView> {
    let list = value.pointer("/status/conditions").and_then(Value::as_array);
    let text = |condition: &Value, field: &str| {
        condition.get(field).and_then(Value::as_str).unwrap_or_default().to_string()
    };
    let view = |condition: &Value| ConditionView {
        kind: text(condition, "type"),
        status: text(condition, "status"),
        reason: text(condition, "reason"),
        message: text(condition, "message"),
        since: epoch.moment_of(&text(condition, "lastTransitionTime")),
    };
    list.into_iter().flatten().map(view).collect()
}

fn containers(pod: &Pod, epoch: Epoch) -> Vec<ContainerView> {
    let view = |container: &Container, statuses: &Option<Vec<ContainerStatus>>, init: bool| {
        let status = statuses.iter().flatten().find(|status| status.name == container.name);
        ContainerView {
            name: container.name.clone(),
            image: container.image.clone().unwrap_or_default(),
            init,
            ready: status.is_some_and(|status| status.ready),
            restarts: status.map_or(0, |status| status.restart_count),
            state: state(status.and_then(|status| status.state.as_ref()), epoch),
            last: state(status.and_then(|status| status.last_state.as_ref()), epoch),
        }
    };
    let init = pod.spec.init_containers.iter().flatten();
    let first = init.map(|container| view(container, &pod.status.init_container_statuses, true));
    let main = pod.spec.containers.iter();
    first.chain(main.map(|container| view(container, &pod.status.container_statuses, false))).collect()
}

fn state(state: Option<&ContainerState>, epoch: Epoch) -> StateView {
    let Some(state) = state else { return StateView::None };
    if let Some(waiting) = &state.waiting {
        let reason = waiting.reason.clone().unwrap_or_default();
        return StateView::Waiting { reason, message: waiting.message.clone().unwrap_or_default() };
    }
    if let Some(running) = &state.running {
        return StateView::Running { since: running.started_at.as_ref().map(|time| epoch.moment(time)) };
    }
    match &state.terminated {
        None => StateView::None,
        Some(end) => StateView::Terminated {
            reason: end.reason.clone().unwrap_or_default(),
            message: end.message.clone().unwrap_or_default(),
            code: end.exit_code,
            since: end.finished_at.as_ref().map(|time| epoch.moment(time)),
        },
    }
}

fn events(view: View<'_>, object: &Object, epoch: Epoch) -> Vec<Occurrence> {
    let namespace = Some(object.namespace()).filter(|namespace| !namespace.is_empty());
    let about = |event: &&std::sync::Arc<Event>| {
        let about = &event.involved_object;
        let same_uid = about.uid.as_deref() == Some(object.uid());
        // The kubelet names a node by its name, not by its uid.
        let node = object.kind() == Kind::Node && about.kind.as_deref() == Some("Node");
        same_uid || (node && about.name.as_deref() == Some(object.name()))
    };
    let mut all: Vec<_> = view.list_as::<Event>(namespace).filter(about).collect();
    order::sort_by_key(&mut all, |event| {
        let version = event.metadata.resource_version.as_deref();
        std::cmp::Reverse(version.and_then(|text| text.parse::<u64>().ok()))
    });
    let told = all.into_iter().map(|event| Occurrence {
        at: (event.last_timestamp.as_ref().map(|time| epoch.moment(time)))
            .or_else(|| event.metadata.creation_timestamp.as_ref().map(|time| epoch.moment(time))),
        warning: event.type_.as_deref() == Some("Warning"),
        reason: event.reason.clone().unwrap_or_default(),
        message: event.message.clone().unwrap_or_default(),
        count: event.series.as_ref().and_then(|series| series.count).or(event.count).unwrap_or(1),
    });
    told.collect()
}

fn owners(view: View<'_>, object: &Object) -> Vec<Key> {
    let mut chain = Vec::new();
    let mut next = Some(object);
    while let Some(controller) = next.and_then(|object| owner::controller_of(object.meta())) {
        let Some(kind) = Kind::of(&controller.api_version, &controller.kind) else { break };
        let key = Key::new(kind, object.namespace(), &controller.name);
        if chain.contains(&key) {
            break;
        }
        next = view.get(&key);
        chain.push(key);
    }
    chain
}
