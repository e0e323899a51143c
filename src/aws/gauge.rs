//! What goes on between a run and AWS at this moment, for whoever watches.

use crate::aws::rates::rate;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts of one run's calls, and the calls that wait for their turn.
#[derive(Debug, Default)]
pub struct Gauge {
    answered: AtomicUsize,
    in_flight: AtomicUsize,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    calls: BTreeMap<u64, Turn>,
    next: u64,
}

/// A call that waits for its turn.
#[derive(Debug)]
struct Turn {
    service: String,
    bucket: String,
    place: String,
    per_second: f64,
    due: Timestamp,
}

/// Calls that one published rate holds back.
#[derive(Clone, Debug, PartialEq)]
pub struct Queue {
    /// Service as in IAM action prefixes.
    pub service: String,
    /// The operation, or `""` where operations share a rate.
    pub bucket: String,
    /// Where the rate is kept: `account/region`.
    pub place: String,
    /// Calls a second that AWS publishes.
    pub per_second: f64,
    /// Calls that wait.
    pub calls: usize,
    /// When the last of them is sent.
    pub until: Timestamp,
}

impl Gauge {
    /// Returns the number of calls that were answered.
    pub fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }
    /// Returns the number of calls that were sent and not answered yet.
    pub fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }
    /// Returns the rates that hold calls back, by service, operation and place.
    pub fn queues(&self) -> Vec<Queue> {
        let mut queues: BTreeMap<(String, String, String), Queue> = BTreeMap::new();
        for turn in self.waiting.lock().expect("no panic while the lock is held").calls.values() {
            let key = (turn.service.clone(), turn.bucket.clone(), turn.place.clone());
            let queue = queues.entry(key).or_insert_with(|| Queue {
                service: turn.service.clone(),
                bucket: turn.bucket.clone(),
                place: turn.place.clone(),
                per_second: turn.per_second,
                calls: 0,
                until: turn.due,
            });
            queue.calls += 1;
            queue.until = queue.until.max(turn.due);
        }
        queues.into_values().collect()
    }
    /// Counts a call as waiting for its turn until the answer is dropped; a call without a published rate never waits.
    pub(crate) fn waits(&self, call: &str, place: &str, due: Timestamp) -> Option<Waits<'_>> {
        let (service, operation) = call.split_once(':')?;
        let rate = rate(service, operation)?;
        let turn = Turn {
            service: service.to_owned(),
            bucket: rate.bucket.to_owned(),
            place: place.to_owned(),
            per_second: rate.per_second,
            due,
        };
        let mut waiting = self.waiting.lock().expect("no panic while the lock is held");
        let id = waiting.next;
        waiting.next += 1;
        waiting.calls.insert(id, turn);
        Some(Waits { gauge: self, id })
    }
    /// Counts a call as in flight until the answer is dropped.
    pub(super) fn flies(&self) -> Flies<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        Flies(self)
    }
}

/// A call that waits for its turn.
pub(crate) struct Waits<'a> {
    gauge: &'a Gauge,
    id: u64,
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.gauge.waiting.lock().expect("no panic while the lock is held").calls.remove(&self.id);
    }
}

/// A call in flight.
pub(super) struct Flies<'a>(&'a Gauge);

impl Drop for Flies<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
        self.0.answered.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_while_they_last() {
        let gauge = Gauge::default();
        let at = |second| Timestamp::from_second(second).expect("in range");
        let first = gauge.waits("cloudtrail:CreateTrail", "a/1", at(1));
        let second = gauge.waits("cloudtrail:StartLogging", "a/1", at(2));
        assert!(gauge.waits("iam:CreateRole", "a/1", at(9)).is_none(), "no rate is published");
        let queue = Queue {
            service: "cloudtrail".into(),
            bucket: String::new(),
            place: "a/1".into(),
            per_second: 1.0,
            calls: 2,
            until: at(2),
        };
        assert_eq!(gauge.queues(), [queue]);
        drop((first, second));
        assert_eq!(gauge.queues(), []);
        let flies = gauge.flies();
        assert_eq!((gauge.in_flight(), gauge.answered()), (1, 0));
        drop(flies);
        assert_eq!((gauge.in_flight(), gauge.answered()), (0, 1));
    }
}
