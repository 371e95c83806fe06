//! Integers that may be percentages. Models apimachinery/pkg/util/intstr.

use super::IntOrString;

/// Which way a share of a whole is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Round {
    Up,
    Down,
}

/// The value itself, or the percentage of `total`; `None` if the text is not a percentage.
pub fn scaled(value: &IntOrString, total: i32, round: Round) -> Option<i32> {
    match value {
        IntOrString::Int(value) => Some(*value),
        IntOrString::String(text) => {
            let percent: i64 = text.strip_suffix('%')?.parse().ok()?;
            let product = percent.checked_mul(i64::from(total))?;
            let share = match round {
                Round::Up => (product as f64 / 100.0).ceil(),
                Round::Down => (product as f64 / 100.0).floor(),
            };
            Some(share as i32)
        }
    }
}
