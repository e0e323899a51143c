//! JSON patterns: `{ expression over selectors }`.

use super::PatternError;
use super::cursor::{Cursor, is_word};
use super::operand::{Compare, Operand};
use serde_json::Value;
use std::fmt;

/// Deepest nesting of parentheses taken. AWS states none; this one keeps a hostile text from exhausting the stack.
const MAX_DEPTH: usize = 64;

/// An expression. `And` and `Or` hold at least two members; parentheses are kept as nesting.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    Or(Vec<Expr>),
    And(Vec<Expr>),
    Test(Test),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Test {
    pub(super) selector: Selector,
    pub(super) check: Check,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Check {
    Compare(Compare, Operand),
    IsNull,
    IsTrue,
    IsFalse,
    NotExists,
}

/// A path from the event's root, such as `$.resources[0].ARN`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Selector(Vec<Step>);

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Key(String),
    Index(usize),
    /// `[*]`: every element of an array.
    AnyElement,
    /// `.*`: every value of an object.
    AnyKey,
}

pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Expr, PatternError> {
    cursor.expect("{")?;
    let expr = parse_or(cursor, 0)?;
    if !cursor.eat("}") {
        return Err(cursor.error(format!("expected `&&`, `||` or `}}`, found {}", cursor.found())));
    }
    cursor.expect_end()?;
    Ok(expr)
}

/// `||` binds loosest. CloudWatch Logs User Guide: parentheses, then `&&`, then `||`.
fn parse_or(cursor: &mut Cursor<'_>, depth: usize) -> Result<Expr, PatternError> {
    parse_list(cursor, "||", Expr::Or, |cursor| parse_and(cursor, depth))
}

fn parse_and(cursor: &mut Cursor<'_>, depth: usize) -> Result<Expr, PatternError> {
    parse_list(cursor, "&&", Expr::And, |cursor| parse_primary(cursor, depth))
}

