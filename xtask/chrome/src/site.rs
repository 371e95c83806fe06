//! A static file server: a folder under a path, as any web host would serve it.

use crate::Result;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The site lies under a path, so that an absolute URL in it does not go unnoticed.
const BASE: &str = "/podscope/";

/// A folder served on a free port of this machine, until the value is dropped.
pub struct Site {
    port: u16,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

struct Folder {
    root: PathBuf,
    headers: String,
}

impl Site {
    /// Serves `root`; `headers` are added to every response.
    ///
    /// # Errors
    /// When the folder does not exist or no port is free.
    pub fn serve(root: impl AsRef<Path>, headers: &[(&str, &str)]) -> Result<Site> {
        let root = root.as_ref();
        let root = root.canonicalize().map_err(|error| format!("{}: {error}", root.display()))?;
        let headers = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let folder = Arc::new(Folder { root, headers });
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let port = listener.local_addr()?.port();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let folder = Arc::clone(&folder);
                // A visitor who hangs up in the middle is no concern of the next one.
                thread::spawn(move || stream.and_then(|stream| answer(stream, &folder)));
            }
        });
        Ok(Site { port, stop, thread: Some(thread) })
    }

    /// The URL of a file of the folder.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{BASE}{path}", self.port)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // One more visit wakes the listener, which then sees that it is over.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        if let Some(thread) = self.thread.take() {
            // A panicked server has already failed the page that needed it.
            drop(thread.join());
        }
    }
}

fn answer(mut stream: TcpStream, folder: &Folder) -> std::io::Result<()> {
    // The browser opens connections ahead of need and may leave them silent.
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let target = request.split(' ').nth(1).unwrap_or("/");
    let found = file(target, &folder.root).and_then(|path| Some((mime(&path), std::fs::read(&path).ok()?)));
    let (status, mime, body) = match found {
        Some((mime, body)) => ("200 OK", mime, body),
        None => ("404 Not Found", "text/plain", b"not found\n".to_vec()),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {mime}\r\nContent-Length: {}\r\nCache-Control: no-cache\r\n\
         Connection: close\r\n{}\r\n",
        body.len(),
        folder.headers
    )?;
    if !request.starts_with("HEAD ") {
        stream.write_all(&body)?;
    }
    stream.flush()
}

/// The file that a request's target names, if it lies under the root.
fn file(target: &str, root: &Path) -> Option<PathBuf> {
    let path = target.split(['?', '#']).next()?.strip_prefix(BASE)?;
    let path = if path.is_empty() { "index.html" } else { path };
    let path = Path::new(path);
    path.components().all(|part| matches!(part, Component::Normal(_))).then(|| root.join(path))
}

fn mime(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("yaml" | "yml" | "txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_the_folder_are_found() {
        let check = |target, expected: Option<&str>| {
            assert_eq!(file(target, Path::new("/root")), expected.map(PathBuf::from), "{target}");
        };
        check("/podscope/", Some("/root/index.html"));
        check("/podscope/a/b.js?x=1", Some("/root/a/b.js"));
        check("/a.js", None);
        check("/podscope/../secret", None);
        check("/podscope//etc/passwd", None);
    }
}
