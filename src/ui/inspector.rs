//! One object from close by.

use gloo::utils::window;
use podscope::api::{Key, Kind, Moment};
use podscope::session::frame::{Branch, ConditionView, PodView, Shared};
use podscope::session::inspect::{ContainerView, Inspection, Occurrence, StateView};
use yew::{Callback, Html, Properties, classes, function_component, html, use_state};

use super::icon;
use super::texts::Lang;
use super::words;

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct InspectorProps {
    pub lang: Lang,
    pub key_of: Key,
    /// `None` while the object does not exist.
    pub object: Option<Shared<Inspection>>,
    pub pod: Option<Shared<PodView>>,
    pub branch: Option<Shared<Branch>>,
    pub second: u64,
    pub onpick: Callback<Key>,
    pub onclose: Callback<()>,
}

#[function_component]
pub fn Inspector(props: &InspectorProps) -> Html {
    let (lang, key) = (props.lang, &props.key_of);
    let symbol = match &props.pod {
        Some(pod) => {
            html! { <span class={classes!("toned", icon::class_of(pod.state))}>{ icon::icon(icon::of_state(pod.state)) }</span> }
        }
        None => icon::icon(icon::of_kind(key.kind)),
    };
    html! {
        <aside class="inspector" aria-label={lang.details()}>
            <div class="pane-head">
                { symbol }
                <div class="who">
                    <span class="kind">{ key.kind.name() }</span>
                    <Name {lang} name={key.name.to_string()} />
                </div>
                <button class="tool" title={[lang.close(), " (Esc)"].concat()} aria-label={lang.close()}
                    onclick={props.onclose.reform(|_| ())}>{ icon::icon("#i-close") }</button>
            </div>
            <div class="inspector-body">
                if let Some(object) = &props.object {
                    { facts(props, object) }
                    { containers(lang, &object.containers) }
                    { conditions(lang, &object.conditions) }
                    { events(lang, &object.events) }
                    <Manifest {lang} object={object.clone()} />
                } else {
                    <p class="soft">{ lang.object_gone() }</p>
                }
            </div>
        </aside>
    }
}

#[derive(Clone, Debug, PartialEq, Properties)]
struct NameProps {
    lang: Lang,
    name: String,
}

/// The name, whole; a click copies it.
#[function_component]
fn Name(props: &NameProps) -> Html {
    let copied = use_state(String::new);
    let done = *copied == props.name;
    let onclick = {
        let (name, copied) = (props.name.clone(), copied.clone());
        Callback::from(move |_| {
            // The promise only says what cannot be helped.
            let _ = window().navigator().clipboard().write_text(&name);
            copied.set(name.clone());
        })
    };
    html! {
        <button class="name mono" title={if done { props.lang.copied() } else { props.lang.copy_name() }} {onclick}>
            { &props.name }
            if done { <span class="good">{ icon::icon("#i-check") }</span> }
            else { { icon::icon("#i-copy") } }
        </button>
    }
}

fn fact(name: &'static str, value: Html) -> Html {
    html! { <><dt>{ name }</dt><dd>{ value }</dd></> }
}

fn facts(props: &InspectorProps, object: &Inspection) -> Html {
    let lang = props.lang;
    let now = Moment::from_micros(props.second * 1_000_000);
    let link = |key: &Key| {
        let go = {
            let key = key.clone();
            props.onpick.reform(move |_| key.clone())
        };
        html! { <button class="link mono" onclick={go}>{ key.kind.name() }{ " " }{ &*key.name }</button> }
    };
    html! {
        <dl class="facts">
            if let Some(pod) = &props.pod {
                { fact(lang.status(), html! {
                    <span>
                        <b class={classes!("toned", icon::class_of(pod.state))}>{ &*pod.status }</b>{ format!(" {}/{}", pod.ready, pod.containers) }
                        if let Some(text) = words::countdown(lang, pod, now) { { " · " }{ text } }
                    </span>
                }) }
                if let Some(problem) = &pod.problem { <dd class="wide bad">{ &**problem }</dd> }
                if let Some(node) = &pod.node { { fact(lang.node(), link(&Key::new(Kind::Node, "", node))) } }
                { fact(lang.restarts(), html! { { pod.restarts } }) }
            }
            if let Some(branch) = &props.branch {
                { fact(lang.status(), html! {
                    { words::diagnosis(lang, &branch.diagnosis, branch.view.kind == Kind::Deployment) }
                }) }
                if let Some(number) = branch.view.revision { { fact(lang.revision(), html! { { number } }) } }
                if !branch.view.images.is_empty() {
                    { fact(lang.images(), html! { <span class="mono">{ branch.view.images.join(", ") }</span> }) }
                }
                if !branch.view.detail.is_empty() {
                    <dd class="wide mono">{ &branch.view.detail }</dd>
                }
            }
            if !object.owners.is_empty() {
                { fact(lang.owner(), html! { <>{ for object.owners.iter().map(link) }</> }) }
            }
            if let Some(created) = object.created {
                { fact(lang.created(), html! { { words::short_clock(created) } }) }
            }
        </dl>
    }
}

