//! The Events, newest first; only the rows in sight are drawn.

use podscope::api::{Key, Kind};
use podscope::session::frame::{EventView, Shared};
use web_sys::{Element, HtmlInputElement, InputEvent};
use yew::{Callback, Component, Context, Html, MouseEvent, NodeRef, Properties, TargetCast, classes, html};

use super::super::icon;
use super::super::measure::Measure;
use super::super::texts::Lang;
use super::super::words;
use super::attribute_around;

/// The height of a row, narrow and wide, in pixels; the style sheet's rows are as high.
const ROW: f64 = 32.0;
const ROW_NARROW: f64 = 56.0;
/// Below this width, a row has two lines.
const NARROW: f64 = 560.0;
/// Rows drawn beyond the edges.
const MARGIN: usize = 6;

/// The id of the search field, where `/` leads.
pub const SEARCH: &str = "event-search";

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct EventListProps {
    pub events: Shared<Vec<Shared<EventView>>>,
    pub lang: Lang,
    pub onpick: Callback<Key>,
}

/// The list with its own memory: what is searched, where it is scrolled to.
pub struct EventList {
    rows: NodeRef,
    measure: Option<Measure>,
    size: (f64, f64),
    scrolled: f64,
    search: String,
    found: Vec<Shared<EventView>>,
}

pub enum Message {
    Sized((f64, f64)),
    Scrolled,
    Search(String),
    Clicked(MouseEvent),
}

impl Component for EventList {
    type Message = Message;
    type Properties = EventListProps;

    fn create(context: &Context<Self>) -> Self {
        EventList {
            rows: NodeRef::default(),
            measure: None,
            size: (0.0, 0.0),
            scrolled: 0.0,
            search: String::new(),
            found: context.props().events.to_vec(),
        }
    }

    fn changed(&mut self, context: &Context<Self>, old: &EventListProps) -> bool {
        if context.props().events != old.events {
            self.find(context);
        }
        true
    }

    fn update(&mut self, context: &Context<Self>, message: Message) -> bool {
        match message {
            Message::Sized(size) => self.size = size,
            Message::Scrolled => {
                let Some(rows) = self.rows.cast::<Element>() else { return false };
                self.scrolled = f64::from(rows.scroll_top());
            }
            Message::Search(text) => {
                self.search = text.to_lowercase();
                self.find(context);
            }
            Message::Clicked(event) => {
                let index = attribute_around(&event, "data-row").and_then(|row| row.parse::<usize>().ok());
                if let Some(event) = index.and_then(|index| self.found.get(index)) {
                    let (kind, namespace, name) = &event.about;
                    let kind = Kind::ALL.iter().find(|known| known.name() == kind);
                    if let Some(kind) = kind {
                        context.props().onpick.emit(Key::new(*kind, namespace, name));
                    }
                }
                return false;
            }
        }
        true
    }

    fn view(&self, context: &Context<Self>) -> Html {
        let (props, link) = (context.props(), context.link());
        let lang = props.lang;
        let narrow = self.size.0 < NARROW;
        let row = if narrow { ROW_NARROW } else { ROW };
        let first = ((self.scrolled / row) as usize).saturating_sub(MARGIN);
        let count = (self.size.1 / row) as usize + 2 * MARGIN;
        let shown = self.found.iter().enumerate().skip(first).take(count);
        let oninput = link.callback(|event: InputEvent| {
            Message::Search(event.target_unchecked_into::<HtmlInputElement>().value())
        });
        let empty = match (self.found.is_empty(), props.events.is_empty()) {
            (true, true) => Some((lang.no_events(), lang.no_events_hint())),
            (true, false) => Some((lang.no_match(), lang.no_match_hint())),
            _ => None,
        };
        html! {
            <div class={classes!("events", narrow.then_some("narrow"))}>
                <label class="search">
                    { icon::icon("#i-search") }
                    <input id={SEARCH} type="search" placeholder={lang.search_events()}
                        aria-label={lang.search_events()} {oninput} />
                    <kbd>{ "/" }</kbd>
                </label>
                <div class="rows" ref={self.rows.clone()} tabindex="0" role="log" aria-live="off"
                    aria-label={lang.events()} onscroll={link.callback(|_| Message::Scrolled)}
                    onclick={link.callback(Message::Clicked)}>
                    if let Some((what, hint)) = empty {
                        <div class="empty"><b>{ what }</b><p>{ hint }</p></div>
                    }
                    <div class="long" ~style={format!("height:{}px", self.found.len() as f64 * row)}>
                        { for shown.map(|(index, event)| line(event, index, index as f64 * row)) }
                    </div>
                </div>
            </div>
        }
    }

    fn rendered(&mut self, context: &Context<Self>, first: bool) {
        if first && let Some(element) = self.rows.cast::<Element>() {
            self.measure = Measure::new(&element, context.link().callback(Message::Sized));
        }
    }
}

impl EventList {
    fn find(&mut self, context: &Context<Self>) {
        let search = self.search.as_str();
        let holds = |text: &str| text.to_lowercase().contains(search);
        let matches = |event: &&Shared<EventView>| {
            search.is_empty() || holds(&event.reason) || holds(&event.message) || holds(&event.about.2)
        };
        self.found = context.props().events.iter().filter(matches).cloned().collect();
    }
}

fn line(event: &Shared<EventView>, index: usize, y: f64) -> Html {
    let class = classes!("event", event.warning.then_some("warning"));
    html! {
        <div key={event.key.name.to_string()} {class} data-row={index.to_string()} title={event.message.clone()}
            ~style={format!("transform:translateY({y}px)")}>
            <time>{ words::short_clock(event.at) }</time>
            { icon::icon(if event.warning { "#i-warning" } else { "#i-dot" }) }
            <b>{ &event.reason }</b>
            <span class="count">if event.count > 1 { { "×" }{ event.count } }</span>
            <span class="about mono">{ words::shortened(&event.about.2, 24) }</span>
            <span class="message">{ &event.message }</span>
        </div>
    }
}
