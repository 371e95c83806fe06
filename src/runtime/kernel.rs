//! Processes, descriptors and pipes of one container.

use crate::api::order;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::behaviour::Behaviour;
use super::container::{ExecId, ExecResult, PidNamespace, Signal};
use super::files::{
    Access, Content, Device, Errno, FileSystem, Kind, Mount, Truncate, User, View, Volumes, normalize,
};
use super::images::Profile;
use super::log::{Log, Stream};
use super::service::Service;
use super::shell::Shell;
use super::tools::Tool;
use super::world::{Network, World};

/// Most processes in one container.
pub const MAX_PROCESSES: usize = 256;
/// Bytes a pipe holds.
const PIPE_SIZE: usize = 64 * 1024;
/// Bytes kept of an exec's output.
const MAX_EXEC_OUTPUT: usize = 1024 * 1024;
/// Most notes about what is not simulated.
const MAX_NOTES: usize = 32;

/// What a process runs.
#[derive(Clone, Debug)]
pub enum Program {
    Shell(Box<Shell>),
    Tool(Box<Tool>),
    Service(Box<Service>),
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    pub code: i32,
    pub signal: Option<Signal>,
}

impl Status {
    pub fn code(code: i32) -> Status {
        Status { code: code & 255, signal: None }
    }

    pub fn signal(signal: Signal) -> Status {
        Status { code: 128 + signal.number(), signal: Some(signal) }
    }
}

/// What a step of a program came to.
pub enum Step {
    /// It did something; step it again.
    Again,
    /// It waits, at most until then.
    Wait(Option<Duration>),
    Exit(Status),
    /// `exec`: the process is now something else.
    Become(Program, Vec<String>),
}

/// Memory that grows with time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    pub base: u64,
    /// Bytes a second from `since` on.
    pub rate: u64,
    pub since: Duration,
    /// Where it stops growing.
    pub most: u64,
}

impl Memory {
    pub fn at(&self, now: Duration) -> u64 {
        let micros = now.saturating_sub(self.since).as_micros();
        let grown = (u128::from(self.rate) * micros / 1_000_000).min(u128::from(self.most));
        self.base.saturating_add(grown as u64)
    }
}

/// A descriptor table: number to open file.
pub type Descriptors = BTreeMap<u32, u32>;

/// Environment variables.
pub type Environment = Arc<BTreeMap<String, String>>;

#[derive(Clone, Debug)]
pub struct Process {
    pub pid: u32,
    pub parent: u32,
    pub argv: Vec<String>,
    /// `None` only while it is being stepped.
    pub program: Option<Program>,
    pub fds: Descriptors,
    pub cwd: String,
    pub env: Environment,
    pub ignored: BTreeSet<Signal>,
    pub pending: Vec<Signal>,
    pub stopped: bool,
    /// Writes that wait for room in a pipe.
    out: VecDeque<(u32, Vec<u8>)>,
    pub umask: u32,
    pub memory: Memory,
    /// The process has ended and its parent has not asked yet.
    pub zombie: Option<Status>,
    pub exec: Option<ExecId>,
}

/// What an open file is.
#[derive(Clone, Debug)]
enum Open {
    Log(Stream),
    Exec(ExecId, Stream),
    File { path: String, offset: u64, append: bool },
    Device(Device),
    PipeRead(u32),
    PipeWrite(u32),
}

#[derive(Clone, Debug)]
struct OpenFile {
    open: Open,
    references: u32,
}

#[derive(Clone, Debug, Default)]
struct Pipe {
    data: VecDeque<u8>,
    reader: bool,
    writer: bool,
}

/// What a read gives.
pub enum Read {
    Data(Vec<u8>),
    End,
    Block,
    /// The descriptor is closed or cannot be read.
    Failed,
}

/// How a file is opened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Read,
    Write,
    Append,
    ReadWrite,
}

