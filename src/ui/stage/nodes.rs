//! The nodes, what is taken of each, and the Pods on it.

use podscope::api::Key;
use podscope::session::frame::{NodeState, NodeView, PodView, Shared};
use web_sys::Element;
use yew::{
    Callback, Component, Context, Html, KeyboardEvent, MouseEvent, NodeRef, Properties, classes,
    function_component, html,
};

use super::super::icon;
use super::super::measure::Measure;
use super::super::texts::Lang;
use super::super::words;
use super::attribute_around;
use super::layout::Density;
use super::packed::{By, Packed};
use super::tile::HUES;

/// The least width of a node's card, and the space around and between cards.
const CARD: f64 = 264.0;
const SPACE: f64 = 16.0;
/// A card's own padding and border, both sides.
const INSIDE: f64 = 26.0;

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct NodeMapProps {
    pub nodes: Shared<Vec<Shared<NodeView>>>,
    pub unplaced: Shared<Vec<Shared<PodView>>>,
    pub pods: usize,
    pub lang: Lang,
    pub selected: Option<Key>,
    pub theme: u32,
    pub onpick: Callback<Key>,
}

/// The nodes side by side.
pub struct NodeMap {
    stage: NodeRef,
    measure: Option<Measure>,
    width: f64,
}

pub enum Message {
    Sized(f64),
    Clicked(MouseEvent),
    Key(KeyboardEvent),
}

impl Component for NodeMap {
    type Message = Message;
    type Properties = NodeMapProps;

    fn create(_: &Context<Self>) -> Self {
        NodeMap { stage: NodeRef::default(), measure: None, width: 0.0 }
    }

    fn update(&mut self, context: &Context<Self>, message: Message) -> bool {
        match message {
            Message::Sized(width) => {
                self.width = width;
                true
            }
            Message::Clicked(event) => {
                self.pick(context, attribute_around(&event, "data-key"));
                false
            }
            Message::Key(event) => {
                if event.key() == "Enter" {
                    self.pick(context, attribute_around(&event, "data-key"));
                }
                false
            }
        }
    }

    fn view(&self, context: &Context<Self>) -> Html {
        let props = context.props();
        let room = (self.width - SPACE).max(CARD);
        let columns = (room / (CARD + SPACE)).floor().max(1.0);
        let width = room / columns - SPACE - INSIDE;
        let density = Density::of(props.pods);
        let link = context.link();
        html! {
            <div class="nodes" ref={self.stage.clone()} onclick={link.callback(Message::Clicked)}
                onkeydown={link.callback(Message::Key)}>
                if !props.unplaced.is_empty() {
                    <section class="node unplaced">
                        <div class="card-title">
                            { icon::icon("#s-pending") }
                            <b>{ props.lang.unplaced() }</b>
                            <span class="grow"></span>
                            <span class="count">{ props.unplaced.len() }</span>
                        </div>
                        <PodRow pods={(*props.unplaced).clone()} {density} width={self.width - SPACE * 2.0 - INSIDE} lang={props.lang}
                            selected={props.selected.clone()} by={By::Owner} theme={props.theme}
                            onpick={props.onpick.clone()} />
                    </section>
                }
                { for props.nodes.iter().map(|node| html! {
                    <NodeCard key={node.key.name.to_string()} node={node.clone()} {density} {width}
                        lang={props.lang} selected={props.selected.clone()} theme={props.theme}
                        onpick={props.onpick.clone()} />
                }) }
            </div>
        }
    }

    fn rendered(&mut self, context: &Context<Self>, first: bool) {
        if first && let Some(element) = self.stage.cast::<Element>() {
            let sized = context.link().callback(|(width, _)| Message::Sized(width));
            self.measure = Measure::new(&element, sized);
        }
    }
}

impl NodeMap {
    fn pick(&self, context: &Context<Self>, name: Option<String>) {
        let Some(name) = name else { return };
        let props = context.props();
        let of_node = props.nodes.iter().map(|node| &node.key);
        let pods = props.nodes.iter().flat_map(|node| &node.pods).chain(props.unplaced.iter());
        let found = of_node.chain(pods.map(|pod| &pod.key)).find(|key| key.to_string() == name);
        if let Some(key) = found {
            props.onpick.emit(key.clone());
        }
    }
}

#[derive(Clone, Debug, PartialEq, Properties)]
struct NodeCardProps {
    node: Shared<NodeView>,
    density: Density,
    width: f64,
    lang: Lang,
    selected: Option<Key>,
    theme: u32,
    onpick: Callback<Key>,
}

