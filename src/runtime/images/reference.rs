//! Image references: `registry/repository:tag@digest`.

/// A reference that containerd can use, with everything filled in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// `docker.io` if not said.
    pub registry: String,
    /// `library/nginx`.
    pub repository: String,
    /// `latest` if neither tag nor digest is said.
    pub tag: Option<String>,
    /// `sha256:…`.
    pub digest: Option<String>,
}

/// Why a reference is none; the kubelet's reason is `InvalidImageName`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidReference {
    image: String,
    why: &'static str,
    detail: String,
}

impl InvalidReference {
    /// The message of the container's state.
    pub fn message(&self) -> String {
        format!(
            "Failed to apply default image tag {:?}: couldn't parse image name {:?}: {}{}",
            self.image, self.image, self.why, self.detail
        )
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

impl Reference {
    /// Reads and completes a reference.
    /// Models github.com/distribution/reference and the kubelet's `applyDefaultImageTag`.
    ///
    /// # Errors
    /// The text is no reference.
    pub fn parse(image: &str) -> Result<Reference, InvalidReference> {
        let fail = |why, detail: String| InvalidReference { image: image.to_owned(), why, detail };
        let bad = || fail("invalid reference format", String::new());
        let (rest, digest) = match image.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.to_owned())),
            None => (image, None),
        };
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag.to_owned())),
            _ => (rest, None),
        };
        let (registry, repository) = split_registry(name);
        if image.len() == 64 && image.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            let detail = format!(" [{image}]: cannot specify 64-byte hexadecimal strings");
            return Err(fail("invalid repository name", detail.trim_start().to_owned()));
        }
        let lower = repository.to_lowercase();
        let valid = is_domain(&registry) && lower.split('/').all(is_component);
        if valid && lower != repository {
            let detail = format!(": repository name ({repository}) must be lowercase");
            return Err(fail("invalid reference format", detail));
        }
        if !valid || !tag.as_deref().is_none_or(is_tag) || !digest.as_deref().is_none_or(is_digest) {
            return Err(bad());
        }
        let tag = if tag.is_none() && digest.is_none() { Some("latest".to_owned()) } else { tag };
        Ok(Reference { registry, repository, tag, digest })
    }

    /// `registry/repository`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }

    /// Whether `imagePullPolicy` defaults to Always.
    pub fn is_latest(&self) -> bool {
        self.tag.as_deref() == Some("latest") && self.digest.is_none()
    }
}

fn split_registry(name: &str) -> (String, String) {
    let (first, rest) = match name.split_once('/') {
        Some((first, rest)) => (first, rest),
        None => ("", name),
    };
    let is_host = first.contains(['.', ':']) || first == "localhost" || first.to_lowercase() != first;
    let (registry, repository) = if is_host { (first, rest) } else { ("docker.io", name) };
    let registry = if registry == "index.docker.io" { "docker.io" } else { registry };
    if registry == "docker.io" && !repository.contains('/') {
        return (registry.to_owned(), format!("library/{repository}"));
    }
    (registry.to_owned(), repository.to_owned())
}

fn is_domain(text: &str) -> bool {
    let (host, port) = text.rsplit_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    let label = |l: &str| {
        !l.is_empty()
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    host.split('.').all(label) && port.is_none_or(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
}

/// Alphanumerics, single separators (`.`, `_`, `__`, dashes) only between them.
fn is_component(text: &str) -> bool {
    let alphanumeric = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let (Some(&first), Some(&last)) = (text.as_bytes().first(), text.as_bytes().last()) else {
        return false;
    };
    alphanumeric(first)
        && alphanumeric(last)
        && text.bytes().all(|b| alphanumeric(b) || matches!(b, b'.' | b'_' | b'-'))
        && text
            .split(|c: char| c.is_ascii_alphanumeric())
            .all(|sep| matches!(sep, "" | "." | "_" | "__") || sep.bytes().all(|b| b == b'-'))
}

fn is_tag(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    text.len() <= 128
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|b| word(b) || matches!(b, b'.' | b'-'))
}

fn is_digest(text: &str) -> bool {
    text.split_once(':').is_some_and(|(algorithm, hex)| {
        algorithm.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
            && hex.len() >= 32
            && hex.bytes().all(|b| b.is_ascii_hexdigit())
    })
}
