//! One change, handed to the table it belongs to.
//!
//! Not responsible for the transaction around it.

use obmen_engine::ports::StoreError;
use obmen_engine::store::Change;

use super::statement::Scope;
use super::{dirty, intents, journal, links, reviews, rulings, seen, texts};

/// Makes one change of a pair.
pub(crate) fn apply(scope: &Scope<'_>, change: &Change) -> Result<(), StoreError> {
    match change {
        Change::Seen(record) => seen::replace(scope, record),
        Change::Gone(id) => seen::remove(scope, id),
        Change::Dirty { id, reason, since, due } => dirty::signal(scope, id, *reason, *since, *due),
        Change::AllDirty { due } => dirty::signal_all(scope, *due),
        Change::Clean { id, generation } => dirty::clean(scope, id, *generation),
        Change::Postpone { id, generation, reason, attempts, due } => {
            dirty::postpone(scope, id, *generation, *reason, *attempts, *due)
        }
        Change::Link { bitrix24, onec, reason } => links::link(scope, bitrix24, onec, *reason),
        Change::Unlink { bitrix24, onec } => links::unlink(scope, bitrix24, onec),
        Change::Rule(ruled) => rulings::keep(scope, ruled),
        Change::Base { bitrix24, party } => links::set_base(scope, bitrix24, party),
        Change::Intent(intent) => intents::keep(scope, intent),
        Change::Settled { record } => intents::settle(scope, record),
        Change::Review(review) => reviews::open(scope, review),
        Change::ReviewClosed { id } => reviews::close(scope, id),
        Change::Journal(entry) => journal::write(scope, entry),
        Change::Text { name, text } => texts::keep(scope, name, text),
    }
}
