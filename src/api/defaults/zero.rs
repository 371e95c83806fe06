//! Values that Go leaves out of JSON, and filling a field in.

use std::collections::BTreeMap;

/// A value that `omitempty` may leave out.
pub(super) trait Zero {
    fn is_zero(&self) -> bool;
}

impl Zero for bool {
    fn is_zero(&self) -> bool {
        !self
    }
}

impl Zero for i32 {
    fn is_zero(&self) -> bool {
        *self == 0
    }
}

impl Zero for String {
    fn is_zero(&self) -> bool {
        self.is_empty()
    }
}

impl<T> Zero for Vec<T> {
    fn is_zero(&self) -> bool {
        self.is_empty()
    }
}

impl<K, V> Zero for BTreeMap<K, V> {
    fn is_zero(&self) -> bool {
        self.is_empty()
    }
}

/// Leaves the field out if it holds its zero value.
pub(super) fn drop_zero<T: Zero>(field: &mut Option<T>) {
    if field.as_ref().is_some_and(Zero::is_zero) {
        *field = None;
    }
}

/// Sets an absent or empty text.
pub(super) fn text(field: &mut Option<String>, default: &str) {
    if field.as_ref().is_none_or(|text| text.is_empty()) {
        *field = Some(default.into());
    }
}

/// Sets an absent or zero number.
pub(super) fn number(field: &mut Option<i32>, default: i32) {
    if field.is_none_or(|number| number == 0) {
        *field = Some(default);
    }
}

/// The elements of a list that may be absent.
pub(super) fn each<T>(list: &mut Option<Vec<T>>) -> std::slice::IterMut<'_, T> {
    list.as_deref_mut().unwrap_or_default().iter_mut()
}
