//! A stream into documents, as kubectl splits it: by lines, before anything is parsed.
//!
//! Models k8s.io/apimachinery/pkg/util/yaml/decoder.go YAMLReader

use super::{Fault, Place, Range};

/// A document's text and where it begins in the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk<'a> {
    pub text: &'a str,
    pub start: Place,
}

/// Splits a stream at its `---` lines. A document may be empty or hold comments only.
///
/// # Errors
/// A separator line with something else on it: then what came before since the last separator is lost, too.
pub fn split(text: &str) -> (Vec<Chunk<'_>>, Option<Fault>) {
    let mut chunks = Vec::new();
    let mut start = Place::START;
    let mut at = Place::START;
    for line in text.split_inclusive('\n') {
        let next = at.after(line);
        if let Some(rest) = line.strip_prefix("---") {
            let rest = rest.trim();
            if !rest.is_empty() && !rest.starts_with('#') {
                let range = Range { start: at, end: at.after(line.trim_end()) };
                let text = format!("invalid Yaml document separator: {rest}");
                return (chunks, Some(Fault { text, range }));
            }
            // A separator without a document before it is the first line of the next one.
            if at.byte > start.byte {
                chunks.push(Chunk { text: &text[start.byte..at.byte], start });
                start = next;
            }
        }
        at = next;
    }
    if at.byte > start.byte {
        chunks.push(Chunk { text: &text[start.byte..at.byte], start });
    }
    (chunks, None)
}
