//! Simple commands: expansion, then a builtin, a function or a program.

use std::sync::Arc;

use super::super::kernel::{Process, Program, Step, Sys};
use super::super::program::{self, LoadError};
use super::super::tools::Tool;
use super::ast::*;
use super::builtins::{self, Flow};
use super::expand::{Expander, Stop};
use super::frames::Frame;
use super::redirect::{self, Resolved};
use super::{Flavour, Shell};

/// An assignment whose value is known.
#[derive(Clone, Debug)]
enum Assigned {
    Text { name: String, append: bool, index: Option<i64>, value: String },
    Array { name: String, append: bool, values: Vec<String> },
}

struct Expanded {
    argv: Vec<String>,
    redirects: Vec<Resolved>,
    assigned: Vec<Assigned>,
}

fn expand(expander: &mut Expander, simple: &Simple) -> Result<Expanded, Stop> {
    let argv = expander.words(&simple.words)?;
    let redirects = redirect::resolve(expander, &simple.redirects)?;
    let mut assigned = Vec::new();
    let before = expander.shell.vars.clone();
    for assignment in &simple.assignments {
        let name = assignment.name.clone();
        let append = assignment.append;
        assigned.push(match &assignment.value {
            Value::Array(words) => Assigned::Array { name, append, values: expander.words(words)? },
            Value::Word(word) => {
                let index = match &assignment.index {
                    Some(index) => Some(expander.arithmetic(index)?),
                    None => None,
                };
                Assigned::Text { name, append, index, value: expander.assigned(word)? }
            }
        });
        // `a=1 b=$a`: what follows sees it. A read-only one is reported when it is really set.
        if let Some(assignment) = assigned.last().cloned() {
            let _ = expander.shell.assign(assignment);
        }
    }
    expander.shell.vars = before;
    Ok(Expanded { argv, redirects, assigned })
}

impl Shell {
    pub fn simple(&mut self, node: Arc<Command>, process: &mut Process, sys: &mut Sys) -> Step {
        let Command::Simple(simple) = &*node else {
            return Step::Again;
        };
        self.line = simple.line;
        let frame = Frame::Command(node.clone());
        let expanded = match self.expanding(frame, process, sys, |x| expand(x, simple)) {
            Ok(expanded) => expanded,
            Err(step) => return step,
        };
        let Expanded { mut argv, redirects, assigned } = expanded;
        if let Some(alias) = argv.first().and_then(|name| self.aliases.get(name)) {
            let words: Vec<String> = alias.split_whitespace().map(str::to_owned).collect();
            argv.splice(..1, words);
        }
        self.trace(&argv, &assigned, process, sys);
        if argv.is_empty() {
            return self.assign_only(&redirects, assigned, process, sys);
        }
        let mut functions = true;
        while argv.len() > 1
            && (argv[0] == "command" && !argv[1].starts_with("-v") && !argv[1].starts_with("-V")
                || argv[0] == "builtin")
        {
            argv.remove(0);
            functions = false;
            if argv.len() > 1 && matches!(argv[0].as_str(), "-p" | "--") {
                argv.remove(0);
            }
        }
        if functions && let Some(body) = self.functions.get(&argv[0]).cloned() {
            return self.call(body, argv, &redirects, assigned, process, sys);
        }
        if builtins::is_builtin(&argv[0]) {
            return self.builtin(argv, &redirects, assigned, process, sys);
        }
        self.external(argv, &redirects, &assigned, process, sys)
    }

    fn trace(&self, argv: &[String], assigned: &[Assigned], process: &mut Process, sys: &mut Sys) {
        if !self.options.xtrace {
            return;
        }
        let mut words: Vec<String> = assigned
            .iter()
            .map(|a| match a {
                Assigned::Text { name, value, .. } => format!("{name}={}", builtins::quoted(value)),
                Assigned::Array { name, values, .. } => format!("{name}=({})", values.join(" ")),
            })
            .collect();
        words.extend(argv.iter().map(|word| builtins::quoted(word)));
        let prefix = self.vars.get("PS4").unwrap_or("+ ").to_owned();
        process.write_text(sys, 2, &format!("{prefix}{}\n", words.join(" ")));
    }

    fn assign_only(
        &mut self,
        redirects: &[Resolved],
        assigned: Vec<Assigned>,
        process: &mut Process,
        sys: &mut Sys,
    ) -> Step {
        self.status = self.substituted.take().unwrap_or(0);
        match self.redirect(process, sys, redirects) {
            Ok(saved) => saved.restore(process, sys),
            Err(message) => {
                self.complain(process, sys, &message);
                self.status = 1;
            }
        }
        for assignment in assigned {
            if let Err(name) = self.assign(assignment) {
                self.complain(process, sys, &read_only(self.flavour, &name));
                return self.exit(process, sys, 2);
            }
        }
        self.check(process, sys)
    }

