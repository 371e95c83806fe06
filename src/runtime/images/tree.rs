//! The files a container begins with.

use super::super::container::Start;
use super::super::files::{Device, FileSystem, Kind, Node, normalize};
use super::super::tools;
use super::{Profile, Userland};

const DIRECTORIES: &[(&str, u32)] = &[
    ("/bin", 0o755),
    ("/dev", 0o755),
    ("/etc", 0o755),
    ("/home", 0o755),
    ("/proc", 0o555),
    ("/root", 0o700),
    ("/run", 0o755),
    ("/sys", 0o555),
    ("/tmp", 0o1777),
    ("/usr", 0o755),
    ("/usr/bin", 0o755),
    ("/usr/sbin", 0o755),
    ("/usr/local/bin", 0o755),
    ("/usr/share", 0o755),
    ("/sbin", 0o755),
    ("/var", 0o755),
    ("/var/log", 0o755),
    ("/var/run", 0o755),
    ("/var/lib", 0o755),
    ("/mnt", 0o755),
    ("/opt", 0o755),
];

const DEVICES: &[(&str, Device)] = &[
    ("/dev/null", Device::Null),
    ("/dev/zero", Device::Zero),
    ("/dev/full", Device::Full),
    ("/dev/random", Device::Random),
    ("/dev/urandom", Device::Random),
    ("/dev/tty", Device::Tty),
    ("/dev/stdin", Device::Descriptor(0)),
    ("/dev/stdout", Device::Descriptor(1)),
    ("/dev/stderr", Device::Descriptor(2)),
    ("/proc/self/fd/1", Device::Descriptor(1)),
    ("/proc/self/fd/2", Device::Descriptor(2)),
    ("/proc/1/fd/1", Device::Main(1)),
    ("/proc/1/fd/2", Device::Main(2)),
];

const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nbin:x:2:2:bin:/bin:/bin/false\n\
www-data:x:33:33:www-data:/var/www:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n";
const GROUP: &str = "root:x:0:\ndaemon:x:1:\nbin:x:2:\nwww-data:x:33:\nnobody:x:65534:\n";

/// The image's files, and those that the kubelet and containerd put in.
pub fn base_tree(profile: &Profile, start: &Start, cwd: &str) -> FileSystem {
    let mut tree = FileSystem::default();
    let userland = profile.userland();
    for (path, mode) in DIRECTORIES {
        tree.put(path, Node { mode: *mode, ..Node::directory() });
    }
    for (path, device) in DEVICES {
        tree.put(path, Node { kind: Kind::Device(*device), mode: 0o666, ..Node::directory() });
    }
    let program = || Node { mode: 0o755, ..Node::file("") };
    for name in tools::names(userland) {
        tree.put(&format!("/bin/{name}"), program());
    }
    for name in ["sh", "ash", "dash", "bash"] {
        if userland.shell(name).is_some() {
            tree.put(&format!("/bin/{name}"), program());
        }
    }
    if userland != Userland::None {
        tree.put("/etc/passwd", Node::file(PASSWD));
        tree.put("/etc/group", Node::file(GROUP));
    }
    for (path, text) in profile.image.map_or(&[][..], |image| image.files) {
        let mode = if text.is_empty() && !path.ends_with(".log") { 0o755 } else { 0o644 };
        tree.put(path, Node { mode, ..Node::file(*text) });
    }
    etc(&mut tree, start);
    for path in [start.termination_log].into_iter().filter(|path| !path.is_empty()) {
        tree.put(path, Node { mode: 0o666, ..Node::file("") });
    }
    for mount in start.mounts {
        let path = normalize("/", &mount.path);
        if tree.get(&path).is_none() {
            tree.put(&path, Node::directory());
        }
    }
    if tree.get(cwd).is_none() {
        tree.put(cwd, Node::directory());
    }
    tree
}

/// `/etc/hosts`, `/etc/hostname` and `/etc/resolv.conf`.
fn etc(tree: &mut FileSystem, start: &Start) {
    let network = start.network;
    let names = match &network.fqdn {
        Some(full) => format!("{full}\t{}", network.hostname),
        None => network.hostname.clone(),
    };
    let mut hosts = format!(
        "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n\
         fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n{}\t{names}\n",
        network.address
    );
    if !network.host_aliases.is_empty() {
        hosts.push_str("\n# Entries added by HostAliases.\n");
        for (address, names) in &network.host_aliases {
            hosts.push_str(&format!("{address}\t{}\n", names.join("\t")));
        }
    }
    tree.put("/etc/hosts", Node::file(hosts));
    tree.put("/etc/hostname", Node::file(format!("{}\n", network.hostname)));
    let search = network.search.join(" ");
    let resolver =
        format!("search {search}\nnameserver {}\noptions ndots:{}\n", network.name_server, network.ndots);
    tree.put("/etc/resolv.conf", Node::file(resolver));
}
