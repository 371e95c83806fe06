//! The playground: everything that changes, and what changes it.

mod panes;

use gloo::events::EventListener;
use gloo::render::{AnimationFrame, request_animation_frame};
use gloo::timers::callback::Timeout;
use gloo::utils::document;
use podscope::api::{Key, Moment};
use podscope::session::diagnose::{self, Diagnostic, Severity};
use podscope::session::frame::{Frame, Shared};
use podscope::session::inspect::Inspection;
use podscope::session::scenario::{MANIFEST, Scenario};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::{Component, Context, Html, classes, html};

use super::editor_pane::Standing;
use super::header::Header;
use super::help::Help;
use super::keys::{self, Act};
use super::measure::now_ms;
use super::prefs;
use super::run::{Run, SPEEDS, Track};
use super::scrubber::Scrubber;
use super::splitter::{self, Splitter};
use super::stage::SEARCH;
use super::texts::Lang;
use super::words;

/// The scenario that the page opens with.
const OPENING: &str = include_str!("../../../static/scenarios/stuck-rollout.yaml");
/// How long the person has to pause before what they typed is checked.
const SETTLE_MS: u32 = 350;
/// How often the live line may say something new.
const NEWS_MS: f64 = 1200.0;
/// How often the inspected object is read again while the run plays.
const INSPECT_MS: f64 = 200.0;

/// What the middle of the page shows; on a narrow page the editor is one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    Editor,
    Tree,
    Nodes,
    Events,
}

pub enum Message {
    Tick,
    Act(Act),
    Show(Tab),
    Pick(Key),
    Close,
    Seek(Moment),
    Edited(String),
    Settled,
    Apply,
    Auto,
    Restore,
    Resize(f64),
}

/// The manifest in the editor.
struct Manifest {
    /// What the page wants the editor to show.
    wanted: Shared<String>,
    /// What the person has made of it.
    text: String,
    /// The scenario's own.
    original: String,
    diagnostics: Shared<Vec<Diagnostic>>,
    standing: Standing,
    auto: bool,
    settling: Option<Timeout>,
}

/// An object looked at, and when that was.
struct Inspected {
    key: Key,
    object: Option<Shared<Inspection>>,
    read_at: f64,
    moment: Moment,
}

pub struct App {
    run: Run,
    frame: Frame,
    track: Shared<Track>,
    lang: Lang,
    /// Counts changes of the theme, for what is drawn by hand.
    theme: u32,
    tab: Tab,
    /// In pixels.
    editor_width: f64,
    help: bool,
    manifest: Manifest,
    inspected: Option<Inspected>,
    news: String,
    news_number: u64,
    news_at: f64,
    last_tick: f64,
    animation: Option<AnimationFrame>,
    _keys: EventListener,
}

impl Component for App {
    type Message = Message;
    type Properties = ();

    fn create(context: &Context<Self>) -> Self {
        let scenario = opening();
        let original = scenario.files.get(MANIFEST).cloned().unwrap_or_default();
        let mut run = Run::new(scenario);
        run.set_playing(true);
        let mut app = App {
            frame: run.frame(),
            track: run.track(),
            run,
            lang: prefs::language(),
            theme: 0,
            tab: Tab::Tree,
            editor_width: splitter::WIDTH,
            help: false,
            manifest: Manifest {
                wanted: Shared::new(original.clone()),
                text: original.clone(),
                diagnostics: Shared::new(diagnose::diagnose(&original)),
                original,
                standing: Standing::Valid,
                auto: true,
                settling: None,
            },
            inspected: None,
            news: String::new(),
            news_number: 0,
            news_at: 0.0,
            last_tick: now_ms(),
            animation: None,
            _keys: keys::listen(context.link().callback(Message::Act)),
        };
        app.go_on(context);
        app
    }

    fn update(&mut self, context: &Context<Self>, message: Message) -> bool {
        match message {
            Message::Tick => self.tick(context),
            Message::Act(act) => self.act(context, act),
            Message::Show(tab) => self.tab = tab,
            Message::Pick(key) => self.inspect(Some(key)),
            Message::Close => self.inspect(None),
            Message::Seek(at) => self.run.seek(at),
            Message::Edited(text) => self.edited(context, text),
            Message::Settled => self.settle(),
            Message::Apply => self.apply(),
            Message::Resize(width) => self.editor_width = width,
            Message::Auto => self.manifest.auto = !self.manifest.auto,
            Message::Restore => {
                let original = self.manifest.original.clone();
                self.manifest.wanted = Shared::new(original.clone());
                self.edited(context, original);
            }
        }
        self.look();
        self.go_on(context);
        true
    }

    fn view(&self, context: &Context<Self>) -> Html {
        let link = context.link();
        let inspecting = self.inspected.is_some();
        let class = classes!(
            "app",
            inspecting.then_some("inspecting"),
            (self.tab == Tab::Editor).then_some("on-editor"),
            self.run.is_playing().then_some("playing"),
        );
        html! {
            <div {class} ~style={["--editor:", &self.editor_width.to_string(), "px"].concat()}>
                <Header lang={self.lang} title={self.run.session().scenario().name.clone()}
                    playing={self.run.is_playing()} live={self.run.is_live()} speed={self.run.speed()}
                    now={self.frame.now} act={link.callback(Message::Act)} />
                { self.editor(context) }
                <Splitter lang={self.lang} width={self.editor_width} onmove={link.callback(Message::Resize)} />
                { self.stage(context) }
                { self.inspector(context) }
                <Scrubber lang={self.lang} now={self.frame.now} head={self.frame.head}
                    track={self.track.clone()} onseek={link.callback(Message::Seek)} />
                if self.help {
                    <Help lang={self.lang} onclose={link.callback(|()| Message::Act(Act::Help))} />
                }
            </div>
        }
    }
}

