//! JSON with members in any order, white space, escapes and fractions; percent-encoding in its variants.

use super::dice::Dice;
use serde_json::Value;

/// Writes whole numbers now and then with an empty fraction: the same to who reads JSON as JavaScript does.
pub(super) fn fractions(value: &mut Value, dice: &mut Dice) {
    match value {
        Value::Object(members) => members.values_mut().for_each(|value| fractions(value, dice)),
        Value::Array(items) => items.iter_mut().for_each(|item| fractions(item, dice)),
        Value::Number(number) if dice.below(4) == 0 => {
            // Beyond 32 bits a double may not hold it.
            if let Some(whole) = number.as_i64().and_then(|whole| i32::try_from(whole).ok()) {
                *value = Value::from(f64::from(whole));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Writes JSON.
pub(super) fn json(value: &Value, dice: &mut Dice) -> String {
    let mut out = String::new();
    write(&mut out, value, dice);
    out
}

fn write(out: &mut String, value: &Value, dice: &mut Dice) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            dice.shuffle(&mut members);
            out.push('{');
            for (at, (name, value)) in members.into_iter().enumerate() {
                separate(out, at, dice);
                string(out, name, dice);
                space(out, dice);
                out.push(':');
                space(out, dice);
                write(out, value, dice);
            }
            space(out, dice);
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                separate(out, at, dice);
                write(out, item, dice);
            }
            space(out, dice);
            out.push(']');
        }
        Value::String(text) => string(out, text, dice),
        Value::Null | Value::Bool(_) | Value::Number(_) => out.push_str(&value.to_string()),
    }
}

fn separate(out: &mut String, at: usize, dice: &mut Dice) {
    if at > 0 {
        out.push(',');
    }
    space(out, dice);
}

fn space(out: &mut String, dice: &mut Dice) {
    out.push_str(["", "", " ", "\n  ", "\t"][dice.below(5)]);
}

/// Writes a string, now and then with an escape that it does not need (RFC 8259 §7).
fn string(out: &mut String, text: &str, dice: &mut Dice) {
    let plain = Value::from(text).to_string();
    let escaped = match dice.below(8) {
        0 => plain.replace('/', "\\/"),
        1 => plain.replace('*', "\\u002A"),
        _ => plain,
    };
    out.push_str(&escaped);
}

/// Percent-encodes a text: hexadecimal digits of either case, spaces as `%20` or `+`, and reserved characters always,
/// unreserved ones now and then (RFC 3986 §2.3: the same text).
pub(super) fn percent_encoded(text: &str, dice: &mut Dice) -> String {
    let (lower, plus) = (dice.flips(), dice.flips());
    let mut out = String::new();
    for byte in text.bytes() {
        let unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        match byte {
            b' ' if plus => out.push('+'),
            _ if unreserved && dice.below(16) > 0 => out.push(char::from(byte)),
            _ if lower => out.push_str(&format!("%{byte:02x}")),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_written_means_the_same() {
        let value = json!({"b": [1, "a/b*\n", {"x": null, "y": true}], "a": "ü\"", "c": {}});
        for seed in 0..50 {
            let text = json(&value, &mut Dice::new(seed, ""));
            assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), value, "{text}");
        }
    }

    #[test]
    fn encoded_text_decodes_as_a_form() {
        let text = "{\"a b\": \"x+y/ü%\"}";
        for seed in 0..50 {
            let encoded = format!("k={}", percent_encoded(text, &mut Dice::new(seed, "")));
            let (_, back) = form_urlencoded::parse(encoded.as_bytes()).next().expect("a pair");
            assert_eq!(back, text, "{encoded}");
        }
    }
}
