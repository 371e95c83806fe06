//! What is wrong with a manifest, where, and what to do about it: for the editor and the command line.
//!
//! - Text that is no YAML, or lost its indentation: `syntax`, `indentation`.
//! - Objects whose fields the API does not have or whose values have the wrong type: `typed`.
//! - Objects that validation refuses, and what the API server warns about: `invalid`.
//! - What is accepted and not simulated: `not_simulated`.
//!
//! Invariants: a message is the API server's or kubectl's own text; a fix, applied, removes its diagnostic;
//! every range lies in the text; no text makes this panic.

mod advice;
mod edit;
mod indentation;
mod invalid;
mod locate;
mod missing;
mod model;
mod not_simulated;
mod object;
mod refused;
mod syntax;
mod typed;
mod wrong_type;

pub use advice::{Advice, Wanted};
pub use model::{Code, Diagnostic, Edit, Fix, Label, Severity};
pub use refused::refused;

use crate::api::order;
use crate::api::yaml::{self, Chunk, Document, MAX_BYTES, Place};

/// Everything there is to say about a text of manifests, and of a Scenario among them, in the order of the
/// text.
pub fn diagnose(text: &str) -> Vec<Diagnostic> {
    if text.len() > MAX_BYTES {
        return yaml::read(text).fault.map(|fault| syntax::told(fault, text)).into_iter().collect();
    }
    let mut found = plainly(text);
    indentation::explain(text, &mut found);
    order::sort_by_key(&mut found, |diagnostic| (diagnostic.range.start.byte, diagnostic.severity));
    found
}

/// Everything there is to say as long as the indentation is taken to be meant.
fn plainly(text: &str) -> Vec<Diagnostic> {
    let mut checker = object::Checker::new(text);
    let stream = yaml::read(text);
    if stream.fault.is_none() {
        stream.documents.iter().for_each(|document| checker.document(document));
    } else {
        // kubectl stops at the first fault; a person wants to hear of the others, too.
        let (chunks, split_fault) = yaml::split(text);
        chunks.into_iter().for_each(|chunk| check_chunk(chunk, &mut checker));
        checker.found.extend(split_fault.map(|fault| syntax::told(fault, text)));
    }
    checker.found
}

fn check_chunk(chunk: Chunk<'_>, checker: &mut object::Checker<'_>) {
    match yaml::load(chunk) {
        Ok(document) if document.value.is_null() => {}
        Ok(document) => checker.document(&document),
        Err(fault) => checker.found.push(syntax::in_chunk(fault, chunk)),
    }
}

/// The documents' parts of a text: from where to where, in bytes.
fn parts(text: &str) -> Vec<(usize, usize)> {
    let (chunks, _) = yaml::split(text);
    chunks.iter().map(|chunk| (chunk.start.byte, chunk.start.byte + chunk.text.len())).collect()
}

/// The text of the document that begins nearest before a place.
fn document_text<'a>(text: &'a str, document: &Document) -> (Place, &'a str) {
    let at = document.tree.range.start;
    let (chunks, _) = yaml::split(text);
    let own = chunks.into_iter().rev().find(|chunk| chunk.start.byte <= at.byte);
    own.map_or((Place::START, text), |chunk| (chunk.start, chunk.text))
}
