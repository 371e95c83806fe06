//! From an argument vector to a program: a tool, a server of the image, or a script.

use super::files::{Errno, Kind, View, base, normalize};
use super::images::{Image, PATH, Profile, Userland};
use super::kernel::{Environment, Process, Program, Sys};
use super::service::Service;
use super::shell::{Flavour, Shell};
use super::tools::{self, Tool};

/// Why a program cannot be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadError {
    NotFound,
    Permission,
    IsDirectory,
    /// Executable, but nothing that runs here.
    Format,
}

/// What runs a program: everything it is looked up in.
pub struct Loader<'a> {
    pub profile: &'a Profile,
    pub view: View<'a>,
    pub cwd: &'a str,
    pub env: &'a Environment,
}

/// Loads what a process of the container executes.
///
/// # Errors
/// There is no such program, or it may not be run.
pub fn load(sys: &mut Sys, process: &Process, argv: &[String]) -> Result<Program, LoadError> {
    let profile = sys.kernel.profile.clone();
    let view = sys.view();
    Loader { profile: &profile, view, cwd: &process.cwd, env: &process.env }.load(argv)
}

impl Loader<'_> {
    pub fn load(&self, argv: &[String]) -> Result<Program, LoadError> {
        self.load_at(argv, 0)
    }

    fn load_at(&self, argv: &[String], depth: u32) -> Result<Program, LoadError> {
        let name = argv.first().filter(|name| !name.is_empty()).ok_or(LoadError::NotFound)?;
        if name.contains('/') {
            let path = normalize(self.cwd, name);
            return match self.view.stat(&path) {
                Ok(node) => match &node.kind {
                    Kind::Directory => Err(LoadError::IsDirectory),
                    Kind::File(content) => {
                        if !self.view.may(&path, 1) {
                            return Err(LoadError::Permission);
                        }
                        if content.is_empty() {
                            return self.known(base(&path), argv).unwrap_or(Ok(self.empty_script(argv)));
                        }
                        self.script(&path, content.bytes(), argv, depth)
                    }
                    _ => Err(LoadError::Permission),
                },
                Err(_) => {
                    self.server(&path, argv).or_else(|| self.guess(&path, argv)).ok_or(LoadError::NotFound)
                }
            };
        }
        let search = self.env.get("PATH").map_or(PATH, String::as_str);
        for directory in search.split(':') {
            let path = normalize(self.cwd, &format!("{directory}/{name}"));
            if let Ok(node) = self.view.stat(&path)
                && let Kind::File(content) = &node.kind
                && !content.is_empty()
                && self.view.may(&path, 1)
            {
                return self.script(&path, content.bytes(), argv, depth);
            }
        }
        match self.known(name, argv) {
            Some(result) => result,
            None => self.guess(name, argv).ok_or(LoadError::NotFound),
        }
    }

    fn empty_script(&self, argv: &[String]) -> Program {
        let _ = argv;
        Program::Tool(Box::new(Tool::ended(0)))
    }

    /// A file that begins with `#!`, or plain shell commands.
    fn script(&self, path: &str, bytes: &[u8], argv: &[String], depth: u32) -> Result<Program, LoadError> {
        if depth > 4 {
            return Err(LoadError::Format);
        }
        let text = String::from_utf8_lossy(bytes);
        let first = text.lines().next().unwrap_or_default();
        let mut full: Vec<String> = match first.strip_prefix("#!") {
            Some(interpreter) => {
                interpreter.trim().splitn(2, ' ').map(|word| word.trim().to_owned()).collect()
            }
            None => vec!["/bin/sh".to_owned()],
        };
        full.push(path.to_owned());
        full.extend(argv.iter().skip(1).cloned());
        if self.profile.userland() == Userland::None {
            return Err(LoadError::NotFound);
        }
        self.load_at(&full, depth + 1)
    }

    /// A program by its name: the image's server, a shell, a tool.
    fn known(&self, name: &str, argv: &[String]) -> Option<Result<Program, LoadError>> {
        if let Some(program) = self.server(name, argv) {
            return Some(Ok(program));
        }
        let userland = self.profile.userland();
        if userland == Userland::None {
            return None;
        }
        if let Some(flavour) = userland.shell(name) {
            return Some(Ok(self.shell(argv, flavour)));
        }
        tools::find(name, userland)
            .map(|applet| Ok(Program::Tool(Box::new(Tool::new(applet, argv.to_vec())))))
    }

    fn shell(&self, argv: &[String], flavour: Flavour) -> Program {
        let mut read = |path: &str| match self.view.read(&normalize(self.cwd, path)) {
            Ok(content) => Ok(String::from_utf8_lossy(content.bytes()).into_owned()),
            Err(Errno::NotFound) if flavour == Flavour::Dash => Err("No such file".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        match Shell::from_args(argv, self.env, flavour, &mut read) {
            Ok(shell) => Program::Shell(Box::new(shell)),
            Err((message, status)) => Program::Tool(Box::new(Tool::message(&format!("{message}\n"), status))),
        }
    }

    fn server(&self, name: &str, argv: &[String]) -> Option<Program> {
        let image = self.profile.image?;
        let short = base(name);
        let known = image.programs.iter().any(|program| {
            *program == name || *program == short || base(program) == short && name.starts_with('/')
        });
        // An entrypoint script runs what follows it.
        if image.wrappers.iter().any(|wrapper| *wrapper == name || base(wrapper) == short) {
            let own = |arg: &&String| matches!(arg.as_str(), "--" | "-g");
            let rest: Vec<String> = argv.iter().skip(1).skip_while(own).cloned().collect();
            return match rest.first() {
                Some(first) if !first.starts_with('-') && self.server(first, &rest).is_none() => {
                    self.known(first, &rest).and_then(Result::ok)
                }
                Some(first) if !first.starts_with('-') => self.server(first, &rest),
                _ => Some(self.service(image, argv)),
            };
        }
        known.then(|| self.service(image, argv))
    }

    fn service(&self, image: &'static Image, argv: &[String]) -> Program {
        Program::Service(Box::new(Service::of_image(image, argv, self.env)))
    }

    /// A program of an image that nobody knows: assumed to be there and to run.
    fn guess(&self, name: &str, argv: &[String]) -> Option<Program> {
        if self.profile.image.is_some() || tools::is_absent_in_unknown(base(name)) {
            return None;
        }
        Some(Program::Service(Box::new(Service::assumed(argv))))
    }
}

/// containerd's words for a main process or an exec that cannot be run.
pub fn cause(name: &str, error: LoadError) -> String {
    match error {
        LoadError::NotFound if name.contains('/') => {
            format!("exec: {name:?}: stat {name}: no such file or directory")
        }
        LoadError::NotFound => format!("exec: {name:?}: executable file not found in $PATH"),
        LoadError::Permission => format!("exec: {name:?}: permission denied"),
        LoadError::IsDirectory => format!("exec: {name:?}: is a directory"),
        LoadError::Format => "exec format error".to_owned(),
    }
}
