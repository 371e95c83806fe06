//! The keys of the page.

use gloo::events::EventListener;
use gloo::utils::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};
use yew::Callback;

/// What a person can ask the page to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Play,
    Step,
    Reset,
    Live,
    Speed(usize),
    Slower,
    Faster,
    Search,
    /// Once the search field is there.
    FocusSearch,
    Help,
    Theme,
    Language,
    Close,
}

/// Where keys mean text.
const WRITING: &str = ".cm-editor, input, textarea, select, [contenteditable]";
/// Where Space and Enter press.
const PRESSED: &str = "button, a, summary, input, select";

/// Listens to the page's keys for as long as it is kept.
pub fn listen(act: Callback<Act>) -> EventListener {
    let options = gloo::events::EventListenerOptions::enable_prevent_default();
    EventListener::new_with_options(&document(), "keydown", options, move |event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
        if let Some(asked) = meant(event) {
            event.prevent_default();
            act.emit(asked);
        }
    })
}

fn meant(event: &KeyboardEvent) -> Option<Act> {
    if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() {
        return None;
    }
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let within = |selector: &str| {
        target.as_ref().is_some_and(|target| target.closest(selector).ok().flatten().is_some())
    };
    let key = event.key();
    if within(WRITING) {
        let leaves = key == "Escape" && within("input") && !within(".cm-editor");
        return leaves.then_some(Act::Close);
    }
    Some(match key.as_str() {
        " " if !within(PRESSED) => Act::Play,
        "." => Act::Step,
        "[" => Act::Slower,
        "]" => Act::Faster,
        "r" => Act::Reset,
        "t" => Act::Theme,
        "/" => Act::Search,
        "?" => Act::Help,
        "Escape" => Act::Close,
        _ => return None,
    })
}
