//! The scenario file: what to run, on what cluster, with which steps.

use crate::api::order;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::api::Moment;
use crate::api::core::Taint;
use crate::api::labels::Labels;
use crate::api::moment::Epoch;
use crate::cluster::{Config, KubeletMode, NodeConfig};

/// The apiVersion of scenario documents.
pub const API_VERSION: &str = "podscope.dev/v1";
/// The name under which the other documents of a scenario file are found.
pub const MANIFEST: &str = "manifest.yaml";
/// How many nodes a scenario can have.
const MAX_NODES: usize = 5_000;
/// How long a scenario runs that does not say it.
const DEFAULT_UNTIL: Duration = Duration::from_secs(120);

/// A scenario with the files that its steps name.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    pub name: String,
    pub namespace: String,
    pub seed: u64,
    pub epoch: Epoch,
    pub until: Moment,
    pub kubelet: KubeletMode,
    pub nodes: Vec<NodeConfig>,
    /// In the order of their times.
    pub steps: Vec<Step>,
    /// File name → text.
    pub files: BTreeMap<String, String>,
}

/// Something that happens to the cluster from outside, at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub at: Moment,
    /// `$POD` in the action is the Pod picked so.
    pub pick: Option<Pick>,
    pub action: Action,
    /// A refusal is part of the scenario.
    pub may_fail: bool,
}

/// The index-th Pod, sorted by name, that the selector matches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pick {
    #[serde(default)]
    pub selector: String,
    #[serde(default)]
    pub index: usize,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// A command line that a person would type.
    Run(String),
    Node(NodeAction),
    /// Evicts this Pod.
    Evict(String),
    Load(Load),
    OwnedBy(serde_json::Value),
}

impl fmt::Display for Action {
    /// As a person would say it in a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::Run(line) => f.write_str(line),
            Action::Node(node) => write!(f, "node {}: {}", node.name, node.action),
            Action::Evict(pod) => write!(f, "evict {pod}"),
            Action::Load(load) => write!(f, "load {}m on {}", load.cpu_millicores, load.selector),
            Action::OwnedBy(_) => f.write_str("set an ownerReference"),
        }
    }
}

/// What happens to a node's kubelet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NodeAction {
    pub name: String,
    /// `start`, `stop`, `freeze` or `thaw`.
    pub action: String,
    #[serde(default)]
    pub labels: Labels,
    #[serde(default)]
    pub taints: Vec<Taint>,
}

/// The CPU that all ready Pods matched use together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Load {
    #[serde(default)]
    pub selector: String,
    #[serde(default)]
    pub cpu_millicores: i64,
}

/// Why a scenario cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Line in the file, from 1, if known.
    pub line: Option<usize>,
    pub message: String,
}

