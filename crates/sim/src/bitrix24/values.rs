//! Single values between the wire and a record: how they are stored, and how each API shows them.
//!
//! Not responsible for multi-field rows being written (see `multifield`) or for who may write what.

use compact_str::CompactString;
use jiff::tz::Offset;

use super::dates::{format_day, format_instant, parse_day, parse_instant};
use super::files;
use super::php::{Key, Php};
use super::schema::{Column, Multi, Type};
use super::table::{Record, Row, Stored};

/// What a written value becomes: `Err` is to be ignored, `Ok(None)` empties the field.
pub(crate) fn to_stored(ty: Type, multiple: bool, value: &Php, offset: Offset) -> Result<Option<Stored>, ()> {
    if multiple {
        let values: Vec<String> = match value {
            Php::Map(entries) => {
                entries.iter().filter_map(|(_, value)| scalar_to_stored(ty, value, offset)).collect()
            }
            scalar => scalar_to_stored(ty, scalar, offset).into_iter().collect(),
        };
        return Ok((!values.is_empty()).then(|| Stored::many(values)));
    }
    if value.is_map() {
        return Err(());
    }
    Ok(scalar_to_stored(ty, value, offset).map(|value| Stored::One(value.into())))
}

fn scalar_to_stored(ty: Type, value: &Php, offset: Offset) -> Option<String> {
    let text = value.as_text()?;
    let filled = |text: String| (!text.is_empty()).then_some(text);
    match ty {
        Type::Integer | Type::User | Type::Contact | Type::Company | Type::Lead => {
            Some(value.as_int()).filter(|number| *number != 0).map(|number| number.to_string())
        }
        Type::Double => filled(text.trim().to_owned()),
        Type::Char => Some(if text == "Y" || text == "1" { "Y" } else { "N" }.to_owned()),
        Type::Boolean if text.is_empty() && !matches!(value, Php::Bool(_)) => None,
        Type::Boolean => Some(if matches!(text.as_ref(), "Y" | "1") { "1" } else { "0" }.to_owned()),
        Type::Date => parse_day(&text),
        Type::DateTime => parse_instant(&text, offset).map(|seconds| format_instant(seconds, offset)),
        Type::Text | Type::Status(_) | Type::MultiField | Type::File => filled(text.into_owned()),
    }
}

/// A value on the classic wire, where nearly everything is a string. `None`: the key is left out.
pub(crate) fn classic(column: &Column, id: u64, record: &Record, offset: Offset) -> Option<Php> {
    Some(match column {
        Column::Id => Php::text(id.to_string()),
        Column::Created => Php::Text(format_instant(record.created, offset)),
        Column::Modified => Php::Text(format_instant(record.modified, offset)),
        Column::Category => Php::text(record.category.to_string()),
        Column::PrimaryCompany => Php::text(record.primary_company().unwrap_or(0).to_string()),
        Column::Companies | Column::Contacts => return None,
        Column::Has(multi) => Php::text(flag(record.rows_of(*multi).next().is_some())),
        Column::Rows(multi) => {
            let rows: Vec<Php> = record.rows_of(*multi).map(classic_row).collect();
            if rows.is_empty() {
                return None;
            }
            Php::list(rows)
        }
        Column::Stored { name, ty, multiple, .. } => {
            classic_stored(record.fields.get(name), name, *ty, *multiple, offset)
        }
    })
}

fn classic_stored(stored: Option<&Stored>, name: &str, ty: Type, multiple: bool, offset: Offset) -> Php {
    match (stored, ty) {
        (None, _) if multiple => Php::Bool(false),
        (None, Type::Char) => Php::text("N"),
        // Empty is told in two ways, whichever a field happens to have.
        (None, Type::Text) if matches!(name, "NAME" | "SECOND_NAME" | "LAST_NAME") => Php::text(""),
        (None, _) => Php::Null,
        (Some(Stored::One(day)), Type::Date) => Php::Text(format_day(day, offset)),
        (Some(Stored::Many(days)), Type::Date) => {
            Php::list(days.iter().map(|day| Php::Text(format_day(day, offset))))
        }
        (Some(Stored::One(file)), Type::File) => files::wire(file),
        (Some(stored), Type::File) => Php::list(stored.values().iter().map(|file| files::wire(file))),
        (Some(stored), _) if multiple => {
            Php::list(stored.values().iter().map(|value| Php::text(value.as_str())))
        }
        (Some(stored), _) => stored.values().first().map_or(Php::Null, |value| Php::text(value.as_str())),
    }
}

