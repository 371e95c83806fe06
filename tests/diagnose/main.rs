//! Broken manifests of the kinds that people paste: what is told, where, and what the fixes make of them.
//!
//! `cases.txt` holds them. Behind a manifest, a line `>> LINE:COLUMN SEVERITY CODE: MESSAGE` is a diagnostic,
//! in order; `+> …` is the advice on it. `=> fixed` says that no errors are left when each fix is made in
//! turn, `=> CODE LINE:COLUMN` tells the first error that is left, `=> no fix` that there is none.

use podscope::api::yaml;
use podscope::session::diagnose::{Code, Diagnostic, Label, Severity, diagnose};

mod fuzz;
mod speed;

/// Fixes one after the other, until there is none for an error.
fn fix_all(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..20 {
        let found = diagnose(&text);
        let bad = |told: &&Diagnostic| told.severity == Severity::Error || told.code == Code::DuplicateKey;
        let Some(fix) = found.iter().filter(bad).find_map(|told| told.fix.as_ref()) else { break };
        text = fix.apply(&text);
    }
    text
}

fn outcome(text: &str) -> String {
    let found = diagnose(text);
    if found.iter().all(|told| told.fix.is_none()) {
        return "=> no fix".into();
    }
    let fixed = fix_all(text);
    let left = diagnose(&fixed).into_iter().find(|told| told.severity == Severity::Error);
    left.map_or("=> fixed".into(), |told| format!("=> {} {}", told.code.name(), told.range.start))
}

fn told(text: &str) -> String {
    let mut out = String::new();
    for told in diagnose(text) {
        let Diagnostic { range, severity, code, message, advice, .. } = told;
        out.push_str(&format!(">> {} {severity} {}: {message}\n+> {advice}\n", range.start, code.name()));
        assert!(range.end.byte >= range.start.byte && range.end.byte <= text.len());
    }
    out + &outcome(text)
}

#[test]
fn what_people_paste() {
    let mut wrong = String::new();
    let cases = include_str!("cases.txt").split("\n##### ").skip(1);
    let mut count = 0;
    for case in cases {
        let (name, rest) = case.split_once('\n').expect("a name");
        let at = rest.find("\n>> ").or_else(|| rest.find("\n=> ")).map_or(rest.len(), |at| at + 1);
        let (manifest, expected) = rest.split_at(at);
        // Blanks that an editor would drop or show as others.
        let manifest = manifest.replace("<TAB>", "\t").replace("<NBSP>", "\u{a0}");
        let got = told(&manifest);
        if got != expected.trim_end() {
            wrong.push_str(&format!("##### {name}\n{got}\n\n"));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count >= 40, "{count} cases");
}

const NGINX: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: nginx-deployment\n  labels:\n    app: nginx\nspec:\n  replicas: 3\n  selector:\n    matchLabels:\n      app: nginx\n  template:\n    metadata:\n      labels:\n        app: nginx\n    spec:\n      containers:\n      - name: nginx\n        image: nginx:1.14.2\n        ports:\n        - containerPort: 80\n";

#[test]
fn lost_indentation_is_one_thing_to_say() {
    let lost: String = NGINX.lines().map(|line| format!("{}\n", line.trim_start())).collect();
    let good = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: a, imag: b}]}\n";
    let text = format!("{good}---\n{lost}---\n{good}");
    let found = diagnose(&text);
    let codes: Vec<Code> = found.iter().map(|told| told.code).collect();
    assert_eq!(codes, [Code::UnknownField, Code::Indentation, Code::UnknownField]);
    let fix = found[1].fix.as_ref().expect("a fix");
    assert_eq!(fix.label, Label::Indent);
    let fixed = yaml::parse(&fix.apply(&text)).expect("YAML");
    assert_eq!(fixed[1].value, yaml::parse(NGINX).expect("YAML")[0].value);
}

#[test]
fn what_is_well_is_left_alone() {
    assert_eq!(diagnose(""), []);
    assert_eq!(diagnose("# nothing\n---\n"), []);
    assert_eq!(diagnose(NGINX), []);
}

#[test]
fn every_document_is_heard_of() {
    let text = "a: [\n---\nb: [\n---\napiVersion: v1\nkind: Pod\n";
    let codes: Vec<Code> = diagnose(text).iter().map(|told| told.code).collect();
    assert_eq!(codes[..2], [Code::Syntax, Code::Syntax]);
    assert!(codes.contains(&Code::Required), "{codes:?}");
}

#[test]
fn the_scenario_is_checked() {
    let text = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\napiVersion: podscope.dev/v1\nkind: Scenario\nspec:\n  nodes: 2\n  sed: 1\n";
    let found = diagnose(text);
    assert_eq!((found.len(), found[0].code, found[0].range.start.line), (1, Code::Scenario, 9));
    assert_eq!(diagnose(&text.replace("sed", "seed")), []);
}
