//! What `kubectl get` shows of an object: the API server's own table columns.
//! Models pkg/printers/internalversion/printers.go.

mod event;
mod network;
mod node;
mod pod;
mod workload;

pub(super) use node::roles as node_roles;

use super::human_duration;
use crate::api::meta::MicroTime;
use crate::api::moment::Epoch;
use crate::api::{Kind, Moment, Object, Time};
use std::time::Duration;

/// What a cell holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    Text(String),
    Number(i64),
}

impl Cell {
    /// As it is printed.
    pub fn text(&self) -> String {
        match self {
            Cell::Text(text) => text.clone(),
            Cell::Number(number) => number.to_string(),
        }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.into())
    }
}

impl From<i32> for Cell {
    fn from(number: i32) -> Cell {
        Cell::Number(number.into())
    }
}

/// When a column is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    Always,
    /// With `-o wide`.
    Wide,
}

/// One column of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// `Up-to-date`; kubectl prints it in capitals.
    pub name: &'static str,
    pub shown: Shown,
    pub cell: Cell,
}

/// What turns dates into ages.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    pub now: Moment,
    pub epoch: Epoch,
}

impl Clock {
    /// The time since a date. Models translateTimestampSince.
    pub fn age(self, date: Option<&Time>) -> String {
        date.map_or_else(|| "<unknown>".into(), |date| self.since(date.0.as_nanosecond()))
    }

    /// The time since a date. Models translateMicroTimestampSince.
    pub fn micro_age(self, date: Option<&MicroTime>) -> String {
        date.map_or_else(|| "<unknown>".into(), |date| self.since(date.0.as_nanosecond()))
    }

    fn since(self, nanos: i128) -> String {
        match u64::try_from(self.epoch.nanos(self.now) - nanos) {
            Ok(span) => human_duration(Duration::from_nanos(span)),
            Err(_) if nanos - self.epoch.nanos(self.now) < 1_000_000_000 => "0s".into(),
            Err(_) => "<invalid>".into(),
        }
    }

    fn created(self, object: &Object) -> Cell {
        self.age(object.meta().creation_timestamp.as_ref()).into()
    }
}

/// The columns of an object, those of `-o wide` among them.
pub fn columns(object: &Object, clock: Clock) -> Vec<Column> {
    let age = clock.created(object);
    let mut row = Row::default();
    if object.kind() != Kind::Event {
        row.add("Name", object.name());
    }
    match object {
        Object::Pod(pod) => pod::columns(&mut row, pod, clock),
        Object::Deployment(deployment) => workload::deployment(&mut row, deployment, age),
        Object::ReplicaSet(set) => workload::replica_set(&mut row, set, age),
        Object::Service(service) => network::service(&mut row, service, age),
        Object::EndpointSlice(slice) => network::endpoint_slice(&mut row, slice, age),
        Object::Node(node) => node::columns(&mut row, node, age),
        Object::Namespace(namespace) => {
            row.add("Status", namespace.status.phase.clone().unwrap_or_default());
            row.add("Age", age);
        }
        Object::Event(event) => event::columns(&mut row, event, clock),
    }
    row.columns
}

#[derive(Default)]
struct Row {
    columns: Vec<Column>,
}

impl Row {
    fn add(&mut self, name: &'static str, cell: impl Into<Cell>) {
        self.columns.push(Column { name, shown: Shown::Always, cell: cell.into() });
    }

    fn wide(&mut self, name: &'static str, cell: impl Into<Cell>) {
        self.columns.push(Column { name, shown: Shown::Wide, cell: cell.into() });
    }
}

fn or_none(text: &str) -> String {
    or(text, "<none>")
}

fn or(text: &str, otherwise: &str) -> String {
    if text.is_empty() { otherwise.into() } else { text.into() }
}
