"""STS: who calls, and as whom."""

from . import ACCOUNT, OTHER, policy


def run(d):
    trusting = policy({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                       "Action": "sts:AssumeRole"})
    d.ok("sts", "GetCallerIdentity")
    d.ok("iam", "CreateRole", "to be assumed", RoleName="auditor", AssumeRolePolicyDocument=trusting)
    role = f"arn:aws:iam::{ACCOUNT}:role/auditor"
    assume = lambda code, case, **more: d.refused(
        code, "sts", "AssumeRole", case, **{"RoleArn": role, "RoleSessionName": "witness", **more})
    assume("ValidationError", "a blank in the session's name", RoleSessionName="wit ness")
    assume("ValidationError", "a minute", DurationSeconds=60)
    assume("ValidationError", "longer than the role allows", DurationSeconds=7200)
    assume("ValidationError", "no role's ARN", RoleArn=f"arn:aws:iam::{ACCOUNT}:user/anna")
    assume("AccessDenied", "no such role", RoleArn=f"arn:aws:iam::{ACCOUNT}:role/nobody")
    d.refused("AccessDenied", "sts", "AssumeRole", "from an account it does not trust", key=OTHER, RoleArn=role,
              RoleSessionName="witness")
    session = d.ok("sts", "AssumeRole", RoleArn=role, RoleSessionName="witness", DurationSeconds=900)
    given = session.get("Credentials", {})
    key = f"{given.get('AccessKeyId', ACCOUNT)}/{given.get('SessionToken', '')}"
    d.ok("sts", "GetCallerIdentity", "of a session", key=key)
