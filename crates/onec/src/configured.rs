//! Configured fields: the attribute that each of them is in a catalog, and its values on the wire.
//!
//! Not responsible for finding attributes (see `connect::configured`). Invariant: rows of other additional attributes stay as
//! they are.

use std::collections::BTreeSet;

use obmen_domain::configured::{ConfiguredValues, FieldName, Place, Sort, told};
use obmen_domain::record::{Catalog, Kind};
use obmen_engine::doctor::Finding;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::facts::{ContactKind, Facts, Table};
use crate::odata::Object;
use crate::profile::{AttributesSet, Profile};
use crate::read::address;
use crate::wire::{NAMESPACE, guid, rows};

/// The first day of all: no day.
const NO_DAY: &str = "0001-01-01T00:00:00";

/// An attribute that objects of a catalog have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attribute {
    pub(crate) name: FieldName,
    pub(crate) kind: Kind,
    pub(crate) at: At,
    pub(crate) form: Form,
    pub(crate) sort: Sort,
    pub(crate) length: Option<usize>,
}

/// Where an attribute stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum At {
    /// A property of the object.
    Property(String),
    /// A row of its additional attributes.
    Additional(Uuid),
    /// The row of its contact section of this kind, which is an address.
    Address(ContactKind),
}

/// How a value stands on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Form {
    Text,
    Number,
    /// A number that is written as a text.
    LongNumber,
    Flag,
    Moment,
    /// A reference to an object of this set.
    Reference(String),
}

/// Why a configured field has no place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No catalog has such an attribute; the one that may be meant.
    Missing(Option<String>),
    /// It is an attribute that obmen keeps equal anyhow, or needs for itself.
    Own,
    /// Its values are of this type, or of several.
    Type(String),
    /// 1C does not tell of which type its values are.
    Untold,
    /// Its values are references to objects of a set that is not published.
    Closed(String),
    /// Its values are references to objects of a set that has too many.
    Crowded(String),
    /// No catalog of persons has such a contact kind.
    NoKind,
}

impl Attribute {
    /// The contact kind that it is a row of.
    pub(crate) fn contact_kind(&self) -> Option<ContactKind> {
        match self.at {
            At::Address(kind) => Some(kind),
            At::Property(_) | At::Additional(_) => None,
        }
    }

    /// The value of an object in the spelling of its sort; what cannot be read stays as it is.
    pub(crate) fn read(&self, names: &AttributesSet, object: &Object) -> String {
        let value = match &self.at {
            At::Property(name) => object.get(name),
            At::Additional(property) => {
                let row =
                    rows(object, &names.section).find(|row| guid(row, &names.property) == Some(*property));
                row.and_then(|row| row.get(&names.value))
            }
            At::Address(_) => None,
        };
        let text = match value {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Bool(flag)) => flag.to_string(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        match (&self.form, &self.sort) {
            (Form::Text, Sort::Text) if text.trim().is_empty() => String::new(),
            (Form::Text, Sort::Text) => text,
            (Form::Reference(_), Sort::Choice(choices)) => {
                let known = choices.iter().find(|choice| choice.code.eq_ignore_ascii_case(&text));
                let is_empty = || Uuid::try_parse(&text).is_ok_and(|key| key.is_nil());
                known.map_or_else(
                    || if is_empty() { String::new() } else { text.clone() },
                    |one| one.name.clone(),
                )
            }
            (_, sort) => sort.fit(&text).unwrap_or(text),
        }
    }

    /// A value as the interface takes it.
    pub(crate) fn written(&self, value: &str) -> Value {
        match (&self.form, &self.sort) {
            (Form::Flag, _) => json!(!value.is_empty()),
            (Form::Moment, _) if value.is_empty() => json!(NO_DAY),
            (Form::Moment, _) if value.contains('T') => json!(value),
            (Form::Moment, _) => json!(format!("{value}T00:00:00")),
            (Form::LongNumber, _) => json!(if value.is_empty() { "0" } else { value }),
            (Form::Number, _) => number(value),
            (Form::Reference(_), _) if value.is_empty() => json!(Uuid::nil().to_string()),
            (_, Sort::Choice(choices)) => {
                let known = choices.iter().find(|choice| choice.name == value);
                json!(known.map_or(value, |choice| &choice.code))
            }
            (_, _) => json!(value),
        }
    }

    /// What says in a composite property of which type its value is.
    pub(crate) fn type_name(&self) -> String {
        match &self.form {
            Form::Text => "Edm.String".to_owned(),
            Form::Number | Form::LongNumber => "Edm.Double".to_owned(),
            Form::Flag => "Edm.Boolean".to_owned(),
            Form::Moment => "Edm.DateTime".to_owned(),
            Form::Reference(set) => format!("{NAMESPACE}{set}"),
        }
    }
}

/// The values of an object and of its partner, for records of this kind; where both have one, the object's.
pub(crate) fn read<'a>(
    profile: &Profile,
    kind: Kind,
    objects: impl Iterator<Item = (&'a Table, &'a Object)>,
) -> ConfiguredValues {
    let mut values = ConfiguredValues::default();
    for (table, object) in objects {
        for attribute in table.configured.iter().filter(|attribute| attribute.kind == kind) {
            if values.get(attribute.name).is_some() {
                continue;
            }
            let contact = &profile.contact;
            let value = match attribute.contact_kind() {
                Some(kind) => {
                    address::read(contact, table, kind, &rows(object, &contact.section).collect::<Vec<_>>())
                }
                None => attribute.read(&profile.attributes, object),
            };
            values.set(attribute.name, value);
        }
    }
    values
}

