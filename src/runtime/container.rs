//! A running container: its public face.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use super::behaviour::{Behaviour, ProbeBehaviour, TermBehaviour};
use super::files::{Access, Device, FileSystem, Mount, User, Volumes, normalize};
use super::images::{self, Profile, Reference};
use super::kernel::{Descriptors, ExecRecord, Kernel, Process, Program, Status, Step, Sys};
use super::log::{Log, Stream};
use super::program::{self, Loader};
use super::tools::Tool;
use super::world::{Answer, Connection, DnsAnswer, Health, HttpRequest, Network, World};

/// Most steps of one run: a script that goes on without waiting is continued later.
const STEPS: u32 = 10_000;
/// Bytes read or written that weigh as much as a step.
const BYTES_A_STEP: usize = 32;
/// Steps a process gets in its turn.
const TURN: u32 = 500;
/// The first pause of a script that spins, doubled each time.
const SPIN_PAUSE: Duration = Duration::from_millis(10);
/// The longest pause.
const MAX_SPIN_PAUSE: Duration = Duration::from_secs(1);

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
    pub kind: ExecKind,
}

/// Why a process is started in a container.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExecKind {
    /// A hook or `kubectl exec`.
    #[default]
    Command,
    /// An exec probe: the annotations `probe` and `ready-after` hold.
    Probe,
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
    kernel: Arc<Kernel>,
    exit: Option<Exit>,
    next_exec: u32,
    /// What the last run said, good until something happens.
    wait: Option<Wait>,
    /// Runs in a row that used up their steps.
    spins: u32,
    epoch: u64,
}

/// The world of a container that only answers: nobody is out there.
struct Alone(u64);

impl World for Alone {
    fn resolve(&mut self, _: &str) -> DnsAnswer {
        DnsAnswer::Timeout
    }
    fn http(&mut self, _: Ipv4Addr, _: &HttpRequest) -> Answer {
        Answer::Hangs
    }
    fn connect(&mut self, _: Ipv4Addr, _: u16) -> Connection {
        Connection::Hangs
    }
    fn random(&mut self) -> u64 {
        0
    }
    fn epoch(&self) -> u64 {
        self.0
    }
}

impl Container {
    /// Starts the main process; `run` moves it.
    ///
    /// # Errors
    /// The program is not there or cannot be run.
    pub fn start(start: &Start, volumes: &mut Volumes, now: Duration) -> Result<Container, StartError> {
        let unknown = Profile { image: None };
        // A name that is no reference never got so far as to be started.
        let profile = Reference::parse(start.image).map_or(unknown, |reference| Profile::of(&reference));
        let mut argv: Vec<String> =
            if start.command.is_empty() { profile.entrypoint() } else { start.command.to_vec() };
        if start.args.is_empty() && start.command.is_empty() {
            argv.extend(profile.command());
        }
        argv.extend(start.args.iter().cloned());
        let (uid, gid) = start.user.unwrap_or_else(|| profile.user());
        let env = environment(start, &profile, uid);
        let cwd = normalize(
            "/",
            start.working_dir.filter(|dir| !dir.is_empty()).unwrap_or_else(|| profile.working_dir()),
        );
        let tree = images::base_tree(&profile, start, &cwd);
        make_sub_paths(start.mounts, volumes);
        let mut kernel = Kernel::new(tree, profile, start.network.clone());
        kernel.mounts = start.mounts.iter().map(normal_mount).collect();
        kernel.access = start.root;
        kernel.user = User { uid, gid };
        kernel.behaviour = start.behaviour.clone();
        kernel.pids = start.pids;
        kernel.terminal = start.stdin == Stdin::Terminal;
        kernel.env = Arc::new(env);
        kernel.cwd = cwd;
        kernel.started = now;
        if argv.is_empty() && kernel.profile.known() {
            return Err(StartError { cause: "no command specified".into() });
        }
        let program = if argv.is_empty() {
            Program::Service(Box::new(super::service::Service::assumed(&argv)))
        } else {
            load(&mut kernel, volumes, &argv, now)?
        };
        let input = match start.stdin {
            Stdin::Closed => Device::Null,
            Stdin::Open | Stdin::Terminal => Device::Tty,
        };
        let fds = Descriptors::from([
            (0, kernel.open_device(input)),
            (1, kernel.open_log(Stream::Stdout)),
            (2, kernel.open_log(if kernel.terminal { Stream::Stdout } else { Stream::Stderr })),
        ]);
        let process = kernel.spawn(argv, program, fds);
        kernel.add(process);
        Ok(Container { kernel: Arc::new(kernel), exit: None, next_exec: 0, wait: None, spins: 0, epoch: 0 })
    }

