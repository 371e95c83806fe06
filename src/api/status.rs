//! What the API server answers when it refuses.

use std::fmt;

use super::{Key, Kind};

const NAMESPACE_TERMINATING: &str = "NamespaceTerminating";

/// Why the API server refused: `metav1.StatusReason` with its HTTP code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    BadRequest,
    Forbidden,
    NotFound,
    AlreadyExists,
    Conflict,
    Invalid,
    MethodNotAllowed,
    TooManyRequests,
    UnsupportedMediaType,
    InternalError,
}

impl Reason {
    /// The HTTP status code.
    pub fn code(self) -> u16 {
        match self {
            Reason::BadRequest => 400,
            Reason::Forbidden => 403,
            Reason::NotFound => 404,
            Reason::MethodNotAllowed => 405,
            Reason::AlreadyExists | Reason::Conflict => 409,
            Reason::UnsupportedMediaType => 415,
            Reason::Invalid => 422,
            Reason::TooManyRequests => 429,
            Reason::InternalError => 500,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// One fault of an invalid object: `metav1.StatusCause`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The field's path, as `spec.template.spec.containers[0].image`.
    pub field: String,
    /// The machine-readable reason: `FieldValueRequired` …
    pub reason: &'static str,
    /// The text behind the path.
    pub message: String,
}

/// A refusal, with the exact text that a client prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    pub reason: Reason,
    pub message: String,
    /// Which resource and object were asked for, where that is known.
    pub kind: Option<Kind>,
    pub name: String,
    /// The faults of an invalid object, in the order of validation.
    pub causes: Vec<Cause>,
}

impl Status {
    /// A refusal about no object in particular.
    pub fn new(reason: Reason, message: impl Into<String>) -> Status {
        Status { reason, message: message.into(), kind: None, name: String::new(), causes: Vec::new() }
    }

    fn about(reason: Reason, kind: Kind, name: &str, message: String) -> Status {
        Status { kind: Some(kind), name: name.into(), ..Status::new(reason, message) }
    }

    /// Models apimachinery/pkg/api/errors NewNotFound.
    pub fn not_found(kind: Kind, name: &str) -> Status {
        Status::about(Reason::NotFound, kind, name, format!("{} \"{name}\" not found", kind.resource()))
    }

    /// Models NewAlreadyExists.
    pub fn already_exists(kind: Kind, name: &str) -> Status {
        let text = format!("{} \"{name}\" already exists", kind.resource());
        Status::about(Reason::AlreadyExists, kind, name, text)
    }

    /// Models NewConflict for a stale resourceVersion.
    pub fn conflict(key: &Key) -> Status {
        Status::conflict_because(
            key,
            "the object has been modified; please apply your changes to the latest version and try again",
        )
    }

    /// Models NewConflict.
    pub fn conflict_because(key: &Key, why: &str) -> Status {
        let text =
            format!("Operation cannot be fulfilled on {} \"{}\": {why}", key.kind.resource(), key.name);
        Status::about(Reason::Conflict, key.kind, &key.name, text)
    }

    /// Models NewForbidden.
    pub fn forbidden(kind: Kind, name: &str, why: &str) -> Status {
        let text = format!("{} \"{name}\" is forbidden: {why}", kind.resource());
        Status::about(Reason::Forbidden, kind, name, text)
    }

    /// Nothing is created in a namespace that is going away.
    /// Models plugin/pkg/admission/namespace/lifecycle.
    pub fn namespace_terminating(kind: Kind, name: &str, namespace: &str) -> Status {
        let why =
            format!("unable to create new content in namespace {namespace} because it is being terminated");
        let cause = Cause {
            field: "metadata.namespace".into(),
            reason: NAMESPACE_TERMINATING,
            message: format!("namespace {namespace} is being terminated"),
        };
        Status { causes: vec![cause], ..Status::forbidden(kind, name, &why) }
    }

    /// Models NewInvalid: one fault is told in line, several as a list.
    pub fn invalid(kind: Kind, name: &str, causes: Vec<Cause>) -> Status {
        let told = |cause: &Cause| format!("{}: {}", cause.field, cause.message);
        let group = if kind.group().is_empty() { String::new() } else { format!(".{}", kind.group()) };
        let faults = match &causes[..] {
            [one] => told(one),
            many => format!("[{}]", many.iter().map(told).collect::<Vec<_>>().join(", ")),
        };
        let text = format!("{kind}{group} \"{name}\" is invalid: {faults}");
        Status { causes, ..Status::about(Reason::Invalid, kind, name, text) }
    }

    /// Whether the object asked for does not exist.
    pub fn is_not_found(&self) -> bool {
        self.reason == Reason::NotFound
    }

    /// Whether the object could not be created because its namespace is going away.
    pub fn is_namespace_terminating(&self) -> bool {
        self.causes.iter().any(|cause| cause.reason == NAMESPACE_TERMINATING)
    }

    /// Whether somebody else wrote first.
    pub fn is_conflict(&self) -> bool {
        self.reason == Reason::Conflict
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Status {}