/// One exec.
#[derive(Clone, Debug)]
pub struct ExecRecord {
    pub pid: u32,
    pub result: ExecResult,
    /// The writing end of its input.
    pub input: Option<u32>,
    pub terminal: bool,
}

/// Everything inside a container.
#[derive(Clone, Debug)]
pub struct Kernel {
    pub processes: BTreeMap<u32, Process>,
    pub next_pid: u32,
    files: BTreeMap<u32, OpenFile>,
    next_file: u32,
    pipes: BTreeMap<u32, Pipe>,
    pub tree: FileSystem,
    pub mounts: Arc<[Mount]>,
    pub access: Access,
    pub user: User,
    pub log: Log,
    pub execs: BTreeMap<ExecId, ExecRecord>,
    pub profile: Profile,
    pub behaviour: Behaviour,
    pub network: Arc<Network>,
    pub pids: PidNamespace,
    pub terminal: bool,
    pub env: Environment,
    pub cwd: String,
    pub started: Duration,
    pub notes: Vec<String>,
    /// Signals the process that is being stepped sent to itself.
    pub own_signals: Vec<Signal>,
    /// Bytes moved by the step that runs: they count as work.
    pub moved: usize,
}

/// What a step of a program works on.
pub struct Sys<'a> {
    pub kernel: &'a mut Kernel,
    pub volumes: &'a mut Volumes,
    pub world: &'a mut dyn World,
    pub now: Duration,
}

impl Sys<'_> {
    pub fn view(&mut self) -> View<'_> {
        self.kernel.view(self.volumes, self.now)
    }

    /// Seconds since 1970.
    pub fn clock(&self) -> Duration {
        Duration::from_secs(self.world.epoch()) + self.now
    }
}

impl Kernel {
    pub fn new(tree: FileSystem, profile: Profile, network: Network) -> Kernel {
        Kernel {
            processes: BTreeMap::new(),
            next_pid: 1,
            files: BTreeMap::new(),
            next_file: 0,
            pipes: BTreeMap::new(),
            tree,
            mounts: Arc::from([]),
            access: Access::ReadWrite,
            user: User::default(),
            log: Log::default(),
            execs: BTreeMap::new(),
            profile,
            behaviour: Behaviour::default(),
            network: Arc::new(network),
            pids: PidNamespace::Own,
            terminal: false,
            env: Environment::default(),
            cwd: "/".into(),
            started: Duration::ZERO,
            notes: Vec::new(),
            own_signals: Vec::new(),
            moved: 0,
        }
    }

    pub fn view<'a>(&'a mut self, volumes: &'a mut Volumes, now: Duration) -> View<'a> {
        View {
            root: &mut self.tree,
            volumes,
            mounts: &self.mounts,
            access: self.access,
            user: self.user,
            now,
        }
    }

    /// Remembers what is not simulated.
    pub fn note(&mut self, text: impl Into<String>) {
        let text = text.into();
        if self.notes.len() < MAX_NOTES && !self.notes.contains(&text) {
            self.notes.push(text);
        }
    }

    fn open(&mut self, open: Open) -> u32 {
        let id = self.next_file;
        self.next_file += 1;
        self.files.insert(id, OpenFile { open, references: 1 });
        id
    }

    pub fn open_log(&mut self, stream: Stream) -> u32 {
        self.open(Open::Log(stream))
    }

    pub fn open_exec(&mut self, id: ExecId, stream: Stream) -> u32 {
        self.open(Open::Exec(id, stream))
    }

    pub fn open_device(&mut self, device: Device) -> u32 {
        self.open(Open::Device(device))
    }

    /// A pipe: its reading and its writing end.
    pub fn open_pipe(&mut self) -> (u32, u32) {
        let id = self.next_file;
        self.pipes.insert(id, Pipe { reader: true, writer: true, ..Pipe::default() });
        (self.open(Open::PipeRead(id)), self.open(Open::PipeWrite(id)))
    }

    pub fn retain(&mut self, file: u32) -> u32 {
        if let Some(file) = self.files.get_mut(&file) {
            file.references += 1;
        }
        file
    }

