//! People: they enter and edit customers at the screens of both systems.
//!
//! What they do always makes sense: they rename only whom both sides know, and enter nobody a second time on one
//! side. Not responsible for when they do it.

mod cards;
mod create;
mod edit;
mod forms;

use jiff::Timestamp;
use obmen_domain::record::{Kind, RecordId, Side};
use serde_json::{Value, json};

use crate::cast::PartyId;
use crate::op::Edit;
use crate::snapshot::{Entry, Snapshot};
use crate::systems::Systems;
use crate::truth::{Birth, Truth};

pub(crate) use forms::set_of;

/// People at work at one moment.
pub(crate) struct People<'a> {
    pub(crate) systems: &'a mut Systems,
    pub(crate) truth: &'a mut Truth,
    pub(crate) now: Timestamp,
    /// The number of this act.
    pub(crate) act: u64,
}

impl People<'_> {
    /// Does an edit. Returns what was done, in words, or nothing where there was nothing to do it to.
    pub(crate) fn perform(&mut self, edit: Edit) -> Option<String> {
        let snapshot = Snapshot::take(self.systems, &self.truth.cast);
        match edit {
            Edit::AddPhone(pick) => self.add_phone(&pick_of(pick, &editable(&snapshot))?),
            Edit::ChangePhone(pick) => self.change_phone(&pick_of(pick, &editable(&snapshot))?, pick),
            Edit::RemovePhone(pick) => self.remove_phone(&pick_of(pick, &editable(&snapshot))?, pick),
            Edit::AddEmail(pick) => self.add_email(&pick_of(pick, &editable(&snapshot))?),
            Edit::ChangeEmail(pick) => self.change_email(&pick_of(pick, &editable(&snapshot))?, pick),
            Edit::RemoveEmail(pick) => self.remove_email(&pick_of(pick, &editable(&snapshot))?, pick),
            Edit::Rename(pick) => self.rename(&pick_of(pick, &self.linked(&snapshot))?),
            Edit::ChangeInn(pick) => {
                let mut companies = self.linked(&snapshot);
                companies.retain(|entry| !entry.is_person());
                self.change_inn(&pick_of(pick, &companies)?)
            }
            Edit::CreatePerson(side, pick) => Some(self.create_person(side, pick, &snapshot)),
            Edit::CreateCompany(side, pick) => Some(self.create_company(side, pick)),
            Edit::CreateAgain(pick) => self.create_again(pick, &snapshot),
            Edit::MoveContact(pick) => self.move_contact(pick, &snapshot),
            Edit::Mark(pick) => {
                let mut objects = editable(&snapshot);
                objects.retain(|entry| entry.id.side == Side::Onec);
                self.mark(&pick_of(pick, &objects)?)
            }
            Edit::Unmark(pick) => self.unmark(pick, &snapshot),
            Edit::CreateBoth(pick) => Some(self.create_both(pick)),
            Edit::CreateTwin(pick) => self.create_twin(pick, &snapshot),
            Edit::Merge(pick) => self.merge(pick, &snapshot),
            Edit::Delete(pick) => self.delete(pick, &snapshot),
            Edit::Purge => self.purge(&snapshot),
            Edit::Join(pick) => self.join(pick, &snapshot),
            Edit::Part(pick) => self.part(pick, &snapshot),
            Edit::Forbid(pick) => self.forbid(pick, &snapshot),
            Edit::TakeRights(pick) => Some(self.take_rights(pick)),
            Edit::GiveRights => self.give_rights(),
        }
    }

    /// Records that are linked with the only other record of their party.
    fn linked<'s>(&self, snapshot: &'s Snapshot) -> Vec<&'s Entry> {
        let mut entries = editable(snapshot);
        let only = |entry: &Entry, side| {
            let mut records = snapshot.of(entry.parties[0], side);
            records.next().filter(|_| records.next().is_none())
        };
        entries.retain(|entry| match (only(entry, Side::Bitrix24), only(entry, Side::Onec)) {
            (Some(left), Some(right)) => self.truth.links.get(&left.id) == Some(&right.id),
            _ => false,
        });
        entries
    }

    fn touch(&mut self, party: PartyId) {
        self.truth.touches.push((self.act, party));
    }

    fn do_at_portal(&mut self, action: &Value) -> Value {
        self.do_at(Side::Bitrix24, action)
    }

    fn do_at_infobase(&mut self, action: &Value) -> Value {
        self.do_at(Side::Onec, action)
    }

    /// People do what a screen offers.
    fn do_at(&mut self, side: Side, action: &Value) -> Value {
        let done = self.systems.act(self.now, side, action);
        done.unwrap_or_else(|words| panic!("{}: {words}: {action}", side.word()))
    }

    fn update_portal(&mut self, entry: &Entry, fields: &Value) {
        let action = json!({
            "do": "update", "entity": entry.id.kind.word(), "id": entry.id.id, "fields": fields,
        });
        self.do_at_portal(&action);
    }

    fn update_infobase(&mut self, entry: &Entry, fields: &Value) {
        let set = set_of(self.systems.product, entry.catalog);
        let fields = self.with_author(entry, fields.clone());
        self.do_at_infobase(&json!({ "do": "update", "set": set, "ref": entry.id.id, "fields": fields }));
    }

    fn born(&mut self, id: RecordId, party: PartyId) {
        self.touch(party);
        self.truth.births.insert(id, Birth { by_us: false, acts: self.act, party: Some(party) });
    }

    fn enter(&mut self, values: impl IntoIterator<Item = String>) {
        for value in values {
            self.truth.entered_by.insert(value.clone(), self.act);
            self.truth.entered.insert(value);
        }
    }
}

/// Records that people still edit: those of one party, not marked, and no code of the base refuses it.
fn editable(snapshot: &Snapshot) -> Vec<&Entry> {
    let is_free = |entry: &&Entry| !entry.is_marked && !entry.is_forbidden && entry.parties.len() == 1;
    snapshot.entries.iter().filter(is_free).collect()
}

/// One of them; a copy, since what it was read from changes.
fn pick_of(pick: u32, entries: &[&Entry]) -> Option<Entry> {
    let position = usize::try_from(pick).unwrap_or(0).checked_rem(entries.len())?;
    Some(entries[position].clone())
}

/// The kind of record a side's id has.
fn id_of(side: Side, kind: Kind, answer: &Value) -> RecordId {
    let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default();
    match side {
        Side::Bitrix24 => RecordId::bitrix24(kind, text("id")),
        Side::Onec => RecordId::onec(kind, text("ref")),
    }
}
