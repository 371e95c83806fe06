//! The built site in a real browser. `cargo xtask test` builds the site and runs these; alone they need a
//! browser, and the built site's folder in the environment variable `PODSCOPE_DIST`.

mod playground;
mod start;

use chrome::{Browser, Page, Result, Site, View};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::{env, fs, io, thread};

/// What the tests that run at the same time share.
struct Stage {
    site: Site,
    browser: Browser,
}

/// Looks at a page of the site: opens it, does what `body` says and fails if that fails or if the page
/// complains on its console. A picture of what was wrong is left in the folder `browser` beside the test.
fn check(path: &str, view: &View, body: impl FnOnce(&mut Page) -> Result<()>) -> Result<()> {
    let Some(dist) = env::var_os("PODSCOPE_DIST") else {
        // Straight to the terminal: the test harness would hide what a passing test prints.
        writeln!(io::stderr(), "skipped, as PODSCOPE_DIST is not set; cargo xtask test runs it")?;
        return Ok(());
    };
    let stage = stage(Path::new(&dist))?;
    let mut page = stage.browser.open(&stage.site.url(path), view)?;
    let result = body(&mut page).and_then(|()| match page.errors()? {
        errors if errors.is_empty() => Ok(()),
        errors => Err(format!("the page complains:\n{}", errors.join("\n")).into()),
    });
    if result.is_err() {
        picture(&mut page)?;
    }
    result
}

/// The stage; the last test that uses it takes it down, so that no browser outlives the tests.
fn stage(dist: &Path) -> Result<Arc<Stage>> {
    static SHARED: Mutex<Weak<Stage>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(stage) = shared.upgrade() {
        return Ok(stage);
    }
    let program = chrome::find().ok_or("no browser found; name one in the environment variable CHROME")?;
    let stage = Arc::new(Stage { site: Site::serve(dist, &[])?, browser: Browser::launch(&program)? });
    *shared = Arc::downgrade(&stage);
    Ok(stage)
}

fn picture(page: &mut Page) -> Result<()> {
    let program = env::current_exe()?;
    let folder = program.with_file_name("browser");
    fs::create_dir_all(&folder)?;
    let test = thread::current().name().unwrap_or("test").replace("::", "-");
    let file = folder.join(test).with_extension("png");
    page.screenshot(&file)?;
    writeln!(io::stderr(), "a picture of the failure is in {}", file.display())?;
    Ok(())
}
