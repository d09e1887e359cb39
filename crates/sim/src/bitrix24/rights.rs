//! What the calling user may see and change.
//!
//! An administrator may do everything. Anybody else has a reach for reading and one for writing, for contacts and
//! for companies; the right to a requisite, and to what hangs on it, is the right to its owner. Rows beyond the reach are absent from lists
//! and their totals, without a word. Not responsible for methods that ask for an administrator.

use std::str::FromStr;

use serde::{Deserialize, Deserializer};

use super::crm::Crm;
use super::filter::Filter;
use super::list::{Page, Shown, Start, find_page};
use super::methods::{Call, Refusal};
use super::php::Php;
use super::plan::named;
use super::schema::{Column, Kind};
use super::table::Record;

/// How far a right goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// All records.
    #[default]
    All,
    /// Records whose responsible person the user is.
    Own,
    /// No record.
    #[serde(rename = "none")]
    Nothing,
}

/// Rights on one kind of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KindRights {
    /// Which records are seen.
    pub read: Reach,
    /// Which records are added, changed and deleted.
    pub write: Reach,
}

impl FromStr for KindRights {
    type Err = String;

    /// `own` for both, or `all/own` for reading and writing.
    fn from_str(text: &str) -> Result<Self, String> {
        let (read, write) = text.split_once('/').unwrap_or((text, text));
        Ok(Self { read: named(read)?, write: named(write)? })
    }
}

impl<'de> Deserialize<'de> for KindRights {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Rights of a user who is no administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rights {
    /// On contacts and their requisites.
    pub contacts: KindRights,
    /// On companies and their requisites.
    pub companies: KindRights,
}

/// What is to be done with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Read,
    Write,
}

/// The sight of one user, for lists.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sight {
    user: u64,
    /// Nothing for an administrator.
    rights: Option<Rights>,
}

impl Sight {
    /// Whether every record of a kind is seen.
    pub(crate) fn is_whole(self, kind: Kind) -> bool {
        self.rights.is_none_or(|rights| match kind {
            Kind::Contact => rights.contacts.read == Reach::All,
            Kind::Company => rights.companies.read == Reach::All,
            _ => rights.contacts.read == Reach::All && rights.companies.read == Reach::All,
        })
    }

    /// Whether a record is within the user's reach.
    pub(crate) fn allows(self, deed: Deed, crm: &Crm, kind: Kind, record: &Record) -> bool {
        let Some(rights) = self.rights else { return true };
        let on = match kind {
            Kind::Contact => rights.contacts,
            Kind::Company => rights.companies,
            _ => {
                let owner = record.text("ENTITY_ID").parse().unwrap_or(0);
                let of = [Kind::Contact, Kind::Company, Kind::Requisite]
                    .into_iter()
                    .find(|of| record.text("ENTITY_TYPE_ID") == of.type_id())
                    .unwrap_or(Kind::Company);
                return crm.table(of).get(owner).is_some_and(|owner| self.allows(deed, crm, of, owner));
            }
        };
        let reach = if deed == Deed::Read { on.read } else { on.write };
        match reach {
            Reach::All => true,
            Reach::Own => record.text("ASSIGNED_BY_ID") == self.user.to_string(),
            Reach::Nothing => false,
        }
    }
}

impl Call<'_> {
    /// What the calling user sees.
    pub(crate) fn sight(&self) -> Sight {
        let user = self.caller.user;
        Sight { user, rights: (!self.settings.is_admin(user)).then_some(self.settings.rights) }
    }

    /// Finds a page of what the calling user sees.
    pub(crate) fn page(
        &self,
        kind: Kind,
        filter: &Filter,
        order: &[(Column, bool)],
        start: Start,
        only_category_0: bool,
    ) -> Page {
        let sight = self.sight();
        let allowed = |record: &Record| sight.allows(Deed::Read, self.crm, kind, record);
        let allowed: Option<&dyn Fn(&Record) -> bool> = (!sight.is_whole(kind)).then_some(&allowed);
        let shown = Shown { only_category_0, allowed };
        find_page(self.crm.table(kind), filter, order, start, self.settings.offset, shown)
    }

    /// Whether the calling user may do this to a record; a missing one is nobody's.
    pub(crate) fn may(&self, deed: Deed, kind: Kind, id: u64) -> bool {
        let record = self.crm.table(kind).get(id);
        record.is_none_or(|record| self.sight().allows(deed, self.crm, kind, record))
    }

    /// Whether the calling user may add a record with these fields: for somebody else only if all are written.
    pub(crate) fn may_add(&self, kind: Kind, fields: &Php) -> bool {
        let Some(rights) = self.sight().rights else { return true };
        let on = if kind == Kind::Contact { rights.contacts } else { rights.companies };
        let responsible = fields.get("ASSIGNED_BY_ID").map_or(0, Php::as_int);
        match on.write {
            Reach::All => true,
            Reach::Own => responsible == 0 || responsible.to_string() == self.caller.user.to_string(),
            Reach::Nothing => false,
        }
    }

    /// What stands against a deed, as classic methods say it.
    pub(crate) fn check(&self, deed: Deed, kind: Kind, id: u64) -> Result<(), Refusal> {
        if self.may(deed, kind, id) { Ok(()) } else { Err(access_denied()) }
    }
}

/// How classic methods refuse what a user has no right to.
pub(crate) fn access_denied() -> Refusal {
    Refusal::business("", "Access denied.")
}
