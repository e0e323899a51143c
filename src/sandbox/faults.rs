//! Faults on demand: which call goes wrong, and how AWS says so.

use crate::sandbox::service::Fault;
use serde::{Deserialize, Serialize};

/// One rule: the calls it is about, and what happens to them. As JSON:
/// `{"service": "cloudtrail", "operation": "CreateTrail", "nth": 1, "fault": "reset_after"}`, `{"fault": {"slow": 2000}}`;
/// `{"nth": 17, "fault": "kill_before"}` is about the seventeenth call, whatever it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Service as in IAM action prefixes; `*` is any.
    #[serde(default = "any")]
    pub service: String,
    /// API name of the operation; `*` is any.
    #[serde(default = "any")]
    pub operation: String,
    /// Which of the calls that match, from 1; `None` is every one.
    #[serde(default)]
    pub nth: Option<u32>,
    /// What happens.
    pub fault: Kind,
}

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Refused for its rate.
    Throttle,
    /// AWS fails with status 500; nothing is done.
    ServerError,
    /// The service is too busy, status 503: S3's `SlowDown` and its kin; nothing is done.
    SlowDown,
    /// Another request is at the same thing at the same time: for S3's objects `ConditionalRequestConflict`, status 409;
    /// nothing is done.
    Conflict,
    /// The connection ends before anything is done.
    ResetBefore,
    /// The connection ends when everything is done.
    ResetAfter,
    /// Everything is done, and the connection ends in the middle of the answer.
    Truncate,
    /// The caller may not.
    Deny,
    /// The answer takes that many milliseconds.
    Slow(u64),
    /// The caller's credentials have run out.
    Expired,
    /// The caller's clock is an hour behind AWS's, so that no signature is taken.
    Skewed,
    /// The account has not opted in to the Region.
    RegionDisabled,
    /// A read answers as before the last change that its service made: what an eventually consistent service may show.
    Stale,
    /// The process that holds the sandbox ends at once, as by SIGKILL, before anything is done.
    KillBefore,
    /// The same when everything is done and written; nobody gets the answer.
    KillAfter,
}

fn any() -> String {
    "*".into()
}

/// Reads a list of rules from JSON.
///
/// # Errors
/// Text that is not JSON, unknown members and faults.
pub fn parse(json: &str) -> Result<Vec<Rule>, serde_json::Error> {
    serde_json::from_str(json)
}

/// A rule with the number of calls it has seen.
#[derive(Clone, Debug)]
pub(super) struct Counted {
    rule: Rule,
    seen: u32,
}

impl From<Rule> for Counted {
    fn from(rule: Rule) -> Self {
        Self { rule, seen: 0 }
    }
}

/// Counts a call on every rule it matches, and returns what befalls it; the first rule in the list wins.
pub(super) fn befalls(rules: &mut [Counted], service: &str, operation: &str) -> Option<Kind> {
    let mut first = None;
    for counted in rules {
        let Rule { service: of, operation: named, nth, fault } = &counted.rule;
        if (of == "*" || of == service) && (named == "*" || named == operation) {
            counted.seen += 1;
            if nth.is_none_or(|nth| nth == counted.seen) {
                first = first.or(Some(*fault));
            }
        }
    }
    first
}

/// Returns how a service says that calls come too fast (`reference/permissions.md` §11).
#[must_use]
pub fn throttled(service: &str) -> Fault {
    let (status, code) = match service {
        "s3" => return Fault::with(503, "SlowDown", "Please reduce your request rate."),
        "bedrock" => (429, "ThrottlingException"),
        "cloudwatch" | "iam" | "sns" | "sts" => (400, "Throttling"),
        "organizations" => (400, "TooManyRequestsException"),
        "tag" => (400, "ThrottledException"),
        _ => (400, "ThrottlingException"),
    };
    Fault::with(status, code, "Rate exceeded")
}

/// Returns how a service says that it failed.
#[must_use]
pub fn failed(service: &str) -> Fault {
    let code = match service {
        "bedrock" => "InternalServerException",
        "iam" => "ServiceFailure",
        "kms" => "KMSInternalException",
        "s3" | "sns" => "InternalError",
        _ => "InternalFailure",
    };
    Fault::with(500, code, "We encountered an internal error. Please try again.")
}

