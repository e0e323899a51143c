//! Shapes that AWS gives to names, ids and numbers. All pure; each says what is wrong in words.

/// Retention periods that CloudWatch Logs offers, in days (CloudWatch Logs API, PutRetentionPolicy).
pub(crate) const RETENTION_STEPS: &[u32] = &[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/// Regions with a published code. An unknown one of the right shape is passed on with a warning.
const REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

/// Returns the shortest retention that keeps events for at least `days`; `None`: only "never expire" does.
pub(crate) fn retention_step(days: u32) -> Option<u32> {
    RETENTION_STEPS.iter().copied().find(|step| *step >= days)
}

/// Tells whether a Region is a known one.
pub(crate) fn is_known_region(region: &str) -> bool {
    REGIONS.contains(&region)
}

/// Returns the known Regions.
pub(crate) fn known_regions() -> impl Iterator<Item = &'static str> {
    REGIONS.iter().copied()
}

/// Tells whether a word has the shape of a Region: `eu-central-1`, `us-gov-west-1`.
pub(crate) fn is_region(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    let Some((number, names)) = parts.split_last() else { return false };
    let named = |part: &&str| part.len() >= 2 && part.bytes().all(|byte| byte.is_ascii_lowercase());
    (2..=3).contains(&names.len())
        && names.iter().all(named)
        && (1..=2).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Tells whether a word is an account id.
pub(crate) fn is_account(word: &str) -> bool {
    word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Tells whether a word is made as our names are: `[a-z][a-z0-9]*(-[a-z0-9]+)*`.
pub(crate) fn is_slug(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_lowercase())
        && word.split('-').all(|part| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        })
}

/// Returns a name of the right shape that is near to what was written; `None` when nothing is left of it.
pub(crate) fn slug_of(word: &str, longest: usize) -> Option<String> {
    let mut slug = String::new();
    for letter in word.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_lowercase() || (letter.is_ascii_digit() && !slug.is_empty()) {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(longest);
    let slug = slug.trim_end_matches('-');
    (!slug.is_empty()).then(|| slug.to_owned())
}

/// Says why S3 or CloudTrail would refuse a bucket name (S3 User Guide, "Bucket naming rules"; CloudTrail User Guide,
/// "Amazon S3 bucket naming requirements").
pub(crate) fn bucket_name_fault(name: &str) -> Option<String> {
    let fault = |text: &str| Some(text.to_owned());
    if !(3..=63).contains(&name.len()) {
        return Some(format!("it has {} characters; S3 takes 3 to 63", name.chars().count()));
    }
    let allowed =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '.' | '-');
    if let Some(letter) = name.chars().find(|letter| !allowed(*letter)) {
        return Some(format!("it holds `{letter}`; S3 takes lower-case letters, digits, `.` and `-`"));
    }
    let edge = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
    if !edge(name.chars().next()) || !edge(name.chars().next_back()) {
        return fault("it must start and end with a letter or a digit");
    }
    if name.contains("..") {
        return fault("it holds two dots in a row");
    }
    if name.contains(".-") || name.contains("-.") {
        return fault("it holds a dash next to a dot, which CloudTrail refuses");
    }
    if name.parse::<std::net::Ipv4Addr>().is_ok() {
        return fault("it is formatted as an IP address");
    }
    for prefix in ["xn--", "sthree-", "amzn-s3-demo-"] {
        if name.starts_with(prefix) {
            return Some(format!("it starts with `{prefix}`, which S3 reserves"));
        }
    }
    for suffix in ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3", "-an"] {
        if name.ends_with(suffix) {
            return Some(format!("it ends with `{suffix}`, which S3 reserves"));
        }
    }
    None
}

/// The parts of an ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ArnParts<'a> {
    pub service: &'a str,
    pub region: &'a str,
    pub account: &'a str,
    pub resource: &'a str,
}

/// Splits an ARN; `None` if it is none.
pub(crate) fn arn(text: &str) -> Option<ArnParts<'_>> {
    let mut parts = text.splitn(6, ':');
    let (arn, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
    let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
    let well_formed =
        arn == "arn" && (partition == "aws" || partition.starts_with("aws-")) && !resource.is_empty();
    well_formed.then_some(ArnParts { service, region, account, resource })
}