    fn kernel_mut(&mut self) -> &mut Kernel {
        self.wait = None;
        Arc::make_mut(&mut self.kernel)
    }

    /// Runs everything that is due until every process waits.
    pub fn run(&mut self, now: Duration, volumes: &mut Volumes, world: &mut dyn World) -> Wait {
        if self.exit.is_some() {
            return Wait::Exited;
        }
        match self.wait {
            Some(Wait::Until(at)) if at > now => return Wait::Until(at),
            Some(Wait::Forever) => return Wait::Forever,
            _ => {}
        }
        self.epoch = world.epoch();
        let crash = self.kernel.behaviour.exit_after.map(|after| self.kernel.started + after);
        if crash.is_some_and(|at| at <= now) {
            let code = self.kernel.behaviour.exit_code.unwrap_or(1);
            self.end(now, Status::code(code));
            return Wait::Exited;
        }
        let kernel = Arc::make_mut(&mut self.kernel);
        let mut sys = Sys { kernel, volumes, world, now };
        let (wake, spun, ended) = turns(&mut sys);
        if let Some(status) = ended {
            self.end(now, status);
            return Wait::Exited;
        }
        self.spins = if spun { (self.spins + 1).min(16) } else { 0 };
        let pause = SPIN_PAUSE.saturating_mul(1 << self.spins.min(10)).min(MAX_SPIN_PAUSE);
        let next = [wake, crash, spun.then(|| now + pause)].into_iter().flatten().min();
        let wait = next.map_or(Wait::Forever, Wait::Until);
        self.wait = Some(wait);
        wait
    }

    /// The main process has ended, and everything else with it.
    fn end(&mut self, now: Duration, status: Status) {
        if self.exit.is_some() {
            return;
        }
        let kernel = self.kernel_mut();
        kernel.processes.clear();
        kernel.log.close(now);
        for record in kernel.execs.values_mut() {
            record.result.code.get_or_insert(137);
            record.input = None;
        }
        self.exit = Some(Exit { code: status.code, signal: status.signal, at: now });
    }

    /// Sends a signal to the main process; `run` afterwards.
    pub fn signal(&mut self, now: Duration, signal: Signal) {
        if self.exit.is_some() {
            return;
        }
        if signal == Signal::Kill {
            return self.kill(now);
        }
        // A main process that has just ended needs no signal.
        let _ = self.kernel_mut().send(1, Some(signal));
    }

    /// SIGKILL to everything: the container has exited with 137.
    pub fn kill(&mut self, now: Duration) {
        self.end(now, Status::signal(Signal::Kill));
    }

    /// The kernel's out-of-memory killer: SIGKILL to the process that uses most; `run` afterwards.
    pub fn out_of_memory(&mut self, now: Duration) {
        if self.kernel.behaviour.memory.is_some() || self.kernel.behaviour.memory_growth.is_some() {
            return self.kill(now);
        }
        let alive = self.kernel.processes.values().filter(|process| process.zombie.is_none());
        match alive.max_by_key(|process| process.memory.at(now)).map(|process| process.pid) {
            None | Some(1) => self.kill(now),
            Some(pid) => {
                // Chosen from the table a line above.
                let _ = self.kernel_mut().send(pid, Some(Signal::Kill));
            }
        }
    }

    /// A fault: the main process ends with a code.
    pub fn crash(&mut self, now: Duration, code: i32) {
        self.end(now, Status::code(code));
    }

    /// Starts another process; `run` moves it, `exec_result` tells.
    ///
    /// # Errors
    /// The program is not there or cannot be run.
    pub fn exec(&mut self, exec: &Exec, volumes: &mut Volumes, now: Duration) -> Result<ExecId, StartError> {
        let id = self.start_exec(&exec.argv, volumes, now, exec.kind)?;
        let kernel = self.kernel_mut();
        if let Some(input) = kernel.execs.get_mut(&id).and_then(|record| record.input.take()) {
            kernel.type_into(input, exec.stdin.as_deref().unwrap_or_default());
            kernel.release(input);
        }
        Ok(id)
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
        let id = self.start_exec(argv, volumes, now, ExecKind::Command)?;
        if let Some(record) = self.kernel_mut().execs.get_mut(&id) {
            record.terminal = true;
        }
        Ok(id)
    }

