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

/// The faults of a new object.
fn check(manifest: Value, expected: &[&str]) {
    let found = faults(create(&created(manifest.clone())));
    assert_eq!(found.len(), expected.len(), "{manifest}\n{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{manifest}\n{found}\nis not\n{expected}");
    }
}

fn pod(spec: Value) -> Value {
    let mut spec = spec;
    if spec["containers"].is_null() {
        spec["containers"] = json!([{"name": "c", "image": "i"}]);
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec})
}

fn check_pod(spec: Value, expected: &[&str]) {
    check(pod(spec), expected);
}

fn check_container(fields: Value, expected: &[&str]) {
    let mut container = json!({"name": "c", "image": "i"});
    container.as_object_mut().expect("a map").extend(fields.as_object().cloned().unwrap_or_default());
    check(pod(json!({"containers": [container]})), expected);
}

#[test]
fn metadata() {
    let with = |meta: Value| {
        let mut manifest = pod(json!({}));
        manifest["metadata"] = meta;
        manifest
    };
    check(with(json!({})), &["metadata.name: Required value: name or generateName is required"]);
    check(
        with(json!({"name": "A"})),
        &["metadata.name: Invalid value: \"A\": a lowercase RFC 1123 subdomain"],
    );
    check(
        with(json!({"name": "a", "generateName": "AB-"})),
        &["metadata.generateName: Invalid value: \"AB-\": a lowercase RFC 1123 subdomain"],
    );
    check(
        with(json!({"name": "a", "annotations": {"a b": "x"}})),
        &["metadata.annotations: Invalid value: \"a b\": name part must consist of"],
    );
    check(
        with(json!({"name": "a", "annotations": {"a": "x".repeat(262_144)}})),
        &["metadata.annotations: Too long: may not be more than 262144 bytes"],
    );
    check(
        with(json!({"name": "a", "finalizers": ["mine"]})),
        &[
            "metadata.finalizers[0]: Invalid value: \"mine\": name is neither a standard finalizer name nor is it fully qualified",
        ],
    );
    check(
        with(
            json!({"name": "a", "ownerReferences": [{"apiVersion": "v1", "kind": "", "name": "n", "uid": "u"}]}),
        ),
        &["metadata.ownerReferences.kind: Invalid value: \"\": must not be empty"],
    );
}

#[test]
fn containers() {
    check_container(
        json!({"ports": [{"containerPort": 70000, "protocol": "HTTP"}]}),
        &[
            "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
            "spec.containers[0].ports[0].protocol: Unsupported value: \"HTTP\": supported values: \"SCTP\", \"TCP\", \"UDP\"",
        ],
    );
    check_container(
        json!({"ports": [{"containerPort": 80, "hostPort": 80}, {"containerPort": 81, "hostPort": 80}]}),
        &["spec.containers[0].ports[1].hostPort: Duplicate value: \"TCP//80\""],
    );
    check_container(
        json!({"env": [{"name": "A", "valueFrom": {}}]}),
        &["spec.containers[0].env[0].valueFrom: Invalid value: \"\": must specify one of: `fieldRef`"],
    );
    check_container(
        json!({"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['a b']"}}}]}),
        &["spec.containers[0].env[0].valueFrom.fieldRef: Invalid value: \"a b\": name part must consist"],
    );
    check_container(
        json!({"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s"}}}]}),
        &["spec.containers[0].env[0].valueFrom.secretKeyRef.key: Required value"],
    );
    check_container(
        json!({"envFrom": [{}]}),
        &[
            "spec.containers[0].envFrom: Invalid value: \"\": must specify one of: `configMapRef` or `secretRef`",
        ],
    );
    check_container(
        json!({"lifecycle": {"preStop": {"sleep": {"seconds": 60}}}}),
        &[
            "spec.containers[0].lifecycle.preStop.sleep: Invalid value: 60: must be non-negative and less than terminationGracePeriodSeconds (30)",
        ],
    );
    check_container(
        json!({"livenessProbe": {"exec": {"command": ["x"]}, "successThreshold": 2}}),
        &["spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1"],
    );
    check_container(
        json!({"volumeMounts": [{"name": "x", "mountPath": ""}]}),
        &[
            "spec.containers[0].volumeMounts[0].name: Not found: \"x\"",
            "spec.containers[0].volumeMounts[0].mountPath: Required value",
        ],
    );
    check_container(
        json!({"securityContext": {"privileged": true, "allowPrivilegeEscalation": false}}),
        &["spec.containers[0].securityContext: Invalid value: {\"Capabilities\":null,\"Privileged\":true,"],
    );
}

