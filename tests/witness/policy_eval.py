"""A small evaluator of AWS policy documents, written from the IAM User Guide (policy evaluation logic, condition
operators) and not from the tool's code: it says what a policy does, whatever its statements look like."""

import re


def listed(value):
    """A single value stands for a list of one, everywhere in a policy."""
    return value if isinstance(value, list) else [value]


def like(pattern, value, ignore_case=False):
    """`*` and `?` as in policies; every other character is itself."""
    regex = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in str(pattern))
    return re.fullmatch(regex, str(value), re.DOTALL | (re.IGNORECASE if ignore_case else 0)) is not None


def arn_like(pattern, value):
    """Each of the six parts for itself, so that a `*` does not reach over a colon before the last part."""
    ours, theirs = str(pattern).split(":", 5), str(value).split(":", 5)
    return len(ours) == len(theirs) == 6 and all(like(p, v) for p, v in zip(ours, theirs))


OPERATORS = {
    "StringEquals": lambda want, have: want == have,
    "StringLike": like,
    "ArnLike": arn_like,
    "ArnEquals": arn_like,
    "Bool": lambda want, have: str(want).lower() == str(have).lower(),
    "NumericLessThan": lambda want, have: float(have) < float(want),
}


def condition_holds(condition, context):
    """All operators and keys; one of the values of each. A key that the request lacks fails, except under Null."""
    context = {key.lower(): value for key, value in context.items()}
    for operator, keys in (condition or {}).items():
        for key, values in keys.items():
            have = context.get(key.lower())
            if operator == "Null":
                if str(listed(values)[0]).lower() != str(have is None).lower():
                    return False
            elif operator not in OPERATORS:
                raise ValueError(f"an operator that this evaluator does not know: {operator}")
            elif have is None or not any(OPERATORS[operator](want, have) for want in listed(values)):
                return False
    return True


def principal_matches(principal, who):
    """`who` is `("Service", name)` or `("AWS", arn)`. An account's root stands for everybody in it only where IAM
    decides; here it is the root itself, so that what a policy gives to others has to be spelled out."""
    kind, name = who
    # `*` and {"AWS": "*"} are the same in a resource policy (IAM User Guide, Principal element).
    if principal == "*" or "*" in listed(principal.get("AWS", [])):
        return True
    return name in listed(principal.get(kind, []))


def statement_applies(statement, who, action, resource, context):
    if "NotAction" in statement or "NotResource" in statement or "NotPrincipal" in statement:
        raise ValueError("a statement with Not… says what it does not mean")
    return (
        (who is None or principal_matches(statement["Principal"], who))
        and any(like(pattern, action, ignore_case=True) for pattern in listed(statement["Action"]))
        and ("Resource" not in statement or any(like(pattern, resource) for pattern in listed(statement["Resource"])))
        and condition_holds(statement.get("Condition"), context)
    )


def decide(policy, who, action, resource, context=None):
    """`deny`, `allow` or `nothing`: an explicit Deny goes before every Allow."""
    effects = {
        statement["Effect"]
        for statement in listed(policy["Statement"])
        if statement_applies(statement, who, action, resource, context or {})
    }
    return "deny" if "Deny" in effects else "allow" if "Allow" in effects else "nothing"
