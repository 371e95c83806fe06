//! Which images a registry has. There is no registry: a rule decides, from data.

use super::catalogue;
use super::reference::Reference;

/// What a registry says about an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existence {
    Present,
    /// 404: `<reference>: not found`.
    Absent,
    /// The registry's name does not resolve.
    NoSuchHost,
    /// 401 or a pull access denied: no such repository, or a private one.
    Denied,
}

/// The plausible tags of a repository: the highest minor for a major, if it numbers that way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tags {
    /// Anything that looks like a version or a usual word.
    Any,
    /// Versions `major.minor…` up to the given minor for each major.
    UpTo(&'static [(u32, u32)]),
}

/// Tags that people write to have them missing.
const MADE_UP: &[&str] = &[
    "nope",
    "sometag",
    "doesnotexist",
    "does-not-exist",
    "doesntexist",
    "invalid",
    "missing",
    "nonexistent",
    "non-existent",
    "not-found",
    "notfound",
    "bad",
    "badtag",
    "bad-tag",
    "broken",
    "wrong",
    "typo",
    "fake",
    "foo",
    "bogus",
    "no-such-tag",
    "nosuchtag",
    "unknown",
    "xyz",
    "example",
];

/// Parts of repository names that people write to have them missing.
const MADE_UP_NAMES: &[&str] = &[
    "does-not-exist",
    "doesnotexist",
    "non-existing",
    "nonexistent",
    "non-existent",
    "no-such",
    "nosuch",
    "not-exist",
];

/// Domains reserved never to exist.
const NO_HOSTS: &[&str] = &[".example", ".invalid", ".test", "example.com", "example.org", "example.net"];

/// Words that are tags of most repositories.
const WORDS: &[&str] = &[
    "latest",
    "stable",
    "mainline",
    "edge",
    "main",
    "master",
    "alpine",
    "slim",
    "lts",
    "bookworm",
    "bullseye",
    "buster",
    "trixie",
    "jammy",
    "noble",
    "focal",
    "bionic",
    "perl",
    "musl",
    "glibc",
    "uclibc",
    "fpm",
    "apache",
    "cli",
    "devel",
    "unstable",
    "rolling",
    "management",
    "canary",
    "nightly",
    "rc",
    "beta",
    "dev",
];

/// Whether the image is there to be pulled.
pub fn exists(image: &Reference) -> Existence {
    let host = image.registry.split(':').next().unwrap_or_default();
    if NO_HOSTS.iter().any(|suffix| host.ends_with(suffix)) {
        return Existence::NoSuchHost;
    }
    if MADE_UP_NAMES.iter().any(|part| image.repository.contains(part)) {
        return if image.registry == "docker.io" { Existence::Denied } else { Existence::Absent };
    }
    let known = catalogue::find(image);
    if known.is_none() && image.registry == "docker.io" && image.repository.starts_with("library/") {
        // Official images are few: what is not one of them is not there.
        if !catalogue::OFFICIAL.contains(&&image.repository["library/".len()..]) {
            return Existence::Denied;
        }
    }
    let Some(tag) = image.tag.as_deref() else {
        return Existence::Present;
    };
    let lower = tag.to_ascii_lowercase();
    if MADE_UP.contains(&lower.as_str()) {
        return Existence::Absent;
    }
    let present = match known.map(|image| image.tags) {
        Some(tags) => plausible(&lower, tags),
        None => true,
    };
    if present { Existence::Present } else { Existence::Absent }
}

fn plausible(tag: &str, tags: Tags) -> bool {
    let (version, variant) = tag.split_once('-').unwrap_or((tag, ""));
    let _ = variant;
    if WORDS
        .iter()
        .any(|word| version == *word || version.starts_with(word) && version.len() > word.len() + 1)
    {
        return true;
    }
    let version = version.strip_prefix('v').unwrap_or(version);
    let mut numbers = version.split('.');
    let first = numbers.next().unwrap_or_default();
    let Ok(major) = first.parse::<u32>() else {
        return matches!(tags, Tags::Any);
    };
    let minor = numbers.next().map(|n| n.chars().take_while(char::is_ascii_digit).collect::<String>());
    match tags {
        Tags::Any => true,
        Tags::UpTo(limits) => match limits.iter().find(|(known, _)| *known == major) {
            None => false,
            Some((_, most)) => {
                minor.is_none_or(|minor| minor.parse::<u32>().is_ok_and(|minor| minor <= *most))
            }
        },
    }
}
