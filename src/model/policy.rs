//! IAM policy documents in canonical form, so that `==` is the whole comparison.
//!
//! The rules are those of IAM's policy grammar: one string is a list of one, order and repetition mean nothing,
//! action names and condition keys are case-insensitive, numbers and booleans are their text.

mod compare;
mod conditions;
pub(super) mod glob;
#[cfg(test)]
mod laws;
mod shape;

pub use compare::{Comparison, Denial, Grant, Who, Why};

use crate::model::digest;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Spellings that AWS documents for the words we write; other words are shown in lower case.
const SPELLINGS: &[&str] = &[
    "s3:GetBucketAcl",
    "s3:PutObject",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:GetBucketLocation",
    "s3:DeleteBucket",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncrypt*",
    "kms:GenerateDataKey",
    "kms:GenerateDataKey*",
    "kms:Describe*",
    "kms:DescribeKey",
    "kms:Get*",
    "kms:List*",
    "kms:Put*",
    "kms:Update*",
    "kms:Enable*",
    "kms:Disable*",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:RevokeGrant",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:ScheduleKeyDeletion",
    "kms:CancelKeyDeletion",
    "sns:Publish",
    "sts:AssumeRole",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "aws:SourceArn",
    "aws:SourceAccount",
    "aws:SecureTransport",
    "s3:TlsVersion",
    "kms:ViaService",
    "kms:CallerAccount",
    "aws:PrincipalArn",
    "kms:EncryptionContext:aws:cloudtrail:arn",
    "kms:EncryptionContext:aws:logs:arn",
];

fn spelled(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    SPELLINGS
        .iter()
        .find(|known| known.to_ascii_lowercase() == lower)
        .map_or(lower, |known| (*known).to_owned())
}

/// A policy document; statements by Sid, or by a mark of their content where they have none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    version: String,
    statements: BTreeMap<String, Statement>,
}

/// Why a text is not a policy document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a policy document: {0}")]
pub struct NotAPolicy(String);

impl Policy {
    /// Returns a document of the current policy version.
    pub fn new(statements: impl IntoIterator<Item = Statement>) -> Self {
        let mut policy = Self { version: "2012-10-17".into(), statements: BTreeMap::new() };
        for statement in statements {
            policy.add(statement);
        }
        policy
    }
    fn add(&mut self, statement: Statement) {
        let mut key = statement.sid.clone().unwrap_or_else(|| statement.mark());
        while self.statements.contains_key(&key) {
            key.push('+');
        }
        self.statements.insert(key, statement);
    }
    /// Reads a document as a service of a partition (`aws`, `aws-cn`, `aws-us-gov`) gives it.
    ///
    /// # Errors
    /// The text is not JSON, or not an object with statements.
    pub fn parse(text: &str, partition: &str) -> Result<Self, NotAPolicy> {
        let value: Value = serde_json::from_str(text).map_err(|error| NotAPolicy(error.to_string()))?;
        let version = value.get("Version").and_then(Value::as_str).unwrap_or("2008-10-17").to_owned();
        let mut policy = Self { version, statements: BTreeMap::new() };
        let mut statements = Vec::new();
        for statement in listed(value.get("Statement").unwrap_or(&Value::Null)) {
            let object =
                statement.as_object().ok_or_else(|| NotAPolicy("a statement is not an object".into()))?;
            statements.push(Statement::from_json(object, partition));
        }
        // Statements that share a Sid are told apart by what they say, not by where they stand.
        statements.sort_by_cached_key(|statement| statement.to_json().to_string());
        statements.into_iter().for_each(|statement| policy.add(statement));
        Ok(policy)
    }
    /// Reads a document that IAM gives percent-encoded (RFC 3986; IAM API, GetRole). A plus sign is a space as in
    /// forms: one that stands for itself is reserved, and comes as `%2B`.
    ///
    /// # Errors
    /// As [`Policy::parse`].
    pub fn parse_encoded(text: &str, partition: &str) -> Result<Self, NotAPolicy> {
        let spaced = text.replace('+', "%20");
        let plain = percent_encoding::percent_decode_str(&spaced)
            .decode_utf8()
            .map_err(|error| NotAPolicy(error.to_string()))?;
        Self::parse(&plain, partition)
    }
    /// Returns the document to send.
    pub fn to_text(&self) -> String {
        let statements: Vec<Value> = self.statements.values().map(Statement::to_json).collect();
        json!({"Version": self.version, "Statement": statements}).to_string()
    }
    /// Returns the statements by Sid.
    pub fn statements(&self) -> impl Iterator<Item = (&str, &Statement)> {
        self.statements.iter().map(|(sid, statement)| (sid.as_str(), statement))
    }
    /// Returns true if some statement carries this Sid.
    pub fn has(&self, sid: &str) -> bool {
        self.statements.contains_key(sid)
    }
    /// Returns the principals of type `AWS` that are entities' ARNs or ids.
    pub fn aws_principals(&self) -> BTreeSet<&str> {
        self.statements
            .values()
            .filter_map(|statement| statement.principal.get("AWS"))
            .flatten()
            .map(String::as_str)
            .collect()
    }
}

impl Serialize for Policy {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut parts: BTreeMap<&str, Value> =
            self.statements.iter().map(|(sid, statement)| (sid.as_str(), statement.to_json())).collect();
        if self.version != "2012-10-17" {
            parts.insert("Version", json!(self.version));
        }
        parts.serialize(s)
    }
}

/// One statement, its lists sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    sid: Option<String>,
    effect: String,
    principal: BTreeMap<String, BTreeSet<String>>,
    action: BTreeSet<String>,
    resource: BTreeSet<String>,
    condition: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
    /// Members we do not use: those with `Not` in their name in canonical form, others as they came. They make a
    /// difference.
    other: Map<String, Value>,
}

