//! What a container asks of the network around it, and what it answers.

use std::net::Ipv4Addr;
use std::time::Duration;

/// Everything outside a Pod that its containers can see. The kubelet implements it.
///
/// Connections of a container to itself (127.0.0.1, its own address) are answered
/// before they come here, unless no process of the container listens.
pub trait World {
    /// Looks one fully qualified name up in the cluster's DNS: no search list, no trailing dot.
    fn resolve(&mut self, name: &str) -> DnsAnswer;
    /// Sends an HTTP request to an address; the port is in the request.
    fn http(&mut self, to: Ipv4Addr, request: &HttpRequest) -> Answer;
    /// Opens a TCP connection.
    fn connect(&mut self, to: Ipv4Addr, port: u16) -> Connection;
    /// A seeded random number.
    fn random(&mut self) -> u64;
    /// The wall clock at scenario start, in seconds since 1970.
    fn epoch(&self) -> u64;
}

/// What the name server says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DnsAnswer {
    /// The addresses, in order, and the canonical name when it is another one.
    Addresses { canonical: Option<String>, addresses: Vec<Ipv4Addr> },
    /// The name does not exist.
    NxDomain,
    /// The name server does not answer in time.
    Timeout,
}

/// Plain or encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scheme {
    #[default]
    Http,
    Https,
}

/// A request of a probe, a hook or a process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpRequest {
    pub scheme: Scheme,
    pub method: String,
    pub port: u16,
    /// Path and query, beginning with a slash.
    pub path: String,
    /// Without `Host`, which is apart.
    pub headers: Vec<(String, String)>,
    pub host: String,
    pub body: Vec<u8>,
}

impl HttpRequest {
    /// A GET without headers.
    pub fn get(port: u16, path: &str) -> HttpRequest {
        HttpRequest { method: "GET".into(), port, path: path.into(), ..HttpRequest::default() }
    }

    /// The path without its query.
    pub fn bare_path(&self) -> &str {
        self.path.split(['?', '#']).next().unwrap_or("/")
    }

    /// A parameter of the query, not decoded.
    pub fn query(&self, key: &str) -> Option<&str> {
        let (_, query) = self.path.split_once('?')?;
        query.split('&').filter_map(|pair| pair.split_once('=')).find(|(k, _)| *k == key).map(|(_, v)| v)
    }
}

/// A response; its first byte comes `after` the request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpResponse {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub after: Duration,
}

impl HttpResponse {
    /// A text response at once.
    pub fn text(status: u16, body: impl Into<String>) -> HttpResponse {
        let headers = vec![("Content-Type".to_owned(), "text/plain; charset=utf-8".to_owned())];
        HttpResponse { status, headers, body: body.into().into_bytes(), after: Duration::ZERO }
    }

    /// An HTML response at once.
    pub fn html(status: u16, body: impl Into<String>) -> HttpResponse {
        let headers = vec![("Content-Type".to_owned(), "text/html".to_owned())];
        HttpResponse { status, headers, body: body.into().into_bytes(), after: Duration::ZERO }
    }

    /// The words after the status code.
    pub fn reason(status: u16) -> &'static str {
        match status {
            200 => "OK",
            201 => "Created",
            204 => "No Content",
            301 => "Moved Permanently",
            302 => "Found",
            304 => "Not Modified",
            307 => "Temporary Redirect",
            308 => "Permanent Redirect",
            400 => "Bad Request",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            429 => "Too Many Requests",
            500 => "Internal Server Error",
            501 => "Not Implemented",
            502 => "Bad Gateway",
            503 => "Service Unavailable",
            504 => "Gateway Timeout",
            _ => "Unknown",
        }
    }

    /// A response header, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(k, _)| k.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }
}

/// How an HTTP request ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Response(HttpResponse),
    /// Nothing listens on the port: "connection refused".
    Refused,
    /// No route, or a process that accepts and stays silent: the caller's timeout decides.
    Hangs,
    /// Something else than HTTP listens; Go's words for what the client then reports,
    /// such as `EOF` or `http: server gave HTTP response to HTTPS client`.
    Broken(String),
}

/// How a TCP connection attempt ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    Accepted,
    Refused,
    Hangs,
}

/// How a gRPC health check ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    Serving,
    NotServing,
    /// The server knows no such service.
    UnknownService,
    /// The server has no health service.
    Unimplemented,
    /// Not a gRPC server, nothing listening, or no answer: the client waits until its timeout.
    Unreachable,
}

/// A Pod's place in the network, as its files in /etc show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    pub address: String,
    pub hostname: String,
    /// `hostname.subdomain.namespace.svc.cluster.local` when the Pod has a subdomain.
    pub fqdn: Option<String>,
    pub name_server: String,
    pub search: Vec<String>,
    pub ndots: u32,
    pub host_aliases: Vec<(String, Vec<String>)>,
}
