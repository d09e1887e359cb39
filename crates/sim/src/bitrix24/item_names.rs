//! Field names of the universal API and their classic counterparts.
//!
//! Built for one call from the schema, because user fields come and go. Not responsible for values.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::php::Key;
use super::schema::{Access, Column, Kind, Schema, Type};
use super::values::capitalized;

/// One field under both names.
#[derive(Debug)]
pub(crate) struct ItemField {
    pub(crate) name: Key,
    pub(crate) classic: Key,
    pub(crate) column: Column,
}

/// All fields of items of this kind.
pub(crate) fn item_fields(schema: &Schema, original_uf_names: bool) -> Vec<ItemField> {
    let mut fields: Vec<ItemField> = schema
        .standard_columns()
        .filter(|(_, column)| !matches!(column, Column::Rows(_)))
        .map(|(classic, column)| ItemField { name: shared_name(schema.kind, &classic), classic, column })
        .collect();
    fields.push(ItemField {
        name: Key::Borrowed("categoryId"),
        classic: Key::Borrowed("CATEGORY_ID"),
        column: Column::Category,
    });
    fields.push(ItemField {
        name: Key::Borrowed("observers"),
        classic: Key::Borrowed(OBSERVERS),
        column: observers(),
    });
    for (classic, column) in schema.user_columns() {
        let mut name = if original_uf_names { classic.to_string() } else { user_name(&classic) };
        if fields.iter().any(|field| field.name == name) {
            name = classic.to_string();
        }
        fields.push(ItemField { name: Key::Owned(name), classic, column });
    }
    fields
}

/// People who watch an item; the classic API does not know them.
pub(crate) const OBSERVERS: &str = "OBSERVERS";

/// Where the observers of an item are kept.
pub(crate) fn observers() -> Column {
    Column::Stored { name: Key::Borrowed(OBSERVERS), ty: Type::User, multiple: true, access: Access::Free }
}

/// All standard names, so that rows need no copies of them.
static STANDARD_NAMES: LazyLock<BTreeMap<Kind, BTreeMap<&str, String>>> = LazyLock::new(|| {
    let names = |kind: Kind| {
        kind.standard().iter().map(|field| (field.name, standard_name(kind, field.name))).collect()
    };
    [Kind::Contact, Kind::Company].into_iter().map(|kind| (kind, names(kind))).collect()
});

fn shared_name(kind: Kind, classic: &str) -> Key {
    match STANDARD_NAMES.get(&kind).and_then(|names| names.get(classic)) {
        Some(name) => Key::Borrowed(name),
        None => Key::Owned(standard_name(kind, classic)),
    }
}

/// The standard name: camel case, with the exceptions of the universal API.
fn standard_name(kind: Kind, classic: &str) -> String {
    match (kind, classic) {
        (_, "DATE_CREATE") => "createdTime".to_owned(),
        (_, "DATE_MODIFY") => "updatedTime".to_owned(),
        (_, "CREATED_BY_ID") => "createdBy".to_owned(),
        (_, "MODIFY_BY_ID") => "updatedBy".to_owned(),
        (Kind::Company, "COMPANY_TYPE") => "typeId".to_owned(),
        (Kind::Company, "CONTACT_ID") => "contactIds".to_owned(),
        _ => camel(classic),
    }
}

/// `UF_CRM_ONEC_KEY` is `ufCrmOnecKey`, but with digits among letters only the prefix changes.
fn user_name(classic: &str) -> String {
    match classic.strip_prefix("UF_CRM_") {
        Some(own) if own.bytes().any(|b| b.is_ascii_digit()) => format!("ufCrm_{own}"),
        _ => camel(classic),
    }
}

fn camel(classic: &str) -> String {
    let mut words = classic.split('_');
    let first = words.next().unwrap_or_default().to_lowercase();
    words.fold(first, |name, word| name + &capitalized(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_field_names_change_as_the_universal_api_changes_them() {
        let table = [
            ("UF_CRM_ONEC_KEY", "ufCrmOnecKey"),
            ("UF_CRM_1C_CONTACT_ID", "ufCrm_1C_CONTACT_ID"),
            ("UF_CRM_1747309879", "ufCrm_1747309879"),
            ("UF_CRM_INN", "ufCrmInn"),
        ];
        for (classic, expected) in table {
            assert_eq!(user_name(classic), expected);
        }
    }

    #[test]
    fn standard_names_are_camel_case_with_exceptions() {
        let table = [
            (Kind::Contact, "ID", "id"),
            (Kind::Contact, "SECOND_NAME", "secondName"),
            (Kind::Contact, "DATE_MODIFY", "updatedTime"),
            (Kind::Contact, "COMPANY_IDS", "companyIds"),
            (Kind::Contact, "ASSIGNED_BY_ID", "assignedById"),
            (Kind::Company, "COMPANY_TYPE", "typeId"),
            (Kind::Company, "CONTACT_ID", "contactIds"),
        ];
        for (kind, classic, expected) in table {
            assert_eq!(standard_name(kind, classic), expected);
        }
    }
}
