//! What is left to do: the frames of the shell's stack and one step of each.

use std::sync::Arc;

use super::super::container::Signal;
use super::super::kernel::{Process, Program, Status, Step, Sys};
use super::ast::*;
use super::expand::{Expander, Stop};
use super::parser::{ParseError, Parser};
use super::read::ReadRequest;
use super::redirect::Saved;
use super::vars::Var;
use super::{Flavour, Shell, test};

/// Bytes of output a substitution keeps.
const MAX_SUBSTITUTION: usize = 1024 * 1024;

/// What a text being run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    Script,
    Eval,
    /// `. file`: `return` ends it.
    Dot,
    Trap,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoopStage {
    Condition,
    Test,
}

#[derive(Clone, Debug)]
pub enum Frame {
    Source {
        text: Arc<str>,
        pos: usize,
        kind: SourceKind,
    },
    Stdin {
        buffer: String,
        prompted: bool,
    },
    List {
        list: List,
        at: usize,
    },
    AndOr {
        node: Arc<AndOr>,
        at: usize,
    },
    Pipeline(Arc<Pipeline>),
    Not,
    Command(Arc<Command>),
    /// The command without its redirections, which are in place.
    Compound(Arc<Command>),
    If {
        node: Arc<Command>,
        branch: usize,
    },
    Loop {
        node: Arc<Command>,
        stage: LoopStage,
        status: i32,
    },
    For {
        node: Arc<Command>,
        words: Arc<Vec<String>>,
        at: usize,
    },
    /// Descriptors to put back.
    Restore(Saved),
    /// Variables to put back after `X=1 command`.
    Variables(Vec<(String, Option<Var>)>),
    Function {
        args: Arc<Vec<String>>,
        locals: Vec<(String, Option<Var>)>,
    },
    /// A child in the foreground.
    Child(u32),
    Pipe {
        pids: Vec<u32>,
        statuses: Vec<i32>,
        negated: bool,
    },
    Substitution {
        pid: u32,
        file: u32,
        data: Vec<u8>,
    },
    /// The `wait` builtin.
    Wait {
        pids: Vec<u32>,
        any: bool,
    },
    Read(Box<ReadRequest>),
    AfterTrap(i32),
}

impl Frame {
    /// Whether a failure above this frame does not count for `set -e`.
    pub fn forgives(&self) -> bool {
        matches!(
            self,
            Frame::AndOr { .. } | Frame::Not | Frame::If { .. } | Frame::Loop { stage: LoopStage::Test, .. }
        )
    }
}

impl Shell {
    /// Pops frames down to a height, putting back what they changed.
    pub fn unwind(&mut self, process: &mut Process, sys: &mut Sys, height: usize) {
        while self.frames.len() > height {
            match self.frames.pop() {
                Some(Frame::Restore(saved)) => saved.restore(process, sys),
                Some(Frame::Variables(saved)) => self.restore_variables(saved),
                Some(Frame::Function { args, locals }) => {
                    self.args = args;
                    self.restore_variables(locals);
                }
                Some(Frame::Substitution { file, .. }) => sys.kernel.release(file),
                _ => {}
            }
        }
    }

    fn restore_variables(&mut self, saved: Vec<(String, Option<Var>)>) {
        for (name, old) in saved.into_iter().rev() {
            self.vars.restore(&name, old);
        }
    }

    pub fn run_frame(&mut self, frame: Frame, process: &mut Process, sys: &mut Sys) -> Step {
        match frame {
            Frame::Source { text, pos, kind } => return self.source(text, pos, kind, process, sys),
            Frame::Stdin { buffer, prompted } => return self.stdin(buffer, prompted, process, sys),
            Frame::List { list, at } => return self.list(list, at, process, sys),
            Frame::AndOr { node, at } => self.and_or(node, at),
            Frame::Pipeline(node) => return self.pipeline(node, process, sys),
            Frame::Not => self.status = i32::from(self.status == 0),
            Frame::Command(node) => return self.command(node, process, sys),
            Frame::Compound(node) => return self.compound(node, process, sys),
            Frame::If { node, branch } => self.if_branch(node, branch),
            Frame::Loop { node, stage, status } => self.loop_stage(node, stage, status),
            Frame::For { node, words, at } => self.for_next(node, words, at),
            Frame::Restore(saved) => saved.restore(process, sys),
            Frame::Variables(saved) => self.restore_variables(saved),
            Frame::Function { args, locals } => {
                self.args = args;
                self.restore_variables(locals);
            }
            Frame::Child(pid) => match sys.kernel.reap(pid) {
                Some(status) => {
                    self.status = status.code;
                    self.report_signal(status, process, sys);
                    return self.check(process, sys);
                }
                None => {
                    self.frames.push(Frame::Child(pid));
                    return Step::Wait(None);
                }
            },
            Frame::Pipe { pids, statuses, negated } => {
                return self.pipe_wait(pids, statuses, negated, process, sys);
            }
            Frame::Substitution { pid, file, data } => {
                return self.substitution(pid, file, data, sys);
            }
            Frame::Wait { pids, any } => return self.wait(pids, any, process, sys),
            Frame::Read(request) => return self.read(request, process, sys),
            Frame::AfterTrap(status) => self.status = status,
        }
        Step::Again
    }

