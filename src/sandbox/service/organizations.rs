//! Organizations: the organisation, its accounts, and who is trusted in it.
//!
//! The state's `organization` holds the members of `Organization`, plus `Accounts`, `ServiceAccess`
//! (`{"ServicePrincipal", "DateEnabled"}` of each trusted service) and `DelegatedAdministrators`
//! (`{"Id", "ServicePrincipal", "Since"}`). Times are epoch seconds.

use super::record::{Page, page};
use super::{Answer, Call, Fault, Operation, text};
use serde_json::{Map, Value, json};

/// The operations of Organizations.
pub const OPERATIONS: &[Operation] = &[
    row("DescribeAccount", false, describe_account),
    row("DescribeOrganization", false, describe),
    row("DisableAWSServiceAccess", true, disable_service),
    row("EnableAWSServiceAccess", true, enable_service),
    row("ListAWSServiceAccessForOrganization", false, list_services),
    row("ListAccounts", false, list_accounts),
    row("ListDelegatedAdministrators", false, list_administrators),
    row("RegisterDelegatedAdministrator", true, register),
];

const fn row(name: &'static str, writes: bool, handler: fn(&mut Call<'_>) -> Answer) -> Operation {
    Operation { service: "organizations", name, writes, handler }
}

/// Members of `state.organization` that are no part of `Organization`.
const SERVICES: &str = "ServiceAccess";
const ADMINISTRATORS: &str = "DelegatedAdministrators";
const ACCOUNTS: &str = "Accounts";

/// Answers DescribeOrganization, which every member account may call.
fn describe(call: &mut Call<'_>) -> Answer {
    let organization = member(call)?;
    let known = organization
        .iter()
        .filter(|(name, _)| ![SERVICES, ADMINISTRATORS, ACCOUNTS].contains(&name.as_str()));
    Ok(json!({"Organization": known.map(|(k, v)| (k.clone(), v.clone())).collect::<Map<_, _>>()}))
}

fn describe_account(call: &mut Call<'_>) -> Answer {
    let organization = privileged(call)?;
    let id = required(call, "AccountId")?;
    let found = items(organization, ACCOUNTS).find(|account| account["Id"] == id.as_str());
    let account = found.ok_or_else(no_account)?;
    Ok(json!({"Account": account}))
}

fn list_accounts(call: &mut Call<'_>) -> Answer {
    let accounts = items(privileged(call)?, ACCOUNTS).cloned().collect();
    listed(call, "Accounts", accounts)
}

fn list_services(call: &mut Call<'_>) -> Answer {
    let services = items(privileged(call)?, SERVICES);
    let services = services.cloned().collect();
    listed(call, "EnabledServicePrincipals", services)
}

fn enable_service(call: &mut Call<'_>) -> Answer {
    let principal = required(call, "ServicePrincipal")?;
    management(call)?;
    let record = json!({"ServicePrincipal": principal, "DateEnabled": call.now.as_second()});
    let services = list(call, SERVICES);
    if !services.iter().any(|service| service["ServicePrincipal"] == principal.as_str()) {
        services.push(record);
    }
    Ok(json!({}))
}

fn disable_service(call: &mut Call<'_>) -> Answer {
    let principal = required(call, "ServicePrincipal")?;
    management(call)?;
    list(call, SERVICES).retain(|service| service["ServicePrincipal"] != principal.as_str());
    Ok(json!({}))
}

/// Answers ListDelegatedAdministrators: each account once, whatever it administers.
fn list_administrators(call: &mut Call<'_>) -> Answer {
    let wanted = call.text("ServicePrincipal");
    let organization = privileged(call)?;
    let administers = |id: &Value| {
        items(organization, ADMINISTRATORS).find(|record| {
            record["Id"] == *id
                && wanted.as_ref().is_none_or(|wanted| record["ServicePrincipal"] == wanted.as_str())
        })
    };
    let accounts = items(organization, ACCOUNTS).filter_map(|account| {
        let record = administers(&account["Id"])?;
        let mut account = account.clone();
        account["DelegationEnabledDate"] = record["Since"].clone();
        Some(account)
    });
    let accounts = accounts.collect();
    listed(call, "DelegatedAdministrators", accounts)
}

