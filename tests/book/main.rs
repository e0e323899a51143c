//! The book: what it shows is what the code does.
//!
//! Generated parts stand between `<!-- generated: NAME -->` and `<!-- end -->`. `AUDITSCOPE_UPDATE_DOCS=1 cargo test
//! --test book` writes them; without it, a part that differs from the code fails. Commands in ```` ```console ```` blocks
//! are run, blueprints in ```` ```toml ```` blocks are loaded, links and names are looked up.

#[cfg(unix)]
#[path = "../common/server.rs"]
mod server;
#[cfg(unix)]
#[path = "../common/terminal.rs"]
mod terminal;
#[path = "../common/transcript.rs"]
mod transcript;

mod examples;
mod explained;
mod facts;
mod generated;
#[path = "../common/meaning.rs"]
mod meaning;
mod names;
mod pages;
mod pipeline;
#[cfg(unix)]
mod screens;
mod tables;
