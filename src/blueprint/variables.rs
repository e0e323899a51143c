//! `${var.NAME}` and its kin: where their values come from, and how they are filled in.

use super::node::{Node, Value};
use super::problem::{Problem, either, nearest};
use super::source::{Location, Sources};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What environment variables that set a blueprint variable start with.
pub const ENVIRONMENT_PREFIX: &str = "AUDITSCOPE_VAR_";

/// Why a file of variables could not be used.
#[derive(Debug, thiserror::Error)]
pub enum VariablesError {
    #[error("cannot read the variables of {}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{} is not TOML", path.display())]
    Syntax { path: PathBuf, source: Box<toml::de::Error> },
    #[error("{}: {name} is {found}, but variables are strings", path.display())]
    NotText { path: PathBuf, name: String, found: &'static str },
}

/// Returns the variables that an environment sets: `AUDITSCOPE_VAR_stage=prod` gives `stage`.
pub fn vars_from_env(environment: impl IntoIterator<Item = (String, String)>) -> BTreeMap<String, String> {
    let named = environment
        .into_iter()
        .filter_map(|(name, value)| Some((name.strip_prefix(ENVIRONMENT_PREFIX)?.to_owned(), value)));
    named.filter(|(name, _)| !name.is_empty()).collect()
}

/// Returns the variables of a file that has one `NAME = "value"` a line.
///
/// # Errors
/// When the file cannot be read, is not TOML, or holds anything but strings.
pub fn vars_from_file(path: &Path) -> Result<BTreeMap<String, String>, VariablesError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| VariablesError::Unreadable { path: path.to_owned(), source })?;
    let table: toml::Table = toml::from_str(&text)
        .map_err(|source| VariablesError::Syntax { path: path.to_owned(), source: Box::new(source) })?;
    let mut vars = BTreeMap::new();
    for (name, value) in table {
        match value {
            toml::Value::String(text) => vars.insert(name, text),
            other => {
                return Err(VariablesError::NotText { path: path.to_owned(), name, found: other.type_str() });
            }
        };
    }
    Ok(vars)
}

/// Returns the defaults of the `[vars]` table.
pub(crate) fn defaults(root: &Node) -> BTreeMap<String, String> {
    let entries = root.get("vars").and_then(Node::table).into_iter().flatten();
    entries.filter_map(|(name, entry)| Some((name.clone(), entry.node.as_text()?.to_owned()))).collect()
}

/// Fills every variable of a document. One without a value is a problem at its place, and stays as it is written.
///
/// `given` goes before `[vars]`. `${region}` stays, in the one key that may hold it: `log_bucket.name`.
pub(crate) fn fill(
    root: &mut Node,
    given: &BTreeMap<String, String>,
    sources: &Sources,
    problems: &mut Vec<Problem>,
) {
    let mut known: BTreeMap<String, String> =
        defaults(root).into_iter().map(|(name, value)| (format!("var.{name}"), value)).collect();
    known.extend(given.iter().map(|(name, value)| (format!("var.{name}"), value.clone())));
    // The scope's own two values may be made of variables, so they are filled first.
    for key in ["account", "home_region"] {
        let path = format!("scope.{key}");
        if let Some(Value::Text(text)) = value_mut(root, &["scope", key])
            && let Filled::All(value) = substitute(text, &known)
        {
            known.insert(path, value);
        }
    }
    let mut walk = Walk { known: &known, sources, problems };
    if let Value::Table(entries) = &mut root.value {
        for (key, entry) in entries.iter_mut().filter(|(key, _)| *key != "vars" && *key != "extends") {
            walk.node(&mut entry.node, key);
        }
    }
}

/// Fills the variables of one string that is needed before the document is complete, such as `extends`.
pub(crate) fn fill_text(
    node: &Node,
    known: &BTreeMap<String, String>,
    sources: &Sources,
    problems: &mut Vec<Problem>,
) -> Option<String> {
    let known = known.iter().map(|(name, value)| (format!("var.{name}"), value.clone())).collect();
    let mut node = node.clone();
    let before = problems.len();
    Walk { known: &known, sources, problems }.node(&mut node, "extends");
    (problems.len() == before).then(|| node.as_text().map(str::to_owned)).flatten()
}

