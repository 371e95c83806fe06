//! Podscope: a Kubernetes cluster that lives in a browser tab.

pub mod api;
