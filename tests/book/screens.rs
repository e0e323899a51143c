//! Recorded sessions: the real binary in a pseudo terminal, on a served sandbox account where time is real.
//!
//! A page keeps a recording between `<!-- recorded: NAME -->` and `<!-- end -->`, written like the generated parts. No two
//! sessions are the same to the second, so that what is checked is that every line of a recording, with its numbers and
//! the call of the moment left out, is on the screen at some time in a session of today.

use crate::pages::{Page, book, root};
use crate::server::{self, Server};
use crate::terminal::Terminal;
use crate::transcript::auditscope;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

const UPDATE: &str = "AUDITSCOPE_UPDATE_DOCS";
const END: &str = "<!-- end -->";
/// Lines of a screen that are shown: the board and what stands right above it.
const SHOWN: usize = 12;

/// What was recorded, and every line that was there at some time.
#[derive(Default)]
struct Session {
    recordings: BTreeMap<&'static str, Vec<String>>,
    seen: BTreeSet<String>,
}

/// Returns the name that a marker asks for.
fn marker(line: &str) -> Option<&str> {
    line.strip_prefix("<!-- recorded: ")?.strip_suffix(" -->")
}

/// Returns a line without what differs from one session to the next.
fn settled(line: &str) -> String {
    let mut text = String::new();
    for letter in line.chars() {
        let letter = match letter {
            '0'..='9' => '0',
            '█' | '░' => '░',
            '\u{2800}'..='\u{28ff}' => '⠋',
            letter => letter,
        };
        if !(matches!(letter, '0' | '░') && text.ends_with(letter)) {
            text.push(letter);
        }
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    // A step under way: which of its calls it is at is a matter of the moment.
    let known = if line.starts_with("  + ") && words.get(2) != Some(&"waits") { 2 } else { words.len() };
    words[..known.min(words.len())].join(" ")
}

fn tail(lines: &[String]) -> Vec<String> {
    let shown = &lines[lines.len().saturating_sub(SHOWN)..];
    shown.iter().skip_while(|line| line.is_empty()).cloned().collect()
}

/// Plays an apply on a screen and one into a pipe.
fn play() -> Session {
    let mut session = Session::default();
    let place = tempfile::tempdir().expect("a temporary directory");
    server::write(place.path());
    let server = Server::start(place.path(), r#"[{"fault": {"slow": 250}}]"#);
    let command =
        server.client(place.path(), &["apply", "blueprint.toml", "--auto-approve", "--color", "never"]);
    let mut terminal = Terminal::start(command, 90, 40);
    let mut board: Vec<String> = Vec::new();
    /// What tells from a screen's lines that its moment has come.
    type Sign<'a> = &'a dyn Fn(&[String]) -> bool;
    let moments: [(&str, Sign); 3] = [
        ("reading", &|lines| {
            lines.iter().any(|line| line.contains("reading the account") && !line.contains(": 0 calls"))
        }),
        ("first", &|lines| {
            lines.iter().filter(|line| line.starts_with("  + ")).count() > 3 && has_bar(lines)
        }),
        ("waiting", &|lines| {
            lines.iter().any(|line| line.contains("for the delivery role to reach CloudTrail"))
                && has_bar(lines)
        }),
    ];
    for (name, is_it) in moments {
        let found = terminal.until(|lines| {
            session.seen.extend(lines.iter().map(|line| settled(line)));
            board = tail(lines);
            is_it(lines)
        });
        assert!(found, "there is no moment `{name}`:\n{}", terminal.lines().join("\n"));
        session.recordings.insert(name, board.clone());
    }
    let ended = terminal.until(|lines| {
        session.seen.extend(lines.iter().map(|line| settled(line)));
        false
    });
    assert!(!ended && terminal.end() == Some(0), "{}", terminal.lines().join("\n"));
    session.recordings.insert("end", tail(&terminal.lines()));
    let words = ["apply", "blueprint.toml", "--sandbox=log.json", "--auto-approve"];
    let log = auditscope(place.path(), words).output().expect("the binary runs");
    let log: Vec<String> = String::from_utf8_lossy(&log.stderr).lines().map(str::to_owned).collect();
    session.seen.extend(log.iter().map(|line| settled(line)));
    session.recordings.insert("log", log);
    session
}

fn has_bar(lines: &[String]) -> bool {
    lines.iter().any(|line| line.starts_with(['█', '░']))
}

/// Returns a page with today's recordings.
fn written(page: &Page, session: &Session) -> String {
    let mut text = String::new();
    let mut lines = page.text.lines();
    while let Some(line) = lines.next() {
        let _ = writeln!(text, "{line}");
        let Some(name) = marker(line) else { continue };
        let shown = session.recordings.get(name).unwrap_or_else(|| panic!("nothing is called `{name}`"));
        let ends = lines.any(|line| line == END);
        assert!(ends, "{}: `{name}` has no {END}", page.path);
        let _ = write!(text, "\n```text\n{}\n```\n\n{END}\n", shown.join("\n"));
    }
    text
}

/// Returns the lines of a page's recordings that no session shows any more.
fn stale(page: &Page, session: &Session) -> Vec<String> {
    let mut stale = Vec::new();
    let (mut inside, mut fenced) = (false, false);
    for (number, line) in page.text.lines().enumerate() {
        if marker(line).is_some() {
            inside = true;
        } else if line == END {
            inside = false;
        } else if inside && line.starts_with("```") {
            fenced = !fenced;
        } else if inside && fenced && !session.seen.contains(&settled(line)) {
            stale.push(format!("{}:{}: {line}", page.path, number + 1));
        }
    }
    stale
}

#[test]
fn recorded_sessions_are_as_today() {
    let session = play();
    let pages: Vec<Page> =
        book().into_iter().filter(|page| page.text.lines().any(|line| marker(line).is_some())).collect();
    assert!(!pages.is_empty(), "a page shows a session");
    for page in &pages {
        if std::env::var_os(UPDATE).is_some() {
            std::fs::write(root().join(&page.path), written(page, &session)).expect("a page can be written");
            continue;
        }
        let stale = stale(page, &session);
        assert!(
            stale.is_empty(),
            "run `{UPDATE}=1 cargo test --locked --test book recorded` and look at the difference:\n{}",
            stale.join("\n")
        );
    }
}

#[test]
fn numbers_bars_and_the_call_of_the_moment_are_left_out() {
    let cases = [
        ("████░░░░ 3/14  0:12", "░ 0/0 0:0"),
        ("[ 3/14] + kms_key.main (2.1 s)", "[ 0/0] + kms_key.main (0.0 s)"),
        ("  + kms_key.main    CreateKey 0:03", "+ kms_key.main"),
        ("  + trail.main  waits up to 1:43 for the role", "+ trail.main waits up to 0:0 for the role"),
    ];
    for (line, want) in cases {
        assert_eq!(settled(line), want);
    }
}
