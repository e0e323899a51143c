//! What each service will ask of a bucket, a key, a role or a topic, call by call, with the condition keys it presents.

use super::Code;
use super::census::Census;
use super::prerequisites::tries_the_key;
use super::world::World;
use crate::kinds::bedrock_logging::BedrockLogging;
use crate::kinds::policies::regional_service;
use crate::kinds::s3_bucket::S3Bucket;
use crate::kinds::trail::Trail;
use crate::kinds::{Kind, Resource};
use crate::model::{Address, Input, Scope};

/// One call that a service will make, and the document that must admit it.
#[derive(Clone, Debug)]
pub(super) struct Demand {
    /// Whose step or delivery hangs on it.
    pub consumer: Address,
    /// Whose document is asked.
    pub holder: Address,
    pub attribute: &'static str,
    pub code: Code,
    /// Service principal.
    pub service: String,
    /// False: the service is not a principal of the document, which is the role's own.
    pub names_service: bool,
    pub action: &'static str,
    pub resource: String,
    pub context: Vec<(&'static str, String)>,
    /// Calls at which AWS tries it, by [`Call::name`](crate::kinds::Call::name), and its answer if it fails; `None`: the
    /// delivery just fails.
    pub tried: Option<(&'static [&'static str], &'static str)>,
}

const CLOUDTRAIL: &str = "cloudtrail.amazonaws.com";
const BEDROCK: &str = "bedrock.amazonaws.com";
const TRAIL_CALLS: &[&str] = &["CreateTrail", "UpdateTrail"];
/// PutInsightSelectors looks at the bucket and the key, too (CloudTrail API).
const TRAIL_AND_INSIGHTS: &[&str] = tries_the_key(Kind::Trail);
const BEDROCK_CALLS: &[&str] = tries_the_key(Kind::BedrockLogging);
/// CloudWatch Logs User Guide, encrypt log data: the key is tried when it is given.
const GROUP_CALLS: &[&str] = tries_the_key(Kind::LogGroup);
/// CloudTrail User Guide, CreateTrail and UpdateTrail: no answer says more than these codes.
const BUCKET_CODE: &str = "InsufficientS3BucketPolicyException";
const KEY_CODE: &str = "InsufficientEncryptionPolicyException";
const ROLE_CODE: &str = "InvalidCloudWatchLogsRoleArnException";
const BEDROCK_CODE: &str = "ValidationException";

/// Returns everything that will be demanded once the account is as the plan leaves it.
pub(super) fn demands(world: &World<'_>, facts: &Census) -> Vec<Demand> {
    let mut all = Vec::new();
    for (address, state) in world.serving() {
        match state {
            Resource::Trail(trail) => all.extend(of_trail(world, facts, address, trail)),
            Resource::LogGroup(group) => {
                all.extend(
                    group
                        .kms_key
                        .as_ref()
                        .map(|key| of_group(world, address, &group.name, key))
                        .into_iter()
                        .flatten(),
                );
            }
            Resource::BedrockLogging(logging) => all.extend(of_bedrock(world, address, logging)),
            Resource::S3Bucket(bucket) => all.extend(of_access_logs(address, bucket)),
            Resource::SnsTopic(topic) => {
                all.extend(of_topic(world, address, &topic.name, topic.kms_key.as_ref()))
            }
            _ => {}
        }
    }
    all
}

/// What every call of a service over HTTPS has.
fn transport() -> Vec<(&'static str, String)> {
    vec![("aws:SecureTransport", "true".into()), ("s3:TlsVersion", "1.3".into())]
}

fn from_source(account: &str, arn: &str) -> Vec<(&'static str, String)> {
    vec![("aws:SourceArn", arn.to_owned()), ("aws:SourceAccount", account.to_owned())]
}

fn bucket_arn(scope: &Scope, name: &str) -> String {
    format!("arn:{}:s3:::{name}", scope.partition())
}

/// The key's ARN if it is there; else its shape, which a key policy's `*` covers.
fn key_arn(world: &World<'_>, key: &Address) -> String {
    let shape = || {
        let Scope { account, region } = &key.scope;
        format!("arn:{}:kms:{region}:{account}:key/KEY", key.scope.partition())
    };
    world.output(key, "arn").map_or_else(shape, ToOwned::to_owned)
}

/// The bucket an input means, as it will stand.
fn bucket<'a>(world: &World<'a>, input: &Input) -> Option<(Address, &'a S3Bucket)> {
    let address = input.source()?;
    match world.standing(address).state()? {
        Resource::S3Bucket(bucket) => Some((address.clone(), bucket)),
        _ => None,
    }
}

