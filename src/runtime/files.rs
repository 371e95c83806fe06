//! Virtual files: a tree for each container, a tree for each volume of the Pod.
//! A clone is a snapshot and shares everything until one side writes.

use crate::api::order;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Largest content of one file that is kept; holes do not count.
pub const MAX_FILE: usize = 4 * 1024 * 1024;
/// Most files in one tree.
pub const MAX_NODES: usize = 20_000;

/// A file's bytes: `data`, then zeros up to `len`, which is how a large file of zeros stays small.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    data: Arc<Vec<u8>>,
    len: u64,
}

impl Content {
    /// Length in bytes, holes included.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Up to `max` bytes from `offset` on.
    pub fn read(&self, offset: u64, max: usize) -> Vec<u8> {
        let rest = self.len.saturating_sub(offset).min(max as u64) as usize;
        let from = (offset as usize).min(self.data.len());
        let to = (from + rest).min(self.data.len());
        let mut bytes = self.data[from..to].to_vec();
        bytes.resize(rest, 0);
        bytes
    }

    /// The bytes, without the hole at the end.
    pub fn bytes(&self) -> &[u8] {
        let kept = (self.len as usize).min(self.data.len());
        &self.data[..kept]
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), Errno> {
        let end = offset.saturating_add(bytes.len() as u64);
        if offset >= self.data.len() as u64 && bytes.iter().all(|&b| b == 0) {
            self.len = self.len.max(end);
            return Ok(());
        }
        if end > MAX_FILE as u64 {
            return Err(Errno::NoSpace);
        }
        let data = Arc::make_mut(&mut self.data);
        let (from, to) = (offset as usize, end as usize);
        if data.len() < to {
            data.resize(to, 0);
        }
        data[from..to].copy_from_slice(bytes);
        self.len = self.len.max(end);
        Ok(())
    }

    fn set_len(&mut self, len: u64) {
        if (len as usize) < self.data.len() {
            Arc::make_mut(&mut self.data).truncate(len as usize);
        }
        self.len = len;
    }
}

impl From<Vec<u8>> for Content {
    fn from(data: Vec<u8>) -> Content {
        Content { len: data.len() as u64, data: Arc::new(data) }
    }
}

/// Special files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    Null,
    Zero,
    Full,
    Random,
    Tty,
    /// The descriptor of the process that opens it.
    Descriptor(u32),
    /// Standard output or error of process 1.
    Main(u32),
}

/// What a path is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Directory,
    File(Content),
    Link(String),
    Device(Device),
}

/// One entry of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub kind: Kind,
    /// Permission bits.
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    /// Time since scenario start; zero for the image's own files.
    pub modified: Duration,
}

impl Node {
    /// An empty directory, mode 0755, of root.
    pub fn directory() -> Node {
        Node { kind: Kind::Directory, mode: 0o755, uid: 0, gid: 0, modified: Duration::ZERO }
    }

    /// A file, mode 0644, of root.
    pub fn file(content: impl Into<Vec<u8>>) -> Node {
        Node { kind: Kind::File(Content::from(content.into())), mode: 0o644, ..Node::directory() }
    }

    /// A symbolic link.
    pub fn link(target: &str) -> Node {
        Node { kind: Kind::Link(target.to_owned()), mode: 0o777, ..Node::directory() }
    }
}

/// Why a file operation failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errno {
    NotFound,
    IsDirectory,
    NotDirectory,
    Exists,
    NotEmpty,
    Permission,
    ReadOnly,
    NoSpace,
    Loop,
    Busy,
    Invalid,
}

impl std::fmt::Display for Errno {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Errno::NotFound => "No such file or directory",
            Errno::IsDirectory => "Is a directory",
            Errno::NotDirectory => "Not a directory",
            Errno::Exists => "File exists",
            Errno::NotEmpty => "Directory not empty",
            Errno::Permission => "Permission denied",
            Errno::ReadOnly => "Read-only file system",
            Errno::NoSpace => "No space left on device",
            Errno::Loop => "Too many levels of symbolic links",
            Errno::Busy => "Resource busy",
            Errno::Invalid => "Invalid argument",
        })
    }
}

