//! One tab: look at it, use it, listen to its complaints.

use crate::browser::{Motion, Scheme, View};
use crate::connection::Connection;
use crate::{Error, Result, keyboard};
use serde_json::{Value, json};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// The longest a page may take to load.
const LOAD: Duration = Duration::from_secs(30);
/// How often a condition is looked at.
const POLL: Duration = Duration::from_millis(25);

/// Runs before any script of the page: keeps its long tasks (those over 50 ms).
const WATCH_LONG_TASKS: &str = "window.__longTasks = [];
new PerformanceObserver(list => {
  for (const e of list.getEntries()) window.__longTasks.push(e.duration);
}).observe({type: 'longtask', buffered: true});";

/// A tab of a [`Browser`](crate::Browser).
pub struct Page {
    connection: Connection,
    errors: Vec<String>,
    requests: Vec<String>,
}

impl Page {
    pub(crate) fn attach(connection: Connection) -> Result<Page> {
        let mut page = Page { connection, errors: Vec::new(), requests: Vec::new() };
        for domain in ["Page", "Runtime", "Log", "Network"] {
            page.connection.call(&format!("{domain}.enable"), json!({}))?;
        }
        page.connection.call("Emulation.setFocusEmulationEnabled", json!({"enabled": true}))?;
        page.connection.call("Page.addScriptToEvaluateOnNewDocument", json!({"source": WATCH_LONG_TASKS}))?;
        Ok(page)
    }

    pub(crate) fn set_view(&mut self, view: &View, user_agent: &str) -> Result<()> {
        let (width, height) = view.viewport;
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.connection.call("Emulation.setDeviceMetricsOverride", metrics)?;
        let scheme = match view.scheme {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        };
        let motion = match view.motion {
            Motion::Full => "no-preference",
            Motion::Reduced => "reduce",
        };
        let features = json!({"features": [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": motion},
        ]});
        self.connection.call("Emulation.setEmulatedMedia", features)?;
        let language = json!({"userAgent": user_agent, "acceptLanguage": view.language});
        self.connection.call("Emulation.setUserAgentOverride", language)?;
        Ok(())
    }

    /// Goes to a URL and waits until the page has loaded.
    ///
    /// # Errors
    /// When the URL cannot be reached or has not loaded after 30 s.
    pub fn navigate(&mut self, url: &str) -> Result<()> {
        let answer = self.connection.call("Page.navigate", json!({"url": url}))?;
        if let Some(error) = answer["errorText"].as_str() {
            return Err(format!("{url}: {error}").into());
        }
        self.wait_for("document.readyState === 'complete'", LOAD)
    }

    /// The value of a JavaScript expression; a promise is awaited.
    ///
    /// # Errors
    /// When it throws.
    pub fn eval(&mut self, expression: &str) -> Result<Value> {
        let mut answer = self.connection.call(
            "Runtime.evaluate",
            json!({
                "expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true,
            }),
        )?;
        match answer.get("exceptionDetails") {
            Some(details) => Err(format!("{expression}: {}", exception(details)).into()),
            None => Ok(answer["result"]["value"].take()),
        }
    }

    /// Waits until a JavaScript expression is true; one that throws is not true yet.
    ///
    /// # Errors
    /// When it is not true in time; the message tells what it was last and what the page complained of.
    pub fn wait_for(&mut self, predicate: &str, timeout: Duration) -> Result<()> {
        let deadline = Instant::now() + timeout;
        loop {
            let last = self.eval(&format!("Boolean({predicate})"));
            if matches!(last, Ok(Value::Bool(true))) {
                return Ok(());
            }
            if Instant::now() >= deadline {
                let last = last.map_or_else(|error| format!("; {error}"), |_| String::new());
                let errors = self.errors()?.join("\n");
                return Err(format!("not true after {timeout:?}: {predicate}{last}\n{errors}").into());
            }
            thread::sleep(POLL);
        }
    }

    /// Clicks in the middle of the first element that a CSS selector finds, as a mouse does.
    ///
    /// # Errors
    /// When there is no such element, or another one lies over its middle.
    pub fn click(&mut self, selector: &str) -> Result<()> {
        let (x, y) = self.middle(selector)?;
        self.mouse("mouseMoved", x, y)?;
        self.mouse("mousePressed", x, y)?;
        self.mouse("mouseReleased", x, y)
    }

    /// Moves the mouse to the middle of the first element that a CSS selector finds.
    ///
    /// # Errors
    /// As [`Page::click`].
    pub fn hover(&mut self, selector: &str) -> Result<()> {
        let (x, y) = self.middle(selector)?;
        self.mouse("mouseMoved", x, y)
    }

    /// Types text into the focused element.
    ///
    /// # Errors
    /// When the browser is gone.
    pub fn type_text(&mut self, text: &str) -> Result<()> {
        self.connection.call("Input.insertText", json!({"text": text})).map(drop)
    }

