"""Organizations: the organisation, its accounts, who may act for it."""

from . import ACCOUNT

NOBODY = "999999999999"
CLOUDTRAIL, CONFIG = "cloudtrail.amazonaws.com", "config.amazonaws.com"


def run(d):
    member = found(d)
    d.ok("organizations", "DescribeOrganization")
    d.refused("AWSOrganizationsNotInUseException", "organizations", "DescribeOrganization", key=NOBODY)
    d.ok("organizations", "ListAccounts")
    d.refused("AccessDeniedException", "organizations", "ListAccounts", key=member)
    d.refused("InvalidInputException", "organizations", "ListAccounts", "a page of none", MaxResults=0)
    d.refused("InvalidInputException", "organizations", "ListAccounts", "another's token", NextToken="nonsense")
    d.pages("organizations", "ListAccounts", "Accounts", 1, 3)
    d.ok("organizations", "DescribeAccount", AccountId=member)
    d.refused("AccountNotFoundException", "organizations", "DescribeAccount", AccountId=NOBODY)
    d.ok("organizations", "EnableAWSServiceAccess", ServicePrincipal=CLOUDTRAIL)
    d.ok("organizations", "EnableAWSServiceAccess", ServicePrincipal=CONFIG)
    d.refused("AccessDeniedException", "organizations", "EnableAWSServiceAccess", key=member, ServicePrincipal=CONFIG)
    d.ok("organizations", "ListAWSServiceAccessForOrganization")
    d.pages("organizations", "ListAWSServiceAccessForOrganization", "EnabledServicePrincipals", 1, 2)
    register = lambda code, case, account, principal=CLOUDTRAIL: d.refused(
        code, "organizations", "RegisterDelegatedAdministrator", case, AccountId=account, ServicePrincipal=principal)
    register("ConstraintViolationException", "the management account", ACCOUNT)
    register("AccountNotFoundException", "no such account", NOBODY)
    register("ConstraintViolationException", "a service without access", member, "guardduty.amazonaws.com")
    d.ok("organizations", "ListDelegatedAdministrators", "none")
    d.ok("organizations", "RegisterDelegatedAdministrator", AccountId=member, ServicePrincipal=CLOUDTRAIL)
    register("AccountAlreadyRegisteredException", "", member)
    d.ok("organizations", "ListDelegatedAdministrators", ServicePrincipal=CLOUDTRAIL)
    second = found(d, 1)
    d.ok("organizations", "RegisterDelegatedAdministrator", "a second", AccountId=second, ServicePrincipal=CLOUDTRAIL)
    d.pages("organizations", "ListDelegatedAdministrators", "DelegatedAdministrators", 1, 2)
    d.ok("organizations", "DisableAWSServiceAccess", ServicePrincipal=CONFIG)
    d.ok("organizations", "ListAWSServiceAccessForOrganization", "after disabling")


def found(d, number=0):
    """Returns a member's id. The sandbox is given its organisation by `sandbox reset --lived-in`; moto has to found it."""
    client = d.client("organizations")
    if d.target == "moto" and number == 0:
        client.create_organization(FeatureSet="ALL")
        for name in ("workloads", "research"):
            client.create_account(Email=f"aws+{name}@example.com", AccountName=name)
    members = [account for account in client.list_accounts()["Accounts"] if account["Id"] != ACCOUNT]
    return sorted(members, key=lambda account: account["Name"])[number]["Id"]
