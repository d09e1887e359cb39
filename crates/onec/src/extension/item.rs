//! Writing: items that are one transaction each.
//!
//! Not responsible for what an item says and what its outcome means (see `write`). Invariants: an item goes under a key of its own, so
//! that asking once more after a lost answer writes nothing twice; what the extension had no time for is sent again at once.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::Extension;
use super::question::Answer;
use crate::fault::CallError;
use crate::odata::Object;

/// The name space of keys.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f62_6d65_6e2d_5000_8c1e_3f1c_6e5e_0002);

/// One transaction.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Item {
    pub(crate) objects: Vec<ItemObject>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) records: Vec<ItemRecord>,
}

/// An object of an item.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ItemObject {
    pub(crate) set: String,
    #[serde(rename = "ref")]
    pub(crate) reference: Uuid,
    /// In which it has to stand; empty where there has to be none.
    pub(crate) version: String,
    /// What is set; none where its version alone is compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fields: Option<Object>,
    /// The portal's id of it, where that is to be kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mutual_id: Option<String>,
}

/// A record of a register.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ItemRecord {
    pub(crate) set: String,
    /// What it has to be before; `null` where there has to be none.
    pub(crate) was: Value,
    pub(crate) fields: Object,
}

/// Objects to be read back.
#[derive(Debug, Serialize)]
pub(crate) struct Show<'s> {
    pub(crate) set: &'s str,
    pub(crate) fields: Vec<&'s str>,
}

/// What became of an item.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct ItemOutcome {
    pub(crate) outcome: String,
    pub(crate) words: String,
    pub(crate) field: String,
    /// The object it is about.
    pub(crate) set: String,
    /// Who has the id that was to be kept.
    pub(crate) holder: Option<Holder>,
}

/// An object that has an id.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Holder {
    pub(crate) set: String,
    #[serde(rename = "ref")]
    pub(crate) reference: Uuid,
}

#[derive(Serialize)]
struct WriteBody<'w> {
    pair: &'w str,
    seconds: u64,
    items: Vec<Keyed<'w>>,
    show: &'w [Show<'w>],
}

#[derive(Serialize)]
struct Keyed<'w> {
    key: String,
    #[serde(flatten)]
    item: &'w Item,
}

#[derive(Deserialize)]
struct WriteAnswer {
    items: Vec<ItemOutcome>,
    shown: Vec<Answer>,
}

impl Extension {
    /// Sends items; one outcome each, in the same order, and the objects of the wanted sets as they stand afterwards. `Err` where
    /// what became of them is not known, or nothing was done.
    pub(crate) async fn write(
        &self,
        items: &[Item],
        show: &[Show<'_>],
    ) -> Result<(Vec<ItemOutcome>, Vec<Object>), CallError> {
        let mut outcomes: Vec<Option<ItemOutcome>> = vec![None; items.len()];
        let mut objects = Vec::new();
        loop {
            let open: Vec<usize> = (0..items.len()).filter(|at| outcomes[*at].is_none()).collect();
            let Some(first) = open.first().copied() else { break };
            let part: Vec<&Item> = open.iter().map(|at| &items[*at]).collect();
            let (answered, shown) = self.write_once(&part, show).await?;
            objects.extend(shown);
            for (at, outcome) in open.into_iter().zip(answered) {
                // The first one was begun in any case, whatever is said of it.
                if at == first || outcome.outcome != "not-reached" {
                    outcomes[at] = Some(outcome);
                }
            }
        }
        Ok((outcomes.into_iter().flatten().collect(), objects))
    }

    async fn write_once(
        &self,
        items: &[&Item],
        show: &[Show<'_>],
    ) -> Result<(Vec<ItemOutcome>, Vec<Object>), CallError> {
        let now = self.clock.now().to_string();
        let keyed = items.iter().map(|item| Keyed { key: key(&self.pair, item, &now), item }).collect();
        let body = WriteBody { pair: &self.pair, seconds: self.seconds, items: keyed, show };
        let answer: WriteAnswer = self.act("write", &body).await?;
        if answer.items.len() != items.len() {
            return Err(CallError::Gateway("another number of outcomes than of items".to_owned()));
        }
        // What cannot be read back is read by itself.
        let shown = answer.shown.into_iter().filter_map(|shown| shown.objects).flatten();
        Ok((answer.items, shown.collect()))
    }
}

/// A key that no other content has, and no other attempt at this one: an object that was deleted meanwhile is made anew.
fn key(pair: &str, item: &Item, now: &str) -> String {
    let content = serde_json::to_string(item).expect("an item always serialises");
    Uuid::new_v5(&NAMESPACE, format!("{pair}|{now}|{content}").as_bytes()).to_string()
}
