//! Exit codes: a contract from the first release on.

use serde::Serialize;

/// How a command ended. Of several, the one that stands first here wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// 1: bad blueprint, denied, AWS failed, wrong use.
    Error,
    /// 5: something could not be read, so "no drift" cannot be said.
    Incomplete,
    /// 4: coverage loss, weaker evidence or an irreversible step without its approval.
    NeedsPerson,
    /// 2: differences.
    Differences,
    /// 3: findings of `validate --strict`.
    Findings,
    /// 130: interrupted; what was done is listed.
    Interrupted,
    /// 0: done; nothing differs.
    Ok,
}

impl Verdict {
    /// Returns the process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Error => 1,
            Self::Differences => 2,
            Self::Findings => 3,
            Self::NeedsPerson => 4,
            Self::Incomplete => 5,
            Self::Interrupted => 130,
        }
    }
}
