use std::collections::BTreeMap;
use std::time::Duration;

use super::*;
use crate::cluster::{Config, KubeletMode, NodeConfig};

const WEB: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: 'nginx:1.14.2', ports: [{containerPort: 80}]}
";

const SERVICE: &str = "\
apiVersion: v1
kind: Service
metadata: {name: front}
spec: {selector: {app: web}, clusterIP: 10.96.1.1, ports: [{port: 80}]}
";

fn cluster(kubelet: KubeletMode) -> Cluster {
    let nodes = vec![NodeConfig { name: "node-1".into(), ..NodeConfig::default() }];
    let mut cluster = Cluster::new(Config { epoch: Default::default(), seed: 1, nodes, kubelet });
    cluster.ensure_namespace("lab").unwrap();
    cluster
}

/// Runs a command until it ends, for at most a minute; its output, errors and exit code.
fn run(cluster: &mut Cluster, files: &BTreeMap<String, String>, line: &str) -> String {
    let env = Env { namespace: "lab", files, stdin: None };
    let mut running = start(line, &env, cluster);
    let mut output = running.poll(cluster);
    let end = cluster.now() + Duration::from_secs(60);
    while output.exit.is_none() {
        let deadline = running.deadline().filter(|deadline| *deadline < end).unwrap_or(end);
        if !cluster.step(deadline) {
            cluster.run_until(deadline);
            if deadline == end {
                break;
            }
        }
        let more = running.poll(cluster);
        output.stdout.push_str(&more.stdout);
        output.stderr.push_str(&more.stderr);
        output.exit = more.exit;
    }
    let exit = match output.exit {
        Some(0) => String::new(),
        Some(exit) => format!("exit {exit}\n"),
        None => "running\n".into(),
    };
    output.stdout + &output.stderr + &exit
}

/// Applies a manifest, lets five seconds pass, and runs commands: each line that begins with `$` is one, what follows it
/// is what it prints.
fn check(manifest: &str, script: &str) {
    let mut cluster = cluster(KubeletMode::Scripted);
    let files =
        BTreeMap::from([("m.yaml".to_string(), manifest.to_string()), ("web.yaml".into(), WEB.into())]);
    if !manifest.is_empty() {
        run(&mut cluster, &files, "kubectl apply -f m.yaml");
    }
    cluster.run_until(cluster.now() + Duration::from_secs(5));
    let mut seen = String::new();
    for line in script.lines().filter_map(|line| line.strip_prefix("$ ")) {
        seen.push_str(&format!("$ {line}\n{}", run(&mut cluster, &files, &format!("kubectl {line}"))));
    }
    assert_eq!(seen, script);
}

#[test]
fn applying() {
    check(
        "",
        "\
$ apply -f web.yaml
deployment.apps/web created
$ apply -f web.yaml
deployment.apps/web unchanged
$ scale deploy/web --replicas=3
deployment.apps/web scaled
$ apply -f web.yaml --dry-run=server
deployment.apps/web configured (server dry run)
$ apply -f web.yaml -o name
deployment.apps/web
$ create -f web.yaml
Error from server (AlreadyExists): error when creating \"web.yaml\": deployments.apps \"web\" already exists
exit 1
$ replace -f web.yaml
deployment.apps/web replaced
$ delete -f web.yaml --wait=false
deployment.apps \"web\" deleted from lab namespace
$ apply -f nowhere.yaml
error: the path \"nowhere.yaml\" does not exist
exit 1
",
    );
}

