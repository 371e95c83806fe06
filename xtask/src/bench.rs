//! How fast the built page starts, and how fast whole clusters run in it.

use crate::run::{Outcome, cargo, run};
use crate::{browser, dist};
use chrome::{Browser, Site, View};
use std::thread;
use std::time::Duration;

/// How often the page is opened.
pub const RUNS: usize = 5;
/// The Deployments that are created and rolled, by replicas; each size in a browser of its own.
const SIZES: [usize; 3] = [300, 1_000, 10_000];
/// The longest that one size may take.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long after loading the page is given to come to rest.
const REST: Duration = Duration::from_secs(1);

/// What is read off the page: name, unit, JavaScript.
const MEASURES: [(&str, &str, &str); 5] = [
    ("first contentful paint", "ms", "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"),
    ("loaded", "ms", "performance.getEntriesByType('navigation')[0].loadEventEnd"),
    ("longest task", "ms", "Math.max(0, ...window.__longTasks)"),
    ("all long tasks", "ms", "window.__longTasks.reduce((sum, task) => sum + task, 0)"),
    ("requests", "", "performance.getEntriesByType('resource').length + 1"),
];

/// Opens the page of `dist/` again and again, each time with an empty cache, and prints the median and the
/// extremes of what it took.
///
/// # Errors
/// When there is no `dist/` or the page complains.
pub fn bench(runs: usize) -> Outcome {
    let site =
        Site::serve(dist::folder(), &[]).map_err(|error| format!("{error}: run cargo xtask build first"))?;
    let program = browser::find_or_install()?;
    let mut readings = vec![Vec::new(); MEASURES.len()];
    for _ in 0..runs {
        let browser = Browser::launch(&program)?;
        let mut page = browser.open(&site.url("index.html"), &View::default())?;
        thread::sleep(REST);
        for (reading, (_, _, script)) in readings.iter_mut().zip(MEASURES) {
            reading.extend(page.eval(script)?.as_f64());
        }
        if let Some(error) = page.errors()?.first() {
            return Err(format!("the page complains: {error}").into());
        }
    }
    println!("natively:");
    let sizes = SIZES.map(|size| size.to_string());
    let words = ["run", "--quiet", "--release", "--package", "podscope", "--", "bench"];
    let words: Vec<&str> = words.into_iter().chain(sizes.iter().map(String::as_str)).collect();
    run(&mut cargo(&words))?;
    println!("in Chromium:");
    for size in SIZES {
        let browser = Browser::launch(&program)?;
        let mut page = browser.open(&site.url(&format!("index.html#bench={size}")), &View::default())?;
        page.wait_for("document.getElementById('bench')?.textContent", PATIENCE)?;
        let line = page.eval("document.getElementById('bench').textContent")?;
        print!("{}", line.as_str().unwrap_or_default());
    }
    println!("{:>10} {:>10} {:>10}", "median", "least", "most");
    for (mut reading, (name, unit, _)) in readings.into_iter().zip(MEASURES) {
        reading.sort_by(f64::total_cmp);
        let [Some(median), Some(least), Some(most)] =
            [reading.get(reading.len() / 2), reading.first(), reading.last()]
        else {
            println!("{:>10} {:>10} {:>10}  {name}", "-", "-", "-");
            continue;
        };
        println!("{median:>10.1} {least:>10.1} {most:>10.1}  {unit:<2} {name}");
    }
    Ok(())
}
