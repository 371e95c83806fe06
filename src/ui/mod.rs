//! The screen: Yew components that read frames and send inputs.
//!
//! - `app` holds everything that changes; `run` moves time; `stage` shows the cluster; the rest are the
//!   panes around it.
//! - A component's properties are plain values and [`podscope::session::frame::Shared`] parts, so that
//!   what did not change is not drawn again.
//!
//! Invariants: the simulation gets at most [`run::BUDGET_MS`] of a frame; styles are set through CSSOM and
//! events through listeners, so that a strict Content-Security-Policy holds.

mod advice;
mod app;
mod bench;
mod editor;
mod editor_pane;
mod header;
mod help;
mod icon;
mod inspector;
mod keys;
mod measure;
mod prefs;
mod run;
mod scrubber;
mod splitter;
mod stage;
mod texts;
mod words;

/// Puts the playground in place of the page's skeleton.
pub fn start() {
    let document = gloo::utils::document();
    let Some(place) = document.get_element_by_id("app") else { return };
    place.set_inner_html("");
    if let Some(sizes) = bench::asked() {
        return bench::run(&place, &sizes);
    }
    yew::Renderer::<app::App>::with_root(place).render();
}
