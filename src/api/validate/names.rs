//! What names, keys and values may look like. Models apimachinery/pkg/util/validation.
//!
//! Each function lists what is wrong, in upstream's words; an empty list allocates nothing.

const LABEL_FORMAT: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const SUBDOMAIN_UNDERSCORE: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character";
const DNS_1035: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
const QUALIFIED: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const QUALIFIED_FORMAT: &str = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const LABEL_VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/// How long a DNS label may be, in bytes.
const LABEL_MAX: usize = 63;
/// How long a DNS subdomain may be, in bytes.
const SUBDOMAIN_MAX: usize = 253;

fn regex_error(message: &str, format: &str, examples: &[&str]) -> String {
    let examples: Vec<String> = examples.iter().map(|example| format!("'{example}', ")).collect();
    format!("{message} (e.g. {}regex used for validation is '{format}')", examples.join(" or "))
}

fn check_length(faults: &mut Vec<String>, value: &str, limit: usize, unit: &str) {
    if value.len() > limit {
        faults.push(format!("must be no more than {limit} {unit}"));
    }
}

fn is_lower(b: u8) -> bool {
    b.is_ascii_lowercase() || b.is_ascii_digit()
}

/// Whether both ends satisfy `edge` and everything between `inner`.
fn shaped(value: &str, first: fn(u8) -> bool, inner: fn(u8) -> bool, last: fn(u8) -> bool) -> bool {
    match value.as_bytes() {
        [] => false,
        [one] => first(*one),
        [head, middle @ .., tail] => first(*head) && last(*tail) && middle.iter().all(|&b| inner(b)),
    }
}

fn is_label(value: &str) -> bool {
    shaped(value, is_lower, |b| is_lower(b) || b == b'-', is_lower)
}

fn is_subdomain(value: &str) -> bool {
    value.split('.').all(is_label)
}

/// A DNS label as RFC 1123 defines it.
pub fn is_dns1123_label(value: &str) -> Vec<String> {
    let mut faults = Vec::new();
    check_length(&mut faults, value, LABEL_MAX, "characters");
    if !is_label(value) {
        faults.push(if is_subdomain(value) {
            "must not contain dots".into()
        } else {
            regex_error(LABEL, LABEL_FORMAT, &["my-name", "123-abc"])
        });
    }
    faults
}

/// A DNS subdomain as RFC 1123 defines it.
pub fn is_dns1123_subdomain(value: &str) -> Vec<String> {
    subdomain(value, "characters")
}

fn subdomain(value: &str, unit: &str) -> Vec<String> {
    let mut faults = Vec::new();
    check_length(&mut faults, value, SUBDOMAIN_MAX, unit);
    if !is_subdomain(value) {
        let format = format!("{LABEL_FORMAT}(\\.{LABEL_FORMAT})*");
        faults.push(regex_error(SUBDOMAIN, &format, &["example.com"]));
    }
    faults
}

/// A DNS subdomain whose labels may hold underscores, as search paths may.
pub fn is_dns1123_subdomain_with_underscore(value: &str) -> Vec<String> {
    let mut faults = Vec::new();
    check_length(&mut faults, value, SUBDOMAIN_MAX, "characters");
    let is_part = |part: &str| {
        let part = part.strip_prefix('_').unwrap_or(part);
        shaped(part, is_lower, |b| is_lower(b) || b == b'-' || b == b'_', is_lower)
    };
    if !value.split('.').all(is_part) {
        let part = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
        let format = format!("{part}(\\.{part})*");
        faults.push(regex_error(SUBDOMAIN_UNDERSCORE, &format, &["example.com"]));
    }
    faults
}

/// A DNS label as RFC 1035 defines it: it begins with a letter.
pub fn is_dns1035_label(value: &str) -> Vec<String> {
    let mut faults = Vec::new();
    check_length(&mut faults, value, LABEL_MAX, "characters");
    if !shaped(value, |b| b.is_ascii_lowercase(), |b| is_lower(b) || b == b'-', is_lower) {
        faults.push(regex_error(DNS_1035, "[a-z]([-a-z0-9]*[a-z0-9])?", &["my-name", "abc-123"]));
    }
    faults
}

fn is_qualified_part(value: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    shaped(value, |b| b.is_ascii_alphanumeric(), inner, |b| b.is_ascii_alphanumeric())
}

/// The key of a label or annotation, a condition's type, a resource's name: `example.com/name`.
pub fn is_qualified_name(value: &str) -> Vec<String> {
    let examples = ["MyName", "my.name", "123-abc"];
    let mut faults = Vec::new();
    let name = match value.split_once('/') {
        None => value,
        Some((_, rest)) if rest.contains('/') => {
            let shape = regex_error(QUALIFIED, QUALIFIED_FORMAT, &examples);
            let prefix = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
            return vec![format!("a valid label key {shape} {prefix}")];
        }
        Some(("", name)) => {
            faults.push("prefix part must be non-empty".into());
            name
        }
        Some((prefix, name)) => {
            let wrong = subdomain(prefix, "bytes").into_iter();
            faults.extend(wrong.map(|fault| format!("prefix part {fault}")));
            name
        }
    };
    if name.is_empty() {
        faults.push("name part must be non-empty".into());
    } else if name.len() > LABEL_MAX {
        faults.push(format!("name part must be no more than {LABEL_MAX} bytes"));
    }
    if !is_qualified_part(name) {
        faults.push(format!("name part {}", regex_error(QUALIFIED, QUALIFIED_FORMAT, &examples)));
    }
    faults
}

/// The value of a label.
pub fn is_label_value(value: &str) -> Vec<String> {
    let mut faults = Vec::new();
    check_length(&mut faults, value, LABEL_MAX, "bytes");
    if !value.is_empty() && !is_qualified_part(value) {
        let format = format!("({QUALIFIED_FORMAT})?");
        faults.push(regex_error(LABEL_VALUE, &format, &["MyValue", "my_value", "12345"]));
    }
    faults
}

