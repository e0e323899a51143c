//! Objects as S3's own clients send and read them, in this process and over HTTP.

use super::{ACCOUNT, code, config, credentials};
use crate::sandbox::Sandbox;
use crate::sandbox::faults::{Kind, Rule};
use crate::sandbox::serve::serve;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use aws_sdk_s3::types::{ObjectLockMode, ServerSideEncryption};
use aws_smithy_types::retry::RetryConfig;
use bytes::Bytes;
use http_body_util::StreamBody;
use hyper::body::Frame;
use std::time::Duration;
use tokio::net::TcpListener;

const BUCKET: &str = "object-logs";

/// Returns a client of a sandbox with a bucket that has spread.
async fn client(sandbox: &Sandbox) -> Client {
    let client = Client::new(&config(sandbox, "us-east-1", "x").await);
    let create = client.create_bucket().bucket(BUCKET).object_lock_enabled_for_bucket(true);
    create.send().await.expect("a bucket");
    sandbox.advance(Duration::from_secs(60));
    client
}

fn faulty(sandbox: &Sandbox, operation: &str, fault: Kind) {
    let rule = Rule { service: "s3".into(), operation: operation.into(), nth: Some(1), fault };
    sandbox.set_faults(vec![rule]);
}

/// A body whose length the client does not know beforehand, so that its checksum comes as a trailer.
fn streamed(text: &'static str) -> ByteStream {
    let frames = text
        .as_bytes()
        .chunks(4)
        .map(|chunk| Ok::<_, std::convert::Infallible>(Frame::data(Bytes::copy_from_slice(chunk))));
    let frames: Vec<_> = frames.collect();
    let body = SdkBody::from_body_1_x(StreamBody::new(futures_util::stream::iter(frames)));
    ByteStream::new(body)
}

/// Writes, reads, lists and deletes with a client of any kind.
async fn round_trip(client: &Client) {
    let put = client.put_object().bucket(BUCKET).key("led ger/1").if_none_match("*").metadata("who", "anna");
    let put = put.content_type("application/json").body(ByteStream::from_static(b"{\"a\": 1}"));
    let first = put.send().await.expect("there is none");
    assert_eq!(first.server_side_encryption(), Some(&ServerSideEncryption::Aes256));
    assert!(first.version_id().is_some());
    let again = client.put_object().bucket(BUCKET).key("led ger/1").if_none_match("*");
    let again = again.body(ByteStream::from_static(b"x")).send().await;
    assert_eq!(code(again).as_deref(), Some("PreconditionFailed"));
    let read = client.get_object().bucket(BUCKET).key("led ger/1").send().await.expect("it is there");
    assert_eq!((read.e_tag(), read.version_id()), (first.e_tag(), first.version_id()));
    assert_eq!((read.content_length(), read.content_type()), (Some(8), Some("application/json")));
    assert_eq!(read.metadata().and_then(|own| own.get("who")).map(String::as_str), Some("anna"));
    assert!(read.last_modified().is_some());
    let body = read.body.collect().await.expect("the checksum fits");
    assert_eq!(body.into_bytes().as_ref(), b"{\"a\": 1}");
    let etag = first.e_tag().expect("an ETag");
    let body = streamed("in several parts");
    let put =
        client.put_object().bucket(BUCKET).key("led ger/1").if_match(etag).content_length(16).body(body);
    put.send().await.expect("it is still the same");
    let read = client.get_object().bucket(BUCKET).key("led ger/1").send().await.expect("it is there");
    let body = read.body.collect().await.expect("the checksum fits");
    assert_eq!(body.into_bytes().as_ref(), b"in several parts");
    let head = client.head_object().bucket(BUCKET).key("led ger/1").send().await.expect("it is there");
    assert_eq!(head.content_length(), Some(16));
    let missing = client.head_object().bucket(BUCKET).key("led ger/2").send().await.expect_err("none");
    assert!(missing.into_service_error().is_not_found());
    let missing = client.get_object().bucket(BUCKET).key("led ger/2").send().await.expect_err("none");
    assert!(missing.into_service_error().is_no_such_key());
    let list = client.list_objects_v2().bucket(BUCKET).prefix("led ").send().await.expect("listed");
    assert_eq!(list.contents()[0].key(), Some("led ger/1"));
    assert_eq!(list.contents()[0].size(), Some(16));
    let gone = client.delete_object().bucket(BUCKET).key("led ger/1").send().await.expect("hidden");
    assert_eq!(gone.delete_marker(), Some(true));
}

