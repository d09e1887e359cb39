//! How a session comes to rest: faults stop, time runs on until everything that is going to happen has happened.
//!
//! After syncs alone that takes further syncs; after a live exchange it takes the times that docs/serving.md states. Not
//! responsible for what is judged then.

use std::time::Duration;

use futures_util::FutureExt as _;
use jiff::Timestamp;
use obmen_domain::record::Side;
use obmen_engine::pace::IDS;
use obmen_engine::report::Report;
use obmen_engine::store::Change;
use obmen_engine::sync::EngineError;

use crate::invariants::{Violation, When, judge};
use crate::op::{Edit, Op};
use crate::session::Session;

/// After the operations the worlds come to rest within so many runs.
const RUNS_TO_REST: usize = 12;
/// Time enough for everything late to land.
const LATE: Duration = Duration::from_secs(180);
/// Contacts that wait for their company are looked at once an hour.
const COMPANY_WAIT: Duration = Duration::from_secs(3700);
/// Within so long everything is found and applied that shows in a poll, a scan or a walk over ids: ten minutes, and a few
/// for whatever has to be settled or tried again by then.
const STATED: Duration = Duration::from_secs(13 * 60);
/// Nothing is written for so long before that time is over,
const STILL: Duration = Duration::from_secs(60);
/// or within so many times as much.
const MINUTES: usize = 5;
/// So many writes that are refused may fall into that time: each pauses longer than the one before.
const TRIED: u64 = 5;
/// Both sides are read in full once a day.
const DAY: Duration = Duration::from_secs(25 * 60 * 60);
/// A full reading and what it brings about.
const READING: Duration = Duration::from_secs(240);
/// How often sides are asked while nothing but the time is of interest.
const SELDOM: Duration = Duration::from_secs(900);

/// Comes to rest and judges.
pub(crate) fn rest(session: &mut Session) -> Vec<Violation> {
    if session.is_live {
        return after_exchange(session);
    }
    let mut violations = after_syncs(session);
    if violations.is_empty() {
        violations = judge(session, When::AtRest);
        violations.extend(stir(session));
    }
    violations
}

/// The live exchange goes on without faults for the stated times, and everything is looked at once more in the end.
fn after_exchange(session: &mut Session) -> Vec<Violation> {
    session.perform(Op::Edit(Edit::GiveRights));
    let late = session.now() + LATE;
    session.begin();
    session.live_until(late);
    let told = session.desk.table().failures.len();
    live_until_found(session, late);
    if says_fewer(session, told) {
        if let Err(words) = session.accept_fewer() {
            let words = format!("a sync that takes far fewer records for the truth: {words}");
            return vec![Violation { invariant: 4, words }];
        }
        session.begin();
        live_until_found(session, session.now());
    }
    if let Some(violation) = restless(session) {
        return vec![violation];
    }
    let violations = judge(session, When::Soon);
    if !violations.is_empty() {
        return violations;
    }
    session.setup.period = SELDOM;
    a_day_later(session);
    session.live_until(session.now() + COMPANY_WAIT);
    let violations = judge(session, When::AtRest);
    if !violations.is_empty() {
        return violations;
    }
    // 5 and 10: looking at everything anew writes nothing.
    session.end_process();
    let everything = vec![Change::AllDirty { due: session.now() }];
    let done = session.store.apply(everything).now_or_never();
    done.expect("an inline store answers at once").expect("a store in memory does not fail");
    let before = writes(session);
    a_day_later(session);
    if writes(session) == before {
        return Vec::new();
    }
    let words = format!("looking at everything anew writes: {before:?} became {:?}", writes(session));
    vec![Violation { invariant: 5, words }]
}

/// The stated times pass. A walk over ids that took long, because it waited for the portal's limits or for an answer, is followed by
/// the next one after twenty times as long: where none has begun since then, that one is waited for.
fn live_until_found(session: &mut Session, since: Timestamp) {
    session.live_until(since + STATED - STILL);
    let walk = session.desk.table().walk;
    if let Some((_, next)) = walk.filter(|(began, next)| *began < since && *next > since + IDS) {
        session.coverage.hit("rest: a walk over ids was waited for");
        session.live_until(next + STATED - IDS - STILL);
    }
}

/// What is wrong where writes go on without end, or without effect. A contact that waits for its company is looked at once an
/// hour, and a batch waits for the portal's limits up to ten minutes: what such a look or wait brings may fall into any minute.
/// So one minute of a few has to be still.
fn restless(session: &mut Session) -> Option<Violation> {
    let (first, attempts) = (writes(session), session.systems.attempts);
    for minute in 0..MINUTES {
        let before = writes(session);
        session.live_until(session.now() + STILL);
        let tried = session.systems.attempts - attempts;
        if minute == 0 && tried > TRIED {
            let words = format!("a write without effect is tried again and again, {tried} times in a minute");
            return Some(Violation { invariant: 12, words });
        }
        if writes(session) == before {
            return None;
        }
    }
    let words = format!("writes go on without end: {first:?} became {:?}", writes(session));
    Some(Violation { invariant: 5, words })
}

/// Whether the product has stopped, after so many failures, at a side that holds far fewer records than before, and waits for a
/// person.
fn says_fewer(session: &Session, told: usize) -> bool {
    let words = EngineError::Fewer(Vec::new()).to_string();
    session.desk.table().failures[told..].contains(&words)
}

/// The process ends, and begins again when both sides are to be read in full.
fn a_day_later(session: &mut Session) {
    session.end_process();
    let later = session.now() + DAY;
    session.advance_to(later);
    session.begin();
    session.live_until(later + READING);
}

/// Faults stop, time runs on, and runs follow each other until one has nothing to do.
fn after_syncs(session: &mut Session) -> Vec<Violation> {
    session.flow_to_end();
    let late = session.now() + LATE;
    session.advance_to(late);
    let mut quiet = 0;
    for run in 0..RUNS_TO_REST {
        let ended = if run == 0 { session.preview_and_sync() } else { session.sync() };
        match ended {
            Ok(report) if is_quiet(&report) => quiet += 1,
            Ok(_) => quiet = 0,
            Err(words) => {
                return vec![Violation { invariant: 8, words: format!("a run without faults: {words}") }];
            }
        }
        if quiet == 2 {
            return Vec::new();
        }
        let later = session.now() + COMPANY_WAIT;
        session.advance_to(later);
    }
    let words = format!("no rest after {RUNS_TO_REST} runs");
    vec![Violation { invariant: 8, words }]
}

/// 5 and 10: a further run writes nothing to either side.
fn stir(session: &mut Session) -> Vec<Violation> {
    let before = writes(session);
    if let Err(words) = session.sync() {
        return vec![Violation { invariant: 5, words: format!("a run at rest: {words}") }];
    }
    let after = writes(session);
    if before == after {
        return Vec::new();
    }
    let words = format!("a run at rest writes: {before:?} became {after:?}");
    vec![Violation { invariant: 5, words }]
}

fn writes(session: &Session) -> [u64; 2] {
    [Side::Bitrix24, Side::Onec].map(|side| session.systems.writes(side))
}

fn is_quiet(report: &Report) -> bool {
    let Report { linked, created_bitrix24, created_onec, updated_bitrix24, updated_onec, failed, .. } =
        report;
    linked + created_bitrix24 + created_onec + updated_bitrix24 + updated_onec + failed == 0
}
