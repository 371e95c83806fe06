//! Defaults.
use super::Object;
/// Applies defaults.
pub fn apply(_object: &mut Object) {}
