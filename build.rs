//! Makes the table of the API's types, `schema.txt`, out of k8s-openapi's sources: its structs are regular, and reading
//! them takes milliseconds, where its JSON schemas would have it compiled a second time.
//!
//! A line is a type: `v1.Container|name!:s|ports:[12|…`, the Go name and the fields. A field is `name:type`, `name!:type`
//! if it must be given. A type is a letter (`s`tring, `b`ool, `i`nt32, `l` int64, `f`loat64, `q`uantity, int`o`rString,
//! `t`ime, `m`icrotime, `y` bytes, `a`nything), `[` or `{` for a list or a map of what follows, the number of a line, or
//! `~Name~` before a type that has a name in Go. `<Name` opens the fields of an embedded struct, which come last.
//! The first line names the roots: `apps/v1 Deployment 3|…`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

const VERSION: &str = "v1_36";
const CORE: &str = "api::core::v1";

/// Where a group's types are, and its kinds.
const ROOTS: [(&str, &str, &str); 13] = [
    (
        "v1",
        CORE,
        "Binding ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolume PersistentVolumeClaim Pod PodTemplate \
         ReplicationController ResourceQuota Secret Service ServiceAccount",
    ),
    ("apps/v1", "api::apps::v1", "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet"),
    ("batch/v1", "api::batch::v1", "CronJob Job"),
    ("autoscaling/v1", "api::autoscaling::v1", "HorizontalPodAutoscaler Scale"),
    ("autoscaling/v2", "api::autoscaling::v2", "HorizontalPodAutoscaler"),
    ("policy/v1", "api::policy::v1", "Eviction PodDisruptionBudget"),
    ("storage.k8s.io/v1", "api::storage::v1", "StorageClass"),
    ("scheduling.k8s.io/v1", "api::scheduling::v1", "PriorityClass"),
    ("discovery.k8s.io/v1", "api::discovery::v1", "EndpointSlice"),
    ("events.k8s.io/v1", "api::events::v1", "Event"),
    ("coordination.k8s.io/v1", "api::coordination::v1", "Lease"),
    ("networking.k8s.io/v1", "api::networking::v1", "Ingress"),
    (
        "apiextensions.k8s.io/v1",
        "apiextensions_apiserver::pkg::apis::apiextensions::v1",
        "CustomResourceDefinition",
    ),
];

/// A struct of k8s-openapi: (JSON name, Rust type) in order.
type Fields = Vec<(String, String)>;

#[derive(Default)]
struct Sources {
    root: PathBuf,
    modules: BTreeMap<String, BTreeMap<String, Fields>>,
    go: GoTypes,
    /// The paths of the types in the table, in the order of its lines.
    lines: Vec<String>,
}

#[derive(Default)]
struct GoTypes {
    /// `core/v1.Container.imagePullPolicy`: the type's name.
    names: BTreeMap<String, String>,
    /// `core/v1.Probe`: the embedded struct and its fields.
    embedded: BTreeMap<String, (String, Vec<String>)>,
}