    fn start_exec(
        &mut self,
        argv: &[String],
        volumes: &mut Volumes,
        now: Duration,
        kind: ExecKind,
    ) -> Result<ExecId, StartError> {
        let id = ExecId(self.next_exec);
        self.next_exec += 1;
        let ready = self.kernel.is_ready(now);
        let probe = self.kernel.behaviour.probe.filter(|_| kind == ExecKind::Probe);
        let kernel = self.kernel_mut();
        if argv.is_empty() {
            return Err(StartError { cause: "no command specified".into() });
        }
        let program = match probe {
            _ if kind == ExecKind::Probe && !ready => Program::Tool(Box::new(Tool::ended(1))),
            Some(ProbeBehaviour::Success) => Program::Tool(Box::new(Tool::ended(0))),
            Some(ProbeBehaviour::Failure) => Program::Tool(Box::new(Tool::ended(1))),
            Some(ProbeBehaviour::Hang) => Program::Tool(Box::new(Tool::forever())),
            None => load(kernel, volumes, argv, now)?,
        };
        let (reader, writer) = kernel.open_pipe();
        let fds = Descriptors::from([
            (0, reader),
            (1, kernel.open_exec(id, Stream::Stdout)),
            (2, kernel.open_exec(id, Stream::Stderr)),
        ]);
        let mut process = kernel.spawn(argv.to_vec(), program, fds);
        process.exec = Some(id);
        let pid = kernel.add(process);
        let record = ExecRecord { pid, result: ExecResult::default(), input: Some(writer), terminal: false };
        kernel.execs.insert(id, record);
        Ok(id)
    }

    /// Types into an exec's terminal; `None` ends its input. `run` afterwards.
    pub fn exec_input(&mut self, id: ExecId, bytes: Option<&[u8]>) {
        let kernel = self.kernel_mut();
        let Some(record) = kernel.execs.get_mut(&id) else {
            return;
        };
        match (bytes, record.input) {
            (Some(bytes), Some(input)) => kernel.type_into(input, bytes),
            (None, Some(input)) => {
                record.input = None;
                kernel.release(input);
            }
            (_, None) => {}
        }
    }

    /// What an exec wrote so far and its exit code.
    pub fn exec_result(&self, id: ExecId) -> Option<&ExecResult> {
        self.kernel.execs.get(&id).map(|record| &record.result)
    }

    /// Ends an exec if it still runs (a probe's timeout) and forgets it.
    pub fn exec_end(&mut self, id: ExecId, now: Duration) -> ExecResult {
        let _ = now;
        let kernel = self.kernel_mut();
        let pid = kernel.execs.get(&id).map(|record| record.pid);
        if let Some(process) = pid.and_then(|pid| kernel.processes.remove(&pid)) {
            let children: Vec<u32> =
                kernel.processes.values().filter(|p| p.parent == process.pid).map(|p| p.pid).collect();
            kernel.finish(process, Status::signal(Signal::Kill));
            for child in children {
                // What the exec had started and still runs ends with it.
                let _ = kernel.send(child, Some(Signal::Kill));
            }
        }
        kernel.execs.remove(&id).map(|record| record.result).unwrap_or_default()
    }

    /// Answers an HTTP request to one of the container's ports.
    pub fn http(&mut self, now: Duration, volumes: &mut Volumes, request: &HttpRequest) -> Answer {
        if self.exit.is_some() {
            return Answer::Refused;
        }
        let mut world = Alone(self.epoch);
        let kernel = self.kernel_mut();
        super::network::answer(&mut Sys { kernel, volumes, world: &mut world, now }, request)
    }

    /// Whether a TCP connection to a port is accepted.
    pub fn tcp(&self, now: Duration, port: u16) -> Connection {
        self.kernel.tcp(port, now)
    }

    /// Answers a gRPC health check (`service` may be empty).
    pub fn grpc(&self, now: Duration, port: u16, service: &str) -> Health {
        self.kernel.grpc(port, service, now)
    }

    /// Bytes of memory in use.
    pub fn memory(&self, now: Duration) -> u64 {
        if self.exit.is_some() {
            return 0;
        }
        let behaviour = &self.kernel.behaviour;
        let own = || {
            self.kernel
                .processes
                .values()
                .filter(|p| p.zombie.is_none())
                .map(|p| p.memory.at(now))
                .fold(0, u64::saturating_add)
        };
        let grown = behaviour.memory_growth.map_or(0, |rate| {
            let micros = now.saturating_sub(self.kernel.started).as_micros();
            u64::try_from(u128::from(rate) * micros / 1_000_000).unwrap_or(u64::MAX)
        });
        behaviour.memory.unwrap_or_else(own).saturating_add(grown)
    }

    /// When memory will reach `limit` if nothing changes; may lie in the past.
    pub fn memory_reaches(&self, limit: u64) -> Option<Duration> {
        // About a hundred years.
        let (mut low, mut high) = (0u64, 1u64 << 52);
        if self.memory(Duration::from_micros(high)) < limit {
            return None;
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if self.memory(Duration::from_micros(middle)) >= limit { high = middle } else { low = middle + 1 }
        }
        Some(Duration::from_micros(low))
    }

