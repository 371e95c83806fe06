//! Virtual time: whole microseconds since the scenario began.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

use k8s_openapi::jiff::Timestamp;

use super::meta::{MicroTime, Time};

/// A point in virtual time, in microseconds since the scenario began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(u64);

impl Moment {
    /// When the scenario begins.
    pub const START: Moment = Moment(0);
    /// Later than everything that happens.
    pub const NEVER: Moment = Moment(u64::MAX);

    /// The moment `micros` microseconds after the start.
    pub const fn from_micros(micros: u64) -> Moment {
        Moment(micros)
    }

    /// Microseconds since the start.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Seconds since the start.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// The time from `earlier` to here, zero if `earlier` is later.
    pub fn since(self, earlier: Moment) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// The moment `span` before here, the start at the earliest.
    pub fn saturating_sub(self, span: Duration) -> Moment {
        Moment(self.0.saturating_sub(micros(span)))
    }
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}

impl Add<Duration> for Moment {
    type Output = Moment;
    fn add(self, span: Duration) -> Moment {
        Moment(self.0.saturating_add(micros(span)))
    }
}

impl AddAssign<Duration> for Moment {
    fn add_assign(&mut self, span: Duration) {
        *self = *self + span;
    }
}

impl Sub for Moment {
    type Output = Duration;
    fn sub(self, earlier: Moment) -> Duration {
        self.since(earlier)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}s", self.0 / 1_000_000, self.0 / 1_000 % 1_000)
    }
}

/// Ties virtual time to the dates that objects show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch(Timestamp);

impl Epoch {
    /// The date of [`Moment::START`], from RFC 3339 text.
    pub fn parse(text: &str) -> Option<Epoch> {
        text.parse().ok().map(Epoch)
    }

    fn at(self, moment: Moment) -> Timestamp {
        self.0.checked_add(Duration::from_micros(moment.0)).unwrap_or(Timestamp::MAX)
    }

    /// The date of a moment, cut to whole seconds as `metav1.Time` is.
    pub fn time(self, moment: Moment) -> Time {
        Time(Timestamp::from_second(self.at(moment).as_second()).unwrap_or(Timestamp::MAX))
    }

    /// The date of a moment, in microseconds.
    pub fn micro_time(self, moment: Moment) -> MicroTime {
        MicroTime(self.at(moment))
    }

    /// Nanoseconds since 1970, as names of Events carry them.
    pub fn nanos(self, moment: Moment) -> i128 {
        self.at(moment).as_nanosecond()
    }

    /// The moment of a date as objects write it; `None` of other text.
    pub fn moment_of(self, text: &str) -> Option<Moment> {
        text.parse().ok().map(|date| self.moment(&Time(date)))
    }

    /// The moment of a date; dates before the start are the start.
    pub fn moment(self, time: &Time) -> Moment {
        let since = time.0.as_microsecond().saturating_sub(self.0.as_microsecond());
        Moment(u64::try_from(since).unwrap_or(0))
    }
}

impl Default for Epoch {
    /// 2026-01-01T00:00:00Z.
    fn default() -> Self {
        Epoch(Timestamp::from_second(1_767_225_600).unwrap_or(Timestamp::UNIX_EPOCH))
    }
}