fn parse_list(
    cursor: &mut Cursor<'_>,
    operator: &str,
    join: fn(Vec<Expr>) -> Expr,
    mut member: impl FnMut(&mut Cursor<'_>) -> Result<Expr, PatternError>,
) -> Result<Expr, PatternError> {
    let first = member(cursor)?;
    if !cursor.eat(operator) {
        return Ok(first);
    }
    let mut members = vec![first];
    loop {
        members.push(member(cursor)?);
        if !cursor.eat(operator) {
            return Ok(join(members));
        }
    }
}

/// Takes a test or a parenthesised expression, and the blanks after it.
fn parse_primary(cursor: &mut Cursor<'_>, depth: usize) -> Result<Expr, PatternError> {
    cursor.skip_blanks();
    let expr = match cursor.peek() {
        Some('(') => {
            if depth == MAX_DEPTH {
                return Err(cursor.error(format!("parentheses are nested deeper than {MAX_DEPTH}")));
            }
            cursor.next();
            let expr = parse_or(cursor, depth + 1)?;
            cursor.expect(")")?;
            expr
        }
        Some('$') => Expr::Test(parse_test(cursor)?),
        Some('!') => return Err(cursor.error("there is no negation; use != on each field, or NOT EXISTS")),
        _ => {
            return Err(
                cursor.error(format!("expected a selector such as $.eventName, found {}", cursor.found()))
            );
        }
    };
    cursor.skip_blanks();
    Ok(expr)
}

fn parse_test(cursor: &mut Cursor<'_>) -> Result<Test, PatternError> {
    let selector = parse_selector(cursor)?;
    cursor.skip_blanks();
    let check = match Compare::eat(cursor) {
        Some(compare) => {
            cursor.skip_blanks();
            Check::Compare(compare, Operand::parse(cursor, compare)?)
        }
        None => parse_keyword(cursor)?,
    };
    Ok(Test { selector, check })
}

fn parse_keyword(cursor: &mut Cursor<'_>) -> Result<Check, PatternError> {
    if cursor.eat_keyword("IS") {
        let kinds = [("NULL", Check::IsNull), ("TRUE", Check::IsTrue), ("FALSE", Check::IsFalse)];
        if let Some((_, check)) = kinds.into_iter().find(|(keyword, _)| cursor.eat_keyword(keyword)) {
            return Ok(check);
        }
        return Err(cursor.error("expected NULL, TRUE or FALSE after IS; there is no IS NOT"));
    }
    if cursor.eat_keyword("NOT") {
        return if cursor.eat_keyword("EXISTS") {
            Ok(Check::NotExists)
        } else {
            Err(cursor.error("expected EXISTS after NOT"))
        };
    }
    if cursor.eat_keyword("EXISTS") {
        return Err(cursor.error("there is no EXISTS; a field that is present is written = \"*\""));
    }
    Err(cursor.error(format!("expected a comparison, IS or NOT EXISTS, found {}", cursor.found())))
}

fn parse_selector(cursor: &mut Cursor<'_>) -> Result<Selector, PatternError> {
    let start = cursor.offset();
    cursor.expect("$")?;
    let mut steps = Vec::new();
    loop {
        let step = if cursor.eat(".['") {
            Step::Key(cursor.take_until("']", "the key")?.to_owned())
        } else if cursor.eat(".*") {
            Step::AnyKey
        } else if cursor.eat(".") {
            let name = cursor.take_while(is_name);
            if name.is_empty() {
                return Err(cursor.error(format!(
                    "expected a key after `.`, found {}; write unusual keys as .['key']",
                    cursor.found()
                )));
            }
            Step::Key(name.to_owned())
        } else if cursor.eat("[*]") {
            Step::AnyElement
        } else if cursor.eat("[") {
            let at = cursor.offset();
            let digits = cursor.take_while(|c| c.is_ascii_digit());
            let index = digits
                .parse()
                .map_err(|_| PatternError::new(at, "expected an array index or `*` after `[`"))?;
            cursor.expect("]")?;
            Step::Index(index)
        } else {
            break;
        };
        steps.push(step);
    }
    let selector = Selector(steps);
    if selector.0.is_empty() {
        return Err(cursor.error(format!("expected `.` or `[` after `$`, found {}", cursor.found())));
    }
    if selector.wildcards() > 1 {
        return Err(PatternError::new(start, "a selector takes one wildcard step"));
    }
    Ok(selector)
}

fn is_name(c: char) -> bool {
    is_word(c) || c == '-'
}

impl Expr {
    pub(super) fn matches(&self, event: &Value) -> bool {
        match self {
            Self::Or(members) => members.iter().any(|member| member.matches(event)),
            Self::And(members) => members.iter().all(|member| member.matches(event)),
            Self::Test(test) => test.matches(event),
        }
    }

    /// Returns all tests, in the order written.
    pub(super) fn tests(&self) -> Vec<&Test> {
        match self {
            Self::Or(members) | Self::And(members) => members.iter().flat_map(Self::tests).collect(),
            Self::Test(test) => vec![test],
        }
    }
}

impl Test {
    /// A missing field makes every comparison false, `!=` included (observed on AWS). With a wildcard step one selected
    /// value suffices; for `!=` AWS documents nothing.
    fn matches(&self, event: &Value) -> bool {
        let selected = self.selector.select(event);
        match &self.check {
            Check::NotExists => selected.is_empty(),
            Check::IsNull => selected.iter().any(|value| value.is_null()),
            Check::IsTrue => selected.iter().any(|value| **value == Value::Bool(true)),
            Check::IsFalse => selected.iter().any(|value| **value == Value::Bool(false)),
            Check::Compare(compare, operand) => selected.iter().any(|value| holds(*compare, operand, value)),
        }
    }

    pub(super) fn has_regex(&self) -> bool {
        matches!(&self.check, Check::Compare(_, operand) if operand.is_regex())
    }

    /// Returns the text this test compares with by `=`; `None` for any other test.
    pub(super) fn equal_text(&self) -> Option<&str> {
        match &self.check {
            Check::Compare(Compare::Equal, Operand::Text(text) | Operand::Number(text)) => Some(text),
            _ => None,
        }
    }
}

/// Neither `=` nor `!=` matches an array or an object (CloudWatch Logs User Guide). A boolean or null equals no text but
/// `*` alone: AWS documents IS TRUE, IS FALSE and IS NULL for them.
fn holds(compare: Compare, operand: &Operand, value: &Value) -> bool {
    match value {
        Value::Array(_) | Value::Object(_) => false,
        Value::String(text) => operand.holds_for_text(compare, text),
        Value::Number(number) => operand.holds_for_number(compare, number),
        Value::Bool(_) | Value::Null => compare.on_equality(operand.is_any()),
    }
}

impl Selector {
    /// Returns the selected values; none if the path cannot be resolved.
    fn select<'a>(&self, event: &'a Value) -> Vec<&'a Value> {
        let mut selected = vec![event];
        for step in &self.0 {
            selected = selected.into_iter().flat_map(|value| step.select(value)).collect();
        }
        selected
    }

    fn wildcards(&self) -> usize {
        self.0.iter().filter(|step| matches!(step, Step::AnyElement | Step::AnyKey)).count()
    }

    pub(super) fn has_wildcard(&self) -> bool {
        self.wildcards() > 0
    }
}

impl Step {
    fn select<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        match (self, value) {
            (Self::Key(key), Value::Object(map)) => map.get(key).into_iter().collect(),
            (Self::Index(index), Value::Array(items)) => items.get(*index).into_iter().collect(),
            (Self::AnyElement, Value::Array(items)) => items.iter().collect(),
            (Self::AnyKey, Value::Object(map)) => map.values().collect(),
            _ => Vec::new(),
        }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (members, operator) = match self {
            Self::Test(test) => return test.fmt(f),
            Self::Or(members) => (members, " || "),
            Self::And(members) => (members, " && "),
        };
        let members: Vec<String> = members.iter().map(|member| format!("({member})")).collect();
        f.write_str(&members.join(operator))
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let selector = &self.selector;
        match &self.check {
            Check::Compare(compare, operand) => write!(f, "{selector} {compare} {operand}"),
            Check::IsNull => write!(f, "{selector} IS NULL"),
            Check::IsTrue => write!(f, "{selector} IS TRUE"),
            Check::IsFalse => write!(f, "{selector} IS FALSE"),
            Check::NotExists => write!(f, "{selector} NOT EXISTS"),
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        for step in &self.0 {
            match step {
                Step::Key(key) if !key.is_empty() && key.chars().all(is_name) => write!(f, ".{key}")?,
                Step::Key(key) => write!(f, ".['{key}']")?,
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::AnyElement => f.write_str("[*]")?,
                Step::AnyKey => f.write_str(".*")?,
            }
        }
        Ok(())
    }
}
