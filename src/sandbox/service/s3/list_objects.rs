//! ListObjectsV2: the current objects, by key.

use super::super::{Answer, Call, Fault};
use super::{argument, open_with, versions};
use aws_smithy_types::base64;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What `encoding-type=url` leaves as it is.
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/').remove(b'~');

pub(super) fn list(call: &mut Call<'_>) -> Answer {
    let [prefix, delimiter] = ["Prefix", "Delimiter"].map(|member| call.text(member).unwrap_or_default());
    let most = call.text("MaxKeys").unwrap_or_else(|| "1000".into());
    let named = [("s3:prefix", &prefix), ("s3:delimiter", &delimiter), ("s3:max-keys", &most)];
    let more: Vec<(&str, &str)> = named
        .into_iter()
        .filter(|(name, value)| {
            !value.is_empty() && (*name != "s3:max-keys" || call.input.get("MaxKeys").is_some())
        })
        .map(|(name, value)| (name, value.as_str()))
        .collect();
    let bucket = open_with(call, "s3:ListBucket", &more)?;
    let bad = || argument("Argument max-keys must be an integer between 0 and 2147483647");
    let most = usize::try_from(most.parse::<i32>().map_err(|_| bad())?).map_err(|_| bad())?.min(1000);
    let start = call.text("StartAfter").unwrap_or_default();
    let token = call.text("ContinuationToken");
    let after = token.as_deref().map_or_else(|| Ok(start.clone()), place)?;
    let entries = entries(bucket.record(call)?, &prefix, &delimiter, &after);

    let url = call.text("EncodingType").as_deref() == Some("url");
    let written = |text: &str| {
        if url { utf8_percent_encode(text, PLAIN).to_string() } else { text.to_owned() }
    };
    let page: Vec<(&String, &Option<Value>)> = entries.iter().take(most).collect();
    let truncated = most > 0 && page.len() < entries.len();
    let mut answer = json!({"Name": bucket.name, "Prefix": written(&prefix), "MaxKeys": most,
        "KeyCount": page.len(), "IsTruncated": truncated});
    if let Some((last, _)) = page.last().filter(|_| truncated) {
        answer["NextContinuationToken"] = base64::encode(last.as_bytes()).into();
    }
    for (member, value) in [
        ("ContinuationToken", token),
        ("Delimiter", Some(written(&delimiter))),
        ("StartAfter", Some(written(&start))),
    ] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            answer[member] = value.into();
        }
    }
    if url {
        answer["EncodingType"] = "url".into();
    }
    let owner = json!({"ID": super::sharing::canonical_id(&bucket.owner)});
    let (mut contents, mut prefixes) = (Vec::new(), Vec::new());
    for (key, object) in page {
        match object {
            Some(object) => {
                let mut one = versions::shown(object);
                one["Key"] = written(key).into();
                if call.flag("FetchOwner").unwrap_or(false) {
                    one["Owner"] = owner.clone();
                }
                for versioned in ["VersionId", "IsLatest"] {
                    one.as_object_mut().map(|members| members.remove(versioned));
                }
                contents.push(one);
            }
            None => prefixes.push(json!({"Prefix": written(key)})),
        }
    }
    for (member, list) in [("Contents", contents), ("CommonPrefixes", prefixes)] {
        if !list.is_empty() {
            answer[member] = list.into();
        }
    }
    Ok(answer)
}

/// Returns what is to be listed behind a place, by the bytes of its name: objects, and the common prefix of those whose key
/// goes on behind the delimiter as one entry without an object.
fn entries(record: &Value, prefix: &str, delimiter: &str, after: &str) -> BTreeMap<String, Option<Value>> {
    let mut out = BTreeMap::new();
    for object in record["_versions"].as_array().into_iter().flatten() {
        let key = object["Key"].as_str().unwrap_or_default();
        let Some(rest) = key.strip_prefix(prefix) else { continue };
        if object["IsLatest"] != true || object["_marker"] == true {
            continue;
        }
        let folder = rest.find(delimiter).filter(|_| !delimiter.is_empty());
        let (name, object) = match folder {
            Some(at) => (&key[..prefix.len() + at + delimiter.len()], None),
            None => (key, Some(object.clone())),
        };
        // A place inside a common prefix still has that prefix's other keys behind it, but not a place that is it.
        if name > after || folder.is_some() && key > after && after != name {
            out.insert(name.to_owned(), object);
        }
    }
    out
}

/// Reads a continuation token: the name of the last entry of the page before.
fn place(token: &str) -> Result<String, Fault> {
    let bad = || argument("The continuation token provided is incorrect");
    String::from_utf8(base64::decode(token).map_err(|_| bad())?).map_err(|_| bad())
}
