//! Manifests as they stand, pulled to the left in several ways.

use proptest::prelude::*;

use super::*;
use crate::api::yaml::parse;

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: nginx-deployment\n  labels:\n    app.kubernetes.io/name: nginx\nspec:\n  replicas: 3\n  selector:\n    matchLabels:\n      app.kubernetes.io/name: nginx\n  template:\n    metadata:\n      labels:\n        app.kubernetes.io/name: nginx\n    spec:\n      containers:\n      - name: nginx\n        image: nginx:1.14.2\n        ports:\n        - containerPort: 80\n";
const SERVICES: &str = "# two of them\napiVersion: v1\nkind: Service\nmetadata:\n  name: a\nspec:\n  selector:\n    app: a\n    tier: backend\n  ports:\n  - protocol: TCP\n    port: 80\n    targetPort: http\n---\napiVersion: v1\nkind: Service\nmetadata:\n  name: b\nspec:\n  clusterIP: None\n  ports:\n  - port: 81 # why\n    name: web\n  - port: 82\n    name: admin\n  selector: {app: b}\n";
const STATEFUL_SET: &str = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n  name: web\nspec:\n  serviceName: nginx\n  replicas: 2\n  selector:\n    matchLabels:\n      app: nginx\n  template:\n    metadata:\n      labels:\n        app: nginx\n    spec:\n      containers:\n      - name: nginx\n        image: nginx\n        ports:\n        - containerPort: 80\n          name: web\n        volumeMounts:\n        - name: www\n          mountPath: /usr/share/nginx/html\n  volumeClaimTemplates:\n  - metadata:\n      name: www\n    spec:\n      accessModes: [ \"ReadWriteOnce\" ]\n      resources:\n        requests:\n          storage: 1Gi\n";
const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n    test: liveness\n  name: liveness-exec\nspec:\n  initContainers:\n  - name: wait\n    image: busybox\n    command: [sh, -c,\n      sleep 1]\n  containers:\n  - name: liveness\n    image: busybox\n    args:\n    - /bin/sh\n    - -c\n    - |\n      touch /tmp/healthy\n      sleep 600\n    env:\n    - name: A\n      value: x\n    - name: B\n      valueFrom:\n        fieldRef:\n          fieldPath: metadata.name\n    livenessProbe:\n      exec:\n        command:\n        - cat\n        - /tmp/healthy\n      initialDelaySeconds: 5\n    readinessProbe:\n      httpGet:\n        path: /\n        port: 80\n    resources:\n      limits:\n        memory: 64Mi\n  - name: other\n    image: nginx\n  restartPolicy: Always\n  volumes:\n  - name: data\n    emptyDir: {}\n";

fn move_left(text: &str, width: impl Fn(usize, usize) -> usize) -> String {
    let line = |(i, line): (usize, &str)| {
        let inner = line.trim_start();
        format!("{}{inner}\n", " ".repeat(width(i, line.len() - inner.len())))
    };
    text.lines().enumerate().map(line).collect()
}

fn check(text: &str, moved: &str) {
    let fix = reindent(moved).unwrap_or_else(|| panic!("no fix for\n{moved}"));
    let fixed = fix.apply(moved);
    let values =
        |text: &str| parse(text).map(|documents| documents.into_iter().map(|d| d.value).collect::<Vec<_>>());
    assert_eq!(values(&fixed), values(text), "{fixed}");
}

#[test]
fn nesting_comes_back() {
    for text in [DEPLOYMENT, SERVICES, STATEFUL_SET, POD] {
        assert_eq!(reindent(text), None);
        check(text, &move_left(text, |_, _| 0));
        check(text, &move_left(text, |_, width| width.saturating_sub(4)));
        check(text, &move_left(text, |_, width| if width < 4 { width } else { 0 }));
        check(text, &move_left(text, |i, width| if i % 5 == 3 { 0 } else { width }));
    }
    check(DEPLOYMENT, &move_left(DEPLOYMENT, |i, width| if i > 10 { 0 } else { width }));
}

#[test]
fn lines_are_named_with_what_they_belong_to() {
    let fix = reindent(&move_left(DEPLOYMENT, |_, _| 0)).expect("a fix");
    let said: Vec<_> =
        fix.explanation.iter().map(|b| (b.first_line, b.last_line, b.parent.as_str())).collect();
    assert_eq!(
        said,
        [
            (4, 5, "metadata"),
            (6, 6, "metadata.labels"),
            (8, 9, "spec"),
            (10, 10, "spec.selector"),
            (11, 11, "spec.selector.matchLabels"),
            (12, 12, "spec"),
            (13, 13, "spec.template"),
            (14, 14, "spec.template.metadata"),
            (15, 15, "spec.template.metadata.labels"),
            (16, 16, "spec.template"),
            (17, 17, "spec.template.spec"),
            (18, 18, "spec.template.spec.containers"),
            (19, 20, "spec.template.spec.containers[0]"),
            (21, 21, "spec.template.spec.containers[0].ports"),
        ]
    );
}

#[test]
fn nothing_to_offer() {
    for text in [
        "",
        "a: b\n",
        "kind: Pod\n",
        "apiVersion: v1\nkind: Nothing\nspec:\nx: 1\n",
        "apiVersion: v1\nkind: Pod\nspec: {containers: 1}\n",
    ] {
        assert_eq!(reindent(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_is_survived(lines in prop::collection::vec("( |\t){0,4}(- ){0,2}(spec|metadata|containers|name|image|data|\\PC{0,6})(:|: |)(\\||x|1|\\[|\"|\\{)?", 0..30)) {
        let text = format!("apiVersion: v1\nkind: Pod\n{}\n", lines.join("\n"));
        if let Some(fix) = reindent(&text) {
            prop_assert!(fix.apply(&text) != text);
        }
    }
}