    fn assign(&mut self, assignment: Assigned) -> Result<(), String> {
        let (Assigned::Text { name, .. } | Assigned::Array { name, .. }) = &assignment;
        if self.vars.is_readonly(name) {
            return Err(name.clone());
        }
        let name = name.clone();
        match assignment {
            Assigned::Array { append, values, .. } => {
                let mut array = if append { self.vars.array(&name) } else { Vec::new() };
                array.extend(values);
                self.vars.entry(&name).array = Some(array);
            }
            Assigned::Text { append, index: None, value, .. } => {
                let old =
                    if append { self.vars.get(&name).unwrap_or_default().to_owned() } else { String::new() };
                self.vars.set(&name, old + &value);
            }
            Assigned::Text { append, index: Some(index), value, .. } => {
                let mut array = self.vars.array(&name);
                let index = index.clamp(0, 65_535) as usize;
                if array.len() <= index {
                    array.resize(index + 1, String::new());
                }
                array[index] = if append { format!("{}{value}", array[index]) } else { value };
                self.vars.entry(&name).array = Some(array);
            }
        }
        if self.options.allexport {
            self.vars.entry(&name).exported = true;
        }
        Ok(())
    }

    /// Assignments in front of a command: set for its time, exported.
    fn assign_for_command(&mut self, assigned: Vec<Assigned>) -> Frame {
        let mut saved = Vec::new();
        for assignment in assigned {
            let (Assigned::Text { name, .. } | Assigned::Array { name, .. }) = &assignment;
            let name = name.clone();
            saved.push((name.clone(), self.vars.var(&name).cloned()));
            // A read-only variable stays as it is; the command runs all the same.
            if self.assign(assignment).is_ok() {
                self.vars.entry(&name).exported = true;
            }
        }
        Frame::Variables(saved)
    }

    fn call(
        &mut self,
        body: Arc<Command>,
        argv: Vec<String>,
        redirects: &[Resolved],
        assigned: Vec<Assigned>,
        process: &mut Process,
        sys: &mut Sys,
    ) -> Step {
        let saved = match self.redirect(process, sys, redirects) {
            Ok(saved) => saved,
            Err(message) => {
                self.complain(process, sys, &message);
                self.status = 1;
                return self.check(process, sys);
            }
        };
        self.frames.push(Frame::Restore(saved));
        let variables = self.assign_for_command(assigned);
        self.frames.push(variables);
        let args = Arc::new(argv[1..].to_vec());
        let args = std::mem::replace(&mut self.args, args);
        self.frames.push(Frame::Function { args, locals: Vec::new() });
        self.frames.push(Frame::Command(body));
        Step::Again
    }

    fn builtin(
        &mut self,
        argv: Vec<String>,
        redirects: &[Resolved],
        assigned: Vec<Assigned>,
        process: &mut Process,
        sys: &mut Sys,
    ) -> Step {
        if argv[0] == "exec" && argv.len() > 1 {
            return self.exec(argv, redirects, &assigned, process, sys);
        }
        let saved = match self.redirect(process, sys, redirects) {
            Ok(saved) => saved,
            Err(message) => {
                self.complain(process, sys, &message);
                self.status = 1;
                if builtins::is_special(&argv[0]) && !self.interactive {
                    return self.exit(process, sys, if self.flavour == Flavour::Ash { 1 } else { 2 });
                }
                return self.check(process, sys);
            }
        };
        if argv[0] == "exec" {
            saved.forget(sys);
            self.status = 0;
            return Step::Again;
        }
        let variables = if builtins::is_special(&argv[0]) {
            for assignment in assigned {
                // Read-only: reported when assigned alone, silently kept here.
                let _ = self.assign(assignment);
            }
            None
        } else {
            (!assigned.is_empty()).then(|| self.assign_for_command(assigned))
        };
        let flow = builtins::run(self, &argv, process, sys);
        // What a builtin pushes runs with its redirections in place.
        if let Flow::Push(frames) = flow {
            self.frames.push(Frame::Restore(saved));
            self.frames.extend(variables);
            self.frames.extend(frames);
            return Step::Again;
        }
        if let Some(Frame::Variables(saved)) = variables {
            for (name, old) in saved.into_iter().rev() {
                self.vars.restore(&name, old);
            }
        }
        saved.restore(process, sys);
        match flow {
            Flow::Status(status) => {
                self.status = status;
                self.check(process, sys)
            }
            Flow::Exit(status) => self.exit(process, sys, status),
            Flow::Return(status) => {
                self.status = status;
                let at = self.frames.iter().rposition(|frame| {
                    matches!(
                        frame,
                        Frame::Function { .. } | Frame::Source { kind: super::frames::SourceKind::Dot, .. }
                    )
                });
                match at {
                    Some(at) => self.unwind(process, sys, at),
                    None => return self.exit(process, sys, status),
                }
                Step::Again
            }
            Flow::Break { levels, again } => {
                self.break_loops(levels, again, process, sys);
                Step::Again
            }
            Flow::Push(_) => Step::Again,
        }
    }

