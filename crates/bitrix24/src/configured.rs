//! Configured fields: what the portal knows of them, and their values on the wire.
//!
//! Not responsible for what values mean on the other side. Invariant: a field is read and written only where the portal says
//! that it has it and one value of a known sort fits in.

mod comment;

use std::collections::{BTreeMap, BTreeSet};

use obmen_domain::configured::{Choice, ConfiguredValues, FieldName, Place, Sort, told};
use obmen_domain::party::Field;
use obmen_domain::record::Kind;
use obmen_engine::doctor::Finding;
use serde_json::{Map, Value, json};

use crate::address;
use crate::home;
use crate::settings::Settings;
use crate::wire::{flag, member, rows, text, typed_member};

/// What obmen reads and writes in any case.
const OWN: [&str; 20] = [
    "ID",
    "TITLE",
    "NAME",
    "SECOND_NAME",
    "LAST_NAME",
    "POST",
    "PHONE",
    "EMAIL",
    "COMPANY_ID",
    "COMPANY_IDS",
    "CONTACT_ID",
    "CONTACT_IDS",
    "IS_MY_COMPANY",
    "ASSIGNED_BY_ID",
    "ORIGINATOR_ID",
    "ORIGIN_ID",
    "ORIGIN_VERSION",
    "DATE_MODIFY",
    "DATE_CREATE",
    "CATEGORY_ID",
];

/// The configured fields of a portal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Configured {
    pub(crate) columns: Vec<Column>,
    /// The place of addresses of people.
    home: Option<Place>,
    /// Places that cannot be used, and why.
    pub(crate) faults: Vec<(Place, Fault)>,
}

/// A field that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) place: Place,
    /// What the portal calls it.
    pub(crate) at: String,
    pub(crate) sort: Sort,
    form: Form,
}

/// How a value stands on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// As it is.
    Plain,
    /// With marks for bold letters and the like.
    Comment,
    /// `1` or `0`.
    Digit,
    /// `Y` or `N`.
    Letter,
    /// The id of a list's item.
    Item,
    /// The code of a status of this directory.
    Status(String),
}

/// Why a place cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Records have no such field; the one that may be meant.
    Missing(Option<String>),
    /// It is a field that obmen keeps equal anyhow, or needs for itself.
    Own,
    /// Nobody may write it.
    ReadOnly,
    /// It holds several values, or values of this type.
    Type(String),
    /// There is no such type of address.
    Address,
}

