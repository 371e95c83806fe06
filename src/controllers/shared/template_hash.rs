//! The `pod-template-hash`: the very one that a real cluster computes, since people compare names.
//! Models ComputeHash in pkg/controller/controller_utils.go.
//!
//! Upstream hashes how Go's spew prints the template: every field of every struct, in the order of its
//! declaration, with its type. The fields and types are data, in [`super::template_schema`].

use crate::api::order;
use serde_json::Value;

use super::template_schema::STRUCTS;
use crate::api::core::PodTemplateSpec;
use crate::api::quantity::{self, Format};

/// The hash of a template, in the alphabet of generated names. The count tells colliding ones apart.
pub fn pod_template_hash(template: &PodTemplateSpec, collision_count: Option<i32>) -> String {
    let mut dump = Dump(Fnv1a(0x811c_9dc5));
    // A struct with string keys always has a JSON form.
    let value = serde_json::to_value(template).unwrap_or(Value::Null);
    dump.typed(Some(&value), "PodTemplateSpec");
    let Dump(mut hash) = dump;
    if let Some(count) = collision_count {
        hash.write(&count.to_le_bytes());
        hash.write(&[0; 4]);
    }
    safe_encode(&hash.0.to_string())
}

/// FNV-1a, 32 bits.
struct Fnv1a(u32);

impl Fnv1a {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        }
    }
}

/// Models rand.SafeEncodeString: no vowels, so no words.
fn safe_encode(text: &str) -> String {
    const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    text.bytes().map(|byte| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()])).collect()
}

/// Prints as spew's `%#v` does. Models k8s.io/utils/dump.ForHash.
struct Dump(Fnv1a);

impl Dump {
    fn text(&mut self, text: &str) {
        self.0.write(text.as_bytes());
    }

    /// A value behind its type.
    fn typed(&mut self, value: Option<&Value>, go_type: &str) {
        self.text("(");
        self.type_name(go_type);
        self.text(")");
        match (go_type.strip_prefix('*'), value) {
            (None, value) => self.bare(value, go_type),
            (Some(_), None | Some(Value::Null)) => self.text("<nil>"),
            (Some(target), value) => self.bare(value, target),
        }
    }

    fn type_name(&mut self, go_type: &str) {
        let (shape, name) = split_shape(go_type);
        self.text(shape);
        let basic = matches!(name, "string" | "bool" | "int32" | "int64");
        if !basic && !name.contains('.') {
            self.text("v1.");
        }
        self.text(name);
    }

    fn bare(&mut self, value: Option<&Value>, go_type: &str) {
        if let Some(element) = go_type.strip_prefix("[]") {
            return self.list(value, element);
        }
        if let Some(element) = go_type.strip_prefix("map[string]") {
            return self.map(value, element);
        }
        match go_type {
            "ResourceList" => self.map(value, "resource.Quantity"),
            "resource.Quantity" => self.quantity(value.and_then(Value::as_str)),
            "intstr.IntOrString" => self.int_or_string(value),
            "Time" => self.text("{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}"),
            _ => match STRUCTS.binary_search_by_key(&go_type, |(name, _)| name) {
                Ok(row) => self.fields(value, STRUCTS[row].1),
                Err(_) => self.scalar(value, go_type),
            },
        }
    }

    fn scalar(&mut self, value: Option<&Value>, go_type: &str) {
        match (value, go_type) {
            (Some(Value::String(text)), _) => self.text(text),
            (Some(Value::Bool(flag)), _) => self.text(if *flag { "true" } else { "false" }),
            (Some(Value::Number(number)), _) => self.text(&number.to_string()),
            (_, "bool") => self.text("false"),
            (_, "int32" | "int64") => self.text("0"),
            _ => {}
        }
    }

    fn fields(&mut self, value: Option<&Value>, fields: &str) {
        self.text("{");
        for (at, field) in fields.split(", ").enumerate() {
            if at > 0 {
                self.text(" ");
            }
            let Some((name, go_type)) = field.split_once(' ') else { continue };
            let embedded = name.strip_suffix('+');
            let (name, json) = match (embedded, name.split_once('=')) {
                (Some(name), _) => (name, String::new()),
                (None, Some((name, json))) => (name, json.to_string()),
                (None, None) => (name, name[..1].to_lowercase() + &name[1..]),
            };
            self.text(name);
            self.text(":");
            let inner = value.and_then(|value| value.get(&json));
            self.typed(if embedded.is_some() { value } else { inner }, go_type);
        }
        self.text("}");
    }

