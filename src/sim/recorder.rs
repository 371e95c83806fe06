//! Events as a component's recorder writes them: repeated ones counted, similar ones combined, floods
//! dropped. Models client-go/tools/record and, for the scheduler, client-go/tools/events.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::api::core::{EventSeries, EventSource, ObjectReference};
use crate::api::{Event, Key, Kind, Kinded, Moment};
use crate::server::{Call, Server};

/// Models maxEvents of the aggregator: from the tenth message on, similar Events become one.
const SIMILAR_EVENTS: usize = 10;
/// Models maxIntervalInSeconds of the aggregator.
const SIMILAR_WITHIN: Duration = Duration::from_secs(600);
/// Models the spam filter: a burst of 25 an object, refilled by one in five minutes.
const BURST: f64 = 25.0;
const REFILL_PER_SECOND: f64 = 1.0 / 300.0;
/// Models the scheduler's recorder: a repetition within six minutes belongs to the series.
const SERIES_WITHIN: Duration = Duration::from_secs(360);

/// `Normal` or `Warning`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventType {
    Normal,
    Warning,
}

impl EventType {
    fn name(self) -> &'static str {
        match self {
            EventType::Normal => "Normal",
            EventType::Warning => "Warning",
        }
    }
}

/// What there is to record.
pub(super) struct Occurrence<'a> {
    pub about: ObjectReference,
    pub kind: EventType,
    pub reason: &'a str,
    pub message: String,
}

/// What makes Events of one object similar.
type Group = (String, EventType, String);

#[derive(Clone, Debug)]
struct Similar {
    last: Moment,
    messages: BTreeSet<String>,
}

#[derive(Clone, Debug)]
struct Known {
    name: String,
    count: i32,
    last: Moment,
}

#[derive(Clone, Debug)]
struct Bucket {
    tokens: f64,
    last: Moment,
}

/// One component's recorder.
#[derive(Clone, Debug)]
pub struct Recorder {
    component: &'static str,
    host: String,
    api: EventsApi,
    buckets: BTreeMap<String, Bucket>,
    similar: BTreeMap<Group, Similar>,
    known: BTreeMap<(Group, String), Known>,
    /// Keeps names apart that are made in one moment.
    sequence: u32,
}

/// Through which API the component records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EventsApi {
    Core,
    /// events.k8s.io, where repetitions are a series.
    Series,
}

impl Recorder {
    /// A recorder for `source.component` and, on nodes, `source.host`.
    pub fn new(component: &'static str, host: &str) -> Recorder {
        Recorder {
            component,
            host: host.into(),
            api: EventsApi::Core,
            buckets: BTreeMap::new(),
            similar: BTreeMap::new(),
            known: BTreeMap::new(),
            sequence: 0,
        }
    }

    /// A recorder that writes through events.k8s.io, as the scheduler's does.
    pub fn with_series(component: &'static str) -> Recorder {
        Recorder { api: EventsApi::Series, ..Recorder::new(component, "") }
    }

    /// Writes the Event, unless it is spam.
    pub(super) fn record(&mut self, server: &mut Server, call: &Call, what: Occurrence<'_>) {
        match self.api {
            EventsApi::Core => self.record_core(server, call, what),
            EventsApi::Series => self.record_series(server, call, what),
        }
    }

    fn record_core(&mut self, server: &mut Server, call: &Call, mut what: Occurrence<'_>) {
        let object = identity(&what.about);
        let group = (object.clone(), what.kind, what.reason.to_string());
        let similar = self
            .similar
            .entry(group.clone())
            .or_insert(Similar { last: call.now, messages: BTreeSet::new() });
        if call.now - similar.last > SIMILAR_WITHIN {
            similar.messages.clear();
        }
        similar.last = call.now;
        similar.messages.insert(what.message.clone());
        let combined = similar.messages.len() >= SIMILAR_EVENTS;
        let key = if combined {
            similar.messages.pop_first();
            what.message = format!("(combined from similar events): {}", what.message);
            (group, String::new())
        } else {
            (group, what.message.clone())
        };
        if !self.take_token(spam_key(&what), call.now) {
            return;
        }
        if let Some(known) = self.known.get_mut(&key) {
            let count = known.count + 1;
            let event =
                Key::new(Kind::Event, what.about.namespace.as_deref().unwrap_or("default"), &known.name);
            let stored = server.get(&event).ok().and_then(|object| Event::unwrap(object).cloned());
            if let Some(stored) = stored {
                let mut event = Event::clone(&stored);
                event.count = Some(count);
                event.last_timestamp = Some(server.epoch().time(call.now));
                event.message = Some(what.message);
                if server.update(call, event).is_ok() {
                    *known = Known { name: known.name.clone(), count, last: call.now };
                }
                return;
            }
        }
        let date = server.epoch().time(call.now);
        let mut event = self.new_event(server, call, what);
        event.first_timestamp = Some(date.clone());
        event.last_timestamp = Some(date);
        event.count = Some(1);
        event.source = Some(EventSource {
            component: Some(self.component.into()),
            host: Some(self.host.clone()).filter(|host| !host.is_empty()),
        });
        self.store(server, call, key, event);
    }

