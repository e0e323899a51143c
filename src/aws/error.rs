//! What AWS answered when it did not do as asked, in one shape for all services.

use crate::model::text::clean;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use jiff::Timestamp;
use serde::Serialize;
use std::error::Error;

/// What kind of trouble an error is; decides the hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// The caller may not do this.
    Denied,
    /// The credentials are missing, wrong or expired.
    Credentials,
    /// This machine's clock is too far from AWS's for a signature to count.
    Clock,
    /// The Region is not enabled for the account.
    RegionDisabled,
    /// Too many calls, even after retries.
    Throttled,
    /// The thing is not there.
    NotFound,
    /// AWS failed (5xx).
    Server,
    /// No answer: connection, DNS, timeout.
    Network,
    /// AWS refused the request for a reason of its own.
    Refused,
    /// It was not sent: the run was asked to end.
    Interrupted,
}

/// One failed call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{call}{} failed: {}{message}", self.place(), self.code_text())]
pub struct ApiError {
    /// Service and operation: `logs:DescribeLogGroups`.
    pub call: String,
    /// `account/region` the call went to.
    pub scope: String,
    /// AWS's error code; `None` if no answer came.
    pub code: Option<String>,
    pub message: String,
    pub request_id: Option<String>,
    /// HTTP status, if an answer came.
    pub status: Option<u16>,
    pub trouble: Trouble,
}

impl ApiError {
    fn place(&self) -> String {
        if self.scope.is_empty() { String::new() } else { format!(" in {}", self.scope) }
    }
    fn code_text(&self) -> String {
        self.code.as_ref().map(|code| format!("{code}: ")).unwrap_or_default()
    }
    /// Returns an error of our own about an answer that does not make sense.
    pub fn odd(call: &str, scope: &crate::model::Scope, message: impl Into<String>) -> Self {
        Self {
            call: call.into(),
            scope: scope.to_string(),
            code: None,
            message: message.into(),
            request_id: None,
            status: None,
            trouble: Trouble::Refused,
        }
    }
    /// Returns an error about a call that was not sent because the run is to end.
    pub fn interrupted(call: &str, scope: &crate::model::Scope) -> Self {
        let message = "not sent, the run was interrupted";
        Self { trouble: Trouble::Interrupted, ..Self::odd(call, scope, message) }
    }
    /// Returns true if AWS's code is one of these.
    pub fn is(&self, codes: &[&str]) -> bool {
        self.code.as_deref().is_some_and(|code| codes.contains(&code))
    }
    /// Reads an SDK error. `now` is this machine's time, which the answer's may differ from.
    pub fn from_sdk<E>(
        call: &str,
        scope: &crate::model::Scope,
        error: &SdkError<E, HttpResponse>,
        now: Timestamp,
    ) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let status = error.raw_response().map(|response| response.status().as_u16());
        let header = |name: &str| {
            error.raw_response().and_then(|response| response.headers().get(name)).map(ToOwned::to_owned)
        };
        let request_id = header("x-amzn-requestid").or_else(|| header("x-amz-request-id"));
        // A HeadBucket error has no body, hence no code (S3 API, HeadBucket).
        let code = error.code().map(ToOwned::to_owned).or_else(|| match status {
            Some(404) => Some("NotFound".into()),
            Some(403) => Some("Forbidden".into()),
            Some(301) => Some("PermanentRedirect".into()),
            _ => None,
        });
        // S3 sends no body with some refusals: a status is all there is.
        let silent = || match status {
            Some(status) => format!("AWS answered with status {status} and no message"),
            None => chain(error),
        };
        let message = error.message().map_or_else(silent, ToOwned::to_owned);
        let trouble =
            classify(code.as_deref(), status, &message, matches!(error, SdkError::ConstructionFailure(_)));
        let message = match (trouble, header("date").as_deref().and_then(http_date)) {
            (Trouble::Clock, Some(date)) => format!("{message}; {}", apart(now, date)),
            _ => message,
        };
        // Messages repeat what somebody named a thing.
        let message = clean(&message).into_owned();
        Self { call: call.into(), scope: scope.to_string(), code, message, request_id, status, trouble }
    }
    /// Returns the IAM action the call is checked against; S3 names differ from its API's (Service Authorization
    /// Reference, Amazon S3).
    pub fn permission(&self) -> String {
        permission(&self.call)
    }
    /// Returns what to do about it.
    pub fn hint(&self) -> String {
        match self.trouble {
            Trouble::Denied => {
                format!("grant {} to the caller, or check service control policies", self.permission())
            }
            Trouble::Credentials => {
                "sign in again or choose another --profile; the credentials were not accepted".into()
            }
            Trouble::Clock => {
                "set this machine's clock, best by turning on its time synchronisation, and run again: AWS takes no \
                 request whose time is more than a few minutes off"
                    .into()
            }
            Trouble::RegionDisabled => {
                "enable the Region for the account, or take it out of scope.bedrock_regions".into()
            }
            Trouble::Throttled => {
                "run again, or lower --parallelism; other tools may use up the account's rate".into()
            }
            Trouble::NotFound => "something this depends on is missing; run plan again to see what".into(),
            Trouble::Server => "AWS failed; run again, nothing has to be cleaned up".into(),
            Trouble::Network => "check the network, proxy and endpoint settings, then run again".into(),
            Trouble::Interrupted => "run it again to finish".into(),
            Trouble::Refused => "read AWS's message above; the request itself was refused".into(),
        }
    }
}