/// A row of a multi-field on the classic wire.
pub(crate) fn classic_row(row: &Row) -> Php {
    Php::map([
        ("ID", Php::text(row.id.to_string())),
        ("VALUE_TYPE", Php::text(row.value_type.as_str())),
        ("VALUE", Php::text(row.value.as_str())),
        ("TYPE_ID", Php::text(row.multi.name())),
    ])
}

/// A value in an item of the universal API: ids are numbers. `None`: items have no such key.
pub(crate) fn universal(
    column: &Column,
    id: u64,
    record: &Record,
    contacts_of: &dyn Fn(u64) -> Vec<u64>,
    offset: Offset,
) -> Option<Php> {
    Some(match column {
        Column::Id => Php::Int(id as i64),
        Column::Category => Php::Int(record.category),
        Column::PrimaryCompany => Php::Int(record.primary_company().unwrap_or(0) as i64),
        Column::Companies => Php::list(record.links.iter().map(|link| Php::Int(link.company as i64))),
        Column::Contacts => Php::list(contacts_of(id).into_iter().map(|contact| Php::Int(contact as i64))),
        Column::Rows(_) => return None,
        Column::Stored { name, ty, multiple: false, .. } => match (record.fields.get(name), ty) {
            (Some(stored), Type::Boolean) => Php::text(flag(stored.values().iter().any(|v| v == "1"))),
            (None, Type::Boolean) => Php::text("N"),
            (Some(stored), ty) if ty.is_number() => {
                let text = stored.values().first().map_or("", CompactString::as_str);
                text.parse().map_or_else(|_| Php::Float(super::filter::number(text)), Php::Int)
            }
            (stored, ty) => classic_stored(stored, name, *ty, false, offset),
        },
        Column::Stored { name, ty, .. } => match record.fields.get(name) {
            None => Php::empty(),
            Some(stored) if ty.is_number() => {
                Php::list(stored.values().iter().map(|text| Php::Int(super::php::leading_integer(text))))
            }
            Some(_) => return classic(column, id, record, offset),
        },
        _ => return classic(column, id, record, offset),
    })
}

/// `fm` of an item and its flat aliases (`phone`, `emailWork`, …: the first such value).
pub(crate) fn universal_rows(record: &Record) -> Vec<(Key, Php)> {
    let rows = record.rows.iter().map(|row| {
        Php::map([
            ("id", Php::Int(row.id as i64)),
            ("typeId", Php::text(row.type_name())),
            ("valueType", Php::text(row.value_type.as_str())),
            ("value", Php::text(row.value.as_str())),
        ])
    });
    let mut entries = vec![(Key::Borrowed("fm"), Php::list(rows))];
    let kinds = [(Multi::Phone, "phone"), (Multi::Email, "email"), (Multi::Web, "web"), (Multi::Im, "im")];
    for (multi, name) in kinds {
        for row in record.rows_of(multi) {
            let alias = format!("{name}{}", capitalized(&row.value_type));
            for key in [Key::Borrowed(name), Key::Owned(alias)] {
                if !entries.iter().any(|(known, _)| *known == key) {
                    entries.push((key, Php::text(row.value.as_str())));
                }
            }
        }
    }
    entries
}

/// `WORK` as `Work`.
pub(crate) fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars.flat_map(char::to_lowercase)).collect()
    })
}

fn flag(value: bool) -> &'static str {
    if value { "Y" } else { "N" }
}
