//! `crm.requisite.*`: where INN and KPP live.
//!
//! The right to a requisite is the right to its owner, so an owner must exist. Owners never notice changes of
//! their requisites. Not responsible for addresses and bank details.

use super::classic::{fields_of, list_rows};
use super::crm::Mode;
use super::dictionary::has_preset;
use super::list::Start;
use super::methods::{Answer, Call, Outcome, Refusal};
use super::php::Php;
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
    if !has_preset(fields.get("PRESET_ID").map_or(0, Php::as_int)) {
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

/// `crm.requisite.get`.
pub(crate) fn get(call: &mut Call<'_>, params: &Php) -> Outcome {
    let id = known_id(call, params)?;
    let schema = call.crm.schema(Kind::Requisite);
    let Some(record) = call.crm.requisites.get(id) else {
        return Err(not_found(id));
    };
    let entries = schema
        .standard_columns()
        .filter_map(|(key, column)| Some((key, values::classic(&column, id, record, call.settings.offset)?)));
    Ok(Answer::new(Php::Map(entries.collect())))
}

/// `crm.requisite.list`: always counts, even with `start=-1`.
pub(crate) fn list(call: &mut Call<'_>, params: &Php) -> Outcome {
    let start = Start::by_page(params.param("start")).counted();
    Ok(list_rows(call, Kind::Requisite, params, start))
}

/// `crm.requisite.update`.
pub(crate) fn update(call: &mut Call<'_>, params: &Php) -> Outcome {
    let id = known_id(call, params)?;
    let fields = fields_of(params)?;
    let author = call.author(Mode::Rest);
    call.crm
        .update(Kind::Requisite, id, fields, Vec::new(), author, false)
        .map_err(|fail| Refusal::classic(&fail))?;
    call.writes += 1;
    Ok(Answer::new(Php::Bool(true)))
}

/// `crm.requisite.delete`.
pub(crate) fn delete(call: &mut Call<'_>, params: &Php) -> Outcome {
    let id = known_id(call, params)?;
    call.crm.delete(Kind::Requisite, id).map_err(|fail| Refusal::classic(&fail))?;
    call.writes += 1;
    Ok(Answer::new(Php::Bool(true)))
}

fn known_id(call: &Call<'_>, params: &Php) -> Result<u64, Refusal> {
    let id = u64::try_from(params.param("id").map_or(0, Php::as_int)).unwrap_or(0);
    if call.crm.requisites.get(id).is_none() { Err(not_found(id)) } else { Ok(id) }
}

fn not_found(id: u64) -> Refusal {
    Refusal::business("", format!("The Requisite with ID '{id}' is not found"))
}

/// Requisites report wrong fields with the integer 0 as a code.
fn refused(description: &str) -> Refusal {
    Refusal { status: 400, error: Php::Int(0), description: description.to_owned() }
}
