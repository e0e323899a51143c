//! Condition blocks of policy statements: operators, absent keys, policy variables.
//!
//! IAM User Guide, "IAM JSON policy elements: Condition operators".

use super::{like, texts};
use serde_json::Value;

/// Returns true if every operator of a condition block holds. No block holds; an operator that IAM does not
/// have never does.
#[must_use]
pub fn hold(block: Option<&Value>, context: &[(&str, &str)], variables: bool) -> bool {
    let Some(block) = block else { return true };
    let Some(operators) = block.as_object() else { return false };
    operators.iter().all(|(operator, keys)| {
        let (Some(operator), Some(keys)) = (Operator::parse(operator), keys.as_object()) else {
            return false;
        };
        keys.iter()
            .all(|(key, wanted)| operator.holds(&values(context, key), &filled(wanted, context, variables)))
    })
}

/// Replaces `${key}` and `${key, 'default'}` by the request's values; `None` if one has neither.
#[must_use]
pub fn fill(text: &str, context: &[(&str, &str)], variables: bool) -> Option<String> {
    if !variables || !text.contains("${") {
        return Some(text.into());
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (inner, tail) = after.split_once('}')?;
        out.push_str(before);
        let (key, default) = match inner.split_once(',') {
            Some((key, default)) => (key.trim(), Some(default.trim().trim_matches('\''))),
            None => (inner.trim(), None),
        };
        match key {
            // IAM User Guide, "Policy variables": how `*`, `?` and `$` are written literally.
            "*" | "?" | "$" => out.push_str(key),
            _ => out.push_str(values(context, key).first().copied().or(default)?),
        }
        rest = tail;
    }
    out.push_str(rest);
    Some(out)
}

/// Returns true if IAM has an operator of this name.
#[must_use]
pub fn is_operator(name: &str) -> bool {
    Operator::parse(name).is_some()
}

fn values<'a>(context: &[(&'a str, &'a str)], key: &str) -> Vec<&'a str> {
    // Condition keys compare case-insensitively.
    context.iter().filter(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, v)| *v).collect()
}

