//! Images: references, a catalogue of known ones, and which exist.

mod reference;

pub use reference::{InvalidReference, Reference};

/// What a registry says about an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existence {
    Present,
    /// The registry answers 404: `<reference>: not found`.
    Absent,
    /// The registry's name does not resolve.
    NoSuchHost,
}
