//! Every key of the format, once: the reader, its suggestions, the JSON Schema and the docs come from this table.

/// What a key takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Text,
    /// An integer within bounds, both included.
    Integer {
        min: i64,
        max: i64,
    },
    /// An integer or a float.
    Number,
    Boolean,
    /// `"30s"`, `"5m"`, `"1h"`.
    Duration,
    Date,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A list of strings.
    Texts,
    /// A list of these words.
    Choices(&'static [&'static str]),
    /// `"all"`, `"none"`, or a list of strings.
    AllOrTexts,
    /// A table of strings with names that the user chooses.
    TextMap,
    Table,
    /// A table, or `false` to leave the part out.
    TableOrFalse,
    /// A list of tables.
    Tables,
}

/// One key of the format.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Path from the top; `[]` follows a list of tables, `*` stands for a name that the user chooses.
    pub path: &'static str,
    pub kind: Kind,
    pub default: Default,
    pub doc: &'static str,
}

/// What holds when a key is absent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Default {
    /// It must be given.
    Required,
    /// Nothing holds: no such thing is made.
    Nothing,
    /// The value, as the docs print it.
    Is(&'static str),
}

impl Key {
    /// Returns the last part of the path.
    pub fn name(&self) -> &'static str {
        self.path.rsplit('.').next().unwrap_or(self.path).trim_end_matches("[]")
    }

    /// Returns the path of the table that holds it; empty at the top.
    pub fn parent(&self) -> &'static str {
        self.path.rsplit_once('.').map_or("", |(parent, _)| parent)
    }

    /// Returns the path that its own keys start with.
    pub fn inside(&self) -> String {
        if self.kind == Kind::Tables { format!("{}[]", self.path) } else { self.path.to_owned() }
    }
}

use self::Default::{Is, Nothing, Required};
use Kind::{
    AllOrTexts, Boolean, Choice, Choices, Date, Duration, Integer, Number, Table, TableOrFalse, Tables, Text,
    TextMap, Texts,
};

/// Days that S3 takes in lifecycle rules and Object Lock: up to a hundred years.
const DAYS: Kind = Integer { min: 1, max: 36_500 };
/// Retention of a log group; the steps are a check of their own, which names the next one.
const LOG_DAYS: Kind = Integer { min: 1, max: 36_500 };
const SEVERITY: Kind = Choice(&["low", "medium", "high"]);
const COMPARE: Kind = Choice(&[">=", ">", "<=", "<"]);
const MISSING: Kind = Choice(&["not-breaching", "breaching", "ignore", "missing"]);
const LOCK_MODE: Kind = Choice(&["governance", "compliance"]);

const fn key(path: &'static str, kind: Kind, default: Default, doc: &'static str) -> Key {
    Key { path, kind, default, doc }
}

