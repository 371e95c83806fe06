//! Delays that double. Models client-go/util/flowcontrol/backoff.go.

use std::time::Duration;

use crate::api::Moment;

/// The first delay, of restarts as of pulls.
const INITIAL: Duration = Duration::from_secs(10);
/// The longest delay.
const MAX: Duration = Duration::from_secs(300);

/// One container's, or one image's, back-off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Backoff {
    entry: Option<Entry>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    delay: Duration,
    updated: Moment,
}

impl Backoff {
    /// The delay in force.
    pub fn delay(&self) -> Duration {
        self.entry.map_or(Duration::ZERO, |entry| entry.delay)
    }

    /// When a failure of `since` may be followed by another try, if that is still to come.
    /// Models IsInBackOffSince: a failure long after the last one starts anew.
    pub fn until(&self, since: Moment, now: Moment) -> Option<Moment> {
        let entry = self.entry.filter(|entry| since.since(entry.updated) <= MAX * 2)?;
        Some(since + entry.delay).filter(|until| now < *until)
    }

    /// When the delay since the last failure is over, if it is not. Models IsInBackOffSinceUpdate.
    pub fn until_update(&self, now: Moment) -> Option<Moment> {
        let entry = self.entry?;
        self.until(entry.updated, now)
    }

    /// Counts a failure of `since`. Models Next.
    pub fn next(&mut self, since: Moment, now: Moment) {
        let known = self.entry.filter(|entry| since.since(entry.updated) <= MAX * 2);
        let delay = known.map_or(INITIAL, |entry| (entry.delay * 2).min(MAX));
        self.entry = Some(Entry { delay, updated: now });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment::START + Duration::from_secs(seconds)
    }

    #[test]
    fn delays_double_up_to_five_minutes() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.until(at(0), at(0)), None, "the first failure is followed by a try at once");
        let delays = [10, 20, 40, 80, 160, 300, 300];
        for (step, seconds) in delays.into_iter().enumerate() {
            let now = at(step as u64 * 400);
            backoff.next(now, now);
            assert_eq!(backoff.until(now, now), Some(now + Duration::from_secs(seconds)));
        }
    }

    #[test]
    fn ten_quiet_minutes_start_anew() {
        let mut backoff = Backoff::default();
        backoff.next(at(0), at(0));
        backoff.next(at(10), at(10));
        assert_eq!(backoff.delay(), Duration::from_secs(20));
        assert_eq!(backoff.until(at(611), at(611)), None);
        backoff.next(at(611), at(611));
        assert_eq!(backoff.delay(), Duration::from_secs(10));
    }
}
