//! Containers as manifests start them: signals, probes, time, names, files.

use super::*;

fn seconds(rig: &Rig) -> Option<f64> {
    rig.container.exit().map(|exit| exit.at.as_secs_f64())
}

/// Script, time of SIGTERM, expected code and time of the exit; 137 at 30 s later is the kill.
fn check_term(script: &str, term: f64, expected: Option<(i32, f64)>) {
    let mut rig = Rig::sh(script);
    rig.to(term);
    rig.container.signal(rig.now, Signal::Term);
    rig.to(term + 30.0);
    let got = rig.code().zip(seconds(&rig));
    assert_eq!(got, expected, "{script}");
}

#[test]
fn process_one_and_sigterm() {
    check_term("sleep 3600", 5.0, None);
    check_term("exec sleep 3600", 5.0, None);
    check_term("trap : TERM; sleep infinity", 5.0, None);
    check_term("trap 'exit 0' TERM; while true; do sleep 1; done", 5.5, Some((0, 6.0)));
    check_term("trap 'exit 1' TERM; while true; do sleep 1; done", 5.5, Some((1, 6.0)));
    check_term("trap 'sleep 5; exit 1' TERM; while true; do sleep 1; done", 5.5, Some((1, 11.0)));
    check_term("trap 'exit 3' TERM; sleep 100 & wait", 5.5, Some((3, 5.5)));
    check_term("sleep 2; exit 42", 1.0, Some((42, 2.0)));
}

#[test]
fn shared_process_namespace_dies_of_sigterm() {
    let mut rig =
        Rig::start_with("busybox", &["sleep", "100"], &[], |start| start.pids = PidNamespace::Shared)
            .expect("it starts");
    rig.to(1.0).container.signal(Duration::from_secs(1), Signal::Term);
    rig.to(2.0);
    assert_eq!(rig.container.exit().map(|exit| (exit.code, exit.signal)), Some((143, Some(Signal::Term))));
}

/// Script, end, status, log.
fn check(script: &str, until: f64, code: Option<i32>, log: &str) {
    let mut rig = Rig::sh(script);
    rig.to(until);
    assert_eq!((rig.code(), rig.log().as_str()), (code, log), "{script}");
}

#[test]
fn scripts_of_manifests() {
    check("sleep 3; echo done", 10.0, Some(0), "done\n");
    check("[ $(( $(date +%M) % 2 )) = 0 ]", 1.0, Some(0), "");
    check("touch /tmp/h; sleep 30; rm -f /tmp/h; sleep 600", 700.0, Some(0), "");
    check(
        "i=0; while true; do echo \"$i: $(date)\"; i=$((i+1)); sleep 1; done",
        1.5,
        None,
        "0: Thu Jan  1 00:00:00 UTC 2026\n1: Thu Jan  1 00:00:01 UTC 2026\n",
    );
    check(
        "until nslookup svcb.default.svc.cluster.local; do echo waiting; sleep 2; done",
        1.0,
        None,
        "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n\
         ** server can't find svcb.default.svc.cluster.local: NXDOMAIN\n\n\
         ** server can't find svcb.default.svc.cluster.local: NXDOMAIN\n\nwaiting\n",
    );
    check(
        "nslookup svca.default.svc.cluster.local",
        1.0,
        Some(0),
        "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n\
         Name:\tsvca.default.svc.cluster.local\nAddress: 10.96.0.9\n\n\n",
    );
    check("wget -qO- http://svca", 1.0, Some(0), "hello\n");
    check(
        "wget -q -O /tmp/x svca/nope || echo $?; wget -q http://nohost",
        1.0,
        Some(1),
        "wget: can't connect to remote host (10.96.0.9): Connection refused\n1\nwget: bad address 'nohost'\n",
    );
    check("nc -z svca 80 && echo open; nc -z -w 1 svca 81 || echo closed", 5.0, Some(0), "open\nclosed\n");
    check("echo x > /shared/a; cat /shared/a; ls /shared", 1.0, Some(0), "x\na\n");
    check(
        "hostname; hostname -i; id; whoami",
        1.0,
        Some(0),
        "p\n10.244.1.7\nuid=0(root) gid=0(root) groups=0(root)\nroot\n",
    );
    check(
        "tail -F /tmp/log & sleep 1; echo one >> /tmp/log; sleep 2; kill $!",
        10.0,
        Some(0),
        "tail: can't open '/tmp/log': No such file or directory\none\n",
    );
    check("yes | head -n 1; echo ${PIPESTATUS:-}", 1.0, Some(0), "y\n\n");
    check("python3 -c 'print(1)'", 1.0, Some(127), "sh: python3: not found\n");
    check("busybox echo a; echo 'echo hi' | sh", 1.0, Some(0), "a\nhi\n");
}

