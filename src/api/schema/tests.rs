//! The API server's words, as data.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn check_text(api_version: &str, kind: &str, value: Value, expected: &str) {
    let of = root(api_version, kind).expect(kind);
    assert_eq!(refusal(&check(&value, of)).unwrap_or_default(), expected, "{value}");
}

fn pod(container: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [container]}})
}

#[test]
fn unknown_fields() {
    let nested = json!({"spec": {"replica": 3, "template": {"spec": {"containers": [{"prots": [], "imagePullPolice": "Always"}]}}}});
    check_text(
        "apps/v1",
        "Deployment",
        nested,
        "strict decoding error: unknown field \"spec.replica\", unknown field \"spec.template.spec.containers[0].imagePullPolice\", unknown field \"spec.template.spec.containers[0].prots\"",
    );
    check_text(
        "apps/v1",
        "DaemonSet",
        json!({"spec": {"replicas": 1}}),
        "strict decoding error: unknown field \"spec.replicas\"",
    );
    check_text(
        "v1",
        "Pod",
        json!({"spec": {"volumes": [{"emptyDir": {"mode": 511}}]}}),
        "strict decoding error: unknown field \"spec.volumes[0].emptyDir.mode\"",
    );
    check_text("v1", "Pod", json!({"Spec": {}}), "strict decoding error: unknown field \"Spec\"");
    check_text("v1", "Pod", json!({"metadata": {"labels": {"any.thing/x": "y"}}, "spec": null}), "");
    let many: serde_json::Map<_, _> = (0..150).map(|i| (format!("x{i:03}"), Value::Null)).collect();
    assert_eq!(check(&Value::Object(many), root("v1", "Pod").expect("a Pod")).len(), 100);
}

