//! Tools that use the network. What they will see is asked for when they start; they end when
//! the answer would have come.

use std::net::Ipv4Addr;
use std::time::Duration;

use super::super::kernel::{Process, Read, Sys};
use super::super::network::{self, candidates};
use super::super::world::{Answer, Connection, DnsAnswer, HttpRequest, HttpResponse, Scheme};
use super::filter::{Filter, Kind};
use super::{Call, Options, Outcome, Pause};

/// One question to the name server.
const DNS_TIME: Duration = Duration::from_millis(2);
/// A resolver that gets no answer gives up after this.
const DNS_TIMEOUT: Duration = Duration::from_secs(10);
/// One exchange between Pods.
const ROUND_TRIP: Duration = Duration::from_millis(1);
/// The kernel gives up connecting after this.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(127);

/// A URL's parts.
#[derive(Clone, Debug)]
struct Url {
    scheme: Scheme,
    host: String,
    port: u16,
    path: String,
}

fn url(text: &str) -> Option<Url> {
    let (scheme, rest) = match text.split_once("://") {
        Some(("http", rest)) => (Scheme::Http, rest),
        Some(("https", rest)) => (Scheme::Https, rest),
        Some(_) => return None,
        None => (Scheme::Http, text),
    };
    let at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(at);
    let authority = authority.rsplit('@').next().unwrap_or(authority);
    let default = if scheme == Scheme::Https { 443 } else { 80 };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (authority, default),
    };
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    (!host.is_empty()).then(|| Url { scheme, host: host.to_owned(), port, path })
}

/// How a request ended.
enum Fetched {
    Response(Ipv4Addr, HttpResponse),
    NoName,
    DnsTimeout,
    Refused(Ipv4Addr),
    Silent(Ipv4Addr),
    Broken,
}

fn fetch(call: &mut Call, url: &Url, request: &HttpRequest) -> Fetched {
    let answer = network::resolve(call.sys, &url.host);
    let address = match answer {
        DnsAnswer::Addresses { addresses, .. } => match addresses.first() {
            Some(address) => *address,
            None => return Fetched::NoName,
        },
        DnsAnswer::NxDomain => {
            call.delay += DNS_TIME;
            return Fetched::NoName;
        }
        DnsAnswer::Timeout => return Fetched::DnsTimeout,
    };
    match network::http(call.sys, address, request) {
        Answer::Response(response) => {
            call.delay += ROUND_TRIP + response.after;
            Fetched::Response(address, response)
        }
        Answer::Refused => {
            call.delay += ROUND_TRIP;
            Fetched::Refused(address)
        }
        Answer::Hangs => Fetched::Silent(address),
        Answer::Broken(_) => Fetched::Broken,
    }
}

fn request(url: &Url, method: &str, agent: &str) -> HttpRequest {
    let host =
        if matches!(url.port, 80 | 443) { url.host.clone() } else { format!("{}:{}", url.host, url.port) };
    HttpRequest {
        scheme: url.scheme,
        method: method.to_owned(),
        port: url.port,
        path: url.path.clone(),
        headers: vec![("User-Agent".into(), agent.into())],
        host,
        body: Vec::new(),
    }
}

fn seconds(text: Option<&str>) -> Option<Duration> {
    text.and_then(super::super::behaviour::duration)
}

fn header(text: &str) -> Option<(String, String)> {
    text.split_once(':').map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
}

