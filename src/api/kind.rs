//! Kinds of objects, and the key that names one object.

use std::fmt;
use std::sync::Arc;

/// Whether objects of a kind live inside a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Namespaced,
    Cluster,
}

macro_rules! kinds {
    ($($kind:ident: $group:literal / $version:literal, $plural:literal, $singular:literal, [$($short:literal),*], $scope:ident;)*) => {
        /// A kind that the API server serves, in the order in which `kubectl get all` would group them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($kind),* }

        impl Kind {
            /// Every kind there is.
            pub const ALL: &'static [Kind] = &[$(Kind::$kind),*];

            const fn row(self) -> &'static Row {
                match self { $(Kind::$kind => &Row {
                    name: stringify!($kind), group: $group, version: $version, plural: $plural,
                    singular: $singular, short: &[$($short),*], scope: Scope::$scope,
                }),* }
            }
        }
    };
}

struct Row {
    name: &'static str,
    group: &'static str,
    version: &'static str,
    plural: &'static str,
    singular: &'static str,
    short: &'static [&'static str],
    scope: Scope,
}

kinds! {
    Namespace: "" / "v1", "namespaces", "namespace", ["ns"], Cluster;
    Node: "" / "v1", "nodes", "node", ["no"], Cluster;
    Pod: "" / "v1", "pods", "pod", ["po"], Namespaced;
    ReplicaSet: "apps" / "v1", "replicasets", "replicaset", ["rs"], Namespaced;
    Deployment: "apps" / "v1", "deployments", "deployment", ["deploy"], Namespaced;
    Service: "" / "v1", "services", "service", ["svc"], Namespaced;
    EndpointSlice: "discovery.k8s.io" / "v1", "endpointslices", "endpointslice", [], Namespaced;
    Event: "" / "v1", "events", "event", ["ev"], Namespaced;
}

impl Kind {
    /// The kind's name as in a manifest: `Deployment`.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The API group, empty for the core group.
    pub fn group(self) -> &'static str {
        self.row().group
    }

    /// The version within the group.
    pub fn version(self) -> &'static str {
        self.row().version
    }

    /// `apps/v1`, or `v1` for the core group.
    pub fn api_version(self) -> String {
        let row = self.row();
        if row.group.is_empty() { row.version.into() } else { format!("{}/{}", row.group, row.version) }
    }

    /// The resource's plural name: `deployments`.
    pub fn plural(self) -> &'static str {
        self.row().plural
    }

    /// The resource's singular name: `deployment`.
    pub fn singular(self) -> &'static str {
        self.row().singular
    }

    /// Short names that kubectl accepts: `deploy`.
    pub fn short_names(self) -> &'static [&'static str] {
        self.row().short
    }

    /// The resource with its group as errors name it: `deployments.apps`, `pods`.
    pub fn resource(self) -> String {
        let row = self.row();
        if row.group.is_empty() { row.plural.into() } else { format!("{}.{}", row.plural, row.group) }
    }

    /// Whether objects of this kind live in a namespace.
    pub fn scope(self) -> Scope {
        self.row().scope
    }

    /// The kind with this name and group and version, if it is served.
    pub fn of(api_version: &str, name: &str) -> Option<Kind> {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Kind::ALL.iter().copied().find(|kind| {
            let row = kind.row();
            row.name == name && row.group == group && row.version == version
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Names one object. Cheap to clone: its strings are shared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub kind: Kind,
    /// Empty for kinds that live outside namespaces.
    pub namespace: Arc<str>,
    pub name: Arc<str>,
}

impl Key {
    /// A key; `namespace` is dropped for kinds that live outside namespaces.
    pub fn new(kind: Kind, namespace: &str, name: &str) -> Key {
        let namespace = match kind.scope() {
            Scope::Namespaced => namespace,
            Scope::Cluster => "",
        };
        Key { kind, namespace: namespace.into(), name: name.into() }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.namespace.is_empty() {
            true => write!(f, "{} {}", self.kind, self.name),
            false => write!(f, "{} {}/{}", self.kind, self.namespace, self.name),
        }
    }
}
