//! Objects as people write them, and as the real API server read them back (a dry run of the manifests of
//! Kubernetes' documentation, without what admission and allocation add).

use serde_json::{Value, json};

use super::*;
use crate::api::{Time, codec};

fn now() -> Time {
    Time("2026-11-24T16:34:48Z".parse().expect("a date"))
}

fn read_back(given: &Value) -> Value {
    let kind = codec::kind_of(given).expect("a kind we serve");
    let mut object = codec::decode(kind, given.clone()).expect("a well-typed object");
    apply(&mut object);
    let once = object.clone();
    apply(&mut object);
    assert_eq!(object, once, "applying twice");
    prepare_create(&mut object, &now());
    codec::encode(&object)
}

/// What `given` looks like when it is read back, but for the fields that `expected` leaves out.
fn check(given: Value, expected: Value) {
    let read = read_back(&given);
    assert!(contains(&read, &expected), "{given}\nreads {read}\nnot {expected}");
}

fn contains(read: &Value, expected: &Value) -> bool {
    match (read, expected) {
        (Value::Object(read), Value::Object(expected)) => {
            expected.iter().all(|(key, value)| contains(read.get(key).unwrap_or(&Value::Null), value))
        }
        (Value::Array(read), Value::Array(expected)) => {
            read.len() == expected.len() && read.iter().zip(expected).all(|(a, b)| contains(a, b))
        }
        _ => read == expected,
    }
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => map
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key, without_nulls(value)))
            .collect(),
        Value::Array(list) => list.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

#[test]
fn as_recorded() {
    for line in include_str!("recorded.jsonl").lines() {
        let mut row: Value = serde_json::from_str(line).expect("JSON");
        let (given, expected) = (row["given"].take(), without_nulls(row["read"].take()));
        assert_eq!(without_nulls(read_back(&given)), expected, "{given}");
    }
}

fn pod(spec: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec})
}

fn container(fields: Value) -> Value {
    let mut container = json!({"name": "c", "image": "nginx:1"});
    container.as_object_mut().expect("a map").extend(fields.as_object().cloned().unwrap_or_default());
    pod(json!({"containers": [container]}))
}

fn check_container(given: Value, expected: Value) {
    check(container(given), json!({"spec": {"containers": [expected]}}));
}

