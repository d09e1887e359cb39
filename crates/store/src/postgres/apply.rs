//! Changes of one pair, handed run by run to the table they belong to.
//!
//! Not responsible for the transaction around them.

use obmen_engine::ports::StoreError;
use obmen_engine::store::Change;

use super::runs::{Run, runs};
use super::statement::Scope;
use super::{dirty, intents, journal, links, reviews, rulings, seen, texts};

/// Makes the changes of a pair.
pub(crate) async fn apply(scope: &Scope<'_>, changes: &[Change]) -> Result<(), StoreError> {
    for run in runs(changes) {
        apply_run(scope, &run).await?;
    }
    Ok(())
}

async fn apply_run(scope: &Scope<'_>, run: &Run<'_>) -> Result<(), StoreError> {
    // Every change of a run is of the sort of the first.
    macro_rules! all {
        ($pattern:pat => $value:expr) => {
            &run.changes
                .iter()
                .filter_map(|change| match change {
                    $pattern => Some($value),
                    _ => None,
                })
                .collect::<Vec<_>>()
        };
    }
    match run.changes[0] {
        Change::Seen(_) => seen::replace(scope, all!(Change::Seen(record) => &**record)).await,
        Change::Gone(_) => seen::remove(scope, all!(Change::Gone(id) => id)).await,
        Change::Dirty { .. } => {
            let signals = all!(Change::Dirty { id, reason, since, due } => {
                dirty::Signal { id, reason: *reason, since: *since, due: *due }
            });
            dirty::signal(scope, signals).await
        }
        Change::AllDirty { due } => dirty::signal_all(scope, *due).await,
        Change::Clean { .. } => {
            dirty::clean(scope, all!(Change::Clean { id, generation } => (id, *generation))).await
        }
        Change::Postpone { .. } => {
            let rows = all!(Change::Postpone { id, generation, reason, attempts, due } => {
                (*generation, dirty::PutOff { id, reason: *reason, attempts: *attempts, due: *due })
            });
            dirty::postpone(scope, rows).await
        }
        Change::Link { .. } => {
            links::link(scope, all!(Change::Link { bitrix24, onec, reason } => (bitrix24, onec, *reason)))
                .await
        }
        Change::Unlink { .. } => {
            links::unlink(scope, all!(Change::Unlink { bitrix24, onec } => (bitrix24, onec))).await
        }
        Change::Base { .. } => {
            links::set_base(scope, all!(Change::Base { bitrix24, party } => (bitrix24, &**party))).await
        }
        Change::Rule(_) => rulings::keep(scope, all!(Change::Rule(ruled) => ruled)).await,
        Change::Intent(_) => intents::keep(scope, all!(Change::Intent(intent) => intent)).await,
        Change::Settled { .. } => intents::settle(scope, all!(Change::Settled { record } => record)).await,
        Change::Review(_) => reviews::open(scope, all!(Change::Review(review) => &**review)).await,
        Change::ReviewClosed { .. } => {
            reviews::close(scope, all!(Change::ReviewClosed { id } => id.as_str())).await
        }
        Change::Journal(_) => journal::write(scope, all!(Change::Journal(entry) => &**entry)).await,
        Change::Text { .. } => {
            texts::keep(scope, all!(Change::Text { name, text } => (name.as_str(), text.as_str()))).await
        }
    }
}
