use serde_json::{Value, json};

use super::*;

fn read(text: &str) -> Value {
    crate::api::yaml::parse(text).unwrap().remove(0).value
}

fn check_strategic(kind: Kind, object: &str, patch: &str, expected: &str) {
    assert_eq!(apply_strategic(kind, &read(object), &read(patch)), Ok(read(expected)), "{patch}");
}

#[test]
fn strategic() {
    let pod = "spec: {containers: [{name: a, image: x}, {name: b, image: y}]}";
    let check = |patch, expected| check_strategic(Kind::Pod, pod, patch, expected);
    check(
        "spec: {containers: [{name: b, image: z}]}",
        "spec: {containers: [{name: a, image: x}, {name: b, image: z}]}",
    );
    check(
        "spec: {containers: [{name: c, image: z}]}",
        "spec: {containers: [{name: c, image: z}, {name: a, image: x}, {name: b, image: y}]}",
    );
    check("spec: {containers: [{name: a, $patch: delete}]}", "spec: {containers: [{name: b, image: y}]}");
    check("spec: {containers: [{name: c}, {$patch: replace}]}", "spec: {containers: [{name: c}]}");
    check("spec: {$patch: replace, x: 1}", "spec: {x: 1}");
    check("spec: {containers: null, x: {y: null, z: 1}}", "spec: {x: {z: 1}}");
    check(
        "spec: {$setElementOrder/containers: [{name: b}, {name: a}]}",
        "spec: {containers: [{name: b, image: y}, {name: a, image: x}]}",
    );
    check_strategic(
        Kind::Pod,
        "metadata: {finalizers: [a, b, c]}",
        "metadata: {$deleteFromPrimitiveList/finalizers: [b]}",
        "metadata: {finalizers: [a, c]}",
    );
    check_strategic(
        Kind::Pod,
        "spec: {tolerations: [{key: a}, {key: b}]}",
        "spec: {tolerations: [{key: c}]}",
        "spec: {tolerations: [{key: c}]}",
    );
    check_strategic(
        Kind::Pod,
        "spec: {volumes: [{name: v, emptyDir: {}}]}",
        "spec: {volumes: [{name: v, $retainKeys: [name, configMap], configMap: {name: c}}]}",
        "spec: {volumes: [{name: v, configMap: {name: c}}]}",
    );
    check_strategic(
        Kind::Service,
        "spec: {ports: [{port: 80, targetPort: 1}]}",
        "spec: {ports: [{port: 80, targetPort: 2}]}",
        "spec: {ports: [{port: 80, targetPort: 2}]}",
    );
    check_strategic(
        Kind::Deployment,
        "spec: {strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}}",
        "spec: {strategy: {$retainKeys: [type], type: Recreate}}",
        "spec: {strategy: {type: Recreate}}",
    );
}

/// Applying is idempotent: applied once more, the manifest changes nothing.
fn check_apply(kind: Kind, original: &str, modified: &str, current: &str, expected: &str) {
    let (original, modified, current) = (read(original), read(modified), read(current));
    let patch = create_three_way(kind, Some(&original), &modified, &current).unwrap();
    let result = apply_strategic(kind, &current, &patch).unwrap();
    assert_eq!(result, read(expected), "{patch}");
    let again = create_three_way(kind, Some(&modified), &modified, &result).unwrap();
    assert_eq!(apply_strategic(kind, &result, &again).unwrap(), result, "{again}");
}

#[test]
fn three_way() {
    // What others set stays; what the manifest no longer says goes.
    check_apply(
        Kind::Deployment,
        "{metadata: {labels: {a: x, b: y}}, spec: {replicas: 2}}",
        "{metadata: {labels: {a: z}}, spec: {}}",
        "{metadata: {labels: {a: x, b: y, c: own}}, spec: {replicas: 5, other: 1}}",
        "{metadata: {labels: {a: z, c: own}}, spec: {other: 1}}",
    );
    let current = "{spec: {template: {spec: {containers: [{name: side, image: s}, {name: a, image: x, env: [{name: E, value: v}]}]}}}}";
    check_apply(
        Kind::Deployment,
        "{spec: {template: {spec: {containers: [{name: a, image: x, env: [{name: E, value: v}]}]}}}}",
        "{spec: {template: {spec: {containers: [{name: a, image: y}]}}}}",
        current,
        "{spec: {template: {spec: {containers: [{name: side, image: s}, {name: a, image: y}]}}}}",
    );
    check_apply(
        Kind::Deployment,
        "{spec: {template: {spec: {containers: [{name: side}, {name: a}]}}}}",
        "{spec: {template: {spec: {containers: [{name: a, image: y}, {name: new}]}}}}",
        current,
        "{spec: {template: {spec: {containers: [{name: a, image: y, env: [{name: E, value: v}]}, {name: new}]}}}}",
    );
    check_apply(
        Kind::Deployment,
        "{spec: {strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}}}",
        "{spec: {strategy: {type: Recreate}}}",
        "{spec: {strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 25%}}}}",
        "{spec: {strategy: {type: Recreate}}}",
    );
}

#[test]
fn first_apply_over_a_foreign_object() {
    let patch = create_three_way(Kind::Pod, None, &json!({"a": 1}), &json!({"a": 2, "b": 3}));
    assert_eq!(patch, Ok(json!({"a": 1})));
}

#[test]
fn merge_patches() {
    let check =
        |target, patch, expected| assert_eq!(apply_merge(&read(target), &read(patch)), read(expected));
    check("{a: {b: 1, c: 2}, d: [1]}", "{a: {b: null, e: 3}, d: [2]}", "{a: {c: 2, e: 3}, d: [2]}");
    let check = |original, modified, current, expected| {
        let patch = create_three_way_merge(Some(&read(original)), &read(modified), &read(current));
        assert_eq!(patch, read(expected));
    };
    check("{a: 1, b: 2}", "{a: 3}", "{a: 1, b: 2, c: 4}", "{a: 3, b: null}");
    check("{a: 1}", "{a: 1}", "{a: 1, c: 4}", "{}");
}

fn check_json(patch: &str, expected: Result<&str, &str>) {
    let object = read("{a: {b: 1}, l: [1, 2]}");
    let expected = expected.map(read).map_err(String::from);
    assert_eq!(apply_json(&object, &read(patch)), expected, "{patch}");
}

#[test]
fn json_patches() {
    check_json("[{op: add, path: /a/c~1d, value: 2}]", Ok("{a: {b: 1, c/d: 2}, l: [1, 2]}"));
    check_json("[{op: remove, path: /a/b}]", Ok("{a: {}, l: [1, 2]}"));
    check_json("[{op: add, path: /l/-, value: 3}, {op: remove, path: /l/0}]", Ok("{a: {b: 1}, l: [2, 3]}"));
    check_json("[{op: move, from: /a/b, path: /x}]", Ok("{a: {}, l: [1, 2], x: 1}"));
    check_json("[{op: test, path: /a/b, value: 2}]", Err("testing value /a/b failed: test failed"));
    check_json("[{op: remove, path: /a/z}]", Err("Unable to remove nonexistent key: z: missing value"));
}

fn check_refused(patch: &str, expected: &str) {
    let object = read("{spec: {containers: [{name: a}]}}");
    assert_eq!(apply_strategic(Kind::Pod, &object, &read(patch)), Err(expected.into()));
}

#[test]
fn refused() {
    check_refused(
        "{spec: {containers: [{image: x}]}}",
        "map: map[image:x] does not contain declared merge key: name",
    );
    check_refused("{spec: {$patch: other}}", "unknown patch type: other in map: map[]");
}
