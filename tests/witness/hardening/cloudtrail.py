"""The trail: what it records, where it delivers, and that it does."""

from hardening.registry import ACCOUNT, expected_tags, item

# Data-event types of CloudTrail's own table (CloudTrail User Guide, concepts, data events), as of November 2026.
BEDROCK = """AgentAlias InlineAgent KnowledgeBase FlowAlias FlowExecution Guardrail PromptVersion Session Model AsyncInvoke
AutomatedReasoningPolicy AutomatedReasoningPolicyVersion DataAutomationProject DataAutomationInvocation
DataAutomationProfile Blueprint AdvancedOptimizePromptJob Tool""".split()
AGENTCORE = """Runtime RuntimeEndpoint Gateway Memory Browser CodeInterpreter BrowserCustom CodeInterpreterCustom
WorkloadIdentity WorkloadIdentityDirectory TokenVault APIKeyCredentialProvider OAuth2CredentialProvider Evaluator Policy
PolicyEngine BrowserProfile ABTest BatchEvaluate CapacityProvider Payments Recommendation Registry""".split()
OPERATORS = ("Equals", "StartsWith", "EndsWith", "NotEquals", "NotStartsWith", "NotEndsWith")


def trail(account):
    return account.trail["trail"]


def conditions(selector):
    """A selector's fields: name to operators and values."""
    return {field["Field"]: {op: field[op] for op in OPERATORS if field.get(op)} for field in selector["FieldSelectors"]}


def selectors(account, category=None):
    every = [(one.get("Name"), conditions(one)) for one in account.trail["selectors"]]
    return [(name, fields) for name, fields in every
            if category is None or fields["eventCategory"] == {"Equals": [category]}]


def whole_types(account):
    """The resource types of which every data event is recorded."""
    return {fields["resources.type"]["Equals"][0] for _, fields in selectors(account, "Data") if len(fields) == 2}


@item
def the_trail_is_at_home(account):
    """One trail of the scope's name; HomeRegion is the blueprint's, and the ARN follows from the name."""
    assert trail(account)["HomeRegion"] == account.home
    assert trail(account)["Name"] == account.scope and trail(account)["TrailARN"] == account.trail_arn


@item
def it_logs(account):
    """StartLogging was called: a trail made through the API does not log by itself (GetTrailStatus.IsLogging)."""
    assert account.trail["status"]["IsLogging"] is True


@item
def deliveries_do_not_fail(account):
    """No LatestDeliveryError, …CloudWatchLogs…, …Digest… or …Notification…: the only evidence that deliveries work."""
    assert {key: value for key, value in account.trail["status"].items() if key != "IsLogging" and value} == {}


@item
def it_covers_every_region(account):
    """IsMultiRegionTrail: sign-ins are recorded wherever they happen."""
    assert trail(account)["IsMultiRegionTrail"] is True


@item
def it_has_global_service_events(account):
    """IncludeGlobalServiceEvents: IAM, STS and CloudFront; false is refused together with multi-Region."""
    assert trail(account)["IncludeGlobalServiceEvents"] is True


@item
def files_can_be_validated(account):
    """LogFileValidationEnabled: digests prove that no file was changed or removed."""
    assert trail(account)["LogFileValidationEnabled"] is True


@item
def files_go_to_the_log_bucket(account):
    """S3BucketName is the scope's log bucket, in the key's Region; no prefix."""
    assert trail(account)["S3BucketName"] == account.bucket_name("logs", account.home)
    assert not trail(account).get("S3KeyPrefix")


@item
def files_are_encrypted_with_the_scopes_key(account):
    """KmsKeyId is the full ARN of the scope's key in the bucket's Region; it stands apart from the bucket's default."""
    assert trail(account)["KmsKeyId"] == account.keys[f"{account.scope}@{account.home}"]["metadata"]["Arn"]


@item
def events_go_to_the_log_group(account):
    """Group and role as a pair; the group's ARN ends in `:*`, it lies in the home Region and in this account."""
    group = account.groups[f"trail@{account.home}"]
    assert trail(account)["CloudWatchLogsLogGroupArn"] == f"{group['arn']}:*"
    assert trail(account)["CloudWatchLogsRoleArn"] == account.roles[f"{account.scope}-trail-logs"]["arn"]


@item
def the_log_group_is_kept_and_encrypted(account):
    """Retention of at least the scope's 400 days, the scope's key, and protection against deletion."""
    group = account.groups[f"trail@{account.home}"]
    assert group["retention_days"] == 400
    assert group["key"] == account.keys[f"{account.scope}@{account.home}"]["metadata"]["Arn"]
    assert group["protected"] is True
    expected_tags(account, group["tags"])


@item
def no_file_notices(account):
    """No SNS topic: alarms tell people, and a notice for each file would tell nobody."""
    assert not trail(account).get("SnsTopicARN")


@item
def an_organization_trail_if_asked_for(account):
    """IsOrganizationTrail as the blueprint says; only a management account or its delegate may set it."""
    assert trail(account)["IsOrganizationTrail"] is bool(account.facts.get("organization"))


