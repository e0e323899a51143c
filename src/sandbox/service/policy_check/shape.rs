//! Whether a text is a policy document at all: its elements and their spelling.
//!
//! IAM User Guide, "Grammar of the IAM JSON policy language".

use super::{conditions, statements, texts};
use serde_json::{Map, Value};

/// Which documents a service takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Attached to a resource: each statement has a principal and a resource.
    Resource,
    /// A role's trust policy: a principal and no resource.
    Trust,
    /// A role's inline policy: a resource and no principal.
    Identity,
}

/// Parses a document and checks its shape; the error says what is wrong, in AWS's manner.
///
/// # Errors
/// Names the first element that the grammar does not allow.
pub fn parse(text: &str, used_as: Use) -> Result<Value, String> {
    let document: Value =
        serde_json::from_str(text).map_err(|_| "This policy contains invalid Json".to_owned())?;
    let Some(members) = document.as_object() else { return Err("This policy contains invalid Json".into()) };
    if let Some(odd) = members.keys().find(|k| !["Version", "Id", "Statement"].contains(&k.as_str())) {
        return Err(format!("Unknown field {odd}"));
    }
    match members.get("Version").map(Value::as_str) {
        None | Some(Some("2012-10-17" | "2008-10-17")) => {}
        Some(_) => return Err("The policy must contain a valid version string".into()),
    }
    let count = match members.get("Statement") {
        Some(Value::Array(list)) => list.len(),
        Some(Value::Object(_)) => 1,
        _ => return Err("Missing required field Statement".into()),
    };
    let parsed = statements(&document);
    if count == 0 || parsed.len() != count {
        return Err("Could not parse the policy: Statement is empty!".into());
    }
    let mut sids = std::collections::BTreeSet::new();
    for statement in parsed {
        check_statement(statement, used_as)?;
        if let Some(sid) = statement.get("Sid").and_then(Value::as_str)
            && !sid.is_empty()
            && !sids.insert(sid)
        {
            return Err("Statement IDs (SID) in a single policy must be unique.".into());
        }
    }
    Ok(document)
}

/// Returns true if a document grants something to everyone, as S3's Block Public Access and SNS read it.
///
/// A statement for `*` is not public when a condition ties it to fixed values of one of S3's listed keys
/// (Amazon S3 User Guide, "The meaning of public"); wildcards and variables do not count as fixed, and an account
/// id inside an ARN with wildcards after it does.
#[must_use]
pub fn is_public(document: &Value) -> bool {
    statements(document).into_iter().any(|statement| {
        statement.get("Effect").and_then(Value::as_str) == Some("Allow")
            && (statement.contains_key("NotPrincipal")
                || statement.get("Principal").is_some_and(names_everyone))
            && !is_tied_down(statement.get("Condition"))
    })
}

fn names_everyone(principal: &Value) -> bool {
    principal.as_str() == Some("*") || principal.get("AWS").is_some_and(|v| texts(v).iter().any(|t| t == "*"))
}

fn is_tied_down(condition: Option<&Value>) -> bool {
    const KEYS: &[&str] = &[
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:sourcearn",
        "aws:sourceaccount",
        "aws:sourceowner",
        "aws:sourceorgid",
        "aws:sourceip",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
    ];
    let Some(operators) = condition.and_then(Value::as_object) else { return false };
    operators.iter().any(|(operator, keys)| {
        let ties =
            ["StringEquals", "StringLike", "ArnEquals", "ArnLike", "IpAddress", "ForAnyValue:StringEquals"]
                .contains(&operator.as_str());
        ties && keys.as_object().is_some_and(|keys| {
            keys.iter().any(|(key, values)| {
                KEYS.contains(&key.to_ascii_lowercase().as_str()) && texts(values).iter().all(|v| is_fixed(v))
            })
        })
    })
}

fn is_fixed(value: &str) -> bool {
    if value.contains("${") || value == "0.0.0.0/0" || value == "::/0" {
        return false;
    }
    match value.splitn(6, ':').collect::<Vec<_>>()[..] {
        // An ARN is fixed when its account is; S3's own (bucket) ARNs have none and must be written out.
        ["arn", _, _, _, "", resource] => !resource.contains(['*', '?']),
        ["arn", _, _, _, account, _] => !account.contains(['*', '?']),
        _ => !value.contains(['*', '?']),
    }
}