impl Configured {
    /// What the answers of the `fields` methods say of the wanted places.
    pub(crate) fn found<'a>(settings: &Settings, fields: impl Fn(Kind) -> &'a Value) -> Self {
        let mut configured = Self::default();
        for place in &settings.places {
            if home::is_home(place) {
                match home::type_of(place) {
                    Some(_) => configured.home = Some(place.clone()),
                    None => configured.faults.push((place.clone(), Fault::Address)),
                }
                continue;
            }
            match column(place, fields(place.kind), settings) {
                Ok(column) => configured.columns.push(column),
                Err(fault) => configured.faults.push((place.clone(), fault)),
            }
        }
        configured
    }

    /// The directories whose entries are needed.
    pub(crate) fn directories(&self) -> BTreeSet<String> {
        let directories = self.columns.iter().filter_map(|column| match &column.form {
            Form::Status(directory) => Some(directory.clone()),
            _ => None,
        });
        directories.collect()
    }

    /// Takes the entries of a directory in.
    pub(crate) fn learn(&mut self, directory: &str, statuses: &[Value]) {
        let own = |row: &&Value| member(row, "ENTITY_ID") == directory;
        let choice = |row: &Value| Choice { code: member(row, "STATUS_ID"), name: member(row, "NAME") };
        let choices: Vec<Choice> = statuses.iter().filter(own).map(choice).collect();
        let is_of = |column: &&mut Column| matches!(&column.form, Form::Status(of) if of == directory);
        self.columns.iter_mut().filter(is_of).for_each(|column| column.sort = Sort::Choice(choices.clone()));
    }

    /// What each of them can hold.
    pub(crate) fn sorts(&self) -> BTreeMap<(Kind, FieldName), Sort> {
        let of = |column: &Column| ((column.place.kind, column.place.name), column.sort.clone());
        let home = self.home.iter().map(|place| ((place.kind, place.name), Sort::Address));
        self.columns.iter().map(of).chain(home).collect()
    }

    /// How long a value of each may be.
    pub(crate) fn lengths(&self) -> impl Iterator<Item = (Field, usize)> {
        self.home.iter().map(|place| (Field::Configured(place.name), address::LENGTH))
    }

    /// The fields of a kind.
    pub(crate) fn of(&self, kind: Kind) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(move |column| column.place.kind == kind)
    }

    /// The values of a row.
    pub(crate) fn read(&self, kind: Kind, row: &Value) -> ConfiguredValues {
        let mut values = ConfiguredValues::default();
        for column in self.of(kind) {
            values.set(column.place.name, column.read(row));
        }
        values
    }

    /// What is wrong with places.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let is_placed = |name| self.columns.iter().any(|column| column.place.name == name);
        told(&self.faults, is_placed).map(|(place, fault)| finding(place, fault)).collect()
    }

    /// The flags that setup makes when they are missing: place, label, and why one cannot be used.
    pub(crate) fn flags<'a>(
        &'a self,
        settings: &'a Settings,
    ) -> impl Iterator<Item = (&'a Place, &'static str, Option<&'a Fault>)> {
        let fault =
            |wanted: &Place| self.faults.iter().find(|(place, _)| place == wanted).map(|(_, fault)| fault);
        let of = move |place: &'a Place| Some((place, place.label?, fault(place)));
        settings.places.iter().filter_map(of)
    }

    /// Puts a value into what is written, by the name that `name` makes of the field's own; an unknown field is left out.
    pub(crate) fn put(
        &self,
        fields: &mut Map<String, Value>,
        kind: Kind,
        field: FieldName,
        value: &str,
        name: impl Fn(&str) -> String,
    ) {
        if let Some(column) = self.of(kind).find(|column| column.place.name == field) {
            fields.insert(name(&column.at), column.written(value));
        }
    }
}

impl Column {
    fn read(&self, row: &Value) -> String {
        let name = &self.at;
        match (&self.form, &self.sort) {
            (Form::Plain, Sort::Text) => typed_member(row, name),
            (Form::Comment, _) => comment::plain(&typed_member(row, name)),
            (Form::Item | Form::Status(_), Sort::Choice(choices)) => {
                let code = member(row, name);
                let known = choices.iter().find(|choice| choice.code == code);
                known.map_or_else(
                    || if code == "0" { String::new() } else { code.clone() },
                    |one| one.name.clone(),
                )
            }
            (_, sort) => {
                let text = member(row, name);
                sort.fit(&text).unwrap_or(text)
            }
        }
    }

    fn written(&self, value: &str) -> Value {
        match (&self.form, &self.sort) {
            (Form::Digit, _) => json!(if value.is_empty() { "0" } else { "1" }),
            (Form::Letter, _) => json!(if value.is_empty() { "N" } else { "Y" }),
            (_, Sort::Choice(choices)) => {
                let known = choices.iter().find(|choice| choice.name == value);
                json!(known.map_or(value, |choice| &choice.code))
            }
            _ => json!(value),
        }
    }
}