@item
def every_management_event_is_recorded(account):
    """An explicit Management selector without readOnly and without excluded sources: InvokeModel is readOnly = true.

    Advanced selectors that hold only Data rules would switch management events off.
    """
    management = selectors(account, "Management")
    assert management == [("Management events selector", {"eventCategory": {"Equals": ["Management"]}})]


@item
def scanners_recognise_the_management_selector(account):
    """Its name is exactly `Management events selector`, which prowler looks for."""
    assert "Management events selector" in [name for name, _ in selectors(account)]


@item
def every_bedrock_data_event_is_recorded(account):
    """All documented AWS::Bedrock types, each whole: no eventName, readOnly or ARN narrows them."""
    assert {f"AWS::Bedrock::{name}" for name in BEDROCK} <= whole_types(account)


@item
def every_agentcore_data_event_is_recorded(account):
    """All documented AWS::BedrockAgentCore types, each whole."""
    assert {f"AWS::BedrockAgentCore::{name}" for name in AGENTCORE} <= whole_types(account)


@item
def every_mantle_inference_is_recorded(account):
    """AWS::BedrockMantle::Project: default trails see no inference through the OpenAI-compatible endpoint."""
    assert "AWS::BedrockMantle::Project" in whole_types(account)


@item
def asynchronous_invocations_are_recorded_twice_over(account):
    """StartAsyncInvoke shows under Model and AsyncInvoke: both types are selected."""
    assert {"AWS::Bedrock::Model", "AWS::Bedrock::AsyncInvoke"} <= whole_types(account)


@item
def deletes_in_our_buckets_are_recorded(account):
    """Data events whose name starts with Delete, on objects of each of our buckets, by a prefix that ends in a slash."""
    wanted = sorted(f"arn:aws:s3:::{name}/" for name in account.buckets)
    found = [fields for _, fields in selectors(account, "Data")
             if fields.get("eventName") == {"StartsWith": ["Delete"]}]
    assert len(found) == 1
    assert found[0]["resources.type"] == {"Equals": ["AWS::S3::Object"]}
    assert sorted(found[0]["resources.ARN"]["StartsWith"]) == wanted


@item
def deliveries_do_not_feed_themselves(account):
    """No selector records the writing of objects in our buckets, or each delivery would cause another record."""
    for name, fields in selectors(account, "Data"):
        if fields["resources.type"]["Equals"] != ["AWS::S3::Object"]:
            continue
        assert "resources.ARN" in fields, f"{name}: all objects of all buckets"
        for prefix in fields["resources.ARN"].get("StartsWith", []):
            ours = any(f"arn:aws:s3:::{bucket}/".startswith(prefix) or prefix.startswith(f"arn:aws:s3:::{bucket}/")
                       for bucket in account.buckets)
            assert not ours or fields.get("eventName") == {"StartsWith": ["Delete"]}, name


@item
def data_selectors_name_one_type_each(account):
    """resources.type takes Equals with one value; eventCategory likewise (advanced event selector grammar)."""
    for name, fields in selectors(account):
        assert list(fields["eventCategory"]) == ["Equals"] and len(fields["eventCategory"]["Equals"]) == 1
    for name, fields in selectors(account, "Data"):
        assert list(fields["resources.type"]) == ["Equals"] and len(fields["resources.type"]["Equals"]) == 1, name


@item
def no_selector_names_a_region(account):
    """An ARN prefix with a Region would drop every other Region of a multi-Region trail."""
    for name, fields in selectors(account, "Data"):
        for values in fields.get("resources.ARN", {}).values():
            assert all(value.split(":")[3] == "" for value in values), name


@item
def selectors_keep_the_limits(account):
    """At most 500 values in all, names of at most 1000 characters, values of at most 2048."""
    values = [value for _, fields in selectors(account) for ops in fields.values() for some in ops.values() for value in some]
    assert 0 < len(values) <= 500 and all(1 <= len(value) <= 2048 for value in values)
    assert all(0 < len(name) <= 1000 for name, _ in selectors(account))


@item
def refused_endpoint_calls_are_recorded_as_asked(account):
    """NetworkActivity selectors: eventSource with Equals, errorCode only VpceAccessDenied, where the blueprint has one."""
    for name, fields in selectors(account, "NetworkActivity"):
        assert fields["eventSource"] == {"Equals": ["bedrock.amazonaws.com"]}, name
        assert fields.get("errorCode") == {"Equals": ["VpceAccessDenied"]}, name


@item
def insights_as_asked(account):
    """Insights are charged: none by default, both kinds where the blueprint asks for them, on management events."""
    wanted = {"ApiCallRateInsight", "ApiErrorRateInsight"} if account.facts.get("organization") else set()
    assert {one["InsightType"] for one in account.trail["insights"]} == wanted
    assert all(one.get("EventCategories", ["Management"]) == ["Management"] for one in account.trail["insights"])


@item
def the_trail_is_tagged(account):
    """Ownership tags, and every Region ever written to."""
    expected_tags(account, account.trail["tags"])
    assert account.trail["tags"]["auditscope:regions"].split() == account.regions
    assert ACCOUNT in trail(account)["TrailARN"]
