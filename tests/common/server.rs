//! `sandbox start`: an account in another process, where time is real.

#[path = "smallest.rs"]
mod smallest;

pub use smallest::write;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The server, ended with the test.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub url: String,
}

impl Server {
    /// Serves the account in `served.json`, with faults.
    pub fn start(place: &Path, faults: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_auditscope"))
            .args(["sandbox", "start", "--listen", "127.0.0.1:0", "--file", "served.json"])
            .args(["--sandbox-faults", faults])
            .current_dir(place)
            .env_clear()
            .env("HOME", place)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary runs");
        let mut url = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut url).expect("the line with the address");
        Self { child, url: url.trim().to_owned() }
    }
    /// Returns a command that talks to it.
    pub fn client(&self, place: &Path, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_auditscope"));
        command
            .args(words)
            .current_dir(place)
            .env_clear()
            .env("HOME", place)
            .env("AWS_ENDPOINT_URL", &self.url)
            .env("AWS_ACCESS_KEY_ID", "111122223333")
            .env("AWS_SECRET_ACCESS_KEY", "sandbox")
            .env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