pub fn wget(call: &mut Call) -> Outcome {
    let options = call.options("OoTtPUY");
    let quiet = options.has('q') || options.long("quiet");
    let Some(text) = options.operands.first().cloned() else {
        call.complain("missing URL");
        return Ok(1);
    };
    let Some(mut target) = url(&text) else {
        call.complain(&format!("not an http or ftp url: {text}"));
        return Ok(1);
    };
    let timeout =
        seconds(options.value('T').or(options.long_value("timeout"))).unwrap_or(Duration::from_secs(900));
    let spider = options.long("spider");
    let post = options.long_value("post-data");
    let method = if post.is_some() { "POST" } else { "GET" };
    for _ in 0..6 {
        let mut asked = request(&target, method, "Wget");
        asked.body = post.unwrap_or_default().as_bytes().to_vec();
        for (name, value) in &options.long {
            if name == "header" {
                asked.headers.extend(value.as_deref().and_then(header));
            }
        }
        let fetched = fetch(call, &target, &asked);
        if !quiet
            && let Fetched::Response(address, _) | Fetched::Refused(address) | Fetched::Silent(address) =
                &fetched
        {
            let text = format!("Connecting to {} ({address}:{})\n", target.host, target.port);
            call.err.extend(text.bytes());
        }
        let response = match fetched {
            Fetched::Response(_, response) if response.after <= timeout => response,
            Fetched::Response(..) | Fetched::Silent(_) => {
                call.delay = timeout.min(CONNECT_TIMEOUT);
                call.complain("download timed out");
                return Ok(1);
            }
            Fetched::NoName => {
                call.complain(&format!("bad address '{}'", target.host));
                return Ok(1);
            }
            Fetched::DnsTimeout => {
                call.delay = DNS_TIMEOUT;
                call.complain(&format!("bad address '{}'", target.host));
                return Ok(1);
            }
            Fetched::Refused(address) => {
                call.complain(&format!("can't connect to remote host ({address}): Connection refused"));
                return Ok(1);
            }
            Fetched::Broken => {
                call.complain("error getting response");
                return Ok(1);
            }
        };
        if options.has('S') {
            let mut text =
                format!("  HTTP/1.1 {} {}\n", response.status, HttpResponse::reason(response.status));
            for (name, value) in &response.headers {
                text.push_str(&format!("  {name}: {value}\n"));
            }
            call.err.extend(text.bytes());
        }
        match response.status {
            301 | 302 | 303 | 307 | 308 if response.header("Location").is_some() => {
                let location = response.header("Location").unwrap_or_default().to_owned();
                match url(&location).filter(|_| location.contains("://")) {
                    Some(next) => target = next,
                    None => target.path = location,
                }
            }
            200..=299 => return save(call, &options, &target, &response, quiet, spider),
            status => {
                call.complain(&format!(
                    "server returned error: HTTP/1.1 {status} {}",
                    HttpResponse::reason(status)
                ));
                return Ok(1);
            }
        }
    }
    call.complain("too many redirections");
    Ok(1)
}

fn save(
    call: &mut Call,
    options: &Options,
    target: &Url,
    response: &HttpResponse,
    quiet: bool,
    spider: bool,
) -> Outcome {
    if spider {
        if !quiet {
            call.err.extend(b"remote file exists\n");
        }
        return Ok(0);
    }
    let default = match super::super::files::base(target.path.split('?').next().unwrap_or_default()) {
        "" => "index.html",
        name => name,
    };
    let file = options.value('O').unwrap_or(default).to_owned();
    if file == "-" {
        if !quiet {
            call.err.extend(b"writing to stdout\n");
        }
        call.out.extend(&response.body);
    } else {
        if !quiet {
            call.err.extend(format!("saving to '{file}'\n").bytes());
        }
        let path = match options.value('P') {
            Some(directory) => call.process.path(&format!("{directory}/{file}")),
            None => call.process.path(&file),
        };
        if let Err(error) = call.sys.view().write(&path, &response.body, 0o644) {
            call.complain(&format!("can't open '{file}': {error}"));
            return Ok(1);
        }
    }
    if !quiet {
        let name = if file == "-" { "-" } else { &file };
        let bar = "*".repeat(32);
        call.err.extend(format!("{name:<20} 100% |{bar}| {:>5}  0:00:00 ETA\n", response.body.len()).bytes());
        let last = if file == "-" { "written to stdout\n".to_owned() } else { format!("'{file}' saved\n") };
        call.err.extend(last.bytes());
    }
    Ok(0)
}