/// Returns the IAM action of an API operation.
pub fn permission(call: &str) -> String {
    let s3 = match call {
        "s3:HeadBucket" | "s3:ListObjectsV2" => "ListBucket",
        "s3:HeadObject" => "GetObject",
        "s3:ListObjectVersions" => "ListBucketVersions",
        "s3:GetBucketEncryption" => "GetEncryptionConfiguration",
        "s3:PutBucketEncryption" => "PutEncryptionConfiguration",
        "s3:GetPublicAccessBlock" => "GetBucketPublicAccessBlock",
        "s3:PutPublicAccessBlock" => "PutBucketPublicAccessBlock",
        "s3:GetBucketLifecycleConfiguration" => "GetLifecycleConfiguration",
        "s3:PutBucketLifecycleConfiguration" => "PutLifecycleConfiguration",
        "s3:GetObjectLockConfiguration" => "GetBucketObjectLockConfiguration",
        "s3:PutObjectLockConfiguration" => "PutBucketObjectLockConfiguration",
        "s3:GetBucketReplication" => "GetReplicationConfiguration",
        "s3:PutBucketReplication" | "s3:DeleteBucketReplication" => "PutReplicationConfiguration",
        "s3:GetBucketNotificationConfiguration" => "GetBucketNotification",
        "s3:PutBucketNotificationConfiguration" => "PutBucketNotification",
        _ => return call.to_owned(),
    };
    format!("s3:{s3}")
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

/// Reads the time of a `Date` header.
fn http_date(text: &str) -> Option<Timestamp> {
    let date = DateTime::from_str(text, Format::HttpDate).ok()?;
    Timestamp::from_second(date.secs()).ok()
}

/// Says how far this machine's clock is from AWS's.
fn apart(now: Timestamp, date: Timestamp) -> String {
    let seconds = date.duration_since(now).as_secs();
    let (way, far) = (if seconds > 0 { "behind" } else { "ahead of" }, seconds.unsigned_abs());
    let far = if far < 120 { format!("{far} seconds") } else { format!("{} minutes", (far + 30) / 60) };
    format!("this machine's clock is {far} {way} AWS's, which says {date}")
}

/// Returns true if AWS did not take a request for its time (S3 API, error responses; IAM User Guide, "Troubleshoot
/// Signature Version 4 signing": the code is the one of a wrong signature, the message tells).
fn is_about_time(code: &str, message: &str) -> bool {
    match code {
        "RequestTimeTooSkewed" | "RequestExpired" | "RequestInTheFuture" => true,
        "SignatureDoesNotMatch" | "InvalidSignatureException" => {
            message.contains("Signature expired") || message.contains("Signature not yet current")
        }
        _ => false,
    }
}

fn classify(code: Option<&str>, status: Option<u16>, message: &str, construction: bool) -> Trouble {
    match code {
        Some(code) if is_about_time(code, message) => Trouble::Clock,
        Some(
            "ExpiredToken"
            | "ExpiredTokenException"
            | "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "InvalidAccessKeyId"
            | "SignatureDoesNotMatch"
            | "InvalidSignatureException"
            | "InvalidToken",
        ) => Trouble::Credentials,
        Some("OptInRequired" | "RegionDisabledException" | "InvalidRegion") => Trouble::RegionDisabled,
        Some(
            "AccessDenied"
            | "AccessDeniedException"
            | "Forbidden"
            | "UnauthorizedOperation"
            | "AuthorizationError"
            | "AuthorizationErrorException",
        ) => Trouble::Denied,
        Some(
            "Throttling"
            | "ThrottlingException"
            | "Throttled"
            | "ThrottledException"
            | "TooManyRequestsException"
            | "SlowDown"
            | "RequestLimitExceeded",
        ) => Trouble::Throttled,
        Some(code)
            if code.contains("NotFound")
                || code.starts_with("NoSuch")
                || code == "TrailNotFoundException" =>
        {
            Trouble::NotFound
        }
        _ if construction || (status.is_none() && message.contains("credential")) => Trouble::Credentials,
        _ => match status {
            // An answer that ends too early says that all is well and then nothing: the call may have had its effect.
            None | Some(200..300) => Trouble::Network,
            Some(500..) => Trouble::Server,
            Some(_) => Trouble::Refused,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_classified_by_code_first() {
        let cases = [
            ("denied", Some("AccessDeniedException"), Some(400), Trouble::Denied),
            ("head of a foreign bucket", Some("Forbidden"), Some(403), Trouble::Denied),
            ("expired", Some("ExpiredTokenException"), Some(400), Trouble::Credentials),
            ("opt-in Region", Some("OptInRequired"), Some(403), Trouble::RegionDisabled),
            ("throttled", Some("SlowDown"), Some(503), Trouble::Throttled),
            ("missing", Some("NoSuchBucketPolicy"), Some(404), Trouble::NotFound),
            ("server", Some("InternalError"), Some(500), Trouble::Server),
            ("no answer", None, None, Trouble::Network),
            ("half an answer", None, Some(200), Trouble::Network),
            ("refused", Some("InvalidParameterException"), Some(400), Trouble::Refused),
        ];
        for (case, code, status, want) in cases {
            assert_eq!(classify(code, status, "", false), want, "{case}");
        }
    }

    #[test]
    fn a_wrong_clock_is_told_from_a_wrong_signature() {
        let expired = "Signature expired: 20261124T090000Z is now earlier than 20261124T095500Z (20261124T100000Z - 5 min.)";
        let cases = [
            ("S3", "RequestTimeTooSkewed", "", Trouble::Clock),
            ("behind", "InvalidSignatureException", expired, Trouble::Clock),
            ("ahead", "SignatureDoesNotMatch", "Signature not yet current: …", Trouble::Clock),
            (
                "wrong key",
                "SignatureDoesNotMatch",
                "The request signature we calculated …",
                Trouble::Credentials,
            ),
            ("wrong key, JSON", "InvalidSignatureException", "The request signature …", Trouble::Credentials),
        ];
        for (case, code, message, want) in cases {
            assert_eq!(classify(Some(code), Some(403), message, false), want, "{case}");
        }
        let now: Timestamp = "2026-11-24T10:00:00Z".parse().expect("a time");
        for (date, want) in [
            ("Tue, 24 Nov 2026 11:00:00 GMT", "this machine's clock is 60 minutes behind AWS's"),
            ("Tue, 24 Nov 2026 09:00:00 GMT", "this machine's clock is 60 minutes ahead of AWS's"),
            ("Tue, 24 Nov 2026 10:00:30 GMT", "this machine's clock is 30 seconds behind AWS's"),
        ] {
            assert!(apart(now, http_date(date).expect("a date")).starts_with(want), "{date}");
        }
    }
}
