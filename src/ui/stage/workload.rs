//! A workload: the card of a root, and the head of a lane.

use podscope::api::{Kind, Moment};
use podscope::session::frame::{Branch, Diagnosis, PodState, Problem, Shared};
use yew::{Classes, Html, Properties, classes, function_component, html};

use super::super::icon;
use super::super::texts::Lang;
use super::super::words;
use super::place;
use super::tile::{HUES, element_id};

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct CardProps {
    pub branch: Shared<Branch>,
    pub lang: Lang,
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    pub level: u8,
    pub selected: bool,
    pub tab_stop: bool,
    /// The moment shown, for a rollout with a deadline.
    pub now: Option<Moment>,
}

/// A workload that nobody owns.
#[function_component]
pub fn Head(props: &CardProps) -> Html {
    let (branch, lang) = (&props.branch, props.lang);
    let view = &branch.view;
    let is_rollout = view.kind == Kind::Deployment;
    let problem = problem(&branch.diagnosis);
    let room = ((props.width - 200.0) / 8.0).max(16.0) as usize;
    card(
        props,
        classes!("head", tone(&branch.diagnosis)),
        html! {
            <>
                <div class="card-title">
                    { icon::icon(icon::of_kind(view.kind)) }
                    <span class="kind">{ view.kind.name() }</span>
                    <b class="name">{ words::shortened(&view.key.name, room) }</b>
                    if let Some(number) = view.revision {
                        <span class="chip">{ lang.revision_n(&number.to_string()) }</span>
                    }
                    <span class="grow"></span>
                    if view.kind != Kind::Service {
                        <span class="count" title={lang.ready()}>{ view.ready }{ "/" }{ view.desired }</span>
                    }
                </div>
                <div class="card-line">
                    { sign(&branch.diagnosis) }
                    <span>{ words::diagnosis(lang, &branch.diagnosis, is_rollout) }</span>
                    { deadline(lang, &branch.diagnosis, props.now) }
                    if view.kind == Kind::Service { <span class="soft mono">{ view.detail.clone() }</span> }
                </div>
                if is_rollout {
                    <div class="card-line">
                        if let Some(problem) = problem {
                            <span class="bad">{ words::problem(lang, problem) }</span>
                        } else {
                            <span class="soft mono">{ view.images.join(", ") }</span>
                        }
                    </div>
                    { bar(branch) }
                }
            </>
        },
    )
}

/// A workload that another one owns, with its revision's hue.
#[function_component]
pub fn Lane(props: &CardProps) -> Html {
    let (branch, lang) = (&props.branch, props.lang);
    let view = &branch.view;
    let idle = branch.diagnosis == Diagnosis::Empty && branch.pods.is_empty();
    let hue = HUES[view.hue as usize % HUES.len()];
    let class = classes!("lane", hue, idle.then_some("idle"), tone(&branch.diagnosis));
    let count = format!("{}/{}", view.ready, view.desired);
    let beside = if idle { 220.0 } else { 60.0 + 8.0 * count.len() as f64 };
    let room = ((props.width - beside) / 7.3).max(8.0) as usize;
    let images = view.images.iter().map(|image| image.rsplit('/').next().unwrap_or(image));
    let images = images.collect::<Vec<_>>().join(", ");
    let revision = view.revision.map(|number| lang.revision_n(&number.to_string()));
    card(
        props,
        class,
        html! {
            <>
                <div class="card-title">
                    { icon::icon(icon::of_kind(view.kind)) }
                    <span class="name mono">{ words::shortened(&view.key.name, room) }</span>
                    <span class="grow"></span>
                    if idle { <span class="soft">{ lang.scaled_to_zero() }</span> }
                    else { <span class="count">{ count }</span> }
                </div>
                if !idle {
                    <div class="card-line">
                        if let Some(revision) = revision { <span class="chip hued">{ revision }</span> }
                        <span class="soft mono">{ images }</span>
                    </div>
                }
            </>
        },
    )
}

fn card(props: &CardProps, class: Classes, inside: Html) -> Html {
    let view = &props.branch.view;
    let is_rollout = view.kind == Kind::Deployment;
    let said = words::diagnosis(props.lang, &props.branch.diagnosis, is_rollout);
    let title = [view.kind.name(), " ", &view.key.name].concat();
    let label = [title.as_str(), ": ", &said].concat();
    html! {
        <div class={classes!("card", class, props.selected.then_some("selected"))} role="treeitem"
            id={element_id(&view.uid)} data-id={view.uid.to_string()} aria-level={props.level.to_string()}
            aria-selected={props.selected.to_string()} aria-expanded="true" aria-label={label} {title}
            tabindex={if props.tab_stop { "0" } else { "-1" }}
            ~style={place(props.x, props.y, props.width, props.height)}>
            { inside }
        </div>
    }
}

fn problem(diagnosis: &Diagnosis) -> Option<&Problem> {
    match diagnosis {
        Diagnosis::Rolling { problem, .. } | Diagnosis::Stuck { problem, .. } => problem.as_ref(),
        _ => None,
    }
}

/// The class that says how it goes.
fn tone(diagnosis: &Diagnosis) -> &'static str {
    match diagnosis {
        Diagnosis::Stuck { .. } | Diagnosis::Refused { .. } => "is-bad",
        Diagnosis::Rolling { .. } | Diagnosis::Deleting { .. } => "is-busy",
        Diagnosis::Steady { .. } => "is-good",
        _ => "",
    }
}

fn sign(diagnosis: &Diagnosis) -> Html {
    let (symbol, class) = match diagnosis {
        Diagnosis::Stuck { .. } | Diagnosis::Refused { .. } => ("#i-warning", "bad"),
        Diagnosis::Rolling { .. } => ("#s-creating", "busy"),
        Diagnosis::Deleting { .. } => ("#s-terminating", "soft"),
        Diagnosis::Steady { .. } => ("#i-check", "good"),
        Diagnosis::Paused { .. } => ("#i-pause", "soft"),
        Diagnosis::Empty | Diagnosis::Serving { .. } => return html! {},
    };
    html! { <span class={classes!("sign", class)}>{ icon::icon(symbol) }</span> }
}

fn deadline(lang: Lang, diagnosis: &Diagnosis, now: Option<Moment>) -> Html {
    match (diagnosis, now) {
        (Diagnosis::Rolling { until: Some(until), problem: Some(_), .. }, Some(now)) if *until > now => {
            html! { <span class="soft">{ lang.deadline(&words::left(now, *until)) }</span> }
        }
        _ => html! {},
    }
}

/// All Pods of a rollout as one bar, in the order of their states.
fn bar(branch: &Branch) -> Html {
    let pods = || branch.children.iter().flat_map(|child| &child.pods).chain(&branch.pods);
    let all = pods().count().max(branch.view.desired.max(1) as usize);
    let states = [
        PodState::Ready,
        PodState::Running,
        PodState::Creating,
        PodState::Pending,
        PodState::Failed,
        PodState::Terminating,
        PodState::Unknown,
    ];
    let part = |state: PodState| {
        let count = pods().filter(|pod| pod.state == state).count();
        let grow = ["flex-grow:", &count.to_string()].concat();
        (count > 0).then(
            || html! { <i key={icon::class_of(state)} class={icon::class_of(state)} ~style={grow}></i> },
        )
    };
    let rest = all - pods().count();
    html! {
        <div class="bar" aria-hidden="true">
            { for states.into_iter().filter_map(part) }
            if rest > 0 { <i key="rest" class="rest" ~style={["flex-grow:", &rest.to_string()].concat()}></i> }
        </div>
    }
}
