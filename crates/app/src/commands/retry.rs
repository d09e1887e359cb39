//! `obmen retry`: takes up again what was refused, given up or put off. It asks neither side: the next sync writes it.

use obmen_domain::record::RecordId;
use obmen_engine::decide;
use serde_json::json;

use super::review;
use crate::cli::RetryArgs;
use crate::context::Context;
use crate::failure::{Ending, Failure};
use crate::wiring;

/// Takes up what was named, or everything.
pub(crate) async fn run(args: RetryArgs, context: &Context) -> Result<Ending, Failure> {
    let known = wiring::open_store(context).await?;
    let mut named = Vec::with_capacity(args.records.len());
    for text in &args.records {
        named.push(review::record(&known, text).await?);
    }
    let records = decide::retry(known.store.as_ref(), &named, &review::occasion(context)).await?;
    if context.global.json {
        context.print_json(&json!({ "retried": records.iter().map(RecordId::mutual).collect::<Vec<_>>() }));
    } else if records.is_empty() {
        context.print(&context.say("retry-none"));
    } else {
        context.print(&context.say_with("retry-taken-up", &[("count", records.len().into())]));
    }
    Ok(Ending::Done)
}