fn register(call: &mut Call<'_>) -> Answer {
    let (id, principal) = (required(call, "AccountId")?, required(call, "ServicePrincipal")?);
    let organization = management(call)?;
    if organization["MasterAccountId"] == id.as_str() {
        let message = "You cannot register the management account as a delegated administrator.";
        return Err(Fault::bad("ConstraintViolationException", message));
    }
    if !items(organization, ACCOUNTS).any(|account| account["Id"] == id.as_str()) {
        return Err(no_account());
    }
    let enabled =
        items(organization, SERVICES).any(|service| service["ServicePrincipal"] == principal.as_str());
    if !enabled {
        let message = "You must enable service access before you can register a delegated administrator.";
        return Err(Fault::bad("ConstraintViolationException", message));
    }
    let there =
        |record: &Value| record["Id"] == id.as_str() && record["ServicePrincipal"] == principal.as_str();
    if items(organization, ADMINISTRATORS).any(there) {
        let message = "The provided account is already a delegated administrator for your organization.";
        return Err(Fault::bad("AccountAlreadyRegisteredException", message));
    }
    let since = call.now.as_second();
    list(call, ADMINISTRATORS).push(json!({"Id": id, "ServicePrincipal": principal, "Since": since}));
    Ok(json!({}))
}

/// Returns the organisation if the caller's account is in it.
fn member<'c>(call: &'c Call<'_>) -> Result<&'c Map<String, Value>, Fault> {
    let organization = call.state.organization.as_object();
    let within =
        |organization: &&Map<String, Value>| items(organization, ACCOUNTS).any(|a| a["Id"] == call.account);
    organization.filter(within).ok_or_else(|| {
        Fault::bad("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
    })
}

/// Returns the organisation to its management account, and to a delegated administrator of any service
/// (Organizations API, ListAccounts).
fn privileged<'c>(call: &'c Call<'_>) -> Result<&'c Map<String, Value>, Fault> {
    let organization = member(call)?;
    let delegated = || items(organization, ADMINISTRATORS).any(|record| record["Id"] == call.account);
    if organization["MasterAccountId"] == call.account || delegated() {
        Ok(organization)
    } else {
        Err(denied())
    }
}

fn management<'c>(call: &'c Call<'_>) -> Result<&'c Map<String, Value>, Fault> {
    let organization = member(call)?;
    if organization["MasterAccountId"] == call.account { Ok(organization) } else { Err(denied()) }
}

fn items<'o>(organization: &'o Map<String, Value>, name: &str) -> impl Iterator<Item = &'o Value> + use<'o> {
    organization.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// Returns a list for writing; it is made when it is not there.
fn list<'c>(call: &'c mut Call<'_>, name: &str) -> &'c mut Vec<Value> {
    let slot = &mut call.state.organization[name];
    if !slot.is_array() {
        *slot = json!([]);
    }
    slot.as_array_mut().expect("made a list just now")
}

fn listed(call: &Call<'_>, member: &str, entries: Vec<Value>) -> Answer {
    let size = call.number("MaxResults").unwrap_or(20);
    if !(1..=20).contains(&size) {
        return Err(invalid("MaxResults must be between 1 and 20"));
    }
    let bad = invalid("You specified an invalid NextToken.");
    let Page { entries, next } = page(entries, call.text("NextToken"), size.unsigned_abs() as usize, bad)?;
    let mut answer = json!({member: entries});
    if let Some(next) = next {
        answer["NextToken"] = next.into();
    }
    Ok(answer)
}

fn required(call: &Call<'_>, member: &str) -> Result<String, Fault> {
    text(call.input, member).ok_or_else(|| invalid(format!("{member} is required")))
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::bad("InvalidInputException", message)
}

fn denied() -> Fault {
    Fault::bad("AccessDeniedException", "You don't have permissions to access this resource.")
}

fn no_account() -> Fault {
    Fault::bad("AccountNotFoundException", "You specified an account that doesn't exist.")
}
