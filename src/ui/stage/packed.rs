//! Many Pods as cells of one drawing.

use gloo::utils::window;
use podscope::session::frame::{PodState, PodView, Shared};
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, MouseEvent};
use yew::{Callback, Component, Context, Html, NodeRef, Properties, html};

use super::super::texts::Lang;
use super::layout::{CELL, packed_columns, packed_height};

/// Which number of a Pod says where its cell is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Owner,
    Node,
}

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct PackedProps {
    pub pods: Vec<Shared<PodView>>,
    pub by: By,
    pub width: f64,
    pub lang: Lang,
    /// Changes when the colours do.
    pub theme: u32,
    pub onpick: Callback<Shared<PodView>>,
}

/// The drawing.
pub struct Packed {
    canvas: NodeRef,
}

pub enum Message {
    Clicked(MouseEvent),
    Moved(MouseEvent),
}

impl Component for Packed {
    type Message = Message;
    type Properties = PackedProps;

    fn create(_: &Context<Self>) -> Self {
        Packed { canvas: NodeRef::default() }
    }

    fn update(&mut self, context: &Context<Self>, message: Message) -> bool {
        let props = context.props();
        match message {
            Message::Clicked(event) => {
                if let Some(pod) = found(props, &event) {
                    props.onpick.emit(pod);
                }
            }
            Message::Moved(event) => {
                let title = found(props, &event).map(|pod| [&*pod.key.name, ", ", &pod.status].concat());
                if let Some(canvas) = self.canvas.cast::<HtmlCanvasElement>() {
                    canvas.set_title(&title.unwrap_or_default());
                }
            }
        }
        false
    }

    fn view(&self, context: &Context<Self>) -> Html {
        let props = context.props();
        let count = |state| props.pods.iter().filter(|pod| pod.state == state).count().to_string();
        let label = props.lang.packed(
            &props.lang.pods(props.pods.len()),
            &count(PodState::Ready),
            &count(PodState::Failed),
        );
        html! {
            <canvas class="packed" role="img" aria-label={label} ref={self.canvas.clone()}
                onclick={context.link().callback(Message::Clicked)}
                onmousemove={context.link().callback(Message::Moved)}></canvas>
        }
    }

    fn rendered(&mut self, context: &Context<Self>, _first: bool) {
        if let Some(canvas) = self.canvas.cast::<HtmlCanvasElement>() {
            draw(&canvas, context.props());
        }
    }
}

fn seat(pod: &PodView, by: By) -> u32 {
    match by {
        By::Owner => pod.seat,
        By::Node => pod.berth,
    }
}

/// The Pod under the pointer.
fn found(props: &PackedProps, event: &MouseEvent) -> Option<Shared<PodView>> {
    let columns = packed_columns(props.width);
    let (x, y) = (f64::from(event.offset_x()) / CELL, f64::from(event.offset_y()) / CELL);
    let at = y.floor() as u32 * columns + x.floor() as u32;
    props.pods.iter().find(|pod| seat(pod, props.by) == at).cloned()
}

const COLOURS: [(PodState, &str); 8] = [
    (PodState::Pending, "--s-pending"),
    (PodState::Creating, "--s-creating"),
    (PodState::Running, "--s-running"),
    (PodState::Ready, "--s-ready"),
    (PodState::Terminating, "--s-terminating"),
    (PodState::Succeeded, "--s-succeeded"),
    (PodState::Failed, "--s-failed"),
    (PodState::Unknown, "--s-unknown"),
];

fn draw(canvas: &HtmlCanvasElement, props: &PackedProps) -> Option<()> {
    let seats = props.pods.iter().map(|pod| seat(pod, props.by) + 1).max().unwrap_or(0);
    let (width, height) = (props.width, packed_height(seats, props.width));
    let ratio = window().device_pixel_ratio().max(1.0);
    canvas.set_width((width * ratio) as u32);
    canvas.set_height((height * ratio) as u32);
    let style = canvas.style();
    style.set_property("width", &[width.to_string().as_str(), "px"].concat()).ok()?;
    style.set_property("height", &[height.to_string().as_str(), "px"].concat()).ok()?;
    let paint = canvas.get_context("2d").ok()??.dyn_into::<CanvasRenderingContext2d>().ok()?;
    paint.scale(ratio, ratio).ok()?;
    paint.set_line_width(1.5);
    let computed = window().get_computed_style(canvas).ok()??;
    let columns = packed_columns(width);
    for (state, property) in COLOURS {
        let colour = computed.get_property_value(property).ok()?;
        paint.set_fill_style_str(&colour);
        paint.set_stroke_style_str(&colour);
        for pod in props.pods.iter().filter(|pod| pod.state == state) {
            let at = seat(pod, props.by);
            let x = f64::from(at % columns) * CELL + CELL / 2.0;
            let y = f64::from(at / columns) * CELL + CELL / 2.0;
            shape(&paint, state, x, y);
        }
    }
    Some(())
}

/// The state's shape around a point, small.
fn shape(paint: &CanvasRenderingContext2d, state: PodState, x: f64, y: f64) -> Option<()> {
    const R: f64 = 4.0;
    const TURN: f64 = std::f64::consts::TAU;
    paint.begin_path();
    match state {
        PodState::Ready => {
            paint.arc(x, y, R, 0.0, TURN).ok()?;
            paint.fill();
        }
        PodState::Running => {
            paint.arc(x, y, R, TURN / 4.0, TURN * 0.75).ok()?;
            paint.fill();
            paint.begin_path();
            paint.arc(x, y, R - 0.5, 0.0, TURN).ok()?;
            paint.stroke();
        }
        PodState::Failed => {
            let d = R - 0.5;
            paint.move_to(x - d, y - d);
            paint.line_to(x + d, y + d);
            paint.move_to(x + d, y - d);
            paint.line_to(x - d, y + d);
            paint.stroke();
        }
        PodState::Creating => {
            paint.arc(x, y, R - 0.5, -TURN / 4.0, TURN / 3.0).ok()?;
            paint.stroke();
        }
        PodState::Terminating => {
            paint.arc(x, y, R - 0.5, 0.0, TURN).ok()?;
            paint.move_to(x - 3.0, y + 3.0);
            paint.line_to(x + 3.0, y - 3.0);
            paint.stroke();
        }
        PodState::Succeeded | PodState::Unknown => {
            paint.arc(x, y, R - 0.5, 0.0, TURN).ok()?;
            paint.stroke();
            paint.fill_rect(x - 1.0, y - 1.0, 2.0, 2.0);
        }
        PodState::Pending => {
            for part in 0..4 {
                let from = f64::from(part) * TURN / 4.0;
                paint.begin_path();
                paint.arc(x, y, R - 0.5, from, from + TURN / 7.0).ok()?;
                paint.stroke();
            }
        }
    }
    Some(())
}