#[function_component]
fn NodeCard(props: &NodeCardProps) -> Html {
    let (node, lang) = (&props.node, props.lang);
    let (used, all) = (node.used, node.allocatable);
    let ready = node.ready == NodeState::Ready;
    let state = match node.ready {
        NodeState::Ready => "Ready",
        NodeState::NotReady => lang.not_ready(),
        NodeState::Unknown => lang.unknown(),
    };
    let class = classes!(
        "node",
        (!ready).then_some("is-bad"),
        (props.selected.as_ref() == Some(&node.key)).then_some("selected"),
    );
    html! {
        <section {class}>
            <div class="card-title" data-key={node.key.to_string()} tabindex="0" role="button"
                aria-label={[&*node.key.name, ", ", state].concat()}>
                { icon::icon("#k-node") }
                <b class="name mono">{ words::shortened(&node.key.name, 24) }</b>
                <span class="grow"></span>
                if node.unschedulable { <span class="chip">{ lang.cordoned() }</span> }
                <span class={if ready { "good" } else { "bad" }}>{ state }</span>
            </div>
            if !node.taints.is_empty() {
                <div class="card-line soft mono">{ node.taints.join(", ") }</div>
            }
            <div class="meters">
                { meter(lang.cpu(), used.milli_cpu, all.milli_cpu, words::cores) }
                { meter(lang.memory(), used.memory, all.memory, words::bytes) }
                { meter("Pods", used.pods, all.pods, |count| count.to_string()) }
            </div>
            <PodRow pods={node.pods.clone()} density={props.density} width={props.width} {lang}
                selected={props.selected.clone()} by={By::Node} theme={props.theme}
                onpick={props.onpick.clone()} />
        </section>
    }
}

fn meter(name: &'static str, used: i64, all: i64, words: fn(i64) -> String) -> Html {
    let share = if all > 0 { (used as f64 / all as f64).min(1.0) } else { 0.0 };
    let text = [words(used), " / ".into(), words(all)].concat();
    html! {
        <div class="meter" title={[name, " ", &text].concat()}>
            <span>{ name }</span>
            <i><b ~style={format!("transform:scaleX({share:.3})")}></b></i>
            <span class="number">{ text }</span>
        </div>
    }
}

#[derive(Clone, Debug, PartialEq, Properties)]
struct PodRowProps {
    pods: Vec<Shared<PodView>>,
    density: Density,
    width: f64,
    lang: Lang,
    selected: Option<Key>,
    by: By,
    theme: u32,
    onpick: Callback<Key>,
}

/// Pods on their berths.
#[function_component]
fn PodRow(props: &PodRowProps) -> Html {
    if props.density == Density::Packed {
        let onpick = props.onpick.reform(|pod: Shared<PodView>| pod.key.clone());
        return html! {
            <Packed pods={props.pods.clone()} by={props.by} width={props.width.max(24.0)} lang={props.lang}
                theme={props.theme} {onpick} />
        };
    }
    let full = props.density == Density::Full;
    let (cell, row) = if full { (((props.width + 6.0) / 2.0).floor(), 34.0) } else { (28.0, 28.0) };
    let columns = ((props.width + 6.0) / cell).floor().max(1.0) as u32;
    let seat = |pod: &PodView| if props.by == By::Node { pod.berth } else { pod.seat };
    let rows = props.pods.iter().map(|pod| seat(pod) / columns + 1).max().unwrap_or(0);
    let room = ((cell - 46.0) / 7.3).max(5.0) as usize;
    let pod = |pod: &Shared<PodView>| {
        let at = seat(pod);
        let (x, y) = (f64::from(at % columns) * cell, f64::from(at / columns) * row);
        let style = format!("left:{x}px;top:{y}px;width:{}px;height:{}px", cell - 6.0, row - 6.0);
        let class = classes!(
            "berth",
            (!full).then_some("small"),
            icon::class_of(pod.state),
            HUES[pod.hue as usize % HUES.len()],
            (props.selected.as_ref() == Some(&pod.key)).then_some("selected"),
        );
        let label = [&*pod.key.name, ", ", &pod.status].concat();
        html! {
            <div key={pod.uid.to_string()} {class} data-key={pod.key.to_string()} role="button" tabindex="0"
                aria-label={label.clone()} title={label} ~style={style}>
                { icon::icon(icon::still(pod.state)) }
                if full { <span class="mono">{ words::shortened(&pod.key.name, room) }</span> }
            </div>
        }
    };
    html! {
        <div class="berths" ~style={format!("height:{}px", f64::from(rows) * row)}>
            { for props.pods.iter().map(pod) }
        </div>
    }
}
