//! Images whose program depends on its arguments, and servers that compute their answers.

use std::time::Duration;

use super::super::container::Signal;
use super::super::kernel::{Environment, Memory};
use super::super::log::Stream;
use super::super::service::{Plan, Service};
use super::super::world::{Health, HttpRequest, HttpResponse, Network};
use super::{Handler, Image, Term};

/// Servers that compute what they answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// Tells what the request was.
    Echo,
    WhoAmI,
    HelloApp,
    /// The plan's text.
    Text,
    /// 200 for ten seconds, then 500.
    Liveness,
    Hostname,
    Netexec,
}

/// What an answer may depend on.
pub struct Asked<'a> {
    pub service: &'a mut Service,
    pub network: &'a Network,
    pub now: Duration,
    pub request: &'a HttpRequest,
}

impl Answers {
    pub fn answer(self, asked: &mut Asked) -> HttpResponse {
        let hostname = &asked.network.hostname;
        let request = asked.request;
        let up = asked.now.saturating_sub(asked.service.started.unwrap_or(asked.now));
        match self {
            Answers::Text => HttpResponse::text(200, asked.service.plan.text.clone()),
            Answers::HelloApp => {
                let version = &asked.service.plan.text;
                HttpResponse::text(200, format!("Hello, world!\nVersion: {version}\nHostname: {hostname}\n"))
            }
            Answers::Liveness if request.bare_path() == "/healthz" => {
                if up > Duration::from_secs(10) {
                    HttpResponse::text(500, format!("error: {}", up.as_secs_f64()))
                } else {
                    HttpResponse::text(200, "ok")
                }
            }
            Answers::Liveness => HttpResponse::text(200, format!("{}", up.as_secs_f64())),
            Answers::Hostname => HttpResponse::text(200, hostname.clone()),
            Answers::Netexec => netexec(asked),
            Answers::WhoAmI => HttpResponse::text(200, who_am_i(hostname, &asked.network.address, request)),
            Answers::Echo => HttpResponse::text(200, echo(hostname, request)),
        }
    }
}

fn who_am_i(hostname: &str, address: &str, request: &HttpRequest) -> String {
    let mut text = format!("Hostname: {hostname}\nIP: 127.0.0.1\nIP: {address}\n");
    text.push_str(&format!("{} {} HTTP/1.1\nHost: {}\n", request.method, request.path, request.host));
    for (name, value) in &request.headers {
        text.push_str(&format!("{name}: {value}\n"));
    }
    text + "\n"
}

fn echo(hostname: &str, request: &HttpRequest) -> String {
    let mut text = format!(
        "\n\nHostname: {hostname}\n\nRequest Information:\n\tmethod={}\n\treal path={}\n\tquery={}\n\trequest_version=1.1\n\nRequest Headers:\n",
        request.method,
        request.path,
        request.path.split_once('?').map_or("", |(_, query)| query),
    );
    text.push_str(&format!("\thost={}\n", request.host));
    for (name, value) in &request.headers {
        text.push_str(&format!("\t{}={value}\n", name.to_lowercase()));
    }
    let body = String::from_utf8_lossy(&request.body);
    text + "\nRequest Body:\n\t" + if body.is_empty() { "-no body in request-" } else { &body } + "\n\n"
}

fn netexec(asked: &mut Asked) -> HttpResponse {
    let request = asked.request;
    match request.bare_path() {
        "/" => HttpResponse::text(200, "NOW: "),
        "/hostname" | "/hostName" => HttpResponse::text(200, asked.network.hostname.clone()),
        "/healthz" => HttpResponse::text(200, ""),
        "/clientip" => HttpResponse::text(200, "127.0.0.1:0"),
        "/echo" => HttpResponse::text(200, request.query("msg").unwrap_or_default()),
        "/exit" => {
            let code = request.query("code").and_then(|code| code.parse().ok()).unwrap_or(0);
            let after = asked.now.saturating_sub(asked.service.started.unwrap_or(asked.now));
            asked.service.plan.exit = Some((after + Duration::from_millis(10), code));
            HttpResponse::text(200, "")
        }
        _ => HttpResponse::text(404, "404 page not found\n"),
    }
}

