//! The driver against a real browser: the one that the environment variable `CHROME` names.

use chrome::{Browser, Page, Result, Site, View, json};
use std::io::Write;
use std::path::Path;
use std::time::Duration;
use std::{env, fs, io, thread};

const PAGE: &str = r#"<!DOCTYPE html>
<title>Driver</title>
<link rel="icon" href="data:,">
<input id="field" oninput="heard.push('input ' + value)" onkeydown="heard.push((event.ctrlKey ? 'Control+' : '') + event.key)">
<div style="height: 2000px"></div>
<button id="free" onclick="heard.push('click')">free</button>
<div style="position: relative"><button id="covered">covered</button>
<div id="cover" style="position: absolute; inset: 0; background: red"></div></div>
<script>var heard = [];</script>"#;

fn check(body: impl FnOnce(&mut Page, &Path) -> Result<()>) -> Result<()> {
    let Some(program) = env::var_os("CHROME") else {
        // Straight to the terminal: the test harness would hide what a passing test prints.
        writeln!(io::stderr(), "skipped, as CHROME is not set; cargo xtask test runs it")?;
        return Ok(());
    };
    // A folder for each test: they run at the same time.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(thread::current().name().unwrap_or("drive"));
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("index.html"), PAGE)?;
    let site = Site::serve(&folder, &[])?;
    let browser = Browser::launch(Path::new(&program))?;
    let mut page = browser.open(&site.url(""), &View::default())?;
    body(&mut page, &folder)
}

#[test]
fn it_uses_the_page_as_a_person_does() -> Result<()> {
    check(|page, folder| {
        page.click("#field")?;
        page.type_text("한글")?;
        page.press("a")?;
        page.press("Control+z")?;
        page.click("#free")?;
        let heard = page.eval("heard.filter(words => words !== 'input ')")?;
        let heard: Vec<&str> =
            heard.as_array().into_iter().flatten().filter_map(|word| word.as_str()).collect();
        assert_eq!(heard[..4], ["input 한글", "a", "input 한글a", "Control+z"]);
        assert_eq!(heard.last(), Some(&"click"));
        let covered = page.click("#covered").expect_err("it is covered").to_string();
        assert!(covered.contains("it lies under <div id=\"cover\""), "{covered}");
        assert!(page.click("#absent").is_err());
        page.screenshot(folder.join("page.png"))?;
        assert!(fs::read(folder.join("page.png"))?.starts_with(b"\x89PNG"));
        assert_eq!(page.errors()?, Vec::<String>::new());
        Ok(())
    })
}

#[test]
fn it_hears_the_page_complain() -> Result<()> {
    check(|page, _| {
        page.eval("console.error('one', 1); setTimeout(() => { throw new Error('two') })")?;
        page.eval("fetch('absent.json').then(() => null)")?;
        page.wait_for(
            "performance.getEntriesByName(new URL('absent.json', location)).length",
            Duration::from_secs(5),
        )?;
        let errors = page.errors()?.join("\n");
        for part in ["one 1", "Error: two", "404"] {
            assert!(errors.contains(part), "{errors}");
        }
        assert!(page.requests()?.iter().any(|url| url.ends_with("/absent.json")));
        let thrown = page.eval("absent.field").expect_err("it throws").to_string();
        assert!(thrown.contains("absent is not defined"), "{thrown}");
        let waited =
            page.wait_for("heard.length > 99", Duration::from_millis(60)).expect_err("it is not true");
        assert!(waited.to_string().contains("heard.length > 99"), "{waited}");
        Ok(())
    })
}

#[test]
fn it_sees_long_tasks() -> Result<()> {
    check(|page, _| {
        page.eval("new Promise(done => setTimeout(() => { const end = performance.now() + 120; while (performance.now() < end); setTimeout(done, 200) }))")?;
        let tasks = page.long_tasks()?;
        assert!(tasks.iter().any(|task| *task >= 119.0), "{tasks:?}");
        assert_eq!(page.eval("Promise.resolve({a: [1]})")?, json!({"a": [1]}));
        Ok(())
    })
}
