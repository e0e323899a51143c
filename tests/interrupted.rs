//! Signals, readers that go away and full disks: the real binary, in real time where a wait is to be interrupted.
#![cfg(unix)]

#[path = "common/server.rs"]
mod server;
#[path = "common/terminal.rs"]
mod terminal;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use server::Server;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use terminal::Terminal;

fn auditscope(place: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_auditscope"));
    command.args(words).current_dir(place).env_clear().env("HOME", place);
    command
}

/// Returns a place with a small blueprint, `blueprint.toml`.
fn place() -> tempfile::TempDir {
    let place = tempfile::tempdir().expect("a temporary directory");
    server::write(place.path());
    place
}

fn run(place: &Path, words: &[&str]) -> Output {
    auditscope(place, words).output().expect("the binary runs")
}

/// Reads until some line holds this text.
fn until_it_says(terminal: &mut Terminal, text: &str) {
    let said = terminal.until(|lines| lines.iter().any(|line| line.contains(text)));
    assert!(said, "it never says `{text}`:\n{}", terminal.lines().join("\n"));
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_first_signal_ends_a_wait_for_aws_and_the_next_run_converges() {
    for signal in [Signal::INT, Signal::TERM] {
        let place = place();
        let server = Server::start(place.path(), "[]");
        let mut child = server
            .client(place.path(), &["apply", "blueprint.toml", "--auto-approve"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        let mut said = String::new();
        while !said.contains("to reach CloudTrail") {
            let read = stderr.read_line(&mut said).expect("text");
            assert!(read > 0, "it ends without having waited:\n{said}");
        }
        kill_process(Pid::from_child(&child), signal).expect("our child");
        stderr.read_to_string(&mut said).expect("text");
        let output = child.wait_with_output().expect("our child");
        let result = text(&output.stdout);
        assert_eq!(output.status.code(), Some(130), "{signal:?}: {said}");
        assert!(said.contains("in flight"), "{said}");
        for part in ["Apply interrupted: ", "  done  ", "  not done  ", "trail.main"] {
            assert!(result.contains(part), "{part}: {result}");
        }
        drop(server);
        // The same account in one process, where waits take no time.
        let again =
            run(place.path(), &["apply", "blueprint.toml", "--sandbox=served.json", "--auto-approve"]);
        assert_eq!(again.status.code(), Some(0), "{signal:?}: {}", text(&again.stderr));
    }
}

#[test]
fn the_second_signal_ends_it_at_once() {
    let place = place();
    let server = Server::start(place.path(), r#"[{"operation": "CreateKey", "fault": {"slow": 3600000}}]"#);
    let mut child = server
        .client(place.path(), &["apply", "blueprint.toml", "--auto-approve", "--format", "jsonl"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    let (mut events, mut said) = (String::new(), String::new());
    // The key is one of the first steps: when another is done, its call is under way, and nobody answers it.
    while !events.contains("step_done") {
        assert!(stdout.read_line(&mut events).expect("text") > 0, "{events}");
    }
    kill_process(Pid::from_child(&child), Signal::INT).expect("our child");
    while !said.contains("press again to stop at once") {
        assert!(stderr.read_line(&mut said).expect("text") > 0, "{said}");
    }
    kill_process(Pid::from_child(&child), Signal::INT).expect("our child");
    stderr.read_to_string(&mut said).expect("text");
    assert_eq!(child.wait().expect("our child").code(), Some(130), "{said}");
    assert!(said.contains("Stopped at once"), "{said}");
}

#[test]
fn a_signal_while_reading_or_asking_ends_it_at_once_and_nothing_is_written() {
    let place = place();
    let server = Server::start(place.path(), r#"[{"service": "logs", "fault": {"slow": 3600000}}]"#);
    let reading = server.client(place.path(), &["plan", "blueprint.toml"]);
    let asking = auditscope(place.path(), &["apply", "blueprint.toml", "--sandbox=asked.json"]);
    for (case, command, says) in [
        ("reading", reading, "reading the account"),
        ("asking", asking, "Do you want to make these changes?"),
    ] {
        for signal in [Signal::INT, Signal::TERM] {
            let again = copy(&command);
            let mut terminal = Terminal::start(again, 100, 200);
            until_it_says(&mut terminal, says);
            kill_process(Pid::from_child(&terminal.child), signal).expect("our child");
            let code = terminal.end();
            assert_eq!(code, Some(130), "{case}, {signal:?}:\n{}", terminal.lines().join("\n"));
        }
    }
    let plan = run(place.path(), &["plan", "blueprint.toml", "--sandbox=asked.json", "--json"]);
    let plan: Value = serde_json::from_slice(&plan.stdout).expect("one document");
    assert_eq!(plan["summary"]["change"], 0, "nothing is there to be changed: {}", plan["summary"]);
    assert!(plan["summary"]["add"].as_u64() > Some(10), "{}", plan["summary"]);
}

fn copy(command: &Command) -> Command {
    let mut copy = Command::new(command.get_program());
    copy.args(command.get_args()).env_clear();
    copy.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    copy.current_dir(command.get_current_dir().expect("every command here has a directory"));
    copy
}

#[test]
fn a_window_of_forty_columns_and_one_that_knows_no_way_back() {
    let place = place();
    let server = Server::start(place.path(), r#"[{"service": "logs", "fault": {"slow": 3600000}}]"#);
    let mut narrow = Terminal::start(server.client(place.path(), &["plan", "blueprint.toml"]), 40, 24);
    until_it_says(&mut narrow, "reading the account");
    assert_eq!(narrow.lines().len(), 1, "{:?}", narrow.lines());
    let mut command =
        auditscope(place.path(), &["apply", "blueprint.toml", "--sandbox=d.json", "--auto-approve"]);
    command.env("TERM", "dumb");
    let mut plain = Terminal::start(command, 100, 300);
    assert_eq!(plain.end(), Some(0));
    let lines = plain.lines();
    assert!(
        lines.iter().any(|line| line.starts_with("[ 1/") && line.contains("] + ")),
        "{}",
        lines.join("\n")
    );
    assert!(!lines.iter().any(|line| line.contains('░')), "{}", lines.join("\n"));
}

#[test]
fn every_event_of_a_stream_has_a_name_and_a_time_and_comes_in_order() {
    let place = place();
    let output = run(
        place.path(),
        &["apply", "blueprint.toml", "--sandbox=s.json", "--auto-approve", "--format", "jsonl"],
    );
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let events: Vec<Value> = text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("an event a line"))
        .collect();
    let names: Vec<&str> = events.iter().map(|event| event["event"].as_str().expect("a name")).collect();
    let times: Vec<jiff::Timestamp> = events
        .iter()
        .map(|event| event["time"].as_str().expect("a time").parse().expect("RFC 3339"))
        .collect();
    assert!(times.is_sorted(), "{times:?}");
    let place_of =
        |name: &str| names.iter().position(|one| *one == name).unwrap_or_else(|| panic!("no {name}"));
    let order =
        ["plan_started", "resource_planned", "step_started", "step_done", "verify_started", "summary"]
            .map(place_of);
    assert!(order.is_sorted() && order[0] == 0, "{names:?}");
    assert_eq!(names.iter().filter(|name| **name == "summary").count(), 1, "{names:?}");
    let count = |name: &str| names.iter().filter(|one| **one == name).count();
    assert_eq!(count("step_started"), count("step_done"));
    assert!(count("step_waiting") > 0, "the role takes its time");
}

#[test]
fn a_reader_that_goes_away_changes_nothing_and_a_full_disk_is_an_error() {
    let place = place();
    for (words, code) in [
        (&["plan", "blueprint.toml", "--sandbox=p.json", "--detailed-exitcode"][..], 2),
        (&["apply", "blueprint.toml", "--sandbox=a.json", "--auto-approve"][..], 0),
        (&["apply", "blueprint.toml", "--sandbox=l.json", "--auto-approve", "--format", "jsonl"][..], 0),
        (&["--help"][..], 0),
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = auditscope(place.path(), words).stdout(writer).output().expect("the binary runs");
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {said}");
        assert!(!said.contains("panic") && !said.contains("error"), "{words:?}: {said}");
        let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") else { continue };
        let output = auditscope(place.path(), words).stdout(full).output().expect("the binary runs");
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{words:?}: {said}");
        assert!(said.contains("could not be written: "), "{words:?}: {said}");
    }
    // Diagnostics that nobody reads are nobody's loss.
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let words = ["apply", "blueprint.toml", "--sandbox=e.json", "--auto-approve"];
    let output = auditscope(place.path(), &words).stderr(writer).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(0));
}
