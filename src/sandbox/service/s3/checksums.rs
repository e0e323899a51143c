//! Checksums of objects: those that clients send are checked, and one of them stays with the object.

use super::super::{Call, Fault};
use aws_smithy_types::base64;
use md5::Md5;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// Member that tells a checksum, what AWS calls it, and how it is made.
type Kind = (&'static str, &'static str, fn(&[u8]) -> Vec<u8>);
const KINDS: &[Kind] = &[
    ("ChecksumCRC32", "CRC32", |body| crc(body, 0xEDB8_8320, 4)),
    ("ChecksumCRC32C", "CRC32C", |body| crc(body, 0x82F6_3B78, 4)),
    ("ChecksumCRC64NVME", "CRC64NVME", |body| crc(body, 0x9A6C_9329_AC4B_C9B5, 8)),
    ("ChecksumSHA256", "SHA256", |body| Sha256::digest(body).to_vec()),
];

/// Checks what a call says of its body; returns the checksum member that stays with the object, its value and its name.
///
/// A call without any gets the one that S3 makes by itself, CRC64NVME (S3 User Guide, "Checking object integrity").
///
/// # Errors
/// `BadDigest` and `InvalidDigest` for one that is wrong, `InvalidRequest` for several or for a promise that is not kept.
pub(super) fn check(call: &Call<'_>, body: &[u8]) -> Result<Map<String, Value>, Fault> {
    if let Some(sent) = call.text("ContentMD5") {
        match base64::decode(&sent) {
            Ok(digest) if digest.len() == 16 && digest == md5(body) => {}
            Ok(digest) if digest.len() == 16 => return Err(bad_digest("Content-MD5")),
            _ => {
                return Err(Fault::bad("InvalidDigest", "The Content-MD5 you specified was invalid."));
            }
        }
    }
    let given: Vec<(&Kind, String)> =
        KINDS.iter().filter_map(|kind| Some((kind, call.text(kind.0)?))).collect();
    let (kind, value) = match &given[..] {
        [] if call.text("ChecksumAlgorithm").is_some() => {
            return Err(Fault::bad(
                "InvalidRequest",
                "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.",
            ));
        }
        [] => (&KINDS[2], base64::encode(KINDS[2].2(body))),
        [((member, name, make), sent)] => {
            let header = name.to_ascii_lowercase();
            let right = make(body);
            match base64::decode(sent) {
                Ok(sent) if sent == right => {}
                Ok(sent) if sent.len() == right.len() => return Err(bad_digest(name)),
                _ => {
                    return Err(Fault::bad(
                        "InvalidRequest",
                        format!("Value for x-amz-checksum-{header} header is invalid."),
                    ));
                }
            }
            (&(*member, *name, *make), sent.clone())
        }
        _ => {
            return Err(Fault::bad(
                "InvalidRequest",
                "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
            ));
        }
    };
    let stays = json!({kind.0: value, "ChecksumType": "FULL_OBJECT", "_algorithm": kind.1});
    Ok(stays.as_object().cloned().unwrap_or_default())
}

/// Returns true if a call says anything of its body that can be checked.
pub(super) fn are_there(call: &Call<'_>) -> bool {
    call.text("ContentMD5").is_some() || KINDS.iter().any(|(member, ..)| call.text(member).is_some())
}

/// Returns the MD5 of a body.
pub(super) fn md5(body: &[u8]) -> Vec<u8> {
    Md5::digest(body).to_vec()
}

/// Returns bytes in hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bad_digest(what: &str) -> Fault {
    Fault::bad("BadDigest", format!("The {what} you specified did not match the calculated checksum."))
}

/// Returns a reflected CRC of 4 or 8 bytes, all ones before and after.
fn crc(body: &[u8], polynomial: u64, bytes: usize) -> Vec<u8> {
    let ones = u64::MAX >> (64 - 8 * bytes);
    let mut crc = ones;
    for byte in body {
        crc ^= u64::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ polynomial } else { crc >> 1 };
        }
    }
    (crc ^ ones).to_be_bytes()[8 - bytes..].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_the_catalogue() {
        // The check values of the catalogue of parametrised CRC algorithms, of RFC 1321 and of FIPS 180.
        let cases = [
            ("CRC32", "cbf43926"),
            ("CRC32C", "e3069283"),
            ("CRC64NVME", "ae8b14860a799888"),
            ("SHA256", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
        ];
        for (name, want) in cases {
            let (.., make) = KINDS.iter().find(|(_, kind, _)| *kind == name).expect("a kind");
            assert_eq!(hex(&make(b"123456789")), want, "{name}");
        }
        assert_eq!(hex(&md5(b"abc")), "900150983cd24fb0d6963f7d28e17f72");
    }
}
