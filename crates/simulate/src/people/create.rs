//! Records that people enter.

use obmen_domain::record::{Kind, RecordId, Side};
use serde_json::{Map, json};

use super::edit::{inn_field, new_row};
use super::forms::{Filled, object};
use super::{People, editable, id_of, pick_of};
use crate::cast::{Name, PartyId, Sort};
use crate::snapshot::{Entry, Snapshot, last_ten, words};

/// What a person types into an empty form.
struct Card {
    party: PartyId,
    phones: Vec<String>,
    emails: Vec<String>,
    inn: String,
    company: Option<RecordId>,
}

impl People<'_> {
    /// The parties that exist from the start: on one side or on both, with something in common.
    pub(crate) fn settle_in(&mut self, parties: usize, mut below: impl FnMut(usize) -> usize) {
        let companies = parties * 2 / 5;
        let mut employers: Vec<[Option<RecordId>; 2]> = vec![[None, None]];
        for number in 0..parties {
            let sort = if number < companies { Sort::Company } else { Sort::Person };
            let party = self.newcomer(sort);
            let shared = self.truth.cast.mint_phone(party);
            let employer = employers[below(employers.len())].clone();
            let place = below(100);
            let mut made = [None, None];
            for (at, side) in [Side::Bitrix24, Side::Onec].into_iter().enumerate() {
                if (at == 0 && place >= 80) || (at == 1 && (55..80).contains(&place)) {
                    continue;
                }
                let mut card = self.card(party);
                card.company = employer[at].clone().filter(|_| sort == Sort::Person);
                match below(3) {
                    0 => card.emails.push(self.truth.cast.party(party).email.clone()),
                    1 => card.phones.push(shared.clone()),
                    _ => {}
                }
                // Something in common, whatever was drawn.
                card.phones.push(self.truth.cast.mint_phone(party));
                if !card.emails.iter().any(|email| *email == self.truth.cast.party(party).email) {
                    card.emails.push(self.truth.cast.party(party).email.clone());
                }
                if below(2) == 0 {
                    card.inn.clone_from(&self.truth.cast.party(party).inn);
                }
                made[at] = Some(self.fill_in(side, card));
            }
            if sort == Sort::Company {
                employers.push(made);
            }
        }
    }

    pub(super) fn create_person(&mut self, side: Side, pick: u32, snapshot: &Snapshot) -> String {
        let party = self.newcomer(Sort::Person);
        let mut card = self.card(party);
        let companies: Vec<&Entry> = editable(snapshot)
            .into_iter()
            .filter(|entry| entry.id.side == side && entry.id.kind == Kind::Company)
            .collect();
        card.company =
            pick_of(pick / 3, &companies).filter(|_| pick.is_multiple_of(2)).map(|company| company.id);
        self.with_contacts(&mut card, pick);
        let id = self.fill_in(side, card);
        format!("party {party}: a new person {id}")
    }

    pub(super) fn create_company(&mut self, side: Side, pick: u32) -> String {
        let party = self.newcomer(Sort::Company);
        let mut card = self.card(party);
        self.with_contacts(&mut card, pick);
        if pick.is_multiple_of(3) {
            card.inn.clone_from(&self.truth.cast.party(party).inn);
        }
        let id = self.fill_in(side, card);
        format!("party {party}: a new company {id}")
    }

    /// Enters on the other side by hand whom one side alone knows, with a key in common.
    pub(super) fn create_again(&mut self, pick: u32, snapshot: &Snapshot) -> Option<String> {
        let candidates: Vec<&Entry> = editable(snapshot)
            .into_iter()
            .filter(|entry| !entry.phones.is_empty() || !entry.emails.is_empty())
            .filter(|entry| snapshot.of(entry.parties[0], entry.id.side.other()).next().is_none())
            .collect();
        let known = pick_of(pick, &candidates)?;
        let (party, side) = (known.parties[0], known.id.side.other());
        let mut card = self.card(party);
        match (known.emails.first(), known.phones.first()) {
            (Some(email), _) if pick.is_multiple_of(2) => card.emails.push(email.text.clone()),
            (_, Some(phone)) => card.phones.push(phone.text.clone()),
            (Some(email), None) => card.emails.push(email.text.clone()),
            (None, None) => return None,
        }
        card.phones.push(self.truth.cast.mint_phone(party));
        let employer = known.companies.first().and_then(|company| snapshot.find(company));
        card.company = employer
            .and_then(|company| snapshot.of(*company.parties.first()?, side).find(|entry| !entry.is_marked))
            .map(|company| company.id.clone());
        let id = self.fill_in(side, card);
        Some(format!("party {party}: {} is entered by hand as {id}", known.id))
    }

    /// Two people enter one person at once, with the same mailbox and phone.
    pub(super) fn create_both(&mut self, pick: u32) -> String {
        let party = self.newcomer(Sort::Person);
        let phone = self.truth.cast.mint_phone(party);
        let email = self.truth.cast.party(party).email.clone();
        let ids = [Side::Bitrix24, Side::Onec].map(|side| {
            let mut card = self.card(party);
            card.emails.push(email.clone());
            if !pick.is_multiple_of(3) {
                card.phones.push(phone.clone());
            }
            self.fill_in(side, card)
        });
        format!("party {party}: {} and {} are entered in one second", ids[0], ids[1])
    }

    /// Enters somebody a second time where a record of the same sort is already, with a key in common.
    pub(super) fn create_twin(&mut self, pick: u32, snapshot: &Snapshot) -> Option<String> {
        let mut known = editable(snapshot);
        // Under another name than anybody knows it would be somebody else.
        let is_known_so = |entry: &Entry| {
            let party = entry.parties[0];
            let both = [Side::Bitrix24, Side::Onec].into_iter();
            both.flat_map(|side| snapshot.of(party, side)).all(|record| self.has_first_name(record))
        };
        known.retain(|entry| !entry.emails.is_empty() && is_known_so(entry));
        let known = pick_of(pick, &known)?;
        let party = known.parties[0];
        let mut card = self.card(party);
        card.emails.push(known.emails[0].text.clone());
        card.phones.push(self.truth.cast.mint_phone(party));
        card.company = known.companies.first().cloned();
        let id = self.fill_in(known.id.side, card);
        Some(format!("party {party}: {} is entered once more as {id}", known.id))
    }

    /// Whether a record still has the name that its party is entered with.
    fn has_first_name(&self, entry: &Entry) -> bool {
        let party = entry.parties[0];
        let name = match self.truth.cast.party(party).sort {
            Sort::Person => self.truth.cast.name(party).whole(),
            Sort::Company => self.truth.cast.title(party),
        };
        words(&name) == words(&entry.name)
    }

    fn newcomer(&mut self, sort: Sort) -> PartyId {
        self.truth.cast.add(sort)
    }

    fn card(&self, party: PartyId) -> Card {
        Card { party, phones: Vec::new(), emails: Vec::new(), inn: String::new(), company: None }
    }

    fn with_contacts(&mut self, card: &mut Card, pick: u32) {
        if !pick.is_multiple_of(5) {
            card.phones.push(self.truth.cast.mint_phone(card.party));
        }
        if pick.is_multiple_of(5) || pick.is_multiple_of(7) {
            card.emails.push(self.truth.cast.mint_email(card.party));
        }
    }

    fn fill_in(&mut self, side: Side, mut card: Card) -> RecordId {
        if side == Side::Onec && card.company.is_some() {
            // The form of a contact person has no place for a tax number.
            card.inn.clear();
        }
        self.enter(card.phones.iter().map(|phone| format!("phone {}", last_ten(phone))));
        self.enter(card.emails.iter().map(|email| format!("email {email}")));
        self.enter(Some(format!("inn {}", card.inn)).filter(|_| !card.inn.is_empty()));
        let party = card.party;
        let id = match side {
            Side::Bitrix24 => self.fill_in_portal(&card),
            Side::Onec => self.fill_in_infobase(&card),
        };
        self.born(id.clone(), party);
        id
    }

    fn fill_in_portal(&mut self, card: &Card) -> RecordId {
        let rows = |texts: &[String]| texts.iter().map(|text| new_row(text)).collect::<Vec<_>>();
        let mut fields = Map::new();
        fields.insert("PHONE".to_owned(), rows(&card.phones).into());
        fields.insert("EMAIL".to_owned(), rows(&card.emails).into());
        let kind = match self.truth.cast.party(card.party).sort {
            Sort::Person => {
                let Name { last, first, middle } = self.truth.cast.name(card.party);
                fields.extend(object(json!({"LAST_NAME": last, "NAME": first, "SECOND_NAME": middle})));
                if let Some(company) = &card.company {
                    fields.insert("COMPANY_ID".to_owned(), company.id.clone().into());
                }
                Kind::Contact
            }
            Sort::Company => {
                fields.insert("TITLE".to_owned(), self.truth.cast.title(card.party).into());
                Kind::Company
            }
        };
        // Half of the companies keep their tax number in requisites.
        let in_requisite = kind == Kind::Company && card.party.is_multiple_of(2) && !card.inn.is_empty();
        if !card.inn.is_empty() && !in_requisite {
            fields.extend(object(inn_field(&card.inn)));
        }
        let action = json!({"do": "create", "entity": kind.word(), "fields": fields});
        let id = id_of(Side::Bitrix24, kind, &self.do_at_portal(&action));
        if in_requisite {
            let fields = json!({
                "ENTITY_TYPE_ID": "4", "ENTITY_ID": id.id, "PRESET_ID": "1", "NAME": "Организация", "RQ_INN": card.inn,
            });
            self.do_at_portal(&json!({"do": "create", "entity": "requisite", "fields": fields}));
        }
        id
    }

    fn fill_in_infobase(&mut self, card: &Card) -> RecordId {
        let party = self.truth.cast.party(card.party);
        let name = self.truth.cast.name(card.party);
        let filled = match (party.sort, &card.company) {
            (Sort::Person, Some(company)) => Filled::ContactPerson { name, company },
            (Sort::Person, None) => Filled::Private { name: name.whole(), inn: &card.inn },
            (Sort::Company, _) => Filled::Firm { title: self.truth.cast.title(card.party), inn: &card.inn },
        };
        let kind = if party.sort == Sort::Person { Kind::Contact } else { Kind::Company };
        let answer = self.fill_in_form(&filled, &card.phones, &card.emails);
        id_of(Side::Onec, kind, &answer)
    }
}
