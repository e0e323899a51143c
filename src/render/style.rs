//! The one place that knows colours and widths. Colour never carries meaning alone.

use anstyle::{AnsiColor, Style as Ansi};

/// How text is to look.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    pub color: bool,
    /// Columns; text is wrapped to them.
    pub width: usize,
}

impl Style {
    /// Plain text for pipes, files and tests.
    pub const PLAIN: Self = Self { color: false, width: 100 };

    fn paint(self, ansi: Ansi, text: &str) -> String {
        if self.color { format!("{ansi}{text}{ansi:#}") } else { text.to_owned() }
    }
    /// Added, fine.
    pub fn green(self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }
    /// Changed, mind.
    pub fn yellow(self, text: &str) -> String {
        self.paint(AnsiColor::Yellow.on_default(), text)
    }
    /// Lost, failed.
    pub fn red(self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default(), text)
    }
    /// Adopted, told.
    pub fn cyan(self, text: &str) -> String {
        self.paint(AnsiColor::Cyan.on_default(), text)
    }
    /// Headings.
    pub fn bold(self, text: &str) -> String {
        self.paint(Ansi::new().bold(), text)
    }
    /// Asides.
    pub fn dim(self, text: &str) -> String {
        self.paint(Ansi::new().dimmed(), text)
    }
    /// Wraps text to the width, each line behind an indent.
    pub fn wrap(self, text: &str, first: &str, rest: &str) -> String {
        let options = textwrap::Options::new(self.width.max(30))
            .initial_indent(first)
            .subsequent_indent(rest)
            .word_splitter(textwrap::WordSplitter::NoHyphenation)
            .break_words(false);
        textwrap::fill(text, options)
    }
}
