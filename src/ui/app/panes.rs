//! The panes of the page, from what the playground holds.

use podscope::api::Key;
use podscope::session::frame::{Branch, Frame, PodView, Shared};
use yew::{Context, Html, classes, html};

use super::super::editor_pane::EditorPane;
use super::super::inspector::Inspector;
use super::super::stage::{EventList, NodeMap, Tree};
use super::{App, Message, Tab};

impl App {
    pub(super) fn editor(&self, context: &Context<Self>) -> Html {
        let (link, manifest) = (context.link(), &self.manifest);
        html! {
            <EditorPane lang={self.lang} text={manifest.wanted.clone()}
                diagnostics={manifest.diagnostics.clone()} standing={manifest.standing.clone()}
                auto={manifest.auto} changed={manifest.text != manifest.original}
                onedit={link.callback(Message::Edited)} onapply={link.callback(|()| Message::Apply)}
                onauto={link.callback(|()| Message::Auto)} onrestore={link.callback(|()| Message::Restore)} />
        }
    }

    pub(super) fn stage(&self, context: &Context<Self>) -> Html {
        let (lang, link) = (self.lang, context.link());
        let with_events = self.tab != Tab::Events;
        let tabs = [
            (Tab::Editor, lang.manifest()),
            (Tab::Tree, lang.tree()),
            (Tab::Nodes, lang.nodes()),
            (Tab::Events, lang.events()),
        ];
        let tab = |(tab, name): (Tab, &'static str)| {
            let class = classes!("tab", (tab == Tab::Editor).then_some("only-narrow"));
            html! {
                <button role="tab" {class} aria-selected={(self.tab == tab).to_string()}
                    onclick={link.callback(move |_| Message::Show(tab))}>{ name }</button>
            }
        };
        html! {
            <>
                <nav class="tabs" role="tablist" aria-label={lang.views()}>
                    { for tabs.into_iter().map(tab) }
                    <span class="grow"></span>
                    { self.tally() }
                </nav>
                <main class={classes!("stage", with_events.then_some("with-events"))}>
                    <div class="view">
                        { self.cluster(context) }
                        <p class="news" role="status" aria-live="polite">{ &self.news }</p>
                    </div>
                    if with_events { <div class="strip">{ self.events(context) }</div> }
                </main>
            </>
        }
    }

    /// The chosen view of the cluster.
    fn cluster(&self, context: &Context<Self>) -> Html {
        let (lang, frame) = (self.lang, &self.frame);
        let selected = self.inspected.as_ref().map(|inspected| inspected.key.clone());
        let second = frame.now.as_micros() / 1_000_000;
        let onpick = context.link().callback(Message::Pick);
        match self.tab {
            Tab::Editor | Tab::Tree if frame.roots.is_empty() && frame.loose.is_empty() => {
                empty(lang.no_workloads(), lang.no_workloads_hint())
            }
            Tab::Editor | Tab::Tree => html! {
                <Tree roots={frame.roots.clone()} loose={frame.loose.clone()} pods={frame.tally.pods}
                    {lang} {selected} {second} theme={self.theme} {onpick} />
            },
            Tab::Nodes if frame.nodes.is_empty() => empty(lang.no_nodes(), lang.no_nodes_hint()),
            Tab::Nodes => html! {
                <NodeMap nodes={frame.nodes.clone()} unplaced={frame.unplaced.clone()}
                    pods={frame.tally.pods} {lang} {selected} theme={self.theme} {onpick} />
            },
            Tab::Events => self.events(context),
        }
    }

    fn events(&self, context: &Context<Self>) -> Html {
        let (events, onpick) = (self.frame.events.clone(), context.link().callback(Message::Pick));
        html! { <EventList {events} lang={self.lang} {onpick} /> }
    }

    fn tally(&self) -> Html {
        let (tally, lang) = (self.frame.tally, self.lang);
        html! {
            <span class="tally">
                if tally.pods > 0 {
                    <span>{ lang.pods_ready(&tally.ready.to_string(), &tally.pods.to_string()) }</span>
                }
                if tally.failing > 0 {
                    <span class="bad">{ lang.pods_failing(&tally.failing.to_string()) }</span>
                }
            </span>
        }
    }

    pub(super) fn inspector(&self, context: &Context<Self>) -> Html {
        let Some(inspected) = &self.inspected else { return html! {} };
        let link = context.link();
        html! {
            <Inspector lang={self.lang} key_of={inspected.key.clone()} object={inspected.object.clone()}
                pod={find_pod(&self.frame, &inspected.key)} branch={find_branch(&self.frame.roots, &inspected.key)}
                second={self.frame.now.as_micros() / 1_000_000} onpick={link.callback(Message::Pick)}
                onclose={link.callback(|()| Message::Close)} />
        }
    }
}

fn empty(what: &'static str, hint: &'static str) -> Html {
    html! { <div class="empty"><b>{ what }</b><p>{ hint }</p></div> }
}

fn find_pod(frame: &Frame, key: &Key) -> Option<Shared<PodView>> {
    let placed = frame.nodes.iter().flat_map(|node| &node.pods);
    placed.chain(frame.unplaced.iter()).find(|pod| pod.key == *key).cloned()
}

fn find_branch(branches: &[Shared<Branch>], key: &Key) -> Option<Shared<Branch>> {
    branches.iter().find_map(|branch| match branch.view.key == *key {
        true => Some(branch.clone()),
        false => find_branch(&branch.children, key),
    })
}
