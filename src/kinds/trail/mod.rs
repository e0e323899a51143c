//! The CloudTrail trail: who called what, with its selectors and whether it is logging.

pub mod desired;
pub mod effects;
#[cfg(test)]
pub(crate) mod example;
mod members;
pub mod observe;
pub mod perform;
pub mod recording;
pub mod selectors;
mod surroundings;

use crate::kinds::{ApiCall, Attribute, Class, Effect, Fate, Managed, NotYet, Revealed};
use crate::model::tags::{self, Tags};
use crate::model::{Address, Input, Names};
use selectors::EventSelectors;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A trail as the blueprint asks for it, and as AWS reports it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trail {
    #[serde(skip)]
    pub name: String,
    /// Name of the bucket that the log files go to.
    pub bucket: Input,
    /// What stands before `/AWSLogs` in the bucket; `None`: nothing.
    pub key_prefix: Option<String>,
    /// ARN of the topic told about each delivery; `None`: nobody is told.
    pub topic: Option<String>,
    /// ARN of the key that encrypts the log files; `None`: encrypted with a key of S3's.
    pub kms_key: Option<Input>,
    pub multi_region: bool,
    pub organization: bool,
    pub include_global_service_events: bool,
    pub log_file_validation: bool,
    /// ARN of the log group without the `:*` that CloudTrail's API wants behind it; `None`: no delivery to Logs.
    pub log_group: Option<Input>,
    /// ARN of the role that delivers to the log group; there exactly when the group is.
    pub log_role: Option<Input>,
    pub event_selectors: EventSelectors,
    /// `api-call-rate`, `api-error-rate`; other combinations of type and category as `TYPE:CATEGORY`.
    pub insights: BTreeSet<String>,
    /// True between StartLogging and StopLogging.
    pub logging: bool,
    /// Other trails that write to our buckets or log groups: where to, by ARN.
    pub other_trails: BTreeMap<String, String>,
    pub tags: Tags,
}

/// Calls that change a trail, in the order they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    CreateTrail,
    UpdateTrail,
    PutEventSelectors,
    SetInsightSelectors,
    SetTags,
    SetLogging,
    DeleteTrail,
}

const BUSY: NotYet =
    NotYet { code: "ConflictException", text: "", waiting_for: "another change of the trail" };
/// While a new role, bucket policy or key policy spreads: Terraform's retry list of aws_cloudtrail for the first two;
/// the rest are CreateTrail's errors for things that were made moments before.
const SPREADING: &[NotYet] = &[
    NotYet {
        code: "InvalidCloudWatchLogsRoleArnException",
        text: "Access denied",
        waiting_for: "the delivery role to reach CloudTrail",
    },
    NotYet {
        code: "InvalidCloudWatchLogsLogGroupArnException",
        text: "Access denied",
        waiting_for: "the delivery role's policy to reach CloudTrail",
    },
    NotYet {
        code: "InsufficientS3BucketPolicyException",
        text: "",
        waiting_for: "the bucket's policy to reach CloudTrail",
    },
    NotYet {
        code: "InsufficientEncryptionPolicyException",
        text: "",
        waiting_for: "the key's policy to reach CloudTrail",
    },
    NotYet {
        code: "S3BucketDoesNotExistException",
        text: "",
        waiting_for: "the new bucket to be known to CloudTrail",
    },
    NotYet {
        code: "KmsKeyNotFoundException",
        text: "",
        waiting_for: "the new key to be known to CloudTrail",
    },
    BUSY,
];
/// PutInsightSelectors checks the bucket and the key too (CloudTrail API, PutInsightSelectors).
const SPREADING_INSIGHTS: &[NotYet] = &[SPREADING[2], SPREADING[3], BUSY];

