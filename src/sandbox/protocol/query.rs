//! awsQuery: a form with numbered members in, XML out.

use super::{Decoded, Reply, leaf, time, xml};
use crate::sandbox::route::Request;
use crate::sandbox::service::Fault;
use serde_json::{Map, Value, json};

/// Members of outputs that are maps, not structures: they are written as entries of key and value.
const MAPS: &[&str] = &["Attributes"];

/// XML namespaces, by service (each API reference).
const NAMESPACES: &[(&str, &str)] = &[
    ("cloudwatch", "http://monitoring.amazonaws.com/doc/2010-08-01/"),
    ("iam", "https://iam.amazonaws.com/doc/2010-05-08/"),
    ("sns", "http://sns.amazonaws.com/doc/2010-03-31/"),
    ("sts", "https://sts.amazonaws.com/doc/2011-06-15/"),
];

/// Reads `Action`, and members by their dotted names: `Tags.member.1.Key`, `Attributes.entry.1.key`.
pub(super) fn decode(request: &Request) -> Result<Decoded, Fault> {
    let form: &[u8] = if request.body.is_empty() { request.query.as_bytes() } else { &request.body };
    let (mut operation, mut root) = (String::new(), Node::default());
    for (name, value) in form_urlencoded::parse(form) {
        match name.as_ref() {
            "Action" => operation = value.into_owned(),
            "Version" => {}
            _ => root.put(&name, value.into_owned()),
        }
    }
    if operation.is_empty() {
        return Err(Fault::bad("MissingAction", "The request must contain the parameter Action."));
    }
    Ok(Decoded { operation, input: root.value() })
}

/// Parameters as a tree of their dotted names.
#[derive(Default)]
struct Node {
    text: Option<String>,
    children: Vec<(String, Node)>,
}

impl Node {
    fn put(&mut self, name: &str, value: String) {
        let mut node = self;
        for part in name.split('.') {
            let at = node.children.iter().position(|(key, _)| key == part).unwrap_or_else(|| {
                node.children.push((part.into(), Self::default()));
                node.children.len() - 1
            });
            node = &mut node.children[at].1;
        }
        node.text = Some(value);
    }

    fn value(self) -> Value {
        let Self { text, mut children } = self;
        if children.is_empty() {
            return text.map_or_else(|| json!({}), Value::from);
        }
        if let [(name, _)] = &children[..] {
            match name.as_str() {
                "member" => return numbered(children.swap_remove(0).1).collect(),
                "entry" => return map(children.swap_remove(0).1),
                _ => {}
            }
        }
        if children.iter().all(|(name, _)| name.parse::<u32>().is_ok()) {
            return numbered(Self { text: None, children }).collect();
        }
        Value::Object(children.into_iter().map(|(name, node)| (name, node.value())).collect())
    }
}

/// Returns a list's items in the order of their numbers.
fn numbered(node: Node) -> impl Iterator<Item = Value> {
    let mut items = node.children;
    items.sort_by_key(|(number, _)| number.parse::<u32>().unwrap_or(u32::MAX));
    items.into_iter().map(|(_, item)| item.value())
}

fn map(node: Node) -> Value {
    let entries = numbered(node).filter_map(|entry| {
        Some((entry.get("key")?.as_str()?.to_owned(), entry.get("value").cloned().unwrap_or_default()))
    });
    Value::Object(entries.collect::<Map<_, _>>())
}

