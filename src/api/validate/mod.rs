//! Validation.
use super::{Object, Status};
/// Validates a new object.
pub fn create(_object: &Object) -> Result<(), Status> {
    Ok(())
}
/// Validates an update.
pub fn update(_new: &Object, _old: &Object) -> Result<(), Status> {
    Ok(())
}