/// Returns how a service says that it is too busy for now (S3 API, error responses: `SlowDown`; AWS General Reference,
/// common errors: `ServiceUnavailable`).
#[must_use]
pub fn busy(service: &str) -> Fault {
    let code = match service {
        "s3" => return throttled(service),
        "bedrock" | "logs" => "ServiceUnavailableException",
        "kms" => "DependencyTimeoutException",
        _ => "ServiceUnavailable",
    };
    Fault::with(503, code, "The request has failed due to a temporary failure of the server.")
}

/// Returns how a service says that another request is in its way (S3 User Guide, "Conditional writes": a concurrent
/// write may end so, and is to be sent again; the other codes: error lists of each API reference).
#[must_use]
pub fn conflicted(service: &str, operation: &str) -> Fault {
    let message = "A conflicting operation is in progress against this resource. Please try again.";
    let (status, code) = match service {
        "s3" if operation.ends_with("Object") => (409, "ConditionalRequestConflict"),
        "s3" => (409, "OperationAborted"),
        "iam" => (409, "ConcurrentModification"),
        "logs" => (400, "OperationAbortedException"),
        "organizations" => (400, "ConcurrentModificationException"),
        "sns" => (400, "ConcurrentAccess"),
        "bedrock" => (400, "ConflictException"),
        "cloudwatch" => (429, "ConcurrentModificationException"),
        "tag" => (400, "ConcurrentModificationException"),
        _ => (400, "ConflictException"),
    };
    Fault::with(status, code, message)
}

/// Returns how a service says that the caller may not.
#[must_use]
pub fn denied(service: &str, operation: &str, who: &str) -> Fault {
    let (status, code) = match service {
        "s3" | "iam" | "sts" | "cloudwatch" => (403, "AccessDenied"),
        "sns" => (403, "AuthorizationError"),
        "bedrock" => (403, "AccessDeniedException"),
        _ => (400, "AccessDeniedException"),
    };
    let action = action(service, operation);
    let message = format!(
        "User: {who} is not authorized to perform: {action} because no identity-based policy allows the {action} action"
    );
    Fault::with(status, code, message)
}

/// Returns how a service says that credentials have run out.
#[must_use]
pub fn expired(service: &str) -> Fault {
    let message = "The security token included in the request is expired";
    match service {
        "s3" => Fault::with(400, "ExpiredToken", "The provided token has expired."),
        "iam" | "sns" | "sts" | "cloudwatch" => Fault::with(403, "ExpiredToken", message),
        "bedrock" => Fault::with(403, "ExpiredTokenException", message),
        _ => Fault::bad("ExpiredTokenException", message),
    }
}

/// How far AWS's clock is ahead of a caller's that is skewed, in seconds.
pub const SKEW_SECONDS: i64 = 3600;

/// Returns how a service says that a signature's time is too far from its own (S3 API, error responses; IAM User Guide,
/// "Troubleshoot Signature Version 4 signing").
#[must_use]
pub fn skewed(service: &str) -> Fault {
    let message = "Signature expired: the time of the request is now earlier than five minutes ago";
    match service {
        "s3" => {
            let message = "The difference between the request time and the current time is too large.";
            Fault::with(403, "RequestTimeTooSkewed", message)
        }
        "iam" | "sns" | "sts" => Fault::with(403, "SignatureDoesNotMatch", message),
        "bedrock" => Fault::with(403, "InvalidSignatureException", message),
        _ => Fault::bad("InvalidSignatureException", message),
    }
}

/// Returns how a service answers in a Region that the account has not opted in to: it does not know the token.
#[must_use]
pub fn region_disabled(service: &str, region: &str) -> Fault {
    let message = "The security token included in the request is invalid";
    match service {
        "s3" => Fault::bad("InvalidToken", "The provided token is malformed or otherwise invalid."),
        "sts" => Fault::with(
            403,
            "RegionDisabledException",
            format!(
                "STS is not activated in this region: {region}. Your account administrator can activate STS in this region using the IAM Console."
            ),
        ),
        "iam" | "sns" | "cloudwatch" => Fault::with(403, "InvalidClientTokenId", message),
        "bedrock" => Fault::with(403, "UnrecognizedClientException", message),
        _ => Fault::bad("UnrecognizedClientException", message),
    }
}

