//! Settings of the 1C side of one pair, as values.
//!
//! Not responsible for reading them from a file. Invariant: the password never appears in a debug print.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use obmen_domain::configured::Place;
use obmen_domain::create_rule::Wanted;
use obmen_domain::forms::phone::PhoneContext;
use obmen_domain::record::Catalog;

use crate::profile::Profile;

/// How to speak to one infobase.
#[derive(Clone)]
pub struct Settings {
    /// The pair's name; references of created objects are derived from it.
    pub pair: String,
    /// How the infobase is reached.
    pub way: Way,
    /// Address of the OData interface, as `https://host/base/odata/standard.odata`; of the publication itself where the
    /// extension is spoken to.
    pub url: String,
    /// Name of the infobase user.
    pub user: String,
    /// The user's password.
    pub password: Secret,
    /// Names of the configuration's catalogs and attributes.
    pub profile: Profile,
    /// Catalogs that take part as persons.
    pub persons: BTreeSet<Catalog>,
    /// How many requests may be under way at once.
    pub parallel: usize,
    /// Where the other side's id is kept.
    pub store_id: IdPlace,
    /// Name of that attribute.
    pub id_attribute: String,
    /// Name of the additional attribute that holds the responsible manager; empty for none.
    pub manager_attribute: String,
    /// Whether legal addresses are read and written.
    pub addresses: bool,
    /// Whether the counterparties of one partner are further requisites of one company.
    pub further_requisites: bool,
    /// Folder of new counterparties, by name or reference; empty for none.
    pub new_folder: String,
    /// Access group of new objects, by name or reference; empty for none.
    pub new_access_group: String,
    /// Roles of new counterparties, in the words of the profile; a profile without roles knows none.
    pub new_roles: Vec<String>,
    /// Attributes that conditions ask about, for which kinds.
    pub attributes: Wanted,
    /// Configured fields, by their names in 1C.
    pub places: Vec<Place>,
    /// How long a read may take; a write may take twice as long.
    pub request_seconds: u64,
    /// Whether what rights on records hide is left out of every read, instead of refusing the read as a whole.
    pub allowed_only: bool,
    /// The exchange plan by which changes are told, where there is one.
    pub exchange: Option<Exchange>,
    /// Where local phone numbers are dialled.
    pub phone_context: PhoneContext,
}

/// How an infobase is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By the standard OData interface.
    Odata,
    /// By the HTTP service of obmen's extension.
    Extension,
}

/// Where 1C keeps the other side's id of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdPlace {
    /// Nowhere.
    Nowhere,
    /// In an additional attribute.
    Attribute,
    /// In the extension's register of links.
    Register,
}

/// A node of an exchange plan that has no other reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The plan's name.
    pub plan: String,
    /// The node, by reference, code or name.
    pub node: String,
}

impl Exchange {
    /// The plan's entity set.
    pub(crate) fn set(&self) -> String {
        let name = self.plan.trim();
        let name =
            ["ExchangePlan_", "ПланОбмена."].iter().find_map(|kind| name.strip_prefix(kind)).unwrap_or(name);
        format!("ExchangePlan_{name}")
    }
}

impl Settings {
    pub(crate) fn read_timeout(&self) -> Duration {
        Duration::from_secs(self.request_seconds)
    }

    pub(crate) fn write_timeout(&self) -> Duration {
        Duration::from_secs(self.request_seconds.saturating_mul(2))
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("pair", &self.pair)
            .field("profile", &self.profile.name)
            .field("parallel", &self.parallel)
            .finish_non_exhaustive()
    }
}

/// A text that prints itself as nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a text into custody.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
