//! Podscope.
pub mod runtime;
