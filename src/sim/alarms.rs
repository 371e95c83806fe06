//! The wake-ups that a component has asked for.

use std::collections::BTreeSet;

use crate::api::Moment;

/// Wake-ups that are still to come. One that was asked for stays in the event queue even when it is not needed any
/// more: it must not be asked for again, or stale ones would pile up.
#[derive(Clone, Debug, Default)]
pub struct Alarms(BTreeSet<Moment>);

impl Alarms {
    /// Notes that the wake-ups up to now have come.
    pub fn woken(&mut self, now: Moment) {
        while self.0.first().is_some_and(|at| *at <= now) {
            self.0.pop_first();
        }
    }

    /// The wake-up to ask for; `None` when one comes by then anyway.
    pub fn ask(&mut self, at: Moment) -> Option<Moment> {
        if self.0.first().is_some_and(|first| *first <= at) {
            return None;
        }
        self.0.insert(at).then_some(at)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn check(deeds: &[(char, u64)], asked: &[u64]) {
        let at = |second: u64| Moment::START + Duration::from_secs(second);
        let mut alarms = Alarms::default();
        let mut told = Vec::new();
        for (deed, second) in deeds {
            match deed {
                'w' => alarms.woken(at(*second)),
                _ => told.extend(alarms.ask(at(*second))),
            }
        }
        assert_eq!(told, asked.iter().map(|second| at(*second)).collect::<Vec<_>>());
    }

    #[test]
    fn a_wake_up_is_asked_for_once() {
        check(&[('a', 9), ('a', 9), ('a', 10)], &[9]);
        check(&[('a', 9), ('a', 5), ('w', 5), ('a', 9), ('a', 7)], &[9, 5, 7]);
        check(&[('a', 9), ('w', 9), ('a', 9)], &[9, 9]);
    }
}
