//! One row of the contact section as 1C itself writes it, with every derived column.
//!
//! 1C does not compute these columns for an OData client. Invariant: only columns that the schema has are written.

use std::collections::BTreeSet;

use obmen_domain::forms::address::is_address;
use obmen_domain::forms::email::read_emails;
use obmen_domain::forms::phone::{PhoneStyle, phone_parts, write_phone};
use obmen_domain::party::{Email, Phone};
use serde::Serialize;

use crate::facts::{ContactKind, Table};
use crate::odata::Object;
use crate::profile::ContactSection;
use crate::read::Reading;
use crate::wire::{cut, put};

/// The format of structured values.
const VALUE_VERSION: u32 = 5;
/// The form of an address whose parts nobody has told.
const FREE_FORM: &str = "ВСвободнойФорме";

/// The row of a phone; `None` where it has no number.
pub(super) fn phone_row(
    names: &ContactSection,
    columns: &BTreeSet<String>,
    phone: &Phone,
    kind: ContactKind,
) -> Option<Object> {
    let key = phone.key.as_ref()?;
    let parts = phone_parts(key);
    let shown = write_phone(key, phone.extension.as_deref(), PhoneStyle::Onec);
    let value = json(&PhoneValue {
        version: VALUE_VERSION,
        value: &shown,
        comment: "",
        sort: &names.phone_type,
        country: &parts.country,
        area: &parts.area,
        number: &parts.number,
        extension: phone.extension.as_deref().unwrap_or_default(),
    });
    let digits = parts.digits();
    if digits.len() > names.phone_length || shown.chars().count() > names.text_length {
        return None;
    }
    let mut row = base_row(names, &names.phone_type, kind, &shown, value);
    put(&mut row, &names.phone, digits);
    put(&mut row, &names.phone_short, parts.local_digits());
    Some(existing(row, columns))
}

/// The row of a mailbox; `None` where it has no address or a longer one than the column holds.
pub(super) fn email_row(
    names: &ContactSection,
    columns: &BTreeSet<String>,
    email: &Email,
    kind: ContactKind,
) -> Option<Object> {
    let key = email.key.as_ref()?;
    // The text keeps the letter case a person typed, where it is nothing but the address.
    let typed = email.text.trim();
    let is_address = typed.to_lowercase() == key.as_str() && read_emails(typed).as_slice() == [key.clone()];
    let address = if is_address { typed } else { key.as_str() };
    if address.chars().count() > names.email_length {
        return None;
    }
    let value =
        json(&EmailValue { version: VALUE_VERSION, value: address, comment: "", sort: &names.email_type });
    let mut row = base_row(names, &names.email_type, kind, address, value);
    put(&mut row, &names.email, address);
    put(&mut row, &names.email_domain, address.rsplit_once('@').map_or("", |(_, domain)| domain));
    Some(existing(row, columns))
}

/// The row of an address in free form, which 1C takes apart itself when a user opens it; `None` for an empty one.
pub(super) fn address_row(
    reading: Reading<'_>,
    table: &Table,
    wanted: &str,
    kind: ContactKind,
) -> Option<Object> {
    let names = &reading.profile.contact;
    let sort = names.address_type.as_deref()?;
    let shown = cut(wanted, Some(names.text_length));
    let country = reading.facts.country_name.clone().unwrap_or_default();
    let value = json(&AddressValue {
        version: VALUE_VERSION,
        value: &shown,
        comment: "",
        sort,
        country: &country.name,
        code: &country.code,
        form: FREE_FORM,
    });
    let mut row = base_row(names, sort, kind, &shown, value);
    if let Some(column) = &names.country {
        put(&mut row, column, country.name);
    }
    Some(existing(row, &table.contact_columns)).filter(|_| is_address(&shown))
}

/// Makes a phone's row show a text with several numbers.
pub(super) fn rejoin_phones(names: &ContactSection, row: &mut Object, shown: &str) {
    let sort = &names.phone_type;
    let value = PhoneValue {
        version: VALUE_VERSION,
        value: shown,
        comment: "",
        sort,
        country: "",
        area: "",
        number: shown,
        extension: "",
    };
    let digits: String = shown.chars().filter(char::is_ascii_digit).take(names.phone_length).collect();
    for (column, text) in [(&names.text, shown), (&names.value, &json(&value)), (&names.phone, &digits)] {
        replace(row, column, text);
    }
    replace(row, &names.phone_short, "");
}

/// Makes a mailbox's row show a text with several addresses.
pub(super) fn rejoin_emails(names: &ContactSection, row: &mut Object, shown: &str) {
    let value = EmailValue { version: VALUE_VERSION, value: shown, comment: "", sort: &names.email_type };
    for (column, text) in [(&names.text, shown), (&names.value, &json(&value))] {
        replace(row, column, text);
    }
}

fn replace(row: &mut Object, column: &str, text: &str) {
    if row.contains_key(column) {
        put(row, column, text);
    }
}

fn base_row(names: &ContactSection, sort: &str, kind: ContactKind, shown: &str, value: String) -> Object {
    let mut row = Object::new();
    put(&mut row, &names.sort, sort);
    put(&mut row, &names.kind, kind.reference.to_string());
    put(&mut row, &names.text, shown);
    put(&mut row, &names.value, value);
    put(&mut row, &names.legacy_value, "");
    row
}

fn existing(mut row: Object, columns: &BTreeSet<String>) -> Object {
    row.retain(|name, _| columns.contains(name));
    row
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain texts always serialise")
}

#[derive(Serialize)]
struct PhoneValue<'a> {
    version: u32,
    value: &'a str,
    comment: &'a str,
    #[serde(rename = "type")]
    sort: &'a str,
    #[serde(rename = "countryCode")]
    country: &'a str,
    #[serde(rename = "areaCode")]
    area: &'a str,
    number: &'a str,
    #[serde(rename = "extNumber")]
    extension: &'a str,
}

#[derive(Serialize)]
struct AddressValue<'a> {
    version: u32,
    value: &'a str,
    comment: &'a str,
    #[serde(rename = "type")]
    sort: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    country: &'a str,
    #[serde(rename = "countryCode", skip_serializing_if = "str::is_empty")]
    code: &'a str,
    #[serde(rename = "addressType")]
    form: &'a str,
}

#[derive(Serialize)]
struct EmailValue<'a> {
    version: u32,
    value: &'a str,
    comment: &'a str,
    #[serde(rename = "type")]
    sort: &'a str,
}
