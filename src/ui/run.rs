//! The run and the moment that is looked at.

use std::time::Duration;

use podscope::api::Moment;
use podscope::session::frame::{Frame, Mark, MarkKind, Shared};
use podscope::session::ledger::Density;
use podscope::session::scenario::{MANIFEST, Scenario};
use podscope::session::{Board, Session};

use super::measure::now_ms;

/// How long the simulation may work in a frame.
pub const BUDGET_MS: f64 = 8.0;
/// How long one step to the next event may take.
const STEP_MS: f64 = 40.0;
/// A tab that slept does not catch up.
const LONGEST_FRAME_MS: f64 = 100.0;
/// How many events pass between looks at the clock.
const EVENTS_A_LOOK: u32 = 4;

/// The speeds to choose from, in quarters.
pub const SPEEDS: &[u64] = &[1, 2, 4, 8, 20, 40, 200, 400, 4000];
const NORMAL: usize = 2;

/// What the scrubber shows beside the moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Track {
    pub marks: Vec<Mark>,
    pub density: Density,
    pub extent: Moment,
}

/// A session being played.
pub struct Run {
    session: Session,
    board: Board,
    playhead: Moment,
    playing: bool,
    speed: usize,
    /// Whether the end of the scenario has been passed once.
    ended: bool,
    track: Shared<Track>,
    track_key: (usize, u64, Moment),
}

impl Run {
    pub fn new(scenario: Scenario) -> Run {
        Run {
            session: Session::new(scenario),
            board: Board::default(),
            playhead: Moment::START,
            playing: false,
            speed: NORMAL,
            ended: false,
            track: Shared::default(),
            track_key: Default::default(),
        }
    }

    pub fn session(&self) -> &Session {
        &self.session
    }

    pub fn board(&self) -> &Board {
        &self.board
    }

    pub fn is_playing(&self) -> bool {
        self.playing
    }

    pub fn is_live(&self) -> bool {
        self.playhead >= self.session.cluster().now()
    }

    /// The moment shown, if it is not the newest.
    pub fn at(&self) -> Option<Moment> {
        (!self.is_live()).then_some(self.playhead)
    }

    /// The index into [`SPEEDS`].
    pub fn speed(&self) -> usize {
        self.speed
    }

    pub fn set_speed(&mut self, speed: usize) {
        self.speed = speed.min(SPEEDS.len() - 1);
    }

    pub fn set_playing(&mut self, playing: bool) {
        self.playing = playing;
    }

    /// The manifest as the run has it.
    pub fn manifest(&self) -> &str {
        self.session.scenario().files.get(MANIFEST).map_or("", String::as_str)
    }

    /// The moment shown, as the screen shows it.
    pub fn frame(&mut self) -> Frame {
        let at = self.at();
        self.board.frame(&self.session, at).clone()
    }

    /// Lets the time of a frame pass.
    pub fn tick(&mut self, elapsed_ms: f64) {
        if !self.playing {
            return;
        }
        let micros = elapsed_ms.clamp(0.0, LONGEST_FRAME_MS) * 1000.0 * SPEEDS[self.speed] as f64 / 4.0;
        let mut target = self.playhead + Duration::from_micros(micros as u64);
        let until = self.session.scenario().until;
        if !self.ended && target >= until {
            target = until;
            self.ended = true;
            self.playing = false;
        }
        let reached = self.simulate(target, BUDGET_MS);
        self.playhead = if reached { target } else { self.session.cluster().now().min(target) };
        if !reached && self.ended && target == until {
            // The end was not reached within the budget: go on next time.
            self.ended = false;
            self.playing = true;
        }
    }

    /// Runs up to a moment for as long as it is allowed to; says whether it got there.
    fn simulate(&mut self, target: Moment, budget_ms: f64) -> bool {
        if target <= self.session.cluster().now() {
            return true;
        }
        let deadline = now_ms() + budget_ms;
        let mut events = 0;
        while self.session.advance(target) {
            events += 1;
            if events % EVENTS_A_LOOK == 0 && now_ms() > deadline {
                return false;
            }
        }
        self.session.run_until(target);
        true
    }

    /// Looks at a moment of the past, or at the newest.
    pub fn seek(&mut self, at: Moment) {
        self.playhead = at.min(self.session.cluster().now());
        self.playing = false;
    }

    pub fn go_live(&mut self) {
        self.playhead = self.session.cluster().now();
    }

    /// Goes to the next moment at which something is written.
    pub fn step(&mut self) {
        self.playing = false;
        if let Some(next) = self.at().and_then(|at| self.session.change_after(at)) {
            self.playhead = next;
            return;
        }
        self.go_live();
        let before = self.session.cluster().store().revision();
        let deadline = now_ms() + STEP_MS;
        while self.session.cluster().store().revision() == before && now_ms() < deadline {
            let Some(next) = self.session.next_event() else { break };
            self.session.run_until(next);
        }
        self.go_live();
    }

    /// Begins again with the manifest as it stands.
    pub fn reset(&mut self, scenario: Scenario) {
        *self = Run { playing: self.playing, speed: self.speed, ..Run::new(scenario) };
    }

    /// Applies a manifest now; gives what kubectl printed and its exit code.
    pub fn apply(&mut self, manifest: &str) -> (String, bool) {
        self.go_live();
        let output = &self.session.apply_manifest(manifest).output;
        let refused = output.exit.is_some_and(|code| code != 0);
        (if refused { output.stderr.clone() } else { output.stdout.clone() }, refused)
    }

    /// The scrubber's ticks, density and length; the same as long as they are.
    pub fn track(&mut self) -> Shared<Track> {
        let head = self.session.cluster().now();
        let ledger = self.board.ledger();
        let extent = extent(head, self.session.scenario().until);
        let part = head.as_micros() / (ledger.density().width.as_micros() as u64).max(1);
        let key = (ledger.marks().len(), part, extent);
        if self.track_key != key {
            self.track_key = key;
            let mut marks = ledger.marks().to_vec();
            let steps = self.session.scenario().steps.iter().filter(|step| step.at > head);
            marks.extend(steps.map(|step| Mark {
                at: step.at,
                kind: MarkKind::Planned,
                text: step.action.to_string().into(),
            }));
            self.track = Shared::new(Track { marks, density: ledger.density().clone(), extent });
        }
        self.track.clone()
    }
}

/// The scrubber's length: the scenario's, or beyond it in growing steps.
fn extent(head: Moment, until: Moment) -> Moment {
    let mut extent = until.as_micros().max(1_000_000);
    while extent < head.as_micros() {
        extent = extent.saturating_mul(3) / 2;
    }
    Moment::from_micros(extent)
}
