//! STS: who calls, and sessions of roles.
//!
//! Sessions lie in the table `sessions` of the role's account under Region `global`, keyed by access key id:
//! `Arn` (of the session), `RoleArn`, `UserId` and `Expires` (epoch millis).

use super::record::{principal_arn, scatter, unique_id};
use super::{Answer, Call, Fault, Operation, iam, policy_check, text};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// The operations of STS.
pub const OPERATIONS: &[Operation] = &[
    Operation { service: "sts", name: "GetCallerIdentity", writes: false, handler: identity },
    Operation { service: "sts", name: "AssumeRole", writes: true, handler: assume },
];

/// Role that Organizations makes in each account it creates; the management account may assume it (Organizations
/// User Guide, "Accessing member accounts").
const ORGANIZATION_ROLE: &str = "OrganizationAccountAccessRole";

fn identity(call: &mut Call<'_>) -> Answer {
    let (arn, account) = (call.principal, call.account);
    let sessions = call.state.peek(account, "global", "sessions");
    let session = sessions.and_then(|table| table.values().find(|record| record["Arn"] == arn));
    let user = session
        .and_then(|record| text(record, "UserId"))
        .unwrap_or_else(|| unique_id("AIDA", account.parse().unwrap_or(0)));
    Ok(json!({"UserId": user, "Account": account, "Arn": arn}))
}

fn assume(call: &mut Call<'_>) -> Answer {
    let arn = required(call, "RoleArn")?;
    let session = required(call, "RoleSessionName")?;
    let fits = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if !(2..=64).contains(&session.len()) || !session.chars().all(fits) {
        return Err(invalid(format!(
            "1 validation error detected: Value '{session}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*"
        )));
    }
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let role = match parts[..] {
        ["arn", _, "iam", "", account, resource] if is_account(account) => {
            resource.strip_prefix("role/").map(|role| (account.to_owned(), role.to_owned()))
        }
        _ => None,
    };
    let (account, path) = role.ok_or_else(|| invalid(format!("{arn} is invalid")))?;
    let name = path.rsplit('/').next().unwrap_or_default().to_owned();
    let (role_id, longest) = admitted(call, &arn, &account, &name)?;
    let seconds = duration(call, longest)?;
    let until = call.now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX);
    let number = call.state.fresh();
    let key: String = unique_id("ASIA", number).chars().take(20).collect();
    let session_arn = format!("arn:aws:sts::{account}:assumed-role/{name}/{session}");
    let user = format!("{role_id}:{session}");
    let record =
        json!({"Arn": session_arn, "RoleArn": arn, "UserId": user, "Expires": until.as_millisecond()});
    call.state.table(&account, "global", "sessions").insert(key.clone(), record);
    let ends = Timestamp::from_second(until.as_second()).unwrap_or(until);
    let secret = format!("{:016x}{:016x}{:08x}", scatter(number), scatter(!number), number as u32);
    Ok(json!({
        "Credentials": {
            "AccessKeyId": key, "SecretAccessKey": secret, "SessionToken": format!("sandbox-{number}"),
            "Expiration": ends.to_string(),
        },
        "AssumedRoleUser": {"AssumedRoleId": user, "Arn": session_arn},
    }))
}

/// Checks that the caller may assume a role; returns the role's id and its longest session in seconds.
///
/// A role that does not exist is denied like one that does not trust the caller (STS API, AssumeRole).
fn admitted(call: &mut Call<'_>, arn: &str, account: &str, name: &str) -> Result<(String, i64), Fault> {
    let caller = principal_arn(call);
    let external_id = call.text("ExternalId");
    let mut context = vec![("aws:PrincipalAccount", call.account), ("aws:PrincipalArn", caller.as_str())];
    if let Some(id) = &external_id {
        context.push(("sts:ExternalId", id));
    }
    let trusts = |trust: &str| {
        [call.principal, caller.as_str()]
            .iter()
            .any(|who| policy_check::admits(trust, who, "sts:AssumeRole", arn, &context))
    };
    let found = match iam::role(call.state, arn) {
        Some(role) => {
            let trust = text(role, "AssumeRolePolicyDocument").unwrap_or_default();
            let longest = role.get("MaxSessionDuration").and_then(Value::as_i64).unwrap_or(3600);
            trusts(&trust).then(|| (text(role, "RoleId").unwrap_or_default(), longest))
        }
        None if name == ORGANIZATION_ROLE && manages(call, account) => {
            Some((unique_id("AROA", account.parse().unwrap_or(0)), 3600))
        }
        None => None,
    };
    found.ok_or_else(|| {
        let who = call.principal;
        let message = format!("User: {who} is not authorized to perform: sts:AssumeRole on resource: {arn}");
        Fault::with(403, "AccessDenied", message)
    })
}

/// Returns true if the caller is the management account of another account. A sandbox without an organisation takes
/// any account as a member, so that fleets can be tried without one.
fn manages(call: &Call<'_>, member: &str) -> bool {
    let organization = &call.state.organization;
    if organization.is_null() {
        return call.account != member;
    }
    let accounts = organization.get("Accounts").and_then(Value::as_array).into_iter().flatten();
    organization["MasterAccountId"] == call.account
        && member != call.account
        && accounts.into_iter().any(|account| account["Id"] == member)
}

/// Returns the session's length: 900 s to the role's longest, and at most an hour from another session (STS API,
/// AssumeRole, DurationSeconds).
fn duration(call: &Call<'_>, longest: i64) -> Result<i64, Fault> {
    let chained = call.principal.contains(":assumed-role/");
    let seconds = call.number("DurationSeconds").unwrap_or(3600);
    if !(900..=43_200).contains(&seconds) {
        return Err(invalid(format!("DurationSeconds {seconds} is not between 900 and 43200")));
    }
    if chained && seconds > 3600 {
        let message = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining";
        return Err(invalid(message));
    }
    if seconds > longest {
        let message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
        return Err(invalid(message));
    }
    Ok(seconds)
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn required(call: &Call<'_>, member: &str) -> Result<String, Fault> {
    call.text(member).ok_or_else(|| invalid(format!("1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must not be null")))
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::bad("ValidationError", message)
}
