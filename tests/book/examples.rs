//! Examples are run: commands on a fresh sandbox account, blueprints through the loader.

use crate::pages::{Block, Page, book, root};
use crate::transcript::{auditscope, settled};
use auditscope::blueprint::{self, LoadOptions};
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

/// A blueprint that fragments are put over.
const BASE: &str = "format = 1\n\n[scope]\nname = \"genai-audit\"\naccount = \"111122223333\"\nhome_region = \"us-east-1\"\n";

/// One command of a block, and what the page shows below it.
struct Example {
    line: usize,
    command: String,
    /// Lines as shown; one that is `…` alone stands for any number of lines.
    shown: Vec<String>,
    exit: i32,
}

fn examples(block: &Block) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    for (number, line) in block.lines.iter().enumerate() {
        let line_number = block.line + number + 1;
        if let Some(command) = line.strip_prefix("$ ") {
            let command = command.split("  #").next().unwrap_or(command).trim().to_owned();
            examples.push(Example { line: line_number, command, shown: Vec::new(), exit: 0 });
        } else if let Some(example) = examples.last_mut() {
            let code = line.strip_prefix("(exit code ").and_then(|rest| rest.strip_suffix(')')?.parse().ok());
            match code {
                Some(code) => example.exit = code,
                None => example.shown.push(line.trim_end().to_owned()),
            }
        }
    }
    for example in &mut examples {
        while example.shown.last().is_some_and(String::is_empty) {
            example.shown.pop();
        }
    }
    examples
}

/// Tells whether the output is what the page shows. A command with nothing below it is only run.
fn is_as_shown(shown: &[String], printed: &[String]) -> bool {
    let Some(elision) = shown.iter().position(|line| line == "…") else {
        return shown.is_empty() || shown == printed;
    };
    let (head, rest) = (&shown[..elision], &shown[elision + 1..]);
    let Some(printed) = printed.strip_prefix(head) else { return false };
    if rest.is_empty() {
        return true;
    }
    (0..=printed.len()).any(|at| is_as_shown(rest, &printed[at..]))
}

fn run(place: &Path, command: &str) -> (Vec<String>, Option<i32>) {
    let mut words = command.split_whitespace();
    assert_eq!(words.next(), Some("auditscope"), "an example runs auditscope: {command}");
    // One pipe for both streams, so that lines come in the order in which a terminal has them.
    let (mut reader, writer) = std::io::pipe().expect("a pipe");
    let mut binary = auditscope(place, words);
    binary.stdout(writer.try_clone().expect("a pipe")).stderr(writer);
    let mut child = binary.spawn().expect("the binary runs");
    // The parent's ends are in the command; the pipe ends when both are closed.
    drop(binary);
    let mut text = String::new();
    reader.read_to_string(&mut text).expect("the output is text");
    let status = child.wait().expect("our child");
    let mut lines: Vec<String> = text.lines().map(settled).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    (lines, status.code())
}

/// Runs a page from its top to its end in one directory with its own sandbox account.
fn play(page: &Page) -> Vec<String> {
    let place = tempfile::tempdir().expect("a temporary directory");
    let mut wrong = Vec::new();
    for block in page.blocks() {
        if let Some(name) = &block.file {
            fs::write(place.path().join(name), block.lines.join("\n") + "\n").expect("the directory is ours");
        }
        if block.language != "console" {
            continue;
        }
        for example in examples(&block) {
            let (printed, code) = run(place.path(), &example.command);
            if code != Some(example.exit) || !is_as_shown(&example.shown, &printed) {
                wrong.push(format!(
                    "{}:{}: $ {}\n{}\n(exit code {code:?})",
                    page.path,
                    example.line,
                    example.command,
                    printed.join("\n")
                ));
            }
        }
    }
    wrong
}

#[test]
fn commands_print_what_the_pages_show() {
    let pages = book();
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let players: Vec<_> = pages.iter().map(|page| scope.spawn(|| play(page))).collect();
        players.into_iter().flat_map(|player| player.join().expect("a page is played")).collect()
    });
    assert!(wrong.is_empty(), "printed something else:\n\n{}", wrong.join("\n\n"));
}

/// Loads a block: a whole blueprint as it is, a part as a layer over the smallest one.
fn load(place: &Path, text: &str) -> Result<(), String> {
    let whole = if text.contains("format") {
        text.to_owned()
    } else {
        format!("extends = \"base.toml\"\nformat = 1\n{text}")
    };
    let path = place.join("example.toml");
    fs::write(&path, whole).expect("the directory is ours");
    fs::write(place.join("base.toml"), BASE).expect("the directory is ours");
    let options = LoadOptions { vars: BTreeMap::new(), today: "2026-11-24".parse().expect("a date") };
    blueprint::load(&path, &options).map(|_| ()).map_err(|rejected| {
        blueprint::render(&rejected.problems, &rejected.sources, false, 100).trim_end().to_owned()
    })
}

#[test]
fn blueprints_in_the_pages_are_valid() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let events = place.path().join("events");
    fs::create_dir(&events).expect("the directory is ours");
    for entry in fs::read_dir(root().join("blueprints/events")).expect("sample events") {
        let entry = entry.expect("an entry");
        fs::copy(entry.path(), events.join(entry.file_name())).expect("the directory is ours");
    }
    let mut pages = book();
    pages.push(crate::pages::page("README.md"));
    let mut wrong = Vec::new();
    for page in &pages {
        for block in page.blocks().iter().filter(|block| block.language == "toml") {
            if let Err(problems) = load(place.path(), &block.lines.join("\n")) {
                wrong.push(format!("{}:{}\n{problems}", page.path, block.line));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn documents_in_the_pages_are_json() {
    for page in book() {
        for block in page.blocks().iter().filter(|block| block.language == "json") {
            let parsed = serde_json::from_str::<serde_json::Value>(&block.lines.join("\n"));
            assert!(parsed.is_ok(), "{}:{}: {parsed:?}", page.path, block.line);
        }
    }
}

#[test]
fn the_readme_shows_the_demo_s_own_lines() {
    let readme = crate::pages::page("README.md");
    let blocks = readme.blocks();
    let shown = blocks.iter().find(|block| block.language == "text").expect("the demo's excerpt");
    let place = tempfile::tempdir().expect("a temporary directory");
    let (printed, code) = run(place.path(), "auditscope demo");
    assert_eq!(code, Some(0), "{}", printed.join("\n"));
    let mut at = 0;
    for line in shown.lines.iter().filter(|line| !line.trim_start().starts_with('[')) {
        let found = printed[at..].iter().position(|printed| printed == line);
        at += found.unwrap_or_else(|| panic!("not printed, or not there: {line}")) + 1;
    }
}

#[test]
fn an_elision_stands_for_any_lines() {
    let lines = |text: &str| text.split(' ').map(ToOwned::to_owned).collect::<Vec<_>>();
    let cases = [
        ("the same", "a b", "a b", true),
        ("other", "a b", "a c", false),
        ("more", "a", "a b", false),
        ("cut at the end", "a …", "a b c", true),
        ("cut in between", "a … c", "a b b c", true),
        ("cut twice", "… b … d", "a b c d", true),
        ("nothing cut", "a … b", "a b", true),
        ("the end differs", "a … d", "a b c", false),
    ];
    for (case, shown, printed, want) in cases {
        assert_eq!(is_as_shown(&lines(shown), &lines(printed)), want, "{case}");
    }
}
