//! References, which images exist, and what the known ones do.

use super::super::images::{Existence, Reference, exists};
use super::*;

#[test]
fn references() {
    let full = |image: &str| {
        Reference::parse(image).map(|reference| reference.to_string()).map_err(|error| error.message())
    };
    for (image, expected) in [
        ("nginx", "docker.io/library/nginx:latest"),
        ("nginx:1.14.2", "docker.io/library/nginx:1.14.2"),
        ("user/app", "docker.io/user/app:latest"),
        ("registry.k8s.io/pause:3.8", "registry.k8s.io/pause:3.8"),
        ("localhost:5000/a/b:c", "localhost:5000/a/b:c"),
        ("index.docker.io/library/x", "docker.io/library/x:latest"),
    ] {
        assert_eq!(full(image).as_deref(), Ok(expected));
    }
    let digest = format!("nginx@sha256:{}", "0a".repeat(32));
    assert_eq!(full(&digest), Ok(format!("docker.io/library/{digest}")));
    for (image, why) in [
        ("NGINX:1.14.2", "invalid reference format: repository name (library/NGINX) must be lowercase"),
        ("", "invalid reference format"),
        ("nginx:", "invalid reference format"),
        ("a b", "invalid reference format"),
        ("<your-image>", "invalid reference format"),
        ("nginx:1:2", "invalid reference format"),
    ] {
        let message = format!(
            "Failed to apply default image tag {image:?}: couldn't parse image name {image:?}: {why}"
        );
        assert_eq!(full(image), Err(message));
    }
}

#[test]
fn existence() {
    for (image, expected) in [
        ("nginx", Existence::Present),
        ("nginx:1.14.2", Existence::Present),
        ("nginx:1.29-alpine", Existence::Present),
        ("nginx:stable-alpine", Existence::Present),
        ("nginx:1.161", Existence::Absent),
        ("nginx:nope", Existence::Absent),
        ("nginx:sometag", Existence::Absent),
        ("nginx:latst", Existence::Absent),
        ("ngnix", Existence::Denied),
        ("busybox:1.28", Existence::Present),
        ("registry.k8s.io/app:v1", Existence::Present),
        ("registry.k8s.io/app:nope", Existence::Absent),
        ("registry.example.com/does-not-exist:1", Existence::NoSuchHost),
        ("gcr.io/google-samples/hello-app:2.0", Existence::Present),
        ("myorg/mine:v3", Existence::Present),
        ("non-existing-repo/non-existing-image:example", Existence::Denied),
        ("postgres:16-alpine", Existence::Present),
        ("mysql:5.6", Existence::Present),
        ("redis:6.0.5", Existence::Present),
    ] {
        let reference = Reference::parse(image).expect("a good reference");
        assert_eq!(exists(&reference), expected, "{image}");
    }
}

/// Image, arguments, port, path, status, part of the body.
fn check_http(image: &str, args: &[&str], port: u16, path: &str, status: u16, part: &str) {
    let mut rig = Rig::start(image, &[], args).expect("it starts");
    rig.to(40.0);
    match rig.get(port, path) {
        Answer::Response(response) => {
            let body = String::from_utf8_lossy(&response.body).into_owned();
            assert_eq!((response.status, body.contains(part)), (status, true), "{image} {body}");
        }
        other => panic!("{image}: {other:?}"),
    }
}

#[test]
fn servers() {
    check_http("nginx:1.14.2", &[], 80, "/", 200, "Welcome to nginx!");
    check_http("nginx:1.14.2", &[], 80, "/healthz", 404, "404 Not Found");
    check_http("httpd:2.4", &[], 80, "/", 200, "It works!");
    check_http("hashicorp/http-echo", &["-text=apple"], 5678, "/", 200, "apple\n");
    check_http("gcr.io/google-samples/hello-app:1.0", &[], 8080, "/", 200, "Hostname: p");
    check_http(
        "registry.k8s.io/e2e-test-images/agnhost:2.40",
        &["liveness"],
        8080,
        "/healthz",
        500,
        "error:",
    );
    check_http(
        "registry.k8s.io/e2e-test-images/agnhost:2.40",
        &["netexec", "--http-port=80"],
        80,
        "/hostname",
        200,
        "p",
    );
    check_http("traefik/whoami", &[], 80, "/x", 200, "GET /x");
    check_http("registry.example.io/some/app:v1", &[], 8080, "/", 200, "");
    check_http("registry.k8s.io/hpa-example", &[], 80, "/", 200, "OK!");
}

