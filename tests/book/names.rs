//! Words of the pages that must exist: files of the repository, flags and verbs, tamperings.

use crate::pages::{book, code_spans, page, root};
use auditscope::cli::Cli;
use auditscope::kinds::Kind;
use clap::CommandFactory;
use std::collections::BTreeSet;

/// Folders whose files the pages may name.
const FOLDERS: &[&str] = &["src/", "tests/", "docs/", "blueprints/", ".ci/"];

#[test]
fn files_that_are_named_exist() {
    let mut missing = Vec::new();
    for page in book() {
        for (line, text) in page.prose() {
            for span in code_spans(text).filter(|span| FOLDERS.iter().any(|folder| span.starts_with(folder)))
            {
                // `<kind>` stands for each kind.
                let paths: Vec<String> = if span.contains("<kind>") {
                    Kind::ALL.iter().map(|kind| span.replace("<kind>", kind.name())).collect()
                } else {
                    vec![span.to_owned()]
                };
                let gone = paths.into_iter().filter(|path| !root().join(path).exists());
                missing.extend(gone.map(|path| format!("{}:{line}: {path}", page.path)));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// Returns the long flags of a command and of everything below it.
fn flags(command: &clap::Command) -> BTreeSet<String> {
    let own = command.get_arguments().filter_map(clap::Arg::get_long).map(|long| format!("--{long}"));
    own.chain(command.get_subcommands().flat_map(flags)).collect()
}

#[test]
fn flags_that_are_named_exist() {
    let mut known = flags(&Cli::command());
    // Of clap, cargo and the benchmark.
    known.extend(["--help", "--version", "--locked", "--path", "--git"].map(ToOwned::to_owned));
    known.extend(["--bench", "--test", "--lib", "--rates", "--plan-only", "--check"].map(ToOwned::to_owned));
    let mut unknown = Vec::new();
    for page in book() {
        for (line, text) in page.prose() {
            for word in code_spans(text).flat_map(str::split_whitespace) {
                let flag = word.trim_start_matches('[').split(['=', '[', ']']).next().unwrap_or_default();
                let named = flag.strip_prefix("--").is_some_and(|name| name.starts_with(char::is_alphabetic));
                if named && !known.contains(flag) {
                    unknown.push(format!("{}:{line}: {flag}", page.path));
                }
            }
        }
    }
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

#[test]
fn every_verb_has_its_part_with_all_its_flags() {
    let commands = page("docs/commands.md");
    for verb in Cli::command().get_subcommands() {
        let heading = format!("\n## {}\n", verb.get_name());
        let part =
            commands.text.split_once(&heading).map(|(_, rest)| rest.split("\n## ").next().unwrap_or(rest));
        let part = part.unwrap_or_else(|| panic!("{} has no part", verb.get_name()));
        for flag in flags(verb) {
            assert!(part.contains(&flag), "{}: {flag}", verb.get_name());
        }
    }
    let shared = commands.text.split_once("\n## Flags of every verb\n").expect("the shared flags").1;
    let shared = shared.split("\n## ").next().unwrap_or(shared);
    for flag in Cli::command().get_arguments().filter_map(clap::Arg::get_long) {
        assert!(shared.contains(&format!("--{flag}")), "--{flag}");
    }
}
