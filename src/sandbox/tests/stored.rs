//! The state's file and those who share it.

use super::{ACCOUNT, config};
use crate::sandbox::Sandbox;
use std::time::Duration;

async fn create_key(sandbox: &Sandbox) {
    let kms = aws_sdk_kms::Client::new(&config(sandbox, "eu-central-1", "x").await);
    kms.create_key().send().await.expect("a key");
}

fn keys(sandbox: &Sandbox) -> usize {
    sandbox.state().peek(ACCOUNT, "eu-central-1", "kms_keys").map_or(0, serde_json::Map::len)
}

#[tokio::test]
async fn two_that_share_a_file_lose_nothing() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("deep/sandbox.json");
    let first = Sandbox::open(&path, ACCOUNT).expect("a new file");
    let second = Sandbox::open(&path, ACCOUNT).expect("the same file");
    for sandbox in [&first, &second, &first] {
        create_key(sandbox).await;
    }
    assert_eq!((keys(&first), keys(&second)), (3, 3));
    first.advance(Duration::from_secs(3600));
    assert!(
        second.now() > jiff::Timestamp::now() + jiff::SignedDuration::from_mins(59),
        "the clock is shared"
    );
    drop((first, second));
    let again = Sandbox::open(&path, ACCOUNT).expect("what was written");
    assert_eq!(keys(&again), 3);
    std::fs::remove_file(&path).expect("it is there");
    assert_eq!(keys(&again), 0, "a file that is gone is an empty account");
}

#[tokio::test]
async fn reads_write_nothing_and_a_broken_file_is_said() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("sandbox.json");
    let sandbox = Sandbox::open(&path, ACCOUNT).expect("a new file");
    let sts = aws_sdk_sts::Client::new(&config(&sandbox, "eu-central-1", "x").await);
    sts.get_caller_identity().send().await.expect("a read");
    assert!(!path.exists(), "nothing has changed");
    std::fs::write(&path, "{").expect("the directory is ours");
    let error = sts.get_caller_identity().send().await.expect_err("no state");
    let text = format!("{:?}", error.into_service_error());
    assert!(text.contains("is not a sandbox state"), "{text}");
    assert!(Sandbox::open(&path, ACCOUNT).is_err());
    assert_eq!(sandbox.state(), crate::sandbox::state::State::default());
    assert!(sandbox.trouble().is_some());
}
