//! CreateTrail, UpdateTrail, DeleteTrail, DescribeTrails, GetTrail and ListTrails.

use super::lookup::{self, At, at_home, find};
use super::{checks, selectors, tags};
use crate::sandbox::service::listing::{page, public, shuffled, with_token};
use crate::sandbox::service::record::begin;
use crate::sandbox::service::{Answer, Call, Fault, text};
use serde_json::{Map, Value, json};

/// Trails per Region, replicas included (`reference/cloudtrail.md` §6).
const MAX_TRAILS: usize = 5;
/// Members that are taken over from CreateTrail and UpdateTrail as they are.
const TEXTS: &[&str] =
    &["S3BucketName", "S3KeyPrefix", "CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn", "KmsKeyId"];
/// Inputs that are booleans, with the member they are read back as and what AWS sets when they are left out.
const FLAGS: &[(&str, &str, bool)] = &[
    ("IncludeGlobalServiceEvents", "IncludeGlobalServiceEvents", true),
    ("IsMultiRegionTrail", "IsMultiRegionTrail", false),
    ("EnableLogFileValidation", "LogFileValidationEnabled", false),
    ("IsOrganizationTrail", "IsOrganizationTrail", false),
    ("RecursiveLogging", "RecursiveLogging", true),
];

/// Answers CreateTrail. The trail does not log until StartLogging.
///
/// # Errors
/// As AWS, `reference/cloudtrail.md` §4.
pub fn create(call: &mut Call<'_>) -> Answer {
    let name = required(call, "Name", "InvalidTrailNameException")?;
    checks::name(&name)?;
    required(call, "S3BucketName", "InvalidS3BucketNameException")?;
    let here = lookup::here(call.state, call.account, call.region);
    if here.iter().any(|at| at.name == name && !at.is_shadow(call)) {
        let message = format!("Trail {name} already exists for customer: {}", call.account);
        return Err(Fault::bad("TrailAlreadyExistsException", message));
    }
    if here.iter().filter(|at| at.account == call.account).count() >= MAX_TRAILS {
        let message = format!("User: {} already has {MAX_TRAILS} trails in {}.", call.account, call.region);
        return Err(Fault::bad("MaximumNumberOfTrailsExceededException", message));
    }
    let tag_set = tags::merge(Map::new(), &call.list("TagsList"))?;
    let arn = format!("arn:aws:cloudtrail:{}:{}:trail/{name}", call.region, call.account);
    let mut trail = Map::new();
    trail.insert("Name".into(), json!(name));
    trail.insert("TrailARN".into(), json!(arn));
    trail.insert("HomeRegion".into(), json!(call.region));
    for (_, member, default) in FLAGS {
        trail.insert((*member).into(), json!(default));
    }
    take_over(call, &mut trail);
    checks::trail(call.state, call.now, call.account, &mut trail)?;
    for (member, value) in [("_logging", json!(false)), ("_insights", json!([]))] {
        trail.insert(member.into(), value);
    }
    for member in ["_started_at", "_stopped_at", "_selectors", "_basic"] {
        trail.insert(member.into(), Value::Null);
    }
    let answer = settings(&trail);
    let mut trail = Value::Object(trail);
    begin(&mut trail, &arn, tag_set, call.now);
    call.table("trails").insert(name, trail);
    Ok(answer)
}

/// Answers UpdateTrail: a member left out stays, an empty text clears.
///
/// # Errors
/// As AWS, `reference/cloudtrail.md` §4.
pub fn update(call: &mut Call<'_>) -> Answer {
    let at = at_home(call, &required(call, "Name", "InvalidTrailNameException")?)?;
    let mut trail = at.record(call.state).as_object().cloned().unwrap_or_default();
    take_over(call, &mut trail);
    checks::trail(call.state, call.now, call.account, &mut trail)?;
    let answer = settings(&trail);
    *at.record_mut(call.state) = Value::Object(trail);
    Ok(answer)
}

/// Answers DeleteTrail.
///
/// # Errors
/// `TrailNotFoundException`, `InvalidHomeRegionException`.
pub fn delete(call: &mut Call<'_>) -> Answer {
    let at = at_home(call, &required(call, "Name", "InvalidTrailNameException")?)?;
    call.table("trails").remove(&at.name);
    Ok(json!({}))
}

