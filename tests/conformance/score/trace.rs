//! A trace, read: the projected history of each object, the steps and the Events.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::names::Names;
use super::projection::{Pool, State, StateId};

/// A state that lasts less long than this, in seconds, may be seen by one run and not by another.
pub const FLEETING: f64 = 1.0;

/// A kind and an alias; the Pods of one owner share theirs.
pub type Group = (String, String);

/// Kind, alias, type, reason and cleaned message of an Event.
pub type EventKey = [String; 5];

/// The states of one object (one uid).
pub struct History {
    pub group: Group,
    /// Whether a controller owns it.
    pub owned: bool,
    /// When, in seconds, and what; `None` once it is deleted.
    pub states: Vec<(f64, Option<State>)>,
}

/// One run of a scenario.
pub struct Trace {
    /// When the steps were taken, in seconds.
    pub steps: Vec<f64>,
    pub end: f64,
    /// In the order in which they appeared.
    pub objects: Vec<History>,
    /// The objects of each group, as indices.
    pub groups: BTreeMap<Group, Vec<usize>>,
    pub events: BTreeSet<EventKey>,
    /// The moments at which any object changed, sorted.
    pub times: Vec<f64>,
    /// How an object that is gone is written in a path.
    pub gone: StateId,
}

/// One line that carries an object.
struct Line<'a> {
    t: f64,
    deleted: bool,
    kind: &'a str,
    object: &'a Value,
}

impl Trace {
    /// Reads JSON lines; lines that are no object, step or end are passed over.
    pub fn read(bytes: &[u8], pool: &mut Pool) -> Result<Trace, String> {
        let text = std::str::from_utf8(bytes).map_err(|e| e.to_string())?;
        let mut lines = Vec::new();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            lines.push(line.parse::<Value>().map_err(|e| format!("line {}: {e}", index + 1))?);
        }
        let time = |line: &Value| line["t"].as_f64().unwrap_or(0.0);
        let latest = lines.iter().map(time).fold(0.0, f64::max);
        let end = lines.iter().rfind(|line| line["end"] == true).map_or(latest, time);
        let mut trace = Trace {
            steps: lines.iter().filter(|line| line.get("step").is_some()).map(time).collect(),
            end,
            objects: Vec::new(),
            groups: BTreeMap::new(),
            events: BTreeSet::new(),
            times: Vec::new(),
            gone: pool.intern(&Value::from("gone")),
        };
        let mut objects: Vec<_> = lines.iter().filter_map(object_line).collect();
        let others = objects.iter().filter(|line| line.kind != "Event");
        let names = Names::new(others.map(|line| (line.kind, line.object)));
        objects.sort_by(|a, b| a.t.total_cmp(&b.t));
        trace.read_objects(&objects, &names, pool);
        trace.read_events(&objects, &names);
        Ok(trace)
    }

    fn read_objects(&mut self, lines: &[Line<'_>], names: &Names, pool: &mut Pool) {
        let mut known = BTreeMap::new();
        let mut owned = BTreeMap::new();
        for line in lines.iter().filter(|line| is_compared(line)) {
            let metadata = &line.object["metadata"];
            let name = text_at(metadata, "name");
            let index = *known.entry((line.kind, name, text_at(metadata, "uid"))).or_insert_with(|| {
                let group = (line.kind.to_owned(), names.of(line.kind, name).to_owned());
                self.objects.push(History { group, owned: false, states: Vec::new() });
                self.objects.len() - 1
            });
            let state = (!line.deleted).then(|| State::of(line.kind, line.object, pool));
            self.objects[index].states.push((line.t, state));
            owned.insert((line.kind, name), controller(metadata).is_some());
            self.times.push(line.t);
        }
        for ((kind, name, _), index) in known {
            self.objects[index].owned = owned[&(kind, name)];
        }
        self.times.dedup();
        for (index, object) in self.objects.iter().enumerate() {
            self.groups.entry(object.group.clone()).or_default().push(index);
        }
    }

    fn read_events(&mut self, lines: &[Line<'_>], names: &Names) {
        let mut cleaned = BTreeMap::new();
        for line in lines.iter().filter(|line| line.kind == "Event" && !line.deleted) {
            let event = line.object;
            let reason = text_at(event, "reason");
            // How fast an image comes is the cluster's, not Kubernetes', behaviour.
            if matches!(reason, "Pulling" | "Pulled") {
                continue;
            }
            let about = either(event, "involvedObject", "regarding");
            let message = either(event, "message", "note").as_str().unwrap_or_default();
            let message = cleaned.entry(message).or_insert_with(|| names.clean(message));
            let kind = text_at(about, "kind");
            let alias = names.of(kind, text_at(about, "name"));
            self.events.insert([kind, alias, text_at(event, "type"), reason, message].map(str::to_owned));
        }
    }

    /// The objects of a group.
    pub fn members(&self, group: &Group) -> impl Iterator<Item = &History> {
        self.groups.get(group).into_iter().flatten().map(|index| &self.objects[*index])
    }

    /// How often each state is shown by the objects of a group that exist at `t`.
    pub fn at(&self, group: &Group, t: f64) -> BTreeMap<StateId, usize> {
        let mut shown = BTreeMap::new();
        for object in self.members(group) {
            let last = object.states.iter().take_while(|(when, _)| *when <= t).last();
            if let Some((_, Some(state))) = last {
                *shown.entry(state.shown).or_default() += 1;
            }
        }
        shown
    }

    /// Whether an object of the group changed after `since` and not after `until`.
    pub fn moved(&self, group: &Group, since: f64, until: f64) -> bool {
        let mut changes = self.members(group).flat_map(|object| &object.states);
        changes.any(|(when, _)| since < *when && *when <= until)
    }
}

fn object_line(line: &Value) -> Option<Line<'_>> {
    Some(Line {
        object: line.get("object")?,
        t: line["t"].as_f64().unwrap_or(0.0),
        deleted: line["type"] == "DELETED",
        kind: text_at(line, "kind"),
    })
}

/// Whether an object's states are compared: not a cluster's own furniture, nor a namespace that is there from the
/// start.
fn is_compared(line: &Line<'_>) -> bool {
    let name = text_at(&line.object["metadata"], "name");
    match line.kind {
        "Event" | "Lease" | "ControllerRevision" | "ServiceAccount" | "Endpoints" => false,
        "Namespace" if line.object["status"]["phase"] == "Active" => false,
        _ => !name.starts_with("kube-root-ca.crt") && !name.starts_with("openshift-"),
    }
}

fn either<'a>(event: &'a Value, old: &str, new: &str) -> &'a Value {
    let value = &event[old];
    if value.is_null() || value == "" { &event[new] } else { value }
}

/// The owner reference that is a controller's.
pub fn controller(metadata: &Value) -> Option<&Value> {
    array_at(metadata, "ownerReferences").iter().find(|owner| owner["controller"] == true)
}

/// A field's text; empty when it is absent.
pub fn text_at<'a>(object: &'a Value, field: &str) -> &'a str {
    object[field].as_str().unwrap_or_default()
}

/// A field's items; none when it is absent.
pub fn array_at<'a>(object: &'a Value, field: &str) -> &'a [Value] {
    object[field].as_array().map_or(&[], Vec::as_slice)
}