/// Every key of the format, tables before what they hold.
pub const KEYS: &[Key] = &[
    key(
        "format",
        Integer { min: 1, max: 1_000_000 },
        Required,
        "Blueprint format; a newer one is refused with the version needed.",
    ),
    key("extends", Text, Nothing, "Base layer under this file; the path is relative to this file."),
    key("vars", TextMap, Nothing, "Defaults of `${var.NAME}`."),
    key("scope", Table, Required, "What is made auditable, and what it is called."),
    key(
        "scope.name",
        Text,
        Required,
        "Prefix of every name and value of the ownership tag: `[a-z][a-z0-9]*(-[a-z0-9]+)*`, 3 to 22 characters.",
    ),
    key(
        "scope.account",
        Text,
        Required,
        "Account id, 12 digits, as a string. Any other caller account is refused before the first read.",
    ),
    key("scope.home_region", Text, Required, "Region of the trail, its bucket and its log group."),
    key(
        "scope.bedrock_regions",
        Texts,
        Is("[scope.home_region]"),
        "Regions where models run: invocation logging and runtime alarms.",
    ),
    key(
        "scope.retention_days",
        DAYS,
        Is("400"),
        "The objective for the audit sinks: log bucket and trail log group, not prompt bodies.",
    ),
    key(
        "scope.contact",
        Text,
        Nothing,
        "Written into tags, so that the next person knows why a thing exists.",
    ),
    key("scope.tags", TextMap, Is("{}"), "Tags on everything that can carry them."),
    key("encryption", Table, Nothing, "One customer managed key per Region used."),
    key(
        "encryption.rotation_days",
        Integer { min: 90, max: 2560 },
        Is("365"),
        "Days between rotations of the key material.",
    ),
    key(
        "encryption.deletion_window_days",
        Integer { min: 7, max: 30 },
        Is("30"),
        "Days between a key's scheduled deletion and its end.",
    ),
    key(
        "encryption.administrators",
        Texts,
        Is("[]"),
        "Principal ARNs that manage the keys; the account-root statement always stays.",
    ),
    key(
        "encryption.readers",
        Texts,
        Is("[]"),
        "Principal ARNs that may decrypt the records and read the bucket.",
    ),
    key("log_bucket", Table, Nothing, "The bucket that receives the trail's records."),
    key(
        "log_bucket.name",
        Text,
        Is("{scope}-logs-{account}-{region}"),
        "Bucket name; `${region}` stands for the Region.",
    ),
    key(
        "log_bucket.archive_after_days",
        DAYS,
        Nothing,
        "Days until objects move to S3 Glacier Instant Retrieval; absent: never.",
    ),
    key(
        "log_bucket.expire_after_days",
        DAYS,
        Is("the larger of 2555 and scope.retention_days"),
        "Days until objects are deleted.",
    ),
    key(
        "log_bucket.access_logs",
        TableOrFalse,
        Is("{ expire_after_days = 400 }"),
        "The SSE-S3 bucket for server access logs; `false`: none.",
    ),
    key(
        "log_bucket.access_logs.expire_after_days",
        DAYS,
        Is("400"),
        "Days until server access logs are deleted.",
    ),
    key(
        "log_bucket.object_lock",
        Table,
        Is("governance, scope.retention_days"),
        "Default retention of every object version.",
    ),
    key(
        "log_bucket.object_lock.mode",
        LOCK_MODE,
        Is("governance"),
        "`compliance` cannot be undone by anybody and needs its own confirmation on apply.",
    ),
    key("log_bucket.object_lock.days", DAYS, Is("scope.retention_days"), "Days a version cannot be deleted."),
    key("trail", Table, Nothing, "The trail."),
    key(
        "trail.multi_region",
        Boolean,
        Is("true"),
        "Record every enabled Region, and global services with them.",
    ),
    key(
        "trail.organization",
        Boolean,
        Is("false"),
        "Record every account of the organisation; only from its management or delegated account.",
    ),
    key(
        "trail.log_file_validation",
        Boolean,
        Is("true"),
        "Write signed digests, which prove that log files are complete and unaltered.",
    ),
    key(
        "trail.management_events",
        Choice(&["all", "write", "none"]),
        Is("all"),
        "`write` and `none` lose InvokeModel and Converse.",
    ),
    key(
        "trail.insights",
        Choices(&["api-call-rate", "api-error-rate"]),
        Is("[]"),
        "CloudTrail Insights on management events; charged.",
    ),
    key(
        "trail.log_group",
        TableOrFalse,
        Is("on"),
        "Delivery to CloudWatch Logs; `false`: none, and no detections.",
    ),
    key(
        "trail.log_group.retention_days",
        LOG_DAYS,
        Is("the smallest step of CloudWatch Logs that is >= scope.retention_days; above 3653 never expires"),
        "Days the group keeps an event.",
    ),
    key("trail.data_events", Table, Nothing, "Data events that the trail records."),
    key("trail.data_events.catalogue", Text, Is("newest"), "Pins what `all` means, such as `2026-11`."),
    key("trail.data_events.bedrock", AllOrTexts, Is("all"), "Bedrock types by short name, `all` or `none`."),
    key(
        "trail.data_events.agentcore",
        AllOrTexts,
        Is("all"),
        "Bedrock AgentCore types by short name, `all` or `none`.",
    ),
    key(
        "trail.data_events.mantle",
        AllOrTexts,
        Is("all"),
        "Types of the bedrock-mantle endpoint by short name, `all` or `none`.",
    ),
    key("trail.data_events.objects", Tables, Nothing, "S3 objects: training data, retrieval sources."),
    key("trail.data_events.objects[].name", Text, Required, "What the selector is called."),
    key("trail.data_events.objects[].buckets", Texts, Required, "`bucket` or `bucket/prefix`."),
    key(
        "trail.data_events.objects[].events",
        Choice(&["all", "read", "write"]),
        Is("all"),
        "Which calls on them are recorded.",
    ),
    key("trail.data_events.selector", Tables, Nothing, "Any other advanced event selector, field for field."),
    key("trail.data_events.selector[].name", Text, Required, "What the selector is called."),
    key("trail.data_events.selector[].fields", Tables, Required, "Field conditions, all of which must hold."),
    key(
        "trail.data_events.selector[].fields[].field",
        Text,
        Required,
        "Field name, such as `resources.type`.",
    ),
    key(
        "trail.data_events.selector[].fields[].equals",
        Texts,
        Nothing,
        "Values, one of which must be equal.",
    ),
    key(
        "trail.data_events.selector[].fields[].starts_with",
        Texts,
        Nothing,
        "Prefixes, one of which must match.",
    ),
    key(
        "trail.data_events.selector[].fields[].ends_with",
        Texts,
        Nothing,
        "Suffixes, one of which must match.",
    ),
    key(
        "trail.data_events.selector[].fields[].not_equals",
        Texts,
        Nothing,
        "Values, none of which may be equal.",
    ),
    key(
        "trail.data_events.selector[].fields[].not_starts_with",
        Texts,
        Nothing,
        "Prefixes, none of which may match.",
    ),
    key(
        "trail.data_events.selector[].fields[].not_ends_with",
        Texts,
        Nothing,
        "Suffixes, none of which may match.",
    ),
    key(
        "invocation_logging",
        TableOrFalse,
        Is("on: text only"),
        "Bedrock model-invocation logging, one configuration per Region; `false`: not managed.",
    ),
    key("invocation_logging.text", Boolean, Is("true"), "Log text bodies."),
    key("invocation_logging.image", Boolean, Is("false"), "Log image bodies."),
    key("invocation_logging.embedding", Boolean, Is("false"), "Log embedding bodies."),
    key("invocation_logging.video", Boolean, Is("false"), "Log video bodies."),
    key("invocation_logging.audio", Boolean, Is("false"), "Log audio bodies."),
    key(
        "invocation_logging.readers",
        Texts,
        Is("[]"),
        "Principal ARNs that may decrypt and read prompt bodies.",
    ),
    key(
        "invocation_logging.log_group",
        TableOrFalse,
        Is("{ retention_days = 90 }"),
        "Delivery to CloudWatch Logs; `false`: none.",
    ),
    key("invocation_logging.log_group.retention_days", LOG_DAYS, Is("90"), "Days the group keeps an event."),
    key(
        "invocation_logging.bucket",
        TableOrFalse,
        Is("{ expire_after_days = 90 }"),
        "The bucket `{scope}-prompts-{account}-{region}`; `false`: none.",
    ),
    key("invocation_logging.bucket.expire_after_days", DAYS, Is("90"), "Days until bodies are deleted."),
    key(
        "invocation_logging.bucket.object_lock",
        Table,
        Nothing,
        "Default retention of every object version; absent: no Object Lock.",
    ),
    key(
        "invocation_logging.bucket.object_lock.mode",
        LOCK_MODE,
        Is("governance"),
        "`compliance` cannot be undone by anybody.",
    ),
    key("invocation_logging.bucket.object_lock.days", DAYS, Required, "Days a version cannot be deleted."),
    key("notifications", Table, Nothing, "Who is told when an alarm fires."),
    key("notifications.emails", Texts, Is("[]"), "E-mail addresses; each confirms once per Region."),
    key(
        "notifications.topics",
        Texts,
        Is("[]"),
        "Existing topic ARNs to notify as well; each serves its own Region.",
    ),
    key(
        "notifications.composite_alarms",
        Boolean,
        Is("true"),
        "One composite alarm per severity, without actions.",
    ),
    key("notifications.dashboard", Boolean, Is("true"), "A CloudWatch dashboard of the scope."),
    key("detections", Table, Nothing, "The built-in catalogue, by pack and id."),
    key("detections.packs", Texts, Is("the four packs"), "Packs in use."),
    key("detections.disable", Tables, Is("[]"), "Built-in detections that are switched off."),
    key("detections.disable[].id", Text, Required, "Id of a built-in detection."),
    key("detections.disable[].reason", Text, Required, "Why it is off."),
    key(
        "detections.parameters",
        Table,
        Nothing,
        "What some built-in detections need; without it they are listed as not configured.",
    ),
    key("detections.parameters.approved_roles", Texts, Is("[]"), "Role ARNs that may invoke models."),
    key("detections.parameters.approved_models", Texts, Is("[]"), "Models that may be invoked."),
    key("detections.parameters.approved_regions", Texts, Is("[]"), "Regions in which Bedrock may be used."),
    key(
        "detections.parameters.model_ids",
        Texts,
        Is("[]"),
        "Models with runtime alarms of their own; else over all.",
    ),
    key("detections.parameters.guardrails", Texts, Is("[]"), "Guardrails with runtime alarms."),
    key("detection", Tables, Nothing, "A metric filter on the trail's log group and its alarm, of your own."),
    key("detection[].id", Text, Required, "Name of filter and alarm, after the scope's."),
    key("detection[].answers", Text, Nothing, "Id of the objective it answers."),
    key("detection[].description", Text, Required, "What has happened when it fires."),
    key("detection[].severity", SEVERITY, Is("medium"), "`low`, `medium` or `high`."),
    key("detection[].pattern", Text, Required, "CloudWatch Logs filter pattern, at most 1024 characters."),
    key("detection[].statistic", Text, Is("Sum"), "Statistic over a period."),
    key("detection[].threshold", Number, Required, "Value to compare with."),
    key("detection[].compare", COMPARE, Is(">="), "Comparison of value and threshold."),
    key("detection[].period", Duration, Required, "`10s`, `20s`, `30s`, or whole minutes."),
    key("detection[].datapoints", Table, Is("1 of 1"), "How many of the last periods must breach."),
    key(
        "detection[].datapoints.alarm",
        Integer { min: 1, max: 60_480 },
        Required,
        "Breaching periods that raise the alarm.",
    ),
    key("detection[].datapoints.of", Integer { min: 1, max: 60_480 }, Required, "Periods looked at."),
    key("detection[].missing", MISSING, Is("not-breaching"), "What a period without data counts as."),
    key(
        "detection[].matches",
        Texts,
        Required,
        "Files of events that must match, relative to the blueprint.",
    ),
    key(
        "detection[].ignores",
        Texts,
        Required,
        "Files of events that must not match, relative to the blueprint.",
    ),
    key("alarm", Tables, Nothing, "An alarm on a metric that AWS publishes."),
    key("alarm[].id", Text, Required, "Name of the alarm, after the scope's."),
    key("alarm[].answers", Text, Nothing, "Id of the objective it answers."),
    key("alarm[].description", Text, Nothing, "What it means when it fires."),
    key("alarm[].severity", SEVERITY, Is("medium"), "`low`, `medium` or `high`."),
    key("alarm[].metric", Table, Required, "The metric."),
    key(
        "alarm[].metric.namespace",
        Text,
        Required,
        "Such as `AWS/Bedrock`, which alarms in each Bedrock Region; others alarm at home.",
    ),
    key("alarm[].metric.name", Text, Required, "Metric name."),
    key(
        "alarm[].metric.dimensions",
        TextMap,
        Is("{}"),
        "Exactly the dimensions the metric is published with.",
    ),
    key("alarm[].statistic", Text, Is("Sum"), "Statistic over a period, such as `Sum` or `p99`."),
    key("alarm[].threshold", Number, Required, "Value to compare with."),
    key("alarm[].compare", COMPARE, Is(">="), "Comparison of value and threshold."),
    key("alarm[].period", Duration, Required, "`10s`, `20s`, `30s`, or whole minutes."),
    key("alarm[].datapoints", Table, Is("1 of 1"), "How many of the last periods must breach."),
    key(
        "alarm[].datapoints.alarm",
        Integer { min: 1, max: 60_480 },
        Required,
        "Breaching periods that raise the alarm.",
    ),
    key("alarm[].datapoints.of", Integer { min: 1, max: 60_480 }, Required, "Periods looked at."),
    key("alarm[].missing", MISSING, Is("not-breaching"), "What a period without data counts as."),
    key("objective", Tables, Nothing, "What must be answerable, and what evidences it."),
    key(
        "objective[].id",
        Text,
        Required,
        "What `answers` refers to; the id of a built-in objective replaces it.",
    ),
    key("objective[].question", Text, Required, "The question, as an auditor asks it."),
    key(
        "objective[].evidence",
        Texts,
        Required,
        "Parts of the record that answer it, such as `trail` or `data_events.bedrock`.",
    ),
    key(
        "objective[].controls",
        Texts,
        Is("[]"),
        "Labels of controls, printed in reports; never a claim of compliance.",
    ),
    key("waive", Table, Nothing, "Lints that you accept, by code."),
    key("waive.*", Table, Nothing, "One accepted lint."),
    key("waive.*.owner", Text, Required, "Who accepts it."),
    key("waive.*.reason", Text, Required, "Why."),
    key("waive.*.until", Date, Required, "Last day on which it is accepted; then it counts again."),
];

/// Returns the keys that a table holds; `parent` as in [`Key::inside`], empty for the top.
pub(crate) fn children(parent: &str) -> impl Iterator<Item = &'static Key> {
    KEYS.iter().filter(move |key| key.parent() == parent)
}
