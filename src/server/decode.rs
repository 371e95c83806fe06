//! From a request's body to an object. Models apiserver/pkg/endpoints/handlers: decoding with field validation.

use serde_json::Value;

use crate::api::schema::{self, Problem};
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
pub fn decode(kind: Kind, body: Value, validation: FieldValidation) -> Result<(Object, Vec<String>), Status> {
    read(kind, body, validation).map_err(|text| {
        let text = format!("{kind} in version \"{}\" cannot be handled as a {kind}: {text}", kind.version());
        Status::new(Reason::BadRequest, text)
    })
}

/// [`decode`], with only the decoder's own words.
pub(super) fn read(
    kind: Kind,
    body: Value,
    validation: FieldValidation,
) -> Result<(Object, Vec<String>), String> {
    let faults = schema::root(&kind.api_version(), kind.name())
        .map(|root| schema::check(&body, root))
        .unwrap_or_default();
    let wrong = faults.iter().any(|fault| fault.problem != Problem::UnknownField);
    let mut warnings = Vec::new();
    match validation {
        _ if wrong => return Err(schema::refusal(&faults).unwrap_or_default()),
        FieldValidation::Strict => {
            if let Some(text) = schema::refusal(&faults) {
                return Err(text);
            }
        }
        FieldValidation::Warn => warnings.extend(faults.iter().map(ToString::to_string)),
        FieldValidation::Ignore => {}
    }
    let object = codec::decode(kind, body).map_err(|error| error.to_string())?;
    Ok((object, warnings))
}
