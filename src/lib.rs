//! Podscope: a Kubernetes cluster that lives in a browser tab.
//!
//! Inputs enter one queue ordered by (time, sequence); the cluster pops one event and hands it to a
//! component, which can only call the API server and ask to be called again; every accepted write becomes
//! a revision, and every revision becomes a watch event back in the queue.
//!
//! Rooms, from the ground up; a room uses those above it in this list, never those below:
//!
//! - [`api`]: what objects are: kinds, defaults, validation, patches, YAML and its places;
//! - [`runtime`]: what runs in containers: images, processes, a shell, files, DNS and HTTP;
//! - [`store`]: all versions of all objects, and the log of changes;
//! - [`server`]: the API server, the only writer of the store;
//! - [`sim`]: the event queue, work queues, the Event recorder, a component's [`sim::Ctx`];
//! - [`controllers`], [`scheduler`], [`kubelet`]: the components; they meet only through objects;
//! - [`cluster`]: the wiring;
//! - [`kubectl`]: a line in, output out;
//! - [`session`]: one run of a scenario, and the [`session::frame`] that a screen reads.
//!
//! Invariants, each held by a test: the same scenario, seed and inputs give the same run, byte for byte;
//! nothing here knows a wall clock, a thread, a browser or randomness without a seed; no order comes from
//! a hash; nothing panics on input; a cause explains and never decides.

pub mod api;
pub mod cluster;
pub mod controllers;
pub mod kubectl;
pub mod kubelet;
pub mod runtime;
pub mod scheduler;
pub mod server;
pub mod session;
pub mod sim;
pub mod store;
