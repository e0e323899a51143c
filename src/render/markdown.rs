//! A plan as Markdown for a pull request: what it comes to in sight, the rest folded, never over the limit of a comment.

use crate::render::clean::{self, fenced, span};
use crate::render::document::{Document, Place};
use crate::render::plan::{Detail, Sheet, recorded, summary};
use crate::render::selection;
use crate::render::style::Style;

/// Longest document, in characters; GitHub's comments end at 65,536.
const LIMIT: usize = 60_000;
/// Most operations of one list that are not folded away, and most that are named at all.
const IN_SIGHT: usize = 20;
const NAMED: usize = 100;
/// Most of it that is spent on what a plan comes to, what is in its way, and what is to be approved: each has room, whatever
/// the others and the steps need.
const CONCLUSIONS: usize = 12_000;
const OBSTACLES: usize = 10_000;
const APPROVALS: usize = 8_000;

/// Returns what came of an apply or destroy as Markdown: `text` as people read it elsewhere, cut at the limit of a comment.
pub fn outcome(verb: &str, verdict: &str, text: &str, is_sandbox: bool) -> String {
    let mut out = format!("### auditscope {verb}: {verdict}\n\n");
    if is_sandbox {
        out.push_str("_Sandbox account: this is not AWS._\n\n");
    }
    out.push_str(&block(text, LIMIT - 400));
    out
}

/// Returns the plan or drift as Markdown.
pub fn plan(document: &Document) -> String {
    let mut document = clean::document(document);
    // They differ from one night to the next where nothing else does.
    document.unreadable.iter_mut().for_each(|row| row.request_id = None);
    let document = &document;
    let mut out = format!("### auditscope {}\n\n**{}**\n", document.verb, summary(document));
    if document.target == Place::Sandbox {
        out.push_str("\n_Sandbox account: this is not AWS._\n");
    }
    if let Some(selected) = &document.selection {
        out.push_str(&format!("\n_{}_\n", selection::rest(selected)));
    }
    for (title, items, _) in recorded(document) {
        let mut letters = title.chars();
        let title: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
        out.push_str(&list(&title, items));
    }
    let style = Style { color: false, width: 100 };
    let sheet = Sheet { document, detail: Detail::of(document), verbose: false, style };
    let parts =
        [(sheet.conclusions(), CONCLUSIONS), (sheet.obstacles(), OBSTACLES), (sheet.approvals(), APPROVALS)];
    for (part, room) in parts.iter().filter(|(part, _)| !part.trim().is_empty()) {
        out.push_str(&format!("\n{}", block(part.trim_start_matches('\n'), *room)));
    }
    let rows = sheet.rows();
    if !rows.is_empty() {
        let room = LIMIT.saturating_sub(out.chars().count() + 200);
        let rows = block(&format!("{rows}{}", sheet.legend()), room);
        out.push_str(&format!("\n<details><summary>Details</summary>\n\n{rows}\n</details>\n"));
    }
    out
}

fn list(title: &str, items: &[String]) -> String {
    let count = items.len();
    let mut names: Vec<String> = items.iter().take(NAMED).map(|item| span(item)).collect();
    if count > NAMED {
        names.push(format!("and {} more", count - NAMED));
    }
    let names = names.join(", ");
    match count {
        0 => String::new(),
        1..=IN_SIGHT => format!("\n**{title} ({count}):** {names}\n"),
        _ => format!("\n<details><summary><b>{title} ({count})</b></summary>\n\n{names}\n\n</details>\n"),
    }
}

