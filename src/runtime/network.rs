//! HTTP and TCP as processes see them: to the container itself, or out into the world.

use std::net::Ipv4Addr;
use std::time::Duration;

use super::behaviour::{HttpBehaviour, ProbeBehaviour};
use super::files::{Kind, base, normalize};
use super::images::Handler;
use super::images::special::Asked;
use super::kernel::{Kernel, Process, Program, Sys};
use super::tools::procs_calendar;
use super::world::{Answer, Connection, DnsAnswer, Health, HttpRequest, HttpResponse, Network};

/// Whether an address is the container's own.
fn is_own(network: &Network, to: Ipv4Addr) -> bool {
    to.is_loopback() || to.is_unspecified() || network.address.parse() == Ok(to)
}

/// Sends a request from inside the container.
pub fn http(sys: &mut Sys, to: Ipv4Addr, request: &HttpRequest) -> Answer {
    if is_own(&sys.kernel.network, to) && sys.kernel.tcp(request.port, sys.now) == Connection::Accepted {
        return answer(sys, request);
    }
    sys.world.http(to, request)
}

/// Connects from inside the container.
pub fn connect(sys: &mut Sys, to: Ipv4Addr, port: u16) -> Connection {
    if is_own(&sys.kernel.network, to) && sys.kernel.tcp(port, sys.now) == Connection::Accepted {
        return Connection::Accepted;
    }
    sys.world.connect(to, port)
}

/// Looks a name up as the resolver does: literal, hosts file, search list, then the name itself.
pub fn resolve(sys: &mut Sys, name: &str) -> DnsAnswer {
    if let Ok(address) = name.parse() {
        return DnsAnswer::Addresses { canonical: None, addresses: vec![address] };
    }
    let network = sys.kernel.network.clone();
    let hosts = sys.view().read("/etc/hosts").map(|content| content.bytes().to_vec()).unwrap_or_default();
    let hosts = String::from_utf8_lossy(&hosts).into_owned();
    for line in hosts.lines() {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        if let Some(Ok(address)) = words.next().map(str::parse)
            && words.any(|word| word == name)
        {
            return DnsAnswer::Addresses { canonical: None, addresses: vec![address] };
        }
    }
    for candidate in candidates(&network, name) {
        match sys.world.resolve(&candidate) {
            DnsAnswer::NxDomain => {}
            DnsAnswer::Addresses { canonical, addresses } => {
                let canonical = canonical.or_else(|| (candidate != name).then(|| candidate.clone()));
                return DnsAnswer::Addresses { canonical, addresses };
            }
            DnsAnswer::Timeout => return DnsAnswer::Timeout,
        }
    }
    DnsAnswer::NxDomain
}

/// The names that are asked for one after the other.
pub fn candidates(network: &Network, name: &str) -> Vec<String> {
    if let Some(full) = name.strip_suffix('.') {
        return vec![full.to_owned()];
    }
    let searched = network.search.iter().map(|domain| format!("{name}.{domain}"));
    if name.matches('.').count() >= network.ndots.max(1) as usize {
        std::iter::once(name.to_owned()).chain(searched).collect()
    } else {
        searched.chain([name.to_owned()]).collect()
    }
}

fn listens(process: &Process, kernel: &Kernel, port: u16, now: Duration) -> bool {
    if process.stopped || process.zombie.is_some() {
        return false;
    }
    match &process.program {
        Some(Program::Service(service)) => service.listens(port, now, &kernel.behaviour),
        Some(Program::Tool(tool)) => tool.ports.contains(&port),
        _ => false,
    }
}

impl Kernel {
    /// Whether a process of the container accepts connections on a port.
    pub fn tcp(&self, port: u16, now: Duration) -> Connection {
        match self.behaviour.http {
            Some(HttpBehaviour::Refuse) => return Connection::Refused,
            Some(HttpBehaviour::Hang) => return Connection::Hangs,
            _ => {}
        }
        let open = self.processes.values().any(|process| listens(process, self, port, now));
        if open { Connection::Accepted } else { Connection::Refused }
    }

    /// What a gRPC health check is told.
    pub fn grpc(&self, port: u16, service: &str, now: Duration) -> Health {
        if self.tcp(port, now) != Connection::Accepted {
            return Health::Unreachable;
        }
        if !self.is_ready(now) {
            return Health::NotServing;
        }
        match self.behaviour.probe {
            Some(ProbeBehaviour::Success) => return Health::Serving,
            Some(ProbeBehaviour::Failure) => return Health::NotServing,
            Some(ProbeBehaviour::Hang) => return Health::Unreachable,
            None => {}
        }
        let health =
            self.processes.values().filter(|process| listens(process, self, port, now)).find_map(|process| {
                match &process.program {
                    Some(Program::Service(service)) => Some((service.plan.health, service.assumed)),
                    _ => None,
                }
            });
        let etcd = self.profile.image.is_some_and(|image| image.names[0].ends_with("/etcd"));
        match health {
            Some((Some(health), _)) if service.is_empty() => health,
            Some((Some(_), _)) => Health::UnknownService,
            // etcd serves gRPC with its health service; an unknown image is believed to.
            Some((None, assumed)) if assumed || etcd => Health::Serving,
            _ => Health::Unreachable,
        }
    }