#[test]
fn a_shell_without_input_ends() {
    let rig = Rig::start("busybox", &[], &[]).expect("it starts");
    assert_eq!(rig.code(), Some(0));
    let mut rig =
        Rig::start_with("busybox", &[], &[], |start| start.stdin = Stdin::Terminal).expect("it starts");
    rig.to(100.0);
    assert_eq!(rig.code(), None);
}

#[test]
fn start_errors() {
    let message =
        |image: &str, argv: &[&str]| Rig::start(image, argv, &[]).err().map(|error| error.start_message());
    let expected = "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create \
                    failed: unable to start container process: exec: \"nope\": executable file not found in $PATH: unknown";
    assert_eq!(message("busybox:1.28", &["nope"]).as_deref(), Some(expected));
    assert_eq!(
        message("registry.k8s.io/pause:3.8", &["sh"]).map(|m| m.contains("exec: \"sh\": executable")),
        Some(true)
    );
    assert_eq!(
        message("registry.k8s.io/pause:3.8", &["/bin/sh"]).map(|m| m.contains("stat /bin/sh: no such file")),
        Some(true)
    );
    assert_eq!(message("registry.k8s.io/pause:3.8", &[]), None);
    assert_eq!(message("example.io/mine:v1", &["/app"]), None);
}

#[test]
fn execs() {
    let mut rig = Rig::start("nginx:1.14.2", &[], &[]).expect("it starts");
    rig.to(1.0);
    let result = rig.exec(&["cat", "/tmp/ready"]);
    assert_eq!(
        (result.code, String::from_utf8_lossy(&result.stderr).as_ref()),
        (Some(1), "cat: /tmp/ready: No such file or directory\n")
    );
    rig.exec(&["touch", "/tmp/ready"]);
    assert_eq!(rig.exec(&["cat", "/tmp/ready"]).code, Some(0));
    assert_eq!(rig.exec(&["sh", "-c", "echo no; exit 7"]).code, Some(7));
    let exec = Exec { argv: words(&["sleep", "3"]), ..Exec::default() };
    let id = rig.container.exec(&exec, &mut rig.volumes, rig.now).expect("sleep is there");
    rig.run();
    assert_eq!(rig.container.exec_result(id).and_then(|result| result.code), None);
    assert_eq!(rig.container.exec_end(id, rig.now).code, Some(137));
    // The preStop of the documentation.
    assert_eq!(
        rig.exec(&["/bin/sh", "-c", "nginx -s quit; while killall -0 nginx; do sleep 1; done"]).code,
        Some(0)
    );
    rig.to(40.0);
    assert_eq!(rig.code(), Some(0));
}

#[test]
fn a_terminal_is_typed_into() {
    let mut rig = Rig::start("busybox", &["sleep", "1000"], &[]).expect("it starts");
    let id = rig.container.exec_terminal(&words(&["sh"]), &mut rig.volumes, rig.now).expect("a shell");
    for line in ["cd /tmp\n", "for i in 1 2\n", "do echo $i\n", "done\n", "nope\n"] {
        rig.container.exec_input(id, Some(line.as_bytes()));
        rig.run();
    }
    rig.container.exec_input(id, None);
    rig.run();
    let result = rig.container.exec_end(id, rig.now);
    assert_eq!(
        String::from_utf8_lossy(&result.output),
        "/ # /tmp # > > 1\n2\n/tmp # sh: nope: not found\n/tmp # "
    );
    assert_eq!(result.code, Some(127));
}

#[test]
fn spinning_is_slowed_down_and_said() {
    let mut rig = Rig::sh("while true; do :; done");
    rig.to(5.0);
    assert!(rig.container.spinning());
    let mut rig = Rig::sh("while [ $(date +%s) -lt 1767225603 ]; do :; done; echo end");
    rig.to(20.0);
    assert_eq!((rig.code(), rig.log().as_str()), (Some(0), "end\n"));
}

#[test]
fn memory() {
    let mut rig = Rig::sh("sleep 1; tail /dev/zero; echo $?");
    rig.to(1.5);
    let limit = 20 << 20;
    let at = rig.container.memory_reaches(limit).expect("it grows");
    assert!(at >= Duration::from_secs(1) && at < Duration::from_millis(1100), "{at:?}");
    rig.container.out_of_memory(rig.now);
    rig.to(2.0);
    assert_eq!((rig.code(), rig.log().as_str()), (Some(0), "Killed\n137\n"));
    let stress =
        Rig::start("polinux/stress", &["stress"], &["--vm", "1", "--vm-bytes", "250M"]).expect("it starts");
    assert!(stress.container.memory_reaches(200 << 20).is_some());
    assert!(stress.container.memory_reaches(300 << 20).is_none());
}

