//! Findings of both doctors, and whether a sync may run after them.

use futures_util::future;
use obmen_domain::record::Side;
use obmen_engine::doctor::{Doctor as _, Finding, Severity};

use crate::failure::Failure;
use crate::wiring::Joined;

/// Findings that say some records may be hidden: they stop a sync unless it is told to go on without creating.
const HIDDEN_RECORDS: &str = "check-bitrix24-not-admin";

/// A finding of a side.
pub(crate) type Found = (Side, Finding);

/// Looks both sides over at once.
pub(crate) async fn check(joined: &Joined) -> Vec<Found> {
    let (left, right) = future::join(joined.bitrix24.check(), joined.onec.check()).await;
    by_side(left, right)
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
