//! `kubectl rollout history`.

use crate::api::order;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::failure::Failure;
use super::super::grid::Grid;
use super::super::{Job, Outcome};
use super::undo::{replica_sets, revision};
use super::{group_kind, targets};
use crate::api::{Object, ReplicaSet};

const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";

pub(in super::super) fn history(job: &mut Job<'_>) -> Outcome {
    let wanted = job.args.int("revision").unwrap_or(0);
    if wanted < 0 {
        return Err(Failure::message(format!("revision must be a positive integer: {wanted}")));
    }
    let (objects, mut failures) = targets(job)?;
    for object in &objects {
        match text(job, object, wanted) {
            Ok(text) => {
                let operation = if wanted > 0 { format!("with revision #{wanted}") } else { String::new() };
                job.tell(object, &operation)?;
                job.out.line(text);
            }
            Err(failure) => failures.push(failure),
        }
    }
    Failure::all(failures).map(|()| None)
}

/// Models DeploymentHistoryViewer.ViewHistory.
fn text(job: &Job<'_>, object: &Object, wanted: i64) -> Result<String, Failure> {
    let Object::Deployment(deployment) = object else {
        let text = format!("no history viewer has been implemented for \"{}\"", group_kind(object));
        return Err(Failure::message(text));
    };
    let sets = replica_sets(&job.client, deployment);
    let known: BTreeMap<i64, &Arc<ReplicaSet>> =
        order::map(sets.iter().filter_map(|set| Some((revision(set)?, set))));
    if known.is_empty() {
        return Ok("No rollout history found.".into());
    }
    if wanted > 0 {
        let set =
            known.get(&wanted).ok_or_else(|| Failure::message("unable to find the specified revision"))?;
        return Ok(super::super::describe::template(set.spec.template.as_ref()));
    }
    let mut rows = vec![vec!["REVISION".to_string(), "CHANGE-CAUSE".to_string()]];
    for (revision, set) in known {
        let cause = set.metadata.annotations.as_ref().and_then(|all| all.get(CHANGE_CAUSE));
        let cause = cause.filter(|cause| !cause.is_empty()).cloned();
        rows.push(vec![revision.to_string(), cause.unwrap_or_else(|| "<none>".into())]);
    }
    Ok(Grid::plain().render(&rows))
}
