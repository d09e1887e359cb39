//! `crm.contact.company.*` and its mirror: the ties between contacts and companies.
//!
//! Writes go to the link table directly: neither DATE_MODIFY nor authors move. Not responsible for
//! `COMPANY_ID` and `COMPANY_IDS` in updates.

use super::classic::{allowed_id, fields_of, meta, visible_id};
use super::crm::new_link;
use super::methods::{Answer, Call, Outcome, Refusal};
use super::php::Php;
use super::rights::Deed;
use super::schema::{Access, Kind, Type};
use super::table::Link;

/// `crm.contact.company.fields`.
pub(crate) fn fields(_: &mut Call<'_>, _: &Php) -> Outcome {
    Ok(described(&["COMPANY_ID", "SORT", "IS_PRIMARY"]))
}

/// `crm.company.contact.fields`.
pub(crate) fn contact_fields(_: &mut Call<'_>, _: &Php) -> Outcome {
    Ok(described(&["CONTACT_ID", "SORT", "ROLE_ID", "IS_PRIMARY"]))
}

/// The first of the fields names the other side and is required.
fn described(names: &[&'static str]) -> Answer {
    let fields = names.iter().enumerate().map(|(at, name)| {
        let ty = if *name == "IS_PRIMARY" { Type::Char } else { Type::Integer };
        let mut meta = meta(ty, at == 0, Access::Free, false, false);
        meta.set("title", Php::text(*name));
        (*name, meta)
    });
    Answer::new(Php::map(fields))
}

/// `crm.contact.company.add`: `false` if linked already.
pub(crate) fn add(call: &mut Call<'_>, params: &Php) -> Outcome {
    let contact = allowed_id(call, Deed::Write, Kind::Contact, params)?;
    let fields = fields_of(params)?;
    let mut links = links_of(call, contact);
    let mut link = parse_link(call, fields, links.len())?;
    if links.iter().any(|known| known.company == link.company) {
        return Ok(Answer::new(Php::Bool(false)));
    }
    if link.primary {
        links.iter_mut().for_each(|known| known.primary = false);
    }
    link.primary |= links.is_empty();
    links.push(link);
    store(call, contact, links)
}

/// `crm.contact.company.delete`: `false` if not linked.
pub(crate) fn delete(call: &mut Call<'_>, params: &Php) -> Outcome {
    let contact = allowed_id(call, Deed::Write, Kind::Contact, params)?;
    let company = fields_of(params)?.get("COMPANY_ID").map_or(0, Php::as_int);
    let mut links = links_of(call, contact);
    let before = links.len();
    links.retain(|link| link.company as i64 != company);
    if links.len() == before {
        return Ok(Answer::new(Php::Bool(false)));
    }
    store(call, contact, links)
}

/// `crm.contact.company.items.get`: the only answer here with integers, and errors come with HTTP 200.
pub(crate) fn items_get(call: &mut Call<'_>, params: &Php) -> Outcome {
    let contact = visible_id(call, Kind::Contact, params)
        .map_err(|_| Refusal::new(200, "ERROR_CORE", "Contact is not found"))?;
    call.check(Deed::Read, Kind::Contact, contact)?;
    Ok(Answer::new(Php::list(
        links_of(call, contact).iter().map(|link| wire_link("COMPANY_ID", link.company, link)),
    )))
}

/// `crm.contact.company.items.set`: replaces the whole set.
pub(crate) fn items_set(call: &mut Call<'_>, params: &Php) -> Outcome {
    let contact = allowed_id(call, Deed::Write, Kind::Contact, params)?;
    let Some(items) = params.param("items").filter(|items| items.is_map()) else {
        return Err(Refusal::business("", "Parameter 'items' must be array."));
    };
    let mut links: Vec<Link> = Vec::new();
    for (_, item) in items.entries() {
        let link = parse_link(call, item, links.len())?;
        if !links.iter().any(|known| known.company == link.company) {
            links.push(link);
        }
    }
    store(call, contact, links)
}

/// `crm.contact.company.items.delete`: clears the set.
pub(crate) fn items_delete(call: &mut Call<'_>, params: &Php) -> Outcome {
    let contact = allowed_id(call, Deed::Write, Kind::Contact, params)?;
    store(call, contact, Vec::new())
}

/// `crm.company.contact.items.get`: `IS_PRIMARY` still describes the contact's primary company.
pub(crate) fn contacts_get(call: &mut Call<'_>, params: &Php) -> Outcome {
    let company = visible_id(call, Kind::Company, params)
        .map_err(|_| Refusal::new(200, "ERROR_CORE", "Company is not found"))?;
    call.check(Deed::Read, Kind::Company, company)?;
    let contacts = call.crm.contacts.with_company(company);
    let rows = contacts.into_iter().filter_map(|contact| {
        let link = call.crm.contacts.get(contact)?.links.iter().find(|link| link.company == company)?;
        Some(wire_link("CONTACT_ID", contact, link))
    });
    Ok(Answer::new(Php::list(rows)))
}

/// `crm.company.contact.add`: `false` if linked already.
pub(crate) fn contact_add(call: &mut Call<'_>, params: &Php) -> Outcome {
    let company = allowed_id(call, Deed::Write, Kind::Company, params)?;
    let fields = fields_of(params)?;
    let contact = contact_of(call, fields)?;
    let present = call.crm.contacts.with_company(company);
    if present.contains(&contact) {
        return Ok(Answer::new(Php::Bool(false)));
    }
    let wanted: Vec<u64> = present.into_iter().chain([contact]).collect();
    let stored = store_contacts(call, company, &wanted);
    shape(call, company, contact, fields);
    stored
}

/// `crm.company.contact.delete`: `false` if not linked.
pub(crate) fn contact_delete(call: &mut Call<'_>, params: &Php) -> Outcome {
    let company = allowed_id(call, Deed::Write, Kind::Company, params)?;
    let contact = fields_of(params)?.get("CONTACT_ID").map_or(0, Php::as_int);
    let mut present = call.crm.contacts.with_company(company);
    let before = present.len();
    present.retain(|id| *id as i64 != contact);
    if present.len() == before {
        return Ok(Answer::new(Php::Bool(false)));
    }
    store_contacts(call, company, &present)
}

/// `crm.company.contact.items.set`: replaces the whole set; the contacts' other companies stay.
pub(crate) fn contacts_set(call: &mut Call<'_>, params: &Php) -> Outcome {
    let company = allowed_id(call, Deed::Write, Kind::Company, params)?;
    let Some(items) = params.param("items").filter(|items| items.is_map()) else {
        return Err(Refusal::business("", "Parameter 'items' must be array."));
    };
    let contacts: Result<Vec<u64>, Refusal> =
        items.entries().iter().map(|(_, item)| contact_of(call, item)).collect();
    let contacts = contacts?;
    let stored = store_contacts(call, company, &contacts);
    for (contact, (_, item)) in contacts.into_iter().zip(items.entries()) {
        shape(call, company, contact, item);
    }
    stored
}

/// `crm.company.contact.items.delete`: clears the set.
pub(crate) fn contacts_delete(call: &mut Call<'_>, params: &Php) -> Outcome {
    let company = allowed_id(call, Deed::Write, Kind::Company, params)?;
    store_contacts(call, company, &[])
}

fn contact_of(call: &Call<'_>, item: &Php) -> Result<u64, Refusal> {
    let contact = item.get("CONTACT_ID").map_or(0, Php::as_int);
    u64::try_from(contact)
        .ok()
        .filter(|id| call.crm.contacts.get(*id).is_some())
        .ok_or_else(|| Refusal::business("", "Contact is not found"))
}

fn store_contacts(call: &mut Call<'_>, company: u64, contacts: &[u64]) -> Outcome {
    call.crm.link_contacts(company, contacts);
    call.writes += 1;
    Ok(Answer::new(Php::Bool(true)))
}

/// Gives a contact's link to this company the place and the rank that were sent.
fn shape(call: &mut Call<'_>, company: u64, contact: u64, item: &Php) {
    let mut links = links_of(call, contact);
    let is_primary = marked_primary(item);
    for link in &mut links {
        if link.company == company {
            link.sort = sent_sort(item).unwrap_or(link.sort);
        }
        link.primary = if is_primary { link.company == company } else { link.primary };
    }
    if let Some(mut record) = call.crm.contacts.get(contact).cloned() {
        record.set_links(links);
        call.crm.contacts.put(contact, record);
    }
}

fn marked_primary(item: &Php) -> bool {
    item.get("IS_PRIMARY").and_then(Php::as_text).is_some_and(|flag| flag == "Y")
}

fn sent_sort(item: &Php) -> Option<i64> {
    item.get("SORT").map(Php::as_int).filter(|sort| *sort > 0)
}

fn wire_link(key: &'static str, id: u64, link: &Link) -> Php {
    Php::map([
        (key, Php::Int(id as i64)),
        ("SORT", Php::Int(link.sort)),
        ("ROLE_ID", Php::Int(0)),
        ("IS_PRIMARY", Php::text(if link.primary { "Y" } else { "N" })),
    ])
}

fn parse_link(call: &Call<'_>, item: &Php, present: usize) -> Result<Link, Refusal> {
    let company = item.get("COMPANY_ID").map_or(0, Php::as_int);
    let company = u64::try_from(company).ok().filter(|id| call.crm.companies.get(*id).is_some());
    let Some(company) = company else {
        return Err(Refusal::business("", "Company is not found"));
    };
    let mut link = new_link(company, present);
    link.sort = sent_sort(item).unwrap_or(link.sort);
    link.primary = marked_primary(item);
    Ok(link)
}

fn links_of(call: &Call<'_>, contact: u64) -> Vec<Link> {
    call.crm.contacts.get(contact).map(|record| record.links.clone()).unwrap_or_default()
}

fn store(call: &mut Call<'_>, contact: u64, links: Vec<Link>) -> Outcome {
    call.crm.set_links(contact, links).map_err(|fail| Refusal::classic(&fail))?;
    call.writes += 1;
    Ok(Answer::new(Php::Bool(true)))
}
