//! How a changed object is told, and objects as JSON and YAML. Models cli-runtime/pkg/printers.

use serde::Serialize;
use serde_json::Value;

use super::Job;
use super::client::body;
use super::failure::Failure;
use super::jsonpath;
use crate::api::{Kind, Object, yaml};

/// `deployment.apps/web`
pub(super) fn full_name(kind: Kind, name: &str) -> String {
    format!("{}/{name}", singular(kind))
}

/// `deployment.apps`
pub(super) fn singular(kind: Kind) -> String {
    let lower = kind.name().to_lowercase();
    if kind.group().is_empty() { lower } else { format!("{lower}.{}", kind.group()) }
}

/// What `-o` asks for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Format {
    Usual,
    Wide,
    Name,
    Json,
    Yaml,
    JsonPath(jsonpath::Template),
    /// Header and path of each column.
    Columns(Vec<(String, jsonpath::Template)>),
}

impl Format {
    /// Reads the value of `-o`.
    ///
    /// # Errors
    /// There is no such format, or its template is malformed.
    pub fn parse(text: Option<&str>) -> Result<Format, Failure> {
        let Some(text) = text else { return Ok(Format::Usual) };
        let (name, template) = text.split_once('=').unwrap_or((text, ""));
        Ok(match name {
            "" => Format::Usual,
            "wide" => Format::Wide,
            "name" => Format::Name,
            "json" => Format::Json,
            "yaml" => Format::Yaml,
            "jsonpath" => {
                Format::JsonPath(jsonpath::Template::parse(template).map_err(|fault| {
                    Failure::message(format!("error parsing jsonpath {template}, {fault}"))
                })?)
            }
            "custom-columns" => Format::Columns(columns(template)?),
            other => {
                let text = format!(
                    "unable to match a printer suitable for the output format \"{other}\", allowed formats are: \
                     custom-columns,json,jsonpath,name,wide,yaml"
                );
                return Err(Failure::message(text));
            }
        })
    }
}

fn columns(text: &str) -> Result<Vec<(String, jsonpath::Template)>, Failure> {
    if text.is_empty() {
        return Err(Failure::message("custom-columns format specified but no custom columns given"));
    }
    let column = |part: &str| {
        let (header, path) = part.split_once(':').ok_or_else(|| {
            Failure::message(format!(
                "unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>"
            ))
        })?;
        let template = jsonpath::Template::path(path).map_err(Failure::message)?;
        Ok((header.to_string(), template))
    };
    text.split(',').map(column).collect()
}

impl Job<'_> {
    /// Tells what was done to an object, as `-o` asks.
    pub(super) fn tell(&mut self, object: &Object, operation: &str) -> Result<(), Failure> {
        let format = Format::parse(self.args.value("output"))?;
        let name = full_name(object.kind(), object.name());
        match format {
            Format::Usual | Format::Wide => {
                let suffix = self.client.dry_run.suffix();
                self.out.line(format!("{name} {operation}{suffix}"));
            }
            Format::Name => self.out.line(name),
            Format::Json => self.out.stdout.push_str(&json(&body(object))),
            Format::Yaml => self.out.stdout.push_str(&yaml::to_yaml(&body(object))),
            Format::JsonPath(template) => {
                let text = template.execute(&body(object)).map_err(Failure::message)?;
                self.out.stdout.push_str(&text);
            }
            Format::Columns(_) => {
                return Err(Failure::message("custom-columns is not a format of this command"));
            }
        }
        Ok(())
    }

    /// Passes on what the API server warns of.
    pub(super) fn warn_all(&mut self, warnings: &[String]) {
        warnings.iter().for_each(|warning| self.out.warn(warning));
    }
}

/// JSON as Go prints it, in four columns.
pub(super) fn json(value: &Value) -> String {
    let mut bytes = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
    // A value has string keys and finite numbers: it always has a JSON form.
    let written = value.serialize(&mut serializer);
    debug_assert!(written.is_ok());
    escape_html(&String::from_utf8_lossy(&bytes)) + "\n"
}

/// JSON as Go prints it, in one line.
pub(super) fn json_line(value: &Value) -> String {
    escape_html(&value.to_string())
}

/// Models encoding/json's SetEscapeHTML: these characters stand only in strings.
fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("\\u003c"),
            '>' => escaped.push_str("\\u003e"),
            '&' => escaped.push_str("\\u0026"),
            '\u{2028}' => escaped.push_str("\\u2028"),
            '\u{2029}' => escaped.push_str("\\u2029"),
            c => escaped.push(c),
        }
    }
    escaped
}
