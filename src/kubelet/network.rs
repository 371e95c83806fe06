//! The network as containers see it: the cluster's DNS, Services and other Pods.

use std::net::Ipv4Addr;
use std::sync::Arc;

use super::process::since_start;
use super::sandbox::Runtime;
use super::worker::{Host, Worker};
use crate::api::discovery::Endpoint;
use crate::api::{EndpointSlice, Moment, Pod, Service};
use crate::runtime::{Answer, Connection, Container, DnsAnswer, HttpRequest, Network, Volumes, World};
use crate::server::{Random, Server};

/// Cluster DNS, at kubeadm's address.
const NAME_SERVER: &str = "10.96.0.10";
const DOMAIN: &str = "svc.cluster.local";
const SERVICE_LABEL: &str = "kubernetes.io/service-name";

/// Makes a Pod's place in the network.
pub(super) struct PodNetwork;

impl PodNetwork {
    /// What the Pod's files in /etc say. Models pkg/kubelet/network/dns.
    pub fn of(pod: &Pod, address: &str) -> Network {
        let name = pod.metadata.name.clone().unwrap_or_default();
        let namespace = pod.metadata.namespace.as_deref().unwrap_or("default");
        let hostname = pod.spec.hostname.clone().filter(|name| !name.is_empty()).unwrap_or(name);
        let subdomain = pod.spec.subdomain.as_deref().filter(|subdomain| !subdomain.is_empty());
        let aliases = pod.spec.host_aliases.iter().flatten();
        let cluster = [format!("{namespace}.{DOMAIN}"), DOMAIN.into(), "cluster.local".into()];
        let dns = pod.spec.dns_config.as_ref();
        let own = dns.and_then(|dns| dns.searches.clone()).unwrap_or_default();
        let option =
            dns.and_then(|dns| dns.options.as_ref()?.iter().find(|o| o.name.as_deref() == Some("ndots")));
        Network {
            address: address.into(),
            fqdn: subdomain.map(|subdomain| format!("{hostname}.{subdomain}.{namespace}.{DOMAIN}")),
            hostname,
            name_server: NAME_SERVER.into(),
            search: cluster.into_iter().chain(own).collect(),
            ndots: option.and_then(|o| o.value.as_ref()?.parse().ok()).unwrap_or(5),
            host_aliases: aliases.map(|a| (a.ip.clone(), a.hostnames.clone().unwrap_or_default())).collect(),
        }
    }
}

/// The world around one Pod's containers.
struct Around<'a> {
    server: &'a Server,
    random: &'a mut Random,
    others: &'a mut std::collections::BTreeMap<Arc<str>, Box<Worker>>,
    addresses: &'a std::collections::BTreeMap<String, Arc<str>>,
    siblings: &'a mut Runtime,
    volumes: Volumes,
    now: Moment,
}

/// The world around one Pod, whose volumes are lent to the container that runs.
pub(super) fn world<'a>(
    host: &'a mut Host<'_>,
    siblings: &'a mut Runtime,
    volumes: Volumes,
) -> impl World + 'a {
    Around {
        server: host.server,
        random: host.random,
        others: host.others,
        addresses: host.addresses,
        siblings,
        volumes,
        now: host.now,
    }
}

impl Around<'_> {
    /// Asks the processes behind an address until one answers.
    fn ask<T>(&mut self, to: Ipv4Addr, ask: impl FnMut(&mut Container, &mut Volumes) -> T) -> Option<Vec<T>> {
        let text = to.to_string();
        let own = self.siblings.sandbox.as_ref().is_some_and(|sandbox| sandbox.address == text);
        if own || to.is_loopback() {
            std::mem::swap(&mut self.siblings.volumes, &mut self.volumes);
            let answers = self.siblings.each_running(ask);
            std::mem::swap(&mut self.siblings.volumes, &mut self.volumes);
            return Some(answers);
        }
        let other = self.others.get_mut(self.addresses.get(&text)?)?;
        Some(other.runtime.each_running(ask))
    }

    /// Where a connection to an address and port ends: at a Service, with one of its endpoints.
    fn route(&mut self, to: Ipv4Addr, port: u16) -> Option<(Ipv4Addr, u16)> {
        let view = self.server.store().latest();
        let text = to.to_string();
        let mut services = view.list_as::<Service>(None);
        let Some(service) = services.find(|s| s.spec.cluster_ip.as_deref() == Some(&text)) else {
            return Some((to, port));
        };
        let asked = service.spec.ports.iter().flatten().find(|p| p.port == i32::from(port))?;
        let mut targets = Vec::new();
        for slice in slices(self.server, service) {
            let ports = slice.ports.iter().flatten();
            let number =
                ports.filter(|p| p.name.as_deref().unwrap_or("") == asked.name.as_deref().unwrap_or(""));
            let Some(number) = number.filter_map(|p| u16::try_from(p.port?).ok()).next() else { continue };
            let ready = slice.endpoints.iter().flatten().filter(|endpoint| is_ready(endpoint));
            targets.extend(ready.flat_map(|e| &e.addresses).filter_map(|a| Some((a.parse().ok()?, number))));
        }
        let pick = self.random.below(targets.len() as u64);
        targets.get(usize::try_from(pick).unwrap_or(0)).copied()
    }
}

