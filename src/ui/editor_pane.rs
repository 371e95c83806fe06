//! The left pane: the manifest, how it stands, and what is wrong with it.

use podscope::session::diagnose::{Diagnostic, Fix, Severity};
use podscope::session::frame::Shared;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Element;
use web_sys::js_sys::{Object, Reflect};
use yew::{Callback, Component, Context, Html, NodeRef, Properties, classes, html};

use super::advice;
use super::editor::{self, Handle};
use super::icon;
use super::texts::Lang;

/// How the manifest stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// As the cluster was told it, or not told yet by the scenario.
    Valid,
    Edited,
    Checking,
    /// What kubectl said.
    Applied(String),
    Refused(String),
}

#[derive(Clone, Debug, PartialEq, Properties)]
pub struct EditorPaneProps {
    pub lang: Lang,
    /// The text that the page wants; the person's own edits come back by `onedit`.
    pub text: Shared<String>,
    pub diagnostics: Shared<Vec<Diagnostic>>,
    pub standing: Standing,
    pub auto: bool,
    /// Whether the text is not the scenario's own.
    pub changed: bool,
    pub onedit: Callback<String>,
    pub onapply: Callback<()>,
    pub onauto: Callback<()>,
    pub onrestore: Callback<()>,
}

/// The pane with its editor.
pub struct EditorPane {
    place: NodeRef,
    editor: Loading,
    _calls: Option<Calls>,
}

enum Loading {
    Waiting,
    Here(Handle),
    Failed,
}

/// What the editor calls as long as it lives.
struct Calls {
    _change: Closure<dyn FnMut(String)>,
    _run: Closure<dyn FnMut()>,
    _ready: Closure<dyn FnMut(JsValue)>,
}

pub enum Message {
    Ready(Option<Handle>),
    Reveal(u32, u32),
    Mend(Fix),
}

impl Component for EditorPane {
    type Message = Message;
    type Properties = EditorPaneProps;

    fn create(_: &Context<Self>) -> Self {
        EditorPane { place: NodeRef::default(), editor: Loading::Waiting, _calls: None }
    }

    fn changed(&mut self, context: &Context<Self>, old: &EditorPaneProps) -> bool {
        let props = context.props();
        if let Loading::Here(handle) = &self.editor {
            if props.text != old.text {
                handle.set_text(&props.text);
            }
            if props.diagnostics != old.diagnostics || props.lang != old.lang {
                handle.set_diagnostics(&editor::diagnostics(props.lang, &props.diagnostics));
            }
            if props.lang != old.lang {
                handle.set_phrases(&editor::phrases(props.lang));
                handle.set_label(props.lang.editor_label());
            }
        }
        true
    }

    fn update(&mut self, context: &Context<Self>, message: Message) -> bool {
        match message {
            Message::Ready(Some(handle)) => {
                let props = context.props();
                handle.set_text(&props.text);
                handle.set_diagnostics(&editor::diagnostics(props.lang, &props.diagnostics));
                self.editor = Loading::Here(handle);
            }
            Message::Ready(None) => self.editor = Loading::Failed,
            Message::Mend(fix) => {
                if let Loading::Here(handle) = &self.editor {
                    mend(handle, &fix);
                }
                return false;
            }
            Message::Reveal(line, column) => {
                if let Loading::Here(handle) = &self.editor {
                    handle.reveal(line, column);
                    handle.focus();
                }
                return false;
            }
        }
        true
    }

    fn view(&self, context: &Context<Self>) -> Html {
        let props = context.props();
        let lang = props.lang;
        let press = |callback: &Callback<()>| callback.reform(|_| ());
        html! {
            <div class="editor-pane">
                <div class="pane-head">
                    <h2>{ lang.manifest() }</h2>
                    <span class="grow"></span>
                    if props.changed {
                        <button class="quiet" title={lang.restore_hint()} onclick={press(&props.onrestore)}>
                            { lang.restore() }
                        </button>
                    }
                    <label class="switch">
                        <input type="checkbox" checked={props.auto} onchange={props.onauto.reform(|_| ())} />
                        <span>{ lang.auto_apply() }</span>
                    </label>
                    <button class="primary" title={[lang.apply(), " (Ctrl-Enter)"].concat()}
                        disabled={blocked(props)} onclick={press(&props.onapply)}>{ lang.apply() }</button>
                </div>
                <div class="editor" ref={self.place.clone()}></div>
                { self.meanwhile(props) }
                { problems(context) }
                { standing(lang, &props.standing, &props.diagnostics) }
            </div>
        }
    }

    fn rendered(&mut self, context: &Context<Self>, first: bool) {
        if first && let Some(element) = self.place.cast::<Element>() {
            self._calls = Some(open(context, &element));
        }
    }

