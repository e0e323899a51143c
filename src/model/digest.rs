//! SHA-256 of what is to be recognised again.

use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Returns the SHA-256 of some bytes, in hexadecimal.
pub fn of_bytes(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes all text");
        text
    })
}

/// Returns the SHA-256 of a value's JSON, in hexadecimal. Maps are sorted on the way, so that the order of members does
/// not matter.
pub fn of(value: &impl Serialize) -> String {
    let json = serde_json::to_value(value).expect("what is hashed has string keys and finite numbers");
    of_bytes(json.to_string().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_order_of_members_does_not_matter_and_anything_else_does() {
        // Known answer: FIPS 180-2, "abc".
        assert_eq!(of_bytes(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let text = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
        assert_eq!(of(&text(r#"{"a":1,"b":2}"#)), of(&text(r#"{"b":2,"a":1}"#)));
        assert_ne!(of(&json!([1, 2])), of(&json!([2, 1])));
    }
}