#[test]
fn amounts() {
    check_container(
        json!({"resources": {"limits": {"cpus": "1"}}}),
        &[
            "spec.containers[0].resources.limits[cpus]: Invalid value: \"cpus\": must be a standard resource type or fully qualified",
            "spec.containers[0].resources.limits[cpus]: Invalid value: \"cpus\": must be a standard resource for containers",
            "spec.containers[0].resources.requests[cpus]: Invalid value: \"cpus\": must be a standard resource type or fully qualified",
            "spec.containers[0].resources.requests[cpus]: Invalid value: \"cpus\": must be a standard resource for containers",
        ],
    );
    check_container(
        json!({"resources": {"requests": {"cpu": "-1"}}}),
        &[
            "spec.containers[0].resources.requests[cpu]: Invalid value: \"-1\": must be greater than or equal to 0",
        ],
    );
    check_container(
        json!({"resources": {"requests": {"example.com/gpu": "1"}}}),
        &[
            "spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources",
        ],
    );
    check_container(
        json!({"resources": {"limits": {"hugepages-2Mi": "3Mi", "cpu": "1"}}}),
        &[
            "spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: \"3Mi\": 3Mi is not positive integer multiple of hugepages-2Mi",
            "spec.containers[0].resources.requests[hugepages-2Mi]: Invalid value: \"3Mi\"",
        ],
    );
}

#[test]
fn pods() {
    let container = |name: &str, more: Value| {
        let mut container = json!({"name": name, "image": "i"});
        container.as_object_mut().expect("a map").extend(more.as_object().cloned().unwrap_or_default());
        container
    };
    check_pod(
        json!({"initContainers": [container("c", json!({}))]}),
        &["spec.initContainers[0].name: Duplicate value: \"c\""],
    );
    check_pod(
        json!({"initContainers": [container("s", json!({"restartPolicy": "Always", "readinessProbe": {"exec": {"command": ["x"]}}}))]}),
        &[],
    );
    check_pod(
        json!({"containers": [container("c", json!({"restartPolicy": "Sometimes"}))]}),
        &[
            "spec.containers[0].restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"Never\", \"OnFailure\"",
        ],
    );
    check_pod(
        json!({"ephemeralContainers": [container("e", json!({}))]}),
        &["spec.ephemeralContainers: Forbidden: cannot be set on create"],
    );
    check_pod(
        json!({"nodeName": "n", "schedulingGates": [{"name": "a"}, {"name": "a"}]}),
        &[
            "spec.schedulingGates[1]: Duplicate value: \"a\"",
            "spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared",
        ],
    );
    check_pod(
        json!({"dnsPolicy": "None"}),
        &["spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"],
    );
    check_pod(
        json!({"hostAliases": [{"ip": "1.2.3", "hostnames": ["_"]}]}),
        &[
            "spec.hostAliases[0].ip: Invalid value: \"1.2.3\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
            "spec.hostAliases[0].hostnames[0]: Invalid value: \"_\"",
        ],
    );
    check_pod(
        json!({"os": {"name": "plan9"}}),
        &["spec.os: Unsupported value: \"plan9\": supported values: \"linux\", \"windows\""],
    );
    check_pod(
        json!({"os": {"name": "windows"}, "securityContext": {"runAsUser": 1}}),
        &["spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod"],
    );
    check_pod(
        json!({"hostNetwork": true, "containers": [container("c", json!({"ports": [{"containerPort": 80, "hostPort": 81}]}))]}),
        &[
            "spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true",
        ],
    );
    check_pod(
        json!({"resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "100m"}},
            "containers": [container("c", json!({"resources": {"requests": {"cpu": "200m"}}}))]}),
        &[
            "spec.resources.requests[cpu]: Invalid value: \"100m\": must be greater than or equal to aggregate container requests of 200m",
        ],
    );
}

