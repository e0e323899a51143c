//! Condition blocks: operators, keys that a request does not have, policy variables (IAM User Guide, "IAM JSON policy
//! elements: Condition operators").

use super::{Lack, Request, like, texts};
use serde_json::Value;
use std::cmp::Ordering;

/// Returns the conditions that do not hold for a request, and whether that is certain: what hangs on a key of which it is
/// not documented whether the request has it is not.
pub(super) fn unmet(block: Option<&Value>, request: &Request<'_>, variables: bool) -> (Vec<Lack>, bool) {
    let mut lacks = Vec::new();
    let mut certain = true;
    for (operator, keys) in block.and_then(Value::as_object).into_iter().flatten() {
        for (key, values) in keys.as_object().into_iter().flatten() {
            let named = texts(values);
            let sent = request.value(key);
            let filled: Vec<String> =
                named.iter().filter_map(|text| fill(text, request, variables)).collect();
            let read = Operator::read(operator);
            // `Null` asks whether the key is there; what is open about it is open there, too.
            let open = request.is_open(key) && !read.as_ref().is_some_and(|read| read.if_exists);
            let judged = read.and_then(|read| read.holds(sent, &filled));
            certain &= !open && judged.is_some();
            if !judged.unwrap_or(false) {
                let (operator, key) = (operator.clone(), key.clone());
                lacks.push(Lack::Condition { operator, key, named, sent: sent.map(ToOwned::to_owned) });
            }
        }
    }
    (lacks, certain)
}

/// Replaces `${key}` and `${key, 'default'}` by what the request has; `None` if it has neither.
pub(super) fn fill(text: &str, request: &Request<'_>, variables: bool) -> Option<String> {
    if !variables || !text.contains("${") {
        return Some(text.to_owned());
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (inner, tail) = after.split_once('}')?;
        let (key, default) = match inner.split_once(',') {
            Some((key, default)) => (key.trim(), Some(default.trim().trim_matches('\''))),
            None => (inner.trim(), None),
        };
        out.push_str(before);
        out.push_str(request.value(key).or(default)?);
        rest = tail;
    }
    Some(out + rest)
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
    fn holds(&self, sent: Option<&str>, wanted: &[String]) -> Option<bool> {
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
            Test::Arn => arn_like(wanted, sent),
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

/// Each of the six parts of an ARN is compared by itself (IAM User Guide, ARN condition operators).
fn arn_like(pattern: &str, arn: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let (pattern, arn): (Vec<&str>, Vec<&str>) =
        (pattern.splitn(6, ':').collect(), arn.splitn(6, ':').collect());
    pattern.len() == arn.len() && pattern.iter().zip(arn).all(|(pattern, part)| like(pattern, part))
}
