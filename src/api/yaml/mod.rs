//! YAML as kubectl reads and writes it: sigs.k8s.io/yaml, which is go-yaml's YAML 1.1 turned into JSON.
//!
//! - `read`: a stream into documents: the value, and where every field of it is written.
//! - `to_yaml`: a value into text, as `kubectl get -o yaml` prints it.
//!
//! Invariants: a fault's text is kubectl's, letter for letter, its range is where a person has to look; size, depth and
//! what aliases expand to are bounded.

mod decode;
mod grammar;
mod place;
mod reindent;
mod scalar;
mod scanner;
mod split;
#[cfg(test)]
mod tests;
mod text;
mod tree;
mod write;

pub use place::{Place, Range};
pub use reindent::{Belongs, Edit, Fix, reindent};
pub use split::{Chunk, split};
pub use tree::{Entry, Found, Inside, Node};
pub use write::to_yaml;

use serde_json::Value;

/// The longest text that is read, in bytes: what the API server takes as a request.
pub const MAX_BYTES: usize = 3 * 1024 * 1024;
/// How deep values may lie in one another.
pub const MAX_DEPTH: usize = 200;
/// How many values a document may have, aliases expanded.
pub const MAX_NODES: usize = 400_000;

/// One object of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    pub value: Value,
    pub tree: Node,
    /// Keys that are written again in the same map, which counts.
    pub overwritten: Vec<Overwritten>,
}

/// A key whose value is lost, because the same map has it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overwritten {
    /// The lost one.
    pub lost: Entry,
    /// The key that is written again.
    pub again: Range,
}

/// Text that kubectl refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// kubectl's words, which follow `error: error parsing STDIN: `.
    pub text: String,
    /// Where in the whole text. kubectl's own line counts from the document's separator.
    pub range: Range,
}

/// What kubectl gets out of a stream: it stops at the first fault.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stream {
    /// The documents before the fault; empty ones are skipped.
    pub documents: Vec<Document>,
    pub fault: Option<Fault>,
}

/// Reads a stream of documents.
///
/// # Errors
/// The first fault, when there is one.
pub fn parse(text: &str) -> Result<Vec<Document>, Fault> {
    let stream = read(text);
    stream.fault.map_or(Ok(stream.documents), Err)
}

/// Reads one document of a stream; its value is `Null` when there is nothing in it.
///
/// # Errors
/// What kubectl says about text that it cannot read.
pub fn load(chunk: Chunk<'_>) -> Result<Document, Fault> {
    decode::load(chunk)
}

/// Reads a stream of documents as far as it can be read.
pub fn read(text: &str) -> Stream {
    if text.len() > MAX_BYTES {
        let text = format!("the text is longer than {MAX_BYTES} bytes");
        return Stream { fault: Some(Fault { text, range: Range::default() }), ..Stream::default() };
    }
    if let Some(documents) = read_json(text) {
        return Stream { documents, fault: None };
    }
    let (chunks, mut fault) = split(text);
    let mut documents = Vec::new();
    for chunk in chunks {
        match decode::load(chunk) {
            Ok(document) if document.value.is_null() => {}
            Ok(document) => documents.push(document),
            Err(first) => {
                fault = Some(first);
                break;
            }
        }
    }
    Stream { documents, fault }
}

/// A stream of JSON objects, which need nothing between them. What is no such stream is YAML, which most JSON is, too.
///
/// Models k8s.io/apimachinery/pkg/util/yaml/decoder.go YAMLOrJSONDecoder
fn read_json(text: &str) -> Option<Vec<Document>> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let mut documents = Vec::new();
    let mut at = Place::START;
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    while let Some(value) = values.next() {
        let value = value.ok()?;
        let passed = text.get(at.byte..values.byte_offset())?;
        let chunk = Chunk { text: passed, start: at };
        at = at.after(passed);
        // JSON knows escapes that YAML does not: then the value has no places.
        let nowhere = Node { range: Range { start: chunk.start, end: at }, inside: Inside::Scalar };
        documents.push(decode::load(chunk).unwrap_or(Document {
            value,
            tree: nowhere,
            overwritten: Vec::new(),
        }));
    }
    Some(documents)
}