/// Says why an ARN cannot stand as a principal in a policy. `wildcard` allows `*` in the name, which only conditions and
/// filter patterns take (IAM User Guide, "AWS JSON policy elements: Principal").
pub(crate) fn principal_fault(text: &str, wildcard: bool) -> Option<String> {
    let Some(parts) = arn(text) else { return Some("it is not an ARN".into()) };
    if parts.service == "sts" {
        return Some("it names a session; write the ARN of its role".into());
    }
    if parts.service != "iam" {
        return Some(format!("it belongs to `{}`, not to `iam`", parts.service));
    }
    if !parts.region.is_empty() {
        return Some("IAM ARNs have no Region: two colons stand before the account".into());
    }
    if !is_account(parts.account) {
        return Some(format!("its account `{}` is not 12 digits", parts.account));
    }
    if parts.resource.contains('*') && !wildcard {
        return Some("a principal cannot hold a wildcard".into());
    }
    let named = |prefix: &str| parts.resource.strip_prefix(prefix).is_some_and(|name| !name.is_empty());
    let role_only = wildcard;
    let fits = named("role/") || (!role_only && (named("user/") || parts.resource == "root"));
    (!fits).then(|| {
        format!("`{}` is not {}", parts.resource, if role_only { "a role" } else { "a role, a user or root" })
    })
}

/// Says why an ARN is no topic that an alarm can notify (SNS API, CreateTopic; FIFO topics are no alarm targets).
pub(crate) fn topic_fault(text: &str) -> Option<String> {
    let Some(parts) = arn(text) else { return Some("it is not an ARN".into()) };
    let name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    if parts.service != "sns" {
        return Some(format!("it belongs to `{}`, not to `sns`", parts.service));
    }
    if !is_region(parts.region) {
        return Some(format!("its Region `{}` is none", parts.region));
    }
    if !is_account(parts.account) {
        return Some(format!("its account `{}` is not 12 digits", parts.account));
    }
    if parts.resource.ends_with(".fifo") {
        return Some("alarms cannot notify a FIFO topic".into());
    }
    (!parts.resource.chars().all(name) || parts.resource.len() > 256)
        .then(|| format!("`{}` is not a topic's name", parts.resource))
}

/// Tells whether a word has the shape of an e-mail address.
pub(crate) fn is_email(word: &str) -> bool {
    let Some((local, domain)) = word.rsplit_once('@') else { return false };
    let label = |part: &str| !part.is_empty() && !part.starts_with('-') && !part.ends_with('-');
    !local.is_empty()
        && !local.contains('@')
        && local.len() <= 64
        && domain.contains('.')
        && domain.split('.').all(label)
        && !word.chars().any(|letter| {
            letter.is_whitespace() || letter.is_control() || matches!(letter, ',' | ';' | '<' | '>')
        })
}

/// Says why a tag would be refused. Keys are 1 to 128 characters, values up to 256, of letters, digits, blanks and
/// `_ . : / = + - @` (AWS General Reference, "Tag naming limits and requirements").
pub(crate) fn tag_fault(key: &str, value: &str) -> Option<String> {
    let allowed = |letter: char| letter.is_alphanumeric() || letter == ' ' || "_.:/=+-@".contains(letter);
    let lower = key.to_lowercase();
    if lower.starts_with("aws:") {
        return Some("keys that start with `aws:` are reserved".into());
    }
    if lower.starts_with("auditscope:") {
        return Some("keys that start with `auditscope:` are how this tool knows what is its own".into());
    }
    if key.is_empty() || key.chars().count() > 128 {
        return Some(format!("its key has {} characters; AWS takes 1 to 128", key.chars().count()));
    }
    if value.chars().count() > 256 {
        return Some(format!("its value has {} characters; AWS takes up to 256", value.chars().count()));
    }
    let letter = key.chars().chain(value.chars()).find(|letter| !allowed(*letter))?;
    Some(format!("`{letter}` is not allowed in tags"))
}