pub fn curl(call: &mut Call) -> Outcome {
    let args = expand_long(call.args());
    let options = Options::parse(&args, "oXdHmwAuCbcereTxKF");
    let silent = options.has('s');
    let loud = !silent || options.has('S');
    let mut status = 0;
    if options.operands.is_empty() {
        call.print("curl: try 'curl --help' or 'curl --manual' for more information\n");
        return Ok(2);
    }
    for text in options.operands.clone() {
        status = curl_one(call, &options, &text, loud)?;
    }
    Ok(status)
}

/// Long options as their letters.
fn expand_long(args: &[String]) -> Vec<String> {
    const LONG: &[(&str, &str)] = &[
        ("--silent", "-s"),
        ("--show-error", "-S"),
        ("--fail", "-f"),
        ("--output", "-o"),
        ("--request", "-X"),
        ("--data", "-d"),
        ("--data-raw", "-d"),
        ("--header", "-H"),
        ("--max-time", "-m"),
        ("--write-out", "-w"),
        ("--head", "-I"),
        ("--location", "-L"),
        ("--insecure", "-k"),
        ("--verbose", "-v"),
        ("--include", "-i"),
        ("--connect-timeout", "-m"),
        ("--user-agent", "-A"),
        ("--user", "-u"),
        ("--remote-name", "-O"),
        ("--fail-with-body", "-f"),
        ("--retry", "-C"),
        ("--retry-delay", "-C"),
        ("--cacert", "-C"),
        ("--compressed", "-k"),
        ("--http1.1", "-k"),
        ("--http2", "-k"),
        ("--no-progress-meter", "-s"),
        ("--retry-connrefused", "-k"),
        ("--resolve", "-C"),
    ];
    args.iter()
        .flat_map(|arg| {
            let (name, value) =
                arg.split_once('=').map_or((arg.as_str(), None), |(n, v)| (n, Some(v.to_owned())));
            match LONG.iter().find(|(long, _)| *long == name) {
                Some((_, short)) => std::iter::once((*short).to_owned()).chain(value).collect::<Vec<_>>(),
                None => vec![arg.clone()],
            }
        })
        .collect()
}

