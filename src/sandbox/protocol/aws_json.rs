//! awsJson 1.1: `X-Amz-Target: Service.Operation` and JSON both ways. Times are numbers of epoch seconds.

use super::{Decoded, Reply, time, unreadable};
use crate::sandbox::route::Request;
use crate::sandbox::service::Fault;
use serde_json::{Map, Value, json};

const KIND: &str = "application/x-amz-json-1.1";

pub(super) fn decode(request: &Request) -> Result<Decoded, Fault> {
    let target = request.header("x-amz-target").unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    Ok(Decoded { operation, input: object(&request.body)? })
}

/// Reads a JSON object; an empty body is one without members.
pub(super) fn object(body: &[u8]) -> Result<Value, Fault> {
    if body.is_empty() {
        return Ok(json!({}));
    }
    let value: Value = serde_json::from_slice(body).map_err(unreadable)?;
    if value.is_object() { Ok(value) } else { Err(unreadable("not an object")) }
}

pub(super) fn encode(output: &Value) -> Reply {
    Reply::new(200, KIND, plain(output).to_string().into_bytes())
}

pub(super) fn refuse(fault: &Fault, kind: &str) -> Reply {
    let body = json!({"__type": kind, "message": fault.message});
    Reply::new(fault.status, KIND, body.to_string().into_bytes())
}

/// Writes explicit times as numbers and leaves out nulls, which AWS does not send.
pub(super) fn plain(value: &Value) -> Value {
    match value {
        Value::Object(_) if time::explicit(value).is_some() => json!(time::explicit(value)),
        Value::Object(members) => {
            let kept = members.iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(key, value)| (key.clone(), plain(value))).collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(plain).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn target_and_body_make_an_operation() {
        let headers = vec![(
            "x-amz-target".into(),
            "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.GetTrail".into(),
        )];
        let request =
            |body: &[u8]| Request { headers: headers.clone(), body: body.into(), ..Request::default() };
        let got = decode(&request(br#"{"Name":"t"}"#)).expect("JSON");
        assert_eq!((got.operation.as_str(), got.input), ("GetTrail", json!({"Name": "t"})));
        assert_eq!(decode(&request(b"")).expect("empty").input, json!({}));
        for (case, body) in [("broken", "{"), ("list", "[]")] {
            assert_eq!(
                decode(&request(body.as_bytes())).expect_err(case).code,
                "SerializationException",
                "{case}"
            );
        }
    }

    #[test]
    fn times_are_numbers_and_nulls_are_left_out() {
        let got = encode(&json!({"At": {"$timestamp": 1.5}, "None": null, "List": [{"x": null}]}));
        assert_eq!(String::from_utf8_lossy(&got.body), r#"{"At":1.5,"List":[{}]}"#);
    }
}