    fn source(
        &mut self,
        text: Arc<str>,
        pos: usize,
        kind: SourceKind,
        process: &mut Process,
        sys: &mut Sys,
    ) -> Step {
        let mut parser = Parser::new(&text, pos, self.flavour);
        match parser.next_commands() {
            Ok(Some(list)) => {
                let pos = parser.pos;
                // The last commands run without the source below them: they may replace the shell.
                if kind == SourceKind::Dot
                    || matches!(Parser::new(&text, pos, self.flavour).next_commands(), Ok(Some(_)) | Err(_))
                {
                    self.frames.push(Frame::Source { text, pos, kind });
                }
                if self.options.noexec {
                    return Step::Again;
                }
                self.push_list(&list);
            }
            Ok(None) => {
                if pos == 0 && kind != SourceKind::Script {
                    self.status = 0;
                }
            }
            Err(error) => {
                self.complain(process, sys, &error.to_string());
                return self.exit(process, sys, 2);
            }
        }
        Step::Again
    }

    /// Reads the script from standard input, a line at a time.
    fn stdin(&mut self, mut buffer: String, prompted: bool, process: &mut Process, sys: &mut Sys) -> Step {
        use super::super::kernel::Read;
        if self.interactive && !prompted {
            let prompt = if buffer.is_empty() { format!("{} # ", process.cwd) } else { "> ".to_owned() };
            process.write_text(sys, 2, &prompt);
        }
        let mut ended = false;
        match process.read(sys, 0, 4096) {
            Read::Block => {
                self.frames.push(Frame::Stdin { buffer, prompted: true });
                return Step::Wait(None);
            }
            Read::Data(bytes) => {
                let line = bytes.iter().position(|&b| b == b'\n').map_or(bytes.len(), |at| at + 1);
                process.unread(sys, 0, &bytes[line..]);
                buffer.push_str(&String::from_utf8_lossy(&bytes[..line]));
                if !buffer.ends_with('\n') {
                    self.frames.push(Frame::Stdin { buffer, prompted: true });
                    return Step::Again;
                }
            }
            Read::End | Read::Failed => {
                ended = true;
                if buffer.trim().is_empty() {
                    return Step::Again;
                }
            }
        }
        match whole(&buffer, self.flavour) {
            Err(ParseError::Incomplete(_)) if !ended && buffer.len() < 65536 => {
                self.frames.push(Frame::Stdin { buffer, prompted: false });
            }
            Err(error) => {
                self.complain(process, sys, &error.to_string());
                if !self.interactive {
                    return self.exit(process, sys, 2);
                }
                self.status = 2;
                self.frames.push(Frame::Stdin { buffer: String::new(), prompted: false });
            }
            Ok(()) => {
                if !ended {
                    self.frames.push(Frame::Stdin { buffer: String::new(), prompted: false });
                }
                self.frames.push(Frame::Source { text: buffer.into(), pos: 0, kind: SourceKind::Script });
            }
        }
        Step::Again
    }

    fn list(&mut self, list: List, at: usize, process: &mut Process, sys: &mut Sys) -> Step {
        let Some(item) = list.get(at) else {
            return Step::Again;
        };
        let (and_or, background) = (item.and_or.clone(), item.background);
        if at + 1 < list.len() {
            self.frames.push(Frame::List { list, at: at + 1 });
        }
        let frame = Frame::AndOr { node: and_or, at: 0 };
        if !background {
            self.frames.push(frame);
            return Step::Again;
        }
        let Some((mut child, shell)) = self.fork(process, sys, vec![frame]) else {
            self.status = 2;
            return Step::Again;
        };
        let null = sys.kernel.open_device(super::super::files::Device::Null);
        child.set_fd(sys.kernel, 0, null);
        child.program = Some(Program::Shell(Box::new(shell)));
        let pid = sys.kernel.add(child);
        self.last_background = Some(pid);
        self.background.push(pid);
        self.status = 0;
        Step::Again
    }

