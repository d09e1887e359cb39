//! Small named texts that survive a restart.

use obmen_engine::ports::StoreError;
use rusqlite::params;

use super::statement::Scope;
use crate::statements::TEXT_RECALL;

/// Keeps a text under a name, in place of an earlier one.
pub(crate) fn keep(scope: &Scope<'_>, name: &str, text: &str) -> Result<(), StoreError> {
    const KEEP: &str = "/* text.keep */
        insert into text (pair, name, value) values (?1, ?2, ?3)
        on conflict (pair, name) do update set value = excluded.value";
    scope.execute(KEEP, params![scope.pair, name, text])?;
    Ok(())
}

/// The text kept under a name.
pub(crate) fn recall(scope: &Scope<'_>, name: &str) -> Result<Option<String>, StoreError> {
    scope.one(TEXT_RECALL, params![scope.pair, name], |row| row.get(0))
}
