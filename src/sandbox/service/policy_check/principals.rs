//! Who a policy names: whether they exist, and what becomes of their names when they are deleted.

use super::{statements, texts};
use crate::sandbox::service::iam;
use crate::sandbox::state::{Delay, State};
use jiff::Timestamp;
use serde_json::Value;

/// Returns true if a principal value of a policy covers this caller: the same ARN, the role of a session, or the
/// caller's account, as an ARN or a bare number.
#[must_use]
pub fn covers(value: &str, caller: &str) -> bool {
    let Some((account, resource)) = iam_parts(caller) else { return false };
    if value == caller || value == account {
        return true;
    }
    let Some((named_account, named)) = iam_parts(value) else { return false };
    if named_account != account {
        return false;
    }
    if named == "root" {
        return true;
    }
    // A session's ARN has the role's name without its path.
    let session_of = resource.strip_prefix("assumed-role/").and_then(|rest| rest.split('/').next());
    matches!((session_of, named.strip_prefix("role/")), (Some(role), Some(path)) if path.rsplit('/').next() == Some(role))
}

/// Returns the first principal of a policy that AWS would not find, `None` if all are there.
///
/// A role of one of the organisation's accounts has to be there and older than [`Delay::Principal`].
/// Users are not modelled and accounts outside the organisation not known: both are taken as they are.
#[must_use]
pub fn unknown(state: &State, now: Timestamp, document: &Value) -> Option<String> {
    for statement in statements(document) {
        for element in ["Principal", "NotPrincipal"] {
            let Some(kinds) = statement.get(element).and_then(Value::as_object) else { continue };
            for (kind, values) in kinds {
                for value in texts(values) {
                    let known = match kind.as_str() {
                        "AWS" => aws_exists(state, now, &value),
                        "Service" => is_service(&value),
                        _ => true,
                    };
                    if !known {
                        return Some(value);
                    }
                }
            }
        }
    }
    None
}

/// Puts a deleted role's id where a policy named its ARN, as AWS then shows it; `None` if the policy does not name it.
///
/// A new role of the same name does not heal it: the policy keeps the id (IAM User Guide, "Role principals").
#[must_use]
pub fn forget(policy_json: &str, arn: &str, role_id: &str) -> Option<String> {
    let mut document: Value = serde_json::from_str(policy_json).ok()?;
    rewrite(&mut document, &|value| (value == arn).then(|| role_id.to_owned())).then(|| document.to_string())
}

/// Writes account numbers as the ARN of the account's root, as services do before they store a policy
/// (`reference/kms-iam-sns.md` §4, rule 7). Returns true if there was one.
pub fn complete_accounts(document: &mut Value) -> bool {
    rewrite(document, &|value| is_account(value).then(|| format!("arn:aws:iam::{value}:root")))
}

