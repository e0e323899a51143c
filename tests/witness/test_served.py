"""Both servers answer a client that neither was written for."""

import boto3
import pytest


@pytest.mark.parametrize("served", ["sandbox_url", "moto_url"])
def test_both_know_the_caller(served, request):
    url = request.getfixturevalue(served)
    caller = boto3.client("sts", endpoint_url=url).get_caller_identity()
    assert caller["Account"] == "111122223333"
