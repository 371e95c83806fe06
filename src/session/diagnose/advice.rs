//! What to do about it, in plain words.

use std::fmt;

use crate::api::labels::Labels;
use crate::api::yaml::Belongs;

/// What to do. `Display` says it in English.
#[derive(Clone, Debug, PartialEq)]
pub enum Advice {
    /// Look at the line's indentation, colons and quotes.
    CheckLine,
    /// Tabs do not indent.
    UseSpaces,
    /// A blank that is none, as web pages have them.
    PlainBlanks,
    /// A colon needs a blank behind it.
    BlankAfterColon,
    /// A bracket or quote is not closed.
    Close,
    /// The value needs quotes.
    QuoteValue,
    /// The line stands further right or left than its neighbours.
    AlignLine,
    /// A template's placeholder, which has to be filled in first.
    RenderTemplate,
    /// Lines that lost their indentation, with what they belong under.
    Reindent(Vec<Belongs>),
    /// A manifest is a map.
    WriteObject,
    /// `apiVersion` is missing; the kind's versions.
    SetApiVersion { kind: String, known: Vec<String> },
    /// `kind` is missing.
    SetKind,
    /// The kind is served under another apiVersion.
    UseApiVersion { kind: String, api_version: String },
    /// The kind is misspelt.
    UseKind { kind: String },
    /// Nobody knows the kind: a custom resource needs its definition first.
    DefineKind { kind: String },
    /// The field is misspelt.
    RenameField { to: String },
    /// The field is one of another object: `under` is its path.
    MoveField { field: String, under: String },
    /// The struct has no such field.
    RemoveField { field: String, holder: String },
    /// Another type of value is wanted.
    Want { wanted: Wanted },
    /// A value for the field is needed.
    Provide { field: String },
    /// The field is there, but something is missing in it.
    Complete { field: String },
    /// One of these values; the one that was probably meant.
    Choose { from: Vec<String>, nearest: Option<String> },
    /// A name has other letters than it may.
    UseName { name: String },
    /// The template needs these labels.
    MatchLabels { labels: Labels },
    /// The value is used by another one.
    MakeUnique,
    /// The field may not be set here.
    Forgo { field: String },
    /// No volume has this name; those there are.
    NameVolume { name: String, known: Vec<String> },
    /// Read the message, correct the field.
    Correct { field: String },
    /// The namespace has to be made first.
    CreateNamespace { name: String },
    /// The key stands at this line before: only the last one counts.
    WriteOnce { key: String, first_line: usize },
    /// It works, but not for long or not as expected.
    Reconsider,
    /// The simulation does nothing with the field.
    NotSimulated { field: String },
    /// The simulation does nothing with objects of the kind.
    KindNotSimulated { kind: String },
    /// The Scenario document is not one.
    CorrectScenario,
}