#[test]
fn getting() {
    check(
        SERVICE,
        "\
$ get svc
NAME    TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE
front   ClusterIP   10.96.1.1    <none>        80/TCP    5s
$ get service/front -o wide --no-headers
front   ClusterIP   10.96.1.1   <none>   80/TCP   5s    app=web
$ get svc -o name
service/front
$ get svc front -o jsonpath='{.spec.clusterIP}{\"\\n\"}'
10.96.1.1
$ get svc -o custom-columns=NAME:.metadata.name,PORT:.spec.ports[*].port,NONE:.x
NAME    PORT   NONE
front   80     <none>
$ get pods,svc -l app=none
No resources found in lab namespace.
$ get svc front nosuch --no-headers
front   ClusterIP   10.96.1.1   <none>   80/TCP   5s
Error from server (NotFound): services \"nosuch\" not found
exit 1
$ get nosuchkind
error: the server doesn't have a resource type \"nosuchkind\"
exit 1
$ get svc --field-selector=metadata.name!=front
No resources found in lab namespace.
",
    );
}

#[test]
fn changing() {
    check(
        WEB,
        "\
$ set image deploy/web web=nginx:1.25
deployment.apps/web image updated
$ set image deploy/web nope=nginx:1.25
error: unable to find container named \"nope\"
exit 1
$ set env deploy/web MODE=x
deployment.apps/web env updated
$ set env deploy/web --list
# Deployment web, container web
MODE=x
$ set resources deploy/web --requests=cpu=10m
deployment.apps/web resource requirements updated
$ label deploy web tier=front
deployment.apps/web labeled
$ label deploy web tier=back
error: 'tier' already has a value (front), and --overwrite is false
exit 1
$ label deploy web tier- gone-
label \"gone\" not found.
deployment.apps/web unlabeled
$ annotate deploy web a=b
deployment.apps/web annotated
$ patch deploy web -p '{\"spec\":{\"replicas\":2}}'
deployment.apps/web patched (no change)
$ patch deploy web --type=json -p '[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":1}]'
deployment.apps/web patched
$ patch deploy web -p '{\"spec\":{\"replicas\":\"x\"}}'
The request is invalid: patch: Invalid value: \"map[spec:map[replicas:x]]\": unrecognized type: int32
exit 1
$ scale deploy/web --current-replicas=7 --replicas=2
error: Expected replicas to be 7, was 1
exit 1
",
    );
}

#[test]
fn rolling() {
    check(
        WEB,
        "\
$ rollout status deploy/web
deployment \"web\" successfully rolled out
$ set image deploy/web web=nginx:1.25
deployment.apps/web image updated
$ rollout status deploy/web --timeout=500ms
Waiting for deployment spec update to be observed...
Waiting for deployment spec update to be observed...
Waiting for deployment \"web\" rollout to finish: 0 out of 2 new replicas have been updated...
Waiting for deployment \"web\" rollout to finish: 1 out of 2 new replicas have been updated...
error: timed out waiting for the condition
exit 1
$ rollout history deploy/web
deployment.apps/web 
REVISION  CHANGE-CAUSE
1         <none>
2         <none>

$ rollout pause deploy/web
deployment.apps/web paused
$ rollout restart deploy/web
error: deployments.apps \"web\" can't restart paused deployment (run rollout resume first)
exit 1
$ rollout resume deploy/web
deployment.apps/web resumed
$ rollout resume deploy/web
error: deployments.apps \"web\" is not paused
exit 1
$ rollout restart deploy/web
deployment.apps/web restarted
",
    );
}

#[test]
fn undoing() {
    let warning = "Warning: resource deployments/web was previously managed with 'kubectl apply'. Rolling back will not \
        update the kubectl.kubernetes.io/last-applied-configuration annotation, which may cause unexpected behavior on \
        future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.";
    check(
        WEB,
        &format!(
            "\
$ rollout undo deploy/web
{warning}
error: no rollout history found for deployment \"web\"
exit 1
$ set image deploy/web web=nginx:1.25
deployment.apps/web image updated
$ rollout status deploy/web --watch=false
Waiting for deployment spec update to be observed...
$ rollout undo deploy/web --to-revision=1
deployment.apps/web rolled back
{warning}
"
        ),
    );
}

