//! Tests of containers: scripts against what busybox prints, images, probes, time.

mod containers;
mod known;
mod random;
mod shell;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use super::*;

/// A world with a few names.
pub struct Fake {
    names: BTreeMap<String, Vec<Ipv4Addr>>,
    pages: BTreeMap<(Ipv4Addr, u16, String), HttpResponse>,
    random: u64,
}

impl Default for Fake {
    fn default() -> Fake {
        let address = Ipv4Addr::new(10, 96, 0, 9);
        let page = HttpResponse::text(200, "hello\n");
        Fake {
            names: BTreeMap::from([("svca.default.svc.cluster.local".to_owned(), vec![address])]),
            pages: BTreeMap::from([((address, 80, "/".to_owned()), page)]),
            random: 0,
        }
    }
}

impl World for Fake {
    fn resolve(&mut self, name: &str) -> DnsAnswer {
        match self.names.get(name) {
            Some(addresses) => DnsAnswer::Addresses { canonical: None, addresses: addresses.clone() },
            None => DnsAnswer::NxDomain,
        }
    }

    fn http(&mut self, to: Ipv4Addr, request: &HttpRequest) -> Answer {
        match self.pages.get(&(to, request.port, request.path.clone())) {
            Some(response) => Answer::Response(response.clone()),
            None => Answer::Refused,
        }
    }

    fn connect(&mut self, to: Ipv4Addr, port: u16) -> Connection {
        let known = self.pages.keys().any(|(address, known, _)| *address == to && *known == port);
        if known { Connection::Accepted } else { Connection::Refused }
    }

    fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        self.random >> 11
    }

    fn epoch(&self) -> u64 {
        1_767_225_600
    }
}

/// A container with everything around it, moved through time.
pub struct Rig {
    pub container: Container,
    pub volumes: Volumes,
    pub world: Fake,
    pub now: Duration,
}

pub fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

pub fn network() -> Network {
    Network {
        address: "10.244.1.7".into(),
        hostname: "p".into(),
        name_server: "10.96.0.10".into(),
        search: words(&["default.svc.cluster.local", "svc.cluster.local", "cluster.local"]),
        ndots: 5,
        ..Network::default()
    }
}

impl Rig {
    pub fn start(image: &str, command: &[&str], args: &[&str]) -> Result<Rig, StartError> {
        Rig::start_with(image, command, args, |_| {})
    }

    pub fn start_with(
        image: &str,
        command: &[&str],
        args: &[&str],
        change: impl FnOnce(&mut Start),
    ) -> Result<Rig, StartError> {
        let (command, args) = (words(command), words(args));
        let mut volumes = Volumes::default();
        volumes.0.insert("shared".into(), FileSystem::volume(0o777, 0, 0));
        let mounts = [Mount {
            path: "/shared".into(),
            volume: "shared".into(),
            sub_path: None,
            access: Access::ReadWrite,
        }];
        let network = network();
        let behaviour = Behaviour::default();
        let mut start = Start {
            image,
            command: &command,
            args: &args,
            env: &[],
            working_dir: None,
            user: None,
            root: Access::ReadWrite,
            stdin: Stdin::Closed,
            pids: PidNamespace::Own,
            network: &network,
            mounts: &mounts,
            termination_log: "/dev/termination-log",
            behaviour: &behaviour,
        };
        change(&mut start);
        let container = Container::start(&start, &mut volumes, Duration::ZERO)?;
        let mut rig = Rig { container, volumes, world: Fake::default(), now: Duration::ZERO };
        rig.run();
        Ok(rig)
    }

    pub fn sh(script: &str) -> Rig {
        Rig::start("busybox:1.28", &["sh", "-c", script], &[]).expect("busybox has a shell")
    }

    pub fn run(&mut self) -> Wait {
        self.container.run(self.now, &mut self.volumes, &mut self.world)
    }

    /// Goes on to a time, stopping wherever something is due.
    pub fn to(&mut self, seconds: f64) -> &mut Rig {
        let end = Duration::from_secs_f64(seconds);
        for _ in 0..100_000 {
            match self.run() {
                Wait::Until(at) if at <= end => self.now = at.max(self.now),
                _ => break,
            }
        }
        self.now = end;
        self.run();
        self
    }

    pub fn log(&self) -> String {
        self.container.log().text()
    }

    pub fn code(&self) -> Option<i32> {
        self.container.exit().map(|exit| exit.code)
    }

    pub fn exec(&mut self, argv: &[&str]) -> ExecResult {
        let exec = Exec { argv: words(argv), ..Exec::default() };
        let id = self.container.exec(&exec, &mut self.volumes, self.now).expect("the program is there");
        self.run();
        let end = self.now.as_secs_f64() + 30.0;
        if self.container.exec_result(id).is_some_and(|result| result.code.is_none()) {
            self.to(end);
        }
        self.container.exec_end(id, self.now)
    }

    pub fn get(&mut self, port: u16, path: &str) -> Answer {
        self.container.http(self.now, &mut self.volumes, &HttpRequest::get(port, path))
    }
}
