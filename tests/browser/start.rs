//! The page starts.

use std::time::Duration;

use crate::check;
use chrome::{Motion, Result, Scheme, View};

#[test]
fn it_opens_and_loads_everything_from_its_own_folder() -> Result<()> {
    check("", &View::default(), |page| {
        assert_eq!(page.eval("document.title")?, "Podscope");
        let base = page.eval("new URL('.', location).href")?;
        let base = base.as_str().unwrap_or_default();
        for url in page.requests()? {
            assert!(url.starts_with(base) || url.starts_with("data:"), "{url}");
        }
        let wasm = "performance.getEntriesByType('resource').some(r => r.name.endsWith('.wasm'))";
        page.wait_for(wasm, Duration::from_secs(30))?;
        Ok(())
    })
}

#[test]
fn it_sees_what_the_person_prefers() -> Result<()> {
    let view =
        View { viewport: (390, 844), scheme: Scheme::Dark, motion: Motion::Reduced, language: "ko-KR" };
    check("index.html", &view, |page| {
        assert_eq!(page.eval("matchMedia('(prefers-color-scheme: dark)').matches")?, true);
        assert_eq!(page.eval("matchMedia('(prefers-reduced-motion: reduce)').matches")?, true);
        assert_eq!(page.eval("navigator.language")?, "ko-KR");
        assert_eq!(page.eval("innerWidth")?, 390);
        Ok(())
    })
}
