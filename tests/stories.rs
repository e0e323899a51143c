//! Stories: the real binary on a sandbox account, commands in, transcript out.
//!
//! A `.story` file holds commands (`$ …`), files (`= NAME`, then indented lines) and comments. Its transcript is a reviewed snapshot beside it.

#[path = "common/transcript.rs"]
mod transcript;

use std::fmt::Write;
use std::path::Path;
use transcript::{auditscope, settled};

#[test]
fn the_stories_are_told_as_reviewed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories");
    let mut stories: Vec<_> = std::fs::read_dir(&folder)
        .expect("the folder of stories")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "story"))
        .collect();
    stories.sort();
    assert!(!stories.is_empty(), "there are stories");
    for story in stories {
        let name = story.file_stem().expect("a name").to_string_lossy().into_owned();
        let transcript = tell(&std::fs::read_to_string(&story).expect("a story"));
        insta::with_settings!({ snapshot_path => &folder, prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, transcript);
        });
    }
}

fn tell(story: &str) -> String {
    let place = tempfile::tempdir().expect("a temporary directory");
    let mut transcript = String::new();
    let mut file = None;
    for line in story.lines() {
        if let Some(name) = line.strip_prefix("= ") {
            file = Some(place.path().join(name));
        } else if let (Some(path), Some(text)) = (&file, line.strip_prefix("  ")) {
            let mut written = std::fs::read_to_string(path).unwrap_or_default();
            written.push_str(text);
            written.push('\n');
            std::fs::write(path, written).expect("the directory is ours");
        } else {
            file = None;
        }
        let Some(command) = line.strip_prefix("$ ") else {
            let _ = writeln!(transcript, "{line}");
            continue;
        };
        let mut words = command.split_whitespace();
        assert_eq!(words.next(), Some("auditscope"), "a story runs auditscope: {command}");
        let words = words.map(|word| if word == "--sandbox" { "--sandbox=sandbox.json" } else { word });
        let output = auditscope(place.path(), words).output().expect("the binary runs");
        let _ = writeln!(transcript, "$ {command}");
        for text in [&output.stdout, &output.stderr] {
            let text = String::from_utf8_lossy(text);
            for line in text.lines() {
                let _ = writeln!(transcript, "{}", settled(line));
            }
        }
        let code = output.status.code().map_or("a signal".to_owned(), |code| code.to_string());
        let _ = writeln!(transcript, "[exit {code}]");
    }
    transcript
}
