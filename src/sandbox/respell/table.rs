//! What is particular to each operation's answer: what is ordered, what is a map, what may be left out, and what is
//! text in a grammar of its own. Each row follows the operation's page in its service's API reference.

/// What a member is when it is left out.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unset {
    Flag(bool),
    Number(i64),
    Word(&'static str),
    /// The empty list.
    Nothing,
    Words(&'static [&'static str]),
    /// The empty structure or map.
    Empty,
    /// What another member of the same structure is.
    SameAs(&'static str),
}

use Unset::{Empty, Flag, Nothing, Number, SameAs, Word, Words};

/// A grammar in which the same can be said in several ways.
#[derive(Clone, Copy, Debug)]
pub(super) enum Grammar {
    Policy,
    /// IAM gives its documents percent-encoded (IAM API, GetRole).
    EncodedPolicy,
    Json,
    AlarmRule,
    /// ARN of a log group, with or without `:*` behind it.
    Streams,
    /// ARN of a key, or its id.
    KeyArn,
    /// A word of a set that may grow.
    NewWord,
}

/// Lists whose order means something: operation and path; an empty path means every list of the answer.
const ORDERED: &[(&str, &str)] =
    &[("LookupEvents", ""), ("ListObjectVersions", ""), ("ListObjectsV2", ""), ("GetMetricData", "")];

/// Structures whose members are names that somebody chose.
const MAPS: &[(&str, &str)] = &[
    ("ListTagsForResource", "tags"),
    ("DescribeMetricFilters", "metricFilters[].metricTransformations[].dimensions"),
    // Each becomes a header of its own.
    ("GetObject", ""),
    ("GetObject", "Metadata"),
    ("HeadObject", ""),
    ("HeadObject", "Metadata"),
];

