//! An account with a past: what real accounts have before this tool comes.

use super::service::{Call, operation};
use super::state::State;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Region where the past happened.
const REGION: &str = "us-east-1";
/// 2024-03-11T09:26:40Z, when somebody set things up by hand.
const THEN_SECONDS: i64 = 1_710_149_200;
/// Member accounts that the organisation may have beside the management account.
const MEMBERS: &[(&str, &str)] =
    &[("444455556666", "workloads"), ("777788889999", "research"), ("123456789012", "archive")];

/// Returns the state of a lived-in account: an organisation of three with this account as its management account,
/// a hand-made trail whose bucket has lost its policy, and a log group that nobody gave a retention.
///
/// Everything is made by the operations themselves, so that it is what a caller would have got.
///
/// # Panics
/// If the sandbox refuses its own past, which a test rules out for any account.
#[must_use]
pub fn state(account: &str) -> State {
    let mut past = Past { state: State::default(), account, minutes: 0 };
    past.state.organization = organization(account);
    let bucket = format!("legacy-cloudtrail-{account}");
    let trail = "legacy-trail";
    past.did("s3", "CreateBucket", json!({"Bucket": bucket}));
    past.did("s3", "PutBucketPolicy", json!({"Bucket": bucket, "Policy": policy(account, &bucket)}));
    let tags = json!([{"Key": "owner", "Value": "platform"}]);
    past.did("cloudtrail", "CreateTrail", json!({"Name": trail, "S3BucketName": bucket, "TagsList": tags}));
    past.did(
        "cloudtrail",
        "PutEventSelectors",
        json!({"TrailName": trail, "EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": true}]}),
    );
    past.did("cloudtrail", "StartLogging", json!({"Name": trail}));
    // Somebody tidied up: from here on nothing is delivered, and nobody has noticed.
    past.did("s3", "DeleteBucketPolicy", json!({"Bucket": bucket}));
    past.did("logs", "CreateLogGroup", json!({"logGroupName": "/aws/lambda/chat-backend"}));
    past.state
}

/// The account while its past happens.
struct Past<'a> {
    state: State,
    account: &'a str,
    minutes: i64,
}

impl Past<'_> {
    fn did(&mut self, service: &str, name: &str, input: Value) {
        self.minutes += 7;
        let start = Timestamp::from_second(THEN_SECONDS).unwrap_or(Timestamp::UNIX_EPOCH);
        let row = operation(service, name).expect("the past uses operations that the sandbox has");
        let principal = format!("arn:aws:iam::{}:user/anna", self.account);
        let now = start + SignedDuration::from_mins(self.minutes);
        self.state.now_millis = now.as_millisecond();
        let mut call = Call {
            state: &mut self.state,
            now,
            account: self.account,
            region: REGION,
            principal: &principal,
            input: &input,
        };
        (row.handler)(&mut call).expect("the past was possible");
        self.state.now_millis = 0;
    }
}

/// The policy that CloudTrail's console writes (`reference/s3-log-bucket.md` §8).
fn policy(account: &str, bucket: &str) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AWSCloudTrailAclCheck20150319", "Effect": "Allow",
                "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": "s3:GetBucketAcl", "Resource": format!("arn:aws:s3:::{bucket}"),
            },
            {
                "Sid": "AWSCloudTrailWrite20150319", "Effect": "Allow",
                "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": "s3:PutObject", "Resource": format!("arn:aws:s3:::{bucket}/AWSLogs/{account}/*"),
                "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
            },
        ],
    })
    .to_string()
}

fn organization(account: &str) -> Value {
    let id = "o-exampleorgid";
    let arn = |of: &str| format!("arn:aws:organizations::{account}:account/{id}/{of}");
    let entry = |of: &str, name: &str, how: &str| {
        json!({
            "Id": of, "Arn": arn(of), "Email": format!("aws+{name}@example.com"), "Name": name, "Status": "ACTIVE",
            "State": "ACTIVE", "JoinedMethod": how, "JoinedTimestamp": THEN_SECONDS,
        })
    };
    let others = MEMBERS.iter().filter(|(of, _)| *of != account).take(2);
    let accounts: Vec<Value> = std::iter::once(entry(account, "management", "INVITED"))
        .chain(others.map(|(of, name)| entry(of, name, "CREATED")))
        .collect();
    json!({
        "Id": id, "Arn": format!("arn:aws:organizations::{account}:organization/{id}"), "FeatureSet": "ALL",
        "MasterAccountArn": arn(account), "MasterAccountId": account,
        "MasterAccountEmail": "aws+management@example.com", "AvailablePolicyTypes": [],
        "Accounts": accounts,
        "ServiceAccess": [{"ServicePrincipal": "cloudtrail.amazonaws.com", "DateEnabled": THEN_SECONDS}],
        "DelegatedAdministrators": [],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_past_was_possible_for_any_account() {
        for account in ["111122223333", "444455556666"] {
            let state = state(account);
            let trail = &state.peek(account, REGION, "trails").expect("a trail was made")["legacy-trail"];
            assert_eq!((&trail["_logging"], &trail["IsMultiRegionTrail"]), (&json!(true), &json!(false)));
            let (owner, bucket) =
                state.bucket(&format!("legacy-cloudtrail-{account}")).expect("a bucket was made");
            assert_eq!((owner, bucket.get("Policy")), (account, None));
            assert_eq!(state.organization["Accounts"].as_array().map(Vec::len), Some(3));
        }
    }
}
