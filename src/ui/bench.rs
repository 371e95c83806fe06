//! The engine's benchmark in the browser: `index.html#bench=300,1000` runs it instead of the playground and
//! leaves one line a size, for `cargo xtask bench` to print.

use std::fmt::Write;

use podscope::session::bench::Bench;

/// A page of WebAssembly memory, in bytes.
const PAGE: usize = 64 * 1024;

/// The sizes that the page's address asks for.
pub fn asked() -> Option<Vec<usize>> {
    let hash = gloo::utils::window().location().hash().ok()?;
    let sizes = hash.strip_prefix("#bench=")?;
    Some(sizes.split(',').filter_map(|size| size.parse().ok()).collect())
}

/// Runs each size and shows what it took; memory is the peak so far.
pub fn run(place: &web_sys::Element, sizes: &[usize]) {
    let clock = || gloo::utils::window().performance().map_or(0.0, |performance| performance.now());
    let mut report = String::new();
    for replicas in sizes {
        let start = clock();
        let mut bench = Bench::new(*replicas);
        bench.until_ready();
        let ready = clock();
        bench.roll();
        let rolled = clock();
        let peak = core::arch::wasm32::memory_size(0) * PAGE / (1 << 20);
        // Writing to a String cannot fail.
        let _ = writeln!(
            report,
            "{replicas:>6} replicas: ready {:>8.1} ms, rolled {:>8.1} ms, {} revisions, peak {peak} MiB",
            ready - start,
            rolled - ready,
            bench.revisions(),
        );
    }
    place.set_id("bench");
    place.set_text_content(Some(&report));
}
