//! What a change of each attribute means.

use super::table;
use crate::facts::{self, general};
use crate::meaning;
use auditscope::kinds::{Class, Effect, Kind};
use std::fmt::Write as _;

/// Returns each attribute of each kind, changed alone: what is lost, and what comes back.
pub fn meanings() -> String {
    let desired = facts::desired();
    let all = meaning::all();
    let mut text = String::new();
    for kind in Kind::ALL {
        let rows = all.iter().filter(|one| one.kind == *kind).map(|one| {
            let (there, back) = one.effects(&desired);
            let worse = one.worse.map_or("no blueprint asks for it".to_owned(), |class| told(class, &there));
            vec![format!("`{}`", one.attribute), worse, told(one.back, &back)]
        });
        let _ = writeln!(text, "### {kind}\n\n{}", table(&["attribute", "for the worse", "and back"], rows));
    }
    text
}

fn told(class: Class, effects: &[Effect]) -> String {
    let word = serde_json::to_value(class).expect("a class is a word");
    let word = word.as_str().unwrap_or_default().to_owned();
    match effects.iter().max_by_key(|effect| effect.class) {
        Some(effect) => format!("{word}: {}", general(&effect.text)),
        None => word,
    }
}
