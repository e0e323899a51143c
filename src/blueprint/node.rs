//! A TOML document as a tree in which every key and value knows its place.

use super::problem::Problem;
use super::source::{Location, Sources};
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub value: Value,
    pub at: Location,
}

/// A table's entry: where its key stands, and the value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub key_at: Location,
    pub node: Node,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    /// A date without time or offset.
    Date(jiff::civil::Date),
    /// Any other date or time, as written.
    Time(String),
    List(Vec<Node>),
    Table(BTreeMap<String, Entry>),
}

impl Value {
    /// Returns what an error calls this type.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a float",
            Self::Boolean(_) => "a boolean",
            Self::Date(_) => "a date",
            Self::Time(_) => "a date with a time",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

impl Node {
    /// Returns an empty table at the start of file `file`.
    pub fn empty(file: usize) -> Self {
        Self { value: Value::Table(BTreeMap::new()), at: Location::new(file, 0..0) }
    }

    /// Returns the entries, or `None` if this is no table.
    pub fn table(&self) -> Option<&BTreeMap<String, Entry>> {
        match &self.value {
            Value::Table(entries) => Some(entries),
            _ => None,
        }
    }

    /// Returns the entry of one key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.table()?.get(key)
    }

    /// Returns the node at a path of keys, such as `trail.log_group.retention_days`.
    pub fn get(&self, path: &str) -> Option<&Node> {
        path.split('.').try_fold(self, |node, key| Some(&node.entry(key)?.node))
    }

    /// Returns the string at a path; `None` if it is absent or of another type.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.get(path)?.as_text()
    }

    /// Returns this value if it is a string.
    pub fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the integer at a path; `None` if it is absent, of another type, or out of a `u32`'s range.
    pub fn number(&self, path: &str) -> Option<u32> {
        match self.get(path)?.value {
            Value::Integer(number) => u32::try_from(number).ok(),
            _ => None,
        }
    }

    /// Returns the number at a path, written as an integer or a float.
    pub fn float(&self, path: &str) -> Option<f64> {
        match self.get(path)?.value {
            // Thresholds are small; beyond 2^53 the nearest double is what CloudWatch would store as well.
            Value::Integer(number) => number.to_string().parse().ok(),
            Value::Float(number) => Some(number),
            _ => None,
        }
    }

    /// Returns the boolean at a path.
    pub fn flag(&self, path: &str) -> Option<bool> {
        match self.get(path)?.value {
            Value::Boolean(flag) => Some(flag),
            _ => None,
        }
    }

    /// Tells whether the value at a path is `false`, the way to leave a whole part out.
    pub fn is_off(&self, path: &str) -> bool {
        self.flag(path) == Some(false)
    }

    /// Returns the items of the list at a path; none if it is absent or no list.
    pub fn items(&self, path: &str) -> &[Node] {
        match self.get(path).map(|node| &node.value) {
            Some(Value::List(items)) => items,
            _ => &[],
        }
    }

    /// Returns the strings of the list at a path, each with its place.
    pub fn texts(&self, path: &str) -> impl Iterator<Item = (&str, &Location)> {
        self.items(path).iter().filter_map(|item| Some((item.as_text()?, &item.at)))
    }

    /// Returns where the value at a path stands, or else the nearest table that would hold it.
    pub fn place(&self, path: &str) -> Option<Location> {
        let mut node = self;
        let mut at = (self.at.span.end > self.at.span.start).then(|| self.at.clone());
        for key in path.split('.') {
            let Some(entry) = node.entry(key) else { break };
            node = &entry.node;
            // The caret of a table, or of a list of them, goes under its name: their own spans are headers, or empty.
            let named = match &node.value {
                Value::Table(_) => true,
                Value::List(items) => items.iter().any(|item| item.table().is_some()),
                _ => false,
            };
            at = Some(if named { entry.key_at.clone() } else { node.at.clone() });
        }
        at
    }
}

/// Parses one file. Syntax errors are added to `problems`; what could be understood is returned all the same.
pub(crate) fn parse(file: usize, sources: &Sources, problems: &mut Vec<Problem>) -> Node {
    let Some(source) = sources.files().get(file) else { return Node::empty(file) };
    let (table, errors) = DeTable::parse_recoverable(&source.text);
    for error in errors {
        let at = error.span().map(|span| Location::new(file, visible(&source.text, span)));
        problems.push(Problem::error("AS001", at, error.message().replace('\n', ", ")).label("not TOML"));
    }
    Node { value: from_table(file, table.into_inner(), problems), at: Location::new(file, 0..0) }
}

/// Returns a span that lies inside the text and on character boundaries.
fn visible(text: &str, span: Range<usize>) -> Range<usize> {
    let mut start = span.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = span.end.clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

fn from_table(file: usize, table: DeTable<'_>, problems: &mut Vec<Problem>) -> Value {
    let entries = table.into_iter().map(|(key, value)| {
        let key_at = Location::new(file, key.span());
        (key.into_inner().into_owned(), Entry { key_at, node: from_value(file, value, problems) })
    });
    Value::Table(entries.collect())
}

fn from_value(file: usize, value: Spanned<DeValue<'_>>, problems: &mut Vec<Problem>) -> Node {
    let at = Location::new(file, value.span());
    let mut out_of_range = |what: &str| {
        problems.push(Problem::error("AS001", Some(at.clone()), format!("{what} is out of range")));
    };
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Value::Integer(number),
            Err(_) => {
                out_of_range("the integer");
                Value::Integer(0)
            }
        },
        DeValue::Float(number) => match number.as_str().parse() {
            Ok(number) => Value::Float(number),
            Err(_) => {
                out_of_range("the float");
                Value::Float(0.0)
            }
        },
        DeValue::Boolean(flag) => Value::Boolean(flag),
        DeValue::Datetime(time) => {
            let date = time.date.filter(|_| time.time.is_none() && time.offset.is_none());
            let date = date.and_then(|date| {
                let (month, day) = (i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?);
                jiff::civil::Date::new(i16::try_from(date.year).ok()?, month, day).ok()
            });
            date.map_or_else(|| Value::Time(time.to_string()), Value::Date)
        }
        DeValue::Array(items) => {
            Value::List(items.into_iter().map(|item| from_value(file, item, problems)).collect())
        }
        DeValue::Table(table) => from_table(file, table, problems),
    };
    Node { value, at }
}