fn curl_one(call: &mut Call, options: &Options, text: &str, loud: bool) -> Outcome {
    let fail = |call: &mut Call, code: i32, message: &str| {
        if loud {
            call.err.extend(format!("curl: ({code}) {message}\n").bytes());
        }
        Ok(code)
    };
    let Some(mut target) = url(text) else {
        return fail(call, 3, "URL using bad/illegal format or missing URL");
    };
    let timeout = seconds(options.value('m'));
    let data = options.value('d');
    let default = if options.has('I') {
        "HEAD"
    } else if data.is_some() {
        "POST"
    } else {
        "GET"
    };
    let method = options.value('X').unwrap_or(default).to_owned();
    for _ in 0..10 {
        let mut asked = request(&target, &method, options.value('A').unwrap_or("curl/8.9.1"));
        asked.headers.push(("Accept".into(), "*/*".into()));
        asked.body = data.unwrap_or_default().as_bytes().to_vec();
        for (_, value) in options.flags.iter().filter(|(flag, _)| *flag == 'H') {
            if let Some((name, value)) = value.as_deref().and_then(header) {
                if name.eq_ignore_ascii_case("host") {
                    asked.host = value;
                } else {
                    asked.headers.push((name, value));
                }
            }
        }
        let (host, port) = (target.host.clone(), target.port);
        let response = match fetch(call, &target, &asked) {
            Fetched::Response(_, response) if timeout.is_none_or(|limit| response.after <= limit) => response,
            Fetched::Response(..) | Fetched::Silent(_) => {
                let after = timeout.unwrap_or(CONNECT_TIMEOUT);
                call.delay = after;
                write_out(call, options, None, &target);
                let millis = after.as_millis();
                return match timeout {
                    Some(_) => fail(call, 28, &format!("Connection timed out after {millis} milliseconds")),
                    None => fail(
                        call,
                        28,
                        &format!(
                            "Failed to connect to {host} port {port} after {millis} ms: Couldn't connect to server"
                        ),
                    ),
                };
            }
            Fetched::NoName | Fetched::DnsTimeout => {
                write_out(call, options, None, &target);
                return fail(call, 6, &format!("Could not resolve host: {host}"));
            }
            Fetched::Refused(_) => {
                write_out(call, options, None, &target);
                return fail(
                    call,
                    7,
                    &format!(
                        "Failed to connect to {host} port {port} after 0 ms: Couldn't connect to server"
                    ),
                );
            }
            Fetched::Broken => {
                write_out(call, options, None, &target);
                return fail(call, 52, "Empty reply from server");
            }
        };
        if options.has('L')
            && (300..400).contains(&response.status)
            && let Some(location) = response.header("Location").map(str::to_owned)
        {
            match url(&location).filter(|_| location.contains("://")) {
                Some(next) => target = next,
                None => target.path = location,
            }
            continue;
        }
        if options.has('f') && response.status >= 400 {
            write_out(call, options, Some(&response), &target);
            return fail(call, 22, &format!("The requested URL returned error: {}", response.status));
        }
        let mut output = Vec::new();
        if options.has('i') || options.has('I') {
            output.extend(
                format!("HTTP/1.1 {} {}\r\n", response.status, HttpResponse::reason(response.status)).bytes(),
            );
            for (name, value) in &response.headers {
                output.extend(format!("{name}: {value}\r\n").bytes());
            }
            output.extend(format!("Content-Length: {}\r\n\r\n", response.body.len()).bytes());
        }
        if !options.has('I') {
            output.extend(&response.body);
        }
        if options.has('v') {
            call.err.extend(
                format!(
                    "> {} {} HTTP/1.1\n> Host: {}\n>\n< HTTP/1.1 {} {}\n",
                    asked.method,
                    asked.path,
                    asked.host,
                    response.status,
                    HttpResponse::reason(response.status)
                )
                .bytes(),
            );
        }
        let file = match options.value('o') {
            None if options.has('O') => Some(super::super::files::base(&target.path).to_owned()),
            file => file.map(str::to_owned),
        };
        match file.as_deref() {
            Some("/dev/null") => {}
            Some(file) => {
                let path = call.process.path(file);
                if call.sys.view().write(&path, &output, 0o644).is_err() {
                    return fail(call, 23, "Failure writing output to destination");
                }
            }
            None => call.out.extend(&output),
        }
        write_out(call, options, Some(&response), &target);
        return Ok(0);
    }
    fail(call, 47, "Maximum (50) redirects followed")
}

/// `-w '%{http_code}'`.
fn write_out(call: &mut Call, options: &Options, response: Option<&HttpResponse>, target: &Url) {
    let Some(format) = options.value('w') else {
        return;
    };
    let code = response.map_or("000".to_owned(), |response| response.status.to_string());
    let size = response.map_or(0, |response| response.body.len()).to_string();
    let time = format!("{:.6}", call.delay.as_secs_f64());
    let text = format
        .replace("%{http_code}", &code)
        .replace("%{response_code}", &code)
        .replace("%{size_download}", &size)
        .replace("%{time_total}", &time)
        .replace("%{url_effective}", &format!("http://{}{}", target.host, target.path));
    let plain = super::super::shell::escape::unescape(&text, super::super::shell::escape::Style::Format);
    call.out.extend(plain.bytes);
}