/// CloudTrail User Guide: bucket policy, key policy and role for CloudTrail.
fn of_trail(world: &World<'_>, facts: &Census, consumer: &Address, trail: &Trail) -> Vec<Demand> {
    let scope = &consumer.scope;
    let names = |name: &str| {
        format!("arn:{}:cloudtrail:{}:{}:trail/{name}", scope.partition(), scope.region, scope.account)
    };
    let source = from_source(&scope.account, &names(&trail.name));
    let mut all = Vec::new();
    let found = bucket(world, &trail.bucket);
    let key = trail.kms_key.as_ref().and_then(|key| world.key(key));
    if let Some((holder, bucket)) = &found {
        let arn = bucket_arn(scope, &bucket.name);
        let demand = |action, resource, context, tried| Demand {
            consumer: consumer.clone(),
            holder: holder.clone(),
            attribute: "policy",
            code: Code::BucketPolicy,
            service: CLOUDTRAIL.into(),
            names_service: true,
            action,
            resource,
            context,
            tried,
        };
        let look = [source.clone(), transport()].concat();
        let mut put = [look.clone(), vec![("s3:x-amz-acl", "bucket-owner-full-control".into())]].concat();
        if let Some(key) = &key {
            put.push(("s3:x-amz-server-side-encryption", "aws:kms".into()));
            put.push(("s3:x-amz-server-side-encryption-aws-kms-key-id", key_arn(world, key)));
        }
        let tried = Some((TRAIL_AND_INSIGHTS, BUCKET_CODE));
        all.push(demand("s3:GetBucketAcl", arn.clone(), look, tried));
        let prefix = trail.key_prefix.as_deref().map(|prefix| format!("{prefix}/")).unwrap_or_default();
        let organization = facts.organization.as_ref().and_then(|found| found.as_ref().ok());
        let owners = [
            Some(scope.account.clone()),
            organization.map(|found| found.id.clone()).filter(|_| trail.organization),
        ];
        for owner in owners.into_iter().flatten() {
            let object = |folder: &str| format!("{arn}/{prefix}AWSLogs/{owner}/{folder}/{}/", scope.region);
            all.push(demand("s3:PutObject", object("CloudTrail"), put.clone(), tried));
            // Digests and insights are tried by nobody; their delivery just fails.
            if trail.log_file_validation {
                all.push(demand("s3:PutObject", object("CloudTrail-Digest"), put.clone(), None));
            }
            if !trail.insights.is_empty() {
                all.push(demand("s3:PutObject", object("CloudTrail-Insight"), put.clone(), None));
            }
        }
    }
    if let Some(holder) = &key {
        let encryption = ("kms:EncryptionContext:aws:cloudtrail:arn", names(&trail.name));
        let with_context = [source.clone(), vec![encryption]].concat();
        let bucket_key = found
            .as_ref()
            .is_some_and(|(_, bucket)| bucket.encryption.as_ref().is_some_and(|e| e.bucket_key));
        let demand = |action, context| Demand {
            code: Code::KeyPolicy,
            tried: Some((TRAIL_AND_INSIGHTS, KEY_CODE)),
            ..of_key(world, consumer, holder, CLOUDTRAIL, action, context)
        };
        all.push(demand("kms:GenerateDataKey", with_context.clone()));
        all.push(demand("kms:DescribeKey", source));
        // A bucket key is a data key that has to be decrypted first (CloudTrail User Guide, key policies).
        if bucket_key {
            all.push(demand("kms:Decrypt", with_context));
        }
    }
    let role = trail.log_role.as_ref().and_then(Input::source);
    if let (Some(role), Some(group)) = (role, trail.log_group.as_ref().and_then(Input::value)) {
        let stream = format!("{group}:log-stream:{}_CloudTrail_{}", scope.account, scope.region);
        // Whether CloudTrail presents aws:SourceArn to the role is not documented, and reports say that it does not.
        all.extend(of_role(world, consumer, role, CLOUDTRAIL, Vec::new(), &stream, (TRAIL_CALLS, ROLE_CODE)));
    }
    all
}

