//! Who calls: the access key says which account, and as whom.

use crate::sandbox::service::text;
use crate::sandbox::state::State;
use jiff::Timestamp;
use serde_json::Value;

/// A caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Caller {
    pub account: String,
    /// ARN that policies know: of the user, or of the role behind a session.
    pub principal: String,
    /// ARN that STS answers and that errors name: of the user or of the session.
    pub session: String,
    /// Whether the session's credentials have run out.
    pub expired: bool,
}

/// Returns who signs with an access key: twelve digits are an account, a key that AssumeRole gave is its role, and
/// anything else is the default account.
pub(super) fn caller(state: &State, default: &str, access_key: Option<&str>, now: Timestamp) -> Caller {
    let key = access_key.unwrap_or_default();
    if let Some((account, record)) = session(state, key) {
        let arn = |member| text(record, member).unwrap_or_default();
        let ends = record.get("Expires").and_then(Value::as_i64).unwrap_or(i64::MAX);
        return Caller {
            account: account.into(),
            principal: arn("RoleArn"),
            session: arn("Arn"),
            expired: now.as_millisecond() >= ends,
        };
    }
    let is_account = key.len() == 12 && key.bytes().all(|byte| byte.is_ascii_digit());
    let account = if is_account { key } else { default };
    let user = format!("arn:aws:iam::{account}:user/sandbox");
    Caller { account: account.into(), principal: user.clone(), session: user, expired: false }
}

/// Returns the account and record of a session by its access key.
pub(super) fn session<'s>(state: &'s State, key: &str) -> Option<(&'s str, &'s Value)> {
    state.accounts.iter().find_map(|(account, regions)| {
        Some((account.as_str(), regions.get("global")?.get("sessions")?.get(key)?))
    })
}
