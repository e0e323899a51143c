//! What the sandbox account answers: one row per operation, one folder or file per service.
//!
//! A handler sees the operation's input as JSON with the member names of AWS's API model, whatever the wire
//! format was, and gives back the output in the same form. It never sees HTTP.

pub mod bedrock;
pub mod cloudtrail;
pub mod cloudwatch;
pub mod delivery;
#[cfg(test)]
mod fixture;
pub mod iam;
pub mod kms;
pub mod listing;
pub mod logs;
pub mod organizations;
pub mod policy_check;
pub mod record;
pub mod s3;
pub mod sns;
pub mod sts;
pub mod tagging;

use crate::sandbox::state::State;
use jiff::Timestamp;
use serde_json::{Map, Value};

/// What an operation answers: its output's members, or the error AWS would give.
pub type Answer = Result<Value, Fault>;

/// An error as AWS states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// HTTP status.
    pub status: u16,
    /// AWS's error code, as on the wire.
    pub code: String,
    /// AWS's message.
    pub message: String,
    /// What the answer's headers tell besides, names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Fault {
    /// Returns a refusal with status 400.
    pub fn bad(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::with(400, code, message)
    }
    /// Returns a fault with a status of its own.
    pub fn with(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into(), headers: Vec::new() }
    }
    /// Adds a header to the answer.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// One operation of one service.
pub struct Operation {
    /// Service as in IAM action prefixes: `cloudtrail`, `cloudwatch`, `logs`, `kms`, `iam`, `sns`, `s3`, `sts`,
    /// `bedrock`, `organizations`, `tag`.
    pub service: &'static str,
    /// API name, such as `PutEventSelectors`.
    pub name: &'static str,
    /// True if the operation changes the account: only then is the state written to its file.
    pub writes: bool,
    /// Answers one call.
    pub handler: fn(&mut Call<'_>) -> Answer,
}

/// Every service's table of operations.
const TABLES: &[&[Operation]] = &[
    bedrock::OPERATIONS,
    cloudtrail::OPERATIONS,
    cloudwatch::OPERATIONS,
    iam::OPERATIONS,
    kms::OPERATIONS,
    logs::OPERATIONS,
    organizations::OPERATIONS,
    s3::OPERATIONS,
    sns::OPERATIONS,
    sts::OPERATIONS,
    tagging::OPERATIONS,
];

/// Returns every operation that the sandbox answers, service by service.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    TABLES.iter().copied().flatten()
}

/// Returns the row of one operation, `None` if the sandbox lacks it.
#[must_use]
pub fn operation(service: &str, name: &str) -> Option<&'static Operation> {
    operations().find(|row| row.service == service && row.name == name)
}

/// One call as a handler sees it.
pub struct Call<'a> {
    /// The whole organisation.
    pub state: &'a mut State,
    /// The sandbox clock's time.
    pub now: Timestamp,
    /// The caller's account.
    pub account: &'a str,
    /// The Region of the endpoint.
    pub region: &'a str,
    /// ARN of the caller.
    pub principal: &'a str,
    /// Members of the operation's input. Numbers and booleans may come as strings (query protocol).
    pub input: &'a Value,
}

impl Call<'_> {
    /// Returns a text member, or `None` if absent or empty.
    pub fn text(&self, member: &str) -> Option<String> {
        text(self.input, member)
    }
    /// Returns a text member.
    ///
    /// # Errors
    /// `ValidationException` names the member if it is absent.
    pub fn need(&self, member: &str) -> Result<String, Fault> {
        self.text(member).ok_or_else(|| Fault::bad("ValidationException", format!("{member} is required")))
    }
    /// Returns a boolean member; accepts `true` and `"true"`.
    pub fn flag(&self, member: &str) -> Option<bool> {
        match self.input.get(member)? {
            Value::Bool(b) => Some(*b),
            Value::String(s) => Some(s == "true"),
            _ => None,
        }
    }
    /// Returns a whole number; accepts `5` and `"5"`.
    pub fn number(&self, member: &str) -> Option<i64> {
        match self.input.get(member)? {
            Value::Number(n) => n.as_i64().or_else(|| n.as_f64().map(|f| f as i64)),
            Value::String(s) => s.parse().ok(),
            _ => None,
        }
    }
    /// Returns a list member, empty if absent.
    pub fn list(&self, member: &str) -> Vec<Value> {
        self.input.get(member).and_then(Value::as_array).cloned().unwrap_or_default()
    }
    /// Returns a regional table of the caller's account and this Region, such as `"kms_keys"`.
    pub fn table(&mut self, name: &str) -> &mut Map<String, Value> {
        let (account, region) = (self.account.to_owned(), self.region.to_owned());
        self.state.table(&account, &region, name)
    }
    /// Returns a table that is not regional (IAM roles, dashboards, the buckets this account owns).
    pub fn global(&mut self, name: &str) -> &mut Map<String, Value> {
        let account = self.account.to_owned();
        self.state.table(&account, "global", name)
    }
}

/// Returns a text member of any JSON object; numbers are written out; empty text counts as absent.
pub fn text(value: &Value, member: &str) -> Option<String> {
    match value.get(member)? {
        Value::String(s) if !s.is_empty() => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        _ => None,
    }
}
