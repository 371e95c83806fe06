//! What a script is once parsed. Shared, never changed.

use std::sync::Arc;

/// A list of commands: `a; b & c`.
pub type List = Arc<[Item]>;

#[derive(Debug)]
pub struct Item {
    pub and_or: Arc<AndOr>,
    pub background: bool,
}

/// `a && b || c`.
#[derive(Debug)]
pub struct AndOr {
    pub first: Arc<Pipeline>,
    pub rest: Vec<(Link, Arc<Pipeline>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    And,
    Or,
}

/// `! a | b`.
#[derive(Debug)]
pub struct Pipeline {
    pub negated: bool,
    pub commands: Vec<Arc<Command>>,
}

#[derive(Debug)]
pub enum Command {
    Simple(Simple),
    Compound(Compound, Vec<Redirect>),
    Function(String, Arc<Command>),
}

#[derive(Debug, Default)]
pub struct Simple {
    pub assignments: Vec<Assignment>,
    pub words: Vec<Word>,
    pub redirects: Vec<Redirect>,
    /// Counted from 0 in the text that is run.
    pub line: u32,
}

/// `name=value`, `name+=value`, `name[index]=value`, `name=(a b)`.
#[derive(Debug)]
pub struct Assignment {
    pub name: String,
    pub append: bool,
    pub index: Option<Word>,
    pub value: Value,
}

#[derive(Debug)]
pub enum Value {
    Word(Word),
    Array(Vec<Word>),
}

#[derive(Debug)]
pub enum Compound {
    Group(List),
    Subshell(List),
    /// Conditions with their bodies, and the `else`.
    If(Vec<(List, List)>, Option<List>),
    Loop {
        until: bool,
        condition: List,
        body: List,
    },
    For {
        name: String,
        words: Option<Vec<Word>>,
        body: List,
    },
    Case {
        word: Word,
        arms: Vec<Arm>,
    },
    /// `[[ … ]]`.
    Test(Vec<Word>),
    /// `(( … ))`.
    Arithmetic(Word),
}

#[derive(Debug)]
pub struct Arm {
    pub patterns: Vec<Word>,
    pub body: List,
}

#[derive(Debug)]
pub struct Redirect {
    pub fd: u32,
    pub op: RedirectOp,
    pub target: Word,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectOp {
    Read,
    Write,
    Append,
    ReadWrite,
    /// `<&` and `>&`.
    Duplicate,
    /// `&>`: standard output and error.
    Both,
    /// `&>>`.
    BothAppend,
    /// `<<` and `<<<`: the target is the text itself.
    Text,
}

/// A word before expansion.
#[derive(Clone, Debug, Default)]
pub struct Word(pub Vec<Part>);

#[derive(Clone, Debug)]
pub enum Part {
    /// Unquoted text: its `*`, `?` and `[` are patterns.
    Plain(String),
    /// Quoted text.
    Quoted(String),
    Double(Vec<Part>),
    Parameter(Box<Parameter>),
    Arithmetic(Word),
    Command(List),
    /// `~` or `~user`.
    Tilde(String),
}

#[derive(Clone, Debug)]
pub struct Parameter {
    pub name: String,
    pub index: Option<Word>,
    pub op: ParameterOp,
}

#[derive(Clone, Debug)]
pub enum ParameterOp {
    Plain,
    Length,
    /// `${x:-w}`; with `colon` an empty value counts as unset.
    Default {
        colon: bool,
        word: Word,
    },
    Assign {
        colon: bool,
        word: Word,
    },
    Error {
        colon: bool,
        word: Word,
    },
    Alternative {
        colon: bool,
        word: Word,
    },
    RemovePrefix {
        longest: bool,
        pattern: Word,
    },
    RemoveSuffix {
        longest: bool,
        pattern: Word,
    },
    Substring {
        offset: Word,
        length: Option<Word>,
    },
    Replace {
        all: bool,
        pattern: Word,
        with: Word,
    },
    /// `${!x}`.
    Indirect,
    /// `${x^^}`, `${x,,}`.
    Case {
        upper: bool,
        all: bool,
    },
    /// Something in braces that is none of these; an error when it is reached.
    Bad,
}

impl Word {
    /// The text, if nothing in it is quoted or expanded.
    pub fn literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Part::Plain(text)] => Some(text),
            [] => Some(""),
            _ => None,
        }
    }
}
