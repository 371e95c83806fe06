//! Images: references, a catalogue of known ones, and which exist.

mod catalogue;
mod exists;
mod reference;
pub(super) mod special;
mod tree;

pub use exists::{Existence, exists};
pub use reference::{InvalidReference, Reference};
pub(super) use tree::base_tree;

use super::shell::Flavour;

/// Where programs are looked for when the environment does not say.
pub(super) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What an image brings besides its program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Userland {
    /// busybox and its shell.
    Busybox,
    /// busybox and bash.
    BusyboxBash,
    /// GNU tools, dash as sh, bash.
    #[default]
    Debian,
    /// Neither shell nor tools.
    None,
}

impl Userland {
    /// The shell a name stands for.
    pub(super) fn shell(self, name: &str) -> Option<Flavour> {
        match (self, name) {
            (Userland::Busybox | Userland::BusyboxBash, "sh" | "ash") => Some(Flavour::Ash),
            (Userland::BusyboxBash | Userland::Debian, "bash") => Some(Flavour::Bash),
            (Userland::Debian, "sh" | "dash") => Some(Flavour::Dash),
            _ => None,
        }
    }
}

/// What SIGTERM does to an image's program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// It ends with this code.
    Exits { code: i32, after_ms: u64 },
    /// It handles the signal and goes on.
    Ignores,
    /// It does not handle it: process 1 goes on, any other ends with 143.
    Default,
}

/// How an image's program answers HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handler {
    /// Its ports speak another protocol.
    None,
    /// 200 with an empty body to everything: an unknown image.
    Assumed,
    /// Files below a directory, as nginx serves them.
    Files {
        root: &'static str,
        server: &'static str,
    },
    /// Path prefix, status, body: the first that fits.
    Prefixes(&'static [(&'static str, u16, &'static str)]),
    Special(special::Answers),
}

/// One image of the catalogue.
#[derive(Debug)]
pub(super) struct Image {
    /// Repositories, with their registry.
    pub names: &'static [&'static str],
    pub entrypoint: &'static [&'static str],
    pub command: &'static [&'static str],
    /// Programs that are this image's server.
    pub programs: &'static [&'static str],
    /// Entrypoint scripts that run what follows them.
    pub wrappers: &'static [&'static str],
    pub userland: Userland,
    pub ports: &'static [u16],
    pub handler: Handler,
    /// Lines at start.
    pub log: &'static [&'static str],
    pub start_up_ms: u64,
    pub term: Term,
    pub memory_mib: u64,
    pub cpu_millis: u64,
    /// Compressed size, as the pull message has it.
    pub size: u64,
    pub env: &'static [(&'static str, &'static str)],
    pub working_dir: &'static str,
    pub user: (u32, u32),
    pub files: &'static [(&'static str, &'static str)],
    /// An environment variable without which it does not start.
    pub needs: Option<(&'static [&'static str], &'static str)>,
    /// Tags of it are `1.N`, `N` … up to these numbers.
    pub tags: exists::Tags,
}

/// What is known about the image of a container.
#[derive(Clone, Debug)]
pub struct Profile {
    pub(super) image: Option<&'static Image>,
}

impl Profile {
    /// Looks an image up.
    pub fn of(reference: &Reference) -> Profile {
        Profile { image: catalogue::find(reference) }
    }

    /// Whether its behaviour is known.
    pub fn known(&self) -> bool {
        self.image.is_some()
    }

    /// Compressed size in bytes; a guess for unknown images.
    pub fn size(&self) -> u64 {
        self.image.map_or(50_000_000, |image| image.size)
    }

    /// The user the image runs as.
    pub fn user(&self) -> (u32, u32) {
        self.image.map_or((0, 0), |image| image.user)
    }

    /// Ports it listens on, for display.
    pub fn ports(&self) -> &'static [u16] {
        self.image.map_or(&[], |image| image.ports)
    }

    pub(super) fn entrypoint(&self) -> Vec<String> {
        self.image.map(|image| owned(image.entrypoint)).unwrap_or_default()
    }

    pub(super) fn command(&self) -> Vec<String> {
        self.image.map(|image| owned(image.command)).unwrap_or_default()
    }

    pub(super) fn env(&self) -> &'static [(&'static str, &'static str)] {
        self.image.map_or(&[], |image| image.env)
    }

    pub(super) fn working_dir(&self) -> &'static str {
        self.image.map_or("/", |image| image.working_dir)
    }

    pub(super) fn userland(&self) -> Userland {
        self.image.map_or(Userland::Debian, |image| image.userland)
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
