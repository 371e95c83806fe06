//! Every verb with its flags.

use super::client::DryRun;
use super::failure::Failure;
use super::parse::{Arguments, Flag, Takes};
use super::{Job, Outcome, apply, create, delete, describe, exec, get, metadata, patch, rollout, scale, set};
use crate::server::FieldValidation;

/// A command with its flags.
pub(super) struct Verb {
    /// `rollout status`
    path: &'static str,
    flags: &'static [&'static [Flag]],
    pub run: fn(&mut Job<'_>) -> Outcome,
}

const fn long(name: &'static str, takes: Takes) -> Flag {
    Flag { name, short: None, takes }
}

const fn short(name: &'static str, short: char, takes: Takes) -> Flag {
    Flag { name, short: Some(short), takes }
}

use Takes::{Bool, Duration, Int, Maybe, Text};

/// Flags of every command. Those about how to reach a cluster have no effect.
const GLOBAL: &[Flag] = &[
    short("namespace", 'n', Text),
    long("context", Text),
    long("cluster", Text),
    long("user", Text),
    long("kubeconfig", Text),
    long("request-timeout", Text),
    short("server", 's', Text),
    short("v", 'v', Int),
    long("warnings-as-errors", Bool),
];
const OUTPUT: &[Flag] = &[
    short("output", 'o', Text),
    long("show-managed-fields", Bool),
    long("allow-missing-template-keys", Bool),
    long("template", Text),
];
const DRY_RUN: &[Flag] = &[long("dry-run", Maybe("unchanged")), long("field-manager", Text)];
const FILES: &[Flag] = &[short("filename", 'f', Text), short("recursive", 'R', Bool)];
const SELECT: &[Flag] = &[short("selector", 'l', Text), long("field-selector", Text)];
const ALL: &[Flag] = &[long("all", Bool)];
const EVERYWHERE: &[Flag] = &[short("all-namespaces", 'A', Bool)];
const VALIDATE: &[Flag] = &[long("validate", Maybe("strict")), long("save-config", Bool)];
const WAITING: &[Flag] = &[
    long("wait", Bool),
    long("timeout", Duration),
    long("grace-period", Int),
    long("force", Bool),
    long("cascade", Maybe("background")),
];
const OVERWRITE: &[Flag] =
    &[long("overwrite", Bool), long("list", Bool), long("local", Bool), long("resource-version", Text)];
const TABLE: &[Flag] = &[
    long("show-labels", Bool),
    long("no-headers", Bool),
    long("show-kind", Bool),
    long("sort-by", Text),
    short("label-columns", 'L', Text),
    short("watch", 'w', Bool),
    long("watch-only", Bool),
    long("ignore-not-found", Bool),
    long("chunk-size", Int),
    long("subresource", Text),
    long("server-print", Bool),
    long("output-watch-events", Bool),
];