    fn destroy(&mut self, _: &Context<Self>) {
        if let Loading::Here(handle) = &self.editor {
            handle.destroy();
        }
    }
}

impl EditorPane {
    /// What stands in the editor's place until it is there.
    fn meanwhile(&self, props: &EditorPaneProps) -> Html {
        match &self.editor {
            Loading::Waiting => html! { <pre class="editor-text" tabindex="0">{ props.text.as_str() }</pre> },
            Loading::Failed => html! { <p class="editor-text bad">{ props.lang.editor_failed() }</p> },
            Loading::Here(_) => html! {},
        }
    }
}

/// Asks for an editor in an element.
fn open(context: &Context<EditorPane>, element: &Element) -> Calls {
    let props = context.props();
    let (onedit, onapply, link) = (props.onedit.clone(), props.onapply.clone(), context.link().clone());
    let change = Closure::<dyn FnMut(String)>::new(move |text| onedit.emit(text));
    let run = Closure::<dyn FnMut()>::new(move || onapply.emit(()));
    let ready = Closure::<dyn FnMut(JsValue)>::new(move |handle: JsValue| {
        let handle = (!handle.is_undefined()).then(|| handle.unchecked_into::<Handle>());
        link.send_message(Message::Ready(handle));
    });
    let options = Object::new();
    let set = |name: &str, value: &JsValue| {
        // A plain object takes any property.
        let _ = Reflect::set(&options, &name.into(), value);
    };
    set("doc", &props.text.as_str().into());
    set("label", &props.lang.editor_label().into());
    set("phrases", &editor::phrases(props.lang));
    set("onChange", change.as_ref());
    set("onRun", run.as_ref());
    editor::open_editor(element, &options, ready.as_ref().unchecked_ref());
    Calls { _change: change, _run: run, _ready: ready }
}

/// Makes a fix's edits as one change, so that one undo takes it back.
fn mend(handle: &Handle, fix: &Fix) -> Option<()> {
    let text: Vec<u16> = handle.text().encode_utf16().collect();
    let (first, last) = (fix.edits.first()?.from, fix.edits.last()?.to);
    let (mut out, mut at) = (String::new(), first);
    for edit in &fix.edits {
        out.push_str(&String::from_utf16_lossy(text.get(at..edit.from)?));
        out.push_str(&edit.insert);
        at = edit.to;
    }
    handle.replace(first as u32, last as u32, &out);
    Some(())
}

fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

fn blocked(props: &EditorPaneProps) -> bool {
    let told = matches!(props.standing, Standing::Refused(_));
    (has_errors(&props.diagnostics) && !told) || props.standing == Standing::Checking
}

/// The faults as a list; each leads to its line.
fn problems(context: &Context<EditorPane>) -> Html {
    let props = context.props();
    if props.diagnostics.is_empty() {
        return html! {};
    }
    let row = |diagnostic: &Diagnostic| {
        let start = diagnostic.range.start;
        let (line, column) = (start.line.max(1) as u32, start.column.max(1) as u32);
        let class = match diagnostic.severity {
            Severity::Error => "bad",
            Severity::Warning => "warn",
            Severity::Info => "soft",
        };
        let go = context.link().callback(move |_| Message::Reveal(line, column));
        let mend = diagnostic.fix.as_ref().map(|fix| {
            let mended = {
                let fix = fix.clone();
                context.link().callback(move |_| Message::Mend(fix.clone()))
            };
            html! { <button class="mend" onclick={mended}>{ advice::mending(props.lang, &fix.label) }</button> }
        });
        html! {
            <li>
                <button class="problem" onclick={go}>
                    <span class={class}>{ icon::icon("#i-warning") }</span>
                    <span>
                        { &diagnostic.message }
                        <em>{ advice::advice(props.lang, &diagnostic.advice) }</em>
                    </span>
                    <small>{ props.lang.line_n(&line.to_string()) }</small>
                </button>
                { for mend }
            </li>
        }
    };
    html! { <ul class="problems" role="alert">{ for props.diagnostics.iter().map(row) }</ul> }
}

fn standing(lang: Lang, standing: &Standing, diagnostics: &[Diagnostic]) -> Html {
    let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
    let (class, text) = match standing {
        _ if errors > 0 => ("bad", lang.errors(errors)),
        Standing::Valid => ("soft", lang.valid().to_string()),
        Standing::Edited => ("warn", lang.not_applied().to_string()),
        Standing::Checking => ("soft", lang.checking().to_string()),
        Standing::Applied(output) => {
            let lines: Vec<&str> = output.lines().collect();
            ("good", lang.applied(&lines.join(", ")))
        }
        Standing::Refused(output) => ("bad", output.trim_end().to_string()),
    };
    html! { <p class={classes!("standing", class)} role="status">{ text }</p> }
}
