//! restXml: S3's mapping of methods, paths, parameters, headers and XML to operations.

mod control;
mod objects;
mod table;

use super::xml::{self, Element};
use super::{Decoded, Reply, leaf, time};
use crate::sandbox::route::{Request, bucket_and_key};
use crate::sandbox::service::Fault;
use aws_smithy_types::base64;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::borrow::Cow;
use table::{Answer, Row};

const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

pub(super) fn decode(request: &Request) -> Result<Decoded, Fault> {
    if control::is_control(request) {
        return control::decode(request);
    }
    let (bucket, key) = bucket_and_key(request);
    let parameters = request.parameters();
    let mut input = Map::new();
    let mut bytes = Cow::Borrowed(request.body.as_slice());
    if !key.is_empty() {
        if let Some(lacking) = objects::lacking(request, &parameters) {
            let operation = format!("{} object {lacking}", request.method);
            return Ok(Decoded { operation, input: Value::Object(input) });
        }
        bytes = objects::receive(request, &mut input)?;
    }
    for (names, values) in [(table::REQUEST_HEADERS, &request.headers), (table::PARAMETERS, &parameters)] {
        for (wire, member) in names {
            if let Some((_, value)) = values.iter().find(|(name, _)| name == wire) {
                input.insert((*member).into(), typed(member, value));
            }
        }
    }
    for (member, value) in [("Bucket", &bucket), ("Key", &key)] {
        if !value.is_empty() {
            input.insert(member.into(), value.as_str().into());
        }
    }
    let sub = table::SUB_RESOURCES
        .iter()
        .find(|sub| parameters.iter().any(|(name, _)| name == *sub))
        .copied()
        .unwrap_or_default();
    let Some(row) = row_of(&request.method, &bucket, &key, sub) else {
        let what = if bucket.is_empty() {
            "service"
        } else if key.is_empty() {
            "bucket"
        } else {
            "object"
        };
        let operation = format!("{} {what} {sub}", request.method).trim_end().to_owned();
        return Ok(Decoded { operation, input: Value::Object(input) });
    };
    if row.body == "Body" {
        input.insert(row.body.into(), base64::encode(&bytes).into());
    } else if !row.body.is_empty() && !request.body.is_empty() {
        input.insert(row.body.into(), body(row, &request.body)?);
    }
    Ok(Decoded { operation: row.operation.into(), input: Value::Object(input) })
}

fn row_of(method: &str, bucket: &str, key: &str, sub: &str) -> Option<&'static Row> {
    if bucket.is_empty() {
        return (method == "GET" && sub.is_empty()).then_some(&table::LIST_BUCKETS);
    }
    table::ROWS.iter().find(|row| row.method == method && row.key != key.is_empty() && row.sub == sub)
}

/// Reads a request's body: a policy is text, the rest is XML with the member's content in its root.
fn body(row: &Row, body: &[u8]) -> Result<Value, Fault> {
    let malformed = |why: String| {
        Fault::bad(
            "MalformedXML",
            format!(
                "The XML you provided was not well-formed or did not validate against our published schema: {why}"
            ),
        )
    };
    let text = std::str::from_utf8(body).map_err(|error| malformed(error.to_string()))?;
    if row.body == "Policy" {
        return Ok(text.into());
    }
    let root = xml::parse(text).map_err(malformed)?;
    Ok(structure(row.body, &root))
}

/// Returns a structure's members; `name` is what its parent calls it, which the tables go by.
fn structure(name: &str, element: &Element) -> Value {
    let mut members = Map::new();
    if let Some(kind) = &element.kind {
        members.insert("Type".into(), kind.as_str().into());
    }
    for child in &element.children {
        let flat = table::FLAT.iter().find(|(parent, item, _)| *parent == name && *item == child.name);
        if let Some((_, _, member)) = flat {
            let list = members.entry(*member).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(items) = list {
                items.push(value(&child.name, child));
            }
            continue;
        }
        let renamed = table::RENAMED.iter().find(|(parent, wire, _)| *parent == name && *wire == child.name);
        let member = renamed.map_or(child.name.as_str(), |(_, _, member)| member);
        let wrapped = table::WRAPPED.iter().find(|(list, _)| *list == child.name);
        let content = match wrapped {
            Some((_, item)) => child.children.iter().map(|child| value(item, child)).collect(),
            None => value(member, child),
        };
        members.insert(member.into(), content);
    }
    Value::Object(members)
}

/// Elements without members of their own that are structures all the same.
const EMPTY_STRUCTURES: &[&str] = &[
    "Filter",
    "LoggingEnabled",
    "SimplePrefix",
    "And",
    "BlockedEncryptionTypes",
    "EventBridgeConfiguration",
];

fn value(name: &str, element: &Element) -> Value {
    if element.children.is_empty() && !EMPTY_STRUCTURES.contains(&name) {
        typed(name, &element.text)
    } else {
        structure(name, element)
    }
}

/// Returns a leaf with its model's type. What does not parse stays text: the handler refuses it.
fn typed(member: &str, text: &str) -> Value {
    if table::FLAGS.contains(&member) {
        match text.to_ascii_lowercase().as_str() {
            "true" => return true.into(),
            "false" => return false.into(),
            _ => {}
        }
    }
    match text.parse::<i64>() {
        Ok(number) if table::NUMBERS.contains(&member) => number.into(),
        _ => text.into(),
    }
}

