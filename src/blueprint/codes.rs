//! Every check by its stable code; the docs pages come from this table.

use super::problem::Severity;

/// One check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// `AS001` and on; never reused.
    pub code: &'static str,
    /// What holds when the check passes.
    pub title: &'static str,
    /// Why it is checked.
    pub why: &'static str,
    /// What to do about it; links are relative to `docs/`.
    pub fix: &'static str,
    /// What it is told as unless it is waived. Some tell a milder or a graver case apart; the docs say which.
    pub severity: Severity,
    /// Whether `[waive]` can accept it.
    pub lint: bool,
}

type Text = &'static str;

const fn error(code: Text, title: Text, why: Text, fix: Text) -> Check {
    Check { code, title, why, fix, severity: Severity::Error, lint: false }
}

const fn warning(code: Text, title: Text, why: Text, fix: Text) -> Check {
    Check { severity: Severity::Warning, ..error(code, title, why, fix) }
}

const fn lint(code: Text, title: Text, why: Text, fix: Text) -> Check {
    Check { lint: true, ..warning(code, title, why, fix) }
}

/// A lint that rejects the blueprint until somebody takes it on.
const fn strict_lint(code: Text, title: Text, why: Text, fix: Text) -> Check {
    Check { lint: true, ..error(code, title, why, fix) }
}

