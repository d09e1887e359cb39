//! The requisite of a company or contact: where tax numbers are written.
//!
//! Not responsible for which numbers are right. Invariant: the registration number stands in one field, the one its
//! kind of party has.

use obmen_domain::forms::tax::Ogrn;
use obmen_domain::party::{Field, Organization, Party};
use obmen_domain::record::Kind;
use serde_json::{Map, Value, json};

use crate::call::Command;
use crate::portal::Portal;
use crate::read::type_id;

/// Texts of the fields that live in requisites.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Numbers {
    pub(crate) inn: Option<String>,
    pub(crate) kpp: Option<String>,
    pub(crate) ogrn: Option<String>,
    pub(crate) legal_name: Option<String>,
    /// The 1C reference, as the requisite's external key.
    pub(crate) mark: Option<String>,
}

impl Numbers {
    /// What a party has.
    pub(crate) fn of(party: &Party) -> Self {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.trim().is_empty());
        match party {
            Party::Person(person) => Self { inn: some(&person.inn), ..Self::default() },
            Party::Organization(organization) => Self {
                inn: some(&organization.inn),
                kpp: some(&organization.kpp),
                ogrn: some(&organization.ogrn),
                legal_name: some(&organization.legal_name),
                mark: None,
            },
        }
    }

    /// Takes a changed field in; says whether it belongs here.
    pub(crate) fn set(&mut self, field: Field, text: &str) -> bool {
        let slot = match field {
            Field::Inn => &mut self.inn,
            Field::Kpp => &mut self.kpp,
            Field::Ogrn => &mut self.ogrn,
            Field::LegalName => &mut self.legal_name,
            _ => return false,
        };
        *slot = Some(text.to_owned());
        true
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn fields(&self, entrepreneur: bool) -> Map<String, Value> {
        let number_field = if entrepreneur { "RQ_OGRNIP" } else { "RQ_OGRN" };
        let texts = [
            ("RQ_INN", &self.inn),
            ("RQ_KPP", &self.kpp),
            (number_field, &self.ogrn),
            ("RQ_COMPANY_FULL_NAME", &self.legal_name),
            ("XML_ID", &self.mark),
        ];
        let present = texts.into_iter().filter_map(|(name, text)| Some((name, text.as_ref()?)));
        present.map(|(name, text)| (name.to_owned(), json!(text))).collect()
    }
}

/// A new requisite of a record; `None` where the portal has no preset for it. One of a person that is to say nothing itself
/// carries an address alone, and the card does not show it as a requisite.
pub(crate) fn add(
    kind: Kind,
    owner: &str,
    party: &Party,
    numbers: &Numbers,
    mark: &str,
    portal: &Portal,
) -> Option<Command> {
    let entrepreneur = is_entrepreneur(party);
    let presets = &portal.presets;
    let preset = match party {
        Party::Person(_) => presets.person.as_ref(),
        Party::Organization(_) if entrepreneur => presets.entrepreneur.as_ref(),
        Party::Organization(_) => None,
    };
    let preset = preset.or(presets.company.as_ref())?;
    let name = party.display_name();
    let mut fields = numbers.fields(entrepreneur);
    fields.insert("ENTITY_TYPE_ID".to_owned(), json!(type_id(kind)));
    fields.insert("ENTITY_ID".to_owned(), json!(owner));
    fields.insert("PRESET_ID".to_owned(), json!(preset));
    fields.insert("NAME".to_owned(), json!(if name.trim().is_empty() { owner } else { &name }));
    if !mark.is_empty() {
        fields.insert("XML_ID".to_owned(), json!(mark));
    }
    match party {
        Party::Organization(_) => {
            fields.insert("RQ_COMPANY_NAME".to_owned(), json!(name));
        }
        Party::Person(_) if numbers.is_empty() => {
            fields.insert("ADDRESS_ONLY".to_owned(), json!("Y"));
        }
        Party::Person(_) => {}
    }
    Some(Command::new("crm.requisite.add", json!({ "fields": fields })))
}

/// A change of a requisite.
pub(crate) fn update(id: &str, numbers: &Numbers, entrepreneur: bool) -> Command {
    Command::new("crm.requisite.update", json!({"id": id, "fields": numbers.fields(entrepreneur)}))
}

fn is_entrepreneur(party: &Party) -> bool {
    match party {
        Party::Person(_) => false,
        Party::Organization(Organization { entrepreneur, ogrn, .. }) => {
            *entrepreneur || Ogrn::parse(ogrn).is_some_and(|ogrn| ogrn.is_entrepreneur())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tests::portal;

    #[test]
    fn an_entrepreneur_has_a_preset_and_a_number_field_of_its_own() {
        let organization = Organization {
            title: "ИП Белова".to_owned(),
            entrepreneur: true,
            inn: "500100732259".to_owned(),
            ogrn: "304500116000157".to_owned(),
            ..Organization::default()
        };
        let party = Party::Organization(organization);
        let command = add(Kind::Company, "12", &party, &Numbers::of(&party), "6f0e", &portal()).unwrap();
        let fields = &command.params["fields"];
        assert_eq!(fields["PRESET_ID"], "2");
        assert_eq!(fields["RQ_OGRNIP"], "304500116000157");
        assert_eq!(fields["ENTITY_TYPE_ID"], 4);
        assert_eq!(fields["XML_ID"], "6f0e");
        assert!(fields.get("RQ_KPP").is_none());
    }

    #[test]
    fn a_change_names_only_its_fields() {
        let mut numbers = Numbers::default();
        assert!(numbers.set(Field::Kpp, ""));
        assert!(!numbers.set(Field::Phone, "1"));
        assert_eq!(update("3", &numbers, false).params, json!({"id": "3", "fields": {"RQ_KPP": ""}}));
    }
}
