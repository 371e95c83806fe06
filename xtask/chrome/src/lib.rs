//! Drives a real Chromium over the DevTools protocol: for the end-to-end tests, the WebAssembly tests and
//! the measurements of Podscope.
//!
//! [`Site`] serves a folder, [`Browser`] starts a headless Chromium, [`Page`] is one tab of it. All calls
//! block, and everything that was started ends when its value is dropped.
//!
//! ```no_run
//! # fn main() -> Result<(), chrome::Error> {
//! let site = chrome::Site::serve("dist", &[])?;
//! let browser = chrome::Browser::launch(&chrome::find().ok_or("no browser")?)?;
//! let mut page = browser.open(&site.url("index.html"), &chrome::View::default())?;
//! page.wait_for("document.title !== ''", std::time::Duration::from_secs(5))?;
//! assert_eq!(page.errors()?, Vec::<String>::new());
//! # Ok(())
//! # }
//! ```

mod browser;
mod connection;
mod find;
mod keyboard;
mod page;
mod site;
mod websocket;

pub use browser::{Browser, Motion, Scheme, View};
pub use find::find;
pub use page::Page;
pub use serde_json::{Value, json};
pub use site::Site;

use std::fmt;

/// What went wrong, in words.
pub struct Error(String);

/// The result of this crate's functions.
pub type Result<T> = std::result::Result<T, Error>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The same words as `Display`: a test that returns an error prints it with `Debug`.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl From<String> for Error {
    fn from(message: String) -> Self {
        Error(message)
    }
}

impl From<&str> for Error {
    fn from(message: &str) -> Self {
        Error(message.to_string())
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Error(error.to_string())
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Error(error.to_string())
    }
}
