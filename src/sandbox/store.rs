//! The state's file: one JSON document beside a lock, read and written whole.

use crate::sandbox::state::State;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A state's file and what this process last saw in it.
#[derive(Debug)]
pub(super) struct Store {
    path: PathBuf,
    /// The lock is a file of its own: the state's file is replaced by every write, and a lock on it with it.
    lock: File,
    text: Option<String>,
}

impl Store {
    /// Makes the folder and the lock file; the state's file itself is made by the first write.
    pub(super) fn new(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder(path))?;
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".lock");
        let lock =
            OpenOptions::new().create(true).truncate(false).write(true).open(path.with_file_name(name))?;
        Ok(Self { path: path.into(), lock, text: None })
    }

    /// Runs `step` while no other process reads or writes the state.
    pub(super) fn locked<T>(&mut self, step: impl FnOnce(&mut Self) -> io::Result<T>) -> io::Result<T> {
        self.lock.lock()?;
        let done = step(self);
        self.lock.unlock()?;
        done
    }

    /// Returns the state in the file, `None` if there is no file yet.
    pub(super) fn read(&mut self) -> io::Result<Option<State>> {
        self.text = None;
        self.read_if_changed()
    }

    /// Returns the state in the file if it is not what was last read or written here. A file that is gone is an
    /// empty state: somebody has reset the sandbox.
    pub(super) fn read_if_changed(&mut self) -> io::Result<Option<State>> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(self.text.take().map(|_| State::default()));
            }
            Err(error) => return Err(error),
        };
        if self.text.as_deref() == Some(text.as_str()) {
            return Ok(None);
        }
        let state = serde_json::from_str(&text).map_err(|error| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{} is not a sandbox state: {error}", self.path.display()),
            )
        })?;
        self.text = Some(text);
        Ok(Some(state))
    }

    /// Replaces the file in one step.
    pub(super) fn write(&mut self, state: &State) -> io::Result<()> {
        let mut text = serde_json::to_string_pretty(state)?;
        text.push('\n');
        let mut file = tempfile::NamedTempFile::new_in(folder(&self.path))?;
        file.write_all(text.as_bytes())?;
        file.persist(&self.path)?;
        self.text = Some(text);
        Ok(())
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}
