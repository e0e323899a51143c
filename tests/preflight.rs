//! What would fail half-way is told before the first write: the sandbox, which refuses what AWS refuses, is the witness.

#[expect(dead_code, reason = "blueprints of the repository are for other tests")]
mod common;

use auditscope::engine::plan::Action;
use auditscope::engine::preflight::{self, Census, Code, Obstacle};
use auditscope::engine::run::Planned;
use auditscope::kinds::Kind;
use auditscope::sandbox::faults::{Kind as Fault, Rule};
use auditscope::sandbox::state::State;
use common::{ACCOUNT, Account, intent, told, with};
use serde_json::{Value, json};

const REGION: &str = "us-east-1";
const TRAIL_GROUP: &str = "/auditscope/genai-audit/trail";

/// One pack is enough: every kind is there.
fn small() -> auditscope::blueprint::Blueprint {
    with("[notifications]\nemails = [\"secops@example.com\"]\n[detections]\npacks = [\"audit-tampering\"]")
}

async fn planned(account: &Account) -> Planned {
    Box::pin(account.run.plan(&intent())).await.expect("a plan has an order")
}

async fn obstacles(account: &Account) -> Vec<Obstacle> {
    let planned = planned(account).await;
    Box::pin(account.run.preflight(&planned)).await
}

fn texts(obstacles: &[Obstacle]) -> String {
    obstacles
        .iter()
        .map(|one| {
            let mark = if one.blocks { "" } else { " (told)" };
            format!("{}{mark} {}\n  {}\n  do: {}\n", one.code, one.address.short(), one.text, one.fix)
        })
        .collect()
}