/// S3's operations whose IAM action has another name (`reference/permissions.md` §3, Service Authorization Reference).
const S3_ACTIONS: &[(&str, &str)] = &[
    ("DeleteBucketEncryption", "PutEncryptionConfiguration"),
    ("DeleteBucketLifecycle", "PutLifecycleConfiguration"),
    ("DeleteBucketOwnershipControls", "PutBucketOwnershipControls"),
    ("DeleteBucketTagging", "PutBucketTagging"),
    ("DeletePublicAccessBlock", "PutBucketPublicAccessBlock"),
    ("GetBucketEncryption", "GetEncryptionConfiguration"),
    ("GetBucketLifecycleConfiguration", "GetLifecycleConfiguration"),
    ("GetObjectLockConfiguration", "GetBucketObjectLockConfiguration"),
    ("GetPublicAccessBlock", "GetBucketPublicAccessBlock"),
    ("GetBucketReplication", "GetReplicationConfiguration"),
    ("PutBucketReplication", "PutReplicationConfiguration"),
    ("DeleteBucketReplication", "PutReplicationConfiguration"),
    ("GetBucketNotificationConfiguration", "GetBucketNotification"),
    ("PutBucketNotificationConfiguration", "PutBucketNotification"),
    ("HeadBucket", "ListBucket"),
    ("HeadObject", "GetObject"),
    ("ListBuckets", "ListAllMyBuckets"),
    ("ListObjectVersions", "ListBucketVersions"),
    ("ListObjectsV2", "ListBucket"),
    ("PutBucketEncryption", "PutEncryptionConfiguration"),
    ("PutBucketLifecycleConfiguration", "PutLifecycleConfiguration"),
    ("PutObjectLockConfiguration", "PutBucketObjectLockConfiguration"),
    ("PutPublicAccessBlock", "PutBucketPublicAccessBlock"),
];

/// Returns the IAM action that an operation needs, such as `s3:ListBucket` for HeadBucket.
#[must_use]
pub fn action(service: &str, operation: &str) -> String {
    let renamed = S3_ACTIONS.iter().find(|(name, _)| service == "s3" && *name == operation);
    format!("{service}:{}", renamed.map_or(operation, |(_, action)| action))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_from_json_and_count_their_calls() {
        let rules = parse(
            r#"[{"service": "kms", "operation": "CreateKey", "nth": 2, "fault": "reset_after"}, {"service": "s3", "fault": {"slow": 5}}]"#,
        )
        .expect("good rules");
        let mut rules: Vec<Counted> = rules.into_iter().map(Counted::from).collect();
        let cases = [
            ("first", "kms", "CreateKey", None),
            ("another operation", "kms", "ListKeys", None),
            ("second", "kms", "CreateKey", Some(Kind::ResetAfter)),
            ("third", "kms", "CreateKey", None),
            ("any of S3", "s3", "HeadBucket", Some(Kind::Slow(5))),
        ];
        for (case, service, operation, want) in cases {
            assert_eq!(befalls(&mut rules, service, operation), want, "{case}");
        }
        for (name, kind) in [
            ("slow_down", Kind::SlowDown),
            ("conflict", Kind::Conflict),
            ("truncate", Kind::Truncate),
            ("kill_before", Kind::KillBefore),
            ("kill_after", Kind::KillAfter),
        ] {
            let rules = parse(&format!(r#"[{{"nth": 3, "fault": "{name}"}}]"#)).expect("a good rule");
            assert_eq!((rules[0].fault, rules[0].service.as_str()), (kind, "*"), "{name}");
        }
        for (case, json) in [("member", r#"[{"fault":"deny","x":1}]"#), ("fault", r#"[{"fault":"fire"}]"#)] {
            assert!(parse(json).is_err(), "{case}");
        }
    }

    #[test]
    fn actions_are_named_as_policies_name_them() {
        assert_eq!(action("s3", "HeadBucket"), "s3:ListBucket");
        assert_eq!(action("kms", "CreateKey"), "kms:CreateKey");
    }
}
