//! How records are shown: without their hidden members, in no order, page by page.
//!
//! A record is the resource as its API describes it, plus members that start with `_`, which no answer shows.

use super::{Fault, record};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// Returns a record without its hidden members.
#[must_use]
pub fn public(record: &Value) -> Map<String, Value> {
    let members = record.as_object().into_iter().flatten();
    members
        .filter(|(k, v)| !k.starts_with('_') && !v.is_null())
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect()
}

/// Returns a record's tags as the list of `Key` and `Value` that CloudTrail and CloudWatch answer, in no order.
#[must_use]
pub fn tag_list(record: &Value) -> Vec<Value> {
    shuffled_values(&record::tag_list(record, "Key", "Value"))
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
    fn hidden_members_are_not_shown() {
        let record = json!({"Name": "x", "KmsKeyId": null, "_tags": {"a": "1"}});
        assert_eq!(Value::Object(public(&record)), json!({"Name": "x"}));
        assert_eq!(tag_list(&record), [json!({"Key": "a", "Value": "1"})]);
    }
}