/// Tells whether CloudWatch knows a statistic (CloudWatch User Guide, "CloudWatch statistics definitions").
pub(crate) fn is_statistic(word: &str) -> bool {
    if matches!(word, "SampleCount" | "Average" | "Sum" | "Minimum" | "Maximum" | "IQM" | "iqm") {
        return true;
    }
    let percent = |text: &str| {
        text.parse::<f64>().is_ok_and(|number| (0.0..=100.0).contains(&number)) && !text.starts_with('+')
    };
    for prefix in ["tm", "tc", "ts", "wm", "p"] {
        if word.strip_prefix(prefix).is_some_and(percent) {
            return true;
        }
    }
    ["TM", "TC", "TS", "WM", "PR"].iter().any(|prefix| {
        let range = word.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('(')?.strip_suffix(')'));
        range.and_then(|range| range.split_once(':')).is_some_and(|(low, high)| {
            let bound = |text: &str| {
                text.is_empty() || percent(text.trim_end_matches('%')) || text.parse::<f64>().is_ok()
            };
            bound(low) && bound(high) && !(low.is_empty() && high.is_empty())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retention_takes_the_next_step() {
        for (case, days, want) in
            [("a step", 400, Some(400)), ("between steps", 100, Some(120)), ("past the last", 3654, None)]
        {
            assert_eq!(retention_step(days), want, "{case}");
        }
    }

    #[test]
    fn bucket_names_that_aws_refuses_say_why() {
        let cases = [
            ("good", "acme-audit-eu-central-1", None),
            ("dots are allowed", "acme.audit", None),
            ("short", "ab", Some("3 to 63")),
            ("upper case", "Acme-audit", Some("`A`")),
            ("underscore", "acme_audit", Some("`_`")),
            ("edge", "acme-", Some("start and end")),
            ("dots in a row", "acme..audit", Some("two dots")),
            ("dash next to dot", "acme-.audit", Some("CloudTrail")),
            ("address", "192.168.1.4", Some("IP address")),
            ("reserved prefix", "sthree-logs", Some("`sthree-`")),
            ("reserved suffix", "acme-an", Some("`-an`")),
        ];
        for (case, name, want) in cases {
            let fault = bucket_name_fault(name);
            match want {
                None => assert_eq!(fault, None, "{case}"),
                Some(part) => {
                    assert!(fault.as_deref().is_some_and(|text| text.contains(part)), "{case}: {fault:?}")
                }
            }
        }
    }

    #[test]
    fn regions_accounts_and_names_have_shapes() {
        for region in REGIONS {
            assert!(is_region(region), "{region}");
        }
        assert!(
            is_region("xx-new-9")
                && !is_region("eu-central")
                && !is_region("EU-central-1")
                && !is_region("frankfurt")
        );
        assert!(is_account("111122223333") && !is_account("11112222333"));
        for (word, want) in
            [("genai-audit", true), ("a--b", false), ("-a", false), ("1a", false), ("a-", false), ("", false)]
        {
            assert_eq!(is_slug(word), want, "{word}");
        }
        assert_eq!(slug_of("GenAI_Audit!", 22).as_deref(), Some("genai-audit"));
        assert_eq!(slug_of("9", 22), None);
    }

    #[test]
    fn principals_are_roles_users_or_root() {
        let cases = [
            ("role", "arn:aws:iam::111122223333:role/app", false, true),
            ("role with path", "arn:aws-us-gov:iam::111122223333:role/x/app", false, true),
            ("root", "arn:aws:iam::111122223333:root", false, true),
            ("session", "arn:aws:sts::111122223333:assumed-role/app/x", false, false),
            ("short account", "arn:aws:iam::11112222:role/app", false, false),
            ("wildcard", "arn:aws:iam::111122223333:role/app-*", false, false),
            ("wildcard in a pattern", "arn:aws:iam::111122223333:role/app-*", true, true),
            ("user where roles are asked", "arn:aws:iam::111122223333:user/a", true, false),
            ("everybody", "*", false, false),
        ];
        for (case, text, wildcard, good) in cases {
            assert_eq!(principal_fault(text, wildcard).is_none(), good, "{case}");
        }
    }

    #[test]
    fn topics_and_addresses_have_shapes() {
        assert_eq!(topic_fault("arn:aws:sns:eu-central-1:111122223333:alarms"), None);
        assert!(topic_fault("arn:aws:sns:eu-central-1:111122223333:alarms.fifo").is_some());
        assert!(topic_fault("arn:aws:sqs:eu-central-1:111122223333:alarms").is_some());
        for (word, want) in [
            ("a@example.com", true),
            ("a.b+c@x.example", true),
            ("a@b", false),
            ("@x.y", false),
            ("a b@x.y", false),
        ] {
            assert_eq!(is_email(word), want, "{word}");
        }
    }

    #[test]
    fn statistics_are_those_of_cloudwatch() {
        for (word, want) in [
            ("Sum", true),
            ("p99", true),
            ("p99.9", true),
            ("tm90", true),
            ("TM(10%:90%)", true),
            ("PR(:300)", true),
            ("sum", false),
            ("p101", false),
            ("median", false),
            ("p", false),
            ("TM()", false),
        ] {
            assert_eq!(is_statistic(word), want, "{word}");
        }
    }

    #[test]
    fn tags_stay_within_the_limits() {
        assert_eq!(tag_fault("cost-center", "4711"), None);
        for (case, key, value) in [
            ("aws", "AWS:x", ""),
            ("ours", "auditscope:scope", "x"),
            ("letter", "a", "b|c"),
            ("empty", "", "x"),
        ] {
            assert!(tag_fault(key, value).is_some(), "{case}");
        }
    }
}
