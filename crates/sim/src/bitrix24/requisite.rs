//! `crm.requisite.*` and `crm.requisite.bankdetail.*`: where INN and KPP live, and accounts with banks.
//!
//! The right to a requisite is the right to its owner, so an owner must exist. Owners never notice changes of
//! their requisites. Not responsible for addresses.

use super::classic::{fields_of, list_rows};
use super::crm::Mode;
use super::list::Start;
use super::methods::{Answer, Call, Outcome, Refusal};
use super::php::Php;
use super::presets::has_preset;
use super::rights::Deed;
use super::schema::Kind;
use super::values;

/// `crm.requisite.add`.
pub(crate) fn add(call: &mut Call<'_>, params: &Php) -> Outcome {
    let fields = fields_of(params)?;
    let owner_type = Kind::from_type_id(fields.get("ENTITY_TYPE_ID").map_or(0, Php::as_int));
    let Some(owner_type) = owner_type else {
        return Err(refused("ENTITY_TYPE_ID is not defined or invalid."));
    };
    let owner = u64::try_from(fields.get("ENTITY_ID").map_or(0, Php::as_int)).unwrap_or(0);
    if call.crm.table(owner_type).get(owner).is_none() {
        return Err(refused("ENTITY_ID is not defined or invalid."));
    }
    call.check(Deed::Write, owner_type, owner)?;
    if !has_preset(call.settings, fields.get("PRESET_ID").map_or(0, Php::as_int)) {
        return Err(refused("PRESET_ID is not defined or invalid."));
    }
    let author = call.author(Mode::Rest);
    let id = call
        .crm
        .create(Kind::Requisite, fields, Vec::new(), author)
        .map_err(|fail| Refusal::classic(&fail))?;
    call.writes += 1;
    Ok(Answer::new(Php::Int(id as i64)))
}

/// `crm.requisite.bankdetail.add`: its owner is a requisite.
pub(crate) fn add_bank_detail(call: &mut Call<'_>, params: &Php) -> Outcome {
    let fields = fields_of(params)?;
    let owner = u64::try_from(fields.get("ENTITY_ID").map_or(0, Php::as_int)).unwrap_or(0);
    if call.crm.requisites.get(owner).is_none() {
        return Err(Refusal::business("", "ENTITY_ID is not defined or invalid."));
    }
    call.check(Deed::Write, Kind::Requisite, owner)?;
    let author = call.author(Mode::Rest);
    let id = call
        .crm
        .create(Kind::BankDetail, fields, Vec::new(), author)
        .map_err(|fail| Refusal::classic(&fail))?;
    call.writes += 1;
    Ok(Answer::new(Php::Int(id as i64)))
}

/// `….get`.
pub(crate) fn get(call: &mut Call<'_>, kind: Kind, params: &Php) -> Outcome {
    let id = known_id(call, Deed::Read, kind, params)?;
    let schema = call.crm.schema(kind);
    let Some(record) = call.crm.table(kind).get(id) else {
        return Err(not_found(kind, id));
    };
    let entries = schema
        .standard_columns()
        .chain(schema.user_columns())
        .filter_map(|(key, column)| Some((key, values::classic(&column, id, record, call.settings.offset)?)));
    Ok(Answer::new(Php::Map(entries.collect())))
}

/// `….list`: always counts, even with `start=-1`.
pub(crate) fn list(call: &mut Call<'_>, kind: Kind, params: &Php) -> Outcome {
    let start = Start::by_page(params.param("start")).counted();
    Ok(list_rows(call, kind, params, start))
}

/// `….update`.
pub(crate) fn update(call: &mut Call<'_>, kind: Kind, params: &Php) -> Outcome {
    let id = known_id(call, Deed::Write, kind, params)?;
    let fields = fields_of(params)?;
    let author = call.author(Mode::Rest);
    call.crm.update(kind, id, fields, Vec::new(), author, false).map_err(|fail| Refusal::classic(&fail))?;
    call.writes += 1;
    Ok(Answer::new(Php::Bool(true)))
}

/// `….delete`.
pub(crate) fn delete(call: &mut Call<'_>, kind: Kind, params: &Php) -> Outcome {
    let id = known_id(call, Deed::Write, kind, params)?;
    call.crm.delete(kind, id).map_err(|fail| Refusal::classic(&fail))?;
    call.writes += 1;
    Ok(Answer::new(Php::Bool(true)))
}

fn known_id(call: &Call<'_>, deed: Deed, kind: Kind, params: &Php) -> Result<u64, Refusal> {
    let id = u64::try_from(params.param("id").map_or(0, Php::as_int)).unwrap_or(0);
    if call.crm.table(kind).get(id).is_none() {
        return Err(not_found(kind, id));
    }
    call.check(deed, kind, id).map(|()| id)
}

fn not_found(kind: Kind, id: u64) -> Refusal {
    let name = if kind == Kind::BankDetail { "BankDetail" } else { "Requisite" };
    Refusal::business("", format!("The {name} with ID '{id}' is not found"))
}

/// Requisites report wrong fields with the integer 0 as a code.
fn refused(description: &str) -> Refusal {
    Refusal { status: 400, error: Php::Int(0), description: description.to_owned() }
}
