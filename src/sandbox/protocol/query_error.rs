//! Error codes of the query protocol, which CloudWatch keeps in a header when it is asked in a newer one.
//!
//! Smithy, "AWS Query compatible" trait: the body names the error's shape, and `x-amzn-query-error` its code of old, by
//! which SDKs go.

use super::Reply;
use crate::sandbox::route::Request;
use crate::sandbox::service::Fault;

/// Codes whose shape has another name (CloudWatch API model 2010-08-01).
const SHAPES: &[(&str, &str)] = &[
    ("InvalidFormat", "InvalidFormatFault"),
    ("InvalidParameterCombination", "InvalidParameterCombinationException"),
    ("InvalidParameterInput", "DashboardInvalidInputError"),
    ("InvalidParameterValue", "InvalidParameterValueException"),
    ("LimitExceeded", "LimitExceededFault"),
    ("ValidationError", "ValidationException"),
];

/// Returns the name of the shape that stands for a code; a code without one stands for itself.
pub(super) fn shape<'c>(request: &Request, code: &'c str) -> &'c str {
    let target = request.header("x-amz-target").unwrap_or(&request.path);
    match SHAPES.iter().find(|(known, _)| *known == code) {
        Some((_, shape)) => shape,
        // The same code is another shape for alarms.
        None if code == "ResourceNotFound" && target.contains("Dashboard") => "DashboardNotFoundError",
        None => code,
    }
}

/// Adds the code to an answer.
pub(super) fn keep(reply: Reply, fault: &Fault) -> Reply {
    let sender = if fault.status < 500 { "Sender" } else { "Receiver" };
    reply.header("x-amzn-query-error", format!("{};{sender}", fault.code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::protocol::Protocol;

    #[test]
    fn errors_carry_their_shape_and_their_code() {
        let cases = [
            ("renamed", "PutMetricAlarm", "LimitExceeded", "LimitExceededFault"),
            ("of an alarm", "DeleteAlarms", "ResourceNotFound", "ResourceNotFound"),
            ("of a dashboard", "GetDashboard", "ResourceNotFound", "DashboardNotFoundError"),
            ("without a shape", "PutMetricAlarm", "AccessDenied", "AccessDenied"),
        ];
        for (case, operation, code, want) in cases {
            let path = format!("/service/GraniteServiceVersion20100801/operation/{operation}");
            let request = Request { path, ..Request::default() };
            assert_eq!(shape(&request, code), want, "{case}");
            let reply = Protocol::Cbor.refuse("cloudwatch", &request, &Fault::bad(code, "no"), "id");
            let header = ("x-amzn-query-error".to_owned(), format!("{code};Sender"));
            assert!(reply.headers.contains(&header), "{case}");
        }
        let request = Request::default();
        let reply = Protocol::Cbor.refuse("tag", &request, &Fault::bad("InternalFailure", "no"), "id");
        assert!(
            !reply.headers.iter().any(|(name, _)| name == "x-amzn-query-error"),
            "other services have no past"
        );
    }
}
