//! Images on a node: what is there, what has to be pulled, and what goes wrong.
//! Models pkg/kubelet/images/image_manager.go.

use std::collections::BTreeSet;
use std::time::Duration;

use super::backoff::Backoff;
use crate::api::Moment;
use crate::api::core::Container;
use crate::runtime::images::{Existence, Profile, Reference, exists};
use crate::runtime::{Behaviour, ImageBehaviour};

/// Which images a node has before any Pod comes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum NodeImages {
    /// All that exist, as on the nodes of the recordings.
    #[default]
    Preloaded,
    /// Only these, by their names as Pods say them; the others are pulled when first used.
    Only(BTreeSet<String>),
}

/// How fast a registry answers, and how fast a layer comes.
const REQUEST: Duration = Duration::from_millis(20);
const BYTES_PER_SECOND: u64 = 40_000_000;

/// What the kubelet finds when it makes sure of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It is there.
    Present,
    /// It has to be pulled, which ends after this long, with the size or the registry's refusal.
    Pull(Duration, Result<u64, String>),
    /// The name is none: the text of what is wrong with it.
    Invalid(String),
    NeverPull,
}

/// One image's pulls for one Pod.
#[derive(Clone, Debug, Default)]
pub(super) struct Pulls {
    pub backoff: Backoff,
    /// What the last pull failed with.
    pub error: String,
}

impl Pulls {
    /// The message while the next try has to wait, if it has to.
    pub fn waits(&self, image: &str, now: Moment) -> Option<String> {
        self.backoff.until_update(now)?;
        Some(format!("Back-off pulling image \"{image}\": ErrImagePull: {}", self.error))
    }
}

/// Looks for a container's image. `here` says whether the node has pulled it before.
pub(super) fn find(spec: &Container, behaviour: &Behaviour, images: &NodeImages, here: bool) -> Found {
    let image = spec.image.as_deref().unwrap_or_default();
    let reference = match Reference::parse(image) {
        Ok(reference) => reference,
        Err(invalid) => return Found::Invalid(invalid.message()),
    };
    let refusal = refusal(&reference, behaviour);
    let preloaded = match images {
        NodeImages::Preloaded => behaviour.pull_time.is_none(),
        NodeImages::Only(names) => names.contains(image),
    };
    let present = here || (preloaded && refusal.is_none());
    match spec.image_pull_policy.as_deref() {
        Some("Never") if present => Found::Present,
        Some("Never") => Found::NeverPull,
        Some("Always") => pull(&reference, behaviour, refusal, present),
        _ if present => Found::Present,
        _ => pull(&reference, behaviour, refusal, present),
    }
}

fn pull(reference: &Reference, behaviour: &Behaviour, refusal: Option<String>, present: bool) -> Found {
    if let Some(refusal) = refusal {
        return Found::Pull(REQUEST, Err(refusal));
    }
    let size = Profile::of(reference).size();
    let takes = behaviour.pull_time.unwrap_or_else(|| match present {
        true => REQUEST,
        false => REQUEST + Duration::from_micros(size * 1_000_000 / BYTES_PER_SECOND),
    });
    Found::Pull(takes, Ok(size))
}

/// What the registry says instead of the image.
fn refusal(reference: &Reference, behaviour: &Behaviour) -> Option<String> {
    let name = reference.to_string();
    let resolving =
        format!("failed to pull and unpack image \"{name}\": failed to resolve reference \"{name}\"");
    let (host, path) = name.split_once('/').unwrap_or(("docker.io", &name));
    let absent = || format!("rpc error: code = NotFound desc = {resolving}: {name}: not found");
    let unreachable = || {
        let (repository, tag) = path.rsplit_once(':').unwrap_or((path, "latest"));
        let url = format!("https://{host}/v2/{repository}/manifests/{tag}");
        let lookup = format!("dial tcp: lookup {host} on 10.255.255.53:53: no such host");
        format!("{resolving}: failed to do request: Head \"{url}\": {lookup}")
    };
    let private = || {
        let why = "pull access denied, repository does not exist or may require authorization";
        format!("{resolving}: {why}: server message: insufficient_scope: authorization failed")
    };
    match behaviour.image {
        Some(ImageBehaviour::Present) => None,
        Some(ImageBehaviour::Absent) => Some(absent()),
        Some(ImageBehaviour::Private) => Some(private()),
        Some(ImageBehaviour::Unreachable) => Some(unreachable()),
        None => match exists(reference) {
            Existence::Present => None,
            Existence::Absent => Some(absent()),
            Existence::Denied => Some(private()),
            Existence::NoSuchHost => Some(unreachable()),
        },
    }
}

/// The image's id, always the same for the same name.
pub(super) fn image_id(name: &str) -> String {
    let part = |salt: u64| format!("{:016x}", hash(name).wrapping_mul(salt) ^ salt);
    let digits = [0x9e37_79b9_7f4a_7c15, 0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb, 0xd6e8_feb8_6659_fd93];
    format!("sha256:{}", digits.map(part).concat())
}

/// FNV-1a.
fn hash(name: &str) -> u64 {
    name.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// The image's full name as the runtime shows it.
pub(super) fn full_name(image: &str) -> String {
    Reference::parse(image).map_or_else(|_| image.into(), |reference| reference.to_string())
}
