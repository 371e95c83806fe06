//! `kubectl describe`. Models k8s.io/kubectl/pkg/describe.

mod containers;
mod environment;
mod events;
mod network;
mod node;
mod pod;
mod sheet;
mod volumes;
mod workload;

pub(super) use workload::template;

use super::client::Client;
use super::failure::Failure;
use super::parse::Setting;
use super::resources::Nameless;
use super::tables::Clock;
use super::{Job, Outcome};
use crate::api::{Namespace, Object};
use sheet::Sheet;

pub(super) fn run(job: &mut Job<'_>) -> Outcome {
    if job.args.positional.is_empty() && !job.args.has("filename") {
        let text = "You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete \
                    list of supported resources.";
        return Err(Failure::message(text));
    }
    let words = job.args.positional.clone();
    let (objects, failures) = job.targets(&words, Nameless::All)?;
    // Many objects' Events would be a flood.
    let alone = failures.is_empty() && objects.len() <= 1;
    let events =
        match job.args.is_set_or("show-events", Setting::On) && (alone || job.args.has("show-events")) {
            true => Events::Shown,
            false => Events::Hidden,
        };
    if let ([kind, prefix], [failure]) = (&words[..], &failures[..])
        && failure.is_not_found()
    {
        return by_prefix(job, (kind, prefix), events, failure.clone());
    }
    if objects.is_empty() && failures.is_empty() {
        let text = match job.args.is_set("all-namespaces") {
            true => "No resources found\n".to_string(),
            false => format!("No resources found in {} namespace.\n", job.client.namespace),
        };
        job.out.stderr.push_str(&text);
    }
    let texts: Vec<String> = objects.iter().map(|object| describe(&job.client, object, events)).collect();
    job.out.stdout.push_str(&texts.join("\n\n"));
    Failure::all(failures).map(|()| None)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Events {
    Shown,
    Hidden,
}

/// A name that is none may be the beginning of several. Models DescribeMatchingResources.
fn by_prefix(
    job: &mut Job<'_>,
    (kind, prefix): (&String, &String),
    events: Events,
    failure: Failure,
) -> Outcome {
    let selection = job.selection(std::slice::from_ref(kind), Nameless::All)?;
    let mut found = job.fetch(&selection).0;
    found.retain(|object| object.name().starts_with(prefix.as_str()));
    if found.is_empty() {
        return Err(failure);
    }
    for object in &found {
        let text = describe(&job.client, object, events);
        job.out.line(text);
    }
    Ok(None)
}

fn describe(client: &Client<'_>, object: &Object, events: Events) -> String {
    let clock = Clock { now: client.now(), epoch: client.epoch() };
    let mut sheet = Sheet::default();
    match object {
        Object::Pod(pod) => pod::describe(&mut sheet, pod, clock),
        Object::Deployment(deployment) => workload::deployment(&mut sheet, client, deployment),
        Object::ReplicaSet(set) => workload::replica_set(&mut sheet, client, set),
        Object::Service(service) => network::service(&mut sheet, client, service),
        Object::EndpointSlice(slice) => network::endpoint_slice(&mut sheet, slice),
        Object::Node(node) => node::describe(&mut sheet, client, node, clock),
        Object::Namespace(it) => {
            namespace(&mut sheet, it);
            return sheet.finish();
        }
        Object::Event(_) => {}
    }
    if events == Events::Shown {
        events::of(&mut sheet, client, object, clock);
    }
    sheet.finish()
}

fn namespace(sheet: &mut Sheet, namespace: &Namespace) {
    sheet.field("Name", namespace.metadata.name.as_deref().unwrap_or_default());
    sheet.labels("Labels", namespace.metadata.labels.as_ref());
    sheet.annotations("Annotations", namespace.metadata.annotations.as_ref());
    sheet.field("Status", namespace.status.phase.as_deref().unwrap_or_default());
    let conditions = namespace.status.conditions.as_deref().unwrap_or_default();
    if !conditions.is_empty() {
        sheet.line(0, "Conditions:");
        sheet.line(1, "Type\tStatus\tLastTransitionTime\tReason\tMessage");
        sheet.line(1, "----\t------\t------------------\t------\t-------");
        for condition in conditions {
            let date = sheet::date(condition.last_transition_time.as_ref());
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            let (reason, message) = (text(&condition.reason), text(&condition.message));
            sheet.line(1, format!("{}\t{}\t{date}\t{reason}\t{message}", condition.type_, condition.status));
        }
    }
    sheet.line(0, "");
    sheet.line(0, "No resource quota.");
    sheet.line(0, "");
    sheet.line(0, "No LimitRange resource.");
}