#[test]
fn wrong_types() {
    for (container, field) in [
        (
            json!({"ports": {"containerPort": 80}}),
            "object into Go struct field Container.spec.containers.ports of type []v1.ContainerPort",
        ),
        (
            json!({"command": "sleep 10"}),
            "string into Go struct field Container.spec.containers.command of type []string",
        ),
        (
            json!({"env": [{"name": "A", "value": 1}]}),
            "number into Go struct field EnvVar.spec.containers.env.value of type string",
        ),
        (
            json!({"imagePullPolicy": 1}),
            "number into Go struct field Container.spec.containers.imagePullPolicy of type v1.PullPolicy",
        ),
        (
            json!({"resources": {"limits": "x"}}),
            "string into Go struct field ResourceRequirements.spec.containers.resources.limits of type v1.ResourceList",
        ),
        (
            json!({"ports": [{"containerPort": "80"}]}),
            "string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32",
        ),
        (
            json!({"ports": [{"containerPort": 1.5}]}),
            "number 1.5 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32",
        ),
        (
            json!({"ports": [{"containerPort": 3000000000u64}]}),
            "number 3000000000 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32",
        ),
        (
            json!({"livenessProbe": {"exec": []}}),
            "array into Go struct field Probe.spec.containers.livenessProbe.ProbeHandler.exec of type v1.ExecAction",
        ),
        (
            json!({"livenessProbe": {"httpGet": {"port": true}}}),
            "bool into Go struct field HTTPGetAction.spec.containers.livenessProbe.ProbeHandler.httpGet.port of type int32",
        ),
        (
            json!({"stdin": "yes", "args": 1}),
            "number into Go struct field Container.spec.containers.args of type []string",
        ),
        (
            json!({"unknown": 1, "tty": 1}),
            "number into Go struct field Container.spec.containers.tty of type bool",
        ),
    ] {
        check_text("v1", "Pod", pod(container), &format!("json: cannot unmarshal {field}"));
    }
    check_text(
        "v1",
        "ConfigMap",
        json!({"data": {"a": 1}}),
        "json: cannot unmarshal number into Go struct field ConfigMap.data of type string",
    );
    check_text(
        "apps/v1",
        "Deployment",
        json!({"spec": {"replicas": "3"}}),
        "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
    );
    let affinity = json!({"spec": {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": []}}}});
    check_text(
        "v1",
        "Pod",
        affinity,
        "json: cannot unmarshal array into Go struct field NodeAffinity.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution of type v1.NodeSelector",
    );
    check_text("v1", "Secret", json!({"data": {"a": "????"}}), "illegal base64 data at input byte 0");
    check_text("v1", "Secret", json!({"data": {"a": "YWJj", "b": "YQ==", "c": "YW\nI="}}), "");
    check_text("v1", "Secret", json!({"data": {"a": "YWJjZ"}}), "illegal base64 data at input byte 4");
}

#[test]
fn literals() {
    const FORMAT: &str =
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    for (quantity, expected) in [
        (json!("64MB"), FORMAT),
        (json!(true), FORMAT),
        (json!(""), FORMAT),
        (json!("1.5Gi"), ""),
        (json!(1.5), ""),
        (json!("-2e3"), ""),
        (json!("100Kii"), "unable to parse quantity's suffix"),
    ] {
        check_text("v1", "Pod", pod(json!({"resources": {"limits": {"memory": quantity}}})), expected);
    }
    // A value that ends the decoding wins over a wrong type before it.
    check_text("v1", "Pod", pod(json!({"image": 1, "resources": {"limits": {"memory": "x"}}})), FORMAT);
    let time = |text: &str| json!({"metadata": {"creationTimestamp": text}});
    let layout = "as \"2006-01-02T15:04:05Z07:00\": cannot parse";
    for (text, expected) in [
        ("2026-01-02T03:04:05Z", String::new()),
        ("2026-01-02T03:04:05.123+01:00", String::new()),
        ("yesterday", format!("parsing time \"yesterday\" {layout} \"yesterday\" as \"2006\"")),
        ("2026-01-02", format!("parsing time \"2026-01-02\" {layout} \"\" as \"T\"")),
        ("2026-13-02T03:04:05Z", "parsing time \"2026-13-02T03:04:05Z\": month out of range".to_owned()),
        ("2026-02-30T03:04:05Z", "parsing time \"2026-02-30T03:04:05Z\": day out of range".to_owned()),
        ("2026-01-02T03:04:05Zx", "parsing time \"2026-01-02T03:04:05Zx\": extra text: \"x\"".to_owned()),
        ("2026-01-02T03:04:05", format!("parsing time \"2026-01-02T03:04:05\" {layout} \"\" as \"Z07:00\"")),
    ] {
        check_text("v1", "Pod", time(text), &expected);
    }
}

#[test]
fn names() {
    let container = root("v1", "Pod")
        .and_then(|pod| pod.field("spec"))
        .and_then(|spec| spec.value.structure())
        .and_then(|spec| spec.field("containers"))
        .and_then(|containers| containers.value.structure())
        .expect("a Pod has containers");
    assert_eq!(container.go_name, "v1.Container");
    assert!(container.field("name").is_some_and(|name| name.required));
    for (wrong, right) in [
        ("imagePullPolice", Some("imagePullPolicy")),
        ("prots", Some("ports")),
        ("Image", Some("image")),
        ("enviroment", None),
        ("comand", Some("command")),
    ] {
        assert_eq!(nearest(container, wrong), right, "{wrong}");
    }
    for (api_version, kind) in roots() {
        let of = root(api_version, kind).expect(kind);
        assert!(of.name() == kind && of.field("metadata").is_some(), "{api_version} {kind}");
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let names = [
        "spec",
        "metadata",
        "containers",
        "template",
        "ports",
        "image",
        "resources",
        "limits",
        "x",
        "livenessProbe",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        let map = prop::collection::vec((prop::sample::select(names.to_vec()), inner.clone()), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            map.prop_map(|pairs| pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn any_value_is_checked(value in any_value(), text in "\\PC{0,30}|[0-9TZ:.+-]{0,30}") {
        for (api_version, kind) in [("v1", "Pod"), ("apps/v1", "Deployment"), ("apiextensions.k8s.io/v1", "CustomResourceDefinition")] {
            if let Some(of) = root(api_version, kind) {
                let _ = refusal(&check(&value, of));
                let _ = nearest(of, &text);
            }
        }
        let _ = (literal::time(&text, literal::RFC3339), literal::time(&text, literal::RFC3339_MICRO));
        let _ = (literal::base64_fault(&text), literal::quantity(&Value::from(text)));
    }
}
