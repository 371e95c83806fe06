//! The scheduler.

use crate::api::Moment;
use crate::server::Server;
use crate::store::{Change, Revision, View};

/// The default scheduler.
#[derive(Clone, Debug, Default)]
pub struct Scheduler {}

impl Scheduler {
    /// Hears of a change.
    pub fn observe(&mut self, _now: Moment, _change: &Change, _cache: View<'_>) {}

    /// Schedules what is due.
    pub fn work(&mut self, _now: Moment, _informer: Revision, _server: &mut Server) {}

    /// When it wants to be called, if that is news.
    pub fn alarm(&mut self, _now: Moment) -> Option<Moment> {
        None
    }
}