fn of_key(
    world: &World<'_>,
    consumer: &Address,
    key: &Address,
    service: &str,
    action: &'static str,
    context: Vec<(&'static str, String)>,
) -> Demand {
    Demand {
        consumer: consumer.clone(),
        holder: key.clone(),
        attribute: "policy",
        code: Code::KeyPolicy,
        service: service.to_owned(),
        names_service: true,
        action,
        resource: key_arn(world, key),
        context,
        tried: None,
    }
}

fn of_role(
    world: &World<'_>,
    consumer: &Address,
    role: &Address,
    service: &str,
    context: Vec<(&'static str, String)>,
    stream: &str,
    tried: (&'static [&'static str], &'static str),
) -> Vec<Demand> {
    let Some(state) = world.standing(role).state() else { return Vec::new() };
    let arn = state.known_outputs(role).into_iter().find(|(name, _)| *name == "arn").map(|(_, arn)| arn);
    let trust = Demand {
        consumer: consumer.clone(),
        holder: role.clone(),
        attribute: "trust",
        code: Code::RoleTrust,
        service: service.to_owned(),
        names_service: true,
        action: "sts:AssumeRole",
        resource: arn.unwrap_or_default(),
        context,
        tried: Some(tried),
    };
    let may = |action| Demand {
        attribute: "policy",
        code: Code::RolePermissions,
        names_service: false,
        action,
        resource: stream.to_owned(),
        context: Vec::new(),
        ..trust.clone()
    };
    vec![may("logs:CreateLogStream"), may("logs:PutLogEvents"), trust]
}

/// CloudWatch Logs User Guide, encrypt log data: the Region's own principal, for this group.
fn of_group(world: &World<'_>, consumer: &Address, name: &str, key: &Input) -> Vec<Demand> {
    let Some(holder) = world.key(key) else { return Vec::new() };
    let Scope { account, region } = &consumer.scope;
    let service = regional_service("logs", region);
    let arn = format!("arn:{}:logs:{region}:{account}:log-group:{name}", consumer.scope.partition());
    let actions = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"];
    let demand = |action| Demand {
        tried: Some((GROUP_CALLS, "InvalidParameterException")),
        ..of_key(
            world,
            consumer,
            &holder,
            &service,
            action,
            vec![("kms:EncryptionContext:aws:logs:arn", arn.clone())],
        )
    };
    actions.map(demand).into()
}

/// Bedrock User Guide, model invocation logging: it tries by writing.
fn of_bedrock(world: &World<'_>, consumer: &Address, logging: &BedrockLogging) -> Vec<Demand> {
    let Scope { account, region } = &consumer.scope;
    let partition = consumer.scope.partition();
    // What follows the account is not documented; AWS's samples ask for any.
    let source = from_source(account, &format!("arn:{partition}:bedrock:{region}:{account}:*"));
    let tried = (BEDROCK_CALLS, BEDROCK_CODE);
    let mut all = Vec::new();
    let group = logging.log_group.as_ref().and_then(Input::value);
    if let (Some(role), Some(group)) = (logging.role.as_ref().and_then(Input::source), group) {
        let stream = format!(
            "arn:{partition}:logs:{region}:{account}:log-group:{group}:log-stream:aws/bedrock/modelinvocations"
        );
        all.extend(of_role(world, consumer, role, BEDROCK, source.clone(), &stream, tried));
    }
    let sinks =
        [(&logging.bucket, &logging.key_prefix), (&logging.large_data_bucket, &logging.large_data_prefix)];
    for (input, prefix) in sinks {
        let Some((holder, bucket)) = input.as_ref().and_then(|input| bucket(world, input)) else { continue };
        let prefix = prefix.as_deref().map(|prefix| format!("{prefix}/")).unwrap_or_default();
        let arn = bucket_arn(&consumer.scope, &bucket.name);
        all.push(Demand {
            consumer: consumer.clone(),
            holder: holder.clone(),
            attribute: "policy",
            code: Code::BucketPolicy,
            service: BEDROCK.into(),
            names_service: true,
            action: "s3:PutObject",
            resource: format!(
                "{arn}/{prefix}AWSLogs/{account}/BedrockModelInvocationLogs/amazon-bedrock-logs-permission-check"
            ),
            context: [source.clone(), transport()].concat(),
            tried: Some(tried),
        });
        let key = bucket.encryption.as_ref().and_then(|encryption| world.key(encryption.kms_key.as_ref()?));
        all.extend(key.map(|key| Demand {
            tried: Some(tried),
            ..of_key(world, consumer, &key, BEDROCK, "kms:GenerateDataKey", source.clone())
        }));
    }
    all
}

/// S3 User Guide, enabling server access logging.
fn of_access_logs(consumer: &Address, bucket: &S3Bucket) -> Option<Demand> {
    let logging = bucket.logging.as_ref()?;
    let (holder, target) = (logging.target.source()?, logging.target.value()?);
    let source = bucket_arn(&consumer.scope, &bucket.name);
    Some(Demand {
        consumer: consumer.clone(),
        holder: holder.clone(),
        attribute: "policy",
        code: Code::BucketPolicy,
        service: "logging.s3.amazonaws.com".into(),
        names_service: true,
        action: "s3:PutObject",
        resource: format!("{}/{}", bucket_arn(&consumer.scope, target), logging.prefix),
        context: [from_source(&consumer.scope.account, &source), transport()].concat(),
        tried: Some((&["PutBucketLogging"], "InvalidTargetBucketForLogging")),
    })
}

/// SNS Developer Guide, key management and access control: alarms publish, and encrypt what they publish. Nobody tries.
fn of_topic(world: &World<'_>, consumer: &Address, name: &str, key: Option<&Input>) -> Vec<Demand> {
    let service = "cloudwatch.amazonaws.com";
    let Scope { account, region } = &consumer.scope;
    let partition = consumer.scope.partition();
    let told = |address: &Address| address.kind == Kind::MetricAlarm && address.scope == consumer.scope;
    // Any alarm of ours stands for all: a policy that admits one by name silences the others.
    let alarms = world.serving().filter(|(address, _)| told(address)).map(|(_, state)| state.aws_name());
    let mut all: Vec<Demand> = alarms
        .map(|alarm| Demand {
            consumer: consumer.clone(),
            holder: consumer.clone(),
            attribute: "policy",
            code: Code::TopicPolicy,
            service: service.into(),
            names_service: true,
            action: "sns:Publish",
            resource: format!("arn:{partition}:sns:{region}:{account}:{name}"),
            context: [
                from_source(account, &format!("arn:{partition}:cloudwatch:{region}:{account}:alarm:{alarm}")),
                vec![("aws:SecureTransport", "true".into())],
            ]
            .concat(),
            tried: None,
        })
        .collect();
    if let Some(key) = key.and_then(|key| world.key(key)) {
        let use_key = |action| of_key(world, consumer, &key, service, action, Vec::new());
        all.extend(["kms:GenerateDataKey", "kms:Decrypt"].map(use_key));
    }
    all
}
