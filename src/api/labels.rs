//! Label selectors. Models apimachinery/pkg/labels.

use crate::api::order;
use std::collections::BTreeMap;

use super::meta::LabelSelector;

/// Labels of an object.
pub type Labels = BTreeMap<String, String>;

/// One requirement on one label.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Requirement {
    pub key: String,
    pub operator: Operator,
}

/// What a requirement asks of a label.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operator {
    /// The value is one of these.
    In(Vec<String>),
    /// The label is absent, or its value is none of these.
    NotIn(Vec<String>),
    Exists,
    DoesNotExist,
}

impl Requirement {
    fn matches(&self, labels: &Labels) -> bool {
        let value = labels.get(&self.key);
        match &self.operator {
            Operator::In(values) => value.is_some_and(|v| values.contains(v)),
            Operator::NotIn(values) => value.is_none_or(|v| !values.contains(v)),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
        }
    }
}

/// A conjunction of requirements; the empty one matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Selector {
    requirements: Vec<Requirement>,
}

impl Selector {
    /// Whether the labels satisfy every requirement.
    pub fn matches(&self, labels: Option<&Labels>) -> bool {
        static NONE: Labels = Labels::new();
        let labels = labels.unwrap_or(&NONE);
        self.requirements.iter().all(|requirement| requirement.matches(labels))
    }

    /// Whether it matches everything.
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }

    /// Both selectors' requirements together.
    pub fn and(mut self, other: Selector) -> Selector {
        self.requirements.extend(other.requirements);
        self
    }

    /// The requirements, in order.
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }

    /// The selector of a map: each label must have its value.
    pub fn from_map(labels: &Labels) -> Selector {
        let requirements = labels
            .iter()
            .map(|(key, value)| Requirement { key: key.clone(), operator: Operator::In(vec![value.clone()]) })
            .collect();
        Selector { requirements }
    }

    /// The selector that a workload carries; `None` if an operator is not one of the four.
    /// Models metav1.LabelSelectorAsSelector.
    pub fn from_label_selector(selector: &LabelSelector) -> Option<Selector> {
        let mut all = Selector::from_map(selector.match_labels.as_ref().unwrap_or(&Labels::new()));
        for expression in selector.match_expressions.as_deref().unwrap_or_default() {
            let values = expression.values.clone().unwrap_or_default();
            let operator = match expression.operator.as_str() {
                "In" => Operator::In(values),
                "NotIn" => Operator::NotIn(values),
                "Exists" => Operator::Exists,
                "DoesNotExist" => Operator::DoesNotExist,
                _ => return None,
            };
            all.requirements.push(Requirement { key: expression.key.clone(), operator });
        }
        Some(all)
    }

    /// A selector typed by a person: `app=web,tier!=db,env in (a,b),!old`.
    ///
    /// # Errors
    /// The part that cannot be understood.
    pub fn parse(text: &str) -> Result<Selector, String> {
        let mut requirements = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let end = end_of_requirement(rest);
            requirements.push(parse_requirement(rest[..end].trim())?);
            rest = rest[end..].strip_prefix(',').unwrap_or("").trim_start();
        }
        Ok(Selector { requirements })
    }
}

/// Where the requirement ends: at the first comma outside parentheses.
fn end_of_requirement(text: &str) -> usize {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth <= 0 => return at,
            _ => {}
        }
    }
    text.len()
}

fn parse_requirement(text: &str) -> Result<Requirement, String> {
    let make = |key: &str, operator| Ok(Requirement { key: key.trim().into(), operator });
    let one = |value: &str| vec![value.trim().to_string()];
    if let Some((key, value)) = text.split_once("!=") {
        return make(key, Operator::NotIn(one(value)));
    }
    if let Some((key, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
        return make(key, Operator::In(one(value)));
    }
    if let Some(key) = text.strip_prefix('!') {
        return make(key, Operator::DoesNotExist);
    }
    let mut words = text.splitn(3, char::is_whitespace);
    match (words.next(), words.next(), words.next()) {
        (Some(key), None, _) if !key.is_empty() => make(key, Operator::Exists),
        (Some(key), Some(word @ ("in" | "notin")), Some(values)) => {
            let values = values.trim().strip_prefix('(').and_then(|v| v.strip_suffix(')'));
            let values = values.ok_or_else(|| format!("unable to parse requirement: {text}"))?;
            let values: Vec<String> = values.split(',').map(|v| v.trim().to_string()).collect();
            make(key, if word == "in" { Operator::In(values) } else { Operator::NotIn(values) })
        }
        _ => Err(format!("unable to parse requirement: {text}")),
    }
}

/// A workload's selector as kubectl shows it, empty if it has no requirement.
/// Models the String of metav1.LabelSelectorAsSelector.
pub fn selector_text(selector: &LabelSelector) -> String {
    let equal = |(key, value): (&String, &String)| (key.clone(), format!("{key}={value}"));
    let mut terms: Vec<(String, String)> = selector.match_labels.iter().flatten().map(equal).collect();
    for expression in selector.match_expressions.iter().flatten() {
        let key = &expression.key;
        let mut values = expression.values.clone().unwrap_or_default();
        order::sort(&mut values);
        let values = values.join(",");
        let term = match expression.operator.as_str() {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "Exists" => key.clone(),
            _ => format!("!{key}"),
        };
        terms.push((key.clone(), term));
    }
    order::sort_by(&mut terms, |a, b| a.0.cmp(&b.0));
    terms.into_iter().map(|(_, term)| term).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(selector: &str, labels: &[(&str, &str)], expected: bool) {
        let labels = labels.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        let parsed = Selector::parse(selector).unwrap_or_else(|e| panic!("{selector}: {e}"));
        assert_eq!(parsed.matches(Some(&labels)), expected, "{selector} {labels:?}");
    }

    #[test]
    fn matching() {
        check("", &[], true);
        check("app=web", &[("app", "web")], true);
        check("app==web,tier=x", &[("app", "web")], false);
        check("app!=web", &[], true);
        check("app in (a, b),!old", &[("app", "b")], true);
        check("app notin (a,b)", &[("app", "b")], false);
        check("app", &[("app", "")], true);
        check("!app", &[("app", "")], false);
    }

    #[test]
    fn refused() {
        assert!(Selector::parse("app in a").is_err());
        assert!(Selector::parse("a b c").is_err());
    }
}
