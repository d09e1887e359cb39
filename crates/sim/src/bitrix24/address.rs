//! `crm.address.*`: postal addresses, which belong to requisites.
//!
//! An address has no id: its type and its owner are its key, so an owner has one address of a type. Whose it is in
//! the end, a contact's or a company's, stands in its anchor, which the portal fills. Addresses have no dates, and
//! neither requisite nor anchor notices a change. Not responsible for leads and for portals that still keep
//! addresses beside contacts.

use super::classic::{fields_of, list_rows};
use super::crm::Mode;
use super::dictionary::is_address_type;
use super::list::Start;
use super::methods::{Answer, Call, Outcome, Refusal};
use super::php::Php;
use super::rights::Deed;
use super::schema::Kind;

/// `crm.address.add`: `true`; refused if the owner has an address of this type.
pub(crate) fn add(call: &mut Call<'_>, params: &Php) -> Outcome {
    let fields = keyed_fields(params)?;
    let owner = u64::try_from(fields.get("ENTITY_ID").map_or(0, Php::as_int)).unwrap_or(0);
    if call.crm.requisites.get(owner).is_none() {
        return Err(undefined("ENTITY_ID"));
    }
    call.check(Deed::Write, Kind::Requisite, owner)?;
    let author = call.author(Mode::Rest);
    call.crm.create(Kind::Address, fields, Vec::new(), author).map_err(|fail| Refusal::classic(&fail))?;
    done(call)
}

/// `crm.address.list`: without an `ID`.
pub(crate) fn list(call: &mut Call<'_>, params: &Php) -> Outcome {
    let start = Start::by_page(params.param("start"));
    Ok(list_rows(call, Kind::Address, params, start))
}

/// `crm.address.update`: the key names it, the other fields change.
pub(crate) fn update(call: &mut Call<'_>, params: &Php) -> Outcome {
    let fields = keyed_fields(params)?;
    let id = call.crm.address(fields).ok_or_else(not_found)?;
    call.check(Deed::Write, Kind::Address, id)?;
    let author = call.author(Mode::Rest);
    call.crm
        .update(Kind::Address, id, fields, Vec::new(), author, false)
        .map_err(|fail| Refusal::classic(&fail))?;
    done(call)
}

/// `crm.address.delete`.
pub(crate) fn delete(call: &mut Call<'_>, params: &Php) -> Outcome {
    let id = call.crm.address(keyed_fields(params)?).ok_or_else(not_found)?;
    call.check(Deed::Write, Kind::Address, id)?;
    call.crm.delete(Kind::Address, id).map_err(|fail| Refusal::classic(&fail))?;
    done(call)
}

/// The `fields`, if they name a key that can be.
fn keyed_fields(params: &Php) -> Result<&Php, Refusal> {
    let fields = fields_of(params)?;
    let number = |name: &str| fields.get(name).map_or(0, Php::as_int);
    if !is_address_type(number("TYPE_ID")) {
        return Err(undefined("TYPE_ID"));
    }
    if number("ENTITY_TYPE_ID").to_string() != Kind::Requisite.type_id() {
        return Err(undefined("ENTITY_TYPE_ID"));
    }
    if number("ENTITY_ID") <= 0 {
        return Err(undefined("ENTITY_ID"));
    }
    Ok(fields)
}

fn done(call: &mut Call<'_>) -> Outcome {
    call.writes += 1;
    Ok(Answer::new(Php::Bool(true)))
}

fn undefined(name: &str) -> Refusal {
    Refusal::business("", format!("{name} is not defined or invalid."))
}

fn not_found() -> Refusal {
    Refusal::business("", "TypeAddress not found.")
}
