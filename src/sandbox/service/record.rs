//! What every record carries besides the API's members, and what the services share in reading tags and pages.

use super::{Call, Fault};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Starts a record: its ARN, its tags, and when both came to be (epoch millis).
pub fn begin(record: &mut Value, arn: &str, tags: Map<String, Value>, now: Timestamp) {
    let millis = now.as_millisecond();
    record["_arn"] = arn.into();
    record["_tags"] = Value::Object(tags);
    record["_tags_before"] = json!({});
    record["_tagged_at"] = millis.into();
    record["_created_at"] = millis.into();
}

/// Returns a record's tags as they are now.
#[must_use]
pub fn tags(record: &Value) -> Map<String, Value> {
    record.get("_tags").and_then(Value::as_object).cloned().unwrap_or_default()
}

/// Replaces a record's tags and keeps the former ones, which slow readers still see for a while.
pub fn retag(record: &mut Value, tags: Map<String, Value>, now: Timestamp) {
    record["_tags_before"] = record["_tags"].take();
    record["_tags"] = Value::Object(tags);
    record["_tagged_at"] = now.as_millisecond().into();
}

/// Returns tags as the list of pairs that AWS answers with.
#[must_use]
pub fn tag_list(record: &Value, key: &str, value: &str) -> Vec<Value> {
    tags(record).into_iter().map(|(k, v)| json!({key: k, value: v})).collect()
}

/// Why a list of tags cannot be taken; each service has codes of its own for it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TagProblem {
    /// The same key twice.
    #[error("Duplicate tag keys found: {0}")]
    Duplicate(String),
    /// More tags than a resource may carry.
    #[error("The number of tags exceeds the limit of 50")]
    TooMany,
    /// A key or value with the wrong length or characters, or a key that AWS keeps to itself.
    #[error("The tag is not valid: {0}")]
    Invalid(String),
}

/// Adds a list of tags to those there are; `key` and `value` are the members that hold each half.
///
/// # Errors
/// The rules all tagging services share: keys 1–128, values 0–256, letters, digits, spaces and `_.:/=+-@`, no `aws:`,
/// at most 50 (AWS General Reference, "Tagging AWS resources").
pub fn merge_tags(
    mut there: Map<String, Value>,
    list: &[Value],
    (key, value): (&str, &str),
) -> Result<Map<String, Value>, TagProblem> {
    let mut seen = std::collections::BTreeSet::new();
    for tag in list {
        let name = tag.get(key).and_then(Value::as_str).unwrap_or_default();
        let Some(text) = tag.get(value).map_or(Some(""), Value::as_str) else {
            return Err(TagProblem::Invalid(name.into()));
        };
        let allowed =
            |text: &str| text.chars().all(|c| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c));
        let fits = (1..=128).contains(&name.chars().count()) && text.chars().count() <= 256;
        if !fits || !allowed(name) || !allowed(text) || name.to_ascii_lowercase().starts_with("aws:") {
            return Err(TagProblem::Invalid(name.into()));
        }
        if !seen.insert(name.to_owned()) {
            return Err(TagProblem::Duplicate(name.into()));
        }
        there.insert(name.into(), text.into());
    }
    if there.len() > 50 { Err(TagProblem::TooMany) } else { Ok(there) }
}

/// One page of a list, and the marker of the next page.
pub struct Page {
    /// The entries of this page.
    pub entries: Vec<Value>,
    /// Where the next page begins, `None` on the last.
    pub next: Option<String>,
}

/// Cuts a page out of a list; markers are places in it, which callers must not read.
///
/// # Errors
/// `bad_marker` if the marker is none of ours.
pub fn page(
    entries: Vec<Value>,
    marker: Option<String>,
    size: usize,
    bad_marker: Fault,
) -> Result<Page, Fault> {
    let start = match marker {
        None => 0,
        Some(marker) => marker
            .strip_prefix("page-")
            .and_then(|at| at.parse::<usize>().ok())
            .filter(|at| *at <= entries.len())
            .ok_or(bad_marker)?,
    };
    let end = (start + size).min(entries.len());
    let next = (end < entries.len()).then(|| format!("page-{end}"));
    Ok(Page { entries: entries.into_iter().skip(start).take(size).collect(), next })
}