#[test]
fn scheduling() {
    let term = |term: Value| json!({"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}});
    let path = "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]";
    check_pod(
        term(json!({})),
        &[
            &format!("{path}.topologyKey: Required value: can not be empty"),
            &format!("{path}.topologyKey: Invalid value: \"\": name part must be non-empty"),
            &format!("{path}.topologyKey: Invalid value: \"\": name part must consist"),
        ],
    );
    check_pod(
        term(json!({"topologyKey": "z", "matchLabelKeys": ["a"]})),
        &[&format!("{path}.matchLabelKeys: Forbidden: must not be specified when labelSelector is not set")],
    );
    check_pod(
        json!({"tolerations": [{"operator": "Equal"}, {"key": "a", "operator": "Like"}, {"key": "a", "effect": "Never"}]}),
        &[
            "spec.tolerations[0].operator: Invalid value: \"Equal\": operator must be Exists when `key` is empty",
            "spec.tolerations[1].operator: Unsupported value: \"Like\": supported values: \"Equal\", \"Exists\"",
            "spec.tolerations[2].effect: Unsupported value: \"Never\": supported values: \"NoSchedule\", \"PreferNoSchedule\", \"NoExecute\"",
        ],
    );
    let spread =
        |when: &str| json!({"maxSkew": 1, "topologyKey": "z", "whenUnsatisfiable": when, "minDomains": 2});
    check_pod(
        json!({"topologySpreadConstraints": [spread("ScheduleAnyway"), spread("ScheduleAnyway")]}),
        &[
            "spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: \"{z, ScheduleAnyway}\"",
            "spec.topologySpreadConstraints[0].minDomains: Invalid value: 2: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway",
            "spec.topologySpreadConstraints[1].minDomains",
        ],
    );
}

#[test]
fn volumes() {
    let volume = |volume: Value| json!({"serviceAccountName": "s", "volumes": [volume]});
    check_pod(volume(json!({"name": ""})), &["spec.volumes[0].name: Required value"]);
    check_pod(
        volume(
            json!({"name": "v", "configMap": {"items": [{"key": "k", "path": "../x"}], "defaultMode": 4095}}),
        ),
        &[
            "spec.volumes[0].configMap.name: Required value",
            "spec.volumes[0].configMap.defaultMode: Invalid value: 4095: must be a number between 0 and 0777 (octal), both inclusive",
            "spec.volumes[0].configMap.items[0].path: Invalid value: \"../x\": must not contain '..'",
        ],
    );
    check_pod(
        volume(json!({"name": "v", "downwardAPI": {"items": [{"path": "p"}]}})),
        &["spec.volumes[0].downwardAPI: Required value: one of fieldRef and resourceFieldRef is required"],
    );
    check_pod(
        volume(json!({"name": "v", "hostPath": {"path": "/x", "type": "Folder"}})),
        &[
            "spec.volumes[0].hostPath.type: Unsupported value: \"Folder\": supported values: \"\", \"BlockDevice\"",
        ],
    );
    check_pod(
        volume(
            json!({"name": "v", "projected": {"sources": [{"serviceAccountToken": {"path": "t", "expirationSeconds": 60}}]}}),
        ),
        &[
            "spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes",
        ],
    );
}

fn deployment(change: impl FnOnce(&mut Value)) -> Value {
    let mut manifest = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {
        "selector": {"matchLabels": {"a": "b"}},
        "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}}});
    change(&mut manifest["spec"]);
    manifest
}

#[test]
fn deployments() {
    check(deployment(|_| {}), &[]);
    check(
        deployment(|spec| spec["selector"] = json!({"matchLabels": {}})),
        &["spec.selector: Invalid value: {}: empty selector is invalid for deployment"],
    );
    check(
        deployment(|spec| spec["selector"] = json!({"matchExpressions": [{"key": "a", "operator": "Is"}]})),
        &[
            "spec.selector.matchExpressions[0].operator: Invalid value: \"Is\": not a valid selector operator",
            "spec.selector: Invalid value: {\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"Is\"}]}: invalid label selector",
        ],
    );
    check(
        deployment(|spec| spec["template"]["spec"]["activeDeadlineSeconds"] = json!(5)),
        &[
            "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported",
        ],
    );
    check(
        deployment(|spec| spec["revisionHistoryLimit"] = json!(-1)),
        &["spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0"],
    );
    check(
        deployment(|spec| spec["template"]["metadata"]["labels"]["x"] = json!("-")),
        &["spec.template.labels: Invalid value: \"-\": a valid label must be"],
    );
}

fn service(spec: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": spec})
}

#[test]
fn services() {
    check(service(json!({"clusterIP": "None"})), &[]);
    check(service(json!({"type": "ExternalName"})), &["spec.externalName: Required value"]);
    check(
        service(json!({"type": "NodePort", "clusterIP": "None", "ports": [{"port": 80}]})),
        &["spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services"],
    );
    check(
        service(json!({"ports": [{"name": "a", "port": 80}, {"name": "b", "port": 80}]})),
        &[
            "spec.ports[1]: Duplicate value: {\"Name\":\"\",\"Protocol\":\"TCP\",\"AppProtocol\":null,\"Port\":80,\"TargetPort\":0,\"NodePort\":0}",
        ],
    );
    check(
        service(json!({"ports": [{"port": 0}], "externalIPs": ["127.0.0.1"]})),
        &[
            "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
            "spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive",
            "spec.externalIPs[0]: Invalid value: \"127.0.0.1\": may not be in the loopback range (127.0.0.0/8, ::1/128)",
        ],
    );
    check(
        service(json!({"ports": [{"port": 80}], "sessionAffinity": "ClientIP",
            "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 90000}}})),
        &[
            "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 90000: must be greater than 0 and less than 86400",
        ],
    );
    check(
        service(json!({"ports": [{"port": 80}], "loadBalancerSourceRanges": ["10.0.0.1/8"]})),
        &[
            "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
            "spec.LoadBalancerSourceRanges[0]: Invalid value: \"10.0.0.1/8\": must not have bits set beyond the prefix length",
        ],
    );
}

#[test]
fn nodes_and_others() {
    let taint = json!({"key": "a", "effect": "NoSchedule"});
    check(
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}, "spec": {"taints": [taint, taint]}}),
        &[
            "metadata.taints[1]: Duplicate value: {\"Key\":\"a\",\"Value\":\"\",\"Effect\":\"NoSchedule\",\"TimeAdded\":null}: taints must be unique by key and effect pair",
        ],
    );
    check(
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a.b"}}),
        &["metadata.name: Invalid value: \"a.b\": must not contain dots"],
    );
    check(
        json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": {"name": "e"},
            "addressType": "IPv4", "endpoints": [{"addresses": ["::1"]}, {"addresses": []}]}),
        &[
            "endpoints[0].addresses: Invalid value: \"::1\": must be an IPv4 address",
            "endpoints[0].addresses[0]: Invalid value: \"::1\": may not be in the loopback range",
            "endpoints[1].addresses: Required value: must contain at least 1 address",
        ],
    );
}

/// The faults of a change.
fn check_update(old: Value, new: Value, expected: &[&str]) {
    let old = created(old);
    let found = faults(update(&updated(new, &old), &old));
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}\nis not\n{expected}");
    }
}

