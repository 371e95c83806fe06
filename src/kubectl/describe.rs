//! `kubectl describe`.

use crate::api::core::PodTemplateSpec;

/// A Pod template. Models DescribePodTemplate.
pub(super) fn template(_template: Option<&PodTemplateSpec>) -> String {
    String::new()
}
