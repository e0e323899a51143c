//! What changing a bucket does to the record.

use super::{Added, ObjectLock, Rule, S3Bucket};
use crate::kinds::policies::meaning;
use crate::kinds::{Class, Effect};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Returns what going from one state to the other does; `before` is `None` for a creation.
pub(super) fn effects(before: Option<&S3Bucket>, after: &S3Bucket) -> Vec<Effect> {
    let mut effects = lock(before.and_then(|before| before.object_lock.as_ref()), after.object_lock.as_ref());
    let Some(before) = before else {
        effects.retain(|effect| effect.class.approval().is_some());
        return effects;
    };
    // A bucket that an interrupted apply has just made: nothing is in it that an expiry could take.
    if !before.holds_nothing {
        effects.extend(lifecycle(&before.lifecycle, &after.lifecycle));
    }
    effects.extend(meaning::of_resource("policy", "bucket", before.policy.as_ref(), after.policy.as_ref()));
    effects.extend(switches(before, after));
    effects.extend(added(&before.added, &after.added));
    let is_told = effects.iter().any(|effect| effect.attribute == "lifecycle");
    if moves(before) != moves(after) && !is_told && !before.holds_nothing {
        let text = "objects move to other storage classes at other times";
        effects.push(Effect::new(Class::Neutral, "lifecycle", text));
    }
    effects
}

fn moves(bucket: &S3Bucket) -> BTreeMap<&String, (&BTreeSet<String>, &BTreeSet<String>)> {
    bucket
        .lifecycle
        .iter()
        .map(|(id, rule)| (id, (&rule.transitions, &rule.noncurrent_transitions)))
        .collect()
}

fn added(before: &Added, after: &Added) -> Vec<Effect> {
    let mut effects = Vec::new();
    for gone in before.acl.difference(&after.acl) {
        effects.push(Effect::new(Class::Restoring, "acl", format!("the ACL no longer grants {gone}")));
    }
    if before.website.is_some() && after.website.is_none() {
        effects.push(Effect::new(Class::Restoring, "website", "the bucket serves no website any more"));
    }
    let gone = |before: &BTreeMap<String, String>, after: &BTreeMap<String, String>| {
        let gone: Vec<String> =
            before.iter().filter(|(id, _)| !after.contains_key(*id)).map(|(_, text)| text.clone()).collect();
        gone
    };
    for text in gone(&before.replication, &after.replication) {
        let text = format!("new objects are no longer copied {text}");
        effects.push(Effect::new(Class::Neutral, "replication", text));
    }
    for text in gone(&before.notifications, &after.notifications) {
        let text = format!("no longer told of objects: {text}");
        effects.push(Effect::new(Class::Neutral, "notifications", text));
    }
    effects
}

fn lock(before: Option<&ObjectLock>, after: Option<&ObjectLock>) -> Vec<Effect> {
    let days = |lock: Option<&ObjectLock>| lock.map_or(0, ObjectLock::length_days);
    let is_firm = |lock: Option<&ObjectLock>| lock.is_some_and(ObjectLock::is_compliance);
    let effect = |class, text: String| Effect::new(class, "object_lock", text);
    let (was, now) = (days(before), days(after));
    let mut effects = Vec::new();
    if is_firm(after) && (!is_firm(before) || now > was) {
        let text = format!("nobody, not even the root user, can delete a new object for {now} days");
        effects.push(effect(Class::Irreversible, text));
    }
    // That nobody can lift a longer lock has been said.
    if now < was || (now > was && effects.is_empty()) {
        let class = if now < was { Class::Weaken } else { Class::Restoring };
        let text = match after {
            Some(_) => format!("new objects are locked {now} days instead of {was}"),
            None => "new objects are no longer locked".to_owned(),
        };
        effects.push(effect(class, text));
    }
    if before.is_none() && after.is_some() {
        effects.retain(|effect| effect.class == Class::Irreversible);
        // What is irreversible is a lock in compliance mode; that the feature stays is told all the same (S3 User Guide,
        // locking objects: neither Object Lock nor versioning can be turned off again).
        let text = format!("new objects are locked for {now} days, and Object Lock can never be turned off");
        effects.push(effect(Class::Restoring, text));
    }
    if is_firm(before) && after.is_some() && !is_firm(after) {
        let text = "new objects are locked in governance mode, which a permission can lift".to_owned();
        effects.push(effect(Class::Weaken, text));
    }
    effects
}

