//! Where everything in the tree stands. Pure: the same frame and width give the same plan.

use std::sync::Arc;

use podscope::api::Kind;
use podscope::session::frame::{Branch, Diagnosis, PodView, Shared};

/// How big Pods are drawn, by how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Density {
    /// With name and status.
    Full,
    /// A shape.
    Small,
    /// Cells of one drawing for each owner.
    Packed,
}

impl Density {
    pub fn of(pods: usize) -> Density {
        match pods {
            0..=60 => Density::Full,
            61..=500 => Density::Small,
            _ => Density::Packed,
        }
    }
}

/// Something that stands somewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// The uid.
    pub id: Arc<str>,
    pub part: Part,
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    /// Depth in the tree, from 1.
    pub level: u8,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// A workload at the top.
    Head(Shared<Branch>),
    /// A workload that another one owns.
    Lane(Shared<Branch>),
    Pod(Shared<PodView>),
    /// All Pods of an owner as one drawing.
    Pack(Vec<Shared<PodView>>),
    /// The heading of Pods without an owner.
    Loose,
    /// Workloads without Pods that are not drawn.
    Older(usize),
}

/// A line between an owner and what it owns.
#[derive(Clone, Debug, PartialEq)]
pub struct Rail {
    pub id: Arc<str>,
    pub x: f64,
    pub y: f64,
    pub length: f64,
    pub upright: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    pub placed: Vec<Placed>,
    pub rails: Vec<Rail>,
    pub height: f64,
}

const PAD: f64 = 16.0;
const GAP: f64 = 8.0;
/// Between one root and the next.
const BETWEEN: f64 = 24.0;
/// From a root's edge to the line down from it, and on to its lanes.
const TRUNK: f64 = 16.0;
const INDENT: f64 = 32.0;
const HEAD: f64 = 88.0;
const HEAD_SMALL: f64 = 60.0;
const LANE: f64 = 60.0;
const LANE_WIDTH: f64 = 208.0;
const IDLE: f64 = 32.0;
const LABEL: f64 = 28.0;
const TILE: f64 = 48.0;
const TILE_LEAST: f64 = 148.0;
const TILE_MOST: f64 = 208.0;
const SMALL: f64 = 24.0;
/// The side of a cell in a packed drawing.
pub const CELL: f64 = 12.0;
/// From this width on, Pods stand beside their owner, else below it.
const WIDE: f64 = 620.0;
/// Workloads without Pods that are drawn, the newest.
const IDLE_SHOWN: usize = 2;

/// Lays the tree out within a width.
pub fn plan(roots: &[Shared<Branch>], loose: &[Shared<PodView>], width: f64, density: Density) -> Plan {
    let mut sheet = Sheet { plan: Plan::default(), y: PAD, right: (width - PAD).max(200.0), density };
    for root in roots {
        sheet.root(root);
        sheet.y += BETWEEN;
    }
    if !loose.is_empty() {
        let (y, width) = (sheet.y, sheet.right - PAD);
        sheet.put("loose".into(), Part::Loose, (PAD, y, width, LABEL), 1);
        sheet.y += LABEL + GAP;
        sheet.pods("loose", loose, PAD, 2);
        sheet.y += BETWEEN;
    }
    sheet.plan.height = (sheet.y - BETWEEN + PAD).max(0.0);
    sheet.plan
}

struct Sheet {
    plan: Plan,
    /// Down to where everything is taken.
    y: f64,
    right: f64,
    density: Density,
}

impl Sheet {
    fn put(&mut self, id: Arc<str>, part: Part, (x, y, width, height): (f64, f64, f64, f64), level: u8) {
        self.plan.placed.push(Placed { id, part, x, y, width, height, level });
    }

    fn is_wide(&self) -> bool {
        self.right - PAD >= WIDE
    }

