//! Business that stands on counterparties: contracts and documents.
//!
//! Which sets hold it is data of the profile; a set that is not published is not asked. Invariant: the contract that the
//! configuration itself gives to a new counterparty is no business.

use std::collections::BTreeMap;

use obmen_domain::record::RecordId;
use obmen_domain::stay::Tie;
use obmen_engine::ports::SideError;
use uuid::Uuid;

use super::Onec;
use crate::condition::Condition;
use crate::facts::Facts;
use crate::profile::{TieSet, TieSort};
use crate::wire::{DESCRIPTION, MARK, REF, flag, guid, text};

impl Onec {
    /// What stands on these records.
    pub(crate) async fn ties_of(
        &self,
        facts: &Facts,
        ids: &[RecordId],
    ) -> Result<BTreeMap<RecordId, Tie>, SideError> {
        let with_references = ids.iter().filter_map(|id| Some((Uuid::try_parse(&id.id).ok()?, id)));
        let wanted: BTreeMap<Uuid, &RecordId> = with_references.collect();
        let mut ties = BTreeMap::new();
        for names in &facts.ties {
            for owner in self.owners_in(names, wanted.keys()).await? {
                if let Some(id) = wanted.get(&owner) {
                    ties.entry((*id).clone()).or_insert(names.tie());
                }
            }
        }
        Ok(ties)
    }

    /// Which of these counterparties stand in a set.
    async fn owners_in(
        &self,
        names: &TieSet,
        owners: impl Iterator<Item = &Uuid>,
    ) -> Result<Vec<Uuid>, SideError> {
        let conditions: Vec<Condition> =
            owners.map(|owner| Condition::is_key(&names.owner, *owner)).collect();
        if conditions.is_empty() {
            return Ok(Vec::new());
        }
        let description = if names.automatic.is_some() { format!(",{DESCRIPTION}") } else { String::new() };
        let select = format!("{REF},{MARK},{}{description}", names.owner);
        let mut automatic: BTreeMap<Uuid, usize> = BTreeMap::new();
        let mut found = Vec::new();
        for object in self.rows_of_any(&names.set, &select, conditions).await? {
            let Some(owner) = guid(&object, &names.owner).filter(|_| !flag(&object, MARK)) else { continue };
            let is_automatic =
                names.automatic.as_ref().is_some_and(|name| text(&object, DESCRIPTION).starts_with(name));
            let count = automatic.entry(owner).or_default();
            if is_automatic && *count == 0 {
                *count += 1;
                continue;
            }
            found.push(owner);
        }
        Ok(found)
    }
}

impl TieSet {
    fn tie(&self) -> Tie {
        match self.sort {
            TieSort::Contract => Tie::Contract,
            TieSort::Document => Tie::Document,
        }
    }
}
