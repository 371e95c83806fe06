//! Processes that a person starts in a container. Models server/server.go (getExec) and
//! kuberuntime/kuberuntime_container.go (GetExec).

use std::sync::Arc;

use super::nodes::NodeState;
use super::sandbox::containers;
use super::sync::random_id;
use super::worker::{Host, Purpose, Worker};
use super::{Engine, Kubelets};
use crate::api::core::ExecAction;
use crate::api::{Key, Kind, Moment, Pod, Reason, Status};
pub use crate::runtime::ExecResult;
use crate::server::Server;
use crate::store::{Revision, Trigger};

/// What a person wants to run, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecRequest {
    pub pod: Key,
    pub container: String,
    pub command: Vec<String>,
}

/// A process that a person has started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecHandle {
    pod: Arc<str>,
    number: u32,
}

impl Kubelets {
    /// Starts a process in a container. The turn says when, how far the informers are, and what is to be told as its
    /// cause.
    ///
    /// # Errors
    /// There is no such Pod, its kubelet does not answer, the container does not run, or the program is not there.
    pub fn exec(
        &mut self,
        turn: (Moment, Revision, Trigger),
        server: &mut Server,
        request: &ExecRequest,
    ) -> Result<ExecHandle, Status> {
        let failed = |text: String| Status::new(Reason::InternalError, text);
        let pod = server.get(&request.pod)?.as_kind::<Pod>().cloned();
        let pod = pod.ok_or_else(|| Status::not_found(Kind::Pod, &request.pod.name))?;
        let Some(node) = pod.spec.node_name.as_deref().and_then(|name| self.nodes.find(name)) else {
            let text = format!("pod {} does not have a host assigned", request.pod.name);
            return Err(Status::new(Reason::BadRequest, text));
        };
        let machine = self.nodes.get(node);
        let address = machine.address.clone();
        let dial = |why: &str| failed(format!("error dialing backend: dial tcp {address}:10250: {why}"));
        let real = match (&mut self.engine, machine.state) {
            (Engine::Real(real), NodeState::Running) => real,
            (Engine::Real(_), NodeState::Frozen) => return Err(dial("i/o timeout")),
            _ => return Err(dial("connect: connection refused")),
        };
        let uid: Arc<str> = pod.metadata.uid.as_deref().unwrap_or_default().into();
        let begun = real.act(&uid, turn, (server, &mut self.nodes), |worker, host| {
            worker.exec_for_person(host, &request.container, &request.command)
        });
        let missing =
            || format!("unable to upgrade connection: container not found (\"{}\")", request.container);
        let number = begun.unwrap_or_else(|| Err(missing())).map_err(failed)?;
        Ok(ExecHandle { pod: uid, number })
    }

    /// What the process has written so far and how it ended; `None` when nothing is known of it any more.
    pub fn exec_result(&self, handle: &ExecHandle) -> Option<&ExecResult> {
        let Engine::Real(real) = &self.engine else { return None };
        let worker = real.worker(&handle.pod)?;
        let wanted = Purpose::Person(handle.number);
        match worker.asides.iter().find(|aside| aside.purpose == wanted) {
            Some(aside) => {
                let attempt = worker.runtime.slots[aside.slot].attempts.last()?;
                attempt.process.as_ref()?.exec_result(aside.id)
            }
            None => worker.told.get(&handle.number),
        }
    }
}

impl Worker {
    /// Starts what a person asks for; it has no deadline.
    ///
    /// # Errors
    /// The text that the kubelet's server gives.
    fn exec_for_person(
        &mut self,
        host: &mut Host<'_>,
        container: &str,
        command: &[String],
    ) -> Result<u32, String> {
        let slot = containers(&self.pod).position(|(_, spec)| spec.name == container);
        let slot = slot.filter(|slot| self.runtime.slots[*slot].is_running());
        let Some(slot) = slot else {
            return Err(format!("unable to upgrade connection: container not found (\"{container}\")"));
        };
        let number = self.persons;
        self.persons += 1;
        let action = ExecAction { command: Some(command.to_vec()) };
        self.exec(host, slot, &action, Purpose::Person(number), None).map_err(|error| {
            let what =
                "error executing command in container: failed to exec in container: failed to start exec";
            format!("{what} \"{}\": {error}", random_id(host))
        })?;
        Ok(number)
    }
}
