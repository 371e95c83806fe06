//! Patch. Models apiserver/pkg/endpoints/handlers/patch.go.

use serde_json::Value;

use super::decode::{FieldValidation, decode, read};
use super::{Call, Server};
use crate::api::patch::{apply_json, apply_merge, apply_strategic, go_value};
use crate::api::status::Cause;
use crate::api::{Key, Kind, Object, Reason, Status, codec};

/// A change to an object, in one of the three languages.
#[derive(Clone, Debug, PartialEq)]
pub enum Patch {
    /// `application/strategic-merge-patch+json`
    Strategic(Value),
    /// `application/merge-patch+json`
    Merge(Value),
    /// `application/json-patch+json`
    Json(Value),
}

/// Which part of an object a request is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// Metadata and spec.
    #[default]
    Main,
    Status,
    /// A Pod's resources.
    Resize,
}

impl Server {
    /// Changes an object and returns it as stored, with warnings for the client.
    ///
    /// # Errors
    /// NotFound; BadRequest or Invalid when the patch does not fit; whatever an update says.
    pub fn patch(
        &mut self,
        call: &Call,
        key: &Key,
        (patch, part): (&Patch, Part),
        validation: FieldValidation,
    ) -> Result<(Object, Vec<String>), Status> {
        let body = codec::encode(self.get(key)?);
        let (object, warnings) = match patch {
            Patch::Strategic(patch) => {
                let patched = apply_strategic(key.kind, &body, patch).map_err(bad_request)?;
                read(key.kind, patched, validation).map_err(|text| wrong_type(patch, &text))?
            }
            Patch::Merge(patch) => decode(key.kind, apply_merge(&body, patch), validation)?,
            Patch::Json(patch) => {
                let patched = apply_json(&body, patch).map_err(unprocessable)?;
                decode(key.kind, patched, validation)?
            }
        };
        check_identity(key, &object)?;
        let stored = match part {
            Part::Main | Part::Resize => self.update(call, object)?,
            Part::Status => self.update_status(call, object)?,
        };
        Ok((stored, warnings))
    }
}

fn bad_request(text: String) -> Status {
    Status::new(Reason::BadRequest, text)
}

/// Models the handling of JSON patches that cannot be applied.
fn unprocessable(text: String) -> Status {
    Status::new(
        Reason::Invalid,
        format!("the server rejected our request due to an error in our request: {text}"),
    )
}

/// A strategic merge patch with a value of a wrong type is itself the invalid object.
fn wrong_type(patch: &Value, text: &str) -> Status {
    let text = converter_text(text).unwrap_or_else(|| text.to_string());
    let message = format!("Invalid value: \"{}\": {text}", go_value(patch));
    let cause = Cause { field: "patch".into(), reason: "FieldValueInvalid", message };
    let text = format!("\"\" is invalid: {}: {}", cause.field, cause.message);
    Status { causes: vec![cause], ..Status::new(Reason::Invalid, text) }
}

/// The decoder's words in those of another one. Models runtime.DefaultUnstructuredConverter.
fn converter_text(text: &str) -> Option<String> {
    let (found, expected) = text.strip_prefix("json: cannot unmarshal ")?.split_once(" of type ")?;
    let found = match found.split_once(' ')?.0 {
        "object" => "map",
        "array" => "slice",
        "number" => "int64",
        other => other,
    };
    Some(match expected {
        "string" | "bool" | "int32" | "int64" | "float64" => format!("unrecognized type: {expected}"),
        expected if expected.starts_with("[]") => format!("cannot restore slice from {found}"),
        expected if expected.starts_with("map[") => format!("cannot restore map from {found}"),
        _ => format!("cannot restore struct from: {found}"),
    })
}

/// A patch cannot make another object out of an object.
fn check_identity(key: &Key, object: &Object) -> Result<(), Status> {
    let asked = if key.kind.scope() == crate::api::Scope::Namespaced { &*key.namespace } else { "" };
    if object.name() != &*key.name {
        let text = format!(
            "the name of the object ({}) does not match the name on the URL ({})",
            object.name(),
            key.name
        );
        return Err(bad_request(text));
    }
    if object.namespace() != asked {
        return Err(bad_request(
            "the namespace of the provided object does not match the namespace sent on the request".into(),
        ));
    }
    Ok(())
}

/// Kinds whose desired count is the scale subresource.
pub fn is_scalable(kind: Kind) -> bool {
    matches!(kind.name(), "Deployment" | "ReplicaSet" | "StatefulSet" | "ReplicationController")
}
