//! Profiles: the names that one configuration gives to catalogs, attributes, enumerations and contact kinds, as data.
//!
//! Not responsible for what an infobase really publishes: `connect` checks every name against its schema. Invariant:
//! outside a profile the code knows only names of the OData interface itself.

mod catalog;
mod sets;

use obmen_domain::record::Catalog;
use serde::Deserialize;
use thiserror::Error;

pub(crate) use catalog::{CatalogProfile, LegalSort, Links, NamedKind, OwnerOf, Part};
use sets::{AccessGroups, CountriesSet, KindsSet, StaffSet, UsersSet};
pub(crate) use sets::{AttributesSet, ContactSection, ManagersSet, TieSet, TieSort};

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
    pub(crate) staff: Option<StaffSet>,
    pub(crate) managers: Option<ManagersSet>,
    #[serde(rename = "access-groups")]
    pub(crate) access_groups: Option<AccessGroups>,
    pub(crate) counterparty: CatalogProfile,
    pub(crate) partner: Option<CatalogProfile>,
    #[serde(rename = "contact-person")]
    pub(crate) contact_person: CatalogProfile,
    pub(crate) individual: CatalogProfile,
    #[serde(default)]
    pub(crate) ties: Vec<TieSet>,
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
    /// Counterparties have a partner exactly where the profile has a catalog of partners.
    #[error("read the 1C profile: [partner] and [counterparty.part] belong together")]
    Partner,
}

impl Profile {
    /// The profile of «Бухгалтерия предприятия» 3.0.
    pub fn bp30() -> Self {
        Self::parse(include_str!("profiles/bp30.toml")).expect("the built-in profile is tested")
    }

    /// The profile of «Управление торговлей» 11.
    pub fn ut11() -> Self {
        Self::parse(include_str!("profiles/ut11.toml")).expect("the built-in profile is tested")
    }

    /// The profile of «Управление нашей фирмой».
    pub fn unf() -> Self {
        Self::parse(include_str!("profiles/unf.toml")).expect("the built-in profile is tested")
    }

    /// The built-in profile of this name.
    pub fn built_in(name: &str) -> Option<Self> {
        match name {
            "bp30" => Some(Self::bp30()),
            "ut11" => Some(Self::ut11()),
            "unf" => Some(Self::unf()),
            _ => None,
        }
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
        if profile.partner.is_some() != profile.counterparty.part.is_some() {
            return Err(ProfileError::Partner);
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

    /// What the contract is called that the configuration itself gives to each new counterparty; `None` where the profile
    /// knows of none.
    pub fn own_contract(&self) -> Option<&str> {
        let contracts = self.ties.iter().filter(|ties| ties.sort == TieSort::Contract);
        contracts.filter_map(|ties| ties.automatic.as_deref()).next()
    }

    /// Whether a client's manager stands in an attribute of the configuration itself.
    pub(crate) fn has_managers(&self) -> bool {
        self.counterparty.manager.is_some()
            || self.partner.as_ref().is_some_and(|names| names.manager.is_some())
    }

    /// Whether the schema of this entity or row type is worth keeping.
    pub(crate) fn mentions(&self, type_name: &str) -> bool {
        let catalogs = [
            Some(&self.counterparty),
            self.partner.as_ref(),
            Some(&self.contact_person),
            Some(&self.individual),
        ];
        let sets = catalogs.into_iter().flatten().map(|names| &names.set);
        let others = [
            &self.kinds.set,
            &self.attributes.set,
            &self.attributes.groups,
            &self.users.set,
            &self.countries.set,
        ];
        let optional = [
            self.staff.as_ref().map(|staff| &staff.set),
            self.managers.as_ref().map(|managers| &managers.set),
            self.managers.as_ref().map(|managers| &managers.users),
            self.access_groups.as_ref().map(|groups| &groups.set),
            self.access_groups.as_ref().map(|groups| &groups.switch),
            self.contact_person.links.as_ref().map(|links| &links.set),
        ];
        let root = type_name.strip_suffix("_RowType").unwrap_or(type_name);
        let ties = self.ties.iter().map(|names| &names.set);
        let lists = &self.attributes.values;
        sets.chain(others).chain(lists).chain(ties).chain(optional.into_iter().flatten()).any(|set| {
            root.strip_prefix(set.as_str()).is_some_and(|rest| {
                let section = rest.strip_prefix('_');
                rest.is_empty()
                    || section == Some(self.contact.section.as_str())
                    || section == Some(self.attributes.section.as_str())
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use obmen_domain::party::{Field, PointKind};

    use super::*;

    #[test]
    fn every_built_in_profile_is_a_profile_of_its_name() {
        for name in ["bp30", "ut11", "unf"] {
            assert_eq!(Profile::built_in(name).unwrap().name, name);
        }
        assert!(Profile::built_in("rt23").is_none());
        let profile = Profile::bp30();
        assert_eq!(profile.counterparty.lengths[&Field::LegalName], 550);
        assert_eq!(profile.contact_person.phones[0].kind, PointKind::Mobile);
    }

    #[test]
    fn only_one_configuration_gives_a_contract_to_a_new_counterparty() {
        let own = ["bp30", "ut11", "unf"].map(|name| Profile::built_in(name).unwrap());
        assert_eq!(own.each_ref().map(Profile::own_contract), [None, None, Some("Основной договор")]);
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
        assert!(Profile::ut11().mentions("Catalog_Партнеры_КонтактнаяИнформация_RowType"));
        assert!(Profile::unf().mentions("InformationRegister_СвязиКонтрагентКонтакт"));
    }

    #[test]
    fn an_unknown_key_of_a_profile_is_refused_with_its_place() {
        let text = include_str!("profiles/bp30.toml").replace("page = 1000", "page = 1000\npages = 3");
        let error = Profile::parse(&text).unwrap_err();
        assert!(error.to_string().contains("pages"), "{error}");
        let text = include_str!("profiles/bp30.toml").replace("page = 1000", "page = 0");
        assert_eq!(Profile::parse(&text), Err(ProfileError::Page(0)));
    }

    #[test]
    fn a_reference_to_partners_wants_a_catalog_of_partners() {
        let text = include_str!("profiles/bp30.toml").to_owned()
            + "[counterparty.part]\nreference = \"Партнер_Key\"\n";
        assert_eq!(Profile::parse(&text), Err(ProfileError::Partner));
    }
}
