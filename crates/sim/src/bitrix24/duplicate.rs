//! The duplicate search: normal forms of phones and mailboxes, and `crm.duplicate.findbycomm`.
//!
//! The forms are the portal's own, with all their surprises. Not responsible for the index, which the tables
//! keep on every save.

use super::methods::{Answer, Call, Outcome, Refusal};
use super::php::Php;
use super::schema::Multi;

/// Values looked at in one call; further ones are dropped without a word.
const MAX_VALUES: usize = 20;
/// Rows given for one value, leads and contacts before companies.
const MAX_ROWS: usize = 20;

/// `crm.duplicate.findbycomm`.
pub(crate) fn find_by_communication(call: &mut Call<'_>, params: &Php) -> Outcome {
    let multi = match params.param("type").and_then(Php::as_text).unwrap_or_default().trim() {
        "PHONE" => Multi::Phone,
        "EMAIL" => Multi::Email,
        "" => return Err(Refusal::business("", "Communication type is not defined")),
        _ => {
            return Err(Refusal::business("", "Communication type is not supported in current context"));
        }
    };
    let values = match params.param("values") {
        Some(Php::Map(entries)) if !entries.is_empty() => entries,
        _ => return Err(Refusal::business("", "Communication values is not defined")),
    };
    let wanted = params.param("entity_type").and_then(Php::as_text).unwrap_or_default().to_uppercase();
    let (mut leads, mut contacts, mut companies) = (Vec::new(), Vec::new(), Vec::new());
    let texts = values.iter().filter_map(|(_, value)| match value {
        Php::Text(text) => Some(text),
        _ => None,
    });
    for text in texts.take(MAX_VALUES) {
        let mut room = MAX_ROWS;
        for (name, table, found) in [
            ("LEAD", &call.crm.leads, &mut leads),
            ("CONTACT", &call.crm.contacts, &mut contacts),
            ("COMPANY", &call.crm.companies, &mut companies),
        ] {
            if !wanted.is_empty() && wanted != name {
                continue;
            }
            for id in table.with_communication(multi, text) {
                if room == 0 {
                    break;
                }
                if table.get(id).is_some_and(|record| record.category == 0) {
                    room -= 1;
                    if !found.contains(&id) {
                        found.push(id);
                    }
                }
            }
        }
    }
    let mut result = Php::empty();
    for (name, ids) in [("LEAD", leads), ("CONTACT", contacts), ("COMPANY", companies)] {
        if !ids.is_empty() {
            result.set(name, Php::list(ids.into_iter().map(|id| Php::Int(id as i64))));
        }
    }
    Ok(Answer::new(result))
}

/// Whether the duplicate search knows this kind of multi-field.
pub(crate) fn is_searchable(multi: Multi) -> bool {
    matches!(multi, Multi::Phone | Multi::Email)
}

/// The form in which the duplicate search compares stored and asked values.
pub(crate) fn normal_form(multi: Multi, value: &str) -> String {
    match multi {
        Multi::Phone => normal_phone(value),
        _ => value.trim().to_lowercase(),
    }
}

fn normal_phone(value: &str) -> String {
    let value = value.trim();
    let spelled = if value.chars().count() >= 10 && value.starts_with("+8") {
        format!("00{}", &value[1..])
    } else {
        value.to_owned()
    };
    let mut kept: String = spelled.chars().filter(|c| c.is_ascii_digit() || matches!(c, '#' | '*')).collect();
    let stays = kept.len() < 10 || ["80", "81", "82"].iter().any(|prefix| kept.starts_with(prefix));
    if !stays {
        if let Some(rest) = kept.strip_prefix("00").or_else(|| kept.strip_prefix("011")) {
            kept = rest.to_owned();
        } else if let Some(rest) = kept.strip_prefix('8') {
            kept = format!("7{rest}");
        } else if let Some(rest) = kept.strip_prefix('0') {
            kept = rest.to_owned();
        }
    }
    kept.split('#').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_have_the_portals_normal_form() {
        let table = [
            ("+7 (926) 000-00-01", "79260000001"),
            ("8 926 000 00 01", "79260000001"),
            ("79260000001", "79260000001"),
            ("926 000 00 01", "9260000001"),
            ("8 800 000 00 00", "78000000000"),
            ("8 0162 00 00 00", "80162000000"),
            ("+8 926 000 00 01", "89260000001"),
            ("+7 926 000 00 01#12", "79260000001"),
            ("+7 926 000 00 01, 12", "7926000000112"),
            ("00 49 30 000000", "4930000000"),
            ("011 49 30 000000", "4930000000"),
            ("0 926 000 00 01", "9260000001"),
            ("12-34-56", "123456"),
            ("+8 12345", "812345"),
            ("нет", ""),
        ];
        for (phone, expected) in table {
            assert_eq!(normal_form(Multi::Phone, phone), expected, "{phone}");
        }
    }

    #[test]
    fn mailboxes_are_compared_trimmed_and_in_lower_case() {
        assert_eq!(normal_form(Multi::Email, " Anna@Example.RU "), "anna@example.ru");
    }
}
