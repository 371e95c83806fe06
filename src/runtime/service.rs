//! Long-running programs of known images: what they print, where they listen, what they answer.

use std::time::Duration;

use super::behaviour::{Behaviour, TermBehaviour};
use super::container::Signal;
use super::images::{Handler, Image, Term, special};
use super::kernel::{Environment, Memory, Process, Status, Step, Sys};
use super::log::Stream;
use super::world::Health;

/// What a server does, worked out from the image and the arguments.
#[derive(Clone, Debug)]
pub struct Plan {
    pub ports: Vec<u16>,
    /// Lines with the time after start.
    pub output: Vec<(Duration, Stream, String)>,
    /// Ends by itself after that time, with that code.
    pub exit: Option<(Duration, i32)>,
    pub handler: Handler,
    pub term: Term,
    pub memory: Memory,
    pub cpu: u64,
    pub start_up: Duration,
    pub health: Option<Health>,
    /// Text some handlers answer with.
    pub text: String,
    /// What was asked for and is not simulated.
    pub note: Option<String>,
    /// Sent to the main process at start.
    pub signals: Option<Signal>,
}

impl Default for Plan {
    fn default() -> Plan {
        Plan {
            ports: Vec::new(),
            output: Vec::new(),
            exit: None,
            handler: Handler::None,
            term: Term::Exits { code: 0, after_ms: 10 },
            memory: Memory { base: 16 << 20, ..Memory::default() },
            cpu: 1,
            start_up: Duration::from_millis(50),
            health: None,
            text: String::new(),
            note: None,
            signals: None,
        }
    }
}

impl Plan {
    /// A program that prints a text and ends.
    pub fn prints(text: impl Into<String>, code: i32) -> Plan {
        let output = vec![(Duration::ZERO, Stream::Stdout, text.into())];
        Plan { output, exit: Some((Duration::ZERO, code)), ..Plan::default() }
    }

    /// A program that complains and ends.
    pub fn fails(text: impl Into<String>, code: i32) -> Plan {
        let output = vec![(Duration::ZERO, Stream::Stderr, text.into())];
        Plan { output, exit: Some((Duration::ZERO, code)), ..Plan::default() }
    }
}

/// A running server.
#[derive(Clone, Debug)]
pub struct Service {
    pub plan: Plan,
    pub assumed: bool,
    pub started: Option<Duration>,
    printed: usize,
    /// When it will be gone, and how.
    stopping: Option<(Duration, Status)>,
    pub hits: u64,
}

impl Service {
    pub fn of_image(image: &'static Image, argv: &[String], env: &Environment) -> Service {
        Service::of_plan(special::plan(image, argv, env))
    }

    pub fn of_plan(plan: Plan) -> Service {
        Service { plan, assumed: false, started: None, printed: 0, stopping: None, hits: 0 }
    }

    /// A program nobody knows: it runs, listens on every port and leaves on SIGTERM.
    pub fn assumed(_argv: &[String]) -> Service {
        let plan = Plan { handler: Handler::Assumed, ..Plan::default() };
        Service { assumed: true, ..Service::of_plan(plan) }
    }

    /// When it listens, if the annotations do not say otherwise.
    fn ready_at(&self, behaviour: &Behaviour) -> Option<Duration> {
        Some(self.started? + behaviour.start_up.unwrap_or(self.plan.start_up))
    }

    /// Whether a connection to a port is accepted.
    pub fn listens(&self, port: u16, now: Duration, behaviour: &Behaviour) -> bool {
        let has = self.plan.ports.contains(&port) || self.plan.handler == Handler::Assumed;
        has && self.stopping.is_none() && self.ready_at(behaviour).is_some_and(|at| at <= now)
    }

    /// Takes a signal; whether the program handles it.
    pub fn signal(&mut self, signal: Signal, now: Duration, behaviour: &Behaviour) -> bool {
        let term = match (behaviour.term, self.plan.term) {
            (Some(TermBehaviour::Ignores), _) => Term::Ignores,
            (Some(TermBehaviour::Exits), Term::Ignores | Term::Default) => {
                Term::Exits { code: 0, after_ms: 10 }
            }
            (_, term) => term,
        };
        match (signal, term) {
            (Signal::Term | Signal::Int | Signal::Quit, Term::Exits { code, after_ms }) => {
                if self.stopping.is_none() {
                    let after = behaviour.stop_time.unwrap_or(Duration::from_millis(after_ms));
                    let code = behaviour.exit_code.unwrap_or(code);
                    self.stopping = Some((now + after, Status::code(code)));
                }
                true
            }
            (Signal::Term | Signal::Int | Signal::Quit, Term::Ignores) => true,
            (Signal::Hup, Term::Exits { .. }) => true,
            _ => false,
        }
    }

    pub fn step(&mut self, process: &mut Process, sys: &mut Sys) -> Step {
        let started = match self.started {
            Some(started) => started,
            None => {
                self.started = Some(sys.now);
                process.memory = Memory { since: sys.now, ..self.plan.memory };
                if let Some(note) = &self.plan.note {
                    sys.kernel.note(note.clone());
                }
                if let Some(signal) = self.plan.signals {
                    // Without a main process there is nothing to signal.
                    let _ = sys.kernel.send(1, Some(signal));
                }
                sys.now
            }
        };
        while let Some((after, stream, text)) = self.plan.output.get(self.printed) {
            if started + *after > sys.now {
                break;
            }
            let fd = if *stream == Stream::Stdout { 1 } else { 2 };
            let text = text.clone();
            self.printed += 1;
            process.write_text(sys, fd, &text);
        }
        let next_line = self.plan.output.get(self.printed).map(|(after, ..)| started + *after);
        let own_exit = self.plan.exit.map(|(after, code)| (started + after, Status::code(code)));
        let exit = match (self.stopping, own_exit) {
            (Some(stop), Some(own)) => Some(if stop.0 <= own.0 { stop } else { own }),
            (stop, own) => stop.or(own),
        };
        if let Some((at, status)) = exit
            && at <= sys.now
            && next_line.is_none_or(|line| line > at)
        {
            return Step::Exit(status);
        }
        Step::Wait([next_line, exit.map(|(at, _)| at)].into_iter().flatten().min())
    }
}
