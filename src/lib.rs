//! Podscope: a Kubernetes cluster that lives in a browser tab.

pub mod api;
pub mod cluster;
pub mod controllers;
pub mod kubectl;
pub mod kubelet;
pub mod runtime;
pub mod scheduler;
pub mod server;
pub mod session;
pub mod sim;
pub mod store;
