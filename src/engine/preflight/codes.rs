//! The codes of obstacles: stable, each with what it means, why it matters and what to do. The book's table is made
//! from here.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

macro_rules! codes {
    ($($variant:ident = $code:literal, $title:literal, $why:literal, $fix:literal;)+) => {
        /// What kind of obstacle it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $(#[doc = $title] $variant),+ }

        impl Code {
            /// Every code, in their order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// Returns the code: `PF01`.
            pub fn name(self) -> &'static str { match self { $(Self::$variant => $code),+ } }
            /// Returns what is found.
            pub fn title(self) -> &'static str { match self { $(Self::$variant => $title),+ } }
            /// Returns what would happen, with AWS's own answer where there is one.
            pub fn why(self) -> &'static str { match self { $(Self::$variant => $why),+ } }
            /// Returns what to do.
            pub fn fix(self) -> &'static str { match self { $(Self::$variant => $fix),+ } }
        }
    };
}

codes! {
    RegionNotEnabled = "PF01", "a Region is not enabled for the account",
        "nothing can be read or written there; AWS answers with `UnrecognizedClientException` and its kin, as if the credentials were wrong",
        "enable the Region for the account, or take it out of `scope.bedrock_regions`";
    BucketTaken = "PF02", "a bucket name is taken by somebody else",
        "bucket names are one space for all accounts of a partition; CreateBucket would answer `BucketAlreadyExists`",
        "choose another `log_bucket.name`, or another scope name for the other buckets; if the bucket is this account's, let the caller list it";
    Trails = "PF03", "a Region has no room for another trail",
        "CloudTrail takes 5 trails a Region, copies of multi-Region trails included, and the quota cannot be raised: `MaximumNumberOfTrailsExceededException`",
        "delete a trail that nobody needs, or make one of the multi-Region trails a single-Region one";
    Filters = "PF04", "a log group has no room for the metric filters",
        "CloudWatch Logs takes 100 metric filters a log group, and 5 patterns with a regular expression: `LimitExceededException`",
        "remove filters that others put into the group, or disable detections";
    Alarms = "PF05", "a Region may have no room for the alarms",
        "CloudWatch takes 5,000 alarms a Region unless the quota was raised, which cannot be seen from here: `LimitExceeded`",
        "ask for a higher quota, or disable detections";
    SelectorValues = "PF06", "a trail has too many selector values",
        "CloudTrail takes 500 values over all conditions of all selectors of a trail: `InvalidEventSelectorsException`",
        "record fewer resource types, or name fewer buckets and prefixes";
    DocumentSize = "PF07", "a document is longer than its service takes",
        "each service bounds its policy documents: bucket 20 KB, key 32 KB, topic 30 KB, a role's trust 2,048 characters and its own policies 10,240",
        "name fewer readers and administrators: one role that several people may assume takes the place of many";
    Organization = "PF08", "the organization is not ready for an organization trail",
        "CloudTrail makes one only for the management account of an organization with all features, in which it is trusted: `CloudTrailAccessNotEnabledException` and its kin",
        "run in the management account and let the organization trust CloudTrail (Organizations API, EnableAWSServiceAccess), or set `trail.organization = false`";
    Missing = "PF09", "something that a step needs is not there and not part of this run",
        "the step would fail, or wait for ever",
        "let the run make it too";
    KeyUnusable = "PF10", "a key is disabled or about to be deleted",
        "nothing can be encrypted with it: `KmsException`, `InvalidParameterException` or, worse, deliveries that fail in silence",
        "let the run enable the key, or cancel its deletion with `aws kms cancel-key-deletion`";
    BucketPolicy = "PF11", "a bucket's policy does not admit a delivery",
        "CloudTrail answers `InsufficientS3BucketPolicyException`, Bedrock `ValidationException`, neither with a reason; S3's own access logs just do not come",
        "let the run write the bucket's policy, or add what the statement lacks";
    KeyPolicy = "PF12", "a key's policy does not admit a service",
        "CloudTrail answers `InsufficientEncryptionPolicyException`, CloudWatch Logs `InvalidParameterException`, Bedrock `ValidationException`; alarms just tell nobody",
        "let the run write the key's policy, or add what the statement lacks";
    RoleTrust = "PF13", "a role does not trust the service that delivers through it",
        "CloudTrail answers `InvalidCloudWatchLogsRoleArnException`, Bedrock `ValidationException`",
        "let the run write the role's trust policy, or add what the statement lacks";
    RolePermissions = "PF14", "a role may not write to its log group",
        "CloudTrail answers `InvalidCloudWatchLogsRoleArnException`, Bedrock `ValidationException`",
        "let the run write the role's policy, or add what the statement lacks";
    TopicPolicy = "PF15", "a topic's policy does not admit the alarms",
        "CloudWatch does not look: the alarms fire, and nobody is told",
        "let the run write the topic's policy, or add what the statement lacks";
    Destination = "PF16", "a bucket cannot take what is delivered to it",
        "Bedrock takes only buckets without ACLs, and S3 delivers access logs only to buckets with SSE-S3 and without Object Lock",
        "let the run bring the bucket to its state";
    NotChecked = "PF17", "something could not be checked",
        "a read was denied or failed, and only this check needs it; the run goes on",
        "grant the read, or check by hand";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let name = String::deserialize(d)?;
        let found = Self::ALL.iter().copied().find(|code| code.name() == name);
        found.ok_or_else(|| serde::de::Error::custom(format!("`{name}` is not a code of an obstacle")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_count_up_and_come_back() {
        for (code, number) in Code::ALL.iter().zip(1..) {
            assert_eq!(code.name(), format!("PF{number:02}"));
            let text = serde_json::to_string(code).expect("a word");
            assert_eq!(serde_json::from_str::<Code>(&text).ok(), Some(*code), "{text}");
        }
        assert!(serde_json::from_str::<Code>("\"PF99\"").is_err());
    }
}