/// A document of the sandbox's state.
#[derive(Clone, Copy, Debug)]
enum Held {
    Bucket(&'static str),
    Key(&'static str),
    Trust(&'static str),
    Permissions(&'static str),
}

fn text(state: &mut State, held: Held) -> &mut Value {
    let found = match held {
        Held::Bucket(role) => {
            let name = format!("genai-audit-{role}-{ACCOUNT}-{REGION}");
            &mut state.table(ACCOUNT, "global", "buckets")[&name]["Policy"]
        }
        Held::Key(alias) => {
            let id = state.table(ACCOUNT, REGION, "kms_aliases")[alias]["TargetKeyId"].clone();
            &mut state.table(ACCOUNT, REGION, "kms_keys")[id.as_str().expect("an id")]["Policy"]
        }
        Held::Trust(role) => &mut state.table(ACCOUNT, "global", "roles")[role]["AssumeRolePolicyDocument"],
        Held::Permissions(role) => {
            &mut state.table(ACCOUNT, "global", "roles")[role]["_policies"]["delivery"]
        }
    };
    assert!(found.is_string(), "{held:?}");
    found
}

fn edit(account: &Account, held: Held, change: fn(&mut Vec<Value>)) {
    account.sandbox.with_state(|state| {
        let text = text(state, held);
        let mut document: Value = serde_json::from_str(text.as_str().expect("a text")).expect("a document");
        let mut statements = document["Statement"].as_array().cloned().expect("a list");
        change(&mut statements);
        document["Statement"] = json!(statements);
        *text = json!(document.to_string());
    });
}

fn set(statements: &mut [Value], sid: &str, pointer: &str, value: Value) {
    let statement = statements.iter_mut().find(|statement| statement["Sid"] == sid).expect("the statement");
    let mut at = statement;
    for part in pointer.split('/') {
        at = &mut at[part];
    }
    *at = value;
}

fn drop_one(statements: &mut Vec<Value>, sid: &str) {
    let before = statements.len();
    statements.retain(|statement| statement["Sid"] != sid);
    assert!(statements.len() < before, "{sid}");
}

fn unconditional(statements: &mut [Value], sid: &str) {
    let statement = statements.iter_mut().find(|statement| statement["Sid"] == sid).expect("the statement");
    statement.as_object_mut().expect("an object").remove("Condition");
}

const LOGS: Held = Held::Bucket("logs");
const PROMPTS: Held = Held::Bucket("prompts");
const MAIN: Held = Held::Key("alias/genai-audit");
const PROMPT_KEY: Held = Held::Key("alias/genai-audit-prompts");
const TRAIL_ROLE: &str = "genai-audit-trail-logs";
const BEDROCK_ROLE: &str = "genai-audit-bedrock-logs-us-east-1";
const OTHER_TRAIL: &str = "arn:aws:cloudtrail:us-east-1:111122223333:trail/old";
const WRITE: &str = "AWSCloudTrailWrite20150319";

type Case = (&'static str, Held, fn(&mut Vec<Value>), &'static [Kind]);

/// What is done to a document, and whose delivery it stops.
const CASES: &[Case] = &[
    ("as it is", LOGS, |_| {}, &[]),
    (
        "another trail may write",
        LOGS,
        |s| set(s, WRITE, "Condition/StringEquals/aws:SourceArn", json!(OTHER_TRAIL)),
        &[Kind::Trail],
    ),
    ("any trail may write", LOGS, |s| unconditional(s, WRITE), &[]),
    (
        "another ACL",
        LOGS,
        |s| set(s, WRITE, "Condition/StringEquals/s3:x-amz-acl", json!("private")),
        &[Kind::Trail],
    ),
    ("nobody may write", LOGS, |s| drop_one(s, WRITE), &[Kind::Trail]),
    (
        "another account's prefix",
        LOGS,
        |s| {
            let name = s.iter().find(|one| one["Sid"] == WRITE).expect("there")["Resource"].to_string();
            set(
                s,
                WRITE,
                "Resource",
                json!(name.trim_matches(['[', ']', '"']).replace("111122223333/*", "444455556666/*")),
            );
        },
        &[Kind::Trail],
    ),
    ("nobody may look", LOGS, |s| drop_one(s, "AWSCloudTrailAclCheck20150319"), &[Kind::Trail]),
    (
        "another service",
        LOGS,
        |s| set(s, WRITE, "Principal", json!({"Service": "config.amazonaws.com"})),
        &[Kind::Trail],
    ),
    (
        "a denial for everybody outside",
        LOGS,
        |s| {
            s.push(json!({"Sid": "Outside", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a"}}}));
        },
        &[Kind::Trail],
    ),
    (
        "a denial of other encryption",
        LOGS,
        |s| {
            s.push(json!({"Sid": "Sse", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*",
            "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}}));
        },
        &[],
    ),
    (
        "a denial of every key but one",
        LOGS,
        |s| {
            s.push(json!({"Sid": "Key", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*",
            "Condition": {"StringNotEqualsIfExists": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "x"}}}));
        },
        &[Kind::Trail],
    ),
    (
        "the key for another trail",
        MAIN,
        |s| set(s, "CloudTrailEncrypt", "Condition/StringEquals/aws:SourceArn", json!(OTHER_TRAIL)),
        &[Kind::Trail],
    ),
    (
        "the key without encryption context",
        MAIN,
        |s| {
            set(
                s,
                "CloudTrailEncrypt",
                "Condition/StringLike/kms:EncryptionContext:aws:cloudtrail:arn",
                json!("arn:aws:cloudtrail:*:444455556666:trail/*"),
            );
        },
        &[Kind::Trail],
    ),
    (
        "the key without Decrypt",
        MAIN,
        |s| set(s, "CloudTrailCheck", "Action", json!("kms:DescribeKey")),
        &[Kind::Trail],
    ),
    ("the key without CloudTrail's check", MAIN, |s| drop_one(s, "CloudTrailCheck"), &[Kind::Trail]),
    (
        "the key for another group",
        MAIN,
        |s| {
            set(
                s,
                "CloudWatchLogs",
                "Condition/ArnLike/kms:EncryptionContext:aws:logs:arn",
                json!("arn:aws:logs:us-east-1:111122223333:log-group:other"),
            );
        },
        &[Kind::LogGroup],
    ),
    (
        "the key for another Region's logs",
        MAIN,
        |s| set(s, "CloudWatchLogs", "Principal", json!({"Service": "logs.eu-central-1.amazonaws.com"})),
        &[Kind::LogGroup],
    ),
    (
        "the role for another service",
        Held::Trust(TRAIL_ROLE),
        |s| set(s, "CloudTrail", "Principal", json!({"Service": "ec2.amazonaws.com"})),
        &[Kind::Trail],
    ),
    (
        "the role for one trail only",
        Held::Trust(TRAIL_ROLE),
        |s| set(s, "CloudTrail", "Condition", json!({"StringEquals": {"aws:SourceArn": OTHER_TRAIL}})),
        &[Kind::Trail],
    ),
    (
        "the role for another stream",
        Held::Permissions(TRAIL_ROLE),
        |s| set(s, "Deliver", "Resource", json!("arn:aws:logs:us-east-1:111122223333:log-group:other:*")),
        &[Kind::Trail],
    ),
    (
        "the role without PutLogEvents",
        Held::Permissions(TRAIL_ROLE),
        |s| set(s, "Deliver", "Action", json!("logs:CreateLogStream")),
        &[Kind::Trail],
    ),
    (
        "Bedrock's role without Bedrock",
        Held::Trust(BEDROCK_ROLE),
        |s| set(s, "Bedrock", "Principal", json!({"Service": "ec2.amazonaws.com"})),
        &[Kind::BedrockLogging],
    ),
    (
        "Bedrock's role for another Region",
        Held::Trust(BEDROCK_ROLE),
        |s| {
            set(
                s,
                "Bedrock",
                "Condition/ArnLike/aws:SourceArn",
                json!("arn:aws:bedrock:eu-central-1:111122223333:*"),
            )
        },
        &[Kind::BedrockLogging],
    ),
    (
        "Bedrock's role without PutLogEvents",
        Held::Permissions(BEDROCK_ROLE),
        |s| set(s, "Deliver", "Action", json!("logs:CreateLogStream")),
        &[Kind::BedrockLogging],
    ),
    (
        "Bedrock's bucket for another account",
        PROMPTS,
        |s| set(s, "BedrockDelivery", "Condition/StringEquals/aws:SourceAccount", json!("444455556666")),
        &[Kind::BedrockLogging],
    ),
    (
        "Bedrock's bucket without Bedrock",
        PROMPTS,
        |s| drop_one(s, "BedrockDelivery"),
        &[Kind::BedrockLogging],
    ),
    (
        "Bedrock's key without GenerateDataKey",
        PROMPT_KEY,
        |s| set(s, "BedrockDelivery", "Action", json!("kms:Decrypt")),
        &[Kind::BedrockLogging],
    ),
];

fn holder(held: Held) -> (Kind, &'static str) {
    match held {
        Held::Bucket(role) => (Kind::S3Bucket, role),
        Held::Key("alias/genai-audit") => (Kind::KmsKey, "main"),
        Held::Key(_) => (Kind::KmsKey, "prompts"),
        Held::Trust(TRAIL_ROLE) | Held::Permissions(TRAIL_ROLE) => (Kind::IamRole, "trail-logs"),
        Held::Trust(_) | Held::Permissions(_) => (Kind::IamRole, "bedrock-logs"),
    }
}

/// Returns whose delivery the sandbox refuses: each is written again as it is.
async fn refused(account: &Account) -> Vec<Kind> {
    let config = account.run.session().config(REGION);
    let mut refused = Vec::new();
    let groups = aws_sdk_cloudwatchlogs::Client::new(&config);
    let key = {
        let state = account.sandbox.state();
        let group = &state.accounts[ACCOUNT][REGION]["log_groups"][TRAIL_GROUP];
        group["kmsKeyId"].as_str().expect("a key").to_owned()
    };
    let answer = groups.associate_kms_key().log_group_name(TRAIL_GROUP).kms_key_id(key).send().await;
    refused.extend(answer.is_err().then_some(Kind::LogGroup));
    let trails = aws_sdk_cloudtrail::Client::new(&config);
    let answer = trails.update_trail().name("genai-audit").enable_log_file_validation(true).send().await;
    refused.extend(answer.is_err().then_some(Kind::Trail));
    let bedrock = aws_sdk_bedrock::Client::new(&config);
    let now = bedrock.get_model_invocation_logging_configuration().send().await.expect("it can be read");
    let put = bedrock.put_model_invocation_logging_configuration().set_logging_config(now.logging_config);
    refused.extend(put.send().await.is_err().then_some(Kind::BedrockLogging));
    refused
}

/// Returns the plan for a damaged account in which the document's own step is left out.
async fn without_step(account: &Account, held: Held) -> Planned {
    let mut planned = planned(account).await;
    let (kind, name) = holder(held);
    planned.plan.steps.retain(|step| (step.address.kind, step.address.name.as_str()) != (kind, name));
    planned
}

#[tokio::test]
async fn what_the_sandbox_refuses_is_told_and_nothing_else() {
    let account = Account::new(small()).await;
    account.converge().await;
    // Something to write for each consumer, so that AWS looks.
    account.sandbox.with_state(|state| {
        state.table(ACCOUNT, REGION, "trails")["genai-audit"]["LogFileValidationEnabled"] = json!(false);
        state.table(ACCOUNT, REGION, "bedrock_logging")["config"]["textDataDeliveryEnabled"] = json!(false);
    });
    let healthy = account.sandbox.state();
    let mut report = String::new();
    for (case, held, change, want) in CASES {
        account.sandbox.with_state(|state| *state = healthy.clone());
        edit(&account, *held, *change);
        let planned = without_step(&account, *held).await;
        let found =
            preflight::check(&planned.plan, &planned.desired, &planned.observation, &Census::default());
        let mut kinds: Vec<Kind> = found.iter().map(|one| one.address.kind).collect();
        kinds.sort();
        kinds.dedup();
        assert_eq!(kinds, *want, "{case}: {}\n{}", told(&planned.plan), texts(&found));
        assert_eq!(refused(&account).await, *want, "{case}: the sandbox");
        report += &format!("# {case}\n{}", texts(&found));
    }
    insta::assert_snapshot!(report);
}

#[tokio::test]
async fn a_step_that_repairs_the_document_clears_the_way() {
    let account = Account::new(small()).await;
    account.converge().await;
    assert_eq!(texts(&obstacles(&account).await), "");
    for (case, held, change, _) in CASES {
        let healthy = account.sandbox.state();
        edit(&account, *held, *change);
        assert_eq!(texts(&obstacles(&account).await), "", "{case}");
        account.sandbox.with_state(|state| *state = healthy);
    }
}

#[tokio::test]
async fn a_document_whose_step_is_blocked_is_judged_as_it_is() {
    let account = Account::new(small()).await;
    account.converge().await;
    edit(&account, LOGS, |s| set(s, WRITE, "Condition/StringEquals/aws:SourceArn", json!(OTHER_TRAIL)));
    let mut planned = planned(&account).await;
    for step in planned.plan.steps.iter_mut().filter(|step| step.address.kind == Kind::S3Bucket) {
        step.blocked = Some("object_lock can only be set when it is created".into());
    }
    let found = preflight::check(&planned.plan, &planned.desired, &planned.observation, &Census::default());
    insta::assert_snapshot!(texts(&found), @r#"
    PF11 (told) trail.main
      the policy of s3_bucket.logs does not let cloudtrail.amazonaws.com s3:PutObject on arn:aws:s3:::genai-audit-logs-111122223333-us-east-1/AWSLogs/111122223333/CloudTrail/us-east-1/: statement AWSCloudTrailWrite20150319 lacks aws:SourceArn arn:aws:cloudtrail:us-east-1:111122223333:trail/genai-audit (StringEquals arn:aws:cloudtrail:us-east-1:111122223333:trail/old); what is delivered would be lost
      do: clear what blocks s3_bucket.logs (object_lock can only be set when it is created), or correct its policy by hand
    "#);
}

#[tokio::test]
async fn an_empty_account_has_nothing_in_the_way_and_an_unchanged_one_costs_no_call() {
    let account = Account::new(small()).await;
    assert_eq!(texts(&obstacles(&account).await), "");
    account.converge().await;
    let planned = planned(&account).await;
    let before = account.sandbox.calls().len();
    assert_eq!(texts(&Box::pin(account.run.preflight(&planned)).await), "");
    assert_eq!(account.sandbox.calls().len(), before);
}

fn other_trail(name: &str) -> Value {
    json!({"Name": name, "TrailARN": format!("arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{name}"),
        "HomeRegion": REGION, "S3BucketName": "somebody-s", "IncludeGlobalServiceEvents": true,
        "IsMultiRegionTrail": true, "LogFileValidationEnabled": false, "IsOrganizationTrail": false,
        "_logging": false, "_insights": [], "_selectors": null, "_basic": null, "_tags": {}})
}

#[tokio::test]
async fn a_sixth_trail_is_told_before_anything_is_written() {
    for (there, want) in [(4, false), (5, true)] {
        let account = Account::new(small()).await;
        account.sandbox.with_state(|state| {
            for number in 0..there {
                let name = format!("other-{number}");
                state.table(ACCOUNT, REGION, "trails").insert(name.clone(), other_trail(&name));
            }
        });
        let found = obstacles(&account).await;
        assert_eq!(preflight::blocks(&found), want, "{there}: {}", texts(&found));
        let plan = account.plan().await;
        let (outcome, _) = account.execute(&plan).await;
        let failed: Vec<Kind> = outcome.failed.iter().map(|(address, _)| address.kind).collect();
        assert_eq!(failed.contains(&Kind::Trail), want, "{there}: the sandbox");
        if want {
            insta::assert_snapshot!(texts(&found), @r#"
            PF03 trail.main
              us-east-1 has 5 trails already (other-0, other-1, other-2, other-3, other-4), copies of multi-Region trails included, and CloudTrail takes 5
              do: delete one that nobody needs, or record one Region only with it; the quota cannot be raised
            "#);
        }
    }
}

#[tokio::test]
async fn a_full_log_group_is_told() {
    let account = Account::new(small()).await;
    account.converge().await;
    let ours = account.plan().await.unchanged;
    assert!(!ours.is_empty());
    account.sandbox.with_state(|state| {
        let filters = state.table(ACCOUNT, REGION, "metric_filters");
        let mine = format!("{TRAIL_GROUP}|genai-audit-gai-audit-tamper");
        let mut other = filters.remove(&mine).expect("our filter");
        let there = filters.keys().filter(|key| key.starts_with(TRAIL_GROUP)).count();
        for number in there..100 {
            other["filterName"] = json!(format!("other-{number}"));
            filters.insert(format!("{TRAIL_GROUP}|other-{number}"), other.clone());
        }
    });
    let found = obstacles(&account).await;
    insta::assert_snapshot!(texts(&found), @r#"
    PF04 metric_filter.gai-audit-tamper
      the log group /auditscope/genai-audit/trail has 100 metric filters besides the 1 of this run; CloudWatch Logs takes 100
      do: take 1 of them away, or disable detections with detections.disable
    "#);
    let plan = account.plan().await;
    let (outcome, _) = account.execute(&plan).await;
    assert_eq!(outcome.failed.len(), 1, "the sandbox: {:?}", outcome.failed);
}

#[tokio::test]
async fn a_count_that_cannot_be_read_is_a_note() {
    let account = Account::new(small()).await;
    let planned = planned(&account).await;
    let deny = |service: &str, operation: &str| Rule {
        service: service.into(),
        operation: operation.into(),
        nth: None,
        fault: Fault::Deny,
    };
    account
        .sandbox
        .set_faults(vec![deny("cloudtrail", "DescribeTrails"), deny("cloudwatch", "DescribeAlarms")]);
    let found = Box::pin(account.run.preflight(&planned)).await;
    assert!(!preflight::blocks(&found));
    let codes: Vec<Code> = found.iter().map(|one| one.code).collect();
    // The trail, metric alarms and composite alarms.
    assert_eq!(codes, [Code::NotChecked; 3], "{}", texts(&found));
}

#[tokio::test]
async fn another_account_s_bucket_is_told() {
    let account = Account::new(small()).await;
    let name = format!("genai-audit-logs-{ACCOUNT}-{REGION}");
    account.sandbox.with_state(|state| {
        let bucket = json!({"Name": name, "Region": REGION, "_versions": [], "_tags": {}});
        state.table("444455556666", "global", "buckets").insert(name.clone(), bucket);
    });
    let found = obstacles(&account).await;
    insta::assert_snapshot!(texts(&found), @r#"
    PF02 s3_bucket.logs
      the name genai-audit-logs-111122223333-us-east-1 is taken: the bucket genai-audit-logs-111122223333-us-east-1 belongs to another account, or the caller may not list it
      do: choose another name under log_bucket.name; if it is this account's bucket, grant s3:ListBucket and the other reads on it to the caller
    "#);
}

#[tokio::test]
async fn an_organization_that_is_not_ready_is_told() {
    let organization = |master: &str, features: &str, trusted: bool| {
        let services = if trusted {
            json!([{"ServicePrincipal": "cloudtrail.amazonaws.com", "DateEnabled": 1}])
        } else {
            json!([])
        };
        json!({"Id": "o-exampleorgid", "Arn": "arn:aws:organizations::111122223333:organization/o-exampleorgid",
            "FeatureSet": features, "MasterAccountId": master, "MasterAccountEmail": "a@example.com",
            "MasterAccountArn": "arn:aws:organizations::111122223333:account/o-exampleorgid/111122223333",
            "AvailablePolicyTypes": [], "ServiceAccess": services, "DelegatedAdministrators": [],
            "Accounts": [{"Id": ACCOUNT, "Arn": "arn:aws:organizations::111122223333:account/o-exampleorgid/111122223333",
                "Email": "a@example.com", "Name": "a", "Status": "ACTIVE", "JoinedMethod": "INVITED", "JoinedTimestamp": 1}]})
    };
    let cases = [
        ("ready", organization(ACCOUNT, "ALL", true), 0),
        ("not trusted", organization(ACCOUNT, "ALL", false), 1),
        ("not all features", organization(ACCOUNT, "CONSOLIDATED_BILLING", true), 1),
        ("a member", organization("444455556666", "ALL", true), 1),
    ];
    for (case, organization, want) in cases {
        let sandbox = auditscope::sandbox::Sandbox::in_memory(ACCOUNT);
        sandbox.with_state(|state| state.organization = organization);
        let blueprint = with("[trail]\norganization = true\n[detections]\npacks = [\"audit-tampering\"]");
        let account = Account::on(sandbox, blueprint).await;
        let found = obstacles(&account).await;
        assert_eq!(found.len(), want, "{case}: {}", texts(&found));
        assert!(
            found.iter().all(|one| one.code == Code::Organization && one.blocks),
            "{case}: {}",
            texts(&found)
        );
        let plan = account.plan().await;
        let (outcome, _) = account.execute(&plan).await;
        assert_eq!(outcome.failed.len(), want, "{case}: the sandbox: {:?}", outcome.failed);
    }
}

#[tokio::test]
async fn what_is_left_out_and_needed_is_told() {
    let account = Account::new(small()).await;
    let mut planned = planned(&account).await;
    planned.plan.steps.retain(|step| step.address.kind != Kind::IamRole);
    let found = preflight::check(&planned.plan, &planned.desired, &planned.observation, &Census::default());
    let told: Vec<(Code, Kind)> = found.iter().map(|one| (one.code, one.address.kind)).collect();
    assert_eq!(
        told,
        [(Code::Missing, Kind::Trail), (Code::Missing, Kind::BedrockLogging)],
        "{}",
        texts(&found)
    );
    assert!(planned.plan.steps.iter().all(|step| step.action == Action::Create));
}

#[tokio::test]
async fn a_disabled_key_that_stays_so_is_told() {
    let account = Account::new(small()).await;
    account.converge().await;
    account.sandbox.with_state(|state| {
        let id = state.table(ACCOUNT, REGION, "kms_aliases")["alias/genai-audit"]["TargetKeyId"].clone();
        state.table(ACCOUNT, REGION, "kms_keys")[id.as_str().expect("an id")]["KeyState"] = json!("Disabled");
        state.table(ACCOUNT, REGION, "trails")["genai-audit"]["LogFileValidationEnabled"] = json!(false);
    });
    assert_eq!(texts(&obstacles(&account).await), "", "the run enables it");
    let planned = without_step(&account, MAIN).await;
    let found = preflight::check(&planned.plan, &planned.desired, &planned.observation, &Census::default());
    let trail: Vec<&Obstacle> = found.iter().filter(|one| one.blocks).collect();
    assert!(matches!(trail.as_slice(), [one] if one.code == Code::KeyUnusable), "{}", texts(&found));
    assert!(found.iter().all(|one| one.code == Code::KeyUnusable), "{}", texts(&found));
}