impl Statement {
    fn new(sid: &str, effect: &str) -> Self {
        Self {
            sid: Some(sid.into()),
            effect: effect.into(),
            principal: BTreeMap::new(),
            action: BTreeSet::new(),
            resource: BTreeSet::new(),
            condition: BTreeMap::new(),
            other: Map::new(),
        }
    }
    /// Returns an empty Allow statement.
    pub fn allow(sid: &str) -> Self {
        Self::new(sid, "Allow")
    }
    /// Returns an empty Deny statement.
    pub fn deny(sid: &str) -> Self {
        Self::new(sid, "Deny")
    }
    /// Adds a service principal such as `cloudtrail.amazonaws.com`.
    #[must_use]
    pub fn service(self, name: &str) -> Self {
        self.principal("Service", name)
    }
    /// Adds a principal ARN, or `*`.
    #[must_use]
    pub fn aws(self, arn: &str) -> Self {
        self.principal("AWS", arn)
    }
    fn principal(mut self, kind: &str, name: &str) -> Self {
        self.principal.entry(kind.into()).or_default().insert(name.into());
        self
    }
    /// Adds actions.
    #[must_use]
    pub fn actions(mut self, names: &[&str]) -> Self {
        self.action.extend(names.iter().map(|name| spelled(name)));
        self
    }
    /// Adds resources.
    #[must_use]
    pub fn resources<T: Into<String>>(mut self, arns: impl IntoIterator<Item = T>) -> Self {
        self.resource.extend(arns.into_iter().map(Into::into));
        self
    }
    /// Adds a condition: operator, key, one value.
    #[must_use]
    pub fn when(mut self, operator: &str, key: &str, value: impl Into<String>) -> Self {
        self.condition
            .entry(operator.into())
            .or_default()
            .entry(spelled(key))
            .or_default()
            .insert(condition_value(operator, value.into()));
        self
    }
    fn from_json(object: &Map<String, Value>, partition: &str) -> Self {
        let mut statement = Self::new("", "Allow");
        statement.sid = None;
        for (key, value) in object {
            match key.as_str() {
                "Sid" => statement.sid = value.as_str().filter(|sid| !sid.is_empty()).map(str::to_owned),
                "Effect" => statement.effect = value.as_str().unwrap_or_default().to_owned(),
                "Principal" => statement.principal = principals(value, partition),
                "Action" => statement.action = texts(value).iter().map(|word| spelled(word)).collect(),
                "Resource" => statement.resource = texts(value),
                "Condition" => statement.condition = conditions(value),
                "NotPrincipal" => statement.keep(key, json!(principals(value, partition))),
                "NotAction" => {
                    let words: BTreeSet<String> = texts(value).iter().map(|word| spelled(word)).collect();
                    statement.keep(key, json!(words));
                }
                "NotResource" => statement.keep(key, json!(texts(value))),
                _ => statement.keep(key, value.clone()),
            }
        }
        statement
    }
    fn keep(&mut self, key: &str, value: Value) {
        self.other.insert(key.to_owned(), value);
    }
    fn to_json(&self) -> Value {
        let mut object = self.other.clone();
        if let Some(sid) = &self.sid {
            object.insert("Sid".into(), json!(sid));
        }
        object.insert("Effect".into(), json!(self.effect));
        if !self.principal.is_empty() {
            // `*` and {"AWS": "*"} mean the same in resource policies; services give either back.
            object.insert("Principal".into(), json!(self.principal));
        }
        if !self.action.is_empty() {
            object.insert("Action".into(), json!(self.action));
        }
        if !self.resource.is_empty() {
            object.insert("Resource".into(), json!(self.resource));
        }
        if !self.condition.is_empty() {
            object.insert("Condition".into(), json!(self.condition));
        }
        Value::Object(object)
    }
    fn mark(&self) -> String {
        format!("unnamed-{}", &digest::of(&self.to_json())[..8])
    }
}

fn listed(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    }
}

fn texts(value: &Value) -> BTreeSet<String> {
    listed(value)
        .into_iter()
        .map(|item| match item {
            Value::String(text) => text,
            other => other.to_string(),
        })
        .collect()
}

fn principals(value: &Value, partition: &str) -> BTreeMap<String, BTreeSet<String>> {
    let Value::Object(kinds) = value else { return BTreeMap::from([("AWS".to_owned(), texts(value))]) };
    kinds
        .iter()
        .map(|(kind, names)| {
            let names = texts(names).into_iter().map(|name| match kind.as_str() {
                // The short form of an account is its root (IAM User Guide, Principal element).
                "AWS" if name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit()) => {
                    format!("arn:{partition}:iam::{name}:root")
                }
                _ => name,
            });
            (kind.clone(), names.collect())
        })
        .collect()
}

fn conditions(value: &Value) -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
    let Value::Object(operators) = value else { return BTreeMap::new() };
    operators
        .iter()
        .filter_map(|(operator, keys)| {
            let keys = keys.as_object()?;
            let values =
                |values| texts(values).into_iter().map(|value| condition_value(operator, value)).collect();
            Some((operator.clone(), keys.iter().map(|(key, set)| (spelled(key), values(set))).collect()))
        })
        .collect()
}

/// Returns a condition's value as its operator reads it: numbers and booleans have several spellings (IAM User Guide,
/// condition operators).
fn condition_value(operator: &str, value: String) -> String {
    let plain = operator.rsplit(':').next().unwrap_or(operator).trim_end_matches("IfExists");
    match plain {
        "Bool" | "Null" => value.to_ascii_lowercase(),
        _ if plain.starts_with("Numeric") => {
            value.trim().parse::<f64>().map_or(value, |number| number.to_string())
        }
        _ => value,
    }
}

#[cfg(test)]
mod tests;
