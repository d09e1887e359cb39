//! Small named texts that survive a restart.

use obmen_engine::ports::StoreError;

use super::statement::Scope;
use crate::statements::TEXT_RECALL;

/// Keeps texts under their names, in place of earlier ones.
pub(crate) async fn keep(scope: &Scope<'_>, texts: &[(&str, &str)]) -> Result<(), StoreError> {
    const KEEP: &str = "/* text.keep */
        insert into text (pair, name, value)
        select $1::integer, new.* from unnest($2::text[], $3::text[]) as new
        on conflict (pair, name) do update set value = excluded.value";
    let (names, values): (Vec<&str>, Vec<&str>) = texts.iter().copied().unzip();
    scope.execute(KEEP, &[&scope.pair, &names, &values]).await?;
    Ok(())
}

/// The text kept under a name.
pub(crate) async fn recall(scope: &Scope<'_>, name: &str) -> Result<Option<String>, StoreError> {
    scope.one(TEXT_RECALL, &[&scope.pair, &name], |row| row.get(0)).await
}
