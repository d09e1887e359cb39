//! Cards of firms: companies of the portal, counterparties of 1C.

use super::{Owner, Place, Record, Records};
use crate::population::draw::{Draw, Purpose, reference, spread};
use crate::population::noisy::damage::{email, firm_name, phone, tax};
use crate::population::noisy::entities::{Entities, Firm};
use crate::population::noisy::level::{Damage, Fate, Noise, Tally};

pub(super) fn deal(records: &mut Records, seed: u64, entities: &Entities, noise: Noise, tally: &mut Tally) {
    for (index, firm) in entities.firms.iter().enumerate() {
        let ordinal = u64::try_from(index).expect("indices fit 64 bits");
        let mut fate = Fate::new(Draw::new(seed, Purpose::NoisyFirmCard, ordinal), noise, tally);
        let position = spread(seed, 11, ordinal);
        let in_bitrix24 = position < 8000 || firm.is_divided;
        let in_onec = !(5500..8000).contains(&position) || firm.is_divided;
        let owner = Owner::Firm(index);
        let companies = if in_bitrix24 { 1 + u64::from(fate.strikes(Damage::TwinInBitrix24)) } else { 0 };
        let counterparties = if in_onec { 1 + u64::from(fate.strikes(Damage::TwinInOnec)) } else { 0 };
        // Of a firm with twins, a card with another KPP would be a division's.
        let may_move = companies < 2 && counterparties < 2;
        for _ in 0..companies {
            let record = company(&mut fate, owner, firm, may_move, records.next_id());
            records.push(record);
        }
        for twin in 0..counterparties {
            let id = reference(seed, if twin == 0 { "noisy firm" } else { "noisy firm twin" }, ordinal);
            let mut record = counterparty(&mut fate, owner, firm, may_move, id);
            record.marked = !firm.is_divided && fate.strikes(Damage::Marked);
            records.push(record);
        }
    }
}

fn company(fate: &mut Fate<'_>, owner: Owner, firm: &Firm, may_move: bool, id: String) -> Record {
    let mut record = Record::new(owner, Place::Company, id);
    know(fate, &mut record, firm, may_move, [930, 780, 550], [100, 300, 450]);
    record.inn_places = fate.draw.pick(&[(true, true), (true, true), (false, true), (true, false)]);
    record.inn_places.1 |= firm.is_divided;
    if !record.inn_places.1 || record.inn.is_empty() {
        record.kpp.clear();
    }
    if record.inn_places.1 && !record.inn.is_empty() {
        record.full = firm_name::in_full(firm);
    }
    record
}

fn counterparty(fate: &mut Fate<'_>, owner: Owner, firm: &Firm, may_move: bool, id: String) -> Record {
    let mut record = Record::new(owner, Place::Counterparty, id);
    know(fate, &mut record, firm, may_move, [980, 940, 780], [100, 250, 400]);
    record.full = firm_name::in_full(firm);
    record.without_flag = firm.is_entrepreneur() && fate.strikes(Damage::EntrepreneurWithoutFlag);
    if fate.strikes(Damage::OtherManager) {
        record.manager = (record.manager + 1) % 12;
    }
    record
}

/// What both bases write of a firm: `inn` is known so often, a phone and a mailbox lack so often.
fn know(
    fate: &mut Fate<'_>,
    record: &mut Record,
    firm: &Firm,
    may_move: bool,
    inn: [u64; 3],
    lacks: [u64; 3],
) {
    record.title = firm_name::write(fate, firm);
    record.manager = firm.manager;
    let phones: Vec<String> = firm.phones.iter().filter(|_| !fate.chance(lacks)).cloned().collect();
    let emails: Vec<String> = firm.emails.iter().filter(|_| !fate.chance(lacks)).cloned().collect();
    record.phones = phone::write(fate, &phones);
    record.emails = email::write(fate, &emails);
    if firm.is_divided {
        record.inn.clone_from(&firm.inn);
        record.kpp = if fate.strikes(Damage::KppMissing) { String::new() } else { firm.kpp.clone() };
    } else if fate.chance(inn) {
        record.inn = tax::write_inn(fate, &firm.inn);
        record.kpp = tax::write_kpp(fate, &firm.kpp, may_move);
    }
}
