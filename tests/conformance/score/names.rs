//! Aliases for the names that a cluster makes up, in the order in which the objects first appear.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::clean;
use super::trace::{controller, text_at};

/// Generated names of a trace and what they are called in a comparison.
pub struct Names {
    aliases: BTreeMap<String, BTreeMap<String, String>>,
    /// Names to replace in texts, longest first.
    replacements: Vec<(String, String)>,
}

impl Names {
    /// `objects` are (kind, object) in the order of the trace, without Events.
    pub fn new<'a>(objects: impl Iterator<Item = (&'a str, &'a Value)>) -> Names {
        let mut seen = BTreeSet::new();
        let mut first: Vec<_> = objects
            .map(|(kind, object)| (kind, text_at(&object["metadata"], "name"), object))
            .filter(|(kind, name, _)| seen.insert((*kind, *name)))
            .collect();
        // Owners before owned, older before newer.
        first.sort_by_key(|(kind, name, object)| {
            let created = text_at(&object["metadata"], "creationTimestamp");
            (rank(kind), created, revision(object), *name)
        });
        let mut names = Names { aliases: BTreeMap::new(), replacements: Vec::new() };
        let mut counters = BTreeMap::new();
        for (kind, name, object) in first {
            let alias = names.make_alias(kind, name, &object["metadata"], &mut counters);
            if alias != name {
                names.replacements.push((name.to_owned(), alias.clone()));
            }
            names.aliases.entry(kind.to_owned()).or_default().insert(name.to_owned(), alias);
        }
        names.replacements.sort_by_key(|(name, _)| std::cmp::Reverse(name.chars().count()));
        names
    }

    fn make_alias(
        &self,
        kind: &str,
        name: &str,
        metadata: &Value,
        counters: &mut BTreeMap<(String, String), usize>,
    ) -> String {
        let mut next = |base: &str| {
            let counter = counters.entry((kind.to_owned(), base.to_owned())).or_default();
            *counter += 1;
            *counter
        };
        let Some(owner) = controller(metadata) else {
            if is_provisioned(name) {
                return format!("pvc-<{}>", next("pvc-"));
            }
            return match text_at(metadata, "generateName") {
                "" => name.to_owned(),
                base => format!("{base}<{}>", next("generated")),
            };
        };
        let owner_kind = text_at(owner, "kind");
        let owner_alias = self.of(owner_kind, text_at(owner, "name"));
        match kind {
            "ReplicaSet" | "Job" | "EndpointSlice" => {
                format!("{owner_alias}<{}>", next(owner_alias))
            }
            "Pod" if owner_kind != "StatefulSet" => {
                match metadata["annotations"]["batch.kubernetes.io/job-completion-index"].as_str() {
                    Some(index) => format!("{owner_alias}/pod[{index}]"),
                    None => format!("{owner_alias}/pod"),
                }
            }
            _ => name.to_owned(),
        }
    }

    /// The alias of an object; its own name when nothing of it is made up.
    pub fn of<'a>(&'a self, kind: &str, name: &'a str) -> &'a str {
        self.aliases.get(kind).and_then(|names| names.get(name)).map_or(name, String::as_str)
    }

    /// A message with aliases in place of names, and without what is made up.
    pub fn clean(&self, message: &str) -> String {
        let mut text = message.to_owned();
        for (name, alias) in &self.replacements {
            if text.contains(name.as_str()) {
                text = text.replace(name.as_str(), alias);
            }
        }
        clean::clean(&text)
    }
}

fn rank(kind: &str) -> u8 {
    match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" | "CronJob" | "Service" => 0,
        "ReplicaSet" | "Job" => 1,
        _ => 2,
    }
}

fn revision(object: &Value) -> i64 {
    let revision = object["metadata"]["annotations"]["deployment.kubernetes.io/revision"].as_str();
    revision.and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// Whether a provisioner made the name: `pvc-` and a uid.
fn is_provisioned(name: &str) -> bool {
    let Some(uid) = name.strip_prefix("pvc-") else {
        return false;
    };
    let parts: Vec<_> = uid.split('-').collect();
    let hex = |part: &&str| part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && parts.iter().all(hex)
}