    pub fn release(&mut self, file: u32) {
        let Some(entry) = self.files.get_mut(&file) else {
            return;
        };
        entry.references -= 1;
        if entry.references > 0 {
            return;
        }
        let Some(entry) = self.files.remove(&file) else {
            return;
        };
        let pipe = match entry.open {
            Open::PipeRead(pipe) | Open::PipeWrite(pipe) => pipe,
            _ => return,
        };
        if let Some(state) = self.pipes.get_mut(&pipe) {
            match entry.open {
                Open::PipeRead(_) => state.reader = false,
                _ => state.writer = false,
            }
            if !state.reader && !state.writer {
                self.pipes.remove(&pipe);
            }
        }
    }

    pub fn copy_table(&mut self, fds: &Descriptors) -> Descriptors {
        order::map(fds.iter().map(|(fd, file)| (*fd, self.retain(*file))))
    }

    /// Puts a process into the table.
    pub fn add(&mut self, process: Process) -> u32 {
        let pid = process.pid;
        self.processes.insert(pid, process);
        pid
    }

    /// A new process of `parent`, with copies of its descriptors; `None` when there are too many.
    pub fn fork(&mut self, parent: &Process) -> Option<Process> {
        if self.processes.len() >= MAX_PROCESSES {
            return None;
        }
        let pid = self.next_pid;
        self.next_pid += 1;
        let fds = self.copy_table(&parent.fds);
        Some(Process {
            pid,
            parent: parent.pid,
            argv: parent.argv.clone(),
            program: None,
            fds,
            cwd: parent.cwd.clone(),
            env: parent.env.clone(),
            ignored: parent.ignored.clone(),
            pending: Vec::new(),
            stopped: false,
            out: VecDeque::new(),
            umask: parent.umask,
            memory: Memory { base: 400 * 1024, ..Memory::default() },
            zombie: None,
            exec: None,
        })
    }

    /// A first process, or an exec's: nothing inherited.
    pub fn spawn(&mut self, argv: Vec<String>, program: Program, fds: Descriptors) -> Process {
        let pid = self.next_pid;
        self.next_pid += 1;
        Process {
            pid,
            parent: 0,
            argv,
            program: Some(program),
            fds,
            cwd: self.cwd.clone(),
            env: self.env.clone(),
            ignored: BTreeSet::new(),
            pending: Vec::new(),
            stopped: false,
            out: VecDeque::new(),
            umask: 0o022,
            memory: Memory { base: 400 * 1024, ..Memory::default() },
            zombie: None,
            exec: None,
        }
    }

    /// Takes the status of an ended child.
    pub fn reap(&mut self, pid: u32) -> Option<Status> {
        let status = self.processes.get(&pid)?.zombie?;
        self.processes.remove(&pid);
        Some(status)
    }

    /// Sends a signal as `kill` does.
    pub fn send(&mut self, pid: u32, signal: Option<Signal>) -> Result<(), ()> {
        let init = pid == 1 && self.pids == PidNamespace::Own;
        let process = self.processes.get_mut(&pid).filter(|p| p.zombie.is_none()).ok_or(())?;
        if let Some(signal) = signal
            && !(init && matches!(signal, Signal::Kill | Signal::Stop))
        {
            process.pending.push(signal);
        }
        Ok(())
    }

    /// A process ends: its files close, its children lose their parent.
    pub fn finish(&mut self, mut process: Process, status: Status) {
        for file in std::mem::take(&mut process.fds).into_values() {
            self.release(file);
        }
        for (file, _) in std::mem::take(&mut process.out) {
            self.release(file);
        }
        let pid = process.pid;
        self.processes.retain(|_, other| !(other.parent == pid && other.zombie.is_some()));
        for other in self.processes.values_mut().filter(|other| other.parent == pid) {
            other.parent = 0;
        }
        if let Some(record) = process.exec.and_then(|id| self.execs.get_mut(&id)) {
            record.result.code = Some(status.code);
            if let Some(input) = record.input.take() {
                self.release(input);
            }
        }
        if process.parent != 0 && self.processes.contains_key(&process.parent) {
            process.zombie = Some(status);
            process.program = None;
            self.processes.insert(pid, process);
        }
    }
}