impl ApiCall for Call {
    const ALL: &'static [Self] = &[
        Self::CreateTrail,
        Self::UpdateTrail,
        Self::PutEventSelectors,
        Self::SetInsightSelectors,
        Self::SetTags,
        Self::SetLogging,
        Self::DeleteTrail,
    ];
    fn name(self) -> &'static str {
        match self {
            Self::CreateTrail => "CreateTrail",
            Self::UpdateTrail => "UpdateTrail",
            Self::PutEventSelectors => "PutEventSelectors",
            Self::SetInsightSelectors => "PutInsightSelectors",
            Self::SetTags => "SetTags",
            Self::SetLogging => "SetLogging",
            Self::DeleteTrail => "DeleteTrail",
        }
    }
    fn actions(self) -> &'static [&'static str] {
        match self {
            // The last three only for an organization's trail (Service Authorization Reference, CloudTrail).
            Self::CreateTrail => &[
                "cloudtrail:CreateTrail",
                "cloudtrail:AddTags",
                "iam:PassRole",
                "iam:CreateServiceLinkedRole",
                "iam:GetRole",
                "organizations:ListAWSServiceAccessForOrganization",
            ],
            Self::UpdateTrail => &["cloudtrail:UpdateTrail", "iam:PassRole"],
            Self::PutEventSelectors => &["cloudtrail:PutEventSelectors"],
            Self::SetInsightSelectors => &["cloudtrail:PutInsightSelectors"],
            Self::SetTags => &["cloudtrail:AddTags", "cloudtrail:RemoveTags"],
            Self::SetLogging => &["cloudtrail:StartLogging", "cloudtrail:StopLogging"],
            Self::DeleteTrail => &["cloudtrail:DeleteTrail"],
        }
    }
    fn not_yet(self) -> &'static [NotYet] {
        match self {
            Self::CreateTrail | Self::UpdateTrail => SPREADING,
            Self::SetInsightSelectors => SPREADING_INSIGHTS,
            _ => &[BUSY],
        }
    }
}

impl Managed for Trail {
    type Call = Call;
    const FATE: Fate = Fate::Evidence;
    const READS: &'static [&'static str] = &[
        "cloudtrail:DescribeTrails",
        "cloudtrail:GetTrailStatus",
        "cloudtrail:GetEventSelectors",
        "cloudtrail:GetInsightSelectors",
        "cloudtrail:ListTags",
        // For an organization trail only.
        "organizations:DescribeOrganization",
        "organizations:ListAWSServiceAccessForOrganization",
    ];
    const ATTRIBUTES: &'static [Attribute<Call>] = &[
        Attribute::created("bucket", Call::UpdateTrail, "Bucket that the log files go to."),
        Attribute::created(
            "key_prefix",
            Call::UpdateTrail,
            "What stands before /AWSLogs in the bucket; null: nothing.",
        ),
        Attribute::created("topic", Call::UpdateTrail, "SNS topic told about each delivery; null: none."),
        Attribute::created("kms_key", Call::UpdateTrail, "Key that encrypts the log files."),
        Attribute::created("multi_region", Call::UpdateTrail, "Whether every enabled Region is recorded."),
        Attribute::created(
            "organization",
            Call::UpdateTrail,
            "Whether every account of the organization is recorded.",
        ),
        Attribute::created(
            "include_global_service_events",
            Call::UpdateTrail,
            "Whether events of global services such as IAM are recorded.",
        ),
        Attribute::created(
            "log_file_validation",
            Call::UpdateTrail,
            "Whether hourly digests prove that no log file was changed.",
        ),
        Attribute::created("log_group", Call::UpdateTrail, "Log group that the events also go to."),
        Attribute::created("log_role", Call::UpdateTrail, "Role that delivers to the log group."),
        Attribute::written(
            "event_selectors",
            Call::PutEventSelectors,
            "Advanced event selectors: which events are recorded.",
        ),
        Attribute::written(
            "insights",
            Call::SetInsightSelectors,
            "Kinds of unusual activity that CloudTrail Insights reports.",
        ),
        Attribute::created("tags", Call::SetTags, "Tags, ours and the blueprint's, and the Regions in use."),
        Attribute::written("logging", Call::SetLogging, "Whether the trail records at all."),
        Attribute::told(
            "other_trails",
            "another trail is its owner's: its records lie between ours, and taking it away could lose some; \
             its owner sends it elsewhere with `aws cloudtrail update-trail`",
            "Other trails that write to our buckets or log groups; there must be none.",
        ),
    ];
    const CREATE: &'static [Call] = &[Call::CreateTrail];
    const DELETE: &'static [Call] = &[Call::DeleteTrail];

    fn aws_name(&self) -> String {
        self.name.clone()
    }
    fn inputs(&self) -> Vec<&Input> {
        let optional = [&self.kms_key, &self.log_group, &self.log_role];
        std::iter::once(&self.bucket).chain(optional.into_iter().flatten()).collect()
    }
    fn inputs_mut(&mut self) -> Vec<&mut Input> {
        let optional = [&mut self.kms_key, &mut self.log_group, &mut self.log_role];
        std::iter::once(&mut self.bucket).chain(optional.into_iter().flatten()).collect()
    }
    fn known_outputs(&self, address: &Address) -> Revealed {
        let partition = Names::partition(&address.scope.region);
        let (account, region) = (&address.scope.account, &address.scope.region);
        vec![
            ("name", self.name.clone()),
            ("arn", format!("arn:{partition}:cloudtrail:{region}:{account}:trail/{}", self.name)),
        ]
    }
    fn lock(&self, address: &Address) -> Option<String> {
        // CloudTrail takes one write a second in an account and Region; they do not overlap either.
        Some(format!("cloudtrail {}", address.scope))
    }
    fn effects(before: Option<&Self>, after: &Self) -> Vec<Effect> {
        before.map(|before| effects::between(before, after)).unwrap_or_default()
    }
    fn loss(&self) -> Vec<Effect> {
        vec![
            Effect::new(Class::Coverage, "", "what this trail records is no longer recorded"),
            Effect::new(Class::Delete, "", "the trail and its chain of digests end"),
        ]
    }
    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}