#[test]
fn deleting() {
    check(
        WEB,
        "\
$ delete deploy/web --cascade=foreground
deployment.apps \"web\" deleted from lab namespace
$ get all
No resources found in lab namespace.
$ delete pods --all
No resources found
$ delete pod nosuch
Error from server (NotFound): pods \"nosuch\" not found
exit 1
$ delete node node-1 -n lab --wait=false
node \"node-1\" deleted
Warning: deleting cluster-scoped resources, not scoped to the provided namespace
",
    );
}

#[test]
fn misuse() {
    check(
        "",
        "\
$ get pods --nope
error: unknown flag: --nope
See 'kubectl get --help' for usage.
exit 1
$ get pods -z
error: unknown shorthand flag: 'z' in -z
See 'kubectl get --help' for usage.
exit 1
$ scale deploy/web --replicas=x
error: invalid argument \"x\" for \"--replicas\" flag: strconv.ParseInt: parsing \"x\": invalid syntax
See 'kubectl scale --help' for usage.
exit 1
$ frobnicate
error: unknown command \"frobnicate\" for \"kubectl\"
exit 1
$ delete pod
error: resource(s) were provided, but no name was specified
exit 1
$ get pods 'unclosed
error: unclosed quote: '
exit 1
",
    );
}

fn check_words(line: &str, expected: &[&str]) {
    let expected: Vec<String> = expected.iter().map(|word| (*word).into()).collect();
    assert_eq!(parse::words(line), Ok(expected), "{line}");
}

#[test]
fn words() {
    check_words("kubectl  get pods", &["kubectl", "get", "pods"]);
    check_words("a 'b c' \"d \\\"e\\\"\" f\\ g # no", &["a", "b c", "d \"e\"", "f g"]);
    check_words("-p '{\"a\": 1}' ''", &["-p", "{\"a\": 1}", ""]);
}

fn check_duration(seconds: u64, expected: &str) {
    assert_eq!(human_duration(Duration::from_secs(seconds)), expected);
}

#[test]
fn durations() {
    check_duration(0, "0s");
    check_duration(119, "119s");
    check_duration(120, "2m");
    check_duration(125, "2m5s");
    check_duration(45 * 60, "45m");
    check_duration(3 * 3600 + 600, "3h10m");
    check_duration(9 * 3600 + 600, "9h");
    check_duration(52 * 3600, "2d4h");
    check_duration(200 * 86_400, "200d");
    check_duration(3 * 365 * 86_400, "3y");
}

/// A Pod whose containers really run.
const PAIR: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - {name: a, image: busybox, command: [sleep, '1000']}
  - {name: b, image: busybox, command: [sleep, '1000']}
";

#[test]
fn executing() {
    let mut cluster = cluster(KubeletMode::Real);
    let files = BTreeMap::from([("p.yaml".to_string(), PAIR.to_string())]);
    run(&mut cluster, &files, "kubectl apply -f p.yaml");
    cluster.run_until(cluster.now() + Duration::from_secs(5));
    let mut check = |line: &str, expected: &str| {
        assert_eq!(run(&mut cluster, &files, &format!("kubectl {line}")), expected, "{line}");
    };
    check("exec p -c b -- sh -c 'echo one; sleep 2; echo two'", "one\ntwo\n");
    check("exec pod/p -q -- touch /tmp/x", "");
    check("exec p -c a -- ls /tmp", "x\n");
    check("exec p -- true", "Defaulted container \"a\" out of: a, b\n");
    check("exec p -c b -- sh -c 'exit 3'", "command terminated with exit code 3\nexit 3\n");
    check("exec p -c c -- true", "error: container c is not valid for pod p out of: a, b\nexit 1\n");
    check("exec q -- true", "Error from server (NotFound): pods \"q\" not found\nexit 1\n");
    check("exec p", "error: you must specify at least one command for the container\nexit 1\n");
    check(
        "exec p true",
        "error: exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead\n\
         See 'kubectl exec -h' for help and examples\nexit 1\n",
    );
}