/// All checks, by code.
pub const CHECKS: &[Check] = &[
    error(
        "AS001",
        "the file is TOML",
        "Every syntax error of every layer is reported at once; what could be read is checked all the same.",
        "Correct the syntax at the caret.",
    ),
    error(
        "AS002",
        "every file can be read",
        "A blueprint, or the base that `extends` names. The path of a base is relative to the file that names it.",
        "Correct the path, or give yourself the right to read the file.",
    ),
    error(
        "AS003",
        "layers end somewhere",
        "A file must not extend itself, not through others either.",
        "Take one `extends` out of the circle that the message lists.",
    ),
    error(
        "AS004",
        "the format is known",
        "`format` says which rules a blueprint was written for. A newer one needs a newer release, because an older one could leave out what it asks for.",
        "Install the release that the message names. `format = 1` is the newest that this one knows.",
    ),
    error(
        "AS005",
        "every key is known",
        "A misspelt key would silently leave a control at its default.",
        "Take the suggested spelling, or look the key up in [the reference](blueprint.md).",
    ),
    error(
        "AS006",
        "every value has its type",
        "Durations are strings with a unit, days are integers, an account id is a string.",
        "Write the type that the message asks for: `\"5m\"`, `400`, `\"111122223333\"`.",
    ),
    error(
        "AS007",
        "required keys are there",
        "Only what has no safe default is required.",
        "Add the key, in this file or in its base.",
    ),
    error(
        "AS008",
        "words are among those offered",
        "The message lists them.",
        "Write one of the words listed.",
    ),
    error(
        "AS009",
        "numbers are within bounds",
        "The bounds are those of the AWS API that receives the number, such as 90 to 2560 days for key rotation and 7 to 30 for a key's deletion window.",
        "Choose a number within the bounds that the message names.",
    ),
    error(
        "AS010",
        "every variable has a value",
        "From `--var`, `--var-file`, `AUDITSCOPE_VAR_<NAME>` or a default under `[vars]`. `${region}` works in `log_bucket.name` alone.",
        "Give the value in one of these four places, or correct the variable's name.",
    ),
    error(
        "AS011",
        "ids are unique",
        "An id names a filter, an alarm or an objective; two of one name would overwrite each other.",
        "Rename one of the two. To replace a built-in detection, disable it and give yours another id.",
    ),
    error(
        "AS012",
        "ids and names are well formed",
        "`[a-z][a-z0-9]*(-[a-z0-9]+)*`, because they become part of AWS names.",
        "Take the suggested spelling: lower case, digits, single dashes.",
    ),
    error(
        "AS013",
        "the scope's name is well formed",
        "3 to 22 characters of `[a-z][a-z0-9]*(-[a-z0-9]+)*`: bucket names hold 63, and the account, the Region and a role in the scope follow.",
        "Shorten or respell it before the first apply. Afterwards another name is another scope.",
    ),
    strict_lint(
        "AS014",
        "log groups keep what the objective asks",
        "The trail's log group is an audit sink, so it should keep events for `scope.retention_days`.",
        "Raise `trail.log_group.retention_days`, leave it out (it then follows), or waive it and say who keeps the events.",
    ),
    error(
        "AS015",
        "account ids have 12 digits",
        "The caller's account is compared with it before the first read.",
        "Write the 12 digits in quotes, leading zeros too.",
    ),
    error(
        "AS016",
        "Regions look like Regions",
        "Such as `eu-central-1`.",
        "Write the code of the Region, not its name.",
    ),
    lint(
        "AS017",
        "Regions are known",
        "An unknown Region is passed on, because AWS adds them faster than releases appear; check the spelling.",
        "Correct it, or waive it until a release knows the Region.",
    ),
    error(
        "AS018",
        "retention is a step of CloudWatch Logs",
        "PutRetentionPolicy takes certain numbers of days only; the message names the nearest longer one.",
        "Take the step that the message names.",
    ),
    error(
        "AS019",
        "bucket names are accepted",
        "S3's naming rules, and CloudTrail's on top. The names that follow from the scope are checked as well.",
        "Choose `log_bucket.name` within the rules, or a shorter `scope.name`.",
    ),
    error(
        "AS020",
        "records live as long as they must",
        "A bucket must not expire records before `scope.retention_days`, nor before its Object Lock lets go of them.",
        "Raise `expire_after_days`, or lower the lock or the retention that it must cover.",
    ),
    error(
        "AS021",
        "archiving leaves time to expire",
        "Lifecycle expiration must come after the transition; Glacier Instant Retrieval bills 90 days at least, so less than 90 days left is a warning.",
        "Leave 90 days between `archive_after_days` and `expire_after_days`, or do not archive.",
    ),
    error(
        "AS022",
        "ARNs name what they should",
        "Principals are roles, users or an account's root, without wildcards; topics are standard topics.",
        "Write the ARN of the role, not of its session; `arn:aws:iam::111122223333:role/NAME`.",
    ),
    error(
        "AS023",
        "e-mail addresses look like some",
        "A typo here means that nobody is told.",
        "Correct the address.",
    ),
    strict_lint(
        "AS024",
        "management events are recorded in full",
        "InvokeModel and Converse are management events, and are recorded as read-only: `write` and `none` lose who used which model.",
        "Write `management_events = \"all\"`, or waive it if another trail records them.",
    ),
    lint(
        "AS025",
        "somebody is told",
        "Without e-mail addresses and topics, alarms change colour on a dashboard and nothing else.",
        "Add `notifications.emails` or `notifications.topics`, or waive it if somebody watches the dashboard.",
    ),
    lint(
        "AS026",
        "data-event types and fields are known",
        "Short names come from the catalogue. A `resources.type` or a selector field that this release does not know is passed on, and AWS has the last word. An unknown short name is an error that cannot be waived.",
        "Correct the spelling, or waive it if AWS has the type and this release does not know it yet.",
    ),
    error(
        "AS027",
        "selectors follow CloudTrail's grammar",
        "Which fields a category has, which operators a field takes, which fields are required, and one resource type or event source a selector.",
        "Change the field or operator that the message names; two resource types are two selectors.",
    ),
    error(
        "AS028",
        "selectors stay within 500 values",
        "CloudTrail counts the values of all conditions of all selectors of a trail.",
        "Use prefixes in place of lists, or record fewer kinds of data events.",
    ),
    error(
        "AS029",
        "the record does not record itself",
        "A selector that covers writes to the log bucket would log each delivery, which makes the next delivery.",
        "Name other buckets, or narrow the selector by a prefix.",
    ),
    error(
        "AS030",
        "alarms can be evaluated",
        "Periods of 10, 20, 30 or a multiple of 60 seconds, at most a day of them (a week when a period is an hour or more), and no more breaching periods than periods looked at.",
        "Change `period` or `datapoints` as the message says.",
    ),
    error(
        "AS031",
        "patterns are filter patterns",
        "At most 1024 characters in the grammar of CloudWatch Logs.",
        "Correct the pattern at the place that the message shows.",
    ),
    error(
        "AS032",
        "own detections bring examples that can be read",
        "One event that must match and one that must not: a pattern nobody has seen match is a hope.",
        "Name one file at least under `matches` and under `ignores`. `auditscope init` writes some to copy.",
    ),
    error(
        "AS033",
        "examples do what is said of them",
        "Every event of `matches` matches and no event of `ignores` does.",
        "Correct the pattern, or the list that the event stands in.",
    ),
    error(
        "AS034",
        "packs and built-in ids exist",
        "The packs under `blueprints/packs` have them.",
        "Take the suggested spelling; the packs are listed in [the reference](blueprint.md#the-packs).",
    ),
    error(
        "AS035",
        "what is disabled has a reason",
        "The reason is printed wherever the detection would be.",
        "Add `reason = \"…\"`.",
    ),
    error(
        "AS036",
        "answers name an objective",
        "One of the built-in objectives or of `[[objective]]`.",
        "Correct the id, or add the `[[objective]]`.",
    ),
    error(
        "AS037",
        "evidence names a part of the record",
        "The message lists them.",
        "Write one of the parts listed.",
    ),
    error(
        "AS038",
        "waivers are complete",
        "Owner, reason and end are required, and only lints can be waived.",
        "Add what is missing, or correct what is wrong instead of waiving it.",
    ),
    warning(
        "AS039",
        "waivers do something",
        "One that has ended no longer counts; one that waives nothing should go.",
        "Delete the waiver, or give it a later end.",
    ),
    error(
        "AS040",
        "detections have a log group to read",
        "Metric filters read the trail's log group, so packs and own detections need it.",
        "Leave `trail.log_group` on, or drop the packs and detections that the message names.",
    ),
    lint(
        "AS041",
        "layers do not weaken their base",
        "A layer that asks for less than the file it extends takes a control away from whoever relies on the base.",
        "Ask for at least what the base asks for, change the base, or waive it.",
    ),
    error(
        "AS042",
        "tags are accepted",
        "50 a resource, five of which this tool needs; `aws:` and `auditscope:` are reserved.",
        "Drop tags, or rename those with a reserved prefix.",
    ),
    error(
        "AS043",
        "topics serve a Region with alarms",
        "An alarm notifies topics of its own Region, at most five with this tool's own.",
        "Name a topic in a Region that has alarms, and four at most in each.",
    ),
    lint(
        "AS044",
        "compliance locks are meant",
        "In compliance mode nobody, not the account's root either, can delete a version or shorten its retention; `apply` asks again.",
        "Write `mode = \"governance\"`, or waive it once you are sure.",
    ),
    error(
        "AS045",
        "object entries name buckets",
        "`bucket` or `bucket/prefix`, not an ARN or a URL.",
        "Write the bucket's name alone, and a prefix after a slash.",
    ),
    error(
        "AS046",
        "the catalogue's version is known",
        "It pins what `all` means.",
        "Leave `catalogue` out, or write a version that the message lists.",
    ),
    error(
        "AS047",
        "durations name their unit",
        "`30s`, `5m`, `1h`.",
        "Add the unit: `\"300s\"` or `\"5m\"` instead of `300`.",
    ),
    error(
        "AS048",
        "invocation logging has a destination",
        "Bedrock needs a log group, a bucket or both, and at least one kind of body to log.",
        "Leave `log_group` or `bucket` on and one kind of body, or write `invocation_logging = false`.",
    ),
    lint(
        "AS049",
        "the trail is whole",
        "A single-Region trail misses global services and every other Region; without validation nobody can prove that files are complete.",
        "Leave `multi_region` and `log_file_validation` at `true`, or waive it.",
    ),
    error(
        "AS050",
        "insights have events to look at",
        "CloudTrail Insights needs write management events.",
        "Write `management_events = \"all\"` or `\"write\"`, or leave `insights` out.",
    ),
    lint(
        "AS051",
        "evidence is switched on",
        "An objective names a part of the record that this blueprint leaves out, so it cannot be answered from it.",
        "Switch the part on, or take it out of the objective's `evidence`.",
    ),
];

/// Returns a check by its code.
pub fn check(code: &str) -> Option<&'static Check> {
    CHECKS.iter().find(|check| check.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_unique() {
        assert!(CHECKS.is_sorted_by(|a, b| a.code < b.code));
        assert!(
            CHECKS
                .iter()
                .all(|check| check.code.len() == 5 && check.why.ends_with('.') && check.fix.ends_with('.'))
        );
        assert_eq!(check("AS014").map(|check| check.lint), Some(true));
    }
}