const VERBS: &[Verb] = &[
    Verb {
        path: "apply",
        flags: &[GLOBAL, FILES, OUTPUT, DRY_RUN, VALIDATE, SELECT, ALL, WAITING, &[long("overwrite", Bool)]],
        run: apply::run,
    },
    Verb { path: "create", flags: &[GLOBAL, FILES, OUTPUT, DRY_RUN, VALIDATE, SELECT], run: create::files },
    Verb {
        path: "replace",
        flags: &[GLOBAL, FILES, OUTPUT, DRY_RUN, VALIDATE, WAITING],
        run: create::replace,
    },
    Verb {
        path: "delete",
        flags: &[
            GLOBAL,
            FILES,
            SELECT,
            ALL,
            EVERYWHERE,
            WAITING,
            DRY_RUN,
            &[short("output", 'o', Text), long("now", Bool), long("ignore-not-found", Bool)],
        ],
        run: delete::run,
    },
    Verb {
        path: "describe",
        flags: &[GLOBAL, FILES, SELECT, EVERYWHERE, &[long("show-events", Bool), long("chunk-size", Int)]],
        run: describe::run,
    },
    Verb {
        path: "exec",
        flags: &[
            GLOBAL,
            FILES,
            &[
                short("container", 'c', Text),
                short("stdin", 'i', Bool),
                short("tty", 't', Bool),
                short("quiet", 'q', Bool),
                long("pod-running-timeout", Duration),
            ],
        ],
        run: exec::run,
    },
    Verb { path: "get", flags: &[GLOBAL, FILES, OUTPUT, SELECT, EVERYWHERE, TABLE], run: get::run },
    Verb {
        path: "scale",
        flags: &[
            GLOBAL,
            FILES,
            OUTPUT,
            DRY_RUN,
            SELECT,
            ALL,
            &[
                long("replicas", Int),
                long("current-replicas", Int),
                long("resource-version", Text),
                long("timeout", Duration),
            ],
        ],
        run: scale::run,
    },
    Verb {
        path: "patch",
        flags: &[
            GLOBAL,
            FILES,
            OUTPUT,
            DRY_RUN,
            &[
                short("patch", 'p', Text),
                long("patch-file", Text),
                long("type", Text),
                long("subresource", Text),
            ],
        ],
        run: patch::run,
    },
    Verb {
        path: "label",
        flags: &[GLOBAL, FILES, OUTPUT, DRY_RUN, SELECT, ALL, EVERYWHERE, OVERWRITE],
        run: metadata::label,
    },
    Verb {
        path: "annotate",
        flags: &[GLOBAL, FILES, OUTPUT, DRY_RUN, SELECT, ALL, EVERYWHERE, OVERWRITE],
        run: metadata::annotate,
    },
    Verb { path: "set image", flags: &[GLOBAL, FILES, OUTPUT, DRY_RUN, SELECT, ALL], run: set::image },
    Verb {
        path: "set env",
        flags: &[
            GLOBAL,
            FILES,
            OUTPUT,
            DRY_RUN,
            SELECT,
            ALL,
            OVERWRITE,
            &[short("env", 'e', Text), short("containers", 'c', Text)],
        ],
        run: set::env,
    },
    Verb {
        path: "set resources",
        flags: &[
            GLOBAL,
            FILES,
            OUTPUT,
            DRY_RUN,
            SELECT,
            ALL,
            &[long("limits", Text), long("requests", Text), short("containers", 'c', Text)],
        ],
        run: set::resources,
    },
    Verb {
        path: "rollout status",
        flags: &[
            GLOBAL,
            FILES,
            SELECT,
            &[short("watch", 'w', Bool), long("timeout", Duration), long("revision", Int)],
        ],
        run: rollout::status,
    },
    Verb {
        path: "rollout history",
        flags: &[GLOBAL, FILES, SELECT, OUTPUT, &[long("revision", Int)]],
        run: rollout::history,
    },
    Verb { path: "rollout pause", flags: &[GLOBAL, FILES, SELECT, OUTPUT], run: rollout::pause },
    Verb { path: "rollout resume", flags: &[GLOBAL, FILES, SELECT, OUTPUT], run: rollout::resume },
    Verb { path: "rollout restart", flags: &[GLOBAL, FILES, SELECT, OUTPUT], run: rollout::restart },
    Verb {
        path: "rollout undo",
        flags: &[GLOBAL, FILES, SELECT, OUTPUT, DRY_RUN, &[long("to-revision", Int)]],
        run: rollout::undo,
    },
];

/// Finds the verb and sorts what stands behind it.
///
/// # Errors
/// There is no such command or flag.
pub(super) fn parse(words: &[String]) -> Result<(&'static Verb, Arguments), Failure> {
    // Flags may stand before the verb; only those of every command can.
    let mut lead = 0;
    while let Some(word) = words.get(lead).filter(|word| word.starts_with('-')) {
        let takes_next =
            !word.contains('=') && (matches!(word.as_str(), "-n" | "-s" | "-v") || word.starts_with("--"));
        lead += if takes_next { 2 } else { 1 };
    }
    let (before, rest) = words.split_at(lead.min(words.len()));
    let Some(first) = rest.first() else {
        return Err(Failure::message("a command is needed: kubectl get, apply, describe …"));
    };
    let second = rest.get(1).map(String::as_str).unwrap_or_default();
    let two = format!("{first} {second}");
    let found = VERBS.iter().find(|verb| verb.path == two).map(|verb| (verb, 2));
    let found = found.or_else(|| VERBS.iter().find(|verb| verb.path == first).map(|verb| (verb, 1)));
    let Some((verb, used)) = found else {
        let text = match first.as_str() {
            "rollout" | "set" => format!("unknown command \"{second}\" for \"kubectl {first}\""),
            other => format!("unknown command \"{other}\" for \"kubectl\""),
        };
        return Err(Failure::message(text));
    };
    let words: Vec<String> = before.iter().chain(&rest[used..]).cloned().collect();
    Ok((verb, Arguments::parse(verb.path, &words, verb.flags)?))
}

impl Job<'_> {
    /// Reads the flags that many commands share.
    pub(super) fn set_up(&mut self) -> Result<(), Failure> {
        self.client.dry_run = match self.args.value("dry-run") {
            None | Some("none") => DryRun::None,
            Some("client") => DryRun::Client,
            Some("server") => DryRun::Server,
            Some("unchanged") => {
                self.out.warn("--dry-run is deprecated and can be replaced with --dry-run=client.");
                DryRun::Client
            }
            Some(other) => {
                let text =
                    format!("Invalid dry-run value ({other}). Must be \"none\", \"server\", or \"client\".");
                return Err(Failure::message(text));
            }
        };
        self.client.validation = match self.args.value("validate") {
            None | Some("true" | "strict") => FieldValidation::Strict,
            Some("warn") => FieldValidation::Warn,
            Some("false" | "ignore") => FieldValidation::Ignore,
            Some(other) => {
                let text = format!(
                    "invalid - validate option {other}; must be one of: strict (or true), warn, ignore (or false)"
                );
                return Err(Failure::message(text));
            }
        };
        Ok(())
    }
}
