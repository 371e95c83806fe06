//! Amounts of resources in canonical form.

use std::collections::BTreeMap;

use crate::api::Quantity;
use crate::api::core::ResourceRequirements;
use crate::api::quantity::Amount;

use super::zero::drop_zero;

/// Amounts by resource.
pub(super) type ResourceList = BTreeMap<String, Quantity>;

/// Limits and requests in canonical form.
pub(super) fn requirements(resources: &mut ResourceRequirements) {
    list(&mut resources.limits);
    list(&mut resources.requests);
    drop_zero(&mut resources.claims);
}

/// Amounts in canonical form and whole thousandths. Models SetDefaults_ResourceList.
pub(super) fn list(amounts: &mut Option<ResourceList>) {
    drop_zero(amounts);
    for quantity in amounts.iter_mut().flatten().map(|(_, quantity)| quantity) {
        rewrite(quantity, |amount| match amount.is_whole() {
            true => amount,
            false => Amount::from_milli(amount.milli()),
        });
    }
}

/// The quantity in canonical form.
pub(super) fn canonical(quantity: &mut Quantity) {
    rewrite(quantity, |amount| amount);
}

fn rewrite(quantity: &mut Quantity, change: impl Fn(Amount) -> Amount) {
    if is_canonical(&quantity.0) {
        return;
    }
    if let Some((amount, format)) = Amount::parse(&quantity.0) {
        quantity.0 = change(amount).format(format);
    }
}

/// Whether the text is surely canonical: the common short forms, told without arithmetic.
fn is_canonical(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, suffix) = text.split_at(digits);
    matches!(digits, 1..=3)
        && !number.starts_with('0')
        && matches!(suffix, "" | "m" | "k" | "M" | "G" | "Ki" | "Mi" | "Gi")
}

/// A limit without a request is also the request. Models SetDefaults_Pod.
pub(super) fn requests_from_limits(resources: &mut ResourceRequirements) {
    let Some(limits) = &resources.limits else { return };
    let missing = |requests: &ResourceList| limits.keys().any(|name| !requests.contains_key(name));
    if resources.requests.as_ref().is_none_or(missing) {
        let requests = resources.requests.get_or_insert_default();
        for (name, limit) in limits {
            requests.entry(name.clone()).or_insert_with(|| limit.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let mut amounts = Some(ResourceList::from([("cpu".into(), Quantity(text.into()))]));
        list(&mut amounts);
        assert_eq!(amounts.unwrap()["cpu"].0, expected);
    }

    #[test]
    fn canonical_amounts() {
        check("1", "1");
        check("0.5", "500m");
        check("1000m", "1");
        check("1024Mi", "1Gi");
        check("1000", "1k");
        check("0", "0");
        check("010", "10");
        check("100n", "1m");
        check("999Ki", "999Ki");
    }
}
