//! All tests.

use crate::run::{Outcome, WASM, cargo, run};
use crate::{browser, dist, tools};
use chrome::{Browser, View};
use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The longest the WebAssembly tests may run.
const LIMIT: Duration = Duration::from_secs(300);
/// The longest until the test runner listens.
const START: Duration = Duration::from_secs(60);

/// Builds the site, then runs the tests inside a browser, and the native ones with those that use the site in a
/// browser.
///
/// # Errors
/// When the site does not build or a test fails.
pub fn all() -> Outcome {
    let browser = browser::find_or_install()?;
    dist::bundle()?;
    let wasm = run(cargo(&["test", "--target", WASM, "--test", "web"]).env("CHROME", &browser));
    let native = run(cargo(&["test", "--workspace", "--no-fail-fast"])
        .env("CHROME", &browser)
        .env("PODSCOPE_DIST", dist::folder()));
    wasm.and(native)
}

/// Runs a compiled WebAssembly test in a browser: this is the target's runner in `.cargo/config.toml`.
///
/// # Errors
/// When a test fails or the browser does not start.
pub fn run_wasm(wasm: &str, arguments: &[&str]) -> Outcome {
    let browser = browser::find_or_install()?;
    let runner = tools::set_up()?.test_runner;
    let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    let log = Path::new(wasm).with_extension("runner.txt");
    let mut server = Server(
        Command::new(&runner)
            .arg(wasm)
            // `cargo test --quiet` passes it on, and the runner does not know it.
            .args(arguments.iter().filter(|argument| **argument != "--quiet"))
            .env("NO_HEADLESS", "1")
            .env("WASM_BINDGEN_TEST_ADDRESS", format!("127.0.0.1:{port}"))
            .stdout(Stdio::null())
            .stderr(File::create(&log)?)
            .spawn()
            .map_err(|error| format!("{}: {error}", runner.display()))?,
    );
    let deadline = Instant::now() + START;
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if server.0.try_wait()?.is_some() || Instant::now() > deadline {
            return Err(
                format!("{} did not serve:\n{}", runner.display(), std::fs::read_to_string(&log)?).into()
            );
        }
        thread::sleep(Duration::from_millis(50));
    }
    let browser = Browser::launch(&browser)?;
    let mut page = browser.open(&format!("http://127.0.0.1:{port}/"), &View::default())?;
    let text = "document.getElementById('output').textContent";
    let ended = page
        .wait_for(&format!("{text}.includes('test result: ') || {text}.includes('no tests to run')"), LIMIT);
    let printed = page.eval(text)?;
    println!("{}", printed.as_str().unwrap_or_default().trim_end());
    ended?;
    if printed.as_str().is_some_and(|text| text.contains("test result: ok")) {
        Ok(())
    } else {
        Err("the tests in the browser failed".into())
    }
}

/// Ends with the value.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