#[test]
fn ends() {
    let term = |image: &str, env: &[(&str, &str)]| {
        let env: Vec<(String, String)> =
            env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let mut rig = Rig::start_with(image, &[], &[], |start| start.env = Box::leak(env.into_boxed_slice()))
            .expect("it starts");
        rig.to(60.0).container.signal(Duration::from_secs(60), Signal::Term);
        rig.to(90.0);
        rig.code()
    };
    assert_eq!(term("nginx", &[]), Some(0));
    assert_eq!(term("redis", &[]), Some(0));
    assert_eq!(term("registry.k8s.io/pause:3.1", &[]), Some(0));
    assert_eq!(term("registry.k8s.io/app:v1", &[]), Some(0));
    assert_eq!(term("mysql:8.0", &[]), Some(1));
    assert_eq!(term("mysql:8.0", &[("MYSQL_ROOT_PASSWORD", "x")]), Some(0));
    assert_eq!(term("hello-world", &[]), Some(0));
}

/// Image, command, code, log.
fn check_run(image: &str, command: &[&str], env: &[(&str, &str)], code: Option<i32>, log: &str) {
    let env: Vec<(String, String)> = env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let mut rig = Rig::start_with(image, command, &[], |start| start.env = Box::leak(env.into_boxed_slice()))
        .expect("it starts");
    rig.to(30.0);
    assert_eq!(
        (rig.code(), rig.log().as_str()),
        (code, log),
        "{command:?} {:?}",
        rig.container.unsupported()
    );
}

#[test]
fn programs_of_the_documentation() {
    check_run("debian", &["printenv", "HOSTNAME", "NOPE"], &[], Some(1), "p\n");
    check_run(
        "bash",
        &["bash", "-c", "items=(foo bar baz)\necho ${items[$I]} ${#items[@]}"],
        &[("I", "1")],
        Some(0),
        "bar 3\n",
    );
    check_run(
        "bash:5",
        &["bash", "-c", "echo \"Hello world!\" && sleep 5 && exit 42"],
        &[],
        Some(42),
        "Hello world!\n",
    );
    check_run(
        "bash",
        &["bash", "-c", "cat <<< hi; [[ abc =~ ^a.c$ ]] && echo re; x=ab; echo ${x^^}"],
        &[],
        Some(0),
        "hi\nre\nAB\n",
    );
    let script = "import os, sys\nprint(\"Hello world\")\nif int(os.environ.get(\"JOB_COMPLETION_INDEX\")) % 2 == 0:\n  sys.exit(1)\n";
    check_run(
        "python",
        &["python3", "-c", script],
        &[("JOB_COMPLETION_INDEX", "2")],
        Some(1),
        "Hello world\n",
    );
    check_run(
        "python",
        &["python3", "-c", script],
        &[("JOB_COMPLETION_INDEX", "3")],
        Some(0),
        "Hello world\n",
    );
    let script = "import os, sys\nindex = int(os.environ.get(\"I\"))\nif index == 0:\n  sys.exit(1)\nelif index == 1:\n  sys.exit(42)\nelse:\n  sys.exit(0)\n";
    for (index, code) in [("0", 1), ("1", 42), ("5", 0)] {
        check_run("docker.io/library/python:3", &["python3", "-c", script], &[("I", index)], Some(code), "");
    }
    check_run(
        "python",
        &[
            "python3",
            "-c",
            "import os, sys\nif os.environ.get(\"I\") == \"1\":\n  sys.exit(0)\nelse:\n  sys.exit(1)\n",
        ],
        &[("I", "1")],
        Some(0),
        "",
    );
    check_run(
        "perl:5.34.0",
        &["perl", "-Mbignum=bpi", "-wle", "print bpi(20)"],
        &[],
        Some(0),
        "3.1415926535897932384\n",
    );
    check_run("registry.k8s.io/busybox:1.27.2", &["/bin/echo", "a b"], &[], Some(0), "a b\n");
    check_run("docker.io/library/busybox", &["rev", "/etc/hostname"], &[], Some(0), "p\n");
    let mut rig =
        Rig::start("perl", &["perl", "-Mbignum=bpi", "-wle", "print bpi(2000)"], &[]).expect("it starts");
    rig.to(7.0);
    assert_eq!(rig.code(), None);
    rig.to(9.0);
    assert_eq!((rig.code(), rig.log().len()), (Some(0), 2002));
}

#[test]
fn grpc() {
    let etcd = &["/usr/local/bin/etcd", "--data-dir", "/var/lib/etcd"];
    let mut rig = Rig::start("registry.k8s.io/etcd:3.5.1-0", etcd, &[]).expect("it starts");
    rig.to(5.0);
    assert_eq!(rig.container.grpc(rig.now, 2379, ""), Health::Serving);
    let mut rig = Rig::start("nginx", &[], &[]).expect("it starts");
    rig.to(5.0);
    assert_eq!(rig.container.grpc(rig.now, 5000, ""), Health::Unreachable);
    assert_eq!(rig.container.tcp(rig.now, 80), Connection::Accepted);
    assert_eq!(rig.container.tcp(rig.now, 8080), Connection::Refused);
}
