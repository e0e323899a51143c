"""IAM: roles, their inline policies and tags."""

from . import ACCOUNT, COUNT, policy, tags, trust

ROLE, CLOUDTRAIL = "witness", "cloudtrail.amazonaws.com"


def run(d):
    roles(d)
    policies(d)
    attached(d)
    tagging(d)
    deletion(d)


def roles(d):
    create = lambda code, case, **more: d.refused(
        code, "iam", "CreateRole", case, **{"RoleName": f"refused-{next(COUNT)}", "AssumeRolePolicyDocument": trust(CLOUDTRAIL), **more})
    wrong = lambda **more: policy({"Effect": "Allow", "Principal": {"Service": CLOUDTRAIL}, "Action": "sts:AssumeRole",
                                  **more})
    create("ValidationError", "a blank in the name", RoleName="wit ness")
    create("ValidationError", "no slash around the path", Path="audit")
    create("ValidationError", "half an hour", MaxSessionDuration=1800)
    create("MalformedPolicyDocument", "no JSON", AssumeRolePolicyDocument="nonsense")
    create("MalformedPolicyDocument", "not STS's action", AssumeRolePolicyDocument=wrong(Action="s3:GetObject"))
    create("MalformedPolicyDocument", "no such principal",
           AssumeRolePolicyDocument=wrong(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/nobody"}))
    create("LimitExceeded", "a long trust policy", AssumeRolePolicyDocument=wrong(Sid="a" * 2100))
    create("InvalidInput", "twice the same tag", Tags=[{"Key": "k", "Value": "1"}, {"Key": "K", "Value": "2"}])
    d.refused("NoSuchEntity", "iam", "GetRole", RoleName="nobody")
    d.ok("iam", "CreateRole", RoleName=ROLE, Path="/audit/", AssumeRolePolicyDocument=trust(CLOUDTRAIL),
         Description="What & why <it> is", MaxSessionDuration=7200, Tags=tags(2))
    create("EntityAlreadyExists", "", RoleName=ROLE)
    d.ok("iam", "GetRole", RoleName=ROLE)
    for n in range(3):
        d.ok("iam", "CreateRole", "more of them", RoleName=f"more-{n}", AssumeRolePolicyDocument=trust(CLOUDTRAIL))
    d.ok("iam", "ListRoles")
    d.ok("iam", "ListRoles", "below a path", PathPrefix="/audit/")
    d.refused("ValidationError", "iam", "ListRoles", "a page of none", MaxItems=0)
    d.refused("ValidationError", "iam", "ListRoles", "another's marker", Marker="nonsense")
    d.pages("iam", "ListRoles", "Roles", 1, 4)
    d.ok("iam", "UpdateRole", RoleName=ROLE, Description="Another", MaxSessionDuration=3600)
    d.refused("MalformedPolicyDocument", "iam", "UpdateAssumeRolePolicy", RoleName=ROLE, PolicyDocument="{}")
    d.ok("iam", "UpdateAssumeRolePolicy", RoleName=ROLE, PolicyDocument=trust("bedrock.amazonaws.com"))
    d.ok("iam", "GetRole", "updated", RoleName=ROLE)
    d.refused("NoSuchEntity", "iam", "UpdateRole", RoleName="nobody", Description="x")
    d.refused("NoSuchEntity", "iam", "UpdateAssumeRolePolicy", RoleName="nobody", PolicyDocument=trust(CLOUDTRAIL))
    d.ok("iam", "CreateRole", "a service's", RoleName="linked", Path="/aws-service-role/x.amazonaws.com/",
         AssumeRolePolicyDocument=trust(CLOUDTRAIL))
    d.refused("UnmodifiableEntity", "iam", "UpdateRole", RoleName="linked", Description="x")


def policies(d):
    allow = policy({"Sid": "Write", "Effect": "Allow", "Action": ["logs:PutLogEvents", "logs:CreateLogStream"],
                    "Resource": "*"})
    put = lambda code, case, text, name="write": d.refused(
        code, "iam", "PutRolePolicy", case, RoleName=ROLE, PolicyName=name, PolicyDocument=text)
    put("MalformedPolicyDocument", "no JSON", "nonsense")
    put("MalformedPolicyDocument", "a blank in the Sid", policy({"Sid": "a b", "Effect": "Allow", "Action": "s3:*",
                                                               "Resource": "*"}))
    put("MalformedPolicyDocument", "a principal", policy({"Effect": "Allow", "Principal": "*", "Action": "s3:*",
                                                        "Resource": "*"}))
    put("ValidationError", "a blank in the name", allow, "a b")
    put("LimitExceeded", "too long", policy({"Effect": "Allow", "Action": "s3:*",
                                            "Resource": [f"arn:aws:s3:::{n:0>60}" for n in range(200)]}))
    d.refused("NoSuchEntity", "iam", "PutRolePolicy", RoleName="nobody", PolicyName="p", PolicyDocument=allow)
    d.refused("NoSuchEntity", "iam", "GetRolePolicy", RoleName=ROLE, PolicyName="none")
    d.refused("NoSuchEntity", "iam", "DeleteRolePolicy", RoleName=ROLE, PolicyName="none")
    for name in ("write", "second", "third"):
        d.ok("iam", "PutRolePolicy", RoleName=ROLE, PolicyName=name, PolicyDocument=allow)
    d.ok("iam", "GetRolePolicy", RoleName=ROLE, PolicyName="write")
    d.ok("iam", "ListRolePolicies", RoleName=ROLE)
    d.refused("NoSuchEntity", "iam", "ListRolePolicies", RoleName="nobody")
    d.pages("iam", "ListRolePolicies", "PolicyNames", 1, 3, RoleName=ROLE)
    d.ok("iam", "ListAttachedRolePolicies", "none", RoleName=ROLE)
    d.refused("NoSuchEntity", "iam", "ListAttachedRolePolicies", RoleName="nobody")


def attached(d):
    managed = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/SecurityAudit"]
    d.refused("NoSuchEntity", "iam", "DetachRolePolicy", RoleName=ROLE, PolicyArn=managed[0])
    d.refused("InvalidInput", "iam", "AttachRolePolicy", "no ARN", RoleName=ROLE, PolicyArn="ReadOnlyAccess-by-name-alone")
    d.refused("NoSuchEntity", "iam", "AttachRolePolicy", "no such role", RoleName="nobody", PolicyArn=managed[0])
    for arn in managed:
        d.ok("iam", "AttachRolePolicy", RoleName=ROLE, PolicyArn=arn)
    d.ok("iam", "ListAttachedRolePolicies", "two", RoleName=ROLE)
    d.pages("iam", "ListAttachedRolePolicies", "AttachedPolicies", 1, 2, RoleName=ROLE)
    for arn in managed:
        d.ok("iam", "DetachRolePolicy", RoleName=ROLE, PolicyArn=arn)
    d.refused("NoSuchEntity", "iam", "DeleteRolePermissionsBoundary", "none", RoleName="more-0")
    d.ok("iam", "PutRolePermissionsBoundary", RoleName=ROLE, PermissionsBoundary=managed[0])
    d.ok("iam", "GetRole", "bounded", RoleName=ROLE)
    d.ok("iam", "DeleteRolePermissionsBoundary", RoleName=ROLE)


def tagging(d):
    d.refused("InvalidInput", "iam", "TagRole", "reserved", RoleName=ROLE, Tags=[{"Key": "aws:x", "Value": "y"}])
    d.refused("ValidationError", "iam", "TagRole", "fifty-one at once", RoleName=ROLE, Tags=tags(51))
    d.refused("LimitExceeded", "iam", "TagRole", "fifty-one with those there", RoleName=ROLE, Tags=[
        {"Key": f"more-{n}", "Value": ""} for n in range(49)])
    d.refused("NoSuchEntity", "iam", "TagRole", RoleName="nobody", Tags=tags(1))
    d.refused("NoSuchEntity", "iam", "UntagRole", RoleName="nobody", TagKeys=["k"])
    d.refused("NoSuchEntity", "iam", "ListRoleTags", RoleName="nobody")
    d.ok("iam", "TagRole", RoleName=ROLE, Tags=[*tags(4), {"Key": "empty", "Value": ""}])
    d.ok("iam", "UntagRole", RoleName=ROLE, TagKeys=["key-3", "unknown"])
    d.ok("iam", "ListRoleTags", RoleName=ROLE)
    d.pages("iam", "ListRoleTags", "Tags", 1, 4, RoleName=ROLE)


def deletion(d):
    d.refused("NoSuchEntity", "iam", "DeleteRole", RoleName="nobody")
    d.refused("DeleteConflict", "iam", "DeleteRole", RoleName=ROLE)
    for name in ("write", "second", "third"):
        d.ok("iam", "DeleteRolePolicy", RoleName=ROLE, PolicyName=name)
    d.ok("iam", "DeleteRole", RoleName=ROLE)
    d.refused("NoSuchEntity", "iam", "GetRole", "deleted", RoleName=ROLE)
