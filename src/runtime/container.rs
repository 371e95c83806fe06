//! A running container: its public face.

use std::time::Duration;

use super::behaviour::Behaviour;
use super::files::{Access, FileSystem, Mount, Volumes};
use super::log::Log;
use super::world::{Answer, Connection, Health, HttpRequest, Network, World};

/// What a container starts from.
#[derive(Clone, Copy, Debug)]
pub struct Start<'a> {
    /// The image reference as the Pod says it.
    pub image: &'a str,
    /// Empty: the image's entrypoint.
    pub command: &'a [String],
    /// Empty, and `command` too: the image's command.
    pub args: &'a [String],
    /// The container's environment; the image's own lies below it.
    pub env: &'a [(String, String)],
    pub working_dir: Option<&'a str>,
    /// `runAsUser` and `runAsGroup`; `None` is the image's user.
    pub user: Option<(u32, u32)>,
    /// `readOnlyRootFilesystem`.
    pub root: Access,
    pub stdin: Stdin,
    pub pids: PidNamespace,
    pub network: &'a Network,
    pub mounts: &'a [Mount],
    /// `terminationMessagePath`; the file is made at start.
    pub termination_log: &'a str,
    pub behaviour: &'a Behaviour,
}

/// Where the main process reads from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stdin {
    /// End of file at once.
    #[default]
    Closed,
    /// `stdin: true`: nobody types.
    Open,
    /// `stdin: true` and `tty: true`.
    Terminal,
}

/// Whether the main process is process 1, which no signal ends that it does not handle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PidNamespace {
    #[default]
    Own,
    /// `shareProcessNamespace` or `hostPID`.
    Shared,
}

/// The container could not be started: the text containerd gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartError {
    /// Such as `exec: "nope": executable file not found in $PATH`.
    pub cause: String,
}

impl StartError {
    /// The message of the container's state, reason `RunContainerError` or `StartError`, exit code 128.
    pub fn start_message(&self) -> String {
        format!(
            "failed to create containerd task: failed to create shim task: OCI runtime create failed: \
             runc create failed: unable to start container process: {}: unknown",
            self.cause
        )
    }

    /// What an exec of this gives.
    pub fn exec_message(&self) -> String {
        format!(
            "OCI runtime exec failed: exec failed: unable to start container process: {}: unknown",
            self.cause
        )
    }
}

/// When `run` wants to be called again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// At this time.
    Until(Duration),
    /// Not before something happens to the container: a signal, an exec, a request.
    Forever,
    /// Never: the main process has ended.
    Exited,
}

/// Signals that mean something here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Signal {
    Hup,
    Int,
    Quit,
    Kill,
    Usr1,
    Usr2,
    Pipe,
    Alrm,
    Term,
    Chld,
    Cont,
    Stop,
    Winch,
}

/// How the main process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// 0 to 255; 128 + n when signal n ended it.
    pub code: i32,
    pub signal: Option<Signal>,
    /// Time since scenario start.
    pub at: Duration,
}

/// A process to start in a running container: exec probes, hooks, `kubectl exec`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exec {
    pub argv: Vec<String>,
    /// What it reads; `None` is an empty input.
    pub stdin: Option<Vec<u8>>,
}

/// Names an exec of one container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExecId(pub u32);

/// What an exec did so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExecResult {
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    /// Both, in the order written.
    pub output: Vec<u8>,
    /// `None` while it runs.
    pub code: Option<i32>,
}

/// A container. A clone is a snapshot; it shares everything with the original until one moves.
#[derive(Clone, Debug)]
pub struct Container {
    files: FileSystem,
    log: Log,
    exit: Option<Exit>,
}

impl Container {
    /// Starts the main process.
    ///
    /// # Errors
    /// The program is not there or cannot be run.
    pub fn start(start: &Start, volumes: &mut Volumes, now: Duration) -> Result<Container, StartError> {
        let _ = (start, volumes, now);
        Ok(Container { files: FileSystem::default(), log: Log::default(), exit: None })
    }

    /// Runs everything that is due until every process waits.
    pub fn run(&mut self, now: Duration, volumes: &mut Volumes, world: &mut dyn World) -> Wait {
        let _ = (now, volumes, world);
        if self.exit.is_some() { Wait::Exited } else { Wait::Forever }
    }