/// The plan of an image's program with its arguments.
pub fn plan(image: &'static Image, argv: &[String], env: &Environment) -> Plan {
    let plan = from_table(image);
    let words: Vec<&str> = argv.iter().map(String::as_str).collect();
    if let Some((names, message)) = image.needs
        && !names.iter().any(|name| env.get(*name).is_some_and(|value| !value.is_empty()))
    {
        return Plan::fails(message, 1);
    }
    let kind = image.names[0].rsplit('/').next().unwrap_or_default();
    match kind {
        "nginx" => nginx(plan, &words),
        "redis" => redis(plan, &words),
        "agnhost" => agnhost(plan, &words),
        "perl" => perl(&words),
        "python" => python(&words, env),
        "stress" => stress(&words),
        "http-echo" => http_echo(plan, &words, env),
        "hello-app" | "echo-server" | "whoami" => {
            let mut plan = plan;
            plan.text = if words.iter().any(|w| w.contains("2.0")) { "2.0.0".into() } else { "1.0.0".into() };
            if let Some(port) = env.get("PORT").and_then(|port| port.parse().ok()) {
                plan.ports = vec![port];
            }
            plan
        }
        "node" | "golang" | "ruby" | "php" | "openjdk" => interpreter(kind, &words),
        "kubernetes-zookeeper" => zookeeper(plan, &words),
        "socat" => socat(plan, &words),
        "curl" => plan,
        _ => plan,
    }
}

fn from_table(image: &'static Image) -> Plan {
    let line = |text: &&str| (Duration::ZERO, Stream::Stdout, format!("{text}\n"));
    let ready = Duration::from_millis(image.start_up_ms);
    let mut output: Vec<_> = image.log.iter().map(line).collect();
    if let Some(last) = output.last_mut() {
        last.0 = ready;
    }
    let ends = image.ports.is_empty() && image.term == Term::Exits { code: 0, after_ms: 0 };
    Plan {
        ports: image.ports.to_vec(),
        output,
        exit: ends.then_some((ready, 0)),
        handler: image.handler,
        term: image.term,
        memory: Memory { base: image.memory_mib << 20, ..Memory::default() },
        cpu: image.cpu_millis,
        start_up: ready,
        ..Plan::default()
    }
}

fn value_of<'a>(words: &[&'a str], flag: &str) -> Option<&'a str> {
    for (i, word) in words.iter().enumerate() {
        if let Some(value) = word.strip_prefix(flag) {
            return match value.strip_prefix('=') {
                Some(value) => Some(value),
                None if value.is_empty() => words.get(i + 1).copied(),
                None => continue,
            };
        }
    }
    None
}

fn nginx(plan: Plan, words: &[&str]) -> Plan {
    let has = |flag: &str| words.contains(&flag);
    if has("-T") || has("-t") {
        let mut text = "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\n\
                        nginx: configuration file /etc/nginx/nginx.conf test is successful\n"
            .to_owned();
        if has("-T") {
            text.push_str("# configuration file /etc/nginx/nginx.conf:\n");
            text.push_str(super::catalogue::NGINX_CONF);
        }
        return Plan::prints(text, 0);
    }
    if has("-v") || has("-V") {
        return Plan::fails("nginx version: nginx/1.27.0\n", 0);
    }
    if has("-s") {
        // A signal to the master process: the container's main one.
        let signal = if has("reload") { Signal::Hup } else { Signal::Quit };
        return Plan { signals: Some(signal), ..Plan::prints("", 0) };
    }
    plan
}

fn redis(mut plan: Plan, words: &[&str]) -> Plan {
    if words.first().is_some_and(|word| word.ends_with("redis-cli")) {
        return match words.iter().find(|word| word.eq_ignore_ascii_case("ping")) {
            Some(_) => Plan::prints("PONG\n", 0),
            None => Plan {
                note: Some("redis-cli commands".into()),
                ..Plan::fails("redis-cli: not simulated\n", 1)
            },
        };
    }
    if words.iter().any(|word| matches!(*word, "--version" | "-v")) {
        return Plan::prints("Redis server v=7.2.5\n", 0);
    }
    if let Some(port) = value_of(words, "--port").and_then(|port| port.parse().ok()) {
        plan.ports = vec![port];
    }
    plan
}

