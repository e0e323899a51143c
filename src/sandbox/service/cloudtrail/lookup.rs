//! Which trail a name or ARN means, as seen from an account and Region.

use crate::sandbox::service::{Call, Fault};
use crate::sandbox::state::State;
use serde_json::Value;

/// Where a trail's record lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At {
    /// Account that owns the trail: the management account for an organisation trail.
    pub account: String,
    /// Home Region.
    pub region: String,
    /// Name, the key in the table.
    pub name: String,
}

impl At {
    /// Returns the record; it was there when this place was looked up.
    #[must_use]
    pub fn record<'s>(&self, state: &'s State) -> &'s Value {
        static GONE: Value = Value::Null;
        state.peek(&self.account, &self.region, "trails").and_then(|t| t.get(&self.name)).unwrap_or(&GONE)
    }
    /// Returns the record for writing.
    pub fn record_mut<'s>(&self, state: &'s mut State) -> &'s mut Value {
        state.table(&self.account, &self.region, "trails").entry(self.name.clone()).or_insert(Value::Null)
    }
    /// Returns true if the trail is seen here as a replica: its home is another Region or account.
    #[must_use]
    pub fn is_shadow(&self, call: &Call<'_>) -> bool {
        self.account != call.account || self.region != call.region
    }
}

/// Returns every trail that can be seen from an account: its own, and the organisation's.
#[must_use]
pub fn visible(state: &State, account: &str) -> Vec<At> {
    let mut found = Vec::new();
    for (owner, regions) in &state.accounts {
        for (region, tables) in regions {
            for (name, trail) in tables.get("trails").into_iter().flatten() {
                let of_organization = is(trail, "IsOrganizationTrail") && is_member(state, account);
                if owner == account || of_organization {
                    found.push(At { account: owner.clone(), region: region.clone(), name: name.clone() });
                }
            }
        }
    }
    found
}

/// Returns the trails that DescribeTrails and GetTrail know in a Region: those at home there, and replicas of
/// multi-Region trails homed elsewhere.
#[must_use]
pub fn here(state: &State, account: &str, region: &str) -> Vec<At> {
    let mut trails = visible(state, account);
    trails.retain(|at| at.region == region || is(at.record(state), "IsMultiRegionTrail"));
    trails
}

/// Finds a trail for reading by name or ARN.
///
/// # Errors
/// `TrailNotFoundException`, or `CloudTrailARNInvalidException` for text that starts like an ARN but is none.
pub fn find(call: &Call<'_>, name_or_arn: &str) -> Result<At, Fault> {
    let by_arn = name_or_arn.starts_with("arn:");
    if by_arn && !is_trail_arn(name_or_arn) {
        return Err(Fault::bad("CloudTrailARNInvalidException", format!("Invalid trail ARN: {name_or_arn}")));
    }
    let trails = here(call.state, call.account, call.region);
    let mut matching: Vec<At> = trails
        .into_iter()
        .filter(|at| {
            if by_arn { at.record(call.state)["TrailARN"] == name_or_arn } else { at.name == name_or_arn }
        })
        .collect();
    // A trail at home here goes before a replica of the same name.
    matching.sort_by_key(|at| at.is_shadow(call));
    matching.into_iter().next().ok_or_else(|| unknown(call, name_or_arn))
}

/// Finds a trail for a change, which must be sent to its home Region by its owner.
///
/// # Errors
/// As [`find`]; `InvalidHomeRegionException` elsewhere than at home, `NotOrganizationMasterAccountException` for a
/// member account (`reference/cloudtrail.md` §1.2, §5).
pub fn at_home(call: &Call<'_>, name_or_arn: &str) -> Result<At, Fault> {
    let at = match find(call, name_or_arn) {
        Ok(at) => at,
        Err(fault) => {
            // An ARN of a single-Region trail names its home, which is then not here.
            let elsewhere = visible(call.state, call.account)
                .into_iter()
                .any(|at| at.record(call.state)["TrailARN"] == name_or_arn);
            return Err(if elsewhere { not_home(name_or_arn) } else { fault });
        }
    };
    if at.account != call.account {
        return Err(Fault::bad(
            "NotOrganizationMasterAccountException",
            "Only the management account of the organization can change an organization trail.",
        ));
    }
    if at.region != call.region { Err(not_home(name_or_arn)) } else { Ok(at) }
}

/// Returns true if a boolean member is set.
#[must_use]
pub fn is(record: &Value, member: &str) -> bool {
    record.get(member).and_then(Value::as_bool).unwrap_or(false)
}

fn is_member(state: &State, account: &str) -> bool {
    let accounts = state.organization.get("Accounts").and_then(Value::as_array).into_iter().flatten();
    accounts.filter_map(|a| a.get("Id")).any(|id| id == account)
}

fn is_trail_arn(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    matches!(parts[..], ["arn", _, "cloudtrail", region, account, resource]
        if !region.is_empty() && account.len() == 12 && resource.starts_with("trail/"))
}

fn unknown(call: &Call<'_>, name_or_arn: &str) -> Fault {
    let arn = if name_or_arn.starts_with("arn:") {
        name_or_arn.to_owned()
    } else {
        format!("arn:aws:cloudtrail:{}:{}:trail/{name_or_arn}", call.region, call.account)
    };
    Fault::bad("TrailNotFoundException", format!("Unknown trail: {arn} for the user: {}", call.account))
}

fn not_home(name_or_arn: &str) -> Fault {
    Fault::bad(
        "InvalidHomeRegionException",
        format!("Trail {name_or_arn} can only be changed from the Region in which it was created."),
    )
}
