//! Business that stands on records: deals and activities.
//!
//! Not responsible for what follows from it. Invariant: rows count by the owners they name, never by the filter that was
//! asked for, since the portal forgets filters it does not know; so pages are read until they end.

use std::collections::BTreeMap;

use obmen_domain::record::{Kind, RecordId};
use obmen_domain::stay::Tie;
use obmen_engine::ports::SideError;
use serde_json::{Value, json};

use crate::call::Command;
use crate::further::requisite_of;
use crate::read::{PAGE, type_id};
use crate::sender::Sender;
use crate::wire::{id_member, member, rows, text};

/// The type code of deals.
const DEALS: u8 = 2;

/// Commands that ask for the business of up to fifty records: one for deals, one for activities.
pub(crate) fn questions(kind: Kind, ids: &[String]) -> Vec<Command> {
    vec![deals(kind, ids, "0"), activities(kind, ids, "0")]
}

/// Business that stands on these records.
pub(crate) async fn ties(ids: &[RecordId], sender: &Sender) -> Result<Vec<(RecordId, Tie)>, SideError> {
    let mut found = Vec::new();
    for kind in Kind::ALL {
        // Nothing stands on a requisite of its own.
        let of_kind = ids.iter().filter(|id| id.kind == kind && requisite_of(&id.id).is_none());
        let ids: Vec<String> = of_kind.map(|id| id.id.clone()).collect();
        let chunks: Vec<&[String]> = ids.chunks(PAGE).collect();
        let commands: Vec<Command> = chunks.iter().flat_map(|ids| questions(kind, ids)).collect();
        if commands.is_empty() {
            continue;
        }
        let answers = sender.read_values(&commands).await?;
        for (ids, answers) in chunks.iter().zip(answers.chunks(2)) {
            let tied = tied(kind, ids, answers, sender).await?;
            found.extend(tied.into_iter().map(|(id, tie)| (RecordId::bitrix24(kind, id), tie)));
        }
    }
    Ok(found)
}

/// The records that answers to [`questions`] are about; further pages are read as well.
pub(crate) async fn tied(
    kind: Kind,
    ids: &[String],
    answers: &[Value],
    sender: &Sender,
) -> Result<BTreeMap<String, Tie>, SideError> {
    let mut tied: BTreeMap<String, Tie> = BTreeMap::new();
    for (tie, first) in [Tie::Deal, Tie::Activity].into_iter().zip(answers) {
        let mut page = first.clone();
        loop {
            let found = of_page(tie, &page);
            for row in &found {
                let owners = owners(tie, kind, row);
                tied.extend(owners.into_iter().filter(|id| ids.contains(id)).map(|id| (id, tie)));
            }
            let open: Vec<String> = ids.iter().filter(|id| !tied.contains_key(*id)).cloned().collect();
            let Some(last) = found.last().filter(|_| found.len() >= PAGE && !open.is_empty()) else { break };
            let next = match tie {
                Tie::Deal => deals(kind, &open, &member(last, "id")),
                _ => activities(kind, &open, &member(last, "ID")),
            };
            page = sender.read_values(&[next]).await?.into_iter().next().unwrap_or_default();
        }
    }
    Ok(tied)
}

/// Lists of deals cannot be filtered by all their contacts, lists of items can (`crm-deal-list.md` of the vendor's REST
/// documentation).
fn deals(kind: Kind, ids: &[String], after: &str) -> Command {
    let owner = match kind {
        Kind::Contact => "@contactIds",
        Kind::Company => "@companyId",
    };
    let params = json!({
        "entityTypeId": DEALS, "select": ["id", "companyId", "contactIds"],
        "filter": {owner: ids, ">id": after}, "order": {"id": "ASC"}, "start": -1
    });
    Command::new("crm.item.list", params)
}

fn activities(kind: Kind, ids: &[String], after: &str) -> Command {
    let params = json!({
        "select": ["ID", "OWNER_ID", "OWNER_TYPE_ID"],
        "filter": {"OWNER_TYPE_ID": type_id(kind), "@OWNER_ID": ids, ">ID": after},
        "order": {"ID": "ASC"}, "start": -1
    });
    Command::new("crm.activity.list", params)
}

fn of_page(tie: Tie, page: &Value) -> Vec<&Value> {
    match tie {
        Tie::Deal => page.get("items").map(rows).unwrap_or_default(),
        _ => rows(page),
    }
}

fn owners(tie: Tie, kind: Kind, row: &Value) -> Vec<String> {
    match (tie, kind) {
        (Tie::Deal, Kind::Contact) => {
            row.get("contactIds").map(rows).unwrap_or_default().into_iter().map(text).collect()
        }
        (Tie::Deal, Kind::Company) => id_member(row, "companyId").into_iter().collect(),
        _ if member(row, "OWNER_TYPE_ID") == type_id(kind).to_string() => vec![member(row, "OWNER_ID")],
        _ => Vec::new(),
    }
}
