//! What kubectl reads and writes, as data.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn check(text: &str, expected: Value) {
    let values: Vec<Value> =
        parse(text).unwrap_or_else(|f| panic!("{text:?}: {}", f.text)).into_iter().map(|d| d.value).collect();
    assert_eq!(values, [expected], "{text:?}");
}

fn check_fault(text: &str, expected: &str, line: usize) {
    let fault = parse(text).expect_err(text);
    assert_eq!((fault.text.as_str(), fault.range.start.line), (expected, line), "{text:?}");
}

fn yaml_fault(text: &str, expected: &str, line: usize) {
    check_fault(text, &format!("error converting YAML to JSON: yaml: {expected}"), line);
}

#[test]
fn scalars_are_yaml_1_1() {
    for (text, value) in [
        ("y", json!(true)),
        ("Yes", json!(true)),
        ("ON", json!(true)),
        ("n", json!(false)),
        ("off", json!(false)),
        ("yEs", json!("yEs")),
        ("\"yes\"", json!("yes")),
        ("0777", json!(511)),
        ("0o777", json!(511)),
        ("01777", json!(1023)),
        ("08", json!(8)),
        ("0x1F", json!(31)),
        ("0b101", json!(5)),
        ("-0x10", json!(-16)),
        ("+12", json!(12)),
        ("1_000", json!(1000)),
        ("9223372036854775807", json!(9223372036854775807i64)),
        ("18446744073709551615", json!(18446744073709551615f64)),
        ("1.0", json!(1)),
        ("1e3", json!(1000)),
        ("0.5", json!(0.5)),
        (".5", json!(0.5)),
        ("5.", json!(5)),
        ("1e400", json!("1e400")),
        ("1.2.3", json!("1.2.3")),
        ("64Mi", json!("64Mi")),
        ("12:30:45", json!("12:30:45")),
        ("~", Value::Null),
        ("null", Value::Null),
        ("", Value::Null),
        ("2001-12-14", json!("2001-12-14")),
        ("2001-12-14T21:59:43Z", json!("2001-12-14T21:59:43Z")),
        ("!!str 123", json!("123")),
        ("!!int \"5\"", json!(5)),
        ("!!float 5", json!(5)),
        ("!local 5", json!("5")),
        ("'it''s'", json!("it's")),
        (r#""a\tb\x41\u00e9\/""#, Value::Null),
    ] {
        if text.contains("\\/") {
            yaml_fault(&format!("x:\n  {text}"), "line 2: found unknown escape character", 2);
        } else {
            check(&format!("x: {text}"), json!({"x": value}));
        }
    }
}

#[test]
fn structures() {
    for (text, value) in [
        ("{\"a\": 1, \"b\": [true, null]}", json!({"a": 1, "b": [true, null]})),
        ("a:\n- 1\n- 2\nb: {c: d}", json!({"a": [1, 2], "b": {"c": "d"}})),
        ("a: {\n  b: c\n}", json!({"a": {"b": "c"}})),
        ("command: [\n  \"/bin/sh\"\n]", json!({"command": ["/bin/sh"]})),
        (
            "a: |\n  x\n   y\n\nb: >-\n  one\n  two\n\n  three\n",
            json!({"a": "x\n y\n", "b": "one two\nthree"}),
        ),
        ("a: one\n  two\n\n  three # c\n", json!({"a": "one two\nthree"})),
        ("a: 'one\ntwo'\n", json!({"a": "one two"})),
        ("a: \"x\\\n   y\"", json!({"a": "xy"})),
        ("1: a\ntrue: b\n1.5: c", json!({"1": "a", "true": "b", "1.5": "c"})),
        ("a: 1\nb: 2\na: 3", json!({"a": 3, "b": 2})),
        ("a: &x {b: 1}\nc: *x", json!({"a": {"b": 1}, "c": {"b": 1}})),
        (
            "a: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}\ne: {b: 3, <<: *x}",
            json!({"a": {"b": 1, "c": 2}, "d": {"b": 3, "c": 2}, "e": {"b": 1, "c": 2}}),
        ),
        ("a: {<<: [{b: 1}, {b: 2, c: 2}]}", json!({"a": {"b": 1, "c": 2}})),
        ("a:\tb\nc: [\t1]", json!({"a": "b", "c": [1]})),
        ("\u{feff}a: 1", json!({"a": 1})),
        ("a: 1\r\nb:\r\n- x\r\nc: |\r\n  t\r\n  u\r\n", json!({"a": 1, "b": ["x"], "c": "t\nu\n"})),
        ("%YAML 1.1\n---\na: 1\n", json!({"a": 1})),
        ("---\n# only a comment\n---\na: 1\n---\n---\n", json!({"a": 1})),
        ("a: 1\n...\ngarbage: [", json!({"a": 1})),
        ("? a\n: b", json!({"a": "b"})),
        ("a: [b: c, d]", json!({"a": [{"b": "c"}, "d"]})),
    ] {
        if text.starts_with("%YAML") {
            // kubectl splits at the separator, so that the directive stands alone.
            yaml_fault(text, "line 1: did not find expected <document start>", 2);
        } else {
            check(text, value);
        }
    }
}

#[test]
fn streams() {
    let values = |text: &str| -> Vec<Value> { read(text).documents.into_iter().map(|d| d.value).collect() };
    assert_eq!(values("a: 1\n---\nb: 2\n--- # c\nc: 3"), [json!({"a": 1}), json!({"b": 2}), json!({"c": 3})]);
    assert_eq!(values(""), Vec::<Value>::new());
    assert_eq!(values("# nothing\n---\nnull\n"), Vec::<Value>::new());
    assert_eq!(values("a: 1\n---\nb: [\n---\nc: 3\n"), [json!({"a": 1})]);
    assert_eq!(
        values("{\"a\": \"\\/\\ud83d\\ude00\"}\n{\"b\": 2}"),
        [json!({"a": "/\u{1f600}"}), json!({"b": 2})]
    );
    check_fault("a: 1\n--- x\n", "invalid Yaml document separator: x", 2);
}

#[test]
fn faults_are_kubectls() {
    for (text, expected, line) in [
        (
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: x\n",
            "line 4: found character that cannot start any token",
            4,
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n   labels: {}\n",
            "line 5: mapping values are not allowed in this context",
            5,
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x\n",
            "line 3: did not find expected ',' or '}'",
            4,
        ),
        ("a: 1\n---\nb: 1\nc: @x\n", "line 2: found character that cannot start any token", 4),
        ("a: @x\n", "found character that cannot start any token", 1),
        ("a:\n  - b\n c: d\n", "line 2: did not find expected key", 3),
        ("a:\n- b\n  c\n d: e\n", "line 4: mapping values are not allowed in this context", 4),
        ("a:\n- b\n c: d\n", "line 3: mapping values are not allowed in this context", 3),
        ("a:\n  b: c\nd\ne: f\n", "line 4: could not find expected ':'", 4),
        ("a:\n  b: \"c\n", "line 3: found unexpected end of stream", 3),
        ("a:\n  b: [c, d\ne: f\n", "line 2: did not find expected ',' or ']'", 3),
        ("a:\n  b: \"c\" d\n", "line 1: did not find expected key", 2),
        ("- a\nb: c\n", "line 1: did not find expected '-' indicator", 2),
        ("a:\n  b: x\n\tc: y\n", "line 3: found a tab character that violates indentation", 3),
        ("a:\n  b: *c\n", "unknown anchor 'c' referenced", 2),
        ("a: &a [*a]\n", "anchor 'a' value contains itself", 1),
        ("a:\n  <<: 1\n", "map merge requires map or sequence of maps as the value", 2),
        ("a:\n  b: !!int x\n", "cannot decode !!str `x` as a !!int", 2),
        ("a: \u{1}\n", "control characters are not allowed", 1),
        (
            "a: {{ .Values.x }}\n",
            "invalid map key: map[interface {}]interface {}{\".Values.x\":interface {}(nil)}",
            1,
        ),
        (
            "%YAML 1.2
",
            "found incompatible YAML document",
            1,
        ),
    ] {
        yaml_fault(text, expected, line);
    }
    check_fault("a: .inf\n", "error converting YAML to JSON: json: unsupported value: +Inf", 1);
}

#[test]
fn bounds() {
    let deep = "[".repeat(1000);
    yaml_fault(&deep, &format!("exceeded max depth of {MAX_DEPTH}"), 1);
    let nested: String = (0..300).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
    let fault = parse(&nested).expect_err("too deep");
    assert!(fault.text.ends_with(&format!("exceeded max depth of {MAX_DEPTH}")), "{}", fault.text);
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for i in 1..12 {
        let line = vec![format!("*a{}", i - 1); 9].join(", ");
        bomb.push_str(&format!("a{i}: &a{i} [{line}]\n"));
    }
    let fault = parse(&bomb).expect_err("a bomb");
    assert!(fault.text.ends_with("document contains excessive aliasing"), "{}", fault.text);
    let long = " ".repeat(MAX_BYTES + 1);
    assert!(parse(&long).is_err());
}

#[test]
fn places_of_fields() {
    let text = "# é\nspec:\n  containers:\n  - name: \"wéb\" # c\n    image: nginx\n  - {name: b, image: 'x y'}\ndata:\n  a.b.c: |\n    one\n    two\n\n  a: {b: z}\n---\nlast: 1\n";
    let documents = parse(text).expect("it is valid");
    for (document, path, key, value, line, column) in [
        (0, "spec.containers[0].name", "name", "\"wéb\"", 4, 11),
        (0, "spec.containers[0].image", "image", "nginx", 5, 12),
        (0, "spec.containers[1].image", "image", "'x y'", 6, 22),
        (0, "spec.containers[1]", "", "{name: b, image: 'x y'}", 6, 5),
        (0, "data.a.b.c", "a.b.c", "|\n    one\n    two", 8, 10),
        (0, "data[a.b.c]", "a.b.c", "|\n    one\n    two", 8, 10),
        (0, "data.a.b", "b", "z", 12, 10),
        (1, "last", "last", "1", 14, 7),
    ] {
        let found = documents[document].tree.find(path);
        let start = found.value.range.start;
        assert!(found.whole, "{path}");
        assert_eq!(found.key.map_or("", |key| key.of(text)), key, "{path}");
        assert_eq!((found.value.range.of(text), start.line, start.column), (value, line, column), "{path}");
        assert_eq!(text[..start.byte].encode_utf16().count(), start.utf16, "{path}");
    }
    let missing = documents[0].tree.find("spec.containers[1].resources.limits");
    assert!(!missing.whole);
    assert_eq!(missing.value.range.of(text), "{name: b, image: 'x y'}");
}

#[test]
fn writes_as_kubectl() {
    for text in [
        "apiVersion: v1\ndata:\n  a: \"1\"\n  b: \"true\"\n  c: x y\n  d: 'a: b'\n  e: \"\"\n  f: '#x'\n  g: \"2026-11-24T16:34:36Z\"\nkind: ConfigMap\n",
        "args:\n- -c\n- |\n  while true; do\n    sleep 1\n  done\n- |-\n  no\n  end\n- - a\n  - b: c\n    d: []\n- {}\n- null\n- 0.5\n- 1e-07\n",
        "a_b: 3\na9: 2\na10: 1\nb: 4\n",
        "k: \"12:30\"\nl: \"y\"\nm: 1m\nnn: '*'\no: \"0x1\"\np: 'x '\nq: \"a\\tb\"\nr: \"1e3\"\n",
        "status:\n  message: '0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate,\n    preemption: 0/3 nodes are available: 3 Preemption is not helpful.'\n",
    ] {
        let documents = parse(text).expect("it is valid");
        assert_eq!(to_yaml(&documents[0].value), text);
    }
    assert_eq!(
        to_yaml(&json!([1.0, 1e21, "x\n\n", " lead\n", "a\n b \n"])),
        "- 1\n- 1e+21\n- |+\n  x\n\n- |2\n   lead\n- \"a\\n b \\n\"\n"
    );
}

/// Where YAML 1.1 by go-yaml and 1.2 by `serde_yaml` differ: kubectl's value first.
#[test]
fn differences_from_yaml_1_2() {
    for (text, ours) in [
        ("y", json!(true)),
        ("no", json!(false)),
        ("on", json!(true)),
        ("0777", json!(511)),
        ("1_000", json!(1000)),
        ("1.0", json!(1)),
        ("{a: {<<: {b: 1}}}", json!({"a": {"b": 1}})),
        ("{y: a}", json!({"true": "a"})),
    ] {
        check(&format!("x: {text}"), json!({"x": ours.clone()}));
        let theirs = serde_yaml::from_str::<Value>(&format!("x: {text}")).ok();
        assert_ne!(theirs, Some(json!({"x": ours})), "{text}: no difference any more");
    }
}

#[test]
fn agrees_with_serde_yaml_elsewhere() {
    for text in [
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: nginx-deployment\n  labels:\n    app: nginx\nspec:\n  replicas: 3\n  selector:\n    matchLabels:\n      app: nginx\n  template:\n    metadata:\n      labels:\n        app: nginx\n    spec:\n      containers:\n      - name: nginx\n        image: nginx:1.14.2\n        ports:\n        - containerPort: 80\n",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: liveness\nspec:\n  containers:\n    - name: a # inside\n      args: [\"/bin/sh\", -c, 'touch /tmp/healthy; sleep 30']\n      livenessProbe: {exec: {command: [cat, /tmp/healthy]}, periodSeconds: 5}\n",
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  my.cnf: |\n    # c\n    [mysqld]\n\n    log-bin\n  folded: >\n    one\n    two\n\n    three\n  keep: |+\n    x\n\n  q: \"a\n    b\"\n",
        "- a\n-\n  - b\n- c: d\n  e:\n  - f\n- \"\"\n",
        "{\"a\": [1, 2.5, -3, \"x\", null, true]}",
    ] {
        check(text, serde_yaml::from_str(text).expect("it is valid"));
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "([a-c:?&*!|>'\"%@`#{}\\[\\],~<.\\-]|\n|  | |\t|\r|é|: |- |---|\\PC){0,60}") {
        let stream = read(&text);
        if let Some(fault) = stream.fault {
            prop_assert!(text.is_char_boundary(fault.range.start.byte) && text.is_char_boundary(fault.range.end.byte));
        }
    }

    #[test]
    fn what_is_written_is_read_back(lines in prop::collection::vec("[ -~\n\té\u{85}\u{2028}]{0,100}", 0..5)) {
        let value = json!({"a": {"list": lines, "map": {"k": lines.first(), "": "x"}}, "b": lines.last()});
        let written = to_yaml(&value);
        let documents = parse(&written).map_err(|f| TestCaseError::fail(format!("{}: {written}", f.text)))?;
        // A line that begins with dashes inside a block scalar splits the stream, for kubectl as well.
        if !written.contains("\n---") {
            prop_assert_eq!(&documents[0].value, &value, "{}", written);
        }
    }
}