pub fn nslookup(call: &mut Call) -> Outcome {
    let operands: Vec<String> = call.args().iter().filter(|arg| !arg.starts_with('-')).cloned().collect();
    let Some(name) = operands.first() else {
        call.complain("usage: nslookup HOST [SERVER]");
        return Ok(1);
    };
    let network = call.sys.kernel.network.clone();
    let server = operands.get(1).unwrap_or(&network.name_server).clone();
    call.line(&format!("Server:\t\t{server}\nAddress:\t{server}:53\n"));
    let names = if name.contains('.') {
        vec![name.trim_end_matches('.').to_owned()]
    } else {
        candidates(&network, name)
    };
    call.delay = DNS_TIME;
    let mut failed = Vec::new();
    for full in &names {
        match call.sys.world.resolve(full) {
            DnsAnswer::Addresses { canonical, addresses } => {
                if let Some(canonical) = &canonical {
                    call.line(&format!("{full}\tcanonical name = {canonical}"));
                }
                let shown = canonical.as_ref().unwrap_or(full);
                for address in addresses {
                    call.line(&format!("Name:\t{shown}\nAddress: {address}"));
                }
                call.print("\n\n");
                return Ok(0);
            }
            DnsAnswer::NxDomain => failed.push(full.clone()),
            DnsAnswer::Timeout => {
                call.delay = DNS_TIMEOUT;
                call.line(";; connection timed out; no servers could be reached\n");
                return Ok(1);
            }
        }
    }
    // One line each for the IPv4 and the IPv6 question.
    for full in &failed[..1.min(failed.len())] {
        call.print(&format!("** server can't find {full}: NXDOMAIN\n\n").repeat(2));
    }
    Ok(1)
}

pub fn host(call: &mut Call) -> Outcome {
    let Some(name) = call.args().iter().find(|arg| !arg.starts_with('-')).cloned() else {
        return Ok(1);
    };
    call.delay = DNS_TIME;
    match network::resolve(call.sys, &name) {
        DnsAnswer::Addresses { canonical, addresses } => {
            for address in addresses {
                call.line(&format!("{} has address {address}", canonical.as_deref().unwrap_or(&name)));
            }
            Ok(0)
        }
        DnsAnswer::NxDomain => {
            call.line(&format!("Host {name} not found: 3(NXDOMAIN)"));
            Ok(1)
        }
        DnsAnswer::Timeout => {
            call.delay = DNS_TIMEOUT;
            call.line(";; connection timed out; no servers could be reached");
            Ok(1)
        }
    }
}

pub fn dig(call: &mut Call) -> Outcome {
    let args = call.args().to_vec();
    if !args.iter().any(|arg| arg == "+short") {
        return call.unsupported("other output than +short");
    }
    let Some(name) = args
        .iter()
        .find(|arg| !arg.starts_with(['+', '@', '-']) && !matches!(arg.as_str(), "A" | "AAAA" | "SRV"))
    else {
        return Ok(1);
    };
    call.delay = DNS_TIME;
    if let DnsAnswer::Addresses { addresses, .. } = call.sys.world.resolve(name.trim_end_matches('.')) {
        for address in addresses {
            call.line(&address.to_string());
        }
    }
    Ok(0)
}

pub fn getent(call: &mut Call) -> Outcome {
    let args = call.args().to_vec();
    match args.first().map(String::as_str) {
        Some("hosts" | "ahosts") => {}
        _ => return call.unsupported("this database"),
    }
    let Some(name) = args.get(1) else {
        return Ok(2);
    };
    call.delay = DNS_TIME;
    match network::resolve(call.sys, name) {
        DnsAnswer::Addresses { canonical, addresses } => {
            for address in addresses {
                call.line(&format!("{:<15} {}", address.to_string(), canonical.as_deref().unwrap_or(name)));
            }
            Ok(0)
        }
        _ => Ok(2),
    }
}

