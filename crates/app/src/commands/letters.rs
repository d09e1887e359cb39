//! Dead letters: writes that were refused or given up, told by their cause, each cause once with its remedy.

use std::collections::BTreeMap;

use obmen_domain::review::Review;
use obmen_engine::ports::StoreError;
use obmen_engine::store::Store;
use serde::Serialize;

use super::review::{reason, remedy};
use crate::context::Context;

/// So many causes are told to people; `obmen review list` has the others.
const SHOWN: usize = 10;

/// Records that were not written for one cause.
#[derive(Debug, Serialize)]
pub(super) struct Cause {
    reason: String,
    remedy: Option<String>,
    records: u64,
}

/// The causes that wait, the most frequent first.
///
/// # Errors
/// Where the store fails.
pub(super) async fn causes(store: &dyn Store, context: &Context) -> Result<Vec<Cause>, StoreError> {
    let mut counts: BTreeMap<(String, Option<String>), u64> = BTreeMap::new();
    for review in store.reviews().await?.iter().filter(|review| review.is_dead_letter()) {
        *counts.entry(words(review, context)).or_default() += 1;
    }
    let mut causes: Vec<Cause> =
        counts.into_iter().map(|((reason, remedy), records)| Cause { reason, remedy, records }).collect();
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.records));
    Ok(causes)
}

fn words(review: &Review, context: &Context) -> (String, Option<String>) {
    let words = &context.words;
    (reason(&review.reason, &review.fields, words), remedy(&review.reason, &review.fields, words))
}

/// Tells people the causes.
pub(super) fn show(causes: &[Cause], context: &Context) {
    for cause in causes.iter().take(SHOWN) {
        let args = [("count", cause.records.into()), ("reason", cause.reason.as_str().into())];
        context.print(&context.say_with("letters-cause", &args));
        if let Some(remedy) = &cause.remedy {
            context.print(&context.say_with("remedy", &[("text", remedy.as_str().into())]));
        }
    }
    if causes.len() > SHOWN {
        context.print(&context.say_with("letters-more", &[("count", (causes.len() - SHOWN).into())]));
    }
}
