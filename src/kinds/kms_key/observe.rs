//! Reads keys: by alias first, then by tag; only when every key of the Region was asked for its tags is one absent.

mod grants;

use super::KmsKey;
use super::desired::role_of;
use crate::aws::{ApiError, Cx};
use crate::engine::reading::{Found, Reading};
use crate::kinds::{Kind, Wanted, owned, policies};
use crate::model::tags::{self, Ownership, Tags};
use crate::model::{Address, Policy, Scope};
use aws_sdk_kms::types::KeyState;
use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet};

/// Roles that have an alias of their own.
const ROLES: [&str; 2] = ["main", "prompts"];
/// Days that a key nobody asks for keeps after its deletion is scheduled: the longest AWS offers.
const LONGEST_WINDOW_DAYS: u32 = 30;

type Readings = Vec<(Address, Reading<KmsKey>)>;

/// One key as it was read.
struct Seen {
    id: String,
    /// Sorts usable keys before others, then the oldest first.
    rank: (bool, i64),
    found: Found<KmsKey>,
}

/// Returns a reading for each wanted key and for every other key that carries our tag.
///
/// # Errors
/// A list call failed.
pub async fn observe(
    cx: &Cx,
    scope: &Scope,
    wanted: &[Wanted<'_, KmsKey>],
) -> Result<Vec<(Address, Reading<KmsKey>)>, ApiError> {
    let aliases = list_aliases(cx, scope).await?;
    let ours: BTreeMap<&str, String> = ROLES
        .iter()
        .filter_map(|role| Some((*role, aliases.get(&cx.names.key_alias(role))?.clone())))
        .collect();
    let mut ids: BTreeSet<String> = ours.values().cloned().collect();
    // What our aliases lead to is read at once; what else carries our tag is known only when the index has answered.
    let left_over = async {
        let mut found = cx.carriers(scope, "keys", key_id).await;
        found.retain(|id| !ids.contains(id));
        let mut readings = Readings::new();
        let seen = look_at(cx, scope, &found, &ours, wanted, &mut readings).await;
        (found, seen, readings)
    };
    let mut readings = Readings::new();
    let (mut seen, (found, others, unread)) =
        tokio::join!(look_at(cx, scope, &ids, &ours, wanted, &mut readings), left_over);
    seen.extend(others);
    readings.extend(unread);
    ids.extend(found);
    let roles: Vec<&str> = wanted.iter().map(|wanted| wanted.address.name.as_str()).collect();
    let missing = |seen: &[Seen], readings: &Readings| -> Vec<&str> {
        let is_read = |role: &str| readings.iter().any(|(address, _)| address.name == role);
        roles.iter().copied().filter(|role| !is_read(role) && pick(role, seen, cx).is_none()).collect()
    };
    // What leaves open whether a key that was not found is there after all.
    let mut doubts = Vec::new();
    if !missing(&seen, &readings).is_empty() {
        match search(cx, scope, &ids, &aliases).await? {
            Ok(more) => seen.extend(look_at(cx, scope, &more, &ours, wanted, &mut readings).await),
            Err(errors) => doubts = errors,
        }
    }
    for (address, reading) in &readings {
        if let Reading::Unreadable(errors) = reading
            && !ROLES.contains(&address.name.as_str())
        {
            doubts.extend(errors.iter().cloned());
        }
    }
    if !doubts.is_empty() {
        for role in missing(&seen, &readings) {
            let address = Address::new(Kind::KmsKey, role, scope);
            readings.push((address, Reading::Unreadable(doubts.clone())));
        }
    }
    assign(cx, scope, wanted, seen, &mut readings);
    Ok(readings)
}

/// Returns the index of the key that has a role: the one its alias leads to if that is ours, else one of ours whose
/// description says so.
fn pick(role: &str, seen: &[Seen], cx: &Cx) -> Option<usize> {
    let alias = cx.names.key_alias(role);
    let is_ours = |seen: &Seen| {
        !matches!(tags::ownership(&seen.found.state.tags, &cx.names.scope), Ownership::Foreign(_))
    };
    let by_alias =
        seen.iter().position(|seen| is_ours(seen) && seen.found.state.alias.as_ref() == Some(&alias));
    by_alias.or_else(|| {
        let fits = |seen: &Seen| {
            is_ours(seen)
                && seen.found.state.alias.is_none()
                && role_of(&cx.names.scope, &seen.found.state.description) == Some(role)
        };
        let candidates = seen.iter().enumerate().filter(|(_, seen)| fits(seen));
        candidates.min_by_key(|(_, seen)| (seen.rank, seen.id.clone())).map(|(index, _)| index)
    })
}

fn assign(
    cx: &Cx,
    scope: &Scope,
    wanted: &[Wanted<'_, KmsKey>],
    mut seen: Vec<Seen>,
    readings: &mut Readings,
) {
    for role in ROLES {
        let address = Address::new(Kind::KmsKey, role, scope);
        if readings.iter().any(|(known, _)| *known == address) {
            continue;
        }
        let asked = wanted.iter().find(|wanted| *wanted.address == address);
        if let Some(index) = pick(role, &seen, cx) {
            let Seen { mut found, .. } = seen.swap_remove(index);
            let alias = cx.names.key_alias(role);
            if let Some(other) = seen.iter().find(|other| other.found.state.alias.as_ref() == Some(&alias)) {
                found.notes.push(format!("{alias} leads to the key {}, which is not ours", other.id));
            }
            found.state.name = alias;
            if let Some(asked) = asked {
                found.state.deletion_window_days = asked.state.deletion_window_days;
            }
            let tags = found.state.tags.clone();
            readings.push((address, owned(found, &tags, &cx.names.scope)));
        } else if asked.is_some() {
            // Our alias on a key that is not ours: foreign. No alias and no key: absent.
            let alias = cx.names.key_alias(role);
            let squatter = seen.iter().position(|seen| seen.found.state.alias.as_ref() == Some(&alias));
            let reading = squatter.map_or(Reading::Absent, |index| {
                let found = seen.swap_remove(index).found;
                let tags = found.state.tags.clone();
                owned(found, &tags, &cx.names.scope)
            });
            readings.push((address, reading));
        }
    }
    for Seen { id, found, .. } in seen {
        let tags = found.state.tags.clone();
        let reading = owned(found, &tags, &cx.names.scope);
        if matches!(reading, Reading::Found(_)) {
            readings.push((Address::new(Kind::KmsKey, id, scope), reading));
        }
    }
}

/// Looks at keys side by side; what cannot be read goes into the readings, under its role if the alias tells it.
async fn look_at(
    cx: &Cx,
    scope: &Scope,
    ids: &BTreeSet<String>,
    ours: &BTreeMap<&str, String>,
    wanted: &[Wanted<'_, KmsKey>],
    readings: &mut Readings,
) -> Vec<Seen> {
    let looks = ids.iter().map(|id| async move { (id, look(cx, scope, id, ours, wanted).await) });
    let mut seen = Vec::new();
    for (id, look) in join_all(looks).await {
        match look {
            Ok(key) => seen.push(key),
            // GetResources lags: it may still list a key that is gone (Resource Groups Tagging API).
            Err(errors) if errors.iter().all(|error| error.is(&["NotFoundException"])) => {}
            Err(errors) => {
                let role = ours.iter().find(|(_, target)| *target == id).map(|(role, _)| *role);
                let address = Address::new(Kind::KmsKey, role.unwrap_or(id), scope);
                readings.push((address, Reading::Unreadable(errors)));
            }
        }
    }
    seen
}

async fn look(
    cx: &Cx,
    scope: &Scope,
    id: &str,
    ours: &BTreeMap<&str, String>,
    wanted: &[Wanted<'_, KmsKey>],
) -> Result<Seen, Vec<ApiError>> {
    let client = cx.kms(scope);
    let role = ours.iter().find(|(_, target)| target.as_str() == id).map(|(role, _)| *role);
    let asked = wanted.iter().find(|wanted| Some(wanted.address.name.as_str()) == role);
    let arn = cx.names.arn("kms", &scope.region, &format!("key/{id}"));
    let (described, tags, policy, rotation, grants) = tokio::join!(
        cx.send("kms:DescribeKey", scope, client.describe_key().key_id(id).send()),
        cx.tags(scope, &arn, asked.map(|asked| &asked.state.tags), key_tags(cx, scope, id)),
        key_policy(cx, scope, id),
        rotation_days(cx, scope, id),
        grants::list(cx, scope, id),
    );
    let mut errors = Vec::new();
    let described = described.map_err(|error| errors.push(error)).ok().and_then(|answer| answer.key_metadata);
    let tags = tags.map_err(|error| errors.push(error)).ok();
    let policy = policy.map_err(|error| errors.push(error)).ok();
    let rotation = rotation.map_err(|error| errors.push(error)).ok();
    let grants = grants.map_err(|error| errors.push(error)).ok();
    let (Some(key), Some(tags), Some(policy), Some(rotation_days), Some(grants)) =
        (described, tags, policy, rotation, grants)
    else {
        if errors.is_empty() {
            errors.push(ApiError::odd("kms:DescribeKey", scope, "the answer describes no key"));
        }
        return Err(errors);
    };
    let enabled = key.key_state().map_or(key.enabled, |state| *state == KeyState::Enabled);
    let state = KmsKey {
        name: role.map_or_else(|| id.to_owned(), |role| cx.names.key_alias(role)),
        deletion_window_days: LONGEST_WINDOW_DAYS,
        pending_deletion: key.key_state() == Some(&KeyState::PendingDeletion),
        description: key.description().unwrap_or_default().to_owned(),
        enabled,
        policy,
        rotation_days,
        alias: role.map(|role| cx.names.key_alias(role)),
        grants: grants.others,
        tags,
    };
    let arn = key.arn().map_or(arn, Into::into);
    let deleted = policies::deleted_principals(&state.policy);
    let mut found = Found::new(state, [("arn", arn), ("id", id.to_owned())]);
    if let Some(state) = key.key_state().filter(|_| !enabled) {
        let date = key.deletion_date().map(|date| format!(" until {date}")).unwrap_or_default();
        found.notes.push(format!("the key's state is {state}{date}"));
    }
    found.notes.extend(deleted);
    found.notes.extend(grants.of_services.map(|services| format!("grants on the key: {services}")));
    let created = key.creation_date().map_or(0, aws_smithy_types::DateTime::secs);
    Ok(Seen { id: id.to_owned(), rank: (!enabled, created), found })
}

/// Returns the tags of a key, whoever made it.
pub(super) async fn key_tags(cx: &Cx, scope: &Scope, id: &str) -> Result<Tags, ApiError> {
    let client = cx.kms(scope);
    let mut pairs = Vec::new();
    let mut marker = None;
    loop {
        let request = client.list_resource_tags().key_id(id).set_marker(marker).send();
        let page = cx.send("kms:ListResourceTags", scope, request).await?;
        pairs.extend(page.tags.unwrap_or_default().into_iter().map(|tag| (tag.tag_key, tag.tag_value)));
        marker = page.next_marker.filter(|_| page.truncated);
        if marker.is_none() {
            return Ok(tags::from_pairs(pairs));
        }
    }
}

async fn key_policy(cx: &Cx, scope: &Scope, id: &str) -> Result<Policy, ApiError> {
    const CALL: &str = "kms:GetKeyPolicy";
    let request = cx.kms(scope).get_key_policy().key_id(id).policy_name("default").send();
    let text = cx.send(CALL, scope, request).await?.policy.unwrap_or_default();
    Policy::parse(&text, scope.partition()).map_err(|error| ApiError::odd(CALL, scope, error.to_string()))
}

async fn rotation_days(cx: &Cx, scope: &Scope, id: &str) -> Result<Option<u32>, ApiError> {
    let request = cx.kms(scope).get_key_rotation_status().key_id(id).send();
    match cx.send("kms:GetKeyRotationStatus", scope, request).await {
        // KMS API, GetKeyRotationStatus: the period is only told while rotation is on; 365 is the default.
        Ok(status) => Ok(status.key_rotation_enabled.then(|| {
            status.rotation_period_in_days.and_then(|days| u32::try_from(days).ok()).unwrap_or(365)
        })),
        // Imported or asymmetric keys cannot rotate.
        Err(error) if error.is(&["UnsupportedOperationException"]) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns key ids by alias.
async fn list_aliases(cx: &Cx, scope: &Scope) -> Result<BTreeMap<String, String>, ApiError> {
    let client = cx.kms(scope);
    let mut aliases = BTreeMap::new();
    let mut marker = None;
    loop {
        let page = cx.send("kms:ListAliases", scope, client.list_aliases().set_marker(marker).send()).await?;
        for alias in page.aliases.unwrap_or_default() {
            // AWS lists predefined aliases that lead nowhere yet (KMS API, ListAliases).
            if let (Some(name), Some(key)) = (alias.alias_name, alias.target_key_id) {
                aliases.insert(name, key);
            }
        }
        marker = page.next_marker.filter(|_| page.truncated);
        if marker.is_none() {
            return Ok(aliases);
        }
    }
}

/// Asks every other key of the Region for its tags and returns those that carry ours; the inner error: none could be
/// asked, so that nothing is known.
async fn search(
    cx: &Cx,
    scope: &Scope,
    known: &BTreeSet<String>,
    aliases: &BTreeMap<String, String>,
) -> Result<Result<BTreeSet<String>, Vec<ApiError>>, ApiError> {
    let client = cx.kms(scope);
    let of_aws: BTreeSet<&String> =
        aliases.iter().filter(|(name, _)| name.starts_with("alias/aws/")).map(|(_, key)| key).collect();
    let mut ids = Vec::new();
    let mut marker = None;
    loop {
        let page = cx.send("kms:ListKeys", scope, client.list_keys().set_marker(marker).send()).await?;
        ids.extend(page.keys.unwrap_or_default().into_iter().filter_map(|key| key.key_id));
        marker = page.next_marker.filter(|_| page.truncated);
        if marker.is_none() {
            break;
        }
    }
    ids.retain(|id| !known.contains(id) && !of_aws.contains(id));
    let (mut ours, mut errors, mut asked) = (BTreeSet::new(), Vec::new(), false);
    let asks = ids.into_iter().map(|id| async move { (key_tags(cx, scope, &id).await, id) });
    for (tags, id) in join_all(asks).await {
        match tags {
            Ok(tags) => {
                asked = true;
                if !matches!(tags::ownership(&tags, &cx.names.scope), Ownership::Foreign(_)) {
                    ours.insert(id);
                }
            }
            Err(error) if error.is(&["NotFoundException"]) => {}
            Err(error) => errors.push((id, error)),
        }
    }
    // A key that refuses a caller who may ask others has a policy without the account's statement, which ours always
    // has; if none answers, it is the caller who may not ask. Anything but a denial leaves the question open.
    let denied = |error: &ApiError| error.trouble == crate::aws::error::Trouble::Denied;
    if !errors.is_empty() && (!asked || errors.iter().any(|(_, error)| !denied(error))) {
        return Ok(Err(errors.into_iter().map(|(_, error)| error).collect()));
    }
    for (id, _) in errors {
        cx.note(format!("the key {id} in {scope} does not tell its tags and is taken for not ours"));
    }
    Ok(Ok(ours))
}

/// Returns the id in a key's ARN.
fn key_id(arn: &str) -> Option<String> {
    let mut parts = arn.splitn(6, ':');
    let service = parts.nth(2)?;
    let resource = parts.nth(2)?;
    (service == "kms").then(|| resource.strip_prefix("key/").map(ToOwned::to_owned)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_key_arns_have_a_key_id() {
        let cases = [
            ("a key", "arn:aws:kms:eu-central-1:111122223333:key/1234-ab", Some("1234-ab")),
            ("an alias", "arn:aws:kms:eu-central-1:111122223333:alias/x", None),
            ("a bucket", "arn:aws:s3:::key/1", None),
        ];
        for (case, arn, want) in cases {
            assert_eq!(key_id(arn).as_deref(), want, "{case}");
        }
    }
}
