//! The JSON Schema of the format, from the table of keys.

use super::keys::{Default, KEYS, Key, Kind, children};
use serde_json::{Map, Value, json};

/// Returns a JSON Schema (2020-12) of the blueprint, so that editors complete and check it.
pub fn schema() -> Value {
    let mut schema = table("");
    if let Some(root) = schema.as_object_mut() {
        root.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
        root.insert("title".into(), "auditscope blueprint".into());
    }
    schema
}

fn table(inside: &str) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    let mut additional = json!(false);
    for key in children(inside) {
        if key.name() == "*" {
            additional = described(key);
            continue;
        }
        properties.insert(key.name().into(), described(key));
        // A layer may leave to its base what the whole must have, so only items of lists insist.
        if key.default == Default::Required && inside.contains("[]") {
            required.push(key.name());
        }
    }
    let mut schema =
        json!({ "type": "object", "properties": properties, "additionalProperties": additional });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn described(key: &Key) -> Value {
    let mut schema = shape(key);
    let text = match key.default {
        Default::Required | Default::Nothing => key.doc.to_owned(),
        Default::Is(default) => format!("{} Default: {default}.", key.doc),
    };
    schema["description"] = text.into();
    schema
}

fn shape(key: &Key) -> Value {
    let texts = || json!({ "type": "array", "items": { "type": "string" } });
    match key.kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Integer { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Number => json!({ "type": "number" }),
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Duration => json!({ "type": "string", "pattern": "^[0-9]+[smhd]$" }),
        Kind::Date => json!({ "type": "string", "format": "date" }),
        Kind::Choice(words) => json!({ "enum": words }),
        Kind::Texts => texts(),
        Kind::Choices(words) => json!({ "type": "array", "items": { "enum": words } }),
        Kind::AllOrTexts => json!({ "anyOf": [{ "enum": ["all", "none"] }, texts()] }),
        Kind::TextMap => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        Kind::Table => table(&key.inside()),
        Kind::TableOrFalse => json!({ "anyOf": [{ "const": false }, table(&key.inside())] }),
        Kind::Tables => json!({ "type": "array", "items": table(&key.inside()) }),
    }
}

/// Returns the documentation of one key: its path, what it is for, and its default; `None` if there is no such key.
///
/// List brackets may be left out: `detection.pattern` finds `detection[].pattern`.
pub fn key(path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.path == path || key.path.replace("[]", "") == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_holds_every_key_and_refuses_others() {
        let schema = schema();
        assert_eq!(schema["additionalProperties"], json!(false));
        let period = &schema["properties"]["alarm"]["items"]["properties"]["period"];
        assert_eq!(period["pattern"], "^[0-9]+[smhd]$");
        let group = &schema["properties"]["trail"]["properties"]["log_group"]["anyOf"];
        assert_eq!(group[0], json!({ "const": false }));
        assert!(group[1]["properties"]["retention_days"].is_object());
        assert!(schema["properties"]["waive"]["additionalProperties"]["properties"]["until"].is_object());
        assert!(key("detection.pattern").is_some() && key("detection.colour").is_none());
    }
}
