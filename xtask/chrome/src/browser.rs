//! A headless Chromium with a profile of its own.

use crate::connection::Connection;
use crate::page::Page;
use crate::{Error, Result};
use serde_json::json;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};
use std::{env, process, thread};

const FLAGS: [&str; 15] = [
    "--headless",
    "--remote-debugging-port=0",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-extensions",
    "--disable-component-update",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    // Tabs are tested side by side: none may be slowed for not being in front.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--no-first-run",
    "--no-default-browser-check",
    "about:blank",
];

/// The longest a browser may take to start: a cold one on a busy machine is slow.
const START: Duration = Duration::from_secs(60);
/// The longest it may take to end by itself.
const END: Duration = Duration::from_secs(5);

/// How a page is looked at.
#[derive(Clone, Debug)]
pub struct View {
    /// Width and height in CSS pixels.
    pub viewport: (u32, u32),
    /// `prefers-color-scheme`.
    pub scheme: Scheme,
    /// `prefers-reduced-motion`.
    pub motion: Motion,
    /// The browser's language, such as `en-US` or `ko-KR`.
    pub language: &'static str,
}

/// The colours that the person prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// The movement that the person wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// No preference.
    Full,
    /// As little as possible.
    Reduced,
}

impl Default for View {
    /// A laptop: 1280 × 800, light, full motion, `en-US`.
    fn default() -> Self {
        View { viewport: (1280, 800), scheme: Scheme::Light, motion: Motion::Full, language: "en-US" }
    }
}

/// A running browser; it ends, and its profile is removed, when the value is dropped.
pub struct Browser {
    process: Child,
    profile: PathBuf,
    port: u16,
    connection: Mutex<Connection>,
    user_agent: String,
}

impl Browser {
    /// Starts the browser at `program`.
    ///
    /// # Errors
    /// When it does not start; the message ends with what it printed.
    pub fn launch(program: &Path) -> Result<Browser> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let profile = env::temp_dir().join(format!("podscope-browser-{}-{number}", process::id()));
        fs::create_dir_all(&profile)?;
        let log = profile.join("stderr.txt");
        let mut process = command(program, &profile)?
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log)?)
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let started = connect(&mut process, &profile).and_then(|(port, mut connection)| {
            let version = connection.call("Browser.getVersion", json!({}))?;
            Ok((port, connection, version["userAgent"].as_str().unwrap_or_default().to_string()))
        });
        match started {
            Ok((port, connection, user_agent)) => {
                Ok(Browser { process, profile, port, connection: Mutex::new(connection), user_agent })
            }
            Err(error) => {
                let said = fs::read_to_string(&log).unwrap_or_default();
                end(&mut process, &profile);
                Err(format!("{} did not start: {error}\n{said}", program.display()).into())
            }
        }
    }

    /// Opens a URL in a tab with storage of its own, and waits until it has loaded.
    ///
    /// # Errors
    /// When the page cannot be reached.
    pub fn open(&self, url: &str, view: &View) -> Result<Page> {
        let target = {
            let mut connection = self.connection();
            let context = connection.call("Target.createBrowserContext", json!({}))?;
            let context = &context["browserContextId"];
            let created = connection
                .call("Target.createTarget", json!({"url": "about:blank", "browserContextId": context}))?;
            created["targetId"].as_str().unwrap_or_default().to_string()
        };
        let mut page = Page::attach(Connection::open(self.port, &format!("/devtools/page/{target}"))?)?;
        page.set_view(view, &self.user_agent)?;
        page.navigate(url)?;
        Ok(page)
    }

    /// A poisoned lock only means that another test failed while it spoke.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The answer may not come any more: what counts is that the process ends, which `end` sees to.
        drop(self.connection().call("Browser.close", json!({})));
        let deadline = Instant::now() + END;
        while Instant::now() < deadline && matches!(self.process.try_wait(), Ok(None)) {
            thread::sleep(Duration::from_millis(20));
        }
        end(&mut self.process, &self.profile);
    }
}

fn command(program: &Path, profile: &Path) -> Result<Command> {
    let mut command = Command::new(program);
    command.arg(format!("--user-data-dir={}", profile.display())).args(FLAGS);
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        // Chromium's sandbox refuses to run as root. The profile belongs to whoever runs this.
        if fs::metadata(profile)?.uid() == 0 {
            command.arg("--no-sandbox");
        }
    }
    Ok(command)
}

/// Waits until the browser has written down where it listens, and connects.
fn connect(process: &mut Child, profile: &Path) -> Result<(u16, Connection)> {
    let deadline = Instant::now() + START;
    let file = profile.join("DevToolsActivePort");
    while Instant::now() < deadline {
        if let Some(status) = process.try_wait()? {
            return Err(format!("it ended with {status}").into());
        }
        let text = fs::read_to_string(&file).unwrap_or_default();
        if let Some((port, path)) = text.split_once('\n').filter(|(_, path)| !path.is_empty()) {
            let port = port.parse().map_err(|_| Error::from(format!("it listens on port {port:?}")))?;
            return Ok((port, Connection::open(port, path.trim_end())?));
        }
        thread::sleep(Duration::from_millis(20));
    }
    Err(format!("nothing after {} s", START.as_secs()).into())
}

/// Ends the process if it still runs and removes its profile.
fn end(process: &mut Child, profile: &Path) {
    // Failures here would hide the result of the test, and leave at most a folder in the temporary one.
    drop(process.kill());
    drop(process.wait());
    // Its helper processes may still be writing for a moment.
    for _ in 0..20 {
        if fs::remove_dir_all(profile).is_ok() {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
}
