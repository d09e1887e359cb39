//! `[[pair]]`: one portal joined to one infobase, with its own rules.

use std::collections::BTreeSet;

use obmen_domain::configured::Place;
use obmen_domain::forms::phone::{InvalidPhoneContext, PhoneContext};
use obmen_domain::party::UserId;
use obmen_domain::record::{Catalog, Side};
use obmen_domain::rules::{Direction, Managers, NewPersons, OnDelete, Preference, Rules};
use serde::Deserialize;

use super::bitrix24::Bitrix24Config;
use super::complaint::Complaints;
use super::configured::{self, ConfiguredConfig};
use super::create::CreateConfig;
use super::fields::FieldsConfig;
use super::managers::ManagersConfig;
use super::onec::{OnecConfig, StoreId};

/// The section.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PairConfig {
    /// The pair's name; it is part of what obmen writes into records it creates.
    #[serde(default = "default_name")]
    pub(crate) name: String,
    /// Which way values travel.
    #[serde(default)]
    pub(crate) direction: Direction,
    /// What to do where both sides changed a field.
    #[serde(default)]
    pub(crate) on_conflict: Preference,
    /// What a deletion leads to.
    #[serde(default)]
    pub(crate) on_delete: OnDelete,
    /// The 1C catalogs that take part as persons.
    #[serde(default = "default_persons")]
    pub(crate) persons: BTreeSet<PersonCatalog>,
    /// Where new persons are created in 1C.
    #[serde(default)]
    pub(crate) new_persons: NewPersons,
    /// The country of phone numbers without a country code.
    #[serde(default = "default_country")]
    pub(crate) default_country: String,
    /// The area code of local phone numbers.
    #[serde(default)]
    pub(crate) area_code: String,
    /// How long a record must be quiet before it is looked at.
    #[serde(default = "default_settle_seconds")]
    pub(crate) settle_seconds: u32,
    /// What is created.
    #[serde(default)]
    pub(crate) create: CreateConfig,
    /// Which requisites of a company take part.
    #[serde(default)]
    requisites: Requisites,
    /// The portal.
    pub(crate) bitrix24: Bitrix24Config,
    /// The infobase.
    pub(crate) onec: OnecConfig,
    /// Who answers for whom.
    #[serde(default)]
    pub(crate) managers: ManagersConfig,
    /// Rules of single fields.
    #[serde(default)]
    pub(crate) fields: FieldsConfig,
    /// Fields that are kept equal besides.
    #[serde(default, rename = "field")]
    pub(crate) configured: Vec<ConfiguredConfig>,
}

/// Which requisites of a company take part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Requisites {
    /// The one that counts, as part of the company.
    #[default]
    Main,
    /// Each further one too, as a counterparty of its own.
    All,
}

/// A 1C catalog that may hold persons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PersonCatalog {
    /// `Контрагенты`.
    Counterparty,
    /// `КонтактныеЛица`.
    ContactPerson,
    /// `ФизическиеЛица`.
    Individual,
}

impl PairConfig {
    /// The rules of the pair. Managers of the table are paired later, when the users of both sides are known.
    pub(crate) fn rules(&self, partial_rights: bool) -> Rules {
        let mut managers = Managers::default();
        managers.fallback_bitrix24 = self.managers.fallback_bitrix24().map(|id| UserId(id.to_owned()));
        let mut rules = Rules {
            direction: self.direction,
            on_conflict: self.on_conflict,
            on_delete: self.on_delete,
            persons: self.persons.iter().map(|catalog| catalog.catalog()).collect(),
            new_persons: self.new_persons,
            create_in_onec: self.create.in_onec(),
            create_in_bitrix24: self.create.in_bitrix24(),
            linked: self.create.linked,
            managers,
            store_id_in_onec: self.onec.store_id() != StoreId::None,
            partial_rights,
            ..Rules::default()
        };
        for field in self.all_configured() {
            rules.configured.extend(field.rules());
            rules.fields.extend(field.rule(&rules));
        }
        rules.fields.extend(self.fields.rules(&rules));
        rules
    }

    /// Where a side keeps configured fields.
    pub(crate) fn places(&self, side: Side) -> Vec<Place> {
        self.all_configured().flat_map(|field| field.places(side)).collect()
    }

    fn all_configured(&self) -> impl Iterator<Item = &ConfiguredConfig> {
        configured::all(&self.configured, self.on_delete)
    }

    /// Whether further requisites of a company are counterparties of their own.
    pub(crate) fn has_further_requisites(&self) -> bool {
        self.requisites == Requisites::All
    }

    /// Where numbers without a country code were typed; `None` only for values that [`PairConfig::validate`] refuses.
    pub(crate) fn phone_context(&self) -> Option<PhoneContext> {
        PhoneContext::new(&self.default_country, Some(&self.area_code)).ok()
    }

    pub(crate) fn validate(&self, path: &str, complaints: &mut Complaints) {
        let mut complain = |key: &str, id: &'static str, value: &str| {
            complaints.add(format!("{path}/{key}"), id, vec![("value", value.to_owned())]);
        };
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        if self.name.is_empty() || self.name.len() > 40 || !self.name.chars().all(plain) {
            complain("name", "config-pair-name", &self.name);
        }
        if self.persons.is_empty() {
            complain("persons", "config-persons-empty", "");
        }
        if self.new_persons == NewPersons::Individual && !self.persons.contains(&PersonCatalog::Individual) {
            complain("new_persons", "config-new-persons", "individual");
        }
        match PhoneContext::new(&self.default_country, Some(&self.area_code)) {
            Ok(_) => {}
            Err(InvalidPhoneContext::Country(country)) => {
                complain("default_country", "config-country", &country)
            }
            Err(InvalidPhoneContext::AreaCode(code)) => complain("area_code", "config-area-code", &code),
        }
        if self.settle_seconds > 3600 {
            complain("settle_seconds", "config-settle", &self.settle_seconds.to_string());
        }
        self.create.validate(&format!("{path}/create"), complaints);
        self.bitrix24.validate(&format!("{path}/bitrix24"), complaints);
        self.onec.validate(&format!("{path}/onec"), complaints);
        self.managers.validate(&format!("{path}/managers"), complaints);
        self.fields.validate(&self.configured, &format!("{path}/fields"), complaints);
        configured::validate(&self.configured, &format!("{path}/field"), complaints);
    }
}

impl PersonCatalog {
    fn catalog(self) -> Catalog {
        match self {
            Self::Counterparty => Catalog::Counterparty,
            Self::ContactPerson => Catalog::ContactPerson,
            Self::Individual => Catalog::Individual,
        }
    }
}

fn default_name() -> String {
    "main".to_owned()
}

fn default_persons() -> BTreeSet<PersonCatalog> {
    BTreeSet::from([PersonCatalog::Counterparty, PersonCatalog::ContactPerson])
}

fn default_country() -> String {
    "RU".to_owned()
}

fn default_settle_seconds() -> u32 {
    2
}
