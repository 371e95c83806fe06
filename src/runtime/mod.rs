//! What runs inside containers: images, processes, the shell, files, DNS and HTTP.
//!
//! A container is plain data: `Container::clone` is a snapshot. It moves only in
//! [`Container::run`], up to the virtual time it is given, and says when it wants to run again.
//! Times are since scenario start.
//!
//! Nothing here
//! - knows Kubernetes objects: the kubelet translates them into [`Start`];
//! - pretends: what is not simulated fails with a message on standard error and is
//!   named by [`Container::unsupported`], and a guessed image is [`Container::assumed`];
//! - waits, spawns or reads a clock.

mod behaviour;
mod container;
mod files;
pub mod images;
mod kernel;
mod log;
mod network;
mod program;
mod python;
mod service;
mod shell;
mod tools;
mod world;

pub use behaviour::{
    BadAnnotation, Behaviour, HttpBehaviour, ImageBehaviour, KEYS, PREFIX, ProbeBehaviour, TermBehaviour,
};
pub use container::{
    Container, Exec, ExecId, ExecKind, ExecResult, Exit, PidNamespace, Signal, Start, StartError, Stdin, Wait,
};
pub use files::{Access, Content, Device, FileSystem, Kind, Mount, Node, Volumes};
pub use log::{Line, Log, Stream};
pub use world::{Answer, Connection, DnsAnswer, Health, HttpRequest, HttpResponse, Network, Scheme, World};

#[cfg(test)]
mod tests;