/// Operation, path of the structure, member, and what it is when left out.
const DEFAULTS: &[(&str, &str, &str, Unset)] = &[
    ("DescribeTrails", "trailList[]", "S3KeyPrefix", Word("")),
    ("DescribeTrails", "trailList[]", "SnsTopicARN", Word("")),
    ("DescribeTrails", "trailList[]", "SnsTopicName", Word("")),
    ("DescribeTrails", "trailList[]", "KmsKeyId", Word("")),
    ("DescribeTrails", "trailList[]", "CloudWatchLogsLogGroupArn", Word("")),
    ("DescribeTrails", "trailList[]", "CloudWatchLogsRoleArn", Word("")),
    ("DescribeTrails", "trailList[]", "IsMultiRegionTrail", Flag(false)),
    ("DescribeTrails", "trailList[]", "IsOrganizationTrail", Flag(false)),
    ("DescribeTrails", "trailList[]", "IncludeGlobalServiceEvents", Flag(true)),
    ("DescribeTrails", "trailList[]", "LogFileValidationEnabled", Flag(false)),
    ("DescribeTrails", "trailList[]", "HasInsightSelectors", Flag(false)),
    ("DescribeTrails", "trailList[]", "RecursiveLogging", Flag(true)),
    ("GetTrailStatus", "", "LatestDeliveryError", Word("")),
    ("GetTrailStatus", "", "LatestNotificationError", Word("")),
    ("GetTrailStatus", "", "LatestCloudWatchLogsDeliveryError", Word("")),
    ("GetTrailStatus", "", "LatestDigestDeliveryError", Word("")),
    ("GetEventSelectors", "", "EventSelectors", Nothing),
    ("GetEventSelectors", "", "AdvancedEventSelectors", Nothing),
    ("GetEventSelectors", "EventSelectors[]", "IncludeManagementEvents", Flag(true)),
    ("GetEventSelectors", "EventSelectors[]", "ReadWriteType", Word("All")),
    ("GetEventSelectors", "EventSelectors[]", "DataResources", Nothing),
    ("GetEventSelectors", "EventSelectors[]", "ExcludeManagementEventSources", Nothing),
    ("GetEventSelectors", "AdvancedEventSelectors[].FieldSelectors[]", "Equals", Nothing),
    ("GetEventSelectors", "AdvancedEventSelectors[].FieldSelectors[]", "StartsWith", Nothing),
    ("GetEventSelectors", "AdvancedEventSelectors[].FieldSelectors[]", "EndsWith", Nothing),
    ("GetEventSelectors", "AdvancedEventSelectors[].FieldSelectors[]", "NotEquals", Nothing),
    ("GetEventSelectors", "AdvancedEventSelectors[].FieldSelectors[]", "NotStartsWith", Nothing),
    ("GetEventSelectors", "AdvancedEventSelectors[].FieldSelectors[]", "NotEndsWith", Nothing),
    ("GetInsightSelectors", "InsightSelectors[]", "EventCategories", Words(&["Management"])),
    ("GetInsightSelectors", "", "InsightsDestination", Word("")),
    ("GetPublicAccessBlock", "PublicAccessBlockConfiguration", "BlockPublicAcls", Flag(false)),
    ("GetPublicAccessBlock", "PublicAccessBlockConfiguration", "IgnorePublicAcls", Flag(false)),
    ("GetPublicAccessBlock", "PublicAccessBlockConfiguration", "BlockPublicPolicy", Flag(false)),
    ("GetPublicAccessBlock", "PublicAccessBlockConfiguration", "RestrictPublicBuckets", Flag(false)),
    ("GetBucketVersioning", "", "MFADelete", Word("Disabled")),
    ("GetBucketEncryption", "ServerSideEncryptionConfiguration.Rules[]", "BucketKeyEnabled", Flag(false)),
    (
        "GetBucketEncryption",
        "ServerSideEncryptionConfiguration.Rules[].ApplyServerSideEncryptionByDefault",
        "KMSMasterKeyID",
        Word(""),
    ),
    ("GetBucketLifecycleConfiguration", "Rules[].Filter", "Prefix", Word("")),
    ("GetBucketLifecycleConfiguration", "Rules[].Expiration", "ExpiredObjectDeleteMarker", Flag(false)),
    (
        "GetBucketLifecycleConfiguration",
        "",
        "TransitionDefaultMinimumObjectSize",
        Word("all_storage_classes_128K"),
    ),
    ("GetBucketLogging", "LoggingEnabled", "TargetGrants", Nothing),
    ("DescribeKey", "KeyMetadata", "Description", Word("")),
    ("DescribeKey", "KeyMetadata", "MultiRegion", Flag(false)),
    ("GetKeyRotationStatus", "", "RotationPeriodInDays", Number(365)),
    ("ListAliases", "", "Truncated", Flag(false)),
    ("ListKeys", "", "Truncated", Flag(false)),
    ("ListResourceTags", "", "Truncated", Flag(false)),
    ("GetRole", "Role", "Description", Word("")),
    ("GetRole", "Role", "Tags", Nothing),
    ("ListRolePolicies", "", "IsTruncated", Flag(false)),
    ("ListAttachedRolePolicies", "", "IsTruncated", Flag(false)),
    ("DescribeLogGroups", "", "nextToken", Word("")),
    ("DescribeLogGroups", "logGroups[]", "logGroupClass", Word("STANDARD")),
    ("DescribeLogGroups", "logGroups[]", "deletionProtectionEnabled", Flag(false)),
    ("DescribeLogGroups", "logGroups[]", "kmsKeyId", Word("")),
    ("DescribeLogGroups", "logGroups[]", "inheritedProperties", Nothing),
    ("DescribeLogGroups", "logGroups[]", "retentionPolicyName", Word("")),
    ("DescribeMetricFilters", "", "nextToken", Word("")),
    ("DescribeMetricFilters", "metricFilters[]", "applyOnTransformedLogs", Flag(false)),
    ("DescribeMetricFilters", "metricFilters[]", "fieldSelectionCriteria", Word("")),
    ("DescribeMetricFilters", "metricFilters[]", "emitSystemFieldDimensions", Nothing),
    ("DescribeMetricFilters", "metricFilters[].metricTransformations[]", "unit", Word("None")),
    ("DescribeMetricFilters", "metricFilters[].metricTransformations[]", "dimensions", Empty),
    ("DescribeAlarms", "", "NextToken", Word("")),
    ("DescribeAlarms", "MetricAlarms[]", "ActionsEnabled", Flag(true)),
    ("DescribeAlarms", "MetricAlarms[]", "AlarmDescription", Word("")),
    ("DescribeAlarms", "MetricAlarms[]", "OKActions", Nothing),
    ("DescribeAlarms", "MetricAlarms[]", "AlarmActions", Nothing),
    ("DescribeAlarms", "MetricAlarms[]", "InsufficientDataActions", Nothing),
    ("DescribeAlarms", "MetricAlarms[]", "Dimensions", Nothing),
    ("DescribeAlarms", "MetricAlarms[]", "Metrics", Nothing),
    ("DescribeAlarms", "MetricAlarms[]", "TreatMissingData", Word("missing")),
    ("DescribeAlarms", "MetricAlarms[]", "DatapointsToAlarm", SameAs("EvaluationPeriods")),
    ("DescribeAlarms", "MetricAlarms[]", "EvaluateLowSampleCountPercentile", Word("")),
    ("DescribeAlarms", "MetricAlarms[]", "ThresholdMetricId", Word("")),
    ("DescribeAlarms", "MetricAlarms[].Metrics[]", "ReturnData", Flag(true)),
    ("DescribeAlarms", "MetricAlarms[].Metrics[]", "Label", Word("")),
    ("DescribeAlarms", "MetricAlarms[].Metrics[].MetricStat.Metric", "Dimensions", Nothing),
    ("DescribeAlarms", "CompositeAlarms[]", "ActionsEnabled", Flag(true)),
    ("DescribeAlarms", "CompositeAlarms[]", "AlarmDescription", Word("")),
    ("DescribeAlarms", "CompositeAlarms[]", "OKActions", Nothing),
    ("DescribeAlarms", "CompositeAlarms[]", "AlarmActions", Nothing),
    ("DescribeAlarms", "CompositeAlarms[]", "InsufficientDataActions", Nothing),
    ("DescribeAlarms", "CompositeAlarms[]", "ActionsSuppressor", Word("")),
    ("GetTopicAttributes", "Attributes", "KmsMasterKeyId", Word("")),
    ("GetTopicAttributes", "Attributes", "DisplayName", Word("")),
    ("ListSubscriptionsByTopic", "", "NextToken", Word("")),
    ("GetModelInvocationLoggingConfiguration", "loggingConfig.s3Config", "keyPrefix", Word("")),
    (
        "GetModelInvocationLoggingConfiguration",
        "loggingConfig.cloudWatchConfig.largeDataDeliveryS3Config",
        "keyPrefix",
        Word(""),
    ),
    ("GetResources", "", "PaginationToken", Word("")),
];

