//! Saved plans on disk: written whole or not at all, readable by their owner alone, refused when anything about them is odd.

use super::{Saved, VERSION};
use crate::model::digest;
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Member that tells a plan from any other JSON.
const MARKER: &str = "auditscope_plan";

/// Why a file is no plan that can be used.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("cannot save the plan to {}: {source}; no file was left behind", path.display())]
    Write { path: PathBuf, source: std::io::Error },
    #[error("{} is there already and is no saved plan; it was left as it is", path.display())]
    InTheWay { path: PathBuf },
    #[error("{} ends in the middle: {source}", path.display())]
    Truncated { path: PathBuf, source: serde_json::Error },
    #[error("{} is not JSON: {source}", path.display())]
    NotJson { path: PathBuf, source: serde_json::Error },
    #[error("{} is JSON, but not a plan that auditscope saved", path.display())]
    Foreign { path: PathBuf },
    #[error("{} has plan format {version}; auditscope {} reads {VERSION}", path.display(), env!("CARGO_PKG_VERSION"))]
    OtherFormat { path: PathBuf, version: String },
    #[error("{} was edited: its content does not have the id that it carries", path.display())]
    Edited { path: PathBuf },
    #[error("{} does not have the members of plan format {VERSION}: {source}", path.display())]
    Shape { path: PathBuf, source: serde_json::Error },
}

impl SavedError {
    /// Returns what to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Read { .. } => "give the file that `auditscope plan -o FILE` wrote, or a blueprint".into(),
            Self::Write { .. } => "name another file, or make room".into(),
            Self::InTheWay { .. } => "name another file; only a plan is replaced by a plan".into(),
            Self::Truncated { .. } | Self::NotJson { .. } => {
                "it was cut off on its way here; copy it again, or make it anew with `auditscope plan -o FILE`".into()
            }
            Self::Foreign { .. } => "make a plan with `auditscope plan BLUEPRINT -o FILE`".into(),
            Self::OtherFormat { .. } => "plan and apply with the same release of auditscope".into(),
            Self::Edited { .. } | Self::Shape { .. } => {
                "a plan is applied as it was reviewed or not at all; make it anew with `auditscope plan -o FILE`".into()
            }
        }
    }
}

/// Returns true if a file looks like a saved plan and not like a blueprint: TOML never begins with a brace.
pub fn is_plan(path: &Path) -> bool {
    let Ok(bytes) = std::fs::read(path) else { return false };
    bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
}

/// Writes a plan beside its place and moves it there, mode 0600: there is never half a file, and none that others read.
///
/// # Errors
/// The file cannot be written; nothing is left behind.
pub fn write(path: &Path, saved: &Saved) -> Result<(), SavedError> {
    if is_other(path) {
        return Err(SavedError::InTheWay { path: path.to_owned() });
    }
    let failed = |source| SavedError::Write { path: path.to_owned(), source };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // `tempfile` creates with mode 0600 and removes what is not kept.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    let mut text = serde_json::to_string_pretty(saved).expect("a saved plan is plain data");
    text.push('\n');
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Returns true if something is there that is no plan: a blueprint whose name was typed twice, for one.
fn is_other(path: &Path) -> bool {
    let Ok(bytes) = std::fs::read(path) else { return false };
    let is_plan = || Some(serde_json::from_slice::<Value>(&bytes).ok()?.get(MARKER)?.is_string());
    !bytes.is_empty() && is_plan().is_none()
}

/// Reads a plan.
///
/// # Errors
/// It is truncated, no plan, of another format, or edited.
pub fn read(path: &Path) -> Result<Saved, SavedError> {
    let path = path.to_owned();
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(source) => return Err(SavedError::Read { path, source }),
    };
    parse(path, &text)
}

fn parse(path: PathBuf, text: &str) -> Result<Saved, SavedError> {
    let mut value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(source) if source.is_eof() => return Err(SavedError::Truncated { path, source }),
        Err(source) => return Err(SavedError::NotJson { path, source }),
    };
    let Some(version) = value[MARKER].as_str().map(ToOwned::to_owned) else {
        return Err(SavedError::Foreign { path });
    };
    // Before the id: what another format hashes is its own affair.
    if major(&version) != major(VERSION) {
        return Err(SavedError::OtherFormat { path, version });
    }
    let id = value["id"].as_str().unwrap_or_default().to_owned();
    if digest(&mut value) != id {
        return Err(SavedError::Edited { path });
    }
    value["id"] = Value::from(id);
    serde_json::from_value(value).map_err(|source| SavedError::Shape { path, source })
}

fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or(version)
}

/// Returns the SHA-256 of a plan's JSON without its id, which is taken out.
pub(super) fn digest(value: &mut Value) -> String {
    if let Some(members) = value.as_object_mut() {
        members.remove("id");
    }
    digest::of(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::saved::tests::saved;

    fn parsed(text: &str) -> Result<Saved, SavedError> {
        parse("plan.json".into(), text)
    }

    #[test]
    fn what_was_written_is_read_and_anything_else_is_refused_with_a_reason() {
        let good = serde_json::to_string_pretty(&saved()).expect("JSON");
        assert_eq!(parsed(&good).expect("a plan"), saved());
        let cases: [(&str, String, &str); 8] = [
            ("cut in half", good[..good.len() / 2].into(), "plan.json ends in the middle"),
            ("empty", String::new(), "plan.json ends in the middle"),
            ("no JSON", "format = 1".into(), "plan.json is not JSON"),
            (
                "another tool's plan",
                r#"{"terraform_version": "1.9"}"#.into(),
                "not a plan that auditscope saved",
            ),
            ("a list", "[1]".into(), "not a plan that auditscope saved"),
            (
                "newer",
                good.replace("\"auditscope_plan\": \"1.0\"", "\"auditscope_plan\": \"2.0\""),
                "has plan format 2.0",
            ),
            ("edited", good.replace("111122223333", "444455556666"), "was edited"),
            ("an id of its own", good.replace(&saved().id, &"0".repeat(64)), "was edited"),
        ];
        for (name, text, want) in cases {
            let error = parsed(&text).expect_err(name);
            assert!(error.to_string().contains(want), "{name}: {error}");
            assert!(!error.hint().is_empty(), "{name}");
        }
        // Somebody who also counts the id anew gets no further than the shape, or the comparison with the account.
        let mut value: Value = serde_json::from_str(&good).expect("JSON");
        value["document"] = Value::Null;
        value["id"] = Value::from(digest(&mut value.clone()));
        assert!(matches!(parsed(&value.to_string()), Err(SavedError::Shape { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_reads_it_and_a_failed_write_leaves_nothing() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("plan.json");
        std::fs::write(&path, r#"{"auditscope_plan": "1.0", "id": "an older one, for everybody"}"#)
            .expect("written");
        write(&path, &saved()).expect("written");
        let mode = std::fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(read(&path).expect("a plan"), saved());
        assert!(is_plan(&path) && !is_plan(&folder.path().join("none")));
        let blueprint = folder.path().join("audit.toml");
        std::fs::write(&blueprint, "format = 1\n").expect("written");
        let error = write(&blueprint, &saved()).expect_err("typed twice");
        assert!(matches!(error, SavedError::InTheWay { .. }), "{error}");
        assert_eq!(std::fs::read_to_string(&blueprint).expect("readable"), "format = 1\n");
        let error = write(&folder.path().join("no/such/folder.json"), &saved()).expect_err("no folder");
        assert!(error.to_string().contains("no file was left behind"), "{error}");
        let left: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").collect();
        assert_eq!(left.len(), 2, "the plan and the blueprint");
    }
}
