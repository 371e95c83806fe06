//! The edge between the editor and the stage, to be dragged.

use gloo::utils::window;
use web_sys::{Element, PointerEvent};
use yew::{Callback, Html, KeyboardEvent, Properties, TargetCast, function_component, html};

use super::texts::Lang;

/// The editor's width as it opens, in pixels.
pub const WIDTH: f64 = 400.0;
const LEAST: f64 = 280.0;
/// What the stage keeps at least.
const STAGE: f64 = 360.0;
const STEP: f64 = 16.0;

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct SplitterProps {
    pub lang: Lang,
    pub width: f64,
    pub onmove: Callback<f64>,
}

/// The edge: dragged, or moved by arrow keys.
#[function_component]
pub fn Splitter(props: &SplitterProps) -> Html {
    let down = |event: PointerEvent| {
        let edge: Element = event.target_unchecked_into();
        // Without capture, a fast drag loses the edge.
        let _ = edge.set_pointer_capture(event.pointer_id());
        event.prevent_default();
    };
    let onmove = props.onmove.clone();
    let moved = move |event: PointerEvent| {
        if event.buttons() & 1 == 1 {
            onmove.emit(within(f64::from(event.client_x())));
        }
    };
    let (onmove, width) = (props.onmove.clone(), props.width);
    let key = move |event: KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowLeft" => -STEP,
            "ArrowRight" => STEP,
            _ => return,
        };
        event.prevent_default();
        onmove.emit(within(width + step));
    };
    html! {
        <div class="splitter" role="separator" aria-orientation="vertical" tabindex="0"
            aria-label={props.lang.editor_width()} title={props.lang.editor_width()}
            aria-valuenow={props.width.round().to_string()} onpointerdown={down} onpointermove={moved}
            onkeydown={key}></div>
    }
}

/// A width that leaves room for both.
fn within(width: f64) -> f64 {
    let page = window().inner_width().ok().and_then(|width| width.as_f64()).unwrap_or(1280.0);
    width.min(page - STAGE).max(LEAST)
}