/// Operation, path of the text, and its grammar.
const GRAMMARS: &[(&str, &str, Grammar)] = &[
    ("DescribeTrails", "trailList[].CloudWatchLogsLogGroupArn", Grammar::Streams),
    ("GetBucketPolicy", "Policy", Grammar::Policy),
    // Not the key of GetBucketEncryption: S3 keeps it as it was given, and what is no full ARN is looked up in the
    // account of whoever writes (S3 API, ServerSideEncryptionByDefault). That is a difference.
    ("GetKeyPolicy", "Policy", Grammar::Policy),
    ("DescribeKey", "KeyMetadata.Origin", Grammar::NewWord),
    ("DescribeKey", "KeyMetadata.KeySpec", Grammar::NewWord),
    ("GetRole", "Role.AssumeRolePolicyDocument", Grammar::EncodedPolicy),
    ("GetRolePolicy", "PolicyDocument", Grammar::EncodedPolicy),
    ("DescribeLogGroups", "logGroups[].arn", Grammar::Streams),
    ("DescribeLogGroups", "logGroups[].logGroupArn", Grammar::Streams),
    ("DescribeAlarms", "MetricAlarms[].StateValue", Grammar::NewWord),
    ("DescribeAlarms", "CompositeAlarms[].StateValue", Grammar::NewWord),
    ("DescribeAlarms", "CompositeAlarms[].AlarmRule", Grammar::AlarmRule),
    ("GetDashboard", "DashboardBody", Grammar::Json),
    ("GetTopicAttributes", "Attributes.Policy", Grammar::Policy),
    ("GetTopicAttributes", "Attributes.EffectiveDeliveryPolicy", Grammar::Json),
    ("GetTopicAttributes", "Attributes.KmsMasterKeyId", Grammar::KeyArn),
];

/// Returns true if the order of a list means something.
pub(super) fn is_ordered(operation: &str, path: &str) -> bool {
    ORDERED.iter().any(|(of, at)| *of == operation && (at.is_empty() || *at == path))
}

/// Returns true if the members of a structure are names that somebody chose.
pub(super) fn is_map(operation: &str, path: &str) -> bool {
    MAPS.contains(&(operation, path))
}

/// Returns the defaults of a structure.
pub(super) fn defaults<'a>(
    operation: &'a str,
    path: &'a str,
) -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str, Unset)> + 'a {
    DEFAULTS.iter().filter(move |(of, at, _, _)| *of == operation && *at == path)
}

/// Returns the grammar of a text.
pub(super) fn grammar(operation: &str, path: &str) -> Option<Grammar> {
    GRAMMARS.iter().find(|(of, at, _)| *of == operation && *at == path).map(|(_, _, grammar)| *grammar)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::service::operation;

    #[test]
    fn every_row_is_about_an_operation_that_the_sandbox_answers() {
        let services =
            ["bedrock", "cloudtrail", "cloudwatch", "iam", "kms", "logs", "s3", "sns", "tagging", "tag"];
        let there = |name: &str| services.iter().any(|service| operation(service, name).is_some());
        let named = MAPS.iter().map(|(name, _)| *name);
        let named = named.chain(DEFAULTS.iter().map(|row| row.0)).chain(GRAMMARS.iter().map(|row| row.0));
        for name in named {
            assert!(there(name), "{name}");
        }
    }
}
