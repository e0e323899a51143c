//! Requests and answers about one object: bodies as they are, sent in chunks or at once, and headers that become members.

use super::super::Reply;
use super::table;
use crate::sandbox::route::Request;
use crate::sandbox::service::Fault;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Prefix of headers that hold metadata of a user's own.
const METADATA: &str = "x-amz-meta-";
/// Headers and parameters that ask for what the sandbox does not do. To leave them out in silence would be another answer
/// than the one that was asked for.
const LACKING: &[&str] = &[
    "if-modified-since",
    "if-unmodified-since",
    "partNumber",
    "range",
    "x-amz-copy-source",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write-acp",
    "x-amz-server-side-encryption-context",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-tagging",
    "x-amz-website-redirect-location",
    "x-amz-write-offset-bytes",
];

/// Returns what a request asks for and the sandbox lacks.
pub(super) fn lacking(request: &Request, parameters: &[(String, String)]) -> Option<String> {
    let mut names = request.headers.iter().chain(parameters).map(|(name, _)| name);
    let name = names.find(|name| LACKING.contains(&name.as_str()) || is_other_checksum(name))?;
    Some(name.clone())
}

/// SHA-1 and others that no client sends by itself.
fn is_other_checksum(header: &str) -> bool {
    header.starts_with("x-amz-checksum-")
        && !["x-amz-checksum-algorithm", "x-amz-checksum-type"].contains(&header)
        && !table::OBJECT_HEADERS.iter().any(|(name, _)| *name == header)
}

/// Reads the headers of a request about an object into its input, and returns the object's bytes.
///
/// # Errors
/// Those of S3 for a body in chunks that is not well-formed or not complete.
pub(super) fn receive<'r>(
    request: &'r Request,
    input: &mut Map<String, Value>,
) -> Result<Cow<'r, [u8]>, Fault> {
    for (name, member) in table::OBJECT_HEADERS {
        if let Some(value) = request.header(name) {
            input.insert((*member).into(), super::typed(member, value));
        }
    }
    let metadata: Map<String, Value> = request
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix(METADATA)?.to_owned(), value.as_str().into())))
        .collect();
    if !metadata.is_empty() {
        input.insert("Metadata".into(), metadata.into());
    }
    let encodings = request.header("content-encoding").unwrap_or_default();
    let kept: Vec<&str> =
        encodings.split(',').map(str::trim).filter(|coding| !["", "aws-chunked"].contains(coding)).collect();
    if !kept.is_empty() {
        input.insert("ContentEncoding".into(), kept.join(",").into());
    }
    let streamed = request.header("x-amz-content-sha256").is_some_and(|hash| hash.starts_with("STREAMING-"));
    if !streamed && !encodings.split(',').any(|coding| coding.trim() == "aws-chunked") {
        return Ok(Cow::Borrowed(&request.body));
    }
    let (body, trailers) = dechunked(&request.body)?;
    let promised = request.header("x-amz-decoded-content-length").and_then(|text| text.parse::<usize>().ok());
    if promised.is_some_and(|promised| promised != body.len()) {
        return Err(incomplete());
    }
    for name in request.header("x-amz-trailer").unwrap_or_default().split(',').map(str::trim) {
        if name.is_empty() {
            continue;
        }
        let value = trailers.iter().find(|(trailer, _)| trailer == name).ok_or_else(bad_trailer)?;
        if let Some((_, member)) = table::OBJECT_HEADERS.iter().find(|(header, _)| *header == name) {
            input.insert((*member).into(), value.1.as_str().into());
        }
    }
    Ok(Cow::Owned(body))
}

/// What stands behind a body in chunks: names and values.
type Trailers = Vec<(String, String)>;

