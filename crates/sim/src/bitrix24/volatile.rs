//! `crm.duplicate.volatileType.*`: further fields of the duplicate control at the screen, at most seven on a portal.
//!
//! They do not widen `crm.duplicate.findbycomm`. Not responsible for what the screen finds by them.

use super::methods::{Answer, Call, Outcome, Refusal};
use super::php::Php;
use super::schema::{Kind, Type};

/// A field that the screen looks at when it warns of duplicates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VolatileType {
    /// A bit of its own.
    id: i64,
    kind: Kind,
    field: String,
}

const MAX_TYPES: usize = 7;
const FIRST_ID: i64 = 1 << 25;

/// `crm.duplicate.volatileType.fields`: what can be registered, of one kind or of all.
pub(crate) fn fields(call: &mut Call<'_>, params: &Php) -> Outcome {
    let kinds = match params.param("entityTypeId").map(Php::as_int) {
        None | Some(0) => vec![Kind::Contact, Kind::Company],
        Some(id) => vec![known_kind(id)?],
    };
    let rows = kinds.into_iter().flat_map(|kind| {
        possible(call, kind).into_iter().map(move |field| {
            Php::map([
                ("entityTypeId", Php::Int(type_id(kind))),
                ("fieldCode", Php::text(&field)),
                ("fieldTitle", Php::text(field)),
            ])
        })
    });
    Ok(Answer::new(Php::list(rows)))
}

/// `crm.duplicate.volatileType.list`.
pub(crate) fn list(call: &mut Call<'_>, _: &Php) -> Outcome {
    let rows = call.crm.volatile_types.iter().map(|known| {
        Php::map([
            ("id", Php::Int(known.id)),
            ("entityTypeId", Php::Int(type_id(known.kind))),
            ("fieldCode", Php::text(&known.field)),
        ])
    });
    Ok(Answer::new(Php::list(rows)))
}

/// `crm.duplicate.volatileType.register`: the bit of the field, which a second registration finds again.
pub(crate) fn register(call: &mut Call<'_>, params: &Php) -> Outcome {
    check_admin(call)?;
    let kind = known_kind(params.param("entityTypeId").map_or(0, Php::as_int))?;
    let field = params.param("fieldCode").and_then(Php::as_text).unwrap_or_default().into_owned();
    if !possible(call, kind).contains(&field) {
        return Err(Refusal::business("Field not found", "Specified field not found."));
    }
    let types = &mut call.crm.volatile_types;
    if let Some(known) = types.iter().find(|known| known.kind == kind && known.field == field) {
        return Ok(told(known.id));
    }
    let free = (0..MAX_TYPES).map(|at| FIRST_ID << at).find(|id| types.iter().all(|known| known.id != *id));
    let Some(id) = free else {
        return Err(Refusal::business(
            "MAX_TYPES_COUNT_EXCEEDED",
            "Maximum number of types has been reached.",
        ));
    };
    types.push(VolatileType { id, kind, field });
    call.writes += 1;
    Ok(told(id))
}

/// `crm.duplicate.volatileType.unregister`.
pub(crate) fn unregister(call: &mut Call<'_>, params: &Php) -> Outcome {
    check_admin(call)?;
    let id = params.param("id").map_or(0, Php::as_int);
    let before = call.crm.volatile_types.len();
    call.crm.volatile_types.retain(|known| known.id != id);
    if call.crm.volatile_types.len() == before {
        return Err(Refusal::business("NOT_FOUND", "Specified type not found."));
    }
    call.writes += 1;
    Ok(Answer::new(Php::Bool(true)))
}

/// Texts of the card, and the fields of requisites under their country.
fn possible(call: &Call<'_>, kind: Kind) -> Vec<String> {
    let schema = call.crm.schema(kind);
    let own = schema.standard_columns().chain(schema.user_columns());
    let texts = own.filter(|(_, column)| column.ty() == Type::Text).map(|(name, _)| name.into_owned());
    let requisites = Kind::Requisite.standard().iter().map(|field| field.name);
    let requisites = requisites.filter_map(|name| Some(format!("RQ.RU.{}", name.strip_prefix("RQ_")?)));
    texts.chain(requisites).collect()
}

fn known_kind(id: i64) -> Result<Kind, Refusal> {
    Kind::from_type_id(id)
        .ok_or_else(|| Refusal::business("ENTITY_TYPE_NOT_SUPPORTED", "Entity type is not supported"))
}

fn type_id(kind: Kind) -> i64 {
    super::php::leading_integer(kind.type_id())
}

fn told(id: i64) -> Answer {
    Answer::new(Php::map([("id", Php::Int(id))]))
}

fn check_admin(call: &Call<'_>) -> Result<(), Refusal> {
    if call.is_admin() { Ok(()) } else { Err(Refusal::new(403, "ACCESS_DENIED", "Access denied")) }
}