fn main() {
    const GO_TYPES: &str = "src/api/schema/go_types.txt";
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=Cargo.lock");
    println!("cargo::rerun-if-changed={GO_TYPES}");
    let go = GoTypes::parse(&read(Path::new(GO_TYPES)));
    let mut sources = Sources { root: k8s_openapi().join("src").join(VERSION), go, ..Sources::default() };
    let mut roots = String::new();
    for (api_version, module, kinds) in ROOTS {
        for kind in kinds.split_whitespace() {
            let line = sources.line_of(&format!("{module}::{kind}"));
            let _ = write!(roots, "|{api_version} {kind} {line}");
        }
    }
    let mut table = roots.replacen('|', "", 1);
    let mut next = 0;
    while let Some(path) = sources.lines.get(next).cloned() {
        table.push('\n');
        sources.write_type(&path, &mut table);
        next += 1;
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it")).join("schema.txt");
    fs::write(&out, table).unwrap_or_else(|error| panic!("{}: {error}", out.display()));
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The directory of the k8s-openapi that is compiled: of the locked version, in cargo's cache, or where a vendoring
/// or patching configuration has it.
fn k8s_openapi() -> PathBuf {
    let lock = read(Path::new("Cargo.lock"));
    let version =
        lock.split_once("name = \"k8s-openapi\"\nversion = \"").and_then(|(_, rest)| rest.split_once('"'));
    let (version, _) = version.expect("Cargo.lock has k8s-openapi");
    let home =
        env::var_os("CARGO_HOME").map(PathBuf::from).or(env::home_dir().map(|home| home.join(".cargo")));
    let registries =
        home.and_then(|home| fs::read_dir(home.join("registry/src")).ok()).into_iter().flatten().flatten();
    let name = format!("k8s-openapi-{version}");
    let cached = registries.map(|registry| registry.path().join(&name)).find(|path| path.is_dir());
    cached.or_else(from_metadata).unwrap_or_else(|| panic!("the sources of {name} are nowhere to be found"))
}

fn from_metadata() -> Option<PathBuf> {
    let cargo = env::var_os("CARGO")?;
    let output = std::process::Command::new(cargo)
        .args(["metadata", "--format-version=1", "--offline"])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut manifests = text.split("\"manifest_path\":\"").skip(1).filter_map(|rest| rest.split('"').next());
    let manifest = manifests.find(|path| path.contains("k8s-openapi"))?;
    Some(Path::new(manifest).parent()?.to_owned())
}

impl GoTypes {
    fn parse(text: &str) -> Self {
        let mut types = GoTypes::default();
        let mut package = "";
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split(' ');
            let first = words.next().unwrap_or_default();
            if first == "+" {
                let mut words = words.map(str::to_owned);
                let (Some(outer), Some(inner)) = (words.next(), words.next()) else { panic!("{line}") };
                types.embedded.insert(format!("{package}.{outer}"), (inner, words.collect()));
            } else if line == first {
                package = first;
            } else {
                types.names.extend(words.map(|field| (format!("{package}.{field}"), first.to_owned())));
            }
        }
        types
    }
}

impl Sources {
    fn line_of(&mut self, path: &str) -> usize {
        self.lines.iter().position(|line| line == path).unwrap_or_else(|| {
            self.lines.push(path.to_owned());
            self.lines.len() - 1
        })
    }

    /// The fields of a struct; none of a type that is no struct with named fields.
    fn fields(&mut self, path: &str) -> Option<Fields> {
        let (module, name) = path.rsplit_once("::")?;
        if !self.modules.contains_key(module) {
            let directory = self.root.join(module.replace("::", "/"));
            let files =
                fs::read_dir(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
            let files = files
                .flatten()
                .map(|file| file.path())
                .filter(|path| path.extension().is_some_and(|e| e == "rs"));
            let structs = files.filter_map(|file| struct_of(&read(&file))).collect();
            self.modules.insert(module.to_owned(), structs);
        }
        self.modules[module].get(name).cloned()
    }

    fn write_type(&mut self, path: &str, table: &mut String) {
        let fields = self.fields(path).unwrap_or_else(|| panic!("no struct {path}"));
        let mut parts = path.rsplit("::");
        let (name, version, group) = (
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
        );
        let _ = write!(table, "{version}.{name}");
        let go_name = format!("{group}/{version}.{name}");
        let (inner, embedded) = self.go.embedded.get(&go_name).cloned().unwrap_or_default();
        let (last, first): (Fields, Fields) =
            fields.into_iter().partition(|(field, _)| embedded.contains(field));
        let opening = first.len();
        for (i, (field, rust)) in first.into_iter().chain(last).enumerate() {
            if i == opening {
                let _ = write!(table, "|<{inner}");
            }
            let (rust, required) = match inside(&rust, "Option<") {
                Some(rust) => (rust.to_owned(), ""),
                None => (rust, "!"),
            };
            let go_type = self.go.names.get(&format!("{go_name}.{field}")).cloned();
            let _ = write!(table, "|{field}{required}:");
            self.write_value(&rust, go_type.as_deref(), table);
        }
    }

    fn write_value(&mut self, rust: &str, go_type: Option<&str>, table: &mut String) {
        if let Some(name) = go_type.and_then(|name| name.strip_prefix('*')) {
            let _ = write!(table, "~{name}~");
            return self.write_value(rust, None, table);
        }
        if let Some(item) = inside(rust, "std::boxed::Box<") {
            return self.write_value(item, go_type, table);
        }
        if let Some(item) = inside(rust, "std::vec::Vec<") {
            table.push('[');
            return self.write_value(item, go_type, table);
        }
        if let Some(item) = inside(rust, "std::collections::BTreeMap<std::string::String, ") {
            table.push('{');
            return self.write_value(item, go_type, table);
        }
        if let Some(name) = go_type {
            let _ = write!(table, "~{name}~");
        }
        let path = rust.trim_start_matches("crate::");
        let letter = match path.rsplit("::").next().unwrap_or_default() {
            "String" => 's',
            "bool" => 'b',
            "i32" => 'i',
            "i64" => 'l',
            "f64" => 'f',
            "Quantity" => 'q',
            "IntOrString" => 'o',
            "Time" => 't',
            "MicroTime" => 'm',
            "ByteString" => 'y',
            _ if self.fields(path).is_some() => {
                let _ = write!(table, "{}", self.line_of(path));
                return;
            }
            _ => 'a',
        };
        table.push(letter);
    }
}

fn inside<'a>(rust: &'a str, outer: &str) -> Option<&'a str> {
    rust.strip_prefix(outer)?.strip_suffix('>')
}

/// The struct with named fields that a source file declares; the JSON names stand in its `deserialize_struct`.
fn struct_of(source: &str) -> Option<(String, Fields)> {
    let (_, rest) = source.split_once("\npub struct ")?;
    let (name, rest) = rest.split_once(" {\n")?;
    let (body, rest) = rest.split_once("\n}")?;
    let rust = body.lines().filter_map(|line| line.trim().strip_prefix("pub ")?.split_once(": "));
    let rust: Vec<_> = rust.map(|(_, rust)| rust.trim_end_matches(',')).collect();
    let (_, names) = rest.split_once("deserializer.deserialize_struct(")?.1.split_once("&[")?;
    let (names, _) = names.split_once(']')?;
    let names: Vec<_> = names.split('"').skip(1).step_by(2).collect();
    // An object's apiVersion and kind are constants, not fields.
    let type_meta = names.len() - rust.len();
    assert!(type_meta == 0 || names.starts_with(&["apiVersion", "kind"]), "{name}");
    let constants = names.iter().take(type_meta).map(|json| (*json, "Option<std::string::String>"));
    let fields = names.iter().skip(type_meta).copied().zip(rust);
    Some((
        name.to_owned(),
        constants.chain(fields).map(|(json, rust)| (json.to_owned(), rust.to_owned())).collect(),
    ))
}