/// What is wrong with places.
pub(crate) fn findings(facts: &Facts, persons: &BTreeSet<Catalog>) -> Vec<Finding> {
    let placed = facts.tables.values().chain(&facts.part).flat_map(|table| &table.configured);
    let known: Vec<FieldName> = placed.map(|one| one.name).collect();
    let faults =
        told(&facts.faults, |name| known.contains(&name)).map(|(place, fault)| finding(place, fault));
    faults.chain(homeless(facts, persons)).collect()
}

/// Catalogs of persons that have no contact kind for addresses, where others have one.
fn homeless(facts: &Facts, persons: &BTreeSet<Catalog>) -> Vec<Finding> {
    let has = |table: &Table| table.configured.iter().any(|one| one.contact_kind().is_some());
    let all_has = |table: &Table| has(table) || facts.part_of(table).is_some_and(has);
    let is_wanted = facts.tables.values().any(all_has);
    let lacking = facts.tables.values().filter(|table| persons.contains(&table.catalog) && !all_has(table));
    let finding = |table: &Table| {
        Finding::warning("check-private-address-nowhere", vec![("set", table.names.set.clone())])
    };
    lacking.filter(|_| is_wanted).map(finding).collect()
}

fn finding(place: &Place, fault: &Fault) -> Finding {
    let (code, further) = match fault {
        Fault::Missing(like) => {
            ("check-own-field-missing", Some(("like", like.clone().unwrap_or_else(|| "none".to_owned()))))
        }
        Fault::Own => ("check-own-field-taken", None),
        Fault::Type(sort) => ("check-own-field-type", Some(("sort", sort.clone()))),
        Fault::Untold => ("check-own-field-untold", None),
        Fault::Closed(set) => ("check-own-field-closed", Some(("set", set.clone()))),
        Fault::Crowded(set) => ("check-own-field-crowded", Some(("set", set.clone()))),
        Fault::NoKind => ("check-private-address-kind", None),
    };
    Finding::of_place(code, place, further)
}

/// Whole numbers without a fraction, as some of the interface's types want them.
fn number(value: &str) -> Value {
    match (value.parse::<i64>(), value.parse::<f64>()) {
        (Ok(whole), _) => json!(whole),
        (_, Ok(number)) => json!(number),
        _ => json!(0),
    }
}

#[cfg(test)]
mod tests {
    use obmen_domain::configured::Choice;

    use super::*;

    fn attribute(at: At, form: Form, sort: Sort) -> Attribute {
        Attribute { name: "x".parse().unwrap(), kind: Kind::Company, at, form, sort, length: None }
    }

    #[test]
    fn values_are_read_in_one_spelling_and_written_as_the_interface_has_them() {
        let key = "7a10c000-1c01-11ef-9a3d-0050568b35a1";
        let countries = Sort::Choice(vec![Choice { code: key.to_owned(), name: "Россия".to_owned() }]);
        let names = Profile::bp30().attributes;
        let cases = [
            (Form::Text, Sort::Text, json!(" да "), " да ", json!(" да ")),
            (Form::Text, Sort::Text, json!("  "), "", json!("")),
            (Form::Number, Sort::Number, json!(12.5), "12.5", json!(12.5)),
            (Form::Number, Sort::Number, json!(12.0), "12", json!(12)),
            (Form::Number, Sort::Number, json!(0), "", json!(0)),
            (Form::LongNumber, Sort::WholeNumber, json!("70000000000"), "70000000000", json!("70000000000")),
            (Form::Flag, Sort::Flag, json!(true), "yes", json!(true)),
            (Form::Flag, Sort::Flag, json!(false), "", json!(false)),
            (
                Form::Moment,
                Sort::Moment,
                json!("2001-11-11T00:00:00"),
                "2001-11-11",
                json!("2001-11-11T00:00:00"),
            ),
            (Form::Moment, Sort::Moment, json!(NO_DAY), "", json!(NO_DAY)),
            (
                Form::Reference("Catalog_СтраныМира".to_owned()),
                countries.clone(),
                json!(key),
                "Россия",
                json!(key),
            ),
            (
                Form::Reference("Catalog_СтраныМира".to_owned()),
                countries,
                json!(Uuid::nil().to_string()),
                "",
                json!(Uuid::nil().to_string()),
            ),
        ];
        for (form, sort, wire, value, written) in cases {
            let attribute = attribute(At::Property("Реквизит".to_owned()), form, sort);
            let object = json!({"Реквизит": wire}).as_object().unwrap().clone();
            assert_eq!(attribute.read(&names, &object), value, "{wire}");
            assert_eq!(attribute.written(value), written, "{value}");
        }
    }

    #[test]
    fn an_additional_attribute_is_a_row_of_its_own() {
        let [ours, other] = [Uuid::from_u128(1), Uuid::from_u128(2)];
        let attribute = attribute(At::Additional(ours), Form::Number, Sort::Number);
        let row =
            |property: Uuid, value: Value| json!({"Свойство_Key": property.to_string(), "Значение": value});
        let object = json!({"ДополнительныеРеквизиты": [row(other, json!(1)), row(ours, json!(7))]});
        let names = Profile::bp30().attributes;
        assert_eq!(attribute.read(&names, object.as_object().unwrap()), "7");
        assert_eq!(attribute.read(&names, &Object::new()), "");
        assert_eq!(attribute.type_name(), "Edm.Double");
    }
}
