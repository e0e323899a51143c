//! What records of several services have in common: tags with their history, hidden members, order and pages.
//!
//! A record is the resource as its API describes it, plus members that start with `_`, which no answer shows.

use super::Fault;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// Most tags a resource of CloudTrail, CloudWatch or CloudWatch Logs may carry (`reference/cloudtrail.md` §6).
pub const MAX_TAGS: usize = 50;

/// Returns a record without its hidden members.
#[must_use]
pub fn public(record: &Value) -> Map<String, Value> {
    let members = record.as_object().into_iter().flatten();
    members
        .filter(|(k, v)| !k.starts_with('_') && !v.is_null())
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect()
}

/// Marks a new record with its ARN, its tags and its age.
pub fn stamp(record: &mut Map<String, Value>, arn: &str, tags: Map<String, Value>, now: Timestamp) {
    record.insert("_arn".into(), json!(arn));
    record.insert("_created_at".into(), json!(now.as_millisecond()));
    record.insert("_tagged_at".into(), json!(now.as_millisecond()));
    record.insert("_tags_before".into(), json!({}));
    record.insert("_tags".into(), Value::Object(tags));
}

/// Returns a record's tags.
#[must_use]
pub fn tags(record: &Value) -> Map<String, Value> {
    record.get("_tags").and_then(Value::as_object).cloned().unwrap_or_default()
}

/// Replaces a record's tags and keeps the former ones, which the lagging tag index still shows for a while.
pub fn retag(record: &mut Value, tags: Map<String, Value>, now: Timestamp) {
    let before = record.get("_tags").cloned().unwrap_or_else(|| json!({}));
    record["_tags_before"] = before;
    record["_tags"] = Value::Object(tags);
    record["_tagged_at"] = json!(now.as_millisecond());
}

/// Returns tags as the list of `Key` and `Value` that CloudTrail and CloudWatch answer, in no order.
#[must_use]
pub fn tag_list(tags: &Map<String, Value>) -> Vec<Value> {
    shuffled(tags.iter().map(|(k, v)| (k.clone(), json!({"Key": k, "Value": v}))).collect())
}

/// Reads a list of `Key` and `Value`; an absent value counts as empty.
///
/// # Errors
/// The reason, if a tag has no key, a key comes twice, or a text breaks the rules of [`check_tag`].
pub fn tags_from_list(list: &[Value]) -> Result<Map<String, Value>, String> {
    let mut tags = Map::new();
    for tag in list {
        let key = tag.get("Key").and_then(Value::as_str).unwrap_or_default();
        let value = tag.get("Value").and_then(Value::as_str).unwrap_or_default();
        check_tag(key, value)?;
        if tags.insert(key.to_owned(), json!(value)).is_some() {
            return Err(format!("Duplicate tag key: {key}"));
        }
    }
    Ok(tags)
}

/// Checks a tag: key 1-128 characters and not `aws:…`, value at most 256 (`reference/cloudtrail.md` §1.1).
///
/// # Errors
/// The rule that is broken.
pub fn check_tag(key: &str, value: &str) -> Result<(), String> {
    let allowed = |text: &str| text.chars().all(|c| c.is_alphanumeric() || " _.:/=+-@".contains(c));
    if key.is_empty() || key.chars().count() > 128 {
        Err(format!("Tag key '{key}' must have between 1 and 128 characters"))
    } else if key.to_ascii_lowercase().starts_with("aws:") {
        Err(format!("Tag key '{key}' is reserved: aws: prefixed tag key names are not allowed"))
    } else if value.chars().count() > 256 {
        Err(format!("The value of tag '{key}' must have at most 256 characters"))
    } else if !allowed(key) || !allowed(value) {
        Err(format!("Tag '{key}' has characters that are not allowed"))
    } else {
        Ok(())
    }
}

/// Puts items into an order that is repeatable but follows nothing a caller could rely on.
#[must_use]
pub fn shuffled<T>(items: Vec<(String, T)>) -> Vec<T> {
    let mut items: Vec<_> = items.into_iter().map(|(id, item)| (place(&id), item)).collect();
    items.sort_by(|a, b| a.0.cmp(&b.0));
    items.into_iter().map(|(_, item)| item).collect()
}

/// Shuffles a list of texts or objects by their content.
#[must_use]
pub fn shuffled_values(values: &[Value]) -> Vec<Value> {
    shuffled(values.iter().map(|v| (v.to_string(), v.clone())).collect())
}

/// Cuts one page out of shuffled items: those behind `token`, at most `size`, and the token for what follows.
///
/// A token is the place of the last item shown, so that items made or removed between two pages neither repeat nor
/// hide others.
///
/// # Errors
/// `InvalidNextToken` with the given code, if the token is none of ours.
pub fn page<T>(
    items: Vec<(String, T)>,
    token: Option<&str>,
    size: usize,
    bad_token: &str,
) -> Result<(Vec<T>, Option<String>), Fault> {
    if token.is_some_and(|t| t.len() != 16 || !t.chars().all(|c| c.is_ascii_hexdigit())) {
        return Err(Fault::bad(bad_token, "The specified nextToken is invalid."));
    }
    let mut items: Vec<_> = items.into_iter().map(|(id, item)| (place(&id), item)).collect();
    items.sort_by(|a, b| a.0.cmp(&b.0));
    items.retain(|(at, _)| token.is_none_or(|t| at.as_str() > t));
    let more = items.len() > size;
    items.truncate(size);
    let next = if more { items.last().map(|(at, _)| at.clone()) } else { None };
    Ok((items.into_iter().map(|(_, item)| item).collect(), next))
}

/// Inserts a page's token under `member`, if more follows.
pub fn with_token(mut answer: Value, member: &str, next: Option<String>) -> Value {
    if let Some(next) = next {
        answer[member] = json!(next);
    }
    answer
}

fn place(id: &str) -> String {
    Sha256::digest(id.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_show_each_item_once_and_end_without_a_token() {
        let items = || (0..7).map(|n| (n.to_string(), n)).collect::<Vec<_>>();
        let (mut seen, mut token) = (Vec::new(), None);
        loop {
            let (page, next) = page(items(), token.as_deref(), 3, "X").expect("own tokens are valid");
            seen.extend(page);
            token = next;
            if token.is_none() {
                break;
            }
        }
        assert_ne!(seen, [0, 1, 2, 3, 4, 5, 6], "order says nothing");
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(page(items(), Some("nonsense"), 3, "X").expect_err("not a token").code, "X");
    }

    #[test]
    fn tags_keep_their_former_value_beside_the_new_one() {
        let mut record = Map::new();
        let tags = tags_from_list(&[json!({"Key": "a", "Value": "1"})]).expect("a good tag");
        stamp(&mut record, "arn:x", tags, Timestamp::UNIX_EPOCH);
        let mut record = Value::Object(record);
        retag(&mut record, Map::new(), Timestamp::UNIX_EPOCH);
        assert_eq!(record["_tags_before"], json!({"a": "1"}));
        assert_eq!(public(&record), Map::new());
    }

    #[test]
    fn tags_outside_the_rules_are_refused() {
        let long = "x".repeat(129);
        for (case, key) in [("reserved", "aws:x"), ("empty", ""), ("long", long.as_str()), ("sign", "a#b")] {
            assert!(check_tag(key, "v").is_err(), "{case}");
        }
        let twice = [json!({"Key": "a"}), json!({"Key": "a"})];
        assert!(tags_from_list(&twice).is_err(), "twice");
    }
}
