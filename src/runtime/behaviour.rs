//! How a person bends a container: annotations `podscope.dev/KEY` of the Pod,
//! or `podscope.dev/KEY.CONTAINER` for one container only.

use std::collections::BTreeMap;
use std::time::Duration;

/// The prefix of every annotation understood here.
pub const PREFIX: &str = "podscope.dev/";

/// What the annotations ask for; `None` and the defaults leave the image as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Behaviour {
    /// `start-up`: time from start until the server listens.
    pub start_up: Option<Duration>,
    /// `ready-after`: until then HTTP answers 503, gRPC NOT_SERVING, exec probes fail.
    pub ready_after: Option<Duration>,
    /// `exit-after`: the main process ends by itself.
    pub exit_after: Option<Duration>,
    /// `exit-code`: with which code it does, 1 if not said; also the code after SIGTERM.
    pub exit_code: Option<i32>,
    /// `memory`: bytes in use after start.
    pub memory: Option<u64>,
    /// `memory-growth`: bytes a second.
    pub memory_growth: Option<u64>,
    /// `cpu`: millicores in use.
    pub cpu: Option<u64>,
    /// `ignore-sigterm`: `true` or `false`.
    pub term: Option<TermBehaviour>,
    /// `stop-time`: from SIGTERM to the exit.
    pub stop_time: Option<Duration>,
    /// `http`: a status code, `hang` or `refuse`.
    pub http: Option<HttpBehaviour>,
    /// `http-delay`: every response comes that much later.
    pub http_delay: Option<Duration>,
    /// `probe`: what exec and gRPC probes say.
    pub probe: Option<ProbeBehaviour>,
    /// `pull-time`: how long the image takes to pull.
    pub pull_time: Option<Duration>,
    /// `image`: `present`, `absent`, `private` or `unreachable`.
    pub image: Option<ImageBehaviour>,
}

/// What SIGTERM does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TermBehaviour {
    Ignores,
    Exits,
}

/// What HTTP requests get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpBehaviour {
    Status(u16),
    Hang,
    Refuse,
}

/// What probes get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeBehaviour {
    Success,
    Failure,
    Hang,
}

/// What the registry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageBehaviour {
    Present,
    Absent,
    Private,
    Unreachable,
}

/// An annotation that says nothing we understand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadAnnotation {
    pub key: String,
    pub message: String,
}

/// Every key with what it wants, for completion and for error texts.
pub const KEYS: &[(&str, &str)] = &[
    ("start-up", "a duration such as 3s"),
    ("ready-after", "a duration such as 10s"),
    ("exit-after", "a duration such as 30s"),
    ("exit-code", "a number from 0 to 255"),
    ("memory", "a quantity of bytes such as 64Mi"),
    ("memory-growth", "a quantity of bytes a second such as 1Mi"),
    ("cpu", "a quantity of cores such as 250m"),
    ("ignore-sigterm", "true or false"),
    ("stop-time", "a duration such as 5s"),
    ("http", "a status code, hang or refuse"),
    ("http-delay", "a duration such as 500ms"),
    ("probe", "success, failure or hang"),
    ("pull-time", "a duration such as 20s"),
    ("image", "present, absent, private or unreachable"),
];

impl Behaviour {
    /// Reads the annotations that hold for one container. A value that says nothing is
    /// left out and reported; annotations of other prefixes are not looked at.
    pub fn parse(annotations: &BTreeMap<String, String>, container: &str) -> (Behaviour, Vec<BadAnnotation>) {
        let mut behaviour = Behaviour::default();
        let mut bad = Vec::new();
        // A key for one container sorts after the general one and so overrides it.
        for (key, value) in annotations {
            let Some(rest) = key.strip_prefix(PREFIX) else {
                continue;
            };
            let name = match rest.split_once('.') {
                Some((name, only)) if only == container => name,
                Some(_) => continue,
                None => rest,
            };
            let Some((_, wants)) = KEYS.iter().find(|(known, _)| *known == name) else {
                let known: Vec<&str> = KEYS.iter().map(|(known, _)| *known).collect();
                let message = format!("unknown annotation; known are {}", known.join(", "));
                bad.push(BadAnnotation { key: key.clone(), message });
                continue;
            };
            if behaviour.set(name, value.trim()).is_none() {
                bad.push(BadAnnotation { key: key.clone(), message: format!("{value:?} is not {wants}") });
            }
        }
        (behaviour, bad)
    }

    fn set(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "start-up" => self.start_up = Some(duration(value)?),
            "ready-after" => self.ready_after = Some(duration(value)?),
            "exit-after" => self.exit_after = Some(duration(value)?),
            "exit-code" => self.exit_code = Some(value.parse::<u8>().ok()?.into()),
            "memory" => self.memory = Some(quantity(value)? / 1000),
            "memory-growth" => self.memory_growth = Some(quantity(value.trim_end_matches("/s"))? / 1000),
            "cpu" => self.cpu = Some(quantity(value)?),
            "ignore-sigterm" => {
                self.term = Some(match value {
                    "true" => TermBehaviour::Ignores,
                    "false" => TermBehaviour::Exits,
                    _ => return None,
                });
            }
            "stop-time" => self.stop_time = Some(duration(value)?),
            "http" => {
                self.http = Some(match value {
                    "hang" => HttpBehaviour::Hang,
                    "refuse" => HttpBehaviour::Refuse,
                    _ => HttpBehaviour::Status(value.parse().ok().filter(|s| (100..600).contains(s))?),
                });
            }
            "http-delay" => self.http_delay = Some(duration(value)?),
            "probe" => {
                self.probe = Some(match value {
                    "success" => ProbeBehaviour::Success,
                    "failure" => ProbeBehaviour::Failure,
                    "hang" => ProbeBehaviour::Hang,
                    _ => return None,
                });
            }
            "pull-time" => self.pull_time = Some(duration(value)?),
            "image" => {
                self.image = Some(match value {
                    "present" => ImageBehaviour::Present,
                    "absent" => ImageBehaviour::Absent,
                    "private" => ImageBehaviour::Private,
                    "unreachable" => ImageBehaviour::Unreachable,
                    _ => return None,
                });
            }
            _ => return None,
        }
        Some(())
    }
}

/// `1h2m3s`, `1.5s`, `200ms`, or plain seconds.
pub(super) fn duration(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let mut rest = text;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let scale = match &rest[..unit] {
            "us" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86400.0,
            _ => return None,
        };
        total = total.checked_add(Duration::try_from_secs_f64(number * scale).ok()?)?;
        rest = &rest[unit..];
    }
    (!text.is_empty()).then_some(total)
}

/// A Kubernetes quantity in thousandths.
fn quantity(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text[..digits].parse().ok()?;
    let scale = match &text[digits..] {
        "m" => 0.001,
        "" => 1.0,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "Ki" => 1024.0,
        "Mi" => 1024.0 * 1024.0,
        "Gi" => 1024.0 * 1024.0 * 1024.0,
        "Ti" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    let value = number * scale * 1000.0;
    (value.is_finite() && value < 1e19).then_some(value.round() as u64)
}
