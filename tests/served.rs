//! The same over real HTTP: `sandbox start` serves, other processes come through `--endpoint-url` and
//! `AWS_ENDPOINT_URL`.

#[path = "common/server.rs"]
mod server;

use server::Server;
use std::process::Output;

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn apply_plan_drift_and_destroy_over_http() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let at = place.path();
    server::write(at);
    let server = Server::start(at, "[]");
    let url = server.url.as_str();
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    let client = |words: &[&str]| server.client(at, words).output().expect("the binary runs");

    let mut by_flag =
        server.client(at, &["apply", "blueprint.toml", "--auto-approve", "--endpoint-url", url, "-q"]);
    let apply = by_flag.env_remove("AWS_ENDPOINT_URL").output().expect("the binary runs");
    assert_eq!(apply.status.code(), Some(0), "{}", said(&apply));
    assert!(said(&apply).contains("A second plan is empty"), "{}", said(&apply));

    let plan = client(&["plan", "blueprint.toml", "--detailed-exitcode", "--json"]);
    assert_eq!(plan.status.code(), Some(0), "{}", said(&plan));
    let document: serde_json::Value = serde_json::from_slice(&plan.stdout).expect("a document");
    assert_eq!(document["target"], "aws", "the tool does not guess what answers at an endpoint");
    assert_eq!(document["verdict"], "ok");

    let tamper = server.client(at, &["sandbox", "tamper", "stop-logging", "--file", "served.json"]).output();
    assert!(tamper.expect("the binary runs").status.success());
    let drift = client(&["drift", "blueprint.toml"]);
    assert_eq!(drift.status.code(), Some(2), "{}", said(&drift));
    assert!(said(&drift).contains("logging"), "{}", said(&drift));

    let destroy = client(&["destroy", "blueprint.toml", "--auto-approve", "-q"]);
    assert_eq!(destroy.status.code(), Some(0), "{}", said(&destroy));
}