/// Returns a time as the JSON protocols write it: epoch seconds with a fraction.
#[must_use]
pub fn epoch_seconds(millis: i64) -> Value {
    json!(millis as f64 / 1000.0)
}

/// Returns a text member even if it is empty; `None` only if it is not there.
#[must_use]
pub fn given(call: &Call<'_>, member: &str) -> Option<String> {
    call.input.get(member).and_then(Value::as_str).map(str::to_owned)
}

/// Returns the ARN that `aws:PrincipalArn` has for a caller: a session stands for its role.
#[must_use]
pub fn principal_arn(call: &Call<'_>) -> String {
    let session = call.principal.rsplit_once(":assumed-role/").and_then(|(_, rest)| rest.split('/').next());
    session
        .and_then(|role| call.state.peek(call.account, "global", "roles")?.get(role)?.get("Arn")?.as_str())
        .unwrap_or(call.principal)
        .to_owned()
}

/// Returns a number with the look of a random one, the same for the same counter.
#[must_use]
pub fn scatter(counter: u64) -> u64 {
    // SplitMix64, so that ids come in no order, as AWS's do.
    let mut z = counter.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Returns an id in the form of a UUID.
#[must_use]
pub fn uuid(counter: u64) -> String {
    let (a, b) = (scatter(counter), scatter(counter ^ 0xA5A5_A5A5));
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        a >> 32,
        a >> 16 & 0xffff,
        a & 0xfff,
        b >> 52,
        b & 0xffff_ffff_ffff
    )
}

/// Returns an id of 17 capitals and digits behind a prefix, as IAM's are.
#[must_use]
pub fn unique_id(prefix: &str, counter: u64) -> String {
    let (mut rest, mut out) =
        (u128::from(scatter(counter)) << 64 | u128::from(scatter(!counter)), prefix.to_owned());
    for _ in 0..17 {
        out.push(char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(rest % 32) as usize]));
        rest /= 32;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_taken_by_the_shared_rules() {
        let many: Vec<Value> = (0..51).map(|n| json!({"Key": format!("k{n}"), "Value": ""})).collect();
        let cases = [
            ("plain", vec![json!({"Key": "auditscope:scope", "Value": "a b"})], true),
            ("empty value", vec![json!({"Key": "k", "Value": ""})], true),
            ("no key", vec![json!({"Value": "v"})], false),
            ("reserved", vec![json!({"Key": "AWS:x", "Value": "v"})], false),
            ("long value", vec![json!({"Key": "k", "Value": "v".repeat(257)})], false),
            ("characters", vec![json!({"Key": "k", "Value": "a{b}"})], false),
            ("twice", vec![json!({"Key": "k", "Value": "1"}), json!({"Key": "k", "Value": "2"})], false),
            ("fifty-one", many, false),
        ];
        for (case, list, want) in cases {
            assert_eq!(merge_tags(Map::new(), &list, ("Key", "Value")).is_ok(), want, "{case}");
        }
    }

    #[test]
    fn pages_follow_each_other() {
        let list = || (0..5).map(|n| json!(n)).collect::<Vec<_>>();
        let first = page(list(), None, 2, Fault::bad("X", "")).expect("first page");
        assert_eq!(first.entries, [json!(0), json!(1)]);
        let last = page(list(), Some("page-4".into()), 2, Fault::bad("X", "")).expect("last page");
        assert_eq!((last.entries, last.next), (vec![json!(4)], None));
        assert!(page(list(), Some("4".into()), 2, Fault::bad("X", "")).is_err());
        assert_ne!(uuid(1), uuid(2));
        assert_eq!(unique_id("AROA", 7).len(), 21);
    }
}
