//! One run of a scenario: what a person does to it, and what the screen reads of it.
//!
//! Invariant: a session is its scenario and its inputs with their times; replaying them gives the same
//! run, byte for byte.

pub mod bench;
pub mod board;
#[cfg(test)]
mod board_tests;
pub mod diagnose;
pub mod frame;
pub mod inspect;
pub mod ledger;
mod pod_state;
pub mod scenario;
mod seats;
mod workload;

use crate::api::{Key, Kind, Kinded, Moment, Pod, labels::Selector};
use crate::cluster::Cluster;
use crate::kubectl::{self, Env, Output, Running};
use crate::sim::latency;
use crate::store::Revision;

pub use board::Board;
pub use scenario::Scenario;
use scenario::{Action, Step};

/// One thing done to the cluster: a step of the scenario or a person's own command.
#[derive(Clone, Debug)]
pub struct Command {
    pub at: Moment,
    /// The command line, or what else was done, in words.
    pub line: String,
    pub output: Output,
    /// The newest revision before it.
    pub before: Revision,
    running: Option<Running>,
}

/// What a person did to the run, which a link carries along with the scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    pub at: Moment,
    pub action: Deed,
}

/// What a person can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Types a command.
    Run(String),
    /// Makes the manifest this text and applies it.
    Apply(String),
}

/// A scenario being run.
#[derive(Clone, Debug)]
pub struct Session {
    scenario: Scenario,
    cluster: Cluster,
    next_step: usize,
    commands: Vec<Command>,
    inputs: Vec<Input>,
    /// The newest revision when the cluster was ready.
    origin: Revision,
}

impl Session {
    /// A session at the start of its scenario.
    pub fn new(scenario: Scenario) -> Session {
        let mut cluster = Cluster::new(scenario.config());
        // A name that is none is reported by the first command that uses it.
        let _ = cluster.ensure_namespace(&scenario.namespace);
        let origin = cluster.store().revision();
        Session { scenario, cluster, next_step: 0, commands: Vec::new(), inputs: Vec::new(), origin }
    }

    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Everything done so far, oldest first.
    pub fn commands(&self) -> &[Command] {
        &self.commands
    }

    /// What a person did, oldest first; the scenario's own steps are not among it.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// The newest revision of what was there before anything was done.
    pub fn origin(&self) -> Revision {
        self.origin
    }

    /// When something happens next: a step, an event of the cluster, or a command that gives up.
    pub fn next_event(&self) -> Option<Moment> {
        let step = self.scenario.steps.get(self.next_step).map(due);
        [step, self.cluster.next_event(), self.next_deadline()].into_iter().flatten().min()
    }

    fn next_deadline(&self) -> Option<Moment> {
        let running = self.commands.iter().filter_map(|command| command.running.as_ref());
        running.filter_map(Running::deadline).min()
    }

    /// When something was written first after a moment, if it was.
    pub fn change_after(&self, at: Moment) -> Option<Moment> {
        let store = self.cluster.store();
        store.change(board::revision_at(store, at) + 1).map(|change| change.time)
    }

    /// Runs everything up to and at `until`, and moves the clock there.
    pub fn run_until(&mut self, until: Moment) {
        while self.advance(until) {}
        self.cluster.run_until(until);
    }

    /// Handles one event or step, if it happens no later than `until`; says whether there was one.
    pub fn advance(&mut self, until: Moment) -> bool {
        if let Some(deadline) =
            self.next_deadline().filter(|at| *at <= until && self.next_event() == Some(*at))
        {
            self.cluster.run_until(deadline);
            self.poll_commands();
            return true;
        }
        let step = self.scenario.steps.get(self.next_step).filter(|step| due(step) <= until);
        let before = self.cluster.store().revision();
        let stepped = match step {
            // What the cluster does at the time of a step comes before it.
            Some(step) if self.cluster.next_event().is_none_or(|next| next > due(step)) => {
                let step = step.clone();
                self.next_step += 1;
                self.cluster.run_until(due(&step));
                self.perform(&step);
                true
            }
            _ => self.cluster.step(until),
        };
        let follows = |command: &Command| command.running.as_ref().is_some_and(Running::follows_process);
        if stepped && (self.cluster.store().revision() != before || self.commands.iter().any(follows)) {
            self.poll_commands();
        }
        stepped
    }

    /// Runs a command line now, as a person types it.
    pub fn run(&mut self, line: &str) -> &Command {
        self.inputs.push(Input { at: self.cluster.now(), action: Deed::Run(line.into()) });
        self.execute(line, self.cluster.now())
    }

    /// Makes the manifest this text and applies it now.
    pub fn apply_manifest(&mut self, text: &str) -> &Command {
        self.inputs.push(Input { at: self.cluster.now(), action: Deed::Apply(text.into()) });
        self.scenario.files.insert(scenario::MANIFEST.into(), text.into());
        self.execute(&["kubectl apply -f ", scenario::MANIFEST].concat(), self.cluster.now())
    }

    fn execute(&mut self, line: &str, at: Moment) -> &Command {
        let Session { scenario, cluster, .. } = self;
        let before = cluster.store().revision();
        let env = Env { namespace: &scenario.namespace, files: &scenario.files, stdin: None };
        let mut running = kubectl::start(line, &env, cluster);
        let output = running.poll(cluster);
        let running = output.exit.is_none().then_some(running);
        self.commands.push(Command { at, line: line.into(), output, before, running });
        &self.commands[self.commands.len() - 1]
    }

    fn perform(&mut self, step: &Step) {
        let pod = step.pick.as_ref().map(|pick| self.picked(pick)).unwrap_or_default();
        match &step.action {
            Action::Run(line) => drop(self.execute(&line.replace("$POD", &pod), step.at)),
            other => {
                let output = Output {
                    stderr: format!("error: not simulated: {other:?}\n"),
                    exit: Some(1),
                    ..Output::default()
                };
                let before = self.cluster.store().revision();
                self.commands.push(Command {
                    at: step.at,
                    line: format!("{other:?}"),
                    output,
                    before,
                    running: None,
                });
            }
        }
    }

    fn picked(&self, pick: &scenario::Pick) -> String {
        let selector = Selector::parse(&pick.selector).unwrap_or_default();
        let pods = self.cluster.store().latest().list(Kind::Pod, Some(&self.scenario.namespace));
        let mut matching =
            pods.filter_map(Pod::unwrap).filter(|pod| selector.matches(pod.metadata.labels.as_ref()));
        matching.nth(pick.index).map(|pod| Key::clone(&pod.key()).name.to_string()).unwrap_or_default()
    }

    fn poll_commands(&mut self) {
        for command in &mut self.commands {
            if let Some(running) = &mut command.running {
                let more = running.poll(&mut self.cluster);
                command.output.stdout.push_str(&more.stdout);
                command.output.stderr.push_str(&more.stderr);
                command.output.exit = more.exit;
                if more.exit.is_some() {
                    command.running = None;
                }
            }
        }
    }
}

/// When a step reaches the API server: a command line takes its time to start.
fn due(step: &Step) -> Moment {
    match step.action {
        Action::Run(_) => step.at + latency::KUBECTL,
        _ => step.at,
    }
}
