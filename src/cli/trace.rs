//! The trace of a run, in the form of the recorded ones: JSON lines in the order of revisions.

use std::io::{self, Write};

use podscope::api::moment::Epoch;
use podscope::api::{Kind, Moment, codec};
use podscope::kubectl::tables::{self, Cell, Clock};
use podscope::session::Session;
use podscope::store::Change;
use serde_json::{Value, json};

/// Writes the whole run of a session: objects of the scenario's namespace and those outside namespaces.
pub fn write(session: &Session, out: &mut dyn Write) -> io::Result<()> {
    let store = session.cluster().store();
    let namespace = &session.scenario().namespace;
    let epoch = session.cluster().epoch();
    let mut commands = session.commands().iter().peekable();
    for change in store.changes_since(session.origin()) {
        while let Some(command) = commands.next_if(|command| command.before < change.revision) {
            line(out, &json!({"t": seconds(command.at), "step": command.line}))?;
        }
        if change.key.namespace.is_empty() || *change.key.namespace == **namespace {
            line(out, &entry(change, epoch))?;
        }
    }
    for command in commands {
        line(out, &json!({"t": seconds(command.at), "step": command.line}))?;
    }
    line(out, &json!({"t": seconds(session.cluster().now()), "end": true}))
}

fn entry(change: &Change, epoch: Epoch) -> Value {
    let kind = match (&change.before, &change.after) {
        (None, _) => "ADDED",
        (_, None) => "DELETED",
        _ => "MODIFIED",
    };
    let mut object = codec::encode(change.object());
    if change.after.is_none() {
        // The last version carries the revision of its removal, as a watch shows it.
        object["metadata"]["resourceVersion"] = change.revision.to_string().into();
    }
    let mut entry =
        json!({"t": seconds(change.time), "type": kind, "kind": change.key.kind.name(), "object": object});
    if change.key.kind != Kind::Event {
        entry["printed"] = printed(change, Clock { now: change.time, epoch });
    }
    entry
}

/// The columns of `kubectl get -o wide`, by name.
fn printed(change: &Change, clock: Clock) -> Value {
    let columns = tables::columns(change.object(), clock).into_iter();
    let value = |cell| match cell {
        Cell::Text(text) => Value::from(text),
        Cell::Number(number) => Value::from(number),
    };
    columns.map(|column| (column.name.to_string(), value(column.cell))).collect()
}

fn line(out: &mut dyn Write, value: &Value) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

/// Seconds with three decimals.
fn seconds(moment: Moment) -> f64 {
    (moment.as_micros() / 1000) as f64 / 1000.0
}