    /// Whether the time of `ready-after` has passed.
    pub fn is_ready(&self, now: Duration) -> bool {
        self.behaviour.ready_after.is_none_or(|after| self.started + after <= now)
    }
}

/// Answers a request to a port of the container.
pub fn answer(sys: &mut Sys, request: &HttpRequest) -> Answer {
    match sys.kernel.tcp(request.port, sys.now) {
        Connection::Accepted => {}
        Connection::Refused => return Answer::Refused,
        Connection::Hangs => return Answer::Hangs,
    }
    let delay = sys.kernel.behaviour.http_delay.unwrap_or_default();
    if let Some(HttpBehaviour::Status(status)) = sys.kernel.behaviour.http {
        return delayed(Answer::Response(HttpResponse::text(status, HttpResponse::reason(status))), delay);
    }
    if !sys.kernel.is_ready(sys.now) {
        return delayed(Answer::Response(HttpResponse::text(503, "not ready\n")), delay);
    }
    let now = sys.now;
    let port = request.port;
    let pid =
        sys.kernel.processes.values().find(|process| listens(process, sys.kernel, port, now)).map(|p| p.pid);
    let Some(mut process) = pid.and_then(|pid| sys.kernel.processes.remove(&pid)) else {
        return Answer::Refused;
    };
    let mut program = process.program.take();
    let answer = match &mut program {
        Some(Program::Service(service)) => {
            service.hits += 1;
            match service.plan.handler {
                Handler::None => Answer::Broken("EOF".into()),
                _ if request.scheme == super::Scheme::Https && ![443, 8443].contains(&port) => {
                    Answer::Broken("http: server gave HTTP response to HTTPS client".into())
                }
                Handler::Assumed => Answer::Response(HttpResponse::text(200, "")),
                Handler::Files { root, server } => {
                    let response =
                        files(sys, if root.is_empty() { &process.cwd } else { root }, server, request);
                    let line = access_line(sys, request, &response);
                    process.write_text(sys, 1, &line);
                    Answer::Response(response)
                }
                Handler::Prefixes(pages) => {
                    let page = pages.iter().find(|(path, ..)| request.bare_path().starts_with(path));
                    let (_, status, body) = page.copied().unwrap_or(("", 404, "404 page not found\n"));
                    Answer::Response(HttpResponse::html(status, body))
                }
                Handler::Special(special) => {
                    let network = sys.kernel.network.clone();
                    let mut asked = Asked { service, network: &network, now, request };
                    Answer::Response(special.answer(&mut asked))
                }
            }
        }
        Some(Program::Tool(tool)) => tool.answer(&mut process, sys, request),
        _ => Answer::Refused,
    };
    process.program = program;
    sys.kernel.add(process);
    delayed(answer, delay)
}

fn delayed(mut answer: Answer, delay: Duration) -> Answer {
    if let Answer::Response(response) = &mut answer {
        response.after += delay;
    }
    answer
}

/// A line of nginx' access log.
fn access_line(sys: &Sys, request: &HttpRequest, response: &HttpResponse) -> String {
    let seconds = sys.clock().as_secs();
    let time = procs_calendar(seconds).format("%d/%b/%Y:%H:%M:%S +0000", seconds, 0);
    let agent = request
        .headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("user-agent"))
        .map_or("-", |(_, value)| value);
    format!(
        "{} - - [{time}] \"{} {} HTTP/1.1\" {} {} \"-\" \"{agent}\" \"-\"\n",
        sys.kernel.network.address,
        request.method,
        request.path,
        response.status,
        response.body.len()
    )
}

/// Serves a file below a directory.
pub fn files(sys: &mut Sys, root: &str, server: &str, request: &HttpRequest) -> HttpResponse {
    let path = normalize("/", request.bare_path());
    let mut full = normalize(root, path.trim_start_matches('/'));
    let view = sys.view();
    let mut status = 200;
    if view.is_directory(&full) {
        let index = normalize(&full, "index.html");
        if view.stat(&index).is_ok_and(|node| matches!(node.kind, Kind::File(_))) {
            full = index;
        } else {
            status = 403;
        }
    }
    let content = view.read(&full);
    if status == 200 && content.is_err() {
        status = 404;
    }
    let mut response = match content {
        Ok(content) if status == 200 => {
            HttpResponse { status, body: content.read(0, 8 << 20), ..HttpResponse::default() }
        }
        _ => {
            let text = format!("{status} {}", HttpResponse::reason(status));
            let body = format!(
                "<html>\r\n<head><title>{text}</title></head>\r\n<body>\r\n<center><h1>{text}</h1></center>\r\n<hr><center>{server}</center>\r\n</body>\r\n</html>\r\n"
            );
            HttpResponse { status, body: body.into_bytes(), ..HttpResponse::default() }
        }
    };
    let kind = match base(&full).rsplit('.').next() {
        _ if status != 200 => "text/html",
        Some("html" | "htm") => "text/html",
        Some("txt") => "text/plain",
        Some("json") => "application/json",
        Some("css") => "text/css",
        Some("js") => "application/javascript",
        _ => "application/octet-stream",
    };
    response.headers.push(("Server".into(), server.into()));
    response.headers.push(("Content-Type".into(), kind.into()));
    if request.method == "HEAD" {
        response.body.clear();
    }
    response
}
