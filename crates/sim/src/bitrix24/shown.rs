//! The portal's records as a person's list shows them.
//!
//! A view of the data and no part of REST: it counts nothing and has no limits. Not responsible for changing anything.

use jiff::tz::Offset;
use serde_json::{Value, json};

use super::crm::Crm;
use super::exchange::dump_record;
use super::schema::{Access, Column, Kind, Multi};
use super::table::Record;
use crate::needle::Needle;
use crate::world::RecordQuery;

const KINDS: [Kind; 5] = [Kind::Contact, Kind::Company, Kind::Requisite, Kind::BankDetail, Kind::Address];
/// The set of cards that were deleted and can be restored.
const BIN: &str = "recycle_bin";

/// Sets and their sizes, and the wanted rows of one, the newest first.
pub(crate) fn records(crm: &Crm, wanted: &RecordQuery, offset: Offset) -> Result<Value, String> {
    let binned = || crm.bin.iter().flat_map(|bin| bin.cards.iter().rev());
    let sets = KINDS.iter().map(|kind| json!({ "set": kind.word(), "total": crm.table(*kind).len() }));
    let bin = json!({ "set": BIN, "total": binned().count() });
    let sets: Vec<Value> = sets.chain([bin]).collect();
    let needle = Needle::new(&wanted.find);
    let (total, rows, fields) = if wanted.set == BIN {
        let cards = binned().filter_map(|((kind, id), binned)| {
            let (_, _, card) = binned.removed.iter().find(|(owned, at, _)| (owned, at) == (kind, id))?;
            Some((*kind, *id, card))
        });
        let (total, rows) = page(cards, &needle, wanted, true, offset);
        (total, rows, Vec::new())
    } else {
        let kind = Kind::from_word(&wanted.set).ok_or_else(|| format!("there is no set {:?}", wanted.set))?;
        let cards = crm.table(kind).rows().iter().rev().map(|(id, card)| (kind, *id, card));
        let (total, rows) = page(cards, &needle, wanted, false, offset);
        (total, rows, fields(crm, kind))
    };
    Ok(json!({
        "system": "bitrix24", "sets": sets, "set": wanted.set, "fields": fields, "total": total, "rows": rows,
    }))
}

fn page<'a>(
    cards: impl Iterator<Item = (Kind, u64, &'a Record)>,
    needle: &Needle,
    wanted: &RecordQuery,
    is_deleted: bool,
    offset: Offset,
) -> (usize, Vec<Value>) {
    let mut total = 0;
    let mut rows = Vec::new();
    for (kind, id, card) in cards.filter(|(_, id, card)| has(card, *id, needle)) {
        if total >= wanted.skip && rows.len() < wanted.limit {
            let of = |multi: Multi| card.rows_of(multi).map(|row| row.value.to_string()).collect::<Vec<_>>();
            rows.push(json!({
                "id": id.to_string(),
                "entity": kind.word(),
                "title": title(kind, card),
                "phones": of(Multi::Phone),
                "emails": of(Multi::Email),
                "deleted": is_deleted,
                "record": dump_record(kind, id, card, offset),
            }));
        }
        total += 1;
    }
    (total, rows)
}

fn has(card: &Record, id: u64, needle: &Needle) -> bool {
    needle.is_empty()
        || needle.is_in(&id.to_string())
        || card.fields.iter().flat_map(|(_, stored)| stored.values()).any(|value| needle.is_in(value))
        || card.rows.iter().any(|row| needle.is_in(&row.value))
}

fn title(kind: Kind, card: &Record) -> String {
    let parts: &[&str] = match kind {
        Kind::Contact => &["LAST_NAME", "NAME", "SECOND_NAME"],
        Kind::Company => &["TITLE"],
        Kind::Requisite => &["NAME", "RQ_COMPANY_NAME", "RQ_INN"],
        Kind::BankDetail => &["NAME", "RQ_BANK_NAME"],
        Kind::Address => &["CITY", "ADDRESS_1"],
    };
    let parts: Vec<&str> = parts.iter().map(|part| card.text(part)).filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

/// The plain fields that a form writes.
fn fields(crm: &Crm, kind: Kind) -> Vec<String> {
    let schema = crm.schema(kind);
    let columns = schema.standard_columns().chain(schema.user_columns());
    let is_plain = |column: &Column| match column {
        Column::Stored { access, multiple, .. } => {
            matches!(access, Access::Free | Access::AddOnly) && !multiple
        }
        Column::PrimaryCompany => true,
        _ => false,
    };
    columns.filter(|(_, column)| is_plain(column)).map(|(name, _)| name.into_owned()).collect()
}
