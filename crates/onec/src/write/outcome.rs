//! What became of a write that brought no entity back.
//!
//! Invariant: `Unknown` exactly where the write may have taken effect.

use obmen_domain::party::Field;
use obmen_engine::ports::{DataFault, Outcome};

use crate::facts::Table;
use crate::odata::{CallError, code};
use crate::wire::DESCRIPTION;

pub(super) fn of_failure(error: CallError, table: &Table) -> Outcome {
    match error {
        CallError::NoReply(_) | CallError::Gateway(_) => Outcome::Unknown,
        CallError::Refused { code: code::NO_INSTANCE, .. } => Outcome::Missing,
        CallError::Refused { code: code::NO_SET | code::DENIED, .. } => {
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
    attributes.into_iter().find(|(_, name)| name.is_some_and(is_named)).map(|(field, _)| field)
}
