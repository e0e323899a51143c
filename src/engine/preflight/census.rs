//! Counts of what is already there and not ours, and the organisation's readiness: the only reads of preflight, each
//! made only if a step of the plan makes it matter. What could not be read is a note, never a failure.

use crate::aws::{ApiError, Cx};
use crate::engine::plan::{Action, Plan, Step};
use crate::kinds::{Kind, Resource};
use crate::model::Scope;
use crate::pattern::has_regex;
use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet};

/// CloudTrail's name as a trusted service (Organizations API, ListAWSServiceAccessForOrganization).
const CLOUDTRAIL: &str = "cloudtrail.amazonaws.com";

/// What is there beside what was observed.
#[derive(Clone, Debug, Default)]
pub struct Census {
    /// Names of the account's trails in each Region, copies of multi-Region trails included, ours included.
    pub trails: BTreeMap<Scope, Result<BTreeSet<String>, ApiError>>,
    /// Metric filters by log group: names, and whether the pattern has a regular expression.
    pub filters: BTreeMap<(Scope, String), Result<BTreeMap<String, bool>, ApiError>>,
    /// Names of alarms by Region.
    pub alarms: BTreeMap<Scope, Result<Alarms, ApiError>>,
    /// Read only for an organization trail.
    pub organization: Option<Result<Organization, ApiError>>,
}

/// Names of a Region's alarms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alarms {
    pub metric: BTreeSet<String>,
    pub composite: BTreeSet<String>,
}

/// What an organization trail hangs on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organization {
    /// `o-…`.
    pub id: String,
    /// Account id.
    pub management_account: String,
    /// `ALL` or `CONSOLIDATED_BILLING`.
    pub feature_set: String,
    /// Whether CloudTrail is trusted; an error if that could not be read, which only the management account and delegated
    /// administrators may.
    pub trusted: Option<Result<bool, ApiError>>,
}

/// Reads what the plan's steps make worth knowing; nothing for a plan without such steps.
pub async fn take(cx: &Cx, plan: &Plan) -> Census {
    let running: Vec<&Step> = plan.steps.iter().filter(|step| step.blocked.is_none()).collect();
    let creates = |kind: Kind| {
        running.iter().filter(move |step| step.address.kind == kind && step.action == Action::Create)
    };
    let regions = trail_regions(&running);
    // A pattern that changes may get a regular expression.
    let written = running.iter().filter(|step| {
        step.address.kind == Kind::MetricFilter && matches!(step.action, Action::Create | Action::Update)
    });
    let groups: BTreeSet<(Scope, String)> = written
        .filter_map(|step| match &step.desired {
            Some(Resource::MetricFilter(filter)) => {
                Some((step.address.scope.clone(), filter.log_group.text().to_owned()))
            }
            _ => None,
        })
        // A group that this run makes is empty.
        .filter(|(scope, name)| {
            !creates(Kind::LogGroup).any(|step| step.address.scope == *scope && step.aws_name == *name)
        })
        .collect();
    let alarms: BTreeSet<Scope> = creates(Kind::MetricAlarm)
        .chain(creates(Kind::CompositeAlarm))
        .map(|step| step.address.scope.clone())
        .collect();
    let organization = running.iter().any(|step| wants_organization(step));
    let (trails, filters, alarms, organization) = tokio::join!(
        join_all(regions.into_iter().map(async |scope| {
            let answer = Box::pin(trails(cx, &scope)).await;
            (scope, answer)
        })),
        join_all(groups.into_iter().map(async |(scope, group)| {
            let answer = Box::pin(filters(cx, &scope, &group)).await;
            ((scope, group), answer)
        })),
        join_all(alarms.into_iter().map(async |scope| {
            let answer = Box::pin(all_alarms(cx, &scope)).await;
            (scope, answer)
        })),
        async { if organization { Some(Box::pin(read_organization(cx)).await) } else { None } },
    );
    Census {
        trails: trails.into_iter().collect(),
        filters: filters.into_iter().collect(),
        alarms: alarms.into_iter().collect(),
        organization,
    }
}

/// The home Region of a trail that is made, and every Region in use if the trail is going to have copies.
fn trail_regions(running: &[&Step]) -> BTreeSet<Scope> {
    let mut regions = BTreeSet::new();
    for step in running.iter().filter(|step| step.address.kind == Kind::Trail) {
        let Some(Resource::Trail(after)) = &step.desired else { continue };
        let before = step.observed.as_ref().map(|found| &found.state);
        let had_copies = matches!(before, Some(Resource::Trail(before)) if before.multi_region);
        if step.action == Action::Create {
            regions.insert(step.address.scope.clone());
        }
        if after.multi_region && !had_copies {
            regions.extend(running.iter().map(|step| step.address.scope.clone()));
        }
    }
    regions
}

