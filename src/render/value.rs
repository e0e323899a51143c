//! One JSON value on one line, for people.

use serde_json::Value;

/// Returns the value as short text: strings bare where they are words, nothing as `(none)`.
pub fn short(value: &Value) -> String {
    match value {
        Value::Null => "(none)".into(),
        Value::String(text) if text.is_empty() => "\"\"".into(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "[]".into(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(short).collect::<Vec<_>>().join(", "))
        }
        Value::Object(members) if members.is_empty() => "{}".into(),
        Value::Object(members) => {
            let parts: Vec<String> =
                members.iter().map(|(key, value)| format!("{key}: {}", short(value))).collect();
            format!("{{{}}}", parts.join(", "))
        }
        other => other.to_string(),
    }
}

/// Returns the text cut to a number of characters, with the count of what was cut.
pub fn cut(text: &str, width: usize) -> String {
    let count = text.chars().count();
    if count <= width {
        return text.to_owned();
    }
    let note = format!("… (+{} chars)", count - width);
    let keep = width.saturating_sub(note.chars().count()).max(8);
    let head: String = text.chars().take(keep).collect();
    format!("{head}… (+{} chars)", count - keep)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_short_and_cuts_are_counted() {
        let cases = [
            (json!(null), "(none)"),
            (json!("a b"), "a b"),
            (json!(["x", 1]), "[x, 1]"),
            (json!({"a": true}), "{a: true}"),
        ];
        for (value, want) in cases {
            assert_eq!(short(&value), want);
        }
        assert_eq!(cut("0123456789012345678901234567", 26), "01234567890123… (+14 chars)");
        assert_eq!(cut("short", 26), "short");
    }
}