    fn break_loops(&mut self, levels: usize, again: bool, process: &mut Process, sys: &mut Sys) {
        self.status = 0;
        let from = self
            .frames
            .iter()
            .rposition(|frame| matches!(frame, Frame::Function { .. }))
            .map_or(0, |at| at + 1);
        let loops: Vec<usize> = (from..self.frames.len())
            .rev()
            .filter(|at| matches!(self.frames[*at], Frame::Loop { .. } | Frame::For { .. }))
            .take(levels)
            .collect();
        let Some(&at) = loops.last() else { return };
        if !again {
            self.unwind(process, sys, at);
            return;
        }
        self.unwind(process, sys, at + 1);
        if let Some(Frame::Loop { stage, status, .. }) = self.frames.last_mut() {
            *stage = super::frames::LoopStage::Condition;
            *status = 1;
        }
    }

    /// `exec program`: the shell's process becomes the program.
    fn exec(
        &mut self,
        argv: Vec<String>,
        redirects: &[Resolved],
        assigned: &[Assigned],
        process: &mut Process,
        sys: &mut Sys,
    ) -> Step {
        let skip = if argv[1] == "--" { 2 } else { 1 };
        let argv = argv[skip.min(argv.len())..].to_vec();
        if argv.is_empty() {
            return Step::Again;
        }
        match self.redirect(process, sys, redirects) {
            Ok(saved) => saved.forget(sys),
            Err(message) => {
                self.complain(process, sys, &message);
                return self.exit(process, sys, 1);
            }
        }
        self.become_program(argv, assigned, process, sys)
    }

    fn become_program(
        &mut self,
        argv: Vec<String>,
        assigned: &[Assigned],
        process: &mut Process,
        sys: &mut Sys,
    ) -> Step {
        self.inherit(assigned, process);
        match program::load(sys, process, &argv) {
            Ok(program) => Step::Become(program, argv),
            Err(error) => {
                let (message, status) = self.load_failure(&argv[0], error);
                self.complain(process, sys, &message);
                self.exit(process, sys, status)
            }
        }
    }

    fn inherit(&mut self, assigned: &[Assigned], process: &mut Process) {
        if assigned.is_empty() {
            process.env = self.vars.environment();
        } else {
            let mut copy = self.vars.clone();
            std::mem::swap(&mut copy, &mut self.vars);
            self.assign_for_command(assigned.to_vec());
            process.env = self.vars.environment();
            self.vars = copy;
        }
        for (name, action) in &self.traps {
            if action.is_empty()
                && let Some(signal) = super::super::container::Signal::parse(name)
            {
                process.ignored.insert(signal);
            }
        }
    }

    fn load_failure(&self, name: &str, error: LoadError) -> (String, i32) {
        let status = if error == LoadError::NotFound { 127 } else { 126 };
        let text = match (error, self.flavour) {
            (LoadError::NotFound, Flavour::Bash) if name.contains('/') => "No such file or directory",
            (LoadError::NotFound, Flavour::Bash) => "command not found",
            (LoadError::NotFound, _) => "not found",
            (LoadError::Permission, _) => "Permission denied",
            (LoadError::IsDirectory, Flavour::Bash) => "Is a directory",
            (LoadError::IsDirectory, _) => "Permission denied",
            (LoadError::Format, _) => "Exec format error",
        };
        (format!("{name}: {text}"), status)
    }

    fn external(
        &mut self,
        argv: Vec<String>,
        redirects: &[Resolved],
        assigned: &[Assigned],
        process: &mut Process,
        sys: &mut Sys,
    ) -> Step {
        // The last command of a subshell needs no process of its own.
        if self.subshell && self.frames.is_empty() && self.traps.is_empty() && !self.exiting {
            return match self.redirect(process, sys, redirects) {
                Ok(saved) => {
                    saved.forget(sys);
                    self.become_program(argv, assigned, process, sys)
                }
                Err(message) => {
                    self.complain(process, sys, &message);
                    self.exit(process, sys, 1)
                }
            };
        }
        let Some(mut child) = sys.kernel.fork(process) else {
            self.complain(process, sys, "can't fork: Resource temporarily unavailable");
            self.status = 2;
            return self.check(process, sys);
        };
        self.inherit(assigned, &mut child);
        child.program = Some(match self.redirect(&mut child, sys, redirects) {
            Err(message) => {
                self.complain(&mut child, sys, &message);
                Program::Tool(Box::new(Tool::ended(1)))
            }
            Ok(saved) => {
                saved.forget(sys);
                match program::load(sys, &child, &argv) {
                    Ok(program) => program,
                    Err(error) => {
                        let (message, status) = self.load_failure(&argv[0], error);
                        if error == LoadError::NotFound {
                            sys.kernel.note(format!("command {}: not found in this image", argv[0]));
                        }
                        self.complain(&mut child, sys, &message);
                        Program::Tool(Box::new(Tool::ended(status)))
                    }
                }
            }
        });
        child.argv = argv;
        let pid = sys.kernel.add(child);
        self.frames.push(Frame::Child(pid));
        Step::Again
    }
}

/// The message of an assignment to a read-only variable.
pub fn read_only(flavour: Flavour, name: &str) -> String {
    match flavour {
        Flavour::Bash => format!("{name}: readonly variable"),
        _ => format!("{name}: is read only"),
    }
}
