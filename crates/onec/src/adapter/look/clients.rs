//! The counterparties of partners, and which of them a partner is a part of.
//!
//! Invariant: a partner is a part of one counterparty at most, so that nothing is written to it from two records, and stays with
//! it.

use std::collections::{BTreeMap, BTreeSet};

use obmen_engine::ports::SideError;
use uuid::Uuid;

use super::completion::{light_select, place_of};
use crate::adapter::Onec;
use crate::condition::{Condition, by_reference};
use crate::facts::{Facts, Table};
use crate::odata::Object;
use crate::read;
use crate::wire::{MARK, REF, flag, guid, text};

/// Counterparties by their partners.
type Clients = BTreeMap<Uuid, Vec<Uuid>>;

impl Onec {
    /// The counterparties of these partners, the main one first: the head office, a living one, the one that was chosen. Where
    /// they are requisites of one company, the one that is linked with the company comes before all: a further one that is
    /// made beside it does not take its partner away.
    pub(crate) async fn clients_of(
        &self,
        facts: &Facts,
        partners: &BTreeSet<Uuid>,
    ) -> Result<Clients, SideError> {
        let (mut clients, mut alike) = (Clients::new(), Clients::new());
        let Some((table, part)) =
            facts.counterparties().and_then(|table| Some((table, table.names.part.as_ref()?)))
        else {
            return Ok(clients);
        };
        let condition = |partner: &Uuid| Condition::is_key(&part.reference, *partner);
        let conditions = partners.iter().map(condition).collect();
        let has_further = self.settings.further_requisites;
        let select = if has_further { table.select.clone() } else { light_select(table) };
        let mut objects = self.rows_of_any(&table.names.set, &select, conditions).await?;
        let reading = self.reading(facts);
        let rank = |object: &Object| has_further.then(|| rank_of(read::mutual_id(reading, table, object)));
        let is_branch = |object: &Object| part.branch.as_ref().is_some_and(|name| flag(object, name));
        objects.sort_by_cached_key(|object| {
            (rank(object), is_branch(object), flag(object, MARK), text(object, REF).to_owned())
        });
        for object in objects {
            if let (Some(reference), Some(partner)) = (guid(&object, REF), guid(&object, &part.reference)) {
                self.places.learn_one(reference, place_of(table, &object));
                clients.entry(partner).or_default().push(reference);
                if !is_branch(&object) && !flag(&object, MARK) {
                    alike.entry(partner).or_default().push(reference);
                }
            }
        }
        if !has_further {
            self.put_mains_first(facts, table, alike, &mut clients).await?;
        }
        Ok(clients)
    }

    /// Of several living head offices one is chosen for good: the only one that is linked, else the first by reference.
    async fn put_mains_first(
        &self,
        facts: &Facts,
        table: &Table,
        mut alike: Clients,
        clients: &mut Clients,
    ) -> Result<(), SideError> {
        alike.retain(|partner, alike| alike.len() > 1 || self.mains.of(*partner).is_some());
        let is_chosen =
            |partner, alike: &[Uuid]| self.mains.of(partner).is_some_and(|main| alike.contains(&main));
        let open: Vec<(&Uuid, &Vec<Uuid>)> =
            alike.iter().filter(|(partner, alike)| !is_chosen(**partner, alike)).collect();
        let undecided: Vec<Uuid> = open.iter().flat_map(|(_, alike)| alike.iter().copied()).collect();
        let contact = &self.settings.profile.contact.section;
        let select: Vec<&str> = table.select.split(',').filter(|name| name != contact).collect();
        let rows = self.rows_of_any(&table.names.set, &select.join(","), by_reference(&undecided)).await?;
        let is_linked = |object: &&Object| !read::mutual_id(self.reading(facts), table, object).is_empty();
        let linked: BTreeSet<Uuid> =
            rows.iter().filter(is_linked).filter_map(|object| guid(object, REF)).collect();
        let chosen = open.into_iter().filter_map(|(partner, alike)| {
            let known: Vec<&Uuid> = alike.iter().filter(|one| linked.contains(*one)).collect();
            let main = if let [only] = known[..] { only } else { alike.first()? };
            Some((*partner, *main))
        });
        self.mains.keep(&*self.memory, chosen.collect()).await;
        for partner in alike.keys() {
            let main = self.mains.of(*partner);
            if let Some(order) = clients.get_mut(partner) {
                order.sort_by_key(|one| Some(*one) != main);
            }
        }
        Ok(())
    }
}

/// Which of several counterparties of a partner comes first, by the stored id: the company's own, one that has none yet, one of
/// a further requisite, which has a letter before its number.
fn rank_of(mutual_id: &str) -> u8 {
    match mutual_id.rsplit(':').next().and_then(|id| id.chars().next()) {
        None => 1,
        Some(first) if first.is_ascii_digit() => 0,
        Some(_) => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::rank_of;

    #[test]
    fn the_counterparty_of_the_company_comes_before_new_ones_and_those_before_further_ones() {
        for (mutual_id, rank) in [("company:5", 0), ("5", 0), ("", 1), ("company:r77", 2)] {
            assert_eq!(rank_of(mutual_id), rank, "{mutual_id}");
        }
    }
}
