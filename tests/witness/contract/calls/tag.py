"""Resource Groups Tagging: the index over what has tags."""

from . import ACCOUNT, tags


def run(d):
    for n in range(3):
        d.ok("sns", "CreateTopic", "tagged", Name=f"tagged-{n}", Tags=[{"Key": "scope", "Value": f"s{n}"}])
    d.ok("logs", "CreateLogGroup", "tagged", logGroupName="/witness", tags={"scope": "s0"})
    d.ok("s3", "CreateBucket", "tagged", Bucket="witness-tagged")
    d.ok("s3", "PutBucketTagging", "tagged", Bucket="witness-tagged", Tagging={"TagSet": tags(1)})
    d.ok("tag", "GetResources")
    d.ok("tag", "GetResources", "by tag", TagFilters=[{"Key": "scope", "Values": ["s0"]}])
    d.ok("tag", "GetResources", "by key", TagFilters=[{"Key": "scope"}])
    d.ok("tag", "GetResources", "by type", ResourceTypeFilters=["sns:topic"])
    d.ok("tag", "GetResources", "by service", ResourceTypeFilters=["logs"])
    d.ok("tag", "GetResources", "by ARN", ResourceARNList=[f"arn:aws:sns:us-east-1:{ACCOUNT}:tagged-1"])
    d.refused("InvalidParameterException", "tag", "GetResources", "ARNs and filters",
              ResourceARNList=[f"arn:aws:sns:us-east-1:{ACCOUNT}:tagged-1"], ResourceTypeFilters=["sns"])
    d.refused("InvalidParameterException", "tag", "GetResources", "a page of none", ResourcesPerPage=0)
    d.refused("InvalidParameterException", "tag", "GetResources", "a filter without a key", TagFilters=[{"Values": ["x"]}])
    d.refused("PaginationTokenExpiredException", "tag", "GetResources", PaginationToken="nonsense")
    d.pages("tag", "GetResources", "ResourceTagMappingList", 1, 5)
