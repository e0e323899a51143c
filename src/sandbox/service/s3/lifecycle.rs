//! Lifecycle rules and the many ways to get one wrong.
//!
//! S3 API, PutBucketLifecycleConfiguration, and `reference/s3-log-bucket.md` §6.

use super::{argument, configuration, malformed_xml, open};
use crate::sandbox::service::record::uuid;
use crate::sandbox::service::{Answer, Call, Fault};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What small objects do by default; buckets configured now have the first.
const MINIMUM_SIZES: &[&str] = &["all_storage_classes_128K", "varies_by_storage_class"];

/// Storage classes in the order in which objects may move, and the days an object has to stay in each before the
/// next one.
const CLASSES: &[(&str, i64)] = &[
    ("STANDARD_IA", 30),
    ("INTELLIGENT_TIERING", 0),
    ("ONEZONE_IA", 30),
    ("GLACIER_IR", 90),
    ("GLACIER", 90),
    ("DEEP_ARCHIVE", 180),
];

pub(super) fn get(call: &mut Call<'_>) -> Answer {
    let bucket = open(call, "s3:GetLifecycleConfiguration")?;
    let mut found = bucket.read(call, "Lifecycle", "NoSuchLifecycleConfiguration")?;
    // Rules come back in an order of S3's own.
    if let Some(rules) = found["Rules"].as_array_mut() {
        rules.reverse();
    }
    Ok(found)
}

pub(super) fn put(call: &mut Call<'_>) -> Answer {
    let bucket = open(call, "s3:PutLifecycleConfiguration")?;
    let mut wanted = configuration(call, "LifecycleConfiguration")?;
    let size = call.text("TransitionDefaultMinimumObjectSize").unwrap_or_else(|| MINIMUM_SIZES[0].into());
    if !MINIMUM_SIZES.contains(&size.as_str()) {
        return Err(argument("Invalid TransitionDefaultMinimumObjectSize found"));
    }
    let Some(rules) = wanted["Rules"].as_array_mut().filter(|rules| (1..=1000).contains(&rules.len())) else {
        return Err(malformed_xml());
    };
    let mut ids = BTreeSet::new();
    for rule in rules {
        if !rule.is_object() {
            return Err(malformed_xml());
        }
        if rule["ID"].as_str().unwrap_or_default().is_empty() {
            rule["ID"] = uuid(call.state.fresh()).into();
        }
        check_rule(rule)?;
        let id = rule["ID"].as_str().unwrap_or_default();
        if id.chars().count() > 255 {
            return Err(argument("ID length should not exceed allowed limit of 255"));
        }
        if !ids.insert(id.to_owned()) {
            return Err(argument("Rule ID must be unique. Found same ID for more than one rule"));
        }
    }
    let stored = json!({"Rules": wanted["Rules"], "TransitionDefaultMinimumObjectSize": size});
    bucket.write(call, "Lifecycle", stored)?;
    Ok(json!({"TransitionDefaultMinimumObjectSize": size}))
}

pub(super) fn delete(call: &mut Call<'_>) -> Answer {
    open(call, "s3:PutLifecycleConfiguration")?.remove(call, "Lifecycle")
}

