//! The API's types: which fields a kind has, and what the API server says about a value that does not fit them.
//!
//! The table is made by `build.rs` and read at first use. It holds the Go names of types, as messages need them.

mod check;
mod literal;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

pub use check::{Fault, Problem, check, refusal};

const TABLE: &str = include_str!(concat!(env!("OUT_DIR"), "/schema.txt"));

/// A struct of the API.
#[derive(Debug)]
pub struct Type {
    /// The Go name with its package: `v1.Container`.
    pub go_name: &'static str,
    fields: Vec<Field>,
}

/// A field of a struct.
#[derive(Debug)]
pub struct Field {
    pub name: &'static str,
    /// Whether the API's description demands it.
    pub required: bool,
    pub value: Shape,
    /// The embedded Go struct that holds it.
    embedded: Option<&'static str>,
}

/// What a value has to be.
#[derive(Debug)]
pub struct Shape {
    pub form: Form,
    /// Its Go name, where Go has one that the form does not tell.
    named: Option<&'static str>,
}

/// The form of a value.
#[derive(Debug)]
pub enum Form {
    String,
    Bool,
    Int32,
    Int64,
    Float,
    Quantity,
    IntOrString,
    Time,
    MicroTime,
    /// Base64 text.
    Bytes,
    Any,
    List(Box<Shape>),
    Map(Box<Shape>),
    Struct(Reference),
}

/// A struct of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference(usize);

#[derive(Debug, Default)]
struct Schema {
    roots: Vec<(&'static str, &'static str, usize)>,
    types: Vec<Type>,
}

/// The struct of a kind: `root("apps/v1", "Deployment")`.
pub fn root(api_version: &str, kind: &str) -> Option<&'static Type> {
    let schema = schema();
    let &(_, _, index) = schema.roots.iter().find(|root| root.0 == api_version && root.1 == kind)?;
    schema.types.get(index)
}

/// Every kind with its API version.
pub fn roots() -> impl Iterator<Item = (&'static str, &'static str)> {
    schema().roots.iter().map(|root| (root.0, root.1))
}

/// The field whose name comes closest to a name that a struct does not have, if one is close.
pub fn nearest<'a>(of: &'a Type, wrong_name: &str) -> Option<&'a str> {
    closest(of.fields.iter().map(|field| field.name), wrong_name)
}

/// The name that comes closest to a wrong one, if one is close.
pub fn closest<'a>(names: impl Iterator<Item = &'a str>, wrong_name: &str) -> Option<&'a str> {
    let wrong = wrong_name.to_lowercase();
    let most = (wrong.chars().count() / 3).max(1);
    let distances = names.map(|name| (distance(&wrong, &name.to_lowercase()), name));
    distances
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

impl Type {
    /// The Go name without its package.
    pub fn name(&self) -> &'static str {
        self.go_name.rsplit('.').next().unwrap_or(self.go_name)
    }

    /// All fields, those of embedded structs last.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

impl Reference {
    /// The struct itself.
    pub fn target(self) -> &'static Type {
        &schema().types[self.0]
    }
}

impl Shape {
    /// The struct that this is, or that its items are.
    pub fn structure(&self) -> Option<&'static Type> {
        match &self.form {
            Form::Struct(reference) => Some(reference.target()),
            Form::List(item) | Form::Map(item) => item.structure(),
            _ => None,
        }
    }

    /// Go's spelling of the type: `[]v1.ContainerPort`.
    pub fn go_type(&self) -> String {
        if let Some(name) = self.named {
            return name.to_owned();
        }
        match &self.form {
            Form::String => "string".to_owned(),
            Form::Bool => "bool".to_owned(),
            Form::Int32 => "int32".to_owned(),
            Form::Int64 => "int64".to_owned(),
            Form::Float => "float64".to_owned(),
            Form::Quantity => "resource.Quantity".to_owned(),
            Form::IntOrString => "intstr.IntOrString".to_owned(),
            Form::Time => "v1.Time".to_owned(),
            Form::MicroTime => "v1.MicroTime".to_owned(),
            Form::Bytes => "[]uint8".to_owned(),
            Form::Any => "interface {}".to_owned(),
            Form::List(item) => format!("[]{}", item.go_type()),
            Form::Map(item) => format!("map[string]{}", item.go_type()),
            Form::Struct(reference) => reference.target().go_name.to_owned(),
        }
    }
}

fn schema() -> &'static Schema {
    static SCHEMA: OnceLock<Schema> = OnceLock::new();
    SCHEMA.get_or_init(read_table)
}

fn read_table() -> Schema {
    let mut lines = TABLE.lines();
    let roots = lines.next().unwrap_or_default().split('|').filter_map(|root| {
        let mut words = root.split(' ');
        Some((words.next()?, words.next()?, words.next()?.parse().ok()?))
    });
    Schema { roots: roots.collect(), types: lines.map(read_type).collect() }
}

fn read_type(line: &'static str) -> Type {
    let mut parts = line.split('|');
    let go_name = parts.next().unwrap_or_default();
    let mut embedded = None;
    let mut fields = Vec::new();
    for part in parts {
        if let Some(inner) = part.strip_prefix('<') {
            embedded = Some(inner);
        } else if let Some((name, shape)) = part.split_once(':') {
            let (name, required) = name.strip_suffix('!').map_or((name, false), |name| (name, true));
            fields.push(Field { name, required, value: read_shape(shape), embedded });
        }
    }
    Type { go_name, fields }
}

fn read_shape(text: &'static str) -> Shape {
    let (named, text) = match text.strip_prefix('~').and_then(|rest| rest.split_once('~')) {
        Some((name, rest)) => (Some(name), rest),
        None => (None, text),
    };
    let rest = text.get(1..).unwrap_or_default();
    let form = match text.as_bytes().first() {
        Some(b'[') => Form::List(Box::new(read_shape(rest))),
        Some(b'{') => Form::Map(Box::new(read_shape(rest))),
        Some(b's') => Form::String,
        Some(b'b') => Form::Bool,
        Some(b'i') => Form::Int32,
        Some(b'l') => Form::Int64,
        Some(b'f') => Form::Float,
        Some(b'q') => Form::Quantity,
        Some(b'o') => Form::IntOrString,
        Some(b't') => Form::Time,
        Some(b'm') => Form::MicroTime,
        Some(b'y') => Form::Bytes,
        _ => text.parse().map_or(Form::Any, |index| Form::Struct(Reference(index))),
    };
    Shape { form, named }
}

/// How many letters have to be changed, added, dropped or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before_last = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let change = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = change.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}
