//! When a run is to end early: Ctrl-C, and the end of the time.

use crate::cli::exit::Verdict;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// First Ctrl-C (or the end of the time) lets calls in flight finish; the second ends the process.
pub async fn watch_for_stop(stop: Arc<AtomicBool>, timeout: Option<u64>) {
    let time = async {
        match timeout {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = time => {}
    }
    stop.store(true, Ordering::SeqCst);
    if tokio::signal::ctrl_c().await.is_ok() {
        std::process::exit(i32::from(Verdict::Interrupted.code()));
    }
}