pub fn ping(call: &mut Call) -> Outcome {
    let options = call.options("cwWisIt");
    let Some(name) = options.operands.first().cloned() else {
        return Ok(1);
    };
    let address = match network::resolve(call.sys, &name) {
        DnsAnswer::Addresses { addresses, .. } if !addresses.is_empty() => addresses[0],
        _ => {
            call.complain(&format!("bad address '{name}'"));
            return Ok(1);
        }
    };
    let count = options.number('c').unwrap_or(0).clamp(0, 1000);
    // Any port will do: a host that refuses is there.
    let there = network::connect(call.sys, address, 7) != Connection::Hangs;
    call.line(&format!("PING {name} ({address}): 56 data bytes"));
    if count == 0 {
        call.sys.kernel.note("ping without -c: the replies");
        let out = std::mem::take(&mut call.out);
        let _ = call.process.write(call.sys, 1, &out);
        return Err(Pause::Forever);
    }
    if there {
        for sequence in 0..count {
            call.line(&format!("64 bytes from {address}: seq={sequence} ttl=63 time=0.080 ms"));
        }
    }
    let (received, loss) = if there { (count, 0) } else { (0, 100) };
    call.line(&format!("\n--- {name} ping statistics ---\n{count} packets transmitted, {received} packets received, {loss}% packet loss"));
    if there {
        call.line("round-trip min/avg/max = 0.080/0.080/0.080 ms");
    }
    call.delay = Duration::from_secs(count.unsigned_abs() - u64::from(there))
        + if there { ROUND_TRIP } else { Duration::from_secs(10) };
    Ok(i32::from(!there))
}

pub fn nc(call: &mut Call) -> Outcome {
    let options = call.options("pweioqs");
    if options.has('l') || options.long("listen") {
        let text = options.value('p').map(str::to_owned).or_else(|| options.operands.last().cloned());
        let Some(port) = text.and_then(|port| port.parse().ok()) else {
            call.complain("bad port");
            return Ok(1);
        };
        call.ports = vec![port];
        return Err(Pause::Forever);
    }
    let [host, port, ..] = &options.operands[..] else {
        call.complain("usage: nc [-lz] [-p PORT] HOST PORT");
        return Ok(1);
    };
    let Ok(port) = port.parse::<u16>() else {
        call.complain(&format!("bad port '{port}'"));
        return Ok(1);
    };
    let answer = network::resolve(call.sys, host);
    let DnsAnswer::Addresses { addresses, .. } = answer else {
        call.complain(&format!("bad address '{host}'"));
        call.delay = DNS_TIME;
        return Ok(1);
    };
    let Some(address) = addresses.first().copied() else {
        return Ok(1);
    };
    let verbose = options.has('v');
    call.delay = ROUND_TRIP;
    match network::connect(call.sys, address, port) {
        Connection::Accepted => {
            if verbose {
                call.err.extend(format!("{host} ({address}:{port}) open\n").bytes());
            }
            if options.has('z') {
                return Ok(0);
            }
            speak(call, address, port, host)
        }
        Connection::Refused => {
            if verbose || !options.has('z') {
                call.complain(&format!("{host} ({address}:{port}): Connection refused"));
            }
            Ok(1)
        }
        Connection::Hangs => {
            call.delay = seconds(options.value('w')).unwrap_or(CONNECT_TIMEOUT);
            if verbose || !options.has('z') {
                call.complain(&format!("{host} ({address}:{port}): Connection timed out"));
            }
            Ok(1)
        }
    }
}

/// An HTTP request typed into `nc`.
fn speak(call: &mut Call, address: Ipv4Addr, port: u16, host: &str) -> Outcome {
    let input = String::from_utf8_lossy(&call.stdin()?).into_owned();
    let mut first = input.lines().next().unwrap_or_default().split_whitespace();
    let (Some(method), Some(path)) = (first.next(), first.next()) else {
        return Ok(0);
    };
    let asked = HttpRequest {
        method: method.into(),
        port,
        path: path.into(),
        host: host.into(),
        ..HttpRequest::default()
    };
    if let Answer::Response(response) = network::http(call.sys, address, &asked) {
        let mut text = format!("HTTP/1.1 {} {}\r\n", response.status, HttpResponse::reason(response.status));
        for (name, value) in &response.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        call.print(&format!("{text}Content-Length: {}\r\n\r\n", response.body.len()));
        call.out.extend(&response.body);
        call.delay += response.after;
    }
    Ok(0)
}

