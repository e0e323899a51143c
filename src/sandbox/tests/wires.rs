//! One round trip over each wire format, with what each is known to get wrong.

use super::{ACCOUNT, code, config};
use crate::sandbox::Sandbox;
use aws_sdk_cloudwatch::types::{ComparisonOperator, Statistic};
use aws_sdk_s3::types as s3;
use std::time::Duration;

#[tokio::test]
async fn alarms_keep_numbers_and_times_over_cbor() {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    let client = aws_sdk_cloudwatch::Client::new(&config(&sandbox, "eu-central-1", "x").await);
    client
        .put_metric_alarm()
        .alarm_name("a")
        .namespace("n")
        .metric_name("m")
        .statistic(Statistic::Sum)
        .period(300)
        .evaluation_periods(2)
        .threshold(1.0)
        .comparison_operator(ComparisonOperator::GreaterThanOrEqualToThreshold)
        .send()
        .await
        .expect("a good alarm");
    let alarms = client.describe_alarms().send().await.expect("described");
    let alarm = &alarms.metric_alarms()[0];
    assert_eq!((alarm.threshold(), alarm.period()), (Some(1.0), Some(300)));
    assert_eq!(alarm.state_updated_timestamp().map(|at| at.secs()), Some(1_767_225_600));
    let missing =
        client.list_tags_for_resource().resource_arn("arn:aws:cloudwatch:eu-central-1:111122223333:alarm:z");
    assert!(code(missing.send().await).is_some_and(|code| code.starts_with("ResourceNotFound")));
}

#[tokio::test]
async fn buckets_keep_their_configurations_over_xml() {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    let client = aws_sdk_s3::Client::new(&config(&sandbox, "eu-central-1", "x").await);
    let place = s3::CreateBucketConfiguration::builder()
        .location_constraint(s3::BucketLocationConstraint::EuCentral1)
        .build();
    let create = client.create_bucket().bucket("a-logs").create_bucket_configuration(place);
    create.object_lock_enabled_for_bucket(true).send().await.expect("a bucket");
    sandbox.advance(Duration::from_secs(60));
    let versioning = client.get_bucket_versioning().bucket("a-logs").send().await.expect("read");
    assert_eq!(versioning.status(), Some(&s3::BucketVersioningStatus::Enabled));
    let none = client.get_bucket_policy().bucket("a-logs").send().await;
    assert_eq!(code(none).as_deref(), Some("NoSuchBucketPolicy"));

    let rule = s3::LifecycleRule::builder()
        .id("expire")
        .status(s3::ExpirationStatus::Enabled)
        .filter(s3::LifecycleRuleFilter::builder().prefix("").build())
        .expiration(s3::LifecycleExpiration::builder().days(400).build())
        .transitions(
            s3::Transition::builder().days(90).storage_class(s3::TransitionStorageClass::GlacierIr).build(),
        )
        .build()
        .expect("complete");
    let rules = s3::BucketLifecycleConfiguration::builder().rules(rule.clone()).build().expect("complete");
    let put = client.put_bucket_lifecycle_configuration().bucket("a-logs").lifecycle_configuration(rules);
    put.send().await.expect("good rules");
    let read = client.get_bucket_lifecycle_configuration().bucket("a-logs").send().await.expect("read");
    assert_eq!(read.rules(), [rule]);
    assert!(read.transition_default_minimum_object_size().is_some(), "it comes as a header");

    let tag = s3::Tag::builder().key("auditscope:scope").value("true").build().expect("complete");
    let tagging = s3::Tagging::builder().tag_set(tag.clone()).build().expect("complete");
    client.put_bucket_tagging().bucket("a-logs").tagging(tagging).send().await.expect("a good tag");
    let tags = client.get_bucket_tagging().bucket("a-logs").send().await.expect("read");
    assert_eq!(tags.tag_set(), [tag]);
    let encryption = client.get_bucket_encryption().bucket("a-logs").send().await.expect("read");
    let rules = encryption.server_side_encryption_configuration().expect("every new bucket has one").rules();
    assert_eq!(
        rules[0].apply_server_side_encryption_by_default().map(|by| by.sse_algorithm().as_str()),
        Some("AES256")
    );
    assert!(rules[0].blocked_encryption_types().is_some());
    let listed = client.list_buckets().send().await.expect("listed");
    assert_eq!(listed.buckets()[0].creation_date().map(|at| at.secs()), Some(1_767_225_600));
}

#[tokio::test]
async fn attributes_are_maps_over_query() {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    let client = aws_sdk_sns::Client::new(&config(&sandbox, "eu-central-1", "x").await);
    let topic = client.create_topic().name("alerts").attributes("DisplayName", "a & b").send().await;
    let arn = topic.expect("a topic").topic_arn.expect("its ARN");
    let read = client.get_topic_attributes().topic_arn(&arn).send().await.expect("read");
    let attributes = read.attributes().expect("a map");
    assert_eq!(attributes.get("DisplayName").map(String::as_str), Some("a & b"));
    let gone = client.get_topic_attributes().topic_arn(format!("{arn}x")).send().await;
    assert_eq!(code(gone).as_deref(), Some("NotFound"));
}

#[tokio::test]
async fn an_account_without_bedrock_logging_says_so_over_rest_json() {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    let client = aws_sdk_bedrock::Client::new(&config(&sandbox, "eu-central-1", "x").await);
    let read = client.get_model_invocation_logging_configuration().send().await.expect("read");
    assert!(read.logging_config().is_none());
    let bad = client
        .put_model_invocation_logging_configuration()
        .logging_config(
            aws_sdk_bedrock::types::LoggingConfig::builder()
                .s3_config(
                    aws_sdk_bedrock::types::S3Config::builder()
                        .bucket_name("none")
                        .build()
                        .expect("complete"),
                )
                .build(),
        )
        .send()
        .await;
    assert_eq!(code(bad).as_deref(), Some("ValidationException"));
}

#[tokio::test]
async fn access_points_and_acls_are_what_s3_s_own_clients_make_of_them() {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    let shared = config(&sandbox, "us-east-1", "x").await;
    let client = aws_sdk_s3::Client::new(&shared);
    let create = client.create_bucket().bucket("a-logs").object_ownership(s3::ObjectOwnership::ObjectWriter);
    create.send().await.expect("a bucket");
    sandbox.advance(Duration::from_secs(60));
    let acl = client.get_bucket_acl().bucket("a-logs").send().await.expect("read");
    let grantee = acl.grants()[0].grantee().expect("a grantee");
    assert_eq!(
        (grantee.r#type(), grantee.id()),
        (&s3::Type::CanonicalUser, acl.owner().and_then(|o| o.id()))
    );

    let control = aws_sdk_s3control::Client::new(&shared);
    let create = control.create_access_point().account_id(ACCOUNT).name("side-door").bucket("a-logs");
    let made = create.send().await.expect("an access point");
    let list = control.list_access_points().account_id(ACCOUNT).send().await.expect("listed");
    let points = list.access_point_list();
    assert_eq!((points.len(), points[0].bucket()), (1, "a-logs"));
    assert_eq!(points[0].access_point_arn(), made.access_point_arn());
    let delete = || control.delete_access_point().account_id(ACCOUNT).name("side-door").send();
    delete().await.expect("there is one");
    assert_eq!(code(delete().await).as_deref(), Some("NoSuchAccessPoint"));
}
