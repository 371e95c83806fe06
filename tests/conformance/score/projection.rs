//! What a person sees of an object, without what is made up anew in each run.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::trace::{array_at, text_at};

/// A projected state, kept once in a [`Pool`]; equal states have equal ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StateId(usize);

/// The distinct projected states of the traces being compared.
#[derive(Default)]
pub struct Pool {
    ids: BTreeMap<Rc<str>, StateId>,
    texts: Vec<Rc<str>>,
}

impl Pool {
    /// The id of a state; object keys are sorted, so equal values have equal texts.
    pub fn intern(&mut self, state: &Value) -> StateId {
        let text: Rc<str> = state.to_string().into();
        *self.ids.entry(text.clone()).or_insert_with(|| {
            self.texts.push(text);
            StateId(self.texts.len() - 1)
        })
    }

    /// The state as JSON text.
    pub fn text(&self, id: StateId) -> &str {
        &self.texts[id.0]
    }
}

/// One state of an object.
pub struct State {
    /// All that is compared at a moment.
    pub shown: StateId,
    /// The part whose order a controller decides, not the cluster's speed; absent when a kind has none.
    pub course: Option<StateId>,
    /// Numbers of a workload.
    pub counts: Counts,
    /// What the timing of a Pod is taken from.
    pub pod: Option<PodFacts>,
}

/// Pods of a workload, as it reports them.
#[derive(Clone, Copy, Default)]
pub struct Counts {
    pub want: i64,
    pub existing: i64,
    pub available: i64,
}

/// What the milestones of a Pod are taken from.
pub struct PodFacts {
    /// The milestones that hold.
    pub reached: Vec<&'static str>,
    /// Restarts of all containers.
    pub restarts: i64,
}

impl State {
    /// Projects an object.
    pub fn of(kind: &str, object: &Value, pool: &mut Pool) -> State {
        let shown = Value::Object(project(kind, object));
        let course = course(kind, &shown);
        State {
            counts: Counts {
                want: shown["want"].as_i64().unwrap_or(0),
                existing: shown["counts"]["replicas"].as_i64().unwrap_or(0),
                available: shown["counts"]["availableReplicas"].as_i64().unwrap_or(0),
            },
            pod: (kind == "Pod").then(|| pod_facts(&shown)),
            course: course.map(|course| pool.intern(&course)),
            shown: pool.intern(&shown),
        }
    }
}

fn project(kind: &str, object: &Value) -> Map<String, Value> {
    let (metadata, spec, status) = (&object["metadata"], &object["spec"], &object["status"]);
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| out.insert(key.to_owned(), value);
    if !text_at(metadata, "deletionTimestamp").is_empty() {
        put("deleting", Value::Bool(true));
    }
    if let Some(fields) = count_fields(kind) {
        let mut counts = pick(status, fields);
        if kind == "ReplicaSet" && !array_at(metadata, "ownerReferences").is_empty() {
            // In how many steps a Deployment scales it is a race.
            counts.remove("observedGeneration");
        } else {
            put("want", spec["replicas"].clone());
        }
        put("counts", Value::Object(counts));
        put("conditions", conditions(status));
    }
    match kind {
        "Deployment" => {
            put("revision", metadata["annotations"]["deployment.kubernetes.io/revision"].clone());
        }
        "CronJob" => {
            put("active", json!(array_at(status, "active").len()));
            put("suspend", spec["suspend"].clone());
        }
        "Pod" => {
            put("phase", status["phase"].clone());
            put("reason", json!(text_at(status, "reason")));
            put("conditions", conditions(status));
            put("containers", containers(status, "containerStatuses"));
            put("init", containers(status, "initContainerStatuses"));
            put("restarts", restarts(status));
            put("qos", status["qosClass"].clone());
        }
        "EndpointSlice" => {
            put("endpoints", endpoints(object));
            put("ports", ports(object));
        }
        "PersistentVolumeClaim" | "PersistentVolume" | "Namespace" => {
            put("phase", status["phase"].clone());
        }
        _ => {}
    }
    out
}

