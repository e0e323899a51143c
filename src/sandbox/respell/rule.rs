//! Rules of composite alarms in other words.

use super::dice::Dice;

/// Returns a rule of the form `ALARM("a") OR ALARM("b")` with its alarms in another order, each with its name in
/// another form; `None` for other rules.
pub(super) fn respell(rule: &str, dice: &mut Dice) -> Option<String> {
    let names: Option<Vec<&str>> =
        rule.split(" OR ").map(|part| part.trim().strip_prefix("ALARM(\"")?.strip_suffix("\")")).collect();
    let mut names = names?;
    dice.shuffle(&mut names);
    let parts: Vec<String> = names
        .into_iter()
        .map(|name| match dice.below(4) {
            0 => format!("ALARM('{name}')"),
            1 if !name.contains([' ', '(', ')']) => format!("ALARM({name})"),
            2 => format!("ALARM ( \"{name}\" )"),
            _ => format!("ALARM(\"{name}\")"),
        })
        .collect();
    Some(parts.join(if dice.flips() { " OR " } else { "\n OR " }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rules_of_any_are_touched() {
        let mut dice = Dice::new(3, "");
        assert_eq!(respell("NOT ALARM(\"a\")", &mut dice), None);
        let told = respell("ALARM(\"a\") OR ALARM(\"b\")", &mut dice).expect("a rule of any");
        assert_eq!(told.matches("ALARM").count(), 2, "{told}");
    }
}
