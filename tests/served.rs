//! The same over real HTTP: `sandbox start` serves, other processes come through `--endpoint-url` and
//! `AWS_ENDPOINT_URL`.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

const BLUEPRINT: &str = r#"
format = 1
[scope]
name = "genai-audit"
account = "111122223333"
home_region = "us-east-1"
[notifications]
emails = ["secops@example.com"]
[detections]
packs = []
[[detection]]
id = "guardrail-deleted"
answers = "which-control-was-changed"
description = "A guardrail was deleted"
severity = "high"
pattern = '{ ($.eventSource = "bedrock.amazonaws.com") && ($.eventName = "DeleteGuardrail") }'
threshold = 1
period = "5m"
matches = ["yes.json"]
ignores = ["no.json"]
"#;

/// The server, ended with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn auditscope(place: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_auditscope"));
    command.current_dir(place).env_clear().env("HOME", place);
    command
}

fn client(place: &Path, arguments: &[&str], endpoint: Option<&str>) -> Output {
    let mut command = auditscope(place);
    command
        .args(arguments)
        .env("AWS_ACCESS_KEY_ID", "111122223333")
        .env("AWS_SECRET_ACCESS_KEY", "sandbox")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    if let Some(url) = endpoint {
        command.env("AWS_ENDPOINT_URL", url);
    }
    command.output().expect("the binary runs")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn apply_plan_drift_and_destroy_over_http() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let at = place.path();
    let event = |name: &str| format!(r#"{{"eventSource": "bedrock.amazonaws.com", "eventName": "{name}"}}"#);
    for (file, text) in [
        ("b.toml", BLUEPRINT.to_owned()),
        ("yes.json", event("DeleteGuardrail")),
        ("no.json", event("GetGuardrail")),
    ] {
        std::fs::write(at.join(file), text).expect("the directory is ours");
    }
    let mut server = auditscope(at)
        .args(["sandbox", "start", "--listen", "127.0.0.1:0", "--file", "served.json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    let mut url = String::new();
    BufReader::new(server.stdout.take().expect("piped")).read_line(&mut url).expect("one line");
    let _server = Server(server);
    let url = url.trim();
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");

    let apply = client(at, &["apply", "b.toml", "--auto-approve", "--endpoint-url", url, "-q"], None);
    assert_eq!(apply.status.code(), Some(0), "{}", said(&apply));
    assert!(said(&apply).contains("A second plan is empty"), "{}", said(&apply));

    let plan = client(at, &["plan", "b.toml", "--detailed-exitcode", "--json"], Some(url));
    assert_eq!(plan.status.code(), Some(0), "{}", said(&plan));
    let document: serde_json::Value = serde_json::from_slice(&plan.stdout).expect("a document");
    assert_eq!(document["target"], "aws", "the tool does not guess what answers at an endpoint");
    assert_eq!(document["verdict"], "ok");

    let tamper = auditscope(at).args(["sandbox", "tamper", "stop-logging", "--file", "served.json"]).output();
    assert!(tamper.expect("the binary runs").status.success());
    let drift = client(at, &["drift", "b.toml"], Some(url));
    assert_eq!(drift.status.code(), Some(2), "{}", said(&drift));
    assert!(said(&drift).contains("logging"), "{}", said(&drift));

    let destroy = client(at, &["destroy", "b.toml", "--auto-approve", "-q"], Some(url));
    assert_eq!(destroy.status.code(), Some(0), "{}", said(&destroy));
}
