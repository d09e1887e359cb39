//! What people do to whole cards: merge, delete, mark, join with companies.
//!
//! What goes with a card went by their doing: its values count as taken out, unless another card of the party has them.

use std::collections::BTreeSet;

use obmen_domain::record::{Catalog, Kind, RecordId, Side};
use serde_json::json;

use super::edit::party_of;
use super::{People, editable, pick_of, set_of};
use crate::snapshot::{Entry, Snapshot};

impl People<'_> {
    pub(super) fn unmark(&mut self, pick: u32, snapshot: &Snapshot) -> Option<String> {
        let is_marked = |entry: &&Entry| entry.is_marked && entry.parties.len() == 1;
        let entry = pick_of(pick, &snapshot.entries.iter().filter(is_marked).collect::<Vec<_>>())?;
        let set = set_of(self.systems.product, entry.catalog);
        let action = json!({ "do": "mark", "set": set, "ref": entry.id.id, "marked": false });
        self.systems.act(self.now, Side::Onec, &action).ok()?;
        self.done(party_of(&entry), &entry, "is not marked any more")
    }

    /// Joins two records of one party: by the portal's merge, or by replacing a duplicate in 1C, which marks it.
    pub(super) fn merge(&mut self, pick: u32, snapshot: &Snapshot) -> Option<String> {
        let entries = editable(snapshot);
        let mut pairs: Vec<(&Entry, &Entry)> = Vec::new();
        for one in &entries {
            let is_twin = |other: &&&Entry| {
                let place = |entry: &Entry| (entry.id.side, entry.id.kind, entry.catalog);
                other.id != one.id && other.parties == one.parties && place(other) == place(one)
            };
            pairs.extend(entries.iter().filter(is_twin).map(|other| (*one, *other)));
        }
        let position = usize::try_from(pick).unwrap_or(0).checked_rem(pairs.len())?;
        let (survivor, other) = (pairs[position].0.clone(), pairs[position].1.clone());
        let action = match survivor.id.side {
            Side::Bitrix24 => {
                let ids = [&survivor.id.id, &other.id.id];
                json!({ "do": "merge", "entity": survivor.id.kind.word(), "ids": ids })
            }
            Side::Onec => {
                let set = set_of(self.systems.product, survivor.catalog);
                json!({ "do": "merge", "set": set, "ref": survivor.id.id, "duplicates": [other.id.id] })
            }
        };
        self.systems.act(self.now, survivor.id.side, &action).ok()?;
        self.gone_since(snapshot);
        self.truth.merged.insert(survivor.id.clone());
        self.done(party_of(&survivor), &survivor, &format!("takes in {}", other.id))
    }

    pub(super) fn delete(&mut self, pick: u32, snapshot: &Snapshot) -> Option<String> {
        let mut cards = editable(snapshot);
        cards.retain(|entry| entry.id.side == Side::Bitrix24);
        let card = pick_of(pick, &cards)?;
        self.do_at_portal(&json!({ "do": "delete", "entity": card.id.kind.word(), "id": card.id.id }));
        self.gone_since(snapshot);
        self.done(party_of(&card), &card, "is deleted")
    }

    pub(super) fn purge(&mut self, snapshot: &Snapshot) -> Option<String> {
        let marked: Vec<&Entry> = snapshot.entries.iter().filter(|entry| entry.is_marked).collect();
        if marked.is_empty() {
            return None;
        }
        self.systems.act(self.now, Side::Onec, &json!({ "do": "purge" })).ok()?;
        let gone = self.gone_since(snapshot);
        Some(format!("marked objects are deleted: {gone:?}"))
    }

    pub(super) fn join(&mut self, pick: u32, snapshot: &Snapshot) -> Option<String> {
        let (contact, company) = self.pair_at_portal(pick, snapshot, false)?;
        let mut members = members(snapshot, &company);
        members.push(contact.id.id.clone());
        self.update_portal(&company, &json!({ "CONTACT_ID": members }));
        self.done(party_of(&contact), &contact, &format!("joins company {}", company.id.id))
    }

    pub(super) fn part(&mut self, pick: u32, snapshot: &Snapshot) -> Option<String> {
        let (contact, company) = self.pair_at_portal(pick, snapshot, true)?;
        let mut members = members(snapshot, &company);
        members.retain(|id| *id != contact.id.id);
        self.update_portal(&company, &json!({ "CONTACT_ID": members }));
        self.done(party_of(&contact), &contact, &format!("leaves company {}", company.id.id))
    }

    /// Code of the base begins to refuse writes of an object, or ends to.
    pub(super) fn forbid(&mut self, pick: u32, snapshot: &Snapshot) -> Option<String> {
        let is_here =
            |entry: &&Entry| entry.id.side == Side::Onec && !entry.is_marked && entry.parties.len() == 1;
        let entry = pick_of(pick, &snapshot.entries.iter().filter(is_here).collect::<Vec<_>>())?;
        let text = (!entry.is_forbidden).then_some("Запись запрещена");
        let mut action = json!({ "do": "forbid", "ref": entry.id.id });
        if let Some(text) = text {
            action["text"] = text.into();
            self.systems.forbidden.insert(entry.id.clone());
        } else {
            self.systems.forbidden.remove(&entry.id);
        }
        self.do_at_infobase(&action);
        self.done(
            party_of(&entry),
            &entry,
            if text.is_some() { "may not be written" } else { "may be written again" },
        )
    }

    /// The user whom obmen calls the portal as is no administrator any more, and sees or writes nobody, or whom he is responsible
    /// for.
    pub(super) fn take_rights(&mut self, pick: u32) -> String {
        const REACHES: [&str; 4] = ["none/all", "own/all", "all/none", "all/own"];
        let reach = REACHES[pick as usize % REACHES.len()];
        self.do_at_portal(&json!({ "do": "rights", "admin": false, "contacts": reach, "companies": reach }));
        self.systems.are_rights_taken = true;
        format!("the rights at the portal become {reach}")
    }

    /// He is an administrator again.
    pub(super) fn give_rights(&mut self) -> Option<String> {
        if !std::mem::take(&mut self.systems.are_rights_taken) {
            return None;
        }
        self.do_at_portal(&json!({ "do": "rights", "admin": true, "contacts": "all", "companies": "all" }));
        Some("the rights at the portal are back".to_owned())
    }

    fn pair_at_portal(&self, pick: u32, snapshot: &Snapshot, together: bool) -> Option<(Entry, Entry)> {
        let of = |kind: Kind| {
            let entries = editable(snapshot).into_iter();
            entries.filter(move |entry| entry.catalog == Catalog::Bitrix24 && entry.id.kind == kind)
        };
        let mut pairs = Vec::new();
        for contact in of(Kind::Contact) {
            let companies = of(Kind::Company).filter(|it| contact.companies.contains(&it.id) == together);
            pairs.extend(companies.map(|company| (contact, company)));
        }
        let position = usize::try_from(pick).unwrap_or(0).checked_rem(pairs.len())?;
        Some((pairs[position].0.clone(), pairs[position].1.clone()))
    }

    /// Whoever is not there any more is gone with all that nobody else holds.
    fn gone_since(&mut self, before: &Snapshot) -> Vec<RecordId> {
        let after = Snapshot::take(self.systems, &self.truth.cast);
        let held: BTreeSet<String> = after.entries.iter().flat_map(Entry::values).collect();
        let mut gone = Vec::new();
        for entry in before.entries.iter().filter(|entry| after.find(&entry.id).is_none()) {
            for party in &entry.parties {
                self.touch(*party);
                self.truth.disturbed.insert(*party);
            }
            let lost: Vec<String> = entry.values().difference(&held).cloned().collect();
            self.truth.removed.extend(lost);
            gone.push(entry.id.clone());
        }
        gone
    }
}

/// The contacts of a portal's company.
fn members(snapshot: &Snapshot, company: &Entry) -> Vec<String> {
    let members = snapshot.entries.iter().filter(|entry| entry.companies.contains(&company.id));
    members.map(|entry| entry.id.id.clone()).collect()
}