#[test]
fn containers() {
    check_container(
        json!({"resources": {"limits": {"cpu": "0.5"}, "requests": {"memory": "1024Mi"}}}),
        json!({"resources": {"limits": {"cpu": "500m"}, "requests": {"cpu": "500m", "memory": "1Gi"}}}),
    );
    check_container(
        json!({"env": [{"name": "A", "value": ""}], "command": [], "stdin": false}),
        json!({"env": [{"name": "A", "value": null}], "command": null, "stdin": null}),
    );
    check_container(
        json!({"env": [{"name": "A", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}}]}),
        json!({"env": [{"valueFrom": {"resourceFieldRef": {"divisor": "0"}}}]}),
    );
    check_container(
        json!({"startupProbe": {"httpGet": {"port": 80}, "initialDelaySeconds": 0}}),
        json!({"startupProbe": {"httpGet": {"path": "/", "scheme": "HTTP"}, "initialDelaySeconds": null,
            "timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}}),
    );
}

#[test]
fn pods() {
    check(
        pod(json!({"hostNetwork": true, "serviceAccount": "x",
            "containers": [{"name": "c", "image": "i", "ports": [{"containerPort": 80}]}]})),
        json!({"spec": {"serviceAccountName": "x", "enableServiceLinks": true,
            "containers": [{"imagePullPolicy": "Always", "ports": [{"hostPort": 80, "protocol": "TCP"}]}]}}),
    );
    check(
        pod(json!({"containers": [], "volumes": [{"name": "a"}, {"name": "b", "hostPath": {"path": "/x"}}]})),
        json!({"spec": {"volumes": [{"emptyDir": {}}, {"hostPath": {"type": ""}}]}}),
    );
    check(
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "labels": {"a": "1"}}, "spec": {
            "containers": [], "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "z",
                "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {}, "matchLabelKeys": ["a", "b"]}]}}),
        json!({"spec": {"topologySpreadConstraints": [{"labelSelector": {
            "matchExpressions": [{"key": "a", "operator": "In", "values": ["1"]}]}}]}}),
    );
}

#[test]
fn quality_of_service() {
    let class = |resources: Value, expected: &str| {
        check(container(json!({"resources": resources})), json!({"status": {"qosClass": expected}}));
    };
    class(json!({}), "BestEffort");
    class(json!({"requests": {"cpu": "0"}}), "BestEffort");
    class(json!({"requests": {"cpu": "1"}}), "Burstable");
    class(json!({"limits": {"cpu": "1"}}), "Burstable");
    class(json!({"limits": {"cpu": "1", "memory": "1Gi"}}), "Guaranteed");
    class(json!({"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "500m"}}), "Burstable");
    class(json!({"limits": {"example.com/gpu": "1"}}), "BestEffort");
    check(
        pod(json!({"resources": {"limits": {"cpu": "2", "memory": "1Gi"}},
            "containers": [{"name": "c", "image": "i", "resources": {"requests": {"cpu": "500m"}}}]})),
        json!({"spec": {"resources": {"requests": {"cpu": "500m", "memory": "1Gi"}}},
            "status": {"qosClass": "Burstable"}}),
    );
}

#[test]
fn services() {
    let service =
        |spec| json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": spec});
    check(
        service(json!({"sessionAffinity": "ClientIP", "ports": [{"port": 80}]})),
        json!({"spec": {"sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 10800}},
            "ports": [{"targetPort": 80, "protocol": "TCP"}], "type": "ClusterIP"}}),
    );
    check(
        service(json!({"type": "LoadBalancer", "ports": [{"port": 80, "targetPort": "web"}]})),
        json!({"spec": {"allocateLoadBalancerNodePorts": true, "externalTrafficPolicy": "Cluster",
            "ports": [{"targetPort": "web"}]}, "status": {"loadBalancer": {}}}),
    );
    check(
        service(json!({"clusterIP": "None", "ports": [{"port": 80}]})),
        json!({"spec": {"clusterIPs": ["None"], "ipFamilies": ["IPv4", "IPv6"],
            "ipFamilyPolicy": "RequireDualStack"}}),
    );
    check(
        service(json!({"type": "ExternalName", "externalName": "example.com"})),
        json!({"spec": {"ipFamilyPolicy": null, "internalTrafficPolicy": null}}),
    );
}

#[test]
fn namespaces() {
    check(
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}),
        json!({"metadata": {"labels": {"kubernetes.io/metadata.name": "a"}},
            "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}}),
    );
}

/// What an update of `old` with `new` stores, but for the fields that `expected` leaves out.
fn check_update(old: Value, new: Value, expected: Value) {
    let kind = codec::kind_of(&old).expect("a kind we serve");
    let mut old = codec::decode(kind, old).expect("a well-typed object");
    let mut new = codec::decode(kind, new).expect("a well-typed object");
    apply(&mut old);
    prepare_create(&mut old, &now());
    apply(&mut new);
    prepare_update(&mut new, &old);
    let read = codec::encode(&new);
    assert!(contains(&read, &expected), "reads {read}\nnot {expected}");
}

#[test]
fn updates() {
    let service =
        |spec| json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": spec});
    let node_port = service(json!({"type": "NodePort", "clusterIP": "10.96.0.5", "ports": [
        {"name": "a", "port": 80, "nodePort": 30001}]}));
    let port = |name| json!([{"name": name, "port": 81}]);
    check_update(
        node_port.clone(),
        service(json!({"type": "NodePort", "ports": port("a")})),
        json!({"spec": {"clusterIP": "10.96.0.5", "clusterIPs": ["10.96.0.5"],
            "ports": [{"nodePort": 30001}]}}),
    );
    check_update(
        node_port.clone(),
        service(json!({"type": "NodePort", "ports": port("b")})),
        json!({"spec": {"ports": [{"nodePort": null}]}}),
    );
    check_update(
        node_port,
        service(json!({"type": "ClusterIP", "ports": [{"port": 80, "nodePort": 30001}]})),
        json!({"spec": {"ports": [{"nodePort": null}], "externalTrafficPolicy": null}}),
    );
    let pod = container(json!({}));
    check_update(pod.clone(), pod.clone(), json!({"metadata": {"generation": 1}}));
    check_update(
        pod,
        container(json!({"image": "nginx:2"})),
        json!({"metadata": {"generation": 2}, "status": {"phase": "Pending"}}),
    );
}
