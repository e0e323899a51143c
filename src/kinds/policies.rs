//! What several kinds say about policy documents: principals, service names, and what a change takes away.

use super::{Class, Effect};
use crate::model::{Names, Policy, Statement};
use serde_json::Value;
use std::collections::BTreeSet;

/// Adds principals to a statement.
pub(super) fn with_principals(statement: Statement, arns: &BTreeSet<String>) -> Statement {
    arns.iter().fold(statement, |statement, arn| statement.aws(arn))
}

/// Returns a service's name in a Region, as `kms:ViaService` and CloudWatch Logs' own principal spell it:
/// `s3.eu-central-1.amazonaws.com`. China has a suffix of its own (IAM User Guide, service principals).
pub(super) fn regional_service(service: &str, region: &str) -> String {
    let suffix = if Names::partition(region) == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("{service}.{region}.{suffix}")
}

/// Returns the statements every resource policy of ours ends with: nothing goes over plain HTTP.
pub(super) fn tls_only(action: &str, resources: &[String]) -> Statement {
    Statement::deny("TlsOnly").aws("*").actions(&[action]).resources(resources.iter().cloned()).when(
        "Bool",
        "aws:SecureTransport",
        "false",
    )
}

/// Returns what a resource policy no longer does after a change: services it no longer admits, and denials that are
/// gone. Whom it admits besides services is access, not protection, and is left to the difference itself.
///
/// `thing` completes `… may no longer use the …`.
pub(super) fn losses(attribute: &str, thing: &str, before: &Policy, after: &Policy) -> Vec<Effect> {
    let services = services(before)
        .difference(&services(after))
        .map(|service| format!("{service} may no longer use the {thing}"))
        .collect::<Vec<_>>();
    let kept = denials(after);
    let denials = denials(before)
        .into_iter()
        .filter(|(sid, what)| !kept.iter().any(|(other, same)| other == sid || same == what))
        .map(|(sid, _)| format!("the {thing}'s policy no longer denies what {sid} denied"));
    services.into_iter().chain(denials).map(|text| Effect::new(Class::Weaken, attribute, text)).collect()
}

/// Returns a note if the policy names principals that were deleted: AWS then shows their unique id, and creating the
/// same name again does not heal it (IAM User Guide, Principal element).
pub(super) fn deleted_principals(policy: &Policy) -> Option<String> {
    let gone: Vec<&str> = policy
        .aws_principals()
        .into_iter()
        .filter(|name| name.starts_with("AROA") || name.starts_with("AIDA"))
        .collect();
    (!gone.is_empty()).then(|| format!("the policy names principals that were deleted: {}", gone.join(", ")))
}

fn statements(policy: &Policy) -> Vec<(String, Value)> {
    match serde_json::to_value(policy).expect("a policy is plain data") {
        Value::Object(statements) => statements.into_iter().filter(|(sid, _)| sid != "Version").collect(),
        _ => Vec::new(),
    }
}

fn services(policy: &Policy) -> BTreeSet<String> {
    let names = |statement: &Value| {
        let names = statement["Principal"]["Service"].as_array().cloned().unwrap_or_default();
        names.iter().filter_map(|name| name.as_str().map(ToOwned::to_owned)).collect::<Vec<_>>()
    };
    statements(policy)
        .iter()
        .filter(|(_, statement)| statement["Effect"] == "Allow")
        .flat_map(|(_, statement)| names(statement))
        .collect()
}

/// Returns the denials by Sid, with their content without it: a denial under another name is the same denial.
fn denials(policy: &Policy) -> Vec<(String, Value)> {
    statements(policy)
        .into_iter()
        .filter(|(_, statement)| statement["Effect"] == "Deny")
        .map(|(sid, mut statement)| {
            if let Some(object) = statement.as_object_mut() {
                object.remove("Sid");
            }
            (sid, statement)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_policy_stops_doing_is_a_loss() {
        let admit = |sid: &str, service: &str| {
            Statement::allow(sid).service(service).actions(&["kms:Decrypt"]).resources(["*"])
        };
        let deny = |sid: &str, resource: &str| {
            Statement::deny(sid).aws("*").actions(&["s3:*"]).resources([resource])
        };
        type Statements = Vec<Statement>;
        let cases: [(&str, Statements, Statements, &[&str]); 5] = [
            ("the same", vec![admit("A", "x")], vec![admit("A", "x")], &[]),
            ("a service under another Sid", vec![admit("A", "x")], vec![admit("B", "x")], &[]),
            ("a service gone", vec![admit("A", "x")], vec![], &["x may no longer use the key"]),
            ("a denial under another Sid", vec![deny("A", "r")], vec![deny("B", "r")], &[]),
            (
                "a denial gone",
                vec![deny("A", "r")],
                vec![deny("B", "other")],
                &["the key's policy no longer denies what A denied"],
            ),
        ];
        for (case, before, after, want) in cases {
            let effects = losses("policy", "key", &Policy::new(before), &Policy::new(after));
            let texts: Vec<&str> = effects.iter().map(|effect| effect.text.as_str()).collect();
            assert_eq!(texts, want, "{case}");
        }
    }

    #[test]
    fn a_deleted_principal_is_noted() {
        let policy =
            Policy::new([Statement::allow("A").aws("AROAEXAMPLE").aws("arn:aws:iam::111122223333:role/x")]);
        assert_eq!(
            deleted_principals(&policy),
            Some("the policy names principals that were deleted: AROAEXAMPLE".into())
        );
    }
}
