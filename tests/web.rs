//! The library inside a browser, where numbers of memory have 32 bits. Run by `cargo xtask test`, or by
//! `cargo test --target wasm32-unknown-unknown --test web`.
#![cfg(target_arch = "wasm32")]

use podscope::api::{codec, quantity};
use serde_json::json;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn quantities_do_not_depend_on_the_machine() {
    let check = |text, expected| assert_eq!(quantity::canonical(text).as_deref(), Some(expected), "{text}");
    check("5368709120", "5368709120");
    check("9223372036854775807", "9223372036854775807");
    check("4096Gi", "4Ti");
}

#[wasm_bindgen_test]
fn a_manifest_comes_back_as_it_went_in() {
    let manifest = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "generation": 9_007_199_254_740_991_i64},
        "spec": {
            "replicas": 3, "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "web", "image": "nginx"}]},
            },
        },
        "status": {},
    });
    let kind = codec::kind_of(&manifest).expect("a kind");
    let object = codec::decode(kind, manifest.clone()).expect("an object");
    assert_eq!(codec::encode(&object), manifest);
}
