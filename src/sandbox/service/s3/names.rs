//! Bucket names (Amazon S3 User Guide, "General purpose bucket naming rules").

use crate::sandbox::service::Fault;

/// Checks a name for a bucket of the shared namespace, or, with a suffix, of an account's own.
///
/// # Errors
/// `InvalidBucketName`.
pub(super) fn check(name: &str, own_suffix: Option<&str>) -> Result<(), Fault> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-".contains(&b);
    let edge = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let bytes = name.as_bytes();
    let shaped = (3..=63).contains(&bytes.len())
        && bytes.iter().all(|b| allowed(*b))
        && edge(bytes.first())
        && edge(bytes.last())
        && !name.contains("..")
        && name.parse::<std::net::Ipv4Addr>().is_err();
    let reserved = ["xn--", "sthree-", "amzn-s3-demo-"].iter().any(|prefix| name.starts_with(prefix))
        || ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"]
            .iter()
            .any(|suffix| name.ends_with(suffix));
    let namespaced = match own_suffix {
        Some(suffix) => name.len() > suffix.len() && name.ends_with(suffix),
        None => !name.ends_with("-an"),
    };
    if shaped && !reserved && namespaced { Ok(()) } else { Err(refuse(name)) }
}

/// Returns the fault for a name that is none.
pub(super) fn refuse(name: &str) -> Fault {
    Fault::bad("InvalidBucketName", format!("The specified bucket is not valid: {name}"))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn names_follow_the_rules() {
        let long = "a".repeat(64);
        let cases = [
            ("plain", "audit-111122223333-eu-central-1", true),
            ("dots", "a.b.c", true),
            ("short", "ab", false),
            ("long", long.as_str(), false),
            ("capital", "Audit", false),
            ("underscore", "a_b", false),
            ("edge", "-audit", false),
            ("two dots", "a..b", false),
            ("address", "192.0.2.1", false),
            ("prefix", "xn--audit", false),
            ("suffix", "audit-s3alias", false),
            ("own namespace", "audit-an", false),
        ];
        for (case, name, want) in cases {
            assert_eq!(check(name, None).is_ok(), want, "{case}");
        }
        let suffix = Some("-111122223333-eu-central-1-an");
        assert!(check("audit-111122223333-eu-central-1-an", suffix).is_ok());
        assert!(check("audit-444455556666-eu-central-1-an", suffix).is_err());
    }
}
