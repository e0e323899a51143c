//! Pages as small as asked, whatever the services' own page sizes are.

use serde_json::{Map, Value, json};

/// How an operation can be made to answer with small pages.
enum Paging {
    /// It takes a page size in a member of its input.
    Size(&'static str),
    /// It takes none: the list in this member of the output is cut, and the token goes by the second name.
    Cut(&'static str, &'static str),
}

use Paging::{Cut, Size};

/// Service, operation (`*`: any that starts with `List` or `Describe`), and how. The first row that fits wins.
const PAGED: &[(&str, &str, Paging)] = &[
    ("cloudtrail", "ListTrails", Cut("Trails", "NextToken")),
    ("cloudwatch", "DescribeAlarms", Size("MaxRecords")),
    ("cloudwatch", "DescribeAlarmHistory", Size("MaxRecords")),
    ("cloudwatch", "ListDashboards", Cut("DashboardEntries", "NextToken")),
    ("iam", "*", Size("MaxItems")),
    ("kms", "*", Size("Limit")),
    ("logs", "ListTagsForResource", Size("")),
    ("logs", "*", Size("limit")),
    ("organizations", "*", Size("MaxResults")),
    ("s3", "ListAccessPoints", Size("MaxResults")),
    ("s3", "ListBuckets", Size("MaxBuckets")),
    ("s3", "ListObjectVersions", Size("MaxKeys")),
    ("s3", "ListObjectsV2", Size("MaxKeys")),
    ("sns", "ListSubscriptionsByTopic", Cut("Subscriptions", "NextToken")),
    ("sns", "ListTopics", Cut("Topics", "NextToken")),
    ("tag", "GetResources", Size("ResourcesPerPage")),
];

/// Lists that may begin with an empty page: service, operation, list, token in the input, token in the output (CloudWatch
/// Logs API, Resource Groups Tagging API and KMS API: a page may hold fewer entries than asked for, or none, and only
/// a missing token ends a list).
const EMPTY: &[(&str, &str, &str, &str, &str)] = &[
    ("cloudwatch", "DescribeAlarms", "MetricAlarms", "NextToken", "NextToken"),
    ("cloudwatch", "ListDashboards", "DashboardEntries", "NextToken", "NextToken"),
    ("iam", "ListAttachedRolePolicies", "AttachedPolicies", "Marker", "Marker"),
    ("iam", "ListRolePolicies", "PolicyNames", "Marker", "Marker"),
    ("iam", "ListRoleTags", "Tags", "Marker", "Marker"),
    ("kms", "ListAliases", "Aliases", "Marker", "NextMarker"),
    ("kms", "ListKeys", "Keys", "Marker", "NextMarker"),
    ("kms", "ListResourceTags", "Tags", "Marker", "NextMarker"),
    ("logs", "DescribeLogGroups", "logGroups", "nextToken", "nextToken"),
    ("logs", "DescribeMetricFilters", "metricFilters", "nextToken", "nextToken"),
    ("sns", "ListSubscriptionsByTopic", "Subscriptions", "NextToken", "NextToken"),
    ("tag", "GetResources", "ResourceTagMappingList", "PaginationToken", "PaginationToken"),
];
/// The token of an empty first page.
const AFTER_EMPTY: &str = "after-an-empty-page";

/// Returns the empty first page of a list that may have one; the call that comes back with its token is given its
/// input without it, and is the real first page.
pub(super) fn empty_page(service: &str, operation: &str, input: &mut Value) -> Option<Value> {
    let (_, _, list, given, next) =
        EMPTY.iter().find(|(of, name, ..)| *of == service && *name == operation)?;
    let members = input.as_object_mut()?;
    match members.get(*given).and_then(Value::as_str) {
        Some(AFTER_EMPTY) => {
            members.remove(*given);
            None
        }
        Some(token) if !token.is_empty() => None,
        _ => {
            let mut page = json!({*list: [], *next: AFTER_EMPTY});
            // KMS and IAM say with a flag of their own that more follows.
            match service {
                "kms" => page["Truncated"] = true.into(),
                "iam" => page["IsTruncated"] = true.into(),
                _ => {}
            }
            Some(page)
        }
    }
}

/// Marks tokens of lists that were cut here, not by the service.
const TOKEN: &str = "cut-";

/// What is to be done with an operation's answer.
pub(super) struct Cutting {
    list: &'static str,
    token: &'static str,
    from: usize,
    size: usize,
}

/// Changes an input so that pages have at most `size` entries, and says what to cut off the answer if that is not enough.
pub(super) fn narrow(service: &str, operation: &str, size: usize, input: &mut Value) -> Option<Cutting> {
    let lists = operation.starts_with("List") || operation.starts_with("Describe");
    let (_, _, paging) =
        PAGED.iter().find(|(of, name, _)| *of == service && (*name == operation || *name == "*" && lists))?;
    let members = input.as_object_mut()?;
    match paging {
        Size("") => None,
        Size(member) => {
            let asked = number(members, member).unwrap_or(i64::MAX);
            let most = i64::try_from(size).unwrap_or(i64::MAX);
            // A size that the service refuses stays as it is.
            if asked > 0 && asked > most {
                members.insert((*member).into(), json!(most));
            }
            None
        }
        Cut(list, token) => {
            let given = members.get(*token).and_then(Value::as_str).and_then(|text| text.strip_prefix(TOKEN));
            let from = given.and_then(|from| from.parse().ok());
            if from.is_some() {
                members.remove(*token);
            }
            Some(Cutting { list, token, from: from.unwrap_or(0), size })
        }
    }
}

impl Cutting {
    /// Cuts the page out of an answer that holds the whole list.
    pub(super) fn cut(&self, output: &mut Value) {
        let Some(items) = output.get_mut(self.list).and_then(Value::as_array_mut) else { return };
        let end = self.from.saturating_add(self.size);
        let more = items.len() > end;
        *items = items.iter().skip(self.from).take(self.size).cloned().collect();
        if more {
            output[self.token] = format!("{TOKEN}{end}").into();
        }
    }
}

fn number(members: &Map<String, Value>, member: &str) -> Option<i64> {
    let value = members.get(member)?;
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::service::{operation, operations};

    /// Reads of one thing, and lists that AWS answers whole: their API reference has no token, or says that it is reserved
    /// (CloudTrail API, ListTags).
    const WHOLE: &[(&str, &str)] = &[
        ("cloudtrail", "DescribeTrails"),
        ("cloudtrail", "ListTags"),
        ("cloudwatch", "ListTagsForResource"),
        ("kms", "DescribeKey"),
        ("logs", "ListTagsForResource"),
        ("organizations", "DescribeAccount"),
        ("organizations", "DescribeOrganization"),
        ("sns", "ListTagsForResource"),
    ];

    #[test]
    fn every_list_is_paged_or_known_to_be_whole() {
        let is_list = |name: &str| {
            ["List", "Describe", "Lookup", "GetResources"].iter().any(|word| name.starts_with(word))
        };
        for row in operations().filter(|row| is_list(row.name)) {
            let whole = WHOLE.contains(&(row.service, row.name));
            let paged = PAGED.iter().any(|(of, name, paging)| {
                *of == row.service && (*name == row.name || *name == "*") && !matches!(paging, Size(""))
            });
            assert!(whole || paged, "{}:{}", row.service, row.name);
        }
        for (service, name, ..) in EMPTY {
            assert!(operation(service, name).is_some(), "{service}:{name}");
        }
    }

    #[test]
    fn an_empty_page_comes_first_and_once() {
        let mut input = json!({"Limit": 5});
        let page = empty_page("kms", "ListKeys", &mut input).expect("the first page");
        assert_eq!(page, json!({"Keys": [], "NextMarker": AFTER_EMPTY, "Truncated": true}));
        let mut input = json!({"Limit": 5, "Marker": AFTER_EMPTY});
        assert_eq!(empty_page("kms", "ListKeys", &mut input), None);
        assert_eq!(input, json!({"Limit": 5}), "the handler sees a first call");
        assert_eq!(empty_page("kms", "GetKeyPolicy", &mut json!({})), None);
    }

    #[test]
    fn page_sizes_are_lowered_never_raised() {
        let cases = [
            ("none asked", "kms", "ListAliases", json!({}), json!({"Limit": 2})),
            ("more asked", "iam", "ListRoles", json!({"MaxItems": "100"}), json!({"MaxItems": 2})),
            ("less asked", "s3", "ListBuckets", json!({"MaxBuckets": 1}), json!({"MaxBuckets": 1})),
            ("refused anyway", "kms", "ListKeys", json!({"Limit": 0}), json!({"Limit": 0})),
            ("not a list", "kms", "GetKeyPolicy", json!({}), json!({})),
        ];
        for (case, service, operation, mut input, want) in cases {
            assert!(narrow(service, operation, 2, &mut input).is_none());
            assert_eq!(input, want, "{case}");
        }
    }

    #[test]
    fn lists_without_a_page_size_are_cut() {
        let (mut token, mut seen) = (json!({}), Vec::new());
        loop {
            let cutting = narrow("sns", "ListTopics", 2, &mut token).expect("SNS takes no page size");
            let mut output = json!({"Topics": [1, 2, 3, 4, 5]});
            cutting.cut(&mut output);
            seen.extend(output["Topics"].as_array().cloned().unwrap_or_default());
            match output.get("NextToken") {
                Some(next) => token = json!({"NextToken": next}),
                None => break,
            }
        }
        assert_eq!(seen, [1, 2, 3, 4, 5]);
    }
}