    fn and_or(&mut self, node: Arc<AndOr>, at: usize) {
        let mut at = at;
        let pipeline = loop {
            if at == 0 {
                break node.first.clone();
            }
            let Some((link, pipeline)) = node.rest.get(at - 1) else {
                return;
            };
            if (self.status == 0) == (*link == Link::And) {
                break pipeline.clone();
            }
            at += 1;
        };
        if at < node.rest.len() {
            self.frames.push(Frame::AndOr { node, at: at + 1 });
        }
        self.frames.push(Frame::Pipeline(pipeline));
    }

    fn pipeline(&mut self, node: Arc<Pipeline>, process: &mut Process, sys: &mut Sys) -> Step {
        if let [command] = node.commands.as_slice() {
            if node.negated {
                self.frames.push(Frame::Not);
            }
            self.frames.push(Frame::Command(command.clone()));
            return Step::Again;
        }
        let mut pids = Vec::new();
        let mut input: Option<u32> = None;
        for (i, command) in node.commands.iter().enumerate() {
            let Some((mut child, shell)) = self.fork(process, sys, vec![Frame::Command(command.clone())])
            else {
                break;
            };
            if let Some(file) = input.take() {
                child.set_fd(sys.kernel, 0, file);
            }
            if i + 1 < node.commands.len() {
                let (reader, writer) = sys.kernel.open_pipe();
                child.set_fd(sys.kernel, 1, writer);
                input = Some(reader);
            }
            child.program = Some(Program::Shell(Box::new(shell)));
            pids.push(sys.kernel.add(child));
        }
        if let Some(file) = input {
            sys.kernel.release(file);
        }
        let statuses = Vec::new();
        self.frames.push(Frame::Pipe { pids, statuses, negated: node.negated });
        Step::Again
    }

    fn pipe_wait(
        &mut self,
        mut pids: Vec<u32>,
        mut statuses: Vec<i32>,
        negated: bool,
        process: &mut Process,
        sys: &mut Sys,
    ) -> Step {
        while let Some(pid) = pids.first() {
            let Some(status) = sys.kernel.reap(*pid) else {
                self.frames.push(Frame::Pipe { pids, statuses, negated });
                return Step::Wait(None);
            };
            statuses.push(status.code);
            pids.remove(0);
            if pids.is_empty() {
                self.report_signal(status, process, sys);
            }
        }
        let failed = statuses.iter().rev().copied().find(|status| *status != 0).unwrap_or(0);
        let last = statuses.last().copied().unwrap_or(2);
        self.status = if self.options.pipefail { failed } else { last };
        if negated {
            self.status = i32::from(self.status == 0);
            return Step::Again;
        }
        self.check(process, sys)
    }

    fn substitution(&mut self, pid: u32, file: u32, mut data: Vec<u8>, sys: &mut Sys) -> Step {
        let (bytes, ended) = sys.kernel.drain_pipe(file);
        let got = !bytes.is_empty();
        let room = MAX_SUBSTITUTION.saturating_sub(data.len());
        data.extend(bytes.into_iter().filter(|b| *b != 0).take(room));
        let status = if ended { sys.kernel.reap(pid) } else { None };
        let Some(status) = status else {
            self.frames.push(Frame::Substitution { pid, file, data });
            return if got { Step::Again } else { Step::Wait(None) };
        };
        sys.kernel.release(file);
        while data.last() == Some(&b'\n') {
            data.pop();
        }
        self.memo.push(String::from_utf8_lossy(&data).into_owned());
        self.substituted = Some(status.code);
        Step::Again
    }

    /// Runs the commands of a substitution, then `frame` again.
    pub fn substitute(&mut self, list: &List, frame: Frame, process: &mut Process, sys: &mut Sys) -> Step {
        self.frames.push(frame);
        let frames = vec![Frame::List { list: list.clone(), at: 0 }];
        let Some((mut child, shell)) = self.fork(process, sys, frames) else {
            self.memo.push(String::new());
            self.substituted = Some(2);
            return Step::Again;
        };
        let (reader, writer) = sys.kernel.open_pipe();
        child.set_fd(sys.kernel, 1, writer);
        child.program = Some(Program::Shell(Box::new(shell)));
        let pid = sys.kernel.add(child);
        self.frames.push(Frame::Substitution { pid, file: reader, data: Vec::new() });
        Step::Again
    }

