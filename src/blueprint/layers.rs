//! Layers: `extends` puts one file over another.

use super::node::{Entry, Node, Value, parse};
use super::problem::Problem;
use super::source::{Location, Origin, Sources};
use super::variables;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A layer by itself, before it was merged.
pub(crate) struct Layer {
    pub root: Node,
    /// Directory that the file's relative paths start from.
    pub directory: PathBuf,
}

/// Reads a file and everything below it; the given file comes first. Problems are collected, never thrown.
pub(crate) fn read(
    path: &Path,
    vars: &BTreeMap<String, String>,
    sources: &mut Sources,
    problems: &mut Vec<Problem>,
) -> Vec<Layer> {
    let mut layers: Vec<Layer> = Vec::new();
    let mut seen: Vec<PathBuf> = Vec::new();
    let mut next: Option<(PathBuf, Option<Location>)> = Some((path.to_owned(), None));
    while let Some((path, from)) = next.take() {
        let identity = std::fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
        if let Some(start) = seen.iter().position(|earlier| *earlier == identity) {
            problems.push(circle(&sources.files()[start..], from));
            break;
        }
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => {
                problems.push(unreadable(&path, &error, from));
                break;
            }
        };
        seen.push(identity);
        let file = sources.add(path.display().to_string(), text);
        let root = parse(file, sources, problems);
        let directory = path.parent().map(Path::to_owned).unwrap_or_default();
        if let Some(base) = root.get("extends").filter(|base| base.as_text().is_some()) {
            // The base is not known yet, so only this layer's own defaults can help.
            let mut known = variables::defaults(&root);
            known.extend(vars.clone());
            if let Some(name) = variables::fill_text(base, &known, sources, problems) {
                next = Some((directory.join(name), Some(base.at.clone())));
            }
        }
        layers.push(Layer { root, directory });
    }
    layers
}

fn unreadable(path: &Path, error: &std::io::Error, from: Option<Location>) -> Problem {
    let reason = match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::InvalidData => "it is not UTF-8 text".to_owned(),
        _ => error.to_string(),
    };
    let problem = Problem::error("AS002", from.clone(), format!("cannot read {}: {reason}", path.display()));
    if from.is_some() {
        problem.label("the base layer").help("the path of a base is relative to the file that names it")
    } else {
        problem
    }
}

fn circle(files: &[super::source::SourceFile], from: Option<Location>) -> Problem {
    let names: Vec<&str> = files.iter().chain(files.first()).map(|file| file.path.as_str()).collect();
    Problem::error("AS003", from, format!("layers go in a circle: {}", names.join(" -> ")))
        .label("this file is already below")
        .help("a base must not extend what extends it")
}

/// Puts layers over each other, the first on top.
pub(crate) fn merge(layers: &[Layer]) -> Node {
    let mut bottom_up = layers.iter().rev().map(|layer| layer.root.clone());
    let Some(first) = bottom_up.next() else { return Node::empty(0) };
    bottom_up.fold(first, over)
}

/// Puts `top` over `base`: tables key by key, lists of tables by `id` or `name`, other values replace.
fn over(base: Node, top: Node) -> Node {
    let Node { value: top_value, at } = top;
    let value = match (base.value, top_value) {
        (Value::Table(base), Value::Table(top)) => Value::Table(over_table(base, top)),
        (Value::List(base), Value::List(top)) if all_named(&base) && all_named(&top) => {
            Value::List(over_list(base, top))
        }
        (_, top) => top,
    };
    Node { value, at }
}

fn over_table(mut base: BTreeMap<String, Entry>, top: BTreeMap<String, Entry>) -> BTreeMap<String, Entry> {
    for (key, entry) in top {
        let merged = match base.remove(&key) {
            Some(below) => Entry { key_at: entry.key_at, node: over(below.node, entry.node) },
            None => entry,
        };
        base.insert(key, merged);
    }
    base
}

fn over_list(mut base: Vec<Node>, top: Vec<Node>) -> Vec<Node> {
    let inherited = base.len();
    for item in top {
        // Only what the base holds is merged: the same id twice in one file stays twice, and is reported.
        match base[..inherited].iter().position(|below| name_of(below) == name_of(&item)) {
            Some(index) => base[index] = over(base[index].clone(), item),
            None => base.push(item),
        }
    }
    base
}

/// Returns what a list's table is called by.
pub(crate) fn name_of(node: &Node) -> Option<&str> {
    node.text("id").or_else(|| node.text("name"))
}

fn all_named(items: &[Node]) -> bool {
    items.iter().all(|item| name_of(item).is_some())
}

/// Returns which file and line every value came from, by key path: `trail.log_group.retention_days`,
/// `detection[guardrail-weakened].pattern`.
pub(crate) fn origins(root: &Node, sources: &Sources) -> BTreeMap<String, Origin> {
    let mut found = BTreeMap::new();
    collect(root, "", sources, &mut found);
    found
}

fn collect(node: &Node, path: &str, sources: &Sources, found: &mut BTreeMap<String, Origin>) {
    match &node.value {
        Value::Table(entries) => {
            for (key, entry) in entries {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                collect(&entry.node, &path, sources, found);
            }
        }
        Value::List(items) if !items.is_empty() && items.iter().all(|item| item.table().is_some()) => {
            for (index, item) in items.iter().enumerate() {
                let name = name_of(item).map_or_else(|| index.to_string(), str::to_owned);
                collect(item, &format!("{path}[{name}]"), sources, found);
            }
        }
        _ => {
            let place = sources.place(&node.at);
            found.insert(path.to_owned(), Origin { file: place.file.to_owned(), line: place.line });
        }
    }
}