fn column(place: &Place, fields: &Value, settings: &Settings) -> Result<Column, Fault> {
    let name = place.at.first().map(String::as_str).unwrap_or_default();
    let ids = [&settings.contact_id_field, &settings.company_id_field, &settings.inn_field];
    if OWN.contains(&name) || ids.iter().any(|own| *own == name) {
        return Err(Fault::Own);
    }
    let Some(field) = fields.get(name) else {
        let known = fields.as_object().into_iter().flat_map(Map::keys).map(String::as_str);
        return Err(Fault::Missing(obmen_domain::forms::slip::nearest(name, known).map(str::to_owned)));
    };
    if field.get("isReadOnly").is_some_and(flag) || field.get("isImmutable").is_some_and(flag) {
        return Err(Fault::ReadOnly);
    }
    if field.get("isMultiple").is_some_and(flag) {
        return Err(Fault::Type("multiple".to_owned()));
    }
    let column =
        |sort: Sort, form: Form| Ok(Column { place: place.clone(), at: name.to_owned(), sort, form });
    match member(field, "type").as_str() {
        "string" if name == "COMMENTS" => column(Sort::Text, Form::Comment),
        "string" | "url" => column(Sort::Text, Form::Plain),
        "integer" => column(Sort::WholeNumber, Form::Plain),
        "double" => column(Sort::Number, Form::Plain),
        "date" => column(Sort::Date, Form::Plain),
        "datetime" => column(Sort::Moment, Form::Plain),
        "boolean" => column(Sort::Flag, Form::Digit),
        "char" => column(Sort::Flag, Form::Letter),
        "enumeration" => {
            let items = field.get("items").map(rows).unwrap_or_default();
            let choice = |row: &Value| Choice { code: member(row, "ID"), name: member(row, "VALUE") };
            column(Sort::Choice(items.into_iter().map(choice).collect()), Form::Item)
        }
        "crm_status" => {
            let of_user_field = field.get("settings").and_then(|settings| settings.get("ENTITY_TYPE"));
            let directory = field.get("statusType").or(of_user_field).map(text).unwrap_or_default();
            column(Sort::Choice(Vec::new()), Form::Status(directory))
        }
        other => Err(Fault::Type(other.to_owned())),
    }
}

pub(crate) fn finding(place: &Place, fault: &Fault) -> Finding {
    if let (Fault::Missing(_), Some(_)) = (fault, place.label) {
        let details = vec![("field", place.at.join(", ")), ("entity", place.kind.word().to_owned())];
        return Finding::problem("check-bitrix24-field-missing", details);
    }
    let (code, further) = match fault {
        Fault::Missing(like) => {
            ("check-own-field-missing", Some(("like", like.clone().unwrap_or_else(|| "none".to_owned()))))
        }
        Fault::Own => ("check-own-field-taken", None),
        Fault::ReadOnly => ("check-own-field-read-only", None),
        Fault::Type(sort) => ("check-own-field-type", Some(("sort", sort.clone()))),
        Fault::Address => ("check-private-address-type", None),
    };
    Finding::of_place(code, place, further)
}

