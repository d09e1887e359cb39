//! Filters of list methods: prefixes, comparison by type, and the choice of an index.
//!
//! Works on columns and records; whether an unknown name is dropped or refused is the caller's decision.
//! Invariant: an index only narrows the candidates, every row returned has passed all conditions.

use std::borrow::Cow;

use jiff::tz::Offset;

use super::dates::parse_instant;
use super::php::Php;
use super::schema::{Column, Type};
use super::table::{Record, Table, fold, folds_to, in_order};

/// A parsed filter.
#[derive(Debug)]
pub(crate) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    One(Condition),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
    Contains,
    NotContains,
    Like,
    NotLike,
}

/// One comparison, with its right side prepared for the column's type.
#[derive(Debug)]
pub(crate) struct Condition {
    column: Column,
    op: Op,
    numbers: Vec<f64>,
    texts: Vec<String>,
    /// One of the values is empty: compares with "no value".
    blank: bool,
}

const PREFIXES: &[(&str, Op)] = &[
    ("!=%", Op::NotLike),
    ("!%=", Op::NotLike),
    ("!%", Op::NotContains),
    ("!@", Op::Ne),
    ("!=", Op::Ne),
    ("=%", Op::Like),
    ("%=", Op::Like),
    (">=", Op::Ge),
    ("<=", Op::Le),
    ("=", Op::Eq),
    ("!", Op::Ne),
    ("@", Op::Eq),
    ("%", Op::Contains),
    (">", Op::Gt),
    ("<", Op::Lt),
];

/// Parses the filter of a classic list. A key that names no field is dropped without a word.
pub(crate) fn parse_lenient(filter: &Php, column: &dyn Fn(&str) -> Option<Column>, offset: Offset) -> Filter {
    let conditions = filter.entries().iter().filter_map(|(key, value)| {
        let (op, name) = split_prefix(key);
        column(name).map(|column| Filter::One(Condition::new(column, op, value, offset)))
    });
    Filter::All(conditions.collect())
}

/// Parses the filter of a universal list, with nested logic.
///
/// # Errors
/// The name of the first unknown field.
pub(crate) fn parse_strict(
    filter: &Php,
    column: &dyn Fn(&str) -> Option<Column>,
    offset: Offset,
) -> Result<Filter, String> {
    let any = filter
        .get("logic")
        .and_then(|logic| logic.as_text())
        .is_some_and(|logic| logic.eq_ignore_ascii_case("or"));
    let mut parts = Vec::new();
    for (key, value) in filter.entries() {
        if key == "logic" {
            continue;
        }
        if value.is_map() && key.bytes().all(|b| b.is_ascii_digit()) {
            parts.push(parse_strict(value, column, offset)?);
            continue;
        }
        let (op, name) = split_prefix(key);
        let column = column(name).ok_or_else(|| name.to_owned())?;
        // A flag of a user field is compared as the number it is kept as: letters count as 0.
        let flag = (column.ty() == Type::Boolean && !value.is_map()).then(|| Php::Int(value.as_int()));
        parts.push(Filter::One(Condition::new(column, op, flag.as_ref().unwrap_or(value), offset)));
    }
    Ok(if any { Filter::Any(parts) } else { Filter::All(parts) })
}

fn split_prefix(key: &str) -> (Op, &str) {
    PREFIXES
        .iter()
        .find_map(|(prefix, op)| key.strip_prefix(prefix).map(|name| (*op, name)))
        .unwrap_or((Op::Eq, key))
}

impl Filter {
    pub(crate) fn matches(&self, id: u64, record: &Record, offset: Offset) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.matches(id, record, offset)),
            Self::Any(parts) => parts.iter().any(|part| part.matches(id, record, offset)),
            Self::One(condition) => condition.matches(id, record, offset),
        }
    }

    /// Whether it lets everything through.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::All(parts) if parts.is_empty())
    }

    /// The lowest id that can match.
    pub(crate) fn lowest_id(&self) -> u64 {
        self.conjunction().filter_map(Condition::lowest_id).max().unwrap_or(0)
    }

    /// No record changed before can match.
    pub(crate) fn changed_since(&self) -> i64 {
        self.conjunction().filter_map(Condition::changed_since).max().unwrap_or(i64::MIN)
    }

    /// Ids among which is every match, in ascending order, where an index can give them.
    pub(crate) fn candidates(&self, table: &Table) -> Option<Vec<u64>> {
        self.conjunction().filter_map(|condition| condition.candidates(table)).min_by_key(Vec::len)
    }

    fn conjunction(&self) -> impl Iterator<Item = &Condition> {
        let parts = match self {
            Self::All(parts) => parts.as_slice(),
            _ => &[],
        };
        parts.iter().filter_map(|part| match part {
            Self::One(condition) => Some(condition),
            _ => None,
        })
    }
}

