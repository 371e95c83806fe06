//! What the browser remembers: the language and the theme.

use gloo::storage::{LocalStorage, Storage};
use gloo::utils::{document_element, window};

use super::texts::Lang;

const LANG: &str = "podscope.lang";
const THEME: &str = "podscope.theme";
const DARK: &str = "(prefers-color-scheme: dark)";

/// The language chosen last time, or the browser's.
pub fn language() -> Lang {
    Lang::of(&document_element().get_attribute("lang").unwrap_or_default())
}

/// Chooses the language of the page.
pub fn set_language(lang: Lang) {
    let _ = document_element().set_attribute("lang", lang.tag());
    // A browser that stores nothing asks again next time.
    let _ = LocalStorage::set(LANG, lang.tag());
}

/// Turns light into dark and dark into light.
pub fn flip_theme() {
    let root = document_element();
    let dark = match root.get_attribute("data-theme") {
        Some(theme) => theme == "dark",
        None => window().match_media(DARK).ok().flatten().is_some_and(|query| query.matches()),
    };
    let theme = if dark { "light" } else { "dark" };
    let _ = root.set_attribute("data-theme", theme);
    let _ = LocalStorage::set(THEME, theme);
}
