//! Findings of both doctors, and whether a sync may run after them.

mod fields;

use futures_util::future;
use obmen_domain::record::{Catalog, Side};
use obmen_domain::rules::Capacity;
use obmen_engine::doctor::{Doctor as _, Finding, Severity};
use obmen_engine::ports::Reader as _;

use crate::failure::Failure;
use crate::wiring::Joined;

/// Findings that say some records may be hidden: they stop a sync unless it is told to go on without creating.
const HIDDEN_RECORDS: &str = "check-bitrix24-not-admin";

/// A finding of a side.
pub(crate) type Found = (Side, Finding);

/// Looks both sides over at once.
pub(crate) async fn check(joined: &Joined) -> Vec<Found> {
    let (left, right) = future::join(joined.bitrix24.check(), joined.onec.check()).await;
    let mut found = by_side(left, right);
    let rules = joined.known.config().rules(false);
    let catalogs = [Catalog::Counterparty, Catalog::ContactPerson, Catalog::Individual];
    let rooms: Vec<Capacity> = catalogs.map(|catalog| joined.onec.capacity(catalog)).into();
    found.extend(joined.known.neighbours().with_the_same_ids().into_iter().map(|pair| {
        let details = vec![("pair", pair.to_owned())];
        (Side::Bitrix24, Finding::problem("check-pair-same-ids", details))
    }));
    found.extend(fields::look_over(&rules, &joined.bitrix24.capacity(Catalog::Bitrix24), &rooms));
    found
}

/// Creates what is missing on both sides.
pub(crate) async fn set_up(joined: &Joined) -> Vec<Found> {
    let (left, right) = future::join(joined.bitrix24.setup(), joined.onec.setup()).await;
    by_side(left, right)
}

/// Stops before a run that cannot or must not go on. Afterwards both connections are open.
pub(crate) async fn pass(joined: &Joined, partial_rights: bool) -> Result<(), Failure> {
    let mut stops = check(joined).await;
    stops.retain(|(_, finding)| {
        let accepted = partial_rights && finding.code == HIDDEN_RECORDS;
        finding.severity == Severity::Problem && !accepted
    });
    if stops.is_empty() { Ok(()) } else { Err(Failure::Findings(stops)) }
}

fn by_side(left: Vec<Finding>, right: Vec<Finding>) -> Vec<Found> {
    let of = |side: Side| move |finding| (side, finding);
    left.into_iter().map(of(Side::Bitrix24)).chain(right.into_iter().map(of(Side::Onec))).collect()
}
