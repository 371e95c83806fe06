//! The sheet of keys.

use yew::{Callback, Html, Properties, function_component, html};

use super::icon;
use super::texts::Lang;

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct HelpProps {
    pub lang: Lang,
    pub onclose: Callback<()>,
}

#[function_component]
pub fn Help(props: &HelpProps) -> Html {
    let lang = props.lang;
    let rows: [(&str, &str); 12] = [
        ("Space", lang.help_play()),
        (".", lang.help_step()),
        ("[ ]", lang.help_speed()),
        ("r", lang.help_reset()),
        ("← →", lang.help_scrub()),
        ("← ↑ ↓ →", lang.help_tree()),
        ("/", lang.help_search()),
        ("Esc", lang.help_close()),
        ("Ctrl-Enter", lang.help_apply()),
        ("Esc Tab", lang.help_leave()),
        ("t", lang.theme()),
        ("?", lang.help_self()),
    ];
    let states = [
        ("s-pending", "#s-pending", lang.pending()),
        ("s-creating", "#s-creating", lang.creating()),
        ("s-running", "#s-running", lang.running()),
        ("s-ready", "#s-ready", lang.state_ready()),
        ("s-terminating", "#s-terminating", lang.terminating()),
        ("s-succeeded", "#s-succeeded", lang.succeeded()),
        ("s-failed", "#s-failed", lang.failed()),
        ("s-unknown", "#s-unknown", lang.unknown()),
    ];
    html! {
        <div class="veil" onclick={props.onclose.reform(|_| ())}>
            <div class="sheet" role="dialog" aria-modal="true" aria-label={lang.help()}
                onclick={|event: yew::MouseEvent| event.stop_propagation()}>
                <div class="pane-head">
                    <h2>{ lang.help() }</h2>
                    <span class="grow"></span>
                    <button class="tool" autofocus=true title={[lang.close(), " (Esc)"].concat()}
                        aria-label={lang.close()} onclick={props.onclose.reform(|_| ())}>
                        { icon::icon("#i-close") }
                    </button>
                </div>
                <dl>
                    { for rows.iter().map(|(keys, what)| html! {
                        <><dt>{ for keys.split(' ').map(|key| html! { <kbd>{ key }</kbd> }) }</dt><dd>{ what }</dd></>
                    }) }
                </dl>
                <ul class="legend">
                    { for states.iter().map(|(class, symbol, name)| html! {
                        <li class={*class}>{ icon::icon(symbol) }<span>{ name }</span></li>
                    }) }
                </ul>
            </div>
        </div>
    }
}
