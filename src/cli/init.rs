//! `init`: a commented blueprint from the ones that ship in the binary.

use crate::cli::context::{Failure, Out};
use crate::cli::exit::Verdict;
use clap::Args;
use std::path::{Path, PathBuf};

/// A file that ships in the binary.
pub struct Shipped {
    /// Path below the directory it is written to.
    pub path: &'static str,
    pub text: &'static str,
}

macro_rules! shipped {
    ($($path:literal),+ $(,)?) => {
        &[$(Shipped { path: $path, text: include_str!(concat!("../../blueprints/", $path)) }),+]
    };
}

/// Every blueprint that ships, with what it needs.
pub const SHIPPED: &[Shipped] = shipped![
    "minimal.toml",
    "genai-baseline.toml",
    "multi-region.toml",
    "regulated.toml",
    "events/delete-guardrail-by-admin.json",
    "events/get-guardrail.json",
    "events/update-agent-alias-prod.json",
    "events/update-agent-alias-test.json",
    "events/update-guardrail-by-pipeline.json",
    "events/update-guardrail-by-user.json",
];

/// Arguments of `init`.
#[derive(Clone, Debug, Args)]
pub struct InitArgs {
    /// Blueprint to start from: minimal, genai-baseline, multi-region, regulated
    #[arg(long, value_name = "NAME", default_value = "genai-baseline")]
    pub from: String,
    /// Directory to write to
    #[arg(default_value = ".")]
    pub directory: PathBuf,
}

/// Returns the files of a shipped blueprint, itself first: its base and its sample events come along.
pub fn files(name: &str) -> Option<Vec<&'static Shipped>> {
    let find = |path: &str| SHIPPED.iter().find(|shipped| shipped.path == path);
    let mut files = vec![find(&format!("{name}.toml"))?];
    let mut at = 0;
    while at < files.len() {
        let text = files[at].text;
        let named = SHIPPED.iter().filter(|shipped| {
            let quoted = format!("\"{}\"", shipped.path);
            text.lines().any(|line| !line.trim_start().starts_with('#') && line.contains(&quoted))
        });
        for shipped in named {
            if !files.iter().any(|file| file.path == shipped.path) {
                files.push(shipped);
            }
        }
        at += 1;
    }
    Some(files)
}

/// Writes the files of a shipped blueprint; never over one that exists.
///
/// # Errors
/// An unknown name, an existing file, a directory that cannot be written.
pub fn write(name: &str, directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let files = files(name).ok_or_else(|| {
        let names: Vec<&str> = SHIPPED.iter().filter_map(|file| file.path.strip_suffix(".toml")).collect();
        Failure::usage(
            format!("no blueprint called `{name}` ships"),
            format!("there are {}", names.join(", ")),
        )
    })?;
    let paths: Vec<PathBuf> = files.iter().map(|file| directory.join(file.path)).collect();
    for (file, path) in files.iter().zip(&paths) {
        if std::fs::read_to_string(path).is_ok_and(|text| text != file.text) {
            return Err(Failure::usage(
                format!("{} exists and differs; nothing was written", path.display()),
                "choose another directory: auditscope init DIRECTORY",
            ));
        }
    }
    for (file, path) in files.iter().zip(&paths) {
        let made = path
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(path, file.text));
        made.map_err(|error| Failure::usage(format!("cannot write {}: {error}", path.display()), ""))?;
    }
    Ok(paths)
}

/// Runs `init`.
///
/// # Errors
/// As [`write()`].
pub fn run(args: &InitArgs, out: &mut Out) -> Result<Verdict, Failure> {
    let paths = write(&args.from, &args.directory)?;
    for path in &paths {
        out.line(&format!("wrote {}", path.display()));
    }
    if let Some(first) = paths.first() {
        out.note(&format!("next: set scope.account, then `auditscope validate {}`", first.display()));
    }
    Ok(Verdict::Ok)
}