#[tokio::test]
async fn objects_go_there_and_back_in_this_process() {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    round_trip(&client(&sandbox).await).await;
}

#[tokio::test]
async fn objects_go_there_and_back_over_http() {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    client(&sandbox).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let server = tokio::spawn(serve(sandbox.clone(), listener, std::future::pending()));
    let config = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(&url)
        .time_source(sandbox.time_source())
        .credentials_provider(credentials(ACCOUNT))
        .load()
        .await;
    let style = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build();
    round_trip(&Client::from_conf(style)).await;
    server.abort();
}

#[tokio::test]
async fn pages_and_retention_reach_the_client() {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    let client = client(&sandbox).await;
    for key in ["a", "b", "c"] {
        let until = aws_smithy_types::DateTime::from_secs(1_800_000_000);
        let put = client.put_object().bucket(BUCKET).key(key).object_lock_mode(ObjectLockMode::Compliance);
        put.object_lock_retain_until_date(until)
            .body(ByteStream::from_static(b"x"))
            .send()
            .await
            .expect("put");
    }
    let mut settings = sandbox.settings();
    settings.page_size = Some(2);
    sandbox.set_settings(settings);
    let pages = client.list_objects_v2().bucket(BUCKET).into_paginator().send();
    let pages = pages.collect::<Result<Vec<_>, _>>().await.expect("listed");
    let keys: Vec<_> = pages.iter().flat_map(|page| page.contents()).filter_map(|one| one.key()).collect();
    assert_eq!((pages.len(), keys), (2, vec!["a", "b", "c"]));
    let read = client.get_object().bucket(BUCKET).key("a").send().await.expect("read");
    assert_eq!(read.object_lock_mode(), Some(&ObjectLockMode::Compliance));
    assert_eq!(read.object_lock_retain_until_date().map(|at| at.secs()), Some(1_800_000_000));
    let version = read.version_id().expect("a version");
    let delete = client.delete_object().bucket(BUCKET).key("a").version_id(version).send().await;
    assert_eq!(code(delete).as_deref(), Some("AccessDenied"));
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_meets_itself() {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    let client = client(&sandbox).await;
    let put = |key: &str| {
        let put = client.put_object().bucket(BUCKET).key(key).if_none_match("*");
        put.body(ByteStream::from_static(b"x"))
    };
    faulty(&sandbox, "PutObject", Kind::ResetAfter);
    assert_eq!(code(put("lost").send().await).as_deref(), Some("PreconditionFailed"), "the second try");
    let calls = sandbox.calls();
    let puts: Vec<_> = calls.iter().filter(|call| call.operation == "PutObject").collect();
    assert_eq!(puts.iter().map(|call| call.refused.is_some()).collect::<Vec<_>>(), [false, true]);
    faulty(&sandbox, "PutObject", Kind::ResetAfter);
    let once = aws_sdk_s3::config::Builder::new().retry_config(RetryConfig::disabled());
    let lost = put("lost twice").customize().config_override(once).send().await.expect_err("no answer");
    assert!(lost.as_service_error().is_none());
    let there = client.head_object().bucket(BUCKET).key("lost twice").send().await;
    assert!(there.is_ok(), "the write was done all the same");
}

#[tokio::test]
async fn two_writes_at_once_are_a_conflict_on_demand() {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    let client = client(&sandbox).await;
    faulty(&sandbox, "PutObject", Kind::Conflict);
    let put =
        || client.put_object().bucket(BUCKET).key("a").body(ByteStream::from_static(b"x")).if_none_match("*");
    assert_eq!(code(put().send().await).as_deref(), Some("ConditionalRequestConflict"), "not tried again");
    put().send().await.expect("nothing was done");
}

#[tokio::test]
async fn every_answer_tells_the_sandboxs_time() {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    let client = client(&sandbox).await;
    let lost = client.get_object().bucket(BUCKET).key("a").send().await.expect_err("none");
    let date = lost.raw_response().and_then(|answer| answer.headers().get("date").map(str::to_owned));
    assert_eq!(date.as_deref(), Some("Thu, 01 Jan 2026 00:01:00 GMT"));
}
