//! How far the portal's limits are used up, as the last command that called it left them, and how soon `obmen serve` finds
//! what nobody tells of.

use obmen_bitrix24::limiter::{KEPT_AS, Usage, usage};
use obmen_engine::pace::{IDS, LOOK};
use obmen_engine::ports::Clock as _;
use serde::Serialize;

use crate::config::PairConfig;
use crate::context::Context;
use crate::failure::Failure;
use crate::report::figures_table;
use crate::wiring::Known;

/// So many methods are shown to people.
const SHOWN: usize = 5;

/// Within how many seconds a change is found that no message tells of, where the side answers quickly.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Found {
    /// Something new or changed in Bitrix24.
    bitrix24_changed: u64,
    /// Something new, changed or gone in 1C.
    onec_changed: u64,
    /// A record that is gone from Bitrix24.
    bitrix24_gone: u64,
    /// Links between contacts and companies, requisites that went.
    other: u64,
}

impl Found {
    pub(super) fn of(config: &PairConfig) -> Self {
        Self {
            bitrix24_changed: config.bitrix24.poll_seconds.into(),
            onec_changed: config.onec.poll_seconds().into(),
            bitrix24_gone: IDS.as_secs(),
            other: LOOK.as_secs(),
        }
    }
}

/// How far the limits are used up; none where the portal was never called.
pub(super) async fn used(known: &Known, context: &Context) -> Result<Option<Usage>, Failure> {
    let kept = known.store.recall(KEPT_AS).await?;
    Ok(kept.map(|kept| usage(known.limits(), &kept, context.clock.now())))
}

pub(super) fn show(usage: &Usage, context: &Context) {
    let of = |used: f64, all: f64| {
        context.say_with(
            "status-limit-of",
            &[("used", format!("{used:.1}").into()), ("all", format!("{all:.0}").into())],
        )
    };
    let mut rows = vec![(context.say("status-limit-requests"), of(usage.requests_used, usage.requests))];
    rows.extend(
        usage.refused_until.map(|until| {
            (context.say("status-limit-refused"), until.strftime("%Y-%m-%d %H:%M:%S").to_string())
        }),
    );
    for method in usage.methods.iter().take(SHOWN) {
        let name = [("method", method.method.as_str().into())];
        rows.push((context.say_with("status-limit-method", &name), of(method.used, usage.seconds)));
        if method.by_others > 0.0 {
            let seconds = format!("{:.1}", method.by_others);
            rows.push((context.say_with("status-limit-others", &name), seconds));
        }
    }
    context.print(&figures_table(&context.say("status-limits"), &rows));
}

pub(super) fn show_found(found: &Found, context: &Context) {
    let rows = [
        ("status-found-bitrix24", found.bitrix24_changed),
        ("status-found-onec", found.onec_changed),
        ("status-found-gone", found.bitrix24_gone),
        ("status-found-other", found.other),
    ];
    let rows = rows.map(|(id, seconds)| (context.say(id), seconds.to_string()));
    context.print(&figures_table(&context.say("status-found"), &rows));
}
