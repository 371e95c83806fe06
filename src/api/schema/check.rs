//! Does a value fit its type? With the words of the API server's strict decoder.
//!
//! Models sigs.k8s.io/json UnmarshalStrict, case-sensitive

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::{Form, Shape, Type, literal};

/// How many unknown fields the decoder lists.
const MAX_UNKNOWN: usize = 100;

/// A value that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it is: `spec.containers[0].image`.
    pub path: String,
    pub problem: Problem,
}

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    UnknownField,
    /// A value of the wrong type, or one that cannot be read: the decoder's text.
    WrongType(String),
}

/// Checks a value against a type: a value that cannot be decoded first, if there is one, then the unknown fields.
pub fn check(value: &Value, of: &Type) -> Vec<Fault> {
    let mut decoder = Decoder::default();
    let fatal = match value {
        Value::Object(map) => decoder.object(map, of).err(),
        _ => None,
    };
    let mut faults: Vec<Fault> = fatal.or(decoder.saved).into_iter().collect();
    faults.append(&mut decoder.unknown);
    faults
}

/// The text with which the API server refuses an object that has these faults: what follows
/// `Pod in version "v1" cannot be handled as a Pod: `. Nothing when there are none.
pub fn refusal(faults: &[Fault]) -> Option<String> {
    let mut unknown = String::new();
    for fault in faults {
        match &fault.problem {
            Problem::WrongType(text) => return Some(text.clone()),
            Problem::UnknownField => {
                unknown.push_str(if unknown.is_empty() { "strict decoding error: " } else { ", " });
                let _ = write!(unknown, "{fault}");
            }
        }
    }
    (!unknown.is_empty()).then_some(unknown)
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.problem {
            Problem::UnknownField => write!(f, "unknown field {}", literal::quote(&self.path)),
            Problem::WrongType(text) => f.write_str(text),
        }
    }
}

#[derive(Default)]
struct Decoder {
    path: String,
    /// The names of the fields down to here, as the decoder keeps them: without keys and indexes, but with the names of
    /// embedded structs.
    fields: Vec<&'static str>,
    /// The struct that holds the innermost field.
    holder: &'static str,
    /// The first wrong type that does not end the decoding.
    saved: Option<Fault>,
    unknown: Vec<Fault>,
}

/// A fault ends the decoding at once.
type Decoded = Result<(), Fault>;

impl Decoder {
    fn fault(&self, text: String) -> Fault {
        Fault { path: self.path.clone(), problem: Problem::WrongType(text) }
    }

    fn mismatch(&self, found: &str, go_type: &str) -> Fault {
        let (holder, field) = (self.holder, self.fields.join("."));
        self.fault(format!(
            "json: cannot unmarshal {found} into Go struct field {holder}.{field} of type {go_type}"
        ))
    }

    fn save(&mut self, fault: Fault) -> Decoded {
        self.saved.get_or_insert(fault);
        Ok(())
    }

    fn object(&mut self, map: &Map<String, Value>, of: &Type) -> Decoded {
        let (length, depth, holder) = (self.path.len(), self.fields.len(), self.holder);
        for (name, value) in map {
            let dot = if length == 0 { "" } else { "." };
            let _ = write!(self.path, "{dot}{name}");
            if let Some(field) = of.field(name) {
                self.holder = of.name();
                self.fields.extend(field.embedded);
                self.fields.push(field.name);
                self.value(value, &field.value)?;
            } else if self.unknown.len() < MAX_UNKNOWN {
                self.unknown.push(Fault { path: self.path.clone(), problem: Problem::UnknownField });
            }
            self.path.truncate(length);
            self.fields.truncate(depth);
            self.holder = holder;
        }
        Ok(())
    }

    fn value(&mut self, value: &Value, shape: &Shape) -> Decoded {
        match (&shape.form, value) {
            (_, Value::Null) | (Form::Any, _) | (Form::Bytes, Value::Array(_)) => Ok(()),
            (Form::String, Value::String(_))
            | (Form::Bool, Value::Bool(_))
            | (Form::Float, Value::Number(_)) => Ok(()),
            (Form::Struct(reference), Value::Object(map)) => self.object(map, reference.target()),
            (Form::List(item), Value::Array(items)) => {
                self.within(items.iter().enumerate(), item, |i| format!("[{i}]"))
            }
            (Form::Map(item), Value::Object(map)) => self.within(map, item, |key| format!(".{key}")),
            (Form::Int32 | Form::Int64, Value::Number(number)) => {
                let whole = number.as_i64();
                let fits = if matches!(shape.form, Form::Int32) {
                    whole.is_some_and(is_int32)
                } else {
                    whole.is_some()
                };
                if fits {
                    Ok(())
                } else {
                    self.save(self.mismatch(&literal::number(number), &shape.go_type()))
                }
            }
            (Form::Quantity, _) => literal::quantity(value).map_err(|text| self.fault(text.to_owned())),
            (Form::IntOrString, value) => self.int_or_string(value),
            (Form::Time, value) => self.time(value, literal::RFC3339),
            (Form::MicroTime, value) => self.time(value, literal::RFC3339_MICRO),
            (Form::Bytes, Value::String(text)) => match literal::base64_fault(text) {
                Some(at) => self.save(self.fault(format!("illegal base64 data at input byte {at}"))),
                None => Ok(()),
            },
            (_, value) => self.save(self.mismatch(word(value), &shape.go_type())),
        }
    }

    fn within<'a, K>(
        &mut self,
        items: impl IntoIterator<Item = (K, &'a Value)>,
        shape: &Shape,
        step: fn(K) -> String,
    ) -> Decoded {
        let length = self.path.len();
        for (key, item) in items {
            self.path.push_str(&step(key));
            self.value(item, shape)?;
            self.path.truncate(length);
        }
        Ok(())
    }

    fn int_or_string(&self, value: &Value) -> Decoded {
        match value {
            Value::String(_) => Ok(()),
            Value::Number(number) if number.as_i64().is_some_and(is_int32) => Ok(()),
            Value::Number(number) => Err(self.mismatch(&literal::number(number), "int32")),
            value => Err(self.mismatch(word(value), "int32")),
        }
    }

    fn time(&self, value: &Value, layout: &str) -> Decoded {
        match value {
            Value::String(text) => literal::time(text, layout).map_err(|text| self.fault(text)),
            value => Err(self.mismatch(word(value), "string")),
        }
    }
}

fn is_int32(value: i64) -> bool {
    i32::try_from(value).is_ok()
}

fn word(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
