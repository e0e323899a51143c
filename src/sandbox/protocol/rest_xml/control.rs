//! S3 Control: the account in a header, the API's version in the path, and errors in a wrapper (S3 Control API model
//! 2018-08-20).

use super::super::{Decoded, Reply, xml};
use super::structure;
use crate::sandbox::route::Request;
use crate::sandbox::service::Fault;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

const PATH: &str = "/v20180820/";

/// Returns true for a request to S3 Control, which signs as S3 does.
pub(super) fn is_control(request: &Request) -> bool {
    request.path.starts_with(PATH)
}

pub(super) fn decode(request: &Request) -> Result<Decoded, Fault> {
    let path = request.path.strip_prefix(PATH).unwrap_or_default();
    let mut input = Map::new();
    for (wire, member) in [("bucket", "bucket"), ("maxResults", "MaxResults"), ("nextToken", "NextToken")] {
        if let Some((_, value)) = request.parameters().into_iter().find(|(name, _)| name == wire) {
            input.insert(member.into(), value.into());
        }
    }
    if let Some(account) = request.header("x-amz-account-id") {
        input.insert("AccountId".into(), account.into());
    }
    let (resource, name) = path.split_once('/').unwrap_or((path, ""));
    let operation = match (request.method.as_str(), resource, name) {
        ("GET", "accesspoint", "") => "ListAccessPoints",
        ("PUT", "accesspoint", _) => "CreateAccessPoint",
        ("DELETE", "accesspoint", _) => "DeleteAccessPoint",
        (method, ..) => {
            return Ok(Decoded { operation: format!("{method} {resource}"), input: input.into() });
        }
    };
    if !name.is_empty() {
        input.insert("Name".into(), percent_decode_str(name).decode_utf8_lossy().into_owned().into());
    }
    if operation == "CreateAccessPoint" {
        let body = std::str::from_utf8(&request.body).map_err(|error| error.to_string());
        let root = body.and_then(xml::parse).map_err(|why| Fault::bad("MalformedXML", why))?;
        input.insert("CreateAccessPointRequest".into(), structure("CreateAccessPointRequest", &root));
    }
    Ok(Decoded { operation: operation.into(), input: Value::Object(input) })
}

pub(super) fn refuse(fault: &Fault, request_id: &str) -> Reply {
    let mut body = String::from(r#"<?xml version="1.0" encoding="UTF-8"?>"#);
    xml::wrap(&mut body, "ErrorResponse", |out| {
        xml::wrap(out, "Error", |out| {
            xml::text(out, "Code", &fault.code);
            xml::text(out, "Message", &fault.message);
        });
        xml::text(out, "RequestId", request_id);
    });
    Reply::new(fault.status, "application/xml", body.into_bytes())
}
