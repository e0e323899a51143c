//! What several kinds say about policy documents: principals, service names, and what a change means.

pub(super) mod meaning;

use crate::model::{Names, Policy, Statement};
use std::collections::BTreeSet;

/// Adds principals to a statement.
pub(super) fn with_principals(statement: Statement, arns: &BTreeSet<String>) -> Statement {
    arns.iter().fold(statement, |statement, arn| statement.aws(arn))
}

/// Returns a service's name in a Region, as `kms:ViaService` and CloudWatch Logs' own principal spell it:
/// `s3.eu-central-1.amazonaws.com`. China has a suffix of its own (IAM User Guide, service principals).
pub(crate) fn regional_service(service: &str, region: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

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
