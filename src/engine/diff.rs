//! Two states as JSON, and what differs.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One value that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Attribute, and the way into it where it has parts: `policy.TlsOnly.Effect`.
    pub path: String,
    /// Live value; `null` if there is none.
    pub before: Value,
    /// Value the blueprint asks for; `null` if there must be none.
    pub after: Value,
}

impl Change {
    /// Returns the attribute the change belongs to.
    pub fn attribute(&self) -> &str {
        self.path.split('.').next().unwrap_or(&self.path)
    }
}

/// Returns the attributes that differ. A member that the wanted state does not have is left alone.
pub fn attributes(before: &Value, after: &Value) -> Vec<String> {
    let Some(wanted) = after.as_object() else { return Vec::new() };
    wanted
        .iter()
        .filter(|(name, value)| before.get(*name) != Some(value))
        .map(|(name, _)| name.clone())
        .collect()
}

/// Returns what differs, part by part, in the order of the wanted state.
pub fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    let Some(wanted) = after.as_object() else { return found };
    for (name, value) in wanted {
        walk(name, before.get(name).unwrap_or(&Value::Null), value, &mut found);
    }
    found
}

fn walk(path: &str, before: &Value, after: &Value, found: &mut Vec<Change>) {
    if before == after {
        return;
    }
    if let (Value::Object(old), Value::Object(new)) = (before, after) {
        let keys: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for key in keys {
            let part = |side: &serde_json::Map<String, Value>| side.get(key).cloned().unwrap_or(Value::Null);
            walk(&format!("{path}.{key}"), &part(old), &part(new), found);
        }
        return;
    }
    found.push(Change { path: path.into(), before: before.clone(), after: after.clone() });
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn parts_differ_one_by_one() {
        let cases = [
            ("equal", json!({"a": 1}), json!({"a": 1}), vec![]),
            ("left alone", json!({"a": 1, "b": 2}), json!({"a": 1}), vec![]),
            ("must be empty", json!({"a": 1}), json!({"a": null}), vec!["a"]),
            ("created", json!({}), json!({"a": {"x": 1}}), vec!["a"]),
            ("a part", json!({"a": {"x": 1, "y": 1}}), json!({"a": {"x": 1, "y": 2}}), vec!["a.y"]),
            ("a part too many", json!({"a": {"x": 1, "y": 1}}), json!({"a": {"x": 1}}), vec!["a.y"]),
            ("lists are whole", json!({"a": [1]}), json!({"a": [1, 2]}), vec!["a"]),
        ];
        for (case, before, after, want) in cases {
            let got: Vec<String> = changes(&before, &after).into_iter().map(|change| change.path).collect();
            assert_eq!(got, want, "{case}");
        }
    }
}