    /// Sends a signal to the main process; `run` afterwards.
    pub fn signal(&mut self, now: Duration, signal: Signal) {
        let _ = (now, signal);
    }

    /// SIGKILL to everything: the container has exited with 137.
    pub fn kill(&mut self, now: Duration) {
        self.exit.get_or_insert(Exit { code: 137, signal: Some(Signal::Kill), at: now });
    }

    /// The kernel's out-of-memory killer: SIGKILL to the process that uses most; `run` afterwards.
    pub fn out_of_memory(&mut self, now: Duration) {
        self.kill(now);
    }

    /// A fault: the main process ends with a code.
    pub fn crash(&mut self, now: Duration, code: i32) {
        self.exit.get_or_insert(Exit { code, signal: None, at: now });
    }

    /// Starts another process; `run` moves it, `exec_result` tells.
    ///
    /// # Errors
    /// The program is not there or cannot be run.
    pub fn exec(&mut self, exec: &Exec, volumes: &mut Volumes, now: Duration) -> Result<ExecId, StartError> {
        let _ = (exec, volumes, now);
        Ok(ExecId(0))
    }

    /// Starts a process whose input stays open: write to it with `exec_input`.
    ///
    /// # Errors
    /// The program is not there or cannot be run.
    pub fn exec_terminal(
        &mut self,
        argv: &[String],
        volumes: &mut Volumes,
        now: Duration,
    ) -> Result<ExecId, StartError> {
        let _ = (argv, volumes, now);
        Ok(ExecId(0))
    }

    /// Types into an exec's terminal; `None` ends its input. `run` afterwards.
    pub fn exec_input(&mut self, id: ExecId, bytes: Option<&[u8]>) {
        let _ = (id, bytes);
    }

    /// What an exec wrote so far and its exit code.
    pub fn exec_result(&self, id: ExecId) -> Option<&ExecResult> {
        let _ = id;
        None
    }

    /// Ends an exec if it still runs (a probe's timeout) and forgets it.
    pub fn exec_end(&mut self, id: ExecId, now: Duration) -> ExecResult {
        let _ = (id, now);
        ExecResult::default()
    }

    /// Answers an HTTP request to one of the container's ports.
    pub fn http(&mut self, now: Duration, volumes: &mut Volumes, request: &HttpRequest) -> Answer {
        let _ = (now, volumes, request);
        Answer::Refused
    }

    /// Whether a TCP connection to a port is accepted.
    pub fn tcp(&self, now: Duration, port: u16) -> Connection {
        let _ = (now, port);
        Connection::Refused
    }

    /// Answers a gRPC health check (`service` may be empty).
    pub fn grpc(&self, now: Duration, port: u16, service: &str) -> Health {
        let _ = (now, port, service);
        Health::Unreachable
    }

    /// Bytes of memory in use.
    pub fn memory(&self, now: Duration) -> u64 {
        let _ = now;
        0
    }

    /// When memory will reach `limit` if nothing changes; may lie in the past.
    pub fn memory_reaches(&self, limit: u64) -> Option<Duration> {
        let _ = limit;
        None
    }

    /// Millicores of CPU in use.
    pub fn cpu(&self, now: Duration) -> u64 {
        let _ = now;
        0
    }

    /// How the main process ended; `None` while it runs.
    pub fn exit(&self) -> Option<Exit> {
        self.exit
    }

    pub fn log(&self) -> &Log {
        &self.log
    }

    /// A file's content as the container sees it, such as the termination message.
    pub fn read_file(&self, volumes: &Volumes, path: &str) -> Option<Vec<u8>> {
        let _ = volumes;
        self.files.read(path).map(|content| content.bytes().to_vec())
    }

    /// The container's own tree, without volumes.
    pub fn files(&self) -> &FileSystem {
        &self.files
    }

    /// What the container asked for and is not simulated, each once.
    pub fn unsupported(&self) -> &[String] {
        &[]
    }

    /// Whether the image is unknown and its behaviour a guess.
    pub fn assumed(&self) -> bool {
        false
    }

    /// Whether a process ran on without waiting and was slowed down.
    pub fn spinning(&self) -> bool {
        false
    }

    /// Bends the running container another way (a fault).
    pub fn set_behaviour(&mut self, behaviour: &Behaviour, now: Duration) {
        let _ = (behaviour, now);
    }
}
