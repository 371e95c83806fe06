//! What holds in every run: of random Deployments that random things happen to at random times.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use podscope::api::core::PodStatus;
use podscope::api::{Deployment, IntOrString, Kind, Moment, Object, Pod, codec};
use podscope::session::{Scenario, Session};
use podscope::store::Change;
use proptest::prelude::*;

/// Long enough for everything to come to rest: Pods start and stop in a second.
const REST: Duration = Duration::from_secs(90);

/// The ReplicaSet controller acts on a new size this soon.
const SOON: Duration = Duration::from_millis(20);

/// One thing that a person does.
#[derive(Clone, Debug)]
enum Act {
    Scale(u32),
    Image(u32),
    /// An image that no registry has.
    BadImage,
    Surge(String, String),
    Pause,
    Resume,
    Restart,
    Undo,
    DeletePods,
}

#[derive(Clone, Debug)]
struct Plan {
    seed: u64,
    replicas: u32,
    surge: String,
    unavailable: String,
    min_ready: u32,
    /// Milliseconds to wait, and what is done then.
    acts: Vec<(u64, Act)>,
}

fn amount() -> impl Strategy<Value = String> {
    prop_oneof![(0u32..4).prop_map(|n| n.to_string()), (0u32..101).prop_map(|n| format!("\"{n}%\""))]
}

/// Not both nothing, which validation refuses.
fn amounts() -> impl Strategy<Value = (String, String)> {
    let is_nothing = |text: &str| text == "0" || text == "\"0%\"";
    (amount(), amount()).prop_map(move |(surge, unavailable)| {
        let both = is_nothing(&surge) && is_nothing(&unavailable);
        (if both { "1".into() } else { surge }, unavailable)
    })
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => (0u32..12).prop_map(Act::Scale),
        3 => (0u32..3).prop_map(Act::Image),
        1 => Just(Act::BadImage),
        1 => amounts().prop_map(|(surge, unavailable)| Act::Surge(surge, unavailable)),
        1 => Just(Act::Pause),
        2 => Just(Act::Resume),
        1 => Just(Act::Restart),
        1 => Just(Act::Undo),
        1 => Just(Act::DeletePods),
    ]
}

fn plan() -> impl Strategy<Value = Plan> {
    let acts = prop::collection::vec((0u64..6000, act()), 0..8);
    (any::<u64>(), 0u32..10, amounts(), 0u32..4, acts).prop_map(
        |(seed, replicas, (surge, unavailable), min_ready, acts)| Plan {
            seed,
            replicas,
            surge,
            unavailable,
            min_ready,
            acts,
        },
    )
}

impl Plan {
    fn session(&self) -> Session {
        let text = format!(
            "apiVersion: podscope.dev/v1\nkind: Scenario\nspec: {{seed: {}, nodes: 3, kubelet: scripted, until: 1h, steps: []}}\n",
            self.seed
        );
        Session::new(Scenario::from_file(&text).expect("a scenario"))
    }

    fn manifest(&self) -> String {
        let Plan { replicas, surge, unavailable, min_ready, .. } = self;
        format!(
            "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: {replicas}
  minReadySeconds: {min_ready}
  strategy:
    rollingUpdate:
      maxSurge: {surge}
      maxUnavailable: {unavailable}
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: web
        image: nginx:1.0
"
        )
    }

    /// Does everything, and waits until it is done.
    fn run(&self, session: &mut Session) {
        session.apply_manifest(&self.manifest());
        for (wait, act) in &self.acts {
            wait_for(session, Duration::from_millis(*wait));
            perform(session, act);
        }
        session.run("kubectl rollout resume deployment/web");
        wait_for(session, REST);
    }
}

fn wait_for(session: &mut Session, span: Duration) {
    let until = session.cluster().now() + span;
    session.run_until(until);
}

fn perform(session: &mut Session, act: &Act) {
    let line = match act {
        Act::Scale(replicas) => format!("scale deployment/web --replicas={replicas}"),
        Act::Image(tag) => format!("set image deployment/web web=nginx:1.{tag}"),
        Act::BadImage => "set image deployment/web web=nginx:nope".into(),
        Act::Surge(surge, unavailable) => format!(
            "patch deployment web -p '{{\"spec\":{{\"strategy\":{{\"rollingUpdate\":{{\"maxSurge\":{surge},\"maxUnavailable\":{unavailable}}}}}}}}}'"
        ),
        Act::Pause => "rollout pause deployment/web".into(),
        Act::Resume => "rollout resume deployment/web".into(),
        Act::Restart => "rollout restart deployment/web".into(),
        Act::Undo => "rollout undo deployment/web".into(),
        Act::DeletePods => "delete pods --all --wait=false".into(),
    };
    session.run(&format!("kubectl {line}"));
}

