//! Just enough XML: a tree of elements from text, and text from elements.

use quick_xml::Reader;
use quick_xml::escape::{escape, resolve_xml_entity};
use quick_xml::events::{BytesStart, Event};

/// An element with its children; text only matters where there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Element {
    /// Name without its prefix.
    pub name: String,
    pub children: Vec<Element>,
    pub text: String,
    /// The attribute `xsi:type`, which grantees carry.
    pub kind: Option<String>,
}

/// Reads a document's root element.
///
/// # Errors
/// What makes it no well-formed document.
pub(super) fn parse(text: &str) -> Result<Element, String> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = vec![Element::default()];
    loop {
        let event = reader.read_event().map_err(|error| error.to_string())?;
        let top = open.len() - 1;
        match event {
            Event::Start(start) => open.push(element(&start)?),
            Event::Empty(start) => open[top].children.push(element(&start)?),
            Event::End(_) => {
                let done = open.pop().ok_or("an end without a start")?;
                open.last_mut().ok_or("an end without a start")?.children.push(done);
            }
            Event::Text(text) => open[top].text.push_str(&text.xml10_content()),
            Event::CData(text) => open[top].text.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => {
                let name = reference.xml10_content();
                match reference.resolve_char_ref().map_err(|error| error.to_string())? {
                    Some(character) => open[top].text.push(character),
                    None => open[top]
                        .text
                        .push_str(resolve_xml_entity(&name).ok_or_else(|| format!("unknown entity {name}"))?),
                }
            }
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    let [root] = &mut open[..] else { return Err("the document ends inside an element".into()) };
    match root.children.len() {
        1 => Ok(root.children.swap_remove(0)),
        count => Err(format!("{count} root elements")),
    }
}

fn element(start: &BytesStart<'_>) -> Result<Element, String> {
    let kind = start.try_get_attribute("xsi:type").map_err(|error| error.to_string())?;
    Ok(Element {
        name: start.local_name().as_ref().to_owned(),
        kind: kind.map(|attribute| attribute.value.as_ref().to_owned()),
        ..Element::default()
    })
}

/// Writes an element around content that is already XML.
pub(super) fn wrap(out: &mut String, name: &str, content: impl FnOnce(&mut String)) {
    out.push('<');
    out.push_str(name);
    out.push('>');
    content(out);
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

/// Writes an element around text.
pub(super) fn text(out: &mut String, name: &str, text: &str) {
    wrap(out, name, |out| out.push_str(&escape(text)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_become_trees() {
        let got =
            parse(r#"<?xml version="1.0"?><a xmlns="u"><b>x &amp; &#121;</b><c/><b><![CDATA[<z>]]></b></a>"#)
                .expect("well formed");
        let leaf =
            |name: &str, text: &str| Element { name: name.into(), text: text.into(), ..Element::default() };
        assert_eq!(got.name, "a");
        assert_eq!(got.children, [leaf("b", "x & y"), leaf("c", ""), leaf("b", "<z>")]);
        for (case, text) in
            [("open", "<a><b></b>"), ("crossed", "<a><b></a></b>"), ("none", "x"), ("two", "<a/><b/>")]
        {
            assert!(parse(text).is_err(), "{case}");
        }
    }
}
