//! Shapes, from the sheet of symbols in the page.

use podscope::api::Kind;
use podscope::session::frame::PodState;
use yew::{Html, html};

/// A symbol of the sheet, hidden from screen readers: a text or a label stands beside it.
pub fn icon(symbol: &'static str) -> Html {
    html! { <svg class="icon" aria-hidden="true"><use href={symbol}></use></svg> }
}

/// The shape of a state.
pub fn of_state(state: PodState) -> &'static str {
    match state {
        PodState::Pending => "#s-pending",
        PodState::Creating => "#s-creating",
        PodState::Running => "#s-running",
        PodState::Ready => "#s-ready",
        PodState::Terminating => "#s-terminating",
        PodState::Succeeded => "#s-succeeded",
        PodState::Failed => "#s-failed",
        PodState::Unknown => "#s-unknown",
    }
}

/// The shape of a state where hundreds are in sight: nothing of it moves.
pub fn still(state: PodState) -> &'static str {
    match state {
        PodState::Creating => "#s-creating-still",
        other => of_state(other),
    }
}

/// The class that gives a state its colour.
pub fn class_of(state: PodState) -> &'static str {
    match state {
        PodState::Pending => "s-pending",
        PodState::Creating => "s-creating",
        PodState::Running => "s-running",
        PodState::Ready => "s-ready",
        PodState::Terminating => "s-terminating",
        PodState::Succeeded => "s-succeeded",
        PodState::Failed => "s-failed",
        PodState::Unknown => "s-unknown",
    }
}

/// The sign of a kind.
pub fn of_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Deployment => "#k-deployment",
        Kind::ReplicaSet => "#k-replicaset",
        Kind::Service => "#k-service",
        Kind::Node => "#k-node",
        Kind::Pod => "#k-pod",
        _ => "#i-dot",
    }
}