/// Returns text as a fenced block of at most so many characters, with the number of lines that were cut below it.
fn block(text: &str, room: usize) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let mut left = room;
    let fits = |line: &&&str| {
        let length = line.chars().count() + 1;
        let fits = length <= left;
        left = left.saturating_sub(length);
        fits
    };
    let kept = lines.iter().take_while(fits).count();
    let mut out = fenced(&lines[..kept].join("\n"));
    if kept < lines.len() {
        out.push_str(&format!("\n{} more lines were cut.\n", lines.len() - kept));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Returns a document with so many updates, each of which needs an approval.
    fn document(verb: &str, rows: usize) -> Document {
        let row = |number: usize| {
            json!({
                "address": format!("log_group.g{number}@111122223333/us-east-1"), "kind": "log_group",
                "name": "/auditscope/x\u{1b}[2J```", "action": "update", "class": "weaken",
                "reason": "retention_days differs from the blueprint", "calls": ["PutRetentionPolicy"],
                "attributes": [{"path": "retention_days", "before": 400, "after": 90}],
                "effects": [{"class": "weaken", "attribute": "retention_days", "text": "events are kept 90 days"}],
                "needs": [format!("weaken:log_group.g{number}")],
            })
        };
        let rows: Vec<_> = (0..rows).map(row).collect();
        let document = json!({
            "format_version": "1.0", "verb": verb, "goal": "converge", "target": "aws",
            "scope": {"name": "x", "account": "111122223333", "home_region": "us-east-1"},
            "verdict": "ok", "exit_code": 0,
            "summary": {"add": 0, "change": rows.len(), "destroy": 0, "adopt": 0, "foreign": 0, "unreadable": 0,
                "left_over": 0, "unrepaired": 0, "unchanged": 0},
            "changes": rows, "unreadable": [], "foreign": [], "left_over": [], "unrepaired": [],
            "coverage": {"newly_recorded": ["s3:New"], "no_longer_recorded": ["s3:Gone"], "weaker": ["s3:Less"],
                "stronger": ["s3:More"]},
            "obstacles": [], "notes": [],
        });
        serde_json::from_value(document).expect("a document")
    }

    #[test]
    fn what_it_comes_to_stands_before_the_steps_and_is_never_cut_for_them() {
        for rows in [1, 20, 2000] {
            let text = plan(&document("plan", rows));
            assert!(text.chars().count() <= LIMIT, "{rows}: {}", text.chars().count());
            let (above, below) = text.split_once("<details><summary>Details").expect("the steps are folded");
            assert!(
                above.contains("--allow weaken:log_group.g0") && above.contains("Audit effect"),
                "{above}"
            );
            assert!(below.contains("retention_days") && below.trim_end().ends_with("</details>"), "{rows}");
            assert!(
                !text.contains('\u{1b}') && below.contains("````text"),
                "{rows}: nothing closes the block"
            );
            assert_eq!(below.contains("more lines were cut"), rows == 2000);
        }
    }

    #[test]
    fn a_drift_says_what_is_not_recorded_now() {
        let titles = |verb: &str| {
            let text = plan(&document(verb, 1));
            let bold = text.lines().filter_map(|line| line.strip_prefix("**Operations "));
            bold.map(ToOwned::to_owned).collect::<Vec<_>>()
        };
        let want = [
            "newly recorded by this scope (1):** `s3:New`",
            "no longer recorded (1):** `s3:Gone`",
            "recorded only in part (1):** `s3:Less`",
            "recorded more fully (1):** `s3:More`",
        ];
        assert_eq!(titles("plan"), want);
        let want = [
            "this scope does not record now (1):** `s3:New`",
            "recorded beyond the blueprint (1):** `s3:Gone`",
            "recorded more fully than the blueprint asks for (1):** `s3:Less`",
            "recorded only in part now (1):** `s3:More`",
        ];
        assert_eq!(titles("drift"), want);
    }

    #[test]
    fn what_is_cut_is_counted_and_what_is_long_is_folded() {
        assert_eq!(block("one\ntwo\nthree\n", 8), "```text\none\ntwo\n```\n\n1 more lines were cut.\n");
        let names = |count: usize| (0..count).map(|number| format!("s3:Op{number}")).collect::<Vec<_>>();
        assert_eq!(list("Gone", &names(2)), "\n**Gone (2):** `s3:Op0`, `s3:Op1`\n");
        let long = list("Gone", &names(450));
        assert!(long.starts_with("\n<details><summary><b>Gone (450)</b>"), "{long}");
        assert!(long.contains("`s3:Op99`, and 350 more\n") && !long.contains("s3:Op100"), "{long}");
    }
}
