//! The arithmetic of rollouts as tables.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{replica_sets, sync, util};
use crate::api::{Deployment, Kind, Kinded, ReplicaSet, codec};

fn deployment(spec: Value) -> Deployment {
    let mut object =
        json!({"metadata": {"name": "web", "uid": "web"}, "spec": {"selector": {}, "template": {}}});
    object["spec"]
        .as_object_mut()
        .unwrap_or_else(|| unreachable!())
        .extend(spec.as_object().cloned().unwrap_or_default());
    let object = codec::decode(Kind::Deployment, object).unwrap_or_else(|e| panic!("{spec}: {e}"));
    Deployment::clone(Deployment::unwrap(&object).unwrap_or_else(|| unreachable!()))
}

fn rolling(replicas: i32, surge: Value, unavailable: Value) -> Deployment {
    let rolling = json!({"maxSurge": surge, "maxUnavailable": unavailable});
    deployment(json!({"replicas": replicas, "strategy": {"type": "RollingUpdate", "rollingUpdate": rolling}}))
}

fn replica_set(name: &str, second: usize, replicas: i32, most: Option<i32>) -> Arc<ReplicaSet> {
    let annotations = most.map(|most| json!({util::MAX_REPLICAS: most.to_string()}));
    let object = json!({
        "metadata": {"name": name, "annotations": annotations, "creationTimestamp": format!("2026-01-01T00:00:{second:02}Z")},
        "spec": {"replicas": replicas, "selector": {}},
    });
    let object = codec::decode(Kind::ReplicaSet, object).unwrap_or_else(|e| panic!("{name}: {e}"));
    ReplicaSet::unwrap(&object).unwrap_or_else(|| unreachable!()).clone()
}

#[test]
fn surge_and_unavailable() {
    let check = |replicas, surge: Value, unavailable: Value, expected: (i32, i32)| {
        let about = format!("{replicas} +{surge} -{unavailable}");
        let d = rolling(replicas, surge, unavailable);
        assert_eq!((util::max_surge(&d), util::max_unavailable(&d)), expected, "{about}");
    };
    check(10, json!(0), json!(2), (0, 2));
    check(1, json!(1), json!(2), (1, 1));
    check(10, json!("25%"), json!("25%"), (3, 2));
    check(4, json!("25%"), json!("25%"), (1, 1));
    check(1, json!("25%"), json!("25%"), (1, 0));
    check(3, json!("0%"), json!("20%"), (0, 1));
    check(0, json!("0%"), json!("0%"), (0, 0));
    check(10, json!(0), json!(0), (0, 1));
    check(5, json!(0), json!("100%"), (0, 5));
    let recreate = deployment(json!({"replicas": 3, "strategy": {"type": "Recreate"}}));
    assert_eq!((util::max_surge(&recreate), util::max_unavailable(&recreate)), (0, 0));
}

#[test]
fn new_replica_set_grows_within_the_surge() {
    let check = |replicas, surge: i32, total, size, expected| {
        let d = rolling(replicas, json!(surge), json!(0));
        assert_eq!(util::new_replicas(&d, total, size), expected, "{replicas}+{surge}, {size} of {total}");
    };
    check(10, 0, 10, 0, 0);
    check(10, 1, 10, 0, 1);
    check(10, 10, 10, 0, 10);
    check(10, 3, 13, 3, 3);
    check(10, 3, 11, 3, 5);
    check(10, 20, 10, 5, 10);
    check(5, 1, 8, 2, 2);
}

/// Sizes by age, oldest first, before and after a Deployment of `before` replicas is scaled to `after`.
fn check_proportional(before: i32, after: i32, surge: i32, sizes: &[i32], expected: &[i32]) {
    let sets: Vec<_> = sizes
        .iter()
        .enumerate()
        .map(|(at, size)| replica_set(&format!("rs-{at}"), at, *size, Some(before + surge)))
        .collect();
    let mut plan = sync::plan_proportional(&rolling(after, json!(surge), json!(0)), sets);
    plan.sort_by(|(a, _), (b, _)| a.metadata.name.cmp(&b.metadata.name));
    let sizes_after: Vec<i32> = plan.into_iter().map(|(_, size)| size).collect();
    assert_eq!(sizes_after, expected, "{sizes:?}: {before} to {after}");
}

#[test]
fn scaling_in_the_middle_of_a_rollout() {
    check_proportional(10, 12, 0, &[5, 5], &[6, 6]);
    check_proportional(10, 20, 0, &[5, 5], &[10, 10]);
    check_proportional(10, 5, 0, &[5, 5], &[2, 3]);
    check_proportional(10, 3, 0, &[5, 5], &[1, 2]);
    check_proportional(10, 15, 3, &[8, 5], &[11, 7]);
    check_proportional(15, 8, 3, &[11, 7], &[7, 4]);
    check_proportional(10, 0, 0, &[5, 4, 1], &[0, 0, 0]);
    check_proportional(5, 10, 2, &[5, 2], &[9, 3]);
    check_proportional(20, 20, 0, &[10, 10], &[10, 10]);
}

#[test]
fn revision_history() {
    let check = |history: &str, revision: &str, expected: Option<&str>| {
        assert_eq!(
            replica_sets::add_to_history(history, revision).as_deref(),
            expected,
            "{history}+{revision}"
        );
    };
    check("", "1", Some("1"));
    check("1", "3", Some("1,3"));
    let long = "1000,".repeat(399) + "1000";
    check(&long, "2000", Some(&(long[5..].to_string() + ",2000")));
}
