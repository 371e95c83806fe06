//! Which lists are merged by which key: the API's own x-kubernetes-patch-strategy and x-kubernetes-patch-merge-key.

use crate::api::Kind;

/// How a field is patched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Strategy {
    pub how: How,
    /// What a patch does not name is dropped: for unions.
    pub retain_keys: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum How {
    /// Maps are merged, lists are replaced.
    #[default]
    Usual,
    /// A list of objects, merged by this key.
    ByKey(&'static str),
    /// A list of scalars, merged as a set.
    Set,
    /// A map that is replaced whole.
    Replace,
}

/// Where in an object of a kind one is: the field that holds the map at hand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schema<'a> {
    kind: Kind,
    within: &'a str,
}

/// Fields of containers, by name.
const CONTAINER: &[(&str, &str)] = &[
    ("ports", "containerPort"),
    ("env", "name"),
    ("volumeMounts", "mountPath"),
    ("volumeDevices", "devicePath"),
];

/// Fields of specs, by name. No two kinds use a name differently.
const SPEC: &[(&str, &str)] = &[
    ("containers", "name"),
    ("initContainers", "name"),
    ("ephemeralContainers", "name"),
    ("imagePullSecrets", "name"),
    ("hostAliases", "ip"),
    ("topologySpreadConstraints", "topologyKey"),
    ("schedulingGates", "name"),
    ("resourceClaims", "name"),
    ("volumes", "name"),
    ("drivers", "name"),
];

/// Fields of statuses, by name.
const STATUS: &[(&str, &str)] = &[
    ("conditions", "type"),
    ("addresses", "type"),
    ("podIPs", "ip"),
    ("hostIPs", "ip"),
    ("resourceClaimStatuses", "name"),
];

impl<'a> Schema<'a> {
    /// The object itself.
    pub fn root(kind: Kind) -> Schema<'a> {
        Schema { kind, within: "" }
    }

    /// How a field of the map at hand is patched, and the place inside it.
    pub fn field<'b>(self, name: &'b str) -> (Schema<'b>, Strategy) {
        (Schema { kind: self.kind, within: name }, self.strategy(name))
    }

    fn strategy(self, name: &str) -> Strategy {
        let by_key = |table: &[(&str, &'static str)]| {
            let row = table.iter().find(|(field, _)| *field == name);
            row.map_or(How::Usual, |(_, key)| How::ByKey(key))
        };
        let how = match (self.within, name) {
            ("metadata", "ownerReferences") => How::ByKey("uid"),
            ("metadata", "finalizers") => How::Set,
            ("spec", "ports") if self.kind.name() == "Service" => How::ByKey("port"),
            ("spec", "podCIDRs") => How::Set,
            ("spec", "selector") if self.kind.name() == "PodDisruptionBudget" => How::Replace,
            ("", "secrets") => How::ByKey("name"),
            ("containers" | "initContainers" | "ephemeralContainers", _) => by_key(CONTAINER),
            ("spec", _) => by_key(SPEC),
            ("status", _) => by_key(STATUS),
            _ => How::Usual,
        };
        let retain_keys = match (self.within, name) {
            ("spec", "strategy") => self.kind.name() == "Deployment",
            ("spec", "volumes" | "resourceClaims") | ("status", "resourceClaimStatuses") => true,
            _ => false,
        };
        Strategy { how, retain_keys }
    }
}
