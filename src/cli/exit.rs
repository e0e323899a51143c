//! Exit codes: a contract from the first release on.

use serde::{Deserialize, Serialize};

/// How a command ended; [`Verdict::meaning`] says what each stands for. Of several, the one that stands first here wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Error,
    Locked,
    Stale,
    Incomplete,
    NeedsPerson,
    Differences,
    Findings,
    Interrupted,
    Ok,
}

impl Verdict {
    /// Every verdict, the one that wins over the others first.
    pub const ALL: &'static [Self] = &[
        Self::Error,
        Self::Locked,
        Self::Stale,
        Self::Incomplete,
        Self::NeedsPerson,
        Self::Differences,
        Self::Findings,
        Self::Interrupted,
        Self::Ok,
    ];

    /// Returns the word for it, as documents and step outputs carry it.
    pub fn word(self) -> String {
        let word = serde_json::to_value(self).expect("a verdict is plain data");
        word.as_str().expect("a verdict is a word").to_owned()
    }

    /// Returns the process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Error => 1,
            Self::Differences => 2,
            Self::Findings => 3,
            Self::NeedsPerson => 4,
            Self::Incomplete => 5,
            Self::Locked => 6,
            Self::Stale => 7,
            Self::Interrupted => 130,
        }
    }

    /// Returns what it means, as the docs print it.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Ok => "done; nothing differs",
            Self::Error => "bad blueprint, wrong use, denied, AWS failed, an apply that did not converge",
            Self::Differences => "something differs: `plan --detailed-exitcode`, `diff`, `drift`",
            Self::Findings => "warnings: `validate --strict`",
            Self::NeedsPerson => {
                "coverage loss, weaker evidence, an irreversible step or a deletion without its approval; or nobody to ask"
            }
            Self::Incomplete => "something could not be read, so \"no drift\" cannot be said",
            Self::Locked => "another run holds the lock of this scope",
            Self::Stale => "the saved plan, or the one that was shown, no longer describes the account",
            Self::Interrupted => "Ctrl-C or `--timeout`; what was done is listed",
        }
    }
}