fn agnhost(mut plan: Plan, words: &[&str]) -> Plan {
    let rest = words.iter().position(|word| word.ends_with("agnhost")).map_or(words, |at| &words[at + 1..]);
    let port = |default: u16| {
        ["--http-port", "--port"]
            .iter()
            .find_map(|flag| value_of(rest, flag))
            .and_then(|p| p.parse().ok())
            .unwrap_or(default)
    };
    let answers = match rest.first().copied() {
        Some("pause") | None => {
            plan.ports = Vec::new();
            plan.output = vec![(Duration::ZERO, Stream::Stdout, "Paused\n".into())];
            return plan;
        }
        Some("liveness") => Answers::Liveness,
        Some("serve-hostname") => {
            plan.ports = vec![port(9376)];
            plan.handler = Handler::Special(Answers::Hostname);
            return plan;
        }
        Some("netexec") => Answers::Netexec,
        Some("test-webserver") => {
            plan.ports = vec![port(80)];
            plan.handler = Handler::Files { root: "/", server: "" };
            return plan;
        }
        Some("grpc-health-checking") => {
            plan.ports = vec![port(5000), 8080];
            plan.health = Some(Health::Serving);
            plan.handler = Handler::None;
            return plan;
        }
        Some("entrypoint-tester") => return Plan::prints(format!("{words:?}\n"), 0),
        Some(other) => {
            let text =
                format!("Error: unknown command \"{other}\" for \"app\"\nRun 'app --help' for usage.\n");
            return Plan { note: Some(format!("agnhost {other}")), ..Plan::fails(text, 1) };
        }
    };
    plan.ports = vec![port(8080)];
    plan.handler = Handler::Special(answers);
    plan
}

fn http_echo(mut plan: Plan, words: &[&str], env: &Environment) -> Plan {
    let text = ["--text", "-text"].iter().find_map(|flag| value_of(words, flag).map(str::to_owned));
    plan.text = text.or_else(|| env.get("ECHO_TEXT").cloned()).unwrap_or_else(|| "hello-world".into()) + "\n";
    let listen = ["--listen", "-listen"].iter().find_map(|flag| value_of(words, flag));
    if let Some(port) =
        listen.and_then(|address| address.rsplit(':').next()).and_then(|port| port.parse().ok())
    {
        plan.ports = vec![port];
    }
    plan.output =
        vec![(Duration::ZERO, Stream::Stderr, format!("[INFO] server is listening on :{}\n", plan.ports[0]))];
    plan
}

/// `perl -Mbignum=bpi -wle 'print bpi(N)'` works for a while, then prints the digits.
fn perl(words: &[&str]) -> Plan {
    let script =
        words.iter().find_map(|word| word.split_once("bpi(")).and_then(|(_, rest)| rest.split_once(')'));
    if let Some(digits) = script.and_then(|(number, _)| number.trim().parse::<usize>().ok()) {
        let digits = digits.clamp(1, 4000);
        // The time grows with the square of the digits: about eight seconds for 2000.
        let micros = (digits * digits * 2) as u64;
        let after = Duration::from_micros(micros);
        let output = vec![(after, Stream::Stdout, pi(digits) + "\n")];
        let memory = Memory { base: 12 << 20, ..Memory::default() };
        return Plan {
            output,
            exit: Some((after, 0)),
            term: Term::Default,
            cpu: 1000,
            memory,
            ..Plan::default()
        };
    }
    let printed = words
        .iter()
        .find_map(|word| word.strip_prefix("print "))
        .map(|text| text.trim_matches(['"', '\'', ';']));
    match printed {
        Some(text) => Plan::prints(text.replace("\\n", "\n"), 0),
        None => interpreter("perl", words),
    }
}

/// Digits of pi by a spigot, rounded as bignum rounds them: cut.
fn pi(digits: usize) -> String {
    let len = digits * 10 / 3 + 2;
    let mut remainders = vec![2u64; len];
    let mut out = String::new();
    let (mut nines, mut held): (usize, Option<u64>) = (0, None);
    while out.len() < digits + 2 {
        let mut carry = 0;
        for i in (0..len).rev() {
            let value = remainders[i] * 10 + carry * (i as u64 + 1);
            let divisor = if i == 0 { 10 } else { 2 * i as u64 + 1 };
            remainders[i] = value % divisor;
            carry = value / divisor;
        }
        match carry {
            9 => nines += 1,
            10 => {
                out.extend(held.map(|digit| char::from(b'1' + digit as u8)));
                out.extend(std::iter::repeat_n('0', nines));
                (held, nines) = (Some(0), 0);
            }
            digit => {
                out.extend(held.map(|digit| char::from(b'0' + digit as u8)));
                out.extend(std::iter::repeat_n('9', nines));
                (held, nines) = (Some(digit), 0);
            }
        }
        if out.len() > 2 * digits + 10 {
            break;
        }
    }
    out.truncate(digits);
    out.insert(1, '.');
    out
}

