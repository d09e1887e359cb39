//! What the interface lets its user see and do: the composition, rights to sets, rights to rows.
//!
//! Not responsible for who the user is (see `gate`). Invariant: what is not opened can neither be addressed nor
//! walked into, and a row that the user may not see is in no answer.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::error::Refusal;
use super::filter::{Expr, Scope, matches, parse};
use super::objects::{Base, Object};
use super::schema::{Configuration, EntitySet, Nature};
use super::settings::{Composition, Right, Settings, UnknownField};

static WHOLE: Composition = Composition::Whole;

/// A configuration as the interface shows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Opened<'c> {
    pub(crate) configuration: &'static Configuration,
    composition: &'c Composition,
}

impl Opened<'_> {
    /// A configuration of which nothing is closed.
    pub(crate) fn whole(configuration: &'static Configuration) -> Self {
        Self { configuration, composition: &WHOLE }
    }

    /// The set of this name, if it is opened.
    pub(crate) fn set(&self, name: &str) -> Option<&'static EntitySet> {
        if self.shows(name) { self.configuration.set(name) } else { None }
    }

    pub(crate) fn shows(&self, name: &str) -> bool {
        self.composition.contains(name)
    }
}

/// The rights of the user, ready to be asked.
#[derive(Debug)]
pub(crate) struct Access<'s> {
    settings: &'s Settings,
    configuration: &'static Configuration,
    /// By set: what a row must be like to be seen. One that cannot be read shows nothing.
    rows: BTreeMap<&'s str, Option<Expr>>,
}

impl<'s> Access<'s> {
    pub(crate) fn of(configuration: &'static Configuration, settings: &'s Settings) -> Self {
        let read = |(set, condition): (&'s String, &'s String)| {
            (set.as_str(), condition_of(configuration, set, condition).ok())
        };
        let rows = settings.rights.rows.iter().map(read).collect();
        Self { settings, configuration, rows }
    }

    pub(crate) fn opened(&self) -> Opened<'s> {
        Opened { configuration: self.configuration, composition: &self.settings.composition }
    }

    /// Whether a name that no set of the schema has in a query is an error.
    pub(crate) fn refuses_unknown_fields(&self) -> bool {
        self.settings.unknown_field == UnknownField::Refused
    }

    /// Refuses what the user has no right to do with a set at all.
    pub(crate) fn check(&self, right: Right, set: &EntitySet) -> Result<(), Refusal> {
        if self.may(right, set) { Ok(()) } else { Err(Refusal::denied()) }
    }

    pub(crate) fn may(&self, right: Right, set: &EntitySet) -> bool {
        let lacking = self.settings.rights.lacking.get(owner_of(set));
        !lacking.is_some_and(|lacking| lacking.contains(&right))
    }

    /// Whether every row of the set may be seen.
    pub(crate) fn shows_all(&self, set: &EntitySet) -> bool {
        self.settings.rights.hidden.is_empty() && !self.rows.contains_key(owner_of(set))
    }

    /// Whether the row may be seen. Rows of a tabular section are seen with their owner.
    pub(crate) fn shows(&self, base: &Base, set: &EntitySet, key: Uuid, row: &Object) -> bool {
        if self.shows_all(set) {
            return true;
        }
        if self.settings.rights.hidden.contains(&key) {
            return false;
        }
        let owner = owner_of(set);
        let row = if owner == set.name { Some(row) } else { base.object(owner, key) };
        match (self.rows.get(owner), row) {
            (None, _) => true,
            (Some(Some(condition)), Some(row)) => matches(condition, &Scope { base, row, outer: None }),
            (Some(_), _) => false,
        }
    }
}

/// Reads what a row of the set must be like to be seen.
pub(crate) fn condition_of(
    configuration: &'static Configuration,
    set: &str,
    condition: &str,
) -> Result<Expr, Refusal> {
    let set = configuration.set(set).ok_or_else(|| Refusal::no_set(set))?;
    parse(Opened::whole(configuration), set, condition)
}

/// Rights are given to catalogs and registers; tabular sections share those of their owner.
fn owner_of(set: &EntitySet) -> &'static str {
    match set.nature {
        Nature::Rows { owner, .. } => owner,
        _ => set.name,
    }
}
