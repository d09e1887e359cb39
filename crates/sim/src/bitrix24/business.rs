//! Deals and activities: that they stand on contacts and companies, and no more of them.
//!
//! Classic lists of deals pass over `CONTACT_IDS` in a filter, lists of items know `contactIds`
//! (`crm-deal-list.md` of the vendor's REST documentation). Not responsible for pipelines, products or calls.

use std::collections::BTreeMap;

use super::classic::is_descending;
use super::crm::{Author, Mode};
use super::dates::format_instant;
use super::list::Start;
use super::methods::{Answer, Call, Outcome, Refusal};
use super::php::Php;
use super::plain;
use super::schema::Kind;

/// The type code of deals.
const DEALS: i64 = 2;

/// Deals and activities, each by its id.
#[derive(Debug, Default)]
pub(crate) struct Business {
    deals: BTreeMap<u64, Deal>,
    activities: BTreeMap<u64, Activity>,
}

#[derive(Debug)]
struct Deal {
    title: String,
    company: i64,
    contacts: Vec<i64>,
    created: String,
}

#[derive(Debug)]
struct Activity {
    owner_type: i64,
    owner: i64,
    kind: i64,
    subject: String,
    created: String,
}

/// `crm.deal.add`: the new id.
pub(crate) fn add_deal(call: &mut Call<'_>, params: &Php) -> Outcome {
    let fields = fields_of(params)?;
    let number = |name: &str| fields.get(name).map_or(0, Php::as_int);
    let several = fields.get("CONTACT_IDS").map(Php::entries).unwrap_or_default();
    let mut contacts: Vec<i64> = several.iter().map(|(_, id)| id.as_int()).collect();
    contacts.extend([number("CONTACT_ID")]);
    contacts.retain(|id| *id > 0);
    contacts.dedup();
    let deal = Deal {
        title: text(fields, "TITLE"),
        company: number("COMPANY_ID"),
        contacts,
        created: now(call.author(Mode::Rest)),
    };
    let id = put(&mut call.crm.business.deals, deal);
    call.writes += 1;
    Ok(Answer::new(Php::Int(id as i64)))
}

/// `crm.deal.list`.
pub(crate) fn deals(call: &mut Call<'_>, params: &Php) -> Outcome {
    let rows = call.crm.business.deals.iter().map(|(id, deal)| {
        Php::map([
            ("ID", Php::text(id.to_string())),
            ("TITLE", Php::text(&deal.title)),
            ("COMPANY_ID", Php::text(deal.company.to_string())),
            ("CONTACT_ID", Php::text(deal.contacts.first().unwrap_or(&0).to_string())),
            ("DATE_CREATE", Php::text(&deal.created)),
        ])
    });
    let rows = listed(rows.collect(), params, "ID");
    Ok(plain::page(rows, Start::by_page(params.param("start"))))
}

/// `crm.item.list` of deals; `None` where another type is asked for.
pub(crate) fn items(call: &mut Call<'_>, params: &Php) -> Option<Outcome> {
    if params.get("entityTypeId").map(Php::as_int) != Some(DEALS) {
        return None;
    }
    let rows: Vec<Php> = call
        .crm
        .business
        .deals
        .iter()
        .map(|(id, deal)| {
            Php::map([
                ("id", Php::Int(*id as i64)),
                ("title", Php::text(&deal.title)),
                ("companyId", Php::Int(deal.company)),
                ("contactId", Php::Int(deal.contacts.first().copied().unwrap_or(0))),
                ("contactIds", Php::list(deal.contacts.iter().map(|id| Php::Int(*id)))),
                ("createdTime", Php::text(&deal.created)),
            ])
        })
        .collect();
    let known = ["id", "title", "companyId", "contactId", "contactIds", "createdTime"];
    for (key, _) in params.get("filter").into_iter().flat_map(Php::entries) {
        let name = key.trim_start_matches(['!', '=', '@', '%', '>', '<']);
        if !known.contains(&name) {
            let words = format!("Invalid filter: field '{name}' is not allowed in filter");
            return Some(Err(Refusal::business("INVALID_ARG_VALUE", words)));
        }
    }
    let page = plain::page(listed(rows, params, "id"), Start::exact(params.get("start")));
    Some(Ok(Answer { result: Php::map([("items", page.result)]), ..page }))
}

/// `crm.activity.add`: the new id. An activity moves the card's time of last activity.
pub(crate) fn add_activity(call: &mut Call<'_>, params: &Php) -> Outcome {
    let fields = fields_of(params)?;
    let number = |name: &str| fields.get(name).map_or(0, Php::as_int);
    let (owner_type, owner) = (number("OWNER_TYPE_ID"), number("OWNER_ID"));
    if owner_type == 0 || owner == 0 {
        return Err(Refusal::business("", "OWNER_ID is not defined or invalid."));
    }
    let author = call.author(Mode::Rest);
    let activity = Activity {
        owner_type,
        owner,
        kind: number("TYPE_ID"),
        subject: text(fields, "SUBJECT"),
        created: now(author),
    };
    let id = put(&mut call.crm.business.activities, activity);
    let kind =
        [Kind::Contact, Kind::Company].into_iter().find(|kind| kind.type_id() == owner_type.to_string());
    if let (Some(kind), Ok(owner)) = (kind, u64::try_from(owner)) {
        call.crm.note_activity((kind, owner), author);
    }
    call.writes += 1;
    Ok(Answer::new(Php::Int(id as i64)))
}

/// `crm.activity.list`.
pub(crate) fn activities(call: &mut Call<'_>, params: &Php) -> Outcome {
    let rows = call.crm.business.activities.iter().map(|(id, activity)| {
        Php::map([
            ("ID", Php::text(id.to_string())),
            ("OWNER_ID", Php::text(activity.owner.to_string())),
            ("OWNER_TYPE_ID", Php::text(activity.owner_type.to_string())),
            ("TYPE_ID", Php::text(activity.kind.to_string())),
            ("SUBJECT", Php::text(&activity.subject)),
            ("CREATED", Php::text(&activity.created)),
        ])
    });
    let rows = listed(rows.collect(), params, "ID");
    Ok(plain::page(rows, Start::by_page(params.param("start"))))
}

/// Filtered, in the order of their ids, cut down to what was selected.
fn listed(rows: Vec<Php>, params: &Php, id: &str) -> Vec<Php> {
    let mut rows = match params.param("filter") {
        Some(filter) => plain::matching(rows, filter),
        None => rows,
    };
    let order = params.param("order").and_then(|order| order.get(id));
    if order.is_some_and(is_descending) {
        rows.reverse();
    }
    rows.into_iter().map(|row| plain::selected(row, params.param("select"))).collect()
}

fn put<T>(table: &mut BTreeMap<u64, T>, row: T) -> u64 {
    let id = table.last_key_value().map_or(1, |(last, _)| last + 1);
    table.insert(id, row);
    id
}

fn now(author: Author) -> String {
    format_instant(author.seconds, author.offset)
}

fn text(fields: &Php, name: &str) -> String {
    fields.get(name).and_then(Php::as_text).unwrap_or_default().into_owned()
}

fn fields_of(params: &Php) -> Result<&Php, Refusal> {
    let fields = params.param("fields").filter(|fields| fields.is_map());
    fields.ok_or_else(|| Refusal::business("", "Parameter 'fields' must be array."))
}
