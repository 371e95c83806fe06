//! The owner tree: who made whom, and how each is doing.

use podscope::api::order;
use std::collections::BTreeMap;
use std::sync::Arc;

use gloo::timers::callback::Timeout;
use gloo::utils::document;
use podscope::api::{Key, Kind, Moment};
use podscope::session::frame::{Branch, Diagnosis, PodView, Shared};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::{Callback, Component, Context, Html, KeyboardEvent, MouseEvent, NodeRef, Properties, html};

use super::super::measure::Measure;
use super::super::texts::Lang;
use super::layout::{self, Density, Part, Placed, Plan, Rail};
use super::packed::{By, Packed};
use super::tile::{Tile, element_id};
use super::workload::{Head, Lane};
use super::{attribute_around, place};

/// How long a part that is gone can still be seen, in milliseconds: as long as it fades.
const LEAVING_MS: u32 = 220;
/// Of more parts that go at once, none is seen fading.
const MOST_LEAVING: usize = 60;

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct TreeProps {
    pub roots: Shared<Vec<Shared<Branch>>>,
    pub loose: Shared<Vec<Shared<PodView>>>,
    pub pods: usize,
    pub lang: Lang,
    pub selected: Option<Key>,
    /// The moment shown in whole seconds, for what counts down.
    pub second: u64,
    pub theme: u32,
    pub onpick: Callback<Key>,
}

/// The tree with its own memory: its width, where the keyboard is, what is still fading.
pub struct Tree {
    stage: NodeRef,
    measure: Option<Measure>,
    width: f64,
    plan: Plan,
    density: Density,
    cursor: Option<Arc<str>>,
    leaving: Vec<Placed>,
    cleaner: Option<Timeout>,
}

pub enum Message {
    Sized(f64),
    Gone,
    Clicked(MouseEvent),
    Key(KeyboardEvent),
    Picked(Shared<PodView>),
}

impl Component for Tree {
    type Message = Message;
    type Properties = TreeProps;

    fn create(context: &Context<Self>) -> Self {
        let mut tree = Tree {
            stage: NodeRef::default(),
            measure: None,
            width: 0.0,
            plan: Plan::default(),
            density: Density::Full,
            cursor: None,
            leaving: Vec::new(),
            cleaner: None,
        };
        tree.lay(context);
        tree
    }

    fn changed(&mut self, context: &Context<Self>, old: &TreeProps) -> bool {
        let props = context.props();
        if props.roots != old.roots || props.loose != old.loose {
            self.lay(context);
        }
        true
    }

    fn update(&mut self, context: &Context<Self>, message: Message) -> bool {
        match message {
            Message::Sized(width) if (width - self.width).abs() < 0.5 => false,
            Message::Sized(width) => {
                self.width = width;
                self.lay(context);
                self.leaving.clear();
                true
            }
            Message::Gone => {
                self.leaving.clear();
                self.cleaner = None;
                true
            }
            Message::Clicked(event) => {
                if let Some(id) = attribute_around(&event, "data-id") {
                    self.pick(context, &id);
                }
                true
            }
            Message::Picked(pod) => {
                context.props().onpick.emit(pod.key.clone());
                false
            }
            Message::Key(event) => self.key(context, &event),
        }
    }

