//! Wire formats: one adapter each, from a request to an operation with its input as JSON, and from the answer back.
//!
//! Inputs and outputs have the member names of AWS's API models. Times are epoch seconds as numbers, or
//! `{"$timestamp": seconds}`, or text in ISO 8601; each adapter writes them as its format wants.

pub mod aws_json;
pub mod cbor;
pub mod query;
mod query_error;
pub mod rest_json;
pub mod rest_xml;
pub mod time;
mod xml;

use crate::sandbox::route::Request;
use crate::sandbox::service::Fault;
use serde_json::Value;

/// A wire format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// awsJson 1.1.
    AwsJson,
    /// awsQuery: form in, XML out.
    Query,
    /// Smithy RPC v2 with CBOR; the services that take it also take awsJson.
    Cbor,
    /// restJson1.
    RestJson,
    /// restXml.
    RestXml,
}

/// An operation with its input.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// API name of the operation; what the request says if it is none the sandbox knows.
    pub operation: String,
    /// Members of the input.
    pub input: Value,
}

/// What goes back over the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Reply {
    fn new(status: u16, content_type: &str, body: Vec<u8>) -> Self {
        let headers = if content_type.is_empty() {
            Vec::new()
        } else {
            vec![("content-type".to_owned(), content_type.to_owned())]
        };
        Self { status, headers, body }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

impl Protocol {
    /// Returns the format a service speaks in a request. A service without any is asked in awsJson and answers so.
    #[must_use]
    pub fn of(service: &str, request: &Request) -> Self {
        let form = request.header("content-type").is_some_and(|kind| kind.contains("x-www-form-urlencoded"));
        match service {
            "s3" => Self::RestXml,
            "bedrock" => Self::RestJson,
            "iam" | "sns" | "sts" => Self::Query,
            "cloudwatch" if form => Self::Query,
            // Resource Groups Tagging takes it as well (its model), though today's SDKs prefer awsJson there.
            "cloudwatch" | "tag" if request.path.starts_with("/service/") => Self::Cbor,
            _ => Self::AwsJson,
        }
    }

    /// Reads the operation and its input.
    ///
    /// # Errors
    /// `SerializationException` and its kin for a body that is not in this format.
    pub fn decode(self, request: &Request) -> Result<Decoded, Fault> {
        match self {
            Self::AwsJson => aws_json::decode(request),
            Self::Query => query::decode(request),
            Self::Cbor => cbor::decode(request),
            Self::RestJson => rest_json::decode(request),
            Self::RestXml => rest_xml::decode(request),
        }
    }

    /// Writes an operation's output.
    #[must_use]
    pub fn encode(self, service: &str, operation: &str, output: &Value, request_id: &str) -> Reply {
        match self {
            Self::AwsJson => aws_json::encode(output),
            Self::Query => query::encode(service, operation, output, request_id),
            Self::Cbor => cbor::encode(output),
            Self::RestJson => rest_json::encode(output),
            Self::RestXml => rest_xml::encode(operation, output),
        }
        .header(self.id_header(), request_id)
    }

    /// Writes an error of a service.
    #[must_use]
    pub fn refuse(self, service: &str, request: &Request, fault: &Fault, request_id: &str) -> Reply {
        // Only CloudWatch has left the query protocol behind and kept its codes.
        let kept = service == "cloudwatch" && matches!(self, Self::AwsJson | Self::Cbor);
        let kind = if kept { query_error::shape(request, &fault.code) } else { fault.code.as_str() };
        let reply = match self {
            Self::AwsJson => aws_json::refuse(fault, kind),
            Self::Query => query::refuse(fault, request_id),
            Self::Cbor => cbor::refuse(fault, kind),
            Self::RestJson => rest_json::refuse(fault),
            Self::RestXml => rest_xml::refuse(request, fault, request_id),
        };
        let mut reply = if kept { query_error::keep(reply, fault) } else { reply };
        reply.headers.extend(fault.headers.iter().cloned());
        reply.header(self.id_header(), request_id)
    }

    fn id_header(self) -> &'static str {
        if self == Self::RestXml { "x-amz-request-id" } else { "x-amzn-requestid" }
    }
}

fn unreadable(what: impl std::fmt::Display) -> Fault {
    Fault::bad("SerializationException", format!("the request could not be read: {what}"))
}

/// Returns text for a leaf as forms and XML write it; objects and lists are not leaves.
fn leaf(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