/// Changes AWS principals wherever a policy names one; true if any was changed.
fn rewrite(document: &mut Value, change: &dyn Fn(&str) -> Option<String>) -> bool {
    let list: Vec<&mut Value> = match document.get_mut("Statement") {
        Some(Value::Array(list)) => list.iter_mut().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    let mut changed = false;
    for statement in list {
        for element in ["Principal", "NotPrincipal"] {
            let values: Vec<&mut Value> = match statement.get_mut(element).and_then(|p| p.get_mut("AWS")) {
                Some(Value::Array(values)) => values.iter_mut().collect(),
                Some(one) => vec![one],
                None => Vec::new(),
            };
            for value in values {
                if let Some(other) = value.as_str().and_then(change) {
                    *value = other.into();
                    changed = true;
                }
            }
        }
    }
    changed
}

fn aws_exists(state: &State, now: Timestamp, value: &str) -> bool {
    if value == "*" || is_account(value) {
        return true;
    }
    if value.starts_with("AROA") {
        return role_ids(state).any(|id| id == value);
    }
    let Some((account, resource)) = iam_parts(value) else { return false };
    // Wildcards are not allowed inside a principal's ARN.
    if !is_account(account) || resource.contains(['*', '?']) {
        return false;
    }
    if !in_organisation(state, account) {
        return true;
    }
    match resource.split_once('/') {
        None => resource == "root",
        Some(("role", _)) => iam::role(state, value).is_some_and(|role| visible(state, role, now)),
        Some(("assumed-role", rest)) => {
            let name = rest.split('/').next().unwrap_or_default();
            state
                .peek(account, "global", "roles")
                .and_then(|t| t.get(name))
                .is_some_and(|role| visible(state, role, now))
        }
        Some(("user" | "federated-user", _)) => true,
        Some(_) => false,
    }
}

fn visible(state: &State, role: &Value, now: Timestamp) -> bool {
    let created = role.get("_created_at").and_then(Value::as_i64).unwrap_or(0);
    now.as_millisecond() - created >= state.delay_millis(Delay::Principal)
}

fn in_organisation(state: &State, account: &str) -> bool {
    let listed = state.organization.get("Accounts").and_then(Value::as_array);
    state.accounts.contains_key(account)
        || listed
            .is_some_and(|list| list.iter().any(|a| a.get("Id").and_then(Value::as_str) == Some(account)))
}

fn role_ids(state: &State) -> impl Iterator<Item = &str> {
    state
        .accounts
        .values()
        .filter_map(|regions| regions.get("global")?.get("roles"))
        .flat_map(|roles| roles.values())
        .filter_map(|role| role.get("RoleId").and_then(Value::as_str))
}

/// Returns account and resource part of an IAM or STS ARN.
fn iam_parts(arn: &str) -> Option<(&str, &str)> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts[..] {
        ["arn", _, "iam" | "sts", "", account, resource] => Some((account, resource)),
        _ => None,
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_service(text: &str) -> bool {
    let name = text.strip_suffix(".cn").unwrap_or(text).strip_suffix(".amazonaws.com").unwrap_or_default();
    !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ACCOUNT: &str = "111122223333";
    const READER: &str = "arn:aws:iam::111122223333:role/audit/Reader";

    fn with_reader() -> State {
        let mut state = State::default();
        state.table(ACCOUNT, "global", "roles").insert(
            "Reader".into(),
            json!({"Arn": READER, "_arn": READER, "RoleId": "AROAREADER", "_created_at": 1_000}),
        );
        state
    }

    #[test]
    fn principals_that_do_not_exist_are_named() {
        let state = with_reader();
        let cases = [
            ("everyone", json!("*"), 0, None),
            ("role", json!({"AWS": READER}), 6_000, None),
            ("young role", json!({"AWS": [READER]}), 5_999, Some(READER)),
            (
                "path missing",
                json!({"AWS": "arn:aws:iam::111122223333:role/Reader"}),
                9_000,
                Some("arn:aws:iam::111122223333:role/Reader"),
            ),
            ("session", json!({"AWS": "arn:aws:sts::111122223333:assumed-role/Reader/me"}), 9_000, None),
            ("role id", json!({"AWS": "AROAREADER"}), 9_000, None),
            ("deleted role's id", json!({"AWS": "AROAGONE"}), 9_000, Some("AROAGONE")),
            ("root", json!({"AWS": "arn:aws:iam::111122223333:root"}), 0, None),
            ("account number", json!({"AWS": "111122223333"}), 0, None),
            ("outsider", json!({"AWS": "arn:aws:iam::999900001111:role/Any"}), 0, None),
            (
                "wildcard",
                json!({"AWS": "arn:aws:iam::111122223333:role/*"}),
                0,
                Some("arn:aws:iam::111122223333:role/*"),
            ),
            ("service", json!({"Service": "logs.eu-central-1.amazonaws.com"}), 0, None),
            ("no service", json!({"Service": "cloudtrail"}), 0, Some("cloudtrail")),
        ];
        for (case, principal, millis, want) in cases {
            let document = json!({"Statement": [{"Principal": principal}]});
            let now = Timestamp::from_millisecond(millis).expect("in range");
            assert_eq!(unknown(&state, now, &document).as_deref(), want, "{case}");
        }
    }

    #[test]
    fn a_deleted_role_leaves_its_id_behind() {
        let policy = json!({"Statement": [{"Principal": {"AWS": [READER, "*"]}, "Condition": {"ArnLike": {"aws:PrincipalArn": READER}}}]});
        let after: Value =
            serde_json::from_str(&forget(&policy.to_string(), READER, "AROAREADER").expect("named"))
                .expect("still JSON");
        assert_eq!(after["Statement"][0]["Principal"]["AWS"], json!(["AROAREADER", "*"]));
        assert_eq!(after["Statement"][0]["Condition"]["ArnLike"]["aws:PrincipalArn"], READER);
        assert_eq!(forget(&after.to_string(), READER, "AROAREADER"), None);
    }
}
