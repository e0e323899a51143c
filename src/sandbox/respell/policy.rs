//! Policy documents in other words: the forms that IAM's policy grammar holds for the same (IAM User Guide, grammar of
//! the JSON policy language, and Principal element).

use super::dice::Dice;
use super::text;
use serde_json::{Map, Value, json};

/// Returns a document that means the same; `None` for what is no document.
pub(super) fn respell(policy: &str, dice: &mut Dice) -> Option<String> {
    let mut document: Value = serde_json::from_str(policy).ok()?;
    let members = document.as_object_mut()?;
    if let Some(statements) = members.get_mut("Statement") {
        list(statements, dice);
        match statements {
            Value::Array(all) => all.iter_mut().for_each(|one| statement(one, dice)),
            one => statement(one, dice),
        }
    }
    if dice.flips() {
        members.entry("Id").or_insert_with(|| json!("__default_policy_ID"));
    }
    Some(text::json(&document, dice))
}

fn statement(statement: &mut Value, dice: &mut Dice) {
    for (name, value) in statement.as_object_mut().into_iter().flatten() {
        match name.as_str() {
            "Action" | "NotAction" => {
                each(value, |action| *action = other_case(action, dice).into());
                list(value, dice);
            }
            "Resource" | "NotResource" => list(value, dice),
            "Principal" | "NotPrincipal" => principal(value, dice),
            "Condition" => condition(value, dice),
            _ => {}
        }
    }
}

/// Brings a list into any order, writes one of one as its element, and the other way round.
fn list(value: &mut Value, dice: &mut Dice) {
    match value {
        Value::Array(items) => {
            dice.shuffle(items);
            if items.len() == 1 && dice.flips() {
                *value = items.remove(0);
            }
        }
        one if dice.flips() => *one = Value::Array(vec![one.take()]),
        _ => {}
    }
}

fn each(value: &mut Value, mut change: impl FnMut(&mut Value)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(change),
        one => change(one),
    }
}

fn principal(value: &mut Value, dice: &mut Dice) {
    let everyone = json!({"AWS": "*"});
    if *value == "*" || *value == everyone {
        *value = if dice.flips() { json!("*") } else { everyone };
    }
    for (kind, names) in value.as_object_mut().into_iter().flatten() {
        if kind == "AWS" {
            each(names, |name| {
                if let Some(account) = root_of(name)
                    && dice.flips()
                {
                    *name = account.into();
                }
            });
        }
        list(names, dice);
    }
}

/// Returns the account of a root's ARN: its short form is the same principal.
fn root_of(name: &Value) -> Option<String> {
    let rest = name.as_str()?.strip_prefix("arn:aws:iam::")?;
    rest.strip_suffix(":root").map(ToOwned::to_owned)
}

fn condition(value: &mut Value, dice: &mut Dice) {
    for (operator, keys) in value.as_object_mut().into_iter().flatten() {
        let Some(keys) = keys.as_object_mut() else { continue };
        let told: Map<String, Value> = std::mem::take(keys)
            .into_iter()
            .map(|(key, mut values)| {
                each(&mut values, |value| retype(operator, value, dice));
                list(&mut values, dice);
                // Keys are case-insensitive, operators and values are not (IAM User Guide, Condition element).
                (other_case(&Value::from(key), dice), values)
            })
            .collect();
        *keys = told;
    }
}

/// Writes `"true"` as `true` or `"True"`, and numbers as numbers, with or without an empty fraction.
fn retype(operator: &str, value: &mut Value, dice: &mut Dice) {
    let Some(text) = value.as_str().map(ToOwned::to_owned) else { return };
    let other = match (operator, dice.below(3)) {
        ("Bool" | "Null", 0) => text.parse::<bool>().ok().map(Value::from),
        ("Bool" | "Null", 1) if text == "true" => Some(json!("True")),
        (_, 0) if operator.starts_with("Numeric") => serde_json::from_str::<Value>(&text).ok(),
        (_, 1) if operator.starts_with("Numeric") && text.parse::<i64>().is_ok() => {
            Some(json!(format!("{text}.0")))
        }
        _ => None,
    };
    if let Some(other) = other {
        *value = other;
    }
}

fn other_case(word: &Value, dice: &mut Dice) -> String {
    let word = word.as_str().unwrap_or_default();
    match dice.below(3) {
        0 => word.to_ascii_lowercase(),
        1 => word.to_ascii_uppercase(),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Policy, Statement};
    use std::collections::BTreeSet;

    #[test]
    fn every_spelling_reads_as_the_same_policy() {
        let policy = Policy::new([
            Statement::allow("Root")
                .aws("arn:aws:iam::111122223333:root")
                .actions(&["kms:*"])
                .resources(["*"]),
            Statement::deny("Old")
                .aws("*")
                .actions(&["s3:PutObject", "s3:GetObject"])
                .resources(["a", "b"])
                .when("NumericLessThan", "s3:TlsVersion", "1.2")
                .when("Bool", "aws:SecureTransport", "true")
                .when("NumericGreaterThan", "s3:max-keys", "300"),
        ]);
        let mut spellings = BTreeSet::new();
        for seed in 0..200 {
            let text = respell(&policy.to_text(), &mut Dice::new(seed, "")).expect("a document");
            assert_eq!(Policy::parse(&text, "aws"), Ok(policy.clone()), "{text}");
            spellings.insert(text);
        }
        let all: String = spellings.into_iter().collect();
        for part in ["\"111122223333\"", "KMS:*", "300.0", "\"True\"", "__default_policy_ID", "\\u002A"] {
            assert!(all.contains(part), "{part} comes up");
        }
    }
}