/// Days after which a rule deletes; if true is given, only those after which it deletes all of its sort.
type Days = fn(&Rule, bool) -> Option<u32>;

fn lifecycle(before: &BTreeMap<String, Rule>, after: &BTreeMap<String, Rule>) -> Vec<Effect> {
    // The shortest of the rules that delete. Against a change only that counts which surely deletes everywhere: a rule on
    // part of the bucket, or one that keeps some versions, deletes less, and taking it for all would hide a loss.
    let shortest = |rules: &BTreeMap<String, Rule>, days: Days, everywhere: bool| {
        let counts = |rule: &&Rule| rule.enabled && (!everywhere || rule.filter.is_empty());
        rules.values().filter(counts).filter_map(|rule| days(rule, everywhere)).min()
    };
    let text = |days: Option<u32>| days.map_or("for ever".to_owned(), |days| format!("{days} days"));
    let mut effects = Vec::new();
    let mut compare = |what: &str, days: Days| {
        let (was, now) = (shortest(before, days, true), shortest(after, days, false));
        let class = match now.unwrap_or(u32::MAX).cmp(&was.unwrap_or(u32::MAX)) {
            Ordering::Less => Class::Weaken,
            Ordering::Greater => Class::Restoring,
            Ordering::Equal => {
                let partly = shortest(before, days, false);
                if partly != was {
                    let text = format!("some {what} are no longer deleted after {}", text(partly));
                    effects.push(Effect::new(Class::Restoring, "lifecycle", text));
                }
                return;
            }
        };
        let text = format!("{what} are kept {} instead of {}", text(now), text(was));
        effects.push(Effect::new(class, "lifecycle", text));
    };
    compare("objects", |rule, _| rule.expire_after_days);
    compare("overwritten and deleted versions", |rule, all| {
        rule.noncurrent_expire_after_days.filter(|_| !all || rule.noncurrent_kept.is_none())
    });
    effects
}

