//! Deployments and ReplicaSets.

use super::{Cell, Row, or_none};
use crate::api::core::PodTemplateSpec;
use crate::api::labels::selector_text;
use crate::api::meta::LabelSelector;
use crate::api::{Deployment, ReplicaSet};

pub(super) fn deployment(row: &mut Row, deployment: &Deployment, age: Cell) {
    let (spec, status) = (&deployment.spec, &deployment.status);
    row.add("Ready", format!("{}/{}", status.ready_replicas.unwrap_or(0), spec.replicas.unwrap_or(1)));
    row.add("Up-to-date", status.updated_replicas.unwrap_or(0));
    row.add("Available", status.available_replicas.unwrap_or(0));
    row.add("Age", age);
    wide(row, Some(&spec.template), &spec.selector);
}

pub(super) fn replica_set(row: &mut Row, set: &ReplicaSet, age: Cell) {
    row.add("Desired", set.spec.replicas.unwrap_or(1));
    row.add("Current", set.status.replicas);
    row.add("Ready", set.status.ready_replicas.unwrap_or(0));
    row.add("Age", age);
    wide(row, set.spec.template.as_ref(), &set.spec.selector);
}

fn wide(row: &mut Row, template: Option<&PodTemplateSpec>, selector: &LabelSelector) {
    let containers = template.and_then(|template| template.spec.as_ref()).map(|spec| &spec.containers);
    let containers = containers.map_or(&[][..], Vec::as_slice);
    let join = |texts: Vec<&str>| texts.join(",");
    row.wide("Containers", join(containers.iter().map(|c| c.name.as_str()).collect()));
    row.wide("Images", join(containers.iter().map(|c| c.image.as_deref().unwrap_or_default()).collect()));
    row.wide("Selector", or_none(&selector_text(selector)));
}