impl Fault {
    fn new(message: impl Into<String>) -> Fault {
        Fault { line: None, message: message.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document {
    #[serde(rename = "apiVersion")]
    api_version: String,
    #[serde(rename = "kind")]
    _kind: String,
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    spec: Spec,
}

#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Spec {
    #[serde(default)]
    seed: u64,
    namespace: Option<String>,
    nodes: Option<Nodes>,
    kubelet: Option<String>,
    start_time: Option<String>,
    until: Option<String>,
    #[serde(default)]
    steps: Vec<StepDocument>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Nodes {
    Count(usize),
    List(Vec<NodeDocument>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NodeDocument {
    name: String,
    #[serde(default)]
    labels: Labels,
    #[serde(default)]
    taints: Vec<Taint>,
    #[serde(default)]
    capacity: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StepDocument {
    #[serde(default)]
    at: Option<String>,
    pick: Option<Pick>,
    run: Option<String>,
    node: Option<NodeAction>,
    evict: Option<String>,
    load: Option<Load>,
    owned_by: Option<serde_json::Value>,
    #[serde(default)]
    may_fail: bool,
}

impl Scenario {
    /// A scenario of one file: its documents but the Scenario are `manifest.yaml`, applied at 0 if no
    /// Scenario document says otherwise.
    ///
    /// # Errors
    /// The Scenario document is not one.
    pub fn from_file(text: &str) -> Result<Scenario, Fault> {
        let mut manifest = String::new();
        let mut found = None;
        for (first_line, document) in documents(text) {
            if is_scenario(document) {
                found = Some((first_line, document));
                continue;
            }
            if !manifest.is_empty() {
                manifest.push_str("---\n");
            }
            manifest.push_str(document);
        }
        let files = order::map([(MANIFEST.to_string(), manifest)]);
        match found {
            None => Ok(Scenario::of_manifest(files)),
            Some((first_line, document)) => Scenario::parse(document, files).map_err(|mut fault| {
                fault.line = Some(fault.line.unwrap_or(1) + first_line);
                fault
            }),
        }
    }

    /// A scenario whose files lie apart.
    ///
    /// # Errors
    /// `text` is not a Scenario document.
    pub fn parse(text: &str, files: BTreeMap<String, String>) -> Result<Scenario, Fault> {
        let document: Document = serde_yaml::from_str(text).map_err(|error| Fault {
            line: error.location().map(|place| place.line()),
            message: error.to_string(),
        })?;
        if document.api_version != API_VERSION {
            return Err(Fault::new(format!(
                "apiVersion must be {API_VERSION}, not {}",
                document.api_version
            )));
        }
        let spec = document.spec;
        let mut scenario = Scenario::of_manifest(files);
        scenario.name = document.metadata.name;
        scenario.seed = spec.seed;
        if let Some(namespace) = spec.namespace {
            scenario.namespace = namespace;
        }
        if let Some(text) = spec.start_time {
            scenario.epoch =
                Epoch::parse(&text).ok_or_else(|| Fault::new(format!("startTime {text:?} is not a date")))?;
        }
        scenario.kubelet = match spec.kubelet.as_deref() {
            None | Some("real") => KubeletMode::Real,
            Some("scripted") => KubeletMode::Scripted,
            Some(other) => {
                return Err(Fault::new(format!("kubelet must be real or scripted, not {other:?}")));
            }
        };
        if let Some(nodes) = spec.nodes {
            scenario.nodes = read_nodes(nodes)?;
        }
        scenario.steps = spec.steps.into_iter().map(read_step).collect::<Result<_, _>>()?;
        order::sort_by_key(&mut scenario.steps, |step| step.at);
        scenario.until = match spec.until {
            Some(text) => Moment::START + duration(&text)?,
            None => scenario.steps.last().map_or(Moment::START, |step| step.at) + DEFAULT_UNTIL,
        };
        Ok(scenario)
    }

    fn of_manifest(files: BTreeMap<String, String>) -> Scenario {
        let step = Step {
            at: Moment::START,
            pick: None,
            action: Action::Run(format!("kubectl apply -f {MANIFEST}")),
            may_fail: false,
        };
        Scenario {
            name: String::new(),
            namespace: "default".into(),
            seed: 0,
            epoch: Epoch::default(),
            until: Moment::START + DEFAULT_UNTIL,
            kubelet: KubeletMode::Real,
            nodes: default_nodes(3),
            steps: vec![step],
            files,
        }
    }

    /// The cluster that the scenario begins with.
    pub fn config(&self) -> Config {
        Config { epoch: self.epoch, seed: self.seed, nodes: self.nodes.clone(), kubelet: self.kubelet }
    }
}

/// Whether a YAML document is the Scenario.
fn is_scenario(document: &str) -> bool {
    let says = |field: &str, value: &str| {
        document.lines().any(|line| {
            let rest = line.strip_prefix(field).map(str::trim);
            rest.is_some_and(|rest| rest.trim_matches(['"', '\'']) == value)
        })
    };
    says("kind:", "Scenario") && says("apiVersion:", API_VERSION)
}

/// The documents of a stream, each with the number of lines before it.
fn documents(text: &str) -> Vec<(usize, &str)> {
    let mut all = Vec::new();
    let (mut start, mut first_line, mut at) = (0, 0, 0);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if line.trim_end() == "---" {
            all.push((first_line, &text[start..at]));
            start = at + line.len();
            first_line = number + 1;
        }
        at += line.len();
    }
    all.push((first_line, &text[start..]));
    all.retain(|(_, document)| !document.trim().is_empty());
    all
}

fn default_nodes(count: usize) -> Vec<NodeConfig> {
    let node = |n| NodeConfig { name: format!("node-{n}"), ..NodeConfig::default() };
    (1..=count).map(node).collect()
}

fn read_nodes(nodes: Nodes) -> Result<Vec<NodeConfig>, Fault> {
    let list = match nodes {
        Nodes::Count(count) if count > MAX_NODES => {
            return Err(Fault::new(format!("nodes: at most {MAX_NODES}, not {count}")));
        }
        Nodes::Count(count) => default_nodes(count),
        Nodes::List(list) if list.len() > MAX_NODES => {
            return Err(Fault::new(format!("nodes: at most {MAX_NODES}, not {}", list.len())));
        }
        Nodes::List(list) => list
            .into_iter()
            .map(|NodeDocument { name, labels, taints, capacity }| NodeConfig {
                name,
                labels,
                taints,
                capacity,
                ..NodeConfig::default()
            })
            .collect(),
    };
    Ok(list)
}

fn read_step(step: StepDocument) -> Result<Step, Fault> {
    let at = Moment::START + duration(step.at.as_deref().unwrap_or("0s"))?;
    let actions = [
        step.run.map(Action::Run),
        step.node.map(Action::Node),
        step.evict.map(Action::Evict),
        step.load.map(Action::Load),
        step.owned_by.map(Action::OwnedBy),
    ];
    let mut actions = actions.into_iter().flatten();
    match (actions.next(), actions.next()) {
        (Some(action), None) => Ok(Step { at, pick: step.pick, action, may_fail: step.may_fail }),
        (None, _) => Err(Fault::new(format!(
            "the step at {at} does nothing: it needs run, node, evict, load or ownedBy"
        ))),
        (Some(_), Some(_)) => Err(Fault::new(format!("the step at {at} does two things: make it two steps"))),
    }
}

/// A span as Go writes it: `1.5s`, `2m`, `1h30m`, `250ms`.
///
/// # Errors
/// It is not one, or it is negative.
pub fn duration(text: &str) -> Result<Duration, Fault> {
    let fault = || Fault::new(format!("{text:?} is not a time: write 250ms, 12s, 1.5m or 1h30m"));
    let mut rest = text.trim();
    let mut seconds = 0.0;
    if rest.is_empty() {
        return Err(fault());
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(fault)?;
        let number: f64 = rest[..end].parse().map_err(|_| fault())?;
        rest = &rest[end..];
        let (unit, scale) = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0)]
            .into_iter()
            .find(|(unit, _)| rest.starts_with(unit))
            .ok_or_else(fault)?;
        seconds += number * scale;
        rest = &rest[unit.len()..];
    }
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|span| span.as_secs() < 100 * 365 * 86_400)
        .map(|span| Duration::from_micros((span.as_secs_f64() * 1e6).round() as u64))
        .ok_or_else(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_duration(text: &str, micros: Option<u64>) {
        let read = duration(text).ok().map(|span| span.as_micros() as u64);
        assert_eq!(read, micros, "{text}");
    }

    #[test]
    fn durations() {
        check_duration("40.2s", Some(40_200_000));
        check_duration("1h30m", Some(5_400_000_000));
        check_duration("250ms", Some(250_000));
        check_duration("0s", Some(0));
        check_duration("5", None);
        check_duration("", None);
        check_duration("-1s", None);
        check_duration("1e400s", None);
    }

    #[test]
    fn one_file() {
        let text = "apiVersion: v1\nkind: Pod\n---\napiVersion: podscope.dev/v1\nkind: Scenario\nmetadata: {name: x}\nspec:\n  nodes: 2\n  steps:\n  - {at: 3s, run: kubectl get pods}\n  - {at: 1s, evict: p}\n";
        let scenario = Scenario::from_file(text).unwrap();
        assert_eq!(scenario.nodes.len(), 2);
        assert_eq!(scenario.steps[0].action, Action::Evict("p".into()));
        assert_eq!(scenario.files[MANIFEST], "apiVersion: v1\nkind: Pod\n");
    }

    fn check_fault(text: &str, line: usize, part: &str) {
        let fault = Scenario::from_file(text).unwrap_err();
        assert!(fault.message.contains(part), "{fault}");
        assert_eq!(fault.line, Some(line), "{fault}");
    }

    #[test]
    fn faults_are_placed() {
        let head = "kind: Pod\n---\napiVersion: podscope.dev/v1\nkind: Scenario\nspec:\n";
        check_fault(&format!("{head}  sed: 1\n"), 6, "unknown field `sed`");
        check_fault(&format!("{head}  steps: [{{at: 1s}}]\n"), 3, "does nothing");
    }
}
