//! Condition blocks: operators, keys that a request does not have, policy variables (IAM User Guide, "IAM JSON policy
//! elements: Condition operators").

use super::{Lack, Request, like, texts};
use crate::model::policy::glob;
use serde_json::Value;
use std::cmp::Ordering;

/// What a block of conditions says to a request.
#[derive(Debug, Default)]
pub(super) struct Unmet {
    /// The conditions that do not hold, as far as can be told.
    pub lacks: Vec<Lack>,
    /// True if one of them does not hold for certain.
    pub is_certain: bool,
    /// True if some condition, whether or not it is among them, hangs on a key of which it is not documented whether the
    /// request has it, or cannot be judged.
    pub is_open: bool,
}

/// Returns the conditions that do not hold for a request.
pub(super) fn unmet(block: Option<&Value>, request: &Request<'_>, variables: bool) -> Unmet {
    let mut all = Unmet::default();
    for (operator, keys) in block.and_then(Value::as_object).into_iter().flatten() {
        for (key, values) in keys.as_object().into_iter().flatten() {
            let named = texts(values);
            let sent = request.value(key);
            let filled: Vec<Filled> = named.iter().map(|text| fill(text, request, variables)).collect();
            let wanted: Vec<&str> = filled.iter().filter_map(Filled::text).collect();
            let read = Operator::read(operator);
            let met_one = read
                .as_ref()
                .zip(sent)
                .is_some_and(|(read, sent)| wanted.iter().any(|wanted| read.meets(wanted, sent)));
            // A key that may be there may have any value, whatever the operator makes of one that is not. A value that is
            // open matters unless another one is met already.
            let open = request.is_open(key) || (filled.contains(&Filled::Open) && !met_one);
            let judged = read.and_then(|read| read.holds(sent, &wanted));
            let is_open = open || judged.is_none();
            all.is_open |= is_open;
            if !judged.unwrap_or(false) {
                all.is_certain |= !is_open;
                let (operator, key) = (operator.clone(), key.clone());
                all.lacks.push(Lack::Condition { operator, key, named, sent: sent.map(ToOwned::to_owned) });
            }
        }
    }
    all
}

/// A text with its policy variables replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Filled {
    Text(String),
    /// A variable has no value, so that the text matches nothing (IAM User Guide, policy variables).
    Nothing,
    /// Whether the request has the key is not documented, or the text cannot be told from a wildcard.
    Open,
}

impl Filled {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Nothing | Self::Open => None,
        }
    }
}

/// Replaces `${key}` and `${key, 'default'}` by what the request has.
pub(super) fn fill(text: &str, request: &Request<'_>, variables: bool) -> Filled {
    if !variables || !text.contains("${") {
        return Filled::Text(text.to_owned());
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((inner, tail)) = after.split_once('}') else { return Filled::Nothing };
        let (key, default) = match inner.split_once(',') {
            Some((key, default)) => (key.trim(), Some(default.trim().trim_matches('\''))),
            None => (inner.trim(), None),
        };
        out.push_str(before);
        match (key, request.value(key).or(default)) {
            ("$", _) => out.push('$'),
            // The characters themselves, which `like` has no spelling for.
            ("*" | "?", _) => return Filled::Open,
            // A default is for a key that is not there, and this one may be.
            (_, Some(_)) if request.is_open(key) => return Filled::Open,
            (_, Some(value)) => out.push_str(value),
            (_, None) if request.is_open(key) => return Filled::Open,
            (_, None) => return Filled::Nothing,
        }
        rest = tail;
    }
    Filled::Text(out + rest)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Test {
    Equals,
    EqualsIgnoreCase,
    Like,
    Arn,
    Bool,
    Number(&'static [Ordering]),
    Null,
    /// Dates, addresses and bytes: no delivery presents one.
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantity {
    One,
    All,
    Any,
}

struct Operator {
    test: Test,
    negated: bool,
    if_exists: bool,
    quantity: Quantity,
}

impl Operator {
    fn read(name: &str) -> Option<Self> {
        use Ordering::{Equal, Greater, Less};
        let (quantity, name) = match name.split_once(':') {
            None => (Quantity::One, name),
            Some(("ForAllValues", rest)) => (Quantity::All, rest),
            Some(("ForAnyValue", rest)) => (Quantity::Any, rest),
            Some(_) => return None,
        };
        let (name, if_exists) = match name.strip_suffix("IfExists") {
            Some(plain) => (plain, true),
            None => (name, false),
        };
        let (test, negated) = match name {
            "StringEquals" => (Test::Equals, false),
            "StringNotEquals" => (Test::Equals, true),
            "StringEqualsIgnoreCase" => (Test::EqualsIgnoreCase, false),
            "StringNotEqualsIgnoreCase" => (Test::EqualsIgnoreCase, true),
            "StringLike" => (Test::Like, false),
            "StringNotLike" => (Test::Like, true),
            "ArnEquals" | "ArnLike" => (Test::Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (Test::Arn, true),
            "Bool" => (Test::Bool, false),
            "Null" => (Test::Null, false),
            "NumericEquals" => (Test::Number(&[Equal]), false),
            "NumericNotEquals" => (Test::Number(&[Equal]), true),
            "NumericLessThan" => (Test::Number(&[Less]), false),
            "NumericLessThanEquals" => (Test::Number(&[Less, Equal]), false),
            "NumericGreaterThan" => (Test::Number(&[Greater]), false),
            "NumericGreaterThanEquals" => (Test::Number(&[Greater, Equal]), false),
            "NotIpAddress" | "DateNotEquals" => (Test::Other, true),
            "IpAddress" | "BinaryEquals" => (Test::Other, false),
            _ if name.starts_with("Date") => (Test::Other, false),
            _ => return None,
        };
        Some(Self { test, negated, if_exists, quantity })
    }

    /// Returns whether the condition holds; `None` if that cannot be told.
    fn holds(&self, sent: Option<&str>, wanted: &[&str]) -> Option<bool> {
        if self.test == Test::Null {
            let absent = sent.is_none().to_string();
            return Some(wanted.iter().any(|value| value.eq_ignore_ascii_case(&absent)));
        }
        let Some(sent) = sent else {
            // IAM User Guide: a key that is not there fails what asks for a value and meets what excludes one.
            return Some(match self.quantity {
                _ if self.if_exists => true,
                Quantity::All => true,
                Quantity::Any => false,
                Quantity::One => self.negated,
            });
        };
        if self.test == Test::Other {
            return None;
        }
        Some(wanted.iter().any(|wanted| self.meets(wanted, sent)) != self.negated)
    }

    fn meets(&self, wanted: &str, sent: &str) -> bool {
        match self.test {
            Test::Equals => wanted == sent,
            Test::EqualsIgnoreCase | Test::Bool => wanted.eq_ignore_ascii_case(sent),
            Test::Like => like(wanted, sent),
            Test::Arn => glob::arn_contains(wanted, sent),
            Test::Number(orders) => match (wanted.parse::<f64>(), sent.parse::<f64>()) {
                (Ok(wanted), Ok(sent)) => {
                    sent.partial_cmp(&wanted).is_some_and(|order| orders.contains(&order))
                }
                _ => false,
            },
            Test::Null | Test::Other => false,
        }
    }
}
