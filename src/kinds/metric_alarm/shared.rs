//! What alarms of both kinds share: how they are found, tags and deletion.

use super::outputs;
use crate::aws::{ApiError, Cx};
use crate::engine::reading::{Found, Reading};
use crate::kinds::{Kind, Managed, Wanted, owned};
use crate::model::tags::{self, Tags};
use crate::model::{Address, Scope};
use aws_sdk_cloudwatch::types::{ActionConfiguration, Tag};
use futures_util::future::join_all;
use std::collections::BTreeSet;

/// What tells the two kinds apart for the one that reads them.
pub struct Reader<T, D> {
    pub kind: Kind,
    pub tags: fn(&T) -> &Tags,
    /// Makes a state, without tags, of a description; the account is the reader's own.
    pub state: fn(&D, &str) -> T,
    /// Puts the tags into it.
    pub tagged: fn(T, Tags) -> T,
}

/// Returns a reading for each wanted alarm and for every other one under our prefix that carries our tag.
///
/// `others` are the names of alarms of the other kind: a name belongs to one of both.
pub async fn observe<'a, T: Managed, D: 'a>(
    cx: &Cx,
    scope: &Scope,
    wanted: &[Wanted<'_, T>],
    described: impl Iterator<Item = (String, &'a D)>,
    others: &BTreeSet<String>,
    reader: Reader<T, D>,
) -> Vec<(Address, Reading<T>)> {
    let reader = &reader;
    let looks = described.map(|(name, alarm)| async move {
        let id = name.strip_prefix(&cx.names.detection("")).unwrap_or(&name);
        let address = Address::new(reader.kind, id, scope);
        let arn = cx.names.alarm_arn(&scope.region, &name);
        let asked = wanted.iter().find(|wanted| wanted.state.aws_name() == name);
        let tags = asked.map(|wanted| (reader.tags)(wanted.state));
        let reading = match cx.tags(scope, &arn, tags, ask(cx, scope, &arn)).await {
            Ok(tags) => {
                let state = (reader.tagged)((reader.state)(alarm, &scope.account), tags.clone());
                owned(Found::new(state, outputs(&name, &address)), &tags, &cx.names.scope)
            }
            Err(error) => Reading::Unreadable(vec![error]),
        };
        (name, address, reading)
    });
    let seen = join_all(looks).await;
    let is_seen = |name: &str| seen.iter().any(|(other, ..)| other == name);
    let missing = wanted.iter().filter(|wanted| !is_seen(&wanted.state.aws_name()));
    let mut readings: Vec<(Address, Reading<T>)> = missing
        .map(|wanted| {
            let reading = match others.contains(&wanted.state.aws_name()) {
                // CloudWatch refuses an alarm whose name one of the other kind has (CloudWatch API, PutMetricAlarm).
                true => {
                    Reading::Foreign { found: None, why: "an alarm of another kind has this name".into() }
                }
                false => Reading::Absent,
            };
            (wanted.address.clone(), reading)
        })
        .collect();
    for (_, address, reading) in seen {
        let asked = wanted.iter().any(|wanted| *wanted.address == address);
        // Under our prefix but not ours and not asked for: none of our business.
        if asked || matches!(reading, Reading::Found(_) | Reading::Unreadable(_)) {
            readings.push((address, reading));
        }
    }
    readings
}

async fn ask(cx: &Cx, scope: &Scope, arn: &str) -> Result<Tags, ApiError> {
    let call = cx.cloudwatch(scope).list_tags_for_resource().resource_arn(arn).send();
    let answer = cx.send("cloudwatch:ListTagsForResource", scope, call).await?;
    let pairs = answer.tags.unwrap_or_default().into_iter();
    Ok(tags::from_pairs(pairs.map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()))))
}

/// Reads the tags of an alarm that was just made back, while others are still being written: CloudWatch takes ten such
/// reads a second but three writes, so that the look at the end need not ask one by one.
pub async fn read_back(cx: &Cx, scope: &Scope, arn: &str) {
    // What cannot be read back now is asked for when everything is looked at again.
    if let Ok(tags) = ask(cx, scope, arn).await {
        cx.remember_tags(arn, tags);
    }
}

/// Returns in words how an alarm's notices carry its tags; `None` if they do not, which is the default (CloudWatch API,
/// AlarmTagsPropagation).
pub fn propagation(actions: Option<&ActionConfiguration>) -> Option<String> {
    let tags = actions?.alarm_tags_propagation()?;
    tags.enabled().unwrap_or(false).then(|| format!("tags in notices {tags:?}"))
}

/// Writes the difference.
///
/// # Errors
/// What AWS answered.
pub async fn write(cx: &Cx, scope: &Scope, arn: &str, before: &Tags, after: &Tags) -> Result<(), ApiError> {
    let client = cx.cloudwatch(scope);
    let (set, remove) = tags::changes(before, after);
    if !set.is_empty() {
        let send = client.tag_resource().resource_arn(arn).set_tags(Some(list(&set))).send();
        cx.send("cloudwatch:TagResource", scope, send).await?;
    }
    if !remove.is_empty() {
        let send = client.untag_resource().resource_arn(arn).set_tag_keys(Some(remove)).send();
        cx.send("cloudwatch:UntagResource", scope, send).await?;
    }
    Ok(())
}

/// Returns tags as CloudWatch takes them.
pub fn list(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// Deletes one alarm; one that is gone already is done.
///
/// # Errors
/// What AWS answered.
pub async fn delete(cx: &Cx, scope: &Scope, name: &str) -> Result<(), ApiError> {
    let send = cx.cloudwatch(scope).delete_alarms().alarm_names(name).send();
    match cx.send("cloudwatch:DeleteAlarms", scope, send).await {
        Err(error) if !error.is(&["ResourceNotFound", "ResourceNotFoundException"]) => Err(error),
        _ => Ok(()),
    }
}
