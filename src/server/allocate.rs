//! What the API server allocates: Service addresses and node ports.

use super::Server;
use crate::api::status::Cause;
use crate::api::{Kinded, Object, Service, Status};
use std::sync::Arc;

/// The Service network: 10.96.0.0/12, kubeadm's own.
const SERVICE_NETWORK: u32 = 0x0a60_0000;
const SERVICE_HOST_BITS: u32 = 20;
const NODE_PORTS: std::ops::RangeInclusive<i32> = 30000..=32767;

impl Server {
    /// Gives a Service its addresses and ports. Models pkg/registry/core/service/storage/alloc.go.
    pub(super) fn allocate(&mut self, object: &mut Object, old: Option<&Object>) -> Result<(), Status> {
        let Object::Service(service) = object else { return Ok(()) };
        let old = old.and_then(Service::unwrap);
        let type_ = service.spec.type_.clone().unwrap_or_else(|| "ClusterIP".into());
        let service = Arc::make_mut(service);
        if type_ == "ExternalName" {
            return Ok(());
        }
        let kept = old.and_then(|old| old.spec.cluster_ip.clone()).filter(|ip| !ip.is_empty());
        let name = service.metadata.name.clone().unwrap_or_default();
        let address = match (service.spec.cluster_ip.clone().filter(|ip| !ip.is_empty()), kept) {
            (Some(asked), kept) if kept.as_ref() == Some(&asked) => asked,
            (Some(asked), _) if asked == "None" => asked,
            (Some(asked), _) => self.take_address(&name, &asked)?,
            (None, Some(kept)) => kept,
            (None, None) => self.next_address(),
        };
        let spec = service.spec_mut();
        spec.cluster_ips = Some(vec![address.clone()]);
        spec.cluster_ip = Some(address);
        if matches!(type_.as_str(), "NodePort" | "LoadBalancer") {
            self.allocate_node_ports(service, old.map(Arc::as_ref));
        }
        Ok(())
    }

    /// Frees what the object had been given.
    pub(super) fn release(&mut self, object: &Object) {
        if let Object::Service(service) = object {
            if let Some(address) = service.spec.cluster_ip.as_deref().and_then(parse_address) {
                self.service_addresses.remove(&address);
            }
            for port in service.spec.ports.iter().flatten().filter_map(|port| port.node_port) {
                self.node_ports.remove(&port);
            }
        }
    }

    fn next_address(&mut self) -> String {
        loop {
            let host = 1 + self.random.below((1 << SERVICE_HOST_BITS) - 2) as u32;
            // The first two are the API server's and the DNS's own.
            if host > 10 && self.service_addresses.insert(SERVICE_NETWORK + host) {
                return std::net::Ipv4Addr::from(SERVICE_NETWORK + host).to_string();
            }
        }
    }

    fn take_address(&mut self, name: &str, asked: &str) -> Result<String, Status> {
        let refuse = |why: String| {
            let value = format!("[\"{asked}\"]");
            let message = format!("Invalid value: {value}: failed to allocate IP {asked}: {why}");
            let cause = Cause { field: "spec.clusterIPs".into(), reason: "FieldValueInvalid", message };
            Err(Status::invalid(Service::KIND, name, vec![cause]))
        };
        match parse_address(asked) {
            Some(address) if address >> SERVICE_HOST_BITS == SERVICE_NETWORK >> SERVICE_HOST_BITS => {
                if self.service_addresses.insert(address) {
                    Ok(asked.into())
                } else {
                    refuse("provided IP is already allocated".into())
                }
            }
            _ => refuse("the provided network does not match the current range".into()),
        }
    }

    fn allocate_node_ports(&mut self, service: &mut Service, old: Option<&Service>) {
        let before: Vec<_> = old.and_then(|old| old.spec.ports.clone()).unwrap_or_default();
        for port in service.spec_mut().ports.iter_mut().flatten() {
            let kept = before.iter().find(|b| b.port == port.port && b.protocol == port.protocol);
            let asked = port.node_port.filter(|p| *p != 0).or(kept.and_then(|b| b.node_port));
            let number = asked.unwrap_or_else(|| {
                let span = (NODE_PORTS.end() - NODE_PORTS.start() + 1) as u64;
                let first = NODE_PORTS.start() + self.random.below(span) as i32;
                let from_first = (first..=*NODE_PORTS.end()).chain(NODE_PORTS);
                from_first.into_iter().find(|p| !self.node_ports.contains(p)).unwrap_or(first)
            });
            self.node_ports.insert(number);
            port.node_port = Some(number);
        }
    }
}

fn parse_address(text: &str) -> Option<u32> {
    text.parse::<std::net::Ipv4Addr>().ok().map(u32::from)
}
