//! Smithy RPC v2 over CBOR: `POST /service/NAME/operation/OPERATION`, as CloudWatch's SDK for Rust speaks it.

use super::{Decoded, Reply, time, unreadable};
use crate::sandbox::route::Request;
use crate::sandbox::service::Fault;
use ciborium::Value as Cbor;
use serde_json::{Map, Value, json};

/// Members that are doubles in CloudWatch's model. Decoders refuse an integer in their place, and JSON does not keep
/// the two apart in whole numbers.
const DOUBLES: &[&str] =
    &["Average", "Maximum", "Minimum", "SampleCount", "Sum", "Threshold", "Value", "Values"];

/// CBOR's tag of epoch seconds (RFC 8949 §3.4.2).
const EPOCH: u64 = 1;

pub(super) fn decode(request: &Request) -> Result<Decoded, Fault> {
    let operation = request.path.rsplit('/').next().unwrap_or_default().to_owned();
    if request.body.is_empty() {
        return Ok(Decoded { operation, input: json!({}) });
    }
    let body: Cbor = ciborium::from_reader(request.body.as_slice()).map_err(unreadable)?;
    let input = from_cbor(body);
    if input.is_object() { Ok(Decoded { operation, input }) } else { Err(unreadable("not a map")) }
}

pub(super) fn encode(output: &Value) -> Reply {
    reply(200, output)
}

pub(super) fn refuse(fault: &Fault, kind: &str) -> Reply {
    reply(fault.status, &json!({"__type": kind, "message": fault.message}))
}

fn reply(status: u16, value: &Value) -> Reply {
    let mut body = Vec::new();
    ciborium::into_writer(&to_cbor("", value), &mut body).expect("a vector takes every write");
    Reply::new(status, "application/cbor", body).header("smithy-protocol", "rpc-v2-cbor")
}

/// Returns JSON for CBOR; tags are dropped, so that times become numbers of epoch seconds.
fn from_cbor(value: Cbor) -> Value {
    match value {
        Cbor::Map(members) => {
            let named = members.into_iter().filter(|(_, value)| !value.is_null());
            let named = named.filter_map(|(key, value)| Some((key.into_text().ok()?, from_cbor(value))));
            Value::Object(named.collect::<Map<_, _>>())
        }
        Cbor::Array(items) => items.into_iter().map(from_cbor).collect(),
        Cbor::Text(text) => text.into(),
        Cbor::Bool(flag) => flag.into(),
        Cbor::Float(number) => json!(number),
        Cbor::Integer(number) => i64::try_from(number).map_or(Value::Null, Value::from),
        Cbor::Tag(_, value) => from_cbor(*value),
        _ => Value::Null,
    }
}

fn to_cbor(member: &str, value: &Value) -> Cbor {
    match value {
        Value::Object(_) if time::explicit(value).is_some() => {
            Cbor::Tag(EPOCH, Box::new(Cbor::Float(time::explicit(value).unwrap_or_default())))
        }
        Value::Object(members) => Cbor::Map(
            members
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (Cbor::Text(key.clone()), to_cbor(key, value)))
                .collect(),
        ),
        Value::Array(items) => Cbor::Array(items.iter().map(|item| to_cbor(member, item)).collect()),
        Value::String(text) => match time::seconds(text).filter(|_| time::is_time(member)) {
            Some(seconds) => Cbor::Tag(EPOCH, Box::new(Cbor::Float(seconds))),
            None => Cbor::Text(text.clone()),
        },
        Value::Bool(flag) => Cbor::Bool(*flag),
        Value::Number(number) => {
            let float = number.as_f64().unwrap_or_default();
            match number.as_i64() {
                _ if time::is_time(member) => Cbor::Tag(EPOCH, Box::new(Cbor::Float(float))),
                Some(whole) if !DOUBLES.contains(&member) => Cbor::Integer(whole.into()),
                _ => Cbor::Float(float),
            }
        }
        Value::Null => Cbor::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over_the_wire(value: &Value) -> Value {
        let body = encode(value).body;
        let request = Request {
            body,
            path: "/service/GraniteServiceVersion20100801/operation/X".into(),
            ..Request::default()
        };
        let decoded = decode(&request).expect("what was written can be read");
        assert_eq!(decoded.operation, "X");
        decoded.input
    }

    #[test]
    fn values_come_back_as_they_went() {
        let cases = [
            ("texts", json!({"AlarmName": "a", "Tags": [{"Key": "k", "Value": "7"}]}), None),
            ("whole numbers", json!({"Period": 300, "Big": 9_007_199_254_740_993_i64}), None),
            ("doubles", json!({"Threshold": 1}), Some(json!({"Threshold": 1.0}))),
            ("flags and empty lists", json!({"ActionsEnabled": false, "AlarmActions": []}), None),
            ("nulls", json!({"A": null, "B": {"C": null}}), Some(json!({"B": {}}))),
            (
                "times",
                json!({"LastModified": 5, "T": {"$timestamp": 1.5}}),
                Some(json!({"LastModified": 5.0, "T": 1.5})),
            ),
            ("time as text", json!({"Timestamp": "1970-01-01T00:00:02Z"}), Some(json!({"Timestamp": 2.0}))),
        ];
        for (case, value, want) in cases {
            assert_eq!(over_the_wire(&value), want.unwrap_or(value), "{case}");
        }
    }

    #[test]
    fn times_carry_their_tag() {
        let body = encode(&json!({"LastModified": 5, "Period": 5})).body;
        let Cbor::Map(members) = ciborium::from_reader(body.as_slice()).expect("CBOR") else {
            panic!("a map")
        };
        assert!(matches!(&members[0].1, Cbor::Tag(1, _)), "{members:?}");
        assert!(matches!(&members[1].1, Cbor::Integer(_)), "{members:?}");
    }
}