fn switches(before: &S3Bucket, after: &S3Bucket) -> Vec<Effect> {
    let is_kms = |bucket: &S3Bucket| {
        bucket.encryption.as_ref().is_some_and(|encryption| encryption.algorithm.starts_with("aws:kms"))
    };
    let key_of = |bucket: &S3Bucket| {
        let key = bucket.encryption.as_ref().and_then(|encryption| encryption.kms_key.as_ref());
        key.and_then(|key| key.value().map(ToOwned::to_owned))
    };
    let blocks = |bucket: &S3Bucket| {
        bucket.public_access_block.map_or([false; 4], |block| {
            [
                block.block_public_acls,
                block.ignore_public_acls,
                block.block_public_policy,
                block.restrict_public_buckets,
            ]
        })
    };
    let opened = blocks(before).into_iter().zip(blocks(after)).any(|(was, now)| was && !now);
    let closed = blocks(before).into_iter().zip(blocks(after)).any(|(was, now)| !was && now);
    let versioned = |bucket: &S3Bucket| bucket.versioning.as_deref() == Some("Enabled");
    let refuses = |bucket: &S3Bucket| {
        bucket.encryption.as_ref().map(|encryption| encryption.blocked.clone()).unwrap_or_default()
    };
    let (refused, refuses) = (refuses(before), refuses(after));
    let logged = |bucket: &S3Bucket| bucket.logging.is_some();
    let without_lists = |bucket: &S3Bucket| bucket.object_ownership.as_deref() == Some("BucketOwnerEnforced");
    let other_key = is_kms(before) && is_kms(after) && key_of(before) != key_of(after);
    let lost = |was: bool, is: bool| was && !is;
    let cases = [
        (opened, Class::Weaken, "public_access_block", "the bucket can be made public"),
        (closed, Class::Restoring, "public_access_block", "the bucket can no longer be made public"),
        (
            lost(versioned(before), versioned(after)),
            Class::Weaken,
            "versioning",
            "overwritten and deleted objects are no longer kept",
        ),
        (
            lost(versioned(after), versioned(before)),
            Class::Restoring,
            "versioning",
            "overwritten and deleted objects are kept",
        ),
        (
            lost(is_kms(before), is_kms(after)),
            Class::Weaken,
            "encryption",
            "new objects are not encrypted with our key",
        ),
        (
            lost(is_kms(after), is_kms(before)) || other_key,
            Class::Restoring,
            "encryption",
            "new objects are encrypted with our key",
        ),
        (
            !refused.is_subset(&refuses),
            Class::Weaken,
            "encryption",
            "objects can be written with a key that only their writer has",
        ),
        (
            !refuses.is_subset(&refused),
            Class::Restoring,
            "encryption",
            "no object can be written with a key that only its writer has",
        ),
        (
            lost(logged(before), logged(after)),
            Class::Weaken,
            "logging",
            "access to the bucket is no longer logged",
        ),
        (
            logged(after) && before.logging != after.logging,
            Class::Restoring,
            "logging",
            "access to the bucket is logged where the blueprint says",
        ),
        (
            lost(without_lists(before), without_lists(after)),
            Class::Weaken,
            "object_ownership",
            "ACLs can give access to objects",
        ),
        (
            lost(without_lists(after), without_lists(before)),
            Class::Restoring,
            "object_ownership",
            "ACLs no longer give access to objects",
        ),
    ];
    cases
        .into_iter()
        .filter(|(holds, ..)| *holds)
        .map(|(_, class, attribute, text)| Effect::new(class, attribute, text))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::s3_bucket::{PublicAccessBlock, desired};
    use crate::kinds::{Facts, example};

    fn bucket() -> S3Bucket {
        desired::desired(&example::blueprint(), &Facts::default()).remove(0).1
    }

    /// Adds a rule on a part of the bucket.
    fn part(bucket: &mut S3Bucket, change: fn(&mut Rule)) {
        let mut rule = Rule { enabled: true, filter: "prefix tmp/".into(), ..Rule::default() };
        change(&mut rule);
        bucket.lifecycle.insert("tmp".into(), rule);
    }

    fn compliance(days: u32) -> Option<ObjectLock> {
        Some(ObjectLock { mode: "COMPLIANCE".into(), days: Some(days), years: None })
    }

    fn seen(effects: &[Effect]) -> Vec<(Class, &str, &str)> {
        effects.iter().map(|e| (e.class, e.attribute.as_str(), e.text.as_str())).collect()
    }

    #[test]
    fn what_a_change_does_to_the_record() {
        use Class::{Irreversible, Restoring, Weaken};
        type Change = fn(&mut S3Bucket);
        type Want = &'static [(Class, &'static str, &'static str)];
        let cases: [(&str, Change, Change, Want); 18] = [
            ("nothing", |_| {}, |_| {}, &[]),
            (
                "a shorter lock",
                |_| {},
                |after| after.object_lock.iter_mut().for_each(|lock| lock.days = Some(30)),
                &[(Weaken, "object_lock", "new objects are locked 30 days instead of 400")],
            ),
            (
                "no lock",
                |_| {},
                |after| after.object_lock = None,
                &[(Weaken, "object_lock", "new objects are no longer locked")],
            ),
            (
                "a lock",
                |before| before.object_lock = None,
                |_| {},
                &[(
                    Restoring,
                    "object_lock",
                    "new objects are locked for 400 days, and Object Lock can never be turned off",
                )],
            ),
            (
                "compliance",
                |_| {},
                |after| after.object_lock = compliance(400),
                &[(
                    Irreversible,
                    "object_lock",
                    "nobody, not even the root user, can delete a new object for 400 days",
                )],
            ),
            (
                "longer compliance",
                |before| before.object_lock = compliance(400),
                |after| after.object_lock = compliance(500),
                &[(
                    Irreversible,
                    "object_lock",
                    "nobody, not even the root user, can delete a new object for 500 days",
                )],
            ),
            (
                "years are as long as their days",
                |before| {
                    before.object_lock.iter_mut().for_each(|lock| (lock.days, lock.years) = (None, Some(2)));
                },
                |_| {},
                &[(Weaken, "object_lock", "new objects are locked 400 days instead of 730")],
            ),
            (
                "governance instead of compliance",
                |before| before.object_lock = compliance(400),
                |_| {},
                &[(
                    Weaken,
                    "object_lock",
                    "new objects are locked in governance mode, which a permission can lift",
                )],
            ),
            (
                "earlier expiry",
                |_| {},
                |after| {
                    after.lifecycle.values_mut().for_each(|rule| {
                        rule.expire_after_days = rule.expire_after_days.map(|_| 500);
                    });
                },
                &[(Weaken, "lifecycle", "objects are kept 500 days instead of 2555 days")],
            ),
            (
                "earlier expiry beside an earlier one of a part",
                |before| part(before, |rule| rule.expire_after_days = Some(10)),
                |after| {
                    after.lifecycle.values_mut().for_each(|rule| {
                        rule.expire_after_days = rule.expire_after_days.map(|_| 500);
                    });
                },
                &[(Weaken, "lifecycle", "objects are kept 500 days instead of 2555 days")],
            ),
            (
                "an expiry of a part goes",
                |before| part(before, |rule| rule.expire_after_days = Some(10)),
                |_| {},
                &[(Restoring, "lifecycle", "some objects are no longer deleted after 10 days")],
            ),
            (
                "an expiry of a part, and no other, becomes one of all",
                |before| {
                    before.lifecycle.clear();
                    part(before, |rule| rule.expire_after_days = Some(10));
                },
                |after| {
                    after.lifecycle.values_mut().for_each(|rule| rule.noncurrent_expire_after_days = None)
                },
                &[(Weaken, "lifecycle", "objects are kept 2555 days instead of for ever")],
            ),
            (
                "versions that were kept by their number",
                |before| {
                    before.lifecycle.values_mut().for_each(|rule| {
                        rule.noncurrent_kept = rule.noncurrent_expire_after_days.map(|_| 5);
                    });
                },
                |_| {},
                &[(
                    Weaken,
                    "lifecycle",
                    "overwritten and deleted versions are kept 400 days instead of for ever",
                )],
            ),
            (
                "expiry where there was none, and nothing is kept",
                |before| {
                    before.lifecycle.clear();
                    before.holds_nothing = true;
                },
                |_| {},
                &[],
            ),
            (
                "expiry where there was none",
                |before| before.lifecycle.clear(),
                |_| {},
                &[
                    (Weaken, "lifecycle", "objects are kept 2555 days instead of for ever"),
                    (
                        Weaken,
                        "lifecycle",
                        "overwritten and deleted versions are kept 400 days instead of for ever",
                    ),
                ],
            ),
            (
                "plain HTTP",
                |before| {
                    // Readers are a matter of their own.
                    let mut blueprint = example::blueprint();
                    blueprint.encryption.readers.clear();
                    before.policy = desired::desired(&blueprint, &Facts::default()).remove(0).1.policy;
                },
                |after| after.policy = None,
                &[
                    (Weaken, "policy", "the bucket's policy no longer denies what KeepRecords denied"),
                    (Weaken, "policy", "the bucket's policy no longer denies what TlsOnly denied"),
                    (Weaken, "policy", "the bucket's policy no longer denies what TlsVersion denied"),
                    (Weaken, "policy", "cloudtrail.amazonaws.com may no longer use the bucket"),
                ],
            ),
            (
                "closed again",
                |before| {
                    let open = PublicAccessBlock { block_public_policy: false, ..PublicAccessBlock::ALL };
                    before.public_access_block = Some(open);
                    before.versioning = Some("Suspended".into());
                },
                |_| {},
                &[
                    (Restoring, "public_access_block", "the bucket can no longer be made public"),
                    (Restoring, "versioning", "overwritten and deleted objects are kept"),
                ],
            ),
            (
                "no access logs",
                |_| {},
                |after| after.logging = None,
                &[(Weaken, "logging", "access to the bucket is no longer logged")],
            ),
        ];
        for (case, change_before, change_after, want) in cases {
            let (mut before, mut after) = (bucket(), bucket());
            change_before(&mut before);
            change_after(&mut after);
            assert_eq!(seen(&effects(Some(&before), &after)), want, "{case}");
        }
    }

    #[test]
    fn only_compliance_makes_a_new_bucket_irreversible() {
        let mut bucket = bucket();
        assert_eq!(effects(None, &bucket), Vec::new());
        bucket.object_lock = compliance(400);
        assert_eq!(effects(None, &bucket).first().map(|effect| effect.class), Some(Class::Irreversible));
    }
}
