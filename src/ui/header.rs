//! The bar on top: the scenario, time, the page's own switches.

use web_sys::{Event, HtmlSelectElement};
use yew::{Callback, Html, Properties, TargetCast, function_component, html};

use podscope::api::Moment;

use super::icon;
use super::keys::Act;
use super::run::SPEEDS;
use super::texts::Lang;
use super::words;

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct HeaderProps {
    pub lang: Lang,
    pub title: String,
    pub playing: bool,
    pub live: bool,
    pub speed: usize,
    pub now: Moment,
    pub act: Callback<Act>,
}

#[function_component]
pub fn Header(props: &HeaderProps) -> Html {
    let lang = props.lang;
    html! {
        <header class="top">
            <div class="brand">
                <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
                    <path d="M16 2 28 9v14L16 30 4 23V9z"></path><circle cx="16" cy="16" r="7"></circle>
                </svg>
                <h1>{ "Podscope" }</h1>
                <span class="title" title={lang.tagline()}>{ &props.title }</span>
            </div>
            <TimeBar lang={lang} playing={props.playing} live={props.live} speed={props.speed} act={props.act.clone()} />
            <output class="clock" title={lang.clock()} aria-label={lang.clock()}>{ words::clock(props.now) }</output>
            <div class="switches">
                { button("#i-help", lang.help(), "?", "", &props.act, Act::Help) }
                { button("#i-theme", lang.theme(), "t", "", &props.act, Act::Theme) }
                <button class="tool text" lang={lang.other().tag()} title={lang.language()}
                    aria-label={lang.language()} onclick={props.act.reform(|_| Act::Language)}>
                    { if lang == Lang::En { "한국어" } else { "English" } }
                </button>
            </div>
        </header>
    }
}

#[derive(Clone, Debug, PartialEq, Properties)]
struct TimeBarProps {
    lang: Lang,
    playing: bool,
    live: bool,
    speed: usize,
    act: Callback<Act>,
}

/// The controls of time.
#[function_component]
fn TimeBar(props: &TimeBarProps) -> Html {
    let (lang, act) = (props.lang, &props.act);
    let (symbol, label) = match props.playing {
        true => ("#i-pause", lang.pause()),
        false => ("#i-play", lang.play()),
    };
    let onchange = act.reform(|event: Event| {
        let select: HtmlSelectElement = event.target_unchecked_into();
        Act::Speed(usize::try_from(select.selected_index()).unwrap_or(0))
    });
    html! {
        <div class="time" role="group" aria-label={lang.time_bar()}>
            { button("#i-reset", lang.reset(), "r", "", act, Act::Reset) }
            { button(symbol, label, "Space", "play", act, Act::Play) }
            { button("#i-step", lang.step(), ".", "", act, Act::Step) }
            <select class="speed" title={[lang.speed(), " ([ ])"].concat()} aria-label={lang.speed()} {onchange}>
                { for SPEEDS.iter().enumerate().map(|(index, quarters)| html! {
                    <option selected={index == props.speed}>{ speed(*quarters) }</option>
                }) }
            </select>
            if props.live {
                <span class="live is-live"><i></i>{ lang.live() }</span>
            } else {
                <button class="live" title={lang.go_live()} onclick={act.reform(|_| Act::Live)}>
                    <i></i>{ lang.past() }
                </button>
            }
        </div>
    }
}

fn button(
    symbol: &'static str,
    label: &'static str,
    key: &'static str,
    class: &'static str,
    act: &Callback<Act>,
    what: Act,
) -> Html {
    html! {
        <button class={["tool ", class].concat()} title={[label, " (", key, ")"].concat()} aria-label={label}
            onclick={act.reform(move |_| what)}>{ icon::icon(symbol) }</button>
    }
}

/// `0.25×`, `10×`.
fn speed(quarters: u64) -> String {
    match quarters {
        1 => "0.25×".into(),
        2 => "0.5×".into(),
        _ => [&(quarters / 4).to_string(), "×"].concat(),
    }
}