/// How imports and items name a field: user fields as they are, `SOURCE_ID` as `sourceId`.
pub(crate) fn item_name(name: &str) -> String {
    if name.starts_with("UF_") {
        return name.to_owned();
    }
    let mut parts = name.split('_').map(str::to_lowercase);
    let first = parts.next().unwrap_or_default();
    parts.fold(first, |name, part| {
        let mut letters = part.chars();
        let capital = letters.next().map(|letter| letter.to_ascii_uppercase());
        name + &capital.into_iter().chain(letters).collect::<String>()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tests::settings;

    fn place(name: &str, at: &str) -> Place {
        let at = vec![at.to_owned()];
        Place { name: name.parse().unwrap(), kind: Kind::Contact, at, is_certain: true, label: None }
    }

    fn found(places: Vec<Place>) -> Configured {
        let fields = json!({
            "COMMENTS": {"type": "string"}, "BIRTHDATE": {"type": "date"}, "NAME": {"type": "string"},
            "SOURCE_ID": {"type": "crm_status", "statusType": "SOURCE"}, "EXPORT": {"type": "char"},
            "UF_CRM_VIP": {"type": "boolean"}, "UF_CRM_SUM": {"type": "double"},
            "UF_CRM_TAGS": {"type": "string", "isMultiple": true}, "LEAD_ID": {"type": "crm_lead", "isReadOnly": true},
            "UF_CRM_FILE": {"type": "file"},
            "UF_CRM_SEGMENT": {"type": "enumeration",
                "items": [{"ID": "12", "VALUE": "Опт"}, {"ID": "13", "VALUE": "Розница"}]},
        });
        Configured::found(&Settings { places, ..settings() }, |_| &fields)
    }

    #[test]
    fn values_are_read_in_one_spelling_and_written_as_the_portal_has_them() {
        let mut configured = found(vec![
            place("comment", "COMMENTS"),
            place("born", "BIRTHDATE"),
            place("source", "SOURCE_ID"),
            place("export", "EXPORT"),
            place("vip", "UF_CRM_VIP"),
            place("sum", "UF_CRM_SUM"),
            place("segment", "UF_CRM_SEGMENT"),
        ]);
        assert_eq!(configured.directories(), BTreeSet::from(["SOURCE".to_owned()]));
        configured.learn("SOURCE", &[json!({"ENTITY_ID": "SOURCE", "STATUS_ID": "WEB", "NAME": "Веб-сайт"})]);
        let row = json!({"COMMENTS": "[B]важно[/B]<br>звонить", "BIRTHDATE": "2001-11-11T02:00:00+02:00",
            "SOURCE_ID": "WEB", "EXPORT": "N", "UF_CRM_VIP": "1", "UF_CRM_SUM": "12.50", "UF_CRM_SEGMENT": "13"});
        let values = configured.read(Kind::Contact, &row);
        let expected = [
            ("comment", "важно\nзвонить", "COMMENTS", "важно\nзвонить"),
            ("born", "2001-11-11", "BIRTHDATE", "2001-11-11"),
            ("source", "Веб-сайт", "SOURCE_ID", "WEB"),
            ("export", "", "EXPORT", "N"),
            ("vip", "yes", "UF_CRM_VIP", "1"),
            ("sum", "12.5", "UF_CRM_SUM", "12.5"),
            ("segment", "Розница", "UF_CRM_SEGMENT", "13"),
        ];
        let mut written = Map::new();
        for (name, value, at, wire) in expected {
            let name = name.parse().unwrap();
            assert_eq!(values.get(name), Some(value));
            configured.put(&mut written, Kind::Contact, name, value, str::to_owned);
            assert_eq!(written[at], wire, "{at}");
        }
        let empty = configured.read(Kind::Contact, &json!({"UF_CRM_SEGMENT": null, "SOURCE_ID": ""}));
        assert!(expected.iter().all(|(name, ..)| empty.get(name.parse().unwrap()) == Some("")), "{empty:?}");
        assert!(configured.read(Kind::Company, &row).is_empty());
    }

    #[test]
    fn what_cannot_be_kept_equal_says_why() {
        let places = ["NAME", "LEAD_ID", "UF_CRM_TAGS", "UF_CRM_FILE", "UF_CRM_SEGMNT", "UF_CRM_UNKNOWN"];
        let configured = found(places.iter().map(|at| place("x", at)).collect());
        let faults: Vec<Fault> = configured.faults.into_iter().map(|(_, fault)| fault).collect();
        let expected = [
            Fault::Own,
            Fault::ReadOnly,
            Fault::Type("multiple".to_owned()),
            Fault::Type("file".to_owned()),
            Fault::Missing(Some("UF_CRM_SEGMENT".to_owned())),
            Fault::Missing(None),
        ];
        assert_eq!(faults, expected);
    }

    #[test]
    fn items_have_names_of_their_own_for_standard_fields() {
        assert_eq!(
            ["COMMENTS", "SOURCE_ID", "UF_CRM_VIP"].map(item_name),
            ["comments", "sourceId", "UF_CRM_VIP"]
        );
    }
}