pub(super) fn encode(service: &str, operation: &str, output: &Value, request_id: &str) -> Reply {
    let namespace = NAMESPACES.iter().find(|(name, _)| *name == service).map_or("", |(_, uri)| uri);
    let mut body = format!(r#"<{operation}Response xmlns="{namespace}">"#);
    xml::wrap(&mut body, &format!("{operation}Result"), |out| members(out, output));
    xml::wrap(&mut body, "ResponseMetadata", |out| xml::text(out, "RequestId", request_id));
    body.push_str(&format!("</{operation}Response>"));
    Reply::new(200, "text/xml", body.into_bytes())
}

pub(super) fn refuse(fault: &Fault, request_id: &str) -> Reply {
    let mut body = String::new();
    xml::wrap(&mut body, "ErrorResponse", |out| {
        xml::wrap(out, "Error", |out| {
            xml::text(out, "Type", if fault.status < 500 { "Sender" } else { "Receiver" });
            xml::text(out, "Code", &fault.code);
            xml::text(out, "Message", &fault.message);
        });
        xml::text(out, "RequestId", request_id);
    });
    Reply::new(fault.status, "text/xml", body.into_bytes())
}

fn members(out: &mut String, value: &Value) {
    for (name, value) in value.as_object().into_iter().flatten() {
        match value {
            Value::Null => {}
            Value::Object(map) if MAPS.contains(&name.as_str()) => xml::wrap(out, name, |out| {
                for (key, value) in map {
                    xml::wrap(out, "entry", |out| {
                        xml::text(out, "key", key);
                        xml::text(out, "value", &leaf(value).unwrap_or_default());
                    });
                }
            }),
            _ => xml::wrap(out, name, |out| content(out, name, value)),
        }
    }
}

fn content(out: &mut String, name: &str, value: &Value) {
    match (value, time::explicit(value)) {
        (_, Some(seconds)) => out.push_str(&time::iso(seconds)),
        (Value::Array(items), _) => {
            for item in items {
                xml::wrap(out, "member", |out| content(out, name, item));
            }
        }
        (Value::Object(_), _) => members(out, value),
        (Value::Number(number), _) if time::is_time(name) => {
            out.push_str(&time::iso(number.as_f64().unwrap_or_default()));
        }
        _ => out.push_str(&quick_xml::escape::escape(leaf(value).unwrap_or_default().as_str())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_become_inputs() {
        let cases = [
            ("text", "Name=a+b%26", json!({"Name": "a b&"})),
            ("list", "K.member.2=y&K.member.1=x", json!({"K": ["x", "y"]})),
            ("ten come after nine", "K.member.10=j&K.member.9=i", json!({"K": ["i", "j"]})),
            (
                "list of structures",
                "Tags.member.1.Key=a&Tags.member.1.Value=&Tags.member.2.Key=b&Tags.member.2.Value=1",
                json!({"Tags": [{"Key": "a", "Value": ""}, {"Key": "b", "Value": "1"}]}),
            ),
            (
                "map",
                "Attributes.entry.1.key=Policy&Attributes.entry.1.value=%7B%7D",
                json!({"Attributes": {"Policy": "{}"}}),
            ),
            ("empty list", "Tags=", json!({"Tags": ""})),
        ];
        for (case, form, want) in cases {
            let body = format!("Action=Do&Version=2010-05-08&{form}").into_bytes();
            let got = decode(&Request { body, ..Request::default() }).expect("a form");
            assert_eq!((got.operation.as_str(), got.input), ("Do", want), "{case}");
        }
    }

    #[test]
    fn outputs_become_xml() {
        let cases = [
            ("text", json!({"A": "x<y"}), "<A>x&lt;y</A>"),
            ("flag and number", json!({"A": true, "B": 3600}), "<A>true</A><B>3600</B>"),
            ("lists", json!({"L": [{"K": "k"}], "M": []}), "<L><member><K>k</K></member></L><M></M>"),
            (
                "map",
                json!({"Attributes": {"Policy": "p"}}),
                "<Attributes><entry><key>Policy</key><value>p</value></entry></Attributes>",
            ),
            ("times", json!({"CreateDate": 1.5}), "<CreateDate>1970-01-01T00:00:01.5Z</CreateDate>"),
            ("explicit time", json!({"X": {"$timestamp": 0}}), "<X>1970-01-01T00:00:00Z</X>"),
            ("nothing", json!({"A": null}), ""),
        ];
        for (case, output, want) in cases {
            let body = encode("iam", "Do", &output, "id-1").body;
            let want = format!(
                r#"<DoResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><DoResult>{want}</DoResult><ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></DoResponse>"#
            );
            assert_eq!(String::from_utf8_lossy(&body), want, "{case}");
        }
    }
}
