//! The request rates that AWS publishes, per account and Region: kept by our own pacing, enforced by the sandbox.

/// Operations that share a rate, or that each have it.
struct Row {
    service: &'static str,
    /// An empty list is all that no other row names.
    operations: &'static [&'static str],
    per_second: f64,
    /// Whether the operations draw from one bucket.
    shared: bool,
}

const fn each(service: &'static str, operations: &'static [&'static str], per_second: f64) -> Row {
    Row { service, operations, per_second, shared: false }
}

/// Services without a row publish none. Sources: AWS General Reference (CloudTrail, SNS), service quotas of CloudWatch
/// and CloudWatch Logs, KMS Developer Guide.
const ROWS: &[Row] = &[
    Row {
        service: "cloudtrail",
        operations: &[
            "AddTags",
            "CreateTrail",
            "DeleteTrail",
            "PutEventSelectors",
            "PutInsightSelectors",
            "RemoveTags",
            "StartLogging",
            "StopLogging",
            "UpdateTrail",
        ],
        per_second: 1.0,
        shared: true,
    },
    each("cloudtrail", &[], 10.0),
    each("cloudwatch", &["DescribeAlarms"], 9.0),
    each("cloudwatch", &["DeleteAlarms", "PutCompositeAlarm", "PutMetricAlarm"], 3.0),
    each("cloudwatch", &[], 10.0),
    each("kms", &["CreateAlias", "CreateKey", "UntagResource", "UpdateAlias"], 5.0),
    each("kms", &["TagResource"], 10.0),
    each("kms", &["DeleteAlias", "EnableKeyRotation", "PutKeyPolicy", "ScheduleKeyDeletion"], 15.0),
    each("logs", &["CreateLogGroup", "DeleteLogGroup", "DescribeLogGroups"], 10.0),
    each("logs", &[], 5.0),
    each("sns", &["Subscribe", "Unsubscribe"], 100.0),
    each("sns", &["ListSubscriptionsByTopic", "ListTopics"], 30.0),
    each("sns", &["ListTagsForResource", "TagResource", "UntagResource"], 10.0),
];

/// A published rate, and what draws from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate<'a> {
    /// Name of the bucket within the service: the operation, or `""` where operations share one.
    pub bucket: &'a str,
    /// Calls a second; AWS lets as many through at once after a quiet second.
    pub per_second: f64,
}

/// Returns the published rate of an operation, named as in IAM action prefixes and the API; `None`: none is published.
pub fn rate<'a>(service: &str, operation: &'a str) -> Option<Rate<'a>> {
    let named = ROWS.iter().find(|row| row.service == service && row.operations.contains(&operation));
    let rest = || ROWS.iter().find(|row| row.service == service && row.operations.is_empty());
    let row = named.or_else(rest)?;
    Some(Rate { bucket: if row.shared { "" } else { operation }, per_second: row.per_second })
}