    fn record_series(&mut self, server: &mut Server, call: &Call, what: Occurrence<'_>) {
        // Upstream's key holds the whole reference: an object that has changed begins a new series.
        let version = what.about.resource_version.clone().unwrap_or_default();
        let key = ((identity(&what.about), what.kind, what.reason.to_string()), version);
        let now = server.epoch().micro_time(call.now);
        if let Some(known) = self.known.get_mut(&key)
            && call.now - known.last < SERIES_WITHIN
        {
            known.last = call.now;
            known.count += 1;
            // Only the first repetition is written at once; later ones are with the next refresh.
            if known.count == 2 {
                let event =
                    Key::new(Kind::Event, what.about.namespace.as_deref().unwrap_or("default"), &known.name);
                let stored = server.get(&event).ok().and_then(|object| Event::unwrap(object).cloned());
                if let Some(stored) = stored {
                    let mut event = Event::clone(&stored);
                    event.series = Some(EventSeries { count: Some(2), last_observed_time: Some(now) });
                    // The recorder cannot tell anybody that an Event was lost, nor can upstream's.
                    let _ = server.update(call, event);
                }
            }
            return;
        }
        let action = match what.reason {
            "Preempted" => "Preempting",
            "Scheduled" => "Binding",
            _ => "Scheduling",
        };
        let mut event = self.new_event(server, call, what);
        event.event_time = Some(now);
        event.action = Some(action.into());
        event.source = Some(EventSource::default());
        event.reporting_instance = Some(format!("{}-podscope", self.component));
        self.store(server, call, key, event);
    }

    fn new_event(&mut self, server: &Server, call: &Call, what: Occurrence<'_>) -> Event {
        self.sequence += 1;
        let stamp = server.epoch().nanos(call.now) + i128::from(self.sequence);
        let mut event = Event {
            involved_object: what.about,
            reason: Some(what.reason.into()),
            message: Some(what.message),
            type_: Some(what.kind.name().into()),
            reporting_component: Some(self.component.into()),
            reporting_instance: Some(self.host.clone()),
            ..Event::default()
        };
        let about = &event.involved_object;
        let name = about.name.as_deref().unwrap_or_default();
        event.metadata.name = Some(format!("{name}.{stamp:x}"));
        event.metadata.namespace = about.namespace.clone().or_else(|| Some("default".into()));
        event
    }

    fn store(&mut self, server: &mut Server, call: &Call, key: (Group, String), event: Event) {
        let name = event.metadata.name.clone().unwrap_or_default();
        // A refused Event, in a namespace that is going away, is lost, as upstream's recorder loses it.
        if server.create(call, event).is_ok() {
            self.known.insert(key, Known { name, count: 1, last: call.now });
        }
    }

    fn take_token(&mut self, object: String, now: Moment) -> bool {
        let bucket = self.buckets.entry(object).or_insert(Bucket { tokens: BURST, last: now });
        let refill = (now - bucket.last).as_secs_f64() * REFILL_PER_SECOND;
        bucket.tokens = (bucket.tokens + refill).min(BURST);
        bucket.last = now;
        let allowed = bucket.tokens >= 1.0;
        if allowed {
            bucket.tokens -= 1.0;
        }
        allowed
    }
}

/// A reference to an object as Events carry it.
pub(super) fn reference<T: Kinded>(object: &T) -> ObjectReference {
    let meta = object.meta();
    ObjectReference {
        api_version: Some(T::KIND.api_version()),
        kind: Some(T::KIND.name().into()),
        name: meta.name.clone(),
        namespace: meta.namespace.clone(),
        resource_version: meta.resource_version.clone(),
        uid: meta.uid.clone(),
        field_path: None,
    }
}

/// Models getSpamKey: Events of one object and type share a budget.
fn spam_key(what: &Occurrence<'_>) -> String {
    let parts = [&what.about.kind, &what.about.namespace, &what.about.name, &what.about.uid];
    let object = parts.map(|part| part.as_deref().unwrap_or_default()).join("/");
    format!("{object}/{}", what.kind.name())
}

fn identity(about: &ObjectReference) -> String {
    let parts = [&about.kind, &about.namespace, &about.name, &about.uid, &about.field_path];
    parts.map(|part| part.as_deref().unwrap_or_default()).join("/")
}
