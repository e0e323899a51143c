//! Keeps below AWS's published rates, so that throttling is the exception.

use crate::aws::rates::{Rate, rate};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

/// How much slower than published calls go: the way to AWS is not equally long for each, so that calls sent a gap apart
/// may arrive closer together.
const MARGIN: f64 = 1.05;

/// When the next call of each service, bucket, account and Region would be due if none could be saved up.
#[derive(Debug, Default)]
pub struct Pacer {
    due: Mutex<BTreeMap<[String; 3], Timestamp>>,
}

impl Pacer {
    /// Reserves the next slot for a call, such as `logs:PutMetricFilter`, and returns how long to wait for it.
    ///
    /// AWS's buckets let a second's worth of calls through at once. Half of it is used, where it is more than a few: the
    /// other half covers what another run sent just before, and calls that arrive in a bunch.
    pub fn reserve(&self, call: &str, place: &str, now: Timestamp) -> Duration {
        let Some((service, operation)) = call.split_once(':') else { return Duration::ZERO };
        let Some(Rate { bucket, per_second }) = rate(service, operation) else { return Duration::ZERO };
        let gap = seconds(MARGIN / per_second);
        let saved = seconds(if per_second < 5.0 { 0.0 } else { 0.5 });
        let key = [service, bucket, place].map(str::to_owned);
        let mut due = self.due.lock().expect("no panic while the lock is held");
        let slot = due.entry(key).or_insert(now);
        let start = slot.saturating_sub(saved).unwrap_or(now).max(now);
        *slot = (*slot).max(now).saturating_add(gap).unwrap_or(Timestamp::MAX);
        Duration::try_from(start.duration_since(now)).unwrap_or_default()
    }
}

fn seconds(seconds: f64) -> SignedDuration {
    SignedDuration::from_secs_f64(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_second_s_worth_goes_at_once_and_the_rest_at_the_rate() {
        let pacer = Pacer::default();
        let now = Timestamp::UNIX_EPOCH;
        let cases = [
            ("first", "cloudtrail:CreateTrail", "a/1", 0),
            ("second shares the bucket", "cloudtrail:StartLogging", "a/1", 1050),
            ("third", "cloudtrail:AddTags", "a/1", 2100),
            ("another Region", "cloudtrail:AddTags", "a/2", 0),
            ("reads have another bucket", "cloudtrail:ListTags", "a/1", 0),
            ("no rate published", "iam:CreateRole", "a/1", 0),
            ("filter 1 of 5 a second", "logs:PutMetricFilter", "a/1", 0),
            ("filter 2", "logs:PutMetricFilter", "a/1", 0),
            ("filter 3", "logs:PutMetricFilter", "a/1", 0),
            ("filter 4", "logs:PutMetricFilter", "a/1", 130),
            ("filter 5", "logs:PutMetricFilter", "a/1", 340),
            ("each operation has its own", "logs:DeleteMetricFilter", "a/1", 0),
        ];
        for (case, call, place, millis) in cases {
            let wait = pacer.reserve(call, place, now).as_millis();
            assert_eq!(wait, millis, "{case}");
        }
        let later = now + SignedDuration::from_secs(60);
        assert_eq!(pacer.reserve("logs:PutMetricFilter", "a/1", later), Duration::ZERO, "rested");
    }
}