/// A tree of files: a container's own, or a volume's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSystem {
    nodes: Arc<BTreeMap<String, Node>>,
}

impl Default for FileSystem {
    fn default() -> FileSystem {
        FileSystem { nodes: Arc::new(order::map([("/".to_owned(), Node::directory())])) }
    }
}

impl FileSystem {
    /// A volume whose root has the given mode and owner: `emptyDir` is 0777 of root.
    pub fn volume(mode: u32, uid: u32, gid: u32) -> FileSystem {
        let root = Node { mode, uid, gid, ..Node::directory() };
        FileSystem { nodes: Arc::new(order::map([("/".to_owned(), root)])) }
    }

    /// Puts an entry, with the directories above it; what was there is replaced.
    pub fn put(&mut self, path: &str, node: Node) {
        let path = normalize("/", path);
        let nodes = Arc::make_mut(&mut self.nodes);
        let mut above = parent(&path);
        while above != "/" && !nodes.contains_key(above) {
            nodes.insert(above.to_owned(), Node { modified: node.modified, ..Node::directory() });
            above = parent(above);
        }
        nodes.insert(path, node);
    }

    /// Takes an entry and everything below it away.
    pub fn remove_all(&mut self, path: &str) {
        let path = normalize("/", path);
        let below = below(&path);
        Arc::make_mut(&mut self.nodes).retain(|key, _| *key != path && !key.starts_with(&below));
    }

    /// The entry at a path; links are not followed.
    pub fn get(&self, path: &str) -> Option<&Node> {
        self.nodes.get(path)
    }

    /// A file's content; links inside the tree are followed.
    pub fn read(&self, path: &str) -> Option<&Content> {
        let mut path = normalize("/", path);
        for _ in 0..8 {
            match &self.nodes.get(&path)?.kind {
                Kind::File(content) => return Some(content),
                Kind::Link(target) => path = normalize(parent(&path), target),
                _ => return None,
            }
        }
        None
    }

    /// Every path with its entry, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.nodes.iter().map(|(path, node)| (path.as_str(), node))
    }

    /// Bytes in use, as `du` counts them: whole 4 KiB blocks.
    pub fn used(&self) -> u64 {
        self.nodes
            .values()
            .map(|node| match &node.kind {
                Kind::File(content) => content.len().div_ceil(4096) * 4096,
                Kind::Directory => 4096,
                _ => 0,
            })
            .sum()
    }

    fn children(&self, path: &str) -> Vec<String> {
        let prefix = below(path);
        self.nodes
            .range(prefix.clone()..)
            .take_while(|(key, _)| key.starts_with(&prefix))
            .filter(|(key, _)| key.len() > prefix.len() && !key[prefix.len()..].contains('/'))
            .map(|(key, _)| key[prefix.len()..].to_owned())
            .collect()
    }

    fn node_mut(&mut self, path: &str) -> Option<&mut Node> {
        Arc::make_mut(&mut self.nodes).get_mut(path)
    }
}

/// A volume seen at a path of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    pub path: String,
    /// Its name in `Volumes`.
    pub volume: String,
    pub sub_path: Option<String>,
    pub access: Access,
}

/// Whether a mount, or a container's own tree, can be written to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    #[default]
    ReadWrite,
    ReadOnly,
}

/// The volumes of a Pod by name. The Pod owns them and lends them to `Container::run`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Volumes(pub BTreeMap<String, FileSystem>);

/// `a/b` against a current directory: absolute, without `.`, `..`, double and last slashes.
pub fn normalize(cwd: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let base = if path.starts_with('/') { "" } else { cwd };
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// The directory a normalized path lies in.
pub fn parent(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) | None => "/",
        Some(at) => &path[..at],
    }
}

/// The last part of a path.
pub fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn below(path: &str) -> String {
    if path == "/" { "/".to_owned() } else { format!("{path}/") }
}

/// Who asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct User {
    pub uid: u32,
    pub gid: u32,
}

/// What a process sees: the container's tree with the volumes mounted into it.
pub(super) struct View<'a> {
    pub root: &'a mut FileSystem,
    pub volumes: &'a mut Volumes,
    pub mounts: &'a [Mount],
    pub access: Access,
    pub user: User,
    pub now: Duration,
}