/// The name of a container's port.
pub fn is_port_name(value: &str) -> Vec<String> {
    let mut faults = Vec::new();
    check_length(&mut faults, value, 15, "characters");
    if value.is_empty() || !value.bytes().all(|b| is_lower(b) || b == b'-') {
        faults.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)".into());
    }
    if !value.bytes().any(|b| b.is_ascii_lowercase()) {
        faults.push("must contain at least one letter (a-z)".into());
    }
    if value.contains("--") {
        faults.push("must not contain consecutive hyphens".into());
    }
    if value.starts_with('-') || value.ends_with('-') {
        faults.push("must not begin or end with a hyphen".into());
    }
    faults
}

/// A number from `low` to `high`.
pub fn is_in_range(value: i64, low: i64, high: i64) -> Option<String> {
    (!(low..=high).contains(&value)).then(|| format!("must be between {low} and {high}, inclusive"))
}

/// The number of a port.
pub fn is_port_number(value: i32) -> Option<String> {
    is_in_range(value.into(), 1, 65535)
}

/// A user's or a group's id.
pub fn is_id(value: i64) -> Option<String> {
    is_in_range(value, 0, i32::MAX.into())
}

/// A share such as `25%`.
pub fn is_percent(value: &str) -> Option<String> {
    let number = value.strip_suffix('%').unwrap_or_default();
    let valid = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let message = "a valid percent string must be a numeric string followed by an ending '%'";
    (!valid).then(|| regex_error(message, "[0-9]+%", &["1%", "93%"]))
}

/// The name of an HTTP header.
pub fn is_http_header_name(value: &str) -> Option<String> {
    let valid = !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let message = "a valid HTTP header must consist of alphanumeric characters or '-'";
    (!valid).then(|| regex_error(message, "[-A-Za-z0-9]+", &["X-Header-Name"]))
}

/// The name of an environment variable.
pub fn is_env_var_name(value: &str) -> Option<&'static str> {
    let valid = value.bytes().all(|b| matches!(b, b' '..=b'~') && b != b'=');
    let message =
        "a valid environment variable name must consist only of printable ASCII characters other than '='";
    (!valid).then_some(message)
}

/// A key of a ConfigMap or Secret.
pub fn is_config_map_key(value: &str) -> Vec<String> {
    let mut faults = Vec::new();
    check_length(&mut faults, value, SUBDOMAIN_MAX, "characters");
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if value.is_empty() || !value.bytes().all(allowed) {
        let message = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
        faults.push(regex_error(message, "[-._a-zA-Z0-9]+", &["key.name", "KEY_NAME", "key-name"]));
    }
    match value {
        "." | ".." => faults.push(format!("must not be '{value}'")),
        _ if value.starts_with("..") => faults.push("must not start with '..'".into()),
        _ => {}
    }
    faults
}

/// The prefix of a name that is still to be completed, as if it were: a trailing dash is not its end.
pub fn without_trailing_dash(prefix: &str) -> String {
    match prefix.strip_suffix('-') {
        Some(rest) if !rest.is_empty() => {
            let cut = rest.char_indices().next_back().map_or(0, |(at, _)| at);
            format!("{}a", &rest[..cut])
        }
        _ => prefix.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(found: Vec<String>, expected: &[&str]) {
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.contains(expected), "{found} lacks {expected}");
        }
    }

    #[test]
    fn labels_and_subdomains() {
        check(is_dns1123_label("a-1"), &[]);
        check(is_dns1123_label("1a"), &[]);
        check(is_dns1123_label(""), &["a lowercase RFC 1123 label"]);
        check(is_dns1123_label("a.b"), &["must not contain dots"]);
        check(is_dns1123_label("-a"), &["'my-name',  or '123-abc', regex"]);
        check(is_dns1123_label(&"a".repeat(64)), &["no more than 63 characters"]);
        check(is_dns1123_subdomain("a.b-c.d"), &[]);
        check(is_dns1123_subdomain("a..b"), &["(e.g. 'example.com', regex"]);
        check(is_dns1035_label("1a"), &["start with an alphabetic character"]);
        check(is_dns1123_subdomain_with_underscore("_tcp.a_b"), &[]);
        check(is_dns1123_subdomain_with_underscore("_"), &["'_', '-' or '.'"]);
    }

    #[test]
    fn qualified_names() {
        check(is_qualified_name("example.com/My_name.x"), &[]);
        check(is_qualified_name("/x"), &["prefix part must be non-empty"]);
        check(is_qualified_name("a/"), &["name part must be non-empty", "name part must consist"]);
        check(is_qualified_name("-x/y/z"), &["a valid label key must consist"]);
        check(is_qualified_name("B/x"), &["prefix part a lowercase"]);
        check(is_label_value(""), &[]);
        check(is_label_value("a b"), &["a valid label must be"]);
    }

    #[test]
    fn ports_and_percents() {
        check(is_port_name("http"), &[]);
        check(is_port_name("8080"), &["at least one letter"]);
        check(is_port_name("-a--B"), &["only alpha-numeric", "consecutive", "begin or end"]);
        check(is_percent("5%").into_iter().collect(), &[]);
        check(is_percent("%").into_iter().collect(), &["a valid percent string"]);
        check(is_config_map_key("..x"), &["must not start with"]);
    }

    #[test]
    fn prefixes() {
        assert_eq!(without_trailing_dash("web-"), "wea");
        assert_eq!(without_trailing_dash("-"), "-");
        assert_eq!(without_trailing_dash("é-"), "a");
        assert_eq!(without_trailing_dash("web"), "web");
    }
}
