//! The whole run as a line: what happened when, and the moment shown.

use std::time::Duration;

use podscope::api::Moment;
use podscope::session::frame::{Mark, MarkKind, Shared};
use web_sys::{Element, PointerEvent};
use yew::{
    Callback, Html, KeyboardEvent, NodeRef, Properties, TargetCast, classes, function_component, html,
    use_node_ref,
};

use super::run::Track;
use super::texts::Lang;
use super::words;

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct ScrubberProps {
    pub lang: Lang,
    pub now: Moment,
    pub head: Moment,
    pub track: Shared<Track>,
    pub onseek: Callback<Moment>,
}

/// The line with its handle.
#[function_component]
pub fn Scrubber(props: &ScrubberProps) -> Html {
    let place = use_node_ref();
    let extent = props.track.extent;
    let share = |at: Moment| at.as_micros() as f64 / extent.as_micros().max(1) as f64;
    let value = props.lang.at_of(&words::clock(props.now), &words::clock(props.head));
    let down = {
        let (place, seek) = (place.clone(), props.onseek.clone());
        Callback::from(move |event: PointerEvent| {
            let target: Element = event.target_unchecked_into();
            // Without capture, dragging ends at the edge.
            let _ = place.cast::<Element>().unwrap_or(target).set_pointer_capture(event.pointer_id());
            pointed(&place, &event, extent).into_iter().for_each(|at| seek.emit(at));
        })
    };
    let moved = {
        let (place, seek) = (place.clone(), props.onseek.clone());
        Callback::from(move |event: PointerEvent| {
            if event.buttons() & 1 == 1 {
                pointed(&place, &event, extent).into_iter().for_each(|at| seek.emit(at));
            }
        })
    };
    let key = {
        let (now, head, seek) = (props.now, props.head, props.onseek.clone());
        Callback::from(move |event: KeyboardEvent| {
            if let Some(at) = moved_by(&event, now, head) {
                event.prevent_default();
                event.stop_propagation();
                seek.emit(at);
            }
        })
    };
    html! {
        <div class="scrubber" ref={place} role="slider" tabindex="0" aria-label={props.lang.scrubber()}
            aria-valuemin="0" aria-valuemax={seconds(props.head)} aria-valuenow={seconds(props.now)}
            aria-valuetext={value} onpointerdown={down} onpointermove={moved} onkeydown={key}>
            <div class="rail">
                <Ticks track={props.track.clone()} lang={props.lang} />
                <div class="done" ~style={format!("transform:scaleX({:.5})", share(props.head))}></div>
                <div class="seen" ~style={format!("transform:scaleX({:.5})", share(props.now))}></div>
                <div class="hand" ~style={format!("transform:translateX({:.3}%)", share(props.now) * 100.0)}><i></i></div>
            </div>
        </div>
    }
}

fn seconds(at: Moment) -> String {
    (at.as_micros() / 1_000_000).to_string()
}

/// The moment under the pointer.
fn pointed(place: &NodeRef, event: &PointerEvent, extent: Moment) -> Option<Moment> {
    let element = place.cast::<Element>()?.first_element_child()?;
    let shape = element.get_bounding_client_rect();
    let share = ((f64::from(event.client_x()) - shape.left()) / shape.width().max(1.0)).clamp(0.0, 1.0);
    Some(Moment::from_micros((share * extent.as_micros() as f64) as u64))
}

/// Where a key leads.
fn moved_by(event: &KeyboardEvent, now: Moment, head: Moment) -> Option<Moment> {
    let second = Duration::from_secs(if event.shift_key() { 10 } else { 1 });
    Some(match event.key().as_str() {
        "ArrowLeft" | "ArrowDown" => now.saturating_sub(second),
        "ArrowRight" | "ArrowUp" => (now + second).min(head),
        "PageDown" => now.saturating_sub(Duration::from_secs(10)),
        "PageUp" => (now + Duration::from_secs(10)).min(head),
        "Home" => Moment::START,
        "End" => head,
        _ => return None,
    })
}

#[derive(Clone, Debug, PartialEq, Properties)]
struct TicksProps {
    track: Shared<Track>,
    lang: Lang,
}

/// The density of changes, the ticks, the axis.
#[function_component]
fn Ticks(props: &TicksProps) -> Html {
    let track = &props.track;
    let extent = track.extent.as_micros().max(1) as f64;
    let percent = |at: Moment| at.as_micros() as f64 / extent * 100.0;
    let tick = |(index, mark): (usize, &Mark)| {
        let (class, name) = match mark.kind {
            MarkKind::Planned => ("planned", props.lang.mark_planned()),
            MarkKind::Command => ("command", props.lang.mark_command()),
            MarkKind::Refusal => ("refusal", props.lang.mark_refusal()),
            MarkKind::Warning => ("warning", props.lang.mark_warning()),
            MarkKind::Stuck => ("stuck", props.lang.mark_stuck()),
            MarkKind::Complete => ("complete", props.lang.mark_complete()),
        };
        let title = [&words::short_clock(mark.at), " ", name, ": ", &mark.text].concat();
        html! {
            <b key={index} class={classes!("tick", class)} {title}
                ~style={format!("left:{:.3}%", percent(mark.at))}></b>
        }
    };
    html! {
        <>
            <svg class="density" viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true">
                <path d={outline(track)}></path>
            </svg>
            <div class="ticks" aria-hidden="true">{ for track.marks.iter().enumerate().map(tick) }</div>
            <div class="axis" aria-hidden="true">
                { for axis(track.extent).into_iter().map(|at| html! {
                    <span ~style={format!("left:{:.3}%", percent(at))}>{ words::short_clock(at) }</span>
                }) }
            </div>
        </>
    }
}

/// The density as a shape: height by the logarithm, so that one change beside a thousand is seen.
fn outline(track: &Track) -> String {
    let extent = track.extent.as_micros().max(1) as f64;
    let step = track.density.width.as_micros() as f64 / extent * 1000.0;
    let most = f64::from(*track.density.counts.iter().max().unwrap_or(&1)).ln_1p().max(1.0);
    let mut path = String::from("M0 20");
    for (index, count) in track.density.counts.iter().enumerate() {
        let (x, y) = (index as f64 * step, 20.0 - f64::from(*count).ln_1p() / most * 18.0);
        path.push_str(&format!("L{x:.1} {y:.1}H{:.1}", x + step));
    }
    path.push_str("V20Z");
    path
}

/// Round times along the line, about eight.
fn axis(extent: Moment) -> Vec<Moment> {
    let seconds = extent.as_micros() / 1_000_000;
    let steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];
    let step = steps.into_iter().find(|step| seconds / step <= 8).unwrap_or(seconds.max(8) / 8);
    (0..=seconds / step).map(|n| Moment::from_micros(n * step * 1_000_000)).collect()
}
