//! Which crates the WebAssembly consists of.

use crate::dist::gzip;
use crate::run::{Outcome, WASM, cargo, run, target};
use crate::{tools, wasm};
use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

/// Crates below this many bytes are summed up in one row.
const SMALL: usize = 15_000;

/// Builds the WebAssembly with its names kept and prints the code of each crate that weighs something.
///
/// # Errors
/// When it does not build.
pub fn weigh() -> Outcome {
    let tools = tools::set_up()?;
    let folder = target().join("weigh");
    let mut build = cargo(&["build", "--bin", "podscope", "--target", WASM, "--profile", "wasm-release"]);
    run(build.env("CARGO_PROFILE_WASM_RELEASE_STRIP", "none").arg("--target-dir").arg(&folder))?;
    // What wasm-bindgen itself needs of the module is gone after it, and the names are readable.
    let compiled = folder.join(WASM).join("wasm-release/podscope.wasm");
    run(Command::new(&tools.bindgen)
        .args(["--target", "web", "--no-typescript", "--out-dir"])
        .arg(&folder)
        .arg(compiled))?;
    let bytes = fs::read(folder.join("podscope_bg.wasm"))?;
    let module = wasm::parse(&bytes)?;
    let mut crates: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for function in &module.functions {
        crates.entry(crate_of(function.name)).or_default().extend(function.body);
    }
    crates.insert("(constants)", module.data.to_vec());
    let mut rows = Vec::new();
    let mut small = (0, 0);
    for (name, bytes) in &crates {
        let gzip = gzip(bytes)?;
        if bytes.len() < SMALL {
            small = (small.0 + bytes.len(), small.1 + gzip);
        } else {
            rows.push((bytes.len(), gzip, *name));
        }
    }
    rows.sort_by(|a, b| b.cmp(a));
    rows.push((small.0, small.1, "(others)"));
    let total = rows.iter().fold((0, 0), |sum, row| (sum.0 + row.0, sum.1 + row.1));
    rows.push((total.0, total.1, "(all)"));
    println!("{:>9} {:>9}  crate (gzip: its code compressed alone)", "KB", "gzip KB");
    for (raw, gzip, name) in rows {
        println!("{:>9.1} {:>9.1}  {name}", raw as f64 / 1e3, gzip as f64 / 1e3);
    }
    Ok(())
}

/// The crate that a function was written in, or for: code that a library generates for a type is the type's.
fn crate_of(name: &str) -> &str {
    let name = name.strip_prefix("core::ptr::drop_in_place<").unwrap_or(name);
    // `<T as Trait>::f`, `<&mut T as Trait>::f`
    let path = name
        .trim_start_matches(['<', '&', '(', '[', '*'])
        .trim_start_matches("mut ")
        .trim_start_matches("dyn ");
    let end = path.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(path.len());
    let (first, rest) = path.split_at(end);
    match first {
        // `std[a543996e6e7dbf1e]::panicking`: newer names carry the crate's hash.
        _ if !first.is_empty() && (rest.starts_with("::") || rest.starts_with('[')) => first,
        // `<str as Trait>::f`: the type is the language's.
        _ if name.starts_with('<') => "core",
        _ => "(unnamed)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_belong_to_crates() {
        let check = |name, expected| assert_eq!(crate_of(name), expected, "{name}");
        check("podscope::api::codec::decode::h0123", "podscope");
        check("<k8s_openapi::api::Pod as serde::de::Deserialize>::deserialize::h01", "k8s_openapi");
        check("<&mut serde_json::de::Deserializer as serde::Deserializer>::f::h01", "serde_json");
        check("core::ptr::drop_in_place<yew::Scope>::h01", "yew");
        check("<str as core::fmt::Display>::fmt::h01", "core");
        check("std[a543996e6e7dbf1e]::panicking::panic_handler", "std");
        check("<[T] as core::fmt::Debug>::fmt::h01", "core");
        check("dlmalloc", "(unnamed)");
        check("", "(unnamed)");
    }
}
