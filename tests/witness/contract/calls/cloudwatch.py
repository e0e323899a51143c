"""CloudWatch: alarms of one metric and of others, dashboards, tags."""

import json

from . import ACCOUNT, tags

TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:witness"
ALARM = {"AlarmName": "deleted", "AlarmDescription": "Audit & <logs>", "MetricName": "Deleted", "Namespace": "Audit",
         "Statistic": "Sum", "Period": 300, "EvaluationPeriods": 1, "DatapointsToAlarm": 1, "Threshold": 1,
         "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
         "AlarmActions": [TOPIC], "Dimensions": [{"Name": "d", "Value": "x"}]}
ARN = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:"


def run(d):
    metric_alarms(d)
    composites(d)
    states(d)
    tagging(d)
    dashboards(d)
    deletion(d)


def metric_alarms(d):
    def put(code, case, without=(), **more):
        given = {**ALARM, **more}
        d.refused(code, "cloudwatch", "PutMetricAlarm", case, **{k: v for k, v in given.items() if k not in without})

    put("ValidationError", "a period of 45 seconds", Period=45)
    put("ValidationError", "no such operator", ComparisonOperator="About")
    put("ValidationError", "no such treatment", TreatMissingData="shrug")
    put("ValidationError", "looks back too far", EvaluationPeriods=1000)
    put("ValidationError", "an action that is no ARN", AlarmActions=["mail"])
    put("ValidationError", "no threshold", without=["Threshold"])
    put("InvalidParameterValue", "no such statistic", Statistic="Median")
    put("InvalidParameterValue", "one dimension twice", Dimensions=[{"Name": "d", "Value": "x"}] * 2)
    put("InvalidParameterCombination", "two statistics", ExtendedStatistic="p99")
    put("InvalidParameterCombination", "a metric and a query", Metrics=[
        {"Id": "a", "Expression": "1", "ReturnData": True}])
    d.ok("cloudwatch", "PutMetricAlarm", **ALARM, Tags=tags(2))
    d.ok("cloudwatch", "PutMetricAlarm", "percentile", **{
        **{k: v for k, v in ALARM.items() if k != "Statistic"}, "AlarmName": "slow", "ExtendedStatistic": "p99.9",
        "EvaluateLowSampleCountPercentile": "ignore", "Threshold": 0.5, "Unit": "Seconds"})
    d.ok("cloudwatch", "PutMetricAlarm", "of queries", AlarmName="ratio", EvaluationPeriods=2, Threshold=10,
         ComparisonOperator="GreaterThanThreshold", Metrics=[
             {"Id": "a", "MetricStat": {"Metric": {"Namespace": "Audit", "MetricName": "A", "Dimensions": []},
                                        "Period": 60, "Stat": "Sum"}, "ReturnData": False},
             {"Id": "r", "Expression": "a * 2", "Label": "twice", "ReturnData": True}])
    describe = lambda case, **how: d.ok("cloudwatch", "DescribeAlarms", case, **how)
    describe("")
    describe("by name", AlarmNames=["deleted", "unknown"])
    describe("by prefix", AlarmNamePrefix="s")
    describe("by state", StateValue="INSUFFICIENT_DATA")
    describe("by action", ActionPrefix=TOPIC)
    d.refused("InvalidParameterCombination", "cloudwatch", "DescribeAlarms", "names and prefix", AlarmNames=["a"],
              AlarmNamePrefix="b")
    d.refused("ValidationError", "cloudwatch", "DescribeAlarms", "a page of 101", MaxRecords=101)
    d.refused("InvalidNextToken", "cloudwatch", "DescribeAlarms", NextToken="nonsense")
    d.pages("cloudwatch", "DescribeAlarms", "MetricAlarms", 1, 3)


def composites(d):
    put = lambda code, case, rule, **more: d.refused(
        code, "cloudwatch", "PutCompositeAlarm", case, AlarmName="any", AlarmRule=rule, **more)
    put("ValidationError", "no rule", "perhaps")
    put("ValidationError", "no such child", "ALARM(unknown)")
    put("LimitExceeded", "a hundred and one children", " OR ".join(f"ALARM(a{n})" for n in range(101)))
    put("ValidationError", "a suppressor without periods", "ALARM(deleted)", ActionsSuppressor="slow")
    d.ok("cloudwatch", "PutCompositeAlarm", AlarmName="any", AlarmRule="ALARM(deleted) OR ALARM(slow)",
         AlarmActions=[TOPIC], ActionsSuppressor="ratio", ActionsSuppressorWaitPeriod=60,
         ActionsSuppressorExtensionPeriod=120, Tags=tags(1))
    d.refused("ValidationError", "cloudwatch", "PutMetricAlarm", "a composite's name", **{**ALARM, "AlarmName": "any"})
    d.ok("cloudwatch", "DescribeAlarms", "composites", AlarmTypes=["CompositeAlarm"])
    d.ok("cloudwatch", "DescribeAlarms", "children", ChildrenOfAlarmName="any")


