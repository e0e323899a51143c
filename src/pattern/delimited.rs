//! Space-delimited patterns: one condition per field of a message that is split at blanks.

use super::PatternError;
use super::cursor::{Cursor, is_word};
use super::operand::{Compare, Operand};
use std::fmt;

/// Named fields before and after an optional `...`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Delimited {
    before: Vec<Field>,
    /// Fields after `...`, counted from the end of the message; `None`: there is no `...`.
    after: Option<Vec<Field>>,
}

#[derive(Clone, Debug, PartialEq)]
struct Field {
    name: String,
    /// Alternatives, each a list of comparisons that all hold; none accepts any text.
    any_of: Vec<Vec<(Compare, Operand)>>,
}

pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Delimited, PatternError> {
    cursor.expect("[")?;
    let mut before = Vec::new();
    let mut after: Option<Vec<Field>> = None;
    loop {
        cursor.skip_blanks();
        if cursor.rest().starts_with("...") {
            if after.is_some() {
                return Err(cursor.error("`...` may stand once"));
            }
            cursor.eat("...");
            after = Some(Vec::new());
        } else {
            let field = parse_field(cursor)?;
            after.as_mut().unwrap_or(&mut before).push(field);
        }
        cursor.skip_blanks();
        if cursor.eat("]") {
            break;
        }
        if !cursor.eat(",") {
            return Err(
                cursor.error(format!("expected `,` or `]` after the field, found {}", cursor.found()))
            );
        }
    }
    cursor.expect_end()?;
    Ok(Delimited { before, after })
}

fn parse_field(cursor: &mut Cursor<'_>) -> Result<Field, PatternError> {
    let name = cursor.take_while(is_word);
    if name.is_empty() {
        return Err(cursor.error(format!("expected a field's name, found {}", cursor.found())));
    }
    cursor.skip_blanks();
    let mut field = Field { name: name.to_owned(), any_of: Vec::new() };
    let Some(compare) = Compare::eat(cursor) else { return Ok(field) };
    let mut all_of = vec![parse_operand(cursor, compare)?];
    loop {
        cursor.skip_blanks();
        let and = cursor.eat("&&");
        if !and && !cursor.eat("||") {
            field.any_of.push(all_of);
            return Ok(field);
        }
        cursor.skip_blanks();
        let at = cursor.offset();
        let repeated = cursor.take_while(is_word);
        if !repeated.is_empty() && repeated != name {
            return Err(PatternError::new(
                at,
                format!(
                    "the conditions of `{name}` cannot name `{repeated}`; give that field its own condition"
                ),
            ));
        }
        cursor.skip_blanks();
        let Some(compare) = Compare::eat(cursor) else {
            return Err(cursor.error(format!("expected a comparison, found {}", cursor.found())));
        };
        let condition = parse_operand(cursor, compare)?;
        if and {
            all_of.push(condition);
        } else {
            field.any_of.push(std::mem::replace(&mut all_of, vec![condition]));
        }
    }
}

fn parse_operand(cursor: &mut Cursor<'_>, compare: Compare) -> Result<(Compare, Operand), PatternError> {
    cursor.skip_blanks();
    Ok((compare, Operand::parse(cursor, compare)?))
}

impl Field {
    fn accepts(&self, text: &str) -> bool {
        let holds = |(compare, operand): &(Compare, Operand)| operand.holds_for_field(*compare, text);
        self.any_of.is_empty() || self.any_of.iter().any(|all_of| all_of.iter().all(holds))
    }
}

impl Delimited {
    /// Fewer fields in the message than names do not match (AWS documents nothing). Without `...`, the last name takes
    /// the rest of the line.
    pub(super) fn matches(&self, message: &str) -> bool {
        let tokens = split(message);
        let text = |token: &Token| message[token.start..token.end].to_owned();
        let Some(after) = &self.after else {
            if tokens.len() < self.before.len() {
                return false;
            }
            return self.before.iter().enumerate().all(|(index, field)| {
                let takes_rest = index + 1 == self.before.len() && tokens.len() > self.before.len();
                if takes_rest {
                    field.accepts(message[tokens[index].outer_start..].trim_end())
                } else {
                    field.accepts(&text(&tokens[index]))
                }
            });
        };
        let Some(first_after) = tokens.len().checked_sub(after.len()) else { return false };
        first_after >= self.before.len()
            && self.before.iter().zip(&tokens).all(|(field, token)| field.accepts(&text(token)))
            && after.iter().zip(&tokens[first_after..]).all(|(field, token)| field.accepts(&text(token)))
    }

    pub(super) fn regex_count(&self) -> usize {
        let fields = self.before.iter().chain(self.after.iter().flatten());
        let conditions = fields.flat_map(|field| field.any_of.iter().flatten());
        conditions.filter(|(_, operand)| operand.is_regex()).count()
    }
}

/// Byte range of one field in a message, without its delimiters, and where it starts with them.
struct Token {
    outer_start: usize,
    start: usize,
    end: usize,
}

/// Splits at blanks; text in `[…]` or `"…"` is one field, and loses these.
fn split(message: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(skip) = message[at..].find(|c: char| !c.is_whitespace()) {
        let outer_start = at + skip;
        let rest = &message[outer_start..];
        let close = match rest.as_bytes().first() {
            Some(b'[') => rest.find(']'),
            Some(b'"') => rest[1..].find('"').map(|end| end + 1),
            _ => None,
        };
        let (start, end, next) = match close {
            Some(close) => (outer_start + 1, outer_start + close, outer_start + close + 1),
            None => {
                let end = outer_start + rest.find(char::is_whitespace).unwrap_or(rest.len());
                (outer_start, end, end)
            }
        };
        tokens.push(Token { outer_start, start, end });
        at = next;
    }
    tokens
}

impl fmt::Display for Delimited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields: Vec<String> = self.before.iter().map(Field::to_string).collect();
        if let Some(after) = &self.after {
            fields.push("...".to_owned());
            fields.extend(after.iter().map(Field::to_string));
        }
        write!(f, "[{}]", fields.join(", "))
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = |all_of: &Vec<(Compare, Operand)>| {
            let conditions =
                all_of.iter().map(|(compare, operand)| format!("{} {compare} {operand}", self.name));
            conditions.collect::<Vec<_>>().join(" && ")
        };
        if self.any_of.is_empty() {
            return f.write_str(&self.name);
        }
        f.write_str(&self.any_of.iter().map(all).collect::<Vec<_>>().join(" || "))
    }
}
