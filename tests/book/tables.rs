//! The generated parts: tables of the code as Markdown.

mod account;
mod architecture;
mod blueprint;
mod meanings;

use crate::facts;
use auditscope::cli::exit::Verdict;

/// Returns a part by the name in its marker; `None` if there is none.
pub fn part(name: &str) -> Option<String> {
    let (what, argument) = name.split_once(' ').unwrap_or((name, ""));
    Some(match (what, argument) {
        ("keys", section) => blueprint::keys(section)?,
        ("checks", "") => blueprint::checks(),
        ("check", "list") => blueprint::check_list(),
        ("short", "names") => blueprint::short_names(),
        ("exit", "codes") => exit_codes(),
        ("permissions", which) => account::permissions(which)?,
        ("resources", "") => account::resources(),
        ("statements", which) => account::statements(which)?,
        ("attributes", "") => account::attributes(),
        ("obstacles", "") => account::obstacles(),
        ("tamperings", "") => account::tamperings(),
        ("meanings", "") => meanings::meanings(),
        ("picture", "") => architecture::picture(),
        ("modules", "") => architecture::modules(),
        ("laws", "") => architecture::laws(),
        _ => return None,
    })
}

/// Returns the names of the parts that the book must have.
pub fn needed() -> Vec<String> {
    let plain = [
        "checks",
        "check list",
        "short names",
        "exit codes",
        "resources",
        "attributes",
        "tamperings",
        "meanings",
        "obstacles",
    ];
    let more = ["picture", "modules", "laws"];
    let policies = facts::policies(&facts::desired_in_two_regions());
    plain
        .iter()
        .chain(&more)
        .map(|name| (*name).to_owned())
        .chain(blueprint::SECTIONS.iter().map(|section| format!("keys {section}")))
        .chain(account::PERMISSIONS.iter().map(|which| format!("permissions {which}")))
        .chain(policies.into_keys().map(|(resource, attribute)| format!("statements {resource} {attribute}")))
        .collect()
}

/// Returns a table; cells may hold anything but a line break.
fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let mut text = line(&head.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>());
    text += &format!("|{}\n", " --- |".repeat(head.len()));
    rows.into_iter().for_each(|row| text += &line(&row));
    text
}

/// Returns words as code, with commas.
fn code<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn exit_codes() -> String {
    let mut verdicts = Verdict::ALL.to_vec();
    verdicts.sort_by_key(|verdict| verdict.code());
    let name = |verdict: Verdict| {
        serde_json::to_value(verdict).expect("a word").as_str().map(|word| format!("`{word}`"))
    };
    table(
        &["code", "verdict", "meaning"],
        verdicts.into_iter().map(|verdict| {
            vec![verdict.code().to_string(), name(verdict).unwrap_or_default(), verdict.meaning().to_owned()]
        }),
    )
}

#[test]
fn cells_are_escaped() {
    assert_eq!(
        table(&["a", "b"], [vec!["x|y".into(), "z".into()]]),
        "| a | b |\n| --- | --- |\n| x\\|y | z |\n"
    );
}