    /// Expands with `expand`; on a substitution `frame` is run again after it, on an error the shell ends.
    pub fn expanding<T>(
        &mut self,
        frame: Frame,
        process: &mut Process,
        sys: &mut Sys,
        expand: impl FnOnce(&mut Expander) -> Result<T, Stop>,
    ) -> Result<T, Step> {
        let (vars, seed) = (self.vars.clone(), self.seed);
        if self.memo.is_empty() {
            self.substituted = None;
        }
        let result = expand(&mut Expander::new(self, process, sys));
        match result {
            Ok(value) => {
                self.memo.clear();
                Ok(value)
            }
            Err(Stop::Substitute(list)) => {
                let step = self.substitute(&list, frame, process, sys);
                (self.vars, self.seed) = (vars, seed);
                Err(step)
            }
            Err(Stop::Fail(message, status)) => {
                self.memo.clear();
                self.complain(process, sys, &message);
                if self.interactive {
                    let height = self
                        .frames
                        .iter()
                        .rposition(|f| matches!(f, Frame::Stdin { .. }))
                        .map_or(0, |at| at + 1);
                    self.unwind(process, sys, height);
                    self.status = status;
                    return Err(Step::Again);
                }
                Err(self.exit(process, sys, status))
            }
        }
    }

    fn command(&mut self, node: Arc<Command>, process: &mut Process, sys: &mut Sys) -> Step {
        match &*node {
            Command::Simple(_) => self.simple(node, process, sys),
            Command::Function(name, body) => {
                Arc::make_mut(&mut self.functions).insert(name.clone(), body.clone());
                self.status = 0;
                Step::Again
            }
            Command::Compound(_, redirects) if redirects.is_empty() => {
                self.frames.push(Frame::Compound(node));
                Step::Again
            }
            Command::Compound(_, redirects) => {
                let frame = Frame::Command(node.clone());
                let resolved =
                    match self.expanding(frame, process, sys, |x| super::redirect::resolve(x, redirects)) {
                        Ok(resolved) => resolved,
                        Err(step) => return step,
                    };
                match self.redirect(process, sys, &resolved) {
                    Ok(saved) => {
                        self.frames.push(Frame::Restore(saved));
                        self.frames.push(Frame::Compound(node));
                        Step::Again
                    }
                    Err(message) => {
                        self.complain(process, sys, &message);
                        self.status = 1;
                        self.check(process, sys)
                    }
                }
            }
        }
    }

    fn compound(&mut self, node: Arc<Command>, process: &mut Process, sys: &mut Sys) -> Step {
        let Command::Compound(compound, _) = &*node else {
            return Step::Again;
        };
        let frame = Frame::Compound(node.clone());
        match compound {
            Compound::Group(list) => self.push_list(list),
            Compound::Subshell(list) => {
                let frames = vec![Frame::List { list: list.clone(), at: 0 }];
                match self.fork(process, sys, frames) {
                    Some((mut child, shell)) => {
                        child.program = Some(Program::Shell(Box::new(shell)));
                        let pid = sys.kernel.add(child);
                        self.frames.push(Frame::Child(pid));
                    }
                    None => self.status = 2,
                }
            }
            Compound::If(branches, _) => {
                self.frames.push(Frame::If { node: node.clone(), branch: 0 });
                self.push_list(&branches[0].0);
            }
            Compound::Loop { .. } => {
                self.frames.push(Frame::Loop { node: node.clone(), stage: LoopStage::Condition, status: 0 });
            }
            Compound::For { words, .. } => {
                let words = match words {
                    None => self.args.clone(),
                    Some(words) => match self.expanding(frame, process, sys, |x| x.words(words)) {
                        Ok(words) => Arc::new(words),
                        Err(step) => return step,
                    },
                };
                self.status = 0;
                self.frames.push(Frame::For { node: node.clone(), words, at: 0 });
            }
            Compound::Case { word, arms } => {
                let chosen = self.expanding(frame, process, sys, |x| {
                    let text = x.string(word)?;
                    for (i, arm) in arms.iter().enumerate() {
                        for pattern in &arm.patterns {
                            let pattern = x.pattern(pattern)?;
                            if super::pattern::matches(&pattern, &text) {
                                return Ok(Some(i));
                            }
                        }
                    }
                    Ok(None)
                });
                match chosen {
                    Ok(Some(arm)) => {
                        self.status = 0;
                        self.push_list(&arms[arm].body);
                    }
                    Ok(None) => self.status = 0,
                    Err(step) => return step,
                }
            }
            Compound::Test(words) => {
                let words = self.expanding(frame, process, sys, |x| {
                    words.iter().map(|w| x.both(w)).collect::<Result<Vec<_>, _>>()
                });
                match words {
                    Ok(words) => self.status = test::double_brackets(&words, self, process, sys),
                    Err(step) => return step,
                }
                return self.check(process, sys);
            }
            Compound::Arithmetic(word) => {
                match self.expanding(frame, process, sys, |x| x.arithmetic(word)) {
                    Ok(value) => self.status = i32::from(value == 0),
                    Err(step) => return step,
                }
                return self.check(process, sys);
            }
        }
        Step::Again
    }

