//! Events.

use super::{Cell, Clock, Row};
use crate::api::Event;

/// Models printEvent.
pub(super) fn columns(row: &mut Row, event: &Event, clock: Clock) {
    let micro = |time: &Option<crate::api::meta::MicroTime>| clock.micro_age(time.as_ref());
    let first = match &event.first_timestamp {
        Some(date) => clock.age(Some(date)),
        None => micro(&event.event_time),
    };
    let mut last = match &event.last_timestamp {
        Some(date) => clock.age(Some(date)),
        None => first.clone(),
    };
    let mut count = event.count.filter(|count| *count != 0).unwrap_or(1);
    if let Some(series) = &event.series {
        last = micro(&series.last_observed_time);
        count = series.count.unwrap_or(0);
    }
    let about = &event.involved_object;
    let kind = about.kind.as_deref().unwrap_or_default().to_lowercase();
    let target = match about.name.as_deref().unwrap_or_default() {
        "" => kind,
        name => format!("{kind}/{name}"),
    };
    row.add("Last Seen", last);
    row.add("Type", event.type_.clone().unwrap_or_default());
    row.add("Reason", event.reason.clone().unwrap_or_default());
    row.add("Object", target);
    row.wide("Subobject", about.field_path.clone().unwrap_or_default());
    row.wide("Source", source(event));
    row.add("Message", event.message.as_deref().unwrap_or_default().trim());
    row.wide("First Seen", first);
    row.wide("Count", Cell::from(count));
    row.wide("Name", event.metadata.name.clone().unwrap_or_default());
}

/// Models formatEventSource.
fn source(event: &Event) -> String {
    let source = event.source.clone().unwrap_or_default();
    let pick = |a: Option<String>, b: &Option<String>| {
        a.filter(|text| !text.is_empty()).or_else(|| b.clone()).unwrap_or_default()
    };
    let component = pick(source.component, &event.reporting_component);
    let instance = pick(source.host, &event.reporting_instance);
    if instance.is_empty() { component } else { format!("{component}, {instance}") }
}