/// Puts the chunks of a body together, and returns the trailers behind them, names in lower case.
///
/// S3 API, "Signature calculations for the Authorization header: transferring payload in multiple chunks": each chunk is
/// its size in hex, `;chunk-signature=…` if it is signed, a line end, its bytes and a line end; the last is empty.
fn dechunked(mut rest: &[u8]) -> Result<(Vec<u8>, Trailers), Fault> {
    let mut body = Vec::new();
    loop {
        let (line, after) = line(rest).ok_or_else(incomplete)?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).map_err(|_| incomplete())?;
        rest = after;
        if size == 0 {
            break;
        }
        let chunk = rest.get(..size).ok_or_else(incomplete)?;
        body.extend_from_slice(chunk);
        rest = rest[size..].strip_prefix(b"\r\n").ok_or_else(incomplete)?;
    }
    let mut trailers = Vec::new();
    while let Some((line, after)) = line(rest).filter(|(line, _)| !line.is_empty()) {
        let (name, value) = line.split_once(':').ok_or_else(bad_trailer)?;
        trailers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        rest = after;
    }
    Ok((body, trailers))
}

/// Returns the first line and what follows it; `None` if no line ends.
fn line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.windows(2).position(|pair| pair == b"\r\n")?;
    Some((std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 2..]))
}

fn incomplete() -> Fault {
    let message =
        "You did not provide the number of bytes specified by the x-amz-decoded-content-length HTTP header";
    Fault::bad("IncompleteBody", message)
}

fn bad_trailer() -> Fault {
    let message = "The request contained trailing data that was not well-formed or did not conform to our published schema.";
    Fault::bad("MalformedTrailerError", message)
}

/// Adds metadata of a user's own to an answer.
pub(super) fn add_metadata(mut reply: Reply, output: &Value) -> Reply {
    for (name, value) in output.get("Metadata").and_then(Value::as_object).into_iter().flatten() {
        if let Some(value) = value.as_str() {
            reply = reply.header(&format!("{METADATA}{name}"), value);
        }
    }
    reply
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn chunked(body: &str, more: &[(&str, &str)]) -> Result<(String, Value), Fault> {
        let mut headers = vec![("content-encoding", "aws-chunked,gzip")];
        headers.extend(more);
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let request = Request { headers, body: body.into(), ..Request::default() };
        let mut input = Map::new();
        let bytes = receive(&request, &mut input)?;
        Ok((String::from_utf8_lossy(&bytes).into_owned(), Value::Object(input)))
    }

    #[test]
    fn chunks_become_one_body_and_trailers_members() {
        let trailer = ("x-amz-trailer", "x-amz-checksum-crc32");
        let unsigned = "5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n";
        let (body, input) =
            chunked(unsigned, &[trailer, ("x-amz-decoded-content-length", "11")]).expect("good chunks");
        assert_eq!(body, "hello world");
        assert_eq!(input, json!({"ContentEncoding": "gzip", "ChecksumCRC32": "DUoRhQ=="}));
        let signed = "5;chunk-signature=ab\r\nhello\r\n0;chunk-signature=cd\r\n\r\n";
        assert_eq!(chunked(signed, &[]).expect("good chunks").0, "hello");
        let cases = [
            ("cut off", "5\r\nhel", &[][..], "IncompleteBody"),
            ("no last chunk", "5\r\nhello\r\n", &[], "IncompleteBody"),
            ("no size", "x\r\nhello\r\n", &[], "IncompleteBody"),
            ("other length", signed, &[("x-amz-decoded-content-length", "6")], "IncompleteBody"),
            ("no trailer", signed, &[trailer], "MalformedTrailerError"),
            ("odd trailer", "0\r\nodd\r\n\r\n", &[trailer], "MalformedTrailerError"),
        ];
        for (case, body, headers, want) in cases {
            assert_eq!(chunked(body, headers).expect_err(case).code, want, "{case}");
        }
    }

    #[test]
    fn what_would_change_the_answer_is_not_left_out_in_silence() {
        let cases = [
            ("range", Some("range")),
            ("x-amz-copy-source", Some("x-amz-copy-source")),
            ("x-amz-checksum-sha1", Some("x-amz-checksum-sha1")),
            ("x-amz-checksum-crc32", None),
            ("x-amz-checksum-mode", None),
            ("x-amz-meta-range", None),
        ];
        for (header, want) in cases {
            let request = Request { headers: vec![(header.into(), "x".into())], ..Request::default() };
            assert_eq!(lacking(&request, &[]).as_deref(), want, "{header}");
        }
    }
}
