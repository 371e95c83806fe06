//! The editor's module, as `www/editor/README.md` describes it.

use podscope::api::order;
use podscope::session::diagnose::{Diagnostic, Severity};
use serde_json::{Value, json};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::Element;
use web_sys::js_sys::{Function, JSON};

use super::advice;
use super::texts::Lang;

#[wasm_bindgen(module = "/src/ui/editor.js")]
extern "C" {
    #[wasm_bindgen(js_name = openEditor)]
    pub fn open_editor(parent: &Element, options: &JsValue, ready: &Function);
}

#[wasm_bindgen]
extern "C" {
    /// An editor on the page.
    #[derive(Clone)]
    pub type Handle;
    #[wasm_bindgen(method, js_name = setText)]
    pub fn set_text(this: &Handle, text: &str);
    #[wasm_bindgen(method)]
    pub fn text(this: &Handle) -> String;
    #[wasm_bindgen(method)]
    pub fn replace(this: &Handle, from: u32, to: u32, text: &str);
    #[wasm_bindgen(method, js_name = setDiagnostics)]
    pub fn set_diagnostics(this: &Handle, list: &JsValue);
    #[wasm_bindgen(method, js_name = setPhrases)]
    pub fn set_phrases(this: &Handle, table: &JsValue);
    #[wasm_bindgen(method, js_name = setLabel)]
    pub fn set_label(this: &Handle, label: &str);
    #[wasm_bindgen(method)]
    pub fn reveal(this: &Handle, line: u32, column: u32);
    #[wasm_bindgen(method)]
    pub fn focus(this: &Handle);
    #[wasm_bindgen(method)]
    pub fn destroy(this: &Handle);
}

/// A value as the page's scripts have it.
pub fn to_js(value: &Value) -> JsValue {
    JSON::parse(&value.to_string()).unwrap_or(JsValue::NULL)
}

/// Diagnostics as the editor takes them.
pub fn diagnostics(lang: Lang, list: &[Diagnostic]) -> JsValue {
    let one = |diagnostic: &Diagnostic| {
        let range = diagnostic.range;
        let place = match range.start.utf16 == range.end.utf16 {
            true => json!({"line": range.start.line}),
            false => json!({"from": range.start.utf16, "to": range.end.utf16}),
        };
        let message = [diagnostic.message.as_str(), "\n", &advice::advice(lang, &diagnostic.advice)].concat();
        let mut value = json!({
            "severity": match diagnostic.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "info",
            },
            "message": message,
        });
        if let (Value::Object(value), Value::Object(place)) = (&mut value, place) {
            value.extend(place);
            if let Some(fix) = &diagnostic.fix {
                let edits = fix.edits.iter();
                let edits = edits.map(|e| json!({"from": e.from, "to": e.to, "insert": e.insert}));
                let edits = Value::Array(edits.collect());
                value.insert(
                    "actions".into(),
                    json!([{"name": advice::mending(lang, &fix.label), "edits": edits}]),
                );
            }
        }
        value
    };
    to_js(&Value::Array(list.iter().map(one).collect()))
}

/// The editor's own words in a language.
pub fn phrases(lang: Lang) -> JsValue {
    let en = Lang::En;
    let words: [fn(Lang) -> &'static str; 20] = [
        Lang::leave_hint,
        Lang::tab_leaves,
        Lang::applied_fix,
        Lang::fix_gone,
        Lang::find,
        Lang::replace,
        Lang::next,
        Lang::previous,
        Lang::all,
        Lang::match_case,
        Lang::regexp,
        Lang::by_word,
        Lang::replace_one,
        Lang::replace_all,
        Lang::close_panel,
        Lang::current_match,
        Lang::on_line,
        Lang::diagnostics,
        Lang::no_diagnostics,
        Lang::completions,
    ];
    let mut table = order::fields(words.iter().map(|word| (word(en).to_string(), word(lang).into())));
    table.insert("replaced match on line $".into(), lang.replaced_on_line("$").into());
    to_js(&Value::Object(table))
}
