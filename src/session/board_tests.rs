//! Frames depend on the moment alone, and hold what the store held then.

use std::time::Duration;

use super::frame::{Diagnosis, Frame, PodState};
use super::{Board, Scenario, Session};
use crate::api::{Key, Kind, Moment};

const OPENING: &str = include_str!("../../static/scenarios/stuck-rollout.yaml");

fn second(seconds: u64) -> Moment {
    Moment::START + Duration::from_secs(seconds)
}

fn played(until: u64) -> Session {
    let mut session = Session::new(Scenario::from_file(OPENING).unwrap());
    session.run_until(second(until));
    session
}

/// All that a frame shows, as text; `head` is where the run is, not what is looked at.
fn shown(frame: &Frame) -> String {
    format!("{:#?}", Frame { head: Moment::START, ..frame.clone() })
}

#[test]
fn a_moment_looks_the_same_from_everywhere() {
    let session = played(70);
    let mut wanderer = Board::default();
    for at in [70, 13, 40, 0, 62, 5, 5, 49] {
        let at = Some(second(at));
        let fresh = shown(Board::default().frame(&session, at));
        assert!(fresh == shown(wanderer.frame(&session, at)), "{at:?}");
    }
}

#[test]
fn following_a_run_gives_what_looking_back_gives() {
    let mut session = Session::new(Scenario::from_file(OPENING).unwrap());
    let mut follower = Board::default();
    let whole = played(60);
    for seconds in (0..60).step_by(3) {
        session.run_until(second(seconds));
        let live = shown(follower.frame(&session, None));
        assert!(live == shown(Board::default().frame(&whole, Some(second(seconds)))), "{seconds}");
    }
}

#[test]
fn what_did_not_change_keeps_its_address() {
    let session = played(30);
    let mut board = Board::default();
    let before = board.frame(&session, Some(second(10))).clone();
    let after = board.frame(&session, Some(second(30))).clone();
    let old_set = &before.roots[0].children[0].pods;
    assert!(old_set.iter().all(|pod| after.roots[0].children[0].pods.contains(pod)));
    assert!(before.roots != after.roots);
}

#[test]
fn the_opening_scenario_tells_its_story() {
    let session = played(80);
    let mut board = Board::default();
    let mut at = |seconds: u64| board.frame(&session, Some(second(seconds))).clone();
    let diagnosis = |frame: &Frame| frame.roots[0].diagnosis.clone();
    assert_eq!(diagnosis(&at(10)), Diagnosis::Steady { ready: 4, desired: 4 });
    let Diagnosis::Rolling { problem: Some(problem), .. } = diagnosis(&at(20)) else { panic!("not rolling") };
    assert_eq!((problem.pods, problem.about.as_deref()), (1, Some("nginx:1.161")));
    let Diagnosis::Stuck { ready: 4, updated: 1, .. } = diagnosis(&at(46)) else { panic!("not stuck") };
    assert_eq!(at(46).tally.failing, 1);
    assert_eq!(diagnosis(&at(58)), Diagnosis::Steady { ready: 4, desired: 4 });
    assert_eq!(diagnosis(&at(80)), Diagnosis::Steady { ready: 4, desired: 4 });
}

#[test]
fn no_two_pods_of_an_owner_share_a_seat() {
    let session = played(80);
    let mut board = Board::default();
    for tenth in 0..800 {
        let frame = board.frame(&session, Some(Moment::from_micros(tenth * 100_000)));
        for set in frame.roots.iter().flat_map(|root| &root.children) {
            let mut seats: Vec<u32> = set.pods.iter().map(|pod| pod.seat).collect();
            seats.dedup();
            assert_eq!(seats.len(), set.pods.len(), "{tenth}");
        }
    }
}

#[test]
fn an_object_is_inspected_as_it_was() {
    let session = played(80);
    let mut board = Board::default();
    let frame = board.frame(&session, Some(second(40))).clone();
    let mut failing = frame.roots[0].children.iter().flat_map(|set| &set.pods);
    let failing = failing.find(|pod| pod.state == PodState::Failed).unwrap();
    let then = session.inspect(&failing.key, Some(second(40))).unwrap();
    assert_eq!(then.owners.last(), Some(&Key::new(Kind::Deployment, "default", "web")));
    assert_eq!(then.containers[0].image, "nginx:1.161");
    assert!(then.yaml.starts_with("apiVersion: v1\nkind: Pod\n"), "{}", then.yaml);
    assert!(!then.events.is_empty());
    assert!(session.inspect(&failing.key, None).is_none());
}

#[test]
fn what_a_person_does_is_kept() {
    let mut session = played(5);
    session.run("kubectl scale deployment/web --replicas=2");
    let text = session.scenario().files["manifest.yaml"].replace("replicas: 4", "replicas: 3");
    let output = session.apply_manifest(&text).output.clone();
    assert_eq!(output.exit, Some(0), "{}", output.stderr);
    assert_eq!(session.inputs().len(), 2);
    session.run_until(second(11));
    let mut board = Board::default();
    assert_eq!(board.frame(&session, None).roots[0].view.desired, 3);
}