    fn view(&self, context: &Context<Self>) -> Html {
        let props = context.props();
        let stop = self.tab_stop();
        let link = context.link();
        html! {
            <div class="tree" ref={self.stage.clone()} role="tree" aria-label={props.lang.tree_label()}
                onclick={link.callback(Message::Clicked)} onkeydown={link.callback(Message::Key)}>
                <div class="canvas" role="presentation" ~style={["height:", &self.plan.height.to_string(), "px"].concat()}>
                    { for self.plan.rails.iter().map(rail) }
                    { for self.plan.placed.iter().map(|placed| {
                        let tab_stop = stop.as_deref() == Some(&*placed.id);
                        self.part(context, placed, tab_stop, false)
                    }) }
                    { for self.leaving.iter().map(|placed| self.part(context, placed, false, true)) }
                </div>
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

impl Tree {
    /// Lays everything out anew, and keeps what went in sight for a moment.
    fn lay(&mut self, context: &Context<Self>) {
        let props = context.props();
        if self.width == 0.0 {
            return;
        }
        self.density = Density::of(props.pods);
        let plan = layout::plan(&props.roots, &props.loose, self.width, self.density);
        let stay: BTreeMap<&str, ()> = order::map(plan.placed.iter().map(|placed| (&*placed.id, ())));
        let fades = |placed: &&Placed| matches!(placed.part, Part::Pod(_)) && !stay.contains_key(&*placed.id);
        let gone: Vec<Placed> = self.plan.placed.iter().filter(fades).cloned().collect();
        self.leaving.retain(|placed| !stay.contains_key(&*placed.id));
        if self.density == Density::Full
            && !gone.is_empty()
            && gone.len() + self.leaving.len() <= MOST_LEAVING
        {
            self.leaving.extend(gone);
            let link = context.link().clone();
            self.cleaner = Some(Timeout::new(LEAVING_MS, move || link.send_message(Message::Gone)));
        }
        self.plan = plan;
    }

    /// The treeitem that Tab comes to: the last one visited, or the first.
    fn tab_stop(&self) -> Option<Arc<str>> {
        let visited = self.cursor.as_ref().filter(|id| self.items().any(|placed| placed.id == **id));
        visited.cloned().or_else(|| self.items().next().map(|placed| placed.id.clone()))
    }

    /// What the keyboard can go to.
    fn items(&self) -> impl Iterator<Item = &Placed> {
        let is_item = |placed: &&Placed| matches!(placed.part, Part::Head(_) | Part::Lane(_) | Part::Pod(_));
        self.plan.placed.iter().filter(is_item)
    }

    fn pick(&mut self, context: &Context<Self>, id: &str) {
        let Some(placed) = self.items().find(|placed| &*placed.id == id).cloned() else { return };
        self.cursor = Some(placed.id.clone());
        let key = match &placed.part {
            Part::Head(branch) | Part::Lane(branch) => &branch.view.key,
            Part::Pod(pod) => &pod.key,
            _ => return,
        };
        context.props().onpick.emit(key.clone());
    }

    /// Moves by the keys that trees move by; says whether anything changed.
    fn key(&mut self, context: &Context<Self>, event: &KeyboardEvent) -> bool {
        let items: Vec<Placed> = self.items().cloned().collect();
        let stop = self.tab_stop();
        let Some(at) = items.iter().position(|placed| Some(&placed.id) == stop.as_ref()) else {
            return false;
        };
        let level = items[at].level;
        let to = match event.key().as_str() {
            "ArrowDown" => below(&items, at),
            "ArrowUp" => above(&items, at),
            "ArrowRight" => {
                let same_row = items.get(at + 1).filter(|next| next.y == items[at].y || next.level > level);
                same_row.map(|_| at + 1)
            }
            "ArrowLeft" if items[at].level == 3 && at > 0 && items[at - 1].y == items[at].y => Some(at - 1),
            "ArrowLeft" => items[..at].iter().rposition(|placed| placed.level < level),
            "Home" => Some(0),
            "End" => Some(items.len() - 1),
            "Enter" => {
                let id = items[at].id.clone();
                self.pick(context, &id);
                Some(at)
            }
            _ => return false,
        };
        event.prevent_default();
        event.stop_propagation();
        let Some(to) = to else { return false };
        self.cursor = Some(items[to].id.clone());
        let element = document().get_element_by_id(&element_id(&items[to].id));
        if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            // Focus can fail on an element that is going; the next key tries again.
            let _ = element.focus();
        }
        true
    }

    fn part(&self, context: &Context<Self>, placed: &Placed, tab_stop: bool, leaving: bool) -> Html {
        let props = context.props();
        let (lang, level) = (props.lang, placed.level);
        let Placed { x, y, width, height, .. } = *placed;
        let key = if leaving { [&*placed.id, "-leaving"].concat() } else { placed.id.to_string() };
        let now = Moment::from_micros(props.second * 1_000_000);
        match &placed.part {
            Part::Head(branch) | Part::Lane(branch) => {
                let selected = props.selected.as_ref() == Some(&branch.view.key);
                let counts =
                    matches!(branch.diagnosis, Diagnosis::Rolling { until: Some(_), problem: Some(_), .. });
                let (branch, now) = (branch.clone(), counts.then_some(now));
                match (&placed.part, branch.view.kind) {
                    (Part::Head(_), kind) if kind != Kind::ReplicaSet => html! {
                        <Head {key} {branch} {lang} {x} {y} {width} {height} {level} {selected} {tab_stop} {now} />
                    },
                    _ => html! {
                        <Lane {key} {branch} {lang} {x} {y} {width} {height} {level} {selected} {tab_stop} {now} />
                    },
                }
            }
            Part::Pod(pod) => {
                let selected = props.selected.as_ref() == Some(&pod.key);
                let now = pod.countdown.is_some().then_some(now);
                let full = self.density == Density::Full;
                html! {
                    <Tile {key} pod={pod.clone()} {lang} {x} {y} {width} {height} {level} {full} {selected}
                        {tab_stop} {leaving} {now} />
                }
            }
            Part::Pack(pods) => html! {
                <div {key} class="pack" ~style={place(x, y, width, height)}>
                    <Packed pods={pods.clone()} by={By::Owner} {width} {lang} theme={props.theme}
                        onpick={context.link().callback(Message::Picked)} />
                </div>
            },
            Part::Loose => html! {
                <div {key} class="label" ~style={place(x, y, width, height)}>{ lang.loose_pods() }</div>
            },
            Part::Older(count) => html! {
                <div {key} class="label" ~style={place(x, y, width, height)}>
                    { lang.older(&count.to_string()) }
                </div>
            },
        }
    }
}

/// The nearest item of a lower row.
fn below(items: &[Placed], at: usize) -> Option<usize> {
    let here = &items[at];
    let row = items.iter().filter(|next| next.y > here.y + 1.0).map(|next| next.y).reduce(f64::min)?;
    nearest(items, row, here.x)
}

/// The nearest item of a higher row.
fn above(items: &[Placed], at: usize) -> Option<usize> {
    let here = &items[at];
    let row = items.iter().filter(|next| next.y < here.y - 1.0).map(|next| next.y).reduce(f64::max)?;
    nearest(items, row, here.x)
}

fn nearest(items: &[Placed], row: f64, x: f64) -> Option<usize> {
    let on_row = items.iter().enumerate().filter(|(_, item)| item.y == row);
    let distance = |item: &Placed| (item.x - x).abs();
    on_row.min_by(|(_, a), (_, b)| distance(a).total_cmp(&distance(b))).map(|(index, _)| index)
}

fn rail(rail: &Rail) -> Html {
    let (key, length) = (rail.id.to_string(), rail.length);
    let (class, scale, key) = match rail.upright {
        true => ("line", format!("scaleY({length})"), [&key, "-down"].concat()),
        false => ("line", format!("scaleX({length})"), [&key, "-across"].concat()),
    };
    let style = format!("transform:translate({}px,{}px) {scale}", rail.x, rail.y);
    html! { <div {key} {class} aria-hidden="true" ~style={style}></div> }
}