    /// Millicores of CPU in use.
    pub fn cpu(&self, now: Duration) -> u64 {
        let _ = now;
        let services = self.kernel.processes.values().map(|process| match &process.program {
            Some(Program::Service(service)) => service.plan.cpu,
            _ => 0,
        });
        let own = services.sum::<u64>() + if self.spins > 0 { 1000 } else { 0 };
        if self.exit.is_some() { 0 } else { self.kernel.behaviour.cpu.unwrap_or(own) }
    }

    /// How the main process ended; `None` while it runs.
    pub fn exit(&self) -> Option<Exit> {
        self.exit
    }

    /// What was written to standard output and error.
    pub fn log(&self) -> &Log {
        &self.kernel.log
    }

    /// A file's content as the container sees it, such as the termination message.
    pub fn read_file(&self, volumes: &Volumes, path: &str) -> Option<Vec<u8>> {
        // A view borrows to write; snapshots cost nothing.
        let mut kernel = Kernel::clone(&self.kernel);
        kernel.user = User::default();
        let mut volumes = volumes.clone();
        let content = kernel.view(&mut volumes, Duration::ZERO).read(&normalize("/", path)).ok()?;
        Some(content.bytes().to_vec())
    }

    /// The container's own tree, without volumes.
    pub fn files(&self) -> &FileSystem {
        &self.kernel.tree
    }

    /// What the container asked for and is not simulated, each once.
    pub fn unsupported(&self) -> &[String] {
        &self.kernel.notes
    }

    /// Whether the image is unknown and its behaviour a guess.
    pub fn assumed(&self) -> bool {
        let guessed = |process: &Process| matches!(&process.program, Some(Program::Service(service)) if service.assumed);
        !self.kernel.profile.known() && (self.exit.is_some() || self.kernel.processes.values().any(guessed))
    }

    /// Whether a process ran on without waiting and was slowed down.
    pub fn spinning(&self) -> bool {
        self.spins > 0
    }

    /// Bends the running container another way (a fault); `run` afterwards.
    pub fn set_behaviour(&mut self, behaviour: &Behaviour) {
        self.kernel_mut().behaviour = behaviour.clone();
    }
}

/// Gives every process its turns until all wait: when the first wants to go on, whether the steps
/// were used up, and how the main process ended if it did.
fn turns(sys: &mut Sys) -> (Option<Duration>, bool, Option<Status>) {
    let mut left = STEPS;
    loop {
        let mut moved = false;
        let mut wake: Option<Duration> = None;
        let pids: Vec<u32> = sys.kernel.processes.keys().copied().collect();
        for pid in pids {
            let Some(process) = sys.kernel.processes.get(&pid) else {
                continue;
            };
            if process.zombie.is_some() {
                continue;
            }
            let Some(process) = sys.kernel.processes.remove(&pid) else {
                continue;
            };
            match turn(process, sys, &mut left) {
                Turn::Moved => moved = true,
                Turn::Waits(at) => wake = [wake, at].into_iter().flatten().min(),
                Turn::Ended(process, status) if pid == 1 => {
                    drop(process);
                    return (None, false, Some(status));
                }
                Turn::Ended(process, status) => {
                    sys.kernel.finish(*process, status);
                    moved = true;
                }
            }
            if left == 0 {
                return (wake, true, None);
            }
        }
        if !moved {
            return (wake, false, None);
        }
    }
}

enum Turn {
    Moved,
    Waits(Option<Duration>),
    Ended(Box<Process>, Status),
}

