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
use super::resources::{Nameless, Want};
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
    let (objects, failures) = if job.args.has("filename") {
        job.targets(&[], Nameless::All)?
    } else {
        let selection = job.selection(&job.args.positional, Nameless::All)?;
        let (mut objects, mut failures) = (Vec::new(), Vec::new());
        for want in &selection.wants {
            let (found, missing) = job.fetch(&selection.only(want));
            match want {
                Want::One(key) if found.is_empty() => {
                    let similar = with_prefix(job, key);
                    if similar.is_empty() {
                        failures.extend(missing);
                    }
                    objects.extend(similar);
                }
                _ => objects.extend(found),
            }
        }
        (objects, failures)
    };
    if objects.is_empty() && failures.is_empty() {
        let text = format!("No resources found in {} namespace.\n", job.client.namespace);
        job.out.stderr.push_str(&text);
    }
    let shows_events = job.args.is_set_or("show-events", Setting::On);
    let texts: Vec<String> =
        objects.iter().map(|object| describe(&job.client, object, shows_events)).collect();
    job.out.stdout.push_str(&texts.join("\n\n"));
    Failure::all(failures).map(|()| None)
}

/// A name that is none may be the beginning of several.
fn with_prefix(job: &Job<'_>, key: &crate::api::Key) -> Vec<Object> {
    let namespace = (!key.namespace.is_empty()).then_some(&*key.namespace);
    let all = job.client.list(key.kind, namespace).into_iter();
    all.filter(|object| object.name().starts_with(&*key.name)).collect()
}

fn describe(client: &Client<'_>, object: &Object, shows_events: bool) -> String {
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
    if shows_events {
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