/// A type of value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Text,
    Boolean,
    Number,
    /// A whole number within 32 or 64 bits.
    WholeNumber,
    NumberOrPercent,
    Quantity,
    Time,
    Base64,
    List,
    Map,
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Wanted::Text => "text: put it in quotes",
            Wanted::Boolean => "true or false, without quotes",
            Wanted::Number => "a number, without quotes",
            Wanted::WholeNumber => "a whole number, without quotes",
            Wanted::NumberOrPercent => "a whole number or text such as \"25%\" or a port's name",
            Wanted::Quantity => "an amount such as 500m, 2, 64Mi or 1Gi",
            Wanted::Time => "a time such as \"2026-01-01T00:00:00Z\"",
            Wanted::Base64 => "text in base64",
            Wanted::List => "a list: its items begin with a dash",
            Wanted::Map => "fields of its own, one a line, further to the right",
        })
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Advice::CheckLine => f.write_str("look at the indentation, colons and quotes of this line"),
            Advice::UseSpaces => f.write_str("YAML is indented by spaces, never by tabs"),
            Advice::PlainBlanks => {
                f.write_str("there are blanks here that are not spaces, as they come out of web pages")
            }
            Advice::BlankAfterColon => f.write_str("a key's colon needs a space behind it"),
            Advice::Close => f.write_str("a bracket or quote is opened here and not closed"),
            Advice::QuoteValue => f.write_str("YAML reads these characters as its own: put the value in quotes"),
            Advice::AlignLine => f.write_str("this line does not stand exactly below those it belongs to"),
            Advice::RenderTemplate => f.write_str(
                "this is a template, not a manifest: render it first, as with `helm template` or `kustomize build`",
            ),
            Advice::Reindent(lines) => reindent(lines, f),
            Advice::WriteObject => f.write_str("a manifest is a map with apiVersion, kind and metadata"),
            Advice::SetApiVersion { kind, known } => match &known[..] {
                [] => f.write_str("say which API the object belongs to, as in `apiVersion: apps/v1`"),
                known => write!(f, "a {kind} is `apiVersion: {}`", known.join("` or `apiVersion: ")),
            },
            Advice::SetKind => f.write_str("say what the object is, as in `kind: Pod`"),
            Advice::UseApiVersion { kind, api_version } => {
                write!(f, "a {kind} is `apiVersion: {api_version}` now")
            }
            Advice::UseKind { kind } => write!(f, "did you mean `{kind}`?"),
            Advice::DefineKind { kind } => {
                write!(f, "Kubernetes itself has no {kind}: a custom resource needs its CustomResourceDefinition first")
            }
            Advice::RenameField { to } => write!(f, "did you mean `{to}`?"),
            Advice::MoveField { field, under } if under.is_empty() => {
                write!(f, "`{field}` belongs at the left edge, beside `kind`")
            }
            Advice::MoveField { field, under } => write!(f, "`{field}` belongs under `{under}`"),
            Advice::RemoveField { field, holder } => write!(f, "a {holder} has no `{field}`"),
            Advice::Want { wanted } => write!(f, "this has to be {wanted}"),
            Advice::Provide { field } => write!(f, "`{field}` is needed here"),
            Advice::Complete { field } => write!(f, "`{field}` is here, but not complete"),
            Advice::Choose { from, .. } if from.len() == 1 => write!(f, "it has to be `{}`", from[0]),
            Advice::Choose { from, nearest } => match nearest {
                Some(nearest) => write!(f, "did you mean `{nearest}`?"),
                None => write!(f, "it can be {}", from.join(", ")),
            },
            Advice::UseName { name } => write!(f, "`{name}` would do"),
            Advice::MatchLabels { labels } => {
                let list: Vec<String> = labels.iter().map(|(key, value)| format!("{key}: {value}")).collect();
                write!(f, "the Pods of the template need the labels that the selector asks for: {}", list.join(", "))
            }
            Advice::MakeUnique => f.write_str("no two can be the same"),
            Advice::Forgo { field } => write!(f, "leave `{field}` out"),
            Advice::NameVolume { name, known } => match &known[..] {
                [] => write!(f, "the Pod has no volume `{name}`: add it to `volumes`"),
                known => write!(f, "the Pod has no volume `{name}`, but {}", known.join(", ")),
            },
            Advice::Correct { field } => write!(f, "correct `{field}`"),
            Advice::CreateNamespace { name } => {
                write!(f, "no document before this one makes the namespace `{name}`")
            }
            Advice::WriteOnce { key, first_line } => {
                write!(f, "`{key}` is at line {first_line} as well: only this one counts, the other is lost")
            }
            Advice::Reconsider => f.write_str("the cluster takes it; see whether it is what you want"),
            Advice::NotSimulated { field } => {
                write!(f, "a real cluster acts on `{field}`; here it is kept, but nothing comes of it")
            }
            Advice::KindNotSimulated { kind } => {
                write!(f, "a real cluster acts on objects of kind {kind}; here nothing comes of them")
            }
            Advice::CorrectScenario => f.write_str("correct the Scenario: it says how the manifest is run"),
        }
    }
}

fn reindent(lines: &[Belongs], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("the lines lost their indentation:")?;
    for (i, belongs) in lines.iter().enumerate() {
        let Belongs { first_line, last_line, parent } = belongs;
        f.write_str(if i > 0 { "; " } else { " " })?;
        if first_line == last_line {
            write!(f, "line {first_line} belongs")?;
        } else {
            write!(f, "lines {first_line} to {last_line} belong")?;
        }
        if parent.is_empty() { f.write_str(" at the left edge") } else { write!(f, " under `{parent}`") }?;
    }
    Ok(())
}
