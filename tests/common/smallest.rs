//! A blueprint with one detection: every kind of resource once or twice.

use std::path::{Path, PathBuf};

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
pattern = '{ $.eventName = "DeleteGuardrail" }'
threshold = 1
period = "5m"
matches = ["deleted.json"]
ignores = ["read.json"]
"#;

/// Writes the blueprint and its events into a folder, and returns the blueprint's file.
pub fn write(folder: &Path) -> PathBuf {
    let file = folder.join("blueprint.toml");
    for (name, text) in [
        ("blueprint.toml", BLUEPRINT),
        ("deleted.json", r#"{"eventName": "DeleteGuardrail"}"#),
        ("read.json", r#"{"eventName": "GetGuardrail"}"#),
    ] {
        std::fs::write(folder.join(name), text).expect("the folder is ours");
    }
    file
}