fn wants_organization(step: &Step) -> bool {
    let before = step.observed.as_ref().map(|found| &found.state);
    let was = matches!(before, Some(Resource::Trail(before)) if before.organization);
    matches!(&step.desired, Some(Resource::Trail(after)) if after.organization) && !was
}

async fn trails(cx: &Cx, scope: &Scope) -> Result<BTreeSet<String>, ApiError> {
    // Copies count (CloudTrail User Guide, quotas: five trails a Region).
    let call = cx.cloudtrail(scope).describe_trails().include_shadow_trails(true).send();
    let trails = cx.send("cloudtrail:DescribeTrails", scope, call).await?.trail_list.unwrap_or_default();
    // Copies of an organization's trail, which carry the management account's id, do not count.
    let ours = trails.iter().filter(|trail| {
        trail.trail_arn().is_none_or(|arn| arn.split(':').nth(4) == Some(scope.account.as_str()))
    });
    Ok(ours.map(|trail| trail.name().or(trail.trail_arn()).unwrap_or_default().to_owned()).collect())
}

async fn filters(cx: &Cx, scope: &Scope, group: &str) -> Result<BTreeMap<String, bool>, ApiError> {
    let client = cx.logs(scope);
    let mut filters = BTreeMap::new();
    let mut token = None;
    loop {
        let call = client.describe_metric_filters().log_group_name(group).set_next_token(token).send();
        let page = match cx.send("logs:DescribeMetricFilters", scope, call).await {
            Ok(page) => page,
            Err(error) if error.is(&["ResourceNotFoundException"]) => return Ok(filters),
            Err(error) => return Err(error),
        };
        filters.extend(page.metric_filters().iter().map(|filter| {
            let pattern = filter.filter_pattern().unwrap_or_default();
            (filter.filter_name().unwrap_or_default().to_owned(), has_regex(pattern))
        }));
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(filters);
        }
    }
}

async fn all_alarms(cx: &Cx, scope: &Scope) -> Result<Alarms, ApiError> {
    use aws_sdk_cloudwatch::types::AlarmType;
    let client = cx.cloudwatch(scope);
    let mut alarms = Alarms::default();
    let mut token = None;
    loop {
        let call = client
            .describe_alarms()
            .alarm_types(AlarmType::MetricAlarm)
            .alarm_types(AlarmType::CompositeAlarm)
            .max_records(100)
            .set_next_token(token)
            .send();
        let page = cx.send("cloudwatch:DescribeAlarms", scope, call).await?;
        let name = |name: Option<&str>| name.unwrap_or_default().to_owned();
        alarms.metric.extend(page.metric_alarms().iter().map(|alarm| name(alarm.alarm_name())));
        alarms.composite.extend(page.composite_alarms().iter().map(|alarm| name(alarm.alarm_name())));
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(alarms);
        }
    }
}

async fn read_organization(cx: &Cx) -> Result<Organization, ApiError> {
    let home = cx.names.home();
    let client = cx.organizations(&home);
    let call = client.describe_organization().send();
    let answer = cx.send("organizations:DescribeOrganization", &home, call).await?;
    let Some(found) = answer.organization else { return Ok(Organization::default()) };
    let management_account = found.master_account_id.unwrap_or_default();
    let mut organization = Organization {
        id: found.id.unwrap_or_default(),
        feature_set: found.feature_set.map(|set| set.as_str().to_owned()).unwrap_or_default(),
        trusted: None,
        management_account,
    };
    if organization.management_account == home.account {
        organization.trusted = Some(is_trusted(cx, &home).await);
    }
    Ok(organization)
}

async fn is_trusted(cx: &Cx, home: &Scope) -> Result<bool, ApiError> {
    let client = cx.organizations(home);
    let mut token = None;
    loop {
        let call = client.list_aws_service_access_for_organization().set_next_token(token).send();
        let page = cx.send("organizations:ListAWSServiceAccessForOrganization", home, call).await?;
        if page.enabled_service_principals().iter().any(|one| one.service_principal() == Some(CLOUDTRAIL)) {
            return Ok(true);
        }
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(false);
        }
    }
}
