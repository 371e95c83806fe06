//! From arguments to objects: `deployment/web`, `rs -l app=web`, `pods,svc`, `all`, `-f FILE`.
//! Models k8s.io/cli-runtime/pkg/resource/builder.go.

use serde_json::Value;

use super::client::{Client, body};
use super::failure::Failure;
use super::{Job, manifest};
use crate::api::labels::Selector;
use crate::api::{Key, Kind, Object, Scope};

/// Kinds that `all` stands for, in the order of the API server's discovery.
const ALL: &[&str] = &[
    "Pod",
    "ReplicationController",
    "Service",
    "DaemonSet",
    "Deployment",
    "ReplicaSet",
    "StatefulSet",
    "HorizontalPodAutoscaler",
    "CronJob",
    "Job",
];

/// What stands for a kind's objects when no name was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nameless {
    /// All of them.
    All,
    /// A mistake.
    Refused,
}

/// One thing that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Want {
    One(Key),
    Every(Kind),
}

/// Everything that was asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Selection {
    pub wants: Vec<Want>,
    /// Every namespace, not only the client's.
    pub everywhere: bool,
    labels: Selector,
    fields: Vec<Term>,
}

/// One term of a field selector.
#[derive(Clone, Debug)]
struct Term {
    path: String,
    equal: bool,
    value: String,
}

impl Selection {
    /// Objects and kinds without any condition.
    pub fn of(wants: Vec<Want>) -> Selection {
        Selection { wants, ..Selection::default() }
    }

    /// One of the things asked for, on the same conditions.
    pub fn only(&self, want: &Want) -> Selection {
        Selection { wants: vec![want.clone()], ..self.clone() }
    }

    /// Whether single objects were named.
    pub fn names_objects(&self) -> bool {
        self.wants.iter().any(|want| matches!(want, Want::One(_)))
    }

    /// Whether an object of a kind asked for fits the selectors.
    pub fn matches(&self, object: &Object) -> bool {
        if !self.labels.matches(object.meta().labels.as_ref()) {
            return false;
        }
        if self.fields.is_empty() {
            return true;
        }
        let body = body(object);
        self.fields.iter().all(|term| (field(&body, &term.path) == term.value) == term.equal)
    }

    /// The kinds asked for, once each.
    pub fn kinds(&self) -> Vec<Kind> {
        let mut kinds = Vec::new();
        for want in &self.wants {
            let kind = match want {
                Want::One(key) => key.kind,
                Want::Every(kind) => *kind,
            };
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        kinds
    }
}

/// A field as a field selector sees it: absent ones are empty.
fn field(body: &Value, path: &str) -> String {
    let found = path.split('.').try_fold(body, |value, name| value.get(name));
    match found {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}

/// The kinds that a resource argument names.
///
/// # Errors
/// There is no such resource type.
pub(super) fn kinds(text: &str) -> Result<Vec<Kind>, Failure> {
    let mut found = Vec::new();
    for name in text.split(',').filter(|name| !name.is_empty()) {
        if name == "all" {
            found.extend(ALL.iter().filter_map(|name| Kind::ALL.iter().copied().find(|k| k.name() == *name)));
        } else {
            found.push(kind(name)?);
        }
    }
    Ok(found)
}

/// The kind that a word names: `deployments`, `deploy`, `Deployment`, `deployments.apps`, `deployment.v1.apps`.
fn kind(text: &str) -> Result<Kind, Failure> {
    let lower = text.to_lowercase();
    let (name, group) = lower.split_once('.').unwrap_or((&lower, ""));
    let fits = |kind: &&Kind| {
        let named = kind.plural() == name || kind.singular() == name || kind.short_names().contains(&name);
        let qualified = format!("{}.{}", kind.version(), kind.group());
        named && (group.is_empty() || kind.group() == group || qualified.trim_end_matches('.') == group)
    };
    Kind::ALL
        .iter()
        .find(fits)
        .copied()
        .ok_or_else(|| Failure::message(format!("the server doesn't have a resource type \"{text}\"")))
}

/// The words before the first `key=value` or `key-`, and the rest. Models cmdutil.GetResourcesAndPairs.
pub(super) fn split_pairs<'w>(
    words: &'w [String],
    what: &str,
) -> Result<(&'w [String], &'w [String]), Failure> {
    let is_pair = |word: &String| {
        (word.contains('=') && !word.starts_with('=')) || (word.ends_with('-') && word != "-")
    };
    let first = words.iter().position(is_pair).unwrap_or(words.len());
    let (resources, pairs) = words.split_at(first);
    match pairs.iter().find(|word| !is_pair(word)) {
        Some(word) => {
            let text = format!("all resources must be specified before {what} changes: {word}");
            Err(Failure::message(text))
        }
        None => Ok((resources, pairs)),
    }
}

impl Job<'_> {
    /// What arguments and selectors ask for.
    pub(super) fn selection(&self, words: &[String], nameless: Nameless) -> Result<Selection, Failure> {
        let labels = self.args.value("selector").unwrap_or_default();
        let mut selection = Selection {
            labels: Selector::parse(labels).map_err(Failure::message)?,
            everywhere: self.args.is_set("all-namespaces"),
            ..Selection::default()
        };
        if let Some(text) = self.args.value("field-selector") {
            selection.fields = field_terms(text)?;
        }
        let selects = !labels.is_empty() || !selection.fields.is_empty() || self.args.is_set("all");
        selection.wants = wants(&self.client, words, nameless == Nameless::All || selects)?;
        if !labels.is_empty() && selection.names_objects() {
            return Err(Failure::message("name cannot be provided when a selector is specified"));
        }
        Ok(selection)
    }

