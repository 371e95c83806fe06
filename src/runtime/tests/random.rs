//! Whatever a script says, nothing panics and nothing hangs.

use proptest::prelude::*;

use super::*;

/// Pieces that, thrown together, reach most of the shell.
const PIECES: &[&str] = &[
    "echo ",
    "a",
    "'q w'",
    "\"$x\"",
    "$(",
    ")",
    "`",
    "${x",
    "}",
    ":-",
    "##*",
    "%%",
    "/a/b",
    "$((",
    "))",
    "1",
    "+",
    "x=",
    "y+=",
    ";",
    "\n",
    "&&",
    "||",
    "|",
    "&",
    ">",
    "<",
    ">>",
    "2>&1",
    "<<EOF\n",
    "EOF\n",
    "if ",
    "then ",
    "else ",
    "fi ",
    "while ",
    "until ",
    "do ",
    "done ",
    "for i in ",
    "case ",
    "in ",
    "esac ",
    ";;",
    "{ ",
    "} ",
    "(",
    "f() ",
    "f ",
    "return ",
    "break ",
    "exit ",
    "wait ",
    "trap ",
    "TERM ",
    "EXIT ",
    "kill $$ ",
    "sleep 1 ",
    "set -e ",
    "set -- ",
    "shift ",
    "read v ",
    "eval ",
    "cat ",
    "grep ",
    "sed s/a/b/ ",
    "awk '{print $1}' ",
    "sort ",
    "[ ",
    " ]",
    "[[ ",
    " ]] ",
    "test ",
    "printf %s ",
    "$@",
    "$#",
    "*",
    "?",
    "[a-z]",
    "~",
    "\\",
    "!",
    " ",
    "\t",
    "#",
    "exec ",
    "local z ",
    "unset x ",
    "yes ",
    "head ",
    "xargs ",
    "seq 3 ",
    "/tmp",
    "..",
    "-",
    "=",
    "é",
    "\u{0}",
    "$'\\x",
    "wget ",
    "nslookup ",
    "find ",
    "tr a b ",
    "cut -f1 ",
    "expr ",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn scripts(picks in prop::collection::vec(0..PIECES.len(), 1..30)) {
        let script: String = picks.iter().map(|pick| PIECES[*pick]).collect();
        let mut rig = Rig::sh(&script);
        for _ in 0..20 {
            match rig.run() {
                Wait::Until(at) => rig.now = at.max(rig.now),
                Wait::Forever | Wait::Exited => break,
            }
        }
        rig.container.signal(rig.now, Signal::Term);
        rig.run();
        rig.container.kill(rig.now);
        prop_assert!(rig.code().is_some());
    }

    #[test]
    fn tools(name in prop::sample::select(&["sed", "awk", "grep", "expr", "printf", "date", "tr", "cut", "sort", "find", "test", "seq", "head", "tail", "dd", "chmod", "xargs", "stat", "curl", "wc", "od"][..]),
             args in prop::collection::vec("[-a-zA-Z0-9/*.$^\\[\\](){}+?%'\",;: é\\\\]{0,8}", 0..4)) {
        let mut argv = vec![name.to_owned()];
        argv.extend(args);
        let words: Vec<&str> = argv.iter().map(String::as_str).collect();
        if let Ok(mut rig) = Rig::start("nicolaka/netshoot", &words, &[]) {
            rig.to(10.0);
        }
    }

    #[test]
    fn python(script in "[a-z0-9 ()\"'=:,.+%<>\n\\[\\]{}]{0,60}") {
        if let Ok(mut rig) = Rig::start("python", &["python3", "-c", &script], &[]) {
            rig.to(10.0);
        }
    }

    #[test]
    fn references(image in "[a-zA-Z0-9:/@._-]{0,30}") {
        if let Ok(reference) = super::super::images::Reference::parse(&image) {
            super::super::images::exists(&reference);
        }
    }
}