fn python(words: &[&str], env: &Environment) -> Plan {
    if let Some(at) = words.iter().position(|word| *word == "http.server") {
        let port = words.get(at + 1).and_then(|port| port.parse().ok()).unwrap_or(8000);
        return Plan {
            ports: vec![port],
            handler: Handler::Files { root: "", server: "SimpleHTTP/0.6 Python/3.12" },
            term: Term::Default,
            start_up: Duration::from_millis(300),
            ..Plan::default()
        };
    }
    if words.iter().any(|word| matches!(*word, "--version" | "-V")) {
        return Plan::prints("Python 3.12.4\n", 0);
    }
    match words.iter().position(|word| *word == "-c").and_then(|at| words.get(at + 1)) {
        Some(script) => super::super::python::run(script, env),
        // An interpreter without a terminal reads its empty input and ends.
        None if words.len() == 1 => Plan::prints("", 0),
        None => interpreter("python", words),
    }
}

/// A language's program: assumed to run, and said so.
fn interpreter(kind: &str, words: &[&str]) -> Plan {
    if words.len() == 1 {
        return Plan::prints("", 0);
    }
    Plan {
        note: Some(format!("{kind} programs: this one is assumed to keep running")),
        handler: Handler::Assumed,
        term: Term::Default,
        memory: Memory { base: 40 << 20, ..Memory::default() },
        ..Plan::default()
    }
}

/// `stress --vm N --vm-bytes B` and `vish/stress -mem-total B`.
fn stress(words: &[&str]) -> Plan {
    let bytes = |text: &str| {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let scale = match text[end..].chars().next().map(|c| c.to_ascii_lowercase()) {
            Some('k') => 10,
            Some('m') => 20,
            Some('g') => 30,
            _ => 0,
        };
        text[..end].parse::<u64>().unwrap_or(0).saturating_mul(1 << scale)
    };
    let workers = value_of(words, "--vm").and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
    let each = value_of(words, "--vm-bytes").map_or(256 << 20, bytes);
    let total = value_of(words, "-mem-total").or(value_of(words, "--mem-total")).map(bytes);
    let most = total.unwrap_or_else(|| workers.saturating_mul(each));
    let number = |flag: &str| value_of(words, flag).and_then(|n| n.parse::<u64>().ok());
    let cpus = number("--cpu").or(number("-c")).or(number("-cpus")).unwrap_or(0);
    let timeout = value_of(words, "--timeout").or(value_of(words, "-t"));
    let exit = timeout.and_then(super::super::behaviour::duration).map(|after| (after, 0));
    let text = format!("stress: info: [1] dispatching hogs: {cpus} cpu, 0 io, {workers} vm, 0 hdd\n");
    Plan {
        output: vec![(Duration::ZERO, Stream::Stdout, text)],
        exit,
        term: Term::Default,
        memory: Memory { base: 1 << 20, rate: 1 << 30, most, ..Memory::default() },
        cpu: (cpus + workers) * 1000,
        ..Plan::default()
    }
}

fn zookeeper(plan: Plan, words: &[&str]) -> Plan {
    match words.first().map(|word| word.rsplit('/').next().unwrap_or_default()) {
        // Ready as soon as somebody asks: the probe runs inside the container.
        Some("zookeeper-ready") => Plan::prints("", 0),
        Some("zkCli.sh") => {
            Plan { note: Some("zkCli.sh".into()), ..Plan::fails("zkCli.sh: not simulated\n", 1) }
        }
        _ => plan,
    }
}

fn socat(mut plan: Plan, words: &[&str]) -> Plan {
    let listen = words.iter().find_map(|word| {
        let lower = word.to_lowercase();
        let rest = lower.strip_prefix("tcp-listen:").or(lower.strip_prefix("tcp4-listen:"))?.to_owned();
        rest.split(',').next().and_then(|port| port.parse().ok())
    });
    plan.ports = listen.into_iter().collect();
    plan.note = Some("socat: what it forwards".into());
    plan
}
