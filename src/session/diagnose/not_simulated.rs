//! What a real cluster acts on and the simulation does not: the one list of it.
//!
//! A row goes when its feature comes. Paths lead through maps and, with `[]`, through the items of lists.

use serde_json::Value;

use super::advice::Advice;
use super::locate::Spot;
use super::model::{Code, Diagnostic, Severity};
use crate::api::Kind;
use crate::api::yaml::Range;

/// A field, and the values that ask for nothing special.
type Row = (&'static str, &'static [&'static str]);

const POD: &[Row] = &[
    ("affinity.podAffinity", &[]),
    ("affinity.podAntiAffinity", &[]),
    ("topologySpreadConstraints", &[]),
    ("schedulingGates", &[]),
    ("schedulingGroup", &[]),
    ("priorityClassName", &[]),
    ("overhead", &[]),
    ("resourceClaims", &[]),
    ("runtimeClassName", &[]),
    ("dnsPolicy", &["ClusterFirst"]),
    ("ephemeralContainers", &[]),
    ("hostIPC", &["false"]),
    ("hostUsers", &["true"]),
    ("hostnameOverride", &[]),
    ("imagePullSecrets", &[]),
    ("setHostnameAsFQDN", &["false"]),
    ("securityContext.appArmorProfile", &[]),
    ("securityContext.fsGroup", &[]),
    ("securityContext.runAsNonRoot", &["false"]),
    ("securityContext.seLinuxOptions", &[]),
    ("securityContext.seccompProfile", &[]),
    ("securityContext.supplementalGroups", &[]),
    ("securityContext.sysctls", &[]),
    ("securityContext.windowsOptions", &[]),
    ("volumes[].configMap", &[]),
    ("volumes[].secret", &[]),
    ("volumes[].persistentVolumeClaim", &[]),
    ("volumes[].hostPath", &[]),
    ("volumes[].nfs", &[]),
    ("volumes[].csi", &[]),
    ("volumes[].iscsi", &[]),
    ("volumes[].fc", &[]),
    ("volumes[].image", &[]),
    ("volumes[].ephemeral", &[]),
    ("volumes[].emptyDir.sizeLimit", &[]),
    ("volumes[].projected.sources[].configMap", &[]),
    ("volumes[].projected.sources[].secret", &[]),
];

/// Of every container.
const CONTAINER: &[Row] = &[
    ("envFrom", &[]),
    ("env[].valueFrom.configMapKeyRef", &[]),
    ("env[].valueFrom.secretKeyRef", &[]),
    ("env[].valueFrom.resourceFieldRef", &[]),
    ("env[].valueFrom.fileKeyRef", &[]),
    ("lifecycle.stopSignal", &[]),
    ("resizePolicy", &[]),
    ("resources.claims", &[]),
    ("restartPolicyRules", &[]),
    ("securityContext.allowPrivilegeEscalation", &["true"]),
    ("securityContext.appArmorProfile", &[]),
    ("securityContext.capabilities", &[]),
    ("securityContext.privileged", &["false"]),
    ("securityContext.runAsNonRoot", &["false"]),
    ("securityContext.seLinuxOptions", &[]),
    ("securityContext.seccompProfile", &[]),
    ("volumeDevices", &[]),
    ("volumeMounts[].mountPropagation", &["None"]),
    ("volumeMounts[].subPathExpr", &[]),
];

const SERVICE: &[Row] = &[
    ("spec.externalIPs", &[]),
    ("spec.externalTrafficPolicy", &["Cluster"]),
    ("spec.internalTrafficPolicy", &["Cluster"]),
    ("spec.loadBalancerClass", &[]),
    ("spec.loadBalancerIP", &[]),
    ("spec.loadBalancerSourceRanges", &[]),
    ("spec.sessionAffinity", &["None"]),
    ("spec.type", &["ClusterIP", "ExternalName", "NodePort"]),
];

/// Kinds of version v1 that every cluster serves and whose types are not known here, by group.
const BUILT_IN: &[(&str, &[&str])] = &[
    (
        "admissionregistration.k8s.io",
        &["MutatingWebhookConfiguration", "ValidatingAdmissionPolicy", "ValidatingWebhookConfiguration"],
    ),
    ("apiregistration.k8s.io", &["APIService"]),
    ("certificates.k8s.io", &["CertificateSigningRequest"]),
    ("flowcontrol.apiserver.k8s.io", &["FlowSchema", "PriorityLevelConfiguration"]),
    ("networking.k8s.io", &["IngressClass", "NetworkPolicy", "ServiceCIDR", "IPAddress"]),
    ("node.k8s.io", &["RuntimeClass"]),
    ("rbac.authorization.k8s.io", &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"]),
    ("resource.k8s.io", &["DeviceClass", "ResourceClaim", "ResourceClaimTemplate", "ResourceSlice"]),
    (
        "storage.k8s.io",
        &["CSIDriver", "CSINode", "CSIStorageCapacity", "VolumeAttachment", "VolumeAttributesClass"],
    ),
];

/// Whether a real cluster serves the kind although its types are not known here.
pub(super) fn is_built_in(api_version: &str, kind: &str) -> bool {
    let Some((group, "v1")) = api_version.split_once('/') else { return false };
    BUILT_IN.iter().any(|(known, kinds)| *known == group && kinds.contains(&kind))
}

/// The whole kind is not simulated.
pub(super) fn kind(kind: &str, range: Range) -> Diagnostic {
    told(range, format!("{kind} is not simulated"), Advice::KindNotSimulated { kind: kind.into() })
}

/// The fields of an object that are not simulated.
pub(super) fn fields(kind: Kind, root: Spot<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let pod = match kind {
        Kind::Pod => "spec",
        Kind::Deployment | Kind::ReplicaSet => "spec.template.spec",
        Kind::Service => {
            rows(SERVICE, root, "", &mut found);
            return found;
        }
        Kind::Namespace | Kind::Node | Kind::EndpointSlice | Kind::Event => return found,
    };
    let spec = root.find(pod);
    if !spec.is_whole() {
        return found;
    }
    rows(POD, spec, pod, &mut found);
    for list in ["containers", "initContainers"] {
        let Some(containers) = spec.entry(list) else { continue };
        for index in 0..containers.node.items().len() {
            if let Some(container) = containers.item(index) {
                rows(CONTAINER, container, &format!("{pod}.{list}[{index}]"), &mut found);
            }
        }
    }
    found
}

fn rows(rows: &[Row], spot: Spot<'_>, path: &str, found: &mut Vec<Diagnostic>) {
    for (field, usual) in rows {
        let dot = if path.is_empty() { "" } else { "." };
        row(field, usual, spot, &format!("{path}{dot}"), found);
    }
}

fn row(field: &str, usual: &[&str], spot: Spot<'_>, path: &str, found: &mut Vec<Diagnostic>) {
    let (step, rest) = field.split_once('.').unwrap_or((field, ""));
    let name = step.trim_end_matches("[]");
    let Some(next) = spot.entry(name) else { return };
    let path = format!("{path}{name}");
    if name != step {
        for index in 0..next.node.items().len() {
            if let Some(item) = next.item(index) {
                row(rest, usual, item, &format!("{path}[{index}]."), found);
            }
        }
    } else if !rest.is_empty() {
        row(rest, usual, next, &format!("{path}."), found);
    } else if !is_usual(next.value, usual) {
        let range = next.key.unwrap_or(next.node.range);
        found.push(told(
            range,
            format!("{path} is not simulated"),
            Advice::NotSimulated { field: name.into() },
        ));
    }
}

/// Nothing is asked for, or what happens anyway.
fn is_usual(value: &Value, usual: &[&str]) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::String(text) => usual.contains(&text.as_str()) || text.is_empty(),
        Value::Bool(value) => usual.contains(&if *value { "true" } else { "false" }),
        _ => false,
    }
}

fn told(range: Range, message: String, advice: Advice) -> Diagnostic {
    Diagnostic { range, severity: Severity::Info, code: Code::NotSimulated, message, advice, fix: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::schema::{self, Type};

    fn check(of: &'static Type, field: &str) {
        let mut of = Some(of);
        for step in field.split('.') {
            let shape = of.and_then(|of| of.field(step.trim_end_matches("[]")));
            let shape = shape.unwrap_or_else(|| panic!("no field {field}"));
            of = shape.value.structure();
        }
    }

    #[test]
    fn every_row_is_a_field() {
        let root = |kind| schema::root("v1", kind).expect("a kind");
        let pod = root("Pod").field("spec").and_then(|spec| spec.value.structure()).expect("a spec");
        let container = pod.field("containers").and_then(|list| list.value.structure()).expect("a container");
        SERVICE.iter().for_each(|row| check(root("Service"), row.0));
        POD.iter().for_each(|row| check(pod, row.0));
        CONTAINER.iter().for_each(|row| check(container, row.0));
    }
}
