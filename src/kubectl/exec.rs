//! `kubectl exec`. Models k8s.io/kubectl/pkg/cmd/exec and cmd/util/podcmd.

use super::failure::Failure;
use super::resources::Nameless;
use super::wait::Wait;
use super::{Job, Outcome, Output};
use crate::api::{Kinded, Object, Pod};
use crate::cluster::{Cluster, ExecHandle, ExecRequest, ExecResult};

/// Names the container that stands for a Pod.
const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";

pub(super) fn run(job: &mut Job<'_>) -> Outcome {
    let words = job.args.positional.clone();
    let (named, command) = words.split_at(job.args.dash.unwrap_or(words.len()).min(words.len()));
    if job.args.dash.is_none() && named.len() > 1 {
        let text = "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead";
        return Err(Failure::usage("exec", text));
    }
    let Some(name) = named.first() else {
        return Err(Failure::message("pod, type/name or --filename must be specified"));
    };
    if command.is_empty() {
        return Err(Failure::message("you must specify at least one command for the container"));
    }
    let pod = find_pod(job, name)?;
    if let Some(phase @ ("Succeeded" | "Failed")) = pod.status.phase.as_deref() {
        let text = format!("cannot exec into a container in a completed pod; current phase is {phase}");
        return Err(Failure::message(text));
    }
    let container = find_container(job, &pod)?;
    let request = ExecRequest { pod: pod.key(), container, command: command.to_vec() };
    Ok(Some(Wait::Exec(Exec { request, process: None, told: (0, 0) })))
}

fn find_pod(job: &Job<'_>, name: &str) -> Result<std::sync::Arc<Pod>, Failure> {
    let name = if name.contains('/') { name.to_string() } else { ["pods/", name].concat() };
    let (objects, failures) = job.targets(&[name], Nameless::Refused)?;
    Failure::all(failures)?;
    match objects.into_iter().next() {
        Some(Object::Pod(pod)) => Ok(pod),
        Some(other) => {
            let text = format!("cannot attach to {}: not implemented", other.kind().name());
            Err(Failure::message(text))
        }
        None => Err(Failure::message("no objects passed to exec")),
    }
}

/// Models FindOrDefaultContainerByName.
fn find_container(job: &mut Job<'_>, pod: &Pod) -> Result<String, Failure> {
    let annotations = pod.metadata.annotations.as_ref();
    let default = annotations.and_then(|annotations| annotations.get(DEFAULT_CONTAINER));
    let names = |suffix: &'static str| move |name: &str| [name, suffix].concat();
    let main = pod.spec.containers.iter().map(|c| c.name.as_str());
    let init = pod.spec.init_containers.iter().flatten().map(|c| c.name.as_str());
    let all: Vec<String> = main.clone().map(names("")).chain(init.clone().map(names(" (init)"))).collect();
    let asked = job.args.value("container").or(default.map(String::as_str)).filter(|name| !name.is_empty());
    if let Some(name) = asked {
        let known = main.chain(init).any(|known| known == name);
        let pod_name = pod.metadata.name.as_deref().unwrap_or_default();
        let text = format!("container {name} is not valid for pod {pod_name} out of: {}", all.join(", "));
        return known.then(|| name.to_string()).ok_or_else(|| Failure::message(text));
    }
    let first = main.into_iter().next().unwrap_or_default().to_string();
    if all.len() > 1 && !job.args.is_set("quiet") {
        job.out.stderr.push_str(&format!("Defaulted container \"{first}\" out of: {}\n", all.join(", ")));
    }
    Ok(first)
}

/// A command that runs in a container.
#[derive(Clone, Debug)]
pub(super) struct Exec {
    request: ExecRequest,
    /// Once it has been started.
    process: Option<ExecHandle>,
    /// How many bytes of its output and errors have been printed.
    told: (usize, usize),
}

impl Exec {
    /// Starts the command at first; then prints what is new and says how it ended, if it has.
    pub fn poll(&mut self, cluster: &mut Cluster, out: &mut Output) -> Option<Result<(), Failure>> {
        let handle = match &self.process {
            Some(handle) => handle.clone(),
            None => match cluster.exec(&self.request) {
                Ok(handle) => self.process.insert(handle).clone(),
                Err(status) => return Some(Err(status.into())),
            },
        };
        let Some(ExecResult { stdout, stderr, code, .. }) = cluster.exec_result(&handle) else {
            return Some(Err(Failure::Exit(137)));
        };
        let (old, old_errors) = std::mem::replace(&mut self.told, (stdout.len(), stderr.len()));
        out.stdout.push_str(&String::from_utf8_lossy(stdout.get(old..).unwrap_or_default()));
        out.stderr.push_str(&String::from_utf8_lossy(stderr.get(old_errors..).unwrap_or_default()));
        code.map(|code| if code == 0 { Ok(()) } else { Err(Failure::Exit(code)) })
    }
}