/// Answers DescribeTrails: an unknown name is just absent, and replicas are listed unless asked not to.
///
/// # Errors
/// None.
pub fn describe(call: &mut Call<'_>) -> Answer {
    let names = call.list("trailNameList");
    let shadows = call.flag("includeShadowTrails").unwrap_or(true);
    let mut trails = lookup::here(call.state, call.account, call.region);
    trails.retain(|at| shadows || !at.is_shadow(call));
    if !names.is_empty() {
        trails.retain(|at| {
            let arn = &at.record(call.state)["TrailARN"];
            names.iter().any(|name| name == arn || name == at.name.as_str())
        });
    }
    let trails = trails.iter().map(|at| (id(call, at), described(call, at))).collect();
    Ok(json!({"trailList": shuffled(trails)}))
}

/// Answers GetTrail.
///
/// # Errors
/// `TrailNotFoundException`.
pub fn get(call: &mut Call<'_>) -> Answer {
    let at = find(call, &required(call, "Name", "InvalidTrailNameException")?)?;
    Ok(json!({"Trail": described(call, &at)}))
}

/// Answers ListTrails: name, ARN and home Region of every trail of the account, wherever it is at home.
///
/// # Errors
/// `InvalidNextTokenException`.
pub fn list(call: &mut Call<'_>) -> Answer {
    let trails = lookup::visible(call.state, call.account);
    let trails = trails.iter().map(|at| {
        let record = at.record(call.state);
        let entry =
            json!({"Name": at.name, "TrailARN": record["TrailARN"], "HomeRegion": record["HomeRegion"]});
        (id(call, at), entry)
    });
    let token = call.text("NextToken");
    let (trails, next) = page(trails.collect(), token.as_deref(), 50, "InvalidNextTokenException")?;
    Ok(with_token(json!({"Trails": trails}), "NextToken", next))
}

fn id(call: &Call<'_>, at: &At) -> String {
    text(at.record(call.state), "TrailARN").unwrap_or_default()
}

/// Returns a text member of the input that AWS insists on, with the code it uses for it.
fn required(call: &Call<'_>, member: &str, code: &str) -> Result<String, Fault> {
    call.text(member).ok_or_else(|| Fault::bad(code, format!("{member} must not be empty.")))
}

/// Puts what the input names into a trail.
fn take_over(call: &Call<'_>, trail: &mut Map<String, Value>) {
    for member in TEXTS {
        set(trail, member, call.input.get(member).and_then(Value::as_str).map(str::to_owned));
    }
    for (input, member, _) in FLAGS {
        if let Some(on) = call.flag(input) {
            trail.insert((*member).into(), json!(on));
        }
    }
    if let Some(topic) = call.input.get("SnsTopicName").and_then(Value::as_str) {
        let arn = match topic {
            "" => String::new(),
            arn if arn.starts_with("arn:") => arn.to_owned(),
            name => format!("arn:aws:sns:{}:{}:{name}", call.region, call.account),
        };
        set(trail, "SnsTopicName", Some(topic.to_owned()));
        set(trail, "SnsTopicARN", Some(arn));
    }
}

/// Sets a text, leaves it when it is `None`, and removes it when it is empty: unset members are absent in readings.
fn set(trail: &mut Map<String, Value>, member: &str, value: Option<String>) {
    match value {
        None => {}
        Some(value) if value.is_empty() => {
            trail.remove(member);
        }
        Some(value) => {
            trail.insert(member.to_owned(), json!(value));
        }
    }
}

/// Returns what CreateTrail and UpdateTrail answer: the trail without its home and selector marks.
fn settings(trail: &Map<String, Value>) -> Value {
    let mut answer = public(&Value::Object(trail.clone()));
    answer.remove("HomeRegion");
    Value::Object(answer)
}

fn described(call: &Call<'_>, at: &At) -> Value {
    let record = at.record(call.state);
    let mut trail = public(record);
    trail.insert("HasCustomEventSelectors".into(), json!(selectors::are_custom(record)));
    let insights = record["_insights"].as_array().is_some_and(|list| !list.is_empty());
    trail.insert("HasInsightSelectors".into(), json!(insights));
    Value::Object(trail)
}
