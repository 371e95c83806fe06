//! Pods in a cluster of one node, from the first status to the last.

use super::KubeletMode;
use super::testing::{Act, events, watch};

fn pod(spec: &str) -> String {
    format!("metadata: {{name: p}}\nspec: {{{spec}}}")
}

/// The versions that a Pod has, without the creation, the binding, and the times, which have slack.
fn states(spec: &str, acts: &[Act], until: u64) -> Vec<String> {
    let lines = watch(KubeletMode::Real, &pod(spec), acts, until);
    let states = lines.iter().skip(2).filter_map(|line| line.split_once(' '));
    states.map(|(_, state)| state.to_string()).collect()
}

fn check(spec: &str, acts: &[Act], until: u64, expected: &[&str]) {
    assert_eq!(states(spec, acts, until), expected, "{spec}");
}

fn check_events(spec: &str, until: u64, expected: &[&str]) {
    let told = events(KubeletMode::Real, &pod(spec), &[], until);
    let told: Vec<&str> = told.iter().filter_map(|line| line.split_once(' ')).map(|(_, text)| text).collect();
    assert_eq!(told, expected, "{spec}");
}

const CREATING: &str = "Pending prtsc,I,r,cr,PS c=ContainerCreating";
const SANDBOX: &str = "Pending PRTSC,I,r,cr,PS c=ContainerCreating";
const RUNNING: &str = "Running PRTSC,I,R,CR,PS c=running+";

fn sh(script: &str) -> String {
    format!("containers: [{{name: c, image: busybox, command: [sh, -c, {script:?}]}}]")
}

#[test]
fn pods_end_as_their_policy_says() {
    let never = format!("restartPolicy: Never, {}", sh("sleep 2; exit 3"));
    let expected =
        [CREATING, SANDBOX, RUNNING, "Running PRTSC,I,r,cr,PS c=Error:3", "Failed prtsc,I,r,cr,PS c=Error:3"];
    check(&never, &[], 9_000, &expected);
    let again = [
        CREATING,
        SANDBOX,
        RUNNING,
        "Running PRTSC,I,r,cr,PS c=Completed:0",
        "Running PRTSC,I,R,CR,PS c=runningx1+",
        "Running PRTSC,I,r,cr,PS c=Completed:0x1",
    ];
    check(&sh("sleep 2"), &[], 9_000, &again);
}

#[test]
fn deletion_ends_in_a_final_phase() {
    let expected = [
        CREATING,
        SANDBOX,
        RUNNING,
        "Running PRTSC,I,R,CR,PS c=running+ deleting:3",
        "Running PRTSC,I,R,CR,PS c=running+ deleting:3",
        "Failed prtsc,I,r,cr,PS c=Error:137 deleting:3",
        "Failed prtsc,I,r,cr,PS c=Error:137 deleting:0",
        "gone",
    ];
    check(&sh("sleep 600"), &[Act::Delete { at: 4_000, grace: Some(3) }], 15_000, &expected);
}

#[test]
fn images_that_cannot_be_pulled_back_off() {
    let spec = "containers: [{name: c, image: 'nginx:nope'}]";
    let backing_off = "Pending PRTSC,I,r,cr,PS c=ImagePullBackOff";
    let expected = [CREATING, SANDBOX, "Pending PRTSC,I,r,cr,PS c=ErrImagePull", backing_off];
    assert_eq!(states(spec, &[], 18_000)[..4], expected);
    let never = "containers: [{name: c, image: 'missing-local:1', imagePullPolicy: Never}]";
    assert_eq!(
        states(never, &[], 5_000).last().map(String::as_str),
        Some("Pending PRTSC,I,r,cr,PS c=ErrImageNeverPull")
    );
}

#[test]
fn init_containers_come_one_after_another() {
    let init = "initContainers: [{name: i, image: busybox, command: [sleep, '1']}]";
    let expected = [
        "Pending prtsc,i,r,cr,PS i=PodInitializing c=PodInitializing",
        "Pending PRTSC,i,r,cr,PS i=PodInitializing c=PodInitializing",
        "Pending PRTSC,i,r,cr,PS i=running c=PodInitializing",
        "Pending PRTSC,I,r,cr,PS i=Completed:0+ c=PodInitializing",
        "Running PRTSC,I,R,CR,PS i=Completed:0+ c=running+",
    ];
    check(&format!("{init}, {}", sh("sleep 600")), &[], 6_000, &expected);
}

#[test]
fn events_have_the_words_of_their_version() {
    let present =
        "Pulled: Container image \"busybox:1.36\" already present on machine and can be accessed by the pod";
    let spec = "containers: [{name: c, image: 'busybox:1.36', command: [sleep, '600']}]";
    check_events(spec, 5_000, &[present, "Created: Container created", "Started: Container started"]);
}

#[test]
fn a_node_refuses_what_it_has_no_room_for() {
    let spec = "containers: [{name: c, image: busybox, resources: {requests: {cpu: '64'}}}]";
    check(spec, &[], 3_000, &["Failed"]);
    let why = "Node didn't have enough resource: cpu, requested: 64000, used: 0, capacity: 4000";
    check_events(spec, 3_000, &[&format!("OutOfcpu: {why}")]);
}