    fn list(&mut self, value: Option<&Value>, element: &str) {
        let Some(items) = value.and_then(Value::as_array).filter(|items| !items.is_empty()) else {
            return self.text("<nil>");
        };
        self.text("[");
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.text(" ");
            }
            self.bare(Some(item), element);
        }
        self.text("]");
    }

    fn map(&mut self, value: Option<&Value>, element: &str) {
        let Some(entries) = value.and_then(Value::as_object).filter(|entries| !entries.is_empty()) else {
            return self.text("<nil>");
        };
        let mut entries: Vec<_> = entries.iter().collect();
        order::sort_by_key(&mut entries, |(key, _)| *key);
        self.text("map[");
        for (at, (key, item)) in entries.into_iter().enumerate() {
            if at > 0 {
                self.text(" ");
            }
            self.text(key);
            self.text(":");
            self.bare(Some(item), element);
        }
        self.text("]");
    }

    fn int_or_string(&mut self, value: Option<&Value>) {
        let (kind, number, text) = match value {
            Some(Value::String(text)) => ("1", 0, text.as_str()),
            value => ("0", value.and_then(Value::as_i64).unwrap_or(0), ""),
        };
        self.text(&format!("{{Type:(intstr.Type){kind} IntVal:(int32){number} StrVal:(string){text}}}"));
    }

    fn quantity(&mut self, text: Option<&str>) {
        let text = text.and_then(quantity::canonical).unwrap_or_default();
        let GoQuantity { value, scale, kept, format } = go_quantity(&text);
        let kept = if kept { text.as_str() } else { "" };
        self.text(&format!(
            "{{i:(resource.int64Amount){{value:(int64){value} scale:(resource.Scale){scale}}} \
             d:(resource.infDecAmount){{Dec:(*inf.Dec)<nil>}} s:(string){kept} Format:(resource.Format){format}}}"
        ));
    }
}

/// `[]`, `*` or `map[…]` in front, and the name behind.
fn split_shape(go_type: &str) -> (&str, &str) {
    go_type.split_at(go_type.rfind([']', '*']).map_or(0, |at| at + 1))
}

/// A quantity as Go keeps it: a number, a power of ten, and the text if that is sure to be canonical.
struct GoQuantity {
    value: i64,
    scale: i32,
    kept: bool,
    format: &'static str,
}

/// Models ParseQuantity for canonical text: whole numbers with a suffix.
fn go_quantity(text: &str) -> GoQuantity {
    let Some((_, format)) = quantity::Amount::parse(text) else {
        return GoQuantity { value: 0, scale: 0, kept: false, format: "" };
    };
    let format = match format {
        Format::DecimalSi => "DecimalSI",
        Format::BinarySi => "BinarySI",
        Format::DecimalExponent => "DecimalExponent",
    };
    if text == "0" {
        return GoQuantity { value: 0, scale: 0, kept: true, format };
    }
    let end = text.find(|c: char| c != '-' && !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let number: i64 = number.parse().unwrap_or(0);
    let scale = match suffix {
        "n" => -9,
        "u" => -6,
        "m" => -3,
        "k" => 3,
        "M" => 6,
        "G" => 9,
        "T" => 12,
        "P" => 15,
        "E" => 18,
        suffix => suffix.strip_prefix('e').and_then(|e| e.parse().ok()).unwrap_or(0),
    };
    if format == "BinarySI" {
        let power = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].iter().position(|s| *s == suffix).unwrap_or(0);
        let value = number.checked_shl(10 * power as u32).unwrap_or(0);
        return GoQuantity { value, scale: 0, kept: number & 7 != 0, format };
    }
    GoQuantity { value: number, scale, kept: scale % 3 == 0 && number % 1000 != 0, format }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Templates of real clusters with the hashes that they got there.
    #[test]
    fn real_hashes() {
        let mut wrong = Vec::new();
        for line in include_str!("template_hash_cases.jsonl").lines() {
            let case: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}"));
            let template: PodTemplateSpec =
                serde_json::from_value(case["template"].clone()).unwrap_or_else(|e| panic!("{line}: {e}"));
            let collisions = case["collisions"].as_i64().and_then(|count| i32::try_from(count).ok());
            let (hash, expected) = (pod_template_hash(&template, collisions), case["hash"].as_str());
            if Some(hash.as_str()) != expected {
                wrong.push(format!("{hash} instead of {line}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
