//! Commands that go on until the cluster has come somewhere.

use std::time::Duration;

use super::exec::Exec;
use super::failure::Failure;
use super::get::Watch;
use super::rollout::Status;
use super::{Output, parse};
use crate::api::{Key, Moment};
use crate::cluster::Cluster;

/// What a command waits for.
#[derive(Clone, Debug)]
pub(super) enum Wait {
    Deleted(Deleted),
    Rollout(Status),
    Watch(Watch),
    Exec(Exec),
}

impl Wait {
    /// Looks at the cluster; says how the command ended, if it has.
    pub fn poll(&mut self, cluster: &mut Cluster, out: &mut Output) -> Option<Result<(), Failure>> {
        let ended = match self {
            Wait::Deleted(deleted) => deleted.poll(cluster),
            Wait::Rollout(status) => status.poll(cluster, out),
            Wait::Watch(watch) => watch.poll(cluster, out),
            Wait::Exec(exec) => exec.poll(cluster, out),
        };
        let late = self.deadline().is_some_and(|deadline| cluster.now() >= deadline);
        ended.or_else(|| late.then(|| Err(self.timed_out())))
    }

    /// When the command gives up.
    pub fn deadline(&self) -> Option<Moment> {
        match self {
            Wait::Deleted(deleted) => deleted.deadline,
            Wait::Rollout(status) => status.deadline,
            Wait::Watch(_) | Wait::Exec(_) => None,
        }
    }

    fn timed_out(&self) -> Failure {
        match self {
            Wait::Deleted(Deleted { keys, .. }) => {
                let name = keys.first().map(|(key, _)| format!("{}/{}", key.kind.plural(), key.name));
                Failure::message(format!(
                    "timed out waiting for the condition on {}",
                    name.unwrap_or_default()
                ))
            }
            _ => Failure::message("timed out waiting for the condition"),
        }
    }
}

/// When `--timeout` ends a command; zero never does.
pub(super) fn deadline(now: Moment, timeout: Option<&str>) -> Option<Moment> {
    let seconds = parse::seconds(timeout?)?;
    let span = Duration::try_from_secs_f64(seconds).ok()?;
    (!span.is_zero()).then(|| now + span)
}

/// `kubectl delete` waits for the objects to go.
#[derive(Clone, Debug)]
pub(super) struct Deleted {
    keys: Vec<(Key, String)>,
    deadline: Option<Moment>,
}

impl Deleted {
    pub fn new(keys: Vec<(Key, String)>, now: Moment, timeout: Option<&str>) -> Deleted {
        Deleted { keys, deadline: deadline(now, timeout) }
    }

    fn poll(&mut self, cluster: &Cluster) -> Option<Result<(), Failure>> {
        let view = cluster.store().latest();
        self.keys.retain(|(key, uid)| view.get(key).is_some_and(|object| object.uid() == uid));
        self.keys.is_empty().then_some(Ok(()))
    }
}
