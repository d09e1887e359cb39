//! Questions whose text both engines take: `$1`, `$2`, … in the order of their first use.
//!
//! What differs stands with the engine's own functions: SQLite is asked record by record, PostgreSQL for many at once.

pub(crate) const PAIR_FIND: &str = "/* pair.find */ select id from pair where name = $1";

pub(crate) const SEEN_FIGURES: &str = "/* seen.figures */
    select count(*), side, kind from seen where pair = $1 group by kind, side";
pub(crate) const LINK_FIGURES: &str =
    "/* link.figures */ select count(*), kind from link where pair = $1 group by kind";
pub(crate) const DIRTY_FIGURES: &str =
    "/* dirty.figures */ select count(*), reason from dirty where pair = $1 group by reason";
pub(crate) const REVIEW_FIGURES: &str = "/* review.figures */
    select count(*), kind from review where pair = $1 and open = 1 group by kind";
pub(crate) const INTENT_FIGURES: &str = "/* intent.figures */ select count(*) from intent where pair = $1";

/// In the order of the index that the uniqueness of a record needs.
pub(crate) const SEEN_KNOWN: &str = "/* seen.known */
    select kind, side, id from seen where pair = $1 and kind = $2 and side = $3 and id > $4 order by id limit $5";

/// The walk follows the primary key: `+due` keeps SQLite from sorting the whole set for each portion of it.
pub(crate) const DIRTY_DUE: &str = "/* dirty.due */
    select kind, side, id, generation, due, attempts, reason, since from dirty
    where pair = $1 and kind = $2 and (side, number, id) > ($3, $4, $5) and +due <= $6
    order by side, number, id limit $7";
/// Ties in the order of record ids, as the index has them.
pub(crate) const DIRTY_LONGEST: &str = "/* dirty.longest */
    select kind, side, id, generation, due, attempts, reason, since from dirty
    where pair = $1 and due <= $2 order by due, kind, side, number, id limit $3";
/// Generations of a pair follow one another.
pub(crate) const DIRTY_LATEST: &str = "/* dirty.latest */
    select kind, side, id, generation, due, attempts, reason, since from dirty
    where pair = $1 and due <= $2 order by generation desc, kind, side, number, id limit $3";
pub(crate) const DIRTY_FIND: &str = "/* dirty.find */
    select 1 from dirty where pair = $1 and kind = $2 and side = $3 and number = $4 and id = $5";
pub(crate) const DIRTY_NEXT_DUE: &str = "/* dirty.next_due */
    select due from dirty where pair = $1 and due > $2 order by due limit 1";

pub(crate) const INTENT_ALL: &str = "/* intent.all */
    select kind, side, id, sent_at, action from intent where pair = $1 order by kind, side, number, id";

pub(crate) const REVIEW_FIND_OPEN: &str =
    "/* review.find_open */ select document from review where pair = $1 and id = $2 and open = 1";
pub(crate) const REVIEW_ALL_OPEN: &str =
    "/* review.all_open */ select document from review where pair = $1 and open = 1 order by id";

pub(crate) const JOURNAL_OF: &str = "/* journal.of */
    select at, run, event from journal
    where pair = $1 and kind = $2 and side = $3 and id = $4 order by seq";

pub(crate) const JOURNAL_RUNS: &str = "/* journal.runs */
    select run, min(at), max(at) from journal where pair = $1 group by run order by min(at) desc, run desc limit $2";

pub(crate) const TEXT_RECALL: &str = "/* text.recall */ select value from text where pair = $1 and name = $2";
