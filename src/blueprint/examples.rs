//! The events that own detections bring: what must match, and what must not.

use super::layers::Layer;
use super::node::Node;
use super::patterns;
use super::problem::Problem;
use super::source::Location;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Files of events of one detection, each path ready to be opened.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Examples {
    pub matches: Vec<PathBuf>,
    pub ignores: Vec<PathBuf>,
}

/// Why a file of events could not be used.
#[derive(Debug, thiserror::Error)]
pub enum ExampleError {
    #[error("cannot read {}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{} is not JSON", path.display())]
    NotJson { path: PathBuf, source: serde_json::Error },
    #[error("{} holds no event", path.display())]
    Empty { path: PathBuf },
}

/// Reads a file of events: one event, a list of them, CloudTrail's `{"Records": […]}`, or one event a line.
///
/// # Errors
/// When the file cannot be read, is not JSON, or holds no event.
pub fn read_events(path: &Path) -> Result<Vec<Value>, ExampleError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ExampleError::Unreadable { path: path.to_owned(), source })?;
    let documents: Result<Vec<Value>, _> = serde_json::Deserializer::from_str(&text).into_iter().collect();
    let documents = documents.map_err(|source| ExampleError::NotJson { path: path.to_owned(), source })?;
    let mut events = Vec::new();
    for document in documents {
        match document {
            Value::Array(list) => events.extend(list),
            Value::Object(mut object) if object.get("Records").is_some_and(Value::is_array) => {
                if let Some(Value::Array(records)) = object.remove("Records") {
                    events.extend(records);
                }
            }
            event => events.push(event),
        }
    }
    if events.is_empty() { Err(ExampleError::Empty { path: path.to_owned() }) } else { Ok(events) }
}

/// Reads the examples of every own detection and tries them on its pattern. Returns the files by detection.
pub(crate) fn check(
    root: &Node,
    layers: &[Layer],
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, Examples> {
    let mut all = BTreeMap::new();
    for item in root.items("detection") {
        let mut examples = Examples::default();
        for (key, want) in [("matches", true), ("ignores", false)] {
            if let Some(node) = item.get(key)
                && matches!(&node.value, super::node::Value::List(items) if items.is_empty())
            {
                problems.push(none_given(key, node.at.clone()));
            }
            for (text, at) in item.texts(key) {
                let path = layers
                    .get(at.file)
                    .map_or_else(|| PathBuf::from(text), |layer| layer.directory.join(text));
                match read_events(&path) {
                    Ok(events) => problems.extend(contradiction(item, text, at, &events, want)),
                    Err(error) => problems.push(unreadable(&error, at)),
                }
                if want { examples.matches.push(path) } else { examples.ignores.push(path) }
            }
        }
        all.insert(item.text("id").unwrap_or_default().to_owned(), examples);
    }
    all
}

fn none_given(key: &str, at: Location) -> Problem {
    let what = if key == "matches" { "must match" } else { "must not match" };
    Problem::error("AS032", Some(at), format!("a detection needs an event that {what}"))
        .label("empty")
        .help(format!("write `{key} = [\"events/….json\"]`: one event as CloudTrail records it"))
}

fn unreadable(error: &ExampleError, at: &Location) -> Problem {
    let reason = match error {
        ExampleError::Unreadable { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
            "there is no such file".to_owned()
        }
        ExampleError::Unreadable { source, .. } => source.to_string(),
        ExampleError::NotJson { source, .. } => source.to_string(),
        ExampleError::Empty { .. } => "it is empty".to_owned(),
    };
    Problem::error("AS032", Some(at.clone()), format!("{error}: {reason}"))
        .label("no event")
        .help("paths are relative to the file that names them; a file holds one event, a list, or `{\"Records\": […]}`")
}

/// Says which event does not do what its list says; a pattern that is none was reported already.
fn contradiction(item: &Node, file: &str, at: &Location, events: &[Value], want: bool) -> Option<Problem> {
    let pattern = item.text("pattern")?;
    let index = events.iter().position(|event| patterns::matches(pattern, event) == Some(!want))?;
    let which =
        if events.len() == 1 { format!("`{file}`") } else { format!("event {} of `{file}`", index + 1) };
    let name = events[index].get("eventName").and_then(Value::as_str);
    let named = name.map_or_else(String::new, |name| format!(" (`{name}`)"));
    let (message, label) = if want {
        (format!("the pattern does not match {which}{named}"), "must match")
    } else {
        (format!("the pattern matches {which}{named}"), "must not match")
    };
    Some(
        Problem::error("AS033", Some(at.clone()), message)
            .label(label)
            .related(item.get("pattern").map(|node| node.at.clone()), "this pattern")
            .help("every event of `matches` must match and no event of `ignores` may; correct the pattern, or the file"),
    )
}
