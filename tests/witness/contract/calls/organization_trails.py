"""Trails of an organisation, and what refuses them; the organisation is changed behind the API. Sandbox only."""

from . import ACCOUNT, OTHER, cloudtrail


def run(d):
    cloudtrail.destinations(d)
    create = lambda code: d.refused(code, "cloudtrail", "CreateTrail", Name="fleet", S3BucketName=cloudtrail.BUCKET,
                                    IsOrganizationTrail=True, IsMultiRegionTrail=True)
    create("OrganizationsNotInUseException")
    d.edit(lambda state: state.update(organization={
        "Id": "o-exampleorgid", "FeatureSet": "CONSOLIDATED_BILLING", "MasterAccountId": OTHER, "ServiceAccess": [],
        "Accounts": [{"Id": ACCOUNT}, {"Id": OTHER}]}))
    create("OrganizationNotInAllFeaturesModeException")
    d.edit(lambda state: state["organization"].update(FeatureSet="ALL"))
    create("NotOrganizationMasterAccountException")
    d.edit(lambda state: state["organization"].update(MasterAccountId=ACCOUNT))
    create("CloudTrailAccessNotEnabledException")
    d.ok("organizations", "EnableAWSServiceAccess", ServicePrincipal=cloudtrail.SERVICE)
    d.ok("cloudtrail", "CreateTrail", Name="fleet", S3BucketName=cloudtrail.BUCKET, IsOrganizationTrail=True,
         IsMultiRegionTrail=True)
    d.ok("cloudtrail", "GetTrail", "a member's view", key=OTHER, Name="fleet")
    d.refused("NotOrganizationMasterAccountException", "cloudtrail", "StopLogging", key=OTHER, Name="fleet")