/// Longest value of a tag (CloudTrail API, Tag).
const TAG_VALUE_MAX: usize = 256;

/// Returns the tags of the home trail that list the Regions we have written to: `auditscope:regions`, and
/// `auditscope:regions-2` and so on once the first is full.
pub fn region_tags<'a>(regions: impl IntoIterator<Item = &'a str>) -> Tags {
    let mut lines = vec![String::new()];
    for region in regions.into_iter().collect::<BTreeSet<_>>() {
        let line = lines.last_mut().expect("there is always a line");
        if line.is_empty() {
            line.push_str(region);
        } else if line.len() + 1 + region.len() <= TAG_VALUE_MAX {
            line.push(' ');
            line.push_str(region);
        } else {
            lines.push(region.to_owned());
        }
    }
    let keys = std::iter::once(tags::REGIONS.to_owned())
        .chain((2..).map(|number| format!("{}-{number}", tags::REGIONS)));
    keys.zip(lines).collect()
}

/// Returns the Regions that a trail's tags list.
pub fn regions_of(tags: &Tags) -> BTreeSet<String> {
    tags.iter()
        .filter(|(key, _)| key.starts_with(tags::REGIONS))
        .flat_map(|(_, value)| value.split_whitespace().map(ToOwned::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_fit_into_tags_and_come_back() {
        let many: Vec<String> = (10..40).map(|number| format!("ap-southeast-{number}")).collect();
        let cases: [(&str, Vec<&str>, usize); 3] = [
            ("one", vec!["eu-central-1"], 1),
            ("sorted, once each", vec!["us-east-1", "eu-central-1", "us-east-1"], 1),
            ("more than one value holds", many.iter().map(String::as_str).collect(), 2),
        ];
        for (case, regions, want) in cases {
            let tags = region_tags(regions.iter().copied());
            assert_eq!(tags.len(), want, "{case}");
            assert!(tags.values().all(|value| value.len() <= TAG_VALUE_MAX), "{case}");
            let back: BTreeSet<String> = regions.into_iter().map(ToOwned::to_owned).collect();
            assert_eq!(regions_of(&tags), back, "{case}");
        }
        let two = region_tags(["us-east-1", "eu-central-1"]);
        assert_eq!(two[tags::REGIONS], "eu-central-1 us-east-1");
    }
}
