//! Names of what is no catalog of parties: contact information, kinds, attributes, users, countries, groups.

use serde::Deserialize;

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
    /// Since when a row is valid, where a kind keeps its history.
    pub(crate) since: Option<String>,
    pub(crate) phone_type: String,
    pub(crate) email_type: String,
    /// The type of addresses, where they take part.
    pub(crate) address_type: Option<String>,
    /// The column that names the country of an address.
    pub(crate) country: Option<String>,
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
    /// The set that an attribute belongs to.
    #[serde(default)]
    pub(crate) group: String,
    /// The catalogs of values that attributes choose from, each value of one attribute.
    #[serde(default)]
    pub(crate) values: Vec<String>,
    /// The attribute whose values another one chooses from.
    #[serde(default)]
    pub(crate) values_owner: String,
}

/// The catalog of users.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UsersSet {
    pub(crate) set: String,
    pub(crate) dismissed: String,
    pub(crate) service: String,
}

/// The catalog of those who answer for clients, where these are not the users, and the register that joins both.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ManagersSet {
    pub(crate) set: String,
    pub(crate) dismissed: String,
    /// The register.
    pub(crate) users: String,
    pub(crate) manager: String,
    pub(crate) user: String,
}

/// The catalog of countries.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CountriesSet {
    pub(crate) set: String,
    pub(crate) code: String,
}

/// The catalog of access groups, and the constant that says whether rights go by them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessGroups {
    pub(crate) set: String,
    pub(crate) switch: String,
}

/// The catalog of own staff: individuals in it are no customers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StaffSet {
    pub(crate) set: String,
    pub(crate) person: String,
}

/// A set whose objects belong to counterparties: one that has any is in use.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TieSet {
    pub(crate) set: String,
    /// The reference to the counterparty.
    pub(crate) owner: String,
    #[serde(rename = "as")]
    pub(crate) sort: TieSort,
    /// What the name of the one begins with that the configuration itself gives to each new counterparty.
    pub(crate) automatic: Option<String>,
}

/// What such objects are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TieSort {
    Contract,
    Document,
}
