//! The shape of the code: the picture, the modules, the laws.

use super::table;
use crate::pages::root;
use std::fs;

fn source(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect("a source file can be read")
}

/// Returns the lines of a file's own documentation.
fn module_docs(path: &str) -> Vec<String> {
    let text = source(path);
    let docs = text.lines().map_while(|line| line.strip_prefix("//!"));
    docs.map(|line| line.strip_prefix(' ').unwrap_or(line).to_owned()).collect()
}

/// Returns the picture that the crate's documentation opens with.
pub fn picture() -> String {
    let docs = module_docs("src/lib.rs");
    let mut inside = docs.iter().skip_while(|line| !line.starts_with("```"));
    let fence = inside.next().expect("the crate's documentation has a picture");
    let picture: Vec<&str> = inside.take_while(|line| *line != "```").map(String::as_str).collect();
    format!("{fence}\n{}\n```\n", picture.join("\n"))
}

/// Returns the top modules, each with the first sentence of its documentation.
pub fn modules() -> String {
    let lib = source("src/lib.rs");
    let names = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let rows = names.map(|name| {
        let first = module_docs(&format!("src/{name}/mod.rs"));
        let text = first.iter().take_while(|line| !line.is_empty()).cloned().collect::<Vec<_>>().join(" ");
        vec![format!("`src/{name}/`"), text.trim_end_matches('.').to_owned()]
    });
    table(&["module", "what it is for"], rows)
}

/// Returns the laws by the names of their tests.
pub fn laws() -> String {
    let text = source("tests/laws.rs");
    let mut laws = String::new();
    let mut is_test = false;
    for line in text.lines() {
        let line = line.trim_start_matches("async ");
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if let Some(rest) = line.strip_prefix("fn ") {
            if is_test {
                let name = rest.split('(').next().unwrap_or_default();
                laws += &format!("- `{name}`\n");
            }
            is_test = false;
        }
    }
    laws
}
