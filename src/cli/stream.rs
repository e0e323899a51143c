//! One of the process's output streams: remembers that it cannot be written to any more, instead of panicking.

use std::io::{ErrorKind, Write};
use std::sync::{Arc, Mutex};

/// A stream that several may write to; each text is written whole and flushed at once.
#[derive(Clone)]
pub struct Stream(Arc<Mutex<Inner>>);

struct Inner {
    writer: Box<dyn Write + Send>,
    failure: Option<std::io::Error>,
}

impl Stream {
    /// Returns a stream over a writer.
    pub fn new(writer: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Inner { writer: Box::new(writer), failure: None })))
    }
    /// Writes a text, and nothing once that has failed.
    pub fn write(&self, text: &str) {
        let mut inner = self.0.lock().expect("no panic while the lock is held");
        if inner.failure.is_none() {
            let written = inner.writer.write_all(text.as_bytes()).and_then(|()| inner.writer.flush());
            inner.failure = written.err();
        }
    }
    /// Returns why texts were lost; `None` if none were, or if the reader went away by itself, as `head` does.
    pub fn failure(&self) -> Option<String> {
        let inner = self.0.lock().expect("no panic while the lock is held");
        let failure = inner.failure.as_ref().filter(|error| error.kind() != ErrorKind::BrokenPipe);
        failure.map(ToString::to_string)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes one text, and then fails.
    struct Full(ErrorKind, usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.1 += 1;
            assert!(self.1 <= 2, "nothing is written after a failure");
            if self.1 == 1 { Ok(bytes.len()) } else { Err(self.0.into()) }
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_left_is_no_failure_and_a_full_disk_is_one() {
        for (kind, fails) in [(ErrorKind::BrokenPipe, false), (ErrorKind::StorageFull, true)] {
            let stream = Stream::new(Full(kind, 0));
            for text in ["one\n", "two\n", "three\n"] {
                stream.write(text);
            }
            assert_eq!(stream.failure().is_some(), fails, "{kind:?}");
        }
    }
}
