//! What kubectl said when it could not apply a manifest, put in its places.

use serde_json::Value;

use super::advice::Advice;
use super::locate::Spot;
use super::model::{Code, Diagnostic};
use super::object::{error, kind_range};
use crate::api::yaml::{self, Document, Range};

/// The faults of kubectl's standard error, each at the field it names.
pub fn refused(text: &str, stderr: &str) -> Vec<Diagnostic> {
    let documents = yaml::read(text).documents;
    let mut found = Vec::new();
    let mut about: Option<&Document> = None;
    for line in stderr.lines().filter(|line| !line.trim().is_empty()) {
        let faults = match line.split_once(" is invalid:") {
            Some((head, rest)) => {
                about = documents.iter().find(|document| head.ends_with(&quoted_name(document)));
                rest.trim()
            }
            None => line.strip_prefix("* ").unwrap_or(line),
        };
        if faults.is_empty() {
            continue;
        }
        let document = about.or_else(|| documents.iter().find(|d| line.contains(&quoted_name(d))));
        let document = document.or(documents.first());
        let path = faults.split(": ").next().unwrap_or_default();
        let range = document.map_or(Range::default(), |document| place(document, path, text));
        let mut told = error(range, Code::Refused, faults.into());
        told.advice = Advice::Correct { field: path.rsplit('.').next().unwrap_or(path).into() };
        found.push(told);
    }
    found
}

fn place(document: &Document, path: &str, text: &str) -> Range {
    let root = Spot::root(document, None);
    let spot = root.find(path);
    if spot.rest.len() == path.len() { kind_range(root, text) } else { spot.range(text) }
}

fn quoted_name(document: &Document) -> String {
    let name = document.value.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
    format!("\"{name}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(stderr: &str, expected: &[(usize, &str)]) {
        let text = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n  - name: a\n    image: x\n";
        let found = refused(text, stderr);
        let told: Vec<_> = found.iter().map(|told| (told.range.start.line, told.message.as_str())).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn refusals_are_placed() {
        let image = "spec.containers[0].image: Forbidden: no";
        check(&format!("The Pod \"a\" is invalid: {image}\n"), &[(8, image)]);
        check(
            &format!("The Pod \"a\" is invalid: \n* {image}\n* spec.x: y\n"),
            &[(8, image), (5, "spec.x: y")],
        );
        check("error: no way\n", &[(2, "error: no way")]);
    }
}
