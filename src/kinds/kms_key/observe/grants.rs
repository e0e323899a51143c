//! Grants: leave to use the key that stands in no policy.

use crate::aws::{ApiError, Cx};
use crate::model::Scope;
use aws_sdk_kms::types::GrantListEntry;
use std::collections::{BTreeMap, BTreeSet};

/// Grants on one key.
#[derive(Debug, Default)]
pub(super) struct Grants {
    /// Of anybody but AWS services: `PRINCIPAL: OPERATIONS` by id.
    pub others: BTreeMap<String, String>,
    /// The AWS services that hold grants, in words; `None` if there are none.
    pub of_services: Option<String>,
}

/// Lists the grants on a key, page after page.
pub(super) async fn list(cx: &Cx, scope: &Scope, id: &str) -> Result<Grants, ApiError> {
    let client = cx.kms(scope);
    let mut all = Vec::new();
    let mut marker = None;
    loop {
        let request = client.list_grants().key_id(id).set_marker(marker).send();
        let page = cx.send("kms:ListGrants", scope, request).await?;
        all.extend(page.grants.unwrap_or_default());
        marker = page.next_marker.filter(|_| page.truncated);
        if marker.is_none() {
            return Ok(sorted(&all));
        }
    }
}

fn sorted(all: &[GrantListEntry]) -> Grants {
    let mut services = BTreeSet::new();
    let mut grants = Grants::default();
    for grant in all {
        let grantee = grant.grantee_principal().unwrap_or("an unknown principal");
        if is_service(grantee) {
            services.insert(grantee);
            continue;
        }
        grants.others.insert(grant.grant_id().unwrap_or_default().to_owned(), in_words(grantee, grant));
    }
    let services: Vec<&str> = services.into_iter().collect();
    grants.of_services = (!services.is_empty()).then(|| format!("held by {}", services.join(", ")));
    grants
}

fn in_words(grantee: &str, grant: &GrantListEntry) -> String {
    let operations: BTreeSet<&str> = grant.operations().iter().map(|operation| operation.as_str()).collect();
    let mut text = format!("{grantee}: {}", operations.into_iter().collect::<Vec<_>>().join(", "));
    if let Some(constraints) = grant.constraints() {
        let of = |context: Option<&std::collections::HashMap<String, String>>| {
            let pairs: BTreeSet<String> =
                context.into_iter().flatten().map(|(key, value)| format!("{key}={value}")).collect();
            pairs.into_iter().collect::<Vec<_>>().join(", ")
        };
        for (word, context) in [
            ("only for", of(constraints.encryption_context_equals())),
            ("if among", of(constraints.encryption_context_subset())),
        ] {
            if !context.is_empty() {
                text.push_str(&format!(" ({word} {context})"));
            }
        }
    }
    text
}

/// KMS API, GrantListEntry: where an AWS service holds the grant, the grantee is the service's principal; other grantees
/// are ARNs, or the unique id of one that was deleted.
fn is_service(grantee: &str) -> bool {
    !grantee.starts_with("arn:")
        && (grantee.ends_with(".amazonaws.com") || grantee.ends_with(".amazonaws.com.cn"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_kms::types::{GrantConstraints, GrantOperation};

    fn grant(id: &str, grantee: &str) -> GrantListEntry {
        GrantListEntry::builder()
            .grant_id(id)
            .grantee_principal(grantee)
            .operations(GrantOperation::GenerateDataKey)
            .operations(GrantOperation::Decrypt)
            .build()
    }

    #[test]
    fn services_are_told_apart_from_everybody_else() {
        let cases = [
            ("a service", "dynamodb.eu-central-1.amazonaws.com", 0),
            ("a service in China", "rds.cn-north-1.amazonaws.com.cn", 0),
            ("a role", "arn:aws:iam::111122223333:role/reader", 1),
            ("another account", "arn:aws:iam::444455556666:root", 1),
            ("a deleted role", "AROAEXAMPLEEXAMPLE12", 1),
        ];
        for (case, grantee, others) in cases {
            let grants = sorted(&[grant("a", grantee)]);
            assert_eq!(grants.others.len(), others, "{case}");
            assert_eq!(grants.of_services.is_some(), others == 0, "{case}");
        }
    }

    #[test]
    fn a_grant_says_who_may_do_what() {
        let constraints = GrantConstraints::builder().encryption_context_subset("b", "2").build();
        let bound = GrantListEntry::builder()
            .grant_id("b")
            .grantee_principal("arn:aws:iam::111122223333:role/reader")
            .operations(GrantOperation::Decrypt)
            .constraints(constraints)
            .build();
        let grants = sorted(&[grant("a", "arn:aws:iam::111122223333:role/reader"), bound]);
        assert_eq!(grants.others["a"], "arn:aws:iam::111122223333:role/reader: Decrypt, GenerateDataKey");
        assert_eq!(grants.others["b"], "arn:aws:iam::111122223333:role/reader: Decrypt (if among b=2)");
    }
}