pub fn httpd(call: &mut Call) -> Outcome {
    let options = call.options("phcruem");
    let port =
        options.value('p').and_then(|p| p.rsplit(':').next()).and_then(|p| p.parse().ok()).unwrap_or(80);
    call.ports = vec![port];
    if options.has('f') {
        return Err(Pause::Forever);
    }
    call.sys.kernel.note("httpd in the background: it stays in front here");
    Err(Pause::Filter(Box::new(Filter::new(Kind::Follow))))
}

/// What `httpd` and `nc -l` answer, and whether the program ends with it.
pub fn listener_answer(
    argv: &[String],
    process: &mut Process,
    sys: &mut Sys,
    request: &HttpRequest,
) -> (Answer, bool) {
    let name = argv.first().map_or("", |name| super::super::files::base(name));
    if name == "httpd" {
        let options = Options::parse(&argv[1..], "phcruem");
        let root = options.value('h').map_or_else(|| process.cwd.clone(), |root| process.path(root));
        return (Answer::Response(network::files(sys, &root, "busybox httpd", request)), false);
    }
    let asked = format!("{} {} HTTP/1.1\r\nHost: {}\r\n\r\n", request.method, request.path, request.host);
    process.write_text(sys, 1, &asked);
    let mut bytes = Vec::new();
    while let Read::Data(more) = process.read(sys, 0, 65536) {
        bytes.extend(more);
        if bytes.len() > 1 << 20 {
            break;
        }
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let keeps = argv.iter().any(|arg| arg == "-k" || arg == "-lk" || arg == "-kl");
    (parse_response(&text), !keeps)
}

/// An HTTP response as a script writes it.
fn parse_response(text: &str) -> Answer {
    let (head, body) = text.split_once("\r\n\r\n").or_else(|| text.split_once("\n\n")).unwrap_or((text, ""));
    let mut lines = head.lines();
    let status = lines
        .next()
        .and_then(|line| line.strip_prefix("HTTP/"))
        .and_then(|line| line.split_whitespace().nth(1))
        .and_then(|code| code.parse().ok());
    match status {
        Some(status) => {
            let headers = lines.filter_map(header).collect();
            Answer::Response(HttpResponse {
                status,
                headers,
                body: body.as_bytes().to_vec(),
                after: Duration::ZERO,
            })
        }
        None if text.is_empty() => Answer::Broken("EOF".into()),
        None => Answer::Broken(format!(
            "net/http: HTTP/1.x transport connection broken: malformed HTTP response {:?}",
            text.lines().next().unwrap_or_default()
        )),
    }
}

pub fn netstat(call: &mut Call) -> Outcome {
    let mut ports: Vec<u16> = Vec::new();
    for port in 1..=u16::MAX {
        if call.sys.kernel.profile.known() && call.sys.kernel.tcp(port, call.sys.now) == Connection::Accepted
        {
            ports.push(port);
        }
    }
    call.line("Active Internet connections (only servers)\nProto Recv-Q Send-Q Local Address           Foreign Address         State       ");
    for port in ports {
        call.line(&format!("tcp        0      0 0.0.0.0:{port:<15} 0.0.0.0:*               LISTEN      "));
    }
    Ok(0)
}

pub fn ip(call: &mut Call) -> Outcome {
    let address = call.sys.kernel.network.address.clone();
    let args = call.args().to_vec();
    if call.name() == "ip" && !args.iter().any(|arg| "address".starts_with(arg.as_str())) {
        return call.unsupported(&args.join(" "));
    }
    if call.name() == "ip" {
        call.line(&format!("1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue qlen 1000\n    inet 127.0.0.1/8 scope host lo\n2: eth0@if7: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN> mtu 1500 qdisc noqueue\n    inet {address}/24 brd + scope global eth0"));
    } else {
        call.line(&format!("eth0      Link encap:Ethernet\n          inet addr:{address}  Mask:255.255.255.0\n          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1\n\nlo        Link encap:Local Loopback\n          inet addr:127.0.0.1  Mask:255.0.0.0"));
    }
    Ok(0)
}
