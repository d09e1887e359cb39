//! Writes: creates, updates and deletions as commands, their answers as outcomes.
//!
//! Nothing is repeated. Invariant: an outcome is said for every write, and "not done" is said only of what certainly
//! had no effect.

pub(crate) mod create;
pub(crate) mod denied;
pub(crate) mod further;
pub(crate) mod mark;
pub(crate) mod points;
pub(crate) mod requisite;
pub(crate) mod sorted;
pub(crate) mod update;

use obmen_domain::party::Field;
use obmen_domain::record::Side;
use obmen_engine::ports::{Outcome, SideError};

use crate::address;
use crate::call::{Meaning, Reply, WireError};

/// The outcome of a command that did not succeed; `None` where it did.
pub(crate) fn failure(method: &str, field: Option<Field>, reply: &Reply) -> Option<Outcome> {
    Some(match reply {
        Reply::Answer(_) => return None,
        // Somebody was faster; the next look tells what stands there.
        Reply::Refused(error) if error.words().contains(address::EXISTS) => {
            Outcome::NotDone(SideError::Busy { side: Side::Bitrix24, words: error.words() })
        }
        Reply::NotDone(error) => Outcome::NotDone(error.clone()),
        Reply::Unknown(_) => Outcome::Unknown,
        Reply::Refused(error) => match error.meaning(method) {
            Meaning::NotFound if method.ends_with(".update") || method.ends_with(".delete") => {
                Outcome::Missing
            }
            _ => Outcome::Refused {
                words: error.words(),
                field: field.or_else(|| field_of(error)),
                fault: error.fault(),
            },
        },
    })
}

/// The outcome of a write whose surroundings failed before it was sent.
pub(crate) fn not_done(error: &SideError) -> Outcome {
    Outcome::NotDone(error.clone())
}

/// The field an error is about, where its words tell.
fn field_of(error: &WireError) -> Option<Field> {
    let words = error.words().to_lowercase();
    ["e-mail", "email"].iter().any(|mark| words.contains(mark)).then_some(Field::Email)
}
