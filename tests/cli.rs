//! The real binary: help, exit codes, streams, and commands that need no account.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

fn run(place: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_auditscope"))
        .args(arguments)
        .current_dir(place)
        .env_clear()
        .env("HOME", place)
        .output()
        .expect("the binary runs")
}

#[test]
fn usage_errors_are_1_and_help_is_0() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let cases: [(&[&str], i32); 9] = [
        (&["--help"], 0),
        (&["--version"], 0),
        (&["plan", "--help"], 0),
        (&["completions", "bash"], 0),
        (&[], 1),
        (&["nosuch"], 1),
        (&["plan"], 1),
        (&["plan", "nothing.toml", "--sandbox"], 1),
        (&["sandbox", "tamper", "nosuch", "--file", "s.json"], 1),
    ];
    for (arguments, code) in cases {
        let output = run(place.path(), arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        assert!(!output.stdout.is_empty() || !output.stderr.is_empty(), "{arguments:?} says something");
    }
}

#[test]
fn approvals_never_come_from_the_environment() {
    let place = tempfile::tempdir().expect("a temporary directory");
    run(place.path(), &["init", "--from", "minimal"]);
    let output = Command::new(env!("CARGO_BIN_EXE_auditscope"))
        .args(["apply", "minimal.toml", "--sandbox=s.json", "-q"])
        .current_dir(place.path())
        .env_clear()
        .env("AUDITSCOPE_AUTO_APPROVE", "true")
        .env("AUDITSCOPE_ALLOW", "coverage:trail.main")
        .output()
        .expect("the binary runs");
    assert_eq!(output.status.code(), Some(4));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("--auto-approve"), "{text}");
}

#[test]
fn a_sandbox_without_a_file_is_in_the_state_directory() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let written = run(place.path(), &["init", "--from", "minimal", "audit"]);
    assert_eq!(written.status.code(), Some(0), "a directory to write to is not one to change to");
    let output = run(place.path(), &["-C", "audit", "diff", "minimal.toml", "--sandbox", "-q"]);
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    let reset = run(place.path(), &["sandbox", "reset"]);
    assert_eq!(reset.status.code(), Some(0));
    assert!(place.path().join(".local/state/auditscope/sandbox.json").exists());
}

#[test]
fn the_schema_in_the_docs_is_the_one_the_binary_prints() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let printed = String::from_utf8(run(place.path(), &["schema"]).stdout).expect("text");
    let shipped = include_str!("../docs/blueprint.schema.json");
    assert!(printed == shipped, "write it again: auditscope schema > docs/blueprint.schema.json");
}

#[test]
fn a_json_plan_has_the_contract_s_members_and_no_colour() {
    let place = tempfile::tempdir().expect("a temporary directory");
    run(place.path(), &["init", "--from", "minimal"]);
    let output =
        run(place.path(), &["plan", "minimal.toml", "--sandbox=s.json", "--json", "--detailed-exitcode"]);
    assert_eq!(output.status.code(), Some(2));
    let document: Value = serde_json::from_slice(&output.stdout).expect("one document");
    for member in [
        "format_version",
        "verb",
        "target",
        "scope",
        "verdict",
        "exit_code",
        "summary",
        "changes",
        "unreadable",
        "foreign",
        "left_over",
        "coverage",
    ] {
        assert!(!document[member].is_null(), "{member}");
    }
    assert_eq!(document["target"], "sandbox");
    assert_eq!(document["exit_code"], 2);
    let change = &document["changes"][0];
    for member in ["address", "kind", "action", "class", "reason", "calls", "attributes"] {
        assert!(!change[member].is_null(), "{member}");
    }
    let colored = run(place.path(), &["plan", "minimal.toml", "--sandbox=s.json", "--color", "always"]);
    assert!(String::from_utf8_lossy(&colored.stdout).contains('\u{1b}'));
    let plain = run(place.path(), &["plan", "minimal.toml", "--sandbox=s.json"]);
    assert!(!String::from_utf8_lossy(&plain.stdout).contains('\u{1b}'));
    let lines = run(place.path(), &["plan", "minimal.toml", "--sandbox=s.json", "--format", "jsonl"]);
    let events: Vec<Value> = String::from_utf8_lossy(&lines.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("an event a line"))
        .collect();
    assert_eq!(events.first().expect("events")["event"], "plan_started");
    assert_eq!(events.last().expect("events")["event"], "summary");
}

#[test]
fn each_command_hands_its_verdict_and_a_summary_to_github() {
    let place = tempfile::tempdir().expect("a temporary directory");
    run(place.path(), &["init", "--from", "minimal"]);
    let github = |arguments: &[&str]| {
        let files = ["output", "summary"].map(|name| place.path().join(name));
        files.iter().for_each(|file| std::fs::write(file, "").expect("the directory is ours"));
        Command::new(env!("CARGO_BIN_EXE_auditscope"))
            .args(arguments)
            .current_dir(place.path())
            .env_clear()
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_OUTPUT", &files[0])
            .env("GITHUB_STEP_SUMMARY", &files[1])
            .output()
            .expect("the binary runs");
        files.map(|file| std::fs::read_to_string(file).expect("it is there"))
    };
    let sandbox = "--sandbox=s.json";
    let cases: [(&[&str], &str, &str); 8] = [
        (&["validate", "minimal.toml"], "ok", ""),
        (&["validate", "none.toml"], "error", "### auditscope validate: error"),
        (&["drift", "minimal.toml", sandbox, "--format", "junit"], "differences", "### auditscope drift"),
        (&["drift", "minimal.toml", sandbox, "--format", "sarif"], "differences", "### auditscope drift"),
        (&["apply", "minimal.toml", sandbox], "needs_person", "### auditscope apply"),
        (&["apply", "minimal.toml", sandbox, "--auto-approve", "-q"], "ok", "### auditscope apply: ok"),
        (&["apply", "minimal.toml", sandbox, "--auto-approve", "-q"], "ok", "No changes."),
        (&["apply", "none.json", sandbox], "error", "### auditscope apply: error"),
    ];
    for (arguments, verdict, summary) in cases {
        let [output, text] = github(arguments);
        assert_eq!(output, format!("verdict={verdict}\n"), "{arguments:?}");
        assert!(text.contains(summary), "{arguments:?}: {text}");
    }
}
