"""The hardening lists, property by property.

Each check is a function of an account as boto3 read it, named after the property; its first line says what the list asks
for and where AWS documents it. A check asserts, and knows nothing of how the tool decides.
"""

from hardening import bedrock, cloudtrail, iam_sns, kms, s3
from hardening.registry import CHECKS

__all__ = ["CHECKS", "bedrock", "cloudtrail", "iam_sns", "kms", "s3"]