    fn root(&mut self, branch: &Shared<Branch>) {
        let uid = branch.view.uid.clone();
        let height = if branch.view.kind == Kind::Deployment { HEAD } else { HEAD_SMALL };
        let (y, width) = (self.y, self.right - PAD);
        self.put(uid.clone(), Part::Head(branch.clone()), (PAD, y, width, height), 1);
        self.y += height;
        let start = self.y;
        if !branch.pods.is_empty() {
            self.y += GAP;
            self.pods(&uid, &branch.pods, PAD + INDENT, 2);
        }
        let mut last = start;
        let idle = branch.children.iter().filter(|child| is_idle(child)).count();
        let mut hidden = idle.saturating_sub(IDLE_SHOWN);
        if hidden > 0 {
            self.y += GAP;
            let (y, width) = (self.y, self.right - PAD - INDENT);
            let id = [&*uid, "-older"].concat().into();
            self.put(id, Part::Older(hidden), (PAD + INDENT, y, width, LABEL), 2);
            self.y += LABEL;
        }
        for child in &branch.children {
            if hidden > 0 && is_idle(child) {
                hidden -= 1;
                continue;
            }
            self.y += GAP + 4.0;
            last = self.y + if is_idle(child) { IDLE / 2.0 } else { LANE / 2.0 };
            self.lane(child, last);
        }
        if last > start {
            let length = last - start;
            self.plan.rails.push(Rail { id: uid, x: PAD + TRUNK, y: start, length, upright: true });
        }
    }

    fn lane(&mut self, branch: &Shared<Branch>, middle: f64) {
        let (uid, x, y) = (branch.view.uid.clone(), PAD + INDENT, self.y);
        let rail = |x: f64, length: f64, id: Arc<str>| Rail { id, x, y: middle, length, upright: false };
        self.plan.rails.push(rail(PAD + TRUNK, INDENT - TRUNK, uid.clone()));
        if is_idle(branch) {
            let width = self.right - x;
            self.put(uid, Part::Lane(branch.clone()), (x, y, width, IDLE), 2);
            self.y += IDLE;
            return;
        }
        let wide = self.is_wide();
        let width = if wide { LANE_WIDTH } else { self.right - x };
        self.put(uid.clone(), Part::Lane(branch.clone()), (x, y, width, LANE), 2);
        if wide {
            let pods_at = x + LANE_WIDTH + TRUNK;
            self.plan.rails.push(rail(x + LANE_WIDTH, TRUNK, [&*uid, "-pods"].concat().into()));
            self.y += if self.density == Density::Full { (LANE - TILE) / 2.0 } else { 0.0 };
            self.pods(&uid, &branch.pods, pods_at, 3);
            self.y = self.y.max(y + LANE);
        } else {
            self.y += LANE + GAP;
            self.pods(&uid, &branch.pods, x + TRUNK, 3);
        }
    }

    /// Pods on their seats, from `x` to the right edge.
    fn pods(&mut self, owner: &str, pods: &[Shared<PodView>], x: f64, level: u8) {
        let room = (self.right - x).max(SMALL);
        let seats = pods.iter().map(|pod| pod.seat + 1).max().unwrap_or(0);
        if self.density == Density::Packed {
            let height = packed_height(seats, room);
            let (y, id) = (self.y, [owner, "-pack"].concat().into());
            self.put(id, Part::Pack(pods.to_vec()), (x, y, room, height), level);
            self.y += height;
            return;
        }
        let (width, height, gap) = match self.density {
            Density::Full => (tile_width(room), TILE, GAP),
            _ => (SMALL, SMALL, 4.0),
        };
        let columns = ((room + gap) / (width + gap)).floor().max(1.0) as u32;
        for pod in pods {
            let (column, row) = (f64::from(pod.seat % columns), f64::from(pod.seat / columns));
            let at = (x + column * (width + gap), self.y + row * (height + gap), width, height);
            self.put(pod.uid.clone(), Part::Pod(pod.clone()), at, level);
        }
        self.y += (f64::from(seats.div_ceil(columns)) * (height + gap) - gap).max(0.0);
    }
}

/// As many columns as fit, each as wide as it may be.
fn tile_width(room: f64) -> f64 {
    let columns = ((room + GAP) / (TILE_LEAST + GAP)).floor().max(1.0);
    ((room - (columns - 1.0) * GAP) / columns).floor().min(TILE_MOST)
}

/// How many cells of a packed drawing stand side by side.
pub fn packed_columns(width: f64) -> u32 {
    (width / CELL).floor().max(1.0) as u32
}

/// The height of a packed drawing.
pub fn packed_height(seats: u32, width: f64) -> f64 {
    f64::from(seats.div_ceil(packed_columns(width))) * CELL
}

fn is_idle(branch: &Branch) -> bool {
    branch.diagnosis == Diagnosis::Empty && branch.pods.is_empty()
}
