//! Links: two records that are one party, and the state both sides last agreed on.
//!
//! Invariant: within a pair and a kind a record stands in one link at most.

use std::collections::{BTreeMap, BTreeSet};

use obmen_domain::party::Party;
use obmen_domain::plan::LinkReason;
use obmen_domain::record::{RecordId, Side};
use obmen_engine::ports::StoreError;
use obmen_engine::store::Link;

use super::rows::{Fields, Ids};
use super::statement::Scope;
use crate::documents::{from_json, from_word, to_json, to_word};

/// Links records. The very same link again changes nothing.
pub(crate) async fn link(
    scope: &Scope<'_>,
    links: &[(&RecordId, &RecordId, LinkReason)],
) -> Result<(), StoreError> {
    const FIND_OTHER: &str = "/* link.find_other */
        select asked.place - 1
        from unnest($2::smallint[], $3::text[], $4::text[]) with ordinality as asked (kind, bitrix24, onec, place)
        join link on link.pair = $1 and link.kind = asked.kind and link.bitrix24 = asked.bitrix24
        where link.onec <> asked.onec
        union all
        select asked.place - 1
        from unnest($2::smallint[], $3::text[], $4::text[]) with ordinality as asked (kind, bitrix24, onec, place)
        join link on link.pair = $1 and link.kind = asked.kind and link.onec = asked.onec
        where link.bitrix24 <> asked.bitrix24
        limit 1";
    const ADD: &str = "/* link.add */
        insert into link (pair, kind, bitrix24, onec, reason)
        select $1::integer, new.* from unnest($2::smallint[], $3::text[], $4::text[], $5::text[]) as new
        on conflict (pair, kind, bitrix24) do nothing";
    for (bitrix24, onec, _) in links {
        if (bitrix24.side, onec.side) != (Side::Bitrix24, Side::Onec) || bitrix24.kind != onec.kind {
            return Err(StoreError::Failed(format!("link.add: {bitrix24} and {onec} cannot be one party")));
        }
    }
    let left = Ids::of(links.iter().map(|link| link.0));
    let right = Ids::of(links.iter().map(|link| link.1));
    let other = scope
        .one(FIND_OTHER, &[&scope.pair, &left.kinds, &left.ids, &right.ids], |row| row.count::<usize>(0))
        .await?;
    if let Some((bitrix24, onec, _)) = other.and_then(|place| links.get(place)) {
        return Err(StoreError::Failed(format!(
            "link.add: {bitrix24} or {onec} is linked with another record"
        )));
    }
    let reasons: Vec<String> =
        links.iter().map(|(.., reason)| to_word(ADD, reason)).collect::<Result<_, _>>()?;
    scope.execute(ADD, &[&scope.pair, &left.kinds, &left.ids, &right.ids, &reasons]).await?;
    Ok(())
}

/// Ends links. One that does not exist changes nothing.
pub(crate) async fn unlink(scope: &Scope<'_>, links: &[(&RecordId, &RecordId)]) -> Result<(), StoreError> {
    const UNLINK: &str = "/* link.remove */
        delete from link using unnest($2::smallint[], $3::text[], $4::text[]) as old (kind, bitrix24, onec)
        where link.pair = $1 and link.kind = old.kind and link.bitrix24 = old.bitrix24 and link.onec = old.onec";
    let left = Ids::of(links.iter().map(|link| link.0));
    let right = Ids::of(links.iter().map(|link| link.1));
    scope.execute(UNLINK, &[&scope.pair, &left.kinds, &left.ids, &right.ids]).await?;
    Ok(())
}

/// Keeps the states both sides agree on.
pub(crate) async fn set_base(scope: &Scope<'_>, bases: &[(&RecordId, &Party)]) -> Result<(), StoreError> {
    const SET: &str = "/* link.set_base */
        update link set base = new.base
        from unnest($2::smallint[], $3::text[], $4::text[]) with ordinality as new (kind, bitrix24, base, place)
        where link.pair = $1 and link.kind = new.kind and link.bitrix24 = new.bitrix24
        returning new.place - 1";
    let ids = Ids::of(bases.iter().map(|base| base.0));
    let documents: Vec<String> =
        bases.iter().map(|(_, party)| to_json(SET, party)).collect::<Result<_, _>>()?;
    let set =
        scope.all(SET, &[&scope.pair, &ids.kinds, &ids.ids, &documents], |row| row.count::<usize>(0)).await?;
    let set: BTreeSet<usize> = set.into_iter().collect();
    match bases.iter().enumerate().find(|(place, _)| !set.contains(place)) {
        Some((_, (bitrix24, _))) => {
            Err(StoreError::Failed(format!("link.set_base: {bitrix24} is not linked")))
        }
        None => Ok(()),
    }
}

/// The links of these records, each once, in the order of their Bitrix24 ids.
pub(crate) async fn of(scope: &Scope<'_>, ids: &[RecordId]) -> Result<Vec<Link>, StoreError> {
    const OF: &str = "/* link.of */
        select link.kind, link.bitrix24, link.onec, link.reason, link.base
        from unnest($2::smallint[], $3::smallint[], $4::text[]) as asked (kind, side, id)
        join link on link.pair = $1 and link.kind = asked.kind and link.bitrix24 = asked.id
        where asked.side = 0
        union all
        select link.kind, link.bitrix24, link.onec, link.reason, link.base
        from unnest($2::smallint[], $3::smallint[], $4::text[]) as asked (kind, side, id)
        join link on link.pair = $1 and link.kind = asked.kind and link.onec = asked.id
        where asked.side = 1";
    let ids = Ids::of(ids);
    let links = scope.all(OF, &[&scope.pair, &ids.kinds, &ids.sides, &ids.ids], read_row).await?;
    let links: BTreeMap<_, _> = links.into_iter().map(|link| (link.bitrix24.clone(), link)).collect();
    Ok(links.into_values().collect())
}

fn read_row(row: &Fields<'_>) -> Result<Link, StoreError> {
    let kind = row.kind(0)?;
    let base: Option<&str> = row.get(4)?;
    Ok(Link {
        bitrix24: RecordId { side: Side::Bitrix24, kind, id: row.get(1)? },
        onec: RecordId { side: Side::Onec, kind, id: row.get(2)? },
        reason: from_word(row.sql, row.get(3)?)?,
        base: base.map(|document| from_json(row.sql, document)).transpose()?,
    })
}
