//! restJson1 as Bedrock's control plane speaks it, for the one resource the tool needs.

use super::{Decoded, Reply, aws_json};
use crate::sandbox::route::Request;
use crate::sandbox::service::Fault;
use serde_json::{Value, json};

/// Method, path and operation (Bedrock API reference).
const ROUTES: &[(&str, &str, &str)] = &[
    ("GET", "/logging/modelinvocations", "GetModelInvocationLoggingConfiguration"),
    ("PUT", "/logging/modelinvocations", "PutModelInvocationLoggingConfiguration"),
    ("DELETE", "/logging/modelinvocations", "DeleteModelInvocationLoggingConfiguration"),
];

pub(super) fn decode(request: &Request) -> Result<Decoded, Fault> {
    let found = ROUTES.iter().find(|(method, path, _)| *method == request.method && *path == request.path);
    let operation = found.map_or_else(|| format!("{} {}", request.method, request.path), |row| row.2.into());
    let input = if request.method == "PUT" { aws_json::object(&request.body)? } else { json!({}) };
    Ok(Decoded { operation, input })
}

pub(super) fn encode(output: &Value) -> Reply {
    Reply::new(200, "application/json", aws_json::plain(output).to_string().into_bytes())
}

pub(super) fn refuse(fault: &Fault) -> Reply {
    let body = json!({"message": fault.message});
    Reply::new(fault.status, "application/json", body.to_string().into_bytes())
        .header("x-amzn-errortype", fault.code.as_str())
}