impl App {
    /// Asks for the next frame, as long as there is something to come.
    fn go_on(&mut self, context: &Context<Self>) {
        if !self.run.is_playing() {
            self.animation = None;
        } else if self.animation.is_none() {
            self.last_tick = now_ms();
            self.ask_for_frame(context);
        }
    }

    fn ask_for_frame(&mut self, context: &Context<Self>) {
        let link = context.link().clone();
        self.animation = Some(request_animation_frame(move |_| link.send_message(Message::Tick)));
    }

    fn tick(&mut self, context: &Context<Self>) {
        let now = now_ms();
        self.run.tick(now - self.last_tick);
        self.last_tick = now;
        self.ask_for_frame(context);
    }

    /// Reads what the run has become.
    fn look(&mut self) {
        self.frame = self.run.frame();
        self.track = self.run.track();
        let now = now_ms();
        let fresh = self.inspected.as_ref().is_some_and(|inspected| {
            let moved = inspected.moment != self.frame.now;
            moved && (!self.run.is_playing() || now - inspected.read_at > INSPECT_MS)
        });
        if fresh {
            self.inspect(self.inspected.as_ref().map(|inspected| inspected.key.clone()));
        }
        self.hear(now);
    }

    /// Says in words what changed last, not too often.
    fn hear(&mut self, now: f64) {
        let Some(note) = self.run.board().ledger().notes().next_back() else { return };
        if note.number == self.news_number || (now - self.news_at < NEWS_MS && self.run.is_playing()) {
            return;
        }
        self.news_number = note.number;
        self.news_at = now;
        self.news = words::news(self.lang, note);
    }

    fn act(&mut self, context: &Context<Self>, act: Act) {
        match act {
            Act::Play => self.run.set_playing(!self.run.is_playing()),
            Act::Step => self.run.step(),
            Act::Reset => self.reset(),
            Act::Live => self.run.go_live(),
            Act::Speed(speed) => self.run.set_speed(speed),
            Act::Slower => self.run.set_speed(self.run.speed().saturating_sub(1)),
            Act::Faster => self.run.set_speed((self.run.speed() + 1).min(SPEEDS.len() - 1)),
            // The search may be in sight below the other views.
            Act::Search if focus(SEARCH) => {}
            Act::Search => {
                self.tab = Tab::Events;
                context.link().send_future(async { Message::Act(Act::FocusSearch) });
            }
            Act::FocusSearch => drop(focus(SEARCH)),
            Act::Help => self.help = !self.help,
            Act::Theme => {
                prefs::flip_theme();
                self.theme += 1;
            }
            Act::Language => {
                self.lang = self.lang.other();
                prefs::set_language(self.lang);
            }
            Act::Close if self.help => self.help = false,
            Act::Close => self.inspect(None),
        }
    }

    fn reset(&mut self) {
        let mut scenario = opening();
        if !has_errors(&self.manifest.diagnostics) {
            scenario.files.insert(MANIFEST.into(), self.manifest.text.clone());
            self.manifest.standing = Standing::Valid;
        }
        self.run.reset(scenario);
        self.news_number = 0;
        self.news.clear();
    }

    fn inspect(&mut self, key: Option<Key>) {
        let at = self.run.at();
        self.inspected = key.map(|key| Inspected {
            object: self.run.session().inspect(&key, at).map(Shared::new),
            key,
            read_at: now_ms(),
            moment: self.frame.now,
        });
    }

    fn edited(&mut self, context: &Context<Self>, text: String) {
        self.manifest.text = text;
        self.manifest.standing = Standing::Checking;
        let link = context.link().clone();
        let settled = move || link.send_message(Message::Settled);
        self.manifest.settling = Some(Timeout::new(SETTLE_MS, settled));
    }

    /// Checks what was typed, and applies it if it is right and wanted at once.
    fn settle(&mut self) {
        let manifest = &mut self.manifest;
        manifest.settling = None;
        manifest.diagnostics = Shared::new(diagnose::diagnose(&manifest.text));
        manifest.standing = match manifest.text == self.run.manifest() {
            true => Standing::Valid,
            false => Standing::Edited,
        };
        if manifest.auto && manifest.standing == Standing::Edited && !has_errors(&manifest.diagnostics) {
            self.apply();
        }
    }

    fn apply(&mut self) {
        if matches!(self.manifest.standing, Standing::Refused(_)) {
            self.manifest.diagnostics = Shared::new(diagnose::diagnose(&self.manifest.text));
        }
        if has_errors(&self.manifest.diagnostics) {
            return;
        }
        let (output, refused) = self.run.apply(&self.manifest.text);
        if refused {
            self.manifest.diagnostics = Shared::new(diagnose::refused(&self.manifest.text, &output));
        }
        self.manifest.standing = if refused { Standing::Refused(output) } else { Standing::Applied(output) };
    }
}

/// The scenario that the page opens with; a test holds that it is one.
fn opening() -> Scenario {
    Scenario::from_file(OPENING).unwrap_or_else(|_| unreachable!("the opening scenario can be read"))
}

fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// Gives an element the focus; says whether it took it.
fn focus(id: &str) -> bool {
    let element = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok());
    let taken = element.is_some_and(|element| element.focus().is_ok());
    taken && document().active_element().is_some_and(|active| active.id() == id)
}