    /// Presses and releases a key with its modifiers: `Enter`, `a`, `Control+Shift+z`.
    ///
    /// # Errors
    /// When there is no such key.
    pub fn press(&mut self, chord: &str) -> Result<()> {
        for event in keyboard::events(chord)? {
            self.connection.call("Input.dispatchKeyEvent", event)?;
        }
        Ok(())
    }

    /// Writes what the viewport shows into a PNG file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn screenshot(&mut self, file: impl AsRef<Path>) -> Result<()> {
        let answer = self.connection.call("Page.captureScreenshot", json!({"format": "png"}))?;
        let picture = from_base64(answer["data"].as_str().unwrap_or_default())?;
        Ok(std::fs::write(file, picture)?)
    }

    /// Everything the page complained of so far: console errors, uncaught exceptions, failed requests.
    ///
    /// # Errors
    /// When the browser is gone.
    pub fn errors(&mut self) -> Result<Vec<String>> {
        self.listen()?;
        Ok(self.errors.clone())
    }

    /// The URLs that the page asked for so far, in order.
    ///
    /// # Errors
    /// When the browser is gone.
    pub fn requests(&mut self) -> Result<Vec<String>> {
        self.listen()?;
        Ok(self.requests.clone())
    }

    /// The durations, in milliseconds, of the page's tasks that took more than 50 ms.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn long_tasks(&mut self) -> Result<Vec<f64>> {
        let tasks = self.eval("window.__longTasks")?;
        Ok(tasks.as_array().into_iter().flatten().filter_map(Value::as_f64).collect())
    }

    /// Sends any other command of the DevTools protocol.
    ///
    /// # Errors
    /// When the browser refuses it.
    pub fn command(&mut self, method: &str, params: Value) -> Result<Value> {
        self.connection.call(method, params)
    }

    fn listen(&mut self) -> Result<()> {
        for event in self.connection.take_events()? {
            let params = &event.params;
            match event.method.as_str() {
                "Runtime.consoleAPICalled" if params["type"] == "error" || params["type"] == "assert" => {
                    let words: Vec<String> =
                        params["args"].as_array().into_iter().flatten().map(words).collect();
                    self.errors.push(words.join(" "));
                }
                "Runtime.exceptionThrown" => self.errors.push(exception(&params["exceptionDetails"])),
                "Log.entryAdded" if params["entry"]["level"] == "error" => {
                    let entry = &params["entry"];
                    let [text, url] = ["text", "url"].map(|field| entry[field].as_str().unwrap_or_default());
                    self.errors.push(format!("{text} {url}").trim_end().to_string());
                }
                "Network.requestWillBeSent" => {
                    self.requests.push(params["request"]["url"].as_str().unwrap_or_default().to_string());
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The middle of an element, scrolled into view.
    fn middle(&mut self, selector: &str) -> Result<(f64, f64)> {
        let script = format!(
            "(() => {{
               const element = document.querySelector({selector});
               if (!element) return 'there is no such element';
               element.scrollIntoView({{block: 'center', inline: 'center', behavior: 'instant'}});
               const box = element.getBoundingClientRect();
               const x = box.left + box.width / 2, y = box.top + box.height / 2;
               const top = document.elementFromPoint(x, y);
               if (!top) return 'it is not on the screen';
               if (top !== element && !element.contains(top) && !top.contains(element))
                 return 'it lies under ' + top.outerHTML.slice(0, 120);
               return [x, y];
             }})()",
            selector = Value::from(selector),
        );
        let answer = self.eval(&script)?;
        match (answer[0].as_f64(), answer[1].as_f64()) {
            (Some(x), Some(y)) => Ok((x, y)),
            _ => Err(format!("{selector}: {}", answer.as_str().unwrap_or_default()).into()),
        }
    }

    fn mouse(&mut self, kind: &str, x: f64, y: f64) -> Result<()> {
        let button = if kind == "mouseMoved" { "none" } else { "left" };
        let event = json!({"type": kind, "x": x, "y": y, "button": button, "clickCount": 1});
        self.connection.call("Input.dispatchMouseEvent", event).map(drop)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // The browser may be gone already, and the tab with it.
        drop(self.connection.call("Page.close", json!({})));
    }
}

/// What an exception says.
fn exception(details: &Value) -> String {
    let text = details["exception"]["description"].as_str().or(details["text"].as_str());
    text.unwrap_or("an exception").to_string()
}

/// What an argument of a console call says.
fn words(argument: &Value) -> String {
    match &argument["value"] {
        Value::String(text) => text.clone(),
        Value::Null => argument["description"].as_str().unwrap_or("null").to_string(),
        other => other.to_string(),
    }
}

fn from_base64(text: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0);
    for character in text.bytes().filter(|byte| *byte != b'=') {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return Err(Error::from("the browser sent a picture that is not base64")),
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64() {
        let check = |text, expected: &[u8]| assert_eq!(from_base64(text).unwrap(), expected);
        check("", b"");
        check("Zg==", b"f");
        check("Zm9vYmE=", b"fooba");
        check("+/8A", &[0xFB, 0xFF, 0x00]);
        assert!(from_base64("Zg~=").is_err());
    }
}
