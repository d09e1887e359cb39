//! `crm.entity.mergeBatch`: several contacts or companies become the first of them.
//!
//! Empty fields of the survivor are filled, multi-fields, links and requisites joined; the others are deleted,
//! without an alias from their ids. Different names are left to people. Which further differences a real portal
//! leaves to people is not documented; here the survivor's value stays.

use super::crm::Mode;
use super::events::{Change, What};
use super::methods::{Answer, Call, Outcome, Refusal};
use super::php::Php;
use super::schema::Kind;
use super::table::Record;

/// `crm.entity.mergeBatch`: the first id survives.
pub(crate) fn merge_batch(call: &mut Call<'_>, params: &Php) -> Outcome {
    let params = params.param("params").unwrap_or(params);
    let Some(kind) = Kind::from_type_id(params.param("entityTypeId").map_or(0, Php::as_int)) else {
        return Err(refusal("Entity type is not supported"));
    };
    let mut ids: Vec<u64> = Vec::new();
    for (_, id) in params.param("entityIds").into_iter().flat_map(Php::entries) {
        let id = u64::try_from(id.as_int()).unwrap_or(0);
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    let [survivor, others @ ..] = ids.as_slice() else {
        return Err(refusal("At least two elements are needed"));
    };
    if others.is_empty() {
        return Err(refusal("At least two elements are needed"));
    }
    let Some(mut merged) = call.crm.table(kind).get(*survivor).cloned() else {
        return Ok(status("ERROR", &[]));
    };
    for id in others {
        let Some(other) = call.crm.table(kind).get(*id) else {
            return Ok(status("ERROR", &[]));
        };
        if !join(kind, &mut merged, other) {
            return Ok(status("CONFLICT", &[]));
        }
    }
    merged.modified = call.at.as_second();
    merged.set_text("MODIFY_BY_ID", call.author(Mode::Rest).user.to_string());
    call.crm.table_mut(kind).put(*survivor, merged);
    call.crm.untold.push(Change { kind, what: What::Update, id: *survivor });
    for id in others {
        move_belongings(call, kind, *id, *survivor);
        call.crm.delete(kind, *id).map_err(|fail| Refusal::classic(&fail))?;
    }
    call.writes += 1;
    Ok(status("SUCCESS", others))
}

/// Takes over what the survivor lacks; `false` if their names differ.
fn join(kind: Kind, survivor: &mut Record, other: &Record) -> bool {
    let names: &[&str] = match kind {
        Kind::Contact => &["NAME", "SECOND_NAME", "LAST_NAME"],
        _ => &["TITLE"],
    };
    let differ = |name: &&str| {
        let (ours, theirs) = (survivor.text(name), other.text(name));
        !ours.is_empty() && !theirs.is_empty() && ours != theirs
    };
    if names.iter().any(differ) {
        return false;
    }
    for (name, value) in &other.fields {
        survivor.fields.entry(name.clone()).or_insert_with(|| value.clone());
    }
    for row in &other.rows {
        if !survivor.rows.iter().any(|known| known.multi == row.multi && known.value == row.value) {
            survivor.rows.push(row.clone());
        }
    }
    let mut links = survivor.links.clone();
    for link in &other.links {
        if !links.iter().any(|known| known.company == link.company) {
            let primary = link.primary && links.is_empty();
            links.push(super::table::Link { primary, ..link.clone() });
        }
    }
    survivor.set_links(links);
    true
}

/// Requisites, and the contacts of a company, go to the survivor.
fn move_belongings(call: &mut Call<'_>, kind: Kind, from: u64, to: u64) {
    for (_, requisite) in call.crm.belongings(kind, from) {
        call.crm.move_requisite(requisite, to);
    }
    if kind == Kind::Company {
        let mut contacts = call.crm.contacts.with_company(to);
        contacts.extend(call.crm.contacts.with_company(from));
        call.crm.link_contacts(to, &contacts);
    }
}

fn status(status: &str, deleted: &[u64]) -> Answer {
    let ids = deleted.iter().map(|id| Php::Int(*id as i64));
    Answer::new(Php::map([("STATUS", Php::text(status)), ("ENTITY_IDS", Php::list(ids))]))
}

fn refusal(text: &str) -> Refusal {
    Refusal { status: 400, error: Php::Int(0), description: text.to_owned() }
}
