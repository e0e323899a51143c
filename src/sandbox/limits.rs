//! The published request rates, as token buckets on the sandbox clock.

use jiff::Timestamp;
use std::collections::BTreeMap;

/// Operations that share a rate, or that each have it.
struct Rate {
    service: &'static str,
    operations: &'static [&'static str],
    per_second: f64,
    /// Whether the operations draw from one bucket.
    shared: bool,
}

const fn each(service: &'static str, operations: &'static [&'static str], per_second: f64) -> Rate {
    Rate { service, operations, per_second, shared: false }
}

/// Rates per account and Region (`reference/permissions.md` §11, `reference/kms-iam-sns.md`). Services without a row
/// publish none. An empty list of operations is all that no other row names.
const RATES: &[Rate] = &[
    Rate {
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

/// Tokens left, by account, Region, service and operation.
#[derive(Clone, Debug, Default)]
pub struct Buckets {
    left: BTreeMap<[String; 4], (f64, Timestamp)>,
}

impl Buckets {
    /// Takes a token for a call; false if the call comes too fast. A bucket holds one second's worth.
    pub fn take(
        &mut self,
        account: &str,
        region: &str,
        service: &str,
        operation: &str,
        now: Timestamp,
    ) -> bool {
        let named = RATES.iter().find(|rate| rate.service == service && rate.operations.contains(&operation));
        let rest = || RATES.iter().find(|rate| rate.service == service && rate.operations.is_empty());
        let Some(rate) = named.or_else(rest) else { return true };
        let bucket = if rate.shared { "" } else { operation };
        let key = [account, region, service, bucket].map(str::to_owned);
        let (left, at) = self.left.entry(key).or_insert((rate.per_second, now));
        let passed = (now.as_millisecond() - at.as_millisecond()).max(0) as f64 / 1000.0;
        *left = (*left + passed * rate.per_second).min(rate.per_second);
        *at = now;
        let admitted = *left >= 1.0;
        if admitted {
            *left -= 1.0;
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_admitted_at_the_published_rate() {
        let at = |millis| Timestamp::from_millisecond(millis).expect("in range");
        let mut buckets = Buckets::default();
        let mut take = |service: &str, operation: &str, millis| {
            buckets.take("111122223333", "us-east-1", service, operation, at(millis))
        };
        assert!(take("cloudtrail", "CreateTrail", 0));
        assert!(!take("cloudtrail", "StartLogging", 500), "writes to CloudTrail share one a second");
        assert!(take("cloudtrail", "StartLogging", 1000));
        assert!(take("cloudtrail", "GetTrail", 1000), "reads have their own");
        assert_eq!((0..6).filter(|_| take("kms", "CreateKey", 0)).count(), 5);
        assert!((0..1000).all(|_| take("iam", "GetRole", 0)), "IAM publishes none");
    }
}
