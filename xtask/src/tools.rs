//! The tools a build needs, each in exactly one version.

use crate::run::{Outcome, WASM, cargo, output, path_with, root, run, target, which};
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Trunk bundles the site.
const TRUNK: &str = "0.21.14";

/// Where the tools are.
pub struct Tools {
    /// Trunk.
    pub trunk: PathBuf,
    /// The `PATH` on which Trunk finds the right wasm-bindgen.
    pub path: OsString,
    /// The program that makes a compiled WebAssembly ready for a browser.
    pub bindgen: PathBuf,
    /// The program that serves a compiled WebAssembly test to a browser.
    pub test_runner: PathBuf,
}

/// Makes sure that the WebAssembly target, Trunk and wasm-bindgen are there, and every dependency on disk.
///
/// # Errors
/// When one of them cannot be installed.
pub fn set_up() -> Outcome<Tools> {
    add_target()?;
    let folder = env::var_os("PODSCOPE_TOOLS").map_or_else(|| target().join("tools"), PathBuf::from);
    let folder = root().join(folder);
    let version = locked_version("wasm-bindgen")?;
    let bindgen = tool("wasm-bindgen-cli", "wasm-bindgen", &version, &["--version", &version], &folder)?;
    let trunk = tool("trunk", "trunk", TRUNK, &["--version", TRUNK, "--locked"], &folder)?;
    // From here on nothing needs the network.
    if output(&mut cargo(&["fetch", "--locked", "--offline"])).is_err() {
        run(&mut cargo(&["fetch", "--locked"]))?;
    }
    let test_runner = format!("wasm-bindgen-test-runner{}", env::consts::EXE_SUFFIX);
    let path = path_with(bindgen.parent().unwrap_or(&folder))?;
    Ok(Tools { trunk, path, test_runner: bindgen.with_file_name(test_runner), bindgen })
}

fn add_target() -> Outcome {
    let Ok(sysroot) = output(Command::new("rustc").args(["--print", "sysroot"])) else {
        return Err("rustc is missing: install Rust with rustup".into());
    };
    if Path::new(sysroot.trim()).join("lib/rustlib").join(WASM).is_dir() {
        return Ok(());
    }
    if which("rustup").is_none() {
        return Err(format!("the Rust target {WASM} is missing, and rustup, which would add it, too").into());
    }
    run(Command::new("rustup").args(["target", "add", WASM]))
}

/// The path of a program of exactly this version: from our folder, from the `PATH`, else installed now.
fn tool(package: &str, program: &str, version: &str, arguments: &[&str], folder: &Path) -> Outcome<PathBuf> {
    let ours = folder.join("bin").join(format!("{program}{}", env::consts::EXE_SUFFIX));
    for path in std::iter::once(ours.clone()).chain(which(program)) {
        if has_version(&path, version) {
            return Ok(path);
        }
    }
    println!("installing {package} {version} into {} (once)", folder.display());
    fs::create_dir_all(folder)?;
    if which("cargo-binstall").is_some() {
        let mut binstall = Command::new("cargo-binstall");
        binstall.args(["--no-confirm", "--force", "--root"]).arg(folder).arg(format!("{package}@{version}"));
        if run(&mut binstall).is_ok() && has_version(&ours, version) {
            return Ok(ours);
        }
    }
    // They run for seconds and are compiled once: what counts is the time to compile.
    let mut install = Command::new("cargo");
    install.args(["install", "--force", "--root"]).arg(folder).arg(package).args(arguments);
    install
        .current_dir(folder)
        .env_remove("CARGO_TARGET_DIR")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
    run(&mut install)?;
    Ok(ours)
}

fn has_version(program: &Path, version: &str) -> bool {
    let said = program.is_file().then(|| output(Command::new(program).arg("--version")));
    said.and_then(Result::ok).is_some_and(|text| text.split_whitespace().nth(1) == Some(version))
}

/// The version of a package that `Cargo.lock` pins.
fn locked_version(package: &str) -> Outcome<String> {
    let lock = fs::read_to_string(root().join("Cargo.lock"))?;
    Ok(version_in(&lock, package).ok_or_else(|| format!("Cargo.lock does not name {package}"))?.to_string())
}

fn version_in<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let version = lock.lines().skip_while(|line| *line != name).nth(1)?;
    version.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_the_lock_file() {
        let lock = "[[package]]\nname = \"a-b\"\nversion = \"2.0.0\"\n\n[[package]]\nname = \"a\"\nversion = \"1.2.3\"\n";
        assert_eq!(version_in(lock, "a"), Some("1.2.3"));
        assert_eq!(version_in(lock, "b"), None);
    }
}