/// One process' turn: its signals, its waiting writes, then some steps.
fn turn(mut process: Process, sys: &mut Sys, left: &mut u32) -> Turn {
    if let Some(status) = deliver(&mut process, sys) {
        return Turn::Ended(Box::new(process), status);
    }
    if process.stopped {
        sys.kernel.add(process);
        return Turn::Waits(None);
    }
    for count in 0..TURN.min(*left) {
        match process.flush(sys) {
            Ok(true) => {}
            Ok(false) => {
                sys.kernel.add(process);
                return if count > 0 { Turn::Moved } else { Turn::Waits(None) };
            }
            Err(()) if process.ignored.contains(&Signal::Pipe) => {}
            Err(()) => return Turn::Ended(Box::new(process), Status::signal(Signal::Pipe)),
        }
        if *left == 0 {
            break;
        }
        *left -= 1;
        let Some(mut program) = process.program.take() else {
            return Turn::Ended(Box::new(process), Status::code(0));
        };
        let step = match &mut program {
            Program::Shell(shell) => shell.step(&mut process, sys),
            Program::Tool(tool) => tool.step(&mut process, sys),
            Program::Service(service) => service.step(&mut process, sys),
        };
        process.program = Some(program);
        let bytes = std::mem::take(&mut sys.kernel.moved);
        *left = left.saturating_sub((bytes / BYTES_A_STEP) as u32);
        let own = std::mem::take(&mut sys.kernel.own_signals);
        let signalled = !own.is_empty();
        process.pending.extend(own);
        match step {
            Step::Again if signalled => {
                sys.kernel.add(process);
                return Turn::Moved;
            }
            Step::Again => {}
            Step::Wait(at) => {
                sys.kernel.add(process);
                return if count > 0 || signalled { Turn::Moved } else { Turn::Waits(at) };
            }
            Step::Exit(status) => {
                // What is still to be written must fit before the process may go.
                if let Ok(false) = process.flush(sys) {
                    process.program = Some(Program::Tool(Box::new(Tool::ended(status.code))));
                    sys.kernel.add(process);
                    return Turn::Waits(None);
                }
                return Turn::Ended(Box::new(process), status);
            }
            Step::Become(program, argv) => {
                process.program = Some(program);
                process.argv = argv;
            }
        }
    }
    sys.kernel.add(process);
    Turn::Moved
}

/// Delivers the pending signals; the status if one ends the process.
fn deliver(process: &mut Process, sys: &mut Sys) -> Option<Status> {
    for signal in std::mem::take(&mut process.pending) {
        match signal {
            Signal::Kill => return Some(Status::signal(signal)),
            Signal::Stop => process.stopped = true,
            Signal::Cont => process.stopped = false,
            _ => {}
        }
        let behaviour = &sys.kernel.behaviour;
        let main = process.pid == 1;
        if main && signal == Signal::Term {
            match behaviour.term {
                Some(TermBehaviour::Ignores) => continue,
                Some(TermBehaviour::Exits) if !matches!(process.program, Some(Program::Service(_))) => {
                    return Some(Status::code(behaviour.exit_code.unwrap_or(0)));
                }
                _ => {}
            }
        }
        if process.ignored.contains(&signal) {
            continue;
        }
        let handled = match &mut process.program {
            Some(Program::Shell(shell)) => shell.catch(signal),
            Some(Program::Service(service)) => service.signal(signal, sys.now, behaviour),
            _ => false,
        };
        let protected = main && sys.kernel.pids == PidNamespace::Own;
        if !handled && !protected && !signal.ignored_by_default() && signal != Signal::Stop {
            return Some(Status::signal(signal));
        }
    }
    None
}

/// Loads a program, or gives containerd's reason why not.
fn load(
    kernel: &mut Kernel,
    volumes: &mut Volumes,
    argv: &[String],
    now: Duration,
) -> Result<Program, StartError> {
    let (profile, env, cwd) = (kernel.profile.clone(), kernel.env.clone(), kernel.cwd.clone());
    let view = kernel.view(volumes, now);
    let loader = Loader { profile: &profile, view, cwd: &cwd, env: &env };
    loader.load(argv).map_err(|error| StartError { cause: program::cause(&argv[0], error) })
}

fn environment(start: &Start, profile: &Profile, uid: u32) -> BTreeMap<String, String> {
    let mut env: BTreeMap<String, String> = BTreeMap::new();
    let mut set = |name: &str, value: &str| env.insert(name.to_owned(), value.to_owned());
    set("PATH", images::PATH);
    set("HOSTNAME", &start.network.hostname);
    if start.stdin == Stdin::Terminal {
        set("TERM", "xterm");
    }
    for (name, value) in profile.env() {
        set(name, value);
    }
    for (name, value) in start.env {
        set(name, value);
    }
    if !env.contains_key("HOME") {
        env.insert("HOME".into(), if uid == 0 { "/root".into() } else { "/".into() });
    }
    env
}

fn normal_mount(mount: &Mount) -> Mount {
    Mount { path: normalize("/", &mount.path), ..mount.clone() }
}

/// A `subPath` that is not there yet becomes a directory, as the kubelet makes it.
fn make_sub_paths(mounts: &[Mount], volumes: &mut Volumes) {
    for mount in mounts {
        if let Some(path) = mount.sub_path.as_deref().filter(|path| !path.is_empty())
            && let Some(tree) = volumes.0.get_mut(&mount.volume)
            && tree.get(&normalize("/", path)).is_none()
        {
            tree.put(path, super::files::Node::directory());
        }
    }
}