fn check_statement(statement: &Map<String, Value>, used_as: Use) -> Result<(), String> {
    const ELEMENTS: &[&str] = &[
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    ];
    if let Some(odd) = statement.keys().find(|k| !ELEMENTS.contains(&k.as_str())) {
        return Err(format!("Unknown field {odd}"));
    }
    if !matches!(statement.get("Effect").and_then(Value::as_str), Some("Allow" | "Deny")) {
        return Err("Invalid effect: must be Allow or Deny".into());
    }
    let has = |element: &str| statement.contains_key(element);
    if has("Principal") && has("NotPrincipal")
        || has("Action") && has("NotAction")
        || has("Resource") && has("NotResource")
    {
        return Err("Statement contains an element together with its negation".into());
    }
    match (used_as, has("Principal") || has("NotPrincipal")) {
        (Use::Identity, true) => return Err("Policy document should not specify a principal.".into()),
        (Use::Resource | Use::Trust, false) => return Err("Missing required field Principal".into()),
        _ => {}
    }
    match (used_as, has("Resource") || has("NotResource")) {
        (Use::Trust, true) => return Err("Has prohibited field Resource".into()),
        (Use::Resource, false) => return Err("Missing required field Resource".into()),
        (Use::Identity, false) => return Err("Policy statement must contain resources.".into()),
        _ => {}
    }
    for element in ["Principal", "NotPrincipal"] {
        if let Some(value) = statement.get(element) {
            check_principal(value)?;
        }
    }
    let actions = statement.get("Action").or_else(|| statement.get("NotAction"));
    let actions = actions.filter(|v| is_texts(v)).map(texts).unwrap_or_default();
    if actions.is_empty() {
        return Err("Policy statement must contain actions.".into());
    }
    if let Some(odd) = actions.iter().find(|a| !is_action(a)) {
        return Err(format!("Policy has invalid action {odd}"));
    }
    let resources = statement.get("Resource").or_else(|| statement.get("NotResource"));
    if let Some(value) = resources {
        let listed = texts(value);
        if !is_texts(value) || listed.is_empty() {
            return Err("Policy has invalid resource".into());
        }
        if let Some(odd) = listed.iter().find(|r| *r != "*" && r.splitn(6, ':').count() < 6) {
            return Err(format!("Resource {odd} must be in ARN format or \"*\"."));
        }
    }
    check_condition(statement.get("Condition"))
}

fn check_principal(value: &Value) -> Result<(), String> {
    let kinds = match value {
        Value::String(s) if s == "*" => return Ok(()),
        Value::Object(kinds) if !kinds.is_empty() => kinds,
        _ => return Err("Invalid principal in policy".into()),
    };
    for (kind, values) in kinds {
        let listed = ["AWS", "Service", "Federated", "CanonicalUser"].contains(&kind.as_str());
        if !listed || !is_texts(values) || texts(values).is_empty() {
            return Err("Invalid principal in policy".into());
        }
    }
    Ok(())
}

fn check_condition(value: Option<&Value>) -> Result<(), String> {
    let Some(value) = value else { return Ok(()) };
    let Some(operators) = value.as_object() else { return Err("Invalid Condition".into()) };
    for (operator, keys) in operators {
        if !conditions::is_operator(operator) {
            return Err(format!("Invalid Condition type : {operator}"));
        }
        if keys.as_object().is_none_or(|keys| keys.values().any(|v| texts(v).is_empty())) {
            return Err(format!("Invalid value for condition {operator}"));
        }
    }
    Ok(())
}

fn is_texts(value: &Value) -> bool {
    value.is_string() || value.as_array().is_some_and(|list| list.iter().all(Value::is_string))
}

fn is_action(action: &str) -> bool {
    action == "*"
        || action.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn documents_outside_the_grammar_are_refused() {
        let good = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"});
        let with = |member: &str, value: Value| {
            let mut changed = good.clone();
            changed[member] = value;
            changed
        };
        let without = |member: &str| {
            let mut changed = good.clone();
            changed.as_object_mut().expect("an object").remove(member);
            changed
        };
        let cases = [
            ("good", good.clone(), true),
            ("effect", with("Effect", json!("allow")), false),
            ("no principal", without("Principal"), false),
            ("empty principal", with("Principal", json!({"AWS": []})), false),
            ("principal text", with("Principal", json!("arn:aws:iam::111122223333:root")), false),
            ("no action", without("Action"), false),
            ("action without service", with("Action", json!("PutObject")), false),
            ("no resource", without("Resource"), false),
            ("resource no arn", with("Resource", json!("logs/*")), false),
            ("unknown member", with("Conditions", json!({})), false),
            ("unknown operator", with("Condition", json!({"StringIs": {"a": "b"}})), false),
            ("condition", with("Condition", json!({"Bool": {"aws:SecureTransport": false}})), true),
            ("both", with("NotAction", json!("s3:*")), false),
        ];
        for (case, statement, want) in cases {
            let text = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
            assert_eq!(parse(&text, Use::Resource).is_ok(), want, "{case}");
        }
        for (case, text) in [
            ("not json", "{"),
            ("list", "[]"),
            ("no statement", "{\"Version\":\"2012-10-17\"}"),
            ("no statements", "{\"Statement\":[]}"),
            ("version", "{\"Version\":\"2020-01-01\",\"Statement\":[]}"),
        ] {
            assert!(parse(text, Use::Resource).is_err(), "{case}");
        }
    }

    #[test]
    fn public_is_what_a_condition_does_not_tie_down() {
        let cases = [
            ("everyone", json!({"Principal": "*"}), true),
            ("every account", json!({"Principal": {"AWS": ["*"]}}), true),
            ("service", json!({"Principal": {"Service": "cloudtrail.amazonaws.com"}}), false),
            (
                "organisation",
                json!({"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}),
                false,
            ),
            (
                "wildcard",
                json!({"Principal": "*", "Condition": {"StringLike": {"aws:PrincipalOrgID": "o-*"}}}),
                true,
            ),
            (
                "other key",
                json!({"Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}),
                true,
            ),
        ];
        for (case, mut statement, want) in cases {
            statement["Effect"] = json!("Allow");
            assert_eq!(is_public(&json!({"Statement": [statement.clone()]})), want, "{case}");
            statement["Effect"] = json!("Deny");
            assert!(!is_public(&json!({"Statement": statement})), "{case}, denied");
        }
    }
}