#[test]
fn updates() {
    let gated = |more: Value| {
        let mut spec = json!({"schedulingGates": [{"name": "g"}]});
        spec.as_object_mut().expect("a map").extend(more.as_object().cloned().unwrap_or_default());
        pod(spec)
    };
    check_update(gated(json!({})), gated(json!({"nodeSelector": {"a": "b"}})), &[]);
    check_update(gated(json!({})), pod(json!({})), &[]);
    check_update(
        pod(json!({})),
        gated(json!({})),
        &[
            "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'g'",
        ],
    );
    check_update(
        gated(json!({"nodeSelector": {"a": "b"}})),
        gated(json!({})),
        &["spec.nodeSelector: Invalid value: null: only additions to spec.nodeSelector are allowed"],
    );
    check_update(
        pod(json!({"activeDeadlineSeconds": 5})),
        pod(json!({"activeDeadlineSeconds": 9})),
        &["spec.activeDeadlineSeconds: Invalid value: 9: must be less than or equal to previous value"],
    );
    check_update(
        pod(json!({"tolerations": [{"key": "a", "operator": "Exists"}]})),
        pod(json!({})),
        &[
            "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds",
        ],
    );
    check_update(
        service(json!({"ports": [{"port": 80}], "clusterIP": "10.96.0.5"})),
        service(json!({"type": "ExternalName", "externalName": "a.b"})),
        &[],
    );
}

#[test]
fn warned() {
    let check = |manifest: Value, expected: &[&str]| {
        assert_eq!(warnings(&created(manifest)), expected);
    };
    check(
        pod(json!({"nodeSelector": {"beta.kubernetes.io/os": "linux"}})),
        &[
            "spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use \"kubernetes.io/os\" instead",
        ],
    );
    check(
        deployment(|spec| {
            spec["template"]["spec"]["containers"][0]["env"] = json!([{"name": "A"}, {"name": "A"}])
        }),
        &[
            "spec.template.spec.containers[0].env[1]: hides previous definition of \"A\", which may be dropped when using apply",
        ],
    );
    check(
        pod(json!({"volumes": [{"name": "v", "configMap": {"name": "m",
            "items": [{"key": "a", "path": "x"}, {"key": "b", "path": "x/y"}]}}]})),
        &["volume \"v\" (ConfigMap \"m\"): overlapping paths: \"x/y\" with \"x\""],
    );
    check(
        service(json!({"ports": [{"port": 80}], "externalName": "a"})),
        &["spec.externalName is ignored when spec.type is not \"ExternalName\""],
    );
}
