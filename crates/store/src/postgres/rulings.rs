//! Rulings: what people decided about two records, found by either of them.
//!
//! Invariant: two records have one ruling, the latest.

use obmen_domain::record::RecordId;
use obmen_domain::ruling::Ruled;
use obmen_engine::ports::StoreError;

use super::rows::Ids;
use super::statement::Scope;
use crate::documents::{from_word, to_word};

/// Keeps rulings.
pub(crate) async fn keep(scope: &Scope<'_>, all: &[&Ruled]) -> Result<(), StoreError> {
    const KEEP: &str = "/* ruling.keep */
        insert into ruling (pair, kind, first_side, first, second_side, second, ruling)
        select $1::integer, new.*
        from unnest($2::smallint[], $3::smallint[], $4::text[], $5::smallint[], $6::text[], $7::text[]) as new
        on conflict (pair, kind, first_side, first, second_side, second) do update set ruling = excluded.ruling";
    for Ruled { first, second, .. } in all {
        if first.kind != second.kind || first >= second {
            let words = format!("ruling.keep: nothing can be decided about {first} and {second}");
            return Err(StoreError::Failed(words));
        }
    }
    let first = Ids::of(all.iter().map(|ruled| &ruled.first));
    let second = Ids::of(all.iter().map(|ruled| &ruled.second));
    let words: Vec<String> =
        all.iter().map(|ruled| to_word(KEEP, &ruled.ruling)).collect::<Result<_, _>>()?;
    scope
        .execute(
            KEEP,
            &[&scope.pair, &first.kinds, &first.sides, &first.ids, &second.sides, &second.ids, &words],
        )
        .await?;
    Ok(())
}

/// The rulings about any of these records, each once, sorted.
pub(crate) async fn of(scope: &Scope<'_>, ids: &[RecordId]) -> Result<Vec<Ruled>, StoreError> {
    const OF: &str = "/* ruling.of */
        select ruling.kind, ruling.first_side, ruling.first, ruling.second_side, ruling.second, ruling.ruling
        from unnest($2::smallint[], $3::smallint[], $4::text[]) as asked (kind, side, id)
        join ruling on ruling.pair = $1 and ruling.kind = asked.kind
            and ruling.first_side = asked.side and ruling.first = asked.id
        union
        select ruling.kind, ruling.first_side, ruling.first, ruling.second_side, ruling.second, ruling.ruling
        from unnest($2::smallint[], $3::smallint[], $4::text[]) as asked (kind, side, id)
        join ruling on ruling.pair = $1 and ruling.kind = asked.kind
            and ruling.second_side = asked.side and ruling.second = asked.id";
    let ids = Ids::of(ids);
    let mut rulings = scope
        .all(OF, &[&scope.pair, &ids.kinds, &ids.sides, &ids.ids], |row| {
            let kind = row.kind(0)?;
            let first = RecordId { side: row.side(1)?, kind, id: row.get(2)? };
            let second = RecordId { side: row.side(3)?, kind, id: row.get(4)? };
            Ok(Ruled { first, second, ruling: from_word(OF, row.get(5)?)? })
        })
        .await?;
    rulings.sort_by(|a, b| (&a.first, &a.second).cmp(&(&b.first, &b.second)));
    Ok(rulings)
}
