//! Phones, mailboxes and their kin: what an element of a write does to the stored rows.
//!
//! Each element is judged alone; stored rows nobody mentions stay. Not responsible for the wire shape of
//! answers.

use super::php::Php;
use super::schema::Multi;
use super::table::{Record, Row};

/// The effect of one element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RowEdit {
    Append { multi: Multi, odd: Option<Box<str>>, value_type: String, value: String },
    Rewrite { id: u64, multi: Multi, value_type: String, value: String },
    Delete { id: u64, multi: Multi },
}

/// Elements `{ID, VALUE, VALUE_TYPE, DELETE}` of a classic add or update.
pub(crate) fn classic_edits(multi: Multi, value: &Php, creating: bool) -> Vec<RowEdit> {
    value.entries().iter().filter_map(|(_, element)| classic_edit(multi, element, creating)).collect()
}

fn classic_edit(multi: Multi, element: &Php, creating: bool) -> Option<RowEdit> {
    if !element.is_map() {
        return None;
    }
    let id = element.get("ID").map_or(0, Php::as_int);
    let id = u64::try_from(id).ok().filter(|id| *id > 0 && !creating);
    let value = text(element, "VALUE").trim().to_owned();
    let is_delete = text(element, "DELETE") == "Y";
    let value_type = value_type(multi, &text(element, "VALUE_TYPE"));
    match id {
        // An ID without a value deletes, too.
        Some(id) if is_delete || value.is_empty() => Some(RowEdit::Delete { id, multi }),
        Some(id) => Some(RowEdit::Rewrite { id, multi, value_type, value }),
        None if value.is_empty() => None,
        None => Some(RowEdit::Append { multi, odd: None, value_type, value }),
    }
}

/// Elements `{typeId, valueType, value}` of `fm`, keyed by row id or by anything else for new rows.
pub(crate) fn universal_edits(value: &Php, record: &Record) -> Vec<RowEdit> {
    value.entries().iter().filter_map(|(key, element)| universal_edit(key, element, record)).collect()
}

fn universal_edit(key: &str, element: &Php, record: &Record) -> Option<RowEdit> {
    let type_id = text(element, "typeId");
    // Without its type an element is ignored without a word; an unknown type is kept as it is.
    if type_id.is_empty() {
        return None;
    }
    let multi = Multi::from_name(&type_id).unwrap_or(Multi::Odd);
    let odd = (multi == Multi::Odd).then(|| type_id.into_boxed_str());
    let value = text(element, "value").trim().to_owned();
    let value_type = value_type(multi, &text(element, "valueType"));
    let own = key.parse().ok().filter(|id| record.rows_of(multi).any(|row| row.id == *id));
    match own {
        Some(id) if value.is_empty() => Some(RowEdit::Delete { id, multi }),
        Some(id) => Some(RowEdit::Rewrite { id, multi, value_type, value }),
        None if value.is_empty() => None,
        None => Some(RowEdit::Append { multi, odd, value_type, value }),
    }
}

/// The first mailbox among these edits that is not syntactically valid.
pub(crate) fn find_invalid_email(edits: &[RowEdit]) -> Option<&str> {
    edits.iter().find_map(|edit| match edit {
        RowEdit::Append { multi: Multi::Email, value, .. }
        | RowEdit::Rewrite { multi: Multi::Email, value, .. }
            if !is_email(value) =>
        {
            Some(value.as_str())
        }
        _ => None,
    })
}

/// Carries the edits out. Rows of other records and other fields are never touched.
pub(crate) fn apply(record: &mut Record, edits: Vec<RowEdit>, last_row: &mut u64) {
    for edit in edits {
        match edit {
            RowEdit::Append { multi, odd, value_type, value } => {
                *last_row += 1;
                let (value_type, value) = (value_type.into(), value.into());
                record.rows.push(Row { id: *last_row, multi, odd, value_type, value });
            }
            RowEdit::Rewrite { id, multi, value_type, value } => {
                if let Some(row) = record.rows.iter_mut().find(|row| row.id == id && row.multi == multi) {
                    row.value_type = value_type.into();
                    row.value = value.into();
                }
            }
            RowEdit::Delete { id, multi } => record.rows.retain(|row| row.id != id || row.multi != multi),
        }
    }
}

fn text(element: &Php, key: &str) -> String {
    element.get(key).and_then(Php::as_text).unwrap_or_default().into_owned()
}

fn value_type(multi: Multi, given: &str) -> String {
    if given.is_empty() { multi.default_type().to_owned() } else { given.to_owned() }
}

/// Dotted atoms, an at sign, and a domain of at least two labels.
fn is_email(value: &str) -> bool {
    let Some((local, domain)) = value.rsplit_once('@') else {
        return false;
    };
    let atom = |c: char| c.is_alphanumeric() || "=_+~'!$&*^`|#%/?{}-".contains(c);
    let label = |c: char| c.is_alphanumeric() || "-_".contains(c);
    let labels: Vec<&str> = domain.split('.').collect();
    value.len() <= 320
        && local.split('.').all(|part| !part.is_empty() && part.chars().all(atom))
        && labels.len() > 1
        && labels.iter().all(|part| !part.is_empty() && part.chars().all(label))
        && labels.last().is_some_and(|last| (2..=20).contains(&last.chars().count()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_mailboxes_are_valid() {
        for good in
            ["anna@example.ru", "a.b+c@mail.example.com", "почта@пример.рф", "x@xn--e1afmkfd.xn--p1ai"]
        {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "anna",
            "anna@",
            "anna@example",
            "a b@example.ru",
            "a@b@example.ru",
            "a..b@example.ru",
            "a@example.r",
            "a@x.ru; b@x.ru",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