impl Process {
    /// Opens a file and gives its entry in the table of open files.
    pub fn open(&self, sys: &mut Sys, path: &str, mode: Mode) -> Result<u32, Errno> {
        let path = self.path(path);
        let device = match sys.view().stat(&path) {
            Ok(node) => match node.kind {
                Kind::Device(device) => Some(device),
                _ => None,
            },
            Err(_) => None,
        };
        if let Some(device) = device {
            return Ok(match device {
                Device::Descriptor(fd) => {
                    let file = *self.fds.get(&fd).ok_or(Errno::NotFound)?;
                    sys.kernel.retain(file)
                }
                Device::Main(fd) => {
                    let stream = if fd == 2 { Stream::Stderr } else { Stream::Stdout };
                    sys.kernel.open_log(stream)
                }
                device => sys.kernel.open_device(device),
            });
        }
        let umask = self.umask;
        let path = match mode {
            Mode::Read => {
                let view = sys.view();
                view.read(&path)
                    .map(|_| ())
                    .or_else(|e| if e == Errno::IsDirectory { Ok(()) } else { Err(e) })?;
                view.real_path(&path)?
            }
            Mode::Write => sys.view().open_write(&path, Truncate::Yes, 0o666 & !umask)?,
            Mode::Append | Mode::ReadWrite => sys.view().open_write(&path, Truncate::No, 0o666 & !umask)?,
        };
        Ok(sys.kernel.open(Open::File { path, offset: 0, append: mode == Mode::Append }))
    }

    /// A path against the current directory; a last slash stays.
    pub fn path(&self, path: &str) -> String {
        let mut full = normalize(&self.cwd, path);
        if path.ends_with('/') && full != "/" {
            full.push('/');
        }
        full
    }

    /// Puts an open file at a descriptor; what was there is closed.
    pub fn set_fd(&mut self, kernel: &mut Kernel, fd: u32, file: u32) {
        if let Some(old) = self.fds.insert(fd, file) {
            kernel.release(old);
        }
    }

    pub fn close_fd(&mut self, kernel: &mut Kernel, fd: u32) {
        if let Some(old) = self.fds.remove(&fd) {
            kernel.release(old);
        }
    }

    /// Writes; what a pipe cannot take waits, and the process with it.
    pub fn write(&mut self, sys: &mut Sys, fd: u32, bytes: &[u8]) -> Result<(), Errno> {
        let file = *self.fds.get(&fd).ok_or(Errno::Invalid)?;
        if bytes.is_empty() {
            return Ok(());
        }
        if self.out.is_empty() && !sys.kernel.is_pipe(file) {
            return write_file(sys, file, bytes);
        }
        sys.kernel.retain(file);
        self.out.push_back((file, bytes.to_vec()));
        Ok(())
    }

    pub fn write_text(&mut self, sys: &mut Sys, fd: u32, text: &str) {
        // A closed or full descriptor swallows it, as for any program that does not look.
        let _ = self.write(sys, fd, text.as_bytes());
    }

    /// Moves waiting writes into pipes. `Ok(false)`: no room; `Err`: nobody reads any more.
    pub fn flush(&mut self, sys: &mut Sys) -> Result<bool, ()> {
        while let Some((file, mut bytes)) = self.out.pop_front() {
            let pipe = match sys.kernel.files.get(&file).map(|f| &f.open) {
                Some(Open::PipeWrite(pipe)) => *pipe,
                _ => {
                    let _ = write_file(sys, file, &bytes);
                    sys.kernel.release(file);
                    continue;
                }
            };
            let Some(state) = sys.kernel.pipes.get_mut(&pipe).filter(|state| state.reader) else {
                sys.kernel.release(file);
                return Err(());
            };
            let room = PIPE_SIZE.saturating_sub(state.data.len()).min(bytes.len());
            state.data.extend(bytes.drain(..room));
            if !bytes.is_empty() {
                self.out.push_front((file, bytes));
                return Ok(false);
            }
            sys.kernel.release(file);
        }
        Ok(true)
    }

