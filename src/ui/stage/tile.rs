//! A Pod, as a tile with its name or as a shape.

use podscope::api::Moment;
use podscope::session::frame::{PodState, PodView, Shared};
use yew::{Component, Context, Html, Properties, classes, html};

use super::super::icon;
use super::super::texts::Lang;
use super::super::words;
use super::{place, place_still};

/// The width of a character of the names, and what a tile needs beside its name.
const CHARACTER: f64 = 7.3;
const BESIDE_NAME: f64 = 50.0;

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct TileProps {
    pub pod: Shared<PodView>,
    pub lang: Lang,
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    pub level: u8,
    pub full: bool,
    pub selected: bool,
    /// Whether Tab comes here.
    pub tab_stop: bool,
    /// On its way out of the picture.
    pub leaving: bool,
    /// The moment shown, for Pods that count down.
    pub now: Option<Moment>,
}

/// A Pod of the tree. Counts how often its status changed, to mark each change once.
pub struct Tile {
    flips: u32,
}

impl Component for Tile {
    type Message = ();
    type Properties = TileProps;

    fn create(_: &Context<Self>) -> Self {
        Tile { flips: 0 }
    }

    fn changed(&mut self, context: &Context<Self>, old: &TileProps) -> bool {
        let pod = &context.props().pod;
        if (pod.state, &pod.status) != (old.pod.state, &old.pod.status) {
            self.flips += 1;
        }
        true
    }

    fn view(&self, context: &Context<Self>) -> Html {
        let props = context.props();
        let (pod, lang) = (&props.pod, props.lang);
        // Two names of one animation: the other name starts it anew.
        let mark = match self.flips {
            0 => "",
            odd if odd % 2 == 1 => "mark-a",
            _ => "mark-b",
        };
        let class = classes!(
            "tile",
            icon::class_of(pod.state),
            HUES[pod.hue as usize % HUES.len()],
            mark,
            props.full.then_some("full"),
            props.selected.then_some("selected"),
            props.leaving.then_some("leaving"),
        );
        let place = if props.full { place } else { place_still };
        let style = place(props.x, props.y, props.width, props.height);
        let label = [&*pod.key.name, ", ", &pod.status].concat();
        html! {
            <div {class} role="treeitem" id={element_id(&pod.uid)} data-id={pod.uid.to_string()}
                aria-level={props.level.to_string()} aria-selected={props.selected.to_string()}
                aria-label={label.clone()} title={label}
                tabindex={if props.tab_stop { "0" } else { "-1" }}
                ~style={style}>
                <div class="tile-body">
                    { icon::icon(if props.full { icon::of_state(pod.state) } else { icon::still(pod.state) }) }
                    if props.full {
                        <span class="tile-name">
                            { words::shortened(&pod.key.name, ((props.width - BESIDE_NAME) / CHARACTER) as usize) }
                        </span>
                        <span class="tile-line">{ line(lang, pod, props.now) }</span>
                    }
                </div>
            </div>
        }
    }
}

/// The hues of a rollout's generations.
pub const HUES: [&str; 6] = ["h0", "h1", "h2", "h3", "h4", "h5"];

/// The id of a treeitem's element.
pub fn element_id(uid: &str) -> String {
    ["t-", uid].concat()
}

/// The second line: status, then what matters most about it.
fn line(lang: Lang, pod: &PodView, now: Option<Moment>) -> Html {
    let countdown = now.and_then(|now| words::countdown(lang, pod, now));
    let more = countdown.or_else(|| {
        if pod.restarts > 0 {
            return Some(lang.restarts_n(&pod.restarts.to_string()));
        }
        match pod.state {
            PodState::Ready | PodState::Running => pod.node.as_ref().map(|node| node.to_string()),
            _ => None,
        }
    });
    let status = match pod.state {
        PodState::Ready if pod.containers == 1 => lang.state_ready().to_string(),
        PodState::Ready | PodState::Running => {
            format!("{} {}/{}", pod.status, pod.ready, pod.containers)
        }
        _ => pod.status.to_string(),
    };
    html! { <><b>{ status }</b> if let Some(more) = more { <>{ " · " }{ more }</> }</> }
}
