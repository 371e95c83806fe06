//! Deployments, ReplicaSets, and Pod templates.

use crate::api::order;
use std::sync::Arc;

use super::super::client::Client;
use super::super::rollout::{replica_sets, template_of};
use super::containers::{self, Place};
use super::sheet::{Sheet, date};
use super::{pod, volumes};
use crate::api::core::PodTemplateSpec;
use crate::api::labels::selector_text;
use crate::api::{Deployment, IntOrString, Pod, ReplicaSet, owner};

/// A Pod template alone, as `rollout history --revision` shows it.
pub(in super::super) fn template(of: Option<&PodTemplateSpec>) -> String {
    let mut sheet = Sheet::default();
    describe_template(&mut sheet, of);
    sheet.finish()
}

/// Models describeDeployment.
pub(super) fn deployment(sheet: &mut Sheet, client: &Client<'_>, deployment: &Deployment) {
    let (meta, spec, status) = (&deployment.metadata, &deployment.spec, &deployment.status);
    sheet.field("Name", meta.name.as_deref().unwrap_or_default());
    sheet.field("Namespace", meta.namespace.as_deref().unwrap_or_default());
    sheet.field("CreationTimestamp", date(meta.creation_timestamp.as_ref()));
    sheet.labels("Labels", meta.labels.as_ref());
    sheet.annotations("Annotations", meta.annotations.as_ref());
    sheet.field("Selector", selector_text(&spec.selector));
    let count = |count: Option<i32>| count.unwrap_or(0);
    sheet.field(
        "Replicas",
        format!(
            "{} desired | {} updated | {} total | {} available | {} unavailable",
            spec.replicas.unwrap_or(1),
            count(status.updated_replicas),
            count(status.replicas),
            count(status.available_replicas),
            count(status.unavailable_replicas)
        ),
    );
    let strategy = spec.strategy.clone().unwrap_or_default();
    sheet.field("StrategyType", strategy.type_.as_deref().unwrap_or_default());
    sheet.field("MinReadySeconds", count(spec.min_ready_seconds).to_string());
    if let Some(rolling) = strategy.rolling_update {
        let text = |value: Option<IntOrString>| match value {
            Some(IntOrString::Int(number)) => number.to_string(),
            Some(IntOrString::String(text)) => text,
            None => "0".into(),
        };
        let (unavailable, surge) = (text(rolling.max_unavailable), text(rolling.max_surge));
        sheet.field("RollingUpdateStrategy", format!("{unavailable} max unavailable, {surge} max surge"));
    }
    describe_template(sheet, Some(&spec.template));
    let conditions = status.conditions.iter().flatten();
    conditions_of(
        sheet,
        conditions.map(|c| (&*c.type_, &*c.status, c.reason.as_deref().unwrap_or_default())),
    );
    sets(sheet, client, deployment);
}

/// Old ReplicaSets with Pods or without, and the one of the present template.
fn sets(sheet: &mut Sheet, client: &Client<'_>, deployment: &Deployment) {
    let mut all = replica_sets(client, deployment);
    let present = template_of(&deployment.spec.template);
    let is_new =
        |set: &Arc<ReplicaSet>| set.spec.template.as_ref().map(template_of).as_ref() == Some(&present);
    // Of several the oldest is meant, as the controller means it.
    order::sort_by(&mut all, |a, b| a.metadata.creation_timestamp.cmp(&b.metadata.creation_timestamp));
    let new = all.iter().position(is_new).map(|at| all.remove(at));
    order::sort_by(&mut all, |a, b| a.metadata.name.cmp(&b.metadata.name));
    let told = |set: &Arc<ReplicaSet>| {
        let name = set.metadata.name.as_deref().unwrap_or_default();
        let wanted = set.spec.replicas.unwrap_or(1);
        format!("{name} ({}/{wanted} replicas created)", set.status.replicas)
    };
    let join = |texts: Vec<String>| if texts.is_empty() { "<none>".into() } else { texts.join(", ") };
    if !all.is_empty() || new.is_some() {
        sheet.field("OldReplicaSets", join(all.iter().map(told).collect()));
        sheet.field("NewReplicaSet", join(new.iter().map(told).collect()));
    }
}

