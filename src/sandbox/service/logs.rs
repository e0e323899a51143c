//! CloudWatch Logs: log groups, their keys and retention, metric filters, tags (`reference/cloudwatch.md` §1, §2).
//!
//! Groups lie in the regional table `log_groups`, keyed by name, with the members of `LogGroup`; metric filters in
//! `metric_filters` and subscription filters in `subscription_filters`, keyed by `group|filter`; account policies in `account_policies`.

pub mod filters;
pub mod groups;
pub mod keys;
pub mod protection;
pub mod subscriptions;
pub mod tags;

use super::{Answer, Call, Fault, Operation};
use serde_json::Value;

/// Every CloudWatch Logs operation that the sandbox answers.
pub const OPERATIONS: &[Operation] = &[
    write("CreateLogGroup", groups::create),
    write("DeleteLogGroup", groups::delete),
    read("DescribeLogGroups", groups::describe),
    write("PutRetentionPolicy", groups::put_retention),
    write("DeleteRetentionPolicy", groups::delete_retention),
    write("PutLogGroupDeletionProtection", groups::put_deletion_protection),
    read("DescribeAccountPolicies", groups::describe_account_policies),
    write("AssociateKmsKey", keys::associate),
    write("DisassociateKmsKey", keys::disassociate),
    read("ListTagsForResource", tags::list),
    write("TagResource", tags::tag),
    write("UntagResource", tags::untag),
    write("PutMetricFilter", filters::put),
    write("DeleteMetricFilter", filters::delete),
    read("DescribeMetricFilters", filters::describe),
    write("PutSubscriptionFilter", subscriptions::put),
    write("DeleteSubscriptionFilter", subscriptions::delete),
    read("DescribeSubscriptionFilters", subscriptions::describe),
    write("PutDataProtectionPolicy", protection::put),
    read("GetDataProtectionPolicy", protection::get),
    write("DeleteDataProtectionPolicy", protection::delete),
];

const fn read(name: &'static str, handler: fn(&mut Call<'_>) -> Answer) -> Operation {
    Operation { service: "logs", name, writes: false, handler }
}

const fn write(name: &'static str, handler: fn(&mut Call<'_>) -> Answer) -> Operation {
    Operation { service: "logs", name, writes: true, handler }
}

/// Returns a log group of the call's Region for writing.
///
/// # Errors
/// `ResourceNotFoundException`.
pub fn group<'c>(call: &'c mut Call<'_>, name: &str) -> Result<&'c mut Value, Fault> {
    call.table("log_groups").get_mut(name).ok_or_else(no_group)
}

/// Returns what AWS says about a log group that is not there.
#[must_use]
pub fn no_group() -> Fault {
    Fault::bad("ResourceNotFoundException", "The specified log group does not exist.")
}

/// Returns an `InvalidParameterException`.
#[must_use]
pub fn invalid(message: impl Into<String>) -> Fault {
    Fault::bad("InvalidParameterException", message)
}

/// Returns what AWS says about a value outside a member's constraint.
#[must_use]
pub fn constraint(value: &str, member: &str, rule: &str) -> Fault {
    invalid(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must {rule}"
    ))
}

/// Returns the input's `logGroupName` after checking its form.
///
/// # Errors
/// `InvalidParameterException`.
pub fn group_name(call: &Call<'_>) -> Result<String, Fault> {
    let name = call.text("logGroupName").unwrap_or_default();
    check_name(&name)?;
    Ok(name)
}

fn check_name(name: &str) -> Result<(), Fault> {
    let length = name.chars().count();
    if !(1..=512).contains(&length) {
        return Err(constraint(name, "logGroupName", "have length between 1 and 512"));
    }
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || ".-_/#".contains(c)) {
        return Err(constraint(
            name,
            "logGroupName",
            r"satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+",
        ));
    }
    if name.starts_with("aws/") {
        return Err(invalid("Log groups starting with aws/ are reserved for AWS."));
    }
    Ok(())
}

/// Returns the name of the log group that a name or an ARN, with or without `:*`, means.
#[must_use]
pub fn name_of(identifier: &str) -> String {
    match identifier.split_once(":log-group:") {
        Some((_, rest)) => rest.strip_suffix(":*").unwrap_or(rest).to_owned(),
        None => identifier.to_owned(),
    }
}

#[cfg(test)]
mod tests;