fn count_fields(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "Deployment" => {
            "replicas updatedReplicas readyReplicas availableReplicas unavailableReplicas observedGeneration"
        }
        "ReplicaSet" => "replicas fullyLabeledReplicas readyReplicas availableReplicas observedGeneration",
        "StatefulSet" => {
            "replicas readyReplicas availableReplicas currentReplicas updatedReplicas observedGeneration"
        }
        "DaemonSet" => {
            "currentNumberScheduled desiredNumberScheduled numberReady numberAvailable numberMisscheduled \
             numberUnavailable updatedNumberScheduled observedGeneration"
        }
        "Job" => "active succeeded failed ready terminating completedIndexes failedIndexes",
        "PodDisruptionBudget" => "currentHealthy desiredHealthy disruptionsAllowed expectedPods",
        "HorizontalPodAutoscaler" => "currentReplicas desiredReplicas",
        _ => return None,
    })
}

/// The named fields that are neither absent nor zero nor empty.
fn pick(status: &Value, fields: &str) -> Map<String, Value> {
    let present = fields.split_whitespace().filter_map(|field| {
        let value = &status[field];
        let empty = value.is_null() || value.as_f64() == Some(0.0) || value.as_str() == Some("");
        (!empty).then(|| (field.to_owned(), value.clone()))
    });
    present.collect()
}

fn conditions(status: &Value) -> Value {
    let mut conditions: Vec<_> = array_at(status, "conditions")
        .iter()
        .map(|condition| ["type", "status", "reason"].map(|field| text_at(condition, field)))
        .collect();
    conditions.sort();
    json!(conditions)
}

fn containers(status: &Value, field: &str) -> Value {
    array_at(status, field).iter().map(container).collect()
}

fn container(status: &Value) -> Value {
    let state = &status["state"];
    let shown = if state.get("running").is_some() {
        "running".to_owned()
    } else if let Some(terminated) = state.get("terminated") {
        format!("terminated:{}:{}", text_at(terminated, "reason"), terminated["exitCode"])
    } else if let Some(waiting) = state.get("waiting") {
        // The two alternate at the back-off's own pace.
        format!("waiting:{}", text_at(waiting, "reason").replace("ErrImagePull", "ImagePullBackOff"))
    } else {
        "none".to_owned()
    };
    json!([status["name"], shown, status["ready"].as_bool().unwrap_or(false), status["started"]])
}

fn restarts(status: &Value) -> Value {
    let statuses =
        array_at(status, "initContainerStatuses").iter().chain(array_at(status, "containerStatuses"));
    statuses.map(|container| container["restartCount"].as_i64().unwrap_or(0)).collect()
}

fn endpoints(slice: &Value) -> Value {
    let mut shown = Vec::new();
    for endpoint in array_at(slice, "endpoints") {
        let flags = ["ready", "serving", "terminating"].map(|flag| endpoint["conditions"][flag].to_string());
        let entry = (flags, text_at(endpoint, "hostname"));
        shown.extend(std::iter::repeat_n(entry, array_at(endpoint, "addresses").len()));
    }
    shown.sort();
    json!(shown)
}

fn ports(slice: &Value) -> Value {
    let mut shown: Vec<_> = array_at(slice, "ports")
        .iter()
        .map(|port| (text_at(port, "name"), port["port"].as_i64().unwrap_or(0), text_at(port, "protocol")))
        .collect();
    shown.sort();
    json!(shown)
}

/// The part of a projected state whose order a controller decides, not the cluster's speed.
fn course(kind: &str, shown: &Value) -> Option<Value> {
    if kind == "Pod" {
        let statuses = array_at(shown, "init").iter().chain(array_at(shown, "containers"));
        let containers: Vec<_> = statuses.map(|container| json!([container[1], container[2]])).collect();
        let deleting = shown["deleting"] == true;
        return Some(json!({
            "phase": shown["phase"], "reason": shown["reason"], "containers": containers, "deleting": deleting,
        }));
    }
    let conditions = shown.get("conditions")?;
    Some(json!({"conditions": conditions, "want": shown["want"]}))
}

fn pod_facts(shown: &Value) -> PodFacts {
    let is_true = |kind: &str| {
        let last = array_at(shown, "conditions").iter().rfind(|condition| condition[0] == kind);
        last.is_some_and(|condition| condition[1] == "True")
    };
    let phase = ["Running", "Succeeded", "Failed"].into_iter().find(|phase| shown["phase"] == *phase);
    let mut reached = Vec::from_iter(phase);
    reached.extend(is_true("PodScheduled").then_some("scheduled"));
    reached.extend(is_true("Ready").then_some("ready"));
    reached.extend((shown["deleting"] == true).then_some("deleting"));
    let restarts = array_at(shown, "restarts").iter().filter_map(Value::as_i64).sum();
    PodFacts { reached, restarts }
}