#[test]
fn termination_message_and_disk() {
    let mut rig =
        Rig::sh("echo bye > /dev/termination-log; dd if=/dev/zero of=/shared/f bs=1M count=40; exit 3");
    rig.to(5.0);
    assert_eq!(rig.container.read_file(&rig.volumes, "/dev/termination-log"), Some(b"bye\n".to_vec()));
    assert_eq!(rig.volumes.0["shared"].used() >> 20, 40);
}

#[test]
fn a_snapshot_is_apart() {
    let mut rig = Rig::sh("i=0; while true; do i=$((i+1)); echo $i; echo $i > /shared/n; sleep 1; done");
    rig.to(2.5);
    let (copy, volumes) = (rig.container.clone(), rig.volumes.clone());
    rig.to(4.5);
    assert_eq!(rig.log(), "1\n2\n3\n4\n5\n");
    (rig.container, rig.volumes, rig.now) = (copy, volumes, Duration::from_secs(2));
    assert_eq!(rig.log(), "1\n2\n3\n");
    assert_eq!(rig.container.read_file(&rig.volumes, "/shared/n"), Some(b"3\n".to_vec()));
    rig.to(4.5);
    assert_eq!(rig.log(), "1\n2\n3\n4\n5\n");
}

#[test]
fn users_and_read_only() {
    let run = |script: &str, change: fn(&mut Start)| {
        let mut rig = Rig::start_with("busybox", &["sh", "-c", script], &[], change).expect("it starts");
        rig.to(1.0);
        rig.log()
    };
    let nobody = |start: &mut Start| {
        start.user = Some((65534, 65534));
        start.working_dir = Some("/tmp");
    };
    assert_eq!(
        run("id; pwd; touch /x; touch ok && echo fine", nobody),
        "uid=65534(nobody) gid=65534(nobody) groups=65534(nobody)\n/tmp\ntouch: /x: Permission denied\nfine\n"
    );
    let read_only = |start: &mut Start| start.root = Access::ReadOnly;
    assert_eq!(
        run("echo a > /x; echo b > /shared/x; cat /shared/x", read_only),
        "sh: can't create /x: Read-only file system\nb\n"
    );
}

#[test]
fn annotations() {
    let text = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(k, v)| (format!("{PREFIX}{k}"), (*v).to_owned())).collect()
    };
    let (behaviour, bad) =
        Behaviour::parse(&text(&[("exit-after", "3s"), ("exit-code", "7"), ("http", "503")]), "web");
    assert!(bad.is_empty());
    let mut rig =
        Rig::start_with("nginx", &[], &[], |start| start.behaviour = Box::leak(Box::new(behaviour)))
            .expect("it starts");
    rig.to(1.0);
    assert!(matches!(rig.get(80, "/"), Answer::Response(response) if response.status == 503));
    rig.to(4.0);
    assert_eq!((rig.code(), seconds(&rig)), (Some(7), Some(3.0)));
    let (behaviour, bad) = Behaviour::parse(
        &text(&[("exit-code", "x"), ("speed", "1"), ("memory.web", "64Mi"), ("cpu.db", "1")]),
        "web",
    );
    assert_eq!(behaviour.memory, Some(64 << 20));
    assert_eq!(bad[0].message, "\"x\" is not a number from 0 to 255");
    assert!(bad[1].message.starts_with("unknown annotation"));
    assert_eq!((bad.len(), behaviour.cpu), (2, None));
}

#[test]
fn a_script_serves_http() {
    let mut rig = Rig::sh("while true; do printf 'HTTP/1.1 200 OK\\r\\n\\r\\nhi\\n' | nc -l -p 8080; done");
    for _ in 0..2 {
        rig.run();
        assert!(
            matches!(rig.get(8080, "/"), Answer::Response(response) if response.status == 200 && response.body == b"hi\n")
        );
    }
    let mut rig = Rig::sh("echo page > /tmp/index.html; httpd -f -p 8000 -h /tmp");
    assert!(matches!(rig.get(8000, "/"), Answer::Response(response) if response.body == b"page\n"));
    assert_eq!(rig.get(8001, "/"), Answer::Refused);
}
