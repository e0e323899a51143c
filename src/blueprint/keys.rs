//! Every key of the format, once: the reader, its suggestions, the JSON Schema and the docs come from this table.

mod table;

pub use table::KEYS;

/// What a key takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Text,
    /// An integer within bounds, both included.
    Integer {
        min: i64,
        max: i64,
    },
    /// An integer or a float.
    Number,
    Boolean,
    /// `"30s"`, `"5m"`, `"1h"`.
    Duration,
    Date,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A list of strings.
    Texts,
    /// A list of these words.
    Choices(&'static [&'static str]),
    /// `"all"`, `"none"`, or a list of strings.
    AllOrTexts,
    /// A table of strings with names that the user chooses.
    TextMap,
    Table,
    /// A table, or `false` to leave the part out.
    TableOrFalse,
    /// A list of tables.
    Tables,
}

/// One key of the format.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Path from the top; `[]` follows a list of tables, `*` stands for a name that the user chooses.
    pub path: &'static str,
    pub kind: Kind,
    pub default: Default,
    pub doc: &'static str,
}

/// What holds when a key is absent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Default {
    /// It must be given.
    Required,
    /// Nothing holds: no such thing is made.
    Nothing,
    /// The value, as the docs print it.
    Is(&'static str),
}

impl Key {
    /// Returns the last part of the path.
    pub fn name(&self) -> &'static str {
        self.path.rsplit('.').next().unwrap_or(self.path).trim_end_matches("[]")
    }

    /// Returns the path of the table that holds it; empty at the top.
    pub fn parent(&self) -> &'static str {
        self.path.rsplit_once('.').map_or("", |(parent, _)| parent)
    }

    /// Returns the path that its own keys start with.
    pub fn inside(&self) -> String {
        if self.kind == Kind::Tables { format!("{}[]", self.path) } else { self.path.to_owned() }
    }
}

/// Returns the keys that a table holds; `parent` as in [`Key::inside`], empty for the top.
pub(crate) fn children(parent: &str) -> impl Iterator<Item = &'static Key> {
    KEYS.iter().filter(move |key| key.parent() == parent)
}
