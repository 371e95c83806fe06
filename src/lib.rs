//! Podscope.