def states(d):
    put = lambda code, case, **more: d.refused(code, "cloudwatch", "SetAlarmState", case, **{
        "AlarmName": "deleted", "StateValue": "ALARM", "StateReason": "x", **more})
    put("ValidationError", "no such state", StateValue="RED")
    put("ResourceNotFound", "", AlarmName="unknown")
    put("InvalidFormat", "", StateReasonData="nonsense")
    d.ok("cloudwatch", "SetAlarmState", AlarmName="deleted", StateValue="ALARM", StateReason="x", StateReasonData="{}")
    d.ok("cloudwatch", "DisableAlarmActions", AlarmNames=["slow", "unknown"])
    d.ok("cloudwatch", "DescribeAlarms", "changed", AlarmNames=["deleted", "slow"])
    d.ok("cloudwatch", "EnableAlarmActions", AlarmNames=["slow"])
    d.refused("ValidationError", "cloudwatch", "EnableAlarmActions", "no names", AlarmNames=[])


def tagging(d):
    d.refused("ResourceNotFoundException", "cloudwatch", "ListTagsForResource", ResourceARN=f"{ARN}unknown")
    d.refused("ResourceNotFoundException", "cloudwatch", "TagResource", ResourceARN=f"{ARN}unknown", Tags=tags(1))
    d.refused("ResourceNotFoundException", "cloudwatch", "UntagResource", ResourceARN=f"{ARN}unknown", TagKeys=["k"])
    d.refused("InvalidParameterValue", "cloudwatch", "TagResource", "too many", ResourceARN=f"{ARN}deleted", Tags=tags(51))
    d.refused("InvalidParameterValue", "cloudwatch", "TagResource", "no ARN", ResourceARN="deleted", Tags=tags(1))
    d.ok("cloudwatch", "TagResource", ResourceARN=f"{ARN}deleted", Tags=tags(4))
    d.ok("cloudwatch", "UntagResource", ResourceARN=f"{ARN}deleted", TagKeys=["key-3", "unknown"])
    d.ok("cloudwatch", "ListTagsForResource", ResourceARN=f"{ARN}deleted")


def dashboards(d):
    body = json.dumps({"widgets": [{"type": "text", "x": 0, "y": 0, "width": 6, "height": 3,
                                    "properties": {"markdown": "# Audit & <logs>"}}]})
    put = lambda case, name, text: d.refused(
        "InvalidParameterInput", "cloudwatch", "PutDashboard", case, DashboardName=name, DashboardBody=text)
    put("a blank in the name", "a b", body)
    put("no JSON", "audit", "nonsense")
    put("no widgets", "audit", "{}")
    for name in ("audit", "audit-2", "other"):
        d.ok("cloudwatch", "PutDashboard", DashboardName=name, DashboardBody=body)
    d.ok("cloudwatch", "GetDashboard", DashboardName="audit")
    d.refused("ResourceNotFound", "cloudwatch", "GetDashboard", DashboardName="unknown")
    d.ok("cloudwatch", "ListDashboards")
    d.ok("cloudwatch", "ListDashboards", "by prefix", DashboardNamePrefix="audit")
    d.refused("ResourceNotFound", "cloudwatch", "DeleteDashboards", DashboardNames=["unknown"])
    d.refused("InvalidParameterValue", "cloudwatch", "DeleteDashboards", "no names", DashboardNames=[])
    d.ok("cloudwatch", "DeleteDashboards", DashboardNames=["audit", "audit-2"])


def deletion(d):
    d.refused("ValidationError", "cloudwatch", "DeleteAlarms", "a composite's child", AlarmNames=["deleted"])
    d.refused("ResourceNotFound", "cloudwatch", "DeleteAlarms", AlarmNames=["unknown"])
    d.ok("cloudwatch", "DeleteAlarms", "a composite", AlarmNames=["any"])
    d.ok("cloudwatch", "DeleteAlarms", AlarmNames=["deleted", "slow"])
    d.ok("cloudwatch", "DescribeAlarms", "what is left")
