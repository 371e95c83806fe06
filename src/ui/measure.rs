//! The width of an element, as it changes.

use gloo::utils::window;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver, ResizeObserverEntry, js_sys::Array};
use yew::Callback;

/// Tells the size of an element's content as long as it lives.
pub struct Measure {
    observer: ResizeObserver,
    _told: Closure<dyn FnMut(Array)>,
}

impl Measure {
    /// Calls `tell` with width and height now and at every change. `None` in a browser that cannot.
    pub fn new(element: &Element, tell: Callback<(f64, f64)>) -> Option<Measure> {
        let told = Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
            if let Ok(entry) = entries.get(0).dyn_into::<ResizeObserverEntry>() {
                let size = entry.content_rect();
                tell.emit((size.width(), size.height()));
            }
        });
        let observer = ResizeObserver::new(told.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Measure { observer, _told: told })
    }
}

impl Drop for Measure {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Milliseconds on a clock that only goes forwards.
pub fn now_ms() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}
