//! The published request rates, as token buckets on the sandbox clock.

use crate::aws::rates::rate;
use jiff::Timestamp;
use std::collections::BTreeMap;

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
        let Some(rate) = rate(service, operation) else { return true };
        let key = [account, region, service, rate.bucket].map(str::to_owned);
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
