//! The cheapest way to nest lines: each line goes to an open mapping or list that can have it.

use crate::api::order;
use std::rc::Rc;

use super::lines::{Content, Line, Written};
use crate::api::schema::{Form, Shape, Type};

/// How many ways are followed at once.
const BEAM: usize = 40;

// What speaks against a way. A line in its right place costs nothing.
const SKIPPED: u32 = 2;
const FREE_KEY_THAT_A_STRUCT_KNOWS: u32 = 5;
const TEXT_THAT_COULD_BE_A_FIELD: u32 = 6;
const MISSING_FIELD: u32 = 6;
const UNEVEN: u32 = 3;
const RARE_FIELD: u32 = 3;
const ODD_VALUE: u32 = 8;
const EMPTY: u32 = 12;
const UNKNOWN_FIELD: u32 = 40;

/// Where a line goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    pub column: usize,
    /// The line that opened what holds it; none for the document.
    pub parent: Option<usize>,
    /// Its number in the list, of an item.
    pub item: usize,
}

#[derive(Clone, Copy)]
enum Holds {
    Struct(&'static Type),
    Free(&'static Shape),
    List(&'static Shape),
    /// The text of a block.
    Block,
}

#[derive(Clone)]
struct Frame<'a> {
    holds: Holds,
    opener: Option<usize>,
    column: usize,
    /// The indentation its first line has now.
    indent: Option<usize>,
    keys: Vec<&'a str>,
    count: usize,
}

#[derive(Clone)]
struct Way<'a> {
    cost: u32,
    frames: Vec<Frame<'a>>,
    last: Option<Rc<Step>>,
}

struct Step {
    placed: Placed,
    before: Option<Rc<Step>>,
}

/// The best places for all lines.
pub(super) fn search(lines: &[Line<'_>], root: &'static Type) -> Vec<Placed> {
    let document = Frame {
        holds: Holds::Struct(root),
        opener: None,
        column: 0,
        indent: None,
        keys: Vec::new(),
        count: 0,
    };
    let mut ways = vec![Way { cost: 0, frames: vec![document], last: None }];
    for (index, line) in lines.iter().enumerate() {
        let mut next: Vec<Way<'_>> = ways.iter().flat_map(|way| way.continuations(index, line)).collect();
        order::sort_by_key(&mut next, |way| way.cost);
        next.truncate(BEAM);
        ways = next;
    }
    let best = ways.into_iter().map(|way| way.closed(0)).min_by_key(|way| way.cost);
    let mut placed = Vec::new();
    let mut step = best.and_then(|way| way.last);
    while let Some(this) = step {
        placed.push(this.placed);
        step = this.before.clone();
    }
    placed.reverse();
    placed
}

impl<'a> Way<'a> {
    fn continuations(&self, index: usize, line: &Line<'a>) -> Vec<Way<'a>> {
        let mut ways = Vec::new();
        let mut skipped = 0;
        let known_outside =
            |depth: usize, key: &str| self.frames[..depth].iter().any(|frame| frame.knows(key).is_some());
        for depth in (0..self.frames.len()).rev() {
            let frame = &self.frames[depth];
            let cost = match (frame.holds, line.dash, line.content) {
                (Holds::Block, ..) => Some(self.block_cost(depth, line)),
                (Holds::List(item), true, _) => Some(item_cost(item, line)),
                (Holds::Struct(of), false, Content::Entry { key, value }) => match of.field(key) {
                    _ if frame.keys.contains(&key) => None,
                    Some(field) => Some(value_cost(&field.value, value) + rareness(of, key)),
                    None => Some(UNKNOWN_FIELD),
                },
                (Holds::Free(item), false, Content::Entry { key, value }) if !frame.keys.contains(&key) => {
                    let known = frame.count > 0 && known_outside(depth, key);
                    Some(value_cost(item, value) + if known { FREE_KEY_THAT_A_STRUCT_KNOWS } else { 0 })
                }
                _ => None,
            };
            let Some(cost) = cost else { continue };
            let mut way = self.clone().closed(depth + 1);
            way.cost += cost + skipped * SKIPPED + frame.unevenness(line);
            if cost < ODD_VALUE {
                skipped += 1;
            }
            way.place(index, line);
            ways.push(way);
        }
        if ways.is_empty() {
            // A line that fits nowhere continues the one before it.
            let mut way = self.clone();
            way.cost += UNKNOWN_FIELD;
            let column = way.frames.last().map_or(0, |frame| frame.column + 2);
            way.step(Placed { column, parent: None, item: usize::MAX });
            ways.push(way);
        }
        ways
    }

    fn block_cost(&self, depth: usize, line: &Line<'_>) -> u32 {
        let deeper = self.frames[depth].indent.is_some_and(|indent| line.indent > indent);
        let takes = |frame: &Frame<'_>| match (frame.holds, line.dash, line.content) {
            (Holds::List(item), true, _) => item_cost(item, line) == 0,
            (Holds::Free(_), false, Content::Entry { value, .. }) => value == Written::Block,
            (_, false, Content::Entry { key, value }) => {
                frame.knows(key).is_some_and(|shape| value_cost(shape, value) == 0)
            }
            _ => false,
        };
        // Text lies deeper than its header, but not where the fields around the header are.
        let field = |frame: &Frame<'_>| takes(frame) && (!deeper || frame.indent == Some(line.indent));
        if self.frames[..depth].iter().any(field) { TEXT_THAT_COULD_BE_A_FIELD } else { 0 }
    }

    /// Closes what lies deeper and counts what it lacks.
    fn closed(mut self, depth: usize) -> Self {
        for frame in self.frames.drain(depth..) {
            self.cost += frame.lack();
        }
        self
    }

    /// Puts a line into the innermost frame and opens what the line opens.
    fn place(&mut self, index: usize, line: &Line<'a>) {
        let Some(frame) = self.frames.last_mut() else { return };
        frame.indent.get_or_insert(line.indent);
        let placed = Placed { column: frame.column, parent: frame.opener, item: frame.count };
        frame.count += 1;
        let (holds, column) = (frame.holds, frame.column);
        if let (Content::Entry { key, .. }, false) = (line.content, line.dash) {
            frame.keys.push(key);
        }
        self.step(placed);
        match (holds, line.content) {
            (Holds::Block, _) => {}
            (Holds::List(item), Content::Entry { key, value }) => {
                let inner = column + line.gap;
                self.open(item, index, inner);
                if let Some(frame) = self.frames.last_mut() {
                    frame.keys.push(key);
                    frame.count = 1;
                    if let Some(shape) = frame.holds.field(key) {
                        self.open_value(shape, value, index, inner, line.indent + line.gap);
                    }
                }
            }
            (Holds::List(item), Content::Bare(value)) => {
                self.open_value(item, value, index, column, line.indent)
            }
            (Holds::Struct(_), Content::Entry { key, value }) => {
                if let Some(shape) = holds.field(key) {
                    self.open_value(shape, value, index, column, line.indent);
                }
            }
            (Holds::Free(item), Content::Entry { value, .. }) => {
                self.open_value(item, value, index, column, line.indent)
            }
            _ => {}
        }
    }

    fn open_value(
        &mut self,
        shape: &'static Shape,
        value: Written,
        opener: usize,
        column: usize,
        indent: usize,
    ) {
        match value {
            Written::Nothing => {
                let list = matches!(shape.form, Form::List(_));
                self.open(shape, opener, if list { column } else { column + 2 });
            }
            Written::Block => {
                let frame = Frame {
                    holds: Holds::Block,
                    opener: Some(opener),
                    column: column + 2,
                    indent: Some(indent),
                    keys: Vec::new(),
                    count: 1,
                };
                self.frames.push(frame);
            }
            _ => {}
        }
    }

    fn open(&mut self, shape: &'static Shape, opener: usize, column: usize) {
        let holds = match &shape.form {
            Form::Struct(reference) => Holds::Struct(reference.target()),
            Form::Map(item) => Holds::Free(item),
            Form::List(item) => Holds::List(item),
            Form::Any => Holds::Free(shape),
            _ => return,
        };
        self.frames.push(Frame {
            holds,
            opener: Some(opener),
            column,
            indent: None,
            keys: Vec::new(),
            count: 0,
        });
    }

    fn step(&mut self, placed: Placed) {
        self.last = Some(Rc::new(Step { placed, before: self.last.take() }));
    }
}

impl Holds {
    fn field(self, key: &str) -> Option<&'static Shape> {
        match self {
            Holds::Struct(of) => of.field(key).map(|field| &field.value),
            _ => None,
        }
    }
}

impl Frame<'_> {
    /// The shape of a field that this struct has and that is not yet given.
    fn knows(&self, key: &str) -> Option<&'static Shape> {
        self.holds.field(key).filter(|_| !self.keys.contains(&key))
    }

    fn lack(&self) -> u32 {
        let empty = if self.count == 0 { EMPTY } else { 0 };
        let missing = match self.holds {
            Holds::Struct(of) => {
                let missing =
                    of.fields().iter().filter(|field| field.required && !self.keys.contains(&field.name));
                u32::try_from(missing.count()).unwrap_or(u32::MAX / 8)
            }
            _ => 0,
        };
        empty + missing.min(100) * MISSING_FIELD
    }

    /// Lines of one mapping have one indentation, unless they were moved apart.
    fn unevenness(&self, line: &Line<'_>) -> u32 {
        let even =
            matches!(self.holds, Holds::Block) || self.indent.is_none_or(|indent| indent == line.indent);
        if even { 0 } else { UNEVEN }
    }
}

