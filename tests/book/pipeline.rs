//! The files for pipelines, `docs/ci`: their command lines are ones that the tool takes, their verdicts the tool's own.

use crate::pages::{book, code_spans, page, root};
use auditscope::cli::Cli;
use auditscope::cli::exit::Verdict;
use clap::Parser;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// What stands for the shell's variables in a command line.
const VALUES: &[(&str, &str)] = &[
    (
        r#"${allow[@]+"${allow[@]}"}"#,
        "--allow weaken:log_group.trail@111122223333/us-east-1 --allow coverage:trail.main@111122223333/us-east-1",
    ),
    ("$blueprint", "audit.toml"),
    ("$place", "plan"),
    ("$form", "junit"),
];

/// Returns the scripts by name, with their text.
fn scripts() -> BTreeMap<String, String> {
    fs::read_dir(root().join("docs/ci/auditscope"))
        .expect("the folder of the scripts")
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a file").to_string_lossy().into_owned();
            (name, fs::read_to_string(path).expect("a script can be read"))
        })
        .collect()
}

/// Returns the calls of the tool in a script, as the shell would hand them over.
fn calls(script: &str) -> Vec<Vec<String>> {
    script
        .lines()
        .filter(|line| line.trim_start().starts_with("auditscope "))
        .map(|line| {
            let mut line = line.trim().to_owned();
            for (variable, value) in VALUES {
                line = line.replace(variable, value);
            }
            assert!(
                !line.contains('$') || line.contains("code=$?"),
                "a variable without a value here: {line}"
            );
            let command = line.split(['>', '|']).next().unwrap_or_default();
            command.split_whitespace().map(|word| word.replace('"', "")).collect()
        })
        .collect()
}

#[test]
fn the_tool_takes_every_command_line_of_the_scripts() {
    let mut verbs = BTreeSet::new();
    for (name, text) in scripts() {
        for call in calls(&text) {
            let parsed = Cli::try_parse_from(&call);
            assert!(parsed.is_ok(), "{name}: {}\n{}", call.join(" "), parsed.expect_err("just looked"));
            verbs.extend(call.get(1).cloned());
        }
    }
    let wanted = ["apply", "drift", "plan", "show", "validate"].map(ToOwned::to_owned);
    assert_eq!(verbs, BTreeSet::from(wanted), "the verbs that are called");
}

#[test]
fn a_command_line_that_the_tool_does_not_take_is_found() {
    let cases = [
        (
            "a flag that is none",
            r#"auditscope plan "$blueprint" --detailed-exit >"$place/plan.md" || code=$?"#,
        ),
        ("a format that is none", r#"auditscope drift "$blueprint" --format yaml >"$place/drift.md""#),
        ("a verb that is none", r#"auditscope aply "$place/plan.json""#),
    ];
    for (case, line) in cases {
        let calls = calls(line);
        assert_eq!(calls.len(), 1, "{case}");
        assert!(Cli::try_parse_from(&calls[0]).is_err(), "{case}: {calls:?}");
    }
}

#[test]
fn the_verdicts_of_the_scripts_are_those_of_the_tool() {
    let common = page("docs/ci/auditscope/common.sh").text;
    let told: BTreeMap<u8, &str> = common
        .lines()
        .filter_map(|line| line.trim().strip_suffix(" ;;")?.split_once(") echo "))
        .filter_map(|(code, word)| Some((code.parse().ok()?, word)))
        .chain([(1, "error")])
        .collect();
    let word = |verdict: &Verdict| {
        serde_json::to_value(verdict).expect("a word").as_str().expect("a word").to_owned()
    };
    let wanted: BTreeMap<u8, String> =
        Verdict::ALL.iter().map(|verdict| (verdict.code(), word(verdict))).collect();
    let told: BTreeMap<u8, String> = told.into_iter().map(|(code, word)| (code, word.to_owned())).collect();
    assert_eq!(told, wanted, "left: common.sh; right: the tool");
    assert!(common.contains("*) echo error ;;"), "every other code is an error");
}

#[test]
fn the_page_names_every_variable_that_the_files_read() {
    let page = book().into_iter().find(|page| page.path == "docs/ci.md").expect("the page");
    let named: BTreeSet<&str> = page.text.lines().flat_map(code_spans).collect();
    let files = [
        "github/workflows/auditscope-plan.yml",
        "github/workflows/auditscope-apply.yml",
        "github/workflows/auditscope-drift.yml",
        "gitlab/gitlab-ci.yml",
    ];
    let mut read = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(root().join("docs/ci").join(file)).expect("a file of the page");
        for (at, _) in text.match_indices("AUDITSCOPE_") {
            let name: String = text[at..]
                .chars()
                .take_while(|letter| letter.is_ascii_uppercase() || *letter == '_')
                .collect();
            read.insert(name);
        }
    }
    let unnamed: Vec<&String> = read.iter().filter(|name| !named.contains(name.as_str())).collect();
    assert!(read.len() > 6 && unnamed.is_empty(), "{unnamed:?} of {read:?}");
}
