//! Small named texts that survive a restart.

use obmen_engine::ports::StoreError;
use rusqlite::params;

use super::statement::Scope;

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
    const RECALL: &str = "/* text.recall */ select value from text where pair = ?1 and name = ?2";
    scope.one(RECALL, params![scope.pair, name], |row| row.get(0))
}