fn filled(wanted: &Value, context: &[(&str, &str)], variables: bool) -> Vec<String> {
    texts(wanted).iter().filter_map(|text| fill(text, context, variables)).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Test {
    Equals,
    EqualsIgnoreCase,
    Like,
    ArnLike,
    Bool,
    Null,
    Number(Order),
    /// Dates are ISO 8601 in policies: as instants.
    Date(Order),
    IpAddress,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    fn holds<T: PartialOrd>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Equal => left == right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quantity {
    Single,
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
    fn parse(name: &str) -> Option<Self> {
        let (quantity, name) = match name.split_once(':') {
            Some(("ForAllValues", rest)) => (Quantity::All, rest),
            Some(("ForAnyValue", rest)) => (Quantity::Any, rest),
            Some(_) => return None,
            None => (Quantity::Single, name),
        };
        let (name, if_exists) = match name.strip_suffix("IfExists") {
            Some(rest) => (rest, true),
            None => (name, false),
        };
        let (test, negated) = match name {
            "StringEquals" | "BinaryEquals" => (Test::Equals, false),
            "StringNotEquals" => (Test::Equals, true),
            "StringEqualsIgnoreCase" => (Test::EqualsIgnoreCase, false),
            "StringNotEqualsIgnoreCase" => (Test::EqualsIgnoreCase, true),
            "StringLike" => (Test::Like, false),
            "StringNotLike" => (Test::Like, true),
            "ArnEquals" | "ArnLike" => (Test::ArnLike, false),
            "ArnNotEquals" | "ArnNotLike" => (Test::ArnLike, true),
            "Bool" => (Test::Bool, false),
            "Null" if !if_exists => (Test::Null, false),
            "NumericEquals" => (Test::Number(Order::Equal), false),
            "NumericNotEquals" => (Test::Number(Order::Equal), true),
            "NumericLessThan" => (Test::Number(Order::Less), false),
            "NumericLessThanEquals" => (Test::Number(Order::LessOrEqual), false),
            "NumericGreaterThan" => (Test::Number(Order::Greater), false),
            "NumericGreaterThanEquals" => (Test::Number(Order::GreaterOrEqual), false),
            "DateEquals" => (Test::Date(Order::Equal), false),
            "DateNotEquals" => (Test::Date(Order::Equal), true),
            "DateLessThan" => (Test::Date(Order::Less), false),
            "DateLessThanEquals" => (Test::Date(Order::LessOrEqual), false),
            "DateGreaterThan" => (Test::Date(Order::Greater), false),
            "DateGreaterThanEquals" => (Test::Date(Order::GreaterOrEqual), false),
            "IpAddress" => (Test::IpAddress, false),
            "NotIpAddress" => (Test::IpAddress, true),
            _ => return None,
        };
        Some(Self { test, negated, if_exists, quantity })
    }

    fn holds(&self, given: &[&str], wanted: &[String]) -> bool {
        if self.test == Test::Null {
            return wanted
                .iter()
                .any(|w| w.eq_ignore_ascii_case(if given.is_empty() { "true" } else { "false" }));
        }
        if given.is_empty() {
            // An absent key fails a positive test and meets a negated one; ForAllValues holds on no values.
            return match self.quantity {
                Quantity::All => true,
                Quantity::Any => false,
                Quantity::Single => self.if_exists || self.negated,
            };
        }
        // Several wanted values are an "or"; under a negated operator they are a "nor".
        let one = |value: &str| wanted.iter().any(|w| self.test.holds(value, w)) != self.negated;
        match self.quantity {
            Quantity::All => given.iter().all(|value| one(value)),
            Quantity::Any => given.iter().any(|value| one(value)),
            Quantity::Single if self.negated => given.iter().all(|value| one(value)),
            Quantity::Single => given.iter().any(|value| one(value)),
        }
    }
}

impl Test {
    fn holds(self, given: &str, wanted: &str) -> bool {
        match self {
            Self::Equals => given == wanted,
            Self::EqualsIgnoreCase | Self::Bool => given.eq_ignore_ascii_case(wanted),
            Self::Like => like(wanted, given),
            Self::ArnLike => arn_like(wanted, given),
            Self::Null => false,
            Self::Number(order) => match (given.parse::<f64>(), wanted.parse::<f64>()) {
                (Ok(given), Ok(wanted)) => order.holds(&given, &wanted),
                _ => false,
            },
            Self::Date(order) => {
                match (given.parse::<jiff::Timestamp>(), wanted.parse::<jiff::Timestamp>()) {
                    (Ok(given), Ok(wanted)) => order.holds(&given, &wanted),
                    _ => false,
                }
            }
            Self::IpAddress => in_network(given, wanted),
        }
    }
}

/// ARNs compare part by part: a star does not reach over a colon, but in the last part it takes all.
fn arn_like(pattern: &str, arn: &str) -> bool {
    let (pattern, arn): (Vec<&str>, Vec<&str>) =
        (pattern.splitn(6, ':').collect(), arn.splitn(6, ':').collect());
    pattern.len() == arn.len() && pattern.iter().zip(&arn).all(|(p, a)| like(p, a))
}

fn in_network(address: &str, network: &str) -> bool {
    let (base, bits) = match network.split_once('/') {
        Some((base, bits)) => (base, bits.parse::<u32>().ok()),
        None => (network, None),
    };
    let (Ok(address), Ok(base)) = (address.parse::<std::net::IpAddr>(), base.parse::<std::net::IpAddr>())
    else {
        return false;
    };
    let (width, left, right) = match (address, base) {
        (std::net::IpAddr::V4(a), std::net::IpAddr::V4(b)) => {
            (32, u128::from(a.to_bits()), u128::from(b.to_bits()))
        }
        (std::net::IpAddr::V6(a), std::net::IpAddr::V6(b)) => (128, a.to_bits(), b.to_bits()),
        _ => return false,
    };
    let drop = width - bits.unwrap_or(width).min(width);
    drop == 128 || left >> drop == right >> drop
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_operator_holds_where_iam_says_so() {
        let arn = "arn:aws:bedrock:eu-central-1:111122223333:guardrail/x";
        let context = [
            ("aws:SourceArn", arn),
            ("s3:TlsVersion", "1.2"),
            ("aws:SourceIp", "10.1.2.3"),
            ("k", "a"),
            ("k", "b"),
        ];
        let cases = [
            ("no conditions", json!({}), true),
            (
                "arn star per part",
                json!({"ArnLike": {"aws:SourceArn": "arn:aws:bedrock:*:111122223333:*"}}),
                true,
            ),
            ("arn star over parts", json!({"ArnLike": {"aws:SourceArn": "arn:aws:*:111122223333:*"}}), false),
            ("string star", json!({"StringLike": {"AWS:SourceArn": "arn:aws:*x"}}), true),
            ("string equals", json!({"StringEquals": {"aws:SourceArn": "arn:aws:*"}}), false),
            ("absent", json!({"StringEquals": {"aws:SourceAccount": "1"}}), false),
            ("absent, negated", json!({"StringNotEquals": {"aws:SourceAccount": "1"}}), true),
            ("absent, if exists", json!({"StringEqualsIfExists": {"aws:SourceAccount": "1"}}), true),
            ("null true", json!({"Null": {"aws:SourceAccount": "true"}}), true),
            ("null false", json!({"Null": {"aws:SourceArn": false}}), true),
            ("number", json!({"NumericGreaterThanEquals": {"s3:TlsVersion": 1.2}}), true),
            ("ip", json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}), true),
            ("not ip", json!({"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.0.2.0/24"]}}), false),
            ("all values", json!({"ForAllValues:StringEquals": {"k": ["a", "b", "c"]}}), true),
            ("any value", json!({"ForAnyValue:StringEquals": {"k": ["b"]}}), true),
            ("none of", json!({"StringNotEquals": {"k": ["b"]}}), false),
            ("unknown operator", json!({"StringIs": {"k": "a"}}), false),
            ("both", json!({"StringLike": {"k": "a"}, "Null": {"k": "true"}}), false),
        ];
        for (case, block, want) in cases {
            assert_eq!(hold(Some(&block), &context, true), want, "{case}");
        }
        assert!(hold(None, &[], true), "no block");
    }

    #[test]
    fn variables_are_replaced_only_in_the_new_version() {
        let context = [("aws:SourceAccount", "111122223333")];
        assert_eq!(fill("x/${aws:sourceaccount}/*", &context, true).as_deref(), Some("x/111122223333/*"));
        assert_eq!(
            fill("x/${aws:sourceaccount}", &context, false).as_deref(),
            Some("x/${aws:sourceaccount}")
        );
        assert_eq!(fill("${aws:userid, 'nobody'}${*}", &context, true).as_deref(), Some("nobody*"));
        assert_eq!(fill("${aws:userid}", &context, true), None);
    }
}
