//! Profiles: the names that one configuration gives to catalogs, attributes, enumerations and contact kinds, as data.
//!
//! Not responsible for what an infobase really publishes: `connect` checks every name against its schema. Invariant:
//! outside a profile the code knows only names of the OData interface itself.

use std::collections::BTreeMap;

use obmen_domain::party::{Field, PointKind};
use obmen_domain::record::Catalog;
use serde::Deserialize;
use thiserror::Error;

/// The names of one configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// What the profile is called in the configuration file.
    pub name: String,
    pub(crate) page: usize,
    pub(crate) contact: ContactSection,
    pub(crate) kinds: KindsSet,
    pub(crate) attributes: AttributesSet,
    pub(crate) users: UsersSet,
    pub(crate) countries: CountriesSet,
    pub(crate) staff: StaffSet,
    pub(crate) counterparty: CatalogProfile,
    #[serde(rename = "contact-person")]
    pub(crate) contact_person: CatalogProfile,
    pub(crate) individual: CatalogProfile,
}

/// A profile's text cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProfileError {
    /// It is no valid profile; the parser's words name line and column.
    #[error("read the 1C profile: {0}")]
    Malformed(String),
    /// A page must have between 1 and 5000 rows.
    #[error("read the 1C profile: a page of {0} rows is not possible")]
    Page(usize),
}

impl Profile {
    /// The profile of «Бухгалтерия предприятия» 3.0.
    pub fn bp30() -> Self {
        Self::parse(include_str!("profiles/bp30.toml")).expect("the built-in profile is tested")
    }

    /// The built-in profile of this name.
    pub fn built_in(name: &str) -> Option<Self> {
        (name == "bp30").then(Self::bp30)
    }

    /// Reads a profile.
    ///
    /// # Errors
    ///
    /// When the text is no profile.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let profile: Self =
            toml::from_str(text).map_err(|error| ProfileError::Malformed(error.to_string()))?;
        if !(1..=5000).contains(&profile.page) {
            return Err(ProfileError::Page(profile.page));
        }
        Ok(profile)
    }

    /// The names of a catalog; `None` for a table of the other side.
    pub(crate) fn catalog(&self, catalog: Catalog) -> Option<&CatalogProfile> {
        match catalog {
            Catalog::Bitrix24 => None,
            Catalog::Counterparty => Some(&self.counterparty),
            Catalog::ContactPerson => Some(&self.contact_person),
            Catalog::Individual => Some(&self.individual),
        }
    }

    /// Whether the schema of this entity or row type is worth keeping.
    pub(crate) fn mentions(&self, type_name: &str) -> bool {
        let catalogs = [&self.counterparty.set, &self.contact_person.set, &self.individual.set];
        let others = [
            &self.kinds.set,
            &self.attributes.set,
            &self.attributes.groups,
            &self.users.set,
            &self.countries.set,
            &self.staff.set,
        ];
        let root = type_name.strip_suffix("_RowType").unwrap_or(type_name);
        catalogs.into_iter().chain(others).any(|set| {
            root.strip_prefix(set.as_str()).is_some_and(|rest| {
                let section = rest.strip_prefix('_');
                rest.is_empty()
                    || section == Some(self.contact.section.as_str())
                    || section == Some(self.attributes.section.as_str())
            })
        })
    }
}

/// The tabular section of phones and mailboxes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactSection {
    pub(crate) section: String,
    #[serde(rename = "type")]
    pub(crate) sort: String,
    pub(crate) kind: String,
    pub(crate) text: String,
    pub(crate) value: String,
    pub(crate) legacy_value: String,
    pub(crate) email: String,
    pub(crate) email_domain: String,
    pub(crate) phone: String,
    pub(crate) phone_short: String,
    pub(crate) phone_type: String,
    pub(crate) email_type: String,
    pub(crate) text_length: usize,
    pub(crate) phone_length: usize,
    pub(crate) email_length: usize,
}

