//! The real binary as a person runs it: in a directory of its own, without the environment of the machine.

use std::path::Path;
use std::process::Command;

/// Returns the binary with the words of a command line behind `auditscope`, at home in `place`.
pub fn auditscope<'a>(place: &Path, words: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_auditscope"));
    command.args(words).current_dir(place).env_clear().env("HOME", place);
    command
}

/// Replaces what differs from run to run: the date with the time behind it, and ids of plans.
pub fn settled(line: &str) -> String {
    let date = jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now()).date().to_string();
    let mut settled = String::new();
    let mut parts = line.split(&date);
    settled.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let clock = |c: char| c.is_ascii_digit() || [':', '.'].contains(&c);
        let behind = part.strip_prefix('T').and_then(|rest| rest.trim_start_matches(clock).strip_prefix('Z'));
        settled.push_str(if behind.is_some() { "NOW" } else { "TODAY" });
        settled.push_str(behind.unwrap_or(part));
    }
    for word in ["plan ", "apply ", "destroy "] {
        let Some((before, rest)) = settled.split_once(word) else { continue };
        let id = rest.get(..12).filter(|id| id.bytes().all(|byte| byte.is_ascii_hexdigit()));
        if id.is_some() {
            settled = format!("{before}{word}ID{}", &rest[12..]);
        }
    }
    settled.trim_end().to_owned()
}
