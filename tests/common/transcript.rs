//! The real binary as a person runs it: in a directory of its own, without the environment of the machine.

use std::path::Path;
use std::process::Command;

/// Returns the binary with the words of a command line behind `auditscope`, at home in `place`.
pub fn auditscope<'a>(place: &Path, words: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_auditscope"));
    command.args(words).current_dir(place).env_clear().env("HOME", place);
    command
}

/// Replaces what differs from run to run: the date.
pub fn settled(line: &str) -> String {
    let date = jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now()).date().to_string();
    line.replace(&date, "TODAY").trim_end().to_owned()
}