impl Condition {
    fn new(column: Column, op: Op, value: &Php, offset: Offset) -> Self {
        let ty = column.ty();
        let op = match (ty, op) {
            // LIKE quietly becomes equality where the portal has no text to search.
            (Type::Status(_) | Type::Company | Type::Contact | Type::MultiField, Op::Contains | Op::Like) => {
                Op::Eq
            }
            (
                Type::Status(_) | Type::Company | Type::Contact | Type::MultiField,
                Op::NotContains | Op::NotLike,
            ) => Op::Ne,
            _ => op,
        };
        let is_equality = matches!(op, Op::Eq | Op::Ne);
        let values: Vec<Cow<'_, str>> = match value {
            Php::Map(entries) if is_equality => entries.iter().filter_map(|(_, v)| v.as_text()).collect(),
            // An array where one value belongs: PHP's cast gives 1.
            Php::Map(entries) => vec![Cow::Borrowed(if entries.is_empty() { "0" } else { "1" })],
            Php::Bool(value) if ty == Type::Char => vec![Cow::Borrowed(if *value { "Y" } else { "N" })],
            scalar => scalar.as_text().into_iter().collect(),
        };
        let blank = values.iter().any(|value| value.is_empty());
        let filled = || values.iter().filter(|value| !value.is_empty());
        let mut condition = Self { op, numbers: Vec::new(), texts: Vec::new(), blank, column };
        if ty.is_date() {
            // An unreadable date becomes false, which compares like the beginning of time.
            condition.numbers =
                values.iter().map(|value| parse_instant(value, offset).unwrap_or(0) as f64).collect();
        } else if ty.is_number() {
            condition.numbers = filled().map(|value| number(value)).collect();
        } else if ty == Type::MultiField {
            condition.texts = filled().map(|value| value.clone().into_owned()).collect();
        } else {
            condition.texts = filled().map(|value| fold(value)).collect();
        }
        condition
    }

    fn matches(&self, id: u64, record: &Record, offset: Offset) -> bool {
        match self.op {
            Op::Ne => !self.holds(Op::Eq, id, record, offset),
            Op::NotContains => !self.holds(Op::Contains, id, record, offset),
            Op::NotLike => !self.holds(Op::Like, id, record, offset),
            op => self.holds(op, id, record, offset),
        }
    }

    fn holds(&self, op: Op, id: u64, record: &Record, offset: Offset) -> bool {
        let number = |value: f64| self.compare_number(op, value);
        match &self.column {
            Column::Id => number(id as f64),
            Column::Category => number(record.category as f64),
            Column::Created => number(record.created as f64),
            Column::Modified => number(record.modified as f64),
            Column::PrimaryCompany => match record.primary_company() {
                Some(company) => number(company as f64),
                None => op == Op::Eq && (self.blank || self.numbers.contains(&0.0)),
            },
            Column::Companies | Column::Contacts => false,
            Column::Has(multi) => {
                self.compare_text(op, if record.rows_of(*multi).next().is_some() { "Y" } else { "N" })
            }
            Column::Rows(multi) => {
                let mut rows = record.rows_of(*multi).peekable();
                (self.blank && op == Op::Eq && rows.peek().is_none())
                    || rows.any(|row| self.texts.iter().any(|text| row.value == *text))
            }
            Column::Stored { name, ty, .. } => match record.fields.get(name) {
                Some(stored) => stored.values().iter().any(|value| match ty {
                    Type::Date | Type::DateTime => {
                        parse_instant(value, offset).is_some_and(|seconds| number(seconds as f64))
                    }
                    ty if ty.is_number() => number(self::number(value)),
                    _ => self.compare_text(op, value),
                }),
                None => self.holds_for_nothing(op, *ty),
            },
        }
    }

    /// A field without a value: equal to the empty value; a char field reads as `N`, a flag as `0`.
    fn holds_for_nothing(&self, op: Op, ty: Type) -> bool {
        if op != Op::Eq {
            return false;
        }
        self.blank
            || match ty {
                Type::Char => self.texts.iter().any(|text| text == "n"),
                Type::Boolean => self.numbers.contains(&0.0),
                _ => false,
            }
    }

    fn compare_number(&self, op: Op, value: f64) -> bool {
        let Some(first) = self.numbers.first() else {
            return false;
        };
        match op {
            Op::Gt => value > *first,
            Op::Ge => value >= *first,
            Op::Lt => value < *first,
            Op::Le => value <= *first,
            _ => self.numbers.contains(&value),
        }
    }

    fn compare_text(&self, op: Op, value: &str) -> bool {
        if op == Op::Eq {
            return self.texts.iter().any(|text| folds_to(value, text));
        }
        let value = fold(value);
        self.texts.iter().any(|text| match op {
            Op::Gt => value > *text,
            Op::Ge => value >= *text,
            Op::Lt => value < *text,
            Op::Le => value <= *text,
            Op::Contains => value.contains(text.as_str()),
            Op::Like => like(text, &value),
            Op::Eq | Op::Ne | Op::NotContains | Op::NotLike => false,
        })
    }

    fn lowest_id(&self) -> Option<u64> {
        let first = *self.numbers.first()?;
        match (&self.column, self.op) {
            (Column::Id, Op::Gt) => Some(first.max(-1.0) as u64 + u64::from(first >= 0.0)),
            (Column::Id, Op::Ge) => Some(first.max(0.0) as u64),
            _ => None,
        }
    }

    fn changed_since(&self) -> Option<i64> {
        match (&self.column, self.op) {
            (Column::Modified, Op::Ge | Op::Gt) => Some(*self.numbers.first()? as i64),
            _ => None,
        }
    }

    fn candidates(&self, table: &Table) -> Option<Vec<u64>> {
        match (&self.column, self.op) {
            (Column::Id, Op::Eq) => {
                Some(in_order(self.numbers.iter().map(|id| id.max(0.0) as u64).collect()))
            }
            (Column::Stored { name, ty, .. }, Op::Eq) if !self.blank => match ty {
                Type::Text => table.with_value(name, &self.texts),
                Type::Integer => {
                    let texts: Vec<String> = self.numbers.iter().map(|n| (*n as i64).to_string()).collect();
                    table.with_value(name, &texts)
                }
                _ => None,
            },
            (Column::Rows(multi), Op::Eq) if super::duplicate::is_searchable(*multi) && !self.blank => {
                let mut ids = Vec::new();
                for text in &self.texts {
                    if super::duplicate::normal_form(*multi, text).is_empty() {
                        return None;
                    }
                    ids.extend(table.with_communication(*multi, text));
                }
                Some(in_order(ids))
            }
            (Column::PrimaryCompany, Op::Eq) if !self.blank && !self.numbers.contains(&0.0) => {
                let contacts = self.numbers.iter().flat_map(|id| table.with_company(id.max(0.0) as u64));
                Some(in_order(contacts.collect()))
            }
            _ => {
                self.changed_since().filter(|since| *since > 0).and_then(|since| table.modified_since(since))
            }
        }
    }
}

