//! Names of one catalog of parties, and of what its objects are joined with.

use std::collections::BTreeMap;

use obmen_domain::party::{Field, PointKind};
use serde::Deserialize;

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
    /// The reference of a branch to its head office, where 1C itself writes the INN of the head into its branches.
    pub(crate) head: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) position: Option<String>,
    pub(crate) manager: Option<String>,
    pub(crate) inactive: Option<String>,
    pub(crate) access_group: Option<String>,
    /// Who entered an object, where its form cannot be saved without; a reference to users among others.
    pub(crate) author: Option<String>,
    /// Words of the configuration file, and the flag that each of them sets.
    #[serde(default)]
    pub(crate) roles: BTreeMap<String, String>,
    pub(crate) legal: Option<LegalSort>,
    pub(crate) owner: Option<Owner>,
    pub(crate) links: Option<Links>,
    pub(crate) part: Option<Part>,
    pub(crate) phones: Vec<NamedKind>,
    pub(crate) emails: Vec<NamedKind>,
    /// The contact kind of legal addresses.
    pub(crate) address: Option<String>,
    /// The contact kind of addresses of private persons.
    pub(crate) private_address: Option<String>,
    #[serde(default)]
    pub(crate) lengths: BTreeMap<Field, usize>,
    pub(crate) part_length: Option<usize>,
}

/// How organizations, sole proprietors and natural persons of one catalog are told apart.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LegalSort {
    pub(crate) attribute: String,
    /// The values of organizations; the first one is written.
    pub(crate) organizations: Vec<String>,
    pub(crate) person: String,
    /// The value of a sole proprietor, which may be that of a person or of an organization.
    pub(crate) entrepreneur: String,
    /// A flag of sole proprietors.
    pub(crate) flag: Option<String>,
    #[serde(default)]
    pub(crate) begins: Vec<String>,
    #[serde(default)]
    pub(crate) ends: Vec<String>,
}

/// The reference of a contact person to its company.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Owner {
    pub(crate) attribute: String,
    #[serde(default)]
    pub(crate) of: OwnerOf,
    /// The type of a composite reference.
    #[serde(rename = "type")]
    pub(crate) type_attribute: Option<String>,
    /// An attribute that says whose contact persons these are, and its value for those of counterparties.
    pub(crate) sort: Option<String>,
    #[serde(default)]
    pub(crate) sort_value: String,
}

/// What a contact person belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OwnerOf {
    /// A counterparty.
    #[default]
    Counterparty,
    /// The partner of counterparties.
    Partner,
}

/// The periodic register that joins contact persons with companies; the newest record of a pair counts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Links {
    pub(crate) set: String,
    pub(crate) period: String,
    pub(crate) person: String,
    pub(crate) company: String,
    pub(crate) position: Option<String>,
    /// A flag of links that hold no more.
    pub(crate) void: Option<String>,
    pub(crate) order: Option<String>,
}

/// The partner of a counterparty, a part of it: several counterparties may have one, and then it is that of the head.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
    pub(crate) reference: String,
    /// A flag of branches.
    pub(crate) branch: Option<String>,
    /// The predefined partner that stands for the company itself.
    #[serde(default)]
    pub(crate) own: String,
}

/// A predefined contact kind and what it means.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NamedKind {
    pub(crate) name: String,
    #[serde(rename = "as")]
    pub(crate) kind: PointKind,
}