    pub fn read(&self, sys: &mut Sys, fd: u32, max: usize) -> Read {
        let Some(file) = self.fds.get(&fd) else {
            return Read::Failed;
        };
        let read = read_file(sys, *file, max);
        if let Read::Data(bytes) = &read {
            sys.kernel.moved += bytes.len();
        }
        read
    }

    /// Gives bytes back that were read too far; only files and pipes can take them.
    pub fn unread(&self, sys: &mut Sys, fd: u32, bytes: &[u8]) {
        let Some(entry) = self.fds.get(&fd).and_then(|file| sys.kernel.files.get_mut(file)) else {
            return;
        };
        match &mut entry.open {
            Open::File { offset, .. } => *offset -= bytes.len() as u64,
            Open::PipeRead(pipe) => {
                if let Some(state) = sys.kernel.pipes.get_mut(pipe) {
                    for &byte in bytes.iter().rev() {
                        state.data.push_front(byte);
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether a descriptor is a terminal.
    pub fn is_terminal(&self, kernel: &Kernel, fd: u32) -> bool {
        match self.fds.get(&fd).and_then(|file| kernel.files.get(file)).map(|f| &f.open) {
            Some(Open::Device(Device::Tty)) => true,
            Some(Open::Exec(id, _)) => kernel.execs.get(id).is_some_and(|record| record.terminal),
            Some(Open::PipeRead(_)) => {
                self.exec.and_then(|id| kernel.execs.get(&id)).is_some_and(|record| record.terminal)
            }
            Some(Open::Log(_)) => kernel.terminal,
            _ => false,
        }
    }
}

impl Kernel {
    fn is_pipe(&self, file: u32) -> bool {
        matches!(self.files.get(&file).map(|f| &f.open), Some(Open::PipeRead(_) | Open::PipeWrite(_)))
    }

    /// Everything in a pipe's reading end, and whether its writer is gone.
    pub fn drain_pipe(&mut self, file: u32) -> (Vec<u8>, bool) {
        let Some(Open::PipeRead(pipe)) = self.files.get(&file).map(|f| &f.open) else {
            return (Vec::new(), true);
        };
        let Some(state) = self.pipes.get_mut(pipe) else {
            return (Vec::new(), true);
        };
        (state.data.drain(..).collect(), !state.writer)
    }

    /// Types into an exec's input.
    pub fn type_into(&mut self, file: u32, bytes: &[u8]) {
        if let Some(Open::PipeWrite(pipe)) = self.files.get(&file).map(|f| &f.open)
            && let Some(state) = self.pipes.get_mut(pipe)
        {
            state.data.extend(bytes);
        }
    }
}

fn write_file(sys: &mut Sys, file: u32, bytes: &[u8]) -> Result<(), Errno> {
    sys.kernel.moved += bytes.len();
    let now = sys.now;
    let Some(entry) = sys.kernel.files.get(&file) else {
        return Err(Errno::Invalid);
    };
    match entry.open.clone() {
        Open::Log(stream) => sys.kernel.log.write(now, stream, bytes),
        Open::Exec(id, stream) => {
            if let Some(record) = sys.kernel.execs.get_mut(&id) {
                let result = &mut record.result;
                if result.output.len() < MAX_EXEC_OUTPUT {
                    result.output.extend(bytes);
                    match stream {
                        Stream::Stdout => result.stdout.extend(bytes),
                        Stream::Stderr => result.stderr.extend(bytes),
                    }
                }
            }
        }
        Open::File { path, offset, append } => {
            let at = sys.view().write_at(&path, (!append).then_some(offset), bytes)?;
            if let Some(OpenFile { open: Open::File { offset, .. }, .. }) = sys.kernel.files.get_mut(&file) {
                *offset = at;
            }
        }
        Open::Device(Device::Full) => return Err(Errno::NoSpace),
        Open::Device(Device::Tty) => sys.kernel.log.write(now, Stream::Stdout, bytes),
        Open::Device(_) => {}
        Open::PipeRead(_) | Open::PipeWrite(_) => return Err(Errno::Invalid),
    }
    Ok(())
}

fn read_file(sys: &mut Sys, file: u32, max: usize) -> Read {
    let Some(entry) = sys.kernel.files.get(&file) else {
        return Read::End;
    };
    match entry.open.clone() {
        Open::Log(_) | Open::Exec(..) => Read::End,
        Open::File { path, offset, .. } => {
            let content = match sys.view().read(&path) {
                Ok(content) => content,
                Err(Errno::NotFound) => Content::default(),
                Err(_) => return Read::Failed,
            };
            let bytes = content.read(offset, max);
            if bytes.is_empty() {
                return Read::End;
            }
            if let Some(OpenFile { open: Open::File { offset, .. }, .. }) = sys.kernel.files.get_mut(&file) {
                *offset += bytes.len() as u64;
            }
            Read::Data(bytes)
        }
        Open::Device(Device::Null) => Read::End,
        Open::Device(Device::Zero | Device::Full) => Read::Data(vec![0; max.min(65536)]),
        Open::Device(Device::Random) => {
            let mut bytes = Vec::new();
            while bytes.len() < max.min(4096) {
                bytes.extend(sys.world.random().to_le_bytes());
            }
            bytes.truncate(max);
            Read::Data(bytes)
        }
        Open::Device(_) => Read::Block,
        Open::PipeWrite(_) => Read::End,
        Open::PipeRead(pipe) => {
            let Some(state) = sys.kernel.pipes.get_mut(&pipe) else {
                return Read::End;
            };
            if state.data.is_empty() {
                return if state.writer { Read::Block } else { Read::End };
            }
            let take = max.min(state.data.len());
            Read::Data(state.data.drain(..take).collect())
        }
    }
}

const SIGNALS: &[(Signal, i32, &str)] = &[
    (Signal::Hup, 1, "HUP"),
    (Signal::Int, 2, "INT"),
    (Signal::Quit, 3, "QUIT"),
    (Signal::Kill, 9, "KILL"),
    (Signal::Usr1, 10, "USR1"),
    (Signal::Usr2, 12, "USR2"),
    (Signal::Pipe, 13, "PIPE"),
    (Signal::Alrm, 14, "ALRM"),
    (Signal::Term, 15, "TERM"),
    (Signal::Chld, 17, "CHLD"),
    (Signal::Cont, 18, "CONT"),
    (Signal::Stop, 19, "STOP"),
    (Signal::Winch, 28, "WINCH"),
];

impl Signal {
    /// Linux' number.
    pub fn number(self) -> i32 {
        SIGNALS.iter().find(|(signal, ..)| *signal == self).map_or(0, |(_, number, _)| *number)
    }

    /// `TERM`.
    pub fn name(self) -> &'static str {
        SIGNALS.iter().find(|(signal, ..)| *signal == self).map_or("", |(.., name)| name)
    }

    /// From `15`, `TERM`, `SIGTERM`, or an image's `STOPSIGNAL`.
    pub fn parse(text: &str) -> Option<Signal> {
        let upper = text.to_ascii_uppercase();
        let name = upper.strip_prefix("SIG").unwrap_or(&upper);
        let found = SIGNALS.iter().find(|(_, number, known)| *known == name || number.to_string() == name);
        found.map(|(signal, ..)| *signal)
    }

    /// Whether a process that does not handle it goes on.
    pub(super) fn ignored_by_default(self) -> bool {
        matches!(self, Signal::Chld | Signal::Cont | Signal::Winch)
    }
}
