//! The cluster, live: the owner tree, the nodes, the Events.

mod events;
mod layout;
mod nodes;
mod packed;
mod tile;
mod tree;
mod workload;

pub use events::{EventList, SEARCH};
pub use nodes::NodeMap;
pub use tree::Tree;

use wasm_bindgen::JsCast;
use web_sys::{Element, Event};

/// The value of an attribute of the nearest element around an event's target that has it.
fn attribute_around(event: &Event, name: &str) -> Option<String> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    target.closest(&["[", name, "]"].concat()).ok()??.get_attribute(name)
}

/// Where an element stands that never moves: cheaper for the browser than a transform.
fn place_still(x: f64, y: f64, width: f64, height: f64) -> String {
    format!("left:{x}px;top:{y}px;width:{width}px;height:{height}px")
}

/// Where an element stands, as a style.
fn place(x: f64, y: f64, width: f64, height: f64) -> String {
    format!("transform:translate({x}px,{y}px);width:{width}px;height:{height}px")
}
