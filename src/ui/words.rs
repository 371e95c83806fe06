//! Small texts made of data: times, amounts, shortened names, sentences about the cluster.

use podscope::api::Moment;
use podscope::session::frame::{Countdown, Diagnosis, Happening, Note, PodState, PodView, Problem};

use super::texts::Lang;

/// `00:42.3`, or `1:02:03` from an hour on.
pub fn clock(at: Moment) -> String {
    let tenths = at.as_micros() / 100_000;
    let (seconds, minutes) = (tenths / 10 % 60, tenths / 600 % 60);
    match tenths / 36_000 {
        0 => format!("{minutes:02}:{seconds:02}.{}", tenths % 10),
        hours => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// `0:42`, for axes and lists.
pub fn short_clock(at: Moment) -> String {
    let seconds = at.as_micros() / 1_000_000;
    match seconds / 3600 {
        0 => format!("{}:{:02}", seconds / 60, seconds % 60),
        hours => format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60),
    }
}

/// What is left until a moment, as `1:20` or `9s`.
pub fn left(now: Moment, until: Moment) -> String {
    let seconds = until.since(now).as_micros().div_ceil(1_000_000);
    match seconds / 60 {
        0 => format!("{seconds}s"),
        minutes => format!("{minutes}:{:02}", seconds % 60),
    }
}

/// Thousandths of a CPU as cores: `1.5`.
pub fn cores(milli: i64) -> String {
    trim(milli as f64 / 1000.0)
}

/// Bytes as `1.5Gi`.
pub fn bytes(bytes: i64) -> String {
    const MI: f64 = 1024.0 * 1024.0;
    let size = bytes as f64;
    match size {
        size if size >= 1024.0 * MI => [trim(size / 1024.0 / MI), "Gi".into()].concat(),
        _ => [trim(size / MI), "Mi".into()].concat(),
    }
}

fn trim(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map(str::to_string).unwrap_or(text)
}

/// A name cut in its middle to at most `room` characters: the hash and the suffix matter.
pub fn shortened(name: &str, room: usize) -> String {
    let length = name.chars().count();
    if length <= room || room < 5 {
        return name.into();
    }
    let tail = (room - 1).div_ceil(2).max(room.saturating_sub(8).min(11));
    let head: String = name.chars().take(room - 1 - tail).collect();
    let end: String = name.chars().skip(length - tail).collect();
    [head.as_str(), "…", &end].concat()
}

pub fn state(lang: Lang, state: PodState) -> &'static str {
    match state {
        PodState::Pending => lang.pending(),
        PodState::Creating => lang.creating(),
        PodState::Running => lang.running(),
        PodState::Ready => lang.state_ready(),
        PodState::Terminating => lang.terminating(),
        PodState::Succeeded => lang.succeeded(),
        PodState::Failed => lang.failed(),
        PodState::Unknown => lang.unknown(),
    }
}

/// What a Pod counts down to, if it still does.
pub fn countdown(lang: Lang, pod: &PodView, now: Moment) -> Option<String> {
    match pod.countdown? {
        Countdown::Restart(at) if at > now => Some(lang.restart_in(&left(now, at))),
        Countdown::Kill(at) if at > now && pod.state == PodState::Terminating => {
            Some(lang.kill_in(&left(now, at)))
        }
        _ => None,
    }
}

/// The line under a workload's name.
pub fn diagnosis(lang: Lang, diagnosis: &Diagnosis, is_rollout: bool) -> String {
    let n = |number: &i32| number.to_string();
    match diagnosis {
        Diagnosis::Steady { ready: 1, .. } => lang.steady_one("1"),
        Diagnosis::Steady { ready, desired } => lang.steady(&n(ready), &n(desired)),
        Diagnosis::Rolling { updated, ready, desired, .. } if is_rollout => {
            lang.rolling(&n(updated), &n(desired), &n(ready))
        }
        Diagnosis::Rolling { ready, desired, .. } => lang.coming(&n(ready), &n(desired)),
        Diagnosis::Stuck { updated, ready, desired, .. } => lang.stuck(&n(updated), &n(desired), &n(ready)),
        Diagnosis::Refused { message } => [lang.refused(), ": ", message].concat(),
        Diagnosis::Paused { .. } => lang.paused().into(),
        Diagnosis::Empty => lang.scaled_to_zero().into(),
        Diagnosis::Deleting { left } => lang.deleting(&lang.pods(*left)),
        Diagnosis::Serving { endpoints: None } => String::new(),
        Diagnosis::Serving { endpoints: Some(1) } => lang.serving_one("1"),
        Diagnosis::Serving { endpoints: Some(count) } => lang.serving(&count.to_string()),
    }
}

/// `1 Pod: ImagePullBackOff · nginx:1.161`.
pub fn problem(lang: Lang, problem: &Problem) -> String {
    let text = lang.problem(&lang.pods(problem.pods), &problem.status);
    match &problem.about {
        Some(about) => [text.as_str(), " · ", about].concat(),
        None => text,
    }
}

/// A piece of news as a sentence.
pub fn news(lang: Lang, note: &Note) -> String {
    let name = &note.key.name;
    match &note.what {
        Happening::Created => lang.news_created(name),
        Happening::Gone => lang.news_gone(name),
        Happening::Became(PodState::Ready, _) => lang.news_became(name, state(lang, PodState::Ready)),
        Happening::Became(_, status) => lang.news_became(name, status),
        Happening::Scaled { from, to } => lang.news_scaled(name, &from.to_string(), &to.to_string()),
        Happening::RolloutStuck => lang.news_stuck(name),
        Happening::RolloutComplete => lang.news_complete(name),
    }
}