/// Everything that was written, in one number.
fn trace(session: &Session) -> u64 {
    let mut hasher = DefaultHasher::new();
    for change in session.cluster().store().changes_since(0) {
        (change.revision, change.time.as_micros(), format!("{:?}", change.cause)).hash(&mut hasher);
        codec::encode(change.object()).to_string().hash(&mut hasher);
        change.after.is_some().hash(&mut hasher);
    }
    for command in session.commands() {
        (&command.line, &command.output.stdout, &command.output.stderr).hash(&mut hasher);
    }
    hasher.finish()
}

/// The Deployment's bounds, as its strategy sets them.
fn bounds(deployment: &Deployment) -> (usize, usize) {
    let replicas = deployment.spec.replicas.unwrap_or(1);
    let rolling = deployment.spec.strategy.as_ref().and_then(|strategy| strategy.rolling_update.as_ref());
    let rolling = rolling.expect("a rolling update");
    let scaled = |amount: &Option<IntOrString>, round: fn(f64) -> f64| match amount {
        Some(IntOrString::Int(number)) => *number,
        Some(IntOrString::String(text)) => {
            let percent: f64 = text.trim_end_matches('%').parse().expect("a percentage");
            round(percent * f64::from(replicas) / 100.0) as i32
        }
        None => 0,
    };
    let surge = scaled(&rolling.max_surge, f64::ceil);
    let unavailable = match (surge, scaled(&rolling.max_unavailable, f64::floor)) {
        (0, 0) => 1,
        (_, unavailable) => unavailable,
    };
    let size = |number: i32| usize::try_from(number).unwrap_or(0);
    (size(replicas + surge), size(replicas - unavailable))
}

fn is_ready(status: &PodStatus) -> bool {
    status.conditions.iter().flatten().any(|c| c.type_ == "Ready" && c.status == "True")
}

/// What is watched while a run's changes go by.
#[derive(Default)]
struct Watch {
    /// Whether a Pod stays, and whether it stays and is ready.
    pods: BTreeMap<String, (bool, bool)>,
    /// How many Pods each ReplicaSet is told to have.
    sets: BTreeMap<String, usize>,
    /// The most Pods there may be, and the fewest that have to be ready, since all was well last.
    most: usize,
    fewest: usize,
    generations: BTreeMap<String, i64>,
}

impl Watch {
    fn see(&mut self, change: &Change) {
        let object = change.object();
        let owners = object.meta().owner_references.iter().flatten();
        assert!(owners.filter(|owner| owner.controller == Some(true)).count() <= 1, "{change:?}");
        if change.after.is_some() {
            assert_eq!(object.meta().resource_version.as_deref(), Some(change.revision.to_string().as_str()));
            let uid = object.meta().uid.clone().unwrap_or_default();
            let generation = object.meta().generation.unwrap_or(0);
            let before = self.generations.insert(uid, generation).unwrap_or(0);
            assert!(before <= generation, "{change:?}");
        }
        match &change.after {
            Some(Object::Deployment(deployment)) => self.deployment(deployment),
            Some(Object::ReplicaSet(set)) => {
                let size = usize::try_from(set.spec.replicas.unwrap_or(1)).unwrap_or(0);
                self.sets.insert(change.key.name.to_string(), size);
                let told: usize = self.sets.values().sum();
                assert!(told <= self.most, "{told} Pods wanted where {} are the most", self.most);
            }
            None if change.key.kind == Kind::ReplicaSet => drop(self.sets.remove(&*change.key.name)),
            Some(Object::Pod(pod)) => self.pod(pod),
            None if change.key.kind == Kind::Pod => drop(self.pods.remove(&*change.key.name)),
            _ => {}
        }
    }

    fn pod(&mut self, pod: &Pod) {
        let stays = pod.metadata.deletion_timestamp.is_none();
        let name = pod.metadata.name.clone().unwrap_or_default();
        self.pods.insert(name, (stays, stays && is_ready(&pod.status)));
        let ready = self.ready();
        assert!(ready >= self.fewest, "{ready} ready Pods where {} are the fewest", self.fewest);
    }

