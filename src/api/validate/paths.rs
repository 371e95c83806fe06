//! Paths of files. Models validateLocalDescendingPath and its kin.

use super::field::{Faults, Path};

/// No `..` anywhere. Models validatePathNoBacksteps.
pub(super) fn no_backsteps(file: &str, path: &Path, faults: &mut Faults) {
    if file.split('/').any(|part| part == "..") {
        faults.invalid(path, file, "must not contain '..'");
    }
}

/// Relative and without `..`. Models validateLocalDescendingPath.
pub(super) fn descending(file: &str, path: &Path, faults: &mut Faults) {
    if file.starts_with('/') {
        faults.invalid(path, file, "must be a relative path");
    }
    no_backsteps(file, path, faults);
}

/// The same, and not beginning with `..`. Models ValidateLocalNonReservedPath.
pub(super) fn non_reserved(file: &str, path: &Path, faults: &mut Faults) {
    descending(file, path, faults);
    if file.starts_with("..") && !file.starts_with("../") {
        faults.invalid(path, file, "must not start with '..'");
    }
}

/// Permissions of a file.
pub(super) fn file_mode(mode: Option<i32>, path: &Path, faults: &mut Faults) {
    if let Some(mode) = mode.filter(|mode| !(0..=0o777).contains(mode)) {
        faults.invalid(path, &mode, "must be a number between 0 and 0777 (octal), both inclusive");
    }
}
