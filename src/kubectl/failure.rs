//! What goes to stderr when a command fails. Models k8s.io/kubectl/pkg/cmd/util/helpers.go.

use std::fmt;

use crate::api::{Reason, Status};

/// Why a command failed. Displays as what kubectl prints, with its last newline.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Failure {
    /// `error: …`
    Message(String),
    /// The API server refused; what was being done stands before its message.
    Server { status: Status, context: String },
    /// Several, each in its own lines.
    Many(Vec<Failure>),
    /// A command in a container ended with this code.
    Exit(i32),
}

impl Failure {
    pub fn message(text: impl Into<String>) -> Failure {
        Failure::Message(text.into())
    }

    /// A wrong use of a command. Models UsageErrorf.
    pub fn usage(path: &str, text: impl fmt::Display) -> Failure {
        Failure::Message(format!("{text}\nSee 'kubectl {path} -h' for help and examples"))
    }

    /// Nothing, or what failed.
    pub fn all(mut failures: Vec<Failure>) -> Result<(), Failure> {
        match failures.len() {
            0 => Ok(()),
            1 => Err(failures.remove(0)),
            _ => Err(Failure::Many(failures)),
        }
    }

    /// Says what was being done. Models AddSourceToErr.
    pub fn during(self, verb: &str, source: &str) -> Failure {
        match self {
            Failure::Server { status, context } => {
                Failure::Server { status, context: format!("error when {verb} \"{source}\": {context}") }
            }
            Failure::Message(text) => Failure::Message(format!("error when {verb} \"{source}\": {text}")),
            other => other,
        }
    }

    /// With what kubectl ends.
    pub fn exit(&self) -> i32 {
        match self {
            Failure::Exit(code) => *code,
            _ => 1,
        }
    }

    /// Whether the object asked for does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Failure::Server { status, .. } if status.is_not_found())
    }

    /// Whether another object in its place could help. Models the cases of patcher.Patch with force.
    pub fn is_replaceable(&self) -> bool {
        matches!(self, Failure::Server { status, .. } if matches!(status.reason, Reason::Conflict | Reason::Invalid))
    }

    /// The text without the leading `error: ` or `Error from server`: what another message can hold.
    pub fn plain(&self) -> String {
        match self {
            Failure::Message(text) => text.clone(),
            Failure::Server { status, context } => format!("{context}{}", status.message),
            Failure::Exit(_) => self.to_string(),
            Failure::Many(all) => {
                format!("[{}]", all.iter().map(Failure::plain).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

impl From<Status> for Failure {
    fn from(status: Status) -> Failure {
        Failure::Server { status, context: String::new() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Message(text) if text.starts_with("error: ") => write_line(f, text),
            Failure::Message(text) => write_line(f, &format!("error: {text}")),
            Failure::Server { status, .. } if status.reason == Reason::Invalid => invalid(f, status),
            Failure::Server { status, context } => {
                write_line(f, &format!("Error from server ({}): {context}{}", status.reason, status.message))
            }
            Failure::Exit(code) => writeln!(f, "command terminated with exit code {code}"),
            Failure::Many(all) => all.iter().try_for_each(|failure| write!(f, "{failure}")),
        }
    }
}

fn write_line(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str(text)?;
    if text.ends_with('\n') { Ok(()) } else { f.write_str("\n") }
}

/// Invalid objects are told by their causes. Models StandardErrorMessage's own case and MultilineError.
fn invalid(f: &mut fmt::Formatter<'_>, status: &Status) -> fmt::Result {
    match status.kind {
        Some(kind) => write!(f, "The {kind} \"{}\" is invalid", status.name)?,
        None => f.write_str("The request is invalid")?,
    }
    let told = |cause: &crate::api::status::Cause| format!("{}: {}", cause.field, cause.message);
    match &status.causes[..] {
        [] if status.kind.is_none() => write_line(f, &format!(": {}", status.message)),
        [] => f.write_str("\n"),
        [one] => writeln!(f, ": {}", told(one)),
        many => {
            f.write_str(": \n")?;
            many.iter().try_for_each(|cause| writeln!(f, "* {}", told(cause)))
        }
    }
}
