//! kubectl: a line in, output and calls of the API server out.
//!
//! A command runs in one turn of the cluster; one that waits or watches becomes a [`Running`] that looks at the cluster
//! again whenever it has changed.
//!
//! Invariants: what is printed is what kubectl v1.36 prints, byte for byte; a command acts only through `client`; an
//! unknown flag or verb is refused, never ignored.

mod apply;
mod client;
mod create;
mod delete;
mod describe;
mod duration;
mod exec;
mod failure;
mod get;
mod grid;
mod jsonpath;
mod manifest;
mod metadata;
mod parse;
mod patch;
mod print;
mod resources;
mod rollout;
mod scale;
mod set;
pub mod tables;
#[cfg(test)]
mod tests;
mod verbs;
mod wait;

use std::collections::BTreeMap;

use client::Client;
use failure::Failure;
use parse::Arguments;
use wait::Wait;

use crate::api::Moment;
use crate::cluster::Cluster;

pub use duration::human_duration;

/// Where a command runs.
#[derive(Clone, Copy, Debug)]
pub struct Env<'a> {
    /// The namespace of commands that name none.
    pub namespace: &'a str,
    /// The files that `-f` can name.
    pub files: &'a BTreeMap<String, String>,
    /// What `-f -` reads.
    pub stdin: Option<&'a str>,
}

/// What a command has printed, and with what it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    pub stdout: String,
    pub stderr: String,
    /// `None` while the command runs.
    pub exit: Option<i32>,
}

impl Output {
    fn line(&mut self, text: impl AsRef<str>) {
        self.stdout.push_str(text.as_ref());
        self.stdout.push('\n');
    }

    fn warn(&mut self, text: impl AsRef<str>) {
        self.stderr.push_str("Warning: ");
        self.stderr.push_str(text.as_ref());
        self.stderr.push('\n');
    }

    fn end(&mut self, result: Result<(), Failure>) {
        if let Err(failure) = &result {
            self.stderr.push_str(&failure.to_string());
        }
        self.exit = Some(result.map_or_else(|failure| failure.exit(), |()| 0));
    }
}

/// A command under way: one that waits or watches goes on as the cluster does.
#[derive(Clone, Debug)]
pub struct Running {
    output: Output,
    wait: Option<Wait>,
}

impl Running {
    /// Takes what was printed since the last call, after letting the command look at the cluster.
    pub fn poll(&mut self, cluster: &mut Cluster) -> Output {
        if self.output.exit.is_none()
            && let Some(wait) = &mut self.wait
            && let Some(result) = wait.poll(cluster, &mut self.output)
        {
            self.output.end(result);
        }
        let exit = self.output.exit;
        Output { exit, ..std::mem::take(&mut self.output) }
    }

    /// Whether it waits for a process in a container, whose doings are no changes of objects.
    pub fn follows_process(&self) -> bool {
        matches!(self.wait, Some(Wait::Exec(_)))
    }

    /// When the command gives up, if it has not ended by then.
    pub fn deadline(&self) -> Option<Moment> {
        self.wait.as_ref().and_then(Wait::deadline)
    }
}

/// One command being carried out.
struct Job<'a> {
    args: Arguments,
    env: &'a Env<'a>,
    client: Client<'a>,
    out: Output,
}

/// What is left to do when a command has had its turn.
type Outcome = Result<Option<Wait>, Failure>;

/// Starts a command line.
pub fn start(line: &str, env: &Env<'_>, cluster: &mut Cluster) -> Running {
    match parse::words(line) {
        Ok(words) => start_words(&words, env, cluster),
        Err(text) => ended(&Failure::message(text)),
    }
}

/// Starts a command whose words are split already; the first may be `kubectl`.
pub fn start_words(words: &[String], env: &Env<'_>, cluster: &mut Cluster) -> Running {
    let words = match words.first().map(String::as_str) {
        Some("kubectl" | "k") => &words[1..],
        _ => words,
    };
    let (verb, args) = match verbs::parse(words) {
        Ok(parsed) => parsed,
        Err(failure) => return ended(&failure),
    };
    cluster.act(|server, call| {
        let client = Client::new(server, call.clone(), &args, env);
        let mut job = Job { args, env, client, out: Output::default() };
        let outcome = job.set_up().and_then(|()| (verb.run)(&mut job));
        let mut out = job.out;
        let wait = match outcome {
            Ok(Some(wait)) => Some(wait),
            Ok(None) => {
                out.end(Ok(()));
                None
            }
            Err(failure) => {
                out.end(Err(failure));
                None
            }
        };
        Running { output: out, wait }
    })
}

fn ended(failure: &Failure) -> Running {
    let output = Output { stderr: failure.to_string(), exit: Some(1), ..Output::default() };
    Running { output, wait: None }
}
