//! The sandbox over loopback HTTP.

use super::{ACCOUNT, credentials};
use crate::sandbox::Sandbox;
use crate::sandbox::serve::serve;
use aws_config::{BehaviorVersion, Region};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

#[tokio::test]
async fn clients_of_other_processes_are_answered() {
    let sandbox = Sandbox::in_memory(ACCOUNT);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async {
        let _dropped = stopped.await;
    };
    let server = tokio::spawn(serve(sandbox.clone(), listener, shutdown));
    let config = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(&url)
        .time_source(sandbox.time_source())
        .credentials_provider(credentials("444455556666"))
        .load()
        .await;
    let who = aws_sdk_sts::Client::new(&config).get_caller_identity().send().await.expect("answered");
    assert_eq!(who.account(), Some("444455556666"));
    let style = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build();
    let s3 = aws_sdk_s3::Client::from_conf(style);
    s3.create_bucket().bucket("served-logs").send().await.expect("a bucket");
    let head = s3.head_bucket().bucket("served-logs").send().await.expect("it is there");
    assert_eq!(head.bucket_region(), Some("us-east-1"));
    let missing = s3.head_bucket().bucket("other-logs").send().await.expect_err("it is not there");
    assert!(missing.into_service_error().is_not_found());
    let alarms = aws_sdk_cloudwatch::Client::new(&config).describe_alarms().send().await.expect("CBOR");
    assert!(alarms.metric_alarms().is_empty());
    stop.send(()).expect("the server runs");
    server.await.expect("it ends by itself").expect("without an error");
}

#[tokio::test]
async fn only_loopback_is_served() {
    let listener = TcpListener::bind("0.0.0.0:0").await.expect("a free port");
    let error =
        serve(Sandbox::in_memory(ACCOUNT), listener, std::future::pending()).await.expect_err("refused");
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
}