/// Models describeReplicaSet.
pub(super) fn replica_set(sheet: &mut Sheet, client: &Client<'_>, set: &ReplicaSet) {
    let (meta, spec, status) = (&set.metadata, &set.spec, &set.status);
    sheet.field("Name", meta.name.as_deref().unwrap_or_default());
    sheet.field("Namespace", meta.namespace.as_deref().unwrap_or_default());
    sheet.field("Selector", selector_text(&spec.selector));
    sheet.labels("Labels", meta.labels.as_ref());
    sheet.annotations("Annotations", meta.annotations.as_ref());
    if let Some(controller) = owner::controller_of(meta) {
        sheet.field("Controlled By", format!("{}/{}", controller.kind, controller.name));
    }
    sheet.field("Replicas", format!("{} current / {} desired", status.replicas, spec.replicas.unwrap_or(1)));
    let uid = meta.uid.as_deref().unwrap_or_default();
    let pods: Vec<_> = client.view().controlled_by::<Pod>(uid).collect();
    let count = |phase| pods.iter().filter(|pod| pod.status.phase.as_deref() == Some(phase)).count();
    sheet.field(
        "Pods Status",
        format!(
            "{} Running / {} Waiting / {} Succeeded / {} Failed",
            count("Running"),
            count("Pending"),
            count("Succeeded"),
            count("Failed")
        ),
    );
    describe_template(sheet, spec.template.as_ref());
    let conditions = status.conditions.iter().flatten();
    conditions_of(
        sheet,
        conditions.map(|c| (&*c.type_, &*c.status, c.reason.as_deref().unwrap_or_default())),
    );
}

fn conditions_of<'a>(sheet: &mut Sheet, conditions: impl Iterator<Item = (&'a str, &'a str, &'a str)>) {
    for (index, (kind, status, reason)) in conditions.enumerate() {
        if index == 0 {
            sheet.line(0, "Conditions:");
            sheet.line(1, "Type\tStatus\tReason");
            sheet.line(1, "----\t------\t------");
        }
        sheet.line(1, format!("{kind} \t{status}\t{reason}"));
    }
}

/// Models DescribePodTemplate.
fn describe_template(sheet: &mut Sheet, template: Option<&PodTemplateSpec>) {
    sheet.line(0, "Pod Template:");
    let Some(template) = template else {
        sheet.line(1, "<unset>");
        return;
    };
    let meta = template.metadata.clone().unwrap_or_default();
    let spec = template.spec.clone().unwrap_or_default();
    sheet.labels("  Labels", meta.labels.as_ref());
    if meta.annotations.as_ref().is_some_and(|all| !all.is_empty()) {
        sheet.annotations("  Annotations", meta.annotations.as_ref());
    }
    if let Some(account) = spec.service_account_name.as_deref().filter(|name| !name.is_empty()) {
        sheet.line(1, format!("Service Account:\t{account}"));
    }
    let place = |label| Place { label, space: "  ", statuses: &[], pod: None };
    let init = spec.init_containers.as_deref().unwrap_or_default();
    if !init.is_empty() {
        containers::describe(sheet, init, &place("Init Containers"));
    }
    containers::describe(sheet, &spec.containers, &place("Containers"));
    volumes::describe(sheet, spec.volumes.as_deref().unwrap_or_default(), "  ");
    pod::spread(sheet, spec.topology_spread_constraints.as_deref().unwrap_or_default(), "  ");
    if let Some(class) = spec.priority_class_name.as_deref().filter(|name| !name.is_empty()) {
        sheet.line(1, format!("Priority Class Name:\t{class}"));
    }
    sheet.labels("  Node-Selectors", spec.node_selector.as_ref());
    sheet.list("  Tolerations", pod::tolerations(spec.tolerations.as_deref().unwrap_or_default()));
}