    /// The objects asked for, and what could not be had.
    pub(super) fn fetch(&self, selection: &Selection) -> (Vec<Object>, Vec<Failure>) {
        let (mut objects, mut failures) = (Vec::new(), Vec::new());
        for want in &selection.wants {
            match want {
                Want::One(key) => match self.client.get(key) {
                    Ok(object) => objects.push(object),
                    Err(failure) => failures.push(failure),
                },
                Want::Every(kind) => {
                    let namespace = match kind.scope() {
                        Scope::Namespaced if !selection.everywhere => Some(self.client.namespace.as_str()),
                        _ => None,
                    };
                    let all = self.client.list(*kind, namespace).into_iter();
                    objects.extend(all.filter(|object| selection.matches(object)));
                }
            }
        }
        (objects, failures)
    }

    /// The objects that arguments or files name, for commands that change what exists.
    pub(super) fn targets(
        &self,
        words: &[String],
        nameless: Nameless,
    ) -> Result<(Vec<Object>, Vec<Failure>), Failure> {
        let files = self.args.list("filename");
        if files.is_empty() {
            return Ok(self.fetch(&self.selection(words, nameless)?));
        }
        if !words.is_empty() {
            let text = "when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well";
            return Err(Failure::message(text));
        }
        let (manifests, mut failures) = manifest::read(self, &files);
        let mut objects = Vec::new();
        for manifest in manifests {
            match self.client.get(&manifest.key) {
                Ok(object) => objects.push(object),
                Err(failure) => failures.push(failure),
            }
        }
        Ok((objects, failures))
    }
}

/// Models Builder.ResourceTypeOrNameArgs.
fn wants(client: &Client<'_>, words: &[String], all: bool) -> Result<Vec<Want>, Failure> {
    let Some((first, names)) = words.split_first() else { return Ok(Vec::new()) };
    if words.iter().any(|word| word.contains('/')) {
        return words
            .iter()
            .map(|word| named(client, word))
            .collect::<Result<Vec<_>, _>>()
            .map(|all| all.concat());
    }
    let kinds = kinds(first)?;
    if names.is_empty() {
        if !all {
            return Err(Failure::message("resource(s) were provided, but no name was specified"));
        }
        return Ok(kinds.into_iter().map(Want::Every).collect());
    }
    let pairs = names.iter().flat_map(|name| kinds.iter().map(move |kind| (*kind, name)));
    Ok(pairs.map(|(kind, name)| Want::One(client.key(kind, name))).collect())
}

fn named(client: &Client<'_>, word: &str) -> Result<Vec<Want>, Failure> {
    let Some((resource, name)) = word.split_once('/') else {
        let text = "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'";
        return Err(Failure::message(text));
    };
    if name.contains('/') {
        return Err(Failure::message("arguments in resource/name form may not have more than one slash"));
    }
    if resource.is_empty() || name.is_empty() {
        let text = "arguments in resource/name form must have a single resource and name";
        return Err(Failure::message(text));
    }
    Ok(kinds(resource)?.into_iter().map(|kind| Want::One(client.key(kind, name))).collect())
}

fn field_terms(text: &str) -> Result<Vec<Term>, Failure> {
    let term = |part: &str| {
        let split = |operator: &str| {
            part.split_once(operator).map(|(path, value)| (path.to_string(), value.to_string()))
        };
        let (equal, found) = match split("!=") {
            Some(found) => (false, Some(found)),
            None => (true, split("==").or_else(|| split("="))),
        };
        let (path, value) = found.ok_or_else(|| {
            Failure::message(format!("invalid selector: '{text}'; can't understand '{part}'"))
        })?;
        Ok(Term { path, equal, value })
    };
    text.split(',').filter(|part| !part.is_empty()).map(term).collect()
}
