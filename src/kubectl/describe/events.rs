//! The Events about an object, oldest first.

use super::super::client::Client;
use super::super::tables::Clock;
use super::sheet::Sheet;
use crate::api::order;
use crate::api::{Event, Object};

pub(super) fn of(sheet: &mut Sheet, client: &Client<'_>, object: &Object, clock: Clock) {
    let mut events: Vec<_> =
        client.view().list_as::<Event>(None).filter(|event| concerns(event, object)).collect();
    if events.is_empty() {
        sheet.line(0, "Events:\t<none>");
        return;
    }
    // Events of events.k8s.io have no such date: they come first.
    order::sort_by(&mut events, |a, b| a.last_timestamp.cmp(&b.last_timestamp));
    sheet.flush();
    sheet.line(0, "Events:");
    sheet.line(1, "Type\tReason\tAge\tFrom\tMessage");
    sheet.line(1, "----\t------\t----\t----\t-------");
    for event in events {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let (kind, reason, message) = (text(&event.type_), text(&event.reason), text(&event.message));
        let source = event.source.as_ref().and_then(|source| source.component.clone());
        let source =
            source.filter(|name| !name.is_empty()).unwrap_or_else(|| text(&event.reporting_component));
        let place = match event.involved_object.field_path.as_deref().unwrap_or_default() {
            "" => String::new(),
            path => format!("{path}: "),
        };
        let age = age(event, clock);
        sheet.line(1, format!("{kind}\t{reason}\t{age}\t{source}\t{place}{}", message.trim()));
    }
}

/// Controllers name objects by uid; the kubelet names its node by name.
fn concerns(event: &Event, object: &Object) -> bool {
    let about = &event.involved_object;
    let uid = about.uid.as_deref();
    about.kind.as_deref() == Some(object.kind().name())
        && about.name.as_deref() == Some(object.name())
        && about.namespace.as_deref().unwrap_or_default() == object.namespace()
        && (uid == Some(object.uid()) || uid == Some(object.name()))
}

fn age(event: &Event, clock: Clock) -> String {
    let first = match &event.event_time {
        Some(time) => clock.micro_age(Some(time)),
        None => clock.age(event.first_timestamp.as_ref()),
    };
    match (&event.series, event.count.unwrap_or(0)) {
        (Some(series), _) => {
            let last = clock.micro_age(series.last_observed_time.as_ref());
            format!("{last} (x{} over {first})", series.count.unwrap_or(0))
        }
        (None, count @ 2..) => {
            let last = clock.age(event.last_timestamp.as_ref());
            format!("{last} (x{count} over {first})")
        }
        _ => first,
    }
}
