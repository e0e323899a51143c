//! The pages as files: text, code blocks, headings, links; and that the book holds together.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// One Markdown file.
pub struct Page {
    /// Path from the repository's root: `docs/limits.md`.
    pub path: String,
    pub text: String,
}

/// A fenced block.
#[derive(Debug)]
pub struct Block {
    /// What follows the fence: `toml`, `console`, nothing.
    pub language: String,
    /// Line of its fence in the page, from 1.
    pub line: usize,
    pub lines: Vec<String>,
    /// File that an `<!-- file: NAME -->` on the line before asks it to be written to.
    pub file: Option<String>,
}

/// Returns the repository's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns every page of the book, `SUMMARY.md` not among them, by path.
pub fn book() -> Vec<Page> {
    let mut names: Vec<PathBuf> = fs::read_dir(root().join("docs"))
        .expect("the folder of the book")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "md") && !path.ends_with("SUMMARY.md"))
        .collect();
    names.sort();
    names.iter().map(|path| page(path.strip_prefix(root()).expect("below the root"))).collect()
}

/// Reads one page; the path is relative to the root.
pub fn page(path: impl AsRef<Path>) -> Page {
    let path = path.as_ref();
    let text = fs::read_to_string(root().join(path)).expect("a page can be read");
    Page { path: path.to_string_lossy().into_owned(), text }
}

impl Page {
    /// Returns the fenced blocks in order.
    pub fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut open: Option<Block> = None;
        let mut before = "";
        for (number, line) in self.text.lines().enumerate() {
            if let Some(mark) = line.trim_start().strip_prefix("```") {
                match open.take() {
                    Some(block) => blocks.push(block),
                    None => {
                        let file =
                            before.strip_prefix("<!-- file: ").and_then(|rest| rest.strip_suffix(" -->"));
                        open = Some(Block {
                            language: mark.to_owned(),
                            line: number + 1,
                            lines: Vec::new(),
                            file: file.map(ToOwned::to_owned),
                        });
                    }
                }
            } else if let Some(block) = &mut open {
                block.lines.push(line.to_owned());
            }
            before = line;
        }
        assert!(open.is_none(), "{}: a block is not closed", self.path);
        blocks
    }

    /// Returns the lines outside of blocks, with their numbers from 1.
    pub fn prose(&self) -> Vec<(usize, &str)> {
        let mut inside = false;
        let mut prose = Vec::new();
        for (number, line) in self.text.lines().enumerate() {
            if line.trim_start().starts_with("```") {
                inside = !inside;
            } else if !inside {
                prose.push((number + 1, line));
            }
        }
        prose
    }

    /// Returns the headings with their level.
    pub fn headings(&self) -> Vec<(usize, &str)> {
        self.prose()
            .into_iter()
            .filter_map(|(_, line)| {
                let level = line.chars().take_while(|letter| *letter == '#').count();
                line[level..].strip_prefix(' ').filter(|_| level > 0).map(|text| (level, text))
            })
            .collect()
    }

    /// Returns the ids that headings can be linked by, as mdBook and code forges make them.
    fn anchors(&self) -> BTreeSet<String> {
        self.headings().into_iter().map(|(_, text)| anchor(text)).collect()
    }

    /// Returns the targets of links, code left out.
    fn links(&self) -> Vec<(usize, String)> {
        let mut links = Vec::new();
        for (number, line) in self.prose() {
            let text = without_code(line);
            for (at, _) in text.match_indices("](") {
                let target: String = text[at + 2..].chars().take_while(|letter| *letter != ')').collect();
                links.push((number, target));
            }
        }
        links
    }
}

fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter_map(|letter| match letter {
            ' ' => Some('-'),
            letter if letter.is_alphanumeric() || letter == '-' || letter == '_' => Some(letter),
            _ => None,
        })
        .collect()
}

/// Returns a line with the content of code spans taken out.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("``")
}

/// Returns the code spans of a line.
pub fn code_spans(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

#[test]
fn the_summary_lists_every_page_once() {
    let summary = page("docs/SUMMARY.md");
    let listed: Vec<String> =
        summary.links().into_iter().map(|(_, target)| format!("docs/{target}")).collect();
    let once: BTreeSet<&String> = listed.iter().collect();
    assert_eq!(once.len(), listed.len(), "a page stands twice: {listed:?}");
    let pages = book();
    let there: BTreeSet<&String> = pages.iter().map(|page| &page.path).collect();
    assert_eq!(once, there, "left: listed; right: there");
}

#[test]
fn every_page_has_one_title_and_no_heading_twice() {
    for page in book() {
        let headings = page.headings();
        let titles = headings.iter().filter(|(level, _)| *level == 1).count();
        assert_eq!(titles, 1, "{}", page.path);
        assert_eq!(page.anchors().len(), headings.len(), "{}: a heading stands twice", page.path);
    }
}

#[test]
fn links_lead_somewhere() {
    let mut lost = Vec::new();
    let mut pages = book();
    pages.extend(["README.md", "CHANGELOG.md", "docs/SUMMARY.md"].map(page));
    for from in &pages {
        let folder = Path::new(&from.path).parent().expect("a file has a folder");
        for (line, target) in from.links() {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((&target, ""));
            let path = if file.is_empty() { PathBuf::from(&from.path) } else { folder.join(file) };
            let exists = root().join(&path).exists();
            let found = exists && (heading.is_empty() || page(&path).anchors().contains(heading));
            if !found {
                lost.push(format!("{}:{line}: {target}", from.path));
            }
            // What is outside the folder is not part of the rendered book.
            if from.path.starts_with("docs/") && file.starts_with("..") {
                lost.push(format!("{}:{line}: {target} leaves the book", from.path));
            }
        }
    }
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}
