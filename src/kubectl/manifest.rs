//! What `-f` reads: files and standard input, documents and lists. Models cli-runtime/pkg/resource/visitor.go.

use serde_json::Value;

use super::Job;
use super::failure::Failure;
use crate::api::{Key, Kind, Scope, yaml};
use crate::server::FieldValidation;

/// One object as a manifest describes it.
#[derive(Clone, Debug)]
pub(super) struct Manifest {
    /// The file, or `STDIN`.
    pub source: String,
    pub key: Key,
    /// With its namespace.
    pub body: Value,
}

/// Reads files, as far as they can be read.
pub(super) fn read(job: &Job<'_>, files: &[&str]) -> (Vec<Manifest>, Vec<Failure>) {
    let (mut manifests, mut failures) = (Vec::new(), Vec::new());
    for file in files {
        let text = match *file {
            "-" => job.env.stdin,
            name => job.env.files.get(name.trim_start_matches("./")).map(String::as_str),
        };
        let source = if *file == "-" { "STDIN" } else { file };
        let Some(text) = text else {
            failures.push(Failure::message(format!("the path \"{file}\" does not exist")));
            continue;
        };
        let stream = yaml::read(text);
        for document in stream.documents {
            for body in items(document.value) {
                match describe(job, source, body) {
                    Ok(manifest) => manifests.push(manifest),
                    Err(failure) => failures.push(failure),
                }
            }
        }
        failures.extend(
            stream.fault.map(|fault| Failure::message(format!("error parsing {source}: {}", fault.text))),
        );
    }
    (manifests, failures)
}

/// A list's items, or the object itself.
fn items(body: Value) -> Vec<Value> {
    let is_list = body.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List"));
    match body {
        Value::Object(mut fields) if is_list && fields.get("items").is_some_and(Value::is_array) => {
            match fields.remove("items") {
                Some(Value::Array(items)) => items,
                _ => Vec::new(),
            }
        }
        body => vec![body],
    }
}

fn describe(job: &Job<'_>, source: &str, mut body: Value) -> Result<Manifest, Failure> {
    let text = |pointer: &str| {
        let found = body.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_default().to_string()
    };
    let (version, kind_name) = (text("/apiVersion"), text("/kind"));
    check_type(job, source, &body, (&version, &kind_name))?;
    let (name, namespace) = (text("/metadata/name"), text("/metadata/namespace"));
    let Some(kind) = Kind::of(&version, &kind_name) else {
        return Err(Failure::message(format!(
            "resource mapping not found for name: \"{name}\" namespace: \"{namespace}\" from \"{source}\": \
             no matches for kind \"{kind_name}\" in version \"{version}\"\nensure CRDs are installed first"
        )));
    };
    let default = &job.client.namespace;
    if kind.scope() == Scope::Cluster {
        return Ok(Manifest { source: source.into(), key: Key::new(kind, "", &name), body });
    }
    if namespace.is_empty() {
        if let Some(fields) = body.as_object_mut() {
            let metadata = fields.entry("metadata").or_insert_with(|| Value::Object(Default::default()));
            if let Value::Object(metadata) = metadata {
                metadata.insert("namespace".into(), default.as_str().into());
            }
        }
    } else if job.client.named_namespace && namespace != *default {
        return Err(Failure::message(format!(
            "the namespace from the provided object \"{namespace}\" does not match the namespace \"{default}\". \
             You must pass '--namespace={namespace}' to perform this operation."
        )));
    }
    let namespace = if namespace.is_empty() { default } else { &namespace };
    Ok(Manifest { source: source.into(), key: Key::new(kind, namespace, &name), body })
}

/// What kubectl itself checks before it asks the API server.
fn check_type(
    job: &Job<'_>,
    source: &str,
    body: &Value,
    (version, kind): (&str, &str),
) -> Result<(), Failure> {
    let missing = match (body.is_object(), version.is_empty(), kind.is_empty()) {
        (false, _, _) => "invalid object to validate",
        (_, true, true) => "[apiVersion not set, kind not set]",
        (_, true, false) => "apiVersion not set",
        (_, false, true) => "kind not set",
        _ => return Ok(()),
    };
    let text = match job.client.validation {
        FieldValidation::Strict => format!(
            "error validating \"{source}\": error validating data: {missing}; if you choose to ignore these errors, \
             turn validation off with --validate=false"
        ),
        _ if kind.is_empty() => {
            format!("unable to decode \"{source}\": Object 'Kind' is missing in '{body}'")
        }
        _ => format!("unable to decode \"{source}\": Object 'apiVersion' is missing in '{body}'"),
    };
    Err(Failure::message(text))
}
