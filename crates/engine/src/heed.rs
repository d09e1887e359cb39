//! What a run heeds before it plans: that the rules are those of the last one, and that both sides are whole.
//!
//! Rules that changed may want what was withheld before, so everything is looked at again. A side that shows far fewer
//! records than at the last complete walk was perhaps stripped of rights or half restored, and whoever is missing there
//! would be created a second time. Invariant: nothing is written to a side before both are heeded.

use std::collections::BTreeMap;

use obmen_domain::record::{Kind, RecordId, Side};

use crate::store::Change;
use crate::sync::{Engine, EngineError};

/// Names of the texts kept.
const RULES: &str = "rules";
const COUNTS: &str = "counts";
/// So few records may always be missing.
const FEW: u64 = 10;
/// One record in so many may be missing.
const PART: u64 = 10;

/// Far fewer records of a kind than at the last complete walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fall {
    /// The side.
    pub side: Side,
    /// The kind.
    pub kind: Kind,
    /// How many there were.
    pub before: u64,
    /// How many there are.
    pub now: u64,
}

/// How many records a complete walk showed.
pub(crate) type Counts = BTreeMap<(Side, Kind), u64>;

impl Engine {
    /// Makes everything dirty when the rules are not those of the last run.
    pub(crate) async fn heed_rules(&self) -> Result<(), EngineError> {
        let text = serde_json::to_string(&self.rules).expect("rules are plain data and always serialise");
        if self.store.recall(RULES).await?.as_deref() == Some(&text) {
            return Ok(());
        }
        let kept = Change::Text { name: RULES.to_owned(), text };
        Ok(self.store.apply(vec![Change::AllDirty { due: self.clock.now() }, kept]).await?)
    }

    /// Compares what both walks showed with the last complete ones, and keeps it. Where rights hide records, their number
    /// says nothing.
    pub(crate) async fn heed_counts(&self, counts: &Counts) -> Result<(), EngineError> {
        if self.rules.partial_rights {
            return Ok(());
        }
        let kept = self.store.recall(COUNTS).await?;
        let before: BTreeMap<String, u64> =
            kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        let falls = falls(&before, counts);
        if !falls.is_empty() && !self.accept_fewer {
            return Err(EngineError::Fewer(falls));
        }
        let counts: BTreeMap<String, u64> =
            counts.iter().map(|((side, kind), count)| (name(*side, *kind), *count)).collect();
        if counts != before {
            let text = serde_json::to_string(&counts).expect("counts are plain data and always serialise");
            self.store.keep(COUNTS, text).await?;
        }
        Ok(())
    }
}

impl Engine {
    /// Takes records that we deleted ourselves off the counts: the next walk does not miss them.
    pub(crate) async fn heed_deleted<'a>(
        &self,
        deleted: impl Iterator<Item = &'a RecordId>,
    ) -> Result<(), EngineError> {
        let Some(kept) = self.store.recall(COUNTS).await? else { return Ok(()) };
        let mut counts: BTreeMap<String, u64> = serde_json::from_str(&kept).unwrap_or_default();
        for id in deleted {
            if let Some(count) = counts.get_mut(&name(id.side, id.kind)) {
                *count = count.saturating_sub(1);
            }
        }
        let text = serde_json::to_string(&counts).expect("counts are plain data and always serialise");
        Ok(self.store.keep(COUNTS, text).await?)
    }
}

/// Whether far fewer records are there than before.
pub(crate) fn is_far_fewer(before: u64, now: u64) -> bool {
    before.saturating_sub(now) > FEW.max(before / PART)
}

fn falls(before: &BTreeMap<String, u64>, counts: &Counts) -> Vec<Fall> {
    let fall = |((side, kind), now): (&(Side, Kind), &u64)| {
        let before = *before.get(&name(*side, *kind))?;
        is_far_fewer(before, *now).then_some(Fall { side: *side, kind: *kind, before, now: *now })
    };
    counts.iter().filter_map(fall).collect()
}

fn name(side: Side, kind: Kind) -> String {
    format!("{}:{}", side.word(), kind.word())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_has_fallen_when_more_than_a_tenth_and_more_than_a_few_are_missing() {
        for (before, now, has_fallen) in [
            (1000, 900, false),
            (1000, 899, true),
            (1000, 2000, false),
            (100, 90, false),
            (100, 89, true),
            (20, 10, false),
            (20, 9, true),
            (10, 0, false),
            (11, 0, true),
        ] {
            let kept = BTreeMap::from([(name(Side::Onec, Kind::Contact), before)]);
            let counts =
                Counts::from([((Side::Onec, Kind::Contact), now), ((Side::Bitrix24, Kind::Contact), 0)]);
            let fall = Fall { side: Side::Onec, kind: Kind::Contact, before, now };
            let expected = if has_fallen { vec![fall] } else { Vec::new() };
            assert_eq!(falls(&kept, &counts), expected, "{before} -> {now}");
        }
    }
}