fn item_cost(item: &Shape, line: &Line<'_>) -> u32 {
    match (&item.form, line.content) {
        (Form::Struct(reference), Content::Entry { key, value }) => match reference.target().field(key) {
            Some(field) => value_cost(&field.value, value),
            None => UNKNOWN_FIELD,
        },
        (Form::Map(_) | Form::Any, Content::Entry { .. }) => 0,
        (_, Content::Entry { .. }) => ODD_VALUE,
        (_, Content::Bare(value)) => value_cost(item, value),
    }
}

/// A field that is mostly meant for an outer object when the name is the same there.
fn rareness(of: &Type, key: &str) -> u32 {
    if (of.name(), key) == ("Container", "restartPolicy") { RARE_FIELD } else { 0 }
}

fn value_cost(shape: &Shape, value: Written) -> u32 {
    use Written::{Block, Bool, Float, List, Map, Nothing, Text, Whole};
    let fits = match shape.form {
        Form::Any => true,
        Form::Struct(_) | Form::Map(_) => matches!(value, Nothing | Map),
        Form::List(_) => matches!(value, Nothing | List),
        Form::String | Form::Bytes | Form::Time | Form::MicroTime => matches!(value, Text | Block),
        Form::Bool => value == Bool,
        Form::Int32 | Form::Int64 => value == Whole,
        Form::Float => matches!(value, Whole | Float),
        Form::Quantity => matches!(value, Text | Whole | Float),
        Form::IntOrString => matches!(value, Text | Whole),
    };
    let structured =
        matches!(value, Map | List) || matches!(shape.form, Form::Struct(_) | Form::Map(_) | Form::List(_));
    match (fits, structured) {
        (true, _) => 0,
        (false, true) => UNKNOWN_FIELD,
        (false, false) => ODD_VALUE,
    }
}
