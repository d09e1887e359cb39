//! What became of a write that brought no entity back, or of an item that is not done.
//!
//! Invariant: `Unknown` exactly where the write may have taken effect.

use obmen_domain::party::Field;
use obmen_domain::record::Side;
use obmen_engine::ports::{DataFault, Outcome, SideError};
use uuid::Uuid;

use crate::configured::At;
use crate::extension::ItemOutcome;
use crate::facts::Table;
use crate::fault::{CallError, code, of_words, shortened};
use crate::wire::DESCRIPTION;

pub(super) fn of_failure(error: CallError, table: &Table) -> Outcome {
    match error {
        CallError::NoReply(_) | CallError::Gateway(_) => Outcome::Unknown,
        CallError::Refused { code: code::NO_INSTANCE, .. } => Outcome::Missing,
        CallError::Refused { code: code::NO_SET | code::DENIED | code::TOO_MANY, .. } => {
            Outcome::NotDone(error.into_side(&table.names.set))
        }
        CallError::Refused { words, code, .. } => {
            let field = field_named(table, &words);
            let fault = if code == code::UNFILLED { DataFault::Unfilled } else { DataFault::Value };
            Outcome::Refused { words, field, fault }
        }
        other => Outcome::NotDone(other.into_side(&table.names.set)),
    }
}

/// What an item that is not done means.
pub(super) fn of_item(item: &ItemOutcome, table: &Table) -> Outcome {
    let side = Side::Onec;
    let set = &table.names.set;
    let words = shortened(&item.words);
    match item.outcome.as_str() {
        "missing" => Outcome::Missing,
        // What passes by itself is told by its words alone.
        "refused" if matches!(of_words(words.clone(), CallError::Unexpected), CallError::Busy(_)) => {
            Outcome::NotDone(CallError::Busy(words).into_side(set))
        }
        "refused" | "taken" => {
            let field = field_named(table, &item.field).or_else(|| field_named(table, &words));
            Outcome::Refused { words, field, fault: DataFault::Value }
        }
        // Somebody else is at work on it; the next look tells what stands there.
        "busy" | "moved" | "exists" => Outcome::NotDone(SideError::Busy { side, words }),
        "denied" => Outcome::NotDone(SideError::MissingRight { side, what: format!("use {set}") }),
        "not-reached" => Outcome::NotDone(SideError::Unavailable { side, words }),
        // It was sent, and nobody knows.
        "" => Outcome::Unknown,
        _ => Outcome::NotDone(SideError::Unexpected { side, words }),
    }
}

/// A contact person whose company has no partner that it could belong to.
pub(super) fn without_partner(company: Uuid, field: Field) -> Outcome {
    let words = format!("the company {company} has no partner of its own");
    Outcome::Refused { words, field: Some(field), fault: DataFault::Value }
}

/// The field whose attribute the side's words name.
fn field_named(table: &Table, words: &str) -> Option<Field> {
    let names = &table.names;
    let attributes = [
        (Field::Inn, names.inn.as_deref()),
        (Field::Kpp, names.kpp.as_deref()),
        (Field::Ogrn, names.ogrn.as_deref()),
        (Field::LegalName, names.full_name.as_deref()),
        (Field::Position, names.position.as_deref()),
        (Field::Company, names.owner.as_ref().map(|owner| owner.attribute.as_str())),
        (Field::Name, Some(DESCRIPTION)),
    ];
    let is_named =
        |name: &str| words.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name);
    let configured = table.configured.iter().map(|attribute| match &attribute.at {
        At::Property(name) => (Field::Configured(attribute.name), Some(name.as_str())),
        At::Additional(_) | At::Address(_) => (Field::Configured(attribute.name), None),
    });
    let mut all = attributes.into_iter().chain(configured);
    all.find(|(_, name)| name.is_some_and(is_named)).map(|(field, _)| field)
}