/// A number as a filter or a stored value gives it; a flag's letters count as 1 and 0.
pub(crate) fn number(text: &str) -> f64 {
    match text.trim() {
        "Y" | "y" => 1.0,
        "N" | "n" => 0.0,
        text => text.parse().unwrap_or_else(|_| super::php::leading_integer(text) as f64),
    }
}

/// SQL's LIKE with `%` as the only wildcard; both sides are folded already.
fn like(pattern: &str, value: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('%') else {
        return pattern == value;
    };
    let Some(mut tail) = value.strip_prefix(first) else {
        return false;
    };
    let mut pieces: Vec<&str> = rest.split('%').collect();
    let last = pieces.pop().unwrap_or("");
    for piece in pieces {
        match tail.find(piece) {
            Some(at) => tail = &tail[at + piece.len()..],
            None => return false,
        }
    }
    tail.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_knows_the_percent_sign_only() {
        let table = [
            ("abc", "abc", true),
            ("ab", "abc", false),
            ("a%", "abc", true),
            ("%c", "abc", true),
            ("%b%", "abc", true),
            ("a%c%", "abc", true),
            ("a%d", "abc", false),
            ("%", "", true),
        ];
        for (pattern, value, expected) in table {
            assert_eq!(like(pattern, value), expected, "{pattern} on {value}");
        }
    }
}