fn conditions(lang: Lang, conditions: &[ConditionView]) -> Html {
    if conditions.is_empty() {
        return html! {};
    }
    let row = |condition: &ConditionView| {
        // Only these conditions are good when they are False.
        let inverted =
            ["ReplicaFailure", "MemoryPressure", "DiskPressure", "PIDPressure", "DisruptionTarget"];
        let good = (condition.status == "True") != inverted.contains(&condition.kind.as_str());
        let class = match condition.status.as_str() {
            "Unknown" => "soft",
            _ if good => "good",
            _ => "bad",
        };
        html! {
            <li key={condition.kind.clone()}>
                <div class="row">
                    <span {class}>{ icon::icon(if good { "#i-check" } else { "#s-failed" }) }</span>
                    <b>{ &condition.kind }</b>
                    <span class={class}>{ &condition.status }</span>
                    <span class="grow"></span>
                    if let Some(since) = condition.since {
                        <time class="soft">{ lang.since(&words::short_clock(since)) }</time>
                    }
                </div>
                if !condition.reason.is_empty() { <div class="reason">{ &condition.reason }</div> }
                if !condition.message.is_empty() { <p class="soft">{ &condition.message }</p> }
            </li>
        }
    };
    html! {
        <section><h3>{ lang.conditions() }</h3><ul class="cards">{ for conditions.iter().map(row) }</ul></section>
    }
}

fn containers(lang: Lang, containers: &[ContainerView]) -> Html {
    if containers.is_empty() {
        return html! {};
    }
    let row = |container: &ContainerView| {
        html! {
            <li key={container.name.clone()}>
                <div class="row">
                    <b class="mono">{ &container.name }</b>
                    if container.init { <span class="chip">{ lang.init_container() }</span> }
                    <span class="grow"></span>
                    if container.ready { <span class="good">{ lang.ready() }</span> }
                    if container.restarts > 0 {
                        <span class="soft">{ lang.restarts_n(&container.restarts.to_string()) }</span>
                    }
                </div>
                <div class="soft mono">{ &container.image }</div>
                { state(lang, &container.state) }
                if container.last != StateView::None {
                    <div class="last"><h4>{ lang.before_that() }</h4>{ state(lang, &container.last) }</div>
                }
            </li>
        }
    };
    html! {
        <section><h3>{ lang.containers() }</h3><ul class="cards">{ for containers.iter().map(row) }</ul></section>
    }
}

fn state(lang: Lang, state: &StateView) -> Html {
    let time = |since: &Option<Moment>| since.map_or(String::new(), words::short_clock);
    let (title, class, reason, message) = match state {
        StateView::None => return html! { <div class="soft">{ lang.no_state() }</div> },
        StateView::Waiting { reason, message } => {
            let usual = ["ContainerCreating", "PodInitializing"].contains(&reason.as_str());
            (lang.waiting().to_string(), if usual { "soft" } else { "bad" }, reason, message.clone())
        }
        StateView::Running { since } => {
            let since = lang.since(&time(since));
            return html! { <div><b class="good">{ lang.running_since() }</b>{ " " }<span class="soft">{ since }</span></div> };
        }
        StateView::Terminated { reason, message, code, since } => {
            let title =
                [lang.terminated(), ", ", &lang.exit_code(&code.to_string()), ", ", &time(since)].concat();
            (title, if *code == 0 { "soft" } else { "bad" }, reason, message.clone())
        }
    };
    html! {
        <div class={classes!("state", class)}>
            <b>{ reason }</b>{ " " }<span class="soft">{ title }</span>
            if !message.is_empty() { <p class="soft">{ message }</p> }
        </div>
    }
}

fn events(lang: Lang, events: &[Occurrence]) -> Html {
    let row = |(index, event): (usize, &Occurrence)| {
        html! {
            <li key={index} class={event.warning.then_some("warning")}>
                <div class="row">
                    if event.warning { <span class="warn">{ icon::icon("#i-warning") }</span> }
                    <b>{ &event.reason }</b>
                    if event.count > 1 { <span class="count">{ "×" }{ event.count }</span> }
                    <span class="grow"></span>
                    <time class="soft">{ event.at.map(words::short_clock).unwrap_or_default() }</time>
                </div>
                <p class="soft">{ &event.message }</p>
            </li>
        }
    };
    html! {
        <section>
            <h3>{ lang.events() }</h3>
            if events.is_empty() { <p class="soft">{ lang.none_yet() }</p> }
            <ul class="cards plain">{ for events.iter().take(40).enumerate().map(row) }</ul>
        </section>
    }
}

#[derive(Clone, Debug, PartialEq, Properties)]
struct ManifestProps {
    lang: Lang,
    object: Shared<Inspection>,
}

/// The object as YAML, keys apart from values.
#[function_component]
fn Manifest(props: &ManifestProps) -> Html {
    let line = |line: &str| {
        let start = line.len() - line.trim_start_matches([' ', '-']).len();
        match line[start..].find(':').map(|colon| start + colon) {
            Some(colon) if line[colon + 1..].is_empty() || line[colon + 1..].starts_with(' ') => html! {
                <>{ &line[..start] }<b>{ &line[start..colon] }</b>{ &line[colon..] }{ "\n" }</>
            },
            _ => html! { <>{ line }{ "\n" }</> },
        }
    };
    html! {
        <details>
            <summary>{ props.lang.yaml() }</summary>
            <pre class="yaml" tabindex="0">{ for props.object.yaml.lines().map(line) }</pre>
        </details>
    }
}
