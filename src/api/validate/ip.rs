//! IP addresses and ranges. Models apimachinery/pkg/util/validation/ip.go, in its strict form.

use std::net::IpAddr;

use super::field::{Faults, Path};

/// An address; one that was there before may stay as it is. Models IsValidIPForLegacyField.
pub(super) fn legacy_ip(value: &str, before: &[String], path: &Path, faults: &mut Faults) {
    if before.iter().any(|old| old == value) {
        return;
    }
    match value.parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) if address.to_ipv4_mapped().is_some() => {
            faults.invalid(path, value, "must not be an IPv4-mapped IPv6 address");
        }
        Ok(_) => {}
        Err(_) if without_leading_zeros(value).parse::<IpAddr>().is_ok() => {
            faults.invalid(path, value, "must not have leading 0s");
        }
        Err(_) => {
            let text = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
            faults.invalid(path, value, text);
        }
    }
}

fn without_leading_zeros(value: &str) -> String {
    let part = |part: &str| {
        let trimmed = part.trim_start_matches('0');
        if trimmed.is_empty() && !part.is_empty() { "0".to_string() } else { trimmed.to_string() }
    };
    value.split('.').map(part).collect::<Vec<_>>().join(".")
}

/// A range; one that was there before may stay. Models IsValidCIDRForLegacyField.
pub(super) fn legacy_cidr(value: &str, before: &[String], path: &Path, faults: &mut Faults) {
    if before.iter().any(|old| old.trim() == value) {
        return;
    }
    match parse_cidr(value) {
        None => {
            let text = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
            faults.invalid(path, value, text);
        }
        Some(false) => {
            faults.invalid(path, value, "must not have bits set beyond the prefix length");
        }
        Some(true) => {}
    }
}

/// Whether the range has no bits beyond its prefix; `None` if it is no range.
fn parse_cidr(value: &str) -> Option<bool> {
    let (address, prefix) = value.split_once('/')?;
    let prefix: u32 = prefix.parse().ok()?;
    let (bits, width) = match address.parse().ok()? {
        IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
        IpAddr::V6(address) => (u128::from(address), 128),
    };
    let host_bits = 1u128.checked_shl(width - prefix.min(width)).map_or(u128::MAX, |size| size - 1);
    (prefix <= width).then_some(bits & host_bits == 0)
}

/// Models ValidateEndpointIP: addresses that reach only oneself or nobody.
pub(super) fn endpoint_ip(value: &str, path: &Path, faults: &mut Faults) {
    let Ok(address) = value.parse::<IpAddr>() else { return };
    let is_link_local = match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.segments()[0] & 0xffc0 == 0xfe80,
    };
    let is_link_local_multicast = match address {
        IpAddr::V4(address) => address.octets()[..3] == [224, 0, 0],
        IpAddr::V6(address) => address.segments()[0] & 0xff0f == 0xff02,
    };
    for (is_so, text) in [
        (address.is_unspecified(), format!("may not be unspecified ({address})")),
        (address.is_loopback(), "may not be in the loopback range (127.0.0.0/8, ::1/128)".into()),
        (is_link_local, "may not be in the link-local range (169.254.0.0/16, fe80::/10)".into()),
        (
            is_link_local_multicast,
            "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)".into(),
        ),
    ] {
        if is_so {
            faults.invalid(path, value, &text);
        }
    }
}

/// What is odd about an address that passes. Models GetWarningsForIP.
pub(super) fn warning(value: &str, path: &Path) -> Option<String> {
    let address: std::net::Ipv6Addr = value.parse().ok()?;
    let canonical = address.to_string();
    (canonical != value).then(|| {
        format!("{path}: IPv6 address \"{value}\" should be in RFC 5952 canonical format (\"{canonical}\")")
    })
}
