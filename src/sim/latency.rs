//! How long things take, read off the recorded traces of a real cluster.

use std::time::Duration;

/// From a write to the moment its watchers know.
pub const WATCH: Duration = Duration::from_micros(3_000);
/// From the moment a key is queued to the moment a worker of the controller manager takes it.
pub const WAKE: Duration = Duration::from_micros(1_000);
/// One call of the API server by a controller, which works on nothing else meanwhile.
pub const CALL: Duration = Duration::from_micros(3_000);
/// One Pod's way through the scheduler.
pub const SCHEDULE: Duration = Duration::from_micros(6_000);
/// From typing a command to kubectl's first call of the API server.
pub const KUBECTL: Duration = Duration::from_micros(90_000);