fn value_mut<'a>(node: &'a mut Node, path: &[&str]) -> Option<&'a mut Value> {
    let Some((key, rest)) = path.split_first() else { return Some(&mut node.value) };
    match &mut node.value {
        Value::Table(entries) => value_mut(&mut entries.get_mut(*key)?.node, rest),
        _ => None,
    }
}

enum Filled {
    All(String),
    /// Text with what could be filled, and the byte ranges and names of the rest.
    Missing(String, Vec<(std::ops::Range<usize>, String)>),
}

fn substitute(text: &str, known: &BTreeMap<String, String>) -> Filled {
    let (mut out, mut missing, mut from) = (String::new(), Vec::new(), 0);
    while let Some(start) = text[from..].find("${").map(|offset| from + offset) {
        let Some(end) = text[start..].find('}').map(|offset| start + offset + 1) else { break };
        out.push_str(&text[from..start]);
        let name = text[start + 2..end - 1].trim();
        match known.get(name) {
            Some(value) => out.push_str(value),
            None => {
                out.push_str(&text[start..end]);
                missing.push((start..end, name.to_owned()));
            }
        }
        from = end;
    }
    out.push_str(&text[from..]);
    if missing.is_empty() { Filled::All(out) } else { Filled::Missing(out, missing) }
}

struct Walk<'a> {
    known: &'a BTreeMap<String, String>,
    sources: &'a Sources,
    problems: &'a mut Vec<Problem>,
}

impl Walk<'_> {
    fn node(&mut self, node: &mut Node, path: &str) {
        match &mut node.value {
            Value::Text(text) => match substitute(text, self.known) {
                Filled::All(value) => *text = value,
                Filled::Missing(value, missing) => {
                    for (span, name) in missing {
                        if name == "region" && path == "log_bucket.name" {
                            continue;
                        }
                        let at = self.sources.within(&node.at, text, span);
                        self.problems.push(self.without_value(&name, at));
                    }
                    *text = value;
                }
            },
            Value::List(items) => items.iter_mut().for_each(|item| self.node(item, path)),
            Value::Table(entries) => {
                for (key, entry) in entries {
                    self.node(&mut entry.node, &format!("{path}.{key}"));
                }
            }
            _ => {}
        }
    }

    fn without_value(&self, name: &str, at: Location) -> Problem {
        let problem = Problem::error("AS010", Some(at), format!("`${{{name}}}` has no value"));
        if name == "region" {
            return problem.label("only `log_bucket.name` knows it").help("write `${scope.home_region}`");
        }
        if let Some(near) = nearest(name, self.known.keys().map(String::as_str)) {
            return problem.label("no such variable").help(format!("write `${{{near}}}`"));
        }
        match name.strip_prefix("var.") {
            Some(name) => problem.label("never set").help(format!(
                "give it a default, `{name} = \"…\"` under `[vars]`, or pass `--var {name}=…`"
            )),
            None => problem.label("not a variable").help(format!(
                "variables are {}",
                either(["${var.NAME}", "${scope.account}", "${scope.home_region}"])
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_gives_what_carries_the_prefix() {
        let environment = [("AUDITSCOPE_VAR_stage", "prod"), ("PATH", "/bin"), ("AUDITSCOPE_VAR_", "x")];
        let vars = vars_from_env(environment.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(vars, BTreeMap::from([("stage".to_owned(), "prod".to_owned())]));
    }

    #[test]
    fn a_file_of_variables_holds_strings_only() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("vars.toml");
        std::fs::write(&path, "stage = \"prod\"\n").expect("written");
        assert_eq!(vars_from_file(&path).expect("good")["stage"], "prod");
        std::fs::write(&path, "stage = 1\n").expect("written");
        let error = vars_from_file(&path).expect_err("an integer").to_string();
        assert!(error.ends_with("stage is integer, but variables are strings"), "{error}");
        assert!(vars_from_file(&dir.path().join("none")).is_err());
    }
}