/// A place in one of the trees.
struct Place<'a> {
    volume: Option<&'a str>,
    path: String,
    access: Access,
}

impl View<'_> {
    fn place(&self, path: &str) -> Place<'_> {
        let mut best: Option<&Mount> = None;
        for mount in self.mounts {
            let inside = path == mount.path || path.starts_with(&below(&mount.path));
            if inside && best.is_none_or(|b| mount.path.len() > b.path.len()) {
                best = Some(mount);
            }
        }
        match best {
            None => Place { volume: None, path: path.to_owned(), access: self.access },
            Some(mount) => {
                let rest = &path[if mount.path == "/" { 0 } else { mount.path.len() }..];
                let inner = format!("/{}/{rest}", mount.sub_path.as_deref().unwrap_or(""));
                Place { volume: Some(&mount.volume), path: normalize("/", &inner), access: mount.access }
            }
        }
    }

    fn raw(&self, path: &str) -> Option<&Node> {
        let place = self.place(path);
        match place.volume {
            None => self.root.get(&place.path),
            Some(volume) => self.volumes.0.get(volume)?.get(&place.path),
        }
    }

    fn tree(&mut self, path: &str) -> Result<(&mut FileSystem, String), Errno> {
        let place = self.place(path);
        if place.access == Access::ReadOnly {
            return Err(Errno::ReadOnly);
        }
        let (volume, path) = (place.volume.map(str::to_owned), place.path);
        match volume {
            None => Ok((&mut *self.root, path)),
            Some(volume) => Ok((self.volumes.0.get_mut(&volume).ok_or(Errno::NotFound)?, path)),
        }
    }

    /// The path with every link on the way followed; the last one too unless `keep_last`.
    fn follow(&self, path: &str, last: Last) -> Result<String, Errno> {
        let mut todo: Vec<String> =
            path.split('/').rev().filter(|p| !p.is_empty()).map(str::to_owned).collect();
        let mut current = "/".to_owned();
        let mut links = 0;
        while let Some(part) = todo.pop() {
            if part == "." {
                continue;
            }
            if part == ".." {
                current = parent(&current).to_owned();
                continue;
            }
            let next = format!("{}{part}", below(&current));
            match self.raw(&next).map(|node| &node.kind) {
                Some(Kind::Link(target)) if !(todo.is_empty() && last == Last::Keep) => {
                    links += 1;
                    if links > 16 {
                        return Err(Errno::Loop);
                    }
                    if target.starts_with('/') {
                        current = "/".to_owned();
                    }
                    todo.extend(target.split('/').rev().filter(|p| !p.is_empty()).map(str::to_owned));
                }
                Some(Kind::File(_) | Kind::Device(_)) if !todo.is_empty() => {
                    return Err(Errno::NotDirectory);
                }
                None if !todo.is_empty() => return Err(Errno::NotFound),
                _ => current = next,
            }
        }
        Ok(current)
    }

    /// The entry a path leads to.
    pub fn stat(&self, path: &str) -> Result<&Node, Errno> {
        let real = self.follow(path, Last::Follow)?;
        let node = self.raw(&real).ok_or(Errno::NotFound)?;
        if path.ends_with('/') && node.kind != Kind::Directory {
            return Err(Errno::NotDirectory);
        }
        Ok(node)
    }

    /// The entry itself, be it a link.
    pub fn lstat(&self, path: &str) -> Result<&Node, Errno> {
        let real = self.follow(path, Last::Keep)?;
        self.raw(&real).ok_or(Errno::NotFound)
    }

    /// The path with all links followed; the last part need not exist.
    pub fn real_path(&self, path: &str) -> Result<String, Errno> {
        self.follow(path, Last::Follow)
    }

    pub fn is_directory(&self, path: &str) -> bool {
        self.stat(path).is_ok_and(|node| node.kind == Kind::Directory)
    }

    /// Whether the user may read (4), write (2) or execute (1).
    pub fn may(&self, path: &str, bit: u32) -> bool {
        let Ok(node) = self.stat(path) else {
            return false;
        };
        if bit == 2
            && self.follow(path, Last::Follow).is_ok_and(|p| self.place(&p).access == Access::ReadOnly)
        {
            return false;
        }
        self.allows(node, bit)
    }

    fn allows(&self, node: &Node, bit: u32) -> bool {
        if self.user.uid == 0 {
            return bit != 1 || node.kind == Kind::Directory || node.mode & 0o111 != 0;
        }
        let shift = if node.uid == self.user.uid {
            6
        } else if node.gid == self.user.gid {
            3
        } else {
            0
        };
        node.mode >> shift & bit != 0
    }

    /// A file's content.
    pub fn read(&self, path: &str) -> Result<Content, Errno> {
        let node = self.stat(path)?;
        match &node.kind {
            Kind::Directory => Err(Errno::IsDirectory),
            _ if !self.allows(node, 4) => Err(Errno::Permission),
            Kind::File(content) => Ok(content.clone()),
            _ => Ok(Content::default()),
        }
    }

    /// Names in a directory, in order.
    pub fn list(&self, path: &str) -> Result<Vec<String>, Errno> {
        let real = self.follow(path, Last::Follow)?;
        let node = self.raw(&real).ok_or(Errno::NotFound)?;
        if node.kind != Kind::Directory {
            return Err(Errno::NotDirectory);
        }
        if !self.allows(node, 4) {
            return Err(Errno::Permission);
        }
        let place = self.place(&real);
        Ok(match place.volume {
            None => self.root.children(&place.path),
            Some(volume) => {
                self.volumes.0.get(volume).map(|tree| tree.children(&place.path)).unwrap_or_default()
            }
        })
    }

    /// Makes an entry where there is none. Its owner is the user, its time is now.
    pub fn create(&mut self, path: &str, kind: Kind, mode: u32) -> Result<(), Errno> {
        let real =
            self.follow(path, if matches!(kind, Kind::File(_)) { Last::Follow } else { Last::Keep })?;
        if self.raw(&real).is_some() {
            return Err(Errno::Exists);
        }
        self.writable_parent(&real)?;
        let node = Node { kind, mode, uid: self.user.uid, gid: self.user.gid, modified: self.now };
        let (tree, inner) = self.tree(&real)?;
        if tree.nodes.len() >= MAX_NODES {
            return Err(Errno::NoSpace);
        }
        Arc::make_mut(&mut tree.nodes).insert(inner, node);
        Ok(())
    }

    fn writable_parent(&self, real: &str) -> Result<(), Errno> {
        let above = parent(real);
        let node = self.raw(above).ok_or(Errno::NotFound)?;
        if node.kind != Kind::Directory {
            return Err(Errno::NotDirectory);
        }
        if self.place(real).access == Access::ReadOnly {
            return Err(Errno::ReadOnly);
        }
        if self.allows(node, 2) { Ok(()) } else { Err(Errno::Permission) }
    }

    /// Opens a file to write: made if it is not there, emptied if asked. Returns its real path.
    pub fn open_write(&mut self, path: &str, truncate: Truncate, mode: u32) -> Result<String, Errno> {
        let real = self.follow(path, Last::Follow)?;
        match self.raw(&real) {
            None => {
                if path.ends_with('/') {
                    return Err(Errno::IsDirectory);
                }
                self.create(&real, Kind::File(Content::default()), mode)?;
            }
            Some(node) => match &node.kind {
                Kind::Directory => return Err(Errno::IsDirectory),
                Kind::File(_) => {
                    if !self.allows(node, 2) {
                        return Err(Errno::Permission);
                    }
                    let now = self.now;
                    let (tree, inner) = self.tree(&real)?;
                    if truncate == Truncate::Yes
                        && let Some(node) = tree.node_mut(&inner)
                    {
                        node.kind = Kind::File(Content::default());
                        node.modified = now;
                    }
                }
                _ => {}
            },
        }
        Ok(real)
    }

    /// Writes into a file at an offset, or at its end. Returns the offset after it.
    pub fn write_at(&mut self, real: &str, offset: Option<u64>, bytes: &[u8]) -> Result<u64, Errno> {
        let now = self.now;
        let (tree, inner) = self.tree(real)?;
        let node = tree.node_mut(&inner).ok_or(Errno::NotFound)?;
        let Kind::File(content) = &mut node.kind else {
            return Err(Errno::Invalid);
        };
        let at = offset.unwrap_or(content.len);
        content.write(at, bytes)?;
        node.modified = now;
        Ok(at + bytes.len() as u64)
    }

    /// Replaces a whole file.
    pub fn write(&mut self, path: &str, bytes: &[u8], mode: u32) -> Result<(), Errno> {
        let real = self.open_write(path, Truncate::Yes, mode)?;
        self.write_at(&real, Some(0), bytes).map(|_| ())
    }

    pub fn set_len(&mut self, path: &str, len: u64) -> Result<(), Errno> {
        let real = self.open_write(path, Truncate::No, 0o644)?;
        let (tree, inner) = self.tree(&real)?;
        if let Some(Node { kind: Kind::File(content), .. }) = tree.node_mut(&inner) {
            content.set_len(len);
        }
        Ok(())
    }

    /// Removes a file, a link or an empty directory.
    pub fn remove(&mut self, path: &str) -> Result<(), Errno> {
        let real = self.follow(path, Last::Keep)?;
        let node = self.raw(&real).ok_or(Errno::NotFound)?;
        if real == "/" || self.mounts.iter().any(|mount| mount.path == real) {
            return Err(Errno::Busy);
        }
        let is_directory = node.kind == Kind::Directory;
        self.writable_parent(&real)?;
        let (tree, inner) = self.tree(&real)?;
        if is_directory && !tree.children(&inner).is_empty() {
            return Err(Errno::NotEmpty);
        }
        Arc::make_mut(&mut tree.nodes).remove(&inner);
        Ok(())
    }

    /// Moves an entry with everything below it.
    pub fn rename(&mut self, from: &str, to: &str) -> Result<(), Errno> {
        let from = self.follow(from, Last::Keep)?;
        let to = self.follow(to, Last::Keep)?;
        if from == to {
            return Ok(());
        }
        if to.starts_with(&below(&from)) {
            return Err(Errno::Invalid);
        }
        if self.mounts.iter().any(|mount| mount.path == from) {
            return Err(Errno::Busy);
        }
        self.raw(&from).ok_or(Errno::NotFound)?;
        self.writable_parent(&from)?;
        self.writable_parent(&to)?;
        if self.raw(&to).is_some() {
            self.remove(&to)?;
        }
        let (tree, inner) = self.tree(&from)?;
        let prefix = below(&inner);
        let nodes = Arc::make_mut(&mut tree.nodes);
        let keys: Vec<String> =
            nodes.keys().filter(|k| **k == inner || k.starts_with(&prefix)).cloned().collect();
        let moved: Vec<(String, Node)> = keys
            .iter()
            .filter_map(|key| nodes.remove(key).map(|node| (key[inner.len()..].to_owned(), node)))
            .collect();
        let (tree, inner) = self.tree(&to)?;
        let nodes = Arc::make_mut(&mut tree.nodes);
        for (rest, node) in moved {
            nodes.insert(format!("{inner}{rest}"), node);
        }
        Ok(())
    }

    /// Changes mode, owner or time of an entry.
    pub fn change(&mut self, path: &str, change: Change) -> Result<(), Errno> {
        let real = self.follow(path, Last::Follow)?;
        let node = self.raw(&real).ok_or(Errno::NotFound)?;
        let owner = self.user.uid == 0 || node.uid == self.user.uid;
        if !owner && !matches!(change, Change::Modified(_) if self.allows(node, 2)) {
            return Err(Errno::Permission);
        }
        let (tree, inner) = self.tree(&real)?;
        let node = tree.node_mut(&inner).ok_or(Errno::NotFound)?;
        match change {
            Change::Mode(mode) => node.mode = mode,
            Change::Owner(uid, gid) => {
                node.uid = uid.unwrap_or(node.uid);
                node.gid = gid.unwrap_or(node.gid);
            }
            Change::Modified(at) => node.modified = at,
        }
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Follow,
    Keep,
}

/// Whether opening a file to write empties it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Truncate {
    Yes,
    No,
}

/// What `View::change` sets.
#[derive(Clone, Copy)]
pub(super) enum Change {
    Mode(u32),
    Owner(Option<u32>, Option<u32>),
    Modified(Duration),
}
