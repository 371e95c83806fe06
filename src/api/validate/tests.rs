//! Manifests and what the real API server (v1.36) said about them.

use serde_json::{Value, json};

use super::*;
use crate::api::{Time, codec, defaults};

fn decoded(manifest: Value) -> Object {
    let kind = codec::kind_of(&manifest).expect("a kind we serve");
    let mut object = codec::decode(kind, manifest).expect("a well-typed object");
    if kind.scope() == crate::api::Scope::Namespaced {
        object.meta_mut().namespace.get_or_insert_with(|| "lab".into());
    }
    object
}

fn now() -> Time {
    Time("2026-11-24T16:34:48Z".parse().expect("a date"))
}

fn created(manifest: Value) -> Object {
    let mut object = decoded(manifest);
    defaults::apply(&mut object);
    defaults::prepare_create(&mut object, &now());
    object
}

fn updated(manifest: Value, old: &Object) -> Object {
    let mut object = decoded(manifest);
    defaults::apply(&mut object);
    defaults::prepare_update(&mut object, old);
    object
}

fn faults(result: Result<(), Status>) -> Vec<String> {
    let causes = result.err().map(|status| status.causes).unwrap_or_default();
    causes.into_iter().map(|cause| format!("{}: {}", cause.field, cause.message)).collect()
}

/// What admission and binding add on a real cluster, and `kubectl apply` leaves alone.
fn settle(manifest: &mut Value) {
    if manifest["kind"] == "Service" && manifest["spec"]["clusterIP"].is_null() {
        manifest["spec"]["clusterIP"] = json!("10.96.0.5");
    }
    if manifest["kind"] != "Pod" {
        return;
    }
    let tolerate =
        |key| json!({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300});
    let spec = &mut manifest["spec"];
    spec["tolerations"] =
        json!([tolerate("node.kubernetes.io/not-ready"), tolerate("node.kubernetes.io/unreachable")]);
    spec["serviceAccountName"] = json!("default");
    spec["nodeName"] = json!("node-3");
    spec["priority"] = json!(0);
    spec["preemptionPolicy"] = json!("PreemptLowerPriority");
    let field =
        json!({"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}});
    let config = |name, key| json!({"configMap": {"name": name, "items": [{"key": key, "path": key}]}});
    spec["volumes"] = json!([{"name": "kube-api-access-x", "projected": {"sources": [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        config("kube-root-ca.crt", "ca.crt"),
        {"downwardAPI": {"items": [field]}},
        config("openshift-service-ca.crt", "service-ca.crt"),
    ]}}]);
    for container in spec["containers"].as_array_mut().into_iter().flatten() {
        container["volumeMounts"] = json!([{"name": "kube-api-access-x", "readOnly": true,
            "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}]);
    }
}

fn yaml(text: &Value) -> Value {
    serde_yaml::from_str(text.as_str().expect("text")).expect("YAML")
}

#[test]
fn as_recorded() {
    for line in include_str!("recorded.jsonl").lines() {
        let row: Value = serde_json::from_str(line).expect("JSON");
        let name = &row["name"];
        let mut manifest = yaml(&row["manifest"]);
        let (object, result) = if row["setup"].is_string() {
            let mut setup = yaml(&row["setup"]);
            settle(&mut setup);
            settle(&mut manifest);
            let old = created(setup);
            let new = updated(manifest, &old);
            (new.clone(), update(&new, &old))
        } else {
            let object = created(manifest);
            (object.clone(), create(&object))
        };
        let texts = |value: &Value| -> Vec<String> {
            value
                .as_array()
                .into_iter()
                .flatten()
                .map(|text| text.as_str().unwrap_or_default().into())
                .collect()
        };
        assert_eq!(faults(result).join("\n"), texts(&row["faults"]).join("\n"), "{name}");
        if row["faults"].is_null() && row["setup"].is_null() {
            assert_eq!(warnings(&object), texts(&row["warnings"]), "{name}");
        }
    }
}