fn check_rule(rule: &Value) -> Result<(), Fault> {
    if !matches!(rule["Status"].as_str(), Some("Enabled" | "Disabled")) {
        return Err(malformed_xml());
    }
    let (tagged, sized) =
        match (rule.get("Filter").filter(|f| f.is_object()), rule.get("Prefix").filter(|p| p.is_string())) {
            (Some(filter), None) => check_filter(filter)?,
            (None, Some(_)) => (false, false),
            _ => return Err(malformed_xml()),
        };
    let actions = [
        "Transitions",
        "Expiration",
        "NoncurrentVersionTransitions",
        "NoncurrentVersionExpiration",
        "AbortIncompleteMultipartUpload",
    ];
    if !actions.iter().any(|action| rule.get(*action).is_some_and(is_filled)) {
        return Err(request("At least one action needs to be specified in a rule"));
    }
    let last = check_transitions(&rule["Transitions"], "Days")?;
    check_expiration(&rule["Expiration"], last, tagged)?;
    let last = check_transitions(&rule["NoncurrentVersionTransitions"], "NoncurrentDays")?;
    check_noncurrent_expiration(&rule["NoncurrentVersionExpiration"], last)?;
    if rule["AbortIncompleteMultipartUpload"].is_object() {
        if tagged || sized {
            return Err(request(
                "AbortIncompleteMultipartUpload cannot be specified with Tags or object sizes",
            ));
        }
        positive(&rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"], "DaysAfterInitiation")?;
    }
    Ok(())
}

/// Returns whether a filter names tags, and whether it names sizes.
fn check_filter(filter: &Value) -> Result<(bool, bool), Fault> {
    const SIZES: [&str; 2] = ["ObjectSizeGreaterThan", "ObjectSizeLessThan"];
    let there = |value: &Value, member: &str| value.get(member).is_some_and(|v| !v.is_null());
    let sized = |value: &Value| SIZES.iter().any(|size| there(value, size));
    let alternatives = ["Prefix", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan", "And"];
    if alternatives.iter().filter(|member| there(filter, member)).count() > 1 {
        return Err(malformed_xml());
    }
    let and = &filter["And"];
    if !and.is_object() {
        return Ok((there(filter, "Tag"), sized(filter)));
    }
    let tags = and["Tags"].as_array().map_or(0, Vec::len);
    let others = ["Prefix", SIZES[0], SIZES[1]].iter().filter(|member| there(and, member)).count();
    // "And" joins at least two.
    if tags + others < 2 {
        return Err(malformed_xml());
    }
    if let (Some(least), Some(most)) = (and[SIZES[0]].as_i64(), and[SIZES[1]].as_i64())
        && least >= most
    {
        return Err(request("'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'"));
    }
    Ok((tags > 0, sized(and)))
}

/// Returns the day of the last transition.
fn check_transitions(list: &Value, member: &str) -> Result<Option<i64>, Fault> {
    let mut moves: Vec<(usize, i64)> = Vec::new();
    let mut last = None;
    for transition in list.as_array().into_iter().flatten() {
        let name = transition["StorageClass"].as_str().unwrap_or_default();
        let class = CLASSES.iter().position(|(class, _)| *class == name).ok_or_else(malformed_xml)?;
        match (transition.get("Date").filter(|d| d.is_string()), transition[member].as_i64()) {
            // Dates cannot be weighed against days; S3 only wants them at midnight.
            (Some(date), None) if member == "Days" => check_midnight(date)?,
            (None, Some(days)) => {
                if days < 0 {
                    return Err(argument(format!("'{member}' in Transition action must be nonnegative")));
                }
                if name.ends_with("_IA") && days < 30 {
                    return Err(argument(format!(
                        "'{member}' in Transition action must be greater than or equal to 30 for storageClass '{name}'"
                    )));
                }
                if moves.iter().any(|(there, _)| *there == class) {
                    return Err(request(&format!(
                        "StorageClass '{name}' is used in more than one transition"
                    )));
                }
                moves.push((class, days));
                last = last.max(Some(days));
            }
            _ => return Err(malformed_xml()),
        }
    }
    moves.sort_unstable();
    for pair in moves.windows(2) {
        let ((from, left), (to, arrived)) = (pair[0], pair[1]);
        // GLACIER to DEEP_ARCHIVE has no minimum that S3 enforces; the others are charged and checked.
        let stay = if CLASSES[from].0 == "GLACIER" { 1 } else { CLASSES[from].1.max(1) };
        if arrived - left < stay {
            let (from, to) = (CLASSES[from].0, CLASSES[to].0);
            return Err(argument(format!(
                "'{member}' in the Transition action for StorageClass '{to}' must be {stay} days more than for '{from}'"
            )));
        }
    }
    Ok(last)
}

fn check_expiration(expiration: &Value, last: Option<i64>, tagged: bool) -> Result<(), Fault> {
    if !expiration.is_object() {
        return Ok(());
    }
    let there = |member: &str| expiration.get(member).is_some_and(|v| !v.is_null());
    if ["Days", "Date", "ExpiredObjectDeleteMarker"].iter().filter(|member| there(member)).count() != 1 {
        return Err(malformed_xml());
    }
    if there("Date") {
        return check_midnight(&expiration["Date"]);
    }
    if there("ExpiredObjectDeleteMarker") {
        let message = "ExpiredObjectDeleteMarker cannot be specified with Tags";
        return if tagged { Err(request(message)) } else { Ok(()) };
    }
    let days = positive(&expiration["Days"], "Days")?;
    if last.is_some_and(|last| days <= last) {
        return Err(argument(
            "'Days' in the Expiration action must be greater than 'Days' in the Transition action",
        ));
    }
    Ok(())
}

fn check_noncurrent_expiration(expiration: &Value, last: Option<i64>) -> Result<(), Fault> {
    if !expiration.is_object() {
        return Ok(());
    }
    let days = positive(&expiration["NoncurrentDays"], "NoncurrentDays")?;
    if let Some(kept) = expiration.get("NewerNoncurrentVersions").filter(|kept| !kept.is_null())
        && !kept.as_i64().is_some_and(|kept| (1..=100).contains(&kept))
    {
        return Err(argument("'NewerNoncurrentVersions' must be between 1 and 100"));
    }
    if last.is_some_and(|last| days <= last) {
        let message = "'NoncurrentDays' in the NoncurrentVersionExpiration action must be greater than in the transition";
        return Err(argument(message));
    }
    Ok(())
}

fn check_midnight(date: &Value) -> Result<(), Fault> {
    let time = date.as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
    match time {
        Some(time) if time.as_millisecond() % 86_400_000 == 0 => Ok(()),
        _ => Err(argument("'Date' must be at midnight GMT")),
    }
}

fn positive(value: &Value, member: &str) -> Result<i64, Fault> {
    let number = value.as_i64().ok_or_else(malformed_xml)?;
    if number > 0 { Ok(number) } else { Err(argument(format!("'{member}' must be a positive integer"))) }
}

fn is_filled(value: &Value) -> bool {
    value.is_object() || value.as_array().is_some_and(|list| !list.is_empty())
}

fn request(message: &str) -> Fault {
    Fault::bad("InvalidRequest", message)
}
