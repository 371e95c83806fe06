//! The simulation's own machinery: the event queue, work queues, seeded randomness, and what a component
//! is handed when its turn comes.
//!
//! Invariants: no wall clock, thread, async runtime or ambient randomness; order is (time, sequence).

mod alarms;
mod context;
mod controller;
pub mod latency;
mod queue;
mod recorder;
mod workqueue;

pub use alarms::Alarms;
pub use context::{Ctx, Turn};
pub use controller::{Controller, Requeue, Worker};
pub use queue::Queue;
pub use recorder::{EventType, Recorder};
pub use workqueue::WorkQueue;