/// The catalog of contact kinds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KindsSet {
    pub(crate) set: String,
    #[serde(rename = "type")]
    pub(crate) sort: String,
    pub(crate) name: String,
    pub(crate) used: String,
    pub(crate) several: String,
}

/// Additional attributes: the chart that defines them and the tabular section that holds their values.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AttributesSet {
    pub(crate) set: String,
    pub(crate) groups: String,
    pub(crate) section: String,
    pub(crate) property: String,
    pub(crate) value: String,
    pub(crate) value_type: String,
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) aside: String,
}

/// The catalog of users.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UsersSet {
    pub(crate) set: String,
    pub(crate) dismissed: String,
    pub(crate) service: String,
}

/// The catalog of countries.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CountriesSet {
    pub(crate) set: String,
    pub(crate) code: String,
}

/// The catalog of own staff: individuals in it are no customers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StaffSet {
    pub(crate) set: String,
    pub(crate) person: String,
}

/// One catalog of parties.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CatalogProfile {
    pub(crate) set: String,
    pub(crate) kinds_group: String,
    pub(crate) full_name: Option<String>,
    pub(crate) whole_name: Option<String>,
    pub(crate) family: Option<String>,
    pub(crate) first: Option<String>,
    pub(crate) patronymic: Option<String>,
    pub(crate) inn: Option<String>,
    pub(crate) kpp: Option<String>,
    pub(crate) ogrn: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) position: Option<String>,
    pub(crate) legal: Option<LegalSort>,
    pub(crate) owner: Option<Owner>,
    pub(crate) phones: Vec<NamedKind>,
    pub(crate) emails: Vec<NamedKind>,
    #[serde(default)]
    pub(crate) lengths: BTreeMap<Field, usize>,
    pub(crate) part_length: Option<usize>,
}

/// How organizations, sole proprietors and natural persons of one catalog are told apart.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LegalSort {
    pub(crate) attribute: String,
    pub(crate) organization: String,
    pub(crate) person: String,
    pub(crate) entrepreneur: Option<String>,
    pub(crate) begins: Vec<String>,
    pub(crate) ends: Vec<String>,
}

/// The composite reference of a contact person to its company.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Owner {
    pub(crate) attribute: String,
    #[serde(rename = "type")]
    pub(crate) type_attribute: String,
    pub(crate) sort: Option<String>,
    pub(crate) sort_value: String,
}

/// A predefined contact kind and what it means.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NamedKind {
    pub(crate) name: String,
    #[serde(rename = "as")]
    pub(crate) kind: PointKind,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_profile_is_a_profile() {
        let profile = Profile::built_in("bp30").unwrap();
        assert_eq!(profile.name, "bp30");
        assert_eq!(profile.counterparty.lengths[&Field::LegalName], 550);
        assert_eq!(profile.contact_person.phones[0].kind, PointKind::Mobile);
        assert!(Profile::built_in("ut11").is_none());
    }

    #[test]
    fn only_types_of_the_profile_are_worth_keeping() {
        let profile = Profile::bp30();
        for wanted in ["Catalog_Контрагенты", "Catalog_КонтактныеЛица_КонтактнаяИнформация_RowType"]
        {
            assert!(profile.mentions(wanted), "{wanted}");
        }
        for other in ["Catalog_КонтрагентыПрочие", "Catalog_Контрагенты_ИсторияКПП_RowType", "Document_Счет"]
        {
            assert!(!profile.mentions(other), "{other}");
        }
    }

    #[test]
    fn an_unknown_key_of_a_profile_is_refused_with_its_place() {
        let text = include_str!("profiles/bp30.toml").replace("page = 1000", "page = 1000\npages = 3");
        let error = Profile::parse(&text).unwrap_err();
        assert!(error.to_string().contains("pages"), "{error}");
        let text = include_str!("profiles/bp30.toml").replace("page = 1000", "page = 0");
        assert_eq!(Profile::parse(&text), Err(ProfileError::Page(0)));
    }
}