    fn if_branch(&mut self, node: Arc<Command>, branch: usize) {
        let Command::Compound(Compound::If(branches, otherwise), _) = &*node else {
            return;
        };
        if self.status == 0 {
            self.push_list(&branches[branch].1);
        } else if let Some((condition, _)) = branches.get(branch + 1) {
            self.frames.push(Frame::If { node: node.clone(), branch: branch + 1 });
            self.push_list(condition);
        } else {
            self.status = 0;
            if let Some(body) = otherwise {
                self.push_list(body);
            }
        }
    }

    fn loop_stage(&mut self, node: Arc<Command>, stage: LoopStage, status: i32) {
        let Command::Compound(Compound::Loop { until, condition, body }, _) = &*node else {
            return;
        };
        match stage {
            LoopStage::Condition => {
                // Here again after the body, whose status is the loop's in the end.
                let status = if status == 0 { 0 } else { self.status };
                self.frames.push(Frame::Loop { node: node.clone(), stage: LoopStage::Test, status });
                self.push_list(condition);
            }
            LoopStage::Test if (self.status == 0) != *until => {
                self.frames.push(Frame::Loop { node: node.clone(), stage: LoopStage::Condition, status: 1 });
                self.push_list(body);
            }
            LoopStage::Test => self.status = status,
        }
    }

    fn for_next(&mut self, node: Arc<Command>, words: Arc<Vec<String>>, at: usize) {
        let Command::Compound(Compound::For { name, body, .. }, _) = &*node else {
            return;
        };
        let Some(word) = words.get(at) else { return };
        self.vars.set(name, word.clone());
        self.frames.push(Frame::For { node: node.clone(), words: words.clone(), at: at + 1 });
        self.push_list(body);
    }

    fn wait(&mut self, mut pids: Vec<u32>, any: bool, process: &mut Process, sys: &mut Sys) -> Step {
        let ended =
            pids.iter().position(|pid| sys.kernel.processes.get(pid).is_none_or(|p| p.zombie.is_some()));
        let Some(at) = ended else {
            if pids.is_empty() {
                return Step::Again;
            }
            self.frames.push(Frame::Wait { pids, any });
            return Step::Wait(None);
        };
        let pid = pids.remove(at);
        self.background.retain(|other| *other != pid);
        let status = sys.kernel.reap(pid);
        self.status = status.map_or(127, |status| status.code);
        if let Some(status) = status {
            self.report_signal(status, process, sys);
        }
        if !any && !pids.is_empty() {
            self.frames.push(Frame::Wait { pids, any });
        }
        Step::Again
    }
}

impl Shell {
    /// The shell says which signal ended a job, but for the two that are everyday.
    fn report_signal(&self, status: Status, process: &mut Process, sys: &mut Sys) {
        let text = match status.signal {
            None | Some(Signal::Int | Signal::Pipe) => return,
            Some(Signal::Hup) => "Hangup",
            Some(Signal::Quit) => "Quit",
            Some(Signal::Kill) => "Killed",
            Some(Signal::Term) => "Terminated",
            Some(Signal::Alrm) => "Alarm clock",
            Some(Signal::Usr1) => "User defined signal 1",
            Some(Signal::Usr2) => "User defined signal 2",
            Some(other) => other.name(),
        };
        process.write_text(sys, 2, &format!("{text}\n"));
    }
}

/// Whether a text parses to its end.
fn whole(text: &str, flavour: Flavour) -> Result<(), ParseError> {
    let mut parser = Parser::new(text, 0, flavour);
    while parser.next_commands()?.is_some() {}
    Ok(())
}
