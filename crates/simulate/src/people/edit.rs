//! Edits of what is there.

use obmen_domain::record::{Catalog, Kind, Side};
use serde_json::{Value, json};

use super::forms::free_mailbox;
use super::{People, pick_of};
use crate::cast::{PartyId, Sort};
use crate::snapshot::{Entry, Row, Snapshot, last_ten, names};

impl People<'_> {
    pub(super) fn add_phone(&mut self, entry: &Entry) -> Option<String> {
        let party = party_of(entry);
        let key = self.free_phone(entry)?;
        let phone = self.truth.cast.mint_phone(party);
        self.enter([format!("phone {}", last_ten(&phone))]);
        let mut rows = entry.phones.clone();
        rows.push(Row { key, text: phone.clone() });
        match entry.id.side {
            Side::Bitrix24 => self.update_portal(entry, &json!({"PHONE": [new_row(&phone)]})),
            Side::Onec => self.write_points(entry, "phones", &rows),
        }
        self.done(party, entry, &format!("phone {phone} is added"))
    }

    pub(super) fn change_phone(&mut self, entry: &Entry, pick: u32) -> Option<String> {
        let party = party_of(entry);
        let position = usize::try_from(pick / 7).unwrap_or(0).checked_rem(entry.phones.len())?;
        let old = &entry.phones[position];
        let phone = self.truth.cast.mint_phone(party);
        self.enter([format!("phone {}", last_ten(&phone))]);
        self.take_out(party, format!("phone {}", last_ten(&old.text)));
        match entry.id.side {
            Side::Bitrix24 => {
                self.update_portal(entry, &json!({"PHONE": [changed_row(&old.key, &phone)]}));
            }
            Side::Onec => {
                let mut rows = entry.phones.clone();
                rows[position].text.clone_from(&phone);
                self.write_points(entry, "phones", &rows);
            }
        }
        self.done(party, entry, &format!("phone {} becomes {phone}", old.text))
    }

    pub(super) fn remove_phone(&mut self, entry: &Entry, pick: u32) -> Option<String> {
        let party = party_of(entry);
        let position = usize::try_from(pick / 7).unwrap_or(0).checked_rem(entry.phones.len())?;
        let old = &entry.phones[position];
        self.take_out(party, format!("phone {}", last_ten(&old.text)));
        match entry.id.side {
            Side::Bitrix24 => self.update_portal(entry, &json!({"PHONE": [deleted_row(&old.key)]})),
            Side::Onec => {
                let mut rows = entry.phones.clone();
                rows.remove(position);
                self.write_points(entry, "phones", &rows);
            }
        }
        self.done(party, entry, &format!("phone {} is removed", old.text))
    }

    pub(super) fn add_email(&mut self, entry: &Entry) -> Option<String> {
        let party = party_of(entry);
        let email = self.truth.cast.mint_email(party);
        self.enter([format!("email {email}")]);
        match entry.id.side {
            Side::Bitrix24 => self.update_portal(entry, &json!({"EMAIL": [new_row(&email)]})),
            Side::Onec => {
                let mut rows = entry.emails.clone();
                rows.push(Row { key: free_mailbox(entry), text: email.clone() });
                self.write_points(entry, "emails", &rows);
            }
        }
        self.done(party, entry, &format!("e-mail {email} is added"))
    }

    pub(super) fn change_email(&mut self, entry: &Entry, pick: u32) -> Option<String> {
        let party = party_of(entry);
        let position = usize::try_from(pick / 7).unwrap_or(0).checked_rem(entry.emails.len())?;
        let old = &entry.emails[position];
        let email = self.truth.cast.mint_email(party);
        self.enter([format!("email {email}")]);
        self.take_out(party, format!("email {}", old.text.to_lowercase()));
        match entry.id.side {
            Side::Bitrix24 => {
                self.update_portal(entry, &json!({"EMAIL": [changed_row(&old.key, &email)]}));
            }
            Side::Onec => {
                let mut rows = entry.emails.clone();
                rows[position].text.clone_from(&email);
                self.write_points(entry, "emails", &rows);
            }
        }
        self.done(party, entry, &format!("e-mail {} becomes {email}", old.text))
    }

    pub(super) fn remove_email(&mut self, entry: &Entry, pick: u32) -> Option<String> {
        let party = party_of(entry);
        let position = usize::try_from(pick / 7).unwrap_or(0).checked_rem(entry.emails.len())?;
        let old = &entry.emails[position];
        self.take_out(party, format!("email {}", old.text.to_lowercase()));
        match entry.id.side {
            Side::Bitrix24 => self.update_portal(entry, &json!({"EMAIL": [deleted_row(&old.key)]})),
            Side::Onec => {
                let mut rows = entry.emails.clone();
                rows.remove(position);
                self.write_points(entry, "emails", &rows);
            }
        }
        self.done(party, entry, &format!("e-mail {} is removed", old.text))
    }

    pub(super) fn rename(&mut self, entry: &Entry) -> Option<String> {
        let party = party_of(entry);
        let whole = match self.truth.cast.party(party).sort {
            Sort::Person => self.rename_person(party, entry),
            Sort::Company => {
                let title = format!("ООО «{}»", self.truth.cast.mint_title(party));
                match entry.id.side {
                    Side::Bitrix24 => self.update_portal(entry, &json!({ "TITLE": title })),
                    Side::Onec => self.update_infobase(entry, &json!({ "Description": title })),
                }
                title
            }
        };
        self.done(party, entry, &format!("the name becomes {whole}"))
    }

    fn rename_person(&mut self, party: PartyId, entry: &Entry) -> String {
        let name = self.truth.cast.mint_name(party);
        let whole = name.whole();
        match (entry.id.side, entry.catalog) {
            (Side::Bitrix24, _) => {
                let fields = json!({"LAST_NAME": name.last, "NAME": name.first, "SECOND_NAME": name.middle});
                self.update_portal(entry, &fields);
            }
            (Side::Onec, Catalog::ContactPerson) => self.rename_contact_person(entry, &name),
            (Side::Onec, _) => self.update_infobase(entry, &json!({ "Description": whole })),
        }
        whole
    }

    pub(super) fn change_inn(&mut self, entry: &Entry) -> Option<String> {
        let party = party_of(entry);
        let inn = self.truth.cast.mint_inn(party);
        self.enter([format!("inn {inn}")]);
        if !entry.inn.is_empty() {
            self.take_out(party, format!("inn {}", entry.inn));
        }
        match (entry.id.side, &entry.inn_requisite) {
            (Side::Bitrix24, Some(requisite)) => {
                let fields = json!({ "RQ_INN": inn });
                self.do_at_portal(
                    &json!({"do": "update", "entity": "requisite", "id": requisite, "fields": fields}),
                );
            }
            (Side::Bitrix24, None) => self.update_portal(entry, &inn_field(&inn)),
            (Side::Onec, _) => self.update_infobase(entry, &json!({ "ИНН": inn })),
        }
        self.done(party, entry, &format!("INN {} becomes {inn}", entry.inn))
    }

    pub(super) fn move_contact(&mut self, pick: u32, snapshot: &Snapshot) -> Option<String> {
        let at_portal = |kind: Kind| {
            let entries = super::editable(snapshot).into_iter();
            entries.filter(move |entry| entry.id.side == Side::Bitrix24 && entry.id.kind == kind)
        };
        let contact = pick_of(pick, &at_portal(Kind::Contact).collect::<Vec<_>>())?;
        let others: Vec<&Entry> =
            at_portal(Kind::Company).filter(|company| !contact.companies.contains(&company.id)).collect();
        let company = pick_of(pick / 11, &others)?;
        self.update_portal(&contact, &json!({ "COMPANY_ID": company.id.id }));
        self.done(party_of(&contact), &contact, &format!("moves to company {}", company.id.id))
    }

    pub(super) fn mark(&mut self, entry: &Entry) -> Option<String> {
        let set = super::set_of(self.systems.product, entry.catalog);
        self.do_at_infobase(&json!({ "do": "mark", "set": set, "ref": entry.id.id }));
        self.done(party_of(entry), entry, "is marked for deletion")
    }

    pub(super) fn take_out(&mut self, party: PartyId, value: String) {
        self.truth.removed.insert(value);
        *self.truth.taken_out.entry(party).or_default() += 1;
        self.truth.disturbed.insert(party);
    }

    pub(super) fn done(&mut self, party: PartyId, entry: &Entry, words: &str) -> Option<String> {
        self.touch(party);
        Some(format!("party {party}, {}: {words}", entry.id))
    }
}

/// The user field with a tax number.
pub(super) fn inn_field(inn: &str) -> Value {
    json!({ names::INN: inn })
}

pub(super) fn new_row(text: &str) -> Value {
    json!({"VALUE": text, "VALUE_TYPE": "WORK"})
}

fn changed_row(id: &str, text: &str) -> Value {
    json!({"ID": id, "VALUE": text, "VALUE_TYPE": "WORK"})
}

fn deleted_row(id: &str) -> Value {
    json!({"ID": id, "DELETE": "Y"})
}

pub(super) fn party_of(entry: &Entry) -> PartyId {
    *entry.parties.first().expect("people edit records of one party")
}
