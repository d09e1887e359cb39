//! Mandatory user fields, which REST looks at only where the portal's administrator says so.
//!
//! Not responsible for the names a contact or a company cannot be without.

use super::methods::Call;
use super::php::Php;
use super::schema::{Kind, UserField};

/// What is said about mandatory user fields that these fields leave empty. An update may leave a field out.
pub(crate) fn unfilled(call: &Call<'_>, kind: Kind, fields: &Php, creating: bool) -> Option<String> {
    if !call.settings.checks_required_fields {
        return None;
    }
    let is_mandatory = |field: &&UserField| {
        let says_so = |value: &Php| value.as_text().is_some_and(|flag| flag == "Y");
        field.options.iter().any(|(key, value)| key == "MANDATORY" && says_so(value))
    };
    let is_empty = |field: &&UserField| fields.get(&field.name).map_or(creating, is_blank);
    let unfilled = call.crm.schema(kind).userfields.values().filter(is_mandatory).filter(is_empty);
    let texts: Vec<String> =
        unfilled.map(|field| format!("Поле {} обязательно для заполнения.", field.name)).collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

fn is_blank(value: &Php) -> bool {
    match value {
        Php::Bool(_) => false,
        Php::Map(entries) => entries.iter().all(|(_, value)| is_blank(value)),
        scalar => scalar.as_text().is_none_or(|text| text.is_empty()),
    }
}
