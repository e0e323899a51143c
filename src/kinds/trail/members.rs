//! What of CloudTrail's answers is understood (CloudTrail API, Trail, GetEventSelectors and GetInsightSelectors).

use crate::aws::members::Document;

/// Every trail of the list. UpdateTrail changes what it is told and nothing else.
pub const TRAIL: Document = Document {
    what: "a trail",
    call: None,
    members: &[
        "trailList.Name",
        "trailList.S3BucketName",
        "trailList.S3KeyPrefix",
        "trailList.SnsTopicName",
        "trailList.SnsTopicARN",
        "trailList.IncludeGlobalServiceEvents",
        "trailList.IsMultiRegionTrail",
        "trailList.HomeRegion",
        "trailList.TrailARN",
        "trailList.LogFileValidationEnabled",
        "trailList.CloudWatchLogsLogGroupArn",
        "trailList.CloudWatchLogsRoleArn",
        "trailList.KmsKeyId",
        "trailList.HasCustomEventSelectors",
        "trailList.HasInsightSelectors",
        "trailList.IsOrganizationTrail",
        // Whether deliveries themselves are recorded; nothing asks for it, and UpdateTrail leaves it as it is.
        "trailList.RecursiveLogging",
    ],
};

/// PutEventSelectors replaces all selectors.
pub const SELECTORS: Document = Document {
    what: "the trail's event selectors",
    call: Some("PutEventSelectors"),
    members: &[
        "TrailARN",
        "EventSelectors.ReadWriteType",
        "EventSelectors.IncludeManagementEvents",
        "EventSelectors.ExcludeManagementEventSources",
        "EventSelectors.DataResources.Type",
        "EventSelectors.DataResources.Values",
        "AdvancedEventSelectors.Name",
        "AdvancedEventSelectors.FieldSelectors.Field",
        "AdvancedEventSelectors.FieldSelectors.Equals",
        "AdvancedEventSelectors.FieldSelectors.StartsWith",
        "AdvancedEventSelectors.FieldSelectors.EndsWith",
        "AdvancedEventSelectors.FieldSelectors.NotEquals",
        "AdvancedEventSelectors.FieldSelectors.NotStartsWith",
        "AdvancedEventSelectors.FieldSelectors.NotEndsWith",
    ],
};

/// PutInsightSelectors replaces all selectors. The last two are told of event data stores only.
pub const INSIGHTS: Document = Document {
    what: "the trail's Insights selectors",
    call: Some("PutInsightSelectors"),
    members: &[
        "TrailARN",
        "InsightSelectors.InsightType",
        "InsightSelectors.EventCategories",
        "EventDataStoreArn",
        "InsightsDestination",
    ],
};
