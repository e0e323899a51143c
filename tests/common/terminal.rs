//! The real binary in a pseudo terminal, and the screen that a person would see.

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::{File, OpenOptions};
use std::io::Read;
use std::num::NonZeroU16;
use std::os::unix::ffi::OsStrExt;
use std::process::{Child, Command};

/// A process in a window of its own.
pub struct Terminal {
    pub child: Child,
    master: File,
    parser: vt100::Parser,
}

impl Terminal {
    /// Starts a command with all three streams in a window of this size.
    pub fn start(mut command: Command, columns: u16, rows: u16) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo terminal");
        grantpt(&master).expect("ours");
        unlockpt(&master).expect("ours");
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&master, size).expect("a size");
        let name = ptsname(&master, Vec::new()).expect("a name");
        let name = std::ffi::OsStr::from_bytes(name.to_bytes()).to_owned();
        let slave = OpenOptions::new().read(true).write(true).open(name).expect("the other end");
        if !command.get_envs().any(|(name, _)| name == "TERM") {
            command.env("TERM", "xterm-256color");
        }
        command.stdin(slave.try_clone().expect("a handle"));
        command.stdout(slave.try_clone().expect("a handle"));
        command.stderr(slave);
        let child = command.spawn().expect("the binary runs");
        let [rows, columns] = [rows, columns].map(|side| NonZeroU16::new(side).expect("a window has a size"));
        Self { child, master: File::from(master), parser: vt100::Parser::new(rows, columns, 0) }
    }
    /// Returns the lines of the screen, the empty ones at its end left out.
    pub fn lines(&self) -> Vec<String> {
        let columns = self.parser.screen().size().1.get();
        let mut lines: Vec<String> =
            self.parser.screen().rows(0, columns).map(|row| row.trim_end().to_owned()).collect();
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines
    }
    /// Reads until the screen is as wanted; false if the process ends without that.
    pub fn until(&mut self, mut wanted: impl FnMut(&[String]) -> bool) -> bool {
        let mut bytes = [0; 4096];
        loop {
            // Linux: reading fails once nobody holds the other end.
            match self.master.read(&mut bytes) {
                Ok(0) | Err(_) => return false,
                Ok(count) => self.parser.process(&bytes[..count]),
            }
            if wanted(&self.lines()) {
                return true;
            }
        }
    }
    /// Reads to the end, and returns the exit code; `None` if a signal ended it.
    pub fn end(&mut self) -> Option<i32> {
        self.until(|_| false);
        self.child.wait().expect("our child").code()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
