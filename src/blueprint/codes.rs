//! Every check by its stable code; the docs pages come from this table.

/// One check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// `AS001` and on; never reused.
    pub code: &'static str,
    /// What holds when the check passes.
    pub title: &'static str,
    /// Why it is checked, and what to do.
    pub explanation: &'static str,
    /// Whether `[waive]` can accept it.
    pub lint: bool,
}

const fn error(code: &'static str, title: &'static str, explanation: &'static str) -> Check {
    Check { code, title, explanation, lint: false }
}

const fn lint(code: &'static str, title: &'static str, explanation: &'static str) -> Check {
    Check { code, title, explanation, lint: true }
}

/// All checks, by code.
pub const CHECKS: &[Check] = &[
    error(
        "AS001",
        "the file is TOML",
        "Every syntax error of every layer is reported at once; what could be read is checked all the same.",
    ),
    error(
        "AS002",
        "every file can be read",
        "A blueprint, or the base that `extends` names. The path of a base is relative to the file that names it.",
    ),
    error("AS003", "layers end somewhere", "A file must not extend itself, not through others either."),
    error(
        "AS004",
        "the format is known",
        "`format` says which rules a blueprint was written for. A newer one needs a newer release, because an older one could leave out what it asks for.",
    ),
    error("AS005", "every key is known", "A misspelt key would silently leave a control at its default."),
    error(
        "AS006",
        "every value has its type",
        "Durations are strings with a unit, days are integers, an account id is a string.",
    ),
    error("AS007", "required keys are there", "Only what has no safe default is required."),
    error("AS008", "words are among those offered", "The message lists them."),
    error(
        "AS009",
        "numbers are within bounds",
        "The bounds are those of the AWS API that receives the number, such as 90 to 2560 days for key rotation and 7 to 30 for a key's deletion window.",
    ),
    error(
        "AS010",
        "every variable has a value",
        "From `--var`, `--var-file`, `AUDITSCOPE_VAR_<NAME>` or a default under `[vars]`. `${region}` works in `log_bucket.name` alone.",
    ),
    error(
        "AS011",
        "ids are unique",
        "An id names a filter, an alarm or an objective; two of one name would overwrite each other.",
    ),
    error(
        "AS012",
        "ids and names are well formed",
        "`[a-z][a-z0-9]*(-[a-z0-9]+)*`, because they become part of AWS names.",
    ),
    error(
        "AS013",
        "the scope's name is well formed",
        "3 to 22 characters of `[a-z][a-z0-9]*(-[a-z0-9]+)*`: bucket names hold 63, and the account, the Region and a role in the scope follow.",
    ),
    lint(
        "AS014",
        "log groups keep what the objective asks",
        "The trail's log group is an audit sink, so it should keep events for `scope.retention_days`.",
    ),
    error(
        "AS015",
        "account ids have 12 digits",
        "The caller's account is compared with it before the first read.",
    ),
    error("AS016", "Regions look like Regions", "Such as `eu-central-1`."),
    lint(
        "AS017",
        "Regions are known",
        "An unknown Region is passed on, because AWS adds them faster than releases appear; check the spelling.",
    ),
    error(
        "AS018",
        "retention is a step of CloudWatch Logs",
        "PutRetentionPolicy takes certain numbers of days only; the message names the nearest longer one.",
    ),
    error(
        "AS019",
        "bucket names are accepted",
        "S3's naming rules, and CloudTrail's on top. The names that follow from the scope are checked as well.",
    ),
    error(
        "AS020",
        "records live as long as they must",
        "A bucket must not expire records before `scope.retention_days`, nor before its Object Lock lets go of them.",
    ),
    error(
        "AS021",
        "archiving leaves time to expire",
        "Lifecycle expiration must come after the transition; Glacier Instant Retrieval bills 90 days at least.",
    ),
    error(
        "AS022",
        "ARNs name what they should",
        "Principals are roles, users or an account's root, without wildcards; topics are standard topics.",
    ),
    error("AS023", "e-mail addresses look like some", "A typo here means that nobody is told."),
    lint(
        "AS024",
        "management events are recorded in full",
        "InvokeModel and Converse are management events, and are recorded as read-only: `write` and `none` lose who used which model.",
    ),
    lint(
        "AS025",
        "somebody is told",
        "Without e-mail addresses and topics, alarms change colour on a dashboard and nothing else.",
    ),
    lint(
        "AS026",
        "data-event types and fields are known",
        "Short names come from the catalogue. A `resources.type` or a selector field that this release does not know is passed on, and AWS has the last word.",
    ),
    error(
        "AS027",
        "selectors follow CloudTrail's grammar",
        "Which fields a category has, which operators a field takes, which fields are required, and one resource type or event source a selector.",
    ),
    error(
        "AS028",
        "selectors stay within 500 values",
        "CloudTrail counts the values of all conditions of all selectors of a trail.",
    ),
    error(
        "AS029",
        "the record does not record itself",
        "A selector that covers writes to the log bucket would log each delivery, which makes the next delivery.",
    ),
    error(
        "AS030",
        "alarms can be evaluated",
        "Periods of 10, 20, 30 or a multiple of 60 seconds, at most a day of them (a week when a period is an hour or more), and no more breaching periods than periods looked at.",
    ),
    error(
        "AS031",
        "patterns are filter patterns",
        "At most 1024 characters in the grammar of CloudWatch Logs.",
    ),
    error(
        "AS032",
        "own detections bring examples that can be read",
        "One event that must match and one that must not: a pattern nobody has seen match is a hope.",
    ),
    error(
        "AS033",
        "examples do what is said of them",
        "Every event of `matches` matches and no event of `ignores` does.",
    ),
    error("AS034", "packs and built-in ids exist", "The packs under `blueprints/packs` have them."),
    error("AS035", "what is disabled has a reason", "The reason is printed wherever the detection would be."),
    error("AS036", "answers name an objective", "One of the built-in objectives or of `[[objective]]`."),
    error("AS037", "evidence names a part of the record", "The message lists them."),
    error(
        "AS038",
        "waivers are complete",
        "Owner, reason and end are required, and only lints can be waived.",
    ),
    error(
        "AS039",
        "waivers do something",
        "One that has ended no longer counts; one that waives nothing should go.",
    ),
    error(
        "AS040",
        "detections have a log group to read",
        "Metric filters read the trail's log group, so packs and own detections need it.",
    ),
    lint(
        "AS041",
        "layers do not weaken their base",
        "A layer that asks for less than the file it extends takes a control away from whoever relies on the base.",
    ),
    error(
        "AS042",
        "tags are accepted",
        "50 a resource, five of which this tool needs; `aws:` and `auditscope:` are reserved.",
    ),
    error(
        "AS043",
        "topics serve a Region with alarms",
        "An alarm notifies topics of its own Region, at most five with this tool's own.",
    ),
    lint(
        "AS044",
        "compliance locks are meant",
        "In compliance mode nobody, not the account's root either, can delete a version or shorten its retention; `apply` asks again.",
    ),
    error("AS045", "object entries name buckets", "`bucket` or `bucket/prefix`, not an ARN or a URL."),
    error("AS046", "the catalogue's version is known", "It pins what `all` means."),
    error("AS047", "durations name their unit", "`30s`, `5m`, `1h`."),
    error(
        "AS048",
        "invocation logging has a destination",
        "Bedrock needs a log group, a bucket or both, and at least one kind of body to log.",
    ),
    lint(
        "AS049",
        "the trail is whole",
        "A single-Region trail misses global services and every other Region; without validation nobody can prove that files are complete.",
    ),
    error("AS050", "insights have events to look at", "CloudTrail Insights needs write management events."),
    lint(
        "AS051",
        "evidence is switched on",
        "An objective names a part of the record that this blueprint leaves out, so it cannot be answered from it.",
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
        assert!(CHECKS.iter().all(|check| check.code.len() == 5 && check.explanation.ends_with('.')));
        assert_eq!(check("AS014").map(|check| check.lint), Some(true));
    }
}