pub(super) fn encode(operation: &str, output: &Value) -> Reply {
    let mut rows = table::ROWS.iter().chain(table::CONTROL).chain([&table::LIST_BUCKETS]);
    let answer = rows.find(|row| row.operation == operation).map_or(Answer::Empty, |row| row.answer);
    let mut reply = match answer {
        Answer::Empty => Reply::new(200, "", Vec::new()),
        Answer::NoContent => Reply::new(204, "", Vec::new()),
        Answer::Text(member) => {
            let text = output.get(member).and_then(leaf).unwrap_or_default();
            Reply::new(200, "application/json", text.into_bytes())
        }
        Answer::Blob(member) => {
            let bytes = output.get(member).and_then(Value::as_str).and_then(|text| base64::decode(text).ok());
            Reply::new(200, "", bytes.unwrap_or_default())
        }
        Answer::Payload(member) => document(member, output.get(member).unwrap_or(&Value::Null)),
        Answer::Members(root) => document(root, output),
    };
    for (member, header) in table::ANSWER_HEADERS {
        let date = output.get(member).and_then(Value::as_i64).filter(|_| *member == "LastModified");
        let date = date.and_then(|seconds| Timestamp::from_second(seconds).ok()).map(time::http_date);
        if let Some(text) = date.or_else(|| output.get(member).and_then(leaf)) {
            reply = reply.header(header, text);
        }
    }
    objects::add_metadata(reply, output)
}

fn document(root: &str, value: &Value) -> Reply {
    let mut body = format!(r#"<?xml version="1.0" encoding="UTF-8"?><{root} xmlns="{NAMESPACE}">"#);
    content(&mut body, root, value);
    body.push_str(&format!("</{root}>"));
    Reply::new(200, "application/xml", body.into_bytes())
}

fn content(out: &mut String, name: &str, value: &Value) {
    match value {
        _ if time::explicit(value).is_some() => {
            out.push_str(&time::iso(time::explicit(value).unwrap_or_default()));
        }
        Value::Object(members) => {
            for (member, value) in members {
                self::member(out, name, member, value);
            }
        }
        Value::Number(number) if time::is_time(name) => {
            out.push_str(&time::iso(number.as_f64().unwrap_or_default()));
        }
        _ => out.push_str(&quick_xml::escape::escape(leaf(value).unwrap_or_default().as_str())),
    }
}

fn member(out: &mut String, parent: &str, member: &str, value: &Value) {
    // Members that are headers stand in the output itself; inside lists the same names are elements.
    let is_header = is_root(parent) && table::ANSWER_HEADERS.iter().any(|(name, _)| *name == member);
    if value.is_null() || is_header && leaf(value).is_some() {
        return;
    }
    let renamed = table::RENAMED.iter().find(|(within, _, name)| *within == parent && *name == member);
    let wire = renamed.map_or(member, |(_, wire, _)| wire);
    if let Value::Array(items) = value {
        let flat = table::FLAT.iter().find(|(within, _, name)| *within == parent && *name == member);
        let wrapped = table::WRAPPED.iter().find(|(name, _)| *name == wire);
        match (flat, wrapped) {
            (Some((_, item, _)), _) => items.iter().for_each(|value| element(out, item, value)),
            (None, Some((_, item))) => {
                xml::wrap(out, wire, |out| items.iter().for_each(|value| element(out, item, value)));
            }
            (None, None) => items.iter().for_each(|value| element(out, member, value)),
        }
        return;
    }
    element(out, wire, value);
}

/// Returns true for the root element of an answer that holds the output's members.
fn is_root(name: &str) -> bool {
    table::ROWS.iter().any(|row| matches!(row.answer, Answer::Members(root) if root == name))
}

fn element(out: &mut String, name: &str, value: &Value) {
    // A grantee's type is an attribute (S3 API, Grantee).
    if let (Some(kind), true) = (value.get("Type").and_then(leaf), name == "Grantee") {
        let mut rest = value.clone();
        rest.as_object_mut().map(|members| members.remove("Type"));
        let namespace = "http://www.w3.org/2001/XMLSchema-instance";
        out.push_str(&format!(r#"<Grantee xmlns:xsi="{namespace}" xsi:type="{kind}">"#));
        content(out, name, &rest);
        out.push_str("</Grantee>");
        return;
    }
    xml::wrap(out, name, |out| content(out, name, value));
}

/// Writes an error; answers to HEAD have no body (S3 API, HeadBucket).
pub(super) fn refuse(request: &Request, fault: &Fault, request_id: &str) -> Reply {
    // Neither has "not modified" (RFC 9110, §15.4.5).
    if request.method == "HEAD" || fault.status == 304 {
        return Reply::new(fault.status, "", Vec::new());
    }
    if control::is_control(request) {
        return control::refuse(fault, request_id);
    }
    let (bucket, key) = bucket_and_key(request);
    let mut body = String::from(r#"<?xml version="1.0" encoding="UTF-8"?>"#);
    xml::wrap(&mut body, "Error", |out| {
        xml::text(out, "Code", &fault.code);
        xml::text(out, "Message", &fault.message);
        if !bucket.is_empty() {
            xml::text(out, "BucketName", &bucket);
        }
        if fault.code == "NoSuchKey" {
            xml::text(out, "Key", &key);
        }
        xml::text(out, "RequestId", request_id);
        xml::text(out, "HostId", "sandbox");
    });
    Reply::new(fault.status, "application/xml", body.into_bytes())
}

#[cfg(test)]
mod tests;