    /// The controllers have done what there was to do.
    fn at_rest(&self) {
        let there = self.pods.values().filter(|(stays, _)| *stays).count();
        assert!(there <= self.most, "{there} Pods where {} are the most", self.most);
    }

    fn ready(&self) -> usize {
        self.pods.values().filter(|(_, ready)| *ready).count()
    }

    fn deployment(&mut self, deployment: &Deployment) {
        let (most, fewest) = bounds(deployment);
        let replicas = usize::try_from(deployment.spec.replicas.unwrap_or(1)).unwrap_or(0);
        let status = &deployment.status;
        let count = |count: Option<i32>| usize::try_from(count.unwrap_or(0)).unwrap_or(0);
        let is_told = status.observed_generation == deployment.metadata.generation;
        let is_complete = is_told
            && [status.replicas, status.updated_replicas, status.available_replicas]
                .into_iter()
                .all(|number| count(number) == replicas)
            && self.pods.values().filter(|(stays, _)| *stays).count() == replicas;
        if is_complete {
            (self.most, self.fewest) = (most, fewest.min(self.ready()));
        } else {
            self.most = self.most.max(most);
            self.fewest = self.fewest.min(fewest);
        }
    }

    /// A person took Pods away: until the Deployment is complete again, fewer may be ready.
    fn excuse(&mut self) {
        self.fewest = 0;
    }
}

fn check_bounds(session: &Session) {
    let mut watch = Watch::default();
    let mut deletions =
        session.commands().iter().filter(|command| command.line.contains("delete")).peekable();
    let (mut last, mut time) = (0, Moment::START);
    for change in session.cluster().store().changes_since(0) {
        assert_eq!(change.revision, last + 1);
        assert!(change.time >= time);
        if change.time - time > SOON {
            watch.at_rest();
        }
        (last, time) = (change.revision, change.time);
        while deletions.next_if(|command| command.before < change.revision).is_some() {
            watch.excuse();
        }
        watch.see(change);
    }
}

fn count(session: &Session, kind: Kind) -> usize {
    session.cluster().store().latest().list(kind, Some("default")).count()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn rolling_updates_keep_their_bounds(plan in plan()) {
        let mut session = plan.session();
        plan.run(&mut session);
        check_bounds(&session);
    }

    #[test]
    fn what_is_deleted_is_gone(plan in plan()) {
        let mut session = plan.session();
        plan.run(&mut session);
        session.run("kubectl delete deployment web --wait=false");
        wait_for(&mut session, REST);
        for kind in [Kind::Deployment, Kind::ReplicaSet, Kind::Pod] {
            prop_assert_eq!(count(&session, kind), 0, "{}", kind);
        }
    }

    #[test]
    fn the_same_run_again(plan in plan(), cut in 0u64..20_000) {
        let mut first = plan.session();
        plan.run(&mut first);
        // Seen piece by piece, it is the same run.
        let mut again = plan.session();
        again.apply_manifest(&plan.manifest());
        for (wait, act) in &plan.acts {
            for _ in 0..4 {
                wait_for(&mut again, Duration::from_micros(wait * 250));
            }
            perform(&mut again, act);
        }
        again.run("kubectl rollout resume deployment/web");
        let until = again.cluster().now() + REST;
        wait_for(&mut again, Duration::from_millis(cut));
        let mut branch = again.clone();
        again.run_until(until);
        branch.run_until(until);
        prop_assert_eq!(trace(&again), trace(&first));
        prop_assert_eq!(trace(&branch), trace(&first));
    }

    #[test]
    fn a_rollout_comes_to_rest(plan in plan(), tag in 5u32..8) {
        let mut session = plan.session();
        plan.run(&mut session);
        perform(&mut session, &Act::Image(tag));
        wait_for(&mut session, REST);
        let view = session.cluster().store().latest();
        let deployment = view.named::<Deployment>("default", "web").expect("the Deployment");
        let replicas = deployment.spec.replicas.unwrap_or(1);
        prop_assert_eq!(deployment.status.updated_replicas.unwrap_or(0), replicas);
        prop_assert_eq!(deployment.status.available_replicas.unwrap_or(0), replicas);
        prop_assert_eq!(count(&session, Kind::Pod), usize::try_from(replicas).unwrap_or(0));
        prop_assert!(session.cluster().now() > Moment::START);
    }
}