impl World for Around<'_> {
    fn resolve(&mut self, name: &str) -> DnsAnswer {
        resolve(self.server, name).unwrap_or(DnsAnswer::NxDomain)
    }

    fn http(&mut self, to: Ipv4Addr, request: &HttpRequest) -> Answer {
        let Some((to, port)) = self.route(to, request.port) else { return Answer::Refused };
        let request = HttpRequest { port, ..request.clone() };
        let now = since_start(self.now);
        let answers = self.ask(to, |process, volumes| process.http(now, volumes, &request));
        // Nobody has the address: packets are lost.
        let Some(answers) = answers else { return Answer::Hangs };
        answers.into_iter().find(|answer| *answer != Answer::Refused).unwrap_or(Answer::Refused)
    }

    fn connect(&mut self, to: Ipv4Addr, port: u16) -> Connection {
        let Some((to, port)) = self.route(to, port) else { return Connection::Refused };
        let now = since_start(self.now);
        let Some(answers) = self.ask(to, |process, _| process.tcp(now, port)) else {
            return Connection::Hangs;
        };
        answers.into_iter().find(|answer| *answer != Connection::Refused).unwrap_or(Connection::Refused)
    }

    fn random(&mut self) -> u64 {
        self.random.below(u64::MAX)
    }

    fn epoch(&self) -> u64 {
        let seconds = self.server.epoch().time(Moment::START).0.as_second();
        u64::try_from(seconds).unwrap_or(0)
    }
}

fn is_ready(endpoint: &Endpoint) -> bool {
    endpoint.conditions.as_ref().is_none_or(|conditions| conditions.ready != Some(false))
}

fn slices<'a>(
    server: &'a Server,
    service: &Service,
) -> impl Iterator<Item = &'a Arc<EndpointSlice>> + use<'a> {
    let namespace = service.metadata.namespace.clone().unwrap_or_default();
    let name = service.metadata.name.clone().unwrap_or_default();
    let slices = server.store().latest().list_as::<EndpointSlice>(Some(&namespace));
    slices.filter(move |s| s.metadata.labels.as_ref().and_then(|l| l.get(SERVICE_LABEL)) == Some(&name))
}

/// Looks a full name up as CoreDNS does: Services, and the hosts of headless ones.
fn resolve(server: &Server, name: &str) -> Option<DnsAnswer> {
    let inside = name.strip_suffix(DOMAIN)?.strip_suffix('.')?;
    let mut parts = inside.rsplitn(3, '.');
    let (namespace, service, host) = (parts.next()?, parts.next()?, parts.next());
    let service = server.store().latest().named::<Service>(namespace, service)?;
    if service.spec.type_.as_deref() == Some("ExternalName") {
        let canonical = service.spec.external_name.clone();
        return Some(DnsAnswer::Addresses { canonical, addresses: Vec::new() });
    }
    let cluster = service.spec.cluster_ip.as_deref().and_then(|ip| ip.parse().ok());
    let addresses: Vec<Ipv4Addr> = match (cluster, host) {
        (Some(address), None) => vec![address],
        (Some(_), Some(_)) => return None,
        (None, host) => {
            let unready = service.spec.publish_not_ready_addresses == Some(true);
            let endpoints = slices(server, service).flat_map(|slice| slice.endpoints.iter().flatten());
            let endpoints = endpoints.filter(|e| {
                (unready || is_ready(e)) && host.is_none_or(|host| e.hostname.as_deref() == Some(host))
            });
            endpoints.flat_map(|e| &e.addresses).filter_map(|address| address.parse().ok()).collect()
        }
    };
    match addresses.is_empty() {
        true => None,
        false => Some(DnsAnswer::Addresses { canonical: None, addresses }),
    }
}
