//! Keeps below AWS's published rates, so that throttling is the exception.

use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

/// Calls a second that AWS publishes, per account and Region; a group of operations shares one bucket.
/// Sources: AWS General Reference (CloudTrail), CloudWatch and CloudWatch Logs service quotas, KMS Developer Guide.
const RATES: &[(&str, &[&str], f64)] = &[
    (
        "cloudtrail writes",
        &[
            "cloudtrail:CreateTrail",
            "cloudtrail:UpdateTrail",
            "cloudtrail:DeleteTrail",
            "cloudtrail:StartLogging",
            "cloudtrail:StopLogging",
            "cloudtrail:PutEventSelectors",
            "cloudtrail:PutInsightSelectors",
            "cloudtrail:AddTags",
            "cloudtrail:RemoveTags",
        ],
        1.0,
    ),
    ("cloudwatch PutMetricAlarm", &["cloudwatch:PutMetricAlarm"], 3.0),
    ("cloudwatch PutCompositeAlarm", &["cloudwatch:PutCompositeAlarm"], 3.0),
    ("cloudwatch DeleteAlarms", &["cloudwatch:DeleteAlarms"], 3.0),
    ("cloudwatch DescribeAlarms", &["cloudwatch:DescribeAlarms"], 9.0),
    ("cloudwatch tags", &["cloudwatch:ListTagsForResource"], 10.0),
    ("logs PutMetricFilter", &["logs:PutMetricFilter"], 5.0),
    ("logs DeleteMetricFilter", &["logs:DeleteMetricFilter"], 5.0),
    ("logs DescribeMetricFilters", &["logs:DescribeMetricFilters"], 5.0),
    ("logs ListTagsForResource", &["logs:ListTagsForResource"], 5.0),
    ("logs TagResource", &["logs:TagResource"], 5.0),
    ("logs groups", &["logs:CreateLogGroup", "logs:DeleteLogGroup"], 10.0),
    ("kms CreateKey", &["kms:CreateKey"], 5.0),
    ("kms aliases", &["kms:CreateAlias", "kms:UpdateAlias"], 5.0),
    ("sns tags", &["sns:ListTagsForResource", "sns:TagResource"], 10.0),
];

/// When the next call of each rate, account and Region may go.
#[derive(Debug, Default)]
pub struct Pacer {
    next: Mutex<BTreeMap<(&'static str, String), Timestamp>>,
}

impl Pacer {
    /// Reserves the next slot for a call and returns how long to wait for it.
    pub fn reserve(&self, call: &str, place: &str, now: Timestamp) -> Duration {
        let Some((name, _, rate)) = RATES.iter().find(|(_, calls, _)| calls.contains(&call)) else {
            return Duration::ZERO;
        };
        let gap = Duration::from_secs_f64(1.0 / rate);
        let mut next = self.next.lock().expect("no panic while the lock is held");
        let slot = next.entry((name, place.to_owned())).or_insert(now);
        let start = (*slot).max(now);
        *slot = start + gap;
        Duration::try_from(start.duration_since(now)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_cloudtrail_write_a_second_and_region() {
        let pacer = Pacer::default();
        let now = Timestamp::UNIX_EPOCH;
        let waits = [
            ("first", "cloudtrail:CreateTrail", "a/1", 0),
            ("second shares the bucket", "cloudtrail:StartLogging", "a/1", 1),
            ("third", "cloudtrail:AddTags", "a/1", 2),
            ("another Region", "cloudtrail:AddTags", "a/2", 0),
            ("no rate published", "iam:CreateRole", "a/1", 0),
        ];
        for (case, call, place, seconds) in waits {
            assert_eq!(pacer.reserve(call, place, now), Duration::from_secs(seconds), "{case}");
        }
    }
}
